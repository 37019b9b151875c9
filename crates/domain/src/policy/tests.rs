//! Every right by every role, patterns, and caps.

use super::*;
use crate::ids::{ChannelId, GroupId, TaskId, TeamId, UserId};
use crate::repo::RepoRef;
use crate::tenant::{Actor, Role};
use jiff::{SignedDuration, Timestamp};

const RIGHTS: [Right; 6] =
    [Right::See, Right::Start, Right::Approve, Right::Steer, Right::Bind, Right::Manage];

fn team() -> TeamId {
    TeamId::parse("T0ACME").unwrap()
}

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

fn dev() -> ChannelId {
    ChannelId::parse("C0DEV").unwrap()
}

fn repo(name: &str) -> RepoRef {
    let (owner, repo) = name.split_once('/').unwrap();
    RepoRef { owner: owner.to_owned(), repo: repo.to_owned() }
}

fn pattern(text: &str) -> RepoPattern {
    RepoPattern::parse(text).unwrap()
}

/// Someone, as what Slack says of them.
struct Someone {
    actor: Actor,
    standing: Standing,
    manages: Manages,
    groups: Groups,
}

impl Someone {
    fn new(role: Role, standing: Standing, manages: Manages) -> Self {
        let actor = Actor { team: team(), user: user("U0ANN"), role };
        Self { actor, standing, manages, groups: Groups::default() }
    }

    fn asker(&self) -> Asker<'_> {
        let Self { actor, standing, manages, groups } = self;
        Asker { actor, standing: *standing, manages: *manages, groups }
    }
}

/// Everyone there is: who they are called, and whether they are one of the workspace's people at all.
fn everyone() -> Vec<(&'static str, Someone)> {
    let member = |standing, manages| Someone::new(Role::Member, standing, manages);
    let no = |why| Manages::No(why);
    vec![
        ("admin", member(Standing::Member, Manages::Yes)),
        ("member", member(Standing::Member, no(NotManager::Member))),
        ("guest", member(Standing::Guest, no(NotManager::Member))),
        ("without scope", member(Standing::NoScope, no(NotManager::NoScope))),
        ("unknown", member(Standing::Unknown, no(NotManager::Unknown))),
        ("deactivated", member(Standing::Deactivated, Manages::Yes)),
        ("stranger by users.info", member(Standing::Stranger, Manages::Yes)),
        ("stranger", Someone::new(Role::External, Standing::Unknown, Manages::Yes)),
        (
            "app",
            Someone::new(Role::App(vec!["A0OTHER".to_owned()]), Standing::Unknown, Manages::Yes),
        ),
    ]
}

/// What is left of the table for one policy: a letter for each right that someone has, in this order.
fn table(policy: &Policy, act: impl Fn(Right) -> Act<'static>) -> String {
    let letters = ["l", "s", "a", "t", "b", "m"];
    let row = |(name, who): &(&str, Someone)| {
        let has = |(right, letter): (&Right, &&'static str)| {
            may(&who.asker(), &act(*right), policy).is_ok().then_some(*letter)
        };
        let rights: String = RIGHTS.iter().zip(&letters).filter_map(has).collect();
        format!("{name}: {rights}")
    };
    everyone().iter().map(row).collect::<Vec<_>>().join("\n")
}

fn plain(right: Right) -> Act<'static> {
    Act { right, scope: Scope::default(), repo: None, requester: None }
}

fn set(rules: Rules) -> Policy {
    Policy { defaults: rules, ..Policy::default() }
}

#[test]
fn without_rules_members_may_everything_but_manage() {
    assert_eq!(
        table(&Policy::default(), plain),
        "admin: lsatbm\nmember: lsatb\nguest: l\nwithout scope: lsatb\nunknown: lsatb\ndeactivated: \n\
         stranger by users.info: \nstranger: \napp: "
    );
}

#[test]
fn every_right_by_every_role_under_every_word() {
    let everywhere = |who: WhoMay| {
        let who = Some(who);
        set(Rules {
            start: who.clone(),
            approve: who.clone(),
            steer: who.clone(),
            bind: who.clone(),
            manage: who,
            ..Rules::default()
        })
    };
    let ann = || user("U0ANN");
    let ben = || user("U0BEN");
    let of = |right, requester: UserId| Act {
        requester: Some(Box::leak(Box::new(requester))),
        ..plain(right)
    };
    let rows = |policy: &Policy, requester: &dyn Fn() -> UserId| {
        let table = table(policy, |right| of(right, requester()));
        table
            .lines()
            .take(3)
            .map(|row| row.split_once(": ").unwrap().1.to_owned())
            .collect::<Vec<_>>()
    };
    for (who, own, others) in [
        (WhoMay::Everyone, ["lsatbm", "lsatbm", "l"], ["lsatbm", "lsatbm", "l"]),
        (WhoMay::Admins, ["lsatbm", "l", "l"], ["lsatbm", "l", "l"]),
        (WhoMay::Requester, ["lsatbm", "lsatbm", "l"], ["l", "l", "l"]),
        (WhoMay::Other, ["l", "l", "l"], ["lsatbm", "lsatbm", "l"]),
        (
            WhoMay::These(vec![Named::Person(user("U0ANN"))]),
            ["lsatbm", "lsatbm", "l"],
            ["lsatbm", "lsatbm", "l"],
        ),
        (WhoMay::These(vec![Named::Person(user("U0ZOE"))]), ["l", "l", "l"], ["l", "l", "l"]),
        (WhoMay::These(Vec::new()), ["l", "l", "l"], ["l", "l", "l"]),
    ] {
        let policy = everywhere(who.clone());
        assert_eq!(rows(&policy, &ann), own, "{who:?}, one's own task");
        assert_eq!(rows(&policy, &ben), others, "{who:?}, someone else's task");
    }
}

#[test]
fn guests_may_as_much_as_is_set_and_never_more() {
    for (guests, expected) in [(Guests::None, "l"), (Guests::Steer, "lt"), (Guests::Start, "lst")] {
        let policy = set(Rules { guests: Some(guests), ..Rules::default() });
        let table = table(&policy, plain);
        assert!(table.contains(&format!("\nguest: {expected}\n")), "{guests:?}\n{table}");
        // Once something is said of guests, who may be one is.
        assert!(table.contains(&format!("\nwithout scope: {expected}\n")), "{guests:?}\n{table}");
        assert!(table.contains(&format!("\nunknown: {expected}\n")), "{guests:?}\n{table}");
        assert!(table.contains("\nmember: lsatb\n"), "{guests:?}\n{table}");
    }
    // Not even when a list names them.
    let start = Some(WhoMay::These(vec![Named::Person(user("U0ANN"))]));
    assert!(table(&set(Rules { start, ..Rules::default() }), plain).contains("\nguest: l\n"));
}

#[test]
fn the_channel_goes_before_the_workspace_and_that_before_the_defaults() {
    let only = |id: &str| Rules {
        start: Some(WhoMay::These(vec![Named::Person(user(id))])),
        ..Rules::default()
    };
    let ann = Someone::new(Role::Member, Standing::Member, Manages::No(NotManager::Member));
    let (channel, may_start) = (dev(), |policy: &Policy, channel| {
        let scope = Scope { channel, ..Scope::default() };
        may(&ann.asker(), &Act { scope, ..plain(Right::Start) }, policy).is_ok()
    });
    let mut policy = set(only("U0BEN"));
    assert!(!may_start(&policy, None));
    policy.workspaces.insert(team(), only("U0ANN"));
    assert!(may_start(&policy, None) && may_start(&policy, Some(&channel)));
    policy.channels.insert(dev(), only("U0BEN"));
    assert!(may_start(&policy, None) && !may_start(&policy, Some(&channel)));
    // Another workspace's rules are nothing to this one.
    policy.workspaces.clear();
    policy.workspaces.insert(TeamId::parse("T0GLOBEX").unwrap(), only("U0ANN"));
    assert!(!may_start(&policy, None));
}

#[test]
fn every_rule_that_fits_a_repository_has_to_say_yes() {
    let rule = |text: &str, who| RepoRules {
        pattern: pattern(text),
        start: Some(who),
        approve: None,
        steer: None,
    };
    let ann = WhoMay::These(vec![Named::Person(user("U0ANN"))]);
    let repositories = vec![rule("acme/*", ann), rule("*/secrets", WhoMay::These(Vec::new()))];
    let policy = Policy { repositories, ..Policy::default() };
    let someone = Someone::new(Role::Member, Standing::Member, Manages::Yes);
    let on = |name: &str, right| {
        let repo = repo(name);
        let act = Act { repo: Some(&repo), ..plain(right) };
        may(&someone.asker(), &act, &policy).is_ok()
    };
    assert!(on("acme/web", Right::Start) && on("ACME/Web", Right::Start));
    assert!(!on("acme/secrets", Right::Start) && !on("other/secrets", Right::Start));
    assert!(on("acme/secrets", Right::Steer), "a rule is about its own right alone");
}

#[test]
fn patterns() {
    for (text, fits, fits_not) in [
        ("acme/*", &["acme/web", "Acme/a.b-c"][..], &["acme2/web", "other/acme"][..]),
        ("acme/pay*", &["acme/pay", "acme/payments"], &["acme/repay"]),
        ("*/web", &["acme/web", "b/web"], &["acme/web2"]),
        ("a*c/*b*", &["ac/b", "abc/abc", "aXc/bb"], &["abd/b", "ac/c"]),
        ("acme/**", &["acme/web"], &["acm/web"]),
        ("!acme/web", &["acme/web"], &["acme/api"]),
    ] {
        let pattern = pattern(text);
        assert!(fits.iter().all(|name| pattern.fits(&repo(name))), "{text}");
        assert!(!fits_not.iter().any(|name| pattern.fits(&repo(name))), "{text}");
    }
    for text in ["acme", "acme/", "/web", "a/b/c", "", "acme/we b", "!", "!!a/b", "https://x/y"] {
        assert_eq!(RepoPattern::parse(text), None, "{text}");
    }
    // No pattern takes long.
    let hostile = pattern(&format!("a/{}b", "*a".repeat(40)));
    assert!(!hostile.fits(&repo(&format!("a/{}", "a".repeat(90)))));
}

#[test]
fn a_list_of_repositories_takes_in_and_leaves_out() {
    let lets = |patterns: &[&str], name: &str| {
        Repos::Matching(patterns.iter().map(|one| pattern(one)).collect()).lets(&repo(name), None)
    };
    assert!(lets(&["acme/*", "!acme/secrets"], "acme/web"));
    assert!(!lets(&["acme/*", "!acme/secrets"], "acme/secrets"));
    assert!(!lets(&["acme/*"], "other/web") && lets(&["!acme/secrets"], "other/web"));
    assert!(!lets(&["!acme/secrets"], "ACME/Secrets"));
    let bound = repo("acme/web");
    assert!(Repos::Bound.lets(&repo("Acme/Web"), Some(&bound)));
    assert!(!Repos::Bound.lets(&repo("acme/api"), Some(&bound)));
    assert!(!Repos::Bound.lets(&repo("acme/web"), None));
}

#[test]
fn a_group_that_slack_does_not_tell_of_is_no_yes() {
    let group = GroupId::parse("S0LEADS").unwrap();
    let start = Some(WhoMay::These(vec![Named::Group(group.clone())]));
    let policy = set(Rules { start, ..Rules::default() });
    let mut ann = Someone::new(Role::Member, Standing::Member, Manages::No(NotManager::Member));
    let asked = |who: &Someone| may(&who.asker(), &plain(Right::Start), &policy);
    assert!(
        matches!(asked(&ann), Err(Denied::Refused(why)) if matches!(*why, Refusal::Rule { .. }))
    );
    ann.groups.unknown.insert(group.clone());
    assert_eq!(asked(&ann), Err(Refusal::Unsure.into()));
    ann.groups.of.insert(group);
    assert_eq!(asked(&ann), Ok(()));
}

#[test]
fn only_an_app_that_is_listed_starts_and_it_does_nothing_else() {
    let apps = Some(vec!["A0OTHER".to_owned()]);
    assert!(table(&set(Rules { apps, ..Rules::default() }), plain).ends_with("app: ls"));
    let apps = Some(vec!["A0ANOTHER".to_owned()]);
    assert!(table(&set(Rules { apps, ..Rules::default() }), plain).ends_with("app: "));
}

#[test]
fn in_shared_channels_and_direct_messages_nothing_begins_where_that_is_off() {
    let (channel, direct) = (dev(), ChannelId::parse("D0ANN").unwrap());
    let ann = Someone::new(Role::Member, Standing::Member, Manages::Yes);
    let policy =
        set(Rules { shared: Some(SharedChannels::Off), dm: Some(false), ..Rules::default() });
    let rights = |channel, is_shared| {
        let scope = Scope { channel: Some(channel), is_shared, bound: None };
        let has =
            |right: &&Right| may(&ann.asker(), &Act { scope, ..plain(**right) }, &policy).is_ok();
        RIGHTS.iter().filter(has).count()
    };
    assert_eq!(rights(&channel, Some(false)), 6);
    assert_eq!(rights(&channel, Some(true)), 4, "neither start nor bind");
    assert_eq!(rights(&channel, None), 4, "nor where Slack doesn't say");
    assert_eq!(rights(&direct, None), 4);
}

#[test]
fn a_cap_counts_what_is_open_and_what_was_started_in_a_day() {
    let task = |n: u32| TaskId::parse(&format!("task{n}")).unwrap();
    let at = |hours: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
    let none = || (Caps::default(), SetBy::BuiltIn);
    let two = || (Caps { person: Some(2), channel: None }, SetBy::Defaults);
    let mut open = Starts::default();
    for n in [1, 2, 1] {
        assert_eq!(open.add(&task(n), two(), none(), true, at(0)), Ok(()), "{n}");
    }
    let reached = CapReached { most: 2, of_person: true, frees: None, set_by: SetBy::Defaults };
    assert_eq!(open.add(&task(3), two(), none(), true, at(90)), Err(reached));
    assert!(!open.settle(&task(1), Started::Open, at(0)));
    assert!(!open.settle(&task(2), Started::Never, at(0)), "it may be stored in a moment");
    assert!(open.settle(&task(1), Started::Over, at(1)));
    assert_eq!(open.add(&task(3), two(), none(), true, at(1)), Ok(()));
    assert!(open.settle(&task(2), Started::Never, at(1)));
    let mut day = Starts::default();
    assert_eq!(day.add(&task(1), none(), two(), true, at(0)), Ok(()));
    assert_eq!(day.add(&task(2), none(), two(), true, at(5)), Ok(()));
    let reached = day.add(&task(3), none(), two(), true, at(23)).unwrap_err();
    assert_eq!(reached.frees, Some(at(24)));
    assert_eq!(day.add(&task(3), none(), two(), true, at(24)), Ok(()));
    assert_eq!(day.add(&task(4), none(), two(), true, at(24)).unwrap_err().frees, Some(at(29)));
    // The other cap is nothing to a channel's list.
    assert_eq!(day.add(&task(4), none(), two(), false, at(24)), Ok(()));
}
