//! Reading: each setting independently, and what is wrong with it in words that name the fix.

use super::access::{AccessConfig, named};
use super::files::FilesRead;
use super::near::{NearMiss, near_misses};
use super::{GitHubConfig, JulesPlan, Mistakes, OauthConfig, Parts, StoreConfig, Variables};
use domain::audit::AUDIT_DAYS;
use domain::ids::TeamId;
use domain::secret::Secret;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use store::seal::Sealer;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use url::Url;

/// Reads one setting after the other and keeps what is wrong, beginning with the `.env` file.
pub(super) struct Reader<'a> {
    vars: &'a HashMap<String, String>,
    near: Vec<NearMiss>,
    files: &'a FilesRead,
    is_file_wrong: bool,
    pub(super) mistakes: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(environment: &'a Variables) -> Self {
        Self {
            vars: &environment.vars,
            near: near_misses(environment),
            files: &environment.files,
            is_file_wrong: environment.is_file_wrong,
            mistakes: environment.mistakes.clone(),
        }
    }

    /// What was read, unless anything is wrong.
    pub(super) fn result<T>(self, read: Option<T>) -> Result<T, Mistakes> {
        read.filter(|_| self.mistakes.is_empty()).ok_or(Mistakes(self.mistakes))
    }

    pub(super) fn parts(&mut self) -> Parts {
        let parts = Parts {
            app_token: self.app_token(),
            signing_secrets: self.signing_secrets(),
            is_oauth_alone: self.is_oauth_alone(),
            bot_token: self.bot_token(),
            jules_key: self.jules_key(),
            oauth: self.oauth(),
            plan: self.plan(),
            slack_url: self.url("SLACK_API_URL", "https://slack.com/api"),
            jules_url: self.url("JULES_API_URL", "https://jules.googleapis.com/v1alpha"),
            github: self.github(),
            store: self.store(),
            listen: self.listen(),
            public_url: self.public_url(),
            access: self.access(),
            audit_days: self.audit_days(),
            near: self.near.clone(),
            open_files: self.files.open.clone(),
        };
        self.log_format();
        parts
    }

    pub(super) fn value(&self, name: &str) -> Option<String> {
        let text = self.vars.get(name)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn wrong(&mut self, mistake: impl Into<String>) {
        let mistake = mistake.into();
        // Of a setting whose file can't be read, that is said already.
        if !self.files.unread.iter().any(|name| mistake.contains(name)) {
            self.mistakes.push(mistake);
        }
    }

    /// Reports that something is missing, unless it may be in a `.env` file that could not be read.
    fn missing(&mut self, mistake: impl Into<String>) {
        if !self.is_file_wrong {
            self.wrong(mistake);
        }
    }

    fn required(&mut self, name: &str, fix: &str) -> Option<String> {
        let value = self.value(name);
        if value.is_none() {
            self.not_set(name, fix);
        }
        value
    }

    /// A setting that is missing, perhaps because its name is written wrongly.
    fn not_set(&mut self, name: &str, fix: &str) {
        let near = self.near.iter().find(|near| near.meant == name).map(NearMiss::fix);
        self.missing(format!("{name} is not set. {}", near.as_deref().unwrap_or(fix)));
    }

    /// Reports a value that was copied with quotes, or with half of the next line; true when it is in one
    /// piece.
    fn check_one_piece(&mut self, name: &str, value: &str, fix: &str) -> bool {
        let wrong = if value.starts_with(['"', '\'']) {
            "is in quotes, which only a shell removes. Leave them out"
        } else if value.contains(char::is_whitespace) {
            "has spaces inside"
        } else {
            return true;
        };
        self.wrong(format!("{name} {wrong}. {fix}"));
        false
    }

    /// What was put in the signing secret's place, where that can be told: the client secret looks the
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

    /// With a client id, the app may be installed by OAuth alone: each workspace has its own token and key then.
    fn is_oauth_alone(&self) -> bool {
        self.value("SLACK_CLIENT_ID").is_some() && self.value("SLACK_BOT_TOKEN").is_none()
    }

    fn oauth(&mut self) -> Option<OauthConfig> {
        let (id, secret) = (self.value("SLACK_CLIENT_ID"), self.value("SLACK_CLIENT_SECRET"));
        let teams = self.install_teams();
        let (client_id, client_secret) = match (id, secret) {
            (None, None) => return None,
            (Some(id), Some(secret)) => (id, secret),
            (Some(_), None) => {
                self.not_set("SLACK_CLIENT_SECRET", CLIENT_FIX);
                return None;
            }
            // It may be there for nothing: the secret alone opens nothing.
            (None, Some(_)) => {
                self.not_set("SLACK_CLIENT_ID", CLIENT_FIX);
                return None;
            }
        };
        let is_id = !client_id.is_empty()
            && client_id.chars().all(|c| c.is_ascii_digit() || c == '.')
            && client_id.contains('.');
        if !is_id {
            self.wrong(format!("SLACK_CLIENT_ID is not a client ID like 1234.5678. {CLIENT_FIX}"));
            return None;
        }
        if client_secret.starts_with("xox") || client_secret.starts_with("xapp-") {
            self.wrong(format!("SLACK_CLIENT_SECRET holds a token. {CLIENT_FIX}"));
            return None;
        }
        if !self.check_one_piece("SLACK_CLIENT_SECRET", &client_secret, CLIENT_FIX) {
            return None;
        }
        if self.value("PUBLIC_URL").is_none() {
            self.not_set(
                "PUBLIC_URL",
                "It's needed with SLACK_CLIENT_ID: Slack sends the person who installs the app back to it.",
            );
        }
        Some(OauthConfig { client_id, client_secret: Secret::new(client_secret), teams })
    }

    fn install_teams(&mut self) -> Vec<TeamId> {
        let text = self.value("INSTALL_TEAMS").unwrap_or_default();
        let mut teams = Vec::new();
        for id in text.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            match TeamId::parse(id) {
                Ok(team) if id.starts_with(['T', 'E']) => teams.push(team),
                Ok(_) | Err(_) => self.wrong(format!(
                    "INSTALL_TEAMS has `{id}`, which is not the id of a workspace or an organisation. For \
                     example: T0123ABCD,E0123ORG"
                )),
            }
        }
        teams
    }

    fn jules_key(&mut self) -> Option<Secret> {
        if self.is_oauth_alone() {
            if self.value("JULES_API_KEY").is_some() {
                self.missing(
                    "JULES_API_KEY is the key of the workspace of SLACK_BOT_TOKEN, which is not set. Leave it \
                     out: managers connect their workspace's account in Slack, with `/jules key workspace`.",
                );
            }
            return None;
        }
        let key = self.required("JULES_API_KEY", JULES_KEY_FIX)?;
        if key.starts_with("xox") || key.starts_with("xapp-") {
            self.wrong(format!("JULES_API_KEY holds a Slack token. {JULES_KEY_FIX}"));
            return None;
        }
        self.check_one_piece("JULES_API_KEY", &key, JULES_KEY_FIX).then(|| Secret::new(key))
    }

    /// Slack delivers over HTTP, where it signs, or through Socket Mode, where it does not.
    fn signing_secrets(&mut self) -> Option<Vec<Secret>> {
        let Some(text) = self.value("SLACK_SIGNING_SECRET") else {
            if self.value("SLACK_APP_TOKEN").is_some() {
                return Some(Vec::new());
            }
            // Socket Mode is what most want: it needs no public address.
            let fix =
                format!("{APP_TOKEN_FIX} Or set SLACK_SIGNING_SECRET, for requests over HTTP.");
            let near = self.near.iter().find(|near| near.meant == "SLACK_SIGNING_SECRET");
            match near.map(NearMiss::fix) {
                Some(rename) => self.missing(format!("SLACK_APP_TOKEN is not set. {rename}")),
                None => self.not_set("SLACK_APP_TOKEN", &fix),
            }
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
            if !self.check_one_piece("SLACK_SIGNING_SECRET", secret, SIGNING_FIX) {
                return None;
            }
        }
        Some(secrets.into_iter().map(Secret::new).collect())
    }

    fn app_token(&mut self) -> Option<Secret> {
        let token = self.value("SLACK_APP_TOKEN")?;
        if self.tokens_are_swapped() {
            // Said of the bot token.
            return None;
        }
        let other = ["xoxb-", "xoxp-", "xoxe-"].iter().find(|kind| token.starts_with(**kind));
        match other {
            Some(kind) => self.wrong(format!(
                "SLACK_APP_TOKEN is another kind of token ({kind}). {APP_TOKEN_FIX}"
            )),
            None if !token.starts_with("xapp-") || token.contains(char::is_whitespace) => {
                self.wrong(format!("SLACK_APP_TOKEN is not an app-level token. {APP_TOKEN_FIX}"));
            }
            None => return Some(Secret::new(token)),
        }
        None
    }

    fn tokens_are_swapped(&self) -> bool {
        let is = |name, kind| self.value(name).is_some_and(|token| token.starts_with(kind));
        is("SLACK_BOT_TOKEN", "xapp-") && is("SLACK_APP_TOKEN", "xoxb-")
    }

    fn bot_token(&mut self) -> Option<Secret> {
        if self.is_oauth_alone() {
            return None;
        }
        let token = self.required("SLACK_BOT_TOKEN", TOKEN_FIX)?;
        if self.tokens_are_swapped() {
            self.wrong("SLACK_BOT_TOKEN holds the app-level token and SLACK_APP_TOKEN the bot token. Swap the two.");
            return None;
        }
        let kinds = ["xapp-", "xoxp-", "xoxe.", "xoxe-", "xoxa-", "xoxs-", "xoxc-"];
        let wrong = match kinds.iter().find(|kind| token.starts_with(**kind)) {
            Some(&"xoxe.") => {
                "expires within 12 hours, because the app has token rotation turned on. Create an app \
                 without it"
                    .to_owned()
            }
            Some(kind) => format!("is another kind of token ({kind})"),
            None if !self.check_one_piece("SLACK_BOT_TOKEN", &token, TOKEN_FIX) => return None,
            None if !token.starts_with("xoxb-") => "is not a bot token".to_owned(),
            None => return Some(Secret::new(token)),
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
            _ => {
                self.wrong(format!("{name} is not an http(s) address. For example: {default}"));
                None
            }
        }
    }

    fn github(&mut self) -> Option<GitHubConfig> {
        let token = self.github_token();
        let secrets = self.value("GITHUB_WEBHOOK_SECRET").unwrap_or_default();
        let secrets = secrets.split(',').map(str::trim).filter(|secret| !secret.is_empty());
        let webhook_secrets = secrets.map(Secret::new).collect();
        let api_url = self.url("GITHUB_API_URL", github::PUBLIC_BASE)?;
        Some(GitHubConfig { token, webhook_secrets, api_url })
    }

    fn github_token(&mut self) -> Option<Secret> {
        let token = self.value("GITHUB_TOKEN")?;
        if token.starts_with("xox") || token.starts_with("xapp-") {
            self.wrong(format!("GITHUB_TOKEN holds a Slack token. {GITHUB_TOKEN_FIX}"));
            return None;
        }
        self.check_one_piece("GITHUB_TOKEN", &token, GITHUB_TOKEN_FIX).then(|| Secret::new(token))
    }

    pub(super) fn store_address(&self) -> String {
        self.value("STORE").unwrap_or_else(|| DEFAULT_STORE.to_owned())
    }

    fn store(&mut self) -> Option<StoreConfig> {
        let url = self.store_address();
        let mut key_file = store::key_file(&url);
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
            Some(keys) if Sealer::parse(keys).is_err() => {
                self.wrong(format!("ENCRYPTION_KEY is not 32 bytes, base64-encoded. {KEY_FIX}"));
                (encryption_key, key_file) = (None, None);
            }
            None if known && key_file.is_none() => {
                self.missing(format!(
                    "ENCRYPTION_KEY is not set, and STORE is not a file. {KEY_FIX}"
                ));
            }
            _ => {}
        }
        known.then(|| StoreConfig {
            url: Secret::new(url),
            encryption_key: encryption_key.map(Secret::new),
            key_file,
        })
    }

    /// With Socket Mode alone there are only probes and metrics, which should stay on this machine.
    fn default_listen(&self) -> &'static str {
        let is_socket_alone =
            self.value("SLACK_APP_TOKEN").is_some() && self.value("SLACK_SIGNING_SECRET").is_none();
        if is_socket_alone { "127.0.0.1:3000" } else { "0.0.0.0:3000" }
    }

    pub(super) fn listen(&mut self) -> Option<SocketAddr> {
        let text = self.value("LISTEN").unwrap_or_else(|| self.default_listen().to_owned());
        let address = text.parse().ok();
        if address.is_none() {
            self.wrong("LISTEN is not an address with a port. For example: 0.0.0.0:3000");
        }
        address
    }

    fn public_url(&mut self) -> Option<Url> {
        let text = self.value("PUBLIC_URL")?;
        // Slack requires https; on this machine alone, for trying things out, http will do.
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

    /// The file is read to its end, so that everything that is wrong with it is told with the rest.
    fn access(&mut self) -> AccessConfig {
        let mut admins = Vec::new();
        let ids = self.value("ADMINS").unwrap_or_default();
        for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            match named(id) {
                Some(one) => admins.push(one),
                None => self.wrong(format!(
                    "ADMINS has `{id}`, which is not the id of a person or user group. For example: \
                     U0123ABCD,S0123GRP"
                )),
            }
        }
        let file = self.value("ACCESS_FILE").map(PathBuf::from);
        let access = AccessConfig { file, admins };
        if let Err(mistakes) = access.policy() {
            self.mistakes.extend(mistakes);
        }
        access
    }

    fn audit_days(&mut self) -> u32 {
        let Some(text) = self.value("AUDIT_DAYS") else { return AUDIT_DAYS };
        match text.parse() {
            Ok(days) if (1..=36_500).contains(&days) => days,
            _ => {
                self.wrong("AUDIT_DAYS is not a number of days. For example: 365");
                AUDIT_DAYS
            }
        }
    }

    fn log_format(&mut self) {
        if self.value("LOG_FORMAT").is_some_and(|format| format != "text" && format != "json") {
            self.wrong("LOG_FORMAT is neither text nor json.");
        }
        let filter = self.value("LOG").unwrap_or_default();
        // To the filter, a word alone names a module, so a level written wrongly switches all logs off.
        let is_level = |word: &str| word.parse::<LevelFilter>().is_ok();
        let is_alone = |part: &&str| !part.is_empty() && !part.contains(['=', '[', ':']);
        let unknown =
            filter.split(',').map(str::trim).filter(is_alone).find(|word| !is_level(word));
        if let Some(word) = unknown {
            self.wrong(format!(
                "LOG has `{word}`, which is not a level. Use error, warn, info, debug or trace, or a module \
                 with its level, for example: info,jules_slack=debug"
            ));
        } else if filter.parse::<EnvFilter>().is_err() {
            self.wrong("LOG is not a filter. For example: info, or info,jules_slack=debug");
        }
    }
}

const DEFAULT_STORE: &str = "file:jules.redb";
const SIGNING_FIX: &str = "Copy it from your app's page at https://api.slack.com/apps: Basic Information, Signing Secret.";
const TOKEN_FIX: &str = "Copy the bot token, xoxb-…, from your app's page at \
                         https://api.slack.com/apps: OAuth & Permissions.";
const CLIENT_FIX: &str = "Copy it from your app's page at https://api.slack.com/apps: Basic Information, App \
                          Credentials.";
const APP_TOKEN_FIX: &str = "Create one, xapp-…, with the scope connections:write on your app's page at \
                             https://api.slack.com/apps: Basic Information, App-Level Tokens.";
const JULES_KEY_FIX: &str = "Create one at https://jules.google.com/settings#api.";
const GITHUB_TOKEN_FIX: &str = "Create one that can read pull requests, contents and commit statuses at \
                                https://github.com/settings/tokens.";
const KEY_FIX: &str = "Create one with: openssl rand -base64 32";
