//! Flow 1: a command, a card, a session, its link.

use crate::harness::bot::stories;
use insta::{allow_duplicates, assert_snapshot};

stories! {
    async fn a_task_is_started_with_one_line(bot: Bot) {
        let ack = bot.types("ann", "/jules repo=404less rename frontend to website").await;
        assert!(ack.took.as_secs() < 3);
        allow_duplicates!(assert_snapshot!(bot.screen("dev"), @r"
        #dev

        jules (only visible to ann):
          On it: `AshikNesin/404less` from `main`, as asked.

        jules:
          *rename frontend to website*
          :large_blue_circle: Queued at Jules
          @ann asked 2026-11-24 09:00 UTC · `AshikNesin/404less` · `main` · as asked
          [Open in Jules] <https://jules.google.com/session/82378161473624850112>
          │ jules:
          │   Jules works on `AshikNesin/404less` from `main`: <https://jules.google.com/session/82378161473624850112>
          │   The session's page shows every step; questions and the pull request appear there.
          │   [Open in Jules] <https://jules.google.com/session/82378161473624850112>
        "));
    }
}
