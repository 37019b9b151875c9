//! What has to hold for everything that goes to Slack. The laws of text and of messages use it too.

use serde_json::Value;
use slack::client::Content;

/// Slack's limit for the text of all blocks of a message (slack-platform.md §8).
const ALL_TEXT: usize = 13_000;

/// Everything in `text` that Slack would act on: what stands between `<` and `>`.
fn tokens(text: &str) -> Vec<&str> {
    text.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

/// The people and channels that we name ourselves, and times. Nothing else, and no links.
fn is_ours(token: &str) -> bool {
    ["@U1", "#C1", "!date^"].iter().any(|start| token.starts_with(start))
}

/// Whether a text that Slack parses holds nobody's markup but ours.
pub(crate) fn is_safe(text: &str) -> bool {
    let entities = ["&amp;", "&lt;", "&gt;"];
    let words = ["@here", "@channel", "@everyone"];
    text.matches('<').count() == text.matches('>').count()
        && tokens(text).into_iter().all(is_ours)
        && text.match_indices('&').all(|(at, _)| entities.iter().any(|e| text[at..].starts_with(e)))
        && !text.lines().any(|line| line.starts_with("&gt;") || line.starts_with('>'))
        && !words.iter().any(|word| text.contains(word))
}

/// Within Slack's limits, and nobody's markup but ours.
pub(crate) fn check(content: &Content) {
    let length = content.text.chars().count();
    // chat.update and chat.postEphemeral take no more.
    assert!((1..=4000).contains(&length), "{length} characters: {}", content.text);
    assert!(is_safe(&content.text), "{}", content.text);
    let blocks = serde_json::to_value(&content.blocks).unwrap();
    check_blocks(blocks.as_array().unwrap());
    let plain = slack::rich_text::plain_blocks(&content.blocks);
    let plain = serde_json::to_value(plain).unwrap();
    check_blocks(plain.as_array().unwrap());
    let has_rich = |block: &Value| block["type"] == "rich_text" || block["type"] == "table";
    assert!(!plain.as_array().unwrap().iter().any(has_rich), "{plain}");
}

fn check_blocks(blocks: &[Value]) {
    assert!((1..=50).contains(&blocks.len()), "{} blocks", blocks.len());
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "rich_text" => check_rich_text(block),
            "table" => check_table(block),
            "section" => check_section(block),
            "context" => {
                let elements = block["elements"].as_array().unwrap();
                assert!((1..=10).contains(&elements.len()));
                elements.iter().for_each(|element| check_text(element, 3000));
            }
            "actions" => check_actions(block),
            other => panic!("a block of kind {other} has no check"),
        }
    }
    assert!(blocks.iter().filter(|block| block["type"] == "table").count() <= 1, "two tables");
    let all: usize = blocks.iter().map(all_text).sum();
    assert!(all <= ALL_TEXT, "{all} characters in all blocks");
}

/// A text, or up to ten fields; a menu has up to five options, whose values are short.
fn check_section(block: &Value) {
    match block["fields"].as_array() {
        None => check_text(&block["text"], 3000),
        Some(fields) => {
            assert!((1..=10).contains(&fields.len()));
            fields.iter().for_each(|field| check_text(field, 2000));
        }
    }
    let Some(options) = block["accessory"]["options"].as_array() else { return };
    assert!((1..=5).contains(&options.len()));
    for option in options {
        check_text(&option["text"], 75);
        let value = option["value"].as_str().unwrap();
        assert!((1..=150).contains(&value.chars().count()), "{value}");
    }
}

fn check_actions(block: &Value) {
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

/// Plain text, in which nothing is parsed, or mrkdwn with our own words.
fn check_text(text: &Value, longest: usize) {
    let words = text["text"].as_str().unwrap();
    assert!((1..=longest).contains(&words.chars().count()), "{} bytes", words.len());
    match text["type"].as_str().unwrap() {
        "plain_text" => assert_eq!(text["emoji"], false, "other people's emoji are words"),
        "mrkdwn" => {
            assert_eq!(text["verbatim"], true, "Slack would turn @here into a ping");
            let tokens = tokens(words);
            assert!(tokens.iter().all(|token| is_ours(token)), "{words}");
        }
        other => panic!("text of kind {other}"),
    }
}

/// A block or a cell. Nothing in a text element is parsed; an empty one is refused.
pub(crate) fn check_rich_text(block: &Value) {
    let parts = block["elements"].as_array().unwrap();
    assert!(!parts.is_empty());
    for part in parts {
        let elements = part["elements"].as_array().unwrap();
        assert!(!elements.is_empty(), "{part}");
        match part["type"].as_str().unwrap() {
            "rich_text_list" => {
                assert!(part["indent"].as_u64().unwrap_or(0) <= 8, "{part}");
                for item in elements {
                    assert_eq!(item["type"], "rich_text_section");
                    let inside = item["elements"].as_array().unwrap();
                    assert!(!inside.is_empty(), "{part}");
                    inside.iter().for_each(check_element);
                }
            }
            "rich_text_section" | "rich_text_quote" => elements.iter().for_each(check_element),
            "rich_text_preformatted" => elements.iter().for_each(|element| {
                assert_eq!(element["type"], "text");
                check_element(element);
            }),
            other => panic!("a part of kind {other} has no check"),
        }
    }
}

fn check_element(element: &Value) {
    match element["type"].as_str().unwrap() {
        "text" => {
            let length = element["text"].as_str().unwrap().chars().count();
            assert!((1..=3000).contains(&length), "{length} characters");
        }
        "link" => {
            let url = element["url"].as_str().unwrap();
            assert!(url.starts_with("https://") && url.len() <= 3000, "{url}");
            assert!(!url.contains(char::is_whitespace), "{url}");
            let label = element["text"].as_str().map_or(1, |label| label.chars().count());
            assert!((1..=3000).contains(&label), "{label} characters");
        }
        "user" => assert_eq!(element["user_id"], "U1", "someone whom we don't name"),
        "channel" => assert_eq!(element["channel_id"], "C1", "a channel that we don't name"),
        "emoji" | "date" => {}
        other => panic!("an element of kind {other} has no check"),
    }
}

fn check_table(table: &Value) {
    let rows = table["rows"].as_array().unwrap();
    assert!((1..=100).contains(&rows.len()), "{} rows", rows.len());
    for row in rows {
        let cells = row.as_array().unwrap();
        assert!((1..=20).contains(&cells.len()), "{} cells", cells.len());
        for cell in cells {
            match cell["type"].as_str().unwrap() {
                "raw_text" => assert!(!cell["text"].as_str().unwrap().is_empty()),
                "rich_text" => check_rich_text(cell),
                other => panic!("a cell of kind {other}"),
            }
        }
    }
}

fn all_text(value: &Value) -> usize {
    if let Some(items) = value.as_array() {
        return items.iter().map(all_text).sum();
    }
    let Some(map) = value.as_object() else { return 0 };
    let own = map.get("text").and_then(Value::as_str).map_or(0, |text| text.chars().count());
    own + map.values().map(all_text).sum::<usize>()
}
