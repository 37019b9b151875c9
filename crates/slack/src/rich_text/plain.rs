//! The same words where Slack takes no `rich_text`: the `text` of a message, context lines, and
//! workspaces that refuse our blocks.

use super::tree::{Block, Inline, Line, Rich};
use crate::mrkdwn::escape;
use slack_morphism::prelude::*;
use std::borrow::Cow;

/// The longest `text`: chat.update and chat.postEphemeral take 4,000 characters (slack-platform.md §8).
const LONGEST_TEXT: usize = 3500;

/// The room for it while it is written, in bytes: that of most messages.
const ROOM: usize = 256;

/// What a text object takes (slack-platform.md §8).
const LONGEST_SECTION: usize = 3000;

/// The most blocks in a message.
const MOST_BLOCKS: usize = 50;

/// Keeps a word that would ping everybody from being read as one (a word joiner).
const JOINER: char = '\u{2060}';

impl Rich {
    /// What notifications and screen readers say: words, people, channels and times.
    #[must_use]
    pub fn notification(&self) -> String {
        let mut out = Notification { text: String::with_capacity(ROOM), ..Notification::default() };
        for (nth, block) in self.0.iter().enumerate() {
            if nth > 0 {
                out.put("\n");
            }
            match block {
                Block::Paragraph { line, .. } => out.line(line),
                Block::Item { line, number, .. } => {
                    out.put(&number.map_or("• ".to_owned(), |number| format!("{number}. ")));
                    out.line(line);
                }
                Block::Code { .. } | Block::Table(_) => out.words(&block.words()),
            }
        }
        match out.text.trim() {
            all if all.len() == out.text.len() => out.text,
            trimmed => trimmed.to_owned(),
        }
    }
}

/// The `text` of a message, as far as there is room.
#[derive(Default)]
struct Notification {
    text: String,
    length: usize,
    is_full: bool,
    /// Emoji are left out, and the space behind them.
    after_emoji: bool,
}

impl Notification {
    fn line(&mut self, line: &Line) {
        for one in &line.0 {
            match one {
                Inline::Emoji(_) => {
                    self.after_emoji = true;
                    continue;
                }
                Inline::User(_)
                | Inline::Group(_)
                | Inline::Channel(_)
                | Inline::Date(_)
                | Inline::Time(_) => {
                    self.put(&token(one));
                }
                Inline::Text(..) | Inline::Link { .. } => {
                    let words: Cow<'_, str> = match one {
                        Inline::Text(words, _) => words.into(),
                        _ => one.words().into(),
                    };
                    let after_emoji = self.after_emoji;
                    self.words(if after_emoji { words.trim_start() } else { &words });
                }
            }
            self.after_emoji = false;
        }
    }

    /// Words that Slack must not act on.
    fn words(&mut self, words: &str) {
        let mut rest = words;
        while let Some(at) = rest.find(['@', '&', '<', '>']) {
            self.fill(&rest[..at]);
            let (mark, behind) = rest[at..].split_at(1);
            rest = behind;
            match mark {
                "@" if ["here", "channel", "everyone"]
                    .iter()
                    .any(|word| rest.starts_with(word)) =>
                {
                    self.put(&format!("@{JOINER}"));
                }
                // In front it would be a quote, escaped or not.
                ">" if self.begins_a_line() => self.put(&format!("{JOINER}&gt;")),
                _ => self.put(&escape(mark)),
            }
        }
        self.fill(rest);
    }

    /// What may be cut anywhere, as far as there is room.
    fn fill(&mut self, words: &str) {
        let room = LONGEST_TEXT - self.length;
        let end = words.char_indices().nth(room).map_or(words.len(), |(end, _)| end);
        let (fits, rest) = words.split_at(end);
        self.put(fits);
        self.put(rest);
    }

    /// Whether nothing that will be seen precedes the next character in its line. Spaces don't count:
    /// those that the whole text begins with are dropped in the end.
    fn begins_a_line(&self) -> bool {
        self.text.rsplit('\n').next().is_none_or(|line| line.trim().is_empty())
    }

    /// What is whole or not there.
    fn put(&mut self, piece: &str) {
        let length = piece.chars().count();
        if self.is_full || self.length + length > LONGEST_TEXT {
            if !std::mem::replace(&mut self.is_full, true) {
                self.text.push('…');
            }
            return;
        }
        self.length += length;
        self.text.push_str(piece);
    }
}

/// An element of ours in mrkdwn.
fn token(one: &Inline) -> String {
    match one {
        Inline::User(user) => format!("<@{user}>"),
        Inline::Group(group) => format!("<!subteam^{group}>"),
        Inline::Channel(channel) => format!("<#{channel}>"),
        Inline::Date(at) => format!(
            "<!date^{}^{{date_short_pretty}} at {{time}}|{}>",
            at.as_second(),
            super::tree::date_fallback(*at)
        ),
        Inline::Time(at) => {
            format!("<!date^{}^{{time}}|{}>", at.as_second(), super::tree::time_fallback(*at))
        }
        Inline::Emoji(name) => format!(":{name}:"),
        Inline::Text(..) | Inline::Link { .. } => escape(&one.words()),
    }
}

impl Line {
    /// For a context line, which takes no `rich_text`: our own words and elements. Styles are dropped.
    pub(crate) fn mrkdwn(&self) -> SlackContextBlockElement {
        SlackContextBlockElement::MarkDown(self.mrkdwn_text())
    }

    /// The same for a field of a section.
    pub(crate) fn mrkdwn_text(&self) -> SlackBlockMarkDownText {
        let text: String = self.0.iter().map(token).collect();
        SlackBlockMarkDownText::new(text).with_verbatim(true)
    }
}

/// The same message without blocks that a workspace may refuse: sections of plain text, and of mrkdwn
/// only where someone is mentioned.
#[must_use]
pub fn plain_blocks(blocks: &[SlackBlock]) -> Vec<SlackBlock> {
    let mut plain = Vec::new();
    for block in blocks {
        match block {
            SlackBlock::RichText(rich) => plain.extend(rich.elements.iter().flat_map(part)),
            SlackBlock::Table(table) => {
                let row = |row: &Vec<SlackTableCell>| {
                    row.iter().map(cell).collect::<Vec<_>>().join(" | ")
                };
                let rows: Vec<String> = table.rows.iter().map(row).collect();
                plain.extend(sections(&rows.join("\n"), false));
            }
            other => plain.push(other.clone()),
        }
    }
    joined(within_limits(plain))
}

/// All sections together: escapes and indentation make a message longer than it was.
const ALL_SECTIONS: usize = 12_000;

/// The sections that have room in a message.
fn within_limits(blocks: Vec<SlackBlock>) -> Vec<SlackBlock> {
    let mut left = ALL_SECTIONS;
    let fitted = blocks.into_iter().filter_map(|mut block| {
        let SlackBlock::Section(section) = &mut block else { return Some(block) };
        // The one line of a task in a list has fields and no text.
        let Some(text) = section.text.as_mut() else { return Some(block) };
        let text = match text {
            SlackBlockText::Plain(plain) => &mut plain.text,
            SlackBlockText::MarkDown(mrkdwn) => &mut mrkdwn.text,
        };
        while text.chars().nth(left).is_some() {
            // Whole lines, so that no token or entity is cut.
            text.truncate(text.rfind('\n').unwrap_or(0));
        }
        left -= text.chars().count();
        (!text.is_empty()).then_some(block)
    });
    fitted.collect()
}

/// Sections that follow each other as one, as far as it has room: a message takes 50 blocks.
fn joined(blocks: Vec<SlackBlock>) -> Vec<SlackBlock> {
    let mut all: Vec<SlackBlock> = Vec::new();
    for block in blocks {
        let is_joined = match (all.last_mut(), &block) {
            (Some(SlackBlock::Section(last)), SlackBlock::Section(next)) => join(last, next),
            _ => false,
        };
        if !is_joined {
            all.push(block);
        }
    }
    // What is last are the buttons.
    if let Some(surplus) = all.len().checked_sub(MOST_BLOCKS) {
        let from = MOST_BLOCKS / 2;
        all.drain(from..from + surplus);
    }
    all
}

fn join(last: &mut SlackSectionBlock, next: &SlackSectionBlock) -> bool {
    let fits = |a: &str, b: &str| a.chars().count() + b.chars().count() < LONGEST_SECTION;
    match (&mut last.text, &next.text) {
        (Some(SlackBlockText::Plain(last)), Some(SlackBlockText::Plain(next)))
            if fits(&last.text, &next.text) =>
        {
            last.text = format!("{}\n{}", last.text, next.text);
            true
        }
        (Some(SlackBlockText::MarkDown(last)), Some(SlackBlockText::MarkDown(next)))
            if fits(&last.text, &next.text) =>
        {
            last.text = format!("{}\n{}", last.text, next.text);
            true
        }
        _ => false,
    }
}

fn part(part: &SlackRichTextElement) -> Vec<SlackBlock> {
    let (elements, prefix) = match part {
        SlackRichTextElement::Section(one) => (&one.elements, ""),
        SlackRichTextElement::Preformatted(one) => (&one.elements, ""),
        SlackRichTextElement::Quote(one) => (&one.elements, "| "),
        SlackRichTextElement::List(list) => return points(list),
    };
    let is_live = elements.iter().any(needs_mrkdwn);
    let words = line(elements, is_live);
    let words: Vec<String> = words.lines().map(|line| format!("{prefix}{line}")).collect();
    sections(&words.join("\n"), is_live)
}

fn points(list: &SlackRichTextList) -> Vec<SlackBlock> {
    let item = |item: &SlackRichTextListElement| {
        let SlackRichTextListElement::Section(section) = item;
        section.elements.clone()
    };
    let items: Vec<_> = list.elements.iter().map(item).collect();
    let is_live = items.iter().flatten().any(needs_mrkdwn);
    let indent = "    ".repeat(usize::try_from(list.indent.unwrap_or(0)).unwrap_or(0).min(8));
    let first = list.offset.unwrap_or(0).saturating_add(1);
    let lines = (first..).zip(&items).map(|(number, item)| {
        let mark = match list.style {
            SlackRichTextListStyle::Ordered => format!("{number}."),
            SlackRichTextListStyle::Bullet => "•".to_owned(),
        };
        format!("{indent}{mark} {}", line(item, is_live))
    });
    sections(&lines.collect::<Vec<_>>().join("\n"), is_live)
}

fn needs_mrkdwn(one: &SlackRichTextInlineElement) -> bool {
    matches!(
        one,
        SlackRichTextInlineElement::User(_)
            | SlackRichTextInlineElement::UserGroup(_)
            | SlackRichTextInlineElement::Channel(_)
    )
}

fn line(elements: &[SlackRichTextInlineElement], is_live: bool) -> String {
    let words = |text: &str| if is_live { escape(text) } else { text.to_owned() };
    let one = |one: &SlackRichTextInlineElement| match one {
        SlackRichTextInlineElement::Text(text) => words(&text.text),
        SlackRichTextInlineElement::Link(link) => match &link.text {
            Some(label) => words(&format!("{label} ({})", link.url.0)),
            None => words(&link.url.0),
        },
        SlackRichTextInlineElement::User(user) => format!("<@{}>", user.user_id.0),
        SlackRichTextInlineElement::Channel(channel) => format!("<#{}>", channel.channel_id.0),
        SlackRichTextInlineElement::Date(date) => {
            words(date.fallback.as_deref().unwrap_or_default())
        }
        SlackRichTextInlineElement::UserGroup(group) => {
            format!("<!subteam^{}>", group.usergroup_id.0)
        }
        SlackRichTextInlineElement::Emoji(_)
        | SlackRichTextInlineElement::Broadcast(_)
        | SlackRichTextInlineElement::Color(_)
        | SlackRichTextInlineElement::MessageMention(_)
        | SlackRichTextInlineElement::Unknown(_) => String::new(),
    };
    let line: String = elements.iter().map(one).collect();
    // Without the emoji that it began with.
    match elements.first() {
        Some(SlackRichTextInlineElement::Emoji(_)) => line.trim_start().to_owned(),
        _ => line,
    }
}

fn cell(cell: &SlackTableCell) -> String {
    match cell {
        SlackTableCell::RawText(raw) => raw.text.clone(),
        SlackTableCell::RichText(rich) => {
            let inline = rich.elements.iter().map(|part| match part {
                SlackRichTextElement::Section(one) => line(&one.elements, false),
                SlackRichTextElement::Preformatted(_)
                | SlackRichTextElement::Quote(_)
                | SlackRichTextElement::List(_) => String::new(),
            });
            inline.collect()
        }
    }
}

/// As many sections as the words need.
fn sections(words: &str, is_live: bool) -> Vec<SlackBlock> {
    let mut rest = words.trim_matches('\n');
    let mut all = Vec::new();
    while !rest.trim().is_empty() {
        let end = rest.char_indices().nth(LONGEST_SECTION).map_or(rest.len(), |(end, _)| end);
        // At the end of a line, or at least not within a token or an entity.
        let nice = rest[..end].rfind('\n').or_else(|| rest[..end].rfind(' '));
        let end = nice.filter(|nice| end < rest.len() && *nice > 0).unwrap_or(end);
        let (words, more) = rest.split_at(end);
        let text = if is_live {
            SlackBlockText::MarkDown(
                SlackBlockMarkDownText::new(words.to_owned()).with_verbatim(true),
            )
        } else {
            SlackBlockText::Plain(SlackBlockPlainText::new(words.to_owned()).with_emoji(false))
        };
        all.push(SlackSectionBlock::new().with_text(text).into());
        rest = more.trim_start_matches('\n');
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{JOINER, LONGEST_TEXT, Notification, escape};
    use proptest::prelude::*;

    /// The same, one character at a time.
    fn slowly(words: &str) -> String {
        let mut out = Notification::default();
        for (at, c) in words.char_indices() {
            let behind = &words[at + c.len_utf8()..];
            let pings = ["here", "channel", "everyone"].iter().any(|word| behind.starts_with(word));
            match c {
                '@' if pings => out.put(&format!("@{JOINER}")),
                '>' if out.begins_a_line() => out.put(&format!("{JOINER}&gt;")),
                _ => out.put(&escape(&c.to_string())),
            }
        }
        out.text
    }

    fn at_once(words: &str) -> String {
        let mut out = Notification::default();
        out.words(words);
        out.text
    }

    proptest! {
        #[test]
        fn words_come_out_as_they_would_one_character_at_a_time(
            filled in 0..4_usize,
            words in "([@&<>\n a-cü😀]|@here|@channel){0,30}",
        ) {
            // So that the end of the room is anywhere in it.
            let words = format!("{}{words}", "ü".repeat(filled * (LONGEST_TEXT - 10) / 3));
            prop_assert_eq!(at_once(&words), slowly(&words));
        }
    }
}
