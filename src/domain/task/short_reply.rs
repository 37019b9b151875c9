//! Replies in a thread that are only a word or two for a button: `approve`, `lgtm`, `stop`.
//!
//! Jules takes them for instructions: a message while a plan is waiting makes a new plan, and one to a
//! finished session wakes it. So they are not sent; the author is shown the button instead.

use super::Task;
use super::types::Phase;
use crate::domain::message::{Notice, StaleAction};
use crate::domain::session::SessionState;

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
    "approve the plan",
    "approve this",
    "approved",
    "i approve",
    "lgtm",
    "ok approve",
    "ok go",
    "okay go",
    "plan approved",
    "ship it",
    "yes approve",
];
const AGREE: &[&str] = &[
    "+1",
    "👍",
    "✅",
    "👌",
    "🚀",
    "agreed",
    "all good",
    "continue",
    "do it",
    "fine",
    "go",
    "go ahead",
    "go for it",
    "go on",
    "good",
    "good plan",
    "great",
    "looks fine",
    "looks good",
    "looks good to me",
    "looks great",
    "nice",
    "ok",
    "ok do it",
    "ok go ahead",
    "okay",
    "perfect",
    "please continue",
    "please proceed",
    "proceed",
    "sounds good",
    "start",
    "sure",
    "thumbsup",
    "white_check_mark",
    "y",
    "yeah",
    "yep",
    "yes",
    "yes go",
    "yes go ahead",
    "yes please",
];
const STOP: &[&str] = &[
    "abort",
    "abort it",
    "abort this",
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
    "no stop",
    "quit",
    "stop",
    "stop it",
    "stop jules",
    "stop now",
    "stop please",
    "stop task",
    "stop that",
    "stop the task",
    "stop this",
    "stop this task",
];

/// What `text` asks for, if that is all it says.
fn intent(text: &str) -> Option<Intent> {
    // Longer than the longest phrase with its punctuation.
    const LONGEST: usize = 60;
    if text.len() > LONGEST {
        return None;
    }
    let is_mark = |c: char| c.is_whitespace() || ".,;:!?*_~\"'“”‘’`()/".contains(c);
    let words: Vec<&str> = text.split(is_mark).filter(|word| !word.is_empty()).collect();
    let said = words.join(" ").to_lowercase();
    // An underscore is emphasis to Slack, but part of an emoji's name.
    let said = said.replace("white check mark", "white_check_mark");
    let said =
        said.trim_start_matches("please ").trim_end_matches(" please").trim_end_matches(" jules");
    let is_among = |phrases: &[&str]| phrases.contains(&said);
    if is_among(APPROVE) {
        Some(Intent::Approve)
    } else if is_among(STOP) {
        Some(Intent::Stop)
    } else {
        is_among(AGREE).then_some(Intent::Agree)
    }
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
        for text in ["approve", "Approve!", " *LGTM* ", "ok, go", "please approve it", "Ship it 👍"]
        {
            let expected = if text.contains('👍') { None } else { Some(Intent::Approve) };
            assert_eq!(intent(text), expected, "{text}");
        }
        for text in ["👍", ":+1:", ":thumbsup:", ":white_check_mark:", "ok", "Looks good to me."]
        {
            assert_eq!(intent(text), Some(Intent::Agree), "{text}");
        }
        for text in ["stop", "STOP!!", "Cancel this.", "please stop", "stop, please", "never mind"]
        {
            assert_eq!(intent(text), Some(Intent::Stop), "{text}");
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
        ] {
            assert_eq!(intent(text), None, "{text}");
        }
    }
}
