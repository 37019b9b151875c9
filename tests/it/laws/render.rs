//! Laws of what the bot says: within Slack's limits, and harmless, whatever people and Jules write.

use super::fuzz::check;
use domain::activity::PlanStep;
use domain::binding::Binding;
use domain::command::CommandError;
use domain::diff::{ChangeKind, Changes, DiffStat, FileChange};
use domain::fault::Cause;
use domain::ids::{ChannelId, DeliveryId, PlanId, TaskId, TeamId, UserId};
use domain::message::{Finished, Listing, Notice, Post, Scope, TaskRow};
use domain::offer::Offer;
use domain::queue::{QueuePlace, Standing};
use domain::repo::{Branch, RepoRef, SourceName};
use domain::repo::{Candidate, TargetReason};
use domain::session::{PullRequest, SessionState};
use domain::task::{
    Card, CardStatus, Hears, LeftOut, PlanFile, PlanRecord, PlanStatus, Way, WhyLeftOut,
};
use jiff::Timestamp;
use proptest::prelude::*;
use slack::render;

/// Text that someone might use to break a message.
fn nasty() -> impl Strategy<Value = String> {
    let traps = prop::sample::select(vec![
        "<!channel>",
        "<@U0ANN>",
        "<https://evil.example|https://good.example>",
        "&lt;!here&gt;",
        "```",
        "`",
        "*",
        "_",
        "~",
        "> ",
        "\n",
        "\u{202e}",
        "\u{200b}",
        "\0",
        "🧑‍💻",
        ":boom:",
        "@here",
        "#general",
        "https://evil.example",
        "&",
        "<",
        ">",
        "|",
    ]);
    prop_oneof![
        prop::collection::vec(prop_oneof![traps.prop_map(str::to_owned), ".{0,12}"], 0..12)
            .prop_map(|parts| parts.concat()),
        ".{0,40}",
        Just("word ".repeat(2000)),
        Just("&".repeat(9000)),
        Just("| a | b |\n|---|---|\n| c | d |\n\n- [x](https://x.test/)\n".repeat(300)),
        Just("標題：**正文**。".repeat(900)),
        Just("`<\n".repeat(3000)),
    ]
}

fn task() -> TaskId {
    TaskId::for_delivery(&DeliveryId::of(&["one"]))
}

fn repo(owner: String, repo: String) -> RepoRef {
    RepoRef { owner, repo }
}

fn notice() -> impl Strategy<Value = Notice> {
    let many = || prop::collection::vec((nasty(), nasty()), 0..120);
    let repos =
        || many().prop_map(|names| names.into_iter().map(|(o, r)| repo(o, r)).collect::<Vec<_>>());
    let ours = || {
        repos().prop_map(|repos| {
            repos
                .into_iter()
                .map(|repo| Candidate { source: SourceName("sources/x".to_owned()), repo })
                .collect::<Vec<_>>()
        })
    };
    prop_oneof![
        (nasty(), nasty(), nasty()).prop_map(|(o, r, b)| Notice::Taken {
            repo: repo(o, r),
            branch: Branch(b),
            why: TargetReason::Binding,
            skipped: Vec::new(),
        }),
        (nasty(), ours()).prop_map(|(typed, candidates)| Notice::Choose {
            task: task(),
            typed,
            candidates
        }),
        (nasty(), repos()).prop_map(|(typed, nearest)| Notice::UnknownRepo {
            task: Some(task()),
            typed,
            nearest
        }),
        (nasty(), nasty(), repos()).prop_map(|(o, typed, near)| Notice::UnknownBranch {
            task: None,
            repo: repo(o.clone(), o),
            typed,
            nearest: near.into_iter().map(|repo| Branch(repo.repo)).collect()
        }),
        (nasty(), nasty(), nasty()).prop_map(|(typed, meant, corrected)| {
            let by = UserId::parse("U1").unwrap();
            let offer = Offer::new(&corrected, &by, None, Timestamp::UNIX_EPOCH);
            Notice::CommandError { error: CommandError::Word { typed, meant, corrected }, offer }
        }),
        (nasty(), repos(), 0_usize..9000).prop_map(|(filter, shown, total)| Notice::Repos {
            filter: Some(filter),
            shown,
            total
        }),
        many().prop_map(|names| Notice::Bindings(names.into_iter().map(binding).collect())),
        nasty().prop_map(|words| Notice::NotStarted {
            task: task(),
            cause: Cause::JulesRefused(words)
        }),
        nasty().prop_map(|words| Notice::Trouble(Cause::PostingRestricted(words))),
        Just(Notice::Help),
        Just(Notice::NoSources),
        Just(Notice::EditNotSent),
        Just(Notice::HowToStart),
        Just(Notice::TooLong),
        Just(Notice::NothingSaid),
        Just(Notice::StoreDown),
        Just(Notice::Unconfirmed),
        Just(Notice::Unreadable),
        Just(Notice::BindingUnreadable),
        Just(Notice::Newer),
        Just(Notice::BoundSince(None)),
        nasty().prop_map(|text| Notice::NotDelivered { text, cause: Cause::JulesDown }),
        prop::collection::vec(nasty(), 0..40).prop_map(|names| Notice::NotPassedOn {
            files: names
                .into_iter()
                .map(|name| LeftOut { name, why: WhyLeftOut::Unreadable })
                .collect()
        }),
        nasty().prop_map(move |title| Notice::RootGone {
            title,
            url: Some("https://jules.google.com/session/1".to_owned())
        }),
        prop::collection::vec(card(), 0..10).prop_map(|cards| {
            let row = |card| TaskRow {
                card,
                age: 100,
                channel: ChannelId::parse("C1").unwrap(),
                thread: Some("https://acme.slack.com/archives/C1/p1".to_owned()),
                plan: Some("https://acme.slack.com/archives/C1/p2?thread_ts=1&cid=C1".to_owned()),
            };
            Notice::Tasks(Box::new(Listing {
                scope: Scope::Mine,
                rows: cards.into_iter().map(row).collect(),
                next: Some("pointer/of/T1/U1/1".to_owned()),
                usage: None,
                limits: None,
            }))
        }),
        post().prop_map(Notice::Copy),
    ]
}

fn binding((owner, branch): (String, String)) -> Binding {
    Binding {
        team: TeamId::parse("T1").unwrap(),
        channel: ChannelId::parse("C1").unwrap(),
        source: SourceName("sources/x".to_owned()),
        repo: repo(owner.clone(), owner),
        branch: Some(Branch(branch)),
        plan: None,
        pr: None,
        quiet: None,
        ping: None,
        context: None,
        by: UserId::parse("U1").unwrap(),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn card() -> impl Strategy<Value = Card> {
    let status = prop_oneof![
        Just(CardStatus::Starting),
        (1_u32..199).prop_map(|place| CardStatus::InQueue(Standing {
            place: Some(QueuePlace::near(place)),
            why: None,
        })),
        nasty().prop_map(|words| CardStatus::Held(Cause::JulesRefused(words))),
        nasty().prop_map(|word| CardStatus::Session(SessionState::from_word(&word))),
        nasty().prop_map(|words| CardStatus::Stopped(Cause::MessageRefused(words))),
    ];
    (nasty(), nasty(), nasty(), nasty(), status).prop_map(|(title, prompt, r, b, status)| Card {
        task: task(),
        account_of: None,
        author: UserId::parse("U1").unwrap(),
        title,
        prompt: Some(prompt),
        followed: !r.is_empty(),
        repo: Some(repo(r.clone(), r)),
        branch: Some(Branch(b)),
        why: TargetReason::Asked,
        skipped: Vec::new(),
        status,
        blocked: None,
        url: Some("https://jules.google.com/session/1".to_owned()),
        step: None,
        progress: None,
        minutes: None,
        silent: None,
        approved_by: None,
        plan: None,
        link_refused: true,
        pull_request: None,
        pull: None,
        took: None,
        failure: None,
        again: true,
        retry_of: None,
        retried: None,
        way: Way::Mention,
        in_thread: true,
        along: Some((3, 200)),
        issue: None,
        can_show: true,
        hears: Hears::Mentions,
        beside: None,
    })
}

/// What is said in a thread: Jules' Markdown, people's words, ends.
fn post() -> impl Strategy<Value = Post> {
    let url = || "https://jules.google.com/session/1".to_owned();
    let words = || prop_oneof![nasty(), Just("- [x] **a** `b` <c>\n> d\n\n".repeat(5000))];
    let files = || prop::collection::vec((nasty(), 0_u32..9, 0_u32..9), 0..40);
    prop_oneof![
        (words(), any::<bool>()).prop_map(move |(text, question)| Post::Word {
            text,
            question,
            url: url()
        }),
        prop::option::of(words()).prop_map(move |reason| Post::Failed {
            task: task(),
            reason,
            url: url()
        }),
        (nasty(), nasty(), nasty(), any::<bool>()).prop_map(|(url, r, b, quiet)| Post::Link {
            url: format!("https://jules.google.com/session/{url}"),
            repo: repo(r.clone(), r),
            branch: Branch(b),
            quiet,
        }),
        words().prop_map(|text| Post::SaidElsewhere { text }),
        (files(), nasty(), prop::option::of(words()), 0_u64..900_000).prop_map(
            move |(files, title, commit_message, took)| {
                let files: Vec<FileChange> = files
                    .into_iter()
                    .map(|(path, added, removed)| FileChange {
                        kind: ChangeKind::Renamed { from: path.clone() },
                        path,
                        added,
                        removed,
                        binary: false,
                    })
                    .collect();
                let changes = DiffStat { files, more: 3, added: 7, removed: 8, unread: 1 };
                let url = "https://github.com/o/r/pull/1".to_owned();
                Post::Finished(Box::new(Finished {
                    task: task(),
                    url: "https://jules.google.com/session/1".to_owned(),
                    opened: vec![PullRequest { url, title: Some(title) }],
                    kept: None,
                    changes: Changes::Counted(changes),
                    commit_message,
                    took: Some(took),
                    watching: None,
                }))
            }
        ),
    ]
}

fn plan() -> impl Strategy<Value = PlanRecord> {
    let steps = prop::collection::vec((nasty(), prop::option::of(nasty())), 0..30);
    let standings = prop::sample::select(vec![
        PlanStatus::Pending,
        PlanStatus::Told,
        PlanStatus::WentOn,
        PlanStatus::ChangesAsked(UserId::parse("U1").unwrap()),
        PlanStatus::Approved(Some(UserId::parse("U1").unwrap())),
    ]);
    (steps, standings).prop_map(|(steps, status)| PlanRecord {
        id: PlanId::parse("5103d604240042cd9f59a4cb2355643a").unwrap(),
        total: steps.len(),
        steps: steps
            .into_iter()
            .map(|(title, description)| PlanStep { title, description })
            .collect(),
        missing: 0,
        forgotten: false,
        file: PlanFile::default(),
        message: None,
        status,
        drawn: None,
        mentions: Some(UserId::parse("U1").unwrap()),
        changes: Some("`<!here>\n> ".repeat(300)),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_is_told_fits_and_harms_nobody(notice in notice()) {
        check(&render::notice(&notice));
    }

    #[test]
    fn whatever_is_said_in_a_thread_fits_and_harms_nobody(post in post()) {
        check(&render::post(&post));
    }

    #[test]
    fn a_plan_fits_and_harms_nobody(note in plan()) {
        check(&render::plan(&task(), &note, "https://jules.google.com/session/1"));
    }

    #[test]
    fn a_card_fits_and_harms_nobody(card in card()) {
        check(&render::card(&card, Some("https://acme.slack.com/archives/C1/p2")));
    }

    #[test]
    fn words_at_a_field_are_short(notice in notice()) {
        // Slack parses nothing there.
        prop_assert!(render::plain_words(&notice).chars().count() <= 300);
    }
}
