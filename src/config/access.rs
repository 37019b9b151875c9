//! The access file: who may do what, as TOML. Every mistake in it is found at once and named with its line, and
//! a file with a mistake counts for nothing.

mod read;
#[cfg(test)]
mod tests;

use domain::ids::{GroupId, UserId};
use domain::policy::{Named, Policy};
use read::Reading;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// Where the rules are, and who manages workspaces that the file names no managers for.
#[derive(Debug, Clone, Default)]
pub struct AccessConfig {
    /// The file.
    pub file: Option<PathBuf>,
    /// The managers.
    pub admins: Vec<Named>,
}

/// What is wrong in the file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, counted from 1; `None` for the file as a whole.
    pub line: Option<usize>,
    /// What is wrong, and the fix.
    pub what: String,
}

impl AccessConfig {
    /// The rules, as the file says them now.
    ///
    /// # Errors
    /// All mistakes in it, each ready to be shown.
    pub fn policy(&self) -> Result<Policy, Vec<String>> {
        let mut policy = match &self.file {
            None => Policy::default(),
            Some(file) => {
                let shown = file.display();
                let text = std::fs::read_to_string(file).map_err(|error| {
                    vec![format!("ACCESS_FILE: `{shown}` can't be read ({error}).")]
                })?;
                parse(&text).map_err(|mistakes| {
                    mistakes.iter().map(|one| one.of(file)).collect::<Vec<_>>()
                })?
            }
        };
        policy.defaults.admins = Some(self.admins.clone()).filter(|admins| !admins.is_empty());
        Ok(policy)
    }
}

impl Mistake {
    fn of(&self, file: &Path) -> String {
        match self.line {
            Some(line) => format!("ACCESS_FILE: `{}`, line {line}: {}", file.display(), self.what),
            None => format!("ACCESS_FILE: `{}`: {}", file.display(), self.what),
        }
    }
}

/// Reads the text of an access file.
///
/// # Errors
/// Every mistake in it, in the order of its lines.
pub fn parse(text: &str) -> Result<Policy, Vec<Mistake>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reading = Reading::of(text);
    for error in errors {
        let message = error.message().lines().next().unwrap_or("this isn't TOML").to_owned();
        reading.wrong(error.span(), format!("{message}."));
    }
    let policy = reading.policy(table.get_ref());
    reading.result(policy)
}

/// Who an id stands for: a person or a user group.
#[must_use]
pub(super) fn named(id: &str) -> Option<Named> {
    let is_id = id.len() > 4 && id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    match id.chars().next() {
        Some('U' | 'W') if is_id => UserId::parse(id).ok().map(Named::Person),
        Some('S') if is_id => GroupId::parse(id).ok().map(Named::Group),
        _ => None,
    }
}
