//! Which repository and branch are meant: what cannot be told apart is asked, what is not there is
//! refused with the nearest names and a way on, and nothing is ever guessed.

use crate::harness::bot::{Bot, stories};
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use sim::jules::{Fault, Op};

/// Leaves only these repositories connected.
async fn only(bot: &Bot, kept: &[&str]) {
    for source in bot.sources().expect("was read").iter() {
        if !kept.contains(&source.repo.to_string().as_str()) {
            bot.account().source(&source.repo.owner, &source.repo.repo).disconnect();
        }
    }
    bot.engine().read_sources(bot.hands.now()).await;
}

stories! {
    async fn a_repository_that_is_not_connected_is_refused_with_the_nearest_names(bot: Bot) {
        bot.hands.forward(SignedDuration::from_mins(1));
        bot.types("ann", "/jules repo=404-less rename frontend").await;
        allow_duplicates!(assert_snapshot!(bot.screen("dev"), @r"
        #dev

        jules (only visible to ann):
          Jules isn't connected to a repository called `404-less`, so I didn't start anything. Nearest: `AshikNesin/404less`. To connect one, open jules.google.com <https://jules.google.com>.
          [Open the form]
        "));
        bot.assert_nothing_started();
    }

    async fn a_refused_repository_is_put_right_in_the_form(bot: Bot) {
        bot.types("ann", "/jules repo=acme/nowhere rename frontend").await;
        bot.assert_nothing_started();
        bot.clicks("ann", "Open the form").await;
        bot.picks("ann", "Repository", "bobalover/boba").await;
        let prompt = bot.form("ann").field("What should Jules do?").expect("is there").value;
        assert_eq!(prompt, "rename frontend");
        bot.sends("ann").await;
        bot.assert_once("dev");
    }

    async fn what_is_no_repository_at_all_is_said_at_once(bot: Bot) {
        let ack = bot.types("ann", "/jules repo=https://gitlab.com/a/b tidy up").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @r"`repo=` needs a repository: its name, owner/name or its GitHub address, not `https://gitlab.com/a/b`. I didn't start anything."));
        bot.assert_nothing_started();
    }

    async fn a_repository_connected_a_minute_ago_is_found_by_its_full_name(bot: Bot) {
        bot.account().add_source("acme", "fresh").default_branch("main").branches(["main"]);
        bot.jules.clear_calls();
        bot.types("ann", "/jules repo=acme/fresh tidy up").await;
        bot.assert_once("dev");
        assert_eq!(bot.jules_calls(Op::ListSources), 0, "it was asked for by itself");
    }

    async fn a_repository_connected_a_minute_ago_is_found_by_its_short_name(bot: Bot) {
        bot.hands.forward(SignedDuration::from_mins(1));
        bot.account().add_source("acme", "fresh").default_branch("main").branches(["main"]);
        bot.types("ann", "/jules repo=fresh tidy up").await;
        bot.assert_once("dev");
        assert!(bot.whispered("ann").contains("On it! `acme/fresh`"));
    }

    async fn a_repository_disconnected_meanwhile_is_told_on_the_card(bot: Bot) {
        let source = bot.account().source("AshikNesin", "404less");
        source.disconnect();
        bot.types("ann", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(bot.card(), @r"
        *tidy up*
        :x: Not started. The repository is not connected to Jules any more. Connect it at jules.google.com <https://jules.google.com>, then try again.
        @ann asked 2026-11-24 09:00 UTC  AshikNesin/404less · main · as asked
        [Try again]
        "));
        assert_eq!(bot.account().sessions().len(), 0);
        source.reconnect();
        bot.clicks("ben", "Try again").await;
        bot.assert_once("dev");
    }

    async fn a_branch_that_is_not_there_is_refused_with_the_nearest_names(bot: Bot) {
        bot.types("ann", "/jules repo=404less branch=devlop rename frontend").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @r"
        There's no branch `devlop` in `AshikNesin/404less`, so I didn't start anything. Nearest: `develop`. Push it first, or pick another.
        [Open the form]
        "));
        bot.assert_nothing_started();
        bot.clicks("ann", "Open the form").await;
        bot.picks("ann", "Branch", "develop").await;
        bot.sends("ann").await;
        bot.assert_once("dev");
        assert_eq!(bot.account().sessions()[0].branch.as_deref(), Some("develop"));
    }

    async fn a_branch_in_another_case_is_another_branch(bot: Bot) {
        bot.types("ann", "/jules repo=404less branch=Main rename frontend").await;
        bot.assert_nothing_started();
        assert!(bot.whispered("ann").contains("Nearest: `main`"), "{}", bot.whispered("ann"));
    }

    async fn any_of_five_hundred_branches_is_taken(bot: Bot) {
        bot.types("ann", "/jules repo=monolith branch=feature/JIRA-0499 tidy up").await;
        bot.assert_once("dev");
        assert_eq!(bot.account().sessions()[0].branch.as_deref(), Some("feature/JIRA-0499"));
    }

    async fn a_branch_pushed_a_minute_ago_is_found(bot: Bot) {
        bot.types("ann", "/jules repo=404less branch=develop one").await;
        bot.account().source("AshikNesin", "404less").branches(["main", "develop", "new"]);
        bot.hands.forward(SignedDuration::from_mins(1));
        bot.types("ann", "/jules repo=404less branch=new two").await;
        let branches: Vec<_> =
            bot.account().sessions().into_iter().filter_map(|session| session.branch).collect();
        assert_eq!(branches, ["develop", "new"]);
    }

    async fn without_a_default_branch_one_is_asked_for(bot: Bot) {
        bot.types("ann", "/jules repo=legacy tidy up").await;
        bot.assert_nothing_started();
        allow_duplicates!(assert_snapshot!(bot.form("ann").screen(), @r"
        ┌ New Jules task
        │ Jules reports no default branch for `Acme-Corp/legacy`. Pick a branch, or type it as `branch=…`.
        │ Repository: [Acme-Corp/legacy ▾]
        │ Branch (optional): [The repository's default branch ▾]
        │   Where Jules starts from. Empty: the default branch.
        │ What should Jules do?: [tidy up]
        │ Options (optional): [ ] Ask me before starting work  [x] Open a pull request when done
        │ Title (optional): [The first line of the task]
        └ [Cancel] [Start]
        "));
        bot.picks("ann", "Branch", "old").await;
        bot.sends("ann").await;
        bot.assert_once("dev");
        assert_eq!(bot.account().sessions()[0].branch.as_deref(), Some("old"));
    }

    async fn without_any_repository_the_way_to_connect_one_is_told(bot: Bot) {
        only(&bot, &[]).await;
        bot.types("ann", "/jules tidy up").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @r"No repository is connected to Jules yet. Connect one at jules.google.com <https://jules.google.com>, then type the command again."));
        bot.types("ann", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @r"No repository is connected to Jules yet. Connect one at jules.google.com <https://jules.google.com>, then type the command again."));
        bot.types("ann", "/jules repos").await;
        assert!(bot.whispered("ann").contains("No repository is connected to Jules yet"));
        bot.assert_nothing_started();
    }

    async fn the_only_repository_is_taken_and_the_card_says_why(bot: Bot) {
        only(&bot, &["AshikNesin/404less"]).await;
        bot.types("ann", "/jules tidy up").await;
        bot.assert_once("dev");
        allow_duplicates!(assert_snapshot!(bot.card(), @"
        *tidy up*
        :large_blue_circle: Queued at Jules
        @ann asked 2026-11-24 09:00 UTC  AshikNesin/404less · main · the only connected repository
        [Open in Jules] <https://jules.google.com/session/82378161473624850112> [Stop]
        "));
    }

    async fn before_the_list_was_read_jules_is_asked(mut bot: Bot) {
        bot.kill().await;
        bot.jules.fault(Fault::status(503)).on(Op::ListSources).once();
        bot.start().await;
        assert!(bot.sources().is_none());
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.assert_once("dev");
    }

    async fn before_the_list_was_read_the_form_finds_repositories_too(mut bot: Bot) {
        bot.kill().await;
        bot.jules.fault(Fault::status(503)).on(Op::ListSources).once();
        bot.start().await;
        bot.types("ann", "/jules tidy up").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.sends("ann").await;
        bot.assert_once("dev");
    }

    async fn while_jules_does_not_answer_the_question_waits_and_is_asked_again(bot: Bot) {
        bot.jules.fault(Fault::status(503)).on(Op::GetSource).times(3);
        bot.types("ann", "/jules repo=acme/nowhere tidy up").await;
        let words = "Jules does not answer just now. I keep trying by myself.";
        assert_eq!(bot.whispered("ann"), words);
        bot.pass(60).await;
        assert!(bot.whispered("ann").contains("so I didn't start anything"));
    }

    async fn an_answer_that_comes_after_half_an_hour_is_still_told(bot: Bot) {
        bot.jules.fault(Fault::status(503)).on(Op::GetSource).for_ever();
        bot.types("ann", "/jules repo=acme/nowhere tidy up").await;
        bot.hands.forward(SignedDuration::from_mins(40));
        bot.jules.clear_faults();
        bot.settle().await;
        assert!(bot.whispered("ann").contains("so I didn't start anything"));
        // Slack no longer takes what belongs to the command (its `response_url`).
        assert_eq!(bot.slack_calls("chat.postEphemeral"), 1);
        bot.clicks("ann", "Open the form").await;
        bot.picks("ann", "Repository", "bobalover/boba").await;
        bot.sends("ann").await;
        bot.assert_once("dev");
    }
}
