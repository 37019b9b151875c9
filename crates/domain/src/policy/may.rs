//! The one question: may this person do this, here?

use super::{Guests, Here, Named, Policy, Refusal, Repos, SetBy, SharedChannels, WhoMay};
use crate::ids::{ChannelId, GroupId, UserId};
use crate::message::Notice;
use crate::repo::RepoRef;
use crate::tenant::{Actor, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What someone wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Read what anyone in the place can read: help, lists, the names of repositories, changes.
    See,
    /// Start tasks, start them again, and follow sessions.
    Start,
    /// Approve plans, and ask for changes of them.
    Approve,
    /// Answer and stop tasks.
    Steer,
    /// Bind channels.
    Bind,
    /// Change what holds for the whole workspace.
    Manage,
}

impl Right {
    /// Its name in the access file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Start => "start",
            Self::Approve => "approve",
            Self::Steer => "steer",
            Self::Bind => "bind",
            Self::Manage => "manage",
        }
    }
}

/// What Slack says that someone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A full member.
    Member,
    /// A guest, of one channel or of several.
    Guest,
    /// Someone whose account was deactivated.
    Deactivated,
    /// Someone of another organisation.
    Stranger,
    /// The app lacks the scope with which Slack says it.
    NoScope,
    /// Slack didn't say.
    Unknown,
}

/// Whether someone manages the workspace. What isn't known is a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manages {
    /// They do.
    Yes,
    /// They don't, or nobody can tell.
    No(NotManager),
}

/// Why someone doesn't count as a manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotManager {
    /// They are neither owner nor admin, or not among those who are named in their place.
    Member,
    /// The app lacks the scope with which Slack says who is.
    NoScope,
    /// Slack didn't say.
    Unknown,
}

/// Which groups someone is in, of those that rules name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// Those they are in.
    pub of: BTreeSet<GroupId>,
    /// Those that Slack didn't tell the people of.
    pub unknown: BTreeSet<GroupId>,
}

/// Who wants something, and what is known of them.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// What Slack says that they are.
    pub standing: Standing,
    /// Whether they manage the workspace.
    pub manages: Manages,
    /// Their groups.
    pub groups: &'a Groups,
}

/// Where something is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    /// The channel.
    pub channel: Option<&'a ChannelId>,
    /// Other organisations are in it; `None` where Slack didn't say.
    pub is_shared: Option<bool>,
    /// What it is bound to.
    pub bound: Option<&'a RepoRef>,
}

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// The right that it takes.
    pub right: Right,
    /// Where.
    pub scope: Scope<'a>,
    /// The repository that it concerns, once it is certain.
    pub repo: Option<&'a RepoRef>,
    /// Who asked for the task that it concerns.
    pub requester: Option<&'a UserId>,
}

/// Why something may not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// An app is nobody's colleague, and isn't answered.
    App,
    /// The person belongs to another organisation.
    Stranger,
    /// The person's account was deactivated.
    Deactivated,
    /// The task belongs to another channel.
    Elsewhere,
    /// The draft is someone else's.
    NotTheirs,
    /// The person doesn't count as a manager.
    NotManager(NotManager),
    /// A rule says no.
    Refused(Box<Refusal>),
}

impl Denied {
    /// What the person is told, if anything.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        match self {
            Self::App | Self::Deactivated => None,
            Self::Stranger => Some(Notice::NoSteering),
            Self::Elsewhere => Some(Notice::OtherPlace),
            Self::NotTheirs => Some(Notice::NotYourDraft),
            Self::NotManager(why) => Some(Notice::NotManager(*why)),
            Self::Refused(refusal) => Some(Notice::Refused(refusal.clone())),
        }
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

/// Whether someone may do this. People of other organisations, deactivated people and apps never may,
/// whatever a list says; but for an app that is listed, which may look and start tasks.
///
/// # Errors
/// Why not. What a rule has to know and Slack didn't say is a no.
pub fn may(asker: &Asker<'_>, act: &Act<'_>, policy: &Policy) -> Result<(), Denied> {
    let here = policy.here(&asker.actor.team, act.scope.channel);
    match &asker.actor.role {
        Role::External => return Err(Denied::Stranger),
        Role::App(ids) => {
            let is_listed = ids.iter().any(|id| here.apps().0.contains(id));
            if !matches!(act.right, Right::See | Right::Start) || !is_listed {
                return Err(Denied::App);
            }
        }
        Role::Member => member(asker, act, &here)?,
    }
    place(act, &here)?;
    usable(asker, act, &here)
}

/// Whether someone may use a repository in a place at all: what else would stop them doesn't count. What can't
/// be used isn't listed.
#[must_use]
pub fn may_use(asker: &Asker<'_>, repo: &RepoRef, scope: Scope<'_>, policy: &Policy) -> bool {
    let here = policy.here(&asker.actor.team, scope.channel);
    let act = Act { right: Right::Start, scope, repo: Some(repo), requester: None };
    usable(asker, &act, &here).is_ok()
}

/// What a member may, or a guest.
fn member(asker: &Asker<'_>, act: &Act<'_>, here: &Here<'_>) -> Result<(), Denied> {
    match asker.standing {
        Standing::Deactivated => return Err(Denied::Deactivated),
        Standing::Stranger => return Err(Denied::Stranger),
        Standing::Member | Standing::Guest | Standing::NoScope | Standing::Unknown => {}
    }
    let Some((who, set_by)) = here.who(act.right) else { return Ok(()) };
    guest(asker, act, here)?;
    admit(asker, act, who, set_by)
}

fn guest(asker: &Asker<'_>, act: &Act<'_>, here: &Here<'_>) -> Result<(), Denied> {
    let (guests, set_by) = here.guests();
    let least = match act.right {
        Right::See => return Ok(()),
        Right::Steer => Some(Guests::Steer),
        Right::Start => Some(Guests::Start),
        Right::Approve | Right::Bind | Right::Manage => None,
    };
    let guests_may = least.is_some_and(|least| guests >= least);
    // Nobody has said anything of guests, so who isn't known to be one isn't.
    let must_know = set_by != SetBy::BuiltIn;
    match asker.standing {
        _ if guests_may => Ok(()),
        Standing::Member | Standing::Deactivated | Standing::Stranger => Ok(()),
        Standing::NoScope | Standing::Unknown if !must_know => Ok(()),
        Standing::Guest | Standing::NoScope => {
            Err(Refusal::Guest { right: act.right, guests, set_by }.into())
        }
        Standing::Unknown => Err(Refusal::Unsure.into()),
    }
}

/// Whether a rule lets someone through.
fn admit(asker: &Asker<'_>, act: &Act<'_>, who: &WhoMay, set_by: SetBy) -> Result<(), Denied> {
    let is_requester = act.requester == Some(&asker.actor.user);
    let lets = match who {
        WhoMay::Everyone => true,
        WhoMay::Requester => is_requester,
        WhoMay::Other => !is_requester,
        WhoMay::Admins => match asker.manages {
            Manages::Yes => true,
            Manages::No(why) => return Err(Denied::not_admin(why, act, set_by)),
        },
        WhoMay::These(named) => asker.is_among(named)?,
    };
    if lets {
        return Ok(());
    }
    let repo = act.repo.filter(|_| set_by == SetBy::Repository).cloned();
    let requester = act.requester.cloned();
    Err(Refusal::Rule { right: act.right, who: who.clone(), repo, requester, set_by }.into())
}

impl Denied {
    fn not_admin(why: NotManager, act: &Act<'_>, set_by: SetBy) -> Self {
        match (act.right, why) {
            (Right::Manage, why) => Self::NotManager(why),
            (_, NotManager::Unknown) => Refusal::Unsure.into(),
            (right, NotManager::Member | NotManager::NoScope) => {
                let repo = act.repo.filter(|_| set_by == SetBy::Repository).cloned();
                Refusal::Rule { right, who: WhoMay::Admins, repo, requester: None, set_by }.into()
            }
        }
    }
}

impl Asker<'_> {
    /// Whether a list names them.
    ///
    /// # Errors
    /// Slack didn't tell the people of a group that would decide.
    pub fn is_among(&self, named: &[Named]) -> Result<bool, Denied> {
        let is_named = |one: &Named| match one {
            Named::Person(user) => *user == self.actor.user,
            Named::Group(group) => self.groups.of.contains(group),
        };
        let may_be =
            |one: &Named| matches!(one, Named::Group(group) if self.groups.unknown.contains(group));
        if named.iter().any(is_named) {
            return Ok(true);
        }
        if named.iter().any(may_be) { Err(Refusal::Unsure.into()) } else { Ok(false) }
    }
}

/// Whether it may be done in this place, by anyone.
fn place(act: &Act<'_>, here: &Here<'_>) -> Result<(), Denied> {
    if !matches!(act.right, Right::Start | Right::Bind) {
        return Ok(());
    }
    let is_direct = act.scope.channel.is_some_and(ChannelId::is_dm);
    if let (SharedChannels::Off, set_by) = here.shared()
        && !is_direct
        && act.scope.channel.is_some()
    {
        match act.scope.is_shared {
            Some(false) => {}
            Some(true) => return Err(Refusal::Shared { right: act.right, set_by }.into()),
            None => return Err(Refusal::Unsure.into()),
        }
    }
    match here.dm() {
        (false, set_by) if is_direct => Err(Refusal::Direct { set_by }.into()),
        (true | false, _) => Ok(()),
    }
}

/// Whether the repository can be used: by the list of the place, and by each rule that fits it.
fn usable(asker: &Asker<'_>, act: &Act<'_>, here: &Here<'_>) -> Result<(), Denied> {
    let Some(repo) = act.repo else { return Ok(()) };
    if matches!(act.right, Right::Start | Right::Bind)
        && let Some((repos, set_by)) = here.repos()
    {
        // What a channel is bound to can't depend on what it is bound to.
        let is_circular = act.right == Right::Bind && *repos == Repos::Bound;
        if !is_circular && !repos.lets(repo, act.scope.bound) {
            let bound = act.scope.bound.cloned();
            let only_bound = *repos == Repos::Bound;
            return Err(Refusal::Repo { repo: repo.clone(), only_bound, bound, set_by }.into());
        }
    }
    here.who_on(act.right, repo).try_for_each(|who| admit(asker, act, who, SetBy::Repository))
}
