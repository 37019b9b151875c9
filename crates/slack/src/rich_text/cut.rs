//! Text that is too long for Slack, cut where a person would cut it.
//!
//! Slack counts characters; we count Unicode scalar values, which is the same or more. A tree is cut
//! between its parts, and only within words.

use super::tree::{Block, Inline, Line, Rich};

/// A nicer place for the cut must keep this much of what there is room for (in percent).
const KEEP: usize = 60;

/// The longest cluster of characters that is kept together: longer than any emoji, shorter than a
/// tower of accents.
const CLUSTER: usize = 16;

/// A nice place to part a tree must keep this much of the room (in percent).
const KEEP_BLOCKS: usize = 80;

/// No more than this is taken for a line that says how much is missing.
const MARKER: usize = 160;

impl Rich {
    /// As much of it as Slack would count as `max` characters. What is missing is said by a line of the
    /// caller's, who gets to know how many characters that is.
    #[must_use]
    pub fn cut(self, max: usize, marker: impl FnOnce(usize) -> Line) -> Self {
        if self.cost() <= max {
            return self;
        }
        let (begin, rest) = self.split(max.saturating_sub(MARKER));
        begin.line(marker(rest.length()))
    }

    /// All of it in parts, each of which Slack would count as at most `max` characters.
    #[must_use]
    pub fn parts(self, max: usize) -> Vec<Self> {
        let (mut parts, mut rest) = (Vec::new(), self);
        while !rest.is_blank() {
            let (part, more) = rest.split(max);
            if part.0.is_empty() {
                break;
            }
            parts.push(part);
            rest = more;
        }
        parts
    }

    pub(super) fn cost(&self) -> usize {
        self.0.iter().map(Block::cost).sum()
    }

    /// How many characters it says.
    fn length(&self) -> usize {
        self.words().chars().count()
    }

    /// The beginning that fits into so much room, and the rest.
    fn split(mut self, room: usize) -> (Self, Self) {
        let mut used = 0;
        let whole = self.0.iter().take_while(|block| {
            used += block.cost();
            used <= room
        });
        let count = whole.count();
        let mut rest = self.0.split_off(count);
        let used = self.cost();
        let is_first = self.0.is_empty();
        if !rest.is_empty() && (is_first || used * 100 < room * KEEP_BLOCKS) {
            let (begin, end) = rest.remove(0).split(room - used);
            self.0.extend(begin);
            rest.splice(0..0, end);
        }
        (self, Self(rest))
    }
}

impl Block {
    /// The beginning that fits into so much room, if any does, and the rest.
    fn split(self, room: usize) -> (Option<Self>, Option<Self>) {
        match self {
            Self::Paragraph { line, gap, quoted } => {
                let (begin, end) = line.split(room.saturating_sub(2));
                let part = |line, gap| Self::Paragraph { line, gap, quoted };
                (begin.map(|line| part(line, gap)), end.map(|line| part(line, false)))
            }
            // What is left of a point is no new point.
            Self::Item { line, indent, number, quoted } => {
                let (begin, end) = line.split(room.saturating_sub(6));
                let Some(line) = begin else {
                    let line = end.unwrap_or_default();
                    return (None, Some(Self::Item { line, indent, number, quoted }));
                };
                let rest = end.map(|line| Self::Paragraph { line, gap: false, quoted });
                (Some(Self::Item { line, indent, number, quoted }), rest)
            }
            Self::Code { text, quoted } => {
                let (begin, end) = split_code(&text, room.saturating_sub(2));
                let part = |text: &str| {
                    Some(Self::Code { text: text.to_owned(), quoted }).filter(|_| !text.is_empty())
                };
                (part(begin), part(end))
            }
            Self::Table(table) => {
                let (begin, end) = table.split(room);
                if begin.rows.is_empty() {
                    // One row is longer than the room.
                    return Self::Code { text: end.as_text(), quoted: false }.split(room);
                }
                let part =
                    |table: super::Table| (!table.rows.is_empty()).then_some(Self::Table(table));
                (part(begin), part(end))
            }
        }
    }
}

/// Between two lines, if that keeps enough.
fn split_code(text: &str, room: usize) -> (&str, &str) {
    let end = text.char_indices().nth(room).map_or(text.len(), |(end, _)| end);
    if end == text.len() {
        return (text, "");
    }
    let line = text[..end].rfind('\n').filter(|line| line * 100 >= end * KEEP);
    let (begin, rest) = text.split_at(line.unwrap_or_else(|| place(text, room).0.bytes));
    (begin, rest.strip_prefix('\n').unwrap_or(rest))
}

impl Line {
    /// The beginning that fits into so much room, if any does, and the rest, if there is any. Only words
    /// are parted.
    pub(super) fn split(mut self, room: usize) -> (Option<Self>, Option<Self>) {
        if self.cost() <= room {
            return (Some(self), None);
        }
        let mut used = 0;
        let whole = self.0.iter().take_while(|one| {
            used += one.cost();
            used <= room
        });
        let count = whole.count();
        let mut rest = Self(self.0.split_off(count));
        let left = room - self.cost();
        if let Some(Inline::Text(text, style)) = rest.0.first().cloned() {
            let at = place(&text, left).0.bytes;
            if at > 0 {
                self.push(Inline::Text(text[..at].trim_end().to_owned(), style));
                rest.0[0] = Inline::Text(text[at..].to_owned(), style);
            }
        }
        let some = |line: Self| Some(line).filter(|line| !line.is_blank());
        (some(self), some(rest.trimmed()))
    }
}

/// At most `max` characters of plain text: all of it, or a beginning with `…` after it. Ends at the
/// end of a paragraph, a line, a sentence or a word, the first of these that does not cost too
/// much; an emoji or an accented letter made of several characters is never split.
#[must_use]
pub fn cut(text: &str, max: usize) -> String {
    cut_between(text, max)
}

/// After how many bytes and characters.
#[derive(Clone, Copy, Default)]
struct CutPlace {
    bytes: usize,
    chars: usize,
}

fn cut_between(text: &str, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let Some(room) = max.checked_sub(1) else { return String::new() };
    let (place, is_stop) = place(text, room);
    let begin = text[..place.bytes].trim_end();
    if is_stop { format!("{begin} …") } else { format!("{begin}…") }
}

/// The nicest place within the first `room` characters of a text that is longer, and whether it is
/// the end of a sentence or more.
fn place(text: &str, room: usize) -> (CutPlace, bool) {
    let (mut here, mut word) = (CutPlace::default(), CutPlace::default());
    // By rank: sentence, line, paragraph.
    let mut stops = [CutPlace::default(); 3];
    loop {
        let (before, rest) = text.split_at(here.bytes);
        let white = rest.starts_with(char::is_whitespace);
        if white {
            word = here;
        }
        // After a stop a space comes before the `…`, and needs its room.
        if let Some(stop) = stop(before, rest, white).filter(|_| here.chars < room) {
            stops[stop] = here;
        }
        let len = cluster(rest);
        let chars = rest[..len].chars().count();
        if len == 0 || here.chars + chars > room {
            break;
        }
        here = CutPlace { bytes: here.bytes + len, chars: here.chars + chars };
    }
    let enough = |place: &&CutPlace| place.chars * 100 >= room * KEEP && place.chars > 0;
    match stops.iter().rev().find(enough) {
        Some(stop) => (*stop, true),
        None => (*Some(&word).filter(enough).unwrap_or(&here), false),
    }
}

/// The rank of the stop between two parts of a text, if there is one.
fn stop(before: &str, rest: &str, white: bool) -> Option<usize> {
    if rest.starts_with("\n\n") {
        Some(2)
    } else if rest.starts_with('\n') {
        Some(1)
    } else if (white && before.ends_with(['.', '!', '?'])) || before.ends_with(['。', '！', '？'])
    {
        Some(0)
    } else {
        None
    }
}

/// The length in bytes of the first character with what belongs to it: accents, variation
/// selectors, skin tones, tags, whatever a joiner joins, and the second half of a flag.
fn cluster(text: &str) -> usize {
    let mut chars = text.char_indices().take(CLUSTER).peekable();
    let Some((_, first)) = chars.next() else { return 0 };
    let mut last = first;
    let mut flag = is_flag_half(first);
    while let Some((_, next)) = chars.next_if(|(_, next)| {
        extends(*next) || last == JOINER || std::mem::take(&mut flag) && is_flag_half(*next)
    }) {
        last = next;
    }
    chars.peek().map_or_else(
        || text.char_indices().nth(CLUSTER).map_or(text.len(), |(end, _)| end),
        |(end, _)| *end,
    )
}

const JOINER: char = '\u{200d}';

fn is_flag_half(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// The characters that most often extend the one before them; not all of Unicode's.
fn extends(c: char) -> bool {
    matches!(
        c,
        JOINER
            | '\u{300}'..='\u{36f}'
            | '\u{591}'..='\u{5bd}'
            | '\u{64b}'..='\u{65f}'
            | '\u{93c}'..='\u{94d}'
            | '\u{e31}'..='\u{e3a}'
            | '\u{e47}'..='\u{e4e}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{3099}'..='\u{309a}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fe20}'..='\u{fe2f}'
            | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{e0020}'..='\u{e007f}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_nicest_place_that_does_not_cost_too_much() {
        for (text, max, cutting) in [
            ("short", 5, "short"),
            ("", 0, ""),
            ("long", 0, ""),
            ("long", 1, "…"),
            ("longer", 4, "lon…"),
            ("rename frontend to website", 20, "rename frontend to…"),
            ("rename frontend to website", 19, "rename frontend to…"),
            ("rename frontend to website", 18, "rename frontend…"),
            ("a verylongwordwithoutanyspace", 12, "a verylongw…"),
            ("One is done. Two is not yet.", 20, "One is done. …"),
            ("One. Two is a long sentence here.", 20, "One. Two is a long…"),
            ("version 1.2 of the thing", 14, "version 1.2…"),
            ("one is\ndone now and more", 12, "one is\ndone…"),
            ("one is done\nnow and more", 16, "one is done …"),
            ("one is done\n\nnow\nand more", 19, "one is done …"),
            ("一つ目。二つ目の文です。", 6, "一つ目。 …"),
        ] {
            assert_eq!(cut(text, max), cutting, "{text:?} to {max}");
        }
    }

    #[test]
    fn what_looks_like_one_character_is_never_split() {
        for (text, max, cutting) in [
            ("abe\u{301}x", 4, "ab…"),
            ("ab👩\u{200d}💻cd", 5, "ab…"),
            ("ab👍\u{1f3fd}cd", 4, "ab…"),
            ("ab🇩🇪cd", 4, "ab…"),
            ("a🇩🇪🇫🇷c", 5, "a🇩🇪…"),
            ("ab☺\u{fe0f}cd", 4, "ab…"),
        ] {
            assert_eq!(cut(text, max), cutting, "{text:?} to {max}");
        }
        // A tower of accents is not worth an empty text.
        let tower = format!("a{}", "\u{301}".repeat(1000));
        assert_eq!(cut(&tower, 20).chars().count(), CLUSTER + 1);
    }
}
