//! Text on its way to Slack: a tree of blocks and inline elements, never a string with marks in it.
//!
//! In a `rich_text` block a text element is not parsed (slack-platform.md §9): styles are fields, and
//! people, channels, dates, links and emoji are elements of their own. So words of other people and of
//! Jules can't ping anyone, can't forge a link, and look as they were written. [`markdown`] reads what
//! Jules writes, `say!` our own sentences, [`Rich`] is cut between its parts, and `wire` makes
//! Slack's blocks of it.

mod cut;
mod guard;
mod html;
mod links;
mod markdown;
mod own;
mod plain;
mod table;
mod tree;
mod wire;

pub use cut::cut;
pub use markdown::markdown;
pub use plain::plain_blocks;
pub use tree::{Block, Inline, Line, Rich, Style, Table};

pub(crate) use links::link;
pub(crate) use own::{holes, say};

#[cfg(test)]
mod tests;
