//! Samples of the App Home: empty, full, and when something is missing.

use super::samples::{PAGE, at, card, plan_id, pull, repo, task};
use domain::audit::{Action, ActorKind, AuditOutcome, AuditRecord};
use domain::command::{Ping, PlanMode};
use domain::diff::DiffStat;
use domain::home::{
    DoneRow, Few, GoneRepo, Home, MOST_ROWS, MySettings, MyTasks, Need, RunningRow, Said, Today,
    WaitingRow, WorkspaceHealth,
};
use domain::ids::{DeliveryId, TaskId, TeamId};
use domain::message::{Notice, StaleAction};
use domain::quota::Quota;
use domain::repo::RepoRef;
use domain::session::SessionState;
use domain::task::{Card, CardStatus, PlanStatus};
use domain::watch::Usage;
use slack::render;
use slack::scopes::OPTIONAL_SCOPES;

fn few<T>(rows: Vec<T>, more: usize) -> Few<T> {
    Few { rows, more }
}

fn tasks() -> MyTasks {
    MyTasks {
        waiting: few(Vec::new(), 0),
        running: few(Vec::new(), 0),
        done: few(Vec::new(), 0),
        since: Today::Midnight(at()),
        looked_at: None,
    }
}

fn home(tasks: Option<MyTasks>) -> Home {
    Home { note: None, tasks, settings: None, workspace: None }
}

fn home_with(repo: Option<RepoRef>, plan: PlanMode, ping: Ping) -> Home {
    Home {
        settings: Some(MySettings { repo, plan, ping, has_account: false }),
        ..home(Some(tasks()))
    }
}

fn in_state(state: SessionState) -> Card {
    card(CardStatus::Session(state))
}

fn waits(need: Need) -> WaitingRow {
    let state = match need {
        Need::Approval(_) => SessionState::AwaitingPlanApproval,
        Need::Answer(_) => SessionState::AwaitingUserFeedback,
    };
    WaitingRow { card: in_state(state), need, since: Some(at()), thread: Some(PAGE.to_owned()) }
}

fn runs(card: Card, said: Option<Said>) -> RunningRow {
    RunningRow { card, said, thread: Some(PAGE.to_owned()) }
}

fn ended(card: Card, changes: Option<DiffStat>) -> DoneRow {
    DoneRow { card, changes, thread: Some(PAGE.to_owned()) }
}

fn health() -> WorkspaceHealth {
    let gone = |name, channels| GoneRepo { repo: repo(name), channels };
    WorkspaceHealth {
        has_account: true,
        usage: Some(Usage { today: 3, running: 1, at_least: false, at: at() }),
        limits: Some(Quota::FREE),
        gone: few(vec![gone("old", 1), gone("older", 2)], 3),
        lacking: OPTIONAL_SCOPES.iter().map(|one| one.scope.to_owned()).collect(),
        audit: records(),
    }
}

/// One of each action, a refusal, and what nobody in Slack did.
fn records() -> Vec<AuditRecord> {
    let named = DeliveryId::of(&["sample"]);
    let new = |action| AuditRecord::new(action, TeamId::parse("T0ACME").unwrap(), &named, at());
    let ann = || card(CardStatus::Starting).author;
    let by_ann = Action::ALL.iter().map(|action| new(*action).by(ann()));
    let refused =
        AuditRecord { outcome: AuditOutcome::Refused, ..new(Action::TaskRefused).by(ann()) };
    let about =
        AuditRecord { repo: Some("acme/web".to_owned()), ..new(Action::BindingSet).by(ann()) };
    let operator = AuditRecord { kind: ActorKind::Operator, ..new(Action::TaskDrop) };
    by_ann.chain([refused, about, operator, new(Action::AccessChange)]).collect()
}

/// Something of each kind.
fn busy() -> MyTasks {
    let finished = Card {
        pull_request: Some(pull(214)),
        took: Some(840),
        ..card(CardStatus::Finished { changed_nothing: false })
    };
    let changes = DiffStat { added: 120, removed: 8, ..DiffStat::default() };
    let working = Card { minutes: Some(5), ..in_state(SessionState::InProgress) };
    let approving = Said::OfPlan(PlanStatus::Approving(card(CardStatus::Starting).author));
    MyTasks {
        waiting: few(
            vec![
                waits(Need::Approval(Some(plan_id()))),
                waits(Need::Answer(Some(1))),
                waits(Need::Answer(None)),
            ],
            2,
        ),
        running: few(
            vec![
                runs(working, None),
                runs(in_state(SessionState::AwaitingPlanApproval), Some(approving)),
                runs(in_state(SessionState::AwaitingUserFeedback), Some(Said::Answer)),
            ],
            0,
        ),
        done: few(
            vec![ended(finished, Some(changes)), ended(in_state(SessionState::Failed), None)],
            7,
        ),
        ..tasks()
    }
}

/// Each sample with what it is about.
pub(super) fn homes() -> Vec<(&'static str, Home)> {
    let late = Notice::TooLate(StaleAction::Replaced);
    let last_day = Today::LastDay(at());
    vec![
        ("Empty", home(Some(tasks()))),
        ("Busy, after a click that came too late", {
            Home { note: Some(Box::new(late)), ..home(Some(busy())) }
        }),
        ("While tasks can't be read", home(None)),
        ("With more tasks than are looked at", {
            home(Some(MyTasks { looked_at: Some(200), ..tasks() }))
        }),
        ("Where the person's clock isn't known", {
            home(Some(MyTasks { since: last_day, waiting: few(Vec::new(), 0), ..busy() }))
        }),
        ("With settings", home_with(Some(repo("web")), PlanMode::Auto, Ping::Thread)),
        ("With other settings", home_with(None, PlanMode::Ask, Ping::Dm)),
        ("Without notifications", home_with(None, PlanMode::Ask, Ping::Off)),
        ("For those who manage the workspace", {
            Home { workspace: Some(health()), ..home(Some(tasks())) }
        }),
        ("For those who manage one without an account", {
            let bare = WorkspaceHealth {
                has_account: false,
                usage: None,
                limits: None,
                gone: few(Vec::new(), 0),
                lacking: Vec::new(),
                audit: Vec::new(),
            };
            Home { workspace: Some(bare), ..home(Some(tasks())) }
        }),
    ]
}

/// Slack accepts 100 blocks; a person wants to read far fewer.
#[test]
fn the_fullest_home_has_few_blocks_and_no_block_twice() {
    let mut tasks = busy();
    let each = |n: usize| TaskId::for_delivery(&DeliveryId::of(&[&n.to_string()]));
    assert_ne!(each(0), task());
    tasks.waiting.rows = (0..MOST_ROWS)
        .map(|n| {
            let mut row = waits(Need::Approval(Some(plan_id())));
            row.card.task = each(n);
            row
        })
        .collect();
    tasks.running.rows = (0..MOST_ROWS)
        .map(|n| {
            let mut row = runs(in_state(SessionState::InProgress), None);
            row.card.task = each(10 + n);
            row
        })
        .collect();
    tasks.done.rows = (0..MOST_ROWS)
        .map(|n| {
            let mut row = ended(in_state(SessionState::Failed), None);
            row.card.task = each(20 + n);
            row
        })
        .collect();
    let note = Some(Box::new(Notice::FormNotOpened { task: Some(task()) }));
    let settings = home_with(Some(repo("web")), PlanMode::Ask, Ping::Dm).settings;
    let fullest = Home { note, tasks: Some(tasks), settings, workspace: Some(health()) };
    let blocks = serde_json::to_value(render::home(&fullest)).unwrap();
    let blocks = blocks.as_array().unwrap();
    assert!(blocks.len() <= 50, "{} blocks, and plain ones are at most 50", blocks.len());
    let mut ids: Vec<&str> = blocks.iter().filter_map(|block| block["block_id"].as_str()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}
