//! The tree: blocks, lines and inline elements.

use super::links::SafeUrl;
use domain::ids::{ChannelId, GroupId, UserId};
use domain::invisible::is_invisible;
use jiff::Timestamp;

/// A whole text. Lists are flat, as Slack has them: an item knows how deep it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rich(pub(super) Vec<Block>);

/// A part of a text that begins on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Words.
    Paragraph {
        /// The words.
        line: Line,
        /// An empty line stands between it and the paragraph before it.
        gap: bool,
        /// It is part of a quote.
        quoted: bool,
    },
    /// A point of a list.
    Item {
        /// The words.
        line: Line,
        /// How deep it stands; 0 is the outermost list.
        indent: u8,
        /// Its number; points without one have bullets.
        number: Option<u64>,
        /// It is part of a quote.
        quoted: bool,
    },
    /// Preformatted text.
    Code {
        /// Its lines as they are.
        text: String,
        /// It is part of a quote.
        quoted: bool,
    },
    /// A table.
    Table(Table),
}

/// A table; its first row has the headings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub(super) rows: Vec<Vec<Line>>,
    pub(super) columns: Vec<Align>,
}

/// Where the words of a column stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Align {
    #[default]
    Left,
    Center,
    Right,
}

/// Words and elements in a row. A `\n` in its text breaks the line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(pub(super) Vec<Inline>);

/// How words look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) strike: bool,
    pub(super) code: bool,
}

impl Style {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            bold: self.bold || other.bold,
            italic: self.italic || other.italic,
            strike: self.strike || other.strike,
            code: self.code || other.code,
        }
    }
}

/// An element of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words, which nothing parses.
    Text(String, Style),
    /// A link; without words it shows its address.
    Link {
        /// Where it leads.
        url: SafeUrl,
        /// What it says.
        text: String,
        /// How that looks.
        style: Style,
    },
    /// A person, who is notified.
    User(UserId),
    /// A user group.
    Group(GroupId),
    /// A channel.
    Channel(ChannelId),
    /// A date and time, in the reader's own zone.
    Date(Timestamp),
    /// A time of day, in the reader's own zone.
    Time(Timestamp),
    /// An emoji of ours, by its name.
    Emoji(&'static str),
}

/// What is seen of someone's words: no control characters, and none that nobody sees or that turn the
/// direction of what follows.
pub(super) fn seen(text: &str) -> String {
    let mut seen = text.to_owned();
    seen.retain(|c| !is_invisible(c) && (!c.is_control() || matches!(c, '\n' | '\t')));
    seen
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::styled(text, Style::default())
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&UserId> for Line {
    fn from(user: &UserId) -> Self {
        Self(vec![Inline::User(user.clone())])
    }
}

impl From<&GroupId> for Line {
    fn from(group: &GroupId) -> Self {
        Self(vec![Inline::Group(group.clone())])
    }
}

impl From<&ChannelId> for Line {
    fn from(channel: &ChannelId) -> Self {
        Self(vec![Inline::Channel(channel.clone())])
    }
}

impl From<Timestamp> for Line {
    fn from(at: Timestamp) -> Self {
        Self(vec![Inline::Date(at)])
    }
}

macro_rules! from_numbers {
    ($($number:ty)*) => {
        $(impl From<$number> for Line {
            fn from(number: $number) -> Self {
                Self::from(number.to_string())
            }
        })*
    };
}

from_numbers! { u32 u64 usize }

impl Line {
    pub(super) fn styled(text: &str, style: Style) -> Self {
        let mut line = Self::default();
        line.push(Inline::Text(seen(text), style));
        line
    }

    /// A time of day, for what is less than a day away.
    pub(crate) fn time(at: Timestamp) -> Self {
        Self(vec![Inline::Time(at)])
    }

    /// The text as code, on one line.
    pub(crate) fn code(text: &str) -> Self {
        Self::styled(&one_line(text), Style { code: true, ..Style::default() })
    }

    /// The text on one line: a title, a name. Only code in it is more than text.
    pub(crate) fn one(text: &str) -> Self {
        Self::with_code(&one_line(text))
    }

    /// People's words, in which what stands between backticks is code, as it is when they type it in Slack.
    fn with_code(text: &str) -> Self {
        let (mut line, mut rest) = (Self::default(), text);
        while let Some((before, code, after)) = next_code(rest) {
            line.append(Self::from(before));
            line.append(Self::styled(code, Style { code: true, ..Style::default() }));
            rest = after;
        }
        line.and(rest)
    }

    /// The same in bold.
    pub(crate) fn bold(self) -> Self {
        self.in_style(Style { bold: true, ..Style::default() })
    }

    pub(super) fn in_style(mut self, more: Style) -> Self {
        for one in &mut self.0 {
            if let Inline::Text(_, style) | Inline::Link { style, .. } = one {
                *style = style.and(more);
            }
        }
        self
    }

    /// Adds an element; words of the same look become one.
    pub(super) fn push(&mut self, one: Inline) {
        match (self.0.last_mut(), one) {
            (_, Inline::Text(text, _)) if text.is_empty() => {}
            (Some(Inline::Text(before, style)), Inline::Text(text, same)) if *style == same => {
                before.push_str(&text);
            }
            (_, one) => self.0.push(one),
        }
    }

    /// Adds what another line says.
    pub(crate) fn append(&mut self, more: Self) {
        more.0.into_iter().for_each(|one| self.push(one));
    }

    /// The same with more after it.
    pub(crate) fn and(mut self, more: impl Into<Self>) -> Self {
        self.append(more.into());
        self
    }

    /// All of them, with this between each two.
    pub(crate) fn join(parts: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut line = Self::default();
        for (nth, part) in parts.into_iter().enumerate() {
            if nth > 0 {
                line.append(between.into());
            }
            line.append(part);
        }
        line
    }

    /// Nothing is to be seen in it.
    pub(crate) fn is_blank(&self) -> bool {
        self.0.iter().all(|one| match one {
            Inline::Text(text, _) => text.trim().is_empty(),
            Inline::Link { .. }
            | Inline::User(_)
            | Inline::Group(_)
            | Inline::Channel(_)
            | Inline::Date(_)
            | Inline::Time(_)
            | Inline::Emoji(_) => false,
        })
    }

    /// Without white space at its ends.
    pub(super) fn trimmed(mut self) -> Self {
        while let Some(Inline::Text(text, _)) = self.0.first_mut() {
            *text = text.trim_start().to_owned();
            if !text.is_empty() {
                break;
            }
            self.0.remove(0);
        }
        while let Some(Inline::Text(text, _)) = self.0.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                break;
            }
            self.0.pop();
        }
        self
    }

    /// The words alone.
    pub(crate) fn words(&self) -> String {
        self.0.iter().map(Inline::words).collect()
    }

    /// How much it counts against Slack's limits.
    pub(super) fn cost(&self) -> usize {
        self.0.iter().map(Inline::cost).sum()
    }
}

impl Inline {
    /// As plain text. People and channels have no name here.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Text(text, _) => text.clone(),
            Self::Link { url, text, .. } if text.is_empty() => url.as_str().to_owned(),
            Self::Link { text, .. } => text.clone(),
            Self::User(_) => "@someone".to_owned(),
            Self::Group(_) => "@group".to_owned(),
            Self::Channel(_) => "#channel".to_owned(),
            Self::Date(at) => date_fallback(*at),
            Self::Time(at) => time_fallback(*at),
            Self::Emoji(_) => String::new(),
        }
    }

    /// Characters of words, and those of addresses: nobody knows whether Slack counts them.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Text(text, _) => text.chars().count(),
            Self::Link { url, text, .. } => url.as_str().len() + text.chars().count(),
            Self::User(_) | Self::Group(_) | Self::Channel(_) | Self::Emoji(_) => 16,
            Self::Date(_) | Self::Time(_) => 40,
        }
    }
}

/// What stands for a time of day where Slack can't show it in the reader's zone.
pub(super) fn time_fallback(at: Timestamp) -> String {
    at.strftime("%H:%M UTC").to_string()
}

/// What stands for a date and time where Slack can't show it in the reader's zone.
pub(super) fn date_fallback(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// What stands before the next code on one line, the code, and what follows.
fn next_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let end = rest.find(['`', '\n'])?;
    let (code, after) = (&rest[..end], rest[end..].strip_prefix('`')?);
    (!code.trim().is_empty() && !after.starts_with('`')).then_some((before, code, after))
}

/// White space as single spaces.
fn one_line(text: &str) -> String {
    let seen = seen(text);
    let mut line = String::with_capacity(seen.len());
    for word in seen.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

impl From<Line> for Rich {
    fn from(line: Line) -> Self {
        Self::default().line(line)
    }
}

impl From<&str> for Rich {
    fn from(text: &str) -> Self {
        Self::from(Line::from(text))
    }
}

impl Rich {
    /// More on the next line.
    #[must_use]
    pub(crate) fn line(mut self, line: Line) -> Self {
        if !line.is_blank() {
            self.0.push(Block::Paragraph { line, gap: false, quoted: false });
        }
        self
    }

    /// A point of a list.
    #[must_use]
    pub(crate) fn item(mut self, number: Option<u64>, line: Line) -> Self {
        self.0.push(Block::Item { line, indent: 0, number, quoted: false });
        self
    }

    /// Preformatted text.
    #[must_use]
    pub(crate) fn code(mut self, text: &str) -> Self {
        let text = seen(text).trim_end().to_owned();
        if !text.is_empty() {
            self.0.push(Block::Code { text, quoted: false });
        }
        self
    }

    /// More, from the next line on.
    #[must_use]
    pub(crate) fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The same as a quote. A table becomes preformatted text.
    #[must_use]
    pub(crate) fn quoted(self) -> Self {
        let quote = |block| match block {
            Block::Paragraph { line, gap, .. } => Block::Paragraph { line, gap, quoted: true },
            Block::Item { line, indent, number, .. } => {
                Block::Item { line, indent, number, quoted: true }
            }
            Block::Code { text, .. } => Block::Code { text, quoted: true },
            Block::Table(table) => Block::Code { text: table.as_text(), quoted: true },
        };
        Self(self.0.into_iter().map(quote).collect())
    }

    /// The same one level deeper, under a point of a list: its first paragraph goes on in the point.
    #[must_use]
    pub(crate) fn under(self, number: Option<u64>, point: Line) -> Self {
        let mut first = point;
        let mut rest = self.0.into_iter().peekable();
        while let Some(Block::Paragraph { line, quoted: false, .. }) =
            rest.next_if(|block| matches!(block, Block::Paragraph { quoted: false, .. }))
        {
            first.append("\n".into());
            first.append(line);
        }
        let deeper = |block| match block {
            Block::Item { line, indent, number, quoted } => {
                Block::Item { line, indent: (indent + 1).min(DEEPEST), number, quoted }
            }
            Block::Table(table) => Block::Code { text: table.as_text(), quoted: false },
            other => other,
        };
        Self::default().item(number, first).and(Self(rest.map(deeper).collect()))
    }

    /// People's words as they typed them: nothing in them is markup but their code.
    #[must_use]
    pub(crate) fn typed(text: &str) -> Self {
        let parts = text.split("```").enumerate();
        let mut rich = Self::default();
        for (nth, part) in parts {
            rich = if nth % 2 == 0 {
                rich.line(Line::with_code(part.trim_matches('\n')).trimmed())
            } else {
                rich.code(without_language(part).trim_matches('\n'))
            };
        }
        rich
    }

    /// Nothing is to be seen in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|block| match block {
            Block::Paragraph { line, .. } => line.is_blank(),
            Block::Item { .. } | Block::Code { .. } | Block::Table(_) => false,
        })
    }

    /// The words alone.
    #[must_use]
    pub fn words(&self) -> String {
        self.0.iter().map(Block::words).collect::<Vec<_>>().join("\n")
    }
}

/// Without the name of its language, which stands behind the fence.
fn without_language(code: &str) -> &str {
    let is_language = |line: &str| line.trim_end().chars().all(|c| !c.is_whitespace());
    match code.split_once('\n') {
        Some((line, rest)) if is_language(line) => rest,
        _ => code,
    }
}

/// Lists that are nested deeper are not indented further.
pub(super) const DEEPEST: u8 = 6;

impl Block {
    pub(super) fn words(&self) -> String {
        match self {
            Self::Paragraph { line, .. } => line.words(),
            Self::Item { line, number: Some(number), .. } => format!("{number}. {}", line.words()),
            Self::Item { line, .. } => format!("• {}", line.words()),
            Self::Code { text, .. } => text.clone(),
            Self::Table(table) => table.as_text(),
        }
    }

    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Paragraph { line, .. } => line.cost() + 2,
            Self::Item { line, .. } => line.cost() + 6,
            Self::Code { text, .. } => text.chars().count() + 2,
            Self::Table(table) => table.cost(),
        }
    }
}
