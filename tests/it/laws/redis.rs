//! What is promised of Redis beyond the laws of every store: ways to reach it, and what it keeps.

use super::store::place::Place;
use super::store::{self as laws, at, doc, expiring, got, key, list, noon, stored, waking};
use jiff::SignedDuration;
use kit::redis_server::{Server, namespace};
use std::sync::Arc;
use store::{Doc, Expect, Key, PutResult, Store, StoreError, Untried, open};

#[tokio::test(flavor = "multi_thread")]
async fn the_laws_hold_in_a_cluster() {
    let mut server = Server::start(&["--cluster-enabled", "yes"]);
    let mut slots = redis::cmd("CLUSTER");
    slots
        .arg("ADDSLOTSRANGE")
        .arg(0)
        .arg(16383)
        .exec(&mut server.connection())
        .expect("takes them");
    server.wait_for("Cluster state changed: ok");
    let server = Arc::new(server);
    laws::all(|| {
        let url = format!("redis-cluster://{}?namespace={}", server.address(), namespace());
        Place::at(url, Arc::clone(&server))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_laws_hold_behind_sentinels() {
    let server = Server::start(&["--appendonly", "no"]);
    let sentinel = Server::start_sentinel(&server);
    let (server, address) = (Arc::new((server, sentinel)), |sentinel: &Server| sentinel.address());
    laws::all(|| {
        let sentinel = address(&server.1);
        let url = format!("redis-sentinel://{sentinel}/jules/0?namespace={}", namespace());
        Place::at(url, Arc::clone(&server))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_laws_hold_with_tls() {
    let directory = tempfile::tempdir().expect("a directory");
    let (certificate, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(&certificate, made.cert.pem()).expect("writes");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("writes");
    let server = Arc::new(Server::start_encrypted(&certificate, &key));
    let port = server.address().rsplit_once(':').expect("a port").1.to_owned();
    let url = format!("rediss://localhost:{port}?ca={}", certificate.display());
    laws::all(|| Place::at(format!("{url}&namespace={}", namespace()), Arc::clone(&server))).await;

    let stranger = open(&format!("rediss://localhost:{port}")).expect("a good address");
    let refused = stranger.get(&Key::new("a"), noon()).await;
    assert!(matches!(refused, Err(StoreError::Down(_))), "{refused:?}");
}

/// Everything that is ever asked of Redis, once.
async fn everything(store: &dyn Store) -> store::Result<()> {
    let (a, later) = (key("a"), noon() + SignedDuration::from_mins(1));
    let timed = Doc { wake_at: Some(noon()), expires_at: Some(noon()), ..doc("timed") };
    store.put(&a, &timed, Expect::Absent, noon() - SignedDuration::from_mins(1)).await?;
    store.put(&key("b"), &doc("plain"), Expect::Absent, later).await?;
    let timed = Doc {
        wake_at: Some(later),
        expires_at: Some(later + SignedDuration::from_mins(1)),
        ..doc("timed")
    };
    let PutResult::Stored(rev) = store.put(&key("c"), &timed, Expect::Absent, later).await? else {
        panic!("it is new")
    };
    store.put(&key("c"), &doc("plain"), Expect::At(rev), later).await?;
    store.due(None, 10, later).await?;
    store.list("", None, 10, later).await?;
    store.get(&a, later).await.map(drop)
}

/// What the user of the bot may do, as the documentation has it.
fn documented_rights() -> Vec<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATIONS.md"));
    let page = page.expect("is there");
    let (_, rights) = page.split_once("ACL SETUSER jules ").expect("is documented");
    // `redis-cli` takes one line.
    let (rights, after) = rights.split_once('\n').expect("ends");
    assert!(after.starts_with("```\n"), "it's one line: {after:.60}");
    rights.split_whitespace().map(ToOwned::to_owned).collect()
}

/// Those that `doctor` alone has a use for.
const OF_DOCTOR: [&str; 2] = ["+info", "+config|get"];

/// The documented rights without which the bot can't work.
pub(crate) fn needed_rights() -> Vec<String> {
    let mut rights = documented_rights();
    rights.retain(|right| right.starts_with('+') && !OF_DOCTOR.contains(&right.as_str()));
    rights
}

#[tokio::test(flavor = "multi_thread")]
async fn the_laws_hold_for_a_user_who_may_do_only_what_is_documented() {
    let server = Arc::new(Server::start(&["--appendonly", "no"]));
    let rights = documented_rights();
    assert!(rights.contains(&"~{jules}:*".to_owned()), "{rights:?}");
    let keys = format!("~{{test-{}-*}}:*", std::process::id());
    let set = |without: Option<&str>| {
        let mut user = redis::cmd("ACL");
        user.arg("SETUSER").arg("jules").arg("reset");
        for right in rights.iter().filter(|right| Some(right.as_str()) != without) {
            let right = match right.as_str() {
                ">PASSWORD" => ">right",
                "~{jules}:*" => &keys,
                other => other,
            };
            user.arg(right);
        }
        user.exec(&mut server.connection()).expect("such rights");
    };
    set(None);
    let address = server.address();
    let url = || format!("redis://jules:right@{address}?namespace={}", namespace());
    let store = open(&url()).expect("a good address");
    store.check_rights().await.expect("has all of them");
    let elsewhere = format!("redis://jules:right@{address}?namespace=elsewhere");
    let elsewhere = open(&elsewhere).expect("a good address");
    let refused = elsewhere.check_rights().await;
    assert!(matches!(refused, Err(StoreError::Forbidden(_))), "{refused:?}");
    laws::all(|| Place::at(url(), Arc::clone(&server))).await;
    // A database number takes one more, which the refusal names.
    let numbered = || format!("redis://jules:right@{address}/1?namespace={}", namespace());
    let store = open(&numbered()).expect("a good address");
    let refused = everything(&*store).await.expect_err("is refused");
    assert!(matches!(refused, StoreError::Broken(_)), "{refused:?}");
    assert!(refused.to_string().contains("STORE") && refused.to_string().contains("`+select`"));
    let mut select = redis::cmd("ACL");
    select.arg("SETUSER").arg("jules").arg("+select");
    select.exec(&mut server.connection()).expect("such a right");
    let store = open(&numbered()).expect("a good address");
    everything(&*store).await.expect("is allowed");
    // None of them is one too many, those for `doctor` aside.
    assert!(OF_DOCTOR.iter().all(|right| rights.iter().any(|one| one == right)), "{rights:?}");
    for right in needed_rights() {
        set(Some(&right));
        redis::cmd("SCRIPT").arg("FLUSH").exec(&mut server.connection()).expect("forgets them");
        let store = open(&url()).expect("a good address");
        let Err(refused) = everything(&*store).await else { panic!("{right} isn't needed") };
        assert!(matches!(refused, StoreError::Forbidden(_)), "{right}: {refused:?}");
        let Err(missed) = store.check_rights().await else { panic!("{right} isn't missed") };
        assert!(matches!(missed, StoreError::Forbidden(_)), "{right}: {missed:?}");
        for error in [refused, missed].map(|error| error.to_string()) {
            let is_whole =
                ["STORE", right.as_str(), "docs/OPERATIONS.md"].map(|part| error.contains(part));
            assert_eq!(is_whole, [true; 3], "{right}: {error}");
        }
    }
}

/// A user who may do everything but this, or with a `+` this too.
fn bot(server: &Server, right: &str) -> String {
    let mut user = redis::cmd("ACL");
    user.arg(&["SETUSER", "bot", "on", ">pw", "~*", "+@all", right]);
    user.exec(&mut server.connection()).expect("such a right");
    format!("redis://bot:pw@{}?namespace=a", server.address())
}

#[tokio::test]
async fn a_store_that_was_down_at_the_start_is_used_once_it_grants_everything() {
    let server = Server::start(&["--appendonly", "no"]);
    let store = Untried::new(open(&bot(&server, "-hdel")).expect("a good address"));
    let read = store.get(&key("a"), noon()).await.map(drop);
    let written = store.put(&key("a"), &doc("x"), Expect::Absent, noon()).await.map(drop);
    for refused in [read, written] {
        let Err(StoreError::Forbidden(refused)) = refused else { panic!("{refused:?}") };
        assert!(refused.contains("it lacks +hdel ("), "{refused}");
    }
    let keys: Vec<String> =
        redis::cmd("KEYS").arg("*").query(&mut server.connection()).expect("answers");
    assert!(keys.is_empty(), "{keys:?}");
    bot(&server, "+hdel");
    everything(&store).await.expect("is allowed");
}

#[tokio::test]
async fn a_wrong_password_is_for_a_person_to_mend() {
    let server = Server::start(&["--requirepass", "right"]);
    for login in ["", ":wrong@"] {
        let store = open(&format!("redis://{login}{}", server.address())).expect("a good address");
        let refused = store.get(&key("a"), noon()).await.expect_err("is refused");
        assert!(matches!(refused, StoreError::Broken(_)), "{refused:?}");
        assert!(refused.to_string().contains("STORE"), "{refused}");
    }
    let store = open(&format!("redis://:right@{}", server.address())).expect("a good address");
    assert!(got(&*store, "a", noon()).await.is_none());
}

#[tokio::test]
async fn the_expired_are_forgotten_in_passing() {
    let server = Server::start(&[]);
    let store = open(&server.url("here")).expect("a good address");
    for n in 0..40 {
        stored(&*store, &format!("a/{n}"), &expiring("x", at(1)), Expect::Absent, noon()).await;
    }
    let mut connection = server.connection();
    let lifetime: i64 =
        redis::cmd("TTL").arg("{here}:doc:a/0").query(&mut connection).expect("answers");
    assert!((3500..=3601).contains(&lifetime), "an hour of grace, not {lifetime} s");
    for n in 0..40 {
        let mut forget = redis::cmd("DEL");
        // As Redis does by its own time.
        forget.arg(format!("{{here}}:doc:a/{n}")).exec(&mut connection).expect("forgets it");
    }
    for n in 0..4 {
        stored(&*store, &format!("b/{n}"), &doc("y"), Expect::Absent, at(7200)).await;
    }
    for (set, left) in [("names", 4), ("wake", 0), ("expiry", 0)] {
        let count: i64 = redis::cmd("ZCARD")
            .arg(format!("{{here}}:{set}"))
            .query(&mut connection)
            .expect("answers");
        assert_eq!(count, left, "{set}");
    }
    assert_eq!(list(&*store, "", None, 99, at(7200)).await.len(), 4);
}

/// What lives for minutes and is renewed all the time, as a process's sign of life, keeps its name whatever the clocks
/// of others show.
#[tokio::test]
async fn a_clock_that_is_hours_off_takes_no_name_from_others() {
    let server = Server::shared();
    let store = open(&server.url(&namespace())).expect("a good address");
    let hours = 3600;
    for (name, begun) in [("sign/right", 0), ("sign/behind", -2 * hours)] {
        let sign = |from: i64| Doc { wake_at: Some(at(from)), ..expiring("x", at(from + 600)) };
        let now = at(begun);
        let rev = stored(&*store, name, &sign(begun), Expect::Absent, now).await;
        for n in 0..2 {
            let ahead = at(2 * hours + n);
            let other = format!("other{name}/{n}");
            stored(&*store, &other, &doc("y"), Expect::Absent, ahead).await;
        }
        assert_eq!(list(&*store, name, None, 9, now).await, [name], "before it's renewed");
        assert_eq!(laws::due(&*store, now, 9).await, [name]);
        stored(&*store, name, &sign(begun + 1), Expect::At(rev), at(begun + 1)).await;
        assert_eq!(list(&*store, name, None, 9, at(begun + 1)).await, [name]);
    }
}

#[tokio::test]
async fn the_name_of_a_document_that_redis_has_evicted_is_due_no_more() {
    let server = Server::start(&[]);
    let store = open(&server.url("here")).expect("a good address");
    for name in ["a", "b"] {
        stored(&*store, name, &waking("x", at(1)), Expect::Absent, noon()).await;
    }
    let mut connection = server.connection();
    redis::cmd("DEL").arg("{here}:doc:a").exec(&mut connection).expect("is gone");
    laws::what_is_lost_is_due_no_more(&*store).await;
    for (set, left) in [("names", 2), ("wake", 2), ("expiry", 0)] {
        let count: i64 = redis::cmd("ZCARD")
            .arg(format!("{{here}}:{set}"))
            .query(&mut connection)
            .expect("answers");
        assert_eq!(count, left, "{set}");
    }
}

#[tokio::test]
async fn a_crowd_of_evicted_documents_leaves_nothing_behind_and_keeps_nothing_from_being_forgotten()
{
    let server = Server::start(&[]);
    let store = open(&server.url("here")).expect("a good address");
    let mut connection = server.connection();
    for number in 0..40 {
        let name = format!("lost/{number}");
        stored(&*store, &name, &waking("x", at(1)), Expect::Absent, noon()).await;
        redis::cmd("DEL")
            .arg(format!("{{here}}:doc:{name}"))
            .exec(&mut connection)
            .expect("is gone");
    }
    for due in store.due(None, 99, at(5)).await.expect("the store answers") {
        assert!(store::drop_if_gone(&*store, &due, at(5)).await.expect("the store answers"));
    }
    for set in ["names", "wake", "expiry"] {
        let mut count = redis::cmd("ZCARD");
        let count: i64 =
            count.arg(format!("{{here}}:{set}")).query(&mut connection).expect("answers");
        assert_eq!(count, 0, "{set}");
    }
}

#[tokio::test]
async fn namespaces_do_not_see_each_other() {
    let server = Server::shared();
    let (one, two) = (namespace(), namespace());
    let one = open(&server.url(&one)).expect("a good address");
    let two = open(&server.url(&two)).expect("a good address");
    stored(&*one, "a", &doc("x"), Expect::Absent, noon()).await;
    stored(&*two, "a", &doc("y"), Expect::Absent, noon()).await;
    assert_eq!(list(&*two, "", None, 9, noon()).await, ["a"]);
}
