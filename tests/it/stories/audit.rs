//! The audit trail: who asked for what and what was refused, once each, and without a word of what people wrote.

use crate::harness::bot::{Bot, stories};
use domain::audit::AuditRecord;
use jiff::SignedDuration;
use jules_slack::local::Trail;

/// All records, oldest first.
pub(super) async fn trail(bot: &Bot) -> Vec<AuditRecord> {
    let now = bot.hands.now();
    let read = bot.running().run(move |engine| async move {
        Trail::of(&**engine.store(), now).await.expect("the store answers")
    });
    let mut records = read.await.expect("lives").read;
    records.sort_by_key(|record| (record.at, record.action.name()));
    records
}

/// Who, what, what came of it and by which rule.
async fn lines(bot: &Bot) -> Vec<String> {
    let line = |record: AuditRecord| {
        let who = record.user.as_ref().map_or("nobody", |user| {
            ["ann", "ben", "gus"]
                .into_iter()
                .find(|name| bot.slack.user(name).id() == user.as_str())
                .unwrap_or("someone else")
        });
        let rule = record.rule.map(|rule| format!(" {rule}")).unwrap_or_default();
        format!("{who} {} {}{rule}", record.action.name(), record.outcome.name())
    };
    trail(bot).await.into_iter().map(line).collect()
}

/// So many hours later.
async fn later(bot: &Bot, hours: i64) {
    bot.hands.forward(SignedDuration::from_hours(hours));
    bot.settle().await;
}

/// A task of Ann's in #dev whose plan is waiting.
async fn planned(bot: &Bot) {
    bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
    bot.account().plan(&bot.session(), &[("Look", ""), ("Rename", "")]);
    bot.watch(10).await;
}

stories! {
    async fn what_people_do_to_a_task_is_on_record_once(bot: Bot) {
        planned(&bot).await;
        bot.clicks("ben", "Approve").await;
        bot.pass(1).await;
        bot.replies("ann", "use the new name").await;
        bot.watch(5).await;
        bot.pass(1).await;
        bot.clicks("ann", "Stop").await;
        bot.watch(5).await;
        assert_eq!(lines(&bot).await, [
            "ann task.start done",
            "ben plan.approve done",
            "ann reply.send done",
            "ann task.stop done",
        ]);
        let records = trail(&bot).await;
        let stop = records.last().expect("is there");
        assert_eq!(stop.repo.as_deref(), Some("AshikNesin/404less"));
        assert!(stop.session.is_some() && stop.task.is_some() && stop.account.is_some());
        let text = serde_json::to_string(&records).expect("is JSON");
        assert!(!text.contains("website") && !text.contains("new name"), "{text}");
    }

    async fn a_refusal_is_on_record_once_for_each_rule_and_hour(bot: Bot) {
        bot.slack.invite("dev", "gus");
        bot.slack.make_guest("gus");
        for _ in 0..3 {
            bot.types("gus", "/jules repo=404less tidy up").await;
        }
        assert_eq!(lines(&bot).await, ["gus task.refused refused guests"]);
        later(&bot, 1).await;
        bot.types("gus", "/jules repo=404less tidy up").await;
        assert_eq!(lines(&bot).await.len(), 2);
    }

    async fn a_binding_and_a_key_are_on_record_before_they_hold(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.pass(1).await;
        bot.types("ann", "/jules unbind").await;
        bot.pass(1).await;
        bot.jules.account("AQ.key-of-ann-herself").add_source("ann", "site").branches(["main"]);
        bot.types("ann", "/jules key").await;
        bot.form("ann").fill("API key", "AQ.key-of-ann-herself").await.expect("is there");
        bot.sends("ann").await;
        assert_eq!(lines(&bot).await, [
            "ann binding.set asked",
            "ann binding.remove asked",
            "ann key.set asked",
        ]);
        let text = serde_json::to_string(&trail(&bot).await).expect("is JSON");
        assert!(!text.contains("AQ."), "{text}");
    }

    async fn it_is_kept_for_as_long_as_the_setting_says(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        later(&bot, 364 * 24).await;
        assert_eq!(trail(&bot).await.len(), 1);
        later(&bot, 2 * 24).await;
        assert_eq!(trail(&bot).await.len(), 0);
    }
}
