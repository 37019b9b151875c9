//! People's own Jules accounts: connecting one, whose account a task is on, and what happens to a key.

use crate::harness::bot::{Bot, KEY, stories};
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use sim::jules::{Account, Fault, Op};
use sim::slack::Outcome;
use std::sync::Arc;

/// Ann's own key.
pub(super) const ANNS: &str = "AQ.key-of-ann-herself";

/// Ann's own account, with these repositories.
pub(super) fn anns(bot: &Bot, repos: &[&str]) -> Account {
    let account = bot.jules.account(ANNS);
    for repo in repos {
        account.add_source("ann", repo).default_branch("main").branches(["main"]);
    }
    account
}

/// Fills in the form for a key, and sends it.
async fn sends_key(bot: &Bot, name: &str, key: &str) -> Outcome {
    bot.types(name, "/jules key").await;
    bot.form(name).fill("API key", key).await.expect("is there");
    bot.sends(name).await
}

pub(super) async fn connects(bot: &Bot, name: &str, key: &str) {
    assert_eq!(sends_key(bot, name, key).await, Outcome::Closed);
}

fn prompts(account: &Account) -> Vec<String> {
    account.sessions().into_iter().map(|session| session.prompt).collect()
}

/// What the bot wrote to someone directly.
fn direct(bot: &Bot, name: &str) -> String {
    let posts = bot.slack.channel_messages(&format!("@{name}"));
    posts.iter().map(|post| post.shown.clone()).collect::<Vec<_>>().join("\n---\n")
}

/// Everything that is stored, as it is.
async fn stored(bot: &Bot) -> String {
    let now = bot.hands.now();
    let all = bot.running().run(move |engine| async move {
        let store = engine.store();
        let mut all = String::new();
        for key in store.list("", None, 10_000, now).await.expect("the store answers") {
            let found = store.get(&key, now).await.expect("the store answers");
            all += key.as_str();
            all += &found
                .map(|(_, doc)| String::from_utf8_lossy(&doc.body).into_owned())
                .unwrap_or_default();
        }
        all
    });
    all.await.expect("lives")
}

/// Whether anyone's key is among what is stored.
fn has_a_key(stored: &str) -> bool {
    stored.contains("\"key\":{\"account\"")
}

stories! {
    async fn a_persons_tasks_run_on_their_own_account(bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        bot.types("ann", "/jules key").await;
        allow_duplicates!(assert_snapshot!(bot.form("ann").screen(), @"
        ┌ My Jules account
        │ With a key of your own, your tasks run on your Jules account and count towards your limits. Others in the channel can answer, approve and stop tasks that run on it.
        │ API key: []
        │   From jules.google.com/settings. It's visible while you type, and never shown again.
        │ Plan: [Free (15 tasks a day) ▾]
        └ [Cancel] [Save]
        "));
        bot.form("ann").fill("API key", ANNS).await.expect("is there");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        allow_duplicates!(assert_snapshot!(direct(&bot, "ann"), @"Your Jules account is connected, and your new tasks run on it. Others in the channel can answer, approve and stop them."));
        let ack = bot.types("ann", "/jules repo=dots tidy up").await;
        assert_eq!(ack.shown.unwrap_or_default(), "On it! `ann/dots`, branch `main`.");
        assert_eq!(prompts(&anns), ["tidy up"]);
        let card = bot.cards("dev").last().expect("there is a card").shown.clone();
        assert!(card.contains("@ann's Jules account"), "{card}");
        // What the workspace alone has runs on the workspace's.
        bot.types("ann", "/jules repo=404less fix it").await;
        assert_eq!((prompts(&anns), prompts(&bot.account())), (vec!["tidy up".to_owned()], vec!["fix it".to_owned()]));
        let card = bot.cards("dev").last().expect("there is a card").shown.clone();
        assert!(!card.contains("Jules account"), "{card}");
        // And nobody else's is ever on hers.
        bot.types("ben", "/jules repo=dots tidy up").await;
        assert_eq!(anns.sessions().len(), 1);
    }

    async fn what_both_have_runs_on_ones_own(bot: Bot) {
        let anns = bot.jules.account(ANNS);
        anns.add_source("AshikNesin", "404less").default_branch("main").branches(["main"]);
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.types("ben", "/jules repo=404less fix it").await;
        assert_eq!((prompts(&anns), prompts(&bot.account())), (vec!["tidy up".to_owned()], vec!["fix it".to_owned()]));
    }

    async fn a_task_stays_on_the_account_that_it_began_on_whoever_clicks(bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules repo=dots plan=ask tidy up").await;
        let session = anns.sessions()[0].id.clone();
        anns.plan(&session, &[("Look", "")]);
        bot.watch(30).await;
        bot.clicks("ben", "Approve").await;
        bot.watch(5).await;
        bot.replies("ben", "use tabs").await;
        bot.watch(10).await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        let told = anns.activities(&session).iter().filter(|one| one["userMessaged"].is_object()).count();
        assert_eq!(told, 1, "{:?}", anns.activities(&session));
        anns.finish(&session);
        bot.watch(60).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
        assert!(bot.account().sessions().is_empty());
    }

    async fn a_key_that_jules_does_not_know_is_refused_at_its_field(bot: Bot) {
        for wrong in ["AQ.nobody-knows-this", "not\na key"] {
            let outcome = sends_key(&bot, "ann", wrong).await;
            assert!(matches!(&outcome, Outcome::Errors(errors) if errors.iter().any(|error|
                error.1.contains("Jules doesn't recognise this key"))), "{outcome:?}");
        }
        anns(&bot, &["dots"]);
        bot.jules.fault(Fault::status(503)).on(Op::ListSources).times(9);
        let outcome = sends_key(&bot, "ann", ANNS).await;
        assert!(matches!(&outcome, Outcome::Errors(errors) if errors.iter().any(|error|
            error.1.contains("isn't responding"))), "{outcome:?}");
        assert!(!has_a_key(&stored(&bot).await), "nothing is kept");
    }

    async fn an_account_without_repositories_is_kept_and_said(bot: Bot) {
        let _ = bot.jules.account(ANNS);
        connects(&bot, "ann", ANNS).await;
        assert!(direct(&bot, "ann").contains("It has no repositories yet"), "{}", direct(&bot, "ann"));
    }

    async fn where_only_ones_own_counts_nothing_starts_without(bot: Bot) {
        bot.rules("[defaults]\nkeys = \"own-only\"");
        let ack = bot.types("ann", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"
        Tasks here run on people's own Jules accounts, and you haven't connected yours yet, so I didn't start anything.
        [Connect my Jules account]
        "));
        bot.assert_nothing_started();
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules repo=dots tidy up").await;
        assert_eq!(anns.sessions().len(), 1);
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert!(bot.account().sessions().is_empty());
    }

    async fn a_new_key_of_the_same_account_goes_on_with_what_runs(bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules repo=dots tidy up").await;
        let session = anns.sessions()[0].id.clone();
        // Another account doesn't have what runs.
        let _ = bot.jules.account("AQ.key-of-another-account");
        let outcome = sends_key(&bot, "ann", "AQ.key-of-another-account").await;
        assert!(matches!(&outcome, Outcome::Errors(errors) if errors.iter().any(|error|
            error.1.contains("belongs to another account"))), "{outcome:?}");
        anns.revoke();
        bot.watch(400).await;
        allow_duplicates!(assert_snapshot!(direct(&bot, "ann").split("---").last().unwrap_or_default().trim(), @"
        Jules no longer accepts your key. I can't follow 1 of your tasks until you add a new one.
        [Add a new key]
        "));
        let count = direct(&bot, "ann").matches("no longer accepts").count();
        bot.watch(600).await;
        assert_eq!(direct(&bot, "ann").matches("no longer accepts").count(), count, "once");
        anns.restore();
        connects(&bot, "ann", ANNS).await;
        anns.finish(&session);
        bot.watch(400).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
    }

    async fn one_refusal_of_a_key_tells_nobody_and_each_lasting_one_is_told(bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules repo=dots tidy up").await;
        bot.watch(30).await;
        let refusals = |bot: &Bot| direct(bot, "ann").matches("no longer accepts").count();
        bot.jules.fault(Fault::status(401)).on(Op::ListSessions).times(1);
        bot.watch(120).await;
        assert_eq!(refusals(&bot), 0, "{}", direct(&bot, "ann"));
        for n in 1..=2 {
            anns.revoke();
            bot.watch(400).await;
            assert_eq!(refusals(&bot), n, "{}", direct(&bot, "ann"));
            anns.restore();
            bot.watch(400).await;
        }
    }

    async fn a_new_key_need_not_show_what_was_deleted(bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        for _ in 0..3 {
            bot.types("ann", "/jules repo=dots tidy up").await;
        }
        bot.watch(30).await;
        let sessions = anns.sessions();
        // The one that is asked for first.
        let first = sessions.iter().map(|session| session.id.clone()).min().expect("there are some");
        let gone = format!("/sessions/{first}");
        bot.jules.gate(Arc::new(move |call| {
            (call.op == Op::GetSession && call.path.ends_with(&gone)).then(|| Fault::status(404))
        }));
        assert_eq!(sends_key(&bot, "ann", ANNS).await, Outcome::Closed);
        let other = sessions.iter().find(|session| session.id != first).expect("there are three");
        anns.finish(&other.id);
        bot.watch(400).await;
        assert!(bot.screen("dev").contains("*Done*"), "{}", bot.screen("dev"));
    }

    async fn a_key_is_removed_at_once_or_when_its_tasks_are_done(bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules repo=dots tidy up").await;
        let session = anns.sessions()[0].id.clone();
        bot.watch(10).await;
        bot.types("ann", "/jules key").await;
        bot.form("ann").choose("Remove my key", "When my task is done (within 24 hours)").await.expect("is offered");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        assert!(direct(&bot, "ann").contains("when your task is done, within 24 hours"), "{}", direct(&bot, "ann"));
        bot.types("ann", "/jules repo=dots another").await;
        assert_eq!(anns.sessions().len(), 1, "nothing new begins on it");
        anns.finish(&session);
        bot.watch(900).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
        assert!(!has_a_key(&stored(&bot).await), "the key is gone");
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules key").await;
        bot.form("ann").choose("Remove my key", "Now").await.expect("is offered");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        assert!(!has_a_key(&stored(&bot).await), "the key is gone");
    }

    async fn someone_who_is_deactivated_loses_their_key_when_their_tasks_are_done(bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules repo=dots tidy up").await;
        let session = anns.sessions()[0].id.clone();
        bot.slack.deactivate("ann");
        bot.slack.deliver_events().await;
        bot.watch(30).await;
        assert!(has_a_key(&stored(&bot).await), "her task goes on");
        anns.finish(&session);
        bot.watch(900).await;
        assert!(!has_a_key(&stored(&bot).await), "the key is gone");
    }

    async fn two_people_with_one_key_share_its_account(bot: Bot) {
        let shared = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        connects(&bot, "ben", ANNS).await;
        for name in ["ann", "ben"] {
            bot.types(name, "/jules repo=dots tidy up").await;
        }
        assert_eq!(shared.sessions().len(), 2);
        assert_eq!(bot.engine().accounts().len(), 2, "the workspace's and theirs");
        bot.types("ann", "/jules key").await;
        bot.form("ann").choose("Remove my key", "Now (I'll stop following 1 task)").await.expect("is offered");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.hands.forward(SignedDuration::from_mins(1));
        for session in shared.sessions() {
            shared.finish(&session.id);
        }
        bot.watch(120).await;
        let done = bot.cards("dev").iter().filter(|card| card.shown.contains("*Done*")).count();
        assert_eq!(done, 2, "ben's key still opens it: {}", bot.screen("dev"));
    }

    async fn keys_are_found_again_after_a_restart(mut bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules repo=dots tidy up").await;
        let session = anns.sessions()[0].id.clone();
        bot.kill().await;
        bot.start().await;
        anns.finish(&session);
        bot.watch(120).await;
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
        bot.types("ann", "/jules repo=dots again").await;
        assert_eq!(anns.sessions().len(), 2);
    }

    async fn keys_are_sealed_anew_when_the_sealing_key_is_rotated(mut bot: Bot) {
        const NEW: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
        const BOTH: &str = concat!("ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=", ",",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.kill().await;
        bot.sealing_key = BOTH;
        bot.start().await;
        let sealed = bot.running().run(|engine| async move { engine.reseal_keys().await.is_ok() }).await;
        assert_eq!(sealed, Some(true));
        bot.kill().await;
        bot.sealing_key = NEW;
        bot.start().await;
        bot.types("ann", "/jules repo=dots tidy up").await;
        assert_eq!(anns.sessions().len(), 1, "the old key isn't needed any more");
        connects(&bot, "ben", ANNS).await;
        assert_eq!(bot.engine().accounts().len(), 2, "the same key still leads to the same account");
    }

    async fn no_key_is_ever_seen(bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.types("ann", "/jules repo=dots tidy up").await;
        anns.revoke();
        bot.watch(120).await;
        bot.types("ann", "/jules key").await;
        let seen = [
            bot.logged(),
            stored(&bot).await,
            bot.screen("dev"),
            direct(&bot, "ann"),
            bot.privately("ann"),
            bot.form("ann").screen(),
        ];
        for (nth, seen) in seen.iter().enumerate() {
            assert!(!seen.contains(ANNS) && !seen.contains(KEY), "in place {nth}: {seen}");
        }
    }
}
