//! Tasks from direct messages: each message is one, nothing is private there, and nothing goes unanswered.

use crate::harness::bot::{Bot, stories};
use sim::slack::Post;

async fn writes(bot: &Bot, thread: Option<&str>, words: &str) -> String {
    let said = bot.slack.user("ann").writes_to_the_bot(thread, words).await.expect("can write");
    assert!(said.acks.iter().all(|ack| ack.ok()), "{:?}", said.acks);
    bot.settle().await;
    said.ts
}

/// What the bot has said below a message.
fn below(bot: &Bot, root: &str) -> Vec<Post> {
    let posts = bot.slack.thread("@ann", root).into_iter();
    posts.filter(|post| post.author == "jules").collect()
}

/// What the bot said last in the conversation itself.
fn said(bot: &Bot) -> String {
    let posts = bot.slack.channel_messages("@ann").into_iter();
    let mut own = posts.filter(|post| post.author == "jules");
    own.next_back().map(|post| post.shown).unwrap_or_default()
}

stories! {
    async fn a_direct_message_is_a_task_in_its_own_thread(bot: Bot) {
        let root = writes(&bot, None, "repo=404less rename frontend to website").await;
        bot.clicks_in("ann", "@ann", "Start").await;
        assert_eq!(bot.account().sessions().len(), 1);
        let card = below(&bot, &root).pop().expect("a card").shown;
        assert!(card.contains("Asked by @ann · direct message"), "{card}");
        writes(&bot, Some(&root), "and the docs").await;
        assert_eq!(bot.told_jules(), ["and the docs"]);
        writes(&bot, None, "repo=boba tidy up").await;
        assert_eq!(bot.account().sessions().len(), 2, "only the first one is asked about");
    }

    async fn a_greeting_is_no_task(bot: Bot) {
        for words in ["hi", "Hello there!", "thanks :)", "👋"] {
            writes(&bot, None, words).await;
            assert!(said(&bot).starts_with("Hi! Tell me what to do"), "{words}: {}", said(&bot));
            assert!(said(&bot).contains("Plan: `auto` (built in)"), "{}", said(&bot));
        }
        bot.assert_nothing_started();
    }

    async fn sub_commands_work_without_the_slash(bot: Bot) {
        writes(&bot, None, "help").await;
        assert!(said(&bot).contains("Copy, change and send"), "{}", said(&bot));
        writes(&bot, None, "repos boba").await;
        assert!(said(&bot).contains("bobalover/boba"), "{}", said(&bot));
        bot.assert_nothing_started();
    }

    async fn without_a_repository_it_asks_in_the_conversation(bot: Bot) {
        let root = writes(&bot, None, "rename frontend to website").await;
        let asked = below(&bot, &root).pop().expect("a question, as a reply");
        assert!(asked.shown.contains("Which repository"), "{}", asked.shown);
        let first = asked.buttons[0].clone();
        bot.clicks_in("ann", "@ann", &first).await;
        assert_eq!(bot.account().sessions().len(), 1);
        assert_eq!(below(&bot, &root).len(), 1, "the card");
    }

    async fn the_repository_that_is_picked_can_become_the_default(bot: Bot) {
        writes(&bot, None, "rename frontend to website").await;
        bot.clicks_in("ann", "@ann", "Choose…").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.form("ann").choose("Options", "Make this repository my default").await.expect("offered");
        bot.sends("ann").await;
        assert_eq!(bot.account().sessions().len(), 1);
        writes(&bot, None, "tidy up").await;
        assert_eq!(bot.account().sessions().len(), 2, "nothing is asked any more");
        let session = bot.account().sessions().pop().expect("a session");
        assert_eq!(session.source.as_deref(), Some("sources/github/AshikNesin/404less"));
    }
}
