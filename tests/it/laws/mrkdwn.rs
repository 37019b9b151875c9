//! Slack's text format: what is escaped, decoded, cut and made from Markdown.

use super::fuzz::{is_closed, is_safe, pings};
use jules_slack::domain::words::Names;
use jules_slack::slack::mrkdwn::{Escaped, code, cut, decode, escape, harmless, link, markdown};
use proptest::prelude::*;

/// Text with more markup, entities and odd characters than people type.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "<",
            ">",
            "&",
            "&amp;",
            "&lt;",
            "<!channel>",
            "<@U1|ann>",
            "<https://x.test|y z>",
            "|",
            "`",
            "```",
            "*",
            "\n",
            "\n\n",
            ". ",
            " ",
            "é\u{301}",
            "👩\u{200d}💻",
            "🇩🇪",
            "\u{202e}",
            "https://x.test/",
            "a word",
            "@here",
            "[a](https://x.test)",
            "](",
            "![",
            "> ",
            "- ",
            "1. ",
            "\n    ",
            "# ",
            "**",
            "_",
            "~~",
            "|\n|-|\n|",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// No bracket that is not part of one of `links` whole tokens, no ampersand that is no entity.
fn well_formed(text: &Escaped, links: usize) -> bool {
    let text = text.as_str();
    let opens = text.matches('<').count();
    let entities = ["&amp;", "&lt;", "&gt;"];
    opens == text.matches('>').count()
        && opens <= links
        && text.match_indices('&').all(|(at, _)| entities.iter().any(|e| text[at..].starts_with(e)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_escaped_is_decoded_as_it_was(text in prop_oneof![hostile(), any::<String>()]) {
        prop_assert_eq!(decode(escape(&text).as_str()).spelled(&Names::new()), text);
    }

    #[test]
    fn no_markup_of_others_is_left(text in hostile()) {
        prop_assert!(well_formed(&escape(&text), 0));
        let title = harmless(&text);
        prop_assert!(well_formed(&title, 0));
        prop_assert!(!title.as_str().contains(['`', '\n']) && !title.as_str().starts_with("&gt;"));
        let span = code(&text);
        prop_assert!(well_formed(&span, 0));
        prop_assert!(matches!(span.as_str().matches('`').count(), 0 | 2));
    }

    #[test]
    fn a_link_is_one_token_or_none(path in hostile(), label in hostile()) {
        let sent = link(&format!("https://x.test/{path}"), &label);
        prop_assert!(well_formed(&sent, 1), "{sent}");
        let (url, _) = sent.as_str().split_once('|').unwrap_or((sent.as_str(), ""));
        prop_assert!(!url.contains(char::is_whitespace), "{url}");
        prop_assert!(sent.as_str().starts_with("<https://x.test/"), "{sent}");
        prop_assert!(well_formed(&link(&path, &label), 1));
    }

    #[test]
    fn what_is_cut_fits_and_is_a_beginning(text in hostile(), max in 0_usize..80) {
        let short = cut(&text, max);
        prop_assert!(short.chars().count() <= max);
        match short.strip_suffix('…').filter(|_| short != text) {
            Some(begin) => prop_assert!(text.starts_with(begin.trim_end()), "{short}"),
            None => prop_assert!(short == text || max == 0),
        }
    }

    #[test]
    fn what_is_cut_stays_well_formed(text in hostile(), label in hostile(), max in 0_usize..120) {
        let parts = [escape(&text), link("https://x.test/a?b&c", &label), escape(&text)];
        let short = parts.into_iter().collect::<Escaped>().cut(max);
        prop_assert!(well_formed(&short, 1), "{short}");
        prop_assert!(short.as_str().chars().count() <= max);
    }

    #[test]
    fn markdown_is_safe_and_closed(text in prop_oneof![hostile(), any::<String>()]) {
        let sent = markdown(&text).into_string();
        prop_assert!(is_safe(&sent), "{sent:?}");
        prop_assert!(is_closed(&sent), "{sent:?}");
        prop_assert!(!pings(&sent), "{sent:?}");
    }

    #[test]
    fn markdown_that_is_cut_is_safe_and_closed_still(text in hostile(), max in 0_usize..200) {
        let short = markdown(&text).cut(max).into_string();
        prop_assert!(short.chars().count() <= max, "{short:?}");
        prop_assert!(is_safe(&short) && is_closed(&short), "{short:?}");
    }

    #[test]
    fn parts_of_markdown_are_safe_closed_and_whole(text in hostile(), max in 400_usize..800) {
        // Long, but each link shorter than a part.
        let sent = markdown(&format!("{text}\n").repeat(8));
        let parts = sent.parts(max);
        for part in &parts {
            let part = part.as_str();
            prop_assert!(part.chars().count() <= max, "{part:?}");
            prop_assert!(is_safe(part) && is_closed(part), "{part:?}");
        }
        let accepted_messages = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let together: String = parts.iter().map(|part| accepted_messages(part.as_str())).collect();
        prop_assert_eq!(together, accepted_messages(sent.as_str()));
    }

    #[test]
    fn no_text_panics(text in any::<String>(), max in any::<usize>()) {
        let _ = (decode(&text), cut(&text, max), link(&text, &text));
    }
}
