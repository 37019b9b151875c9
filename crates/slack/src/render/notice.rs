//! What one person is told, and what a command is answered.

use super::card::{block_id, stop};
use super::cause::{cause_words, held_words};
use super::target;
use super::thread::{self, LONGEST_QUOTE, session_button};
use super::{branch_name, code, command, harmless, jules, list, name, quoted};
use crate::action::Action;
use crate::blocks::{actions, button, primary};
use crate::rich_text::{Line, Rich, link, say};
use domain::inbound::Verb;
use domain::message::{Notice, StaleAction};
use domain::offer::StaleOffer;
use domain::repo::TargetReason;
use domain::task::{LARGEST_FILE, LeftOut, MOST_CHOICES, MOST_FILES, WhyLeftOut};
use slack_morphism::prelude::*;

/// The words.
pub(super) fn words(notice: &Notice) -> Rich {
    match notice {
        Notice::CommandError { error, .. } => command::misspelt(error),
        Notice::Help => command::help(),
        Notice::Bindings(bindings) => command::bindings(bindings),
        Notice::Repos { filter, shown, total } => command::repos(filter.as_deref(), shown, *total),
        Notice::Tasks(listing) => list::words(listing),
        Notice::NotDelivered { text, cause } => {
            let words = say!("Your message did not reach Jules. {}", cause_words(cause));
            Rich::from(words).and(quoted(text, LONGEST_QUOTE))
        }
        Notice::MaybeDelivered { text } => {
            let words = say!(
                "I couldn't find out whether Jules has your message. Look at the session's page, and \
                 write it again if it isn't there."
            );
            Rich::from(words).and(quoted(text, LONGEST_QUOTE))
        }
        Notice::Copy(post) => thread::words(post),
        one_line => line(one_line).into(),
    }
}

/// The words of what is said in one line.
fn line(notice: &Notice) -> Line {
    match notice {
        Notice::Taken { repo, branch, why } => {
            let why = match why {
                TargetReason::Asked => "",
                TargetReason::Binding => " (this channel's repository)",
                TargetReason::OnlySource => " (the only one connected)",
            };
            say!("On it! {}, branch {}{}.", name(repo), branch_name(branch), why)
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
        Notice::UnknownPath { task, repo, path } => target::unknown_path(task.as_ref(), repo, path),
        Notice::NoDefaultBranch { repo, .. } => say!(
            "Jules reports no default branch for {}. Pick a branch, or type it as `branch=…`.",
            name(repo)
        ),
        Notice::NoSources => say!(
            "No repository is connected to Jules yet. Connect one at {}, then type the \
             command again.",
            jules()
        ),
        Notice::NotStarted { cause, .. } => say!("Nothing was started. {}", cause_words(cause)),
        Notice::FormNotOpened { task: Some(_) } => {
            say!("Slack did not open the form in time. What you typed is kept.")
        }
        Notice::FormNotOpened { task: None } => say!(
            "Slack did not open the form in time. Type the \
                                              command again, or all of it: `/jules bind \
                                              owner/repo`."
        ),
        Notice::FormExpired => {
            say!(
                "That request is more than a day old and I no longer have it, so nothing was started. \
             Type `/jules` again."
            )
        }
        Notice::OfferNotRun(StaleOffer::Expired) => {
            say!("This button has expired, so I didn't start anything. Type the command again.")
        }
        Notice::OfferNotRun(StaleOffer::NotTheirs) => {
            say!(
                "Only the person who typed this command can run it, in the channel they typed it in."
            )
        }
        Notice::OfferNotRun(StaleOffer::Used) => say!("I already ran this command."),
        Notice::Version => say!(
            "I'm jules-slack {}. `/jules help` lists what I can do.",
            env!("CARGO_PKG_VERSION")
        ),
        Notice::Bound(binding) => command::bound(binding),
        Notice::Unbound { repo, by } => {
            say!("{} unbound this channel from {}.", by, name(repo))
        }
        Notice::NotBound => say!(
            "This channel is not bound to a repository. Bind it with \
                          `/jules bind owner/repo`."
        ),
        Notice::BoundSince(Some(binding)) => say!(
            "This channel's repository was changed after you asked, so I left it as it is: {}.",
            name(&binding.repo)
        ),
        Notice::BoundSince(None) => say!(
            "This channel's repository was changed after you asked, so I left \
                                     it as it is: none."
        ),
        Notice::Trouble(cause) => {
            say!("{} Nothing was changed; try again in a minute.", cause_words(cause))
        }
        Notice::Held(cause) => held_words(cause),
        Notice::NoListYet => say!(
            "I could not read the repositories from Jules yet, so there may be none \
                           to pick. If it stays like this, whoever runs this app has to look at \
                           its Jules key."
        ),
        Notice::StoreDown => say!(
            "I cannot save anything just now, so nothing was started. Try again in \
                           a minute; if it stays like this, tell whoever runs this app that its \
                           store does not answer."
        ),
        Notice::Unconfirmed => say!(
            "My store didn't answer in time, so I can't tell whether that went \
                                through. Look before you try again: once the store answers, a task \
                                shows up in the channel, and `/jules bindings` lists what is bound. \
                                If it stays like this, tell whoever runs this app."
        ),
        Notice::NotOurs => say!(
            "This app is not set up for your workspace. Ask whoever runs it to \
                         install it there."
        ),
        Notice::NotReady => say!(
            "I am just starting and have not reached Slack yet, so nothing was \
                          started. Try again in a minute."
        ),
        Notice::NotYet { command } => say!(
            "{} does not exist in this version yet. `/jules help` lists what does. To give Jules \
             these words as a task, type `/jules -- {}`.",
            code(&format!("/jules {command}")),
            harmless(command)
        ),
        Notice::RetriedAlready { page: Some(page) } => {
            say!("Already retried. Here's the {}.", link(page, "new card"))
        }
        Notice::RetriedAlready { page: None } => {
            say!("Already retried. The new card is on its way.")
        }
        Notice::TaskUnknown => say!(
            "I do not know that task any more, so nothing was done. Tasks are \
                             kept for 90 days."
        ),
        Notice::TooLate(late) => too_late(late),
        Notice::NotPassedOn { files } => not_passed_on(files),
        Notice::EditNotSent => say!(
            "I don't send edits to Jules, which gets your message as you first sent it. \
                              To correct it, write another one."
        ),
        Notice::HowToStart => say!(
            "To give Jules a task, type `/jules` and what to do. In a task's thread, just \
                            reply, no mention needed."
        ),
        Notice::TooLong => say!(
            "Your message is too long for me, so I didn't send it to Jules. Split it into \
                          shorter ones, or attach it as a text file."
        ),
        Notice::NothingSaid => say!(
            "There was nothing in your message that I can send to Jules. Write what \
                              Jules should know, no mention needed."
        ),
        Notice::Credential => say!(
            "That looks like a key or a token, so I didn't send it to Jules. It has \
                            been in a message now: revoke it, make a new one, and delete your message."
        ),
        Notice::PressApprove { .. } => say!(
            "I didn't send that to Jules, because any message makes it write a \
                                     new plan. Press *Approve* to approve this one."
        ),
        Notice::NothingToApprove => say!(
            "No plan is waiting for approval here, so I didn't send that to Jules. \
                                  If it's meant for Jules, add a few words."
        ),
        Notice::PressStop { .. } => say!(
            "I didn't send that to Jules, because a message doesn't stop it. Press \
                                  *Stop* to stop this task."
        ),
        Notice::NoSteering => say!(
            "You are here from another organisation, so what you write in this thread \
                            stays among people: only members of this workspace steer Jules."
        ),
        Notice::OtherPlace => say!(
            "That task belongs to another channel, so I did nothing. Please use the buttons in its \
             thread."
        ),
        Notice::NotYourDraft => say!(
            "Only the person who began this task can finish it. `/jules` starts one of your own."
        ),
        Notice::CannotWrite { channel, cause } => say!(
            "I have something to say about your task in {} and cannot. {} I say it there \
             as soon as I can.",
            channel,
            cause_words(cause)
        ),
        Notice::RootGone { title, url } => root_gone(title, url.as_deref()),
        Notice::Plan { .. } => say!("A plan is ready."),
        // Said in several lines, above.
        Notice::CommandError { .. }
        | Notice::Help
        | Notice::Bindings(_)
        | Notice::Repos { .. }
        | Notice::Tasks(_)
        | Notice::NotDelivered { .. }
        | Notice::MaybeDelivered { .. }
        | Notice::Copy(_) => Line::default(),
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

fn not_passed_on(files: &[LeftOut]) -> Line {
    let file = |left: &LeftOut| say!("{} ({})", code(&left.name), why_left_out(left.why));
    let shown = files.len().min(10);
    let names = Line::join(files.iter().take(shown).map(file), ", ");
    let more = files.len() - shown;
    let more = if more > 0 { say!(" and {} more", more) } else { Line::default() };
    say!("Jules only accepts text, so I didn't send {}{}.", names, more)
}

fn why_left_out(why: WhyLeftOut) -> Line {
    match why {
        WhyLeftOut::TooLarge => say!("larger than {} KB", LARGEST_FILE / 1000),
        WhyLeftOut::TooMany => say!("only {} files fit into a message", MOST_FILES),
        WhyLeftOut::Elsewhere => say!("not stored in this Slack workspace"),
        WhyLeftOut::Unreadable => say!("Slack didn't let me read it"),
        WhyLeftOut::NotText => say!("not UTF-8 or UTF-16 text"),
    }
}

fn too_late(late: &StaleAction) -> Line {
    match late {
        StaleAction::Approved(Some(by)) => say!("{} approved this plan already.", by),
        StaleAction::Approved(None) => {
            say!("This plan was approved already, on Jules' own page.")
        }
        StaleAction::ChangesAsked(by) => {
            say!("{} asked for changes to this plan. A new one is on its way.", by)
        }
        StaleAction::Replaced => {
            say!("There is a newer plan: decide about that one. Nothing was sent.")
        }
        StaleAction::WentOn => {
            say!(
                "Jules does not wait for an approval and works already. To change course, \
                         write in the thread."
            )
        }
        StaleAction::Over => {
            say!("This session is over, so nothing was sent. A reply in its thread wakes it.")
        }
        StaleAction::Failed => {
            say!(
                "This session failed, and Jules does not take one up again. Press Retry to \
                         start it anew."
            )
        }
        StaleAction::Archived => {
            say!(
                "This session is stopped, so nothing was sent. Press Retry on its card to \
                           start it anew, or take it out of the archive on its page."
            )
        }
        StaleAction::Gone => {
            say!(
                "This session was deleted at Jules, so nothing was sent. Press Retry to start \
                       it anew."
            )
        }
        StaleAction::Answered => say!("Someone has already answered this question."),
        StaleAction::GoesOn => {
            say!(
                "This task still goes on, so it was not started once more. Stop it first, or \
                         write in its thread."
            )
        }
        StaleAction::NotStarted => {
            say!(
                "This task was not started, so nothing was sent. Press Try again on its \
                             card."
            )
        }
    }
}

fn root_gone(title: &str, url: Option<&str>) -> Line {
    let at = url.map(|url| say!(": {}", link(url, "")));
    say!(
        "The card of your task “{}” was deleted from its channel, and its thread with it. The session \
         continues in Jules{}. I'll message you here when Jules needs you and when it's done.",
        harmless(title),
        at.unwrap_or_default()
    )
}
