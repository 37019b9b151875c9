//! What a command's words look like: colours and wrapped lines on a terminal, neither anywhere else; and printing them
//! to the end.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// Wider lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;
/// A terminal that doesn't say how wide it is.
const USUAL: usize = 80;

/// Where words are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// In columns; `None` where lines stay whole, for a program that reads them.
    width: Option<usize>,
    is_coloured: bool,
}

impl Terminal {
    /// No terminal: a file, a pipe.
    pub const NONE: Self = Self { width: None, is_coloured: false };

    /// A small terminal with colours.
    #[cfg(test)]
    pub(crate) const NARROW: Self = Self { width: Some(30), is_coloured: true };

    /// Standard output.
    #[must_use]
    pub fn output() -> Self {
        Self::of(&io::stdout())
    }

    /// Standard error.
    #[must_use]
    pub fn errors() -> Self {
        Self::of(&io::stderr())
    }

    #[cfg(unix)]
    fn of(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> Self {
        if !stream.is_terminal() {
            return Self::NONE;
        }
        let columns = rustix::termios::tcgetwinsize(stream).map(|size| usize::from(size.ws_col));
        Self::wide(columns.unwrap_or_default())
    }

    #[cfg(not(unix))]
    fn of(stream: &impl IsTerminal) -> Self {
        if stream.is_terminal() { Self::wide(0) } else { Self::NONE }
    }

    /// A terminal with so many columns; 0 where it doesn't say.
    fn wide(columns: usize) -> Self {
        let columns = if columns == 0 { USUAL } else { columns };
        Self { width: Some(columns.min(WIDEST)), is_coloured: wants_colour() }
    }

    /// The same, but with a usual width where lines would stay whole: for a page of text that may go to a
    /// pager.
    #[must_use]
    pub(crate) fn or_usual(self) -> Self {
        Self { width: self.width.or(Some(USUAL)), ..self }
    }

    /// How wide it is; `None` where lines stay whole.
    #[must_use]
    pub fn width(self) -> Option<usize> {
        self.width
    }

    /// Whether a person looks at it.
    #[must_use]
    pub fn is_there(self) -> bool {
        self.width.is_some()
    }

    /// Words in this style where there are colours.
    #[must_use]
    pub fn styled(self, style: Style, words: &str) -> String {
        if !self.is_coloured {
            return words.to_owned();
        }
        let code = match style {
            Style::Good => "32",
            Style::Odd => "33",
            Style::Bad => "31",
            Style::Strong => "1",
            Style::Soft => "2",
        };
        format!("\u{1b}[{code}m{words}\u{1b}[0m")
    }

    /// Words in lines that fit next to what stands before them: all but the first begin with so many spaces.
    #[must_use]
    pub fn wrapped(self, indent: usize, words: &str) -> String {
        let room = self.width.map_or(usize::MAX, |width| width.saturating_sub(indent).max(20));
        let (mut text, mut used) = (String::new(), 0);
        for word in words.split_whitespace() {
            let length = word.chars().count();
            if used > 0 && used + 1 + length > room {
                text.push('\n');
                text.extend(std::iter::repeat_n(' ', indent));
                used = 0;
            } else if used > 0 {
                text.push(' ');
                used += 1;
            }
            text.push_str(word);
            used += length;
        }
        text
    }
}

/// How words look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Green.
    Good,
    /// Yellow.
    Odd,
    /// Red.
    Bad,
    /// Bold.
    Strong,
    /// Dim.
    Soft,
}

/// Unless the terminal has none, or its owner wants none (<https://no-color.org>).
#[expect(clippy::disallowed_methods, reason = "about the terminal, and no setting of the program")]
fn wants_colour() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !is_set("NO_COLOR") && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Prints words to standard output. That no one reads on, as in `… | head`, is no failure.
///
/// # Errors
/// When they can't be written to the end.
pub(crate) fn show(words: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{words}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(cut_off("output", &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// That standard output accepts no more, in the middle of this.
pub(crate) fn cut_off(what: &str, error: &io::Error) -> anyhow::Error {
    let fix = if is_full(error.kind()) {
        "Free some space, or write it to another disk, and run this again."
    } else {
        "Check where standard output goes, and run this again."
    };
    anyhow::anyhow!("the {what} is incomplete: {error}. {fix}")
}

/// Whether the disk, or what this user may have of it, is used up.
pub(crate) fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Terminal = Terminal::NARROW;

    #[test]
    fn lines_fit_the_terminal_and_stay_whole_elsewhere() {
        let words = "Copy the bot token again, from OAuth & Permissions.";
        assert_eq!(
            NARROW.wrapped(4, words),
            "Copy the bot token again,\n    from OAuth & Permissions."
        );
        assert_eq!(Terminal::NONE.wrapped(4, words), words);
        let long = "https://jules.google.com/settings#api";
        assert_eq!(
            NARROW.wrapped(4, &format!("See {long} now")),
            format!("See\n    {long}\n    now")
        );
    }

    #[test]
    fn only_a_terminal_has_colours() {
        assert_eq!(NARROW.styled(Style::Bad, "no"), "\u{1b}[31mno\u{1b}[0m");
        assert_eq!(Terminal::NONE.styled(Style::Bad, "no"), "no");
        assert_eq!(Terminal::wide(200).width(), Some(WIDEST));
        assert_eq!(Terminal::wide(0).width(), Some(USUAL));
    }
}
