//! What becomes of each piece of Markdown.

use super::markdown;
use std::time::{Duration, Instant};

fn reads(table: &[(&str, &str)]) {
    for (text, sent) in table {
        assert_eq!(markdown(text).as_str(), *sent, "{text:?}");
    }
}

#[test]
fn paragraphs_headings_and_rules() {
    reads(&[
        ("", ""),
        ("one\n\ntwo", "one\n\ntwo"),
        ("one\ntwo  \nthree\\\nfour", "one\ntwo\nthree\nfour"),
        ("# Plan\nFirst", "*Plan*\n\nFirst"),
        ("### The **whole** `plan`", "*The whole `plan`*"),
        ("Title\n=====\ntext\n\n---\nmore", "*Title*\n\ntext\n\n———\n\nmore"),
    ]);
}

#[test]
fn styles() {
    reads(&[
        ("**b** __b__ *i* _i_ ~~s~~", "*b* *b* _i_ _i_ ~s~"),
        ("***both*** and **b _bi_ b**", "_*both*_ and *b _bi_ b*"),
        ("**a **b** c**", "*a b c*"),
        ("un*frigging*believable", "un\u{200b}_frigging_\u{200b}believable"),
        ("**one\ntwo**", "*one*\n*two*"),
        ("**a**_b_ *c***d**", "*a*\u{200b}_b_ _c_\u{200b}*d*"),
        ("***b** c*", "_*b* c_"),
        ("use `Vec<u8>` and `` a`b ``", "use `Vec&lt;u8&gt;` and `aˋb`"),
        ("**`x`**", "*`x`*"),
    ]);
}

#[test]
fn marks_that_mean_nothing_open_nothing() {
    reads(&[
        ("snake_case and 2 * 3", "snake_case and 2 * 3"),
        ("\\*not bold\\* but **bold**", "∗not bold∗ but *bold*"),
        ("a lone ` tick and *star", "a lone ˋ tick and ∗star"),
        ("\\~home\\~ \\_x\\_", "∼home∼ ˍxˍ"),
    ]);
}

#[test]
fn lists() {
    reads(&[
        ("- a\n- b\n\ntext", "• a\n• b\n\ntext"),
        ("Steps:\n* a\n  * b\n    * c\n* d", "Steps:\n\n• a\n    ◦ b\n        • c\n• d"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("1. a\n\n   more of a\n\n2. b", "1. a\n    more of a\n2. b"),
        ("- [ ] todo\n- [x] done\n1. [x] x", "☐ todo\n☑ done\n\n1. ☑ x"),
        ("- a\n  b\n-\n- c", "• a\n    b\n•\n• c"),
        ("- a\n  ```\n  code\n  ```\n- b", "• a\n```\ncode\n```\n• b"),
        ("- ```\n  code\n  ```", "•\n```\ncode\n```"),
        ("99999999999. a", "99999999999. a"),
    ]);
}

#[test]
fn code_blocks() {
    reads(&[
        ("```rust\nlet a = &b;\n\n  c\n```\nend", "```\nlet a = &amp;b;\n\n  c\n```\n\nend"),
        ("    indented\n    code", "```\nindented\ncode\n```"),
        ("````\n```\ninner\n```\n````", "```\nˋˋˋ\ninner\nˋˋˋ\n```"),
        ("```\nnever closed", "```\nnever closed\n```"),
        ("```\n<!channel> *b*\n```", "```\n&lt;!channel&gt; *b*\n```"),
        ("a\n```\n```\nb", "a\n\nb"),
    ]);
}

#[test]
fn quotes() {
    reads(&[
        ("> a\n> b\n\nc", "> a\n> b\n\nc"),
        ("> a\n>\n> b", "> a\n>\n> b"),
        ("> > a\n\nb", "> a\n\nb"),
        ("> - a\n> - b", "> • a\n> • b"),
        ("> ```\n> code\n> ```", "```\ncode\n```"),
        ("\\> not a quote", "› not a quote"),
        ("a\n\\>>> b > c", "a\n› b &gt; c"),
    ]);
}

#[test]
fn links_lead_where_they_say() {
    reads(&[
        ("[PR 3](https://x.test/a?b=1&c=2)", "<https://x.test/a?b=1&amp;c=2|PR 3>"),
        ("[**PR** `3`](https://x.test/)", "<https://x.test/|PR 3>"),
        ("<https://x.test/a>", "<https://x.test/a|https://x.test/a>"),
        ("see https://x.test/a_b_, ok", "see <https://x.test/a_b_>, ok"),
        ("(https://x.test/a(b))", "(<https://x.test/a(b)>)"),
        ("![shot](https://x.test/a.png)", "<https://x.test/a.png|shot>"),
        ("![](https://x.test/a.png)", "<https://x.test/a.png>"),
        ("[![CI](https://ci.test/b.svg)](https://ci.test/)", "<https://ci.test/|CI>"),
        ("[d][1]\n\n[1]: https://x.test/ \"t\"", "<https://x.test/|d>"),
        ("[a.test](https://b```.test/)", "<https://b%60%60%60.test/|a.test> (bˋˋˋ.test)"),
        ("[x](https://x.test/?a=`b) `c`", "<https://x.test/?a=%60b|x> `c`"),
        // What is no `https` address is text.
        ("[x](http://x.test/)", "x (http://x.test/)"),
        ("[x](javascript:alert)", "x (javascript:alert)"),
        ("[App](src/App.js)", "App (src/App.js)"),
        ("[src/a](src/a) [e]()", "src/a e"),
        ("<a@b.test> http://x.test", "a@b.test http://x.test"),
        ("[x](https://good.test@evil.test/)", "x (https://good.test@evil.test/)"),
        // A label that names another place.
        (
            "[https://good.test](https://evil.test/)",
            "<https://evil.test/|https://good.test> (evil.test)",
        ),
        (
            "[good.test/login](https://evil.test/)",
            "<https://evil.test/|good.test/login> (evil.test)",
        ),
        ("[x.test/a](https://x.test/b)", "<https://x.test/b|x.test/a>"),
        ("[README.md](https://github.com/a)", "<https://github.com/a|README.md> (github.com)"),
    ]);
}

#[test]
fn nobody_is_pinged_and_html_is_shown() {
    reads(&[
        ("<!channel> <@U1|ann> <#C1>", "&lt;!channel&gt; &lt;@U1|ann&gt; &lt;#C1&gt;"),
        ("@here, @channel", "@\u{2060}here, @\u{2060}channel"),
        ("&lt;!here&gt; &#60;!here>", "&lt;!here&gt; &lt;!here&gt;"),
        ("<https://evil.test|https://good.test>", "https://evil.test|https://good.test"),
        ("[<!channel>](https://x.test/)", "<https://x.test/|&lt;!channel&gt;>"),
        ("a <b>c</b>", "a &lt;b&gt;c&lt;/b&gt;"),
        (
            "<details>\n<b>x</b>\n</details>\n\ny",
            "&lt;details&gt;\n&lt;b&gt;x&lt;/b&gt;\n&lt;/details&gt;\n\ny",
        ),
        ("a\u{202e}b\u{0}c\r\nd", "abc\nd"),
    ]);
}

#[test]
fn tables_are_lines() {
    reads(&[(
        "| File | **What** |\n|---|--:|\n| a.rs | `x` |\n| | y |\n\nend",
        "*File* | *What*\na.rs | `x`\n | y\n\nend",
    )]);
}

#[test]
fn odd_and_huge_texts_cost_little() {
    let deep = 50_000;
    for text in [
        ">".repeat(deep),
        "> ".repeat(deep) + "a",
        "- ".repeat(deep) + "a",
        "1. ".repeat(deep),
        "[".repeat(deep),
        "![a](".repeat(deep / 4),
        "![".repeat(deep / 2) + &"](x)".repeat(deep / 4),
        "*a ".repeat(deep),
        "*a _b ~~c ".repeat(deep / 5),
        "a**b".repeat(deep / 2),
        "`".repeat(deep),
        "` `` ".repeat(deep / 4),
        "<".repeat(deep),
        "<!--".repeat(deep / 4),
        "&".repeat(deep),
        "|".repeat(deep) + "\n" + &"|-".repeat(deep / 2),
        "| a ".repeat(200) + "\n" + &"|-".repeat(200) + "\n" + &"| b\n".repeat(deep / 4),
        "https://".repeat(deep / 8),
        "https://x.test/".to_owned() + &"a".repeat(deep),
        (0..400).map(|n| "> ".repeat(n) + "a\n").collect(),
        (0..400).map(|n| "  ".repeat(n) + "- a\n").collect(),
        "word ".repeat(deep * 3),
        // Few letters that stand for many.
        format!("[a]: https://x.test/{}\n\n", "a".repeat(1900)) + &"[a]".repeat(deep / 2),
        format!("[a]: https://x.test/?{}\n\n", "&".repeat(380)) + &"[a]".repeat(deep / 2),
        format!("[a]: x \"{}\"\n\n", "<".repeat(1900)) + &"![a]".repeat(deep / 2),
        "[x.y](https://z.w)".repeat(deep / 10),
        "> - ".repeat(300) + "a\n" + &"b\n".repeat(deep / 2),
        "@here ".repeat(deep / 4),
    ] {
        let begun = Instant::now();
        let sent = markdown(&text);
        let name: String = text.chars().take(12).collect();
        assert!(sent.as_str().len() < 2_000_000, "{name} became {}", sent.as_str().len());
        assert!(begun.elapsed() < Duration::from_secs(5), "{name} took {:?}", begun.elapsed());
    }
}
