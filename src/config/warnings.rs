//! What works and is likely not meant: said at the start and by `doctor`.

use super::files::OpenFile;
use super::near::{NearMiss, near_misses};
use super::{Config, GitHubConfig, Parts, StoreConfig, Variables};
use std::path::Path;
use url::{Host, Url};

/// Something about the settings that works, and is not safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it is.
    pub words: String,
    /// What to do about it.
    pub fix: String,
}

impl Config {
    /// Everything to be warned of at the start.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let apis = [
            ("SLACK_API_URL", Some(&self.slack.api_url)),
            ("JULES_API_URL", Some(&self.jules.api_url)),
            ("GITHUB_API_URL", self.github.as_ref().and_then(GitHubConfig::token_goes_to)),
        ];
        readable_on_the_way(apis).chain(readable_key_file(&self.store)).collect()
    }
}

impl Variables {
    /// Names that come close to a setting that could be set.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        misspelt(&near_misses(self)).chain(self.files.open.iter().map(OpenFile::warning)).collect()
    }
}

impl Parts {
    /// What to be warned of in the settings themselves; `doctor` looks at files on its own.
    pub fn warnings(&self) -> impl Iterator<Item = Warning> {
        readable_on_the_way([
            ("SLACK_API_URL", self.slack_url.as_ref()),
            ("JULES_API_URL", self.jules_url.as_ref()),
            ("GITHUB_API_URL", self.github.as_ref().and_then(GitHubConfig::token_goes_to)),
        ])
        .chain(misspelt(&self.near))
        .chain(self.open_files.iter().map(OpenFile::warning))
    }
}

/// Settings that are not required, and that were to be set, as far as one can tell. Those that are required
/// are mistakes.
fn misspelt(near: &[NearMiss]) -> impl Iterator<Item = Warning> {
    const REQUIRED: &[&str] = &["SLACK_BOT_TOKEN", "JULES_API_KEY"];
    near.iter().filter(|near| !REQUIRED.contains(&near.meant)).map(|near| Warning {
        words: format!("{} is set, but isn't a setting, and {} isn't set", near.typed, near.meant),
        fix: format!("If you meant {}, rename it.", near.meant),
    })
}

/// Addresses of APIs that tokens are sent to in the clear.
fn readable_on_the_way(apis: [(&'static str, Option<&Url>); 3]) -> impl Iterator<Item = Warning> {
    let is_open = |url: &Url| url.scheme() == "http" && !is_this_machine(url);
    apis.into_iter().filter(move |(_, url)| url.is_some_and(is_open)).map(|(name, _)| Warning {
        words: format!(
            "{name} is an http:// address on another machine, so anyone in between can read the token \
             and what people write"
        ),
        fix: format!("Use https:// in {name}, or leave it out."),
    })
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The key file, when it is used and others may read it.
fn readable_key_file(store: &StoreConfig) -> Option<Warning> {
    let file = store.key_file.as_ref().filter(|_| store.encryption_key.is_none())?;
    is_open_to_others(file).then(|| Warning {
        words: format!("other users of this machine can read `{}`", file.display()),
        fix: format!("Run: chmod 600 {}", file.display()),
    })
}

/// Whether anyone but its owner may do anything with a file.
#[cfg(unix)]
pub(crate) fn is_open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|facts| facts.permissions().mode() & 0o077 != 0)
}

/// There are no such modes here.
#[cfg(not(unix))]
pub(crate) fn is_open_to_others(_: &Path) -> bool {
    false
}
