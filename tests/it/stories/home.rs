//! App Home: what waits, what goes on, what ended, and buttons that act from there.

use crate::harness::bot::{Bot, Place, stories};
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::jules::{Fault as JulesFault, Op};
use sim::slack::Fault;

/// The person opens their Home; what follows is done.
async fn opens(bot: &Bot, name: &str) {
    for ack in bot.slack.user(name).opens_home().await {
        assert!(ack.ok(), "{ack:?}");
    }
    bot.settle().await;
}

/// A person's Home as they see it.
fn home(bot: &Bot, name: &str) -> String {
    let home = bot.slack.user(name).home();
    home.map(|home| home.screen()).unwrap_or_else(|_| "nothing".to_owned())
}

/// They press a button there; what follows is done.
async fn presses(bot: &Bot, name: &str, label: &str) {
    let ack = bot.slack.user(name).presses_at_home(label).await.expect("is there");
    assert!(ack.ok(), "{ack:?}");
    bot.settle().await;
}

/// How often a Home was published.
fn published(bot: &Bot) -> usize {
    bot.slack_calls("views.publish")
}

/// Waits for what follows an answer, while the store answers nothing.
async fn follows_up(bot: &Bot) {
    let follow_ups = bot.engine().follow_ups();
    follow_ups.close();
    follow_ups.wait().await;
    follow_ups.reopen();
}

/// A task of Ann's whose plan needs approval.
async fn planned(bot: &Bot) {
    bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
    bot.account().plan(&bot.session(), &[("Look", ""), ("Rename", "")]);
    bot.watch(20).await;
}

/// A task of Ann's that has a question.
async fn asked(bot: &Bot) {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    bot.account().ask(&bot.session(), "Keep the old name?");
    bot.watch(20).await;
}

stories! {
    async fn those_who_manage_see_what_was_done_lately(bot: Bot) {
        bot.slack.make_admin("ann");
        bot.types("ben", "/jules repo=404less fix the page").await;
        bot.types("ben", "/jules bind 404less").await;
        // The same again, as Slack delivers it when an answer was lost, is on record once: in the next hour, too.
        for seconds in [0, 3_599] {
            bot.hands.forward(SignedDuration::from_secs(seconds));
            bot.slack.user("ben").redeliver_last().await.expect("was sent");
            bot.settle().await;
        }
        opens(&bot, "ann").await;
        let shown = home(&bot, "ann");
        assert!(shown.contains("@ben started a task · `AshikNesin/404less`"), "{shown}");
        assert_eq!(shown.matches("bound a channel").count(), 1, "{shown}");
    }

    async fn an_empty_home_says_how_to_begin(bot: Bot) {
        opens(&bot, "ann").await;
        allow_duplicates!(assert_snapshot!(home(&bot, "ann"), @"
        ┌ 
        │ # Waiting for you
        │ Nothing is waiting for you.
        │ [New task]
        │ # My settings
        │ No default repository · Jules starts without approval · I mention you in the thread
        │ [Change] [Connect my Jules account]
        │ # Ways to work with me
        │ • Type `/jules fix the login page` in a channel that I'm in, or mention me there: `@jules fix the login page`. In a thread, Jules also gets the messages before yours.
        │ • Reply in a task's thread to talk to Jules. Start with `!aside` to keep a message between people.
        │ • Use *Send to Jules* in a message's menu, write me a direct message, or bring a session here with `/jules follow`. `/jules help` lists everything.
        └
        "));
        let opened: Vec<_> = bot.slack.calls().into_iter().filter(|call| call.method == "views.publish").collect();
        assert_eq!(opened.len(), 1);
    }

    async fn a_plan_is_approved_from_home(bot: Bot) {
        planned(&bot).await;
        opens(&bot, "ann").await;
        let shown = home(&bot, "ann");
        assert!(shown.contains("*rename frontend to website* · `AshikNesin/404less`"), "{shown}");
        assert!(shown.contains("Plan ready for approval since "), "{shown}");
        assert!(shown.contains("[Approve]") && shown.contains("[Open thread]"), "{shown}");
        assert!(!shown.contains("#dev"), "no channel is named: {shown}");
        presses(&bot, "ann", "Approve").await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        let shown = home(&bot, "ann");
        assert!(shown.contains("Nothing is waiting for you.") && !shown.contains("[Approve]"), "{shown}");
        assert!(shown.contains("Approved by @ann"), "{shown}");
        assert!(bot.said().contains("Approved by @ann"), "{}", bot.said());
        bot.watch(60).await;
        let shown = home(&bot, "ann");
        assert!(shown.contains("# Running") && shown.contains("Working"), "{shown}");
    }

    async fn a_question_is_answered_from_home(bot: Bot) {
        asked(&bot).await;
        opens(&bot, "ann").await;
        assert!(home(&bot, "ann").contains("Jules has a question since "), "{}", home(&bot, "ann"));
        presses(&bot, "ann", "Answer").await;
        bot.form("ann").fill("Your answer", "Only as an alias").await.expect("can be filled");
        bot.sends("ann").await;
        bot.watch(20).await;
        assert_eq!(bot.told_jules(), ["Only as an alias"]);
        assert!(bot.said().contains("@ann answered:\n> Only as an alias"), "{}", bot.said());
        let shown = home(&bot, "ann");
        assert!(shown.contains("Nothing is waiting for you."), "{shown}");
    }

    async fn a_task_is_started_from_home_where_the_form_says(bot: Bot) {
        opens(&bot, "ann").await;
        presses(&bot, "ann", "New task").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        let form = bot.form("ann");
        form.fill("What should Jules do?", "fix it").await.expect("is there");
        assert!(format!("{:?}", bot.sends("ann").await).contains("channel"), "where is asked for");
        bot.form("ann").choose("Post in", "dev").await.expect("is offered");
        bot.sends("ann").await;
        bot.watch(20).await;
        assert!(bot.card().contains("fix it"), "{}", bot.card());
        assert!(home(&bot, "ann").contains("*fix it* · `AshikNesin/404less`"), "{}", home(&bot, "ann"));
    }

    async fn a_form_that_slack_does_not_open_in_time_is_offered_again_at_the_top(bot: Bot) {
        opens(&bot, "ann").await;
        bot.slack.fault(Fault::Error("expired_trigger_id".to_owned())).on("views.open").times(1);
        presses(&bot, "ann", "New task").await;
        assert!(home(&bot, "ann").contains("Slack didn't open the form in time"), "{}", home(&bot, "ann"));
        presses(&bot, "ann", "Open the form").await;
        assert!(bot.form("ann").screen().contains("Post in"), "{}", bot.form("ann").screen());
    }

    async fn what_goes_on_and_what_ended_today(bot: Bot) {
        bot.types("ann", "/jules repo=404less the first").await;
        let first = bot.session();
        bot.watch(60).await;
        bot.account().finish(&first);
        bot.watch(60).await;
        bot.types("ann", "/jules repo=monolith the second").await;
        bot.types("ben", "/jules repo=monolith somebody else's").await;
        bot.watch(60).await;
        opens(&bot, "ann").await;
        let shown = home(&bot, "ann");
        assert!(!shown.contains("somebody else's"), "{shown}");
        let running = shown.split_once("# Running").expect("something runs").1;
        let (running, done) = running.split_once("# Done today").expect("something ended");
        assert!(running.contains("the second") && running.contains("for 1 min"), "{shown}");
        assert!(done.contains("the first") && done.contains("*Done* in 1 min"), "{shown}");
        assert!(done.contains("pull request #") && done.contains("/pull/") && done.contains("+4 −1"), "{shown}");
        bot.hands.forward(SignedDuration::from_hours(24));
        opens(&bot, "ann").await;
        assert!(!home(&bot, "ann").contains("Done"), "that was yesterday: {}", home(&bot, "ann"));
    }

    async fn more_than_five_are_counted(bot: Bot) {
        bot.account().limits(100, 100);
        for n in 1..=7 {
            bot.types("ann", &format!("/jules repo=404less task number {n}")).await;
        }
        bot.watch(30).await;
        opens(&bot, "ann").await;
        let shown = home(&bot, "ann");
        assert_eq!(shown.matches("task number").count(), 5, "{shown}");
        assert!(shown.contains("and 2 more in /jules status"), "{shown}");
    }

    async fn a_click_that_comes_too_late_says_so_at_the_top(bot: Bot) {
        planned(&bot).await;
        opens(&bot, "ann").await;
        bot.clicks("ben", "Approve").await;
        presses(&bot, "ann", "Approve").await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        let shown = home(&bot, "ann");
        let top = shown.split_once("# Waiting for you").expect("is there").0;
        assert!(top.contains("@ben") && top.contains("already approved"), "{shown}");
        assert_eq!(bot.privately("ann").matches("already").count(), 0, "said once: {}", bot.privately("ann"));
        bot.pass(10).await;
        opens(&bot, "ann").await;
        assert!(!home(&bot, "ann").contains("already"), "{}", home(&bot, "ann"));
    }

    async fn a_question_that_someone_answered_is_too_late_at_home(bot: Bot) {
        asked(&bot).await;
        opens(&bot, "ann").await;
        bot.replies("ben", "No").await;
        presses(&bot, "ann", "Answer").await;
        assert!(bot.slack.open_view("ann").is_err());
        assert!(home(&bot, "ann").contains("Someone already answered this question."), "{}", home(&bot, "ann"));
    }

    async fn while_the_store_is_away_home_says_so_and_comes_back(bot: Bot) {
        planned(&bot).await;
        opens(&bot, "ann").await;
        bot.store.off();
        let ack = bot.slack.user("ann").presses_at_home("Approve").await.expect("is there");
        assert!(ack.ok());
        follows_up(&bot).await;
        let shown = home(&bot, "ann");
        assert!(shown.contains("I can't save anything right now"), "{shown}");
        assert!(shown.contains("I can't load your tasks right now. Running tasks continue."), "{shown}");
        for _ in 0..3 {
            bot.hands.forward(SignedDuration::from_secs(11));
            bot.engine().refresh_homes();
            follows_up(&bot).await;
        }
        bot.store.on();
        bot.pass(11).await;
        let shown = home(&bot, "ann");
        assert!(shown.contains("[Approve]") && !shown.contains("can't"), "{shown}");
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 0);
    }

    async fn it_is_drawn_once_in_ten_seconds_and_follows_for_ten_minutes(bot: Bot) {
        opens(&bot, "ann").await;
        opens(&bot, "ann").await;
        assert_eq!(published(&bot), 1);
        bot.types("ann", "/jules repo=404less rename frontend to website").await;
        bot.pass(9).await;
        assert_eq!(published(&bot), 1);
        bot.pass(2).await;
        assert_eq!(published(&bot), 2);
        assert!(home(&bot, "ann").contains("rename frontend"), "{}", home(&bot, "ann"));
        bot.pass(10).await;
        let before = published(&bot);
        bot.pass(10).await;
        assert_eq!(published(&bot), before, "nothing else to show");
        bot.watch(11 * 60).await;
        let before = published(&bot);
        bot.account().finish(&bot.session());
        bot.watch(60).await;
        assert_eq!(published(&bot), before, "nobody has looked for ten minutes");
        opens(&bot, "ann").await;
        assert!(home(&bot, "ann").contains("Done today"), "{}", home(&bot, "ann"));
    }

    async fn what_slack_could_not_take_is_drawn_when_it_can(bot: Bot) {
        bot.slack.fault(Fault::Status(503)).on("views.publish").times(1);
        opens(&bot, "ann").await;
        assert_eq!(home(&bot, "ann"), "nothing");
        bot.pass(10).await;
        assert!(home(&bot, "ann").contains("Nothing is waiting for you."), "{}", home(&bot, "ann"));
        bot.slack.fault(Fault::Error("invalid_arguments".to_owned())).on("views.publish").times(1);
        bot.pass(10).await;
        opens(&bot, "ann").await;
        let tries = published(&bot);
        bot.pass(30).await;
        assert_eq!(published(&bot), tries, "the same again would be refused again");
    }

    async fn a_stranger_and_the_messages_tab_are_shown_nothing(bot: Bot) {
        bot.slack.stranger("eve", "T0OTHER", "dev");
        bot.slack.user("eve").opens_home().await;
        bot.slack.user("ann").opens_messages().await;
        bot.settle().await;
        assert_eq!(published(&bot), 0);
    }

    async fn nobody_acts_on_anothers_task_from_their_home(bot: Bot) {
        planned(&bot).await;
        opens(&bot, "ben").await;
        let ben = bot.slack.user("ben");
        let button = ben.sees("dev", "", "Approve").expect("is there");
        let at_home = |payload: &mut Value| {
            payload["view"] = json!({ "id": "V1", "type": "home", "blocks": [] });
            payload["container"] = json!({ "type": "view", "view_id": "V1" });
            let payload = payload.as_object_mut().expect("an object");
            for only_in_messages in ["channel", "message", "response_url"] {
                payload.remove(only_in_messages);
            }
        };
        ben.forges(&button, at_home).await.expect("is sent");
        bot.settle().await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 0);
        assert!(home(&bot, "ben").contains("That task belongs to another channel"), "{}", home(&bot, "ben"));
        let ann = bot.slack.user("ann");
        let button = ann.sees("dev", "", "Approve").expect("is there");
        ann.forges(&button, at_home).await.expect("is sent");
        bot.settle().await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1, "her own task");
    }

    async fn an_app_without_a_home_tab_says_so_once_and_tries_again_in_an_hour(bot: Bot) {
        planned(&bot).await;
        bot.slack.fault(Fault::Error("not_enabled".to_owned())).on("views.publish").times(2);
        opens(&bot, "ann").await;
        bot.pass(11).await;
        opens(&bot, "ann").await;
        assert_eq!(published(&bot), 1, "it is off");
        assert_eq!(bot.logged().matches("no App Home").count(), 1, "{}", bot.logged());
        bot.hands.forward(SignedDuration::from_hours(1));
        opens(&bot, "ann").await;
        assert_eq!(published(&bot), 2);
        assert_eq!(bot.logged().matches("no App Home").count(), 1);
        bot.hands.forward(SignedDuration::from_hours(1));
        opens(&bot, "ann").await;
        assert!(home(&bot, "ann").contains("[Approve]"), "{}", home(&bot, "ann"));
    }

    async fn what_cannot_stand_in_a_home_is_said_directly(bot: Bot) {
        planned(&bot).await;
        opens(&bot, "ann").await;
        bot.clicks("ben", "Approve").await;
        bot.slack.fault(Fault::Error("not_enabled".to_owned())).on("views.publish").times(1);
        presses(&bot, "ann", "Approve").await;
        assert!(bot.screen("@ann").contains("already approved"), "{}", bot.screen("@ann"));
    }

    async fn managers_see_how_the_workspace_is_doing(bot: Bot) {
        bot.slack.make_admin("ann");
        bot.types("ann", "/jules bind 404less").await;
        bot.account().source("AshikNesin", "404less").disconnect();
        bot.engine().read_sources(bot.hands.now()).await;
        opens(&bot, "ann").await;
        let shown = home(&bot, "ann");
        assert!(shown.contains("0 of 15 tasks today, 0 of 3 running"), "{shown}");
        assert!(shown.contains("1 channel is bound to `AshikNesin/404less`"), "{shown}");
        assert!(!shown.contains("Without the scope"), "all are granted: {shown}");
        opens(&bot, "ben").await;
        assert!(!home(&bot, "ben").contains("# Workspace"), "{}", home(&bot, "ben"));
    }

    async fn a_scope_that_is_missing_is_named_with_what_is_off(mut bot: Bot) {
        bot.slack.make_owner("ann");
        bot.kill().await;
        let needed = jules_slack::manifest::needed_scopes().expect("the manifest is read");
        let with = ["users:read", "im:write", "app_mentions:read"];
        let without: Vec<&str> = needed.iter().map(String::as_str).chain(with).collect();
        bot.slack.grant(&without);
        bot.start().await;
        bot.jules.fault(JulesFault::status(503)).for_ever();
        opens(&bot, "ann").await;
        let shown = home(&bot, "ann");
        assert!(shown.contains("Without the scope `files:write`, long plans are split"), "{shown}");
        assert!(shown.contains("Usage isn't available right now."), "{shown}");
    }

    async fn an_opening_reads_nothing_before_it_is_acknowledged(bot: Bot) {
        bot.store.off();
        let acks = bot.slack.user("ann").opens_home().await;
        assert!(acks.iter().all(sim::slack::Ack::ok), "{acks:?}");
        bot.store.on();
        bot.settle().await;
    }
}

/// Two replicas share a store, so this is told on Redis alone.
#[tokio::test]
async fn another_process_has_drawn_it_since() {
    let bot = Bot::new(Place::redis()).await;
    opens(&bot, "ann").await;
    let other = bot.replica().await;
    bot.slack.deliver_to(&format!("{}/slack/events", other.url));
    bot.hands.forward(SignedDuration::from_secs(11));
    bot.slack.user("ann").opens_home().await;
    other.settle().await;
    bot.slack.deliver_to(&format!("{}/slack/events", bot.url()));
    planned(&bot).await;
    let shown = home(&bot, "ann");
    assert!(shown.contains("[Approve]"), "what was read last counts: {shown}");
}
