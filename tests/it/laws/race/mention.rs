//! Three replicas, and mentions that Slack tells each of them of, as a message and as a mention: one session
//! for each thread, whichever replica is first.

use super::three::Three;

#[tokio::test]
async fn a_mention_told_of_everywhere_is_one_task() {
    for seed in 0..super::ROUNDS {
        let three = Three::slow(seed).await;
        let slack = &three.bot.slack;
        let root = three.bot.says("ben", None, "The login page is blank").await;
        three
            .while_working(async {
                let ann = slack.user("ann");
                let first = async {
                    let said = ann.mentions_in_thread("dev", &root, "repo=404less fix this").await;
                    said.expect("can write").acks.iter().all(|ack| ack.ok())
                };
                three.deliver(first, async { true }, async { true }).await;
                let again = |event: &'static str| async move {
                    slack.redeliver_event(event).await.expect("there was one").ok()
                };
                let both = (again("app_mention"), again("message.channels"));
                three.deliver(async { true }, both.0, both.1).await;
            })
            .await;
        three.rest().await;
        let screen = three.bot.screen("dev");
        assert_eq!(three.bot.account().sessions().len(), 1, "seed {seed}\n{screen}");
        assert_eq!(three.bot.posted_in(&root).len(), 1, "seed {seed}\n{screen}");
        assert_eq!(three.bot.told_jules(), Vec::<String>::new(), "seed {seed}\n{screen}");
    }
}

#[tokio::test]
async fn two_mentions_in_one_thread_at_once_are_a_task_and_a_reply() {
    for seed in 0..super::ROUNDS {
        let three = Three::slow(seed).await;
        let root = three.bot.says("ben", None, "The login page is blank").await;
        let slack = &three.bot.slack;
        three
            .while_working(async {
                let (ann, ben) = (slack.user("ann"), slack.user("ben"));
                let one = async {
                    ann.mentions_in_thread("dev", &root, "repo=404less fix this").await.is_ok()
                };
                let other = async {
                    ben.mentions_in_thread("dev", &root, "repo=404less and the logout")
                        .await
                        .is_ok()
                };
                three.deliver(one, other, async { true }).await;
            })
            .await;
        three.rest().await;
        let screen = three.bot.screen("dev");
        assert_eq!(three.bot.account().sessions().len(), 1, "seed {seed}\n{screen}");
        assert_eq!(three.bot.told_jules().len(), 1, "seed {seed}\n{screen}");
        let cards = three.bot.posted_in(&root);
        assert_eq!(cards.len(), 1, "seed {seed}\n{screen}");
    }
}
