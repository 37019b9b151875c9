//! Issue of the plan: it is shown, approved, changed, replaced, skipped.

use crate::harness::bot::{Bot, stories};
use insta::{allow_duplicates, assert_snapshot};
use serde_json::json;
use sim::jules::{Fault, IdleApproval, Op, State};
use sim::slack::Button;

const STEPS: [(&str, &str); 3] = [
    (
        "Look through the repository",
        "- Read `README.md`.\n- Note every **place** that must change.",
    ),
    ("Rename the folder `frontend`", ""),
    ("Run the tests", "- Mend what <!channel> breaks."),
];

/// A task whose plan waits for an approval, and is shown.
async fn planned(bot: &Bot) -> String {
    bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
    let session = bot.session();
    bot.account().plan(&session, &STEPS);
    bot.watch(10).await;
    session
}

async fn asks_for_changes(bot: &Bot, words: &str) {
    bot.clicks("ben", "Ask for changes").await;
    bot.form("ben").fill("What should change?", words).await.expect("can be filled");
    bot.sends("ben").await;
}

fn state(bot: &Bot) -> State {
    bot.account().sessions()[0].state
}

stories! {
    async fn a_plan_that_waits_after_all_can_be_approved(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask tidy up").await;
        let session = bot.session();
        bot.account().plan(&session, &[("Look", ""), ("Tidy up", "")]);
        // Jules says that it works while it plans.
        bot.account().set_state(&session, State::InProgress);
        bot.watch(60).await;
        bot.account().set_state(&session, State::AwaitingPlanApproval);
        bot.watch(90).await;
        bot.clicks("ann", "Approve").await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1, "{}", bot.said());
    }

    async fn a_plan_is_shown_and_approved_where_people_talk(bot: Bot) {
        planned(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.said(), @"
        @ann, the plan is ready. Jules is waiting for you.
        :clipboard: *Plan* · 3 steps
        1. *Look through the repository*
          • Read `README.md`.
          • Note every *place* that must change.
        2. *Rename the folder **`frontend`*
        3. *Run the tests*
          • Mend what <!channel> breaks.
        :raised_hand: *Jules is waiting for you.* Approve the plan, or ask for changes.
        [Approve] [Ask for changes]
        "));
        assert!(bot.standing().contains("Plan ready and waiting for approval"), "{}", bot.card());
        bot.clicks("ben", "Approve").await;
        assert_eq!(state(&bot), State::InProgress);
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        bot.watch(10).await;
        let said = bot.said();
        assert!(said.contains("Approved by @ben."), "{said}");
        assert!(!said.contains("[Approve]"), "{said}");
        assert_eq!(bot.thread().len(), 1, "an approval is an edit, no message:\n{said}");
        assert!(bot.card().contains("Plan approved by @ben"), "{}", bot.card());
    }

    async fn without_asking_a_plan_is_shown_and_jules_goes_on(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend to website").await;
        bot.account().plan(&bot.session(), &STEPS);
        bot.watch(10).await;
        let said = bot.said();
        assert!(said.contains("No approval needed, so Jules is carrying on."), "{said}");
        assert!(!said.contains("[Approve]"), "{said}");
        assert_eq!(bot.thread().len(), 1, "{said}");
    }

    async fn a_plan_that_nobody_had_to_approve_can_be_approved_where_jules_waits_for_that(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend to website").await;
        let session = bot.session();
        bot.account().plan(&session, &STEPS);
        bot.account().set_state(&session, State::AwaitingPlanApproval);
        bot.watch(60).await;
        assert!(!bot.said().contains("[Approve]"), "Jules may continue without it:\n{}", bot.said());
        bot.watch(600).await;
        let said = bot.said();
        assert_eq!(said.matches("[Approve]").count(), 1, "{said}");
        assert_eq!(said.matches("@ann, the plan is").count(), 1, "{said}");
        assert!(said.contains("Note every *place* that must change."), "all of it:\n{said}");
        bot.clicks("ben", "Approve").await;
        assert_eq!(state(&bot), State::InProgress);
    }

    async fn approving_twice_is_one_short_private_line(bot: Bot) {
        planned(&bot).await;
        let before = planned_button(&bot);
        bot.clicks("ben", "Approve").await;
        bot.slack.user("ben").redeliver_last().await.expect("again");
        bot.settle().await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        assert_eq!(bot.slack.ephemerals("ben").len(), 0, "the same click again is nothing");
        // The button of someone who had not seen the edit yet.
        bot.slack.user("ann").presses(&before).await.expect("is there");
        bot.settle().await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        assert!(bot.whispered("ann").contains("@ben already approved this plan."), "{}", bot.whispered("ann"));
    }

    async fn two_people_at_once_are_decided_by_who_comes_first(bot: Bot) {
        planned(&bot).await;
        let button = planned_button(&bot);
        bot.slack.user("ann").clicks("dev", "", "Ask for changes").await.expect("is there");
        bot.settle().await;
        bot.slack.user("ben").presses(&button).await.expect("is there");
        bot.settle().await;
        let form = bot.form("ann");
        form.fill("What should change?", "keep the old name").await.expect("can be filled");
        let outcome = form.submit().await.expect("can be sent");
        bot.settle().await;
        let told = format!("{outcome:?}");
        assert!(told.contains("already approved this plan"), "{told}");
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        assert_eq!(bot.told_jules(), Vec::<String>::new());
    }

    async fn changes_go_to_jules_and_a_new_plan_takes_the_place_of_the_old(bot: Bot) {
        let session = planned(&bot).await;
        asks_for_changes(&bot, "Leave the tests & docs alone").await;
        assert_eq!(bot.told_jules(), ["Leave the tests & docs alone"]);
        assert!(bot.said().contains("A new plan is on its way."), "{}", bot.said());
        bot.account().run(&session);
        bot.watch(10).await;
        let posts = bot.thread();
        assert_eq!(posts.len(), 2, "{}", bot.said());
        assert!(!posts[0].buttons.contains(&"Approve".to_owned()), "{}", posts[0].shown);
        assert!(posts[1].buttons.contains(&"Approve".to_owned()), "{}", posts[1].shown);
        bot.clicks("ann", "Approve").await;
        assert_eq!(state(&bot), State::InProgress);
        assert!(!bot.said().contains("on the session page"), "it was not somebody else:\n{}", bot.said());
    }

    async fn a_plan_that_jules_only_talks_about_waits_again(bot: Bot) {
        let session = planned(&bot).await;
        asks_for_changes(&bot, "Leave the tests alone").await;
        bot.account().set_state(&session, State::AwaitingPlanApproval);
        bot.watch(60).await;
        assert!(!bot.said().contains("[Approve]"), "it may be at it:\n{}", bot.said());
        bot.account().say(&session, "Without the tests I can't tell whether it works.");
        bot.watch(60).await;
        let said = bot.said();
        assert_eq!(said.matches("[Approve]").count(), 1, "{said}");
        assert_eq!(said.matches("@ann, the plan is").count(), 2, "{said}");
        bot.clicks("ben", "Approve").await;
        assert_eq!(state(&bot), State::InProgress);
    }

    async fn a_plan_that_jules_does_not_change_waits_again(bot: Bot) {
        let session = planned(&bot).await;
        asks_for_changes(&bot, "Leave the tests alone").await;
        bot.account().set_state(&session, State::AwaitingPlanApproval);
        bot.watch(240).await;
        assert!(!bot.said().contains("[Approve]"), "it may be at it:\n{}", bot.said());
        bot.watch(660).await;
        let said = bot.said();
        assert_eq!(said.matches("[Approve]").count(), 1, "{said}");
        assert_eq!(said.matches("@ann, the plan is").count(), 2, "{said}");
    }

    async fn a_plan_of_the_same_id_with_other_steps_is_another_plan(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask tidy up").await;
        let (account, session) = (bot.account(), bot.session());
        let plans = |step: &str| {
            let plan = json!({ "id": "1", "steps": [{ "title": step }] });
            let made = json!({ "originator": "agent", "planGenerated": { "plan": plan } });
            account.add_activity(&session, &made);
            account.set_state(&session, State::AwaitingPlanApproval);
        };
        plans("Look around");
        bot.watch(20).await;
        asks_for_changes(&bot, "Do something").await;
        plans("Edit styles.css");
        bot.watch(30).await;
        let posts = bot.thread();
        assert_eq!(posts.len(), 2, "{}", bot.said());
        let [first, second] = [&posts[0].shown, &posts[1].shown];
        assert!(first.contains("Replaced by a newer plan.") && !first.contains("[Approve]"), "{first}");
        assert!(second.contains("Edit styles.css") && second.contains("[Approve]"), "{second}");
        bot.clicks("ben", "Approve").await;
        assert_eq!(state(&bot), State::InProgress);
    }

    async fn empty_changes_are_asked_for_at_the_field(bot: Bot) {
        planned(&bot).await;
        bot.clicks("ben", "Ask for changes").await;
        bot.form("ben").fill("What should change?", "  ").await.expect("can be filled");
        let outcome = bot.form("ben").submit().await.expect("can be sent");
        assert!(format!("{outcome:?}").contains("Write what Jules should change."), "{outcome:?}");
    }

    async fn an_old_plan_cannot_be_approved(bot: Bot) {
        let session = planned(&bot).await;
        let old = planned_button(&bot);
        bot.account().user_writes(&session, "another way, please");
        bot.account().run(&session);
        // Nobody has looked at Jules since: the button still stands there.
        bot.slack.user("ben").presses(&old).await.expect("is there");
        bot.settle().await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 0, "the newest plan is not the one that was shown");
        assert!(bot.whispered("ben").contains("There's a newer plan"), "{}", bot.whispered("ben"));
        bot.watch(10).await;
        let posts = bot.thread();
        assert!(posts[0].shown.contains("Replaced by a newer plan."), "{}", bot.said());
        assert!(bot.said().contains("Someone wrote to Jules on the session page:\n> another way, please"), "{}", bot.said());
        bot.clicks("ben", "Approve").await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
    }

    async fn a_plan_that_is_approved_at_jules_is_noticed_and_said(bot: Bot) {
        let session = planned(&bot).await;
        bot.account().user_approves(&session);
        bot.watch(40).await;
        let said = bot.said();
        assert!(said.contains("The plan was approved in Jules"), "{said}");
        assert!(!said.contains("[Approve]"), "{said}");
        assert_eq!(bot.thread().len(), 2, "once, though one approval may be told of twice:\n{said}");
    }

    async fn a_gate_that_jules_skips_is_said(bot: Bot) {
        let session = planned(&bot).await;
        bot.clicks("ann", "Approve").await;
        bot.account().progress(&session, "Looking through the repository", "");
        bot.replies("ann", "Do it in two commits").await;
        // After a first approval Jules does not wait again (jules-api.md §4.1).
        bot.account().plan(&session, &[("First commit", ""), ("Second commit", "")]);
        bot.watch(20).await;
        let said = bot.said();
        assert!(said.contains("Jules is carrying on with its new plan."), "{said}");
        assert!(!said.contains("[Approve]"), "{said}");
    }

    async fn an_approval_whose_answer_is_lost_is_one_approval(bot: Bot) {
        planned(&bot).await;
        bot.jules.fault(Fault::DropAfter).on(Op::ApprovePlan).once();
        bot.clicks("ben", "Approve").await;
        bot.watch(120).await;
        assert_eq!(state(&bot), State::InProgress);
        assert!(bot.said().contains("Approved by @ben."), "{}", bot.said());
        assert_eq!(bot.privately("ben"), "", "nobody came too late");
    }

    async fn whoever_presses_approve_has_not_approved_what_jules_was_never_told(bot: Bot) {
        let session = planned(&bot).await;
        bot.jules.fault(Fault::status(503)).on(Op::GetSession).for_ever();
        bot.clicks("ben", "Approve").await;
        bot.account().user_approves(&session);
        bot.watch(40).await;
        let said = bot.said();
        assert!(said.contains("The plan was approved in Jules"), "{said}");
        assert!(!said.contains("Approved by @ben"), "{said}");
        assert!(!bot.card().contains("@ben"), "{}", bot.card());
        bot.jules.clear_faults();
        bot.watch(120).await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 0, "it's approved already");
        assert_eq!(bot.privately("ben"), "");
    }

    async fn an_approval_whose_answer_is_lost_counts_whatever_cannot_be_read_after_it(bot: Bot) {
        planned(&bot).await;
        bot.jules.fault(Fault::DropAfter).on(Op::ApprovePlan).once();
        // The second look comes from before the approval.
        let before = Fault::rewrite(|session| session["state"] = "AWAITING_PLAN_APPROVAL".into());
        bot.jules.fault(before).on(Op::GetSession).times(2);
        bot.clicks("ben", "Approve").await;
        bot.jules.fault(Fault::status(503)).on(Op::ListActivities).for_ever();
        bot.watch(60).await;
        assert!(bot.said().contains("Approved by @ben."), "{}", bot.said());
        assert_eq!(bot.privately("ben"), "", "nobody came too late");
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
    }

    async fn an_approval_whose_answer_is_lost_counts_when_jules_refuses_the_second(bot: Bot) {
        planned(&bot).await;
        bot.account().idle_approval(IdleApproval::Refused);
        bot.jules.fault(Fault::DropAfter).on(Op::ApprovePlan).once();
        // What is read after it comes from before it.
        let before = Fault::rewrite(|session| session["state"] = "AWAITING_PLAN_APPROVAL".into());
        bot.jules.fault(before).on(Op::GetSession).times(2);
        let before = Fault::rewrite(|page| {
            let activities = page.get_mut("activities").and_then(serde_json::Value::as_array_mut);
            if let Some(activities) = activities {
                activities.retain(|activity| !activity["planApproved"].is_object());
            }
        });
        bot.jules.fault(before).on(Op::ListActivities).for_ever();
        bot.clicks("ben", "Approve").await;
        bot.watch(60).await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 2);
        assert!(bot.said().contains("Approved by @ben."), "{}", bot.said());
        assert_eq!(bot.privately("ben"), "", "nobody came too late");
    }

    async fn jules_is_down_while_somebody_approves(bot: Bot) {
        planned(&bot).await;
        bot.jules.fault(Fault::status(503)).for_ever();
        bot.clicks("ben", "Approve").await;
        bot.watch(60).await;
        assert!(bot.card().contains("Jules isn't responding."), "{}", bot.card());
        bot.jules.clear_faults();
        bot.watch(180).await;
        assert_eq!(state(&bot), State::InProgress);
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
    }
}

/// The button "Approve" as it stands now, to be pressed when it does not stand there any more.
fn planned_button(bot: &Bot) -> Button {
    bot.slack.user("ann").sees("dev", "", "Approve").expect("is there")
}
