//! Replies in a thread that are only a word or two and not meant for Jules: `approve`, `lgtm`, `stop`, `thanks`.
//!
//! Jules takes them for instructions: a message while a plan is waiting makes a new plan, and one to a
//! finished session wakes it. So they are not sent; the author is shown the button instead, and thanks get an
//! emoji.

use super::Task;
use super::types::Phase;
use crate::message::{Notice, StaleAction};
use crate::session::SessionState;

/// Longer than two of the longest phrases with their punctuation.
const LONGEST: usize = 100;

/// What a short reply asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Intent {
    /// Approval, and nothing else that anyone would tell an agent.
    Approve,
    /// Agreement: an approval while a plan is waiting, and an answer to Jules otherwise.
    Agree,
    /// An end to the task.
    Stop,
}

/// Emoji and their names that agree with the words next to them, and alone mean the same.
const NODS: &[&str] = &[
    "+1",
    "100",
    "👌",
    "👍",
    "💯",
    "🎉",
    "🙌",
    "🙏",
    "🚀",
    "✅",
    "✔",
    "☑",
    "clap",
    "heavy_check_mark",
    "ok_hand",
    "pray",
    "raised_hands",
    "rocket",
    "tada",
    "thumbsup",
    "thumbs_up",
    "white_check_mark",
];

/// The same for an end.
const HALTS: &[&str] = &[
    "🛑",
    "⛔",
    "✋",
    "🚫",
    "no_entry",
    "no_entry_sign",
    "octagonal_sign",
    "raised_hand",
    "stop_sign",
];

/// Words that change nothing about what is meant.
const POLITE: &[&str] = &[
    "bot", "hey", "hi", "jules", "just", "kindly", "now", "please", "pls", "plz", "thanks", "thx",
];

const APPROVE: &[&str] = &[
    "accept",
    "accept it",
    "accept plan",
    "accept the plan",
    "accepted",
    "approve",
    "approve it",
    "approve plan",
    "approve that",
    "approve the current plan",
    "approve the plan",
    "approve this",
    "approved",
    "i approve",
    "i approve it",
    "i approve the plan",
    "i approve this",
    "i approve this plan",
    "lgtm",
    "ok approve",
    "ok go",
    "okay go",
    "plan approved",
    "plan lgtm",
    "sgtm",
    "ship it",
];
const AGREE: &[&str] = &[
    "agreed",
    "all good",
    "all right",
    "alright",
    "awesome",
    "carry on",
    "continue",
    "cool",
    "do it",
    "do that",
    "do this",
    "excellent",
    "fine",
    "go",
    "go ahead",
    "go for it",
    "go on",
    "good",
    "good plan",
    "great",
    "k",
    "keep going",
    "let s do it",
    "let s do this",
    "let s go",
    "lets go",
    "looks fine",
    "looks good",
    "looks good to me",
    "looks great",
    "nice",
    "ok",
    "okay",
    "perfect",
    "plan looks good",
    "proceed",
    "sounds good",
    "start",
    "sure",
    "the plan looks good",
    "thumbs up",
    "y",
    "yeah",
    "yep",
    "yes",
    "yup",
];
const STOP: &[&str] = &[
    "abort",
    "abort it",
    "abort mission",
    "abort task",
    "abort that",
    "abort the task",
    "abort this",
    "abort this task",
    "can you stop",
    "cancel",
    "cancel it",
    "cancel task",
    "cancel that",
    "cancel the task",
    "cancel this",
    "cancel this task",
    "halt",
    "kill",
    "kill it",
    "nevermind",
    "never mind",
    "quit",
    "stop",
    "stop all",
    "stop everything",
    "stop here",
    "stop it",
    "stop right there",
    "stop stop",
    "stop task",
    "stop that",
    "stop the task",
    "stop this",
    "stop this task",
];

/// Thanks, and what stands next to them. Nothing that could also be the answer to an offer, such as `yes` or `ok`.
const THANKS: &[&str] = &[
    "cheers",
    "danke",
    "many thanks",
    "merci",
    "much appreciated",
    "thank you",
    "thanks",
    "thanks a lot",
    "thanks a million",
    "thanks again",
    "thanks so much",
    "thank you so much",
    "thank you very much",
    "thx",
    "ty",
    "tysm",
];
const PRAISE: &[&str] = &[
    "amazing",
    "awesome",
    "brilliant",
    "cool",
    "excellent",
    "fantastic",
    "good job",
    "good work",
    "great",
    "great job",
    "great work",
    "love it",
    "nice",
    "nice job",
    "nice one",
    "nice work",
    "perfect",
    "well done",
    "wonderful",
    "works great",
];
/// Who is thanked.
const THANKED: &[&str] = &["all", "bot", "hey", "jules", "team"];

/// Whether `text` says thanks, and nothing else than that and praise.
fn is_thanks(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let words = words(text);
    let is_said = |word: &&String| {
        let word = word.as_str();
        !NODS.contains(&word) && !HALTS.contains(&word) && !THANKED.contains(&word)
    };
    let said: Vec<&str> = words.iter().filter(is_said).map(String::as_str).collect();
    thanks_in(&said) == Some(true)
}

/// Whether there are thanks among these words; `None` when there is anything else than thanks and praise.
fn thanks_in(words: &[&str]) -> Option<bool> {
    if words.is_empty() {
        return Some(false);
    }
    (1..=words.len()).rev().find_map(|at| {
        let (first, rest) = words.split_at(at);
        let first = first.join(" ");
        let thanks = THANKS.contains(&first.as_str());
        if !thanks && !PRAISE.contains(&first.as_str()) {
            return None;
        }
        Some(thanks_in(rest)? || thanks)
    })
}

/// What `text` asks for, if that is all it says.
fn intent(text: &str) -> Option<Intent> {
    if text.len() > LONGEST {
        return None;
    }
    let words = words(text);
    let is_among = |known: &[&str], word: &String| known.contains(&word.as_str());
    let said: Vec<&str> = words
        .iter()
        .filter(|word| !is_among(NODS, word) && !is_among(HALTS, word) && !is_among(POLITE, word))
        .map(String::as_str)
        .collect();
    let halts = words.iter().any(|word| is_among(HALTS, word));
    let nods = words.iter().any(|word| is_among(NODS, word));
    match (meaning(&said), halts) {
        // `approve 🛑` says both.
        (Some(Intent::Approve | Intent::Agree), true) => None,
        (Some(Intent::Stop), _) if nods && !halts => Some(Intent::Stop),
        (None, true) if said.is_empty() && !nods => Some(Intent::Stop),
        (None, false) if said.is_empty() && nods => Some(Intent::Agree),
        (intent, _) => intent,
    }
}

/// The words, in lower case and without punctuation of any language, and the emoji.
fn words(text: &str) -> Vec<String> {
    const MARKS: &str = ".,;:!?*_~\"'“”‘’`()/[]{}<>-–—…。！？、，；：「」・¡¿|\\";
    /// Skin tones, and what makes an emoji of a sign.
    const SHADES: [char; 7] =
        ['\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}', '\u{fe0f}', '\u{200d}'];
    let plain = text.replace(SHADES, "").to_lowercase();
    let mut words = Vec::new();
    for piece in plain.split_whitespace() {
        // An underscore is emphasis to Slack, but part of an emoji's name.
        let names =
            piece.trim_matches(':').split(':').filter(|name| !name.starts_with("skin-tone"));
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        let is_named = piece.starts_with(':') && piece.trim_end_matches(['.', '!']).ends_with(':');
        if is_named && names.iter().all(|name| NODS.contains(name) || HALTS.contains(name)) {
            words.extend(names.into_iter().map(str::to_owned));
            continue;
        }
        for part in piece.split(|c: char| MARKS.contains(c)) {
            let mut word = String::new();
            for c in part.chars() {
                // Each emoji is a word, however many stand together.
                if c.is_alphanumeric() || c == '+' {
                    word.push(c);
                } else {
                    words.push(std::mem::take(&mut word));
                    words.push(c.to_string());
                }
            }
            words.push(word);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a phrase means, perhaps after one or two that agree: `looks good, approve it`.
fn meaning(words: &[&str]) -> Option<Intent> {
    let phrase = words.join(" ");
    let is_among = |phrases: &[&str]| phrases.contains(&phrase.as_str());
    if is_among(APPROVE) {
        return Some(Intent::Approve);
    } else if is_among(STOP) {
        return Some(Intent::Stop);
    } else if is_among(AGREE) {
        return Some(Intent::Agree);
    }
    // Longer than three of the longest.
    const MOST_WORDS: usize = 12;
    if words.len() > MOST_WORDS {
        return None;
    }
    (1..words.len()).find_map(|at| {
        let (first, rest) = words.split_at(at);
        let first = first.join(" ");
        let approves = APPROVE.contains(&first.as_str());
        let is_no = first == "no";
        if !approves && !is_no && !AGREE.contains(&first.as_str()) {
            return None;
        }
        // `no, stop` is an end, `no, approve` is nothing clear; `lgtm, go` is an approval.
        match meaning(rest)? {
            Intent::Stop => Some(Intent::Stop),
            Intent::Approve | Intent::Agree if is_no => None,
            Intent::Agree if approves => Some(Intent::Approve),
            meant => Some(meant),
        }
    })
}

impl Task {
    /// What to tell the author of a reply that only asks for a button; `None` when it is for Jules.
    pub(super) fn button_for(&self, text: &str) -> Option<Notice> {
        let intent = intent(text)?;
        let plan = self.progress.open_plan().filter(|plan| self.decidable(&plan.id).is_ok());
        match (intent, plan) {
            (Intent::Approve | Intent::Agree, Some(plan)) => {
                Some(Notice::PressApprove { task: self.id.clone(), plan: plan.id.clone() })
            }
            (Intent::Approve, None) if self.asks() => None,
            (Intent::Approve, None) => Some(Notice::NothingToApprove),
            (Intent::Agree, None) => None,
            (Intent::Stop, _) if self.progress.ended.is_some() => {
                Some(Notice::TooLate(StaleAction::Over))
            }
            (Intent::Stop, _) => {
                Some(Notice::PressStop { task: self.id.clone(), begun: self.session.is_some() })
            }
        }
    }

    /// Whether a reply only thanks for work that is done: sent, it would wake the session.
    pub(super) fn is_only_thanked(&self, text: &str) -> bool {
        let is_done = self.progress.ended.as_ref().is_some_and(|ended| !ended.failed);
        is_done && !self.waits_for_someone() && is_thanks(text)
    }

    /// Jules asked something, so any words may be the answer.
    fn asks(&self) -> bool {
        matches!(self.phase, Phase::Running { state: SessionState::AwaitingUserFeedback })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_for_a_button_however_it_is_written() {
        for text in [
            "approve",
            "Approve!",
            " *LGTM* ",
            "ok, go",
            "ok, go 👍",
            "please approve it",
            "Ship it 👍",
            "LGTM :+1::skin-tone-3:",
            "lgtm 🚀🚀",
            "lgtm, go ahead",
            "Looks good, approve it please",
            "yes, approve!",
            "approve。",
            "「approve」",
            "_Approved_ ✅",
        ] {
            assert_eq!(intent(text), Some(Intent::Approve), "{text}");
        }
        for text in [
            "👍",
            "👍🏽",
            "👍👍",
            ":+1:",
            ":thumbsup:",
            ":white_check_mark:",
            ":+1: :tada:",
            "✔️",
            "ok",
            "ok 👌",
            "Looks good to me.",
            "yes, go ahead please",
            "ok thanks",
            "let's go!",
        ] {
            assert_eq!(intent(text), Some(Intent::Agree), "{text}");
        }
        for text in [
            "stop",
            "STOP!!",
            "Cancel this.",
            "please stop",
            "stop, please",
            "never mind",
            "ok stop",
            "no, stop it now",
            "stop 🛑",
            "🛑",
            ":octagonal_sign:",
            "stop！",
            "pls cancel the task",
            "stop stop",
            "stop 🙏",
        ] {
            assert_eq!(intent(text), Some(Intent::Stop), "{text}");
        }
    }

    #[test]
    fn thanks_however_they_are_said() {
        for text in [
            "Thanks!",
            "thank you, Jules :tada:",
            "Great, thanks 🙌",
            "nice work, thank you so much!",
            "Perfect. Thanks a lot!",
            "ty",
            "Merci!",
            "hey jules, many thanks",
        ] {
            assert!(is_thanks(text), "{text}");
        }
        for text in [
            "",
            "👍",
            "great",
            "yes, thanks",
            "ok thanks",
            "no thanks",
            "thanks, now add tests",
            "thanks for the tests, rename them too",
            "thank the author in the README",
            "!do thanks",
            &"thanks ".repeat(20),
        ] {
            assert!(!is_thanks(text), "{text}");
        }
    }

    #[test]
    fn anything_more_is_for_jules() {
        for text in [
            "",
            "approve, but use tabs",
            "lgtm except step 2",
            "stop using lodash",
            "cancel the old timers too",
            "yes, and add tests",
            "ok so what about the docs?",
            "the stop button is broken",
            "approve 🛑",
            "no, approve",
            "lgtm 👎",
            "👎",
            "please",
            "approve plan b",
            "go to the next step",
            "ok, but stop using lodash",
            "stop 5 of them",
            &"y ".repeat(48),
        ] {
            assert_eq!(intent(text), None, "{text}");
        }
    }
}
