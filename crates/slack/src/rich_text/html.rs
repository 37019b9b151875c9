//! HTML within Markdown: what is layout is understood or left out, everything else is words.

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Words, or what only looks like a tag.
    Words(&'t str),
    /// The beginning of an element.
    Open { tag: &'static str, attributes: &'t str },
    /// Its end.
    Close(&'static str),
}

/// The elements that lay out a page. `<T>` and `<path>` are words.
const LAYOUT: [&str; 70] = [
    "a",
    "abbr",
    "article",
    "aside",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
    "hgroup",
];

/// A longer tag is words.
const LONGEST_TAG: usize = 4000;

/// The pieces of a text, without comments.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let (mut words, mut at) = (0, 0);
    let last_end = text.rfind('>').unwrap_or(0);
    let last_comment = text.rfind("-->").unwrap_or(0);
    while let Some(open) =
        text[at..].find('<').map(|open| at + open).filter(|open| *open < last_end)
    {
        let rest = &text[open..];
        let found = if let Some(comment) = rest.strip_prefix("<!--") {
            // One that is not closed hides nothing.
            let is_closed = open + 4 <= last_comment;
            is_closed.then(|| comment.find("-->")).flatten().map(|end| (end + 7, None))
        } else {
            tag(rest).map(|(len, piece)| (len, Some(piece)))
        };
        at = open + 1;
        if let Some((len, piece)) = found {
            all.extend(
                Some(&text[words..open]).filter(|words| !words.is_empty()).map(Piece::Words),
            );
            all.extend(piece);
            at = open + len;
            words = at;
        }
    }
    all.extend(Some(&text[words..]).filter(|words| !words.is_empty()).map(Piece::Words));
    all
}

/// The tag that a text begins with, and its length.
fn tag(text: &str) -> Option<(usize, Piece<'_>)> {
    let closes = text.starts_with("</");
    let name_at = if closes { 2 } else { 1 };
    let rest = &text[name_at..];
    let name =
        &rest[..rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).len()];
    // A type parameter, as in `Foo<S>`.
    let is_parameter = name.len() == 1 && name.starts_with(|c: char| c.is_ascii_uppercase());
    let known = LAYOUT.iter().find(|known| known.eq_ignore_ascii_case(name));
    let tag = known.filter(|_| !is_parameter)?;
    let inside = &rest[name.len()..];
    let mut quote = None;
    for (at, c) in inside.char_indices().take_while(|(at, _)| *at < LONGEST_TAG) {
        match (quote, c) {
            (None, '>') => {
                let attributes = &inside[..at];
                let fits = attributes.starts_with([' ', '\t', '\n', '/']) || attributes.is_empty();
                let piece =
                    if closes { Piece::Close(tag) } else { Piece::Open { tag, attributes } };
                return fits.then_some((name_at + name.len() + at + 1, piece));
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

/// The value of an attribute.
pub(super) fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    while let Some((before, after)) = rest.split_once('=') {
        let key = before.trim_end().rsplit([' ', '\t', '\n', '"', '\'']).next().unwrap_or_default();
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote)?,
            _ => after.split_once([' ', '\t', '\n']).unwrap_or((after, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(unescaped(value));
        }
        rest = next;
    }
    None
}

/// Words with the characters that entities stand for.
pub(super) fn unescaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // No entity that is known is longer.
        let end = rest.char_indices().take(10).find(|(_, c)| *c == ';').map(|(end, _)| end);
        match end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, c)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "middot" => '·',
        "bull" => '•',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "rarr" => '→',
        "copy" => '©',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}
