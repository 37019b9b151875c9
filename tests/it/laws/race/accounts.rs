//! Three accounts at three replicas: each task is on its owner's account, once, wherever it was delivered.

use super::three::Three;
use crate::harness::bot::Bot;
use sim::jules::{Account, Op};
use sim::slack::Outcome;

/// Who has a key of their own; Zoe has none, so hers are on the key of the settings.
const OWNERS: [(&str, &str); 2] =
    [("ann", "AQ.key-of-ann-herself"), ("ben", "AQ.key-of-ben-himself")];

/// How many tasks each of the three starts.
const TASKS: usize = 3;

/// An account of someone's own with the repository that the shared one has as well.
fn own(bot: &Bot, key: &str) -> Account {
    let account = bot.jules.account(key);
    account.add_source("AshikNesin", "404less").default_branch("main").branches(["main"]);
    account.limits(1000, 1000);
    account
}

/// Both fill in the form and send it at the same time, each at another replica.
async fn both_connect(three: &Three) {
    let mut forms = Vec::new();
    for (name, key) in OWNERS {
        three.bot.types(name, "/jules key").await;
        let form = three.bot.form(name);
        form.fill("API key", key).await.expect("is there");
        forms.push(form);
    }
    let sent = three.deliver(
        async { forms[0].submit().await.unwrap() == Outcome::Closed },
        async { forms[1].submit().await.unwrap() == Outcome::Closed },
        async { true },
    );
    three.while_working(sent).await;
    three.rest().await;
}

/// All three type at once, each at another replica than the time before.
async fn all_type(three: &Three, round: usize) {
    let type_as = |turn: usize| {
        let name = ["ann", "ben", "zoe"][(turn + round) % 3];
        let user = three.bot.slack.user(name);
        let typed = format!("/jules repo=404less {name} mends thing {round}");
        async move { user.types("dev", &typed).await.unwrap().ok() }
    };
    three.while_working(three.deliver(type_as(0), type_as(1), type_as(2))).await;
}

fn prompts(account: &Account) -> Vec<String> {
    let mut prompts: Vec<_> = account.sessions().into_iter().map(|one| one.prompt).collect();
    prompts.sort();
    prompts
}

#[tokio::test]
async fn three_accounts_keep_their_tasks_apart() {
    for seed in 0..super::ROUNDS {
        let three = Three::slow(seed).await;
        three.bot.slack.invite("dev", "zoe");
        let owned = OWNERS.map(|(name, key)| (name, own(&three.bot, key)));
        both_connect(&three).await;
        for round in 0..TASKS {
            all_type(&three, round).await;
        }
        three.rest().await;
        let all = owned.iter().map(|(name, account)| (*name, account));
        for (name, account) in all.chain([("zoe", &three.bot.account())]) {
            let wanted: Vec<_> =
                (0..TASKS).map(|round| format!("{name} mends thing {round}")).collect();
            assert_eq!(prompts(account), wanted, "seed {seed}\n{}", three.bot.screen("dev"));
        }
        assert_eq!(three.jules_calls(Op::CreateSession), 3 * TASKS);
        assert_eq!(three.bot.cards("dev").len(), 3 * TASKS);
    }
}
