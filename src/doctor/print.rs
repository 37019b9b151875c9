//! The checks for people and for programs.

use super::{Check, Verdict};
use crate::telemetry::redacted;
use crate::terminal::{Style, Terminal};
use serde_json::{Value, json};

/// How wide the names are.
const NAMES: usize = 15;

/// For people: a line for each check with its fix below it, how many are wrong, and the failures again,
/// where the eye is when it ends.
#[must_use]
pub fn text(checks: &[Check], terminal: Terminal) -> String {
    let mut lines: Vec<String> = checks.iter().map(|check| entry(check, terminal)).collect();
    lines.push(String::new());
    lines.push(summary(checks, terminal));
    let failures: Vec<_> = checks.iter().filter(|one| one.verdict == Verdict::Failure).collect();
    lines.extend(failures.into_iter().map(|check| entry(check, terminal)));
    lines.join("\n")
}

fn summary(checks: &[Check], terminal: Terminal) -> String {
    match counts(checks) {
        (0, 0) => terminal.styled(Style::Good, "All checks passed."),
        (0, warnings) => {
            let words = format!("It works, with {}.", counted(warnings, "warning"));
            terminal.styled(Style::Odd, &words)
        }
        (failures, 0) => terminal.styled(Style::Bad, &format!("{}:", counted(failures, "failure"))),
        (failures, warnings) => {
            let all = [counted(failures, "failure"), counted(warnings, "warning")];
            terminal.styled(Style::Bad, &format!("{}. What fails:", all.join(", ")))
        }
    }
}

/// The same for a program; `ok` is whether nothing failed.
#[must_use]
pub fn json(checks: &[Check]) -> Value {
    let (failures, warnings) = counts(checks);
    let checks: Vec<Check> = checks.iter().map(clean).collect();
    json!({ "ok": failures == 0, "failures": failures, "warnings": warnings, "checks": checks })
}

/// What the command ends with: 0 when all checks passed, 1 with warnings, 2 with failures.
#[must_use]
pub fn exit_code(checks: &[Check]) -> u8 {
    match counts(checks) {
        (0, 0) => 0,
        (0, _) => 1,
        (_, _) => 2,
    }
}

/// A sign for a glance, or a word for those who search; the name; what was found. The fix has its own line.
fn entry(check: &Check, terminal: Terminal) -> String {
    let Check { name, verdict, words, fix } = clean(check);
    let (style, sign, word) = match verdict {
        Verdict::Ok => (Style::Good, "✓", "ok"),
        Verdict::Warning => (Style::Odd, "!", "warning"),
        Verdict::Failure => (Style::Bad, "✗", "failure"),
    };
    let sign = if terminal.is_there() { sign.to_owned() } else { format!("{word:<8}") };
    let indent = sign.chars().count() + NAMES + 2;
    let named = terminal.styled(Style::Strong, &format!("{name:<NAMES$}"));
    let found = terminal.wrapped(indent, &words);
    let line = format!("{} {named} {found}", terminal.styled(style, &sign));
    match fix {
        None => line,
        Some(fix) => {
            let fix = terminal.wrapped(indent + 2, &fix);
            format!("{line}\n{:indent$}→ {fix}", "")
        }
    }
}

/// In one line, and without what looks like a token: some words come from libraries.
fn clean(check: &Check) -> Check {
    let clean =
        |text: &str| redacted(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
    Check { words: clean(&check.words), fix: check.fix.as_deref().map(clean), ..check.clone() }
}

fn counts(checks: &[Check]) -> (usize, usize) {
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    (count(Verdict::Failure), count(Verdict::Warning))
}

/// `1 warning`, `2 warnings`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_has_its_fix_below_it_and_failures_come_again_last() {
        let checks = [
            Check::ok("settings", "all are read"),
            Check::failure("slack", "no:\n xoxb-1-secret", "Fix it."),
            Check::warning("clock", "late", "Set it."),
        ];
        assert_eq!(
            text(&checks, Terminal::NONE),
            "ok       settings        all are read\n\
             failure  slack           no: xoxb-…\n                         → Fix it.\n\
             warning  clock           late\n                         → Set it.\n\
             \n\
             1 failure, 1 warning. What fails:\n\
             failure  slack           no: xoxb-…\n                         → Fix it."
        );
        let json = json(&checks);
        assert_eq!(
            (exit_code(&checks), exit_code(&checks[2..]), exit_code(&checks[..1])),
            (2, 1, 0)
        );
        assert_eq!(json["ok"], false);
        assert_eq!(json["checks"][1]["words"], "no: xoxb-…");
        assert_eq!(json["checks"][0].get("fix"), None);
    }
}
