//! The access file, right and wrong.

use super::*;
use domain::ids::TeamId;
use domain::policy::{Guests, Repos, SharedChannels, WhoMay};

/// The whole file of the documentation.
const WHOLE: &str = r#"
[defaults]
start = "everyone"
approve = "everyone"
steer = "everyone"
bind = "everyone"
manage = "admins"
guests = "none"
shared = "members"
apps = []
keys = "own-first"
dm = true
context = true
repos = ["acme/*", "!acme/secrets"]
open_tasks = { person = 5, channel = 20 }
tasks_a_day = { person = 10 }

[workspace.T0123ABCD]
admins = ["U0123ABCD"]

[channel.C0123ABCD]
approve = "other"

[repository."acme/payments*"]
start = ["S0123GRP"]
"#;

/// The mistakes of a text: their lines and what is said.
fn mistakes(text: &str) -> Vec<(usize, String)> {
    let found = parse(text).expect_err("has mistakes");
    found.into_iter().map(|one| (one.line.expect("has a line"), one.what)).collect()
}

#[test]
fn the_whole_file_is_read() {
    let policy = parse(WHOLE).unwrap();
    assert_eq!(policy.defaults.guests, Some(Guests::None));
    assert_eq!(policy.defaults.shared, Some(SharedChannels::Members));
    assert_eq!(
        policy.defaults.open_tasks.map(|caps| (caps.person, caps.channel)),
        Some((Some(5), Some(20)))
    );
    assert!(matches!(&policy.defaults.repos, Some(Repos::Matching(all)) if all.len() == 2));
    let team = TeamId::parse("T0123ABCD").unwrap();
    assert_eq!(policy.workspaces[&team].admins.as_ref().map(Vec::len), Some(1));
    let channel = policy.channels.values().next().unwrap();
    assert_eq!(channel.approve, Some(WhoMay::Other));
    assert!(
        matches!(&policy.repositories[0].start, Some(WhoMay::These(named)) if named.len() == 1)
    );
    assert_eq!(parse("").unwrap(), Policy::default());
    assert_eq!(parse("\u{feff}[defaults]\r\ndm = false\r\n").unwrap().defaults.dm, Some(false));
}

/// Without its comments' marks the sample sets everything there is, and as it is, nothing.
#[test]
fn the_sample_is_complete_and_changes_nothing() {
    let sample = include_str!("../../../deploy/access.toml");
    assert_eq!(parse(sample).unwrap(), Policy::default());
    let is_rule = |line: &&str| {
        line.strip_prefix('#').is_some_and(|rest| !rest.is_empty() && !rest.starts_with(' '))
    };
    let rules: Vec<&str> = sample.lines().filter(is_rule).map(|line| &line[1..]).collect();
    let text = format!("[defaults]\n{}", rules.join("\n"));
    let policy = parse(&text).unwrap();
    for name in read::KEYS {
        assert!(rules.iter().any(|rule| rule.starts_with(&format!("{name} ="))), "no {name}");
    }
    assert_eq!(
        (policy.workspaces.len(), policy.channels.len(), policy.repositories.len()),
        (1, 1, 1)
    );
}

#[test]
fn every_mistake_is_named_with_its_line_and_the_fix() {
    let text = "[defaults]\nstrat = \"everyone\"\nstart = \"requester\"\nguests = \"maybe\"\ndm = \"yes\"\n\
                repos = [\"acme\"]\nopen_tasks = 5\nadmins = [\"U0123ABCD\"]\napprove = [\"ann\"]\n\
                [chanel.C1]\n[channel.dev]\nstart = \"admins\"\n[repository.\"acme\"]\nstart = \"admins\"\n\
                [repository.\"acme/web\"]\nbind = \"admins\"\n";
    let found = mistakes(text);
    let expected = [
        (2, "There is no `strat` here. Did you mean `start`?"),
        (3, "`start` is \"everyone\", \"admins\" or a list of ids: [\"U0123ABCD\", \"S0123GRP\"]."),
        (4, "`guests` is \"none\" or \"steer\" or \"start\"."),
        (5, "`dm` is true or false."),
        (6, "`acme` is not a repository. For example: \"acme/web\"."),
        (7, "`open_tasks` is for example { person = 5, channel = 20 }."),
        (
            8,
            "There is no `admins` here. It belongs to [workspace.T…]; for every workspace, set ADMINS.",
        ),
        (9, "`ann` is not the id of a person, `U…`, or of a user group, `S…`."),
        (10, "There is no part `chanel`. Did you mean `channel`?"),
        (
            11,
            "`dev` is not the id of a channel, `C…`. Slack shows it at the end of the channel's details.",
        ),
        (13, "`acme` is not a repository. For example: \"acme/payments*\"."),
        (16, "There is no `bind` here. There are start, approve, steer."),
    ];
    let expected: Vec<(usize, String)> =
        expected.into_iter().map(|(line, what)| (line, what.to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_no_toml_is_a_mistake_with_a_line() {
    for text in ["[defaults]\nstart =\n", "[defaults\n", "[defaults]\ndm = true\ndm = false\n"] {
        let found = parse(text).expect_err("isn't TOML");
        assert!(found.iter().all(|one| one.line.is_some()), "{found:?}");
    }
}

#[test]
fn words_belong_to_their_rights() {
    for (rule, is_right) in [
        ("start = \"other\"", false),
        ("bind = \"requester\"", false),
        ("manage = \"everyone\"", true),
        ("steer = \"requester\"", true),
        ("steer = \"other\"", false),
        ("approve = \"requester\"", true),
        ("approve = \"other\"", true),
        ("approve = []", true),
        ("repos = \"bound\"", true),
        ("repos = \"all\"", false),
        ("apps = [\"U0123ABCD\"]", false),
        ("tasks_a_day = { person = -1 }", false),
        ("tasks_a_day = { people = 1 }", false),
        ("keys = \"workspace-only\"", false),
    ] {
        assert_eq!(parse(&format!("[defaults]\n{rule}")).is_ok(), is_right, "{rule}");
    }
}
