//! The client of GitHub's API against the simulated GitHub: every call, what it costs, and every refusal.

use crate::harness::github::World;
use domain::pull::{Commit, Mergeable, PullRef, PullState, Verdict};
use domain::repo::RepoRef;
use domain::secret::Secret;
use github::{Error, Fresh, GitHub, Timeouts, Trouble, Urgency};
use jiff::SignedDuration;
use sim::github::{Mark, TokenKind, Trouble as SimTrouble};
use std::time::Duration;

const TOKEN: &str = "ghp_of-the-team";

impl World {
    fn client(&self, token: Option<&str>) -> GitHub {
        let soon = Duration::from_millis(500);
        let timeouts = Timeouts { connect: soon, answer: soon, body: soon, body_bytes: 1 << 20 };
        let token = token.map(Secret::new);
        let base = self.sim.url().parse().unwrap();
        GitHub::new(timeouts, base, token.as_ref(), self.hands.clock()).unwrap()
    }
}

fn web(number: u64) -> PullRef {
    PullRef { repo: RepoRef { owner: "acme".to_owned(), repo: "web".to_owned() }, number }
}

fn new<T>(fresh: Fresh<T>) -> (T, Option<String>) {
    match fresh {
        Fresh::New(value, etag) => (value, etag),
        Fresh::Same => panic!("nothing new"),
    }
}

#[tokio::test]
async fn a_pull_request_is_read_with_its_reviews_comments_and_checks() {
    let world = World::new().await;
    let pull = world.sim.repo("acme/web").open(7);
    pull.review("ben", "CHANGES_REQUESTED", "Not yet.", &[("src/a.rs", 3, "Why?")]);
    pull.review("lint[bot]", "COMMENTED", "", &[("src/b.rs", 1, "Unused.")]);
    pull.checks(&[("build", Mark::Green), ("lint", Mark::Red)]);
    pull.statuses(&[("ci/old", Mark::Running)]);
    let client = world.client(None);
    let (facts, etag) = new(client.pull(&web(7), None, Urgency::Watch).await.unwrap());
    assert_eq!(
        (facts.state, facts.commits, facts.mergeable),
        (PullState::Open, 1, Mergeable::Unknown)
    );
    let (again, _) = new(client.pull(&web(7), etag.as_deref(), Urgency::Watch).await.unwrap());
    assert_eq!(again.mergeable, Mergeable::Yes, "GitHub has found out by now");
    let (reviews, _) = new(client.reviews(&web(7), None, Urgency::Watch).await.unwrap());
    let verdicts: Vec<Verdict> = reviews.iter().map(|review| review.verdict).collect();
    assert_eq!(verdicts, [Verdict::ChangesRequested, Verdict::Commented]);
    assert!(reviews[1].by.is_bot && !reviews[0].by.is_bot);
    let (comments, _) = new(client.review_comments(&web(7), None, Urgency::Watch).await.unwrap());
    assert_eq!(comments[1].review, Some(reviews[0].id), "the newest comes first");
    let head = Commit::parse(&pull.head()).unwrap();
    let runs = client.check_runs(&web(7), &head, None, Urgency::Watch).await.unwrap();
    assert_eq!(new(runs).0.failed, ["lint"]);
    let statuses = client.statuses(&web(7), &head, None, Urgency::Watch).await.unwrap();
    assert_eq!(new(statuses).0.pending, 1);
}

#[tokio::test]
async fn what_did_not_change_costs_nothing_with_a_token() {
    let world = World::new().await;
    world.sim.repo("acme/web").private();
    world.sim.repo("acme/web").open(7);
    world.sim.token(TOKEN, TokenKind::Classic);
    let client = world.client(Some(TOKEN));
    client.pull(&web(7), None, Urgency::Watch).await.unwrap();
    let (_, etag) = new(client.pull(&web(7), None, Urgency::Watch).await.unwrap());
    for _ in 0..50 {
        let same = client.pull(&web(7), etag.as_deref(), Urgency::Watch).await.unwrap();
        assert_eq!(same, Fresh::Same);
    }
    let last = world.sim.calls().pop().unwrap();
    assert!(last.is_conditional && last.code == 304 && last.token.as_deref() == Some(TOKEN));
}

#[tokio::test]
async fn long_lists_are_read_page_by_page_to_a_bound() {
    let world = World::new().await;
    let pull = world.sim.repo("acme/web").open(7);
    for n in 0..730 {
        pull.review("ben", "COMMENTED", &format!("{n}"), &[]);
    }
    world.sim.token(TOKEN, TokenKind::Classic);
    let client = world.client(Some(TOKEN));
    let (reviews, etag) = new(client.reviews(&web(7), None, Urgency::Watch).await.unwrap());
    assert_eq!((reviews.len(), etag), (500, None), "a change further back would not be seen");
    assert_eq!(world.sim.calls().len(), 5);
}

#[tokio::test]
async fn a_renamed_repository_is_followed_and_a_deleted_one_is_gone() {
    let world = World::new().await;
    let repo = world.sim.repo("acme/web");
    repo.rename("acme/shop");
    world.sim.repo("acme/shop").open(7);
    let client = world.client(None);
    let (facts, _) = new(client.pull(&web(7), None, Urgency::Watch).await.unwrap());
    assert_eq!(facts.at.to_string(), "acme/shop#7");
    world.sim.repo("acme/shop").delete();
    let gone = client.pull(&web(7), None, Urgency::Watch).await;
    assert_eq!(gone, Err(Error::NotFound));
}

#[tokio::test]
async fn each_token_reads_what_it_may() {
    let world = World::new().await;
    world.sim.repo("acme/web").private();
    let pull = world.sim.repo("acme/web").open(7);
    world.sim.token("fine", TokenKind::FineGrained);
    world.sim.token_without_repositories("blind");
    let get = async |token: Option<&str>| {
        let client = world.client(token);
        client.pull(&web(7), None, Urgency::Watch).await.map(|_| ())
    };
    assert_eq!(get(None).await, Err(Error::NotFound));
    assert_eq!(get(Some("blind")).await, Err(Error::NotFound));
    assert_eq!(get(Some("expired")).await, Err(Error::TokenRefused));
    assert_eq!(get(Some("fine")).await, Ok(()));
    let head = Commit::parse(&pull.head()).unwrap();
    let client = world.client(Some("fine"));
    let runs = client.check_runs(&web(7), &head, None, Urgency::Watch).await;
    assert_eq!(runs, Err(Error::Forbidden));
    assert!(client.statuses(&web(7), &head, None, Urgency::Watch).await.is_ok());
}

#[tokio::test]
async fn limits_are_respected_until_they_end() {
    let world = World::new().await;
    world.sim.repo("acme/web").open(7);
    world.sim.token(TOKEN, TokenKind::Classic);
    let begun = world.hands.now();
    let seconds = SignedDuration::from_secs;
    for (trouble, until) in [
        (SimTrouble::Secondary(Some(30)), 30),
        (SimTrouble::Secondary(None), 60),
        (SimTrouble::TooMany(5), 5),
    ] {
        let client = world.client(Some(TOKEN));
        let now = world.hands.now();
        world.sim.trouble(Some(trouble));
        let limited = Err(Error::Limited { until: now + seconds(until) });
        assert_eq!(client.pull(&web(7), None, Urgency::Person).await, limited, "{trouble:?}");
        world.sim.trouble(None);
        world.sim.clear_calls();
        assert_eq!(client.pull(&web(7), None, Urgency::Person).await, limited, "{trouble:?}");
        assert!(world.sim.calls().is_empty(), "it is not even asked");
        world.hands.forward(seconds(until));
        assert!(client.pull(&web(7), None, Urgency::Person).await.is_ok(), "{trouble:?}");
    }
    world.sim.use_up(Some(TOKEN));
    let client = world.client(Some(TOKEN));
    let limited = client.pull(&web(7), None, Urgency::Person).await;
    assert_eq!(limited, Err(Error::Limited { until: begun + SignedDuration::from_hours(1) }));
}

#[tokio::test]
async fn a_service_in_trouble_is_no_answer() {
    let world = World::new().await;
    world.sim.repo("acme/web").open(7);
    let client = world.client(None);
    world.sim.trouble(Some(SimTrouble::Down));
    let down = client.pull(&web(7), None, Urgency::Person).await;
    assert_eq!(down, Err(Error::Down(Trouble::Status(502))));
    world.sim.trouble(Some(SimTrouble::Drops));
    let dropped = client.pull(&web(7), None, Urgency::Person).await;
    assert_eq!(dropped, Err(Error::Down(Trouble::Broken)));
}

#[tokio::test]
async fn an_issue_is_read_with_its_comments() {
    let world = World::new().await;
    let repo = world.sim.repo("acme/web");
    repo.issue(12, ("stranger", "NONE"), "Login fails", "It does.");
    repo.issue_comment(12, ("ann", "MEMBER"), "Here too.");
    let client = world.client(None);
    let issue = client.issue(&web(12)).await.unwrap();
    assert_eq!((issue.title.as_str(), issue.association.as_str()), ("Login fails", "NONE"));
    let comments = client.issue_comments(&web(12)).await.unwrap();
    assert_eq!((comments.len(), comments[0].association.as_str()), (1, "MEMBER"));
}
