//! What becomes of each piece of Markdown.

use super::{Line, Rich, cut, link, markdown, plain_blocks, say};
use domain::ids::UserId;
use serde_json::Value;
use std::time::{Duration, Instant};

/// Blocks in a short form: `P` a section, `Q` a quote, `C` code, `T` a table, `•` and numbers points,
/// `b(…)`, `i(…)`, `s(…)`, `c(…)` styles, `[label](address)` links.
fn short(rich: &Rich) -> String {
    let blocks = serde_json::to_value(rich.blocks()).unwrap();
    let blocks = blocks.as_array().unwrap().iter().map(|block| match block["type"].as_str() {
        Some("rich_text") => parts(block),
        Some("table") => {
            let cell = |cell: &Value| match cell["type"].as_str() {
                Some("raw_text") => cell["text"].as_str().unwrap().to_owned(),
                _ => parts(cell),
            };
            let row = |row: &Value| {
                row.as_array().unwrap().iter().map(cell).collect::<Vec<_>>().join(" | ")
            };
            let rows: Vec<String> = block["rows"].as_array().unwrap().iter().map(row).collect();
            format!("T {}", rows.join(" / "))
        }
        other => panic!("a block of kind {other:?}"),
    });
    blocks.collect::<Vec<_>>().join("\n")
}

fn parts(block: &Value) -> String {
    let parts = block["elements"].as_array().unwrap().iter().map(|part| {
        let bar = if part["border"] == 1 { "|" } else { "" };
        match part["type"].as_str().unwrap() {
            "rich_text_section" => format!("P {}", inline(part)),
            "rich_text_quote" => format!("Q {}", inline(part)),
            "rich_text_preformatted" => format!("{bar}C {}", inline(part)),
            "rich_text_list" => {
                let first = part["offset"].as_u64().unwrap_or(0) + 1;
                let indent = " ".repeat(part["indent"].as_u64().unwrap() as usize);
                let items = (first..).zip(part["elements"].as_array().unwrap());
                let items = items.map(|(number, item)| {
                    let mark = if part["style"] == "ordered" {
                        format!("{number}.")
                    } else {
                        "•".to_owned()
                    };
                    format!("{bar}{indent}{mark} {}", inline(item))
                });
                items.collect::<Vec<_>>().join("\n")
            }
            other => panic!("a part of kind {other}"),
        }
    });
    parts.collect::<Vec<_>>().join("\n")
}

fn inline(part: &Value) -> String {
    let one = |one: &Value| {
        let text = one["text"].as_str().unwrap_or_default();
        let mut out = match one["type"].as_str().unwrap() {
            "text" => text.to_owned(),
            "link" if text.is_empty() => format!("<{}>", one["url"].as_str().unwrap()),
            "link" => format!("[{text}]({})", one["url"].as_str().unwrap()),
            "user" => format!("@{}", one["user_id"].as_str().unwrap()),
            "emoji" => format!(":{}:", one["name"].as_str().unwrap()),
            other => other.to_owned(),
        };
        for (name, mark) in [("code", 'c'), ("strike", 's'), ("italic", 'i'), ("bold", 'b')] {
            if one["style"][name] == true {
                out = format!("{mark}({out})");
            }
        }
        out
    };
    part["elements"].as_array().unwrap().iter().map(one).collect()
}

fn reads(table: &[(&str, &str)]) {
    for (text, sent) in table {
        assert_eq!(short(&markdown(text)), *sent, "{text:?}");
    }
}

#[test]
fn paragraphs_headings_and_rules() {
    reads(&[
        ("", ""),
        ("one\n\ntwo", "P one\n\ntwo"),
        ("one\ntwo  \nthree\\\nfour", "P one\ntwo\nthree\nfour"),
        ("# Plan\nFirst", "P b(Plan)\n\nFirst"),
        ("### The **whole** `plan`", "P b(The whole )b(c(plan))"),
        ("Title\n=====\ntext\n\n---\nmore", "P b(Title)\n\ntext\n\n———\n\nmore"),
    ]);
}

#[test]
fn styles() {
    reads(&[
        ("**b** __b__ *i* _i_ ~~s~~", "P b(b) b(b) i(i) i(i) s(s)"),
        ("***both*** and **b _bi_ b**", "P b(i(both)) and b(b )b(i(bi))b( b)"),
        ("un*frigging*believable", "P uni(frigging)believable"),
        ("use `Vec<u8>` and `` a`b ``", "P use c(Vec<u8>) and c(a`b)"),
        ("**`x`**", "P b(c(x))"),
        ("snake_case and 2 * 3", "P snake_case and 2 * 3"),
        ("\\*not bold\\* but **bold**", "P *not bold* but b(bold)"),
        ("a lone ` tick and *star", "P a lone ` tick and *star"),
        (":100: main.rs:100:5 <!channel> @here", "P :100: main.rs:100:5 <!channel> @here"),
    ]);
}

#[test]
fn emphasis_in_east_asian_text_is_as_people_write_it() {
    reads(&[
        ("**標題：**正文", "P b(標題：)正文"),
        ("正文**「標題」**正文", "P 正文b(「標題」)正文"),
        ("これは**重要。**次の文", "P これはb(重要。)次の文"),
        ("**스크립트(script)**라고", "P b(스크립트(script))라고"),
        ("**重要**、*次*。", "P b(重要)、i(次)。"),
        ("旧~~削除。~~新", "P 旧s(削除。)新"),
        ("**“标题”**正文", "P b(“标题”)正文"),
        ("`**標題：**正文`", "P c(**標題：**正文)"),
        ("正\\**「題」*", "P 正*i(「題」)"),
        ("2 ** 3 と 4 ** 5", "P 2 ** 3 と 4 ** 5"),
    ]);
}

#[test]
fn lists() {
    reads(&[
        ("- a\n- b\n\ntext", "• a\n• b\nP \ntext"),
        ("Steps:\n* a\n  * b\n    * c\n* d", "P Steps:\n• a\n • b\n  • c\n• d"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("1. a\n\n   more of a\n\n2. b", "1. a\nmore of a\n2. b"),
        ("1. a\n   - x\n2. b", "1. a\n • x\n2. b"),
        ("- [ ] todo\n- [x] done", "• ☐ todo\n• ☑ done"),
        ("- a\n  b\n-\n- c", "• a\nb\n•  \n• c"),
        ("1. a\n   ```\n   code\n   ```\n2. b", "1. a\nC code\n2. b"),
        ("- ```\n  code\n  ```", "•  \nC code"),
        ("1999. a year", "P 1999. a year"),
    ]);
}

#[test]
fn code_and_quotes() {
    reads(&[
        ("```rust\nlet a = &b;\n\n  c\n```\nend", "C let a = &b;\n\n  c\nP end"),
        ("    indented\n    code", "C indented\ncode"),
        ("````\n```\ninner\n```\n````", "C ```\ninner\n```"),
        ("```\nnever closed", "C never closed"),
        ("```\n<!channel> *b*\n```", "C <!channel> *b*"),
        ("a\n```\n```\nb", "P a\n\nb"),
        ("> a\n> b\n\nc", "Q a\nb\nP c"),
        ("> a\n>\n> b", "Q a\n\nb"),
        ("> > a\n\nb", "Q a\nP b"),
        ("> - a\n> - b", "|• a\n|• b"),
        ("> ```\n> code\n> ```", "|C code"),
        ("\\> not a quote", "P > not a quote"),
    ]);
}

#[test]
fn links_lead_where_they_say() {
    reads(&[
        ("[PR 3](https://x.test/a?b=1&c=2)", "P [PR 3](https://x.test/a?b=1&c=2)"),
        (
            "[**PR** `3`](https://x.test/)",
            "P b([PR](https://x.test/))[ ](https://x.test/)c([3](https://x.test/))",
        ),
        ("<https://x.test/a>", "P <https://x.test/a>"),
        ("see https://x.test/a_b_, ok", "P see <https://x.test/a_b_>, ok"),
        (
            "https://x/__init__.py and https://x/~a~/",
            "P <https://x/__init__.py> and <https://x/~a~/>",
        ),
        ("**https://x.test/a_b**", "P b(<https://x.test/a_b>)"),
        ("詳細は https://x.test/a。次", "P 詳細は <https://x.test/a>。次"),
        ("![shot](https://x.test/a.png)", "P [shot](https://x.test/a.png)"),
        ("![](https://x.test/a.png)", "P <https://x.test/a.png>"),
        ("[![CI](https://ci.test/b.svg)](https://ci.test/)", "P [CI](https://ci.test/)"),
        ("[d][1]\n\n[1]: https://x.test/ \"t\"", "P [d](https://x.test/)"),
        // What is no `https` address is text.
        ("[x](http://x.test/)", "P x (http://x.test/)"),
        ("[x](javascript:alert)", "P x (javascript:alert)"),
        ("[App](src/App.js)", "P App (src/App.js)"),
        ("[src/a](src/a) [e]()", "P src/a e"),
        ("<a@b.test> http://x.test", "P a@b.test http://x.test"),
        ("[x](https://good.test@evil.test/)", "P x (https://good.test@evil.test/)"),
    ]);
    // A label that looks like another address.
    for label in [
        "https://good.test",
        "good.test/login",
        "good。test",
        "good．test",
        "good｡test",
        "good․test",
        "see good.test:443",
        "README.md",
    ] {
        let sent = short(&markdown(&format!("[{label}](https://evil.test/)")));
        assert_eq!(sent, format!("P [{label}](https://evil.test/) (evil.test)"));
    }
    reads(&[
        ("[x.test/a](https://x.test/b)", "P [x.test/a](https://x.test/b)"),
        ("[x。test](https://x.test/b)", "P [x。test](https://x.test/b)"),
    ]);
}

#[test]
fn html_for_layout_is_understood_or_left_out() {
    reads(&[
        ("a <b>c</b><br>d <i>e</i> <code>f</code>", "P a b(c)\nd i(e) c(f)"),
        (
            "<details>\n<summary>Log</summary>\n\n**one**\n\n</details>\n\ny",
            "P b(Log)\n\nb(one)\n\ny",
        ),
        ("a <!-- hidden --> b", "P a  b"),
        ("<!-- hidden -->\n\nb", "P b"),
        (
            "<div align=\"center\">\n  <p>one &amp; two</p>\n  <p>three</p>\n</div>",
            "P one & two\n\nthree",
        ),
        ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>", "• one\n• two"),
        ("<pre>\n  a\n    b\n</pre>", "C   a\n    b"),
        ("<img src=\"https://x.test/a.png\" alt=\"shot\">", "P [shot](https://x.test/a.png)"),
        ("<a href=\"https://x.test/\">docs</a> more", "P [docs](https://x.test/) more"),
        ("a Vec<String> and <T> and <path>", "P a Vec<String> and <T> and <path>"),
        ("Map<K, V> x < y > z", "P Map<K, V> x < y > z"),
        (
            "<b>never closed\n\nnext",
            "P <b>never closed\n\nnext".replace("<b>never closed", "b(never closed)").leak(),
        ),
        ("| a |\n|---|\n| x<br>y |", "T a / x\ny"),
    ]);
}

#[test]
fn nothing_vanishes() {
    reads(&[
        ("[ERROR]: failed", "P [ERROR]: failed"),
        ("> [warn]: deprecated", "Q [warn]: deprecated"),
        ("[unused]: https://x.test/", "P [unused]: <https://x.test/>"),
        ("a\u{202e}b\u{0}c\r\nd", "P abc\nd"),
        ("&lt;!here&gt; &#60;!here> &copy;", "P <!here> <!here> ©"),
    ]);
}

#[test]
fn one_table_is_slacks_and_others_are_text() {
    let table = "| File | **What** |\n|---|--:|\n| a.rs | `x` |\n| | y |\n";
    reads(&[(&format!("{table}\nend"), "T File | P b(What) / a.rs | P c(x) /   | y\nP end")]);
    let two = short(&markdown(&format!("{table}\n{table}")));
    assert!(two.contains("\nC File | What\n-----+-----\na.rs |    x\n"), "{two}");
    // A bar within code makes a cell too many, which Markdown would leave out.
    reads(&[(
        "| a | b |\n|---|---|\n| `x || y` | z |",
        "C | a | b |\n|---|---|\n| `x || y` | z |",
    )]);
    let wide = format!("{}\n{}\n", "| a ".repeat(21), "|-".repeat(21));
    assert!(short(&markdown(&wide)).starts_with("C a | a"), "{wide}");
    let long = format!("| a |\n|-|\n{}", "| b |\n".repeat(100));
    assert!(short(&markdown(&long)).starts_with("C a\n-\nb"), "101 rows");
    assert!(short(&markdown("- x\n\n  | a |\n  |---|\n  | b |")).contains("C a\n-\nb"));
    let aligned = markdown(&format!("{table}\n| 名前 | x |\n|---|---|\n| ab | y |"));
    assert!(short(&aligned).contains("C 名前 | x\n-----+--\nab   | y"), "{}", short(&aligned));
}

#[test]
fn what_is_too_long_is_cut_between_its_parts() {
    let say_how_much = |missing: usize| Line::from(format!("… {missing} more"));
    let text =
        "First paragraph, which is short.\n\n- one point of it\n- another point\n\n```\ncode\n```";
    let whole = markdown(&text.repeat(8));
    assert_eq!(whole.clone().cut(10_000, say_how_much), whole);
    let short_one = whole.cut(400, say_how_much);
    let sent = short(&short_one);
    assert!(sent.contains("… ") && sent.ends_with(" more"), "{sent}");
    assert!(short_one.words().chars().count() <= 400, "{sent}");
    // In one long word, too.
    let word = Rich::from("x".repeat(9000).as_str()).cut(1000, say_how_much);
    assert!(word.words().chars().count() <= 1000);
    assert!(word.words().ends_with("… 8162 more"), "{}", &word.words()[800..]);
}

#[test]
fn parts_make_a_whole() {
    let text = "# Head\n\nSome **bold words** and a [link](https://x.test/).\n\n1. one\n   - deep\n2. two\n\n\
                | a | b |\n|---|---|\n| c | d |\n\n```\nlong code\n  indented\n```\n> quoted words here\n";
    let whole = markdown(&text.repeat(6));
    let letters =
        |words: String| -> String { words.chars().filter(|c| c.is_alphanumeric()).collect() };
    for max in [200, 350, 1000, 100_000] {
        let parts = whole.clone().parts(max);
        let together: String = parts.iter().map(|part| letters(part.words())).collect();
        assert_eq!(together, letters(whole.words()), "at most {max}");
        for part in &parts {
            assert!(part.words().chars().count() <= max, "at most {max}: {}", part.words());
        }
    }
}

#[test]
fn our_own_sentences_have_elements() {
    let ann = UserId::parse("U1").unwrap();
    let line = say!(
        ":x: {} says *no* to `/jules {}`: {} at 12:31",
        &ann,
        "*x* `y` :eyes: {}",
        link("https://x.test/", "*docs*")
    );
    assert_eq!(
        short(&line.clone().into()),
        "P :x: @U1 says b(no) to c(/jules *x* `y` :eyes: {}): [*docs*](https://x.test/) at 12:31"
    );
    assert_eq!(
        Rich::from(line).notification(),
        "<@U1> says no to /jules *x* `y` :eyes: {}: *docs* at 12:31"
    );
}

#[test]
fn notifications_ping_nobody_and_are_short() {
    let rich = markdown("<!channel> & @here\n\n\\> [x](https://x.test/)");
    assert_eq!(rich.notification(), "&lt;!channel&gt; &amp; @\u{2060}here\n\u{2060}&gt; x");
    // However a `>` comes to stand in front.
    for front in ["> x", " > x", "\u{a0}> x", "<b></b> > x", "\n > x"] {
        assert_eq!(
            Rich::from(front.replace("<b></b>", "").as_str()).notification(),
            "\u{2060}&gt; x",
            "{front:?}"
        );
    }
    let eyes = say!(":eyes:{}", " > x");
    assert_eq!(Rich::from(eyes).notification(), "\u{2060}&gt; x");
    let long = Rich::from("&".repeat(9000).as_str()).notification();
    assert!(long.chars().count() <= 3501 && long.ends_with("&amp;…"), "{}", long.len());
}

#[test]
fn people_who_refuse_our_blocks_get_the_same_words_in_plain_sections() {
    let ann = UserId::parse("U1").unwrap();
    let rich = Rich::from(say!("{} *wrote* <!here>:", &ann)).and(markdown(
        "1. `a`\n   - b\n\n> c\n\n| d | e |\n|---|---|\n| f | g |\n\n[h](https://x.test/)",
    ));
    let blocks = serde_json::to_value(plain_blocks(&rich.blocks())).unwrap();
    let texts: Vec<_> = blocks
        .as_array()
        .unwrap()
        .iter()
        .map(|block| {
            (block["text"]["type"].as_str().unwrap(), block["text"]["text"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        texts,
        [
            ("mrkdwn", "<@U1> wrote &lt;!here&gt;:"),
            ("plain_text", "1. a\n    • b\n| c\nd | e\nf | g\nh (https://x.test/)"),
        ]
    );
}

#[test]
fn typed_words_are_no_markup_but_code_is() {
    for (typed, shown) in [
        ("", ""),
        (" \n\u{200b}", ""),
        ("*bold* <!here> & `x`", "P *bold* <!here> & c(x)"),
        ("a\n```rust\n  if x {\n\ty\n  }\n```\nb", "P a\nC   if x {\n\ty\n  }\nP b"),
        ("```a b\n  c``` d", "C a b\n  c\nP d"),
        ("```\n    x\n", "C     x"),
        ("``````", ""),
    ] {
        assert_eq!(short(&Rich::typed(typed)), shown, "{typed:?}");
    }
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
        "漢**「b」**".repeat(deep / 8),
        "`".repeat(deep),
        "` `` ".repeat(deep / 4),
        "<".repeat(deep),
        "<a ".repeat(deep / 4) + ">",
        "<a \"".repeat(deep / 4) + ">",
        "<!--".repeat(deep / 4) + ">",
        "<b>".repeat(deep / 4),
        "<ul><li>".repeat(deep / 8),
        "&".repeat(deep),
        "|".repeat(deep) + "\n" + &"|-".repeat(deep / 2),
        "| a ".repeat(200) + "\n" + &"|-".repeat(200) + "\n" + &"| b\n".repeat(deep / 4),
        "https://".repeat(deep / 8),
        "https://x.test/".to_owned() + &"a_".repeat(deep / 2),
        (0..400).map(|n| "> ".repeat(n) + "a\n").collect(),
        (0..400).map(|n| "  ".repeat(n) + "- a\n").collect(),
        "word ".repeat(deep * 3),
        // Few letters that stand for many.
        format!("[a]: https://x.test/{}\n\n", "a".repeat(1900)) + &"[a]".repeat(deep / 2),
        format!("[a]: x \"{}\"\n\n", "<".repeat(1900)) + &"![a]".repeat(deep / 2),
        "[x.y](https://z.w)".repeat(deep / 10),
        "> - ".repeat(300) + "a\n" + &"b\n".repeat(deep / 2),
        "@here ".repeat(deep / 4),
    ] {
        let begun = Instant::now();
        let rich = markdown(&text).cut(11_000, Line::from);
        let sent = serde_json::to_string(&rich.blocks()).unwrap();
        let name: String = text.chars().take(12).collect();
        assert!(sent.len() < 2_000_000, "{name} became {}", sent.len());
        assert!(begun.elapsed() < Duration::from_secs(5), "{name} took {:?}", begun.elapsed());
        assert!(cut(&rich.words(), 13_000).len() <= rich.words().len());
    }
}

#[test]
fn code_that_people_type_is_code_and_nothing_else_is() {
    assert_eq!(short(&Rich::typed("run `npm test` *now*")), "P run c(npm test) *now*");
    assert_eq!(
        short(&Rich::from(Line::one("Read `src/x.ts` and `y`"))),
        "P Read c(src/x.ts) and c(y)"
    );
    for plain in ["a ` alone", "``twice``", "` `"] {
        assert_eq!(short(&Rich::from(Line::one(plain))), format!("P {plain}"));
    }
}
