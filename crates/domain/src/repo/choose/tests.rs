//! One precedence, and each step of it.

use super::*;
use crate::ids::{ChannelId, TeamId, UserId};
use crate::repo::source::listed as source;
use jiff::Timestamp;

fn wish(options: &Options) -> Wish<'_> {
    Wish { options, text: "", fixed: None, defaults: Defaults::default() }
}

fn default_of(path: &str) -> Preferences {
    let Source { name, repo, .. } = source(path);
    Preferences { repo: Some(RepoChoice { source: name, repo }), ..Preferences::default() }
}

fn fixed(path: &str, why: TargetReason) -> FixedSource {
    let Source { name: source, repo, .. } = source(path);
    FixedSource { why, ..FixedSource::asked(Candidate { source, repo }) }
}

fn bound(path: &str, branch: Option<&str>) -> Binding {
    let Source { name, repo, .. } = source(path);
    Binding {
        team: TeamId::parse("T1").unwrap(),
        channel: ChannelId::parse("C1").unwrap(),
        source: name,
        repo,
        branch: branch.map(|branch| Branch(branch.to_owned())),
        plan: Some(PlanMode::Ask),
        pr: None,
        quiet: None,
        ping: None,
        context: None,
        by: UserId::parse("U1").unwrap(),
        at: Timestamp::UNIX_EPOCH,
    }
}

/// `!` settled, `?` ask Jules, `…` a person.
fn told(choice: Choice) -> String {
    match choice {
        Choice::Settled(Resolved::Target(target)) => {
            let skipped = target.skipped.iter().map(|one| format!(" without {}", one.repo));
            let skipped: String = skipped.collect();
            format!("!{}#{} {:?}{skipped}", target.repo, target.branch.0, target.why)
        }
        Choice::Settled(Resolved::Gone(gone)) => format!("!gone {}", gone.len()),
        Choice::Settled(Resolved::Several(fits)) => format!("!several {}", fits.len()),
        Choice::Settled(Resolved::UnknownRepo(_)) => "!no repository".to_owned(),
        Choice::Settled(Resolved::UnknownBranch { .. }) => "!no branch".to_owned(),
        Choice::Settled(Resolved::UnknownPath { path, .. }) => format!("!no path {path}"),
        Choice::Settled(Resolved::NoDefaultBranch(repo)) => format!("!no default {repo}"),
        Choice::Settled(Resolved::NoSources) => "!no sources".to_owned(),
        Choice::Ask(Missing::Repository(typed)) => format!("?{typed}"),
        Choice::Ask(Missing::Source { source, .. }) => {
            format!("?{} {:?}", source.repo, source.why)
        }
        Choice::Person(offered) => {
            let offered = offered.iter().map(|one| one.repo.to_string());
            format!("…{}", offered.collect::<Vec<_>>().join(","))
        }
    }
}

#[test]
fn one_precedence() {
    let listed = ["acme/api", "beta/api", "acme/web"].map(source);
    let pinned = bound("acme/web", Some("trunk"));
    let open = bound("acme/web", None);
    let unlisted = bound("acme/new", None);
    for (repo, branch, binding, quick) in [
        (Some("web"), None, None, "!acme/web#main Asked"),
        (Some("web"), None, Some(&pinned), "!acme/web#main Asked"),
        (Some("beta/api"), None, Some(&open), "!beta/api#main Asked"),
        (Some("api"), None, Some(&open), "!several 2"),
        (Some("shop"), None, Some(&open), "?shop"),
        (Some("web"), Some("main"), None, "!acme/web#main Asked"),
        (Some("web"), Some("v2"), None, "?acme/web Asked"),
        (Some("https://github.com/acme/web/tree/v2"), None, None, "?acme/web Asked"),
        (None, None, Some(&pinned), "!acme/web#trunk Binding"),
        (None, None, Some(&open), "!acme/web#main Binding"),
        (None, Some("v2"), Some(&pinned), "?acme/web Binding"),
        (None, None, Some(&unlisted), "?acme/new Binding"),
        (None, None, None, "…"),
    ] {
        let options = Options {
            repo: repo.map(str::to_owned),
            branch: branch.map(str::to_owned),
            ..Options::default()
        };
        let defaults = Defaults { binding, ..Defaults::default() };
        let wish = Wish { defaults, ..wish(&options) };
        let known = Known { sources: Some(&listed), ..Known::default() };
        assert_eq!(told(choose(&wish, &known)), quick, "{repo:?} {branch:?}");
    }
}

#[test]
fn what_jules_was_asked_settles_it() {
    let listed = [source("acme/web")];
    let with = |branches: Option<&[&str]>| Source {
        branches: branches.map(|names| names.iter().map(|n| Branch((*n).to_owned())).collect()),
        ..source("acme/web")
    };
    let (v2, silent) = (with(Some(&["main", "v2"])), with(None));
    let address = "https://github.com/acme/web/tree/v2/src";
    for (repo, branch, asked, slow) in [
        ("web", Some("v2"), &v2, "!acme/web#v2 Asked"),
        ("web", Some("v3"), &v2, "!no branch"),
        ("web", Some("v3"), &silent, "!acme/web#v3 Asked"),
        (address, None, &v2, "!acme/web#v2 Asked"),
        (address, None, &silent, "!no path v2/src"),
    ] {
        let options = Options {
            repo: Some(repo.to_owned()),
            branch: branch.map(str::to_owned),
            ..Options::default()
        };
        let wish = wish(&options);
        let asked = Some(asked);
        let known = Known { sources: Some(&listed), asked, ..Known::default() };
        assert_eq!(told(choose(&wish, &known)), slow, "{repo} {branch:?}");
        // The same where the list doesn't have it yet.
        let found = Known { found: Some(&listed[0]), asked, ..Known::default() };
        assert_eq!(told(choose(&wish, &found)), slow, "{repo} {branch:?}");
    }
    let settled = |typed, sources: &[Source]| match find(typed, sources).settled(sources) {
        Ok(source) => format!("!{}", source.repo),
        Err(resolved) => told(Choice::Settled(*resolved)),
    };
    assert_eq!(settled("web", &listed), "!acme/web");
    assert_eq!(settled("shop", &listed), "!no repository");
    assert_eq!(settled("shop", &[]), "!no sources");
}

#[test]
fn nothing_connected_and_one_connected() {
    let (options, one) = (Options::default(), [source("acme/web")]);
    let wish = wish(&options);
    for (sources, expected) in [
        (Some([].as_slice()), "!no sources"),
        (Some(&one), "!acme/web#main OnlySource"),
        (None, "…"),
    ] {
        let known = Known { sources, ..Known::default() };
        assert_eq!(told(choose(&wish, &known)), expected);
    }
}

#[test]
fn what_was_certain_stays() {
    let listed = [source("acme/web"), source("acme/new")];
    let fixed = fixed("acme/new", TargetReason::Binding);
    let (options, binding) = (Options::default(), bound("acme/web", Some("trunk")));
    let defaults = Defaults { binding: Some(&binding), ..Defaults::default() };
    let wish = Wish { fixed: Some(&fixed), defaults, ..wish(&options) };
    let known = |sources| Known { sources, ..Known::default() };
    assert_eq!(told(choose(&wish, &known(Some(&listed)))), "!acme/new#main Binding");
    assert_eq!(told(choose(&wish, &known(Some(&listed[..1])))), "?acme/new Binding");
    assert_eq!(told(choose(&wish, &known(None))), "?acme/new Binding");
}

/// Everything that can decide, first things first.
const ORDER: [TargetReason; 6] = [
    TargetReason::Asked,
    TargetReason::LinkedIssue,
    TargetReason::Binding,
    TargetReason::Mine,
    TargetReason::Workspace,
    TargetReason::OnlySource,
];

/// What a request comes to for which exactly these say something, each another repository.
fn said_by(said: &[TargetReason]) -> Choice {
    let says = |why: TargetReason| said.contains(&why);
    let options = Options {
        repo: says(TargetReason::Asked).then(|| "acme/asked".to_owned()),
        ..Options::default()
    };
    let text = "fix https://github.com/acme/linkedissue/issues/7";
    let text = if says(TargetReason::LinkedIssue) { text } else { "fix it" };
    let (binding, mine, workspace) =
        (bound("acme/binding", None), default_of("acme/mine"), default_of("acme/workspace"));
    let defaults = Defaults {
        binding: says(TargetReason::Binding).then_some(&binding),
        mine: says(TargetReason::Mine).then_some(&mine),
        workspace: says(TargetReason::Workspace).then_some(&workspace),
    };
    let path = |why: &TargetReason| format!("acme/{why:?}").to_lowercase();
    let all = ORDER.map(|why| source(&path(&why)));
    // Only one is connected: the one that comes first has to be it.
    let only = said.first().map(|first| [source(&path(first))]);
    let sources = match &only {
        Some(only) if says(TargetReason::OnlySource) => only.as_slice(),
        Some(_) | None => all.as_slice(),
    };
    let wish = Wish { options: &options, text, fixed: None, defaults };
    choose(&wish, &Known { sources: Some(sources), ..Known::default() })
}

#[test]
fn each_step_wins_over_those_below_it() {
    // Each set of them, and so each pair: 64 of them.
    for set in 1..1_u32 << ORDER.len() {
        let said: Vec<_> =
            ORDER.into_iter().enumerate().filter(|(nth, _)| set >> nth & 1 == 1).collect();
        let said: Vec<_> = said.into_iter().map(|(_, why)| why).collect();
        let first = said[0];
        let repo = format!("{first:?}").to_lowercase();
        assert_eq!(told(said_by(&said)), format!("!acme/{repo}#main {first:?}"), "{said:?}");
    }
    assert_eq!(told(said_by(&[])), "…");
}

#[test]
fn the_modes_of_a_binding_belong_to_its_repository_and_mine_to_every_task() {
    let listed = ["acme/web", "acme/api"].map(source);
    let binding = Binding { pr: Some(PrMode::None), ..bound("acme/web", None) };
    let binding = Binding { plan: None, ..binding };
    let mine = Preferences { plan: Some(PlanMode::Ask), ..Preferences::default() };
    let workspace = Preferences {
        plan: Some(PlanMode::Auto),
        pr: Some(PrMode::Auto),
        ..Preferences::default()
    };
    let defaults =
        Defaults { binding: Some(&binding), mine: Some(&mine), workspace: Some(&workspace) };
    let known = Known { sources: Some(&listed), ..Known::default() };
    let modes = |repo: Option<&str>, plan| {
        let options = Options { repo: repo.map(str::to_owned), plan, ..Options::default() };
        match choose(&Wish { defaults, ..wish(&options) }, &known) {
            Choice::Settled(Resolved::Target(target)) => (target.plan, target.pr),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(modes(None, None), (PlanMode::Ask, PrMode::None));
    assert_eq!(modes(Some("api"), None), (PlanMode::Ask, PrMode::Auto));
    assert_eq!(modes(None, Some(PlanMode::Auto)), (PlanMode::Auto, PrMode::None));
}

#[test]
fn one_issue_of_a_connected_repository_decides() {
    let listed = ["acme/web", "acme/api", "acme/old"].map(source);
    let mine = default_of("acme/old");
    let (web, api) = ("https://github.com/ACME/web", "https://github.com/acme/api");
    let other = "https://github.com/rust-lang/rust";
    for (text, with_mine, alone) in [
        (format!("{web}/issues/1"), "!acme/web#main LinkedIssue", None),
        (format!("{web}/pull/1/files"), "!acme/web#main LinkedPullRequest", None),
        (format!("{web}/issues/1 {web}/issues/1#x"), "!acme/web#main LinkedIssue", None),
        (format!("{web}/issues/1 {other}/issues/2"), "!acme/web#main LinkedIssue", None),
        (format!("{web}/issues/1 {api}"), "!acme/web#main LinkedIssue", None),
        (format!("{web}/issues/1 {web}/issues/2"), "!acme/old#main Mine", Some("…acme/web")),
        (
            format!("{web}/issues/1 {api}/issues/1"),
            "!acme/old#main Mine",
            Some("…acme/web,acme/api"),
        ),
        (format!("like {api}"), "!acme/old#main Mine", Some("…acme/api")),
        (format!("like {other}"), "!acme/old#main Mine", Some("…")),
        (format!("{other}/issues/2"), "!acme/old#main Mine", Some("?rust-lang/rust LinkedIssue")),
    ] {
        let options = Options::default();
        let known = Known { sources: Some(&listed), ..Known::default() };
        let defaults = Defaults { mine: Some(&mine), ..Defaults::default() };
        let chosen = choose(&Wish { text: &text, defaults, ..wish(&options) }, &known);
        assert_eq!(told(chosen), with_mine, "{text}");
        let chosen = choose(&Wish { text: &text, ..wish(&options) }, &known);
        assert_eq!(told(chosen), alone.unwrap_or(with_mine), "{text}");
    }
}

#[test]
fn before_the_list_was_read_an_issue_is_asked_about_and_two_are_a_question() {
    let (options, mine) = (Options::default(), default_of("acme/old"));
    let defaults = Defaults { mine: Some(&mine), ..Defaults::default() };
    let web = "https://github.com/acme/web/issues/1";
    let known = Known::default();
    let wish = Wish { text: web, defaults, ..wish(&options) };
    let Choice::Ask(Missing::Source { source, .. }) = choose(&wish, &known) else { panic!() };
    assert_eq!(source.why, TargetReason::LinkedIssue);
    // Jules doesn't have it, so it was only text.
    let (listed, gone) = ([crate::repo::source::listed("acme/old")], [source.source.clone()]);
    let known = Known { sources: Some(&listed), gone: &gone, ..Known::default() };
    let slow = Wish { fixed: Some(&source), ..self::wish(&options) };
    assert_eq!(told(choose(&slow, &known)), "!acme/old#main Mine");
    let two = format!("{web} https://github.com/acme/api/issues/1");
    assert_eq!(told(choose(&Wish { text: &two, ..wish }, &Known::default())), "…");
}

#[test]
fn what_jules_does_not_have_any_more_is_skipped_and_said() {
    let options = Options::default();
    let (mine, workspace) = (default_of("acme/old"), default_of("acme/older"));
    let defaults = Defaults { mine: Some(&mine), workspace: Some(&workspace), binding: None };
    let listed = ["acme/web", "acme/api"].map(source);
    let known = Known { sources: Some(&listed), ..Known::default() };
    let quick = choose(&Wish { defaults, ..wish(&options) }, &known);
    let Choice::Ask(Missing::Source { source: fixed, .. }) = quick else { panic!("{quick:?}") };
    assert_eq!(fixed.otherwise.len(), 1);
    let slow = Wish { fixed: Some(&fixed), ..wish(&options) };
    let names = ["acme/old", "acme/older"].map(|path| source(path).name);
    let older = source("acme/older");
    let told_with = |sources, gone, asked| {
        told(choose(&slow, &Known { sources: Some(sources), gone, asked, found: None }))
    };
    assert_eq!(told_with(&listed, &names[..1], None), "?acme/older Workspace");
    assert_eq!(
        told_with(&listed, &names[..1], Some(&older)),
        "!acme/older#main Workspace without acme/old"
    );
    assert_eq!(told_with(&listed, &names, None), "!gone 2");
    assert_eq!(
        told_with(&listed[..1], &names, None),
        "!acme/web#main OnlySource without acme/old without acme/older"
    );
    assert_eq!(told_with(&[], &names, None), "!no sources");
}
