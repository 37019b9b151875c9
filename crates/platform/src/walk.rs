//! Lists that come in pages, and never for ever.
//!
//! A page may be short or even empty and still have another one after it; the end is where no next page
//! is named. A server that errs may name the same pages again and again, so a walk remembers them: such
//! a list only looks complete.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;

/// A walk over the pages of a list, where `C` says where a page begins.
///
/// ```
/// # use jules_slack_platform::walk::Walk;
/// # fn fetch(at: Option<&u32>) -> (Vec<u32>, Option<u32>) { (vec![1], at.is_none().then_some(2)) }
/// let mut all = Vec::new();
/// let mut walk = Walk::of(10);
/// while walk.goes_on() {
///     let (items, next) = fetch(walk.at());
///     all.extend(items);
///     walk.turn(next);
/// }
/// assert!(walk.is_whole());
/// ```
#[derive(Debug)]
pub struct Walk<C> {
    at: Option<C>,
    seen: HashSet<C>,
    pages_left: usize,
    end: Option<WalkEnd>,
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WalkEnd {
    Whole,
    Stopped,
    Unfinished(Unfinished),
}

/// Why a list could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// A page is named as the next one for the second time.
    Circle,
    /// It has more pages than the walk may read.
    TooLong,
}

impl Unfinished {
    /// For logs and errors.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Circle => "the pages of the list go round in a circle",
            Self::TooLong => "the list does not end",
        }
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl<C: Clone + Eq + Hash> Walk<C> {
    /// A walk from the first page on, of at most so many.
    #[must_use]
    pub fn of(pages: usize) -> Self {
        Self { at: None, seen: HashSet::new(), pages_left: pages, end: None }
    }

    /// Whether there is a page to read.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.end.is_none()
    }

    /// Where that page begins; `None` is at the beginning of the list.
    #[must_use]
    pub fn at(&self) -> Option<&C> {
        self.at.as_ref()
    }

    /// The page was read: goes on to the next, if one is named.
    pub fn turn(&mut self, next: Option<C>) {
        self.pages_left = self.pages_left.saturating_sub(1);
        self.end = match &next {
            None => Some(WalkEnd::Whole),
            Some(next) if !self.seen.insert(next.clone()) => {
                Some(WalkEnd::Unfinished(Unfinished::Circle))
            }
            Some(_) if self.pages_left == 0 => Some(WalkEnd::Unfinished(Unfinished::TooLong)),
            Some(_) => None,
        };
        self.at = next;
    }

    /// Enough was read. A list that is at its end anyway is whole all the same.
    pub fn stop(&mut self) {
        self.end.get_or_insert(WalkEnd::Stopped);
    }

    /// Whether the list was read to its end.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.end == Some(WalkEnd::Whole)
    }

    /// Whether all was read that was wanted.
    ///
    /// # Errors
    /// [`Unfinished`] when the walk ended before the list and before it was stopped.
    pub fn finish(self) -> Result<(), Unfinished> {
        match self.end {
            Some(WalkEnd::Unfinished(unfinished)) => Err(unfinished),
            Some(WalkEnd::Whole | WalkEnd::Stopped) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks over pages that name these as next; gives where it read, and how that ended.
    fn walk(most: usize, nexts: &[Option<u8>]) -> (Vec<Option<u8>>, Walk<u8>) {
        let (mut walk, mut read) = (Walk::of(most), Vec::new());
        while walk.goes_on() {
            read.push(walk.at().copied());
            walk.turn(nexts[read.len() - 1]);
        }
        (read, walk)
    }

    #[test]
    fn a_list_is_read_to_its_end() {
        let (read, walk) = walk(5, &[Some(1), Some(2), None]);
        assert_eq!(read, [None, Some(1), Some(2)]);
        assert!(walk.is_whole());
        assert_eq!(walk.finish(), Ok(()));
    }

    #[test]
    fn the_same_page_twice_is_not_the_end() {
        let (read, once_more) = walk(5, &[Some(1), Some(1)]);
        assert_eq!(read.len(), 2);
        assert!(!once_more.is_whole());
        assert_eq!(once_more.finish(), Err(Unfinished::Circle));
        let (_, circle) = walk(9, &[Some(1), Some(2), Some(1)]);
        assert_eq!(circle.finish(), Err(Unfinished::Circle));
    }

    #[test]
    fn a_walk_has_a_bound() {
        let (read, long) = walk(3, &[Some(1), Some(2), Some(3)]);
        assert_eq!(read.len(), 3);
        assert_eq!(long.finish(), Err(Unfinished::TooLong));
        let (_, just) = walk(3, &[Some(1), Some(2), None]);
        assert!(just.is_whole());
    }

    #[test]
    fn a_walk_that_was_stopped_read_what_was_wanted() {
        let mut walk = Walk::of(3);
        walk.turn(Some(1));
        walk.stop();
        assert!(!walk.goes_on() && !walk.is_whole());
        assert_eq!(walk.finish(), Ok(()));
    }
}
