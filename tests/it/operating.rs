//! What operators read and load, held against the program: the table of metrics, the dashboard, the
//! alerts, and the settings that `deploy/` names.

use domain::audit::{Action, ActorKind, AuditOutcome, AuditRecord};
use domain::ids::{AccountId, ChannelId, DeliveryId, MessageTs, SessionId, TaskId, TeamId, UserId};
use domain::task::{LeaseOverview, TaskOverview, TaskState, WaitingEffect, Way};
use jiff::Timestamp;
use jules_slack::config::SETTINGS;
use platform::metrics::{METRICS, Metric};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_operators_guide_has_every_metric() {
    let guide = read("docs/OPERATIONS.md");
    for metric in METRICS {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, kind) = (metric.name, metric.kind.name());
        let row = format!("| `{name}` | {kind} | {} | {} |", labels.join(", "), metric.help);
        assert!(guide.contains(&row), "docs/OPERATIONS.md lacks the row\n{row}");
    }
    let rows = guide.lines().filter(|line| line.starts_with("| `jules_slack_")).count();
    assert_eq!(rows, METRICS.len(), "docs/OPERATIONS.md has rows of metrics that do not exist");
}

/// The fields in a table of the guide, and whether each may be absent.
fn documented(table: &str) -> BTreeMap<String, bool> {
    let guide = read("docs/OPERATIONS.md");
    let (_, rest) = guide.split_once(&format!("\n| {table} |")).expect("the table");
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with("| `"));
    let cells = |row: &str| row.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let field = |row: &str| match &cells(row)[..] {
        [_, name, what, absent, _] if !what.is_empty() => {
            (name.trim_matches('`').to_owned(), !absent.starts_with("never"))
        }
        _ => panic!("not a row of three cells: {row}"),
    };
    rows.map(field).collect()
}

/// The fields of an object, those inside it with their path, and whether each is `null`.
fn fields(object: &Value, path: &str) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for (name, value) in object.as_object().unwrap() {
        let path = format!("{path}{name}");
        match value {
            Value::Object(_) => found.extend(fields(value, &format!("{path}."))),
            Value::Array(items) => {
                let inside = items.iter().map(|item| fields(item, &format!("{path}[].")));
                found.extend(inside.flatten());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        found.insert(path, value.is_null());
    }
    found
}

/// A task of which everything is known, or nothing that may be unknown.
fn overview(is_full: bool) -> TaskOverview {
    let at = Timestamp::UNIX_EPOCH;
    let text = |text: &str| is_full.then(|| text.to_owned());
    let ts = is_full.then(|| MessageTs::parse("1721609601.000200").unwrap());
    TaskOverview {
        id: TaskId::for_delivery(&DeliveryId::of(&["one"])),
        team: TeamId::parse("T0ACME").unwrap(),
        state: TaskState::Running,
        since: at,
        stuck: false,
        author: UserId::parse("U0ANN").unwrap(),
        channel: is_full.then(|| ChannelId::parse("C0DEV").unwrap()),
        card: ts.clone(),
        thread: ts,
        repo: text("acme/web"),
        session: is_full.then(|| SessionId::parse("31415926535897932384").unwrap()),
        url: text("https://jules.google.com/session/31415926535897932384"),
        account: AccountId::of_settings(),
        waiting: vec![WaitingEffect {
            kind: "post_card".to_owned(),
            attempts: 1,
            next: at,
            since: is_full.then_some(at),
            maybe_done: false,
            held: false,
            reserved: false,
            cause: text("missing_scope"),
            code: text("chat:write"),
        }],
        lease: is_full.then(|| LeaseOverview {
            holder: "0000000000000001".to_owned(),
            taken: at,
            until: at,
            over: false,
        }),
        created: at,
        changed: at,
    }
}

#[test]
fn the_operators_guide_has_every_field_of_a_task() {
    let documented = documented("field of a task");
    let full = fields(&serde_json::to_value(overview(true)).unwrap(), "");
    assert!(full.values().all(|is_null| !is_null), "{full:?}");
    let names = |fields: &BTreeMap<String, bool>| fields.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&full), names(&documented));
    let empty = fields(&serde_json::to_value(overview(false)).unwrap(), "");
    // Without a lease, there are no fields of one.
    for (name, may_be_null) in documented.iter().filter(|(name, _)| !name.starts_with("lease.")) {
        assert_eq!(empty.get(name), Some(may_be_null), "{name}");
    }
}

#[test]
fn the_operators_guide_has_every_field_of_a_record() {
    let team = TeamId::parse("T0ACME").unwrap();
    let delivery = DeliveryId::of(&["one"]);
    let bare = AuditRecord::new(Action::TaskStart, team, &delivery, Timestamp::UNIX_EPOCH);
    let full = AuditRecord {
        user: UserId::parse("U0ANN").ok(),
        kind: ActorKind::Person,
        task: Some(TaskId::for_delivery(&delivery)),
        session: SessionId::parse("31415926535897932384").ok(),
        repo: Some("acme/web".to_owned()),
        channel: ChannelId::parse("C0DEV").ok(),
        origin: Some(Way::Mention),
        account: Some(AccountId::of_settings()),
        outcome: AuditOutcome::Done,
        rule: Some("start".to_owned()),
        ..bare.clone()
    };
    let printed = |record: &AuditRecord| fields(&serde_json::to_value(record).unwrap(), "");
    let (bare, full) = (printed(&bare), printed(&full));
    let found = full.keys().map(|name| (name.clone(), !bare.contains_key(name)));
    assert_eq!(found.collect::<BTreeMap<_, _>>(), documented("field of a record"));
    let guide = read("docs/OPERATIONS.md");
    for action in Action::ALL {
        assert!(guide.contains(&format!("`{}`", action.name())), "no action {}", action.name());
    }
}

/// Every query of the dashboard, and of its variables.
fn queries() -> Vec<String> {
    let dashboard: serde_json::Value =
        serde_json::from_str(&read("deploy/grafana/jules-slack.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let of_panels = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let of_panels = of_panels.map(|target| target["expr"].as_str().unwrap().to_owned());
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    of_panels.chain(variables.map(|v| v["query"].as_str().unwrap().to_owned())).collect()
}

fn alerts() -> Vec<String> {
    let rules: serde_norway::Value =
        serde_norway::from_str(&read("deploy/prometheus/alerts.yml")).unwrap();
    let rules = rules["groups"][0]["rules"].as_sequence().unwrap().iter();
    rules.map(|rule| rule["expr"].as_str().unwrap().to_owned()).collect()
}

/// Each metric that a query names, as it is named there and as the table has it.
fn metrics(query: &str) -> Vec<(String, &'static Metric)> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let names = query.split(word).filter(|name| name.starts_with("jules_slack_"));
    let named = |name: &str| {
        let plain = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end));
        let found = METRICS.iter().find(|metric| Some(metric.name) == plain || metric.name == name);
        found.unwrap_or_else(|| panic!("no metric is called {name}: {query}"))
    };
    names.map(|name| (name.to_owned(), named(name))).collect()
}

/// The labels that a query picks by or sums by.
fn labels(query: &str) -> BTreeSet<String> {
    let mut labels = BTreeSet::new();
    for part in query.split("by (").skip(1) {
        let inside = part.split(')').next().unwrap();
        labels.extend(inside.split(',').map(|label| label.trim().to_owned()));
    }
    for part in query.split('{').skip(1) {
        let inside = part.split('}').next().unwrap();
        let names = inside.split(',').map(|pair| pair.split(['=', '!']).next().unwrap());
        labels.extend(names.map(|label| label.trim().to_owned()));
    }
    labels
}

#[test]
fn the_dashboard_and_the_alerts_ask_for_what_exists() {
    // What Prometheus adds, and what a histogram has.
    let given = ["instance", "le"];
    let mut asked = BTreeSet::new();
    for query in queries().iter().chain(&alerts()) {
        let metrics = metrics(query);
        for label in labels(query).iter().filter(|label| !given.contains(&label.as_str())) {
            let known = metrics.iter().any(|(_, metric)| metric.labels.contains(&label.as_str()));
            assert!(known, "no metric of this query has the label {label}: {query}");
        }
        asked.extend(metrics.iter().map(|(_, metric)| metric.name));
    }
    let table: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(asked, table, "the dashboard shows every metric");
}

#[test]
fn a_query_is_read_for_its_metrics_and_labels() {
    let query = "sum by (le, kind) (rate(jules_slack_effects_total{outcome!=\"done\"}[5m]))";
    assert_eq!(metrics(query)[0].1.name, "jules_slack_effects_total");
    assert_eq!(labels(query).into_iter().collect::<Vec<_>>(), ["kind", "le", "outcome"]);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn deploy_sets_only_settings_that_exist() {
    let mut seen = BTreeSet::new();
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")) {
        // The icon is a picture.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for line in text.lines() {
            let name = line.trim().trim_start_matches("- name: ").split(':').next().unwrap();
            let ours = |family: &&str| name.starts_with(*family);
            let shouted = name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            let families =
                ["SLACK_", "JULES_", "STORE", "ENCRYPTION", "LISTEN", "LOG", "PUBLIC_", "GITHUB_"];
            if shouted && families.iter().any(ours) {
                let known = SETTINGS.iter().any(|setting| setting.name == name);
                assert!(known, "{} sets {name}, which is no setting", file.display());
                seen.insert(name.to_owned());
            }
        }
    }
    assert!(seen.len() >= 6, "the reader of deploy/ sees too little: {seen:?}");
}

/// What people read: every page of the project.
const PAGES: &[&str] = &[
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "deploy/README.md",
    "deploy/platform.md",
    "docs/ARCHITECTURE.md",
    "docs/OPERATIONS.md",
    "docs/PERFORMANCE.md",
    "docs/SANDBOX.md",
];

#[test]
fn links_between_pages_lead_somewhere() {
    let mut followed = 0;
    for page in PAGES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let folder = folder.parent().unwrap();
        for link in read(page).split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            let (path, section) = link.split_once('#').unwrap_or((link, ""));
            if path.starts_with("http") || path.is_empty() {
                continue;
            }
            assert!(folder.join(path).exists(), "{page}: {link} leads nowhere");
            if !section.is_empty() {
                let other = fs::read_to_string(folder.join(path)).unwrap().to_lowercase();
                let title = format!("\n## {}\n", section.replace('-', " "));
                assert!(other.contains(&title), "{page}: {path} has no section {section}");
            }
            followed += 1;
        }
    }
    assert!(followed >= 10, "the reader of links sees only {followed}");
}

/// What the pages name of this repository begins with one of these.
const FOLDERS: &[&str] =
    &[".ci/", ".github/", "benches/", "crates/", "deploy/", "docs/", "fuzz/", "src/", "tests/"];

/// What a page has between backticks, and what stands before it.
fn code_spans(page: &str) -> Vec<(String, String)> {
    let text = read(page);
    let parts: Vec<&str> = text.split('`').collect();
    parts.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

fn is_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
    FOLDERS.iter().any(|folder| span.starts_with(folder)) && span.chars().all(plain)
}

#[test]
fn files_that_pages_name_exist() {
    let mut seen = 0;
    let mut gone = Vec::new();
    // What changed earlier may have been about a file that is gone by now.
    for page in PAGES.iter().filter(|page| **page != "CHANGELOG.md") {
        for (_, span) in code_spans(page).into_iter().filter(|(_, span)| is_path(span)) {
            seen += 1;
            if !Path::new(env!("CARGO_MANIFEST_DIR")).join(&span).exists() {
                gone.push(format!("{page}: {span}"));
            }
        }
    }
    assert!(gone.is_empty(), "pages name files that don't exist:\n{}", gone.join("\n"));
    assert!(seen > 200, "the reader of pages sees only {seen} files");
}

#[test]
fn the_list_for_real_accounts_names_code_that_exists() {
    let spans = code_spans("docs/SANDBOX.md");
    let mut named = 0;
    for pair in spans.windows(2) {
        let [(_, path), (between, name)] = pair else { continue };
        if is_path(path) && between.trim() == "(" {
            named += 1;
            assert!(read(path).contains(name.as_str()), "docs/SANDBOX.md: {path} has no {name}");
        }
    }
    assert!(named > 30, "the reader of the list sees only {named} names");
}
