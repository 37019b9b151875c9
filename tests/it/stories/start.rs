//! Flow 1: a command, a card, a session, its link.

use crate::harness::bot::stories;
use insta::assert_snapshot;

stories! {
    async fn a_task_is_started_with_one_line(bot: Bot) {
        let ack = bot.types("ann", "/jules repo=404less rename frontend to website").await;
        assert!(ack.took.as_secs() < 3);
        println!("{}", bot.screen("dev"));
        println!("{:#?}", bot.account().sessions());
        println!("{:#?}", bot.slack.calls());
    }
}
