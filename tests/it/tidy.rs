//! What can be wrong about the house itself: floors, docs, the manifest, the table of settings.

use jules_slack::config::SETTINGS;
use slack::inbound::EVENTS;
use slack::scopes::OPTIONAL_SCOPES;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the program by floor. A room may use its own and those on lower floors; the crates below
/// them are kept apart by their manifests.
const FLOORS: &[(&str, u8)] = &[
    ("engine", 0),
    ("web", 1),
    ("deliver", 1),
    ("socket", 1),
    ("app", 2),
    ("cli", 2),
    ("config", 2),
    ("demo", 2),
    ("doctor", 2),
    ("healthcheck", 2),
    ("lib", 2),
    ("local", 2),
    ("main", 2),
    ("manifest", 2),
    ("process", 2),
    ("telemetry", 2),
    ("terminal", 2),
];

/// The crates, and what each may name in its manifest of the others.
const CRATES: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("platform", &[]),
    ("slack", &["domain", "platform"]),
    ("jules", &["domain", "platform"]),
    ("store", &["domain", "platform"]),
    ("github", &["domain", "platform"]),
    ("sim", &["platform"]),
    // For tests and benches alone.
    ("kit", &["platform", "sim", "store"]),
];

/// What the crate `domain` does without, besides what its manifest keeps out: it is pure.
const IMPURE: &[&str] = &[
    "async fn",
    "tokio::",
    "reqwest::",
    "axum::",
    "tracing::",
    "metrics::",
    "getrandom::",
    "slack_morphism",
    "Timestamp::now",
    "SystemTime",
    "Instant::now",
    "std::env",
    "std::fs",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// The room that a file of `src` is in.
fn room(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn floor(room: &str) -> u8 {
    let known = FLOORS.iter().find(|(name, _)| *name == room);
    known.unwrap_or_else(|| panic!("the room {room} has no floor: add it to FLOORS")).1
}

/// The code of a file: no comments, no docs.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every room of this crate that a file names, by `crate::room` or in `use crate::{room, …}`.
fn used_rooms(code: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0_usize;
                let mut part = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            rooms.insert(part.trim().chars().take_while(|c| is_name(*c)).collect());
                            part.clear();
                            continue;
                        }
                        _ => {}
                    }
                    part.push(c);
                }
                rooms.insert(part.trim().chars().take_while(|c| is_name(*c)).collect());
            }
            None => {
                rooms.insert(rest.chars().take_while(|c| is_name(*c)).collect());
            }
        }
    }
    rooms.remove("self");
    rooms
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("src")) {
        let own = room(&file);
        for used in used_rooms(&code(&file)) {
            if floor(&used) > floor(&own) {
                wrong.push(format!("{}: {own} uses {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "a file uses a higher floor:\n{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_them() {
    let seen = used_rooms("use crate::{clock, demo::{a, b}, self}; fn f() { crate::web::x() }");
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["clock", "demo", "web"]);
}

#[test]
fn the_crates_stay_apart() {
    let folders = fs::read_dir(root().join("crates")).unwrap();
    let names: BTreeSet<String> =
        folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, CRATES.iter().map(|(name, _)| (*name).to_owned()).collect());
    for (name, may_use) in CRATES {
        let manifest = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml"));
        for line in manifest.unwrap().lines() {
            let used = line.split(['.', ' ']).next().unwrap();
            let is_one_of_ours = line.contains("workspace = true") && names.contains(used);
            assert!(!is_one_of_ours || may_use.contains(&used), "{name} uses {used}");
        }
    }
}

/// Cargo unites what the members ask for, so the image would have it, too.
#[test]
fn no_crate_asks_for_the_demo() {
    let mut asked = 0;
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let cargo = fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).unwrap();
        for line in cargo.lines().filter(|line| line.starts_with("jules-slack = ")) {
            asked += 1;
            let is_without = line.contains("default-features = false") && !line.contains("demo");
            assert!(is_without, "{line}");
        }
    }
    assert!(asked > 0, "the kit is built on the app");
}

#[test]
fn the_domain_is_pure() {
    for file in rust_files(&root().join("crates/domain/src")) {
        let code = code(&file);
        for word in IMPURE {
            assert!(!code.contains(word), "{} has {word}", file.display());
        }
    }
}

/// How a request that writes is made, whatever the client.
const WRITING: &[&str] =
    &["POST", "PUT", "PATCH", "DELETE", ".post(", ".put(", ".patch(", ".delete(", "from_bytes(b\""];

#[test]
fn the_crate_github_only_reads() {
    let mut asked = BTreeSet::new();
    for file in rust_files(&root().join("crates/github/src")) {
        let code = code(&file);
        for word in WRITING {
            assert!(!code.contains(word), "{} has {word}", file.display());
        }
        let methods = code.split("Method::").skip(1);
        asked.extend(
            methods.map(|rest| rest.split(|c: char| !c.is_alphabetic()).next().unwrap().to_owned()),
        );
    }
    assert_eq!(asked.into_iter().collect::<Vec<_>>(), ["GET"]);
}

#[test]
fn only_the_crate_github_asks_github() {
    for folder in ["src", "crates"] {
        for file in rust_files(&root().join(folder)) {
            let asks = code(&file).contains("api.github.com");
            // The table of settings has the address as a default.
            let is_its = file.starts_with(root().join("crates/github"))
                || file.ends_with("src/config/table.rs");
            assert!(!asks || is_its, "{}: ask GitHub through crates/github", file.display());
        }
    }
}

#[test]
fn only_one_file_measures() {
    let folders = ["src", "crates"].map(|folder| rust_files(&root().join(folder)));
    for file in folders.into_iter().flatten() {
        let measures = ["counter!", "gauge!", "histogram!"].iter().any(|m| code(&file).contains(m));
        assert!(
            !measures || file.ends_with("crates/platform/src/metrics.rs"),
            "{}: measure in crates/platform/src/metrics.rs, where the table is",
            file.display()
        );
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in
        ["src", "crates", "tests", "benches", "fuzz/targets", "fuzz/fuzz_targets", "fuzz/src"]
    {
        for file in rust_files(&root().join(folder)) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("//! "), "{} does not begin with //!", file.display());
        }
    }
}

fn manifest() -> serde_norway::Value {
    serde_norway::from_str(&fs::read_to_string(root().join("manifest.yml")).unwrap()).unwrap()
}

fn texts(list: &serde_norway::Value) -> BTreeSet<String> {
    list.as_sequence().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_manifest_names_routes_that_exist() {
    let routes = fs::read_to_string(root().join("src/web/routes.rs")).unwrap();
    let manifest = fs::read_to_string(root().join("manifest.yml")).unwrap();
    let paths: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.split_once("https://jules.example.com")?.1.split(' ').next())
        .map(|path| path.trim_end_matches("\"]"))
        .filter(|path| path.starts_with('/'))
        .collect();
    assert_eq!(paths.len(), 5, "install, commands, events, interactivity, options: {paths:?}");
    for path in paths {
        assert!(routes.contains(&format!("\"{path}\"")), "no route {path}");
    }
}

#[test]
fn the_manifest_asks_for_the_events_that_are_acted_on() {
    let events = texts(&manifest()["settings"]["event_subscriptions"]["bot_events"]);
    assert_eq!(events, EVENTS.iter().map(ToString::to_string).collect());
}

/// What each method of the Web API wants (slack-platform.md §13).
const SCOPES: &[(&str, &[&str])] = &[
    ("auth.test", &[]),
    ("auth.revoke", &[]),
    ("auth.teams.list", &[]),
    ("chat.postMessage", &["chat:write"]),
    ("chat.update", &["chat:write"]),
    ("chat.delete", &["chat:write"]),
    ("chat.postEphemeral", &["chat:write"]),
    ("conversations.info", &["channels:read", "groups:read"]),
    ("conversations.history", &["channels:history", "groups:history", "im:history"]),
    ("conversations.replies", &["channels:history", "groups:history", "im:history"]),
    ("conversations.open", &["im:write"]),
    ("files.getUploadURLExternal", &["files:write"]),
    ("files.completeUploadExternal", &["files:write"]),
    ("views.open", &[]),
    ("views.publish", &[]),
    ("views.update", &[]),
    ("reactions.add", &["reactions:write"]),
    ("reactions.remove", &["reactions:write"]),
    ("users.info", &["users:read"]),
    ("users.conversations", &["channels:read", "groups:read"]),
    ("usergroups.users.list", &["usergroups:read"]),
];

/// What else wants a scope: the command, mentions, reading attached files, and events about channels.
const OTHER_SCOPES: &[&str] =
    &["commands", "app_mentions:read", "files:read", "channels:read", "groups:read"];

#[test]
fn the_manifest_asks_for_exactly_the_scopes_that_calls_need() {
    let mut called = BTreeSet::new();
    for file in rust_files(&root().join("crates/slack/src")) {
        let code = code(&file);
        for word in code.split('"').skip(1).step_by(2) {
            let families = [
                "auth.",
                "chat.",
                "conversations.",
                "files.",
                "views.",
                "reactions.",
                "users.",
                "usergroups.",
            ];
            let method = families.iter().any(|family| {
                word.starts_with(family) && !word.contains(' ') && !word.ends_with(".com")
            });
            if method {
                called.insert(word.to_owned());
            }
        }
    }
    let known: BTreeSet<String> = SCOPES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(called, known, "the methods called in crates/slack/src and those listed here");
    let mut needed: BTreeSet<String> =
        SCOPES.iter().flat_map(|(_, scopes)| scopes.iter().map(ToString::to_string)).collect();
    needed.extend(OTHER_SCOPES.iter().map(ToString::to_string));
    assert_eq!(texts(&manifest()["oauth_config"]["scopes"]["bot"]), needed);
}

/// The comment above a scope in the manifest, on one line.
fn comment_above(scope: &str, manifest: &str) -> String {
    let lines: Vec<&str> = manifest.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| *line == format!("- {scope}")).expect("is in it");
    let is_comment = |line: &&&str| line.starts_with('#');
    let above: Vec<&str> = lines[..at].iter().rev().take_while(is_comment).copied().collect();
    above.iter().rev().map(|line| line.trim_start_matches(['#', ' '])).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_manifest_says_of_each_optional_scope_what_it_is_for() {
    let manifest = manifest();
    let optional = texts(&manifest["oauth_config"]["scopes"]["bot_optional"]);
    let known = OPTIONAL_SCOPES.iter().map(|one| one.scope.to_owned());
    assert_eq!(optional, known.collect());
    let text = fs::read_to_string(root().join("manifest.yml")).unwrap();
    for one in OPTIONAL_SCOPES {
        let comment = comment_above(one.scope, &text);
        for feature in one.features {
            assert!(comment.contains(feature), "{} is for {feature}: {comment}", one.scope);
        }
    }
}

#[test]
fn the_manifest_has_a_home_tab_while_one_is_published() {
    let home = &manifest()["features"]["app_home"];
    assert_eq!(home["home_tab_enabled"].as_bool(), Some(EVENTS.contains(&"app_home_opened")));
}

#[test]
fn the_command_is_escaped_by_slack() {
    let command = &manifest()["features"]["slash_commands"][0];
    assert_eq!(command["command"].as_str(), Some("/jules"));
    assert_eq!(command["should_escape"].as_bool(), Some(true), "the decoder counts on it");
    assert!(command["usage_hint"].as_str().unwrap().len() <= 1000);
}

#[test]
fn the_readme_has_every_setting_as_help_shows_it() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for setting in SETTINGS {
        let meaning: String = setting.meaning.split_whitespace().collect::<Vec<_>>().join(" ");
        let default: String = setting.default.split_whitespace().collect::<Vec<_>>().join(" ");
        let row = format!("| `{}` | {meaning} | {default} |", setting.name);
        assert!(readme.contains(&row), "README.md lacks the row\n{row}");
    }
}

#[test]
fn the_readme_has_every_command_that_help_lists() {
    // A bar inside a cell of a table is escaped.
    let readme = fs::read_to_string(root().join("README.md")).unwrap().replace("\\|", "|");
    let help = domain::command::help();
    for row in &help.commands {
        let usage = format!("/jules {}", row.usage);
        assert!(readme.contains(usage.trim_end()), "README.md lacks {usage}");
    }
    for row in &help.options {
        assert!(readme.contains(&row.usage), "README.md lacks {}", row.usage);
    }
}

#[test]
fn every_kind_of_document_is_in_the_list_that_a_start_goes_by() {
    // A file with a kind that is not in it is refused as one of a newer version.
    let code = code(&root().join("crates/store/src/documents.rs"));
    let kinds = code.matches("const KIND:").count();
    assert_eq!(kinds, store::documents::KINDS.len());
}
