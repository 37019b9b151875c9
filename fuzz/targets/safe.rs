//! What has to hold for everything that goes to Slack. The laws of mrkdwn and of messages use it too.

use jules_slack::slack::client::Content;
use serde_json::Value;

/// The tokens in a text, which must all be links of ours.
pub(crate) fn is_safe(text: &str) -> bool {
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let Some(end) = rest[open..].find('>') else { return false };
        let token = &rest[open + 1..open + end];
        if !token.starts_with("https://") || token.contains(['\n', '<']) {
            return false;
        }
        rest = &rest[open + end + 1..];
    }
    let entities = ["&amp;", "&lt;", "&gt;"];
    text.match_indices('&').all(|(at, _)| entities.iter().any(|e| text[at..].starts_with(e)))
        && !prose(text).any(|words| words.lines().any(|queue| queue.starts_with("&gt;")))
}

/// What is in no code block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    text.split("```").step_by(2)
}

/// Whether a word that pings everybody stands in the open: in no code, in no link.
pub(crate) fn pings(text: &str) -> bool {
    let open = prose(text).flat_map(|words| words.split('`').step_by(2));
    let mut open = open.flat_map(|words| {
        // After a `<` all but the first part are behind the `>` of a token.
        words.split('<').enumerate().map(|(nth, part)| match part.split_once('>') {
            Some((_, after)) if nth > 0 => after,
            Some(_) | None => part,
        })
    });
    open.any(|words| ["@here", "@channel", "@everyone"].iter().any(|word| words.contains(word)))
}

/// Every code block is closed, and outside of them every code span on its line.
pub(crate) fn is_closed(text: &str) -> bool {
    text.matches("```").count().is_multiple_of(2)
        && prose(text).all(|words| words.lines().all(|queue| queue.matches('`').count() % 2 == 0))
}

/// Everything in `text` that Slack would act on: what stands between `<` and `>`.
fn tokens(text: &str) -> Vec<&str> {
    text.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

/// Links, the people and channels that we name ourselves, and times. Nothing else. Where a link leads
/// is for the laws of mrkdwn: Jules may link to anything that says where it leads.
fn is_ours(token: &str) -> bool {
    ["https://", "@U1", "#C1", "!date^"].iter().any(|start| token.starts_with(start))
}

fn check_text(text: &str, longest: usize) {
    let length = text.chars().count();
    assert!((1..=longest).contains(&length), "{length} characters");
    // A quote begins its line with a mark of its own.
    let unquoted: String =
        text.lines().map(|queue| queue.strip_prefix('>').unwrap_or(queue)).collect();
    assert_eq!(unquoted.matches('<').count(), unquoted.matches('>').count(), "{text}");
    for token in tokens(text) {
        assert!(is_ours(token), "<{token}> in {text}");
    }
    for part in text.split('&').skip(1) {
        let entity = ["amp;", "lt;", "gt;"].iter().any(|name| part.starts_with(name));
        assert!(entity, "a bare & in {text}");
    }
}

/// Within Slack's limits, and nobody's markup but ours.
pub(crate) fn check(content: &Content) {
    check_text(&content.text, 40_000);
    let blocks = serde_json::to_value(&content.blocks).unwrap();
    let blocks = blocks.as_array().unwrap();
    assert!((1..=50).contains(&blocks.len()), "{} blocks", blocks.len());
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "section" => check_mrkdwn(&block["text"]),
            "context" => {
                let elements = block["elements"].as_array().unwrap();
                assert!(elements.len() <= 10);
                elements.iter().for_each(check_mrkdwn);
            }
            "actions" => {
                let elements = block["elements"].as_array().unwrap();
                assert!((1..=25).contains(&elements.len()));
                let mut action_ids = Vec::new();
                for element in elements {
                    let label = element["text"]["text"].as_str().unwrap();
                    assert!((1..=75).contains(&label.chars().count()), "{label:?}");
                    assert_eq!(element["text"]["type"], "plain_text");
                    action_ids.push(element["action_id"].as_str().unwrap().to_owned());
                }
                let count = action_ids.len();
                action_ids.sort();
                action_ids.dedup();
                assert_eq!(action_ids.len(), count, "an action_id stands twice in a row");
            }
            "rich_text" => {
                let parts = block["elements"].as_array().unwrap();
                assert!(!parts.is_empty());
                // Nothing in a text element is parsed; an empty one is refused.
                for element in parts.iter().flat_map(|part| part["elements"].as_array().unwrap()) {
                    assert_eq!(element["type"], "text");
                    let length = element["text"].as_str().unwrap().chars().count();
                    assert!((1..=3000).contains(&length), "{length} characters");
                }
            }
            other => panic!("a block of kind {other} has no check"),
        }
    }
}

fn check_mrkdwn(text: &Value) {
    assert_eq!(text["type"], "mrkdwn");
    assert_eq!(text["verbatim"], true, "Slack would turn @here into a ping");
    check_text(text["text"].as_str().unwrap(), 3000);
}
