//! The scopes that the app works without, and what is different then. `doctor` and the App Home say it; a
//! test holds the manifest and its comments to this table.

/// A scope that may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionalScope {
    /// Slack's name of it.
    pub scope: &'static str,
    /// What it is for. The comment above it in the manifest says each of these.
    pub features: &'static [&'static str],
    /// What happens instead.
    pub without: &'static str,
}

/// All of them, in the manifest's order.
pub const OPTIONAL_SCOPES: &[OptionalScope] = &[
    OptionalScope {
        scope: "app_mentions:read",
        features: &["Tasks from mentions"],
        without: "I only notice mentions in channels I'm in",
    },
    OptionalScope {
        scope: "users:read",
        features: &["colleagues", "guests", "mentioned", "working hours", "owners and admins"],
        without: "guests count as members, Jules sees \"@someone\" instead of names, reminders come after 24 hours, \
                  workspace defaults can't be changed, and App Home has no Workspace section",
    },
    OptionalScope {
        scope: "usergroups:read",
        features: &["user groups that the access rules name"],
        without: "access rules that name a user group don't let its members in",
    },
    OptionalScope {
        scope: "im:write",
        features: &["notified there"],
        without: "people who chose direct messages are mentioned in the thread instead",
    },
    OptionalScope {
        scope: "files:write",
        features: &["Plans that take more than five messages", "large changes as a file"],
        without: "long plans are split into up to twenty messages, and large changes aren't sent as a file",
    },
];

/// Those that are not among the granted ones.
pub fn lacking(granted: &[String]) -> impl Iterator<Item = &'static OptionalScope> {
    OPTIONAL_SCOPES.iter().filter(|one| !granted.iter().any(|scope| scope == one.scope))
}
