//! Jules' API is an alpha: a field that is asked for may be gone one day, and the request with it. Then less
//! is asked for, and everything that can still be told is told.

use crate::harness::bot::{Bot, stories};
use sim::jules::{Call, Finish, Op};

/// Names that nothing works without are not among them: a session without an id is none.
const FORGOTTEN: &[&str] =
    &["planApproved", "updateTime", "archived", "title", "isPrivate", "originator", "description"];

/// A task from its first word to its end.
async fn lives(bot: &Bot) {
    bot.types("ann", "/jules repo=AshikNesin/404less branch=develop plan=ask rename frontend")
        .await;
    let session = bot.session();
    bot.account().plan(&session, &[("Look", ""), ("Rename", "")]);
    bot.watch(30).await;
    assert!(bot.said().contains("*Plan* · 2 steps"), "{}", bot.said());
    bot.clicks("ben", "Approve").await;
    bot.account().say(&session, "Nearly there.");
    bot.watch(60).await;
    bot.account().finish(&session);
    bot.watch(90).await;
    assert!(bot.said().contains("Nearly there."), "{}", bot.said());
    assert!(bot.said().contains("*Done*"), "{}", bot.said());
}

/// Calls that name this field in their mask.
fn asking_for(bot: &Bot, field: &str) -> usize {
    let asks = |call: &Call| {
        call.query.iter().any(|(name, mask)| name == "fields" && mask.contains(field))
    };
    bot.jules.calls().iter().filter(|call| asks(call)).count()
}

stories! {
    async fn a_task_lives_without_a_field_that_is_gone(bot: Bot) {
        bot.account().limits(100, 100);
        for field in FORGOTTEN {
            bot.account().forgets(field);
        }
        lives(&bot).await;
        for field in ["planApproved", "originator"] {
            // Each try names one that is not known.
            assert!(asking_for(&bot, field) <= 6, "each kind of read asks for it a few times: {field}");
        }
        let log = bot.logged();
        let told = "Jules no longer knows a field";
        assert!(log.contains("planApproved") && log.contains("sessions.activities") || log.contains("activities.list"), "{log}");
        assert!(log.matches(told).count() <= 7, "once for each kind of read: {log}");
    }

    async fn it_does_although_jules_does_not_say_which(bot: Bot) {
        bot.account().limits(100, 100);
        for field in FORGOTTEN {
            bot.account().forgets(field);
        }
        bot.account().names_what_it_forgot(false);
        lives(&bot).await;
    }

    async fn without_what_came_along_nobody_says_that_nothing_changed(bot: Bot) {
        bot.account().forgets("artifacts");
        bot.types("ann", "/jules repo=404less rename frontend").await;
        bot.account().finish_with(&bot.session(), &Finish::empty());
        bot.watch(90).await;
        assert_eq!(bot.said().matches("*Done*").count(), 1, "{}", bot.said());
        assert!(!bot.said().contains("without changing anything"), "{}", bot.said());
    }

    async fn whether_it_is_archived_stays_as_it_was_where_jules_does_not_tell(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend").await;
        let session = bot.session();
        bot.watch(10).await;
        bot.account().user_archives(&session, true);
        bot.watch(60).await;
        assert!(bot.said().contains("This session was archived in Jules"), "{}", bot.said());
        bot.account().forgets("archived");
        bot.account().say(&session, "One more thing.");
        bot.watch(300).await;
        assert!(bot.said().contains("One more thing."), "{}", bot.said());
        assert!(!bot.said().contains("was unarchived in Jules"), "{}", bot.said());
    }

    async fn the_list_of_repositories_is_read_without_a_field_that_is_gone(mut bot: Bot) {
        bot.kill().await;
        bot.account().forgets("isPrivate");
        bot.start().await;
        let sources = bot.sources().expect("was read");
        assert_eq!(sources.len(), 96);
        assert!(bot.logged().contains("isPrivate"), "{}", bot.logged());
        bot.types("ann", "/jules repo=404less rename frontend").await;
        bot.assert_once("dev");
    }

    async fn a_read_that_is_refused_for_something_else_is_not_blamed_on_the_mask(bot: Bot) {
        use sim::jules::Fault;
        bot.jules.fault(Fault::status(400)).on(Op::ListActivities).times(3);
        bot.account().limits(100, 100);
        lives(&bot).await;
        assert!(!bot.logged().contains("no longer knows"), "{}", bot.logged());
    }
}
