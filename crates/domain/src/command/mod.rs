//! What someone types after `/jules`, read and printed.
//!
//! ```text
//! text        nothing            the form
//!             options            the form, filled with them
//!             sub-command        when the whole text fits one, see below
//!             everything else    a prompt, with options anywhere in it
//!             options -- words   the words are the prompt, whatever they look like
//! option      key=value          at the start of a word, outside `code`, ``` fences and "quoted words"
//! value       a word, or words in quotes on one line; straight, curly or code quotes
//! sub-command help | bind [REPO] | unbind | bindings | repos [TEXT] | list | status | stop | approve
//!             | follow [LINK] | version | settings | key
//! ```
//!
//! What follows from it, and why:
//!
//! - A sub-command is one only when nothing else is there: `list the endpoints` is work for Jules.
//!   REPO and TEXT are one word, or one in quotes, so `bind the socket to port 3000` and `repos
//!   need a licence` are prompts. One or two words that begin with a verb are never work, though:
//!   `stop`, `list mine`, `delete it` (`lone.rs`).
//! - Where a slip would start work on the wrong thing, nothing starts: `rep=404less …`, `plan=maybe`,
//!   `bind acme/api please` and `lsit` are [`CommandError`], each with the correction where there is one.
//!   So is `repo: 404less`, if there is such a repository (`slip.rs`).
//! - Text that holds a key or a token is nothing but that, and is repeated nowhere.
//! - Letter case of keys, sub-commands and of `ask`, `auto`, `none` does not count: phones
//!   capitalise. They make dashes long and quotes curly, too; `—` is `--` here.
//! - Quotes belong to the prompt, unless they enclose the value of an option.
//! - A comma or semicolon after an option belongs to neither value nor prompt. A quote that is not
//!   closed on its line is an ordinary character, and so is a backtick.
//!
//! One table (`table.rs`) names the keys and the sub-commands; reading, printing and `help` use it.
//! Reading what was printed gives the same command again, for every command that can be read.

mod lone;
mod parse;
mod print;
mod quote;
mod request;
mod scan;
mod slip;
mod table;
mod typo;

#[cfg(test)]
mod tests;

pub use parse::{CommandError, Reading, parse, read};
pub use request::{BindArgs, Command, ContextMode, Options, Ping, PlanMode, PrMode, Request};
pub use slip::Doubt;
pub use table::{Goal, Help, HelpRow, help};

/// The longest value of an option, in characters: longer than any repository, branch or title, and
/// a bound on how far a closing quote is looked for.
pub(crate) const VALUE_MAX: usize = 500;
