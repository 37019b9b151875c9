//! Each thing that the bot says, with sample values: every variant of everything that has words.

use super::drawn;
use super::homes::homes;
use super::pulls;
use crate::laws::variants::{Variants, complete, variants};
use domain::activity::PlanStep;
use domain::binding::Binding;
use domain::command::{CommandError, Ping, PlanMode, PrMode, Request, parse};
use domain::diff::{ChangeKind, Changes, DiffPage, DiffPiece, DiffStat, FileChange};
use domain::earlier::EarlierMessage;
use domain::fault::Cause;
use domain::form::{
    AboutMessage, AnswerForm, BindForm, ChangesForm, ContextView, DiffShown, DiffView, FieldError,
    Form, KeyForm, MessagesShown, MessagesView, SendForm, SessionChoice, SessionPicker,
    SessionsShown, SettingsForm, TaskForm,
};
use domain::ids::{ChannelId, DeliveryId, GroupId, PlanId, SessionId, TaskId, TeamId, UserId};
use domain::message::{
    Call, Finished, Listing, Notice, Occasion, Post, Scope, StaleAction, TaskRow,
};
use domain::offer::{Offer, StaleOffer};
use domain::policy::{
    CapReached, Guests, Manages, Named, NotManager, Policy, Refusal, Right, SetBy, Summary, WhoMay,
};
use domain::queue::{QueuePlace, Standing};
use domain::quota::{Plan, Quota, Room, Shortage};
use domain::repo::{Branch, Candidate, RepoRef, Skipped, SourceName, TargetReason};
use domain::secret::Secret;
use domain::session::{PullRequest, SessionState};
use domain::task::{
    Beside, Card, CardStatus, DmRecord, Hears, IssueClosed, LeftOut, MovedTo, Phase, PlanFile,
    PlanRecord, PlanStatus, Retried, RetryOf, StepAt, Task, Way, WhyLeftOut,
};
use domain::tenant::{Level, Preferences, RepoChoice, Settings, Whose};
use domain::watch::Usage;
use jiff::Timestamp;
use serde_json::to_value;
use slack::client::Content;
use slack::{form, render};

/// Something that the bot says.
pub(super) struct Sample {
    /// Where it stands.
    pub(super) on: &'static str,
    /// What it is about.
    pub(super) of: String,
    /// How it reads.
    pub(super) shown: String,
}

variants! { of_notice: Notice {
    SentAsQuestion PushesUnseen NothingToFix IssueClosed IssueBegun LinkedPull
    Taken NotConnected Settings NotManager Choose ManyFit SeveralFit UnknownRepo UnknownBranch UnknownPath
    NoDefaultBranch NoSources
    NotStarted FormNotOpened FormExpired CommandError OfferNotRun Help Version Bound Unbound NotBound
    BoundSince Bindings Repos Trouble Held NoListYet StoreDown Unconfirmed Unreadable BindingUnreadable Newer NotOurs
    NotReady TooLate
    NotPassedOn NotDelivered MaybeDelivered EditNotSent HowToStart Hello Pick Confirm NobodyPicked OfferOver ThreadUnread
    NothingInThread MentionedInEdit OnlyFiles TypeCommand TooLong NothingSaid Credential
    PressApprove NothingToApprove PressStop ConfirmStop NoSteering OtherPlace NotYourDraft CannotWrite
    RootGone RetriedAlready TaskUnknown Tasks Copy Plan ViewNotOpened FollowHere AlreadyFollowed
    SessionNotFound NoSessionOpenedIt NoSessionLink FollowExpired Access Refused NoAccount KeyKept KeyNotKept
    KeyRemoved KeyRefused
} }
variants! { of_post: Post {
    Pull Held HeldDecided
    Link Plan Word Finished Failed Refused PullRequest ApprovedElsewhere WentOn SaidElsewhere
    Moved Answered Call ArchivedElsewhere Unarchived Paused SessionGone SessionFound Beside SentOn SeeSession
    Dropped
} }
variants! { of_cause: Cause {
    GitHubDown Undecided
    JulesDown JulesBusy JulesKeyRefused JulesForbidden JulesOtherAccount SourceGone SessionMissing
    CreateRefused JulesRefused StoreDown SlackDown SlackBusy NotInChannel ChannelNotFound ChannelArchived
    PostingRestricted SlackTokenRefused MissingScope MessageRefused MessageGone MaybeCreated MaybePosted
    Withdrawn Dropped NotTaken NotBegun
} }
variants! { of_status: CardStatus {
    Starting Held InQueue Session Finished Stopped Stopping Archived Gone Moved
} }
variants! { of_state: SessionState {
    Queued Planning AwaitingPlanApproval AwaitingUserFeedback InProgress Paused Failed Completed Unspecified
    Unknown
} }
variants! { of_plan: PlanStatus {
    Told Pending Approving Approved ChangesAsked Replaced WentOn Closed Moved
} }
variants! { of_stale: StaleAction {
    Approved ChangesAsked Replaced WentOn Over Failed Archived Gone NotStarted GoesOn
    Answered Moved Decided Dropped
} }
variants! { of_field: FieldError {
    NoSession
    NoPrompt Credential NoChanges NoAnswer NothingToSend NoRepo NoChannel UnknownRepo UnknownBranch NoDefaultBranch
    NoListYet NotUsable NoKey BadKey SetByOperator KeyUnchecked OtherAccount
} }
variants! { of_command: CommandError { Word Value Superfluous NoTask Credential } }

const URL: &str = "https://jules.google.com/session/1";
pub(super) const PAGE: &str = "https://acme.slack.com/archives/C1/p2";

pub(super) fn task() -> TaskId {
    TaskId::for_delivery(&DeliveryId::of(&["one"]))
}

fn ann() -> UserId {
    UserId::parse("U0ANN").unwrap()
}

fn team() -> TeamId {
    TeamId::parse("T0ACME").unwrap()
}

/// Rules about everything.
fn strict() -> Policy {
    let text = r#"
        [defaults]
        start = ["U0ANN", "S0LEADS"]
        approve = "other"
        steer = "requester"
        bind = "admins"
        manage = []
        guests = "steer"
        shared = "off"
        dm = false
        context = false
        keys = "own-only"
        repos = ["acme/*", "!acme/secrets"]
        open_tasks = { person = 5, channel = 20 }
        tasks_a_day = { person = 10 }

        [workspace.T0ACME]
        admins = ["U0ANN"]
        guests = "start"
        tasks_a_day = { channel = 30 }

        [channel.C0DEV]
        repos = "bound"

        [repository."acme/pay*"]
        start = "admins"
    "#;
    jules_slack::config::parse_access(text).unwrap()
}

/// A list that names only what is left out, which most people aren't told.
fn only_left_out() -> Policy {
    jules_slack::config::parse_access("[defaults]\nrepos = [\"!acme/secrets\"]").unwrap()
}

/// Why a rule says no, in every way that it is said.
fn refusals() -> Vec<Refusal> {
    let rule = |right, who, repo, set_by| Refusal::Rule {
        right,
        who,
        repo,
        requester: Some(ann()),
        set_by,
    };
    let these = |named: &[Named]| WhoMay::These(named.to_vec());
    let group = Named::Group(GroupId::parse("S0LEADS").unwrap());
    let cap = |of_person, frees| CapReached { most: 5, of_person, frees, set_by: SetBy::Defaults };
    let listed = |only_bound, bound| Refusal::Repo {
        repo: repo("web"),
        only_bound,
        bound,
        set_by: SetBy::Channel,
    };
    let of_guests = |right| Refusal::Guest { right, guests: Guests::None, set_by: SetBy::BuiltIn };
    vec![
        rule(
            Right::Start,
            these(std::slice::from_ref(&group)),
            Some(repo("pay")),
            SetBy::Repository,
        ),
        rule(Right::Approve, these(&[Named::Person(ann()), group]), None, SetBy::Workspace),
        rule(Right::Bind, WhoMay::Admins, None, SetBy::Defaults),
        rule(Right::Steer, WhoMay::Requester, None, SetBy::Channel),
        rule(Right::Approve, WhoMay::Other, None, SetBy::Channel),
        rule(Right::Manage, these(&[]), None, SetBy::Defaults),
        rule(Right::Manage, these(&[Named::Person(ann())]), None, SetBy::Defaults),
        rule(Right::See, WhoMay::Everyone, None, SetBy::BuiltIn),
        of_guests(Right::Start),
        of_guests(Right::Steer),
        Refusal::Shared { right: Right::Start, set_by: SetBy::Channel },
        Refusal::Direct { set_by: SetBy::Defaults },
        listed(true, Some(repo("api"))),
        listed(true, None),
        listed(false, None),
        Refusal::Cap(cap(true, Some(Timestamp::UNIX_EPOCH))),
        Refusal::Cap(cap(false, Some(Timestamp::UNIX_EPOCH))),
        Refusal::Cap(cap(true, None)),
        Refusal::Cap(cap(false, None)),
        Refusal::Unsure,
    ]
}

fn dev() -> ChannelId {
    ChannelId::parse("C0DEV").unwrap()
}

pub(super) fn plan_id() -> PlanId {
    PlanId::parse("p1").unwrap()
}

pub(super) fn at() -> Timestamp {
    "2026-11-24T12:31:00Z".parse().unwrap()
}

pub(super) fn repo(name: &str) -> RepoRef {
    RepoRef { owner: "acme".to_owned(), repo: name.to_owned() }
}

fn branch() -> Branch {
    Branch("main".to_owned())
}

pub(super) fn pull(number: u32) -> PullRequest {
    let url = format!("https://github.com/acme/web/pull/{number}");
    PullRequest { url, title: Some("Rename frontend to website".to_owned()) }
}

fn content(Content { blocks, .. }: &Content) -> String {
    drawn::blocks(&to_value(blocks).unwrap())
}

pub(super) fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    let mut say = |on, of: String, shown: String| all.push(Sample { on, of, shown });
    for (of, card) in cards() {
        let plan = (of == "AwaitingPlanApproval").then_some(PAGE);
        let shown = content(&render::card(&card, plan));
        // What is the same on most cards stands here once.
        let usual = ["*Rename frontend to website*", "Asked by @ann  acme/web · main"];
        let lines = shown.lines().filter(|line| of == "Starting" || !usual.contains(line));
        let lines: Vec<&str> = lines.collect();
        say("The card", of, lines.join("\n"));
    }
    let spoken = render::card(&card(CardStatus::Starting), None).text;
    say("The card", "In a notification".to_owned(), spoken);
    for post in complete(posts()) {
        let said = render::post(&post);
        say("The thread", post.variant().to_owned(), content(&said));
        if let Post::Link { quiet: false, .. } = post {
            say("The thread", "The same in a notification".to_owned(), said.text);
        }
    }
    let twice = render::again(render::post(&Post::WentOn));
    say("The thread", "Where it may have been posted before".to_owned(), content(&twice));
    for (of, post) in calls() {
        say("Mentions", of.to_owned(), content(&render::post_to(&post, Some(&ann()))));
    }
    for (of, task, dm) in direct_messages() {
        say("Direct messages", of, content(&render::direct(&task, &dm, Some(PAGE))));
    }
    for (of, home) in homes() {
        let blocks = to_value(render::home(&home)).unwrap();
        say("App Home", of.to_owned(), drawn::blocks(&blocks));
    }
    let mut long = plan(PlanStatus::Pending, &["Look around"], 1);
    long.steps[0].description = Some("word ".repeat(3_000));
    for plan in
        [&plan(PlanStatus::Pending, &["Look around"], 1), &plan(PlanStatus::Pending, &[], 0)]
    {
        let spoken = render::plan(&task(), plan, URL).text;
        say("Plans", "In a notification".to_owned(), spoken);
    }
    let first = render::plan_messages(&task(), &long, URL, &[]).swap_remove(0);
    say("Plans", "In a notification, where it is long".to_owned(), first.text);
    for (nth, part) in (1..).zip(render::plan_messages(&task(), &long, URL, &[])) {
        say("Plans", format!("Message {nth} of a long one"), content(&part));
    }
    long.file = PlanFile::Shared;
    for message in render::plan_messages(&task(), &long, URL, &[]) {
        say("Plans", "Where the whole of it is a file".to_owned(), content(&message));
    }
    long.steps = vec![PlanStep { title: "word ".repeat(3_000), description: None }];
    for message in render::plan_messages(&task(), &long, URL, &[]) {
        say("Plans", "With very long titles".to_owned(), content(&message));
    }
    let short = plan(PlanStatus::Pending, &["Look around"], 1);
    for who in [WhoMay::Requester, WhoMay::Other, WhoMay::Admins, WhoMay::These(Vec::new())] {
        let rules = [who];
        for message in render::plan_messages(&task(), &short, URL, &rules) {
            say("Plans", "Where not everyone approves".to_owned(), content(&message));
        }
    }
    long.missing = 1_200;
    let file = render::plan_file(&long, "Rename frontend to website", URL);
    say(
        "Plans",
        "The end of a file".to_owned(),
        file.lines().last().unwrap_or_default().to_owned(),
    );
    for (of, shows) in shown_changes() {
        let view = Form::Diff(DiffView { task: task(), shows });
        say("Changes", of.to_owned(), drawn::form(&to_value(form::view(&view)).unwrap()));
    }
    for (of, shows) in shown_sessions() {
        let view = Form::Sessions(SessionPicker { channel: dev(), shows });
        say(
            "Sessions to follow",
            of.to_owned(),
            drawn::form(&to_value(form::view(&view)).unwrap()),
        );
    }
    for (of, shows) in shown_messages() {
        let view = Form::Messages(MessagesView { task: task(), shows });
        say("Earlier messages", of.to_owned(), drawn::form(&to_value(form::view(&view)).unwrap()));
    }
    for (of, plan) in plans() {
        let said = render::plan(&task(), &plan, URL);
        say("Plans", of.clone(), content(&said));
        if plan.status.is_open() {
            say("Plans", format!("{of}, in a notification"), said.text);
        }
    }
    for notice in complete(notices()) {
        say("Private answers", notice.variant().to_owned(), content(&render::notice(&notice)));
    }
    for late in complete(late()) {
        let notice = Notice::TooLate(late.clone());
        say(
            "A click that came too late",
            late.variant().to_owned(),
            content(&render::notice(&notice)),
        );
    }
    for cause in complete(causes()) {
        let notice = Notice::Trouble(cause.clone());
        say("What can go wrong", cause.variant().to_owned(), content(&render::notice(&notice)));
    }
    for listing in lists() {
        let of = format!("{:?}", listing.scope);
        say("Lists", of, content(&render::notice(&Notice::Tasks(Box::new(listing)))));
    }
    for (of, form) in forms() {
        say("Forms", of.to_owned(), drawn::form(&to_value(form::view(&form)).unwrap()));
    }
    for error in complete(field_errors()) {
        say("Errors at a field", error.variant().to_owned(), render::refusal(&error));
    }
    all
}

pub(super) fn card(status: CardStatus) -> Card {
    Card {
        task: task(),
        author: ann(),
        account_of: None,
        title: "Rename frontend to website".to_owned(),
        prompt: None,
        repo: Some(repo("web")),
        branch: Some(branch()),
        why: TargetReason::Asked,
        skipped: Vec::new(),
        followed: false,
        status,
        blocked: None,
        url: Some(URL.to_owned()),
        link_refused: false,
        step: None,
        progress: None,
        minutes: None,
        silent: None,
        approved_by: None,
        plan: None,
        pull_request: None,
        pull: None,
        took: None,
        failure: None,
        again: false,
        retry_of: None,
        retried: None,
        way: Way::Command,
        in_thread: false,
        along: None,
        issue: None,
        can_show: false,
        hears: Hears::Everyone,
        beside: None,
    }
}

fn states() -> Vec<SessionState> {
    complete(vec![
        SessionState::Queued,
        SessionState::Planning,
        SessionState::AwaitingPlanApproval,
        SessionState::AwaitingUserFeedback,
        SessionState::InProgress,
        SessionState::Paused,
        SessionState::Failed,
        SessionState::Completed,
        SessionState::Unspecified,
        SessionState::Unknown("DREAMING".to_owned()),
    ])
}

fn moved_to(page: Option<&str>) -> MovedTo {
    MovedTo { task: task(), by: ann(), page: page.map(str::to_owned), told: true }
}

fn queued(place: Option<u32>, why: Option<Shortage>) -> CardStatus {
    CardStatus::InQueue(Standing { place: place.map(QueuePlace::near), why })
}

pub(in crate::laws) fn statuses() -> Vec<CardStatus> {
    let room = Room { today: 4, running: 1, quota: Quota::FREE };
    complete(vec![
        CardStatus::Starting,
        CardStatus::Held(Cause::JulesDown),
        queued(Some(1), None),
        queued(Some(2), Some(Shortage::AllRunning { at_once: 3 })),
        queued(Some(3), Some(Shortage::UsedUp { a_day: 15, frees_at: Some(at()) })),
        queued(Some(10), Some(Shortage::UsedUp { a_day: 15, frees_at: None })),
        queued(Some(100), Some(Shortage::NoReason(None))),
        queued(None, Some(Shortage::NoReason(Some(room)))),
        CardStatus::Session(SessionState::InProgress),
        CardStatus::Finished { changed_nothing: false },
        CardStatus::Finished { changed_nothing: true },
        CardStatus::Stopped(Cause::SourceGone),
        CardStatus::Stopped(Cause::MaybeCreated),
        CardStatus::Stopped(Cause::Withdrawn(ann())),
        CardStatus::Stopped(Cause::Dropped),
        CardStatus::Stopping(ann()),
        CardStatus::Archived(Some(ann())),
        CardStatus::Archived(None),
        CardStatus::Gone,
        CardStatus::Moved(moved_to(Some(PAGE))),
        CardStatus::Moved(moved_to(None)),
    ])
}

fn cards() -> Vec<(String, Card)> {
    let mut all = Vec::new();
    // The states of a session come below.
    let is_session = |status: &CardStatus| matches!(status, CardStatus::Session(_));
    for status in statuses().into_iter().filter(|status| !is_session(status)) {
        let took = matches!(status, CardStatus::Finished { .. }).then_some(840);
        all.push((status.variant().to_owned(), Card { took, ..card(status) }));
    }
    for state in states() {
        let of = state.variant().to_owned();
        all.push((of, card(CardStatus::Session(state))));
    }
    let working = || card(CardStatus::Session(SessionState::InProgress));
    let step = StepAt { at: 2, of: 3, title: "Rename the folder".to_owned() };
    let ours = card(CardStatus::Starting);
    let in_thread = |way, along: Option<(u32, u32)>| Card {
        way,
        along,
        can_show: along.is_some(),
        in_thread: true,
        ..working()
    };
    let beside = Some(Beside { task: task(), page: Some(PAGE.to_owned()) });
    for (name, issue) in pulls::issues() {
        all.push((name.to_owned(), Card { issue: Some(issue), ..card(CardStatus::Starting) }));
    }
    for (name, face) in pulls::faces() {
        let done = card(CardStatus::Finished { changed_nothing: false });
        let pull_request = Some(pull(214));
        all.push((
            name.to_owned(),
            Card { pull: Some(face), pull_request, took: Some(840), ..done },
        ));
    }
    all.extend(
        [
            ("With a step of its plan", Card { step: Some(step), minutes: Some(5), ..working() }),
            ("On one's own account", Card { account_of: Some(ann()), ..working() }),
            ("Silent for long", Card { silent: Some(15), ..working() }),
            (
                "Stopping, with something in the way",
                Card { blocked: Some(Cause::SessionMissing), ..card(CardStatus::Stopping(ann())) },
            ),
            (
                "With a request of several lines, approved, retried",
                Card {
                    prompt: Some("Rename frontend to website\nand keep the tests".to_owned()),
                    approved_by: Some(ann()),
                    retry_of: Some(RetryOf {
                        task: task(),
                        page: Some(PAGE.to_owned()),
                        draft: None,
                    }),
                    retried: Some(Retried { by: ann(), page: Some(PAGE.to_owned()) }),
                    ..working()
                },
            ),
            ("By the channel's binding", Card { why: TargetReason::Binding, ..ours.clone() }),
            ("By the linked issue", Card { why: TargetReason::LinkedIssue, ..ours.clone() }),
            (
                "By the linked pull request",
                Card { why: TargetReason::LinkedPullRequest, ..ours.clone() },
            ),
            ("By their default", Card { why: TargetReason::Mine, ..ours.clone() }),
            (
                "By the workspace's default, since theirs is gone",
                Card {
                    why: TargetReason::Workspace,
                    skipped: vec![skipped("old", TargetReason::Mine)],
                    ..ours.clone()
                },
            ),
            ("By the only source", Card { why: TargetReason::OnlySource, ..ours.clone() }),
            ("Not started at Jules", Card { url: None, ..ours.clone() }),
            ("With a title that nobody sees", Card { title: String::new(), ..ours.clone() }),
            ("Where the link could not be posted", Card { link_refused: true, ..ours.clone() }),
            ("That began elsewhere", Card { followed: true, ..working() }),
            (
                "That began elsewhere, without a repository",
                Card { followed: true, repo: None, branch: None, ..working() },
            ),
            ("Posted twice, maybe", Card { again: true, ..ours.clone() }),
            ("Asked for in a thread", in_thread(Way::Mention, Some((6, 6)))),
            (
                "Asked for in a busy thread",
                Card { hears: Hears::Mentions, ..in_thread(Way::Mention, Some((21, 143))) },
            ),
            ("Asked for with one message", in_thread(Way::MessageShortcut, Some((1, 1)))),
            ("Asked for in a direct message", in_thread(Way::DirectMessage, None)),
            ("Asked for in App Home", Card { way: Way::Home, ..ours.clone() }),
            ("Asked for with the shortcut", Card { way: Way::Shortcut, ..ours.clone() }),
            ("Asked for in another task's thread", Card { way: Way::Mention, beside, ..ours }),
            ("With a pull request", Card { pull_request: Some(pull(214)), ..working() }),
        ]
        .map(|(of, card)| (of.to_owned(), card)),
    );
    all
}

fn file(path: &str, kind: ChangeKind, binary: bool) -> FileChange {
    FileChange { kind, path: path.to_owned(), added: 12, removed: 3, binary }
}

fn changes() -> DiffStat {
    let from = "frontend/app.js".to_owned();
    let files = vec![
        file("README.md", ChangeKind::Changed, false),
        file("website/logo.png", ChangeKind::Created, true),
        file("frontend/old.js", ChangeKind::Deleted, false),
        file("website/app.js", ChangeKind::Renamed { from }, false),
    ];
    DiffStat { files, more: 3, added: 120, removed: 8, unread: 0 }
}

fn one_file() -> DiffStat {
    let files = vec![file("website/app.js", ChangeKind::Changed, false)];
    DiffStat { files, more: 0, added: 1, removed: 0, unread: 0 }
}

fn finished(opened: &[u32], kept: Option<u32>, changes: Changes) -> Post {
    Post::Finished(Box::new(Finished {
        task: task(),
        url: URL.to_owned(),
        opened: opened.iter().copied().map(pull).collect(),
        kept: kept.map(pull),
        changes,
        commit_message: None,
        took: Some(840),
        watching: None,
    }))
}

pub(in crate::laws) fn posts() -> Vec<Post> {
    let url = || URL.to_owned();
    let text = || "Which folder do you mean?".to_owned();
    let counted = || Changes::Counted(changes());
    let link = |quiet| Post::Link { url: url(), repo: repo("web"), branch: branch(), quiet };
    let mut whole = finished(&[214], None, counted());
    if let Post::Finished(finished) = &mut whole {
        finished.commit_message = Some("feat: rename frontend to website".to_owned());
    }
    let one = vec![file("README.md", ChangeKind::Changed, false)];
    let untitled = PullRequest { url: "https://github.com/acme/web/pulls".to_owned(), title: None };
    let mut all = vec![
        link(false),
        link(true),
        Post::Plan { id: plan_id(), part: 0 },
        Post::Word { text: text(), question: true, url: url() },
        Post::Word { text: "I've looked around.".to_owned(), question: false, url: url() },
        Post::Word { text: "Word. ".repeat(2000), question: false, url: url() },
        Post::Word { text: "Word. ".repeat(2500), question: false, url: url() },
        whole,
        finished(&[214, 215], None, Changes::Unknown),
        finished(&[214], None, Changes::Counted(DiffStat { files: one, ..DiffStat::default() })),
        finished(&[], Some(214), counted()),
        finished(&[], Some(214), Changes::Counted(one_file())),
        finished(&[], Some(214), Changes::Unknown),
        finished(&[], None, Changes::Uncounted),
        finished(&[], None, Changes::Unknown),
        finished(&[], None, Changes::Nothing),
        Post::Failed { task: task(), reason: Some("The tests don't pass.".to_owned()), url: url() },
        Post::Failed { task: task(), reason: None, url: url() },
        Post::Refused { to: ann(), task: task(), repo: Some(repo("web")) },
        Post::Refused { to: ann(), task: task(), repo: None },
        Post::PullRequest(pull(214)),
        Post::PullRequest(untitled),
        Post::HeldDecided { by: ann(), sent: true },
        Post::HeldDecided { by: ann(), sent: false },
        Post::ApprovedElsewhere,
        Post::WentOn,
        Post::Answered { by: ann(), text: "The one with the logo.".to_owned() },
        Post::Call(Call { of: Occasion::Question(1), again: true }),
        Post::SaidElsewhere { text: "Also update the docs. ".repeat(90) },
        Post::ArchivedElsewhere { url: url() },
        Post::Unarchived,
        Post::Paused { url: url() },
        Post::Dropped { task: task(), url: Some(url()) },
        Post::Dropped { task: task(), url: None },
        Post::SessionGone { task: task() },
        Post::SessionFound,
        Post::Moved { by: ann(), page: Some(PAGE.to_owned()) },
        Post::Moved { by: ann(), page: None },
        Post::Beside { title: "Rename the tests".to_owned(), page: Some(PAGE.to_owned()) },
        Post::Beside { title: "Rename the tests".to_owned(), page: None },
        Post::SentOn { by: ann(), text: "It is blank on Safari".to_owned() },
        Post::SeeSession { url: url() },
    ];
    all.extend(pulls::all());
    all
}

fn plan(status: PlanStatus, steps: &[&str], total: usize) -> PlanRecord {
    let step = |title: &&str| PlanStep { title: (*title).to_owned(), description: None };
    PlanRecord {
        id: plan_id(),
        steps: steps.iter().map(step).collect(),
        missing: 0,
        forgotten: false,
        file: PlanFile::Undecided,
        total,
        message: None,
        status,
        drawn: None,
        mentions: None,
        changes: Some("Keep the old name working".to_owned()),
    }
}

pub(in crate::laws) fn plans() -> Vec<(String, PlanRecord)> {
    let statuses = complete(vec![
        PlanStatus::Told,
        PlanStatus::Pending,
        PlanStatus::Approving(ann()),
        PlanStatus::Approved(Some(ann())),
        PlanStatus::Approved(None),
        PlanStatus::ChangesAsked(ann()),
        PlanStatus::Replaced,
        PlanStatus::WentOn,
        PlanStatus::Closed,
        PlanStatus::Moved,
    ]);
    let steps = ["Look around", "Rename the folder"];
    let of = |status: PlanStatus| (status.variant().to_owned(), plan(status, &steps, 2));
    let mut all: Vec<_> = statuses.into_iter().map(of).collect();
    let mut unshown = plan(PlanStatus::ChangesAsked(ann()), &steps, 2);
    unshown.changes = None;
    all.push(("ChangesAsked, without the words".to_owned(), unshown));
    all.push(("One step".to_owned(), plan(PlanStatus::Pending, &steps[..1], 1)));
    all.push(("No steps".to_owned(), plan(PlanStatus::Pending, &[], 0)));
    all.push(("More steps than are shown".to_owned(), plan(PlanStatus::Told, &steps, 30)));
    all
}

/// Everything that someone is notified of in the thread.
fn calls() -> Vec<(&'static str, Post)> {
    let again = |of| Post::Call(Call { of, again: true });
    let instead = |of| Post::Call(Call { of, again: false });
    vec![
        ("A plan", Post::Plan { id: plan_id(), part: 0 }),
        (
            "A question",
            Post::Word { text: "Which?".to_owned(), question: true, url: URL.to_owned() },
        ),
        ("Done", finished(&[214], None, Changes::Unknown)),
        ("Failed", Post::Failed { task: task(), reason: None, url: URL.to_owned() }),
        ("A plan, again", again(Occasion::Plan(plan_id()))),
        ("A question, again", again(Occasion::Question(1))),
        ("A plan, where no direct message is possible", instead(Occasion::Plan(plan_id()))),
        ("A question, there", instead(Occasion::Question(1))),
        ("Done, there", instead(Occasion::Finished)),
        ("Failed, there", instead(Occasion::Failed)),
    ]
}

fn direct_messages() -> Vec<(String, Task, DmRecord)> {
    let stored = include_str!("../../../fixtures/records/task.v1.json");
    let stored: Task = serde_json::from_str(stored).unwrap();
    let with = |of: &Occasion, again, status: &PlanStatus, is_open: bool| {
        let mut task = stored.clone();
        task.progress.plans = vec![plan(status.clone(), &["Look around"], 1)];
        task.phase = Phase::Running { state: SessionState::AwaitingUserFeedback };
        (task.progress.asked, task.progress.answered) = (1, u32::from(!is_open));
        let words = matches!(of, Occasion::Question(_) | Occasion::Failed)
            .then(|| "Which folder do you mean?".to_owned());
        let call = Call { of: of.clone(), again };
        let dm = DmRecord { id: 1, call, words, at: None, drawn: None };
        (format!("{of:?}, {}", if is_open { "waiting" } else { "over" }), task, dm)
    };
    let plan = Occasion::Plan(plan_id());
    let approved = PlanStatus::Approved(Some(ann()));
    vec![
        with(&plan, false, &PlanStatus::Pending, true),
        with(&plan, true, &PlanStatus::Pending, true),
        with(&plan, false, &approved, false),
        with(&Occasion::Question(1), false, &approved, true),
        with(&Occasion::Question(1), true, &approved, true),
        with(&Occasion::Question(1), false, &approved, false),
        with(&Occasion::Finished, false, &approved, false),
        with(&Occasion::Failed, false, &approved, false),
    ]
}

fn shown_sessions() -> Vec<(&'static str, SessionsShown)> {
    let choice = |title: Option<&str>, repo: Option<RepoRef>, state| SessionChoice {
        id: SessionId::parse("31415926535897932384").unwrap(),
        title: title.map(str::to_owned),
        repo,
        state: Some(state),
        age: Some(840),
    };
    let mut list = vec![choice(None, None, SessionState::InProgress)];
    list.extend(
        states()
            .into_iter()
            .map(|state| choice(Some("Fix the login page"), Some(repo("web")), state)),
    );
    vec![
        ("Loading", SessionsShown::Loading),
        ("List", SessionsShown::List(list)),
        ("Where all have a thread", SessionsShown::List(Vec::new())),
        ("Trouble", SessionsShown::Trouble(Cause::JulesDown)),
    ]
}

fn shown_messages() -> Vec<(&'static str, MessagesShown)> {
    let said = |by_jules, text: &str, missing| EarlierMessage {
        by_jules,
        at: Some(at()),
        text: text.to_owned(),
        missing,
    };
    let messages = vec![
        said(true, "Which folder do you mean?", 0),
        said(false, "The one with the logo.", 0),
        EarlierMessage { at: None, ..said(true, "I've looked around.", 1_200) },
    ];
    let page = |at| MessagesShown::Page { messages: messages.clone(), at, url: URL.to_owned() };
    vec![
        ("Loading", MessagesShown::Loading),
        ("A page", page((1, 3))),
        ("Missing", MessagesShown::Missing),
        ("Trouble", MessagesShown::Trouble(Cause::JulesDown)),
    ]
}

fn shown_changes() -> Vec<(&'static str, DiffShown)> {
    let piece = |file, continues| DiffPiece { file, continues, lines: "@@ -1 +1 @@".to_owned() };
    let changed = || Some(file("src/app.js", ChangeKind::Changed, false));
    let page =
        || DiffPage(vec![piece(changed(), false), piece(changed(), true), piece(None, false)]);
    let shown = |at, missing| DiffShown::Page {
        stat: changes(),
        page: page(),
        at,
        missing,
        url: URL.to_owned(),
    };
    vec![
        ("While they're read", DiffShown::Loading),
        ("The only page", shown((0, 1), 0)),
        ("A page in between", shown((1, 3), 0)),
        ("The last page, with more behind it", shown((2, 3), 1_200)),
        ("As a file", DiffShown::Sent { stat: changes(), name: "changes.patch".to_owned() }),
        ("Gone", DiffShown::Missing),
        ("Too large", DiffShown::TooLarge),
        ("Not now", DiffShown::Trouble(Cause::JulesDown)),
    ]
}

fn binding(plan: Option<PlanMode>, pr: Option<PrMode>, quiet: Option<bool>) -> Binding {
    Binding {
        team: TeamId::parse("T1").unwrap(),
        channel: dev(),
        source: SourceName("sources/x".to_owned()),
        repo: repo("web"),
        branch: plan.map(|_| branch()),
        plan,
        pr,
        quiet,
        ping: quiet.map(|quiet| if quiet { Ping::Dm } else { Ping::Off }),
        context: None,
        by: ann(),
        at: at(),
    }
}

fn command_errors() -> Vec<CommandError> {
    let slip = |typed: &str| parse(typed).unwrap_err();
    let word = CommandError::Word {
        typed: "rep=".to_owned(),
        meant: "repo=".to_owned(),
        corrected: "repo=web fix the login page".to_owned(),
    };
    let mut all = vec![word];
    for key in ["repo", "branch", "title", "plan", "pr", "quiet"] {
        let allowed = match parse(&format!("{key}=\" \" go")) {
            Err(CommandError::Value { allowed, .. }) => allowed,
            other => panic!("{key} accepts anything: {other:?}"),
        };
        let typed = "?".to_owned();
        all.push(CommandError::Value { key: key.to_owned(), typed, allowed, binds: false });
    }
    all.extend([slip("plan= go"), slip("bind web ping=both")]);
    all.extend([slip("list mine"), slip("delete it")]);
    all.push(CommandError::Credential);
    complete(all)
}

fn taken(why: TargetReason, skipped: Vec<Skipped>) -> Notice {
    Notice::Taken { repo: repo("web"), branch: branch(), why, skipped }
}

fn skipped(name: &str, why: TargetReason) -> Skipped {
    Skipped { repo: repo(name), why }
}

fn settings(level: Level) -> Settings {
    Settings {
        repo: Some((repo("web"), level)),
        plan: (PlanMode::Ask, level),
        pr: (PrMode::Auto, Level::BuiltIn),
        ping: (Ping::Dm, Level::Workspace),
    }
}

fn settings_form(whose: Whose, note: Option<Notice>) -> Form {
    let level = match whose {
        Whose::Mine => Level::Mine,
        Whose::Workspace => Level::Workspace,
    };
    let source = SourceName("sources/x".to_owned());
    let chosen = Preferences {
        repo: Some(RepoChoice { source, repo: repo("web") }),
        plan: Some(PlanMode::Ask),
        ..Preferences::default()
    };
    Form::Settings(SettingsForm {
        whose,
        channel: None,
        chosen,
        settings: settings(level),
        manages: whose == Whose::Mine,
        note: note.map(Box::new),
    })
}

pub(in crate::laws) fn notices() -> Vec<Notice> {
    let some = Some(task());
    let taken = |why| taken(why, Vec::new());
    let candidate =
        |name| Candidate { source: SourceName("sources/x".to_owned()), repo: repo(name) };
    let candidates = || vec![candidate("web"), candidate("web-api")];
    let typed = || "web".to_owned();
    let near = || vec![repo("web"), repo("webapp")];
    let left = |name: &str, why| LeftOut { name: name.to_owned(), why };
    let text = || "use tabs".to_owned();
    let page = || Some(PAGE.to_owned());
    let confirm = |messages, own| Notice::Confirm {
        task: task(),
        repo: repo("web"),
        branch: branch(),
        messages,
        own,
    };
    let unread = |thread| Notice::ThreadUnread { code: "not_in_channel".to_owned(), thread };
    let mut all = vec![
        taken(TargetReason::Asked),
        taken(TargetReason::Binding),
        taken(TargetReason::LinkedIssue),
        taken(TargetReason::LinkedPullRequest),
        taken(TargetReason::Mine),
        taken(TargetReason::Workspace),
        taken(TargetReason::OnlySource),
        self::taken(TargetReason::Workspace, vec![skipped("old", TargetReason::Mine)]),
        self::taken(
            TargetReason::OnlySource,
            vec![skipped("old", TargetReason::Mine), skipped("older", TargetReason::Workspace)],
        ),
        self::taken(TargetReason::OnlySource, vec![skipped("older", TargetReason::Workspace)]),
        Notice::NotConnected {
            task: task(),
            gone: vec![skipped("web", TargetReason::LinkedIssue)],
        },
        Notice::NotConnected { task: task(), gone: vec![skipped("old", TargetReason::Mine)] },
        Notice::NotConnected {
            task: task(),
            gone: vec![
                skipped("web", TargetReason::LinkedPullRequest),
                skipped("old", TargetReason::Mine),
                skipped("older", TargetReason::Workspace),
            ],
        },
        Notice::Settings { saved: None, settings: settings(Level::Channel) },
        Notice::Settings { saved: Some(Whose::Mine), settings: settings(Level::Mine) },
        Notice::Settings { saved: Some(Whose::Workspace), settings: settings(Level::Workspace) },
        Notice::Settings {
            saved: None,
            settings: Settings { repo: None, ..settings(Level::BuiltIn) },
        },
        Notice::Settings {
            saved: None,
            settings: Settings {
                plan: (PlanMode::Auto, Level::Mine),
                pr: (PrMode::None, Level::Mine),
                ping: (Ping::Off, Level::Mine),
                ..settings(Level::BuiltIn)
            },
        },
        Notice::Access(Box::new(Policy::default().here(&team(), None).summary(Manages::Yes))),
        Notice::Access(Box::new(strict().here(&team(), Some(&dev())).summary(Manages::Yes))),
        Notice::Access(Box::new(Summary {
            is_outdated: true,
            ..only_left_out().here(&team(), None).summary(Manages::No(NotManager::Member))
        })),
        Notice::NoAccount { of_workspace: false },
        Notice::NoAccount { of_workspace: true },
        Notice::KeyKept { whose: Whose::Mine, is_empty: false },
        Notice::KeyKept { whose: Whose::Mine, is_empty: true },
        Notice::KeyKept { whose: Whose::Workspace, is_empty: false },
        Notice::KeyKept { whose: Whose::Workspace, is_empty: true },
        Notice::KeyNotKept(FieldError::BadKey),
        Notice::KeyNotKept(FieldError::KeyUnchecked),
        Notice::KeyNotKept(FieldError::SetByOperator),
        Notice::KeyRemoved { whose: Whose::Mine, after: 0 },
        Notice::KeyRemoved { whose: Whose::Mine, after: 1 },
        Notice::KeyRemoved { whose: Whose::Mine, after: 3 },
        Notice::KeyRemoved { whose: Whose::Workspace, after: 0 },
        Notice::KeyRefused { whose: Whose::Mine, tasks: 0 },
        Notice::KeyRefused { whose: Whose::Mine, tasks: 1 },
        Notice::KeyRefused { whose: Whose::Mine, tasks: 2 },
        Notice::KeyRefused { whose: Whose::Workspace, tasks: 2 },
        Notice::NotManager(NotManager::Member),
        Notice::NotManager(NotManager::NoScope),
        Notice::NotManager(NotManager::Unknown),
        Notice::Choose { task: task(), typed: typed(), candidates: candidates() },
        Notice::ManyFit { task: task(), typed: typed(), count: 12 },
        Notice::ManyFit { task: task(), typed: String::new(), count: 96 },
        Notice::SeveralFit { typed: typed(), candidates: near() },
        Notice::UnknownRepo { task: some.clone(), typed: "wbe".to_owned(), nearest: near() },
        Notice::UnknownRepo { task: None, typed: "wbe".to_owned(), nearest: Vec::new() },
        Notice::UnknownBranch {
            task: some.clone(),
            repo: repo("web"),
            typed: "mian".to_owned(),
            nearest: vec![branch()],
        },
        Notice::UnknownPath { task: some.clone(), repo: repo("web"), path: "a/b".to_owned() },
        Notice::UnknownPath { task: None, repo: repo("web"), path: "a/b".to_owned() },
        Notice::NoDefaultBranch { task: some.clone(), repo: repo("web") },
        Notice::NoSources,
        Notice::NotStarted { task: task(), cause: Cause::NotInChannel },
        Notice::FormNotOpened { task: some },
        Notice::FormNotOpened { task: None },
        Notice::FormExpired,
        Notice::OfferNotRun(StaleOffer::Expired),
        Notice::OfferNotRun(StaleOffer::NotTheirs),
        Notice::OfferNotRun(StaleOffer::Used),
        Notice::Help,
        Notice::Bound(binding(None, None, None)),
        Notice::Bound(binding(None, None, Some(false))),
        Notice::Bound(binding(Some(PlanMode::Ask), Some(PrMode::None), Some(true))),
        Notice::Unbound { repo: Some(repo("web")), by: ann() },
        Notice::Unbound { repo: None, by: ann() },
        Notice::NotBound,
        Notice::BoundSince(Some(Box::new(binding(None, None, None)))),
        Notice::BoundSince(None),
        Notice::Bindings(Vec::new()),
        Notice::Bindings(vec![binding(None, None, None), binding(Some(PlanMode::Ask), None, None)]),
        Notice::Repos { filter: None, shown: near(), total: 96 },
        Notice::Repos { filter: Some(typed()), shown: near(), total: 2 },
        Notice::Repos { filter: Some(typed()), shown: vec![repo("web")], total: 1 },
        Notice::Repos { filter: Some(typed()), shown: Vec::new(), total: 0 },
        Notice::Trouble(Cause::JulesDown),
        Notice::Held(Cause::JulesDown),
        Notice::NoListYet,
        Notice::StoreDown,
        Notice::Unconfirmed,
        Notice::Unreadable,
        Notice::BindingUnreadable,
        Notice::Newer,
        Notice::NotOurs,
        Notice::NotReady,
        Notice::TooLate(StaleAction::Over),
        Notice::NotPassedOn { files: vec![left("a.png", WhyLeftOut::NotText)] },
        Notice::NotPassedOn {
            files: vec![
                left("a.txt", WhyLeftOut::TooLarge),
                left("b.txt", WhyLeftOut::TooMany),
                left("c.txt", WhyLeftOut::Elsewhere),
                left("d.txt", WhyLeftOut::Unreadable),
                left("e.png", WhyLeftOut::NotText),
            ],
        },
        Notice::NotPassedOn { files: vec![left("a.png", WhyLeftOut::NotText); 12] },
        Notice::NotDelivered { text: text(), cause: Cause::JulesDown },
        Notice::MaybeDelivered { text: text() },
        Notice::SentAsQuestion,
        Notice::PushesUnseen { repo: repo("web") },
        Notice::NothingToFix,
        Notice::IssueClosed {
            task: task(),
            issue: pulls::issue(),
            closed: pulls::closed(Some("completed")),
        },
        Notice::IssueClosed {
            task: task(),
            issue: pulls::issue(),
            closed: pulls::closed(Some("duplicate")),
        },
        Notice::IssueClosed {
            task: task(),
            issue: pulls::issue(),
            closed: pulls::closed(Some("not_planned")),
        },
        Notice::IssueClosed { task: task(), issue: pulls::issue(), closed: pulls::closed(None) },
        Notice::IssueClosed {
            task: task(),
            issue: pulls::issue(),
            closed: IssueClosed { why: None, at: None },
        },
        Notice::IssueBegun {
            task: task(),
            issue: pulls::issue(),
            by: ann(),
            page: Some(PAGE.to_owned()),
        },
        Notice::IssueBegun { task: task(), issue: pulls::issue(), by: ann(), page: None },
        Notice::LinkedPull { task: task(), pull: pulls::issue(), branch: Some(branch()) },
        Notice::LinkedPull { task: task(), pull: pulls::issue(), branch: None },
        Notice::EditNotSent,
        Notice::HowToStart,
        Notice::Hello(Settings {
            repo: Some((repo("web"), Level::Mine)),
            plan: (PlanMode::Ask, Level::Workspace),
            pr: (PrMode::Auto, Level::BuiltIn),
            ping: (Ping::Thread, Level::BuiltIn),
        }),
        Notice::Pick { task: task(), candidates: candidates(), total: 12 },
        confirm(Some(6), false),
        confirm(Some(1), false),
        confirm(None, false),
        confirm(None, true),
        Notice::NobodyPicked,
        Notice::OfferOver,
        unread(true),
        unread(false),
        Notice::NothingInThread { code: Some("not_in_channel".to_owned()) },
        Notice::NothingInThread { code: None },
        Notice::MentionedInEdit,
        Notice::OnlyFiles,
        Notice::TypeCommand { command: "bind".to_owned() },
        Notice::TypeCommand { command: String::new() },
        Notice::TooLong,
        Notice::NothingSaid,
        Notice::Credential,
        Notice::PressApprove { task: task(), plan: plan_id() },
        Notice::NothingToApprove,
        Notice::PressStop { task: task(), begun: true },
        Notice::ConfirmStop { task: task(), begun: true },
        Notice::ConfirmStop { task: task(), begun: false },
        Notice::NoSteering,
        Notice::OtherPlace,
        Notice::NotYourDraft,
        Notice::CannotWrite { channel: dev(), cause: Cause::NotInChannel },
        Notice::RootGone { title: "Rename frontend".to_owned(), url: Some(URL.to_owned()) },
        Notice::RetriedAlready { page: Some(PAGE.to_owned()) },
        Notice::RetriedAlready { page: None },
        Notice::TaskUnknown,
        Notice::ViewNotOpened,
        Notice::FollowHere { task: task(), channel: Some(dev()) },
        Notice::FollowHere { task: task(), channel: None },
        Notice::AlreadyFollowed { task: Some(task()), page: page(), channel: Some(dev()) },
        Notice::AlreadyFollowed { task: Some(task()), page: page(), channel: None },
        Notice::AlreadyFollowed { task: None, page: None, channel: Some(dev()) },
        Notice::SessionNotFound,
        Notice::NoSessionOpenedIt,
        Notice::NoSessionLink { typed: "me".to_owned() },
        Notice::FollowExpired,
        Notice::Tasks(Box::new(listing(Scope::Mine, Vec::new()))),
        Notice::Copy(Post::WentOn),
        Notice::Plan {
            task: task(),
            plan: Box::new(plan(PlanStatus::Pending, &["Look around"], 1)),
            url: URL.to_owned(),
        },
    ];
    for error in command_errors() {
        let offer = error.corrected().and_then(|text| Offer::new(text, &ann(), None, at()));
        all.push(Notice::CommandError { error, offer });
    }
    all.extend(refusals().into_iter().map(|refusal| Notice::Refused(Box::new(refusal))));
    // The number changes with each release.
    complete([all, vec![Notice::Version]].concat())
}

fn late() -> Vec<StaleAction> {
    vec![
        StaleAction::Approved(Some(ann())),
        StaleAction::Approved(None),
        StaleAction::ChangesAsked(ann()),
        StaleAction::Replaced,
        StaleAction::WentOn,
        StaleAction::Over,
        StaleAction::Failed,
        StaleAction::Archived,
        StaleAction::Gone,
        StaleAction::NotStarted,
        StaleAction::Dropped,
        StaleAction::GoesOn,
        StaleAction::Answered,
        StaleAction::Decided,
        StaleAction::Moved(Some(PAGE.to_owned())),
        StaleAction::Moved(None),
    ]
}

pub(in crate::laws) fn causes() -> Vec<Cause> {
    let code = || "invalid_blocks".to_owned();
    vec![
        Cause::JulesDown,
        Cause::JulesBusy,
        Cause::JulesKeyRefused,
        Cause::JulesForbidden,
        Cause::JulesOtherAccount,
        Cause::SourceGone,
        Cause::SessionMissing,
        Cause::CreateRefused,
        Cause::JulesRefused(String::new()),
        Cause::JulesRefused("Request contains an invalid argument.".to_owned()),
        Cause::GitHubDown,
        Cause::Undecided,
        Cause::StoreDown,
        Cause::SlackDown,
        Cause::SlackBusy,
        Cause::NotInChannel,
        Cause::ChannelNotFound,
        Cause::ChannelArchived,
        Cause::PostingRestricted("restricted_action".to_owned()),
        Cause::SlackTokenRefused,
        Cause::MissingScope(None),
        Cause::MissingScope(Some("chat:write".to_owned())),
        Cause::MessageRefused(code()),
        Cause::MessageGone,
        Cause::MaybeCreated,
        Cause::MaybePosted,
        Cause::Withdrawn(ann()),
        Cause::Dropped,
        Cause::NotTaken,
        Cause::NotBegun,
    ]
}

fn listing(scope: Scope, rows: Vec<TaskRow>) -> Listing {
    Listing { scope, rows, next: None, usage: None, limits: None }
}

fn row(card: Card, plan: Option<&str>) -> TaskRow {
    let thread = Some(PAGE.to_owned());
    TaskRow { card, age: 180, channel: dev(), thread, plan: plan.map(str::to_owned) }
}

fn lists() -> Vec<Listing> {
    let scopes = [Scope::Channel, Scope::Mine, Scope::Open, Scope::Waiting];
    let in_state = |state| card(CardStatus::Session(state));
    let step = StepAt { at: 2, of: 3, title: "Rename".to_owned() };
    let working = Card { step: Some(step), minutes: Some(5), ..in_state(SessionState::InProgress) };
    let done = Card {
        pull_request: Some(pull(214)),
        took: Some(840),
        ..card(CardStatus::Finished { changed_nothing: false })
    };
    let rows = vec![
        row(in_state(SessionState::AwaitingPlanApproval), Some(PAGE)),
        row(in_state(SessionState::AwaitingUserFeedback), None),
        row(working, None),
        row(done, None),
        row(in_state(SessionState::Failed), None),
        row(card(CardStatus::Stopped(Cause::SourceGone)), None),
    ];
    let usage = |at_least| Some(Usage { today: 3, running: 1, at_least, at: at() });
    let mut all: Vec<_> = scopes.into_iter().map(|scope| listing(scope, Vec::new())).collect();
    all.push(Listing {
        usage: usage(false),
        limits: Some(Quota::FREE),
        next: Some("in/T1/C1/1".to_owned()),
        ..listing(Scope::Channel, rows.clone())
    });
    all.push(Listing { usage: usage(true), ..listing(Scope::Mine, rows.clone()) });
    all.push(listing(Scope::Open, vec![rows[2].clone()]));
    all.push(listing(Scope::Waiting, rows[..2].to_vec()));
    all
}

fn forms() -> Vec<(&'static str, Form)> {
    let new = |prompt: String, note| {
        Form::Task(TaskForm {
            task: task(),
            ask: Request { prompt, ..Request::default() },
            repo: None,
            branch: None,
            asks_channel: true,
            about: None,
            offers_default: false,
            note,
        })
    };
    let on = |author: Option<UserId>, messages, is_away| {
        Form::Task(TaskForm {
            task: task(),
            ask: Request { prompt: "It is blank on Safari".to_owned(), ..Request::default() },
            repo: Some(repo("web")),
            branch: Some(branch()),
            asks_channel: is_away,
            offers_default: false,
            about: Some(AboutMessage {
                author,
                channel: Some(dev()),
                in_thread: !is_away,
                messages,
                is_away,
            }),
            note: None,
        })
    };
    let send = |page: Option<&str>| {
        Form::Send(SendForm {
            task: task(),
            page: page.map(str::to_owned),
            text: "It is blank on Safari".to_owned(),
        })
    };
    let from_nowhere = Form::Task(TaskForm {
        task: task(),
        ask: Request::default(),
        repo: None,
        branch: None,
        asks_channel: false,
        about: Some(AboutMessage::default()),
        offers_default: true,
        note: None,
    });
    let bind = BindForm {
        channel: dev(),
        repo: None,
        branch: None,
        plan: None,
        pr: None,
        quiet: None,
        note: None,
    };
    vec![
        ("A task", new(String::new(), None)),
        (
            "A task with a long prompt and a notice",
            new("word ".repeat(700), Some(Box::new(Notice::NoListYet))),
        ),
        ("A channel", Form::Bind(bind)),
        ("A plan", Form::Changes(ChangesForm { task: task(), plan: plan_id() })),
        ("A question", Form::Answer(AnswerForm { task: task(), question: 1 })),
        ("Defaults, for a manager", settings_form(Whose::Mine, None)),
        ("Defaults of the workspace", settings_form(Whose::Workspace, None)),
        ("Defaults of people without any", {
            let settings = Settings {
                repo: None,
                plan: (PlanMode::Auto, Level::BuiltIn),
                pr: (PrMode::None, Level::Channel),
                ping: (Ping::Off, Level::Workspace),
            };
            Form::Settings(SettingsForm {
                whose: Whose::Mine,
                channel: None,
                chosen: Preferences::default(),
                settings,
                manages: false,
                note: Some(Box::new(Notice::NoListYet)),
            })
        }),
        ("A message, before its thread is read", on(Some(ann()), None, false)),
        ("A message of a person, in a thread", on(Some(ann()), Some(12), false)),
        ("A message that is all of its thread", on(None, Some(1), false)),
        ("A message of an app, where the bot is not", on(None, None, true)),
        ("A message from nowhere", from_nowhere),
        ("A message in a task's thread", send(Some(PAGE))),
        ("A message in the thread of a task without a page", send(None)),
        ("What went along", Form::Context(ContextView { text: Some(Secret::new("[…]")) })),
        ("What is not kept any more", Form::Context(ContextView { text: None })),
        ("One's own account", key(None, 0, false)),
        ("One's own account, connected", key(Some(Plan::Pro), 0, false)),
        ("One's own account, in use", key(Some(Plan::Ultra), 1, false)),
        ("One's own account, on its way out", key(Some(Plan::Free), 3, true)),
        ("Everyone's account", everyones_key(None)),
        ("Everyone's account, connected", everyones_key(Some(Plan::Pro))),
    ]
}

fn key(connected: Option<Plan>, running: u32, leaves: bool) -> Form {
    Form::Key(KeyForm { whose: Whose::Mine, connected, running, leaves })
}

fn everyones_key(connected: Option<Plan>) -> Form {
    Form::Key(KeyForm { whose: Whose::Workspace, connected, running: 4, leaves: false })
}

fn field_errors() -> Vec<FieldError> {
    vec![
        FieldError::NoPrompt,
        FieldError::Credential,
        FieldError::NoChanges,
        FieldError::NoAnswer,
        FieldError::NothingToSend,
        FieldError::NoRepo,
        FieldError::NoChannel,
        FieldError::NoSession,
        FieldError::UnknownRepo("acme/wbe".to_owned()),
        FieldError::NotUsable(repo("web")),
        FieldError::NoKey,
        FieldError::BadKey,
        FieldError::SetByOperator,
        FieldError::KeyUnchecked,
        FieldError::OtherAccount,
        FieldError::NoListYet,
        FieldError::UnknownBranch("mian".to_owned(), vec![branch()]),
        FieldError::NoDefaultBranch,
    ]
}
