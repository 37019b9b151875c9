//! `fields` masks: which parts of a reply are asked for (reference §1.5), and what is asked for instead
//! when Jules no longer knows one of the names. The API is an alpha, and a name it does not know is
//! refused with the whole request.

use platform::lock::lock;
use std::collections::HashMap;
use std::sync::Mutex;

/// The mask of one kind of read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mask {
    /// All that is read.
    pub(super) full: &'static str,
    /// Shorter masks to fall back to, longest first. The last has only what nothing works without.
    pub(super) short: &'static [&'static str],
}

/// What a read that was let in had asked for: its mask, or everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked(Option<String>);

impl Asked {
    /// Without a mask.
    pub(super) const EVERYTHING: Self = Self(None);

    /// With this mask, or without one.
    pub(super) fn of(fields: Option<String>) -> Self {
        Self(fields)
    }

    /// Whether a field of this name was among it. What was not asked for is not told, which says nothing.
    pub(super) fn has(&self, name: &str) -> bool {
        let names = |fields: &String| fields.split([',', '(', ')']).any(|part| part == name);
        self.0.as_ref().is_none_or(names)
    }
}

/// So many reads go by with less than the full mask before that is tried again.
const REMEMBERED_FOR: u32 = 500;

/// What to ask for in place of the masks that were refused.
#[derive(Debug, Default)]
pub(super) struct Masks(Mutex<HashMap<&'static str, Accepted>>);

#[derive(Debug)]
struct Accepted {
    fields: Option<String>,
    reads_left: u32,
}

impl Masks {
    /// What to ask for first; `None` is everything.
    pub(super) fn first(&self, mask: &Mask) -> Option<String> {
        match lock(&self.0).get_mut(mask.full) {
            Some(accepted) if accepted.reads_left > 0 => {
                accepted.reads_left -= 1;
                accepted.fields.clone()
            }
            Some(_) | None => Some(mask.full.to_owned()),
        }
    }

    /// Jules accepted this, after it `refused` more just now, or not. Whether that is news, for
    /// the operator: another mask than before.
    pub(super) fn remember(&self, mask: &Mask, fields: Option<&str>, refused: bool) -> bool {
        let mut accepted = lock(&self.0);
        if fields == Some(mask.full) {
            return accepted.remove(mask.full).is_some();
        }
        let fields = fields.map(str::to_owned);
        let before = accepted.get(mask.full).map(|before| before.fields.clone());
        let is_news = before.as_ref() != Some(&fields);
        if is_news || refused {
            accepted.insert(mask.full, Accepted { fields, reads_left: REMEMBERED_FOR });
        }
        is_news
    }
}

impl Mask {
    /// What to ask for after `refused` was: the same without the names that Jules does not know, if it
    /// says which (`unknown`, or else its `words`, which are only a hint); else less, and less again; else
    /// everything (`Some(None)`). `None` when it is not the mask, or there is nothing else to try.
    pub(super) fn after(
        &self,
        refused: Option<&str>,
        unknown: &[String],
        words: &str,
    ) -> Option<Option<String>> {
        let refused = refused?;
        let mut names = Names::read(refused);
        let says_which = unknown.iter().any(|name| !is_the_mask(name));
        if says_which {
            unknown.iter().for_each(|name| names.remove(name));
        } else {
            telling(words).for_each(|name| names.remove(name));
        }
        let named = names.print();
        match (named == refused, says_which) {
            // It is about something else in the request.
            (true, true) => return None,
            (false, _) if !named.is_empty() => return Some(Some(named)),
            (_, _) => {}
        }
        let shorter = self.short.iter().find(|short| short.len() < refused.len());
        Some(shorter.map(|&short| short.to_owned()))
    }
}

impl Mask {
    /// The names that are in the full mask and not in this one, for the operator.
    pub(super) fn left_out(&self, fields: Option<&str>) -> String {
        let Some(fields) = fields else { return "Jules does not say which".to_owned() };
        let asked = Names::read(fields).paths("");
        let mut left_out = Names::read(self.full).paths("");
        left_out.retain(|path| !asked.contains(path));
        left_out.join(", ")
    }
}

/// The words of a refusal that may be a field's name: no plain words of English, but for the last one
/// (`Invalid field selection title`).
fn telling(words: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/');
    let words = words.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let last = words.rsplit(move |c| !is_part(c)).next();
    let is_name = |word: &&str| {
        word.contains(['.', '_', '/']) || word.chars().skip(1).any(char::is_uppercase)
    };
    let names = words.split(move |c| !is_part(c)).filter(move |word| !word.is_empty());
    names.filter(is_name).chain(last)
}

/// A violation that names the parameter, and not what is wrong in it.
fn is_the_mask(name: &str) -> bool {
    matches!(name, "" | "fields" | "$fields")
}

/// A mask as a tree.
#[derive(Debug, Default, PartialEq, Eq)]
struct Names(Vec<(String, Names)>);

impl Names {
    /// Reads a mask of ours: `a,b(c,d(e))`.
    fn read(mask: &str) -> Self {
        let mut rest = mask;
        Self::list(&mut rest)
    }

    fn list(rest: &mut &str) -> Self {
        let mut names = Vec::new();
        loop {
            let end = rest.find([',', '(', ')']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            *rest = after;
            let mut inner = Self::default();
            if let Some(after) = rest.strip_prefix('(') {
                *rest = after;
                inner = Self::list(rest);
                *rest = rest.strip_prefix(')').unwrap_or(rest);
            }
            if !name.is_empty() {
                names.push((name.to_owned(), inner));
            }
            match rest.strip_prefix(',') {
                Some(after) => *rest = after,
                None => return Self(names),
            }
        }
    }

    /// The paths of all names with nothing in them.
    fn paths(&self, above: &str) -> Vec<String> {
        let mut paths = Vec::new();
        for (name, inner) in &self.0 {
            let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
            if inner.0.is_empty() {
                paths.push(path);
            } else {
                paths.extend(inner.paths(&path));
            }
        }
        paths
    }

    fn print(&self) -> String {
        let print = |(name, inner): &(String, Self)| match inner.0.as_slice() {
            [] => name.clone(),
            _ => format!("{name}({})", inner.print()),
        };
        self.0.iter().map(print).collect::<Vec<_>>().join(",")
    }

    /// Takes out the name at this path, as Jules writes it (`activities.planApproved`). A path that is not
    /// in here may begin further in, or be written in another way: then its last name goes, wherever it is.
    fn remove(&mut self, path: &str) {
        let parts: Vec<&str> = path.split(['.', '/']).collect();
        if !self.remove_at(&parts)
            && let Some(last) = parts.last()
        {
            self.remove_everywhere(last);
        }
    }

    fn remove_at(&mut self, path: &[&str]) -> bool {
        let Some((first, deeper)) = path.split_first() else { return false };
        let Some(at) = self.0.iter().position(|(name, _)| same(name, first)) else { return false };
        let inner = &mut self.0[at].1;
        if !deeper.is_empty() && !inner.remove_at(deeper) {
            return false;
        }
        // With nothing left in it, it would stand for all that is in it.
        if deeper.is_empty() || inner.0.is_empty() {
            self.0.remove(at);
        }
        true
    }

    fn remove_everywhere(&mut self, last: &str) {
        self.0.retain_mut(|(name, inner)| {
            let had_more = !inner.0.is_empty();
            inner.remove_everywhere(last);
            !(same(name, last) || had_more && inner.0.is_empty())
        });
    }
}

/// Whether both are one name: Google writes `planApproved` and `plan_approved`.
fn same(one: &str, other: &str) -> bool {
    let letters = |name: &str| name.replace('_', "").to_lowercase();
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: &str = "next,all(name)";
    const MASK: Mask = Mask {
        full: "next,all(name,id,plan,at(by(who),when))",
        short: &["next,all(name,id)", SHORT],
    };

    fn after(refused: &str, unknown: &[&str]) -> Option<Option<String>> {
        let unknown: Vec<String> = unknown.iter().map(|&name| name.to_owned()).collect();
        MASK.after(Some(refused), &unknown, "Request contains an invalid argument.")
    }

    fn instead(mask: &str) -> Option<Option<String>> {
        Some(Some(mask.to_owned()))
    }

    #[test]
    fn a_name_that_jules_names_is_left_out_and_no_other() {
        assert_eq!(after(MASK.full, &["all.plan"]), instead("next,all(name,id,at(by(who),when))"));
        assert_eq!(after(MASK.full, &["plan"]), instead("next,all(name,id,at(by(who),when))"));
        assert_eq!(after(MASK.full, &["All.Plan"]), instead("next,all(name,id,at(by(who),when))"));
        assert_eq!(
            after(MASK.full, &["fields.plan", "next"]),
            instead("all(name,id,at(by(who),when))")
        );
        assert_eq!(
            after(MASK.full, &["all.at.by.who"]),
            instead("next,all(name,id,plan,at(when))")
        );
        assert_eq!(after(MASK.full, &["all.at"]), instead("next,all(name,id,plan)"));
    }

    #[test]
    fn without_a_name_less_is_asked_for_and_then_everything() {
        for unknown in [&[][..], &["fields"], &[""]] {
            assert_eq!(after(MASK.full, unknown), instead(MASK.short[0]));
            assert_eq!(after(MASK.short[0], unknown), instead(SHORT));
            assert_eq!(after(SHORT, unknown), Some(None));
        }
        assert_eq!(after("next", &[]), Some(None));
        assert_eq!(after(SHORT, &["all", "next"]), Some(None), "nothing would be left");
        assert_eq!(MASK.after(None, &[], ""), None);
    }

    #[test]
    fn what_is_left_out_is_named() {
        assert_eq!(MASK.left_out(Some("next,all(name,id,at(when))")), "all.plan, all.at.by.who");
        assert_eq!(MASK.left_out(Some(MASK.full)), "");
        assert_eq!(MASK.left_out(None), "Jules does not say which");
    }

    #[test]
    fn where_only_the_words_name_it_they_are_believed() {
        let mask = Mask { full: "next,all(name,planApproved,title)", short: &[SHORT] };
        let after = |words: &str| mask.after(Some(mask.full), &["fields".to_owned()], words);
        let without = instead("next,all(name,title)");
        assert_eq!(after("Invalid field selection planApproved"), without);
        assert_eq!(after("Cannot find matching fields for path 'all.planApproved'."), without);
        assert_eq!(after("No field \"plan_approved\", sorry"), without);
        assert_eq!(after("Invalid field selection title"), instead("next,all(name,planApproved)"));
        assert_eq!(after("Invalid name of something in fields"), instead(SHORT));
    }

    #[test]
    fn a_field_was_asked_for_if_its_own_name_is_in_the_mask() {
        let asked = Asked::of(Some("next,all(name,at(by))".to_owned()));
        assert!(["next", "all", "name", "at", "by"].iter().all(|name| asked.has(name)));
        assert!(!["nam", "plan"].iter().any(|name| asked.has(name)));
        assert!(Asked::EVERYTHING.has("plan"));
    }

    #[test]
    fn what_is_about_something_else_is_no_reason() {
        assert_eq!(after(MASK.full, &["page_token"]), None);
    }

    #[test]
    fn the_whole_mask_is_tried_again_after_a_while_and_only_news_is_told() {
        let masks = Masks::default();
        assert!(!masks.remember(&MASK, Some(MASK.full), false));
        assert!(masks.remember(&MASK, Some("next"), true));
        assert!(!masks.remember(&MASK, Some("next"), false));
        for _ in 0..REMEMBERED_FOR {
            assert_eq!(masks.first(&MASK).as_deref(), Some("next"));
            assert!(!masks.remember(&MASK, Some("next"), false));
        }
        assert_eq!(masks.first(&MASK).as_deref(), Some(MASK.full));
        assert!(!masks.remember(&MASK, Some("next"), true), "as before");
        assert_eq!(masks.first(&MASK).as_deref(), Some("next"));
        assert!(masks.remember(&MASK, Some(MASK.full), false));
        assert_eq!(masks.first(&MASK).as_deref(), Some(MASK.full));
    }

    #[test]
    fn our_masks_are_read_and_written_as_they_are() {
        use crate::wire::{activity, session, source};
        for mask in [
            activity::LIST,
            activity::GET,
            session::LOOKUP,
            session::PROMPT,
            session::DESCRIBED,
            session::PICK,
            session::CHANGES,
            session::WATCH,
            session::GET,
            source::LIST,
            source::GET,
        ] {
            let all = [&[mask.full], mask.short].concat();
            assert!(all.iter().all(|one| Names::read(one).print() == **one), "{all:?}");
            assert!(all.windows(2).all(|two| two[1].len() < two[0].len()), "{all:?}");
        }
    }
}
