//! Text on its way to Slack.

use super::cut::{cut_markup, part_markup};
use super::open::{FENCE, LONGEST_CLOSING, closing, opening};
use crate::domain::invisible::is_invisible;
use std::fmt;
use url::Url;

/// Text that is safe in a `mrkdwn` object or a message's `text`: its only markup is ours.
///
/// Pair it with `verbatim: true`, which keeps Slack from turning bare `@here` and `#dev` into live
/// ones (Slack: text object).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Escaped(String);

impl Escaped {
    /// Our own words and markup, taken as they are; literals only, so that nobody else's get in.
    #[must_use]
    pub fn ours(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// A whole text that was put together from escaped parts and our own words.
    #[must_use]
    pub(in crate::slack) fn drawn(text: String) -> Self {
        Self(text)
    }

    /// Appends.
    pub fn push(&mut self, more: &Self) {
        self.0.push_str(&more.0);
    }

    /// As it goes to Slack.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it goes to Slack.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// At most `max` characters, markup included, as [`cut`](super::cut()) does it; entities
    /// (`&amp;`) and tokens (`<…>`) stay whole or go whole, and what is open is closed: a fence
    /// left open would swallow whatever comes after.
    #[must_use]
    pub fn cut(&self, max: usize) -> Self {
        let short = cut_markup(&self.0, max);
        if short == self.0 || closing(&short).is_empty() {
            return Self(short);
        }
        // What closes it needs its room, and another cut may leave more open.
        let needed = closing(&short).chars().count();
        let shorter = cut_markup(&self.0, max.saturating_sub(needed));
        if closing(&shorter).chars().count() <= needed {
            return Self(format!("{shorter}{}", closing(&shorter)));
        }
        let shortest = cut_markup(&self.0, max.saturating_sub(LONGEST_CLOSING));
        Self(format!("{shortest}{}", closing(&shortest)))
    }

    /// The whole text in parts of at most `max` characters, parted between paragraphs where that
    /// is possible. A fence that goes on in the next part is closed and opened again. `max` is a
    /// limit of Slack's, hundreds at least; a single link that is longer ends the text.
    #[must_use]
    pub fn parts(&self, max: usize) -> Vec<Self> {
        let mut parts = Vec::new();
        let (mut rest, mut again) = (self.0.as_str(), String::new());
        while again.len() + rest.chars().count() > max {
            let room = max.saturating_sub(again.len() + LONGEST_CLOSING);
            let (part, after) = rest.split_at(part_markup(rest, room));
            if part.is_empty() {
                rest = "…";
                break;
            }
            let part = format!("{again}{}", part.trim_end());
            let close = closing(&part);
            again = opening(&close);
            rest =
                after.trim_start_matches(if again == FENCE { &['\n'][..] } else { &['\n', ' '] });
            if let Some(after) = rest.strip_prefix("```").filter(|_| again == FENCE) {
                (rest, again) = (after.trim_start_matches('\n'), String::new());
            }
            if again != FENCE && rest.starts_with("&gt;") {
                // It would begin a quote.
                again.insert_str(0, "› ");
            }
            parts.push(Self(format!("{part}{close}")));
        }
        if !rest.is_empty() {
            parts.push(Self(format!("{again}{rest}")));
        }
        parts
    }
}

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromIterator<Escaped> for Escaped {
    fn from_iter<I: IntoIterator<Item = Escaped>>(parts: I) -> Self {
        Self(parts.into_iter().map(Self::into_string).collect())
    }
}

/// Escapes `&`, `<` and `>`, and nothing else (Slack: "Formatting message text"). Bold, code and
/// quotes in `text` still show as such: for prose.
#[must_use]
pub fn escape(text: &str) -> Escaped {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    Escaped(out)
}

/// One line of somebody else's words amid ours: a title, a name. Besides [`escape`]: no line
/// breaks, no characters nobody sees, no backticks that open a code span across our own words, and
/// no `>` in front, which Slack shows as a quote although it is escaped.
#[must_use]
pub fn harmless(text: &str) -> Escaped {
    let line = one_line(text);
    let words = line.trim_start_matches(['>', ' ']);
    if words.len() == line.len() { escape(words) } else { escape(&format!("› {words}")) }
}

/// A code span that its text cannot end, on one line; nothing for nothing.
#[must_use]
pub fn code(text: &str) -> Escaped {
    let line = one_line(text);
    if line.is_empty() { Escaped::default() } else { Escaped(format!("`{}`", escape(&line))) }
}

/// A link with `label`, or with its address where that is empty. Only `https` addresses without
/// user and password become links; of anything else the label remains.
#[must_use]
pub fn link(url: &str, label: &str) -> Escaped {
    let label = harmless(label);
    let honest = |url: &Url| {
        url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
    };
    let Some(url) = Url::parse(url).ok().filter(honest) else { return label };
    // `Url` has encoded spaces and brackets, but would leave the bar that begins the label, and the
    // backtick that begins code.
    let url = escape(&url.as_str().replace('|', "%7C").replace('`', "%60"));
    if label.0.is_empty() {
        Escaped(format!("<{url}>"))
    } else {
        Escaped(format!("<{url}|{label}>"))
    }
}

/// White space as single spaces; without unseen and control characters; backticks as U+02CB, which
/// looks the same (mrkdwn has no escape for them).
fn one_line(text: &str) -> String {
    let seen: String = text
        .chars()
        .filter(|&c| !is_invisible(c) && (!c.is_control() || c.is_whitespace()))
        .map(|c| if c == '`' { '\u{2cb}' } else { c })
        .collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_pinged_and_no_link_is_forged() {
        for (text, sent) in [
            ("a & b", "a &amp; b"),
            ("<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;"),
            (
                "<https://evil.test|https://good.test>",
                "&lt;https://evil.test|https://good.test&gt;",
            ),
            ("&lt;", "&amp;lt;"),
            ("*bold* `code`\n> quote", "*bold* `code`\n&gt; quote"),
        ] {
            assert_eq!(escape(text).as_str(), sent, "{text:?}");
        }
    }

    #[test]
    fn titles_stay_on_their_line_and_out_of_ours() {
        for (text, sent) in [
            ("Rename `frontend`", "Rename ˋfrontendˋ"),
            ("> quoted", "› quoted"),
            (">>> quoted > twice", "› quoted &gt; twice"),
            (" two\n\nlines\tof it ", "two lines of it"),
            ("\u{202e}drow\u{200b}\u{7} <!here>", "drow &lt;!here&gt;"),
            ("👩\u{200d}💻 snake_case", "👩\u{200d}💻 snake_case"),
            ("", ""),
        ] {
            assert_eq!(harmless(text).as_str(), sent, "{text:?}");
        }
    }

    #[test]
    fn a_code_span_cannot_be_left() {
        assert_eq!(code("feature/x").as_str(), "`feature/x`");
        assert_eq!(code("a`b ``` <c>\n d").as_str(), "`aˋb ˋˋˋ &lt;c&gt; d`");
        assert_eq!(code(" \n").as_str(), "");
    }

    #[test]
    fn links_lead_where_they_say() {
        for (url, label, sent) in [
            ("https://x.test/a?b=1&c=2", "PR 3", "<https://x.test/a?b=1&amp;c=2|PR 3>"),
            ("https://x.test/a|b c>d", "x", "<https://x.test/a%7Cb%20c%3Ed|x>"),
            ("https://x.test/?q=a|b>c", "x", "<https://x.test/?q=a%7Cb%3Ec|x>"),
            ("https://x.test/", "<!here> | `y`", "<https://x.test/|&lt;!here&gt; | ˋyˋ>"),
            ("https://x.test/", "", "<https://x.test/>"),
            ("http://x.test/", "x", "x"),
            ("javascript:alert(1)", "x", "x"),
            ("https://good.test@evil.test/", "x", "x"),
            ("not a link", "<x>", "&lt;x&gt;"),
        ] {
            assert_eq!(link(url, label).as_str(), sent, "{url:?}");
        }
    }

    #[test]
    fn what_is_cut_is_closed() {
        for (text, max, cutting) in [
            ("```\none two three\n```", 16, "```\none two…\n```"),
            ("say `one two three`", 14, "say `one two…`"),
            ("say *one _two three_*", 18, "say *one _two…_*"),
            ("a_b 2 * 3 and much more", 12, "a_b 2 * 3…"),
            ("*a* and `b` and more", 14, "*a* and `b`…"),
            ("```\na\n```\n*bold words*", 19, "```\na\n```\n*bold…*"),
        ] {
            let short = Escaped::drawn(text.to_owned()).cut(max);
            assert_eq!(short.as_str(), cutting, "{text:?} to {max}");
        }
    }

    #[test]
    fn a_long_text_comes_in_parts() {
        for (text, parts) in [
            ("short", &["short"][..]),
            ("", &[]),
            ("one paragraph.\n\nand another one.", &["one paragraph.", "and another one."]),
            ("one line of words\ntwo line", &["one line of words", "two line"]),
            ("a *bold and long word* x", &["a *bold and long*", "*word* x"]),
            ("```\none two\n  three four\n```", &["```\none two\n```", "```\n  three four\n```"]),
            ("```\nfirst line 12\n```\nthen more", &["```\nfirst line 12\n```", "then more"]),
            ("<https://x.test/longer/than/that>", &["…"]),
        ] {
            let whole = Escaped::drawn(text.to_owned());
            let read: Vec<_> = whole.parts(21).into_iter().map(Escaped::into_string).collect();
            assert_eq!(read, parts, "{text:?}");
        }
    }

    #[test]
    fn parts_make_a_whole() {
        let mut line = Escaped::ours("*Plan* ");
        line.push(&code("a&b"));
        assert_eq!(line.to_string(), "*Plan* `a&amp;b`");
        let parts = [Escaped::ours("_"), escape("<"), Escaped::ours("_")];
        assert_eq!(parts.into_iter().collect::<Escaped>().into_string(), "_&lt;_");
    }
}
