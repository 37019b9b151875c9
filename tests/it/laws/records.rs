//! Records: versions, kinds and secrets above a real store, with a record of an example that has two versions.

use super::store::place::Place;
use super::store::{key, noon};
use domain::secret::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::records::{Record, RecordError, Records};
use store::seal::Sealer;
use store::{Doc, Expect, PutResult};

/// An example of version 1. Version 0 had one name instead of two.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Person {
    first: String,
    last: String,
    tokens: Vec<Secret>,
}

impl Record for Person {
    const KIND: &'static str = "person";
    const VERSION: u32 = 1;

    fn upcast(from: u32, mut fields: Map<String, Value>) -> Result<Map<String, Value>, String> {
        match from {
            0 => {
                let name = fields.remove("name").ok_or("it has no name")?;
                let (first, last) =
                    name.as_str().and_then(|n| n.split_once(' ')).ok_or("one word")?;
                fields.insert("first".to_owned(), first.into());
                fields.insert("last".to_owned(), last.into());
                Ok(fields)
            }
            other => Err(format!("version {other} was never written")),
        }
    }
}

fn ada() -> Person {
    Person {
        first: "Ada".to_owned(),
        last: "{\"$secret\":\"not one\"}".to_owned(),
        tokens: vec![Secret::new("xoxb-1"), Secret::new("")],
    }
}

fn records(place: &Place, key: u8) -> Records {
    Records::new(place.open(), Sealer::new(&[key; 32], &[]))
}

async fn put(records: &Records, name: &str, person: &Person) {
    let key = Person::key(name);
    let written = records.put(&key, person, None, None, Expect::Absent, noon()).await;
    assert!(matches!(written, Ok(PutResult::Stored(_))), "{written:?}");
}

async fn put_raw(place: &Place, name: &str, body: &str) {
    let doc = Doc { body: body.to_owned().into(), wake_at: None, expires_at: None };
    let written = place.open().put(&key(name), &doc, Expect::Absent, noon()).await;
    assert!(matches!(written, Ok(PutResult::Stored(_))), "{written:?}");
}

async fn refusal(records: &Records, name: &str) -> RecordError {
    records.get::<Person>(&key(name), noon()).await.expect_err("is refused")
}

#[tokio::test]
async fn what_is_put_is_what_is_got_and_secrets_are_not_in_the_store() {
    let place = Place::file();
    let records = records(&place, 1);
    put(&records, "ada", &ada()).await;
    let (_, back) = records.get::<Person>(&key("person/ada"), noon()).await.unwrap().unwrap();
    assert_eq!(back, ada());
    let (_, raw) = place.open().get(&key("person/ada"), noon()).await.unwrap().unwrap();
    let raw = std::str::from_utf8(&raw.body).unwrap();
    assert!(!raw.contains("xoxb-1"), "{raw}");
    let raw: Value = serde_json::from_str(raw).unwrap();
    assert_eq!(raw["v"], 1);
    assert!(raw["tokens"][0]["$sealed"].is_string());
    let keys = records.list::<Person>(None, 9, noon()).await.unwrap();
    assert_eq!(keys, [key("person/ada")]);
}

/// Golden: what any version ever wrote is read for ever.
#[tokio::test]
async fn every_version_ever_written_is_read() {
    let place = Place::file();
    put_raw(&place, "person/v0", include_str!("../../fixtures/example/person.v0.json")).await;
    put_raw(&place, "person/v1", include_str!("../../fixtures/example/person.v1.json")).await;
    let records = records(&place, 1);
    for version in ["person/v0", "person/v1"] {
        let (_, read) = records.get::<Person>(&key(version), noon()).await.unwrap().unwrap();
        let tokens = vec![Secret::new("xoxb-golden")];
        let ada = Person { first: "Ada".to_owned(), last: "Lovelace".to_owned(), tokens };
        assert_eq!(read, ada, "{version}");
    }
}

#[tokio::test]
async fn a_newer_version_is_left_alone() {
    let place = Place::file();
    let newer = json!({ "v": 2, "entirely": "different" }).to_string();
    put_raw(&place, "person/x", &newer).await;
    let refused = refusal(&records(&place, 1), "person/x").await;
    assert!(matches!(refused, RecordError::Newer { found: 2, known: 1, .. }), "{refused}");
    let (_, kept) = place.open().get(&key("person/x"), noon()).await.unwrap().unwrap();
    assert_eq!(kept.body, newer);
}

#[tokio::test]
async fn a_lost_key_is_named() {
    let place = Place::file();
    put(&records(&place, 1), "ada", &ada()).await;
    let refused = refusal(&records(&place, 2), "person/ada").await.to_string();
    assert!(refused.contains("person/ada") && refused.contains("ENCRYPTION_KEY"), "{refused}");
    let rolled = Records::new(place.open(), Sealer::new(&[2; 32], &[[1; 32]]));
    assert!(rolled.get::<Person>(&key("person/ada"), noon()).await.is_ok());
}

#[tokio::test]
async fn a_sealed_secret_is_of_no_use_in_another_document() {
    let place = Place::file();
    let records = records(&place, 1);
    put(&records, "ada", &ada()).await;
    let (_, stolen) = place.open().get(&key("person/ada"), noon()).await.unwrap().unwrap();
    place.open().put(&key("person/eve"), &stolen, Expect::Absent, noon()).await.unwrap();
    let refused = refusal(&records, "person/eve").await;
    assert!(matches!(refused, RecordError::Secret { .. }), "{refused}");
}

#[tokio::test]
async fn what_is_no_record_is_refused_without_quoting_it() {
    let place = Place::file();
    for (name, body) in [
        ("person/text", "hunter2"),
        ("person/list", "[\"hunter2\"]"),
        ("person/unversioned", "{\"first\":\"hunter2\"}"),
        ("person/mistyped", "{\"v\":1,\"first\":\"a\",\"last\":\"b\",\"tokens\":\"hunter2\"}"),
        ("person/v0", "{\"v\":0,\"name\":\"hunter2\"}"),
        ("animal/ada", "{\"v\":1,\"first\":\"a\",\"last\":\"hunter2\",\"tokens\":[]}"),
    ] {
        put_raw(&place, name, body).await;
        let refused = refusal(&records(&place, 1), name).await;
        assert!(matches!(refused, RecordError::Unfit { .. }), "{name}: {refused:?}");
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }
    put_raw(&place, "person/partial", "{\"v\":1,\"first\":\"a\"}").await;
    let refused = refusal(&records(&place, 1), "person/partial").await.to_string();
    assert!(refused.contains("missing field `last`"), "{refused}");
}
