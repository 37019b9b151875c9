//! Private answers to one person, and what a channel reads in answer to a command.

use super::card::{block_id, stop, stop_label, stop_question};
use super::cause::{cause_words, held_words};
use super::thread::{self, LONGEST_QUOTE, session_button};
use super::{
    access, branch_name, code, command, follow, harmless, help, jules, key, list, name, pull,
    quoted,
};
use super::{settings, target};
use crate::action::Action;
use crate::blocks::{actions, button, primary};
use crate::rich_text::{Line, Rich, link, say};
use domain::ids::TaskId;
use domain::inbound::Verb;
use domain::message::{Notice, StaleAction};
use domain::offer::StaleOffer;
use domain::repo::Candidate;
use domain::task::{LARGEST_FILE, LeftOut, MOST_CHOICES, MOST_FILES, WhyLeftOut};
use domain::tenant::Whose;
use slack_morphism::prelude::*;

/// The words.
pub(super) fn words(notice: &Notice) -> Rich {
    match notice {
        Notice::CommandError { error, .. } => command::misspelt(error),
        Notice::Help => help::help(),
        Notice::HowToStart => help::how_to_start(),
        Notice::Hello(settings) => help::hello(settings),
        Notice::Bindings(bindings) => command::bindings(bindings),
        Notice::Repos { filter, shown, total } => command::repos(filter.as_deref(), shown, *total),
        Notice::Tasks(listing) => list::words(listing),
        Notice::Access(summary) => access::summary(summary),
        Notice::Settings { saved, settings } => settings::settings(*saved, settings),
        Notice::NotDelivered { text, cause } => {
            let words = say!("Your message didn't reach Jules. {}", cause_words(cause));
            Rich::from(words).and(quoted(text, LONGEST_QUOTE))
        }
        Notice::MaybeDelivered { text } => {
            let words = say!(
                "I couldn't find out whether Jules got your message. Check the session page, and send it \
                 again if it isn't there."
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
        Notice::Taken { repo, branch, why, skipped } => say!(
            "On it! {}, branch {}{}.{}",
            name(repo),
            branch_name(branch),
            target::why(*why),
            target::passed_over(skipped)
        ),
        Notice::NotConnected { gone, .. } => target::nothing_connected(gone),
        Notice::NotManager(why) => settings::not_manager(*why),
        Notice::Refused(refusal) => access::refusal(refusal),
        Notice::NoAccount { of_workspace } => key::no_account(*of_workspace),
        Notice::KeyKept { whose, is_empty } => key::kept(*whose, *is_empty),
        Notice::KeyNotKept(error) => key::not_kept(error),
        Notice::KeyRemoved { whose, after } => key::removed(*whose, *after),
        Notice::KeyRefused { whose, tasks } => key::refused(*whose, *tasks),
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
            "Which branch of {}? Jules doesn't report a default one, so pick one or add `branch=NAME`.",
            name(repo)
        ),
        Notice::NoSources => say!(
            "No repository is connected to Jules yet. Connect one at {}, then try again.",
            jules()
        ),
        Notice::NotStarted { cause, .. } => {
            say!("I couldn't start this task. {}", cause_words(cause))
        }
        Notice::FormNotOpened { task: Some(_) } => {
            say!("Slack didn't open the form in time, but I kept what you typed.")
        }
        Notice::FormNotOpened { task: None } => {
            say!("Slack didn't open the form in time. Try again, or type `/jules bind owner/repo`.")
        }
        Notice::FormExpired => say!(
            "That request is more than a day old and I no longer have it, so I didn't start anything. \
             Type `/jules` again."
        ),
        Notice::OfferNotRun(StaleOffer::Expired) => {
            say!("This button has expired, so I didn't start anything. Type the command again.")
        }
        Notice::OfferNotRun(StaleOffer::NotTheirs) => say!(
            "Only the person who typed this command can run it, in the channel they typed it in."
        ),
        Notice::OfferNotRun(StaleOffer::Used) => say!("I already ran this command."),
        Notice::Version => say!(
            "I'm jules-slack {}. `/jules help` lists what I can do.",
            env!("CARGO_PKG_VERSION")
        ),
        Notice::Bound(binding) => command::bound(binding),
        Notice::Unbound { repo: Some(repo), by } => {
            say!("{} unlinked this channel from {}.", by, name(repo))
        }
        Notice::Unbound { repo: None, by } => {
            say!("{} unlinked this channel. What I had saved about its repository was damaged.", by)
        }
        Notice::NotBound => say!(
            "This channel isn't bound to a repository. To bind it, type `/jules bind owner/repo`."
        ),
        Notice::BoundSince(Some(binding)) => say!(
            "Someone changed this channel's repository after you asked, so I left it at {}.",
            name(&binding.repo)
        ),
        Notice::BoundSince(None) => say!(
            "Someone unlinked this channel after you asked, so I left it without a repository."
        ),
        Notice::Trouble(cause) => {
            say!("{} Nothing changed. Try again in a minute.", cause_words(cause))
        }
        Notice::Held(cause) => held_words(cause),
        Notice::NoListYet => say!(
            "I couldn't read the repositories from Jules yet, so there may be none to pick. If it stays \
             like this, ask the person who runs this app to check its Jules key."
        ),
        Notice::StoreDown => say!(
            "I can't save anything right now, so I didn't do anything. Try again in a minute. If it \
             stays like this, tell the person who runs this app that its store isn't responding."
        ),
        Notice::Unconfirmed => say!(
            "My store didn't answer in time, so I don't know whether that worked. Before you try \
             again, look for the task in the channel, or for the bound channel with `/jules bindings`. If it \
             stays like this, tell the person who runs this app."
        ),
        Notice::Unreadable => say!(
            "I can't read something I saved about this, so I didn't do anything. Ask the person who runs \
             this app to look at its log, which names the document and the reason."
        ),
        Notice::BindingUnreadable => say!(
            "What I saved about this channel's repository is damaged, so I didn't do anything. Type \
             `/jules bind owner/repo` to bind the channel again, or `/jules unbind` to leave it without a \
             repository."
        ),
        Notice::Newer => say!(
            "A newer version of me saved this, so I can't read it and didn't do anything. Try again in a \
             minute. If it stays like this, ask the person who runs this app to finish its update."
        ),
        Notice::NotOurs => say!(
            "This app isn't set up for your workspace. Ask the person who runs it to install it there."
        ),
        Notice::NotReady => say!(
            "I'm just starting up and haven't reached Slack yet, so I didn't do anything. Try again in a \
             minute."
        ),
        Notice::RetriedAlready { page: Some(page) } => {
            say!("Already retried. Here's the {}.", link(page, "new card"))
        }
        Notice::RetriedAlready { page: None } => {
            say!("Already retried. The new card is on its way.")
        }
        Notice::ViewNotOpened => say!("Slack didn't open that in time. Try again."),
        Notice::FollowHere { channel, .. } => follow::warning(channel.as_ref()),
        Notice::AlreadyFollowed { task, page, channel } => {
            follow::already(task.is_some(), page.as_deref(), channel.as_ref())
        }
        Notice::SessionNotFound => follow::not_found(),
        Notice::NoSessionOpenedIt => follow::none_opened_it(),
        Notice::NoSessionLink { typed } => follow::no_link(typed),
        Notice::FollowExpired => follow::expired(),
        Notice::TaskUnknown => say!(
            "I don't have that task any more, so I didn't do anything. I keep tasks for 90 days."
        ),
        Notice::TooLate(late) => too_late(late),
        Notice::NotPassedOn { files } => not_passed_on(files),
        Notice::SentAsQuestion => say!(
            "Sent as a question, no changes. To let Jules change something, start the message with `!do`."
        ),
        Notice::PushesUnseen { repo } => pull::pushes_unseen(repo),
        Notice::IssueClosed { issue, closed, .. } => pull::issue_closed(issue, closed),
        Notice::IssueBegun { issue, by, page, .. } => pull::issue_begun(issue, by, page.as_deref()),
        Notice::LinkedPull { pull: linked, branch, .. } => pull::linked(linked, branch.as_ref()),
        Notice::NothingToFix => {
            say!("There's nothing left to send. It was too long ago, or it has changed since.")
        }
        Notice::EditNotSent => say!(
            "I don't send edits, so Jules gets your message as you first wrote it. To correct it, send \
             another one."
        ),
        Notice::Pick { total, .. } => {
            say!("Which repository is this for? Jules is connected to {}.", *total)
        }
        Notice::Confirm { repo, branch, messages: Some(messages), .. } => say!(
            "Work on this thread? {} · {} · {}",
            name(repo),
            branch_name(branch),
            count_of(*messages)
        ),
        Notice::Confirm { repo, branch, messages: None, own: false, .. } => say!(
            "Start a task on {} ({})? It counts towards the workspace's tasks today.",
            name(repo),
            branch_name(branch)
        ),
        Notice::Confirm { repo, branch, messages: None, own: true, .. } => say!(
            "Start a task on {} ({})? It counts towards your own tasks today.",
            name(repo),
            branch_name(branch)
        ),
        Notice::NobodyPicked => say!("Nobody picked a repository, so I didn't start this."),
        Notice::OfferOver => {
            say!("This request has expired, so I didn't start it. Send your message again.")
        }
        Notice::ThreadUnread { code: why, thread: true } => say!(
            "I couldn't read this thread (Slack: {}), so Jules only got your message.",
            code(why)
        ),
        Notice::ThreadUnread { code: why, thread: false } => say!(
            "I couldn't look for attachments (Slack: {}), so Jules only got the text of your message.",
            code(why)
        ),
        Notice::NothingInThread { code: Some(why) } => say!(
            "I couldn't read this thread (Slack: {}), so I didn't start anything. Mention me again and \
             say what to do.",
            code(why)
        ),
        Notice::NothingInThread { code: None } => say!(
            "This thread has no messages I can send to Jules. Mention me again and say what to do."
        ),
        Notice::MentionedInEdit => {
            say!("I only see mentions when a message is first sent. Please send it again.")
        }
        Notice::OnlyFiles => say!("What should Jules do? Send it again with a few words."),
        Notice::TypeCommand { command } => say!(
            "I can't open a form from a message. Type {} instead.",
            code(format!("/jules {command}").trim_end())
        ),
        Notice::TooLong => say!(
            "Your message is too long, so I didn't send it to Jules. Split it up, or attach it as a text \
             file."
        ),
        Notice::NothingSaid => say!(
            "There's nothing in your message for Jules. Just write what Jules should know, no mention \
             needed."
        ),
        Notice::Credential => say!(
            "That looks like a key or token, so I didn't send it to Jules. Delete your message and \
             replace the key, because people here can see it."
        ),
        Notice::PressApprove { .. } => say!(
            "I didn't send that to Jules, because any message makes it write a new plan. To approve this \
             one, press *Approve*."
        ),
        Notice::NothingToApprove => say!(
            "No plan is waiting for approval here, so I didn't send that to Jules. If it's meant for \
             Jules, add a few words."
        ),
        Notice::PressStop { .. } => say!(
            "I didn't send that to Jules, because a message doesn't stop it. To stop this task, press \
             *Stop*."
        ),
        Notice::ConfirmStop { begun, .. } => say!("*Stop this task?* {}", stop_question(*begun)),
        Notice::NoSteering => {
            say!("You're from another organisation, so I don't pass your messages on to Jules.")
        }
        Notice::OtherPlace => say!(
            "That task belongs to another channel, so I didn't do anything. Use the buttons in its \
             thread."
        ),
        Notice::NotYourDraft => say!(
            "Only the person who typed this task can finish it. Type `/jules` to start one of your own."
        ),
        Notice::CannotWrite { channel, cause } => say!(
            "I can't post about your task in {} yet. {} I'll post there as soon as I can.",
            channel,
            cause_words(cause)
        ),
        Notice::RootGone { title, .. } => say!(
            "The card of your task “{}” was deleted, and its thread with it. The session continues in \
             Jules. I'll message you here when Jules needs you and when it's done.",
            harmless(title)
        ),
        Notice::Plan { .. } => say!("A plan is ready."),
        // Said in several lines, above.
        Notice::CommandError { .. }
        | Notice::Help
        | Notice::HowToStart
        | Notice::Hello(_)
        | Notice::Bindings(_)
        | Notice::Repos { .. }
        | Notice::Settings { .. }
        | Notice::Access(_)
        | Notice::Tasks(_)
        | Notice::NotDelivered { .. }
        | Notice::MaybeDelivered { .. }
        | Notice::Copy(_) => Line::default(),
    }
}

/// What can be clicked below it.
pub(super) fn buttons(notice: &Notice) -> Option<SlackBlock> {
    match notice {
        // A row without buttons is refused by Slack.
        Notice::Choose { task, candidates, .. } if !candidates.is_empty() => {
            Some(actions(&block_id(task), choices(task, candidates)))
        }
        Notice::Pick { task, candidates, .. } => {
            let mut row = choices(task, candidates);
            row.push(button("Choose…", &Action::Press(task.clone(), Verb::OpenForm)));
            Some(actions(&block_id(task), row))
        }
        Notice::Settings { saved: None | Some(Whose::Mine), .. } => {
            let change = button("Change", &Action::Settings(Whose::Mine));
            Some(actions("settings", vec![change]))
        }
        Notice::IssueClosed { task, .. }
        | Notice::IssueBegun { task, .. }
        | Notice::LinkedPull { task, branch: None, .. } => {
            let press = |verb| Action::Press(task.clone(), verb);
            let row = vec![
                button("Start anyway", &press(Verb::Begin)),
                button("No", &press(Verb::Dismiss)),
            ];
            Some(actions(&block_id(task), row))
        }
        Notice::LinkedPull { task, branch: Some(_), .. } => {
            let press = |verb| Action::Press(task.clone(), verb);
            let row = vec![
                primary(button("Work on it", &press(Verb::Begin))),
                button("No", &press(Verb::Dismiss)),
            ];
            Some(actions(&block_id(task), row))
        }
        Notice::Confirm { task, .. } => {
            let press = |verb| Action::Press(task.clone(), verb);
            let row = vec![
                primary(button("Start", &press(Verb::Begin))),
                button("Edit first", &press(Verb::OpenForm)),
                button("No", &press(Verb::Dismiss)),
            ];
            Some(actions(&block_id(task), row))
        }
        Notice::UnknownRepo { task: Some(task), .. }
        | Notice::UnknownBranch { task: Some(task), .. }
        | Notice::UnknownPath { task: Some(task), .. }
        | Notice::NotConnected { task, .. }
        | Notice::ManyFit { task, .. }
        | Notice::NoDefaultBranch { task: Some(task), .. }
        | Notice::FormNotOpened { task: Some(task) } => {
            let open = button("Open the form", &Action::Press(task.clone(), Verb::OpenForm));
            Some(actions(&block_id(task), vec![open]))
        }
        Notice::NoAccount { of_workspace } => {
            let mine = button("Connect my Jules account", &Action::Key(Whose::Mine));
            let everyones = button("Connect one for everyone", &Action::Key(Whose::Workspace));
            let row =
                if *of_workspace { vec![primary(everyones), mine] } else { vec![primary(mine)] };
            Some(actions("key", row))
        }
        Notice::KeyRefused { whose, .. } => {
            Some(actions("key", vec![primary(button("Add a new key", &Action::Key(*whose)))]))
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
        Notice::ConfirmStop { task, begun } => {
            let stop = Action::Press(task.clone(), Verb::Stop);
            Some(actions(&block_id(task), vec![button(stop_label(*begun), &stop)]))
        }
        Notice::FollowHere { task, .. } => Some(follow::follow_buttons(task)),
        Notice::AlreadyFollowed { task: Some(task), .. } => Some(follow::move_buttons(task)),
        Notice::RootGone { url: Some(url), .. } => session_button(url),
        Notice::Copy(post) => thread::buttons(post),
        _ => None,
    }
}

fn count_of(messages: u32) -> String {
    if messages == 1 { "1 message".to_owned() } else { format!("{messages} messages") }
}

/// A button for each repository that may be meant.
fn choices(task: &TaskId, candidates: &[Candidate]) -> Vec<SlackBlockButtonElement> {
    let choice = |(index, fit): (usize, &Candidate)| {
        button(&fit.repo.to_string(), &Action::Press(task.clone(), Verb::Choose(index)))
    };
    candidates.iter().enumerate().take(MOST_CHOICES).map(choice).collect()
}

/// How many files one sentence names.
const MOST_NAMED: usize = 10;

fn not_passed_on(files: &[LeftOut]) -> Line {
    let named = &files[..files.len().min(MOST_NAMED)];
    let more = match files.len() - named.len() {
        0 => Line::default(),
        more => say!(" and {} more", more),
    };
    let is_text = |left: &LeftOut| left.why != WhyLeftOut::NotText;
    if named.iter().any(is_text) {
        let file = |left: &LeftOut| say!("{} ({})", code(&left.name), why_left_out(left.why));
        return say!("I didn't send {}{}.", Line::join(named.iter().map(file), ", "), more);
    }
    let names = Line::join(named.iter().map(|left| code(&left.name)), ", ");
    say!("Jules only accepts text, so I didn't send {}{}.", names, more)
}

fn why_left_out(why: WhyLeftOut) -> Line {
    match why {
        WhyLeftOut::TooLarge => say!("larger than {} KB", LARGEST_FILE / 1000),
        WhyLeftOut::TooMany => say!("only {} files fit into a message", MOST_FILES),
        WhyLeftOut::Elsewhere => say!("not stored in this Slack workspace"),
        WhyLeftOut::Unreadable => say!("Slack didn't let me read it"),
        WhyLeftOut::NotText => say!("not text"),
    }
}

fn too_late(late: &StaleAction) -> Line {
    match late {
        StaleAction::Approved(Some(by)) => say!("{} already approved this plan.", by),
        StaleAction::Approved(None) => say!("This plan was already approved in Jules."),
        StaleAction::ChangesAsked(by) => {
            say!("{} already asked for changes to this plan. A new one is on its way.", by)
        }
        StaleAction::Replaced => {
            say!("There's a newer plan, so I didn't send that. Approve or change the new one.")
        }
        StaleAction::WentOn => say!(
            "Jules isn't waiting for approval and is already working. To change course, reply in the \
             thread."
        ),
        StaleAction::Over => {
            say!("This task is done, so I didn't send that. Reply in its thread to wake Jules up.")
        }
        StaleAction::Failed => {
            say!("This task failed, so I didn't send that. Press *Retry* to start over.")
        }
        StaleAction::Archived => say!(
            "This task is stopped, so I didn't send that. Press *Retry* to start over, or unarchive it \
             in Jules."
        ),
        StaleAction::Gone => say!(
            "This session was deleted in Jules, so I didn't send that. Press *Retry* to start over."
        ),
        StaleAction::Moved(page) => follow::moved_away(page.as_deref()),
        StaleAction::Decided => say!("Someone already decided this."),
        StaleAction::Answered => say!("Someone already answered this question."),
        StaleAction::GoesOn => say!(
            "Jules isn't done with this task, so I didn't start it again. Stop it first, or reply in its \
             thread."
        ),
        StaleAction::Dropped => say!(
            "The person who runs this app dropped this task, so I didn't send that. Press *Retry* on its card \
             to start over."
        ),
        StaleAction::NotStarted => {
            say!("This task hasn't started, so I didn't send that. Press *Try again* on its card.")
        }
    }
}
