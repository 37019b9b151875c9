//! What goes along with a task that was asked for in a message, or with a reply: files, and what people wrote in
//! the thread. It is read after the acknowledgement, and only after access was checked.

use super::super::Engine;
use super::super::access::author;
use super::super::accounts::all_sources;
use super::super::fault::{jules_fault, slack_fault};
use super::super::workspace::Workspace;
use domain::fault::{Cause, Fault};
use domain::ids::{ChannelId, MessageTs, UserId};
use domain::inbound::is_aside;
use domain::policy::Standing;
use domain::repo::{self, Candidate, RepoRef, Source};
use domain::secret::Secret;
use domain::secret_text::masked;
use domain::task::{
    Attempt, FileRef, Hears, Material, MaterialRead, Outcome, Reads, ReplyRead, ReplyReads, Task,
    Way, attached, left_out, left_out_unread,
};
use domain::tenant::Who;
use domain::thread_context::{Author, MOST_MESSAGES, Period, ThreadMessage, write};
use domain::words::{Mentioned, Names};
use jiff::{SignedDuration, Timestamp};
use slack::error::CallError;
use slack::thread::{Message, Thread};
use std::collections::HashSet;
use store::documents::{author_prefix, channel_prefix};

/// How many of a channel's tasks tell which repositories are used there.
const RECENT_TASKS: usize = 10;

/// At most this many repositories are offered.
const OFFERED: usize = domain::task::MOST_CHOICES;

/// Allowance for Slack's clock being ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// After so many attempts a reply is sent without what could not be read.
const PATIENT: u32 = 3;

impl Engine {
    /// Which repositories may be meant: those that the text has addresses of, those used in the channel lately,
    /// then the others.
    pub(super) async fn suggest(&self, task: &Task) -> Outcome {
        let Ok(accounts) = self.accounts_for(task).await else { return super::store_later() };
        for account in accounts.iter().filter(|one| one.source_cache.sources().is_none()) {
            if let Err(error) = account.source_cache.refresh(self.now()).await {
                return Outcome::Failed(jules_fault(&error, self.now()));
            }
        }
        let listed = all_sources(&accounts).unwrap_or_default();
        let Some(workspace) = self.workspace(&task.team) else { return super::store_later() };
        let listed = self.usable_by(&workspace, &author(task), task.channel.as_ref(), listed).await;
        let recent = match self.used_here(task).await {
            Ok(recent) => recent,
            Err(_) => return super::store_later(),
        };
        let used = recent.iter().filter_map(|repo| listed.iter().find(|one| one.repo == *repo));
        let mut candidates: Vec<Candidate> = Vec::new();
        let mentioned = repo::mentioned(&task.ask.prompt, &listed);
        for Source { name, repo, .. } in mentioned.into_iter().chain(used).chain(listed.iter()) {
            if candidates.len() < OFFERED && candidates.iter().all(|one| one.repo != *repo) {
                candidates.push(Candidate { source: name.clone(), repo: repo.clone() });
            }
        }
        Outcome::Suggested { candidates, total: listed.len() }
    }

    /// The repositories of the channel's newest tasks; in a direct message, of the person's.
    async fn used_here(&self, task: &Task) -> Result<Vec<RepoRef>, store::records::RecordError> {
        let Some(channel) = &task.channel else { return Ok(Vec::new()) };
        let prefix = if task.is_direct() {
            author_prefix(&task.team, &task.author)
        } else {
            channel_prefix(&task.team, channel)
        };
        let (tasks, _) = self.tasks_under(&prefix, None, RECENT_TASKS, |_| true).await?;
        Ok(tasks.into_iter().filter_map(|task| Some(task.target?.repo)).collect())
    }

    /// Reads what goes along with a task.
    pub(super) async fn read_material(
        &self,
        workspace: &Workspace,
        task: &Task,
        attempt: &Attempt,
    ) -> Outcome {
        let (Some(channel), Some(reads)) = (&task.channel, &task.entrance.reads) else {
            return Outcome::MaterialRead(Box::default());
        };
        match self.material_of(workspace, task, channel, reads, attempt).await {
            Ok(read) => Outcome::MaterialRead(Box::new(read)),
            Err(NotRead::Never(code)) => {
                let mut read = MaterialRead {
                    material: Material { unread: Some(code), ..Material::default() },
                    hears: task.entrance.hears,
                    ..MaterialRead::default()
                };
                // Files have addresses of their own.
                let files = reads.files.clone();
                match self.put_files_along(workspace, files, attempt, &mut read).await {
                    Ok(()) => Outcome::MaterialRead(Box::new(read)),
                    Err(fault) => Outcome::Failed(fault),
                }
            }
            Err(NotRead::Now(fault)) => Outcome::Failed(fault),
        }
    }

    async fn material_of(
        &self,
        workspace: &Workspace,
        task: &Task,
        channel: &ChannelId,
        reads: &Reads,
        attempt: &Attempt,
    ) -> Result<MaterialRead, NotRead> {
        let slack = &workspace.slack;
        // Of a thread that someone points at, all of it goes along.
        let is_pointed_at = task.entrance.way == Way::MessageShortcut;
        let asking = task.entrance.message.clone().filter(|_| !is_pointed_at);
        // Slack's clock may be ahead of ours.
        let latest = asking.clone().unwrap_or_else(|| MessageTs::at(self.now() + AHEAD));
        let mut read = MaterialRead::default();
        let mut message = None;
        if let Some(root) = &reads.thread {
            let mut thread = slack.thread(channel, root, &latest, MOST_MESSAGES).await?;
            let is_before = |one: &Message| one.ts.time() < latest.time();
            message = thread.replies.iter().find(|one| Some(&one.ts) == asking.as_ref()).cloned();
            thread.replies.retain(is_before);
            read.hears = hears(&thread, task);
            if reads.goes_along {
                self.put_along(workspace, &thread, &mut read).await?;
            }
        } else if let Some(ts) = asking.as_ref().filter(|_| reads.message) {
            message = slack.message(channel, ts).await?;
        }
        let files = if reads.files.is_empty() {
            message.map(|message| message.files).unwrap_or_default()
        } else {
            reads.files.clone()
        };
        self.put_files_along(workspace, files, attempt, &mut read).await.map_err(NotRead::Now)?;
        Ok(read)
    }

    async fn put_along(
        &self,
        workspace: &Workspace,
        thread: &Thread,
        read: &mut MaterialRead,
    ) -> Result<(), NotRead> {
        let messages = self.heard(workspace, thread.root.iter().chain(&thread.replies)).await;
        read.first_line = messages
            .first()
            .and_then(|first| first.text.lines().map(str::trim).find(|line| !line.is_empty()))
            .map(masked);
        let mark = getrandom::u64().map_err(|_| NotRead::Now(no_random()))?;
        if let Some(written) = write(&messages, mark, Period::Before) {
            read.material.thread = Secret::new(written.text).into();
            read.material.messages = count(written.messages);
            let left_out =
                thread.replies.len() + usize::from(thread.root.is_some()) - messages.len();
            // How many there are of those that could go along.
            let of = thread.total.saturating_sub(left_out + 1).max(written.messages);
            read.material.of = count(of);
        }
        Ok(())
    }

    async fn put_files_along(
        &self,
        workspace: &Workspace,
        files: Vec<FileRef>,
        attempt: &Attempt,
        read: &mut MaterialRead,
    ) -> Result<(), Fault> {
        if files.is_empty() {
            return Ok(());
        }
        let texts = self.texts_of(&workspace.slack, &files, attempt).await?;
        let parts = attached(&files, &texts);
        read.material.files = Secret::new(masked(&parts.join("\n\n"))).into();
        read.left_out = left_out(&texts).into_iter().chain(left_out_unread(&files)).collect();
        Ok(())
    }

    /// The messages that may go along: not our own, not what stays among people, nothing of people of other
    /// organisations.
    async fn heard<'m>(
        &self,
        workspace: &Workspace,
        messages: impl Iterator<Item = &'m Message>,
    ) -> Vec<ThreadMessage> {
        let now = self.now();
        let mut found = Vec::new();
        for message in messages.filter(|message| !message.is_ours) {
            if !workspace.is_of_our_people(message, now).await {
                continue;
            }
            found.push(message);
        }
        let authors: Vec<_> = found.iter().filter_map(|message| message.user.clone()).collect();
        let words: Vec<_> = found.iter().map(|message| &message.words).collect();
        let bot = workspace.installation().map(|us| us.bot.clone());
        let mut names = workspace.names_of(&words, None, now).await;
        names.extend(workspace.names_of_people(&authors, now).await);
        if let Some(bot) = bot {
            names.insert(Mentioned::User(bot), "jules".to_owned());
        }
        let spelled = found.into_iter().map(|message| spelled(message, &names));
        spelled.filter(|message| !is_aside(&message.text)).collect()
    }

    /// Reads what belongs to a reply before it is sent.
    ///
    /// # Errors
    /// What is in the way, for the first few times.
    pub(super) async fn read_reply(
        &self,
        workspace: &Workspace,
        task: &Task,
        attempt: &Attempt,
        ts: &MessageTs,
        reads: &ReplyReads,
    ) -> Outcome {
        let (Some(channel), Some(root)) = (&task.channel, task.thread()) else {
            return Outcome::ReplyRead(Box::default());
        };
        let thread = workspace.slack.thread(channel, root, ts, MOST_MESSAGES).await;
        let thread = match thread.map_err(NotRead::from) {
            Ok(thread) => thread,
            Err(NotRead::Now(fault))
                if attempt.number <= PATIENT || fault.cause().is_slacks_credential() =>
            {
                return Outcome::Failed(fault);
            }
            // The words matter more than what belongs to them.
            Err(NotRead::Now(_) | NotRead::Never(_)) => return Outcome::ReplyRead(Box::default()),
        };
        let reply = thread.replies.iter().find(|message| message.ts == *ts);
        let files = reply.map(|reply| reply.files.clone()).unwrap_or_default();
        let since = match &reads.since {
            Some(since) => {
                let is_between = |message: &&Message| {
                    message.ts.time() > since.time() && message.ts.time() < ts.time()
                };
                let between = thread.replies.iter().filter(is_between);
                let messages = self.heard(workspace, between).await;
                let Ok(mark) = getrandom::u64() else { return Outcome::Failed(no_random()) };
                write(&messages, mark, Period::Since).map(|written| written.text)
            }
            None => None,
        };
        Outcome::ReplyRead(Box::new(ReplyRead { files, since }))
    }
}

impl Workspace {
    /// Whether a message may go along by who wrote it. What Slack doesn't say is a no.
    async fn is_of_our_people(&self, message: &Message, now: Timestamp) -> bool {
        let Some(us) = self.installation() else { return false };
        if let (Some(user), None, None) = (&message.user, &message.team, &message.app) {
            let told = self.told_of(user, now).await.said();
            return told.is_some_and(|person| person.standing != Standing::Stranger);
        }
        let who =
            Who { user: message.user.clone(), user_team: message.team.clone(), ..Who::default() };
        !self.is_stranger(us, &who, now).await
    }
}

/// Why something was not read.
enum NotRead {
    /// It can't be: Slack's word for it.
    Never(String),
    /// Not for now.
    Now(Fault),
}

impl From<CallError> for NotRead {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Place(code)
            | CallError::State(code)
            | CallError::MissingRights { code, .. }
            | CallError::Content { code, .. } => Self::Never(code),
            CallError::TooLarge => Self::Never("too_large".to_owned()),
            CallError::DeadInstallation(_)
            | CallError::RateLimited { .. }
            | CallError::Unreachable(_)
            | CallError::Unknown(_)
            | CallError::Unclear(_)
            | CallError::UntrustedUrl => Self::Now(slack_fault(&error)),
        }
    }
}

fn no_random() -> Fault {
    Fault::Later { cause: Cause::SlackDown, after: None }
}

/// Whose replies are heard: everyone's where the thread is ours or the author's, or where hardly anyone else
/// was talking.
fn hears(thread: &Thread, task: &Task) -> Hears {
    let is_authors = |message: &Message| message.user.as_ref() == Some(&task.author);
    let is_theirs = thread.root.as_ref().is_some_and(|root| root.is_ours || is_authors(root));
    let people: HashSet<&UserId> = thread
        .root
        .iter()
        .chain(&thread.replies)
        .filter(|message| !message.is_ours && message.app.is_none())
        .filter_map(|message| message.user.as_ref())
        .filter(|user| **user != task.author)
        .collect();
    if is_theirs || people.len() <= 1 { Hears::Everyone } else { Hears::Mentions }
}

fn spelled(message: &Message, names: &Names) -> ThreadMessage {
    let name = message.user.clone().and_then(|user| names.get(&Mentioned::User(user)).cloned());
    let (who, kind) = match &message.app {
        Some(app) => (app.clone(), Author::Bot),
        None => (name.unwrap_or_else(|| "someone".to_owned()), Author::Person),
    };
    let own = message.words.spelled(names);
    let forwarded = message.forwarded.iter().map(|one| one.words.spelled(names));
    let parts: Vec<String> =
        std::iter::once(own).chain(forwarded).filter(|part| !part.trim().is_empty()).collect();
    let (ts, files) = (message.ts.clone(), message.files.clone());
    ThreadMessage { ts, who, kind, text: parts.join("\n\n"), files }
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
