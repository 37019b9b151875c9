//! Slack's text: what becomes of words that people type and apps send, and how they read on screen.
//!
//! Source: reference sections 3 and 15 (Slack: Formatting message text).

use super::channel::Kind;
use super::model::{World, fixed};
use serde_json::{Value, json};

/// `&`, `<` and `>` as entities: the three that Slack escapes, and no others.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The three entities as characters again.
pub(super) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// What a person types, as Slack passes it on: entities, mentions and links in angle brackets. Code is
/// only escaped.
pub(super) fn typed(world: &World, text: &str) -> String {
    let word = |word: &str| {
        let (bare, rest) = without_punctuation(word);
        let token = mention(world, bare).or_else(|| channel(world, bare)).or_else(|| link(bare));
        token.map_or_else(|| escape(word), |token| format!("{token}{}", escape(rest)))
    };
    let parts = parts(text).into_iter().map(|part| match part {
        Part::Plain(words) => map_words(words, word),
        Part::Code(code) => format!("`{}`", escape(code)),
        Part::Fence(code) => format!("```{}```", escape(code)),
    });
    parts.collect()
}

/// A stretch of what a person types.
enum Part<'a> {
    Plain(&'a str),
    /// Between two backticks in a line.
    Code(&'a str),
    /// Between two lots of three.
    Fence(&'a str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut all = Vec::new();
    let (mut from, mut look) = (0, 0);
    while let Some(open) = text[look..].find('`').map(|at| look + at) {
        let marks = if text[open..].starts_with("```") { 3 } else { 1 };
        let start = open + marks;
        let inside = text[start..].find(&"```"[..marks]).map(|end| &text[start..start + end]);
        let inside = inside.filter(|code| !code.trim().is_empty());
        let Some(code) = inside.filter(|code| marks == 3 || !code.contains('\n')) else {
            look = start;
            continue;
        };
        if open > from {
            all.push(Part::Plain(&text[from..open]));
        }
        all.push(if marks == 3 { Part::Fence(code) } else { Part::Code(code) });
        from = start + code.len() + marks;
        look = from;
    }
    if from < text.len() {
        all.push(Part::Plain(&text[from..]));
    }
    all
}

/// What an app sends as `text`, as Slack stores it: what was left bare is escaped, and bare
/// addresses are links.
pub(super) fn stored(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Token(inside) => out.push_str(&format!("<{inside}>")),
            Piece::Words(words) => {
                let safe = bare_ampersands(&words.replace('<', "&lt;").replace('>', "&gt;"));
                out.push_str(&map_words(&safe, |word| {
                    let (bare, rest) = without_punctuation(word);
                    link(bare).map_or_else(|| word.to_owned(), |token| format!("{token}{rest}"))
                }));
            }
        }
    }
    out
}

/// mrkdwn as a person reads it: names for ids, links as `label <url>`, characters for entities.
pub(super) fn readable(world: &World, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) => out.push_str(&unescape(words)),
            Piece::Token(inside) => out.push_str(&token(world, inside)),
        }
    }
    out
}

fn token(world: &World, inside: &str) -> String {
    let (head, label) = match inside.split_once('|') {
        Some((head, label)) => (head, Some(unescape(label))),
        None => (inside, None),
    };
    if let Some(id) = head.strip_prefix('@') {
        return format!("@{}", name_of(world, id));
    }
    if let Some(id) = head.strip_prefix('#') {
        let name = world.channel(id).map(|channel| channel.name.clone());
        return format!("#{}", name.or(label).unwrap_or_else(|| id.to_owned()));
    }
    if let Some(special) = head.strip_prefix('!') {
        let word = special.split('^').next().unwrap_or_default();
        return label.unwrap_or_else(|| format!("@{word}"));
    }
    let url = unescape(head);
    match label {
        Some(label) if label != url => format!("{label} <{url}>"),
        _ => format!("<{url}>"),
    }
}

/// The name behind a user's id; the id itself when no one has it.
pub(super) fn name_of(world: &World, id: &str) -> String {
    world.user(id).map_or_else(|| id.to_owned(), |user| user.name.clone())
}

/// The `rich_text` block that Slack's own clients add to what a person writes.
pub(super) fn rich(text: &str, block_id: &str) -> Value {
    let mut elements = Vec::new();
    let mut line = Vec::new();
    for part in parts(text) {
        match part {
            Part::Plain(words) => line.extend(pieces(words).iter().flat_map(inline)),
            Part::Code(code) => {
                let style = json!({ "code": true });
                line.push(json!({ "type": "text", "text": unescape(code), "style": style }));
            }
            Part::Fence(code) => {
                elements.extend(rich_section(&mut line));
                let code = unescape(code.trim_matches('\n'));
                let inside = json!([{ "type": "text", "text": code }]);
                elements.push(json!({ "type": "rich_text_preformatted", "elements": inside }));
            }
        }
    }
    elements.extend(rich_section(&mut line));
    if elements.is_empty() {
        elements.push(json!({ "type": "rich_text_section", "elements": [] }));
    }
    json!({ "type": "rich_text", "block_id": block_id, "elements": elements })
}

/// What was collected since the last fence, if it is more than the line breaks around fences.
fn rich_section(line: &mut Vec<Value>) -> Option<Value> {
    let line = std::mem::take(line);
    let blank = |one: &Value| one["text"].as_str().is_some_and(|text| text.trim().is_empty());
    (!line.iter().all(blank)).then(|| json!({ "type": "rich_text_section", "elements": line }))
}

fn inline(piece: &Piece<'_>) -> Vec<Value> {
    let words = match piece {
        Piece::Token(inside) => return vec![rich_token(inside)],
        Piece::Words(words) => words,
    };
    let text = |words: &str| json!({ "type": "text", "text": unescape(words) });
    let mut all = Vec::new();
    let mut from = 0;
    while let Some((at, name)) = emoji(words, from) {
        if at > from {
            all.push(text(&words[from..at]));
        }
        all.push(json!({ "type": "emoji", "name": name }));
        from = at + name.len() + 2;
    }
    if from < words.len() {
        all.push(text(&words[from..]));
    }
    all
}

/// The first `:name:` from this place on, after the start, white space or another emoji. Any name counts:
/// which ones there are is not known here.
fn emoji(words: &str, from: usize) -> Option<(usize, &str)> {
    let named = |name: &&str| {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-+".contains(c);
        name.starts_with(|c: char| c.is_ascii_lowercase() || "+-".contains(c))
            && name.chars().all(letters)
    };
    let mut all = words[from..].match_indices(':').map(|(at, _)| from + at);
    all.find_map(|at| {
        let before = words[..at].chars().next_back().filter(|_| at > from);
        let name = words[at + 1..].split(':').next()?;
        let closed = words[at + 1 + name.len()..].starts_with(':');
        (closed && before.is_none_or(char::is_whitespace))
            .then_some(name)
            .filter(named)
            .map(|name| (at, name))
    })
}

fn rich_token(inside: &str) -> Value {
    let (head, label) = inside.split_once('|').unwrap_or((inside, ""));
    if let Some(id) = head.strip_prefix('@') {
        json!({ "type": "user", "user_id": id })
    } else if let Some(id) = head.strip_prefix('#') {
        json!({ "type": "channel", "channel_id": id })
    } else if let Some(range) = head.strip_prefix('!') {
        json!({ "type": "broadcast", "range": range })
    } else if label.is_empty() {
        json!({ "type": "link", "url": unescape(head) })
    } else {
        json!({ "type": "link", "url": unescape(head), "text": unescape(label) })
    }
}

enum Piece<'a> {
    Words(&'a str),
    /// The inside of `<…>`.
    Token(&'a str),
}

/// Words and tokens in turn. A `<` that opens no token is part of the words.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let (mut from, mut look) = (0, 0);
    while let Some(open) = text[look..].find('<').map(|at| look + at) {
        let inside = text[open + 1..].find(['>', '<']).map(|end| &text[open + 1..open + 1 + end]);
        let closed = inside.is_some_and(|inside| {
            is_token(inside) && text[open + 1 + inside.len()..].starts_with('>')
        });
        match inside.filter(|_| closed) {
            Some(inside) => {
                if open > from {
                    all.push(Piece::Words(&text[from..open]));
                }
                all.push(Piece::Token(inside));
                from = open + inside.len() + 2;
                look = from;
            }
            None => look = open + 1,
        }
    }
    if from < text.len() {
        all.push(Piece::Words(&text[from..]));
    }
    all
}

fn is_token(inside: &str) -> bool {
    const OPENINGS: [&str; 13] = [
        "@U",
        "@W",
        "#C",
        "#G",
        "!here",
        "!channel",
        "!everyone",
        "!subteam^",
        "!date^",
        "http://",
        "https://",
        "mailto:",
        "tel:",
    ];
    OPENINGS.iter().any(|opening| inside.starts_with(opening))
}

fn bare_ampersands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        out.push(letter);
        let rest = &text[at..];
        if letter == '&' && !["&amp;", "&lt;", "&gt;"].iter().any(|known| rest.starts_with(known)) {
            out.push_str("amp;");
        }
    }
    out
}

/// Changes each word and leaves the white space between them as it is.
fn map_words(text: &str, change: impl Fn(&str) -> String) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|part| {
            let word = part.trim_end();
            format!("{}{}", change(word), &part[word.len()..])
        })
        .collect()
}

fn without_punctuation(word: &str) -> (&str, &str) {
    let bare = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'']);
    word.split_at(bare.len())
}

fn mention(world: &World, word: &str) -> Option<String> {
    let name = word.strip_prefix('@')?;
    if matches!(name, "here" | "channel" | "everyone") {
        return Some(format!("<!{name}>"));
    }
    world.users.iter().find(|user| user.name == name).map(|user| format!("<@{}>", user.id))
}

fn channel(world: &World, word: &str) -> Option<String> {
    let name = word.strip_prefix('#')?;
    let channel = world.channels.iter().find(|channel| channel.name == name)?;
    match channel.kind {
        Kind::Public => Some(format!("<#{}|{name}>", channel.id)),
        // The name of a private channel is not told.
        Kind::Private => Some(format!("<#{}|>", channel.id)),
        Kind::WithApp | Kind::Between => None,
    }
}

fn link(word: &str) -> Option<String> {
    let web = word.starts_with("https://") || word.starts_with("http://");
    (web && word.len() > "https://".len()).then(|| format!("<{}>", escape(&unescape(word))))
}

/// Whether the app's user is named in this text.
pub(super) fn mentions_bot(text: &str) -> bool {
    text.contains(&format!("<@{}>", fixed::BOT_USER))
}

#[cfg(test)]
mod tests {
    use super::{escape, readable, stored, typed, unescape};
    use crate::slack::model::World;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_escaped_comes_back(text in ".*") {
            prop_assert_eq!(unescape(&escape(&text)), text);
        }

        #[test]
        fn stored_text_is_stored_as_it_is(text in "[a-z &<>|@#:/.;]*(https://[a-z]+ )?(&amp;|<@U1>)?") {
            let once = stored(&text);
            prop_assert_eq!(stored(&once), once);
        }

        #[test]
        fn what_people_type_reads_as_they_typed_it(text in "[a-z &<>|.;!\n]*") {
            let world = World::new(crate::slack::Team::ACME);
            prop_assert_eq!(readable(&world, &typed(&world, &text)), text);
        }
    }
}
