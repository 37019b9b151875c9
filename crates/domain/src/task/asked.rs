//! Questions to a session that has finished. A message wakes it, and it may push a commit for a mere answer
//! (changes-2026-11.md, J13); so a question says that nothing is to be changed.

/// What is said with a question.
pub(crate) const ANSWER_ONLY: &str = "Answer in words; do not change or push anything.";

/// What a message begins with that shall go as it is.
const AS_IT_IS: &str = "!do";

/// Words that ask for a change, also in a question.
const CHANGES: &[&str] = &[
    "add",
    "adjust",
    "apply",
    "bump",
    "can you",
    "change",
    "clean",
    "convert",
    "could you",
    "create",
    "delete",
    "disable",
    "do it",
    "drop",
    "enable",
    "extract",
    "fix",
    "implement",
    "improve",
    "install",
    "let's",
    "make",
    "merge",
    "migrate",
    "move",
    "please",
    "push",
    "rebase",
    "refactor",
    "remove",
    "rename",
    "replace",
    "resolve",
    "revert",
    "rewrite",
    "simplify",
    "split",
    "squash",
    "swap",
    "switch",
    "try",
    "undo",
    "update",
    "upgrade",
    "use",
    "will you",
    "would you",
    "write",
];

/// A message as it goes to a finished session: a question that names no change gets a sentence more, and what
/// begins with `!do` goes without that.
#[must_use]
pub(super) fn to_finished(text: &str) -> String {
    if let Some(rest) = as_it_is(text) {
        return rest.to_owned();
    }
    if is_question(text) {
        format!("{}\n\n{ANSWER_ONLY}", text.trim_end())
    } else {
        text.to_owned()
    }
}

/// What follows `!do`, if a message begins with it.
#[must_use]
pub(super) fn as_it_is(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let head = text.get(..AS_IT_IS.len())?;
    let rest = &text[AS_IT_IS.len()..];
    let is_it = head.eq_ignore_ascii_case(AS_IT_IS) && rest.starts_with(char::is_whitespace);
    is_it.then(|| rest.trim_start())
}

/// Whether a message was sent as a question.
#[must_use]
pub(crate) fn is_answer_only(text: &str) -> bool {
    text.ends_with(ANSWER_ONLY)
}

fn is_question(text: &str) -> bool {
    text.trim_end().ends_with('?') && !names_a_change(text)
}

fn names_a_change(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let text = format!(" {} ", words.join(" "));
    CHANGES.iter().any(|change| text.contains(&format!(" {change} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_names_no_change_asks_for_words_alone() {
        for text in
            ["Why is the cache gone?", "what does this test cover ?", "Is it done?\n", "¿Listo?"]
        {
            let sent = to_finished(text);
            assert!(is_answer_only(&sent) && sent.starts_with(text.trim_end()), "{sent}");
        }
    }

    #[test]
    fn whatever_may_ask_for_a_change_goes_as_it_is() {
        for text in [
            "Rename it.",
            "Can you rename it?",
            "Could you add a test?",
            "Why not use a map?",
            "Fix the typo, ok?",
            "Please?",
            "",
        ] {
            assert_eq!(to_finished(text), text);
        }
    }

    #[test]
    fn do_sends_a_question_as_it_is() {
        assert_eq!(to_finished("!do Is it done?"), "Is it done?");
        assert_eq!(to_finished("  !DO  why?"), "why?");
        assert_eq!(to_finished("!done"), "!done");
        assert!(is_answer_only(&to_finished("!dont?")));
    }
}
