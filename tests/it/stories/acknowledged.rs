//! What was acknowledged stays what it was: a task runs on the repository that was meant when the command
//! was answered, whatever is bound, connected or renamed before Jules has said more about it.

use crate::harness::bot::{Bot, stories};
use sim::jules::{Fault, Op};

const A: &str = "sources/github/AshikNesin/404less";

/// The bot has just started, and Jules gives neither the list nor a single repository.
async fn restarts_without_a_list(bot: &mut Bot) {
    bot.kill().await;
    bot.jules.fault(Fault::status(503)).on(Op::ListSources).on(Op::GetSource).for_ever();
    bot.start().await;
    assert!(bot.sources().is_none());
}

/// Where the only task runs, once Jules has answered.
async fn runs_on(bot: &Bot) -> (String, String) {
    bot.jules.clear_faults();
    bot.pass(60).await;
    bot.assert_once("dev");
    let session = bot.account().sessions().remove(0);
    (session.source.unwrap_or_default(), session.branch.unwrap_or_default())
}

/// Jules answers again, but not yet the task that waits.
async fn binds(bot: &Bot, text: &str) {
    bot.jules.clear_faults();
    bot.types("ben", text).await;
    bot.assert_nothing_started();
}

stories! {
    async fn a_channel_bound_anew_meanwhile_does_not_move_a_task(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        restarts_without_a_list(&mut bot).await;
        bot.types("ann", "/jules tidy up").await;
        binds(&bot, "/jules bind bobalover/boba").await;
        assert_eq!(runs_on(&bot).await, (A.to_owned(), "main".to_owned()));
        assert!(bot.card().contains("from this channel's binding"), "{}", bot.card());
    }

    async fn nor_does_one_bound_twice_anew(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less branch=develop").await;
        restarts_without_a_list(&mut bot).await;
        bot.types("ann", "/jules branch=gh-pages tidy up").await;
        binds(&bot, "/jules bind bobalover/boba").await;
        binds(&bot, "/jules bind Acme-Corp/vault").await;
        assert_eq!(runs_on(&bot).await, (A.to_owned(), "gh-pages".to_owned()));
    }

    async fn nor_does_one_that_is_bound_no_more(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        restarts_without_a_list(&mut bot).await;
        bot.types("ann", "/jules tidy up").await;
        binds(&bot, "/jules unbind").await;
        assert_eq!(runs_on(&bot).await, (A.to_owned(), "main".to_owned()));
    }

    async fn the_options_of_the_binding_stay_too(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less plan=ask pr=none quiet=yes").await;
        restarts_without_a_list(&mut bot).await;
        bot.types("ann", "/jules tidy up").await;
        binds(&bot, "/jules bind AshikNesin/404less plan=auto pr=auto quiet=no").await;
        runs_on(&bot).await;
        let session = bot.account().sessions().remove(0);
        assert!(session.require_plan_approval);
        assert_eq!(session.automation_mode, None);
        let link = bot.slack.thread("dev", &bot.root()).remove(1);
        assert!(link.shown.contains("Only what waits for somebody"), "{}", link.shown);
    }

    async fn what_is_bound_later_gives_no_options(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        restarts_without_a_list(&mut bot).await;
        bot.types("ann", "/jules tidy up").await;
        binds(&bot, "/jules bind AshikNesin/404less branch=develop plan=ask pr=none quiet=yes").await;
        assert_eq!(runs_on(&bot).await, (A.to_owned(), "main".to_owned()));
        let session = bot.account().sessions().remove(0);
        assert!(!session.require_plan_approval);
        assert!(session.automation_mode.is_some());
    }

    async fn the_only_repository_stays_it_although_others_are_connected(bot: Bot) {
        for source in bot.sources().expect("was read").iter() {
            if source.name.0 != A {
                bot.account().source(&source.repo.owner, &source.repo.repo).disconnect();
            }
        }
        bot.engine().read_sources(bot.hands.now()).await;
        bot.jules.fault(Fault::status(503)).on(Op::GetSource).for_ever();
        bot.types("ann", "/jules branch=gh-pages tidy up").await;
        bot.account().source("bobalover", "boba").reconnect();
        binds(&bot, "/jules bind bobalover/boba").await;
        assert_eq!(runs_on(&bot).await, (A.to_owned(), "gh-pages".to_owned()));
    }

    async fn a_short_name_that_fitted_one_stays_that_one(bot: Bot) {
        bot.jules.fault(Fault::status(503)).on(Op::GetSource).for_ever();
        bot.types("ann", "/jules repo=404less branch=gh-pages tidy up").await;
        bot.account().add_source("zoe", "404less").default_branch("main").branches(["gh-pages"]);
        bot.jules.clear_faults();
        bot.types("ben", "/jules repos 404less").await;
        bot.engine().read_sources(bot.hands.now()).await;
        assert_eq!(runs_on(&bot).await, (A.to_owned(), "gh-pages".to_owned()));
    }

    async fn a_repository_that_was_renamed_is_the_same_one(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        restarts_without_a_list(&mut bot).await;
        bot.types("ann", "/jules tidy up").await;
        bot.account().source("AshikNesin", "404less").rename("AshikNesin", "not-found");
        bot.account().add_source("AshikNesin", "other").rename("AshikNesin", "404less").default_branch("main");
        assert_eq!(runs_on(&bot).await, (A.to_owned(), "main".to_owned()));
        assert!(bot.card().contains("AshikNesin/not-found"), "{}", bot.card());
    }

    async fn a_repository_that_is_gone_is_named(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        restarts_without_a_list(&mut bot).await;
        bot.types("ann", "/jules tidy up").await;
        bot.account().source("AshikNesin", "404less").disconnect();
        binds(&bot, "/jules bind bobalover/boba").await;
        bot.pass(60).await;
        let told = bot.privately("ann");
        assert!(told.contains("Jules isn't connected to a repository called `AshikNesin/404less`"), "{told}");
        bot.assert_nothing_started();
    }

    async fn the_form_after_a_refusal_shows_what_was_refused(bot: Bot) {
        bot.types("ann", "/jules bind 404less plan=ask").await;
        bot.types("ann", "/jules branch=devlop tidy up").await;
        bot.types("ben", "/jules bind bobalover/boba plan=auto").await;
        bot.clicks("ann", "Open the form").await;
        assert_eq!(bot.form("ann").field("Repository").expect("is there").value, "AshikNesin/404less");
        bot.picks("ann", "Branch", "develop").await;
        bot.sends("ann").await;
        assert_eq!(runs_on(&bot).await, (A.to_owned(), "develop".to_owned()));
        assert!(bot.account().sessions()[0].require_plan_approval);
    }

    async fn a_form_starts_what_it_shows(bot: Bot) {
        bot.types("ann", "/jules bind 404less branch=develop plan=ask").await;
        bot.types("ann", "/jules").await;
        binds(&bot, "/jules bind bobalover/boba").await;
        bot.form("ann").fill("What should Jules do?", "tidy up").await.expect("fills");
        bot.jules.fault(Fault::status(503)).on(Op::GetSource).for_ever();
        bot.sends("ann").await;
        assert_eq!(runs_on(&bot).await, (A.to_owned(), "develop".to_owned()));
        assert!(bot.account().sessions()[0].require_plan_approval);
    }

    async fn a_choice_among_several_stays_that_one(bot: Bot) {
        bot.types("ann", "/jules repo=website branch=gh-pages tidy up").await;
        bot.jules.fault(Fault::status(503)).on(Op::GetSource).on(Op::ListSources).for_ever();
        bot.clicks("ann", "Acme-Corp/website").await;
        binds(&bot, "/jules bind bobalover/boba").await;
        let (source, _) = runs_on(&bot).await;
        assert_eq!(source, "sources/github/Acme-Corp/website");
    }
}
