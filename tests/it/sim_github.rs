//! The simulated GitHub as another client library of GitHub's API reads it: octocrab knows GitHub's own shapes, so
//! what it can't read here isn't what GitHub answers.

use crate::harness::clock::Hands;
use crate::harness::github::World;
use jiff::SignedDuration;
use octocrab::models::pulls::{MergeableState, PullRequest, Review, ReviewState};
use octocrab::models::webhook_events::payload::{
    CheckRunWebhookEventAction, CheckSuiteWebhookEventAction, CommitState,
    IssueCommentWebhookEventAction, PullRequestReviewCommentWebhookEventAction,
    PullRequestReviewWebhookEventAction, PullRequestWebhookEventAction,
    PullRequestWebhookEventPayload,
};
use octocrab::models::webhook_events::{WebhookEvent, WebhookEventPayload};
use octocrab::models::{AuthorAssociation, IssueState, StatusState};
use octocrab::params::repos::{Commitish, Reference};
use octocrab::service::middleware::cache::mem::InMemoryCache;
use octocrab::{Error, Octocrab, Page};
use serde_json::Value;
use sim::github::{Mark, Pull, SimGitHub, TokenKind, Trouble};
use std::time::Duration;
use tokio::net::TcpListener;

const TOKEN: &str = "ghp_of-the-team";

/// Octocrab with this token or none. It keeps what it has read, and asks whether it changed.
fn client(sim: &SimGitHub, token: Option<&str>) -> Octocrab {
    let http = platform::tls::client().build().unwrap();
    let mut builder =
        Octocrab::builder().base_uri(sim.url()).unwrap().cache(InMemoryCache::default());
    if let Some(token) = token {
        builder = builder.personal_token(token.to_owned());
    }
    builder.build_with_reqwest(http).unwrap()
}

async fn read(client: &Octocrab, number: u64) -> Result<PullRequest, Error> {
    client.pulls("acme", "web").get(number).await
}

/// The code of a refusal.
fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> (u16, String) {
    match answer.unwrap_err() {
        Error::GitHub { source, .. } => (source.status_code.as_u16(), source.message),
        other => panic!("no refusal: {other}"),
    }
}

#[tokio::test]
async fn a_pull_request_is_read_through_its_life() {
    let world = World::new().await;
    let pull = world.sim.repo("acme/web").open(7);
    let client = client(&world.sim, None);
    let open = read(&client, 7).await.unwrap();
    assert_eq!(
        (open.state, open.merged, open.mergeable),
        (Some(IssueState::Open), Some(false), None)
    );
    assert_eq!(open.mergeable_state, Some(MergeableState::Unknown));
    assert_eq!(open.head.sha, pull.head());
    assert_eq!(open.user.unwrap().login, SimGitHub::jules());
    assert_eq!(open.html_url.unwrap().as_str(), "https://github.com/acme/web/pull/7");
    assert_eq!(open.base.repo.unwrap().full_name.as_deref(), Some("acme/web"));
    assert_eq!(
        read(&client, 7).await.unwrap().mergeable,
        Some(true),
        "GitHub has found out by now"
    );
    pull.conflict(true);
    let conflict = read(&client, 7).await.unwrap();
    assert_eq!(conflict.mergeable_state, Some(MergeableState::Dirty));
    pull.merge("ben");
    let merged = read(&client, 7).await.unwrap();
    assert_eq!((merged.state, merged.merged), (Some(IssueState::Closed), Some(true)));
    assert_eq!(merged.merged_by.unwrap().login, "ben");
    assert!(merged.merged_at.is_some() && merged.merged_at == merged.closed_at);
    assert!(client.pulls("acme", "web").get(8).await.is_err());
}

#[tokio::test]
async fn reviews_comments_and_commits_are_read() {
    let world = World::new().await;
    let pull = world.sim.repo("acme/web").open(7);
    let first = pull.head();
    let id = pull.review("ben", "CHANGES_REQUESTED", "Not yet.", &[("src/a.rs", 3, "Why?")]);
    pull.push();
    pull.review("lint[bot]", "COMMENTED", "", &[("src/b.rs", 1, "Unused.")]);
    let client = client(&world.sim, None);
    let pulls = client.pulls("acme", "web");
    let reviews = pulls.list_reviews(7).send().await.unwrap().items;
    let states: Vec<_> = reviews.iter().map(|review| review.state.unwrap()).collect();
    assert_eq!(states, [ReviewState::ChangesRequested, ReviewState::Commented]);
    assert_eq!(reviews[0].commit_id.as_ref(), Some(&first), "it is about the commit before");
    assert_eq!(reviews[1].user.as_ref().unwrap().r#type, "Bot");
    let comments = pulls.list_comments(Some(7)).send().await.unwrap().items;
    let shown: Vec<_> = comments.iter().map(|one| (one.path.as_str(), one.line)).collect();
    assert_eq!(shown, [("src/a.rs", Some(3)), ("src/b.rs", Some(1))]);
    assert_eq!(comments[0].pull_request_review_id.map(|id| id.0), Some(id));
    let commits = pulls.pr_commits(7).send().await.unwrap().items;
    assert_eq!(commits.len(), 2);
    assert_eq!(commits[1].sha, pull.head());
    assert_eq!(commits[1].parents[0].sha.as_ref(), Some(&first));
}

#[tokio::test]
async fn checks_and_statuses_are_read_apart() {
    let world = World::new().await;
    let pull = world.sim.repo("acme/web").open(7);
    pull.checks(&[("build", Mark::Green), ("lint", Mark::Red), ("e2e", Mark::Running)]);
    pull.statuses(&[("ci/old", Mark::Running)]);
    let client = client(&world.sim, None);
    let head = Commitish(pull.head());
    let checks = client.checks("acme", "web");
    let runs = checks.list_check_runs_for_git_ref(head).send().await.unwrap();
    let ends: Vec<_> =
        runs.check_runs.iter().map(|run| (run.name.as_str(), run.conclusion.as_deref())).collect();
    assert_eq!(ends, [("build", Some("success")), ("lint", Some("failure")), ("e2e", None)]);
    assert!(runs.check_runs[0].completed_at.is_some() && runs.check_runs[2].completed_at.is_none());
    let whole = Reference::Branch("jules-7".to_owned());
    let status = client.repos("acme", "web").combined_status_for_ref(&whole).await.unwrap();
    assert!(matches!(status.state, StatusState::Pending));
    assert_eq!(status.statuses[0].context.as_deref(), Some("ci/old"));
}

#[tokio::test]
async fn issues_and_their_comments_are_read() {
    let world = World::new().await;
    let repo = world.sim.repo("acme/web");
    repo.issue(12, ("stranger", "NONE"), "Login fails", "It does.");
    repo.issue_comment(12, ("ann", "MEMBER"), "Here too.");
    repo.close_issue(12, "not_planned");
    let pull = world.sim.repo("acme/web").open(7);
    pull.close("ben");
    let client = client(&world.sim, None);
    let issues = client.issues("acme", "web");
    let issue = issues.get(12).await.unwrap();
    assert_eq!((issue.title.as_str(), issue.state), ("Login fails", IssueState::Closed));
    assert_eq!(issue.author_association, Some(AuthorAssociation::None));
    assert!(issue.pull_request.is_none());
    let comments = issues.list_comments(12).send().await.unwrap().items;
    assert_eq!(comments[0].body.as_deref(), Some("Here too."));
    assert_eq!(comments[0].author_association, Some(AuthorAssociation::Member));
    let closed = issues.get(7).await.unwrap();
    assert!(closed.pull_request.is_some(), "a pull request is an issue, too");
    assert_eq!(closed.closed_by.unwrap().login, "ben");
}

#[tokio::test]
async fn long_lists_are_walked_to_their_end() {
    let world = World::new().await;
    let pull = world.sim.repo("acme/web").open(7);
    for n in 0..65 {
        pull.review("ben", "COMMENTED", &format!("{n}"), &[]);
    }
    let client = client(&world.sim, None);
    let first = client.pulls("acme", "web").list_reviews(7).send().await.unwrap();
    assert_eq!((first.items.len(), first.number_of_pages(), &first.prev), (30, Some(3), &None));
    let second: Page<Review> = client.get_page(&first.next).await.unwrap().unwrap();
    assert!(second.prev.is_some() && second.first.is_some() && second.next == second.last);
    let all = client.all_pages(first).await.unwrap();
    let words: Vec<_> = all.iter().filter_map(|review| review.body.clone()).collect();
    assert_eq!(words, (0..65).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_token_is_answered_as_it_may_read() {
    let world = World::new().await;
    world.sim.repo("acme/web").private();
    let pull = world.sim.repo("acme/web").open(7);
    world.sim.token(TOKEN, TokenKind::Classic);
    world.sim.token("github_pat_fine", TokenKind::FineGrained);
    let nothing = (404, "Not Found".to_owned());
    assert_eq!(refused(read(&client(&world.sim, None), 7).await), nothing);
    let bad = (401, "Bad credentials".to_owned());
    assert_eq!(refused(read(&client(&world.sim, Some("expired")), 7).await), bad);
    assert!(read(&client(&world.sim, Some(TOKEN)), 7).await.is_ok());
    let fine = client(&world.sim, Some("github_pat_fine"));
    assert!(read(&fine, 7).await.is_ok());
    let checks = fine.checks("acme", "web");
    let runs = checks.list_check_runs_for_git_ref(Commitish(pull.head())).send().await;
    assert_eq!(refused(runs).0, 403);
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let world = World::new().await;
    let pull = world.sim.repo("acme/web").open(7);
    world.sim.token(TOKEN, TokenKind::Classic);
    let client = client(&world.sim, Some(TOKEN));
    read(&client, 7).await.unwrap();
    let second = read(&client, 7).await.unwrap();
    let used = client.ratelimit().get().await.unwrap().resources.core.used;
    assert_eq!(read(&client, 7).await.unwrap(), second);
    let codes: Vec<u16> = world.sim.calls().iter().map(|call| call.code).collect();
    assert_eq!(codes, [200, 200, 200, 304]);
    let rate = client.ratelimit().get().await.unwrap().resources.core;
    assert_eq!((rate.limit, rate.used), (5_000, used), "neither answer costs anything");
    pull.push();
    assert_eq!(read(&client, 7).await.unwrap().head.sha, pull.head());
}

#[tokio::test]
async fn a_limit_says_when_it_ends() {
    let world = World::new().await;
    world.sim.repo("acme/web").open(7);
    world.sim.use_up(None);
    let client = client(&world.sim, None);
    let Error::GitHub { source, .. } = read(&client, 7).await.unwrap_err() else {
        panic!("another")
    };
    let reset = world.hands.now() + SignedDuration::from_hours(1);
    assert_eq!(source.status_code.as_u16(), 403);
    assert_eq!(source.rate_limit_reset, Some(reset.as_second().unsigned_abs()));
    world.hands.forward(SignedDuration::from_hours(1));
    assert!(read(&client, 7).await.is_ok());
    world.sim.trouble(Some(Trouble::TooMany(30)));
    let Error::GitHub { source, .. } = read(&client, 7).await.unwrap_err() else {
        panic!("another")
    };
    assert_eq!(source.headers.unwrap()["retry-after"], "30");
}

#[tokio::test]
async fn a_renamed_repository_is_found_under_its_old_name() {
    let world = World::new().await;
    world.sim.repo("acme/web").open(7);
    world.sim.repo("acme/web").rename("acme/shop");
    let moved = read(&client(&world.sim, None), 7).await.unwrap();
    assert_eq!(moved.base.repo.unwrap().full_name.as_deref(), Some("acme/shop"));
}

/// A pull request about which webhooks are sent; nobody listens to them.
fn told_of(world: &World) -> Pull<'_> {
    world.sim.hook("http://127.0.0.1:9/github/events", "secret");
    world.sim.repo("acme/web").open(7)
}

/// A delivery of this kind: who did it, and what.
fn told(world: &World, event: &str, pull: &Pull<'_>) -> (String, WebhookEventPayload) {
    let delivery = world.sim.delivery(event, pull).expect("there is something to tell");
    let read = WebhookEvent::try_from_header_and_body(event, delivery.body.as_str());
    let read = read.unwrap_or_else(|why| panic!("{event}: {why}: {}", delivery.body));
    let repository = read.repository.expect("it names the repository");
    assert_eq!(repository.full_name.as_deref(), Some("acme/web"));
    (read.sender.expect("it names who did it").login, read.specific)
}

#[tokio::test]
async fn a_webhook_tells_what_happened_to_a_pull_request_last() {
    use PullRequestWebhookEventAction as Action;
    let world = World::new().await;
    let pull = told_of(&world);
    let last = || {
        let (by, payload) = told(&world, "pull_request", &pull);
        let WebhookEventPayload::PullRequest(payload) = payload else { panic!("another kind") };
        let payload: PullRequestWebhookEventPayload = *payload;
        assert_eq!((payload.number, payload.pull_request.number), (7, 7));
        (by, payload)
    };
    let (by, opened) = last();
    assert_eq!((by.as_str(), opened.action), (SimGitHub::jules(), Action::Opened));
    let before = pull.head();
    let after = pull.push();
    let (_, pushed) = last();
    assert_eq!(
        (pushed.action, pushed.before, pushed.after.as_ref()),
        (Action::Synchronize, Some(before), Some(&after))
    );
    assert_eq!(pushed.pull_request.head.sha, after);
    pull.draft(true);
    assert_eq!(last().1.action, Action::ConvertedToDraft);
    pull.draft(false);
    assert_eq!(last().1.action, Action::ReadyForReview);
    pull.close("ann");
    let (by, closed) = last();
    assert_eq!((by.as_str(), closed.action), ("ann", Action::Closed));
    assert_eq!(closed.pull_request.merged, Some(false));
    pull.reopen();
    assert_eq!(last().1.action, Action::Reopened);
    pull.merge("ben");
    let (by, merged) = last();
    assert_eq!((by.as_str(), merged.action), ("ben", Action::Closed));
    assert_eq!(merged.pull_request.merged, Some(true));
    assert_eq!(merged.pull_request.state, Some(IssueState::Closed));
}

#[tokio::test]
async fn webhooks_carry_the_last_review_and_the_last_comment() {
    let world = World::new().await;
    let pull = told_of(&world);
    for event in ["pull_request_review", "pull_request_review_comment", "issue_comment"] {
        assert!(world.sim.delivery(event, &pull).is_none(), "{event}: nobody has said anything");
    }
    pull.review("ben", "CHANGES_REQUESTED", "Not yet.", &[("src/a.rs", 3, "Why?")]);
    pull.comment(("ann", "MEMBER"), "I think so, too.");
    let (by, payload) = told(&world, "pull_request_review", &pull);
    let WebhookEventPayload::PullRequestReview(reviewed) = payload else { panic!("another kind") };
    assert_eq!(by, "ben");
    assert_eq!(reviewed.action, PullRequestReviewWebhookEventAction::Submitted);
    assert_eq!(reviewed.review.state, Some(ReviewState::ChangesRequested));
    assert_eq!(reviewed.review.body.as_deref(), Some("Not yet."));
    assert_eq!((reviewed.pull_request.number, reviewed.pull_request.merged), (7, None));
    let raw: Value =
        serde_json::from_str(&world.sim.delivery("pull_request_review", &pull).unwrap().body)
            .unwrap();
    assert_eq!(raw["review"]["state"], "changes_requested", "webhooks write it small");

    let (_, payload) = told(&world, "pull_request_review_comment", &pull);
    let WebhookEventPayload::PullRequestReviewComment(line) = payload else { panic!("another") };
    assert_eq!(line.action, PullRequestReviewCommentWebhookEventAction::Created);
    assert_eq!((line.comment.path.as_str(), line.comment.line), ("src/a.rs", Some(3)));

    let (by, payload) = told(&world, "issue_comment", &pull);
    let WebhookEventPayload::IssueComment(comment) = payload else { panic!("another kind") };
    assert_eq!(by, "ann");
    assert_eq!(comment.action, IssueCommentWebhookEventAction::Created);
    assert_eq!(comment.comment.body.as_deref(), Some("I think so, too."));
    assert_eq!((comment.issue.number, comment.issue.comments), (7, 1));
    assert!(comment.issue.pull_request.is_some(), "that is what makes it a pull request");
    let raw: Value =
        serde_json::from_str(&world.sim.delivery("issue_comment", &pull).unwrap().body).unwrap();
    assert_eq!(raw.get("pull_request"), None);
    let client = client(&world.sim, None);
    let listed = client.issues("acme", "web").list_comments(7).send().await.unwrap().items;
    assert_eq!(listed[0].id, comment.comment.id);
}

#[tokio::test]
async fn webhooks_tell_of_checks_as_they_are() {
    let world = World::new().await;
    let pull = told_of(&world);
    assert!(world.sim.delivery("check_run", &pull).is_none(), "nothing has run");
    pull.checks(&[("build", Mark::Green), ("e2e", Mark::Running)]);
    assert!(world.sim.delivery("check_suite", &pull).is_none(), "one still runs");
    let (_, payload) = told(&world, "check_run", &pull);
    let WebhookEventPayload::CheckRun(run) = payload else { panic!("another kind") };
    assert_eq!(run.action, CheckRunWebhookEventAction::Created);
    assert_eq!(run.check_run["name"], "e2e");
    assert_eq!(run.check_run["conclusion"], Value::Null);
    assert_eq!(run.check_run["head_sha"], pull.head());
    assert_eq!(run.check_run["pull_requests"][0]["number"], 7);

    pull.checks(&[("build", Mark::Green), ("e2e", Mark::Red)]);
    let (_, payload) = told(&world, "check_run", &pull);
    let WebhookEventPayload::CheckRun(run) = payload else { panic!("another kind") };
    assert_eq!(run.action, CheckRunWebhookEventAction::Completed);
    let (_, payload) = told(&world, "check_suite", &pull);
    let WebhookEventPayload::CheckSuite(suite) = payload else { panic!("another kind") };
    assert_eq!(suite.action, CheckSuiteWebhookEventAction::Completed);
    assert_eq!(suite.check_suite["conclusion"], "failure");
    assert_eq!(suite.check_suite["head_sha"], pull.head());
    assert_eq!(suite.check_suite["pull_requests"][0]["number"], 7);

    pull.statuses(&[("ci/old", Mark::Running)]);
    let (_, payload) = told(&world, "status", &pull);
    let WebhookEventPayload::Status(status) = payload else { panic!("another kind") };
    assert_eq!(status.state, CommitState::Pending);
    assert_eq!((status.context.as_str(), status.name.as_str()), ("ci/old", "acme/web"));
    assert_eq!(status.sha, pull.head());
    let raw = world.sim.delivery("status", &pull).unwrap().body;
    assert_eq!(serde_json::from_str::<Value>(&raw).unwrap().get("action"), None);
    assert!(world.sim.delivery("star", &pull).is_none(), "it is not about a pull request");
}

#[tokio::test]
async fn an_answer_to_a_webhook_is_not_waited_for_for_ever() {
    let world = World::new().await;
    let pull = told_of(&world);
    // It takes connections and answers none.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.sim.hook(&format!("http://{}/", silent.local_addr().unwrap()), "secret");
    let delivery = world.sim.delivery("pull_request", &pull).unwrap();
    assert_eq!(delivery.send_within(Duration::from_millis(50)).await, 0);
}

#[tokio::test]
async fn whoever_writes_is_refused_and_remembered() {
    let sim = SimGitHub::start(Hands::at_nine().clock()).await.unwrap();
    sim.repo("acme/web").open(7);
    sim.token(TOKEN, TokenKind::Classic);
    let client = client(&sim, Some(TOKEN));
    let written = client.issues("acme", "web").create_comment(7, "Hello.").await;
    assert_eq!(refused(written).0, 403);
    sim.clear_calls();
    sim.reset();
    let writes: Vec<_> = sim.writes().into_iter().map(|call| (call.method, call.path)).collect();
    assert_eq!(writes, [("POST".to_owned(), "/repos/acme/web/issues/7/comments".to_owned())]);
}

#[tokio::test]
#[should_panic(expected = "something was written to GitHub")]
async fn a_test_in_which_something_is_written_fails() {
    let world = World::new().await;
    world.sim.repo("acme/web").open(7);
    world.sim.token(TOKEN, TokenKind::Classic);
    let client = client(&world.sim, Some(TOKEN));
    drop(client.issues("acme", "web").create_comment(7, "Hello.").await);
}
