//! mrkdwn as Slack's own clients show it: emphasis, code, quotes, links, mentions, dates, emoji.
//!
//! Lists are plain lines in mrkdwn and stay so. Source: Slack, formatting message text.

use super::names::Names;
use super::{date, emoji, link};
use maud::{Markup, PreEscaped, html};

/// A text of several lines.
pub(super) fn mrkdwn(names: &Names, text: &str) -> Markup {
    let parts = text.split("```").collect::<Vec<_>>();
    let last = parts.len() - 1;
    // A fence that is not closed is text.
    let fenced = |index: usize| index % 2 == 1 && index < last;
    let mut out = Vec::new();
    let mut prose = String::new();
    for (index, part) in parts.into_iter().enumerate() {
        if fenced(index) {
            out.push(paragraphs(names, prose.trim_matches('\n')));
            prose.clear();
            out.push(html! { pre { code { (literal(names, part.trim_matches('\n'))) } } });
        } else {
            if index > 0 && !fenced(index - 1) {
                prose.push_str("```");
            }
            prose.push_str(part);
        }
    }
    // After a fence the rest of its line is a line of its own.
    out.push(paragraphs(names, prose.strip_prefix('\n').unwrap_or(&prose)));
    html! { @for part in out { (part) } }
}

/// Plain text: only emoji and line breaks are more than letters in it.
pub(super) fn plain(text: &str) -> Markup {
    let mut out = Out::default();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        rest = match letter {
            ':' => emoji_or_colon(&mut out, rest),
            '\n' => out.line_break(rest),
            other => out.letter(other, rest),
        };
    }
    out.end()
}

/// Quotes, and the lines between them.
fn paragraphs(names: &Names, text: &str) -> Markup {
    let mut groups: Vec<(bool, Vec<&str>)> = Vec::new();
    for line in text.split('\n') {
        let quoted = line.strip_prefix("&gt;").or_else(|| line.strip_prefix('>'));
        let (is_quote, line) = match quoted {
            Some(quoted) => (true, quoted.strip_prefix(' ').unwrap_or(quoted)),
            None => (false, line),
        };
        match groups.last_mut() {
            Some((kind, lines)) if *kind == is_quote => lines.push(line),
            _ => groups.push((is_quote, vec![line])),
        }
    }
    html! {
        @for (is_quote, lines) in groups {
            @let inside = inline(names, &lines.join("\n"));
            @if is_quote { blockquote { (inside) } } @else { (inside) }
        }
    }
}

/// Letters on their way into the page.
#[derive(Default)]
struct Out {
    parts: Vec<Markup>,
    letters: String,
    before: Option<char>,
}

impl Out {
    fn letter<'a>(&mut self, letter: char, rest: &'a str) -> &'a str {
        self.letters.push(letter);
        self.before = Some(letter);
        &rest[letter.len_utf8()..]
    }

    fn line_break<'a>(&mut self, rest: &'a str) -> &'a str {
        self.part(html! { br; });
        self.before = Some('\n');
        &rest[1..]
    }

    fn part(&mut self, part: Markup) {
        let letters = std::mem::take(&mut self.letters);
        self.parts.push(html! { (letters) });
        self.parts.push(part);
        self.before = Some('x');
    }

    fn end(mut self) -> Markup {
        self.part(PreEscaped(String::new()));
        html! { @for part in self.parts { (part) } }
    }
}

fn inline(names: &Names, text: &str) -> Markup {
    let mut out = Out::default();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        rest = match letter {
            '<' => token_or_letter(names, &mut out, rest),
            '`' => code_or_letter(names, &mut out, rest),
            '*' | '_' | '~' => marked_or_letter(names, &mut out, letter, rest),
            ':' => emoji_or_colon(&mut out, rest),
            '&' => entity(&mut out, rest),
            '\n' => out.line_break(rest),
            other => out.letter(other, rest),
        };
    }
    out.end()
}

/// Inside code nothing is marked up, and tokens read as what they stand for.
fn literal(names: &Names, text: &str) -> Markup {
    let mut out = Out::default();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        rest = match letter {
            '<' => token_or_letter(names, &mut out, rest),
            '&' => entity(&mut out, rest),
            other => out.letter(other, rest),
        };
    }
    out.end()
}

fn entity<'a>(out: &mut Out, rest: &'a str) -> &'a str {
    for (written, letter) in [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')] {
        if let Some(after) = rest.strip_prefix(written) {
            out.letter(letter, rest);
            return after;
        }
    }
    out.letter('&', rest)
}

fn emoji_or_colon<'a>(out: &mut Out, rest: &'a str) -> &'a str {
    let name = rest[1..].find(':').map(|end| &rest[1..=end]);
    match name.and_then(|name| Some((name, emoji::of(name)?))) {
        Some((name, sign)) => {
            out.part(emoji::drawn(name, sign));
            &rest[name.len() + 2..]
        }
        None => out.letter(':', rest),
    }
}

fn code_or_letter<'a>(names: &Names, out: &mut Out, rest: &'a str) -> &'a str {
    let inside = rest[1..].find(['`', '\n']).map(|end| &rest[1..=end]);
    let closed = |inside: &&str| !inside.is_empty() && rest[1 + inside.len()..].starts_with('`');
    match inside.filter(closed) {
        Some(inside) => {
            out.part(html! { code { (literal(names, inside)) } });
            &rest[inside.len() + 2..]
        }
        None => out.letter('`', rest),
    }
}

/// Emphasis begins where no word continues, ends after a letter, and stays on its line.
fn marked_or_letter<'a>(names: &Names, out: &mut Out, mark: char, rest: &'a str) -> &'a str {
    let opens = out.before.is_none_or(|before| !before.is_alphanumeric())
        && rest[1..].chars().next().is_some_and(|next| !next.is_whitespace() && next != mark);
    let Some(inside) = Some(&rest[1..]).filter(|_| opens).and_then(|after| closed_by(after, mark))
    else {
        return out.letter(mark, rest);
    };
    let drawn = inline(names, inside);
    out.part(match mark {
        '*' => html! { strong { (drawn) } },
        '_' => html! { em { (drawn) } },
        _ => html! { s { (drawn) } },
    });
    // What follows a closing mark continues no word.
    out.before = Some(mark);
    &rest[inside.len() + 2..]
}

fn closed_by(text: &str, mark: char) -> Option<&str> {
    let line = text.split('\n').next().unwrap_or_default();
    let mut ends = line.match_indices(mark).map(|(at, _)| at);
    let end = ends.find(|&at| {
        let before = line[..at].chars().next_back();
        let after = line[at + 1..].chars().next();
        let in_code = line[..at].matches('`').count() % 2 == 1;
        !in_code
            && before.is_some_and(|letter| !letter.is_whitespace())
            && after.is_none_or(|letter| !letter.is_alphanumeric())
    })?;
    Some(&line[..end])
}

fn token_or_letter<'a>(names: &Names, out: &mut Out, rest: &'a str) -> &'a str {
    let inside = rest[1..].find(['>', '<', '\n']).map(|end| &rest[1..=end]);
    let closed = inside.filter(|inside| rest[1 + inside.len()..].starts_with('>'));
    match closed.and_then(|inside| Some((inside, token(names, inside)?))) {
        Some((inside, drawn)) => {
            out.part(drawn);
            &rest[inside.len() + 2..]
        }
        None => out.letter('<', rest),
    }
}

/// What stands in angle brackets; `None` when it is only text in them.
fn token(names: &Names, inside: &str) -> Option<Markup> {
    let (head, label) = match inside.split_once('|') {
        Some((head, label)) => (head, Some(unescaped(label)).filter(|label| !label.is_empty())),
        None => (inside, None),
    };
    if let Some(id) = head.strip_prefix('@') {
        return Some(names.mention(id));
    }
    if let Some(id) = head.strip_prefix('#') {
        return Some(names.channel(id, label.as_deref()));
    }
    if let Some(date) = head.strip_prefix("!date^") {
        return Some(date::drawn(date, &label.unwrap_or_default()));
    }
    if let Some(special) = head.strip_prefix('!') {
        let word = special.split('^').next().unwrap_or_default();
        let shown = label.unwrap_or_else(|| format!("@{word}"));
        return Some(html! { span.mention { (shown) } });
    }
    let url = unescaped(head);
    let known = ["https://", "http://", "mailto:", "tel:"];
    known.iter().any(|scheme| url.starts_with(scheme)).then(|| {
        let shown = label.unwrap_or_else(|| url.clone());
        link::drawn(&url, &html! { (plain(&shown)) })
    })
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::{mrkdwn, plain};
    use crate::demo::page::names::Names;
    use proptest::prelude::*;

    fn drawn(text: &str) -> String {
        let names = Names::told_by(|id| match id {
            "U1" => Some("ann".to_owned()),
            "C1" => Some("#dev".to_owned()),
            _ => None,
        });
        mrkdwn(&names, text).into_string()
    }

    #[test]
    fn emphasis_is_as_slack_has_it() {
        let table = [
            ("*bold* text", "<strong>bold</strong> text"),
            ("_it_ ~no~", "<em>it</em> <s>no</s>"),
            ("*bold _and_ more*", "<strong>bold <em>and</em> more</strong>"),
            ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
            ("* one * two", "* one * two"),
            ("*over\nlines*", "*over<br>lines*"),
            ("*a `b*c` d*", "<strong>a <code>b*c</code> d</strong>"),
            ("*a*, (_b_)", "<strong>a</strong>, (<em>b</em>)"),
            ("**", "**"),
            ("a ` b", "a ` b"),
        ];
        for (text, html) in table {
            assert_eq!(drawn(text), html, "{text}");
        }
    }

    #[test]
    fn code_and_quotes_are_blocks() {
        assert_eq!(drawn("run\n```\nls *x*\n```\nnow"), "run<pre><code>ls *x*</code></pre>now");
        assert_eq!(drawn("```open"), "```open");
        assert_eq!(
            drawn("&gt; a *b*\n&gt; c\nd"),
            "<blockquote>a <strong>b</strong><br>c</blockquote>d"
        );
        assert_eq!(drawn("> a"), "<blockquote>a</blockquote>");
    }

    #[test]
    fn tokens_are_what_they_stand_for() {
        let table = [
            (
                "<@U1> and <@U2>",
                r#"<span class="mention">@ann</span> and <span class="mention">@U2</span>"#,
            ),
            ("<#C1|old>", r#"<span class="mention">#dev</span>"#),
            ("<!here>", r#"<span class="mention">@here</span>"#),
            (
                "<https://x.org/?a=1&amp;b=2|a &lt;b&gt;>",
                r#"<a href="https://x.org/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">a &lt;b&gt;</a>"#,
            ),
            ("a < b <c> &lt;d&gt;", "a &lt; b &lt;c&gt; &lt;d&gt;"),
            ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ];
        for (text, html) in table {
            assert_eq!(drawn(text), html, "{text}");
        }
    }

    #[test]
    fn emoji_are_signs_with_a_name() {
        let eyes = r#"<span class="emoji" role="img" aria-label="eyes">👀</span>"#;
        assert_eq!(drawn(":eyes:"), eyes);
        assert_eq!(plain(":eyes: *x*").into_string(), format!("{eyes} *x*"));
        assert_eq!(drawn("at 10:30: a :no-such: b"), "at 10:30: a :no-such: b");
    }

    proptest! {
        #[test]
        fn no_text_becomes_an_element(text in r"[a-z<>&;:|`*_~@#!\n /=]{0,60}") {
            let html = drawn(&text);
            let known = ["strong", "em", "s", "code", "pre", "blockquote", "br", "a", "span", "time"];
            for (at, _) in html.match_indices('<') {
                let name = html[at + 1..].trim_start_matches('/');
                let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
                prop_assert!(known.contains(&name.as_str()), "{name} in {html}");
            }
        }
    }
}
