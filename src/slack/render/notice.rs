//! What one person is told, and what a command is answered.

use super::card::{block_id, stop};
use super::cause::{cause_words, held_words};
use super::target;
use super::thread::{self, LONGEST_QUOTE, session_button};
use super::{JULES, branch_name, code, command, harmless, list, name, quoted};
use crate::domain::fault::Cause;
use crate::domain::inbound::Verb;
use crate::domain::message::{Notice, StaleAction};
use crate::domain::offer::StaleOffer;
use crate::domain::repo::TargetReason;
use crate::domain::task::{LARGEST_FILE, LeftOut, MOST_CHOICES, MOST_FILES, WhyLeftOut};
use crate::slack::action::Action;
use crate::slack::blocks::{actions, button, primary};
use crate::slack::mrkdwn;
use slack_morphism::prelude::*;

/// The words, as mrkdwn.
pub(super) fn words(notice: &Notice) -> String {
    match notice {
        Notice::Taken { repo, branch, why } => {
            let why = match why {
                TargetReason::Asked => "",
                TargetReason::Binding => " (this channel's repository)",
                TargetReason::OnlySource => " (the only one connected)",
            };
            format!("On it! {}, branch {}{why}.", name(repo), branch_name(branch))
        }
        Notice::Choose { typed, candidates, .. } => target::choose(typed, candidates),
        Notice::ManyFit { typed, count, .. } => target::many_fit(typed, *count),
        Notice::SeveralFit { typed, candidates } => target::several_fit(typed, candidates),
        Notice::UnknownRepo { task, typed, nearest } => {
            target::unknown_repo(task.as_ref(), typed, nearest)
        }
        Notice::UnknownBranch { task, repo, typed, nearest } => {
            target::unknown_branch(task.as_ref(), repo, typed, nearest)
        }
        Notice::UnknownPath { task, repo, path } => {
            target::unknown_path(task.as_ref(), repo, path)
        }
        Notice::NoDefaultBranch { repo, .. } => format!(
            "Jules reports no default branch for {}. Pick a branch, or type it as `branch=…`.",
            name(repo)
        ),
        Notice::NoSources => format!(
            "No repository is connected to Jules yet. Connect one at {JULES}, then type the \
             command again."
        ),
        Notice::NotStarted { cause, .. } => format!("Nothing was started. {}", cause_words(cause)),
        Notice::FormNotOpened { task: Some(_) } => {
            "Slack did not open the form in time. What you typed is kept.".to_owned()
        }
        Notice::FormNotOpened { task: None } => "Slack did not open the form in time. Type the \
                                              command again, or all of it: `/jules bind \
                                              owner/repo`."
            .to_owned(),
        Notice::FormExpired => {
            "That request is more than a day old and I no longer have it, so nothing was started. \
             Type `/jules` again."
                .to_owned()
        }
        Notice::CommandError { error, .. } => command::misspelt(error),
        Notice::OfferNotRun(StaleOffer::Expired) => {
            "This button has expired, so I didn't start anything. Type the command again.".to_owned()
        }
        Notice::OfferNotRun(StaleOffer::NotTheirs) => {
            "Only the person who typed this command can run it, in the channel they typed it in."
                .to_owned()
        }
        Notice::OfferNotRun(StaleOffer::Used) => "I already ran this command.".to_owned(),
        Notice::Help => command::help(),
        Notice::Version => format!(
            "I'm jules-slack {}. `/jules help` lists what I can do.",
            env!("CARGO_PKG_VERSION")
        ),
        Notice::Bound(binding) => command::bound(binding),
        Notice::Unbound { repo, by } => {
            format!("<@{by}> unbound this channel from {}.", name(repo))
        }
        Notice::NotBound => "This channel is not bound to a repository. Bind it with \
                          `/jules bind owner/repo`."
            .to_owned(),
        Notice::BoundSince(Some(binding)) => format!(
            "This channel's repository was changed after you asked, so I left it as it is: {}.",
            name(&binding.repo)
        ),
        Notice::BoundSince(None) => "This channel's repository was changed after you asked, so I left \
                                     it as it is: none."
            .to_owned(),
        Notice::Bindings(bindings) => command::bindings(bindings),
        Notice::Repos { filter, shown, total } => command::repos(filter.as_deref(), shown, *total),
        Notice::Trouble(cause) => {
            format!("{} Nothing was changed; try again in a minute.", cause_words(cause))
        }
        Notice::Held(cause) => held_words(cause),
        Notice::NoListYet => "I could not read the repositories from Jules yet, so there may be none \
                           to pick. If it stays like this, whoever runs this app has to look at \
                           its Jules key."
            .to_owned(),
        Notice::StoreDown => "I cannot save anything just now, so nothing was started. Try again in \
                           a minute; if it stays like this, tell whoever runs this app that its \
                           store does not answer."
            .to_owned(),
        Notice::Unconfirmed => "My store didn't answer in time, so I can't tell whether that went \
                                through. Look before you try again: once the store answers, a task \
                                shows up in the channel, and `/jules bindings` lists what is bound. \
                                If it stays like this, tell whoever runs this app."
            .to_owned(),
        Notice::NotOurs => "This app is not set up for your workspace. Ask whoever runs it to \
                         install it there."
            .to_owned(),
        Notice::NotReady => "I am just starting and have not reached Slack yet, so nothing was \
                          started. Try again in a minute."
            .to_owned(),
        Notice::NotYet { command } => format!(
            "{} does not exist in this version yet. `/jules help` lists what does. To give Jules \
             these words as a task, type `/jules -- {command}`.",
            code(&format!("/jules {command}"))
        ),
        Notice::Tasks(listing) => list::words(listing),
        Notice::RetriedAlready { page: Some(page) } => {
            format!("Already retried. Here's the {}.", mrkdwn::link(page, "new card"))
        }
        Notice::RetriedAlready { page: None } => {
            "Already retried. The new card is on its way.".to_owned()
        }
        Notice::TaskUnknown => "I do not know that task any more, so nothing was done. Tasks are \
                             kept for 90 days."
            .to_owned(),
        Notice::TooLate(late) => too_late(late),
        Notice::NotPassedOn { files } => not_passed_on(files),
        Notice::NotDelivered { text, cause } => not_delivered(text, cause),
        Notice::MaybeDelivered { text } => format!(
            "I couldn't find out whether Jules has your message. Look at the session's page, and write \
             it again if it isn't there.\n{}",
            quoted(text, LONGEST_QUOTE)
        ),
        Notice::EditNotSent => "I don't send edits to Jules, which gets your message as you first sent it. \
                              To correct it, write another one."
            .to_owned(),
        Notice::HowToStart => "To give Jules a task, type `/jules` and what to do. In a task's thread, just \
                            reply, no mention needed."
            .to_owned(),
        Notice::TooLong => "Your message is too long for me, so I didn't send it to Jules. Split it into \
                          shorter ones, or attach it as a text file."
            .to_owned(),
        Notice::NothingSaid => "There was nothing in your message that I can send to Jules. Write what \
                              Jules should know, no mention needed."
            .to_owned(),
        Notice::Credential => "That looks like a key or a token, so I didn't send it to Jules. It has \
                            been in a message now: revoke it, make a new one, and delete your message."
            .to_owned(),
        Notice::PressApprove { .. } => "I didn't send that to Jules, because any message makes it write a \
                                     new plan. Press *Approve* to approve this one."
            .to_owned(),
        Notice::NothingToApprove => "No plan is waiting for approval here, so I didn't send that to Jules. \
                                  If it's meant for Jules, add a few words."
            .to_owned(),
        Notice::PressStop { .. } => "I didn't send that to Jules, because a message doesn't stop it. Press \
                                  *Stop* to stop this task."
            .to_owned(),
        Notice::NoSteering => "You are here from another organisation, so what you write in this thread \
                            stays among people: only members of this workspace steer Jules."
            .to_owned(),
        Notice::OtherPlace => "That task belongs to another channel, so I did nothing. Please use the \
                               buttons in its thread."
            .to_owned(),
        Notice::NotYourDraft => "Only the person who began this task can finish it. `/jules` starts one \
                                 of your own."
            .to_owned(),
        Notice::CannotWrite { channel, cause } => format!(
            "I have something to say about your task in <#{channel}> and cannot. {} I say it there \
             as soon as I can.",
            cause_words(cause)
        ),
        Notice::RootGone { title, url } => root_gone(title, url.as_deref()),
        Notice::Copy(post) => thread::words(post),
        Notice::Plan { .. } => "A plan is ready.".to_owned(),
    }
}

/// What can be clicked below it.
pub(super) fn buttons(notice: &Notice) -> Option<SlackBlock> {
    match notice {
        Notice::Choose { task, candidates, .. } => {
            let row = candidates
                .iter()
                .enumerate()
                .take(MOST_CHOICES)
                .map(|(index, fit)| {
                    button(&fit.repo.to_string(), &Action::Press(task.clone(), Verb::Choose(index)))
                })
                .collect();
            Some(actions(&block_id(task), row))
        }
        Notice::UnknownRepo { task: Some(task), .. }
        | Notice::UnknownBranch { task: Some(task), .. }
        | Notice::UnknownPath { task: Some(task), .. }
        | Notice::ManyFit { task, .. }
        | Notice::NoDefaultBranch { task: Some(task), .. }
        | Notice::FormNotOpened { task: Some(task) } => {
            let open = button("Open the form", &Action::Press(task.clone(), Verb::OpenForm));
            Some(actions(&block_id(task), vec![open]))
        }
        Notice::NotStarted { task, .. } => {
            let again = button("Try again", &Action::Press(task.clone(), Verb::Resume));
            Some(actions(&block_id(task), vec![again]))
        }
        Notice::CommandError { offer: Some(offer), .. } => {
            let run = primary(button("Run this", &Action::Run(offer.clone())));
            Some(actions("run", vec![run]))
        }
        Notice::PressApprove { task, plan } => {
            let approve = Action::Press(task.clone(), Verb::Approve(plan.clone()));
            let changes = Action::Press(task.clone(), Verb::AskChanges(plan.clone()));
            let row =
                vec![primary(button("Approve", &approve)), button("Ask for changes", &changes)];
            Some(actions(&block_id(task), row))
        }
        Notice::PressStop { task, begun } => {
            Some(actions(&block_id(task), vec![stop(task, *begun)]))
        }
        Notice::RootGone { url: Some(url), .. } => session_button(url),
        Notice::Copy(post) => thread::buttons(post),
        _ => None,
    }
}

fn not_passed_on(files: &[LeftOut]) -> String {
    let file = |left: &LeftOut| format!("{} ({})", code(&left.name), why_left_out(left.why));
    let shown: Vec<String> = files.iter().take(10).map(file).collect();
    let more = files.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Jules only accepts text, so I didn't send {}{more}.", shown.join(", "))
}

fn why_left_out(why: WhyLeftOut) -> String {
    match why {
        WhyLeftOut::TooLarge => format!("larger than {} KB", LARGEST_FILE / 1000),
        WhyLeftOut::TooMany => format!("only {MOST_FILES} files fit into a message"),
        WhyLeftOut::Elsewhere => "not stored in this Slack workspace".to_owned(),
        WhyLeftOut::Unreadable => "Slack didn't let me read it".to_owned(),
        WhyLeftOut::NotText => "not UTF-8 or UTF-16 text".to_owned(),
    }
}

fn not_delivered(text: &str, cause: &Cause) -> String {
    format!(
        "Your message did not reach Jules. {}\n{}",
        cause_words(cause),
        quoted(text, LONGEST_QUOTE)
    )
}

fn too_late(late: &StaleAction) -> String {
    match late {
        StaleAction::Approved(Some(by)) => format!("<@{by}> approved this plan already."),
        StaleAction::Approved(None) => {
            "This plan was approved already, on Jules' own page.".to_owned()
        }
        StaleAction::ChangesAsked(by) => {
            format!("<@{by}> asked for changes to this plan. A new one is on its way.")
        }
        StaleAction::Replaced => {
            "There is a newer plan: decide about that one. Nothing was sent.".to_owned()
        }
        StaleAction::WentOn => {
            "Jules does not wait for an approval and works already. To change course, \
                         write in the thread."
                .to_owned()
        }
        StaleAction::Over => {
            "This session is over, so nothing was sent. A reply in its thread wakes it.".to_owned()
        }
        StaleAction::Failed => {
            "This session failed, and Jules does not take one up again. Press Retry to \
                         start it anew."
                .to_owned()
        }
        StaleAction::Archived => {
            "This session is stopped, so nothing was sent. Press Retry on its card to \
                           start it anew, or take it out of the archive on its page."
                .to_owned()
        }
        StaleAction::Gone => {
            "This session was deleted at Jules, so nothing was sent. Press Retry to start \
                       it anew."
                .to_owned()
        }
        StaleAction::GoesOn => {
            "This task still goes on, so it was not started once more. Stop it first, or \
                         write in its thread."
                .to_owned()
        }
        StaleAction::NotStarted => {
            "This task was not started, so nothing was sent. Press Try again on its \
                             card."
                .to_owned()
        }
    }
}

fn root_gone(title: &str, url: Option<&str>) -> String {
    let at = url.map(|url| format!(": {}", mrkdwn::link(url, "")));
    format!(
        "The card of your task “{}” was deleted from its channel, and its thread with it. The session \
         continues in Jules{}. I'll message you here when Jules needs you and when it's done.",
        harmless(title),
        at.unwrap_or_default()
    )
}
