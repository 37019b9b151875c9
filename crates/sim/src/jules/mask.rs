//! `fields` masks: Google's partial responses (reference §1.5).
//!
//! The grammar: names joined by commas, `a/b` and `a(b,c)` for what is inside, `*` for everything.
//! A name that the type does not have is refused. What is named stays as it is; a message on the
//! way to what is named stays even when nothing of it is left, as it does in protocol buffers.

use super::reply::Refusal;
use super::schema::{Kind, Message};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Which fields to keep; no entries at all means everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mask(BTreeMap<String, Mask>);

impl Mask {
    /// Reads a mask and holds it against the type of the reply.
    pub(super) fn parse(text: &str, message: &Message) -> Result<Self, Refusal> {
        let mut rest = text;
        let mask = list(&mut rest)
            .filter(|_| rest.is_empty())
            .ok_or_else(|| Refusal::invalid("fields", format!("Invalid field selection {text}")))?;
        mask.check(message, "")?;
        Ok(mask)
    }

    fn check(&self, message: &Message, at: &str) -> Result<(), Refusal> {
        for (name, inner) in self.0.iter().filter(|(name, _)| *name != "*") {
            let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            let lost = || {
                let text = format!(
                    "Error expanding 'fields' parameter. Cannot find matching fields for path \
                     '{path}'."
                );
                Refusal::invalid(&path, text)
            };
            match message.field(name).ok_or_else(lost)?.1 {
                Kind::One(next) | Kind::Many(next) => inner.check(next, &path)?,
                Kind::Text | Kind::Bool | Kind::Int | Kind::Enum(..) if inner.0.is_empty() => {}
                Kind::Text | Kind::Bool | Kind::Int | Kind::Enum(..) => return Err(lost()),
            }
        }
        Ok(())
    }

    /// The mask, unless it names a field that is not known any more.
    pub(super) fn without(self, forgotten: &[String], names_it: bool) -> Result<Self, Refusal> {
        match self.path_to(forgotten) {
            None => Ok(self),
            Some(_) if !names_it => {
                Err(Refusal::invalid("", "Request contains an invalid argument."))
            }
            Some(path) => {
                let text = format!("Cannot find matching fields for path '{path}'.");
                Err(Refusal::invalid(&path, text))
            }
        }
    }

    fn path_to(&self, names: &[String]) -> Option<String> {
        self.0.iter().find_map(|(name, inner)| {
            if names.contains(name) {
                return Some(name.clone());
            }
            inner.path_to(names).map(|path| format!("{name}.{path}"))
        })
    }

    /// Keeps what the mask names.
    pub(super) fn apply(&self, value: Value) -> Value {
        if self.0.is_empty() {
            return value;
        }
        match value {
            Value::Object(map) => Value::Object(
                map.into_iter().filter_map(|(name, v)| self.keep(name, v)).collect::<Map<_, _>>(),
            ),
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.apply(item)).collect())
            }
            plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
        }
    }

    fn keep(&self, name: String, value: Value) -> Option<(String, Value)> {
        let inner = self.0.get(&name).or_else(|| self.0.get("*"))?;
        Some((name, inner.apply(value)))
    }

    fn merge(&mut self, name: &str, inner: Self) {
        match self.0.get_mut(name) {
            // Everything and a part of it is everything.
            Some(known) if known.0.is_empty() || inner.0.is_empty() => known.0.clear(),
            Some(known) => {
                for (name, deeper) in inner.0 {
                    known.merge(&name, deeper);
                }
            }
            None => {
                self.0.insert(name.to_owned(), inner);
            }
        }
    }
}

/// `item ("," item)*`, up to a closing parenthesis or the end.
fn list(rest: &mut &str) -> Option<Mask> {
    let mut mask = Mask::default();
    loop {
        let (name, inner) = item(rest)?;
        mask.merge(&super::schema::camel(&name), inner);
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None => return Some(mask),
        }
    }
}

/// `name`, `name/item` or `name(list)`.
fn item(rest: &mut &str) -> Option<(String, Mask)> {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '*'));
    let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
    if name.is_empty() {
        return None;
    }
    let name = name.to_owned();
    *rest = after;
    if let Some(after) = rest.strip_prefix('/') {
        *rest = after;
        let (inner_name, deeper) = item(rest)?;
        let mut inner = Mask::default();
        inner.merge(&super::schema::camel(&inner_name), deeper);
        return Some((name, inner));
    }
    if let Some(after) = rest.strip_prefix('(') {
        *rest = after;
        let inner = list(rest)?;
        *rest = rest.strip_prefix(')')?;
        return Some((name, inner));
    }
    Some((name, Mask::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jules::schema::SESSION;
    use proptest::prelude::*;
    use serde_json::json;

    fn session() -> Value {
        json!({
            "id": "1",
            "sourceContext": { "source": "s", "githubRepoContext": { "startingBranch": "b" } },
            "outputs": [{ "pullRequest": { "url": "u", "title": "t" } }, { "changeSet": {} }],
        })
    }

    /// A mask as text: some fields of a session, in any order, with what is inside some of them.
    fn masks() -> impl Strategy<Value = String> {
        let one = prop::sample::select(vec![
            "id",
            "title",
            "*",
            "sourceContext",
            "sourceContext/source",
            "sourceContext(source,github_repo_context/startingBranch)",
            "outputs(pullRequest(url,title),changeSet)",
            "outputs/pullRequest/url",
        ]);
        prop::collection::vec(one, 1..5).prop_map(|parts| parts.join(","))
    }

    proptest! {
        #[test]
        fn applying_twice_is_applying_once(text in masks()) {
            let mask = Mask::parse(&text, &SESSION).unwrap();
            let once = mask.apply(session());
            prop_assert_eq!(mask.apply(once.clone()), once);
        }

        #[test]
        fn the_order_of_the_names_does_not_matter(text in masks()) {
            let mut names: Vec<&str> = Vec::new();
            let mut depth = 0;
            let mut start = 0;
            for (at, c) in text.char_indices() {
                match c {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    ',' if depth == 0 => {
                        names.push(&text[start..at]);
                        start = at + 1;
                    }
                    _ => {}
                }
            }
            names.push(&text[start..]);
            names.reverse();
            let there = Mask::parse(&text, &SESSION).unwrap();
            prop_assert_eq!(there, Mask::parse(&names.join(","), &SESSION).unwrap());
        }

        #[test]
        fn no_text_breaks_the_parser(text in "[a-zA-Z_*/(), é]{0,40}") {
            let _ = Mask::parse(&text, &SESSION);
        }
    }
}
