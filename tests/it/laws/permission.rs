//! Nothing that comes in reaches an effect without a yes: whatever the rules are, no matter who asks, and whatever is
//! asked for, what an answer would store is something that its sender may do.

use domain::command::{PlanMode, PrMode, Request};
use domain::form::{FormValues, KeyValues, SettingsValues};
use domain::ids::{AccountId, ChannelId, DeliveryId, MessageTs, PlanId, TaskId, TeamId, UserId};
use domain::inbound::{
    Access, Answer, Facts, FollowUp, Inbound, Origin, Place, PointedMessage, ReplyRoute,
    UsableAccount, Verb, Write, WrittenMessage, handle,
};
use domain::policy::{
    Act, Asker, Groups, Guests, Manages, Named, NotManager, Policy, RepoPattern, RepoRules, Repos,
    Right, Rules, Scope, Standing, WhoMay, may,
};
use domain::quota::Plan;
use domain::repo::{Branch, RepoRef, Source, SourceName, Target, TargetReason};
use domain::secret::Secret;
use domain::session_link::SessionLink;
use domain::task::{Entrance, Input, ReplyKind, Start, Task};
use domain::tenant::{AccountRef, Actor, Role, Whose};
use domain::words::{Names, Words};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

fn dev() -> ChannelId {
    ChannelId::parse("C0DEV").unwrap()
}

fn team() -> TeamId {
    TeamId::parse("T0ACME").unwrap()
}

fn repo(name: &str) -> RepoRef {
    RepoRef { owner: "acme".to_owned(), repo: name.to_owned() }
}

fn source(name: &str) -> Source {
    Source {
        name: SourceName(format!("sources/github/acme/{name}")),
        repo: repo(name),
        default_branch: Some(Branch("main".to_owned())),
        branches: Some(vec![Branch("main".to_owned())]),
    }
}

fn target(name: &str) -> Target {
    Target {
        source: source(name).name,
        repo: repo(name),
        branch: Branch("main".to_owned()),
        why: TargetReason::Asked,
        plan: PlanMode::Ask,
        pr: PrMode::Auto,
        skipped: Vec::new(),
    }
}

/// A task of Ben's in #dev.
fn task(start: Start) -> Task {
    let ask = Request { prompt: "tidy up".to_owned(), ..Request::default() };
    let id = TaskId::for_delivery(&DeliveryId::of(&["task"]));
    let (account, ben) = (AccountRef { id: AccountId::of_settings(), owner: None }, user("U0BEN"));
    let entrance = Entrance::default();
    Task::new(
        id,
        team(),
        account,
        ben,
        Some(dev()),
        None,
        ask,
        entrance,
        start,
        Timestamp::UNIX_EPOCH,
    )
}

/// The tasks that something may be about: none, one that waits for its author, one that has begun.
fn tasks() -> impl Strategy<Value = Option<Task>> {
    select(vec![
        None,
        Some(task(Start::Draft(Vec::new()))),
        Some(task(Start::At(target("web")))),
        Some(task(Start::At(target("pay")))),
    ])
}

fn message(text: &str) -> Box<WrittenMessage> {
    Box::new(WrittenMessage {
        kind: ReplyKind::Written,
        ts: MessageTs::parse("1795510899.000100").unwrap(),
        words: Words::plain(text),
        forwarded: Vec::new(),
        files: Vec::new(),
        thread_by: None,
        is_partial: false,
    })
}

fn form(name: &str) -> FormValues {
    FormValues {
        repo: Some(format!("acme/{name}")),
        branch: None,
        prompt: Some("tidy up".to_owned()),
        title: None,
        plan: PlanMode::Ask,
        pr: PrMode::Auto,
        quiet: false,
        channel: Some(dev()),
        along: None,
        make_default: false,
        about: None,
    }
}

/// Everything that someone can ask for.
fn inbounds() -> Vec<Inbound> {
    let id = TaskId::for_delivery(&DeliveryId::of(&["task"]));
    let plan = PlanId::parse("plan1").unwrap();
    let words = |text: &str| Inbound::Command(Words::plain(text));
    let press = |verb| Inbound::Press(id.clone(), verb);
    let settings = |whose| Inbound::SettingsForm {
        whose,
        channel: None,
        values: SettingsValues { repo: None, plan: Some(PlanMode::Ask), pr: None, ping: None },
    };
    vec![
        words("repo=web tidy up"),
        words("repo=pay tidy up"),
        words("tidy up"),
        words(""),
        words("bind web"),
        words("bind pay"),
        words("unbind"),
        words("follow 31415926535897932384"),
        words("follow"),
        words("list"),
        words("settings"),
        words("access"),
        press(Verb::Choose(0)),
        press(Verb::Resume),
        press(Verb::OpenForm),
        press(Verb::Approve(plan.clone())),
        press(Verb::AskChanges(plan.clone())),
        press(Verb::Stop),
        press(Verb::AskStop),
        press(Verb::Nudge),
        press(Verb::Retry),
        press(Verb::EditRetry),
        press(Verb::Answer(1)),
        press(Verb::FollowHere),
        press(Verb::MoveHere),
        press(Verb::CancelFollow),
        press(Verb::Begin),
        press(Verb::Dismiss),
        press(Verb::ListenToAll),
        Inbound::TaskForm(id.clone(), form("web")),
        Inbound::TaskForm(id.clone(), form("pay")),
        Inbound::BindForm(dev(), form("web")),
        Inbound::ChangesForm(id.clone(), plan, "smaller steps".to_owned()),
        Inbound::AnswerForm(id.clone(), 1, "yes".to_owned()),
        Inbound::SendForm(id.clone(), "look at this".to_owned()),
        settings(Whose::Mine),
        settings(Whose::Workspace),
        Inbound::FollowForm(dev(), domain::ids::SessionId::parse("31415926535897932384").ok()),
        key_form(Whose::Mine),
        key_form(Whose::Workspace),
        words("key"),
        Inbound::NewTask,
        Inbound::SendToJules(Box::new(PointedMessage {
            ts: MessageTs::parse("1795510899.000100").unwrap(),
            author: Some(user("U0BEN")),
            words: Words::plain("the page is blank"),
            forwarded: Vec::new(),
            files: Vec::new(),
        })),
        Inbound::Message(message("use the new name")),
    ]
}

fn key_form(whose: Whose) -> Inbound {
    let (key, plan) = (Some(Secret::new("AQ.a-key")), Plan::Free);
    Inbound::KeyForm(whose, Box::new(KeyValues { key, plan, remove: None }))
}

fn who_may() -> impl Strategy<Value = Option<WhoMay>> {
    let these = |id| WhoMay::These(vec![Named::Person(user(id))]);
    select(vec![
        None,
        Some(WhoMay::Everyone),
        Some(WhoMay::Requester),
        Some(WhoMay::Other),
        Some(WhoMay::Admins),
        Some(these("U0ANN")),
        Some(these("U0ZOE")),
        Some(WhoMay::These(Vec::new())),
    ])
}

fn rules() -> impl Strategy<Value = Rules> {
    let guests = select(vec![None, Some(Guests::None), Some(Guests::Steer), Some(Guests::Start)]);
    let repos = select(vec![
        None,
        Some(Repos::Bound),
        Some(Repos::Matching(vec![RepoPattern::parse("!acme/pay").unwrap()])),
    ]);
    let rights = (who_may(), who_may(), who_may(), who_may(), who_may());
    (rights, guests, repos).prop_map(|((start, approve, steer, bind, manage), guests, repos)| {
        Rules { start, approve, steer, bind, manage, guests, repos, ..Rules::default() }
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    let of_repo = (who_may(), who_may(), who_may()).prop_map(|(start, approve, steer)| RepoRules {
        pattern: RepoPattern::parse("acme/p*").unwrap(),
        start,
        approve,
        steer,
    });
    (rules(), rules(), of_repo).prop_map(|(defaults, of_dev, of_repo)| Policy {
        defaults,
        channels: [(dev(), of_dev)].into(),
        repositories: vec![of_repo],
        ..Policy::default()
    })
}

/// Ann, or Ben whose task it is, as whatever Slack may say of them.
fn people() -> impl Strategy<Value = (Actor, Standing, Manages)> {
    let role = select(vec![Role::Member, Role::Member, Role::External, Role::App(Vec::new())]);
    let standing = select(vec![
        Standing::Member,
        Standing::Member,
        Standing::Guest,
        Standing::Deactivated,
        Standing::Stranger,
        Standing::NoScope,
        Standing::Unknown,
    ]);
    let manages = select(vec![Manages::Yes, Manages::No(NotManager::Member)]);
    (select(vec!["U0ANN", "U0BEN"]), role, standing, manages).prop_map(
        |(id, role, standing, manages)| {
            (Actor { team: team(), user: user(id), role }, standing, manages)
        },
    )
}

/// The right that it takes to have this stored, where and on which repository. Written down here once more, and
/// not asked of the program.
fn taken<'a>(write: &'a Write, known: Option<&'a Task>) -> Option<(Right, Option<&'a RepoRef>)> {
    let of_task = known.and_then(Task::repo);
    match write {
        Write::Task(task) => Some((Right::Start, task.repo())),
        Write::Bind(binding, _) => Some((Right::Bind, Some(&binding.repo))),
        Write::Unbind(_) => Some((Right::Bind, None)),
        Write::Settings(change) => {
            (change.whose == Whose::Workspace).then_some((Right::Manage, None))
        }
        Write::Once(_) => None,
        Write::Input(_, input) => match &**input {
            Input::FormValues { start: Start::At(target), .. } => {
                Some((Right::Start, Some(&target.repo)))
            }
            Input::FormValues { .. } => Some((Right::Start, None)),
            Input::Press(_, Verb::Approve(_)) | Input::Changes { .. } => {
                Some((Right::Approve, of_task))
            }
            Input::Press(_, Verb::Stop | Verb::Nudge | Verb::ListenToAll | Verb::MoveHere)
            | Input::Answer { .. }
            | Input::SentOn { .. }
            | Input::Reply(_) => Some((Right::Steer, of_task)),
            Input::Press(
                _,
                Verb::Choose(_) | Verb::Resume | Verb::Begin | Verb::Dismiss | Verb::FollowHere,
            ) => Some((Right::Start, None)),
            Input::Press(_, Verb::CancelFollow) | Input::Outsider(_) => None,
            other => panic!("nobody can ask for {other:?}"),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_is_stored_without_a_yes(
        policy in policies(),
        (actor, standing, manages) in people(),
        known in tasks(),
    ) {
        let (groups, account, names) = (Groups::default(), AccountId::of_settings(), Names::new());
        let sources = [source("web"), source("pay")];
        let accounts = [UsableAccount { id: &account, owner: None, sources: Some(&sources) }];
        let access = Access { policy: &policy, standing, manages, groups: &groups, is_shared: Some(false) };
        let bot = user("U0JULES");
        for inbound in inbounds() {
            for reply in [ReplyRoute::Command(None), ReplyRoute::Home, ReplyRoute::Message] {
                let origin = Origin {
                    delivery: DeliveryId::of(&["this"]),
                    place: (reply != ReplyRoute::Home).then(|| Place { channel: dev(), root: None }),
                    reply,
                    trigger: Some(Secret::new("t")),
                };
                let facts = Facts {
                    applied: None, accounts: &accounts, binding: None, is_binding_damaged: false,
                    person: None, settings: None, access, names: &names, seen: false, bot: Some(&bot), sources: Some(&sources),
                    task: known.as_ref(), successor: None, workspace: None,
                };
                let answer = handle(&inbound, &actor, &origin, &facts, Timestamp::UNIX_EPOCH);
                let Some((right, repo)) = answer.write.as_ref().and_then(|write| taken(write, known.as_ref()))
                else { continue };
                let asker = Asker { actor: &actor, standing, manages, groups: &groups };
                let requester = match right {
                    Right::Start | Right::Bind | Right::Manage => None,
                    Right::See | Right::Approve | Right::Steer => known.as_ref().map(|task| &task.author),
                };
                // A draft, and what opens one, is for the repository that is picked in it.
                let is_draft = matches!(&answer.write, Some(Write::Task(task)) if task.is_draft());
                let channel = channel_of(&answer, known.as_ref(), &origin);
                let scope = Scope { channel, is_shared: Some(false), bound: None };
                let act = Act { right, scope, repo: repo.filter(|_| !is_draft), requester };
                let allowed = may(&asker, &act, &policy);
                prop_assert!(allowed.is_ok(), "{inbound:?}\nstored {:?}\nthough {allowed:?}", answer.write);
            }
        }
    }

    #[test]
    fn who_may_nothing_changes_nothing(known in tasks(), (actor, standing, _) in people()) {
        let no = Some(WhoMay::These(Vec::new()));
        let nobody = Rules {
            start: no.clone(), approve: no.clone(), steer: no.clone(), bind: no.clone(), manage: no,
            ..Rules::default()
        };
        let policy = Policy { defaults: nobody, ..Policy::default() };
        let (groups, account, names) = (Groups::default(), AccountId::of_settings(), Names::new());
        let sources = [source("web")];
        let accounts = [UsableAccount { id: &account, owner: None, sources: Some(&sources) }];
        let manages = Manages::Yes;
        let access = Access { policy: &policy, standing, manages, groups: &groups, is_shared: None };
        for inbound in inbounds() {
            let origin = Origin {
                delivery: DeliveryId::of(&["this"]),
                place: Some(Place { channel: dev(), root: None }),
                reply: ReplyRoute::Command(None),
                trigger: Some(Secret::new("t")),
            };
            let facts = Facts {
                applied: None, accounts: &accounts, binding: None, is_binding_damaged: false,
                person: None, settings: None, access, names: &names, seen: false, bot: None, sources: Some(&sources), task: known.as_ref(),
                successor: None, workspace: None,
            };
            let answer = handle(&inbound, &actor, &origin, &facts, Timestamp::UNIX_EPOCH);
            let is_harmless = match &answer.write {
                None | Some(Write::Once(_)) => true,
                Some(Write::Settings(change)) => change.whose == Whose::Mine,
                Some(Write::Input(_, input)) => matches!(
                    **input, Input::Outsider(_) | Input::Press(_, Verb::CancelFollow)
                ),
                Some(Write::Task(_) | Write::Bind(..) | Write::Unbind(_)) => false,
            };
            prop_assert!(is_harmless, "{inbound:?}: {:?}", answer.write);
            let opens = matches!(
                answer.follow_up,
                Some(
                    FollowUp::Bind(_)
                        | FollowUp::PickSession(_)
                        | FollowUp::OpenOnMessage(..)
                        | FollowUp::OpenKey(_)
                        | FollowUp::KeepKey(_)
                )
            );
            prop_assert!(!opens, "{inbound:?}: {:?}", answer.follow_up);
        }
    }
}

/// The channel whose rules count for what is stored.
fn channel_of<'a>(
    answer: &'a Answer,
    known: Option<&'a Task>,
    origin: &'a Origin,
) -> Option<&'a ChannelId> {
    match &answer.write {
        Some(Write::Task(task)) => task.channel.as_ref(),
        Some(Write::Bind(binding, _)) => Some(&binding.channel),
        Some(Write::Input(..)) => known.and_then(|task| task.channel.as_ref()),
        _ => origin.channel(),
    }
}

/// A task that follows a session knows its repository only when Jules has told it.
#[test]
fn what_is_followed_has_a_repository_once_it_is_found() {
    let link = SessionLink::parse("31415926535897932384").unwrap();
    let followed = task(Start::Draft(Vec::new())).follows(link, Timestamp::UNIX_EPOCH);
    assert_eq!(followed.repo(), None);
}
