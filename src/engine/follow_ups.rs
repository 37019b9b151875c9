//! Follow-ups: what is done right after an answer, without a promise. They are tracked, so that a stop
//! waits for them; a crash loses them, and nobody was told that they were done.

use super::Engine;
use super::account::Account;
use super::accounts::{all_sources, with_name};
use super::fault::jules_fault;
use super::receive::{not_read, not_stored};
use super::resolve::Found;
use super::tell::{Route, log_loss};
use super::update::Update;
use super::workspace::Caller;
use domain::binding::{Binding, ChannelBinding};
use domain::change::{Applied, Change};
use domain::fault::Cause;
use domain::form::{BindForm, Form, FormOwner, SendForm, TaskForm};
use domain::ids::{ChannelId, MessageTs, TaskId, TeamId};
use domain::inbound::{
    Answer, BindRequest, FollowUp, Origin, PickedRepository, ReplyRoute, ThreadOf, WhyHome, listing,
};
use domain::message::Notice;
use domain::policy::Manages;
use domain::repo::{Branch, BranchPath, RepoQuery, RepoRef, Resolved, Source, SourceName};
use domain::task::Task;
use futures_util::future::join_all;
use jiff::SignedDuration;
use slack::client::{OpenView, SlackClient};
use slack::error::CallError;
use std::collections::HashSet;
use std::sync::Arc;
use store::Names;
use store::documents::{binding_key, binding_prefix};
use store::records::RecordError;

/// Allowance for Slack's clock being ahead of ours.
const SLACK_AHEAD: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Runs a follow-up in the background.
    pub(super) fn run(self: &Arc<Self>, follow_up: FollowUp, caller: Caller, origin: Origin) {
        let engine = Arc::clone(self);
        self.follow_ups.spawn(async move {
            match follow_up {
                FollowUp::Open(form) => engine.open_form(&form, &caller, &origin).await,
                FollowUp::OpenOnMessage(form, thread) => {
                    engine.open_on_message(*form, &thread, &caller, &origin).await;
                }
                FollowUp::ConfirmDirect(picked) => {
                    engine.confirm_direct(picked.as_deref(), &caller).await;
                }
                FollowUp::Bind(wish) => engine.bind_wish(&wish, &caller, &origin).await,
                FollowUp::Announce(channel, notice) => {
                    let route = Route::to_sender(&caller, &origin).at(&channel).for_all();
                    log_loss(engine.tell(&route, &notice).await);
                }
                FollowUp::Repos(filter) => engine.list_repos(filter, &caller, &origin).await,
                FollowUp::Tasks(scope, after) => {
                    engine.list_tasks(scope, after, &caller, &origin).await;
                }
                FollowUp::Bindings => engine.list_bindings(&caller, &origin).await,
                FollowUp::OpenKey(whose) => engine.open_key_form(whose, &caller, &origin).await,
                FollowUp::KeepKey(request) => {
                    engine.keep_key_later(&request, &caller, &origin).await;
                }
                FollowUp::RemoveKey { whose, now } => {
                    engine.remove_key(whose, now, &caller, &origin).await;
                }
                FollowUp::Access(channel) => {
                    engine.tell_access(channel.as_ref(), &caller, &origin).await;
                }
                FollowUp::Settings { channel, saved } => {
                    engine.tell_settings(channel.as_ref(), saved, &caller, &origin).await;
                }
                FollowUp::Replace { view, hash, form } => {
                    engine.replace_form(&view, hash.as_deref(), &form, &caller).await;
                }
                FollowUp::Redraw(picked) => engine.redraw_form(*picked, &caller).await,
                FollowUp::PickSession(channel) => {
                    engine.pick_session(&channel, (&caller, &origin)).await;
                }
                FollowUp::ShowMessages(task, page, view) => {
                    engine.show_messages(&task, page, view, (&caller, &origin)).await;
                }
                FollowUp::OpenReview(task, review) => {
                    engine.open_review(&task, review, &caller, &origin).await;
                }
                FollowUp::Home(why) => engine.answer_at_home(why, &caller).await,
                FollowUp::ShowChanges(task, page, view) => {
                    engine.show_changes(&task, page, view, (&caller, &origin)).await;
                }
            }
        });
    }

    /// Opens a form while its trigger lives; says so if Slack did not.
    async fn open_form(&self, form: &Form, caller: &Caller, origin: &Origin) {
        self.opened(form, caller, origin).await;
    }

    /// Opens the form that sends a review to Jules: what goes is what it shows.
    async fn open_review(
        &self,
        task: &TaskId,
        review: Option<u64>,
        caller: &Caller,
        origin: &Origin,
    ) {
        let found = self.task(task, &caller.actor.team).await;
        let Ok(Some((_, task))) = found else {
            let route = Route::to_sender(caller, origin);
            return log_loss(self.tell(&route, &Notice::TaskUnknown).await);
        };
        let quote = match self.quote_for_jules(&task, review).await {
            Ok(Some(quote)) => quote,
            Ok(None) | Err(_) => {
                let route = Route::to_sender(caller, origin);
                return log_loss(self.tell(&route, &Notice::NothingToFix).await);
            }
        };
        let form = SendForm { task: task.id.clone(), page: None, text: quote };
        self.open_form(&Form::Send(form), caller, origin).await;
    }

    /// The same; gives the form that is open.
    async fn opened(&self, form: &Form, caller: &Caller, origin: &Origin) -> Option<OpenView> {
        let opened = match &origin.trigger {
            Some(trigger) => caller.workspace.slack.open_form(trigger, form).await,
            None => return None,
        };
        if let Err(error) = &opened {
            tracing::warn!(%error, "a form was not opened");
            let notice = match form {
                Form::Task(TaskForm { task, .. }) => {
                    Notice::FormNotOpened { task: Some(task.clone()) }
                }
                Form::Bind(_) => Notice::FormNotOpened { task: None },
                Form::Settings(form) => {
                    Notice::Settings { saved: None, settings: form.settings.clone() }
                }
                Form::Changes(_)
                | Form::Answer(_)
                | Form::Diff(_)
                | Form::Sessions(_)
                | Form::Messages(_)
                | Form::Send(_)
                | Form::Context(_)
                | Form::Key(_) => Notice::ViewNotOpened,
            };
            if origin.reply == ReplyRoute::Home {
                let why = WhyHome::Clicked(Some(Box::new(notice)));
                self.answer_at_home(why, caller).await;
                return None;
            }
            log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
        }
        opened.ok()
    }

    /// Opens the form of a task about a message. While it is open it is found out whether the bot can answer in
    /// that thread at all, and how much would go along.
    async fn open_on_message(
        &self,
        mut form: TaskForm,
        thread: &ThreadOf,
        caller: &Caller,
        origin: &Origin,
    ) {
        let open = Form::Task(form.clone());
        let Some(view) = self.opened(&open, caller, origin).await else { return };
        let slack = &caller.workspace.slack;
        let is_away = is_away(slack, &thread.channel).await;
        let Some(about) = &mut form.about else { return };
        about.is_away = is_away;
        if about.in_thread && !is_away {
            let latest = MessageTs::at(self.now() + SLACK_AHEAD);
            let read = slack.thread(&thread.channel, &thread.root, &latest, 0).await;
            about.messages = read.ok().map(|read| u32::try_from(read.total).unwrap_or(u32::MAX));
        }
        about.in_thread &= !is_away;
        form.asks_channel = is_away;
        let form = Form::Task(form);
        if form != open
            && let Err(error) = slack.update_form(&view.id, view.hash.as_deref(), &form).await
        {
            tracing::info!(%error, "a form was not drawn again");
        }
    }

    /// Binds a channel to a repository that Jules has to be asked about.
    async fn bind_wish(&self, wish: &BindRequest, caller: &Caller, origin: &Origin) {
        let route = Route::to_sender(caller, origin).at(&wish.channel);
        let binding = match self.settle_wish(wish, caller).await {
            Ok(binding) => binding,
            Err(notice) => return log_loss(self.tell(&route, &notice).await),
        };
        // On record before it's done, like any other.
        let answer = Answer::bound(binding.clone(), wish.change.clone());
        let bound = match self.audit_write(&answer, caller, origin).await {
            Ok(()) => self.bind(&binding, &wish.change).await.map(|bound| (binding, bound)),
            Err(error) => Err(error),
        };
        log_loss(match bound {
            Ok((binding, (Applied::Now, _))) => {
                self.tell(&route.for_all(), &Notice::Bound(binding)).await
            }
            // The same delivery came twice, and the other one has said it.
            Ok((_, (Applied::Before, _))) => Ok(()),
            Ok((_, (Applied::TooLate, by_then))) => {
                self.tell(&route, &Notice::BoundSince(by_then.map(Box::new))).await
            }
            Err(error) => {
                tracing::warn!(%error, "a channel was not bound");
                self.tell(&route, &not_stored(&error)).await
            }
        });
    }

    /// The binding that a wish comes to, once Jules was asked. Nothing is stored.
    pub(super) async fn settle_wish(
        &self,
        wish: &BindRequest,
        caller: &Caller,
    ) -> Result<Binding, Notice> {
        let mut found = Err(not_found(wish, Resolved::NoSources));
        for account in self.accounts_of(caller, Some(&wish.channel)).await {
            let asked = account.find_source(&wish.repo, wish.change.asked).await;
            match asked.map_err(|error| unsettled(&error))? {
                Found::One(source) => {
                    found = Ok((account, source));
                    break;
                }
                Found::Not(resolved) => found = Err(not_found(wish, resolved)),
            }
        }
        let (account, source) = found?;
        let branch = match &wish.branch {
            None => match BranchPath::parse(&wish.repo) {
                Some(path) => Some(account.branch_in_address(&source, path).await?),
                None => None,
            },
            Some(typed) => match account.find_branch(&source, typed).await {
                Ok(Ok(branch)) => Some(branch),
                Ok(Err(nearest)) => {
                    return Err(Notice::UnknownBranch {
                        task: None,
                        repo: source.repo.clone(),
                        typed: typed.clone(),
                        nearest,
                    });
                }
                Err(error) => return Err(unsettled(&error)),
            },
        };
        let binding = wish.binding(&source, branch, &caller.actor);
        let Caller { workspace, actor, is_shared } = caller;
        let known = self.known(workspace, actor, Some(&wish.channel), *is_shared).await;
        known
            .access()
            .may_bind(actor, &binding)
            .map_err(|denied| denied.notice().unwrap_or(Notice::OtherPlace))?;
        Ok(binding)
    }

    /// Binds a channel, as a request asks; gives what became of that, and the binding by then.
    async fn bind(
        &self,
        binding: &Binding,
        change: &Change,
    ) -> Result<(Applied, Option<Binding>), RecordError> {
        let key = binding_key(&binding.team, &binding.channel);
        self.update_or_replace(&key, |live: Option<ChannelBinding>, now| {
            let mut record = live.unwrap_or_default();
            let applied = record.apply(Some(binding.clone()), change.clone(), now);
            let back = (applied, record.binding.clone());
            match applied {
                Applied::Now => {
                    let expires_at = record.expires_at();
                    Update::Write { record, wake_at: None, expires_at, back }
                }
                Applied::Before | Applied::TooLate => Update::Leave(back),
            }
        })
        .await
    }

    async fn list_repos(&self, filter: Option<String>, caller: &Caller, origin: &Origin) {
        let now = self.now();
        let accounts = self.accounts_of(caller, origin.channel()).await;
        let mut read = Ok(());
        for account in &accounts {
            let one = account.source_cache.refresh(now - SignedDuration::from_secs(10)).await;
            read = read.and(one);
        }
        let notice = match read {
            Ok(()) => {
                let sources = all_sources(&accounts).unwrap_or_default();
                if sources.is_empty() {
                    Notice::NoSources
                } else {
                    let Caller { workspace, actor, .. } = caller;
                    let sources = self.usable_by(workspace, actor, origin.channel(), sources).await;
                    listing(filter, &sources)
                }
            }
            Err(error) => Notice::Trouble(jules_fault(&error, now).cause().clone()),
        };
        log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
    }

    async fn list_bindings(&self, caller: &Caller, origin: &Origin) {
        let notice = match self.bindings(&caller.actor.team).await {
            Ok(bindings) => Notice::Bindings(self.seen_by(bindings, caller, origin).await),
            Err(error) => {
                tracing::warn!(%error, "the bindings could not be listed");
                not_read(&error)
            }
        };
        log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
    }

    /// Those that someone may know of: of private channels, only the ones they are in or have bound. Who manages the workspace
    /// may know of all; what Slack doesn't say is a no.
    async fn seen_by(
        &self,
        bindings: Vec<Binding>,
        caller: &Caller,
        origin: &Origin,
    ) -> Vec<Binding> {
        let Caller { workspace, actor, is_shared } = caller;
        let known = self.known(workspace, actor, origin.channel(), *is_shared).await;
        if bindings.is_empty() || known.access().manages == Manages::Yes {
            return bindings;
        }
        let now = self.now();
        let channels = bindings.iter().map(|binding| workspace.is_private(&binding.channel, now));
        let (are_private, theirs) =
            tokio::join!(join_all(channels), workspace.slack.private_channels_of(&actor.user));
        let theirs = theirs.unwrap_or_else(|error| {
            tracing::warn!(%error, "Slack doesn't say which private channels someone is in");
            HashSet::new()
        });
        let is_seen = |(binding, is_private): &(Binding, Option<bool>)| {
            *is_private == Some(false)
                || theirs.contains(&binding.channel)
                || binding.by == actor.user
                || origin.channel() == Some(&binding.channel)
        };
        let all = bindings.into_iter().zip(are_private);
        all.filter(is_seen).map(|(binding, _)| binding).collect()
    }

    /// The bindings of a workspace; more than a message can show are not read.
    pub(super) async fn bindings(&self, team: &TeamId) -> Result<Vec<Binding>, RecordError> {
        const MOST: usize = 50;
        let now = self.now();
        let prefix = binding_prefix(team);
        let (mut bindings, mut names) = (Vec::new(), Names::under(&prefix, None, MOST));
        while let Some(keys) = names.next(&*self.store, now).await? {
            for key in keys {
                let found =
                    self.passing_over(self.records.get::<ChannelBinding>(&key, now).await)?;
                bindings.extend(found.flatten().and_then(|(_, channel)| channel.binding));
                if bindings.len() == MOST {
                    return Ok(bindings);
                }
            }
        }
        Ok(bindings)
    }

    /// Draws the open form again for the repository that was picked in it, keeping what was typed.
    async fn redraw_form(&self, picked: PickedRepository, caller: &Caller) {
        let PickedRepository { owner, values: mut filled, view, hash } = picked;
        let Some(repo) = filled.repo.as_deref().and_then(full_name) else { return };
        // Whether the bot is in the channel may not be known yet, and this drawing replaces the one that would have
        // said so.
        if let Some(about) = filled.about.as_mut().filter(|about| !about.is_away)
            && let Some(channel) = &about.channel
        {
            about.is_away = is_away(&caller.workspace.slack, channel).await;
            about.in_thread &= !about.is_away;
        }
        let form = match owner {
            FormOwner::Task(task) => {
                let kept = self.task(&task, &caller.actor.team).await.ok().flatten();
                let kept = kept.map(|(_, task)| task);
                // What someone else typed is nobody's business.
                let kept = kept.filter(|task| task.author == caller.actor.user);
                let mut ask = filled.ask(&kept.as_ref().map(|t| t.ask.clone()).unwrap_or_default());
                ask.options.branch = None;
                let offers_default = kept.as_ref().is_some_and(Task::is_direct);
                let is_away = filled.about.as_ref().is_some_and(|about| about.is_away);
                let asks_channel = is_away || kept.is_some_and(|task| task.channel.is_none());
                Form::Task(TaskForm {
                    task,
                    ask,
                    repo: Some(repo.clone()),
                    branch: None,
                    asks_channel,
                    about: filled.about,
                    offers_default,
                    note: None,
                })
            }
            FormOwner::Bind(channel) => Form::Bind(BindForm {
                channel,
                repo: Some(repo.clone()),
                branch: None,
                plan: Some(filled.plan),
                pr: Some(filled.pr),
                quiet: Some(filled.quiet),
                note: None,
            }),
            // They have no repository to pick.
            FormOwner::Changes(..)
            | FormOwner::Answer(..)
            | FormOwner::Settings(..)
            | FormOwner::Diff(_)
            | FormOwner::Follow(_)
            | FormOwner::Messages(_)
            | FormOwner::Send(_)
            | FormOwner::Key(_) => return,
        };
        // The branches are wanted next; what is read now does not have to be waited for then.
        let name = repo.to_string();
        let accounts = self.accounts_of(caller, None).await;
        let branches = async {
            match with_name(&accounts, &name) {
                Some(account) => account.branches_of(&name).await,
                None => Vec::new(),
            }
        };
        let update = caller.workspace.slack.update_form(&view, hash.as_deref(), &form);
        let (_, updated) = tokio::join!(branches, update);
        if let Err(error) = updated {
            tracing::info!(%error, "a form was not drawn again");
        }
    }
}

/// Whether the bot can't post in a channel, as far as Slack says.
async fn is_away(slack: &SlackClient, channel: &ChannelId) -> bool {
    match slack.is_member(channel).await {
        Ok(is_member) => !is_member,
        Err(CallError::Place(_)) => true,
        // Whether it can post there shows when it does.
        Err(_) => false,
    }
}

impl Account {
    async fn branch_in_address(&self, source: &Source, path: BranchPath) -> Result<Branch, Notice> {
        let found = self.find_branch_in(source, &path).await;
        found.map_err(|error| unsettled(&error))?.ok_or_else(|| Notice::UnknownPath {
            task: None,
            repo: source.repo.clone(),
            path: path.0,
        })
    }

    /// The branches of a repository, from the last half minute or from Jules.
    pub(super) async fn branches_of(&self, repo: &str) -> Vec<Branch> {
        let asked = self.now();
        let Ok(Found::One(source)) = self.find_source(repo, asked).await else { return Vec::new() };
        let name: &SourceName = &source.name;
        let read = self.source_cache.with_branches(name, self.now()).await.ok().flatten();
        read.and_then(|source| source.branches).unwrap_or_default()
    }
}

/// The value of a repository's option is `owner/repo`.
fn full_name(value: &str) -> Option<RepoRef> {
    match RepoQuery::parse(value) {
        Ok(RepoQuery::Full(repo)) => Some(repo),
        _ => None,
    }
}

fn unsettled(error: &jules::Error) -> Notice {
    // How long to wait is nothing to a person who will type it again.
    Notice::Trouble(jules_fault(error, jiff::Timestamp::UNIX_EPOCH).cause().clone())
}

fn not_found(wish: &BindRequest, resolved: Resolved) -> Notice {
    match resolved {
        Resolved::UnknownRepo(nearest) => {
            Notice::UnknownRepo { task: None, typed: wish.repo.clone(), nearest }
        }
        Resolved::Several(candidates) => Notice::SeveralFit {
            typed: wish.repo.clone(),
            candidates: candidates.into_iter().map(|fit| fit.repo).collect(),
        },
        Resolved::NoSources => Notice::NoSources,
        Resolved::UnknownBranch { repo, nearest } => Notice::UnknownBranch {
            task: None,
            repo,
            typed: wish.branch.clone().unwrap_or_default(),
            nearest,
        },
        Resolved::UnknownPath { repo, path } => Notice::UnknownPath { task: None, repo, path },
        // A binding is asked for by its name alone, so there is nothing to be skipped.
        Resolved::Target(_) | Resolved::NoDefaultBranch(_) | Resolved::Gone(_) => {
            Notice::Trouble(Cause::JulesDown)
        }
    }
}
