//! What a session changed, in a view: the files with their hunks, a page at a time.

use super::cause::cause_words;
use super::more_in_jules;
use super::thread::{file_line, stat_line};
use crate::action::Action;
use crate::blocks::{actions, button};
use crate::rich_text::{Line, Rich, say};
use domain::diff::{DiffPage, DiffPiece};
use domain::form::{DiffShown, DiffView};
use domain::ids::TaskId;
use domain::inbound::Verb;
use slack_morphism::prelude::*;

/// How much of a patch is on one page, in characters.
pub const PAGE: usize = 6_000;
/// And pieces of how many files.
pub const FILES_ON_A_PAGE: usize = 25;

/// The blocks of the view.
pub(crate) fn changes(view: &DiffView) -> Vec<SlackBlock> {
    match &view.shows {
        DiffShown::Loading => {
            line(say!(":hourglass_flowing_sand: Getting the changes from Jules…"))
        }
        DiffShown::Missing => line(say!("Jules doesn't have these changes any more.")),
        DiffShown::TooLarge => {
            line(say!("These changes are too large to show here. You can see them in Jules."))
        }
        DiffShown::Trouble(cause) => Rich::from(say!("I can't show the changes right now."))
            .line(cause_words(cause))
            .blocks(),
        DiffShown::Sent { stat, name } => Rich::from(stat_line(stat))
            .line(say!(
                "That's too much to show here, so I sent you {} in a direct message.",
                Line::code(name)
            ))
            .blocks(),
        DiffShown::Page { stat, page, at: (at, of), missing, url } => {
            let head = stat_line(stat);
            let head = if *of > 1 { say!("{} · page {} of {}", head, at + 1, *of) } else { head };
            let mut rich = Rich::from(head).and(page_words(page));
            if *missing > 0 && at + 1 == *of {
                rich = rich.line(more_in_jules(*missing, url));
            }
            let mut blocks = rich.blocks();
            blocks.extend(turning(&view.task, *at, *of));
            blocks
        }
    }
}

fn line(words: Line) -> Vec<SlackBlock> {
    Rich::from(words).blocks()
}

fn page_words(page: &DiffPage) -> Rich {
    page.0.iter().map(piece_words).fold(Rich::default(), Rich::and)
}

fn piece_words(piece: &DiffPiece) -> Rich {
    let name = match &piece.file {
        Some(file) => file_line(file),
        None => say!("A part that I can't read"),
    };
    let name = if piece.continues { say!("{} (continued)", name) } else { name };
    let lines = piece.lines.trim_end_matches('\n');
    let words = Rich::from(name);
    if lines.is_empty() { words } else { words.code(lines) }
}

/// The buttons to the pages before and after.
fn turning(task: &TaskId, at: u32, of: u32) -> Option<SlackBlock> {
    let to = |label, page| button(label, &Action::Press(task.clone(), Verb::ShowChanges(page)));
    let before = at.checked_sub(1).map(|page| to("Previous page", page));
    let after = (at + 1 < of).then(|| to("Next page", at + 1));
    let row: Vec<_> = before.into_iter().chain(after).collect();
    (!row.is_empty()).then(|| actions("pages", row))
}
