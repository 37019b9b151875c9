//! Settings: read from the environment and a `.env` file, all mistakes reported at once.
//!
//! One table names every setting; it is what `--help` prints and what the README is tested against.

use crate::domain::say::Limits;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use url::Url;

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
    Setting { name: "LISTEN", meaning: "the address to listen on", default: "0.0.0.0:3000" },
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

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Slack's side.
    pub slack: SlackConfig,
    /// Jules' side.
    pub jules: JulesConfig,
    /// Where things are kept.
    pub store: StoreConfig,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where Slack reaches us.
    pub public_url: Option<Url>,
}

/// Slack's side.
#[derive(Debug, Clone)]
pub struct SlackConfig {
    /// Any of these may have signed a request; none when requests do not come over HTTP.
    pub signing_secrets: Vec<SecretString>,
    /// Opens the connections of Socket Mode; `None` where it is off.
    pub app_token: Option<SecretString>,
    /// The bot's token.
    pub bot_token: SecretString,
    /// The Web API's base address.
    pub api_url: Url,
}

/// Jules' side.
#[derive(Debug, Clone)]
pub struct JulesConfig {
    /// The account's key.
    pub api_key: SecretString,
    /// The account's plan.
    pub plan: JulesPlan,
    /// The API's base address.
    pub api_url: Url,
}

/// The plan of a Jules account. The API does not tell it, so it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JulesPlan {
    /// Jules without a paid plan.
    #[default]
    Free,
    /// Google AI Pro.
    Pro,
    /// Google AI Ultra.
    Ultra,
}

impl JulesPlan {
    /// What it may use. [Jules: usage limits]
    #[must_use]
    pub fn limits(self) -> Limits {
        match self {
            Self::Free => Limits { a_day: 15, at_once: 3 },
            Self::Pro => Limits { a_day: 100, at_once: 15 },
            Self::Ultra => Limits { a_day: 300, at_once: 60 },
        }
    }
}

/// Where things are kept.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `file:…` or `redis…://…`; may hold a password.
    pub url: SecretString,
    /// The keys that seal secrets, base64, comma-separated.
    pub encryption_key: Option<SecretString>,
    /// Where the key is kept when it is made by ourselves.
    pub key_file: Option<PathBuf>,
}

/// How logs look; wanted before the rest, so that mistakes can be told.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// Which lines.
    pub filter: String,
    /// As JSON.
    pub json: bool,
}

/// Everything that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The settings are not complete:")?;
        for mistake in &self.0 {
            writeln!(f, "  - {mistake}")?;
        }
        write!(f, "Set them in the environment or in a file named .env; see --help.")
    }
}

impl std::error::Error for Mistakes {}

/// The environment, over what a `.env` file in the working directory says.
#[must_use]
pub fn environment() -> HashMap<String, String> {
    let file = dotenvy::dotenv_iter().ok().into_iter().flatten().flatten();
    file.chain(std::env::vars()).collect()
}

/// How logs look.
#[must_use]
pub fn log(vars: &HashMap<String, String>) -> LogConfig {
    let value = |name: &str| vars.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    LogConfig {
        filter: value("LOG").unwrap_or("info").to_owned(),
        json: value("LOG_FORMAT") == Some("json"),
    }
}

/// Where the app of these settings listens.
///
/// # Errors
/// When `LISTEN` is no address.
pub fn listen(vars: &HashMap<String, String>) -> Result<SocketAddr, Mistakes> {
    let mut reader = Reader { vars, mistakes: Vec::new() };
    reader.listen().ok_or(Mistakes(reader.mistakes))
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All mistakes, each with its setting and the fix.
    pub fn read(vars: &HashMap<String, String>) -> Result<Self, Mistakes> {
        let (parts, mistakes) = Parts::read(vars);
        parts.whole().filter(|_| mistakes.is_empty()).ok_or(Mistakes(mistakes))
    }
}

/// The settings, each as far as it can be read by itself: for whoever looks into one of them although
/// another is wrong.
#[derive(Debug, Clone)]
pub struct Parts {
    /// See [`SlackConfig::signing_secrets`].
    pub signing_secrets: Option<Vec<SecretString>>,
    /// See [`SlackConfig::app_token`].
    pub app_token: Option<SecretString>,
    /// See [`SlackConfig::bot_token`].
    pub bot_token: Option<SecretString>,
    /// See [`SlackConfig::api_url`].
    pub slack_url: Option<Url>,
    /// See [`JulesConfig::api_key`].
    pub jules_key: Option<SecretString>,
    /// See [`JulesConfig::plan`].
    pub plan: JulesPlan,
    /// See [`JulesConfig::api_url`].
    pub jules_url: Option<Url>,
    /// Without any key when that is what is wrong.
    pub store: Option<StoreConfig>,
    /// See [`Config::listen`].
    pub listen: Option<SocketAddr>,
    /// See [`Config::public_url`].
    pub public_url: Option<Url>,
}

impl Parts {
    /// What can be read, and every mistake in the rest, with its setting and the fix.
    #[must_use]
    pub fn read(vars: &HashMap<String, String>) -> (Self, Vec<String>) {
        let mut reader = Reader { vars, mistakes: Vec::new() };
        let parts = reader.parts();
        (parts, reader.mistakes)
    }

    fn whole(self) -> Option<Config> {
        Some(Config {
            slack: SlackConfig {
                signing_secrets: self.signing_secrets?,
                app_token: self.app_token,
                bot_token: self.bot_token?,
                api_url: self.slack_url?,
            },
            jules: JulesConfig {
                api_key: self.jules_key?,
                plan: self.plan,
                api_url: self.jules_url?,
            },
            store: self.store?,
            listen: self.listen?,
            public_url: self.public_url,
        })
    }
}

/// The address of the store, for a command that needs nothing else.
#[must_use]
pub fn store_address(vars: &HashMap<String, String>) -> String {
    let reader = Reader { vars, mistakes: Vec::new() };
    reader.value("STORE").unwrap_or_else(|| DEFAULT_STORE.to_owned())
}

/// Reads one setting after the other and keeps what is wrong.
struct Reader<'a> {
    vars: &'a HashMap<String, String>,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    fn parts(&mut self) -> Parts {
        let parts = Parts {
            app_token: self.app_token(),
            signing_secrets: self.signing_secrets(),
            bot_token: self.bot_token(),
            jules_key: self.jules_key(),
            plan: self.plan(),
            slack_url: self.url("SLACK_API_URL", "https://slack.com/api"),
            jules_url: self.url("JULES_API_URL", "https://jules.googleapis.com/v1alpha"),
            store: self.store(),
            listen: self.listen(),
            public_url: self.public_url(),
        };
        self.log_format();
        parts
    }

    fn value(&self, name: &str) -> Option<String> {
        let text = self.vars.get(name)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn wrong(&mut self, mistake: impl Into<String>) {
        self.mistakes.push(mistake.into());
    }

    fn required(&mut self, name: &str, fix: &str) -> Option<String> {
        let value = self.value(name);
        if value.is_none() {
            self.wrong(format!("{name} is not set. {fix}"));
        }
        value
    }

    /// Whether the value is in one piece; what was copied with quotes or half of the next line is not.
    fn is_in_one_piece(&mut self, name: &str, value: &str, fix: &str) -> bool {
        let wrong = if value.starts_with(['"', '\'']) {
            "stands in quotes, which belong to a shell: leave them out"
        } else if value.contains(char::is_whitespace) {
            "has spaces inside"
        } else {
            return true;
        };
        self.wrong(format!("{name} {wrong}. {fix}"));
        false
    }

    /// What stands in the signing secret's place, where that can be told: the client secret looks the
    /// same.
    fn other_than_a_secret(&self, text: &str) -> Option<&'static str> {
        if text.starts_with("xox") || text.starts_with("xapp-") {
            Some("a token")
        } else if self.value("SLACK_CLIENT_SECRET").as_deref() == Some(text) {
            Some("the client secret, which is another one")
        } else if text.contains('.') && text.chars().all(|c| c.is_ascii_digit() || c == '.') {
            Some("the client ID")
        } else {
            None
        }
    }

    fn jules_key(&mut self) -> Option<SecretString> {
        let key = self.required("JULES_API_KEY", JULES_KEY_FIX)?;
        if key.starts_with("xox") || key.starts_with("xapp-") {
            self.wrong(format!("JULES_API_KEY holds a token of Slack. {JULES_KEY_FIX}"));
            return None;
        }
        self.is_in_one_piece("JULES_API_KEY", &key, JULES_KEY_FIX).then(|| key.into())
    }

    /// Slack delivers over HTTP, where it signs, or through Socket Mode, where it does not.
    fn signing_secrets(&mut self) -> Option<Vec<SecretString>> {
        let Some(text) = self.value("SLACK_SIGNING_SECRET") else {
            if self.value("SLACK_APP_TOKEN").is_some() {
                return Some(Vec::new());
            }
            self.wrong(format!(
                "SLACK_SIGNING_SECRET is not set. {SIGNING_FIX} Or set SLACK_APP_TOKEN, for \
                 Socket Mode."
            ));
            return None;
        };
        let secrets: Vec<&str> = text.split(',').map(str::trim).filter(|s| !s.is_empty()).collect();
        if secrets.is_empty() || secrets.iter().any(|s| s.contains(char::is_whitespace)) {
            self.wrong(format!(
                "SLACK_SIGNING_SECRET has spaces inside or nothing between commas. {SIGNING_FIX}"
            ));
            return None;
        }
        for secret in &secrets {
            if let Some(other) = self.other_than_a_secret(secret) {
                self.wrong(format!("SLACK_SIGNING_SECRET holds {other}. {SIGNING_FIX}"));
                return None;
            }
            if !self.is_in_one_piece("SLACK_SIGNING_SECRET", secret, SIGNING_FIX) {
                return None;
            }
        }
        Some(secrets.into_iter().map(SecretString::from).collect())
    }

    fn app_token(&mut self) -> Option<SecretString> {
        let token = self.value("SLACK_APP_TOKEN")?;
        let other = ["xoxb-", "xoxp-", "xoxe-"].iter().find(|kind| token.starts_with(**kind));
        match other {
            Some(kind) => self.wrong(format!(
                "SLACK_APP_TOKEN begins with {kind}, which is another kind of token. {APP_TOKEN_FIX}"
            )),
            None if !token.starts_with("xapp-") || token.contains(char::is_whitespace) => {
                self.wrong(format!("SLACK_APP_TOKEN is no app-level token. {APP_TOKEN_FIX}"));
            }
            None => return Some(token.into()),
        }
        None
    }

    fn bot_token(&mut self) -> Option<SecretString> {
        let token = self.required("SLACK_BOT_TOKEN", TOKEN_FIX)?;
        let kinds = ["xapp-", "xoxp-", "xoxe.", "xoxe-", "xoxa-", "xoxs-", "xoxc-"];
        let wrong = match kinds.iter().find(|kind| token.starts_with(**kind)) {
            Some(&"xoxe.") => {
                "begins with xoxe. and stops within 12 hours, because the app has token \
                               rotation switched on. Make an app without it"
                    .to_owned()
            }
            Some(&"xapp-")
                if self.value("SLACK_APP_TOKEN").is_some_and(|t| t.starts_with("xoxb-")) =>
            {
                "begins with xapp- and SLACK_APP_TOKEN with xoxb-: swap the two".to_owned()
            }
            Some(kind) => format!("begins with {kind}, which is another kind of token"),
            None if !self.is_in_one_piece("SLACK_BOT_TOKEN", &token, TOKEN_FIX) => return None,
            None if !token.starts_with("xoxb-") => "is no bot token".to_owned(),
            None => return Some(token.into()),
        };
        self.wrong(format!("SLACK_BOT_TOKEN {wrong}. {TOKEN_FIX}"));
        None
    }

    fn plan(&mut self) -> JulesPlan {
        match self.value("JULES_PLAN").unwrap_or_default().to_lowercase().as_str() {
            "" | "free" => JulesPlan::Free,
            "pro" => JulesPlan::Pro,
            "ultra" => JulesPlan::Ultra,
            _ => {
                self.wrong("JULES_PLAN is neither free, pro nor ultra.");
                JulesPlan::Free
            }
        }
    }

    fn url(&mut self, name: &str, default: &str) -> Option<Url> {
        let text = self.value(name).unwrap_or_else(|| default.to_owned());
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
            Ok(_) | Err(_) => {
                self.wrong(format!("{name} is not an http(s) address. For example: {default}"));
                None
            }
        }
    }

    fn store(&mut self) -> Option<StoreConfig> {
        let url = self.value("STORE").unwrap_or_else(|| DEFAULT_STORE.to_owned());
        let mut key_file = crate::store::key_file(&url);
        let known = ["file:", "redis://", "rediss://", "redis-sentinel://", "rediss-sentinel://"]
            .iter()
            .chain(&["redis-cluster://", "rediss-cluster://"])
            .any(|scheme| url.starts_with(scheme));
        if !known {
            self.wrong(
                "STORE is neither file:PATH nor a redis address. For example: file:jules.redb or \
                 redis://localhost:6379",
            );
        }
        let mut encryption_key = self.value("ENCRYPTION_KEY");
        match &encryption_key {
            Some(keys) => {
                let whole =
                    |key: &str| STANDARD.decode(key.trim()).is_ok_and(|bytes| bytes.len() == 32);
                if !keys.split(',').all(whole) {
                    self.wrong(format!("ENCRYPTION_KEY is not 32 bytes in base64. {KEY_FIX}"));
                    (encryption_key, key_file) = (None, None);
                }
            }
            None if known && key_file.is_none() => {
                self.wrong(format!(
                    "ENCRYPTION_KEY is not set, and STORE is not a file. {KEY_FIX}"
                ));
            }
            None => {}
        }
        known.then(|| StoreConfig {
            url: url.into(),
            encryption_key: encryption_key.map(SecretString::from),
            key_file,
        })
    }

    fn listen(&mut self) -> Option<SocketAddr> {
        let text = self.value("LISTEN").unwrap_or_else(|| "0.0.0.0:3000".to_owned());
        let address = text.parse().ok();
        if address.is_none() {
            self.wrong("LISTEN is not an address with a port. For example: 0.0.0.0:3000");
        }
        address
    }

    fn public_url(&mut self) -> Option<Url> {
        let text = self.value("PUBLIC_URL")?;
        // Slack takes https only; on this machine alone, where one tries things out, http will do.
        let is_fit = |url: &Url| match url.scheme() {
            "https" => url.has_host(),
            "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
            _ => false,
        };
        let url = Url::parse(&text).ok().filter(is_fit);
        if url.is_none() {
            self.wrong(
                "PUBLIC_URL is not an https address. For example: https://jules.example.com",
            );
        }
        url
    }

    fn log_format(&mut self) {
        if self.value("LOG_FORMAT").is_some_and(|format| format != "text" && format != "json") {
            self.wrong("LOG_FORMAT is neither text nor json.");
        }
        let filter = self.value("LOG").unwrap_or_default();
        if filter.parse::<tracing_subscriber::filter::EnvFilter>().is_err() {
            self.wrong("LOG is not a filter. For example: info, or info,jules_slack=debug");
        }
    }
}

const DEFAULT_STORE: &str = "file:jules.redb";
const SIGNING_FIX: &str = "Copy it from your app's page at https://api.slack.com/apps: Basic Information, Signing Secret.";
const TOKEN_FIX: &str = "Copy the bot token, xoxb-…, from your app's page at \
                         https://api.slack.com/apps: OAuth & Permissions.";
const APP_TOKEN_FIX: &str = "Make one, xapp-…, with the scope connections:write on your app's page at \
                             https://api.slack.com/apps: Basic Information, App-Level Tokens.";
const JULES_KEY_FIX: &str = "Make one at https://jules.google.com/settings#api.";
const KEY_FIX: &str = "Make one with: openssl rand -base64 32";

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const WHOLE: [(&str, &str); 3] = [
        ("SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5"),
        ("SLACK_BOT_TOKEN", "xoxb-1"),
        ("JULES_API_KEY", "key"),
    ];

    #[test]
    fn three_settings_are_enough() {
        let config = Config::read(&vars(&WHOLE)).unwrap();
        assert_eq!(config.listen.port(), 3000);
        assert_eq!(config.slack.api_url.as_str(), "https://slack.com/api");
        assert!(config.store.key_file.is_some());
        assert!(config.slack.app_token.is_none());
    }

    #[test]
    fn an_app_token_stands_in_for_the_signing_secret() {
        let mut all = vars(&WHOLE);
        all.insert("SLACK_APP_TOKEN".to_owned(), "xapp-1-A1-2-3".to_owned());
        let both = Config::read(&all).unwrap();
        assert_eq!((both.slack.signing_secrets.len(), both.slack.app_token.is_some()), (1, true));
        all.remove("SLACK_SIGNING_SECRET");
        let socket = Config::read(&all).unwrap();
        assert!(socket.slack.signing_secrets.is_empty() && socket.slack.app_token.is_some());
    }

    #[test]
    fn another_kind_of_token_is_told_apart() {
        for (token, told) in [
            ("xoxb-1", "begins with xoxb-"),
            ("xoxp-1", "begins with xoxp-"),
            ("8f742231b10e8888abcd99yyyzzz85a5", "is no app-level token"),
            ("xapp-1 A1", "is no app-level token"),
        ] {
            let mut all = vars(&WHOLE);
            all.insert("SLACK_APP_TOKEN".to_owned(), token.to_owned());
            let Mistakes(mistakes) = Config::read(&all).unwrap_err();
            let [mistake] = mistakes.as_slice() else { panic!("{mistakes:#?}") };
            assert!(mistake.starts_with("SLACK_APP_TOKEN ") && mistake.contains(told), "{mistake}");
            assert!(mistake.contains("connections:write"), "{mistake}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once_each_with_its_setting() {
        let Err(Mistakes(mistakes)) = Config::read(&vars(&[
            ("SLACK_BOT_TOKEN", "xapp-1"),
            ("STORE", "redis://localhost"),
            ("LISTEN", "here"),
            ("PUBLIC_URL", "http://plain"),
            ("SLACK_API_URL", "slack"),
            ("LOG_FORMAT", "xml"),
        ])) else {
            panic!("accepted");
        };
        for name in [
            "SLACK_SIGNING_SECRET",
            "SLACK_BOT_TOKEN",
            "JULES_API_KEY",
            "ENCRYPTION_KEY",
            "LISTEN",
            "PUBLIC_URL",
            "SLACK_API_URL",
            "LOG_FORMAT",
        ] {
            let told = mistakes.iter().filter(|mistake| mistake.starts_with(name)).count();
            assert_eq!(told, 1, "{name}: {mistakes:#?}");
        }
        assert_eq!(mistakes.len(), 8);
    }

    #[test]
    fn what_stands_in_the_wrong_place_is_named() {
        for (pairs, told) in [
            (&[("SLACK_BOT_TOKEN", "xapp-1"), ("SLACK_APP_TOKEN", "xoxb-1")][..], "swap the two"),
            (&[("SLACK_BOT_TOKEN", "xoxe.xoxb-1-a")], "token rotation"),
            (&[("SLACK_BOT_TOKEN", "xoxb-1 2")], "SLACK_BOT_TOKEN has spaces inside"),
            (&[("SLACK_BOT_TOKEN", "'xoxb-1'")], "SLACK_BOT_TOKEN stands in quotes"),
            (&[("SLACK_BOT_TOKEN", "12345")], "is no bot token"),
            (&[("SLACK_SIGNING_SECRET", "8f74 2231")], "SLACK_SIGNING_SECRET has spaces inside"),
            (&[("SLACK_SIGNING_SECRET", "xoxb-1")], "SLACK_SIGNING_SECRET holds a token"),
            (&[("SLACK_SIGNING_SECRET", "1234567.7654321")], "holds the client ID"),
            (&[("SLACK_SIGNING_SECRET", "c1"), ("SLACK_CLIENT_SECRET", "c1")], "the client secret"),
            (&[("JULES_API_KEY", "xoxb-1")], "JULES_API_KEY holds a token of Slack"),
        ] {
            let mut all = vars(&WHOLE);
            all.extend(vars(pairs));
            let Err(Mistakes(mistakes)) = Config::read(&all) else { panic!("{pairs:?} was taken") };
            assert!(mistakes[0].contains(told) || mistakes[1].contains(told), "{mistakes:#?}");
        }
    }

    #[test]
    fn one_wrong_setting_leaves_the_others_readable() {
        let mut all = vars(&WHOLE);
        all.insert("SLACK_BOT_TOKEN".to_owned(), "xapp-1".to_owned());
        let (parts, mistakes) = Parts::read(&all);
        assert_eq!(mistakes.len(), 1);
        assert!(parts.bot_token.is_none() && parts.jules_key.is_some() && parts.store.is_some());
    }

    #[test]
    fn a_plain_address_will_do_on_this_machine_only() {
        for (url, taken) in [
            ("http://127.0.0.1:3000", true),
            ("http://localhost", true),
            ("http://jules.example.com", false),
            ("https://jules.example.com", true),
            ("ftp://localhost", false),
        ] {
            let mut all = vars(&WHOLE);
            all.insert("PUBLIC_URL".to_owned(), url.to_owned());
            assert_eq!(Config::read(&all).is_ok(), taken, "{url}");
        }
    }

    #[test]
    fn no_mistake_repeats_a_secret() {
        let mut all = vars(&WHOLE);
        all.insert("SLACK_BOT_TOKEN".to_owned(), "xoxp-very-secret".to_owned());
        all.insert("SLACK_SIGNING_SECRET".to_owned(), "xoxb-very-secret".to_owned());
        all.insert("ENCRYPTION_KEY".to_owned(), "very-secret".to_owned());
        let mistakes = Config::read(&all).unwrap_err().to_string();
        assert!(!mistakes.contains("very-secret"), "{mistakes}");
    }
}
