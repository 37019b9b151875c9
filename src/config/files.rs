//! Secrets from files: `SLACK_BOT_TOKEN_FILE=/run/secrets/token` in place of `SLACK_BOT_TOKEN`, as Docker, Kubernetes
//! and systemd hand them over.

use super::Warning;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

/// The settings that may be in a file of their own: those that hold secrets. `STORE` may hold a password.
const SECRETS: &[&str] = &[
    "SLACK_APP_TOKEN",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_SECRET",
    "JULES_API_KEY",
    "STORE",
    "ENCRYPTION_KEY",
    "GITHUB_TOKEN",
    "GITHUB_WEBHOOK_SECRET",
];

/// More is no secret.
const LARGEST: usize = 64 * 1024;

/// A file with a secret that others may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenFile {
    setting: String,
    path: PathBuf,
}

impl OpenFile {
    /// Kubernetes mounts secrets like this, so it is no mistake.
    pub(super) fn warning(&self) -> Warning {
        Warning {
            words: format!(
                "every user of this machine can read `{}`, which {} names",
                self.path.display(),
                self.setting
            ),
            fix: format!(
                "Run: chmod 600 {}. In a pod, set defaultMode: 0440 and fsGroup",
                self.path.display()
            ),
        }
    }
}

/// The setting that names the file of this one; `None` where it holds no secret.
pub(super) fn setting_of(name: &str) -> Option<String> {
    SECRETS.contains(&name).then(|| format!("{name}_FILE"))
}

/// What came of reading such files.
#[derive(Debug, Clone, Default)]
pub(super) struct FilesRead {
    /// What is wrong with them, each with its setting.
    pub(super) mistakes: Vec<String>,
    /// The settings that are wrong for this, and for nothing else.
    pub(super) unread: Vec<&'static str>,
    /// The files that others may read too.
    pub(super) open: Vec<OpenFile>,
}

/// Puts what such files say in the place of the settings that they are for.
pub(super) fn read(vars: &mut HashMap<String, String>) -> FilesRead {
    let mut read = FilesRead::default();
    let is_set = |vars: &HashMap<String, String>, name: &str| {
        vars.get(name).is_some_and(|value| !value.trim().is_empty())
    };
    for name in SECRETS {
        let setting = format!("{name}_FILE");
        if !is_set(vars, &setting) {
            continue;
        }
        let path = PathBuf::from(vars[&setting].trim());
        let content = if is_set(vars, name) {
            Err(format!("{name} and {setting} are both set. Leave one of them out."))
        } else {
            content(&path)
                .map_err(|wrong| format!("{setting} names `{}`, which {wrong}.", path.display()))
        };
        match content {
            Ok(text) => {
                vars.insert((*name).to_owned(), text);
            }
            Err(mistake) => {
                read.mistakes.push(mistake);
                read.unread.push(name);
            }
        }
        if is_for_all(&path) {
            read.open.push(OpenFile { setting, path });
        }
    }
    read
}

fn content(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "doesn't exist".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        _ => format!("can't be read: {error}"),
    })?;
    if bytes.len() > LARGEST {
        return Err("is too large for a secret".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "is not text".to_owned())?;
    match text.trim() {
        "" => Err("is empty".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// Whether every user of this machine may read a file.
#[cfg(unix)]
fn is_for_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|facts| facts.permissions().mode() & 0o004 != 0)
}

/// There are no such modes here.
#[cfg(not(unix))]
fn is_for_all(_: &Path) -> bool {
    false
}
