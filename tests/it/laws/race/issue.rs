//! One GitHub issue, asked for at three replicas at once.

use super::three::Three;
use sim::jules::Op;

const LINK: &str = "https://github.com/AshikNesin/404less/issues/12";

#[tokio::test]
async fn an_issue_that_three_people_ask_for_at_once_is_started_once() {
    for seed in 0..super::ROUNDS {
        let three = Three::slow(seed).await;
        three.bot.slack.invite("dev", "cy");
        let types = async |name: &str| {
            let typed = format!("/jules {LINK}");
            three.bot.slack.user(name).types("dev", &typed).await.unwrap().ok()
        };
        three.while_working(three.deliver(types("ann"), types("ben"), types("cy"))).await;
        three.rest().await;
        assert_eq!(three.jules_calls(Op::CreateSession), 1, "seed {seed}");
        let told = ["ann", "ben", "cy"].map(|name| three.bot.privately(name));
        let asked = told.iter().filter(|told| told.contains("already started")).count();
        assert_eq!(asked, 2, "seed {seed}: {told:#?}");
    }
}
