//! What the log says at `info` about the whole life of a task: what was done for people and at Jules, once each, and
//! where to find it. What is done at home, and what is only drawn again, is for `debug`.

use crate::harness::bot::{Bot, stories};

/// The lines at `info` that are about the task.
fn lines(bot: &Bot) -> Vec<String> {
    let log = bot.logged();
    let lines = log.lines().filter(|line| line.contains(" INFO ") && line.contains("task.id="));
    lines.map(ToOwned::to_owned).collect()
}

/// What follows `name=` in a line.
fn field<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let behind = line.split_once(&format!(" {name}="))?.1;
    behind.split_whitespace().next().map(|value| value.trim_matches('"'))
}

stories! {
    async fn a_life_is_told_in_few_lines_that_say_where_it_is(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
        let session = bot.session();
        bot.account().plan(&session, &[("Look", ""), ("Rename", "")]);
        bot.watch(10).await;
        bot.clicks("ben", "Approve").await;
        bot.watch(10).await;
        bot.replies("ann", "use the new name").await;
        bot.watch(10).await;
        bot.account().finish(&session);
        bot.watch(120).await;
        let lines = lines(&bot);
        let kinds: Vec<&str> = lines.iter().filter_map(|line| field(line, "effect.kind")).collect();
        assert_eq!(kinds, [
            "post_card", "create_session", "post_link", "post", "approve", "send", "post",
        ], "{lines:#?}");
        let channel = bot.slack.channel("dev");
        for line in &lines {
            assert_eq!(field(line, "channel"), Some(channel.as_str()), "{line}");
            assert_eq!(field(line, "repo"), Some("AshikNesin/404less"), "{line}");
        }
        for line in &lines[1..] {
            assert_eq!(field(line, "session"), Some(session.as_str()), "{line}");
        }
        let card = &bot.slack.channel_messages("dev")[0].shown;
        let task = field(&lines[0], "task.id").expect("has one");
        assert!(card.contains(&format!("task {task}")), "{card}");
    }
}
