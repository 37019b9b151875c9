//! What a person wrote: text, and the people and channels it names by their ids.
//!
//! Slack names people by ids that mean nothing to Jules, so they stand apart until someone has asked
//! Slack what they are called, unless Slack said so with the id.

use super::ids::{ChannelId, UserId};
use std::collections::HashMap;

/// Someone or something that a text names by its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mentioned {
    /// A person.
    User(UserId),
    /// A channel.
    Channel(ChannelId),
}

/// What people and channels are called.
pub type Names = HashMap<Mentioned, String>;

/// What a person wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// And what Slack says it's called, if it does.
    Mention(Mentioned, Option<String>),
}

/// What the bot is called in a sentence about it.
const OURSELVES: &str = "@jules";

impl Part {
    /// Whether it only calls the bot, or is the space around such a call.
    fn calls(&self, bot: &UserId) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Mention(..) => self.names(bot),
        }
    }

    fn names(&self, user: &UserId) -> bool {
        matches!(self, Self::Mention(Mentioned::User(id), _) if id == user)
    }
}

impl Words {
    /// Words that name nobody by an id.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let mut words = Self::default();
        words.push_text(text);
        words
    }

    /// Adds text at the end.
    pub fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            Some(Part::Mention(..)) | None => self.0.push(Part::Text(text.to_owned())),
        }
    }

    /// Adds a mention at the end, with what Slack says it's called.
    pub fn push_mention(&mut self, mentioned: Mentioned, label: Option<String>) {
        self.0.push(Part::Mention(mentioned, label));
    }

    /// Whom and what they name by an id alone, each once, in their order.
    #[must_use]
    pub fn mentioned(&self) -> Vec<&Mentioned> {
        let mut found = Vec::new();
        for part in &self.0 {
            if let Part::Mention(one, None) = part
                && !found.contains(&one)
            {
                found.push(one);
            }
        }
        found
    }

    /// Whether they name this person.
    #[must_use]
    pub fn name(&self, user: &UserId) -> bool {
        self.0.iter().any(|part| part.names(user))
    }

    /// What they say to the bot: without the mentions of it that they begin or end with. One in the middle is
    /// part of the sentence.
    #[must_use]
    pub(crate) fn said_to(mut self, bot: &UserId) -> Self {
        while self.0.first().is_some_and(|part| part.calls(bot)) {
            self.0.remove(0);
        }
        if let Some(Part::Text(first)) = self.0.first_mut() {
            // "@jules, fix it" and "@jules: fix it"
            let rest = first.trim_start().trim_start_matches([',', ':']);
            *first = rest.trim_start().to_owned();
        }
        while self.0.last().is_some_and(|part| part.calls(bot)) {
            self.0.pop();
        }
        for part in &mut self.0 {
            if part.names(bot) {
                *part = Part::Text(OURSELVES.to_owned());
            }
        }
        self
    }

    /// As text: with names where they are known, never with an id.
    #[must_use]
    pub fn spelled(&self, names: &Names) -> String {
        if let [Part::Text(text)] = self.0.as_slice() {
            return text.clone();
        }
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Mention(one, label) => {
                    let (mark, unnamed) = match one {
                        Mentioned::User(_) => ('@', "someone"),
                        Mentioned::Channel(_) => ('#', "channel"),
                    };
                    let name = label.as_ref().or_else(|| names.get(one));
                    let name = name.map_or(unnamed, String::as_str);
                    text.push(mark);
                    text.push_str(name.strip_prefix(mark).unwrap_or(name));
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    #[test]
    fn a_mention_is_a_name_or_nobody_in_particular() {
        let mut words = Words::plain("ask ");
        let channel = Mentioned::Channel(ChannelId::parse("C1").unwrap());
        for one in [Mentioned::User(user("U1")), Mentioned::User(user("U2")), channel] {
            words.push_mention(one, None);
            words.push_text(" ");
        }
        let names = Names::from([(Mentioned::User(user("U2")), "@ben".to_owned())]);
        assert_eq!(words.spelled(&names), "ask @someone @ben #channel ");
        assert!(words.name(&user("U1")));
        let left = words.said_to(&user("U1"));
        assert!(!left.name(&user("U1")));
        assert_eq!(left.spelled(&names), "ask @jules @ben #channel");
        assert_eq!(left.mentioned().len(), 2);
    }

    #[test]
    fn only_a_call_at_the_beginning_or_the_end_is_left_out() {
        let bot = user("U1");
        for (text, said) in [
            ("<bot> fix it", "fix it"),
            ("  <bot>   fix it", "fix it"),
            ("<bot>: fix it", "fix it"),
            ("<bot>, fix it", "fix it"),
            ("fix it <bot>", "fix it "),
            ("fix it <bot> \n", "fix it "),
            ("<bot> <bot> ask <bot> to do it <bot>", "ask @jules to do it "),
            ("<bot>", ""),
            (" <bot> <bot> ", ""),
        ] {
            for is_labelled in [false, true] {
                let mut words = Words::default();
                for (at, part) in text.split("<bot>").enumerate() {
                    if at > 0 {
                        let label = is_labelled.then(|| "jules".to_owned());
                        words.push_mention(Mentioned::User(bot.clone()), label);
                    }
                    words.push_text(part);
                }
                assert!(words.name(&bot));
                assert_eq!(words.said_to(&bot).spelled(&Names::new()), said, "{text:?}");
            }
        }
    }

    #[test]
    fn plain_words_are_what_they_were() {
        for text in ["", "fix it", "<@U1>"] {
            let words = Words::plain(text);
            assert_eq!(words.spelled(&Names::new()), text);
            assert!(words.mentioned().is_empty());
        }
    }
}
