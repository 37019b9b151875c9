//! What `/metrics` says after a day on which everything happened: every metric of the table, no
//! other, and nothing in it that names a person, a place or a task.

use super::own_keys::{ANNS, anns, connects};
use crate::harness::bot::{Bot, stories};
use domain::ids::{AccountId, SessionId};
use jiff::{SignedDuration, Timestamp};
use jules_slack::engine::Backlog;
use platform::metrics::{METRICS, Metric};
use serde_json::Value;
use sim::jules::{Fault as JulesFault, Op};
use sim::slack::Fault;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::documents::{session_key, watch_key};

/// Longer than all looks for a lost session together.
const ALL_LOOKS: u32 = 100;

/// The rest between two passes over an account, in seconds.
const REST: f64 = 2.0;

/// One line of the page: a name, labels, a value.
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// The page, as Prometheus reads it.
async fn page(bot: &Bot) -> String {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/metrics", bot.url());
    client.get(url).send().await.expect("an answer").text().await.expect("words")
}

fn samples(page: &str) -> Vec<Sample> {
    let lines = page.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(sample).collect()
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').expect("a value");
    let (name, rest) = series.split_once('{').unwrap_or((series, ""));
    let labels = rest.trim_end_matches('}').split(',').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (label, value) = pair.split_once('=').expect("a label");
        (label.to_owned(), value.trim_matches('"').to_owned())
    };
    Sample {
        name: name.to_owned(),
        labels: labels.map(pair).collect(),
        value: value.parse().expect("a number"),
    }
}

/// The row of the table that a sample belongs to; a histogram has several names.
fn row(name: &str) -> &'static Metric {
    let plain = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
    let found = METRICS.iter().find(|metric| metric.name == name || Some(metric.name) == plain);
    found.unwrap_or_else(|| panic!("{name} is not in the table of metrics"))
}

/// How much was measured under this name with these labels, all others summed up.
fn sum(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    let fits = |sample: &&Sample| {
        let mut labels = labels.iter();
        sample.name == name && labels.all(|(label, value)| sample.labels[*label] == *value)
    };
    samples.iter().filter(fits).map(|sample| sample.value).sum()
}

/// Counts what waits, as the scheduler does every half minute.
async fn count(bot: &Bot) {
    let counted = bot.running().run(|engine| async move {
        Backlog::default().take(&Arc::clone(&engine)).await.expect("the store answers");
    });
    counted.await.expect("lives");
}

/// How late people hear of the latest session, in seconds.
async fn lag(bot: &Bot) -> f64 {
    count(bot).await;
    sum(&samples(&page(bot).await), "jules_slack_watch_lag_seconds", &[])
}

/// When a session is looked at next.
async fn next_look(bot: &Bot, session: &str) -> Timestamp {
    let id = SessionId::parse(session).expect("an id");
    let key = session_key(&AccountId::of_settings(), &id);
    let found = bot.engine().store().get(&key, bot.hands.now()).await.expect("answers");
    found.expect("is followed").1.wake_at.expect("is looked at")
}

/// When Jules is asked for the sessions again, which it doesn't tell now.
async fn asked_again(bot: &Bot) -> Timestamp {
    let key = watch_key(&AccountId::of_settings());
    let found = bot.engine().store().get(&key, bot.hands.now()).await.expect("answers");
    let (_, doc) = found.expect("is there");
    let watch: Value = serde_json::from_slice(&doc.body).expect("is JSON");
    watch["trouble"]["until"].as_str().expect("is in trouble").parse().expect("a time")
}

/// A day on which a task goes well, one meets a Jules that is down, one waits in line and one is
/// opened as a form.
async fn day(bot: &Bot) {
    bot.types("ann", "/jules repo=404less tidy up").await;
    bot.types("ben", "/jules").await;
    bot.slack.fault(Fault::HangAfter).on("chat.postMessage").times(1);
    bot.jules.fault(JulesFault::status(503)).on(Op::CreateSession).once();
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    bot.pass(ALL_LOOKS).await;
    bot.account().limits(1, 100);
    bot.types("ben", "/jules repo=boba write tests").await;
    count(bot).await;
}

/// Someone may not do what they ask for.
async fn refused(bot: &Bot) {
    bot.slack.invite("dev", "gus");
    bot.slack.make_guest("gus");
    bot.types("gus", "/jules repo=404less tidy up").await;
}

stories! {
    async fn every_metric_of_the_table_is_measured_and_no_other(bot: Bot) {
        day(&bot).await;
        refused(&bot).await;
        let page = page(&bot).await;
        let measured: BTreeSet<&str> =
            samples(&page).iter().map(|sample| row(&sample.name).name).collect();
        // What there is only with Socket Mode is not there without.
        let socket = bot.running().socket.is_some();
        let there = |row: &&Metric| socket || !row.name.starts_with("jules_slack_socket_");
        let table: Vec<&Metric> = METRICS.iter().filter(there).collect();
        assert_eq!(measured, table.iter().map(|row| row.name).collect(), "{page}");
        for metric in table {
            let kind = format!("# TYPE {} {}\n", metric.name, metric.kind.name());
            let help = format!("# HELP {} {}\n", metric.name, metric.help);
            assert!(page.contains(&kind) && page.contains(&help), "{kind}{help}{page}");
        }
    }

    async fn labels_are_those_of_the_table_and_hold_words_only(bot: Bot) {
        day(&bot).await;
        refused(&bot).await;
        let page = page(&bot).await;
        for sample in samples(&page) {
            let row = row(&sample.name);
            let named = sample.labels.keys().map(String::as_str).filter(|name| *name != "le");
            let wanted: BTreeSet<&str> = row.labels.iter().copied().collect();
            assert_eq!(named.collect::<BTreeSet<_>>(), wanted, "{}", sample.name);
            for (label, value) in sample.labels.iter().filter(|(label, _)| *label != "le") {
                // Ids of both APIs and of ours have digits or capitals, or are long.
                let word = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '.' | 'A'..='Z');
                let known = label == "version" || (value.len() <= 24 && value.chars().all(word));
                assert!(known, "{label}={value} of {} looks like an id", sample.name);
            }
        }
        for name in ["ann", "dev", "404less", "boba", bot.slack.bot_token()] {
            assert!(!page.contains(name), "{name} is in\n{page}");
        }
    }

    async fn what_was_done_and_tried_again_adds_up(bot: Bot) {
        day(&bot).await;
        let samples = samples(&page(&bot).await);
        let calls = "jules_slack_call_seconds_count";
        let create = ("method", "sessions.create");
        assert_eq!(sum(&samples, calls, &[create, ("status", "ok")]), 2.0);
        assert_eq!(sum(&samples, calls, &[create, ("status", "failed")]), 1.0);
        assert_eq!(sum(&samples, calls, &[create, ("status", "refused")]), 1.0, "the limit");
        assert_eq!(sum(&samples, calls, &[("api", "slack"), ("status", "lost")]), 1.0);
        let again = "jules_slack_retries_total";
        assert!(sum(&samples, again, &[("kind", "create_session")]) >= 1.0);
        assert!(sum(&samples, again, &[("kind", "post_card")]) >= 1.0);
        let taken = "jules_slack_deliveries_total";
        assert_eq!(sum(&samples, taken, &[("kind", "command")]), 4.0);
        assert_eq!(sum(&samples, "jules_slack_acknowledge_seconds_count", &[]), 4.0);
    }

    async fn what_waits_is_counted_until_it_is_done(bot: Bot) {
        bot.account().limits(1, 100);
        bot.types("ann", "/jules repo=404less one").await;
        bot.types("ben", "/jules repo=404less two").await;
        bot.pass(30).await;
        count(&bot).await;
        let waits = samples(&page(&bot).await);
        assert_eq!(sum(&waits, "jules_slack_tasks", &[("state", "in_line")]), 1.0);
        let kind = [("kind", "in_line")];
        assert_eq!(sum(&waits, "jules_slack_waiting_effects", &kind), 1.0);
        assert_eq!(sum(&waits, "jules_slack_oldest_waiting_seconds", &kind), 30.0);
    }

    async fn what_waits_for_someones_own_key_is_counted_apart(bot: Bot) {
        anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.jules.fault(JulesFault::status(401)).on(Op::CreateSession).times(1_000);
        bot.types("ann", "/jules repo=dots tidy up").await;
        bot.pass(30).await;
        count(&bot).await;
        let waits = samples(&page(&bot).await);
        let of = |kind| sum(&waits, "jules_slack_waiting_effects", &[("kind", kind)]);
        assert_eq!((of("own_key"), of("create_session")), (1.0, 0.0));
    }

    async fn what_was_left_behind_is_counted_until_it_is_looked_at(mut bot: Bot) {
        bot.account().limits(1, 100);
        bot.types("ann", "/jules repo=404less one").await;
        bot.types("ben", "/jules repo=404less two").await;
        bot.kill().await;
        bot.start().await;
        let (hands, begun) = (bot.hands.clone(), page(&bot).await);
        assert_eq!(sum(&samples(&begun), "jules_slack_left_behind", &[]), 0.0);
        let done = bot.running().run(move |engine| async move {
            // As after a clock that was set back: everything that waits is looked at.
            hands.forward(SignedDuration::from_secs(-60));
            engine.beat().await.expect("the store answers");
            hands.forward(SignedDuration::from_secs(3));
            engine
        });
        let engine = done.await.expect("lives");
        let left = samples(&page(&bot).await);
        assert!(sum(&left, "jules_slack_left_behind", &[]) >= 1.0);
        drop(engine);
        bot.settle().await;
        let after = samples(&page(&bot).await);
        assert_eq!(sum(&after, "jules_slack_left_behind", &[]), 0.0);
        assert_eq!(sum(&after, "jules_slack_resume_seconds", &[]), 3.0);
    }

    async fn a_look_that_is_overdue_is_measured_from_when_it_was_due(bot: Bot) {
        for words in ["tidy up", "write tests"] {
            bot.types("ann", &format!("/jules repo=404less {words}")).await;
        }
        bot.watch(30).await;
        assert!(lag(&bot).await <= REST, "every look is in time");
        let mut due = Vec::new();
        for session in bot.account().sessions() {
            due.push(next_look(&bot, &session.id).await);
        }
        let due = due.into_iter().min().expect("there are two");
        // As if every pass hung.
        for late in [45, 400] {
            bot.hands.forward_to(due + SignedDuration::from_secs(late));
            assert_eq!(lag(&bot).await, late as f64, "the oldest counts");
        }
        bot.watch(5).await;
        assert!(lag(&bot).await <= REST, "they were looked at");
    }

    async fn what_cannot_be_read_is_measured_from_when_it_was_said_although_it_is_looked_at(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.watch(150).await;
        assert!(lag(&bot).await <= REST, "all is read");
        let session = bot.session();
        let path = format!("/sessions/{session}/");
        bot.jules.gate(Arc::new(move |call| {
            let is_reading = call.op == Op::ListActivities && call.path.contains(&path);
            is_reading.then(|| JulesFault::status(500))
        }));
        bot.account().say(&session, "Halfway there.");
        bot.watch(120).await;
        // Ten seconds until it's seen that something moved.
        let late = lag(&bot).await;
        assert!((100.0..=120.0).contains(&late), "{late}");
        assert!(!bot.said().contains("Halfway there."), "{}", bot.said());
        bot.jules.clear_gate();
        bot.watch(330).await;
        assert!(bot.said().contains("Halfway there."), "{}", bot.said());
        assert!(lag(&bot).await <= REST, "it was read");
    }

    async fn while_jules_is_away_no_look_is_overdue_before_it_is_asked_again(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.watch(30).await;
        bot.jules.fault(JulesFault::status(503)).for_ever();
        bot.pass(60).await;
        let again = asked_again(&bot).await;
        assert!(next_look(&bot, &bot.session()).await < bot.hands.now() && again > bot.hands.now());
        assert_eq!(lag(&bot).await, 0.0);
        bot.hands.forward_to(again + SignedDuration::from_secs(45));
        assert_eq!(lag(&bot).await, 45.0);
    }

    async fn a_store_that_is_away_is_measured_with_what_it_cost(bot: Bot) {
        count(&bot).await;
        let well = page(&bot).await;
        assert!(well.contains("\njules_slack_store_ok 1\n"), "{well}");
        bot.store.off();
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        assert!(ack.expect("can type there").ok());
        let counted = bot.running().run(|engine| async move {
            Backlog::default().take(&engine).await.is_err()
        });
        assert_eq!(counted.await, Some(true));
        let away = page(&bot).await;
        assert!(away.contains("\njules_slack_store_ok 0\n"), "{away}");
        let refused = [("kind", "command"), ("answer", "not_stored")];
        let taken = "jules_slack_deliveries_total";
        assert_eq!(sum(&samples(&away), taken, &refused), 1.0);
        bot.store.on();
        count(&bot).await;
        let back = page(&bot).await;
        assert!(back.contains("\njules_slack_store_ok 1\n"), "{back}");
        bot.types("ann", "/jules repo=404less tidy up").await;
        let after = samples(&page(&bot).await);
        assert_eq!(sum(&after, taken, &refused), 1.0);
        assert_eq!(sum(&after, taken, &[("kind", "command")]), 2.0);
    }

    async fn a_store_that_refuses_writes_is_measured_although_it_can_be_read(bot: Bot) {
        bot.store.full();
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        assert!(ack.expect("can type there").ok());
        count(&bot).await;
        let full = page(&bot).await;
        assert!(full.contains("\njules_slack_store_ok 0\n"), "{full}");
        bot.store.on();
        bot.types("ann", "/jules repo=404less tidy up").await;
        count(&bot).await;
        let back = page(&bot).await;
        assert!(back.contains("\njules_slack_store_ok 1\n"), "{back}");
    }

    async fn what_is_done_is_told_as_none(bot: Bot) {
        bot.jules.fault(JulesFault::status(503)).on(Op::CreateSession).once();
        bot.types("ann", "/jules repo=404less one").await;
        let (hands, begun) = (bot.hands.clone(), page(&bot).await);
        assert_eq!(sum(&samples(&begun), "jules_slack_waiting_effects", &[]), 0.0);
        let counted = bot.running().run(move |engine| async move {
            let mut backlog = Backlog::default();
            backlog.take(&engine).await.expect("the store answers");
            for _ in 0..ALL_LOOKS {
                hands.forward(SignedDuration::from_secs(1));
                for key in engine.due(100).await.expect("the store answers") {
                    engine.tick(&key).await.expect("the store answers");
                }
            }
            backlog.take(&engine).await.expect("the store answers");
        });
        counted.await.expect("lives");
        let done = page(&bot).await;
        assert!(done.contains("jules_slack_waiting_effects{kind=\"create_session\"} 0"), "{done}");
        bot.assert_once("dev");
    }
}
