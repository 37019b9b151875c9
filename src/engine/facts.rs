//! The facts an answer is decided by: what the inbound needs, and nothing else, is read.

use super::Engine;
use super::access::Known;
use super::account::Account;
use super::accounts::all_sources;
use super::document_cache::{Cached, Recalled};
use super::workspace::{Caller, Workspace};
use domain::binding::ChannelBinding;
use domain::ids::{ChannelId, MessageTs, TaskId, TeamId};
use domain::inbound::{
    Access, BindingOf, Facts, Inbound, Needs, Origin, Place, TaskOf, UsableAccount, Verb,
    WrittenMessage,
};
use domain::repo::Source;
use domain::task::Task;
use domain::tenant::{PersonSettings, Role, WorkspaceSettings};
use domain::words::Names;
use jiff::SignedDuration;
use platform::clock::is_younger;
use std::sync::Arc;
use store::documents::{ProcessedEvent, binding_key, seen_key};
use store::records::RecordError;
use store::{Precondition, Rev};

/// A thread this young may not be filed yet: it is looked for again when Slack delivers again. Lookups of a card may go
/// unanswered for a quarter of an hour.
const YOUNG: SignedDuration = SignedDuration::from_mins(20);

/// The same for a message that calls the bot: its author is waiting for an answer.
const YOUNG_FOR_CALLS: SignedDuration = SignedDuration::from_secs(20);

/// For this long after a start an older thread may not be filed yet either: what the process before left is filed soon.
const STARTING: SignedDuration = SignedDuration::from_mins(5);

/// What was read for an inbound.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) task: Option<Box<(Rev, Task)>>,
    pub(super) successor: Option<Box<(Rev, Task)>>,
    pub(super) bound: Option<Arc<Cached<ChannelBinding>>>,
    pub(super) person: Option<Arc<Cached<PersonSettings>>>,
    pub(super) settings: Option<Arc<Cached<WorkspaceSettings>>>,
    /// Some of these three were remembered, not read.
    pub(super) is_remembered: bool,
    known: Option<Known>,
    /// The accounts that a task may begin on, in this order, and their repositories.
    accounts: Vec<Arc<Account>>,
    own_sources: Vec<Option<Arc<[Source]>>>,
    /// The repositories of all of them that the person can use.
    sources: Option<Arc<[Source]>>,
    names: Names,
    seen: bool,
}

/// Why the facts are not there.
pub(super) enum NotGathered {
    /// The store did not answer.
    NotRead(RecordError),
    /// The thread may be filed in a moment.
    Unfiled,
}

impl From<RecordError> for NotGathered {
    fn from(error: RecordError) -> Self {
        Self::NotRead(error)
    }
}

impl Engine {
    /// Reads what is needed to answer.
    pub(super) async fn gather(
        &self,
        inbound: &Inbound,
        caller: &Caller,
        origin: &Origin,
    ) -> Result<Gathered, NotGathered> {
        let Caller { workspace, actor, .. } = caller;
        let bot = workspace.installation().map(|us| &us.bot);
        let Needs { task, successor, binding, defaults, seen } =
            inbound.needs(bot, origin.place.as_ref());
        let task = match task {
            // On the heap: what isn't about a task doesn't carry the room that these take.
            Some(TaskOf::Id(id)) => Box::pin(self.task(id, &actor.team)).await?,
            Some(TaskOf::Thread) => Box::pin(self.task_here(inbound, caller, origin)).await?,
            None => None,
        };
        let mut gathered = Gathered { task: task.map(Box::new), ..Gathered::default() };
        if successor && let Some(old) = gathered.retried(inbound) {
            let successor = Box::pin(self.task(&old.successor(), &actor.team)).await?;
            gathered.successor = successor.map(Box::new);
        }
        let channel = gathered.bound_channel(binding, origin);
        // At the same time, so that they take as long as one.
        let (bound, of_people) = tokio::join!(
            async {
                let Some(channel) = &channel else { return Ok(None) };
                let key = binding_key(&actor.team, channel);
                self.recall_to_replace(&self.binding_cache, key, self.now()).await.map(Some)
            },
            async { if defaults { self.recall_defaults(caller).await } else { Ok((None, None)) } },
        );
        let (person, settings) = of_people?;
        gathered.is_remembered = is_remembered(bound.as_ref().ok().and_then(Option::as_ref))
            || is_remembered(person.as_ref())
            || is_remembered(settings.as_ref());
        gathered.bound = bound?.map(|bound| bound.document);
        gathered.person = person.map(|person| person.document);
        gathered.settings = settings.map(|settings| settings.document);
        if seen {
            let key = seen_key(&origin.delivery);
            let found = self.records.get::<ProcessedEvent>(&key, self.now()).await?;
            gathered.seen = found.is_some();
        }
        let is_for_us = match inbound {
            Inbound::Message(message) => {
                gathered.task.is_some() || message.is_addressed(bot, origin.place.as_ref())
            }
            _ => true,
        };
        let words = match inbound {
            Inbound::Command(_) | Inbound::SendToJules(_) | Inbound::Message(_)
                if is_for_us && actor.role == Role::Member =>
            {
                inbound.words()
            }
            _ => Vec::new(),
        };
        let about_task = gathered.task.as_deref().map(|(_, task)| task);
        let channel = inbound.channel(about_task, origin);
        let (names, known) = tokio::join!(workspace.names_of(&words, bot, self.now()), async {
            if inbound.asks_about_the_person(is_for_us) {
                self.known(workspace, actor, channel, caller.is_shared).await
            } else {
                Known::nobody(self.policy())
            }
        });
        gathered.names = names;
        let person = gathered.person.as_deref().map(Cached::record);
        let who = (&actor.team, &actor.user);
        gathered.accounts = match defaults {
            true => self.usable_accounts(workspace, who, person, channel).await?,
            false => workspace.account_of_settings().map(Arc::clone).into_iter().collect(),
        };
        gathered.own_sources =
            gathered.accounts.iter().map(|account| account.source_cache.sources()).collect();
        gathered.sources = all_sources(&gathered.accounts).map(|sources| {
            let bound = gathered.bound.as_deref().and_then(|bound| bound.record().binding.as_ref());
            let bound = bound.map(|binding| &binding.repo);
            let usable = known.access().usable(&sources, actor, channel, bound);
            usable.map_or(sources, Arc::from)
        });
        gathered.known = Some(known);
        Ok(gathered)
    }

    /// The facts among what was gathered.
    pub(super) fn facts<'a>(
        gathered: &'a Gathered,
        accounts: &'a [UsableAccount<'a>],
        caller: &'a Caller,
        origin: &Origin,
    ) -> Facts<'a> {
        let bound = gathered.bound.as_deref().map(Cached::record);
        let us = caller.workspace.installation();
        Facts {
            accounts,
            binding: bound.and_then(|bound| bound.binding.as_ref()),
            is_binding_damaged: gathered.bound.as_deref().is_some_and(Cached::is_damaged),
            person: gathered.person.as_deref().map(Cached::record),
            settings: gathered.settings.as_deref().map(Cached::record),
            access: match &gathered.known {
                Some(known) => known.access(),
                None => Access::unruled(),
            },
            applied: bound.and_then(|bound| bound.changes.applied(&origin.delivery)),
            names: &gathered.names,
            sources: gathered.sources.as_deref(),
            task: gathered.task.as_deref().map(|(_, task)| task),
            successor: gathered.successor.as_deref().map(|(_, task)| task),
            seen: gathered.seen,
            bot: us.map(|us| &us.bot),
            workspace: us.and_then(|us| us.url.as_deref()),
        }
    }

    /// A task of this workspace. Another workspace's task isn't found, no matter who names it.
    pub(super) async fn task(
        &self,
        id: &TaskId,
        team: &TeamId,
    ) -> Result<Option<(Rev, Task)>, RecordError> {
        match self.own_task(id).await {
            Err(error) if error.is_foreign() => Ok(None),
            found => Ok(found?.filter(|(_, task)| task.team == *team)),
        }
    }

    /// The task in whose thread something was written.
    async fn task_here(
        &self,
        inbound: &Inbound,
        caller: &Caller,
        origin: &Origin,
    ) -> Result<Option<(Rev, Task)>, NotGathered> {
        let Some(place) = &origin.place else { return Ok(None) };
        let message = match inbound {
            Inbound::Message(message) => message,
            Inbound::Run(_) => {
                let Some(root) = &place.root else { return Ok(None) };
                return self.task_of(root, &place.channel, &caller.actor.team).await;
            }
            Inbound::SendToJules(pointed) => {
                let root = place.root.as_ref().unwrap_or(&pointed.ts);
                return self.task_of(root, &place.channel, &caller.actor.team).await;
            }
            _ => return Ok(None),
        };
        let Caller { workspace, actor, .. } = caller;
        let bot = workspace.installation().map(|us| &us.bot);
        let root = match &place.root {
            Some(root) => root,
            // A message for us that stands alone may have begun a task before, whose thread it is the root of.
            None if message.is_addressed(bot, Some(place)) => &message.ts,
            None => return Ok(None),
        };
        let found = match &place.root {
            Some(root) => self.task_of(root, &place.channel, &actor.team).await?,
            None => self.task_begun(root, &place.channel, &actor.team).await?,
        };
        match found {
            Some(found) => Ok(Some(found)),
            None if self.may_be_ours(message, place, workspace) => Err(NotGathered::Unfiled),
            None => Ok(None),
        }
    }

    /// The task that a message has begun.
    async fn task_begun(
        &self,
        message: &MessageTs,
        channel: &ChannelId,
        team: &TeamId,
    ) -> Result<Option<(Rev, Task)>, NotGathered> {
        match self.task_begun_by(team, channel, message).await? {
            Some(id) => Ok(self.task(&id, team).await?),
            None => Ok(None),
        }
    }

    /// The task whose thread this is.
    async fn task_of(
        &self,
        root: &MessageTs,
        channel: &ChannelId,
        team: &TeamId,
    ) -> Result<Option<(Rev, Task)>, NotGathered> {
        let Some(id) = self.task_of_thread(team, channel, root).await? else { return Ok(None) };
        match self.task(&id, team).await {
            Ok(Some((rev, task))) if !task.is_draft() && task.is_in(root) => Ok(Some((rev, task))),
            // It began nothing, or can't be read.
            found => match self.task_of_thread_now(team, channel, root).await? {
                Some(other) if other != id => Ok(self.task(&other, team).await?),
                Some(_) | None => Ok(found?),
            },
        }
    }

    /// Whether the message is in a thread of ours that may not be filed yet.
    fn may_be_ours(&self, message: &WrittenMessage, place: &Place, workspace: &Workspace) -> bool {
        let Some(root) = &place.root else { return false };
        let us = workspace.installation().map(|us| &us.bot);
        let calls = message.is_addressed(us, Some(place));
        let young = if calls { YOUNG_FOR_CALLS } else { YOUNG };
        message.thread_by.as_ref() == us && us.is_some() && self.is_young(root, young)
    }

    /// Whether a thread may not be filed yet: because it is young, or because the process that began it
    /// died before it filed it, and this one has only just started.
    fn is_young(&self, root: &MessageTs, young: SignedDuration) -> bool {
        if is_younger(self.started, young.min(STARTING), self.now()) {
            return true;
        }
        let seconds = root.as_str().split('.').next().and_then(|seconds| seconds.parse().ok());
        let posted = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        posted.is_some_and(|posted| self.now().duration_since(posted) < young)
    }

    /// Forgets what was remembered, so that it is read again.
    pub(super) fn forget(&self, gathered: &Gathered) {
        if let Some(bound) = &gathered.bound {
            self.binding_cache.remove(bound.key());
        }
        if let Some(person) = &gathered.person {
            self.person_cache.remove(person.key());
        }
        if let Some(settings) = &gathered.settings {
            self.settings_cache.remove(settings.key());
        }
    }
}

/// Whether a document was remembered, not read.
fn is_remembered<T>(recalled: Option<&Recalled<T>>) -> bool {
    recalled.is_some_and(|recalled| recalled.is_remembered)
}

impl Gathered {
    /// The accounts that a task may begin on.
    pub(super) fn usable_accounts(&self) -> Vec<UsableAccount<'_>> {
        let sources = self.own_sources.iter().map(Option::as_deref);
        self.accounts.iter().zip(sources).map(|(one, sources)| one.usable(sources)).collect()
    }

    /// That what decides about a task is still as it was read.
    pub(super) fn given(&self) -> Vec<Precondition<'_>> {
        let bound = self.bound.as_deref().map(Cached::given);
        let person = self.person.as_deref().map(Cached::given);
        let settings = self.settings.as_deref().map(Cached::given);
        [bound, person, settings].into_iter().flatten().collect()
    }

    /// The task that is to be started again.
    fn retried<'g>(&'g self, inbound: &'g Inbound) -> Option<&'g TaskId> {
        let (_, task) = self.task.as_deref()?;
        match inbound {
            Inbound::Press(id, Verb::Retry | Verb::EditRetry) => Some(id),
            // The form that a task was edited in.
            _ => {
                let retry_of = task.retry_of.as_ref()?;
                (!task.is_successor()).then_some(&retry_of.task)
            }
        }
    }

    /// The channel whose binding counts.
    fn bound_channel(&self, binding: Option<BindingOf<'_>>, origin: &Origin) -> Option<ChannelId> {
        let of_task = || self.task.as_deref().and_then(|(_, task)| task.channel.clone());
        match binding? {
            BindingOf::Channel(channel) => Some(channel.clone()),
            BindingOf::Place => origin.channel().cloned().or_else(of_task),
        }
    }
}
