//! JSON that is nested far deeper than anything Jules says: it is passed over or refused, and no stack
//! overflows.

use super::stub::{Reply, Stub, fixture, session_id};
use jules::Error;

const DEEP: usize = 10_000;

/// Ten thousand of each.
fn nests() -> [String; 3] {
    [
        "[".repeat(DEEP) + &"]".repeat(DEEP),
        "{\"a\":".repeat(DEEP) + "1" + &"}".repeat(DEEP),
        "[{\"a\":".repeat(DEEP / 2) + "1" + &"}]".repeat(DEEP / 2),
    ]
}

/// A fixture with one more field.
fn with(name: &str, field: &str, value: &str) -> String {
    let text = fixture(name).to_string();
    format!("{{\"{field}\":{value},{}", &text[1..])
}

#[tokio::test]
async fn a_nest_in_a_field_that_nobody_reads_costs_nothing() {
    for nest in nests() {
        let session = with("session_created_2026", "later", &nest);
        let stub = Stub::replying([Reply::ok(&session)]).await;
        assert!(stub.client().session(&session_id()).await.is_ok());

        let page = format!("{{\"later\":{nest},\"sessions\":[{session}]}}");
        let stub = Stub::replying([Reply::ok(page)]).await;
        let page = stub.client().sessions(None).await.expect("a page");
        assert_eq!((page.items.len(), page.passed_over), (1, 0));
    }
}

#[tokio::test]
async fn a_nest_where_something_is_read_costs_its_entry() {
    for nest in nests() {
        let whole = fixture("session_created_2026").to_string();
        for entry in [nest.clone(), format!("{{\"id\":{nest}}}"), format!("{{\"outputs\":{nest}}}")]
        {
            let page = format!("{{\"sessions\":[{whole},{entry}]}}");
            let stub = Stub::replying([Reply::ok(page)]).await;
            let page = stub.client().sessions(None).await.expect("a page");
            assert_eq!((page.items.len(), page.passed_over), (1, 1));
        }
        let activity = format!("{{\"id\":\"a\",\"artifacts\":{nest}}}");
        let page = format!("{{\"activities\":[{activity},{}]}}", fixture("activity_plan_approved"));
        let stub = Stub::replying([Reply::ok(page)]).await;
        let page = stub.client().activities(&session_id(), None, None).await.expect("a page");
        assert!(page.items.len() + page.passed_over == 2 && !page.items.is_empty());
    }
}

#[tokio::test]
async fn a_nest_alone_is_no_answer() {
    for nest in nests() {
        let stub = Stub::replying([Reply::ok(&nest)]).await;
        let client = stub.client();
        let ended = client.session(&session_id()).await;
        assert!(matches!(ended, Err(Error::Decode(_))), "{ended:?}");
        let ended = client.approve_plan(&session_id()).await;
        // An object is what is promised, whatever is in it.
        assert_eq!(ended.is_ok(), nest.starts_with('{'), "{ended:?}");
    }
}

#[tokio::test]
async fn a_refusal_that_is_a_nest_is_still_that_refusal() {
    for nest in nests() {
        for body in [
            nest.clone(),
            format!("{{\"error\":{nest}}}"),
            format!("{{\"error\":{{\"status\":\"NOT_FOUND\",\"details\":{nest}}}}}"),
        ] {
            let stub = Stub::replying([Reply::of(404, &body)]).await;
            assert_eq!(stub.client().session(&session_id()).await, Err(Error::NotFound));
        }
    }
}
