//! Text that is too long for Slack, cut where a person would cut it.
//!
//! Slack counts characters; we count Unicode scalar values, which is the same or more.

/// A nicer place for the cut must keep this much of what there is room for (in percent).
const KEEP: usize = 60;

/// The longest cluster of characters that is kept together: longer than any emoji, shorter than a
/// tower of accents.
const CLUSTER: usize = 16;

/// At most `max` characters of plain text: all of it, or a beginning with `…` after it. Ends at the
/// end of a paragraph, a line, a sentence or a word, the first of these that does not cost too
/// much; an emoji or an accented letter made of several characters is never split.
#[must_use]
pub fn cut(text: &str, max: usize) -> String {
    cut_between(text, max, cluster)
}

/// [`cut`] for text with Slack's entities, tokens and fences, each of which stays whole or goes
/// whole.
pub(super) fn cut_markup(text: &str, max: usize) -> String {
    cut_between(text, max, piece)
}

/// Where to part a text with Slack's markup, so that at most `room` characters come before: after
/// how many bytes. 0 if its first piece is too long already.
pub(super) fn part_markup(text: &str, room: usize) -> usize {
    place(text, room, piece).0.bytes
}

/// The length in bytes of what belongs together at the beginning of mrkdwn.
fn piece(text: &str) -> usize {
    let end = match text.as_bytes().first() {
        Some(b'<') => text.find('>').map(|end| end + 1),
        Some(b'&') => text.find(';').map(|end| end + 1),
        Some(b'`') if text.starts_with("```") => Some(3),
        _ => None,
    };
    end.unwrap_or_else(|| cluster(text))
}

/// After how many bytes and characters.
#[derive(Clone, Copy, Default)]
struct CutPlace {
    bytes: usize,
    chars: usize,
}

/// `atom` says how many bytes at the beginning of the rest belong together.
fn cut_between(text: &str, max: usize, atom: impl Fn(&str) -> usize) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let Some(room) = max.checked_sub(1) else { return String::new() };
    let (place, is_stop) = place(text, room, atom);
    let begin = text[..place.bytes].trim_end();
    if is_stop { format!("{begin} …") } else { format!("{begin}…") }
}

/// The nicest place within the first `room` characters of a text that is longer, and whether it is
/// the end of a sentence or more.
fn place(text: &str, room: usize, atom: impl Fn(&str) -> usize) -> (CutPlace, bool) {
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
        let len = atom(rest);
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

    #[test]
    fn entities_and_tokens_stay_whole() {
        for (text, max, cutting) in [
            ("ab&amp;cd", 6, "ab…"),
            ("ab&amp;cd", 8, "ab&amp;…"),
            ("ab <https://x.test|the docs> cd", 24, "ab…"),
            ("ab <https://x.test|the docs> cd", 30, "ab <https://x.test|the docs>…"),
            ("<https://x.test|the docs> cd", 10, "…"),
            ("ab\n```\ncd", 7, "ab\n```…"),
            ("ab\n```\ncd", 6, "ab…"),
        ] {
            assert_eq!(cut_markup(text, max), cutting, "{text:?} to {max}");
        }
    }
}
