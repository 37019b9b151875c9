//! Markup that a cut leaves open.

/// What opens a code block again.
pub(super) const FENCE: &str = "```\n";

/// No [`closing`] has more characters.
pub(super) const LONGEST_CLOSING: usize = 4;

/// What closes the code block, the code span or the styles that are open at the end of `text`.
pub(super) fn closing(text: &str) -> String {
    if text.matches("```").count() % 2 == 1 {
        return "\n```".to_owned();
    }
    // Styles and code spans end with their line.
    let line = text.rsplit('\n').next().unwrap_or_default();
    let line = line.rsplit("```").next().unwrap_or_default();
    let mut open: Vec<char> = Vec::new();
    let (mut before, mut token) = (None, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        let space = |c: Option<&char>| c.is_none_or(|c| c.is_whitespace());
        let in_code = open.last() == Some(&'`');
        match c {
            '<' | '>' => token = c == '<',
            '`' if in_code => _ = open.pop(),
            '`' => open.push('`'),
            '*' | '_' | '~' if !in_code && !token => {
                let at = open.iter().position(|mark| *mark == c);
                if let Some(at) = at.filter(|_| !space(before.as_ref())) {
                    open.truncate(at);
                } else if at.is_none() && !word(before.as_ref()) && !space(chars.peek()) {
                    open.push(c);
                }
            }
            _ => {}
        }
        before = Some(c);
    }
    open.into_iter().rev().collect()
}

/// What opens again, in the next part of a text, that which `closing` closes in this one.
pub(super) fn opening(closing: &str) -> String {
    if closing.contains('\n') { FENCE.to_owned() } else { closing.chars().rev().collect() }
}
