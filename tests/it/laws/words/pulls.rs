//! What the bot says of pull requests, with sample values.

use super::samples::pull;
use domain::diff::Changes;
use domain::ids::{DeliveryId, TaskId, UserId};
use domain::message::{Finished, HeldQuestion, Post, PullEvent, PullNews, Watching};
use domain::pull::{Commit, Login, NoSight, PullRef, PullState, Risk};
use domain::repo::{Branch, RepoRef};
use domain::task::{ChecksFace, IssueAlong, IssueClosed, PullFace};

/// Everything that is said of one in a thread.
pub(super) fn all() -> Vec<Post> {
    let told = |what, set_aside| {
        let (task, pull_request) = (task(), pull(214));
        Post::Pull(Box::new(PullNews { task, pull_request, what, set_aside }))
    };
    let aside = events().into_iter().filter(|what| what.offers().is_some()).take(1);
    let aside = aside.map(|what| told(what, UserId::parse("U0ANN").ok()));
    let news = events().into_iter().map(|what| told(what, None)).chain(aside);
    let held = risks().into_iter().map(|risk| {
        let pull_request = Some(pull(214));
        Post::Held(Box::new(HeldQuestion { task: task(), number: 1, risk, pull_request }))
    });
    let watched = [
        Watching::Yes,
        Watching::Hidden { has_token: false },
        Watching::Hidden { has_token: true },
    ];
    let ends = watched.into_iter().map(|watching| {
        Post::Finished(Box::new(Finished {
            task: task(),
            url: "https://jules.google.com/session/1".to_owned(),
            opened: vec![pull(214)],
            kept: None,
            changes: Changes::Unknown,
            commit_message: None,
            took: Some(840),
            watching: Some(watching),
        }))
    });
    news.chain(held).chain(ends).collect()
}

/// An issue.
pub(super) fn issue() -> PullRef {
    PullRef { repo: RepoRef { owner: "acme".to_owned(), repo: "web".to_owned() }, number: 12 }
}

/// That it is closed, for this reason.
pub(super) fn closed(why: Option<&str>) -> IssueClosed {
    IssueClosed { why: why.map(str::to_owned), at: "2026-05-03T10:00:00Z".parse().ok() }
}

/// How a card shows the issue that its task is about.
pub(super) fn issues() -> Vec<(&'static str, IssueAlong)> {
    let known = IssueAlong {
        at: issue(),
        is_along: true,
        is_unread: false,
        is_pull: false,
        strangers_to: None,
    };
    let strangers_to = Some("acme".to_owned());
    vec![
        (
            "With an issue that couldn't be read",
            IssueAlong { is_along: false, is_unread: true, ..known.clone() },
        ),
        ("With an issue by strangers", IssueAlong { strangers_to, ..known }),
    ]
}

/// How a card shows one.
pub(super) fn faces() -> Vec<(&'static str, PullFace)> {
    let open = PullFace {
        state: PullState::Open,
        approvals: 0,
        wants_changes: false,
        checks: ChecksFace::None,
        conflict: false,
        bot_comments: 0,
        partly: false,
        unseen: None,
    };
    vec![
        ("Its pull request is open", open.clone()),
        (
            "Approved, with green checks",
            PullFace { approvals: 2, checks: ChecksFace::Green, bot_comments: 3, ..open.clone() },
        ),
        (
            "Changes requested, checks failed, a conflict",
            PullFace {
                approvals: 1,
                wants_changes: true,
                checks: ChecksFace::Red,
                conflict: true,
                bot_comments: 1,
                ..open.clone()
            },
        ),
        (
            "A draft whose checks can't all be read",
            PullFace {
                state: PullState::Draft,
                checks: ChecksFace::Running,
                partly: true,
                ..open.clone()
            },
        ),
        ("Its pull request is merged", PullFace { state: PullState::Merged, ..open.clone() }),
        ("Its pull request is closed", PullFace { state: PullState::Closed, ..open.clone() }),
        ("It can't be seen", PullFace { unseen: Some(NoSight::NotFound), ..open.clone() }),
        ("The token is refused", PullFace { unseen: Some(NoSight::TokenRefused), ..open.clone() }),
        ("The limit is used up", PullFace { unseen: Some(NoSight::Limited), ..open }),
    ]
}

fn task() -> TaskId {
    TaskId::for_delivery(&DeliveryId::of(&["sample"]))
}

fn ben() -> Login {
    Login::new("ben", None)
}

fn events() -> Vec<PullEvent> {
    let repo = RepoRef { owner: "acme".to_owned(), repo: "web".to_owned() };
    let head = Commit::parse(&"a".repeat(40)).expect("a commit");
    let reviewed = |text: &str, comments, wants_changes| PullEvent::Reviewed {
        review: 80,
        by: ben(),
        text: text.to_owned(),
        comments,
        wants_changes,
    };
    let failed = |failed: &[&str], bad| PullEvent::ChecksFailed {
        head: head.clone(),
        failed: failed.iter().map(|name| (*name).to_owned()).collect(),
        bad,
        total: 9,
    };
    vec![
        PullEvent::Merged { by: Some(ben()) },
        PullEvent::Merged { by: None },
        PullEvent::Closed { by: Some(ben()) },
        PullEvent::Closed { by: None },
        reviewed("Please keep the old name working.", 3, true),
        reviewed("", 1, true),
        reviewed("Nice, one thing.", 0, false),
        PullEvent::Approved { by: ben() },
        failed(&["build", "lint"], 2),
        failed(&["a", "b", "c", "d", "e", "f"], 7),
        PullEvent::Conflict { base: Branch("main".to_owned()) },
        PullEvent::ReviewAwaited,
        PullEvent::Unseen { repo },
    ]
}

fn risks() -> Vec<Risk> {
    let (branch, base) = (Branch("jules-214".to_owned()), Branch("main".to_owned()));
    vec![
        Risk::Foreign { commits: Some(1), branch: branch.clone() },
        Risk::Foreign { commits: Some(2), branch: branch.clone() },
        Risk::Foreign { commits: None, branch },
        Risk::Merged { by: Some(ben()), base: base.clone() },
        Risk::Merged { by: None, base: base.clone() },
        Risk::Closed { base },
        Risk::Unreadable,
    ]
}
