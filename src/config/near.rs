//! Names that come close to a setting's: `SLACK_BOT_TOKN`, `slack-bot-token`.

use super::{SETTINGS, Variables};

/// A variable that is no setting, and is almost called like one that is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NearMiss {
    /// Its name; the value may be a secret.
    pub(super) typed: String,
    /// The setting.
    pub(super) meant: &'static str,
}

impl NearMiss {
    /// How it is put right.
    pub(super) fn fix(&self) -> String {
        format!("{} is set, but isn't a setting. Rename it to {}.", self.typed, self.meant)
    }
}

/// Shorter names have too many neighbours that other programs read: `LANG` and `LOG`.
const SHORTEST: usize = 6;

/// All of them, in the order of the settings. A setting that is set has none: another name next to it, such
/// as `JULES_API_KEY_2`, is meant as it is.
pub(super) fn near_misses(environment: &Variables) -> Vec<NearMiss> {
    let is_set = |name: &str| environment.vars.get(name).is_some_and(|v| !v.trim().is_empty());
    let is_setting = |name: &str| SETTINGS.iter().any(|setting| setting.name == name);
    let mut typed: Vec<&String> = environment.vars.keys().collect();
    typed.retain(|name| !is_setting(name) && is_set(name));
    typed.sort();
    let missing = SETTINGS.iter().map(|setting| setting.name).filter(|name| !is_set(name));
    let of = |meant: &'static str| {
        let near = typed.iter().find(|typed| is_near(typed, meant))?;
        Some(NearMiss { typed: (*near).clone(), meant })
    };
    missing.filter_map(of).collect()
}

/// Other letter case, other marks between the words, or at most two letters wrong in a long name, one in a
/// short one.
fn is_near(typed: &str, meant: &str) -> bool {
    let plain = |name: &str| name.replace(['_', '-', '.'], "").to_uppercase();
    let (typed, meant) = (plain(typed), plain(meant));
    let slips = if meant.len() > 2 * SHORTEST { 2 } else { 1 };
    typed == meant || (meant.len() >= SHORTEST && strsim::osa_distance(&typed, &meant) <= slips)
}

/// Of these names, the one that someone who typed another may have meant.
pub(super) fn nearest<'k>(typed: &str, known: &[&'k str]) -> Option<&'k str> {
    let distance = |name: &str| strsim::osa_distance(&typed.to_lowercase(), name);
    let near = known.iter().copied().min_by_key(|name| distance(name))?;
    (distance(near) <= 2).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn what_comes_near_a_setting_and_what_does_not() {
        for (typed, meant) in [
            ("SLACK_BOT_TOKN", "SLACK_BOT_TOKEN"),
            ("slack_bot_token", "SLACK_BOT_TOKEN"),
            ("SLACK-BOT-TOKEN", "SLACK_BOT_TOKEN"),
            ("SLACKBOT_TOKEN", "SLACK_BOT_TOKEN"),
            ("SLACK_BOT_TOEKN", "SLACK_BOT_TOKEN"),
            ("SLACK_SINGING_SECRET", "SLACK_SIGNING_SECRET"),
            ("SLACK_APP_TOKENS", "SLACK_APP_TOKEN"),
            ("JULES_API_KEYS", "JULES_API_KEY"),
            ("JULES_APIKEY", "JULES_API_KEY"),
            ("ENCRYPTON_KEY", "ENCRYPTION_KEY"),
            ("LISTN", "LISTEN"),
            ("log", "LOG"),
        ] {
            let vars: HashMap<_, _> = [(typed.to_owned(), "x".to_owned())].into();
            let found = near_misses(&Variables::from(vars));
            let expected = NearMiss { typed: typed.to_owned(), meant };
            assert!(found.contains(&expected), "{typed}: {found:?}");
        }
        for typed in ["LANG", "LOGNAME", "STORAGE", "SLACK_CLIENT_SECRET", "PUBLIC_KEY", "PATH"] {
            let vars: HashMap<_, _> = [(typed.to_owned(), "x".to_owned())].into();
            assert_eq!(near_misses(&Variables::from(vars)), [], "{typed}");
        }
    }
}
