//! The words for Jules, as the card quotes them: nothing in them is markup but their code blocks, which
//! keep their lines as they are.

use crate::domain::invisible::is_invisible;
use crate::slack::mrkdwn::cut;
use slack_morphism::prelude::*;

const FENCE: &str = "```";

/// At most so many characters of a prompt; `None` when there is nothing to see in it.
pub(super) fn quoted(prompt: &str, most: usize) -> Option<SlackBlock> {
    let seen: String = prompt.chars().filter(|&c| is_seen(c)).collect();
    let short = cut(seen.trim_end().trim_start_matches('\n'), most);
    let parts = short.split(FENCE).enumerate();
    let elements: Vec<SlackRichTextElement> = parts
        .filter_map(|(nth, part)| if nth % 2 == 0 { words(part) } else { code(part) })
        .collect();
    (!elements.is_empty()).then(|| SlackRichTextBlock::new(elements).into())
}

/// Slack refuses no control character, but shows none either, and some of them harm what is around them.
fn is_seen(c: char) -> bool {
    !is_invisible(c) && (!c.is_control() || matches!(c, '\n' | '\t'))
}

fn words(part: &str) -> Option<SlackRichTextElement> {
    let part = part.trim_matches('\n').trim_end();
    let part = part.trim_start_matches([' ', '\t']);
    (!part.is_empty()).then(|| SlackRichTextQuote::new(vec![part.into()]).into())
}

/// Without the name of its language, which stands behind the fence.
fn code(part: &str) -> Option<SlackRichTextElement> {
    let is_language = |line: &str| line.trim_end().chars().all(|c| !c.is_whitespace());
    let part = match part.split_once('\n') {
        Some((line, rest)) if is_language(line) => rest,
        _ => part,
    };
    let part = part.trim_matches('\n').trim_end();
    (!part.trim().is_empty()).then(|| SlackRichTextPreformatted::new(vec![part.into()]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(prompt: &str) -> Vec<(String, String)> {
        let block = serde_json::to_value(quoted(prompt, 600)).unwrap();
        let elements = block["elements"].as_array().cloned().unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        elements.iter().map(|one| (text(&one["type"]), text(&one["elements"][0]["text"]))).collect()
    }

    #[test]
    fn code_keeps_its_lines_and_the_rest_is_quoted() {
        let quote = |text: &str| ("rich_text_quote".to_owned(), text.to_owned());
        let code = |text: &str| ("rich_text_preformatted".to_owned(), text.to_owned());
        for (prompt, shown) in [
            ("", vec![]),
            (" \n\u{200b}", vec![]),
            ("*bold* <!here> & `x`", vec![quote("*bold* <!here> & `x`")]),
            (
                "a\n```rust\n  if x {\n\ty\n  }\n```\nb",
                vec![quote("a"), code("  if x {\n\ty\n  }"), quote("b")],
            ),
            ("```a b\n  c``` d", vec![code("a b\n  c"), quote("d")]),
            ("```\n    x\n", vec![code("    x")]),
            ("``````", vec![]),
        ] {
            assert_eq!(parts(prompt), shown, "{prompt:?}");
        }
    }
}
