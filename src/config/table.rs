//! Every setting, for people: what `--help` prints and the README is tested against.

/// A setting, for people.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// What holds when it is not set.
    pub default: &'static str,
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "SLACK_SIGNING_SECRET",
        meaning: "the app's signing secret; several, comma-separated, while one is being rolled",
        default: "required without `SLACK_APP_TOKEN`",
    },
    Setting {
        name: "SLACK_APP_TOKEN",
        meaning: "an app-level token, `xapp-…`; switches Socket Mode on, which needs no public \
                  address",
        default: "not set",
    },
    Setting {
        name: "SLACK_BOT_TOKEN",
        meaning: "the bot token of the workspace, `xoxb-…`",
        default: "required",
    },
    Setting {
        name: "JULES_API_KEY",
        meaning: "the key of the Jules account that tasks run on",
        default: "required",
    },
    Setting {
        name: "JULES_PLAN",
        meaning: "the plan of that account, whose limits `/jules status` shows: `free`, `pro` or \
                  `ultra`",
        default: "free",
    },
    Setting {
        name: "STORE",
        meaning: "`file:PATH`, `redis://…`, `rediss://…`, `redis-sentinel://…` or \
                  `redis-cluster://…`",
        default: "file:jules.redb",
    },
    Setting {
        name: "ENCRYPTION_KEY",
        meaning: "32 bytes in base64, seal secrets at rest; several, comma-separated, while one \
                  is being rolled (the first seals)",
        default: "with a file store made on first start and kept beside it, mode 0600; else \
                  required",
    },
    Setting {
        name: "LISTEN",
        meaning: "the address to listen on",
        default: "127.0.0.1:3000 with Socket Mode alone, else 0.0.0.0:3000",
    },
    Setting {
        name: "PUBLIC_URL",
        meaning: "where Slack reaches this server, `https://…`",
        default: "not set",
    },
    Setting {
        name: "SLACK_API_URL",
        meaning: "another base address of Slack's Web API (tests, proxies)",
        default: "https://slack.com/api",
    },
    Setting {
        name: "JULES_API_URL",
        meaning: "another base address of Jules' API (tests, proxies)",
        default: "https://jules.googleapis.com/v1alpha",
    },
    Setting {
        name: "LOG",
        meaning: "what is logged: `error`, `warn`, `info`, `debug`, or a filter by module",
        default: "info",
    },
    Setting { name: "LOG_FORMAT", meaning: "`text` or `json`", default: "text" },
];
