//! Partial responses (row 11).

use super::{Api, SOURCE};
use serde_json::json;
use sim::jules::Finish;

#[tokio::test]
async fn a_mask_keeps_what_it_names_at_any_depth() {
    let api = Api::new().await;
    let id = api.create(json!({ "title": "T" })).await;
    api.account.finish_with(&id, &Finish::pull_request());
    let url = "/sessions";
    let mask = "nextPageToken,sessions(id,sourceContext/source,outputs/pullRequest/headRef)";
    let (_, page) = api.query(url, &[("fields", mask)]).await;
    let expected = json!({ "sessions": [{
        "id": id,
        "sourceContext": { "source": SOURCE },
        "outputs": [{}, { "pullRequest": { "headRef": format!("jules-{id}") } }],
    }] });
    assert_eq!(page, expected);
    let (_, same) = api
        .query(
            url,
            &[(
                "fields",
                "sessions/id,sessions(sourceContext(source),outputs(pullRequest(headRef)))",
            )],
        )
        .await;
    assert_eq!(same, expected);
}

#[tokio::test]
async fn masks_of_other_clients_work_and_leave_the_diff_out() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    api.account.run(&id);
    let mask = "nextPageToken,activities(name,id,createTime,originator,description,userMessaged,\
                agentMessaged,planGenerated,planApproved,progressUpdated,sessionCompleted,\
                sessionFailed,artifacts(bashOutput(command,output,exitCode),changeSet(source,\
                gitPatch(baseCommitId,suggestedCommitMessage))))";
    let path = format!("/sessions/{id}/activities");
    let (status, page) = api.query(&path, &[("fields", mask)]).await;
    assert_eq!(status, 200, "{page}");
    let last = page["activities"].as_array().unwrap().last().unwrap().clone();
    // An empty message that is named stays.
    assert_eq!(last["sessionCompleted"], json!({}));
    let patch = &last["artifacts"][0]["changeSet"]["gitPatch"];
    assert!(patch["suggestedCommitMessage"].is_string() && patch.get("unidiffPatch").is_none());
    let sources = "nextPageToken,sources(name,id,githubRepo(owner,repo,isPrivate,defaultBranch))";
    let (status, page) = api.query("/sources", &[("fields", sources)]).await;
    assert_eq!(status, 200);
    assert_eq!(page["sources"][0]["githubRepo"].get("branches"), None);
}

#[tokio::test]
async fn stars_overlaps_and_single_things_are_masked_too() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    let (_, everything) = api.get("/sessions").await;
    assert_eq!(api.query("/sessions", &[("fields", "*")]).await.1, everything);
    let overlap = [("fields", "sessions/id,sessions")];
    assert_eq!(api.query("/sessions", &overlap).await.1, everything);
    let one = api.query(&format!("/sessions/{id}"), &[("fields", "state")]).await;
    assert_eq!(one, (200, json!({ "state": "QUEUED" })));
}

#[tokio::test]
async fn unknown_and_malformed_masks_are_refused() {
    let api = Api::new().await;
    for mask in [
        "sessions(colour)",
        "session",
        "sessions/id/x",
        "sessions(id",
        "sessions()",
        "sessions,,id",
        "sessions id",
    ] {
        let (status, reply) = api.query("/sessions", &[("fields", mask)]).await;
        assert_eq!(
            (status, &reply["error"]["status"]),
            (400, &json!("INVALID_ARGUMENT")),
            "{mask}"
        );
    }
    let (_, reply) = api.query("/sessions", &[("fields", "sessions(colour)")]).await;
    let violation = &reply["error"]["details"][0]["fieldViolations"][0];
    assert_eq!(violation["field"], "sessions.colour");
}
