//! Every setting, for people: `--help` prints them, and a test compares the README with them.

/// A setting, for people.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// What it's for.
    pub meaning: &'static str,
    /// What applies when it isn't set.
    pub default: &'static str,
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "SLACK_APP_TOKEN",
        meaning: "an app-level token, `xapp-…`; turns on Socket Mode, which needs no public address",
        default: "required without `SLACK_SIGNING_SECRET`",
    },
    Setting {
        name: "SLACK_BOT_TOKEN",
        meaning: "the bot token of the workspace, `xoxb-…`",
        default: "required without `SLACK_CLIENT_ID`",
    },
    Setting {
        name: "SLACK_SIGNING_SECRET",
        meaning: "the app's signing secret, for requests over HTTP; several, comma-separated, during a rotation",
        default: "required without `SLACK_APP_TOKEN`",
    },
    Setting {
        name: "JULES_API_KEY",
        meaning: "the API key of the Jules account that runs that workspace's tasks",
        default: "required with `SLACK_BOT_TOKEN`",
    },
    Setting {
        name: "JULES_PLAN",
        meaning: "that account's plan, whose limits `/jules status` shows: `free`, `pro` or `ultra`",
        default: "free",
    },
    Setting {
        name: "GITHUB_TOKEN",
        meaning: "reads pull requests and issues on GitHub, and writes nothing there",
        default: "public repositories only, at most 40 calls an hour",
    },
    Setting {
        name: "GITHUB_WEBHOOK_SECRET",
        meaning: "the secret of a GitHub webhook to `/github/events`; several, comma-separated, during a \
                  rotation",
        default: "no webhooks; pull requests are looked at every few minutes",
    },
    Setting {
        name: "STORE",
        meaning: "`file:PATH`, `redis://…`, `rediss://…`, `redis-sentinel://…` or \
                  `redis-cluster://…`",
        default: "file:jules.redb",
    },
    Setting {
        name: "ENCRYPTION_KEY",
        meaning: "32 bytes, base64-encoded; encrypts secrets at rest; several, comma-separated, during a \
                  rotation (the first one encrypts)",
        default: "with a file store, created at the first start in a file next to it (mode 0600); otherwise \
                  required",
    },
    Setting {
        name: "LISTEN",
        meaning: "the address to listen on",
        default: "127.0.0.1:3000 with Socket Mode alone, otherwise 0.0.0.0:3000",
    },
    Setting {
        name: "PUBLIC_URL",
        meaning: "where Slack reaches this server, `https://…`",
        default: "not set",
    },
    Setting {
        name: "SLACK_CLIENT_ID",
        meaning: "the app's client ID; others can then install the app at `PUBLIC_URL/slack/install`",
        default: "one workspace, that of `SLACK_BOT_TOKEN`",
    },
    Setting {
        name: "SLACK_CLIENT_SECRET",
        meaning: "the app's client secret",
        default: "required with `SLACK_CLIENT_ID`",
    },
    Setting {
        name: "INSTALL_TEAMS",
        meaning: "where the app may be installed: ids of workspaces and organisations, comma-separated",
        default: "in the first workspace alone",
    },
    Setting {
        name: "ACCESS_FILE",
        meaning: "a TOML file that says who may do what; read again within 20 seconds of a change and on SIGHUP",
        default: "every member may do everything, and admins change the workspace's settings",
    },
    Setting {
        name: "ADMINS",
        meaning: "who manages the workspace: ids of people and user groups, comma-separated",
        default: "the workspace's owners and admins",
    },
    Setting {
        name: "AUDIT_DAYS",
        meaning: "for how many days the audit trail is kept",
        default: "365",
    },
    Setting {
        name: "SLACK_API_URL",
        meaning: "another base address for Slack's Web API (tests, proxies)",
        default: "https://slack.com/api",
    },
    Setting {
        name: "JULES_API_URL",
        meaning: "another base address for Jules' API (tests, proxies)",
        default: "https://jules.googleapis.com/v1alpha",
    },
    Setting {
        name: "GITHUB_API_URL",
        meaning: "another base address for GitHub's API (tests, proxies)",
        default: "https://api.github.com",
    },
    Setting {
        name: "LOG",
        meaning: "what to log: `error`, `warn`, `info`, `debug`, or a filter by module",
        default: "info",
    },
    Setting { name: "LOG_FORMAT", meaning: "`text` or `json`", default: "text" },
];
