//! Text as Slack sends it → words as they were typed.

use domain::ids::{ChannelId, UserId};
use domain::words::{Mentioned, Words};

/// Undoes Slack's escapes, once (Slack: slash commands with `should_escape`, and the `text` of
/// messages).
///
/// | from Slack | becomes |
/// |---|---|
/// | `<@U1\|ann>`, `<@U1>` | `@ann`, `@someone` |
/// | `<#C1\|dev>`, `<#C1\|>` | `#dev`, `#channel` |
/// | `<https://x.test\|x.test>` | `x.test`: what was typed; Slack made the link |
/// | `<https://x.test\|docs>` | `https://x.test (docs)`: the address is what matters to Jules |
/// | `<mailto:a@b.c\|a@b.c>` | `a@b.c` |
/// | `<!here>`, `<!subteam^S1\|@team>`, `<!subteam^S1>` | `@here`, `@team`, `@group` |
/// | `<!date^1^{date}\|May 1>` | `May 1` |
/// | `&amp;` `&lt;` `&gt;` | `&` `<` `>`; so `&amp;lt;` is `&lt;` |
///
/// The first row holds for people and channels whose names the words are not told later. Anything else in
/// angle brackets stays as it is. Takes linear time.
#[must_use]
pub fn decode(text: &str) -> Words {
    let mut words = Words::default();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        words.push_text(&unescape(&rest[..open]));
        rest = &rest[open + 1..];
        // Within a token both brackets are escaped, so the next bracket ends it or it is none.
        let end = rest.find(['<', '>']).filter(|end| rest[*end..].starts_with('>'));
        match end.and_then(|end| Some((end, token(&rest[..end])?))) {
            Some((end, token)) => {
                match token {
                    Token::Text(text) => words.push_text(&unescape(&text)),
                    Token::Mention(mentioned, label) => words.push_mention(mentioned, label),
                }
                rest = &rest[end + 1..];
            }
            None => words.push_text("<"),
        }
    }
    words.push_text(&unescape(rest));
    words
}

/// What stands between `<` and `>`.
enum Token {
    Text(String),
    /// Someone or something that is named by its id, and what it's called if Slack says so.
    Mention(Mentioned, Option<String>),
}

/// Undoes the escapes of `&`, `<` and `>`, once.
#[must_use]
pub fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    // `&amp;` last, or `&amp;lt;` would be undone twice.
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// `None` when it is no token of Slack's.
fn token(inner: &str) -> Option<Token> {
    let (head, label) = match inner.split_once('|') {
        Some((head, label)) => (head, Some(label).filter(|label| !label.is_empty())),
        None => (inner, None),
    };
    if let Some(id) = head.strip_prefix('@') {
        let user = UserId::parse(id).ok().map(Mentioned::User);
        return Some(mention('@', "someone", user, label));
    }
    if let Some(id) = head.strip_prefix('#') {
        let channel = ChannelId::parse(id).ok().map(Mentioned::Channel);
        return Some(mention('#', "channel", channel, label));
    }
    if let Some(special) = head.strip_prefix('!') {
        return Some(Token::Text(special_word(special, label)));
    }
    link(head, label).map(Token::Text)
}

fn mention(mark: char, unnamed: &str, one: Option<Mentioned>, label: Option<&str>) -> Token {
    match one {
        Some(one) => Token::Mention(one, label.map(unescape)),
        None => Token::Text(marked(mark, label.unwrap_or(unnamed))),
    }
}

/// `name` with its mark, which some labels bring along (`<!subteam^S1|@team>`).
fn marked(mark: char, name: &str) -> String {
    format!("{mark}{}", name.strip_prefix(mark).unwrap_or(name))
}

fn special_word(special: &str, label: Option<&str>) -> String {
    match special.split_once('^') {
        Some(("subteam", _)) => marked('@', label.unwrap_or("group")),
        // `<!date^…|fallback>`, and what Slack may add one day.
        Some((kind, _)) => label.unwrap_or(kind).to_owned(),
        None => marked('@', special),
    }
}

fn link(url: &str, label: Option<&str>) -> Option<String> {
    let (scheme, after) = url.split_once(':')?;
    if scheme.is_empty()
        || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b))
    {
        return None;
    }
    let bare = after.strip_prefix("//").unwrap_or(after);
    let plain = if matches!(scheme, "mailto" | "tel") { bare } else { url };
    let typed = |label: &str| {
        [url, bare].iter().any(|same| label.trim_end_matches('/') == same.trim_end_matches('/'))
    };
    Some(match label {
        Some(label) if typed(label) => label.to_owned(),
        Some(label) => format!("{plain} ({label})"),
        None => plain.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::words::Names;

    #[test]
    fn what_slack_sends_becomes_what_was_typed() {
        for (sent, typed) in [
            ("fix the flaky test", "fix the flaky test"),
            ("ask <@U012ABCDEF|ann>", "ask @ann"),
            ("ask <@U012ABCDEF>", "ask @someone"),
            ("ask <@U012ABCDEF|>", "ask @someone"),
            ("in <#C123|dev> and <#C987|> and <#C5>", "in #dev and #channel and #channel"),
            ("see <https://x.test/a?b=1&amp;c=2>", "see https://x.test/a?b=1&c=2"),
            // Slack links every `word.tld`, and many file names look like one.
            ("rename <http://README.md|README.md>", "rename README.md"),
            ("repo=<https://github.com/a/b|github.com/a/b> go", "repo=github.com/a/b go"),
            ("repo=<https://github.com/a/b> go", "repo=https://github.com/a/b go"),
            ("<https://x.test/|https://x.test> is", "https://x.test is"),
            ("see <https://x.test|the docs>", "see https://x.test (the docs)"),
            ("see <https://x.test|>", "see https://x.test"),
            ("<mailto:a@b.test|a@b.test>", "a@b.test"),
            ("<mailto:a@b.test|Ann>", "a@b.test (Ann)"),
            ("<mailto:a@b.test>", "a@b.test"),
            ("<tel:+49123|+49 123>", "+49123 (+49 123)"),
            ("<!here> <!channel> <!everyone|everyone>", "@here @channel @everyone"),
            ("<!subteam^S1|@team> <!subteam^S1|team> <!subteam^S1>", "@team @team @group"),
            ("<!date^1392734382^{date}^https://x.test|Feb 18>", "Feb 18"),
            ("<!date^1392734382^{date}>", "date"),
            ("a &lt;b&gt; &amp; c", "a <b> & c"),
            ("&amp;lt; &amp;amp; &quot;", "&lt; &amp; &quot;"),
            ("`Vec&lt;&amp;str&gt;`", "`Vec<&str>`"),
            // Not a token: nothing is lost.
            ("a < b", "a < b"),
            ("<b>", "<b>"),
            ("<>", "<>"),
            ("<<@U1>>", "<@someone>"),
            ("<@U1", "<@U1"),
            ("<: x>", "<: x>"),
        ] {
            assert_eq!(decode(sent).spelled(&Names::new()), typed, "{sent:?}");
        }
    }

    #[test]
    fn names_stand_in_the_place_of_ids() {
        let text = "<@U1> <@U2|ann> <@W3> <#C1> <#C2|> <#C3|dev> <@U1> <!here> <https://x.test>";
        let user = |id| Mentioned::User(UserId::parse(id).unwrap());
        let channel = |id| Mentioned::Channel(ChannelId::parse(id).unwrap());
        let words = decode(text);
        let named = [user("U1"), user("W3"), channel("C1"), channel("C2")];
        assert_eq!(words.mentioned(), named.iter().collect::<Vec<_>>());
        let names = [(user("U1"), "ben".to_owned()), (channel("C2"), "ops".to_owned())].into();
        assert_eq!(
            words.spelled(&names),
            "@ben @ann @someone #channel #ops #dev @ben @here https://x.test"
        );
        assert!(decode("a < b <@> <@a/b> <@U1").mentioned().is_empty());
        let named = |text: &str| decode(text).name(&UserId::parse("U1").expect("an id"));
        assert!(
            named("<@U1|jules> fix it") && named("fix it <@U1>") && !named("<@U2|jules> fix it")
        );
    }

    fn length(text: &str) -> usize {
        decode(text).spelled(&Names::new()).len()
    }

    #[test]
    fn a_text_full_of_brackets_takes_linear_time() {
        assert_eq!(length(&"<".repeat(400_000)), 400_000);
        assert_eq!(length(&"<@".repeat(200_000)), 400_000);
    }
}
