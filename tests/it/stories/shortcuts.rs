//! The shortcuts: a message that becomes a task in its thread, and a new task from anywhere.

use crate::harness::bot::{Bot, stories};
use sim::slack::Fault;

/// A bug report by ben, with an answer, in `#dev`.
async fn report(bot: &Bot) -> String {
    let root = bot.says("ben", None, "The login page is blank on Safari").await;
    bot.says("ann", Some(&root), "Happens to me too").await;
    root
}

async fn sends_on(bot: &Bot, name: &str, channel: &str, words: &str) {
    let used = bot.slack.user(name).uses_message_shortcut("send_to_jules", channel, words).await;
    assert!(used.expect("is offered").ok());
    bot.settle().await;
}

stories! {
    async fn a_message_becomes_a_task_in_its_thread(bot: Bot) {
        let root = report(&bot).await;
        sends_on(&bot, "ann", "dev", "The login page is blank").await;
        let form = bot.form("ann");
        let shown = form.screen();
        assert!(shown.contains("From a message by @ben in #dev"), "{shown}");
        assert!(shown.contains("The login page is blank on Safari"), "{shown}");
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.sends("ann").await;
        let asked = bot.asked_of_jules();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0]["requirePlanApproval"], true, "someone else's words: {}", asked[0]);
        let prompt = asked[0]["prompt"].as_str().unwrap_or_default();
        assert!(prompt.starts_with("The login page is blank on Safari\n\nThe text between"), "{prompt}");
        assert!(prompt.contains("Happens to me too"), "the whole thread: {prompt}");
        let posted = bot.posted_in(&root);
        assert_eq!(posted.len(), 1, "{posted:#?}");
        assert!(posted[0].shown.contains("Asked by @ann · shortcut on a message"), "{}", posted[0].shown);
        assert_eq!(bot.cards("dev").len(), 0);
    }

    async fn a_reply_takes_its_thread_along_unless_it_is_unchecked(bot: Bot) {
        let root = report(&bot).await;
        sends_on(&bot, "ann", "dev", "Happens to me too").await;
        let shown = bot.form("ann").screen();
        assert!(shown.contains("[x] Include the thread (2 messages)"), "{shown}");
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        let shown = bot.form("ann").screen();
        assert!(shown.contains("Include the thread (2 messages)"), "still there: {shown}");
        bot.sends("ann").await;
        let prompt = bot.asked_of_jules()[0]["prompt"].as_str().unwrap_or_default().to_owned();
        assert!(prompt.starts_with("Happens to me too\n\n"), "{prompt}");
        assert!(prompt.contains("The login page is blank on Safari"), "{prompt}");
        assert!(bot.asked_of_jules()[0]["requirePlanApproval"].is_null(), "her own words");
        assert_eq!(bot.posted_in(&root).len(), 1);

        let other = bot.says("ben", None, "Another report").await;
        bot.says("ann", Some(&other), "me too again").await;
        sends_on(&bot, "ann", "dev", "me too again").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        let thread = "Include the thread (2 messages)";
        bot.form("ann").choose("Options", thread).await.expect("can be unchecked");
        bot.sends("ann").await;
        assert_eq!(bot.asked_of_jules()[1]["prompt"], "me too again");
    }

    async fn a_message_in_a_tasks_thread_goes_to_that_task(bot: Bot) {
        let root = bot.mentions("ann", None, "repo=404less fix the login page").await;
        bot.says("ben", Some(&root), "!aside it is blank on Safari").await;
        sends_on(&bot, "ann", "dev", "it is blank on Safari").await;
        let shown = bot.form("ann").screen();
        assert!(shown.contains("This thread is already a task"), "{shown}");
        bot.form("ann").fill("Message to Jules", "It is blank on Safari").await.expect("a field");
        bot.sends("ann").await;
        assert_eq!(bot.told_jules(), ["It is blank on Safari"]);
        let said = bot.posted_in(&root).pop().expect("a post").shown;
        assert!(said.starts_with("@ann sent this to Jules:"), "{said}");
        assert_eq!(bot.account().sessions().len(), 1);
    }

    async fn where_the_bot_is_not_it_asks_while_the_form_is_open(bot: Bot) {
        bot.slack.channel("ops");
        bot.slack.invite("ops", "ann");
        bot.slack.remove("ops", "jules");
        bot.slack.user("ann").says("ops", None, "the deploy is broken").await.expect("can write");
        sends_on(&bot, "ann", "ops", "the deploy is broken").await;
        let shown = bot.form("ann").screen();
        assert!(shown.contains("I'm not in #ops. Invite me there, or choose where to post the task."), "{shown}");
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.form("ann").choose("Post in", "dev").await.expect("a channel");
        bot.sends("ann").await;
        assert_eq!(bot.cards("dev").len(), 1);
        assert_eq!(bot.asked_of_jules()[0]["prompt"], "the deploy is broken");
    }

    async fn where_the_bot_is_not_it_asks_for_a_channel_although_slack_said_so_late(bot: Bot) {
        bot.slack.channel("ops");
        bot.slack.invite("ops", "ann");
        bot.slack.remove("ops", "jules");
        bot.slack.user("ann").says("ops", None, "the deploy is broken").await.expect("can write");
        bot.slack.fault(Fault::Status(502)).on("conversations.info").times(99);
        sends_on(&bot, "ann", "ops", "the deploy is broken").await;
        let shown = bot.form("ann").screen();
        assert!(!shown.contains("Post in"), "nothing is known yet: {shown}");
        bot.slack.heal();
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.form("ann").choose("Post in", "dev").await.expect("a channel");
        bot.sends("ann").await;
        assert_eq!(bot.cards("dev").len(), 1);
    }

    async fn an_alert_of_an_app_can_be_sent_too(bot: Bot) {
        let alert = serde_json::json!({ "text": "", "attachments": [{ "title": "500s on /login", "text": "12 in a minute", "fallback": "x" }] });
        let said = bot.slack.other_bot_posts("dev", None, &alert).await.expect("posted");
        bot.settle().await;
        sends_on(&bot, "ann", "dev", "500s on /login").await;
        let shown = bot.form("ann").screen();
        assert!(shown.contains("From a message by an app in #dev"), "{shown}");
        assert!(shown.contains("12 in a minute"), "{shown}");
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.sends("ann").await;
        assert_eq!(bot.posted_in(&said.ts).len(), 1);
    }

    async fn a_new_task_from_anywhere_asks_for_everything(bot: Bot) {
        assert!(bot.slack.user("ann").uses_shortcut_in("dev", "new_jules_task").await.expect("is offered").ok());
        bot.settle().await;
        bot.form("ann").fill("What should Jules do?", "tidy up").await.expect("a field");
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.sends("ann").await;
        bot.assert_once("dev");
        assert!(bot.card().contains("Asked by @ann · shortcut"), "{}", bot.card());
    }

    async fn the_same_shortcut_told_of_twice_is_one_task(bot: Bot) {
        let root = report(&bot).await;
        sends_on(&bot, "ann", "dev", "The login page is blank").await;
        bot.slack.user("ann").redeliver_last().await.expect("again");
        bot.settle().await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.sends("ann").await;
        bot.slack.user("ann").redeliver_last().await.expect("again");
        bot.settle().await;
        assert_eq!(bot.account().sessions().len(), 1);
        assert_eq!(bot.posted_in(&root).len(), 1);
    }

    async fn a_thread_that_became_a_task_meanwhile_keeps_it(bot: Bot) {
        let root = report(&bot).await;
        sends_on(&bot, "ann", "dev", "The login page is blank").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.mentions("ben", Some(&root), "repo=boba fix this").await;
        bot.sends("ann").await;
        assert_eq!(bot.account().sessions().len(), 2);
        assert_eq!(bot.cards("dev").len(), 1, "the second card is in the channel");
        let last = bot.posted_in(&root).pop().expect("a post").shown;
        assert!(last.contains("is a separate task in the channel."), "{last}");
        bot.says("ben", Some(&bot.root()), "and the logout").await;
        assert_eq!(bot.told_jules(), ["and the logout"], "its own thread is heard whole");
    }

    async fn of_a_very_long_thread_that_is_pointed_at_the_newest_go_along(bot: Bot) {
        let root = bot.says("ben", None, "It all began here").await;
        let ben = bot.slack.user("ben");
        bot.slack.fills_thread("dev", &root, &[&ben], 3000).expect("a thread");
        bot.hands.forward(jiff::SignedDuration::from_hours(9));
        bot.says("ann", Some(&root), "the newest of all").await;
        sends_on(&bot, "ann", "dev", "the newest of all").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.sends("ann").await;
        let prompt = bot.asked_of_jules()[0]["prompt"].as_str().unwrap_or_default().to_owned();
        assert!(prompt.contains("\"text\":\"the newest of all\""), "{prompt}");
        assert!(prompt.contains("\"text\":\"It all began here\""), "{prompt}");
    }

    async fn what_is_attached_is_named_where_only_words_are_sent_on(bot: Bot) {
        let root = bot.mentions("ann", None, "repo=404less fix the login page").await;
        let files: [(&str, &str, &[u8]); 1] = [("shot.png", "image/png", b"\x89PNG\x00")];
        let ben = bot.slack.user("ben");
        ben.says_with_files("dev", Some(&root), "!aside like this", &files).await.expect("can write");
        bot.settle().await;
        sends_on(&bot, "ann", "dev", "like this").await;
        let shown = bot.form("ann").screen();
        assert!(shown.contains("Attached in Slack and not passed on: shot.png"), "{shown}");
    }
}
