//! Text on its way to Slack: what went in comes out, nobody is pinged, no link is forged, and it fits.

use super::fuzz::{check_rich_text, is_safe};
use domain::words::Names;
use proptest::prelude::*;
use serde_json::Value;
use slack::mrkdwn::{decode, escape};
use slack::rich_text::{Line, Rich, cut, markdown};

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
            "https://x.test/a_b_",
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
            "<b>",
            "</b>",
            "<br>",
            "<ul><li>",
            "</ul>",
            "<pre>",
            "</pre>",
            "<!--",
            "-->",
            "<a href=\"https://x.test\">",
            "</a>",
            "標題：",
            "「あ」",
            "。",
            "[x]: y",
            "[x]: https://x.test",
            "\\",
            "\u{2e18}",
            "\u{f0001}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// A word without a meaning in Markdown.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{2,7}",
        prop::sample::select(vec!["標題", "あい", "한국", "مرحبا", "שלום"]).prop_map(str::to_owned)
    ]
}

/// Markdown, and the words that someone has to see of it, in order.
#[derive(Debug, Clone)]
struct Written {
    text: String,
    words: Vec<String>,
}

/// Words in a row, with styles, code and links.
fn inline() -> impl Strategy<Value = Written> {
    let piece = (word(), 0_u8..8).prop_map(|(word, kind)| {
        let text = match kind {
            0 => format!("**{word}**"),
            1 => format!("*{word}*"),
            2 => format!("`{word}`"),
            3 => format!("~~{word}~~"),
            4 => format!("[{word}](https://x.test/)"),
            5 => format!("![{word}](https://x.test/)"),
            6 => format!("<b>{word}</b>"),
            _ => word.clone(),
        };
        Written { text, words: vec![word] }
    });
    prop::collection::vec(piece, 1..5).prop_map(|pieces| joined(pieces, " "))
}

fn joined(parts: Vec<Written>, between: &str) -> Written {
    let text = parts.iter().map(|part| part.text.clone()).collect::<Vec<_>>().join(between);
    Written { text, words: parts.into_iter().flat_map(|part| part.words).collect() }
}

/// A paragraph, a list, a quote, code, a table or HTML.
fn block() -> impl Strategy<Value = Written> {
    (prop::collection::vec(inline(), 1..5), 0_u8..9).prop_map(|(lines, kind)| {
        let plain = lines.iter().flat_map(|line| line.words.clone()).collect::<Vec<_>>();
        let with = |mark: fn(usize) -> String| {
            let lines = lines.iter().enumerate().map(|(nth, line)| Written {
                text: format!("{}{}", mark(nth), line.text),
                words: line.words.clone(),
            });
            joined(lines.collect(), "\n")
        };
        match kind {
            0 => with(|nth| format!("{}- ", "  ".repeat(nth))),
            1 => with(|nth| format!("{}. ", nth + 1)),
            2 => with(|_| "> ".to_owned()),
            3 => with(|_| "> - ".to_owned()),
            4 => with(|_| "## ".to_owned()),
            5 => Written { text: format!("```\n{}\n```", plain.join("\n  ")), words: plain },
            6 => Written {
                text: format!("| {} |\n{}\n", plain.join(" | "), "|-".repeat(plain.len())),
                words: plain,
            },
            7 => Written {
                text: format!("<details>\n<summary>{}</summary>\n</details>", plain.join("<br>")),
                words: plain,
            },
            _ => joined(lines, "\n"),
        }
    })
}

/// All text of the blocks, as someone reads it.
fn shown(rich: &Rich) -> String {
    fn read(value: &Value, out: &mut String) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| read(item, out)),
            Value::Object(map) => {
                if let Some(text) = map.get("text").and_then(Value::as_str) {
                    out.push_str(text);
                    out.push(' ');
                }
                map.values().filter(|value| !value.is_string()).for_each(|value| read(value, out));
            }
            _ => {}
        }
    }
    let mut out = String::new();
    read(&serde_json::to_value(rich.blocks()).unwrap(), &mut out);
    out
}

/// That the words stand in the text in this order.
fn has_in_order(text: &str, words: &[String]) -> Result<(), String> {
    let mut rest = text;
    for word in words {
        let at = rest.find(word.as_str()).ok_or_else(|| format!("{word:?} is not in {rest:?}"))?;
        rest = &rest[at + word.len()..];
    }
    Ok(())
}

fn check(rich: &Rich) {
    for block in serde_json::to_value(rich.blocks()).unwrap().as_array().unwrap() {
        match block["type"].as_str() {
            Some("rich_text") => check_rich_text(block),
            Some("table") => {}
            other => panic!("a block of kind {other:?}"),
        }
    }
    assert!(is_safe(&rich.notification()), "{}", rich.notification());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_escaped_is_decoded_as_it_was(text in prop_oneof![hostile(), any::<String>()]) {
        prop_assert_eq!(decode(&escape(&text)).spelled(&Names::new()), text);
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
    fn what_went_in_comes_out(blocks in prop::collection::vec(block(), 1..6)) {
        let written = joined(blocks, "\n\n");
        let rich = markdown(&written.text);
        let found = has_in_order(&shown(&rich), &written.words);
        prop_assert!(found.is_ok(), "{:?} of\n{}", found, written.text);
        // In several messages, too.
        let parts: String = rich.parts(300).iter().map(shown).collect();
        let found = has_in_order(&parts.replace(' ', ""), &written.words);
        prop_assert!(found.is_ok(), "{:?} of\n{}", found, written.text);
    }

    #[test]
    fn markdown_is_safe_whatever_is_in_it(text in prop_oneof![hostile(), any::<String>()]) {
        check(&markdown(&text));
    }

    #[test]
    fn no_letter_of_hostile_text_gets_lost(mut text in hostile()) {
        // Tags, addresses, entities, definitions and the names of languages are no words.
        for mark in ["&", "<", "https", "```", "~~~", "]:", "]("] {
            while text.contains(mark) {
                text = text.replace(mark, " ");
            }
        }
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        prop_assert_eq!(letters(&shown(&markdown(&text))), letters(&text));
    }

    #[test]
    fn what_is_cut_as_a_tree_fits_and_says_so(text in hostile(), max in 200_usize..600) {
        let whole = markdown(&format!("{text}\n\n").repeat(8));
        let short = whole.clone().cut(max, |missing| Line::from(format!("… {missing} more")));
        check(&short);
        if short != whole {
            prop_assert!(short.words().ends_with(" more"), "{}", short.words());
            prop_assert!(short.words().chars().count() <= max, "{}", short.words());
        }
    }

    #[test]
    fn parts_are_whole_and_fit(text in hostile(), max in 400_usize..800) {
        let whole = markdown(&format!("{text}\n").repeat(8));
        let parts = whole.clone().parts(max);
        parts.iter().for_each(check);
        let letters = |text: String| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let together: String = parts.iter().map(|part| letters(part.words())).collect();
        prop_assert_eq!(together, letters(whole.words()));
    }

    #[test]
    fn no_text_panics(text in any::<String>(), max in any::<usize>()) {
        let _ = (decode(&text), cut(&text, max), markdown(&text).parts(1 + max % 500));
    }
}

/// Awkward texts, and the words that someone has to see of each, in order.
const CORPUS: &[(&str, &[&str])] = &[
    // Japanese, Chinese, Korean.
    (
        "## 概要\n\n**目的：**ログイン画面の修正。詳細は`src/login.rs`を参照。\n\n1. **調査**（1日）\n2. 修正\n   - 画面A\n   - 画面B",
        &[
            "概要",
            "目的：",
            "ログイン画面の修正。",
            "src/login.rs",
            "を参照",
            "調査",
            "（1日）",
            "修正",
            "画面A",
            "画面B",
        ],
    ),
    (
        "请先阅读[《部署指南》](https://x.test/部署)，然后运行`make`。\n\n> **注意！**不要在生产环境运行。",
        &["请先阅读", "《部署指南》", "，然后运行", "make", "。", "注意！", "不要在生产环境运行。"],
    ),
    (
        "**테스트(unit)**를 추가했습니다.\n\n| 파일 | 상태 |\n|:--|:-:|\n| `앱.kt` | ✅ 완료 |",
        &["테스트(unit)", "를 추가했습니다.", "파일", "상태", "앱.kt", "✅ 완료"],
    ),
    ("全角＊記号＊と~~取り消し。~~です", &["全角＊記号＊と", "取り消し。", "です"]),
    ("・箇条書き\n・二つ目", &["・箇条書き", "・二つ目"]),
    // Right to left, and both at once.
    (
        "# ملخص\n\nتم إصلاح الخطأ في `main.rs`.\n\n- **أولاً**: راجع `x < y`\n- ثانياً",
        &["ملخص", "تم إصلاح الخطأ في", "main.rs", "أولاً", "راجع", "x < y", "ثانياً"],
    ),
    (
        "הקובץ `app.py` עודכן (ראו https://x.test/pr/1).",
        &["הקובץ", "app.py", "עודכן", "https://x.test/pr/1"],
    ),
    ("این یک نیم\u{200c}فاصله است", &["نیم\u{200c}فاصله"]),
    // Diffs, logs, traces.
    (
        "```diff\n--- a/x.rs\n+++ b/x.rs\n@@ -1,2 +1,2 @@\n-let a = 1;\n+let a = \"<b>\";\n```",
        &["--- a/x.rs", "+++ b/x.rs", "@@ -1,2 +1,2 @@", "-let a = 1;", "+let a = \"<b>\";"],
    ),
    (
        "The build fails:\n\n    error[E0425]: cannot find value `x`\n      --> src/main.rs:100:5\n\n[ERROR]: exit 1",
        &[
            "The build fails:",
            "error[E0425]: cannot find value `x`",
            "--> src/main.rs:100:5",
            "[ERROR]: exit 1",
        ],
    ),
    (
        "thread 'main' panicked at src/lib.rs:3:5:\nindex out of bounds: the len is 0 but the index is *x*",
        &["thread 'main' panicked at src/lib.rs:3:5:", "index out of bounds", "x"],
    ),
    (
        "~~~text\n| not | a table |\n<!-- not a comment -->\n~~~",
        &["| not | a table |", "<!-- not a comment -->"],
    ),
    // HTML.
    (
        "<details>\n<summary>Full <b>log</b></summary>\n\n```\nline 1\n```\n\n</details>\n\nDone.<br/>Really.",
        &["Full", "log", "line 1", "Done.", "Really."],
    ),
    (
        "<p align=\"center\">\n  <img src=\"https://x.test/logo.png\" alt=\"Logo\">\n</p>\n<h1>Title</h1>\n<p>Text with <a href=\"https://x.test/docs\">docs</a> &amp; more</p>",
        &["Logo", "Title", "Text with", "docs", "& more"],
    ),
    (
        "<table>\n<tr><th>Name</th><th>Age</th></tr>\n<tr><td>Ann</td><td>42</td></tr>\n</table>",
        &["Name", "Age", "Ann", "42"],
    ),
    (
        "Press <kbd>Ctrl</kbd>+<kbd>C</kbd>. H<sub>2</sub>O",
        &["Press", "Ctrl", "+", "C", "H", "2", "O"],
    ),
    (
        "Use `Vec<T>` or Vec<T>, not <MyComponent prop={1} />",
        &["Vec<T>", "Vec<T>", "<MyComponent prop={1} />"],
    ),
    ("if a < b && c > d then <stop>", &["if a < b && c > d then <stop>"]),
    ("<script>alert(1)</script>", &["<script>alert(1)</script>"]),
    // Tables.
    (
        "| Key | Value |\n|-----|-------|\n| `a\\|b` | **x** |\n| [l](https://x.test) | |\n| only |\n",
        &["Key", "Value", "a|b", "x", "l", "only"],
    ),
    ("| `a || b` | or |\n|---|---|\n| `c || d` | or |", &["a || b", "or", "c || d", "or"]),
    ("a | b\n--|--\nc | d", &["a", "b", "c", "d"]),
    // In the spirit of CommonMark's examples, section by section.
    ("\tfoo\tbaz\t\tbim", &["foo\tbaz\t\tbim"]),
    ("- `one\n- two`", &["one", "two"]),
    ("\\!\\\"\\#\\$\\*\\_\\`\\[\\<", &["!\"#$*_`[<"]),
    ("&nbsp;&amp;&copy;&AElig;&#35;&#1234;&#X22;", &["&©Æ#Ӓ\""]),
    ("&MadeUpEntity; &#87654321;", &["&MadeUpEntity;"]),
    ("***\n---\n___\nend", &["end"]),
    ("+++\n+++", &["+++", "+++"]),
    (
        "# foo #\n## bar ##    \n### baz \\###\n#hashtag #5 bolt",
        &["foo", "bar", "baz ###", "#hashtag #5 bolt"],
    ),
    ("Foo *bar\nbaz*\n====", &["Foo", "bar", "baz"]),
    ("```\naaa\n~~~\n```\nafter", &["aaa", "~~~", "after"]),
    ("``` startline=3 $%@#$\ndef foo(x)\n  return 3\n```", &["def foo(x)", "return 3"]),
    ("`````\n\n```\naaa", &["```", "aaa"]),
    ("> # Foo\n> bar\nbaz", &["Foo", "bar", "baz"]),
    (">>> deep\n>> less\n> one", &["deep", "less", "one"]),
    ("- foo\n\n  bar\n\n      code\n\n  > quote\n- end", &["foo", "bar", "code", "quote", "end"]),
    ("10) ten\n11) eleven", &["ten", "eleven"]),
    ("- a\n - b\n  - c\n   - d\n    - e", &["a", "b", "c", "d", "e"]),
    ("- [ ] open\n- [x] done\n- [link](https://x.test)", &["☐ open", "☑ done", "link"]),
    (
        "1. one\n\n   ```sh\n   cargo test\n   ```\n\n   still one\n2. two",
        &["one", "cargo test", "still one", "two"],
    ),
    ("*foo**bar**baz* and **foo*bar*baz**", &["foo", "bar", "baz", "and", "foo", "bar", "baz"]),
    ("foo_bar_baz __init__ *a * b* 5*6*78", &["foo_bar_baz", "init", "a * b", "5", "6", "78"]),
    ("**not closed and *neither this", &["**not closed and *neither this"]),
    ("`` foo ` bar `` and ` `` `", &["foo ` bar", "and", "``"]),
    ("[link [nested] text](https://x.test \"title\")", &["link [nested] text"]),
    ("[not a link] and [neither](not closed", &["[not a link] and [neither](not closed"]),
    ("[foo]: https://x.test/foo \"t\"\n\n[foo] and [Foo][]", &["foo", "and", "Foo"]),
    ("![a *b* c](https://x.test/i.png \"t\")", &["a", "b", "c"]),
    (
        "<https://x.test/?q=a&b> <me@x.test> <made-up:scheme>",
        &["https://x.test/?q=a&b", "me@x.test", "made-up:scheme"],
    ),
    ("hard  \nbreak\\\nand soft\nbreak", &["hard", "break", "and soft", "break"]),
    (
        "https://x.test/a_(b)_c, www.x.test and x.test/__init__.py",
        &["https://x.test/a_(b)_c", "www.x.test", "x.test"],
    ),
    ("A :100: B :tada: <!here> <@U1> @channel *x", &["A :100: B :tada: <!here> <@U1> @channel *x"]),
    (
        "\u{feff}BOM, nul\u{0}, bell\u{7}, zero\u{200b}width, \u{202e}override",
        &["BOM, nul, bell, zerowidth, override"],
    ),
];

#[test]
fn awkward_texts_come_out_whole() {
    for (text, words) in CORPUS {
        let rich = markdown(text);
        check(&rich);
        let mut text_of = String::new();
        for block in serde_json::to_value(rich.blocks()).unwrap().as_array().unwrap() {
            text_of.push_str(&read_all(block));
            text_of.push('\n');
        }
        let mut rest = text_of.as_str();
        for word in *words {
            let Some(at) = rest.find(word) else {
                panic!("{word:?} is not in {rest:?}, of\n{text}\nwhich is {text_of:?}")
            };
            rest = &rest[at + word.len()..];
        }
    }
}

/// The words of a block in order, and the address of each link that has none.
fn read_all(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(read_all).collect(),
        Value::Object(map) => {
            let text = map.get("text").or(map.get("url")).and_then(Value::as_str);
            let own = text.unwrap_or_default().to_owned();
            let inner = ["elements", "rows"].iter().filter_map(|name| map.get(*name));
            own + &inner.map(read_all).collect::<String>()
        }
        _ => String::new(),
    }
}
