//! The store, whatever it is, the encryption key, and what is stored.

use super::{Installation, only, says};
use crate::laws::redis::needed_rights;
use bytes::Bytes;
use jules_slack::doctor::Verdict::{Failure, Ok, Warning};
use kit::redis_server::{Server, namespace};
use platform::clock;
use serde_json::json;
use std::path::Path;
use store::seal::Sealer;
use store::{Doc, Embedded, Expect, Key, Store, open};

const KEY: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
const OTHER_KEY: &str = "//////////////////////////////////////////8=";

async fn put(store: &dyn Store, key: &str, body: &str) {
    let doc = Doc { body: Bytes::from(body.to_owned()), wake_at: None, expires_at: None };
    store.put(&Key::new(key), &doc, Expect::Absent, clock::system()()).await.expect("is written");
}

/// A binding's document with a secret in it, sealed with this key.
fn sealed(key: &str, name: &str) -> String {
    let sealer = Sealer::parse(key).expect("a key");
    let sealed = sealer.seal(b"a secret", name.as_bytes()).expect("seals");
    json!({ "v": 1, "extra": { "$sealed": sealed } }).to_string()
}

fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("sets");
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_will_be_made() {
    let installation = Installation::new().await;
    let checks = installation.checks().await;
    says(&only(&checks, "store"), Ok, &["jules.redb", "first start"]);
    says(&only(&checks, "encryption key"), Ok, &["jules.key", "first start"]);
    says(&only(&checks, "disk"), Ok, &["MB free"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_a_failure() {
    let mut installation = Installation::new().await;
    installation.set("STORE", "file:/no/such/directory/jules.redb");
    says(&installation.check("store").await, Failure, &["/no/such/directory", "STORE"]);
}

#[tokio::test]
async fn a_file_in_use_is_the_running_bots_and_no_failure() {
    let installation = Installation::new().await;
    let store = Embedded::open(installation.path("jules.redb")).unwrap();
    let _ = Sealer::load_or_create(&installation.path("jules.key")).unwrap();
    let checks = installation.checks().await;
    says(&only(&checks, "store"), Ok, &["in use", "while the bot runs"]);
    says(&only(&checks, "encryption key"), Ok, &["jules.key"]);
    says(&only(&checks, "records"), Ok, &["running bot has the file"]);
    drop(store);
    says(&installation.check("store").await, Ok, &["is a store of this program"]);
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let installation = Installation::new().await;
    std::fs::write(installation.path("jules.redb"), "Dear diary").unwrap();
    says(&installation.check("store").await, Failure, &["STORE", "is not a store of this program"]);
    assert_eq!(std::fs::read(installation.path("jules.redb")).unwrap(), b"Dear diary");
}

#[tokio::test]
async fn a_store_is_not_changed_by_a_look() {
    let installation = Installation::new().await;
    let store = Embedded::open(installation.path("jules.redb")).unwrap();
    put(&store, "binding/T1/C1", r#"{"v":1}"#).await;
    drop(store);
    let _ = Sealer::load_or_create(&installation.path("jules.key")).unwrap();
    let before = std::fs::read(installation.path("jules.redb")).unwrap();
    let words = ["1 document of known versions, no secrets in them"];
    says(&installation.check("records").await, Ok, &words);
    assert!(before == std::fs::read(installation.path("jules.redb")).unwrap(), "it was changed");
}

#[tokio::test]
async fn records_of_a_newer_version_are_named() {
    let installation = Installation::new().await;
    let store = Embedded::open(installation.path("jules.redb")).unwrap();
    put(&store, "binding/T1/C1", r#"{"v":2}"#).await;
    drop(store);
    says(&installation.check("records").await, Failure, &["binding/T1/C1", "version 2", "newer"]);
}

#[tokio::test]
async fn the_key_has_to_open_what_is_sealed() {
    let mut installation = Installation::new().await;
    let store = Embedded::open(installation.path("jules.redb")).unwrap();
    put(&store, "binding/T1/C1", &sealed(KEY, "binding/T1/C1")).await;
    drop(store);
    let missing = installation.check("encryption key").await;
    says(&missing, Failure, &["jules.key", "backup", "ENCRYPTION_KEY"]);
    installation.set("ENCRYPTION_KEY", KEY);
    says(&installation.check("records").await, Ok, &["1 secret can be opened"]);
    installation.set("ENCRYPTION_KEY", OTHER_KEY);
    says(&installation.check("records").await, Failure, &["binding/T1/C1", "after the current"]);
    installation.set("ENCRYPTION_KEY", &format!("{OTHER_KEY},{KEY}"));
    says(&installation.check("records").await, Ok, &["1 secret can be opened"]);
}

#[tokio::test]
async fn a_key_file_that_others_may_read_or_that_holds_no_key_is_named() {
    let installation = Installation::new().await;
    let file = installation.path("jules.key");
    let _ = Sealer::load_or_create(&file).unwrap();
    says(&installation.check("encryption key").await, Ok, &["jules.key"]);
    chmod(&file, 0o644);
    says(&installation.check("encryption key").await, Warning, &["chmod 600"]);
    std::fs::write(&file, "my notes").unwrap();
    says(&installation.check("encryption key").await, Failure, &["does not hold a key", "backup"]);
}

/// On this Redis, with the key that it needs.
async fn on(url: &str) -> Installation {
    let mut installation = Installation::new().await;
    installation.set("STORE", url);
    installation.set("ENCRYPTION_KEY", KEY);
    installation
}

#[tokio::test]
async fn a_redis_that_keeps_everything_is_well() {
    let server = Server::start(&[]);
    let checks = on(&server.url("a")).await.checks().await;
    says(&only(&checks, "store"), Ok, &["Redis ", "accepts writes"]);
    says(&only(&checks, "durability"), Ok, &["nothing is evicted"]);
    says(&only(&checks, "encryption key"), Ok, &["ENCRYPTION_KEY"]);
    says(&only(&checks, "records"), Ok, &["0 documents"]);
    let left: Vec<String> =
        redis::cmd("KEYS").arg("*").query(&mut server.connection()).expect("answers");
    // What it was tried with is over already, and Redis forgets it by itself.
    assert!(left.iter().any(|key| key == "{a}:doc:ready"), "{left:?}");
    assert!(on(&server.url("a")).await.checks().await.iter().all(|one| one.verdict != Failure));
}

#[tokio::test]
async fn a_redis_that_forgets_is_told_how_not_to() {
    for (arguments, verdict, words) in [
        (&["--appendonly", "no"][..], Warning, &["appendonly yes"][..]),
        (
            &["--appendfsync", "everysec"],
            Warning,
            &["appendfsync everysec", "Set appendfsync always"],
        ),
        (
            &["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"],
            Failure,
            &["allkeys-lru", "maxmemory-policy noeviction"],
        ),
        (&["--maxmemory-policy", "volatile-lru"], Warning, &["volatile-lru", "noeviction"]),
        (
            &["--appendonly", "no", "--maxmemory", "100mb", "--maxmemory-policy", "volatile-ttl"],
            Failure,
            &["volatile-ttl", "noeviction", "appendonly yes"],
        ),
    ] {
        let server = Server::start(arguments);
        says(&on(&server.url("a")).await.check("durability").await, verdict, words);
    }
}

/// The address of a server for a user who may do everything but this.
fn without(command: &str, server: &Server) -> String {
    let mut rule = redis::cmd("ACL");
    rule.arg(&["SETUSER", "bot", "on", ">pw", "~*", "+@all"]).arg(format!("-{command}"));
    rule.exec(&mut server.connection()).expect("sets");
    format!("redis://bot:pw@{}?namespace=a", server.address())
}

#[tokio::test]
async fn a_redis_that_tells_nothing_is_a_warning() {
    let server = Server::start(&[]);
    let url = without("config", &server);
    says(
        &on(&url).await.check("durability").await,
        Warning,
        &["doesn't allow CONFIG", "appendfsync"],
    );
    let server = Server::start(&[]);
    let checks = on(&without("info", &server)).await.checks().await;
    says(&only(&checks, "store"), Ok, &["accepts writes"]);
    says(&only(&checks, "durability"), Warning, &["lacks +info", "INFO", "noeviction"]);
}

#[tokio::test]
async fn each_right_that_the_user_in_redis_lacks_is_named_and_nothing_is_written() {
    let server = Server::start(&["--appendonly", "no"]);
    for right in needed_rights() {
        let url = without(&right[1..], &server);
        redis::cmd("SCRIPT").arg("FLUSH").exec(&mut server.connection()).expect("forgets them");
        let check = on(&url).await.check("store").await;
        says(&check, Failure, &["STORE", &right, "docs/OPERATIONS.md", "ACL SETUSER"]);
        assert!(!check.fix.is_some_and(|fix| fix.contains("address")), "{right}");
    }
    let left: Vec<String> =
        redis::cmd("KEYS").arg("*").query(&mut server.connection()).expect("answers");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_redis_that_is_not_ours_to_write_is_named() {
    let server = Server::start(&["--requirepass", "right"]);
    let url = format!("redis://:wrong@{}", server.address());
    says(&on(&url).await.check("store").await, Failure, &["STORE", "password"]);

    let primary = Server::start(&[]);
    let (host, port) =
        primary.address().rsplit_once(':').map(|(h, p)| (h.to_owned(), p.to_owned())).unwrap();
    let replica = Server::start(&["--replicaof", &host, &port]);
    says(&on(&replica.url("a")).await.check("store").await, Failure, &["replica", "Sentinels"]);

    redis::cmd("SET")
        .arg("{b}:names")
        .arg("somebody else's")
        .exec(&mut primary.connection())
        .expect("sets");
    says(&on(&primary.url("b")).await.check("store").await, Failure, &["STORE", "namespace"]);

    let mut gone = primary;
    gone.kill();
    let url = format!("redis://{}", gone.address());
    says(&on(&url).await.check("store").await, Failure, &["isn't responding", "Start Redis"]);
}

#[tokio::test]
async fn records_in_a_redis_are_looked_at_while_the_bot_runs() {
    let server = Server::shared();
    let url = server.url(&namespace());
    let store = open(&url).unwrap();
    put(&*store, "binding/T1/C1", &sealed(KEY, "binding/T1/C1")).await;
    put(&*store, "invention/1", r#"{"v":1}"#).await;
    says(&on(&url).await.check("records").await, Failure, &["invention/1", "newer"]);
}
