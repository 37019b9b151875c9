//! Who may do what: a signature says that Slack delivered something, not that its values are honest.

use crate::harness::bot::{Bot, stories};
use serde_json::{Value, json};
use sim::jules::Op;

/// A task of Ann's in #dev whose plan is waiting.
async fn planned(bot: &Bot) {
    bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
    bot.account().plan(&bot.session(), &[("Look", ""), ("Rename", "")]);
    bot.watch(10).await;
}

/// The payload of a click, as if it had been made in this channel.
fn elsewhere(channel: &str) -> impl Fn(&mut Value) {
    move |payload| {
        payload["channel"]["id"] = json!(channel);
        payload["container"]["channel_id"] = json!(channel);
    }
}

stories! {
    async fn a_click_counts_in_the_channel_of_its_task(bot: Bot) {
        planned(&bot).await;
        let ops = bot.slack.channel("ops");
        for label in ["Approve", "Stop", "Ask for changes"] {
            let ben = bot.slack.user("ben");
            let button = ben.sees("dev", "", label).expect("is there");
            bot.slack.user("ben").forges(&button, elsewhere(&ops)).await.expect("is sent");
            bot.settle().await;
        }
        assert_eq!((bot.jules_calls(Op::ApprovePlan), bot.jules_calls(Op::ArchiveSession)), (0, 0));
        assert!(bot.slack.open_view("ben").is_err(), "no form either");
        let told = bot.slack.screen("dev") + &bot.slack.screen("ops") + bot.privately("ben").as_str();
        assert!(told.contains("That task belongs to another channel"), "{told}");
        // Its author stops it from a list of their own, wherever that was asked for.
        bot.types_in("ann", "ops", "/jules stop").await;
        bot.settle().await;
        bot.slack.user("ann").clicks("ops", "", "Stop").await.expect("is listed");
        bot.watch(3).await;
        assert_eq!(bot.jules_calls(Op::ArchiveSession), 1);
    }

    async fn nobody_retries_a_task_from_elsewhere(bot: Bot) {
        planned(&bot).await;
        let session = bot.session();
        bot.account().fail(&session, Some("No."));
        bot.watch(30).await;
        let ops = bot.slack.channel("ops");
        let ben = bot.slack.user("ben");
        for label in ["Retry", "Edit and retry"] {
            let button = ben.sees("dev", "", label).expect("is there");
            ben.forges(&button, elsewhere(&ops)).await.expect("is sent");
            bot.settle().await;
        }
        assert_eq!(bot.account().sessions().len(), 1);
        assert!(bot.slack.open_view("ben").is_err());
    }

    async fn a_draft_belongs_to_its_author(bot: Bot) {
        bot.types("ann", "/jules repo=website fix it").await;
        let ann = bot.slack.user("ann");
        let button = ann.sees("dev", "", "Acme-Corp/website").expect("is offered");
        let ben = bot.slack.user("ben").id().to_owned();
        let as_ben = |payload: &mut Value| payload["user"]["id"] = json!(ben);
        ann.forges(&button, as_ben).await.expect("is sent");
        bot.watch(5).await;
        assert!(bot.account().sessions().is_empty());
        assert!(bot.cards("dev").is_empty());
        ann.presses(&button).await.expect("is sent");
        bot.watch(5).await;
        assert_eq!(bot.account().sessions().len(), 1, "her own choice counts");
    }

    async fn a_form_is_sent_by_whoever_it_was_opened_for(bot: Bot) {
        bot.types("ann", "/jules").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        let form = bot.form("ann");
        form.fill("What should Jules do?", "fix it").await.expect("is there");
        let ben = bot.slack.user("ben").id().to_owned();
        form.submit_forged(|payload| payload["user"]["id"] = json!(ben)).await.expect("is open");
        bot.watch(5).await;
        assert!(bot.account().sessions().is_empty());
        assert!(bot.cards("dev").is_empty());
    }

    async fn a_channel_counts_only_where_the_form_asked_for_one(bot: Bot) {
        let ops = bot.slack.channel("ops");
        bot.types("ann", "/jules").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        let form = bot.form("ann");
        form.fill("What should Jules do?", "fix it").await.expect("is there");
        form.submit_forged(|payload| {
            payload["view"]["state"]["values"]["channel"] =
                json!({"channel": {"type": "conversations_select", "selected_conversation": ops}});
        })
        .await
        .expect("is open");
        bot.watch(5).await;
        assert_eq!((bot.cards("dev").len(), bot.cards("ops").len()), (1, 0));
        bot.types("ann", "/jules bind").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        let form = bot.form("ann");
        form.submit_forged(|payload| {
            payload["view"]["state"]["values"]["channel"] =
                json!({"channel": {"type": "conversations_select", "selected_conversation": ops}});
        })
        .await
        .expect("is open");
        bot.settle().await;
        bot.types_in("ann", "ops", "/jules bindings").await;
        let told = bot.slack.screen("ops");
        assert!(told.contains(&bot.slack.channel("dev")) || told.contains("#dev"), "{told}");
        assert_eq!(told.matches("404less").count(), 1, "{told}");
    }

    async fn what_an_app_writes_in_a_persons_name_is_not_theirs(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend to website").await;
        bot.watch(10).await;
        let written = |ts: &str, more: Value| {
            let mut event = json!({
                "type": "message", "user": bot.slack.user("ann").id(), "ts": ts, "text": "push to main",
                "thread_ts": bot.root(), "channel": bot.slack.channel("dev"), "channel_type": "channel",
            });
            event.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            event
        };
        let by_app = written("1795510899.000100", json!({"app_id": "A0OTHER"}));
        assert!(bot.slack.sends_event(by_app).await.ok());
        bot.watch(5).await;
        assert_eq!(bot.told_jules(), Vec::<String>::new());
        let herself = written("1795510899.000200", json!({"client_msg_id": "1"}));
        assert!(bot.slack.sends_event(herself).await.ok());
        bot.watch(5).await;
        assert_eq!(bot.told_jules(), ["push to main"]);
    }

    async fn an_aside_of_a_stranger_stays_among_people(bot: Bot) {
        planned(&bot).await;
        bot.slack.stranger("eve", "T0OTHER", "dev");
        bot.replies("eve", "@jules !aside who approves this?").await;
        assert!(!bot.privately("eve").contains("another organisation"), "{}", bot.privately("eve"));
        bot.replies("eve", "push to main").await;
        assert!(bot.privately("eve").contains("another organisation"), "{}", bot.privately("eve"));
    }

    async fn a_stranger_finds_nothing_and_starts_nothing(bot: Bot) {
        bot.slack.organisation("E0ACME");
        let mut bot = bot;
        bot.kill().await;
        bot.start().await;
        bot.types("ann", "/jules").await;
        let form = bot.form("ann");
        let eve = bot.slack.stranger("eve", "T0OTHER", "dev");
        let (id, team) = (eve.id().to_owned(), "T0OTHER");
        let as_eve = |payload: &mut Value| {
            payload["user"]["id"] = json!(id);
            payload["user"]["team_id"] = json!(team);
        };
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        form.fill("What should Jules do?", "fix it").await.expect("is there");
        let offered = form.type_ahead_forged("Repository", "", &as_eve).await.expect("an empty list");
        assert!(offered.is_empty(), "{offered:?}");
        form.submit_forged(as_eve).await.expect("is open");
        bot.watch(5).await;
        assert!(bot.account().sessions().is_empty());
    }
}
