//! Text that holds a key or a token, which must never be posted, stored or sent to Jules.
//!
//! People paste a key where they are asked for one, and a command is the nearest place. A key that
//! was in a message is no secret any more, so the only good answer is to make a new one.

use super::invisible::is_invisible;
use std::borrow::Cow;
use std::iter;

/// How GitHub's tokens begin.
pub const GITHUB_TOKENS: &[&str] = &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];

/// How other keys and tokens begin: Jules and Google, Slack, and the services people automate most.
const PREFIXES: &[&str] =
    &["AQ.", "AIza", "ya29.", "xapp-", "xoxe.", "glpat-", "npm_", "sk-", "sk_live_", "rk_live_"];

/// Slack's tokens are `xox`, one letter and a dash.
const SLACK: &str = "xox";

/// This much of a key follows its prefix at least: `sk-learn` is a library.
const SHORTEST: usize = 20;

/// The first line of a private key in PEM.
const PEM: &str = "PRIVATE KEY-----";

/// A value after a word such as `token=` counts as a key from this length on, even without a known
/// prefix.
const NAMED: usize = 16;

/// Whether `text` holds something shaped like a key or a token, at the start of any word.
#[must_use]
pub(crate) fn holds_credential(text: &str) -> bool {
    let text: Cow<'_, str> = if text.is_ascii() {
        text.into()
    } else {
        text.chars().filter(|c| !is_invisible(*c)).collect()
    };
    // Most texts have no word as long as a key, and are done with here.
    if longest_run(&text) < NAMED {
        return false;
    }
    text.contains(PEM) || words(&text).any(starts_like_a_key) || is_named_key(&text)
}

/// What stands where a key was.
pub const MASK: &str = "[key removed]";

/// The text without what is shaped like a key or a token.
#[must_use]
pub fn masked(text: &str) -> String {
    if !holds_credential(text) {
        return text.to_owned();
    }
    let (mut shown, mut in_a_key) = (String::new(), false);
    for line in text.split_inclusive('\n') {
        let plain: String = line.chars().filter(|c| !is_invisible(*c)).collect();
        let (begins, ends) = (plain.contains("-----BEGIN"), plain.contains("-----END"));
        if begins && !in_a_key {
            shown.push_str(MASK);
            shown.push('\n');
        }
        let hidden = in_a_key || begins;
        in_a_key = hidden && !ends;
        if !hidden {
            mask_words(line, &mut shown);
        }
    }
    // It gives away a key in a way that shows only in the whole.
    if holds_credential(&shown) { MASK.to_owned() } else { shown }
}

/// Adds the line, with a mask for each of its words that holds a key.
fn mask_words(line: &str, shown: &mut String) {
    for part in line.split_inclusive(char::is_whitespace) {
        let word = part.trim_end();
        if holds_credential(word) {
            shown.push_str(MASK);
            shown.push_str(&part[word.len()..]);
        } else {
            shown.push_str(part);
        }
    }
}

/// How many bytes without white space come together at most.
fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for byte in text.bytes() {
        run = if byte.is_ascii_whitespace() { 0 } else { run + 1 };
        longest = longest.max(run);
    }
    longest
}

/// The words of a text as far as keys go. The dot in `AQ.` and the dash elsewhere are part of the shape,
/// so words break only where neither a key nor its prefix continues.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
}

/// Whether a key begins with the word, or after a mark within it: `MY_AIza…`.
fn starts_like_a_key(word: &str) -> bool {
    let marks = word.match_indices(['-', '_', '.']).map(|(at, _)| at + 1);
    // No shorter rest is a key.
    let starts = iter::once(0).chain(marks).take_while(|at| word.len() - at > SHORTEST);
    starts.into_iter().any(|at| is_a_key(&word[at..]))
}

fn is_a_key(word: &str) -> bool {
    // Phones capitalise what a message begins with.
    let small: String;
    let word = if word.starts_with(['G', 'N', 'R', 'S', 'X', 'Y']) {
        small = word[..1].to_ascii_lowercase() + &word[1..];
        small.as_str()
    } else {
        word
    };
    let slack = word.strip_prefix(SLACK).and_then(|rest| {
        let kind = rest.chars().next().filter(char::is_ascii_alphabetic)?;
        rest[kind.len_utf8()..].strip_prefix('-')
    });
    let prefixes = PREFIXES.iter().chain(GITHUB_TOKENS);
    let rests = prefixes.filter_map(|prefix| word.strip_prefix(prefix));
    rests.chain(slack).any(|rest| {
        let of_a_key = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        rest.chars().take_while(of_a_key).take(SHORTEST).count() == SHORTEST
    })
}

/// Whether the whole text only names a key and gives it: `key 3f9c…`, `here is my token: …`.
fn is_named_key(text: &str) -> bool {
    const BEFORE: &[&str] = &[
        "add", "api", "export", "here", "here's", "heres", "is", "jules", "my", "new", "our",
        "please", "save", "set", "store", "the", "this", "update", "use",
    ];
    const BETWEEN: &[&str] = &["as", "is", "to"];
    const AFTER: &[&str] = &["please", "thanks", "now", "ok"];
    let separates = |c: char| c.is_whitespace() || matches!(c, '=' | ':' | '"' | '\'' | '`' | ',');
    let mut words = text.split(separates).filter(|word| !word.is_empty()).peekable();
    while words.next_if(|word| is_any(word, BEFORE)).is_some() {}
    let named = words.next().is_some_and(|word| {
        let name = word.to_ascii_lowercase().replace(['-', '_'], "");
        let names =
            ["key", "apikey", "julesapikey", "julestoken", "julesapitoken", "token", "secret"];
        names.contains(&name.as_str())
    });
    while words.next_if(|word| is_any(word, BETWEEN)).is_some() {}
    let is_value = |value: &str| {
        value.len() >= NAMED && value.is_ascii() && value.contains(|c: char| c.is_ascii_digit())
    };
    named && words.next().is_some_and(is_value) && words.all(|word| is_any(word, AFTER))
}

fn is_any(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty characters, the fewest that make a key.
    const BODY: &str = "a1B2c3D4e5F6g7H8i9_-";

    #[test]
    fn keys_and_tokens_of_every_kind_wherever_they_stand() {
        for prefix in [
            "AQ.",
            "AIza",
            "xoxb-",
            "xoxp-",
            "xoxe-",
            "xoxe.xoxp-",
            "Xoxb-",
            "Sk-",
            "MY_AIza",
            "key.AQ.",
            "my-sk-",
            "xapp-",
            "ghp_",
            "github_pat_",
            "sk-",
        ] {
            for (before, after) in [
                ("", ""),
                ("key ", ""),
                ("key=", ""),
                ("set key ", " please"),
                ("fix the build ", ""),
                ("use `", "` to log in"),
                ("title=\"", "\" go"),
                ("-- ", ""),
                ("(", ")"),
                ("https://x.test/?token=", "&y=1"),
                ("a\nb ", "\nc"),
            ] {
                let text = format!("{before}{prefix}{BODY}{after}");
                assert!(holds_credential(&text), "{text}");
            }
        }
        let line = "MIIEpAIBAAKCAQEA";
        assert!(holds_credential(&format!("-----BEGIN RSA PRIVATE KEY-----\n{line}")));
        assert!(holds_credential("key 3f9c0d1e2b4a59687f"));
        assert!(holds_credential("set my api_key = 3f9c0d1e2b4a59687f"));
        assert!(holds_credential("here is my token: 3f9c0d1e2b4a59687f, thanks"));
        assert!(holds_credential("the new key is 3f9c0d1e2b4a59687f"));
    }

    #[test]
    fn words_that_only_begin_like_a_key() {
        for text in [
            "",
            "sk-learn is outdated",
            "upgrade sk-learn to 1.5",
            "xoxb- is the prefix of a bot token",
            "redact xoxb-… in logs",
            "ghp_ tokens are rejected",
            "rename AIza",
            "key rotation",
            "token refresh fails after an hour",
            "set key bindings for vim",
            "task-a1B2c3D4e5F6g7H8i9_-x",
            "the key is internationalization2 of the strings",
            "aq.weighted_average_price_of_all_items is slow",
            "secret internationalization",
        ] {
            assert!(!holds_credential(text), "{text}");
        }
    }

    #[test]
    fn what_is_masked_holds_no_key_and_keeps_the_rest() {
        let key = format!("AIza{BODY}");
        assert_eq!(
            masked(&format!("log in with {key} and\nretry")),
            "log in with [key removed] and\nretry"
        );
        assert_eq!(masked("here is my token: 3f9c0d1e2b4a59687f"), MASK);
        let pem = "before\n-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\nafter";
        assert_eq!(masked(pem), "before\n[key removed]\nafter");
        let unended = "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA";
        assert_eq!(masked(unended), "[key removed]\n");
        assert_eq!(masked(&format!("AI\u{200b}{}", &key[2..])), MASK);
        assert_eq!(masked("nothing here"), "nothing here");
    }

    #[test]
    fn one_character_less_is_no_key() {
        assert!(!holds_credential(&format!("sk-{}", &BODY[1..])));
    }
}
