//! Flow 3: a channel is bound to a repository, so that a task there needs to name none.

use crate::harness::bot::stories;
use insta::{allow_duplicates, assert_snapshot};
use sim::jules::{Fault, Op};
use sim::slack::{Fault as SlackFault, Outcome};

stories! {
    async fn a_form_that_closes_has_bound_the_channel(mut bot: Bot) {
        bot.types("ann", "/jules bind").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        for op in [Op::ListSources, Op::GetSource] {
            bot.jules.fault(Fault::HangBefore).on(op).for_ever();
        }
        assert_eq!(bot.form("ann").submit().await.expect("can be sent"), Outcome::Closed);
        bot.kill().await;
        bot.jules.clear_faults();
        bot.start().await;
        bot.types("ann", "/jules tidy up").await;
        assert_eq!(bot.account().sessions().len(), 1, "{}", bot.whispered("ann"));
    }

    async fn a_bound_channel_needs_no_repository(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ben", "/jules rename frontend to website").await;
        allow_duplicates!(assert_snapshot!(bot.screen("dev"), @"
        #dev

        ann:
          /jules bind 404less

        jules:
          @ann bound this channel to `AshikNesin/404less` (default branch). You can skip `repo=` here. If I'm not in this channel yet, type `/invite @jules`.

        jules (only visible to ben):
          On it! `AshikNesin/404less`, branch `main` (this channel's repository).

        jules:
          *rename frontend to website*
          :large_blue_circle: *Queued in Jules*
          Asked by @ben  AshikNesin/404less (this channel's repository) · main
          [Stop]
          │ jules:
          │   Jules is working on `AshikNesin/404less` (`main`). Reply here to talk to Jules, or start with `!aside` to keep a message between people.
          │   [Open in Jules] <https://jules.google.com/session/82378161473624850112>
        "));
        bot.assert_once("dev");
    }

    async fn a_binding_has_its_own_branch_and_defaults(bot: Bot) {
        bot.types("ann", "/jules bind AshikNesin/404less branch=develop plan=ask pr=none").await;
        let words = "bound this channel to `AshikNesin/404less` (`develop`). Here plans need \
                     approval, no pull requests are opened, and you can skip `repo=`.";
        assert!(bot.screen("dev").contains(words));
        bot.types("ben", "/jules tidy up").await;
        bot.assert_once("dev");
        let session = bot.account().sessions().remove(0);
        assert_eq!(session.branch.as_deref(), Some("develop"));
        assert!(session.require_plan_approval);
        assert_eq!(session.automation_mode, None);
    }

    async fn what_is_typed_wins_over_the_binding(bot: Bot) {
        bot.types("ann", "/jules bind 404less branch=develop plan=ask").await;
        bot.types("ben", "/jules repo=boba tidy up").await;
        bot.types("ben", "/jules branch=gh-pages plan=auto tidy up").await;
        let sessions = bot.account().sessions();
        let took = |nth: usize| {
            let session = &sessions[nth];
            (session.source.as_deref(), session.branch.as_deref(), session.require_plan_approval)
        };
        assert_eq!(took(0), (Some("sources/github/bobalover/boba"), Some("main"), false));
        assert_eq!(took(1), (Some("sources/github/AshikNesin/404less"), Some("gh-pages"), false));
        let cards = bot.cards("dev");
        assert!(cards[0].shown.contains("Asked by @ben  bobalover/boba · main\n"), "{}", cards[0].shown);
        assert!(cards[1].shown.contains("(this channel's repository)"), "{}", cards[1].shown);
    }

    async fn a_binding_belongs_to_its_channel(bot: Bot) {
        bot.slack.channel("ops");
        bot.types("ann", "/jules bind 404less").await;
        bot.types_in("ann", "ops", "/jules tidy up").await;
        assert_eq!(bot.account().sessions().len(), 0);
        assert_eq!(bot.form("ann").field("Repository").expect("is there").value, "");
    }

    async fn binding_without_words_asks_in_a_form(bot: Bot) {
        bot.types("ann", "/jules bind").await;
        bot.picks("ann", "Repository", "bobalover/boba").await;
        bot.picks("ann", "Branch", "develop").await;
        allow_duplicates!(assert_snapshot!(bot.form("ann").screen(), @"
        ┌ Bind this channel
        │ Repository: [bobalover/boba ▾]
        │ Branch (optional): [develop ▾]
        │   Leave empty for the default branch.
        │ Options (optional): [ ] Let me approve the plan first  [x] Open a pull request when done  [ ] Quiet thread (only post when Jules needs someone or is done)
        └ [Cancel] [Bind]
        "));
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        assert!(bot.screen("dev").contains("@ann bound this channel to `bobalover/boba` (`develop`)"));
        bot.types("ben", "/jules tidy up").await;
        assert_eq!(bot.account().sessions()[0].branch.as_deref(), Some("develop"));
        // Bound already: the form shows to what.
        bot.types("ann", "/jules bind").await;
        assert_eq!(bot.form("ann").field("Repository").expect("is there").value, "bobalover/boba");
        assert_eq!(bot.form("ann").field("Branch").expect("is there").value, "develop");
    }

    async fn a_form_that_slack_did_not_open_in_time_is_told(bot: Bot) {
        let late = SlackFault::Error("expired_trigger_id".to_owned());
        bot.slack.fault(late).on("views.open").times(1);
        bot.types("ann", "/jules bind").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"Slack didn't open the form in time. Try again, or type `/jules bind owner/repo`."));
    }

    async fn the_form_in_a_bound_channel_is_filled_with_its_binding(bot: Bot) {
        bot.types("ann", "/jules bind 404less branch=develop plan=ask").await;
        bot.types("ben", "/jules").await;
        let form = bot.form("ben");
        assert_eq!(form.field("Repository").expect("is there").value, "AshikNesin/404less");
        assert_eq!(form.field("Branch").expect("is there").value, "develop");
        form.fill("What should Jules do?", "tidy up").await.expect("fills");
        assert_eq!(bot.sends("ben").await, Outcome::Closed);
        bot.assert_once("dev");
        assert!(bot.account().sessions()[0].require_plan_approval);
    }

    async fn binding_again_takes_the_place_of_the_old_binding(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ben", "/jules bind boba").await;
        bot.types("ann", "/jules bindings").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @r"#dev → `bobalover/boba` · default branch · by @ben, 2026-11-24 09:00 UTC"));
        bot.types("ben", "/jules tidy up").await;
        let source = bot.account().sessions()[0].source.clone();
        assert_eq!(source.as_deref(), Some("sources/github/bobalover/boba"));
    }

    async fn what_was_bound_for_the_last_task_is_not_taken_for_the_next(bot: Bot) {
        let newest = || bot.account().sessions().last().and_then(|session| session.source.clone());
        // Not bound: there is a form to open, whatever was remembered.
        bot.types("ann", "/jules tidy up").await;
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ben", "/jules first").await;
        assert_eq!(newest().as_deref(), Some("sources/github/AshikNesin/404less"));
        bot.types("ben", "/jules second").await;
        bot.types("ann", "/jules bind boba").await;
        bot.types("ben", "/jules third").await;
        assert_eq!(newest().as_deref(), Some("sources/github/bobalover/boba"));
        bot.types("ann", "/jules unbind").await;
        bot.types("ben", "/jules fourth").await;
        assert_eq!(bot.account().sessions().len(), 3);
        assert_eq!(bot.form("ben").title(), "New Jules task");
    }

    async fn unbinding_undoes_it(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        let ack = bot.types("ben", "/jules unbind").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"@ben unlinked this channel from `AshikNesin/404less`."));
        bot.types("ann", "/jules tidy up").await;
        bot.assert_nothing_started();
        assert_eq!(bot.form("ann").title(), "New Jules task");
        let ack = bot.types("ben", "/jules unbind").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"This channel isn't bound to a repository. To bind it, type `/jules bind owner/repo`."));
        bot.types("ann", "/jules bindings").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"No channel is bound to a repository yet. To bind one, type `/jules bind owner/repo` there."));
    }

    async fn all_bindings_are_listed(bot: Bot) {
        bot.slack.channel("ops");
        bot.types("ann", "/jules bind 404less branch=develop").await;
        bot.types_in("ann", "ops", "/jules bind boba").await;
        bot.types("ben", "/jules bindings").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ben"), @r"
        #dev → `AshikNesin/404less` · `develop` · by @ann, 2026-11-24 09:00 UTC
        #ops → `bobalover/boba` · default branch · by @ann, 2026-11-24 09:00 UTC
        "));
    }

    async fn a_private_channel_can_be_bound_even_before_the_bot_is_in_it(bot: Bot) {
        bot.slack.private_channel("secret", &["ann"]);
        let ack = bot.types_in("ann", "secret", "/jules bind 404less").await;
        assert!(ack.shown.unwrap_or_default().contains("/invite @jules"));
        bot.slack.invite("secret", "jules");
        bot.types_in("ann", "secret", "/jules tidy up").await;
        bot.assert_once("secret");
    }

    async fn the_direct_messages_with_the_bot_can_be_bound(bot: Bot) {
        bot.slack.dm("ann");
        bot.types_in("ann", "@ann", "/jules bind 404less").await;
        bot.types_in("ann", "@ann", "/jules tidy up").await;
        bot.assert_once("@ann");
    }

    async fn an_unknown_repository_binds_nothing(bot: Bot) {
        bot.types("ann", "/jules bind 404-less").await;
        // The answer of Jules may be there before the line that says that Jules is asked.
        let told = bot.privately("ann");
        let words = "Jules isn't connected to a repository called `404-less`, so nothing changed. \
                     Did you mean `AshikNesin/404less`?";
        assert!(told.contains(words), "{told}");
        bot.types("ann", "/jules bindings").await;
        assert!(bot.whispered("ann").contains("No channel is bound"), "{}", bot.whispered("ann"));
    }

    async fn a_name_that_fits_several_repositories_binds_nothing(bot: Bot) {
        let ack = bot.types("ann", "/jules bind website").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"`website` matches 2 repositories: `Acme-Corp/website`, `bobalover/Website`. Use one of them as `owner/repo`."));
        bot.types("ann", "/jules bindings").await;
        assert!(bot.whispered("ann").contains("No channel is bound"), "{}", bot.whispered("ann"));
    }

    async fn an_unknown_branch_binds_nothing(bot: Bot) {
        bot.types("ann", "/jules bind 404less branch=devlop").await;
        let told = bot.privately("ann");
        let words = "There's no branch `devlop` in `AshikNesin/404less`, so nothing changed. \
                     Did you mean `develop`?";
        assert!(told.contains(words), "{told}");
        bot.types("ann", "/jules bindings").await;
        assert!(bot.whispered("ann").contains("No channel is bound"), "{}", bot.whispered("ann"));
    }

    async fn a_repository_connected_a_minute_ago_can_be_bound(bot: Bot) {
        bot.account().add_source("acme", "fresh").default_branch("main");
        bot.types("ann", "/jules bind acme/fresh").await;
        assert!(bot.screen("dev").contains("@ann bound this channel to `acme/fresh`"));
    }

    async fn while_jules_does_not_answer_nothing_is_bound_and_that_is_said(bot: Bot) {
        bot.jules.fault(Fault::status(503)).on(Op::GetSource).for_ever();
        bot.types("ann", "/jules bind acme/fresh").await;
        let told = bot.privately("ann");
        let words = "Jules isn't responding. Nothing changed. Try again in a minute.";
        assert!(told.contains(words), "{told}");
    }

    async fn a_bound_repository_that_was_disconnected_is_told_on_the_card(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.account().source("AshikNesin", "404less").disconnect();
        bot.types("ben", "/jules tidy up").await;
        assert!(bot.standing().contains("isn't connected to Jules any more"), "{}", bot.standing());
    }

    async fn words_that_begin_with_bind_are_a_task(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ann", "/jules bind the socket to port 3000").await;
        assert_eq!(bot.account().sessions()[0].prompt, "bind the socket to port 3000");
    }
}
