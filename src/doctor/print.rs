//! The checks for people, one line each, and for programs.

use super::{Check, Verdict};
use crate::telemetry::redacted;
use serde_json::{Value, json};

/// One line for each check, and one that counts what is wrong.
#[must_use]
pub fn text(checks: &[Check]) -> String {
    let mut lines: Vec<String> = checks.iter().map(line).collect();
    let (failures, warnings) = counts(checks);
    lines.push(match (failures, warnings) {
        (0, 0) => "All is well.".to_owned(),
        (0, warnings) => format!("It works, with {}.", counted(warnings, "warning")),
        (failures, 0) => format!("{}.", counted(failures, "failure")),
        (failures, warnings) => {
            format!("{}, {}.", counted(failures, "failure"), counted(warnings, "warning"))
        }
    });
    lines.join("\n")
}

/// The same for a program; `ok` is whether nothing failed.
#[must_use]
pub fn json(checks: &[Check]) -> Value {
    let (failures, warnings) = counts(checks);
    let checks: Vec<Check> = checks.iter().map(clean).collect();
    json!({ "ok": failures == 0, "failures": failures, "warnings": warnings, "checks": checks })
}

/// What the command ends with: 0 when all is well, 1 with warnings, 2 with failures.
#[must_use]
pub fn exit_code(checks: &[Check]) -> u8 {
    match counts(checks) {
        (0, 0) => 0,
        (0, _) => 1,
        (_, _) => 2,
    }
}

fn line(check: &Check) -> String {
    let Check { name, verdict, words, fix } = clean(check);
    let verdict = match verdict {
        Verdict::Ok => "ok",
        Verdict::Warning => "warning",
        Verdict::Failure => "failure",
    };
    match fix {
        None => format!("{verdict:<8} {name:<15} {words}"),
        Some(fix) => format!("{verdict:<8} {name:<15} {words} → {fix}"),
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

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_one_line_without_tokens() {
        let checks = [
            Check::ok("settings", "all are read"),
            Check::failure("slack", "no:\n xoxb-1-secret", "Mend it."),
            Check::warning("clock", "late", "Set it."),
        ];
        assert_eq!(
            text(&checks),
            "ok       settings        all are read\n\
             failure  slack           no: xoxb-… → Mend it.\n\
             warning  clock           late → Set it.\n\
             1 failure, 1 warning."
        );
        let json = json(&checks);
        assert_eq!(
            (exit_code(&checks), exit_code(&checks[2..]), exit_code(&checks[..1])),
            (2, 1, 0)
        );
        assert_eq!(json["ok"], false);
        assert_eq!(json["checks"][1]["words"], "no: xoxb-…");
        assert_eq!(json["checks"][0].get("mend"), None);
    }
}
