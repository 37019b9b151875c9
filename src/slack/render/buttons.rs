//! What can be clicked below what is said.

use super::card::{block_id, stop};
use super::target::MOST_CHOICES;
use super::thread;
use crate::domain::say::Say;
use crate::slack::action::{Action, LinkTo};
use crate::slack::blocks::{actions, button, link_button, primary};
use slack_morphism::prelude::*;

pub(super) fn buttons(say: &Say) -> Option<SlackBlock> {
    match say {
        Say::Choose { task, candidates, .. } => {
            let mut row: Vec<_> = candidates
                .iter()
                .enumerate()
                .take(MOST_CHOICES)
                .map(|(index, fit)| {
                    button(&fit.repo.to_string(), &Action::Choose(task.clone(), index))
                })
                .collect();
            row.push(button("Open the form", &Action::OpenForm(task.clone())));
            Some(actions(&block_id(task), row))
        }
        Say::UnknownRepo { task: Some(task), .. }
        | Say::UnknownBranch { task: Some(task), .. }
        | Say::NoDefaultBranch { task: Some(task), .. }
        | Say::FormNotOpened { task: Some(task) } => {
            let open = button("Open the form", &Action::OpenForm(task.clone()));
            Some(actions(&block_id(task), vec![open]))
        }
        Say::NotStarted { task, .. } => {
            let again = button("Try again", &Action::Resume(task.clone()));
            Some(actions(&block_id(task), vec![again]))
        }
        Say::PressApprove { task, plan } => {
            let approve = Action::Approve(task.clone(), plan.clone());
            let changes = Action::AskChanges(task.clone(), plan.clone());
            let row =
                vec![primary(button("Approve", &approve)), button("Ask for changes", &changes)];
            Some(actions(&block_id(task), row))
        }
        Say::PressStop { task, begun } => Some(actions(&block_id(task), vec![stop(task, *begun)])),
        Say::Taken { .. }
        | Say::Looking { .. }
        | Say::UnknownRepo { task: None, .. }
        | Say::UnknownBranch { task: None, .. }
        | Say::NoDefaultBranch { task: None, .. }
        | Say::NoSources
        | Say::FormNotOpened { task: None }
        | Say::FormExpired
        | Say::SeveralFit { .. }
        | Say::CommandError(_)
        | Say::Help
        | Say::Version
        | Say::Bound(_)
        | Say::Unbound { .. }
        | Say::NotBound
        | Say::Bindings(_)
        | Say::Repos { .. }
        | Say::Trouble(_)
        | Say::Held(_)
        | Say::NoListYet
        | Say::StoreDown
        | Say::NotOurs
        | Say::NotReady
        | Say::NotYet { .. }
        | Say::RetriedAlready
        | Say::TaskUnknown
        | Say::Plan(_)
        | Say::ApprovedElsewhere
        | Say::WentOn
        | Say::SaidElsewhere { .. }
        | Say::Unarchived
        | Say::Blocked(_)
        | Say::TooLate(_)
        | Say::NotPassedOn { .. }
        | Say::NotDelivered { .. }
        | Say::Credential
        | Say::NothingToApprove
        | Say::NoSteering
        | Say::CannotWrite { .. } => None,
        Say::Link { url, .. }
        | Say::Word { url, .. }
        | Say::ArchivedElsewhere { url }
        | Say::SeeSession { url }
        | Say::RootGone { url: Some(url), .. } => {
            link_button("Open in Jules", url, LinkTo::Session)
                .map(|link| actions("link", vec![link]))
        }
        Say::RootGone { url: None, .. } => None,
        Say::Finished(finished) => thread::end_buttons(finished),
        Say::PullRequest(pull_request) => {
            let open = link_button("Open the pull request", &pull_request.url, LinkTo::PullRequest);
            open.map(|open| actions("link", vec![open]))
        }
        Say::Failed { task, url, .. } => Some(thread::retry_buttons(task, Some(url))),
        Say::SessionGone { task } => Some(thread::retry_buttons(task, None)),
        Say::Tasks(_) => None,
    }
}
