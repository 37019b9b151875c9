//! Command to text: what to type to get it.

use super::parse::read;
use super::quote;
use super::request::{BindArgs, Command, Options, Request};
use super::table::{KEYS, verb_of};
use crate::tenant::Whose;
use std::fmt;

/// Prints the text after `/jules` that [`parse`](super::parse) reads as this command again, provided that it is
/// one that can be read.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(verb) = verb_of(self) {
            f.write_str(verb)?;
        }
        match self {
            Self::Start(request) => f.write_str(&typed(request)),
            Self::Bind(BindArgs { repo, options }) => {
                if let Some(repo) = repo {
                    write!(f, " {}", quote::write(repo))?;
                }
                if options.is_empty() { Ok(()) } else { write!(f, " {options}") }
            }
            Self::Repos { filter: Some(text) } => write!(f, " {}", quote::write(text)),
            Self::Follow { session: Some(typed) } => write!(f, " {}", quote::write(typed)),
            Self::Key(Whose::Workspace) => f.write_str(" workspace"),
            // Nothing follows the word.
            _ => Ok(()),
        }
    }
}

/// `key=value`, separated by spaces, in the order of the table.
impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut space = "";
        for key in KEYS {
            if let Some(value) = (key.get)(self) {
                write!(f, "{space}{}={}", key.name, quote::write(value))?;
                space = " ";
            }
        }
        Ok(())
    }
}

/// The options and the prompt, with `--` between them only when the prompt would not be read as
/// one without it.
fn typed(request: &Request) -> String {
    let options = request.options.to_string();
    let plain = format!("{options} {}", request.prompt);
    match read(&plain).settle(|_, _| true) {
        Ok(Command::Start(again)) if again == *request => plain.trim().to_owned(),
        _ => format!("{options} -- {}", request.prompt).trim().to_owned(),
    }
}
