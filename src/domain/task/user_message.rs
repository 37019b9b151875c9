//! A message to Jules: where it came from, and how it is recognised when it comes back.

use crate::domain::ids::{MessageTs, PlanId, UserId};
use serde::{Deserialize, Serialize};

/// Something that a person says to Jules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserMessage {
    /// Who says it.
    pub from: UserId,
    /// On what occasion.
    pub origin: MessageOrigin,
    /// The words.
    pub text: String,
    /// What was attached in Slack.
    #[serde(default)]
    pub files: Vec<FileRef>,
}

/// On what occasion something is said to Jules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageOrigin {
    /// A reply in the thread; the message.
    Reply(MessageTs),
    /// The form "Ask for changes", about this plan.
    Changes(PlanId),
    /// The button "Nudge".
    Nudge,
}

/// A file in Slack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its name.
    pub name: String,
    /// Such as `text/plain`; empty when Slack does not say.
    pub mimetype: String,
    /// In bytes; 0 when Slack does not say.
    pub size: u64,
    /// Where it can be read with the bot's token.
    pub url: Option<String>,
}

/// The largest file whose text is passed on, in bytes.
pub const LARGEST_FILE: u64 = 40_000;
/// How many files of one message are passed on.
const MOST_FILES: usize = 5;

/// What a nudge says. Short words got an answer every time (jules-api.md §4.1, "silent stalls").
pub const NUDGE: &str = "Please go on with the task.";

/// How much of a message has to be the same for it to be the same message.
const FINGERPRINT: usize = 200;

impl FileRef {
    /// Whether its text can be passed on: Jules takes words only.
    #[must_use]
    pub fn is_small_text(&self) -> bool {
        let text = ["text/", "application/json", "application/xml", "application/x-yaml"];
        let text = text.iter().any(|kind| self.mimetype.starts_with(kind));
        text && self.size <= LARGEST_FILE && self.url.is_some()
    }
}

impl UserMessage {
    /// The files whose text is passed on.
    pub fn passed_on(&self) -> impl Iterator<Item = &FileRef> {
        self.files.iter().filter(|file| file.is_small_text()).take(MOST_FILES)
    }

    /// The names of those that are not.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let passed: Vec<&FileRef> = self.passed_on().collect();
        let left = self.files.iter().filter(|file| !passed.contains(file));
        left.map(|file| file.name.clone()).collect()
    }

    /// The message as Jules gets it, with the texts of the files that are passed on, each `None`
    /// where it could not be read.
    #[must_use]
    pub fn compose(&self, texts: &[(String, Option<String>)]) -> String {
        let mut parts = Vec::new();
        if !self.text.is_empty() {
            parts.push(self.text.clone());
        }
        parts.extend(texts.iter().map(|(name, text)| match text {
            Some(text) => format!("Attached file {name}:\n\n{}", fenced(text)),
            None => format!("Attached file {name}: could not be read."),
        }));
        let left = self.left_out();
        if !left.is_empty() {
            parts.push(format!("Attached in Slack and not passed on: {}", left.join(", ")));
        }
        parts.join("\n\n")
    }

    /// The beginning by which it is recognised among a session's activities.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        if self.text.trim().is_empty() {
            let first = self.passed_on().next().map(|file| format!("Attached file {}", file.name));
            fingerprint(&first.unwrap_or_else(|| self.compose(&[])))
        } else {
            fingerprint(&self.text)
        }
    }
}

/// A text in a fence that it cannot end.
fn fenced(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}\n{}\n{fence}", text.trim_end())
}

/// The beginning of a text, with its white space evened out.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let even = text.split_whitespace().collect::<Vec<_>>().join(" ");
    even.chars().take(FINGERPRINT).collect()
}

/// Whether a message of the session is the one with this opening: the same words, perhaps with files
/// after them.
#[must_use]
pub fn matches(known: &str, text: &str) -> bool {
    let rest = fingerprint(text);
    match rest.strip_prefix(known) {
        Some("") => true,
        Some(more) => known.starts_with("Attached ") || more.starts_with(" Attached "),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, files: &[(&str, &str, u64)]) -> UserMessage {
        UserMessage {
            from: UserId::parse("U1").unwrap(),
            origin: MessageOrigin::Nudge,
            text: text.to_owned(),
            files: files
                .iter()
                .map(|(name, mimetype, size)| FileRef {
                    name: (*name).to_owned(),
                    mimetype: (*mimetype).to_owned(),
                    size: *size,
                    url: Some("https://files.slack.com/x".to_owned()),
                })
                .collect(),
        }
    }

    #[test]
    fn small_texts_go_along_and_the_rest_is_named() {
        let message = message(
            "see these",
            &[
                ("log.txt", "text/plain", 10),
                ("shot.png", "image/png", 10),
                ("big.txt", "text/plain", 99_999_999),
            ],
        );
        let whole = message.compose(&[("log.txt".to_owned(), Some("a ``` b".to_owned()))]);
        assert_eq!(
            whole,
            "see these\n\nAttached file log.txt:\n\n````\na ``` b\n````\n\n\
             Attached in Slack and not passed on: shot.png, big.txt"
        );
        assert!(matches(&message.fingerprint(), &whole));
        assert!(!matches(&message.fingerprint(), "see these and more"));
    }

    #[test]
    fn a_message_of_files_only_is_recognised_too() {
        for files in [[("a.txt", "text/plain", 1)], [("a.png", "image/png", 1)]] {
            let message = message("", &files);
            let texts: Vec<_> =
                message.passed_on().map(|file| (file.name.clone(), Some("x".to_owned()))).collect();
            let whole = message.compose(&texts);
            assert!(matches(&message.fingerprint(), &whole), "{whole}");
            assert!(!message.fingerprint().is_empty());
        }
    }
}
