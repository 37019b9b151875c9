//! From a table of TOML to rules, with what is wrong on the way.

use super::super::near::nearest;
use super::{Mistake, named};
use domain::ids::{ChannelId, TeamId};
use domain::policy::{
    Caps, Guests, KeyUse, Policy, RepoPattern, RepoRules, Repos, Rules, SharedChannels, WhoMay,
};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The keys of the part for a workspace: those of every place, and the last, which is its alone.
const KEYS_OF_WORKSPACE: &[&str] = &[
    "start",
    "approve",
    "steer",
    "bind",
    "manage",
    "guests",
    "shared",
    "apps",
    "keys",
    "dm",
    "context",
    "repos",
    "open_tasks",
    "tasks_a_day",
    "admins",
];

/// The keys of any part that says what holds in a place.
pub(super) const KEYS: &[&str] = match KEYS_OF_WORKSPACE.split_last() {
    Some((_, of_any_place)) => of_any_place,
    None => &[],
};

/// Those of the part for a repository.
const KEYS_OF_REPOSITORY: &[&str] = &["start", "approve", "steer"];

/// The parts of the file.
const PARTS: &[&str] = &["defaults", "workspace", "channel", "repository"];

type Value<'i> = Spanned<DeValue<'i>>;

/// A file that is being read.
pub(super) struct Reading<'t> {
    text: &'t str,
    mistakes: Vec<Mistake>,
}

impl<'t> Reading<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, mistakes: Vec::new() }
    }

    /// Notes a mistake.
    pub(super) fn wrong(&mut self, at: Option<Range<usize>>, what: impl Into<String>) {
        let before = at.and_then(|at| self.text.get(..at.start));
        let line = before.map(|before| before.matches('\n').count() + 1);
        self.mistakes.push(Mistake { line, what: what.into() });
    }

    /// What was read, unless anything is wrong.
    pub(super) fn result(mut self, policy: Policy) -> Result<Policy, Vec<Mistake>> {
        self.mistakes.sort_by_key(|mistake| mistake.line);
        self.mistakes.dedup();
        if self.mistakes.is_empty() { Ok(policy) } else { Err(self.mistakes) }
    }

    pub(super) fn policy(&mut self, file: &DeTable<'_>) -> Policy {
        let mut policy = Policy::default();
        for (part, value) in file {
            match &**part.get_ref() {
                "defaults" => policy.defaults = self.rules(value, KEYS),
                "workspace" => {
                    for (id, rules) in self.named_parts(value, "workspace") {
                        let rules = self.rules(rules, KEYS_OF_WORKSPACE);
                        match id_of(id.get_ref(), &['T', 'E']).and_then(|id| TeamId::parse(id).ok())
                        {
                            Some(id) => drop(policy.workspaces.insert(id, rules)),
                            None => self.wrong(
                                Some(id.span()),
                                format!("`{}` is not the id of a workspace, `T…`.", id.get_ref()),
                            ),
                        }
                    }
                }
                "channel" => {
                    for (id, rules) in self.named_parts(value, "channel") {
                        let rules = self.rules(rules, KEYS);
                        match id_of(id.get_ref(), &['C', 'G', 'D'])
                            .and_then(|id| ChannelId::parse(id).ok())
                        {
                            Some(id) => drop(policy.channels.insert(id, rules)),
                            None => self.wrong(
                                Some(id.span()),
                                format!(
                                    "`{}` is not the id of a channel, `C…`. Slack shows it at the end of \
                                     the channel's details.",
                                    id.get_ref()
                                ),
                            ),
                        }
                    }
                }
                "repository" => {
                    for (pattern, rules) in self.named_parts(value, "repository") {
                        let rules = self.rules(rules, KEYS_OF_REPOSITORY);
                        match RepoPattern::parse(pattern.get_ref()).filter(|one| !one.excludes()) {
                            Some(pattern) => policy.repositories.push(RepoRules {
                                pattern,
                                start: rules.start,
                                approve: rules.approve,
                                steer: rules.steer,
                            }),
                            None => self.wrong(
                                Some(pattern.span()),
                                format!(
                                    "`{}` is not a repository. For example: \"acme/payments*\".",
                                    pattern.get_ref()
                                ),
                            ),
                        }
                    }
                }
                other => {
                    let fix = unknown(other, PARTS);
                    self.wrong(Some(part.span()), format!("There is no part `{other}`.{fix}"));
                }
            }
        }
        policy
    }

    /// The parts below one, such as those of all channels.
    fn named_parts<'v, 'i>(
        &mut self,
        value: &'v Value<'i>,
        part: &str,
    ) -> Vec<(&'v Spanned<std::borrow::Cow<'i, str>>, &'v Value<'i>)> {
        match value.get_ref() {
            DeValue::Table(table) => table.iter().collect(),
            _ => {
                let what = format!("`{part}` names one, as in [{part}.…].");
                self.wrong(Some(value.span()), what);
                Vec::new()
            }
        }
    }

    fn rules(&mut self, value: &Value<'_>, keys: &[&str]) -> Rules {
        let mut rules = Rules::default();
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(Some(value.span()), "Rules are lines with a name, `=` and a value.");
            return rules;
        };
        for (key, value) in table {
            let name: &str = key.get_ref();
            if !keys.contains(&name) {
                let fix = match name {
                    "admins" => {
                        " It belongs to [workspace.T…]; for every workspace, set ADMINS.".to_owned()
                    }
                    name => unknown(name, keys),
                };
                self.wrong(Some(key.span()), format!("There is no `{name}` here.{fix}"));
                continue;
            }
            match name {
                "start" => rules.start = self.who(name, value),
                "approve" => rules.approve = self.who(name, value),
                "steer" => rules.steer = self.who(name, value),
                "bind" => rules.bind = self.who(name, value),
                "manage" => rules.manage = self.who(name, value),
                "guests" => rules.guests = self.one_of(name, value, GUESTS),
                "shared" => rules.shared = self.one_of(name, value, SHARED),
                "keys" => rules.keys = self.one_of(name, value, KEY_USES),
                "dm" => rules.dm = self.yes_or_no(name, value),
                "context" => rules.context = self.yes_or_no(name, value),
                "apps" => rules.apps = self.apps(value),
                "repos" => rules.repos = self.repos(value),
                "open_tasks" => rules.open_tasks = self.caps(name, value),
                "tasks_a_day" => rules.tasks_a_day = self.caps(name, value),
                _ => rules.admins = self.people(name, value),
            }
        }
        rules
    }

    fn who(&mut self, name: &str, value: &Value<'_>) -> Option<WhoMay> {
        let DeValue::String(word) = value.get_ref() else {
            return self.people(name, value).map(WhoMay::These);
        };
        let (takes_requester, takes_other) = match name {
            "approve" => (true, true),
            "steer" => (true, false),
            _ => (false, false),
        };
        match &**word {
            "everyone" => Some(WhoMay::Everyone),
            "admins" => Some(WhoMay::Admins),
            "requester" if takes_requester => Some(WhoMay::Requester),
            "other" if takes_other => Some(WhoMay::Other),
            _ => {
                let mut words = vec!["\"everyone\""];
                words.extend(takes_requester.then_some("\"requester\""));
                words.extend(takes_other.then_some("\"other\""));
                let what = format!(
                    "`{name}` is {}, \"admins\" or a list of ids: [\"U0123ABCD\", \"S0123GRP\"].",
                    words.join(", ")
                );
                self.wrong(Some(value.span()), what);
                None
            }
        }
    }

    fn people(&mut self, name: &str, value: &Value<'_>) -> Option<Vec<domain::policy::Named>> {
        let what =
            format!("`{name}` is a list of people and user groups: [\"U0123ABCD\", \"S0123GRP\"].");
        let ids = self.texts(value, &what)?;
        let mut people = Vec::new();
        for (id, at) in ids {
            match named(id) {
                Some(one) => people.push(one),
                None => self.wrong(
                    Some(at),
                    format!("`{id}` is not the id of a person, `U…`, or of a user group, `S…`."),
                ),
            }
        }
        Some(people)
    }

    fn apps(&mut self, value: &Value<'_>) -> Option<Vec<String>> {
        let ids = self.texts(value, "`apps` is a list of apps' or bots' ids: [\"A0123ABCD\"].")?;
        let mut apps = Vec::new();
        for (id, at) in ids {
            match id_of(id, &['A', 'B']) {
                Some(id) => apps.push(id.to_owned()),
                None => {
                    let what = format!("`{id}` is not the id of an app, `A…`, or of a bot, `B…`.");
                    self.wrong(Some(at), what);
                }
            }
        }
        Some(apps)
    }

    fn repos(&mut self, value: &Value<'_>) -> Option<Repos> {
        if matches!(value.get_ref(), DeValue::String(word) if &**word == "bound") {
            return Some(Repos::Bound);
        }
        let what = "`repos` is \"bound\" or a list: [\"acme/*\", \"!acme/secrets\"].";
        let mut patterns = Vec::new();
        for (text, at) in self.texts(value, what)? {
            match RepoPattern::parse(text) {
                Some(pattern) => patterns.push(pattern),
                None => {
                    let what = format!("`{text}` is not a repository. For example: \"acme/web\".");
                    self.wrong(Some(at), what);
                }
            }
        }
        Some(Repos::Matching(patterns))
    }

    fn caps(&mut self, name: &str, value: &Value<'_>) -> Option<Caps> {
        let what = format!("`{name}` is for example {{ person = 5, channel = 20 }}.");
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(Some(value.span()), what);
            return None;
        };
        let mut caps = Caps::default();
        for (key, value) in table {
            let number = match value.get_ref() {
                DeValue::Integer(number) => number.as_str().parse().ok(),
                _ => None,
            };
            match (&**key.get_ref(), number) {
                ("person", Some(number)) => caps.person = Some(number),
                ("channel", Some(number)) => caps.channel = Some(number),
                _ => self.wrong(Some(key.span()), what.clone()),
            }
        }
        Some(caps)
    }

    fn yes_or_no(&mut self, name: &str, value: &Value<'_>) -> Option<bool> {
        match value.get_ref() {
            DeValue::Boolean(yes) => Some(*yes),
            _ => {
                self.wrong(Some(value.span()), format!("`{name}` is true or false."));
                None
            }
        }
    }

    fn one_of<T: Copy>(&mut self, name: &str, value: &Value<'_>, words: &[(&str, T)]) -> Option<T> {
        let found = match value.get_ref() {
            DeValue::String(word) => words.iter().find(|(known, _)| known == word),
            _ => None,
        };
        if found.is_none() {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.wrong(Some(value.span()), format!("`{name}` is {}.", words.join(" or ")));
        }
        found.map(|(_, one)| *one)
    }

    /// The texts of a list, with their places.
    fn texts<'v>(
        &mut self,
        value: &'v Value<'_>,
        what: &str,
    ) -> Option<Vec<(&'v str, Range<usize>)>> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(Some(value.span()), what);
            return None;
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push((&**text, item.span())),
                _ => self.wrong(Some(item.span()), what),
            }
        }
        Some(texts)
    }
}

const GUESTS: &[(&str, Guests)] =
    &[("none", Guests::None), ("steer", Guests::Steer), ("start", Guests::Start)];
const SHARED: &[(&str, SharedChannels)] =
    &[("members", SharedChannels::Members), ("off", SharedChannels::Off)];
const KEY_USES: &[(&str, KeyUse)] =
    &[("own-first", KeyUse::OwnFirst), ("own-only", KeyUse::OwnOnly)];

/// An id of Slack's that begins with one of these letters.
fn id_of<'i>(id: &'i str, letters: &[char]) -> Option<&'i str> {
    let is_id = id.len() > 4 && id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    Some(id).filter(|id| is_id && id.starts_with(letters))
}

/// What to write in place of a name that there isn't.
fn unknown(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(near) => format!(" Did you mean `{near}`?"),
        None => format!(" There are {}.", known.join(", ")),
    }
}
