//! Settings: read from the environment and from `.env` in the working directory, all mistakes
//! reported at once.
//!
//! [`SETTINGS`] names every one of them.

mod access;
mod dotenv;
mod files;
mod near;
mod reader;
mod table;
#[cfg(test)]
mod tests;
mod warnings;

pub use access::{AccessConfig, Mistake as AccessMistake, parse as parse_access};
pub use table::{SETTINGS, Setting};
pub use warnings::Warning;
pub(crate) use warnings::is_open_to_others;

use domain::audit::AUDIT_DAYS;
use domain::ids::TeamId;
pub use domain::quota::Plan as JulesPlan;
use domain::secret::Secret;
use dotenv::Dotenv;
use near::NearMiss;
use reader::Reader;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use url::Url;

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Slack's side.
    pub slack: SlackConfig,
    /// Jules' side.
    pub jules: JulesConfig,
    /// GitHub's side; `None` where it isn't asked at all.
    pub github: Option<GitHubConfig>,
    /// Where things are kept.
    pub store: StoreConfig,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where Slack reaches us.
    pub public_url: Option<Url>,
    /// Who may do what.
    pub access: AccessConfig,
    /// For how many days the audit trail is kept.
    pub audit_days: u32,
}

/// Slack's side.
#[derive(Debug, Clone)]
pub struct SlackConfig {
    /// Any of these may have signed a request; none when requests do not come over HTTP.
    pub signing_secrets: Vec<Secret>,
    /// Opens the connections of Socket Mode; `None` where it is off.
    pub app_token: Option<Secret>,
    /// The bot's token in the workspace of the settings; `None` where the app is only installed by OAuth.
    pub bot_token: Option<Secret>,
    /// The Web API's base address.
    pub api_url: Url,
    /// How others install the app; `None` where they can't.
    pub oauth: Option<OauthConfig>,
}

/// How the app is installed in other workspaces.
#[derive(Debug, Clone)]
pub struct OauthConfig {
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: Secret,
    /// The workspaces in which it may be installed.
    pub teams: Vec<TeamId>,
}

/// Jules' side.
#[derive(Debug, Clone)]
pub struct JulesConfig {
    /// The key of the account of the workspace of the settings; `None` without that workspace.
    pub api_key: Option<Secret>,
    /// The account's plan.
    pub plan: JulesPlan,
    /// The API's base address.
    pub api_url: Url,
}

/// GitHub's side, which is only read.
#[derive(Debug, Clone)]
pub struct GitHubConfig {
    /// What reads pull requests and issues; without one only public ones are read.
    pub token: Option<Secret>,
    /// Any of these may have signed a webhook; none when there are no webhooks.
    pub webhook_secrets: Vec<Secret>,
    /// The API's base address.
    pub api_url: Url,
}

impl GitHubConfig {
    /// Where a token is sent, if there is one.
    fn token_goes_to(&self) -> Option<&Url> {
        self.token.as_ref().map(|_| &self.api_url)
    }
}

/// Where things are kept.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `file:…` or `redis…://…`; may hold a password.
    pub url: Secret,
    /// The keys that seal secrets, base64, comma-separated.
    pub encryption_key: Option<Secret>,
    /// Where the key is kept when it is made by ourselves.
    pub key_file: Option<PathBuf>,
}

impl StoreConfig {
    /// The kind of store and where it is, without a password, for people.
    #[must_use]
    pub fn kind(&self) -> String {
        let url = self.url.expose();
        match (store::file_path(url), Url::parse(url)) {
            (Some(_), _) => url.to_owned(),
            (None, Ok(url)) => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
            }
            (None, Err(_)) => url.split(':').next().unwrap_or_default().to_owned(),
        }
    }
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
        writeln!(f, "Some settings are missing or wrong:")?;
        for mistake in &self.0 {
            match mistake.split_once(". ") {
                Some((wrong, fix)) => writeln!(f, "  - {wrong}.\n    {fix}")?,
                None => writeln!(f, "  - {mistake}")?,
            }
        }
        write!(f, "Set them in the environment or in a file named .env; see --help.")
    }
}

impl std::error::Error for Mistakes {}

/// The settings as text, before they are checked. Secrets are among them, hence no `Debug`.
#[derive(Clone)]
pub struct Variables {
    /// Their values by name.
    pub vars: HashMap<String, String>,
    /// `None` without a `.env` file, or when something is wrong with it (the mistakes name it then).
    pub file: Option<SettingsFile>,
    /// What is wrong with the file, each with the fix.
    mistakes: Vec<String>,
    /// Some of them are about the `.env` file, which may set what is missing otherwise.
    is_file_wrong: bool,
    /// The secrets that are in files of their own.
    files: files::FilesRead,
}

/// Which `.env` file was read, and what for.
#[derive(Debug, Clone)]
pub struct SettingsFile {
    /// Its absolute path.
    pub path: PathBuf,
    /// The settings that it decides, including those that name the file of a secret: the environment has no other value
    /// for them.
    pub names: Vec<String>,
}

impl From<HashMap<String, String>> for Variables {
    fn from(vars: HashMap<String, String>) -> Self {
        let mut vars = vars;
        let files = files::read(&mut vars);
        let mistakes = files.mistakes.clone();
        Self { vars, file: None, mistakes, is_file_wrong: false, files }
    }
}

impl Variables {
    /// What this process was started with, over `.env` in the working directory. A parent folder's
    /// `.env` may be anyone's, so it isn't looked for.
    #[must_use]
    pub fn read() -> Self {
        let text = |text: OsString| text.to_string_lossy().into_owned();
        let vars = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
        Self::over(dotenv::read(Path::new(".env")), vars)
    }

    fn over(file: Option<Dotenv>, vars: HashMap<String, String>) -> Self {
        let Some(Dotenv { path, values, mistakes }) = file else { return vars.into() };
        let decides = |name: &String| {
            !vars.contains_key(name) && values.get(name).is_some_and(|v| !v.trim().is_empty())
        };
        let names = SETTINGS.iter().flat_map(|setting| {
            [Some(setting.name.to_owned()), files::setting_of(setting.name)].into_iter().flatten()
        });
        let names = names.filter(decides).collect();
        let is_file_wrong = !mistakes.is_empty();
        let file = (!is_file_wrong).then_some(SettingsFile { path, names });
        let mut all = Self::from(values.into_iter().chain(vars).collect::<HashMap<_, _>>());
        all.mistakes.splice(0..0, mistakes);
        Self { file, is_file_wrong, ..all }
    }

    /// For a command that looks at one setting and doesn't mind mistakes in others.
    ///
    /// # Errors
    /// When there is a `.env` file that can't be trusted, or can't be read to its end.
    pub(crate) fn file_is_right(&self) -> Result<(), Mistakes> {
        Reader::new(self).result(Some(()))
    }
}

/// How logs look.
#[must_use]
pub fn log(environment: &Variables) -> LogConfig {
    let vars = &environment.vars;
    let value = |name: &str| vars.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    LogConfig {
        filter: value("LOG").unwrap_or("info").to_owned(),
        json: value("LOG_FORMAT") == Some("json"),
    }
}

/// Where the app of these settings listens.
///
/// # Errors
/// When `LISTEN` is no address, or the `.env` file is wrong.
pub fn listen(environment: &Variables) -> Result<SocketAddr, Mistakes> {
    let mut reader = Reader::new(environment);
    let address = reader.listen();
    reader.result(address)
}

impl Config {
    /// These, and nothing else set: it listens on loopback, at a port that the system chooses, and GitHub isn't asked.
    #[must_use]
    pub fn of(slack: SlackConfig, jules: JulesConfig, store: StoreConfig) -> Self {
        Self {
            slack,
            jules,
            github: None,
            store,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            public_url: None,
            access: AccessConfig::default(),
            audit_days: AUDIT_DAYS,
        }
    }

    /// How Slack's deliveries come in, for people.
    #[must_use]
    pub fn transport(&self) -> &'static str {
        match (&self.slack.app_token, self.slack.signing_secrets.is_empty()) {
            (Some(_), true) => "Socket Mode",
            (Some(_), false) => "Socket Mode and HTTP",
            (None, _) => "HTTP",
        }
    }

    /// Reads the settings.
    ///
    /// # Errors
    /// All mistakes, each with its setting and the fix.
    pub fn read(environment: &Variables) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(environment);
        let whole = reader.parts().whole();
        reader.result(whole)
    }

    /// Whether a server has to be trusted: with proxies and simulations without TLS none has. GitHub doesn't have to
    /// be reached.
    #[must_use]
    pub(crate) fn is_over_tls(&self) -> bool {
        is_over_tls([&self.slack.api_url, &self.jules.api_url])
    }
}

fn is_over_tls<'u>(apis: impl IntoIterator<Item = &'u Url>) -> bool {
    apis.into_iter().any(|api| api.scheme() == "https")
}

/// Settings parsed independently, so `doctor` can report on each.
#[derive(Debug, Clone)]
pub struct Parts {
    /// See [`SlackConfig::signing_secrets`].
    pub signing_secrets: Option<Vec<Secret>>,
    /// See [`SlackConfig::app_token`].
    pub app_token: Option<Secret>,
    /// See [`SlackConfig::bot_token`].
    pub bot_token: Option<Secret>,
    /// See [`SlackConfig::api_url`].
    pub slack_url: Option<Url>,
    /// See [`SlackConfig::oauth`].
    pub oauth: Option<OauthConfig>,
    /// The app is installed by OAuth alone, and no workspace is in the settings.
    pub is_oauth_alone: bool,
    /// See [`JulesConfig::api_key`].
    pub jules_key: Option<Secret>,
    /// See [`JulesConfig::plan`].
    pub plan: JulesPlan,
    /// See [`JulesConfig::api_url`].
    pub jules_url: Option<Url>,
    /// See [`Config::github`].
    pub github: Option<GitHubConfig>,
    /// Without any key when that is what is wrong.
    pub store: Option<StoreConfig>,
    /// See [`Config::listen`].
    pub listen: Option<SocketAddr>,
    /// See [`Config::public_url`].
    pub public_url: Option<Url>,
    /// See [`Config::access`].
    pub access: AccessConfig,
    /// See [`Config::audit_days`].
    pub audit_days: u32,
    near: Vec<NearMiss>,
    open_files: Vec<files::OpenFile>,
}

impl Parts {
    /// What can be read, and every mistake in the rest, with its setting and the fix.
    #[must_use]
    pub fn read(environment: &Variables) -> (Self, Vec<String>) {
        let mut reader = Reader::new(environment);
        let parts = reader.parts();
        (parts, reader.mistakes)
    }

    /// See [`Config::is_over_tls`].
    #[must_use]
    pub(crate) fn is_over_tls(&self) -> bool {
        is_over_tls(self.slack_url.iter().chain(&self.jules_url))
    }

    fn whole(self) -> Option<Config> {
        Some(Config {
            slack: SlackConfig {
                signing_secrets: self.signing_secrets?,
                app_token: self.app_token,
                bot_token: if self.is_oauth_alone { None } else { Some(self.bot_token?) },
                api_url: self.slack_url?,
                oauth: self.oauth,
            },
            jules: JulesConfig {
                api_key: if self.is_oauth_alone { None } else { Some(self.jules_key?) },
                plan: self.plan,
                api_url: self.jules_url?,
            },
            github: Some(self.github?),
            store: self.store?,
            listen: self.listen?,
            public_url: self.public_url,
            access: self.access,
            audit_days: self.audit_days,
        })
    }
}

/// The keys that seal secrets, for a command that needs nothing else.
///
/// # Errors
/// When the `.env` file is wrong.
pub fn encryption_key(environment: &Variables) -> Result<Option<Secret>, Mistakes> {
    let reader = Reader::new(environment);
    let keys = reader.value("ENCRYPTION_KEY").map(Secret::new);
    reader.result(Some(keys))
}

/// The address of the store, for a command that needs nothing else.
///
/// # Errors
/// When the `.env` file is wrong: it may name another store than the default.
pub(crate) fn store_address(environment: &Variables) -> Result<String, Mistakes> {
    let reader = Reader::new(environment);
    let address = reader.store_address();
    reader.result(Some(address))
}
