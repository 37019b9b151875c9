//! Who may do what: why something is refused, and all rules of a place.

use super::{code, name};
use crate::rich_text::{Line, Rich, say};
use domain::policy::{
    CapReached, Guests, KeyUse, Named, Refusal, Repos, Right, SetBy, SharedChannels, Summary,
    WhoMay,
};
use domain::repo::RepoRef;

/// Who set a rule, to stand in brackets behind it.
fn set_by(set_by: &SetBy) -> &'static str {
    match set_by {
        SetBy::Repository => "set for this repository",
        SetBy::Channel => "set for this channel",
        SetBy::Workspace => "set for this workspace",
        SetBy::Defaults => "set by the person who runs this app",
        SetBy::BuiltIn => "the default",
    }
}

/// What a right allows, to end the sentence "Only admins can …".
fn deeds(right: Right) -> &'static str {
    match right {
        Right::See => "see that",
        Right::Start => "start tasks",
        Right::Approve => "approve plans",
        Right::Steer => "answer or stop tasks",
        Right::Bind => "bind channels",
        Right::Manage => "change the workspace's settings",
    }
}

/// What to ask someone else for, to end the sentence "Ask one of them …" or "Ask them …".
fn favour(right: Right) -> &'static str {
    match right {
        Right::See => "to show it to you",
        Right::Manage => "to do that",
        Right::Start => "to start it",
        Right::Approve => "to approve it",
        Right::Steer => "to do it for you",
        Right::Bind => "to bind it",
    }
}

fn one_of(named: &Named) -> Line {
    match named {
        Named::Person(user) => Line::from(user),
        Named::Group(group) => Line::from(group),
    }
}

fn all_of(named: &[Named]) -> Line {
    Line::join(named.iter().map(one_of), ", ")
}

/// Whom of these to ask: one person is no group.
fn one_or_them(named: &[Named]) -> &'static str {
    if let [Named::Person(_)] = named { "them" } else { "one of them" }
}

/// Why something is refused, and whom to ask.
pub(super) fn refusal(refusal: &Refusal) -> Line {
    match refusal {
        Refusal::Rule { right, who, repo, requester, set_by: by } => {
            let on = match repo {
                Some(repo) => say!(" on {}", name(repo)),
                None => Line::default(),
            };
            let (deeds, favour, by) = (deeds(*right), favour(*right), set_by(by));
            match who {
                WhoMay::These(named) if named.is_empty() => {
                    say!(
                        "Nobody can {}{} ({}). The person who runs this app can allow it.",
                        deeds,
                        on,
                        by
                    )
                }
                WhoMay::These(named) => say!(
                    "Only {} can {}{} ({}). Ask {} {}.",
                    all_of(named),
                    deeds,
                    on,
                    by,
                    one_or_them(named),
                    favour
                ),
                WhoMay::Admins => say!(
                    "Only owners and admins of this workspace can {}{} ({}). Ask one of them {}.",
                    deeds,
                    on,
                    by,
                    favour
                ),
                WhoMay::Requester => {
                    let whom = requester.as_ref().map_or(Line::from("them"), Line::from);
                    say!(
                        "Only the person who asked for this task can do that{} ({}). Ask {} {}.",
                        on,
                        by,
                        whom,
                        favour
                    )
                }
                WhoMay::Other => say!(
                    "You asked for this task, so someone else has to approve its plan{} ({}). Ask a \
                     teammate {}.",
                    on,
                    by,
                    favour
                ),
                WhoMay::Everyone => {
                    say!(
                        "Only full members of this workspace can {}{}. Ask one of them {}.",
                        deeds,
                        on,
                        favour
                    )
                }
            }
        }
        Refusal::Guest { right, set_by: by, .. } => say!(
            "Guests can't {} here ({}). Ask a member {}.",
            deeds(*right),
            set_by(by),
            favour(*right)
        ),
        Refusal::Shared { right, set_by: by } => say!(
            "You can't {} in channels that other organisations are in ({}). Use another channel.",
            deeds(*right),
            set_by(by)
        ),
        Refusal::Direct { set_by: by } => say!(
            "You can't start tasks in direct messages ({}). Start this one in a channel.",
            set_by(by)
        ),
        Refusal::Repo { repo, only_bound: true, bound: Some(bound), set_by: by } => say!(
            "You can't use {} here: this channel's tasks are for {} ({}). Use a channel that is bound to \
             it.",
            name(repo),
            name(bound),
            set_by(by)
        ),
        Refusal::Repo { repo, only_bound: true, bound: None, set_by: by } => say!(
            "You can't use {} here, because this channel isn't bound to a repository ({}). Bind it with \
             `/jules bind owner/repo`, or use a channel that is.",
            name(repo),
            set_by(by)
        ),
        Refusal::Repo { repo, only_bound: false, set_by: by, .. } => say!(
            "You can't use {} here ({}). `/jules repos` lists what you can use.",
            name(repo),
            set_by(by)
        ),
        Refusal::Cap(reached) => cap(reached),
        Refusal::Unsure => say!(
            "I couldn't check whether you may do that, because Slack didn't answer, so I didn't do \
             anything. Try again in a minute."
        ),
    }
}

fn cap(reached: &CapReached) -> Line {
    let CapReached { most, of_person, frees, set_by: by } = reached;
    let by = set_by(by);
    match (of_person, frees) {
        (true, Some(at)) => say!(
            "You've used your {} tasks for today ({}). The next one frees up {}. Ask an admin if you need \
             more.",
            *most,
            by,
            *at
        ),
        (false, Some(at)) => say!(
            "This channel has used its {} tasks for today ({}). The next one frees up {}. Ask an admin if \
             you need more.",
            *most,
            by,
            *at
        ),
        (true, None) => say!(
            "You have {} open tasks, the most you can have ({}). Wait until one is done, or stop one with \
             `/jules stop`.",
            *most,
            by
        ),
        (false, None) => say!(
            "This channel has {} open tasks, the most it can have ({}). Wait until one is done, or stop one \
             in `/jules list`.",
            *most,
            by
        ),
    }
}

/// Where a rule comes from, in the list of all.
fn origin(set_by: &SetBy) -> &'static str {
    match set_by {
        SetBy::Repository => "this repository",
        SetBy::Channel => "this channel",
        SetBy::Workspace => "this workspace",
        SetBy::Defaults => "every workspace",
        SetBy::BuiltIn => "built in",
    }
}

fn who(who: &WhoMay) -> Line {
    match who {
        WhoMay::Everyone => say!("everyone"),
        WhoMay::Requester => say!("the person who asked for the task"),
        WhoMay::Other => say!("everyone but the person who asked for the task"),
        WhoMay::Admins => say!("admins"),
        WhoMay::These(named) if named.is_empty() => say!("nobody"),
        WhoMay::These(named) => all_of(named),
    }
}

/// The right, to begin a line of the list with.
fn right(right: Right) -> &'static str {
    match right {
        Right::See => "See",
        Right::Start => "Start tasks",
        Right::Approve => "Approve plans",
        Right::Steer => "Answer and stop tasks",
        Right::Bind => "Bind channels",
        Right::Manage => "Change the workspace's settings",
    }
}

fn patterns(repos: &Repos) -> Line {
    match repos {
        Repos::Bound => say!("only what the channel is bound to"),
        Repos::Matching(all) if all.is_empty() => say!("not all of them"),
        Repos::Matching(all) => Line::join(all.iter().map(|one| code(&one.to_string())), ", "),
    }
}

fn caps(person: Option<u32>, channel: Option<u32>) -> Line {
    match (person, channel) {
        (None, None) => say!("no limit"),
        (Some(person), None) => say!("{} for each person", person),
        (None, Some(channel)) => say!("{} in a channel", channel),
        (Some(person), Some(channel)) => {
            say!("{} for each person, {} in a channel", person, channel)
        }
    }
}

/// All rules of a place, each with where it comes from.
pub(super) fn summary(summary: &Summary) -> Rich {
    let Summary {
        rights, guests, shared, dm, context, keys, repos, open_tasks, tasks_a_day, ..
    } = summary;
    let mut rich = Rich::from(say!("*Who may do what here*"));
    for (one, may, by) in rights {
        rich = rich.item(None, say!("{}: {} ({})", right(*one), who(may), origin(by)));
    }
    let guests_may = match guests.0 {
        Guests::None => "only look",
        Guests::Steer => "answer and stop tasks",
        Guests::Start => "start, answer and stop tasks",
    };
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" };
    let shared_may = match shared.0 {
        SharedChannels::Members => "members of this workspace only",
        SharedChannels::Off => "nobody",
    };
    let key = match keys.0 {
        KeyUse::OwnFirst => {
            "the person's own Jules account if they connected one, otherwise the workspace's"
        }
        KeyUse::OwnOnly => "the person's own Jules account",
    };
    rich = rich
        .item(None, say!("Guests: {} ({})", guests_may, origin(&guests.1)))
        .item(None, say!("Tasks in shared channels: {} ({})", shared_may, origin(&shared.1)))
        .item(None, say!("Tasks in direct messages: {} ({})", yes_or_no(dm.0), origin(&dm.1)))
        .item(None, say!("Threads sent along: {} ({})", yes_or_no(context.0), origin(&context.1)));
    rich = match repos {
        Some((repos, by)) => {
            rich.item(None, say!("Repositories: {} ({})", patterns(repos), origin(by)))
        }
        None => rich.item(None, say!("Repositories: all ({})", origin(&SetBy::BuiltIn))),
    };
    let open = caps(open_tasks.0, open_tasks.1);
    let day = caps(tasks_a_day.0, tasks_a_day.1);
    rich = rich
        .item(None, say!("Open tasks: {} ({})", open, origin(&open_tasks.2)))
        .item(None, say!("Tasks a day: {} ({})", day, origin(&tasks_a_day.2)))
        .item(None, say!("Account: {} ({})", key, origin(&keys.1)));
    rich = match &summary.admins {
        Some((named, by)) => rich.item(None, say!("Admins: {} ({})", all_of(named), origin(by))),
        None => rich.item(
            None,
            say!("Admins: this workspace's owners and admins ({})", origin(&SetBy::BuiltIn)),
        ),
    };
    for (pattern, one, may) in &summary.repositories {
        let pattern = code(&pattern.to_string());
        rich = rich.item(None, say!("{} on {}: {}", right(*one), pattern, who(may)));
    }
    if summary.is_outdated {
        rich = rich.line(say!(
            "The access file was changed and has a mistake now, so the rules from before still apply. The app's \
             log names the mistake."
        ));
    }
    rich.line(say!("The person who runs this app sets this in its access file."))
}

/// Why a repository can't be used, at its field.
pub(super) fn not_usable(repo: &RepoRef) -> String {
    format!("{repo} can't be used here. To see the rules that apply, type `/jules access`.")
}
