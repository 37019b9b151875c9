//! The settings: what `serve` would refuse, and what only looks odd.

use super::{Check, Environment};
use crate::config::{SettingsFile, Warning};
use domain::secret::Secret;

const NAME: &str = "settings";

/// Slack's signing secrets have this many characters (slack-platform.md §1).
const SECRET_CHARACTERS: usize = 32;

pub(super) fn look(case: &Environment, mistakes: Vec<String>) -> Vec<Check> {
    let mut checks: Vec<Check> = mistakes.into_iter().map(mistake).collect();
    let odd = case.parts.signing_secrets.iter().flatten().any(|secret| !looks_right(secret));
    if odd {
        checks.push(Check::warning(
            NAME,
            "SLACK_SIGNING_SECRET doesn't look right: a signing secret has 32 lowercase letters and digits",
            "Copy it again from Basic Information, Signing Secret. Next to it are the client secret and the \
             verification token, which are something else.",
        ));
    }
    checks.extend(
        case.parts.warnings().map(|Warning { words, fix }| Check::warning(NAME, words, fix)),
    );
    if checks.is_empty() {
        let words = if case.parts.app_token.is_some() {
            "complete, for Socket Mode"
        } else {
            "complete, for requests over HTTP; Slack's first request will show whether the signing \
             secret is right (the client secret looks the same)"
        };
        checks.push(Check::ok(NAME, words));
    }
    checks.extend(file(case));
    checks
}

/// Which settings came from a file. A file with mistakes is named by those.
fn file(case: &Environment) -> Option<Check> {
    let SettingsFile { path, names } = case.environment.file.as_ref()?;
    let shown = path.display();
    Some(Check::ok(
        "settings file",
        if names.is_empty() {
            format!("`{shown}` was read, but sets nothing")
        } else {
            format!("`{shown}` sets {}", names.join(", "))
        },
    ))
}

/// A mistake is written as `what is wrong. How to fix it.`
fn mistake(mistake: String) -> Check {
    match mistake.split_once(". ") {
        Some((wrong, fix)) => Check::failure(NAME, wrong, fix),
        None => Check::failure(NAME, mistake, "See `jules-slack --help`."),
    }
}

fn looks_right(secret: &Secret) -> bool {
    let secret = secret.expose();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    secret.len() == SECRET_CHARACTERS && secret.bytes().all(plain)
}
