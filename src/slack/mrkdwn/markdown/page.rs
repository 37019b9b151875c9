//! Writes mrkdwn: lines with what stands in front of them, and marks that are closed again.

use super::super::escaped::escape;
use crate::domain::invisible::is_invisible;

/// Lists that are nested deeper are not indented further.
const DEEPEST: usize = 6;

/// Lets a mark touch a word that goes on: Slack wants the edge of a word there (a zero-width space).
const APART: char = '\u{200b}';

/// A style that Slack has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Bold,
    Italic,
    Strike,
}

impl Style {
    fn mark(self) -> char {
        match self {
            Self::Bold => '*',
            Self::Italic => '_',
            Self::Strike => '~',
        }
    }
}

/// What has been written, and where we are in it.
#[derive(Default)]
pub(super) struct MrkdwnPage {
    out: String,
    /// Something stands on the last line, if only what it begins with.
    begun: bool,
    /// A block is over.
    gap: bool,
    quotes: usize,
    /// The number of the next item of each list around us; none where they have bullets.
    lists: Vec<Option<u64>>,
    /// Stands in front of the next words.
    marker: Option<String>,
    /// The styles that tags ask for, the outermost first, and how many tags each.
    wanted: Vec<(Style, usize)>,
    /// The marks on this line that are not closed yet.
    open: Vec<Style>,
    /// A mark was closed, and nothing written since.
    closed: bool,
}

impl MrkdwnPage {
    /// Everything written.
    pub(super) fn whole(mut self) -> String {
        self.close(0);
        self.out.truncate(self.out.trim_end().len());
        self.out
    }

    /// Writes markup of ours: links, code.
    pub(super) fn put(&mut self, markup: &str) {
        if markup.is_empty() {
            return;
        }
        self.begin();
        for (style, _) in &self.wanted {
            if !self.open.contains(style) {
                if self.closed || self.out.ends_with(char::is_alphanumeric) {
                    self.out.push(APART);
                }
                self.closed = false;
                self.out.push(style.mark());
                self.open.push(*style);
            }
        }
        if self.closed && markup.starts_with(char::is_alphanumeric) {
            self.out.push(APART);
        }
        self.closed = false;
        self.out.push_str(markup);
    }

    /// Writes words that are calm already. A `>` in front would be a quote, escaped or not.
    pub(super) fn words(&mut self, words: &str) {
        let bare = !self.begun && self.marker.is_none();
        let after = words.trim_start_matches(['>', ' ']);
        if bare && words.trim_start().starts_with('>') {
            self.put(&format!("› {}", escape(after)));
        } else {
            self.put(escape(words).as_str());
        }
    }

    /// Between two cells of a table.
    pub(super) fn divide(&mut self) {
        self.close(0);
        self.closed = false;
        self.begin();
        self.out.push_str(" | ");
    }

    /// The end of a line. Slack's styles do not reach over it; the next words open them again.
    pub(super) fn line(&mut self) {
        self.close(0);
        self.closed = false;
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
        self.begun = false;
    }

    /// The beginning of a block: on a line of its own, and outside lists an empty line apart.
    pub(super) fn block(&mut self) {
        let apart = std::mem::take(&mut self.gap) && self.lists.is_empty();
        if self.begun {
            self.line();
        }
        if apart && !self.out.is_empty() {
            self.out.push_str(if self.quotes > 0 { ">\n" } else { "\n" });
        }
    }

    /// The end of a block.
    pub(super) fn end_block(&mut self) {
        self.gap = true;
    }

    /// Quotes within quotes look the same: Slack has one kind.
    pub(super) fn quote(&mut self) {
        self.block();
        self.quotes += 1;
    }

    pub(super) fn end_quote(&mut self) {
        self.quotes -= 1;
        self.end_block();
    }

    pub(super) fn list(&mut self, first: Option<u64>) {
        self.block();
        self.lists.push(first);
    }

    pub(super) fn end_list(&mut self) {
        self.lists.pop();
        self.end_block();
    }

    pub(super) fn item(&mut self) {
        self.block();
        let bullet = if self.lists.len() % 2 == 1 { "• " } else { "◦ " };
        let number = self.lists.last_mut().and_then(Option::as_mut);
        self.marker = Some(number.map_or_else(
            || bullet.to_owned(),
            |number| {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            },
        ));
    }

    /// The box of a task, instead of a bullet, after a number.
    pub(super) fn tick(&mut self, done: bool) {
        let number = self.marker.take().filter(|marker| marker.ends_with(". "));
        self.marker =
            Some(format!("{}{}", number.unwrap_or_default(), if done { "☑ " } else { "☐ " }));
    }

    pub(super) fn end_item(&mut self) {
        if self.marker.is_some() {
            // An item without words still counts.
            self.begin();
        }
        self.end_block();
    }

    /// A code block, its lines as they were; only three backticks would end it. It stands outside
    /// lists and quotes, where Slack would show the fence itself.
    pub(super) fn fence(&mut self, lines: &str) {
        let seen = |c: &char| !is_invisible(*c) && (!c.is_control() || matches!(c, '\n' | '\t'));
        let lines: String = lines.trim_end().chars().filter(seen).collect();
        if !lines.is_empty() {
            if self.marker.is_some() {
                self.begin();
            }
            self.block();
            let lines = escape(&lines.replace("```", "ˋˋˋ"));
            self.out.push_str(&format!("```\n{lines}\n```"));
            self.begun = true;
        }
        self.end_block();
    }

    pub(super) fn want(&mut self, style: Style) {
        match self.wanted.iter_mut().find(|(wanted, _)| *wanted == style) {
            Some((_, tags)) => *tags += 1,
            None => self.wanted.push((style, 1)),
        }
    }

    pub(super) fn no_longer(&mut self, style: Style) {
        for (_, tags) in self.wanted.iter_mut().filter(|(wanted, _)| *wanted == style) {
            *tags -= 1;
        }
        self.wanted.retain(|(_, tags)| *tags > 0);
        let still = |open: &Style| self.wanted.iter().any(|(wanted, _)| wanted == open);
        if let Some(at) = self.open.iter().position(|open| !still(open)) {
            self.close(at);
        }
    }

    /// Closes the marks from the one at `at` on.
    fn close(&mut self, at: usize) {
        for style in self.open.drain(at..).rev() {
            self.out.push(style.mark());
            self.closed = true;
        }
    }

    /// What a line begins with, if nothing is on it yet.
    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            if self.quotes > 0 {
                self.out.push_str("> ");
            }
            let beside = usize::from(self.marker.is_some());
            let depth = self.lists.len().saturating_sub(beside).min(DEEPEST);
            self.out.push_str(&"    ".repeat(depth));
        }
        if let Some(marker) = self.marker.take() {
            self.out.push_str(&marker);
        }
    }
}
