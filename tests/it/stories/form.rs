//! Flow 2: what is missing is asked for in a form, filled with what was typed.

use crate::harness::bot::stories;
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use serde_json::json;
use sim::jules::{Fault as JulesFault, Op};
use sim::slack::{Fault, Outcome};

stories! {
    async fn nothing_typed_opens_an_empty_form(bot: Bot) {
        let ack = bot.types("ann", "/jules").await;
        assert!(ack.took.as_secs() < 3);
        assert_eq!(ack.shown, None);
        allow_duplicates!(assert_snapshot!(bot.form("ann").screen(), @"
        ┌ New Jules task
        │ Repository: [Type to search ▾]
        │ Branch (optional): [Default branch ▾]
        │   Leave empty for the default branch.
        │ What should Jules do?: [Rename the folder frontend to website]
        │ Options (optional): [ ] Let me approve the plan first  [x] Open a pull request when done
        │ Title (optional): [The first line of the task]
        └ [Cancel] [Start]
        "));
        bot.assert_nothing_started();
        bot.assert_all_read();
    }

    async fn a_form_that_is_filled_in_starts_the_task(bot: Bot) {
        bot.types("ann", "/jules").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        bot.picks("ann", "Branch", "develop").await;
        let form = bot.form("ann");
        form.fill("What should Jules do?", "rename frontend to website").await.expect("fills");
        form.fill("Title", "Rename").await.expect("fills");
        form.choose("Options", "Let me approve the plan first").await.expect("ticks");
        form.choose("Options", "Open a pull request when done").await.expect("unticks");
        allow_duplicates!(assert_snapshot!(form.screen(), @"
        ┌ New Jules task
        │ Repository: [AshikNesin/404less ▾]
        │ Branch (optional): [develop ▾]
        │   Leave empty for the default branch.
        │ What should Jules do?: [rename frontend to website]
        │ Options (optional): [x] Let me approve the plan first  [ ] Open a pull request when done
        │ Title (optional): [Rename]
        └ [Cancel] [Start]
        "));
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
        assert_eq!(bot.asked_of_jules(), [json!({
            "prompt": "rename frontend to website",
            "title": "Rename",
            "sourceContext": {
                "source": "sources/github/AshikNesin/404less",
                "githubRepoContext": { "startingBranch": "develop" },
            },
            "requirePlanApproval": true,
        })]);
        bot.assert_all_read();
    }

    async fn a_missing_prompt_is_asked_for(bot: Bot) {
        bot.types("ann", "/jules repo=404less branch=develop plan=ask title=\"Tidy up\"").await;
        allow_duplicates!(assert_snapshot!(bot.form("ann").screen(), @"
        ┌ New Jules task
        │ Repository: [AshikNesin/404less ▾]
        │ Branch (optional): [develop ▾]
        │   Leave empty for the default branch.
        │ What should Jules do?: [Rename the folder frontend to website]
        │ Options (optional): [x] Let me approve the plan first  [x] Open a pull request when done
        │ Title (optional): [Tidy up]
        └ [Cancel] [Start]
        "));
        bot.form("ann").fill("What should Jules do?", "tidy up").await.expect("fills");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
        assert_eq!(bot.account().sessions()[0].branch.as_deref(), Some("develop"));
    }

    async fn a_missing_repository_is_asked_for_and_never_guessed(bot: Bot) {
        bot.types("ann", "/jules rename frontend to website").await;
        bot.assert_nothing_started();
        let form = bot.form("ann");
        assert_eq!(form.field("repository").expect("is there").value, "");
        let prompt = form.field("What should Jules do?").expect("is there").value;
        assert_eq!(prompt, "rename frontend to website");
        bot.picks("ann", "Repository", "bobalover/boba").await;
        let prompt = bot.form("ann").field("What should Jules do?").expect("is there").value;
        assert_eq!(prompt, "rename frontend to website", "kept when the form was drawn anew");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
    }

    async fn an_ambiguous_repository_is_a_choice(bot: Bot) {
        bot.types("ann", "/jules repo=website rename it").await;
        bot.assert_nothing_started();
        allow_duplicates!(assert_snapshot!(bot.screen("dev"), @r"
        #dev

        jules (only visible to ann):
          `website` matches 2 repositories. Which one?
          [Acme-Corp/website] [bobalover/Website]
        "));
    }

    async fn more_than_five_that_fit_are_a_form_with_those_first(bot: Bot) {
        for owner in ["a", "b", "c", "d"] {
            bot.account().add_source(owner, "website").default_branch("main").branches(["main"]);
        }
        bot.engine().read_sources(bot.hands.now()).await;
        bot.types("ann", "/jules repo=website rename it").await;
        assert_eq!(bot.slack.ephemerals("ann").len(), 0, "{}", bot.privately("ann"));
        let form = bot.form("ann");
        assert!(form.screen().contains("`website` matches 6 repositories"), "{}", form.screen());
        let offered = form.type_ahead("Repository", "").await.expect("offers");
        let offered: Vec<String> = offered.into_iter().map(|choice| choice.text).collect();
        assert!(offered.len() > 6, "{offered:?}");
        assert!(offered[..6].iter().all(|name| name.to_lowercase().ends_with("/website")), "{offered:?}");
        assert!(!offered[6..].iter().any(|name| name.to_lowercase().ends_with("/website")), "{offered:?}");
        bot.picks("ann", "Repository", "c/website").await;
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
    }

    async fn a_choice_is_made_with_a_button(bot: Bot) {
        bot.types("ann", "/jules repo=website rename it").await;
        bot.clicks("ann", "bobalover/Website").await;
        bot.assert_once("dev");
        let source = bot.account().sessions()[0].source.clone();
        assert_eq!(source.as_deref(), Some("sources/github/bobalover/Website"));
        assert_eq!(bot.slack.ephemerals("ann").len(), 0, "the question is gone");
        assert!(bot.slack.open_view("ann").is_err(), "there is no form over it");
    }

    async fn any_of_thousands_of_repositories_is_found_by_typing(bot: Bot) {
        for n in 0..3000 {
            bot.account().add_source("big", &format!("service-{n:04}")).default_branch("main");
        }
        bot.engine().read_sources(bot.hands.now()).await;
        bot.types("ann", "/jules").await;
        let form = bot.form("ann");
        assert_eq!(form.type_ahead("Repository", "").await.expect("offers").len(), 100);
        assert_eq!(form.type_ahead("Repository", "service").await.expect("offers").len(), 100);
        let found = form.type_ahead("Repository", "SERVICE-2998").await.expect("offers");
        assert_eq!(found[0].text, "big/service-2998");
        assert_eq!(form.type_ahead("Repository", "no such thing").await.expect("offers"), []);
    }

    async fn any_of_hundreds_of_branches_is_found_by_typing(bot: Bot) {
        bot.types("ann", "/jules repo=monolith").await;
        let form = bot.form("ann");
        assert_eq!(form.type_ahead("Branch", "").await.expect("offers").len(), 100);
        let found = form.type_ahead("Branch", "0499").await.expect("offers");
        let names: Vec<&str> = found.iter().map(|choice| choice.text.as_str()).collect();
        assert_eq!(names, ["feature/JIRA-0499"]);
    }

    async fn another_repository_has_another_branch_field(bot: Bot) {
        bot.types("ann", "/jules repo=404less branch=gh-pages").await;
        assert_eq!(bot.form("ann").field("Branch").expect("is there").value, "gh-pages");
        bot.picks("ann", "Repository", "Acme-Corp/Monolith").await;
        let form = bot.form("ann");
        assert_eq!(form.field("Branch").expect("is there").value, "");
        let found = form.type_ahead("Branch", "gh-pages").await.expect("offers");
        assert_eq!(found, [], "no branch of the other repository");
        let found = form.type_ahead("Branch", "trunk").await.expect("offers");
        assert_eq!(found[0].text, "trunk");
    }

    async fn a_blank_prompt_is_told_at_its_field(bot: Bot) {
        bot.types("ann", "/jules repo=404less").await;
        let form = bot.form("ann");
        form.fill("What should Jules do?", "  \n ").await.expect("fills");
        let told = [("prompt".to_owned(), "Write what Jules should do.".to_owned())];
        assert_eq!(bot.sends("ann").await, Outcome::Errors(told.into()));
        bot.assert_nothing_started();
        form.fill("What should Jules do?", "tidy up").await.expect("fills");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
    }

    async fn a_repository_without_a_default_branch_needs_one_picked(bot: Bot) {
        bot.types("ann", "/jules tidy up").await;
        bot.picks("ann", "Repository", "Acme-Corp/legacy").await;
        let Outcome::Errors(told) = bot.sends("ann").await else { panic!("it was taken") };
        let told: Vec<&str> = told.values().map(String::as_str).collect();
        let words = "Jules doesn't report a default branch for this repository, so pick one.";
        assert_eq!(told, [words]);
        bot.picks("ann", "Branch", "older").await;
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
    }

    async fn a_branch_that_is_not_there_is_told_at_its_field(bot: Bot) {
        bot.types("ann", "/jules repo=404less branch=devlop").await;
        // Looking at the branches is what makes them known.
        bot.form("ann").type_ahead("Branch", "dev").await.expect("offers");
        bot.form("ann").fill("What should Jules do?", "tidy up").await.expect("fills");
        let Outcome::Errors(told) = bot.sends("ann").await else { panic!("it was taken") };
        let told: Vec<&str> = told.values().map(String::as_str).collect();
        assert_eq!(told, ["There's no branch devlop. Did you mean develop?"]);
        bot.assert_nothing_started();
    }

    async fn a_double_click_on_start_starts_one_task(bot: Bot) {
        bot.types("ann", "/jules repo=404less").await;
        bot.form("ann").fill("What should Jules do?", "tidy up").await.expect("fills");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        let again = bot.slack.user("ann").redeliver_last().await.expect("was sent");
        assert!(again.ok() && again.body.is_empty(), "{again:?}");
        bot.settle().await;
        bot.assert_once("dev");
    }

    async fn a_form_that_lay_open_for_two_days_says_that_it_is_too_old(bot: Bot) {
        bot.types("ann", "/jules repo=404less").await;
        bot.form("ann").fill("What should Jules do?", "tidy up").await.expect("fills");
        bot.hands.forward(SignedDuration::from_hours(48));
        let Outcome::Errors(told) = bot.sends("ann").await else { panic!("it was taken") };
        let told: Vec<&str> = told.values().map(String::as_str).collect();
        let words = "That request is more than a day old and I no longer have it, so I didn't \
                     start anything. Type /jules again.";
        assert_eq!(told, [words]);
        bot.assert_nothing_started();
    }

    async fn a_form_that_slack_did_not_open_in_time_opens_with_a_button(bot: Bot) {
        let late = Fault::Error("expired_trigger_id".to_owned());
        bot.slack.fault(late).on("views.open").times(1);
        bot.types("ann", "/jules rename frontend to website").await;
        assert!(bot.slack.open_view("ann").is_err());
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        Slack didn't open the form in time, but I kept what you typed.
        [Open the form]
        "));
        bot.clicks("ann", "Open the form").await;
        let form = bot.form("ann");
        let prompt = form.field("What should Jules do?").expect("is there").value;
        assert_eq!(prompt, "rename frontend to website");
        bot.picks("ann", "Repository", "bobalover/boba").await;
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
    }

    async fn a_prompt_that_no_field_takes_is_kept(bot: Bot) {
        let prompt = "rename every folder. ".repeat(200).trim_end().to_owned();
        bot.types("ann", &format!("/jules {prompt}")).await;
        bot.picks("ann", "Repository", "bobalover/boba").await;
        allow_duplicates!(assert_snapshot!(bot.form("ann").screen(), @"
        ┌ New Jules task
        │ Repository: [bobalover/boba ▾]
        │ Branch (optional): [Default branch ▾]
        │   Leave empty for the default branch.
        │ *What should Jules do?*
        │ I kept your text of 4199 characters as you typed it.
        │ Options (optional): [ ] Let me approve the plan first  [x] Open a pull request when done
        │ Title (optional): [The first line of the task]
        └ [Cancel] [Start]
        "));
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
        assert_eq!(bot.account().sessions()[0].prompt, prompt);
    }

    async fn a_form_opens_while_jules_is_silent(bot: Bot) {
        bot.jules.fault(JulesFault::HangBefore).for_ever();
        bot.hands.forward(SignedDuration::from_hours(1));
        let ack = bot.types("ann", "/jules").await;
        assert!(ack.took.as_secs() < 3);
        let found = bot.form("ann").type_ahead("Repository", "404less").await.expect("offers");
        assert_eq!(found[0].text, "AshikNesin/404less", "from the list that was read before");
        let found = bot.form("ann").type_ahead("Branch", "").await.expect("offers");
        assert_eq!(found, [], "an empty list, in time");
        bot.settle().await;
        assert!(bot.jules_calls(Op::ListSources) >= 1);
    }

    async fn a_form_that_is_cancelled_starts_nothing(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy").await;
        bot.types("ben", "/jules tidy up").await;
        bot.form("ben").close().await.expect("closes");
        bot.settle().await;
        bot.assert_once("dev");
    }
}
