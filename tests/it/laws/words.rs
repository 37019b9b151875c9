//! `docs/WORDS.md` has every sentence that the bot says, and is up to date.

mod drawn;
mod homes;
mod pulls;
pub(super) mod samples;

use drawn::blocks;
use samples::{Sample, samples};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const BEGINNING: &str = "# What the bot says

Every sentence, by where it stands. Names, numbers and quotes are samples; `[…]` is a button. The words are
in `crates/slack/src/render`, what help says of each command and option in
`crates/domain/src/command/table.rs`. This page is written by a test, which fails when it is out of date:

```sh
INSTA_UPDATE=always cargo test --test it laws::words
```
";

/// How much of a line stands on the page: no sentence is as long.
const LONGEST: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The page as it should be.
fn page() -> String {
    let mut page = BEGINNING.to_owned();
    let mut surface = "";
    let mut said = BTreeSet::new();
    for Sample { on, of, shown } in samples() {
        if on != surface {
            let end = if surface.is_empty() { "" } else { "```\n" };
            let _ = write!(page, "{end}\n## {on}\n\n```text");
            surface = on;
        }
        // The version is another one with each release.
        let shown = shown.replace(env!("CARGO_PKG_VERSION"), "1.2.3");
        let _ = write!(page, "\n── {of}\n");
        for line in shown.lines() {
            // What many buttons ask stands here once.
            if !line.starts_with(drawn::ASKS) || said.insert(line.to_owned()) {
                let _ = writeln!(page, "{}", slack::rich_text::cut(line, LONGEST));
            }
        }
    }
    page + "```\n"
}

#[test]
#[expect(clippy::disallowed_methods, reason = "snapshots are accepted by this variable")]
fn the_page_of_words_is_up_to_date() {
    let path = root().join("docs/WORDS.md");
    let page = page();
    let is_accepted = env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    if is_accepted {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().zip(kept.lines()).find(|(now, kept)| now != kept);
    assert!(page == kept, "docs/WORDS.md is out of date, first at {differs:?}");
}

/// The folder with the words.
fn files() -> Vec<PathBuf> {
    let folder = fs::read_dir(root().join("crates/slack/src/render")).unwrap();
    folder.map(|entry| entry.unwrap().path()).collect()
}

/// The string literals of a file that are words: of two words or more.
fn literals(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '/']) {
        if rest[at..].starts_with("//") {
            rest = rest[at..].split_once('\n').map_or("", |(_, rest)| rest);
            continue;
        }
        let begins = rest[at..].starts_with('"') && !rest[..at].ends_with('\'');
        rest = &rest[at + 1..];
        if !begins {
            continue;
        }
        let quotes = rest.match_indices('"').map(|(end, _)| end);
        let end = quotes.into_iter().find(|end| !rest[..*end].ends_with('\\'));
        let (literal, after) = rest.split_at(end.unwrap_or(rest.len()));
        // A line that ends with a backslash continues without the space before the next.
        let lines: Vec<&str> = literal.split("\\\n").collect();
        let joined = lines
            .iter()
            .enumerate()
            .map(|(nth, line)| if nth == 0 { line } else { line.trim_start() });
        let joined = joined.collect::<String>().replace("\\n", "\n");
        if joined.trim().contains(' ') {
            found.insert(joined);
        }
        rest = after.get(1..).unwrap_or_default();
    }
    found
}

/// Without what marks or breaks the words.
fn bare(text: &str) -> String {
    let text = text.replace(['*', '`'], "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parts of a literal between its places, without the names of emoji.
fn fragments(literal: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for part in literal.split(['{', '}']) {
        parts.extend(part.split(':').map(bare).filter(|part| part.contains(' ')));
    }
    parts
}

#[test]
fn the_page_has_every_sentence_of_the_code() {
    let page = bare(&page());
    let mut missing = Vec::new();
    for file in files() {
        let code = fs::read_to_string(&file).unwrap();
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for literal in literals(code) {
            let is_missing = |part: &String| !page.contains(part.as_str());
            missing.extend(fragments(&literal).into_iter().filter(is_missing));
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "no sample shows these");
}

#[test]
fn a_literal_is_found_with_its_parts() {
    let code = "// \"no words\"\nsay!(\"one {} two \\\n    three: *four*\", x) 'a' \"a b\"";
    let found: Vec<String> = literals(code).into_iter().collect();
    assert_eq!(found, ["a b", "one {} two three: *four*"]);
    assert_eq!(fragments(&found[1]), ["two three"]);
}

#[test]
fn a_button_is_drawn_with_what_it_asks() {
    let button = json!([{ "type": "actions", "elements": [{
        "type": "button", "text": { "text": "Stop" },
        "confirm": {
            "title": { "text": "Stop?" }, "text": { "text": "It stays." },
            "confirm": { "text": "Stop it" }, "deny": { "text": "No" },
        },
    }]}]);
    assert_eq!(blocks(&button), "[Stop]\n? Stop? It stays. [No] [Stop it]");
}
