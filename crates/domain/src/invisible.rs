//! Characters that nobody sees, and what they can do to a name.
//!
//! A zero-width space pasted along with `404less` makes a name that looks right and fits nothing;
//! a bidirectional override shows one name and means another. Names and titles lose them; prompts
//! keep them, because a prompt is the author's own text.

/// Zero-width and direction characters, the soft hyphen and the byte order mark.
///
/// Joiners are not among them: emoji and several scripts need those.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
    )
}

/// The zero-width joiner and non-joiner: part of `👩‍💻` and of Persian words, never of a name.
#[must_use]
pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// `text` without control characters, [`is_invisible`] ones and white space around it; inner white
/// space and joiners stay. For titles.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut kept = text.to_owned();
    kept.retain(|c| !is_invisible(c) && (!c.is_control() || c.is_whitespace()));
    kept.trim().to_owned()
}

/// Like [`visible`], and without joiners: for names, which have neither emoji nor words.
#[must_use]
pub(crate) fn visible_in_name(text: &str) -> String {
    let mut kept = text.to_owned();
    kept.retain(|c| !is_invisible(c) && !is_joiner(c) && !c.is_control());
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_nobody_sees() {
        assert_eq!(visible_in_name(" \u{feff}404\u{200b}less\u{202e}\u{7} "), "404less");
    }

    #[test]
    fn titles_keep_their_emoji_whole() {
        assert_eq!(visible("\u{200b}for 👩\u{200d}💻\u{0}"), "for 👩\u{200d}💻");
    }
}
