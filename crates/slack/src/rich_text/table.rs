//! Tables: Slack's own where it takes them, else preformatted text.

use super::guard::is_east_asian;
use super::tree::{Align, Inline, Line, Table};

/// Slack's limits (slack-platform.md §8).
const MOST_ROWS: usize = 100;
const MOST_CELLS: usize = 20;

/// A column of preformatted text is padded to this width at most.
const WIDEST: usize = 40;

impl Table {
    /// Whether Slack takes it as a table.
    pub(super) fn fits(&self) -> bool {
        let fits = |row: &Vec<Line>| (1..=MOST_CELLS).contains(&row.len());
        (1..=MOST_ROWS).contains(&self.rows.len()) && self.rows.iter().all(fits)
    }

    /// As much as it counts where it has to be text.
    pub(super) fn cost(&self) -> usize {
        let widths = self.widths();
        self.rows.iter().map(|row| row_cost(row, &widths)).sum::<usize>() + rule_cost(&widths)
    }

    /// Its first rows that fit into so much room, and the others.
    pub(super) fn split(mut self, room: usize) -> (Self, Self) {
        let widths = self.widths();
        let mut left = room.saturating_sub(rule_cost(&widths));
        let fit = self.rows.iter().take_while(|row| {
            let cost = row_cost(row, &widths);
            let fits = cost <= left;
            left = left.saturating_sub(cost);
            fits
        });
        let rest = self.rows.split_off(fit.count());
        let columns = self.columns.clone();
        (self, Self { rows: rest, columns })
    }

    /// How wide each column is, as text.
    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths = vec![0; columns];
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = width(&cell_text(cell)).min(WIDEST).max(*widest);
            }
        }
        widths
    }

    /// As lines of text, with columns where the letters have one width.
    pub(super) fn as_text(&self) -> String {
        let cells: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(cell_text).collect()).collect();
        let widths = self.widths();
        let mut lines = Vec::new();
        for (nth, row) in cells.iter().enumerate() {
            let padded = row.iter().enumerate().map(|(column, text)| {
                let align = self.columns.get(column).copied().unwrap_or_default();
                pad(text, widths[column], align)
            });
            lines.push(padded.collect::<Vec<_>>().join(" | ").trim_end().to_owned());
            if nth == 0 {
                let rule = widths.iter().map(|width| "-".repeat(*width.max(&1)));
                lines.push(rule.collect::<Vec<_>>().join("-+-"));
            }
        }
        lines.join("\n")
    }
}

/// Its cells, each as wide as its column.
fn row_cost(row: &[Line], widths: &[usize]) -> usize {
    let cells = row.iter().zip(widths).map(|(cell, width)| (cell.cost() + 3).max(*width) + 3);
    cells.sum::<usize>() + 1
}

fn rule_cost(widths: &[usize]) -> usize {
    widths.iter().map(|width| width + 3).sum()
}

/// The words of a cell on one line, and where its links lead.
fn cell_text(cell: &Line) -> String {
    let words = cell.0.iter().map(|one| match one {
        Inline::Link { url, text, .. } if !text.is_empty() => format!("{text} ({})", url.as_str()),
        other => other.words(),
    });
    words.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn pad(text: &str, to: usize, align: Align) -> String {
    let room = to.saturating_sub(width(text));
    let before = match align {
        Align::Left => 0,
        Align::Center => room / 2,
        Align::Right => room,
    };
    format!("{}{text}{}", " ".repeat(before), " ".repeat(room - before))
}

/// East Asian letters are twice as wide.
fn width(text: &str) -> usize {
    text.chars().map(|c| if is_east_asian(c) { 2 } else { 1 }).sum()
}
