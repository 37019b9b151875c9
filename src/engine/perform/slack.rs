//! Effects in Slack: the card, what is said in its thread, reactions, private lines.

use super::super::Engine;
use super::super::fault::slack_fault;
use super::super::index::Claimed;
use super::super::tell::Route;
use domain::fault::{Cause, Fault};
use domain::ids::{ChannelId, MessageTs, UserId};
use domain::message::{Notice, Post};
use domain::meter::{Claim, EDITS, Limit, POSTS, Reservation};
use domain::task::{Attempt, Beside, CardStatus, MESSAGE_SEARCH, Outcome, Task};
use jiff::{SignedDuration, Timestamp};
use slack::client::{Content, SlackClient};
use slack::error::CallError;
use slack::history::{Found, Sought, Window};
use slack::render;
use std::time::Duration;
use store::Key;
use store::documents::{ChannelAlias, edits_key, posts_key, renamed_key};

/// When a message was posted is known to within this: what `Date` says is minutes off at worst.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A thread is read up to so much later than now, in case both clocks are thought to be earlier than they are.
const FUTURE: SignedDuration = SignedDuration::from_hours(24);

/// What comes this much later than its time has lost it: after a restart all that is late would come at
/// once.
const LATE: SignedDuration = SignedDuration::from_secs(5);

/// What Slack counts an effect with: where that is counted, and how many it allows.
struct Counted {
    meter: Key,
    limit: Limit,
}

impl Engine {
    pub(super) async fn post_card(
        &self,
        slack: &SlackClient,
        task: &Task,
        attempt: &Attempt,
    ) -> Outcome {
        let (Some(channel), Some(mut card)) = (&task.channel, task.card()) else {
            return Outcome::Failed(Fault::Refused(Cause::ChannelNotFound));
        };
        if let Some(root) = &task.entrance.root {
            match self.claim_thread(task, root).await {
                Ok(Claimed::Ours) => {}
                Ok(Claimed::By(other)) => {
                    let page = self.page_of(&other);
                    return Outcome::ThreadTaken(Beside { task: other.id, page });
                }
                Err(_) => return super::store_later(),
            }
        }
        // A card that says nothing of the line would have to be edited, and edits are few. What one that
        // is found says is not known.
        // A session that began elsewhere waits for no place.
        let asks = !attempt.look && task.session.is_none();
        let lined_up = if asks { self.line_up(task).await } else { Ok(None) };
        let Ok(standing) = lined_up else { return super::store_later() };
        card.status = standing.clone().map_or(card.status, CardStatus::InQueue);
        let mark = format!("{}/card", task.id);
        let content = render::card(&card, self.plan_page_of(task).as_deref());
        let place = (channel, task.entrance.root.as_ref());
        let posted = self.post_once(slack, task, place, &content, &mark, attempt).await;
        let Outcome::Posted(ts) = posted else { return posted };
        Outcome::CardPosted(ts, standing)
    }

    pub(super) async fn post_link(
        &self,
        slack: &SlackClient,
        task: &Task,
        attempt: &Attempt,
    ) -> Outcome {
        let (Some(session), Some(target)) = (&task.session, &task.target) else {
            return Outcome::Done;
        };
        let link = Post::Link {
            url: session.url.clone(),
            repo: target.repo.clone(),
            branch: target.branch.clone(),
            quiet: task.is_quiet(),
        };
        let mark = format!("{}/link", task.id);
        self.post_in_thread(slack, task, &render::post(&link), &mark, attempt).await
    }

    /// A milestone. A plan is drawn from the task, with what became of it by now.
    pub(super) async fn post(
        &self,
        slack: &SlackClient,
        task: &Task,
        attempt: &Attempt,
        (post, ping): (&Post, Option<&UserId>),
    ) -> Outcome {
        let mark = format!("{}/{}", task.id, attempt.entry);
        let Post::Plan { id: plan, part } = post else {
            let content = render::post_to(post, ping);
            return self.post_in_thread(slack, task, &content, &mark, attempt).await;
        };
        self.post_plan(slack, task, attempt, (plan, *part, ping)).await
    }

    pub(super) async fn post_in_thread(
        &self,
        slack: &SlackClient,
        task: &Task,
        content: &Content,
        mark: &str,
        attempt: &Attempt,
    ) -> Outcome {
        let (Some(channel), Some(root)) = (&task.channel, task.thread()) else {
            return Outcome::Done;
        };
        let noted = attempt.again.then(|| render::again(content.clone()));
        let content = noted.as_ref().unwrap_or(content);
        self.post_once(slack, task, (channel, Some(root)), content, mark, attempt).await
    }

    /// Posts a message that is not there yet.
    pub(super) async fn post_once(
        &self,
        slack: &SlackClient,
        task: &Task,
        (channel, thread): (&ChannelId, Option<&MessageTs>),
        content: &Content,
        mark: &str,
        attempt: &Attempt,
    ) -> Outcome {
        if attempt.look {
            let sought = Sought::Mark(mark);
            return self.look_for_message(slack, task, channel, thread, sought, attempt).await;
        }
        let counted = Counted { meter: posts_key(&task.team, channel), limit: POSTS };
        if let Some(wait) = self.must_wait(task, attempt, &counted).await {
            return wait;
        }
        match slack.post(channel, thread, content, Some(mark)).await {
            Ok(posted) if posted.is_outside => Outcome::PostedOutside(posted.ts),
            Ok(posted) => Outcome::Posted(posted.ts),
            Err(CallError::RateLimited { after }) => {
                self.slow_down(task, attempt, &counted, after).await
            }
            Err(error) => {
                let about = thread.or(task.card.as_ref());
                self.refused_there(slack, task, about, &error).await
            }
        }
    }

    /// What an error about a message means, unless the channel only has another id by now, or the message is there
    /// all the same.
    pub(super) async fn refused_there(
        &self,
        slack: &SlackClient,
        task: &Task,
        about: Option<&MessageTs>,
        error: &CallError,
    ) -> Outcome {
        let fault = slack_fault(error);
        if is_called_gone(error)
            && let (Some(channel), Some(root), Some(ts)) = (&task.channel, task.thread(), about)
            && slack.is_gone(channel, root, ts).await != Ok(true)
        {
            let cause = Cause::MessageGone;
            return Outcome::Failed(Fault::Later { cause, after: None });
        }
        if fault == Fault::Refused(Cause::ChannelNotFound)
            && let Some(moved) = self.moved_to(task).await
        {
            return Outcome::Moved(moved);
        }
        Outcome::Failed(fault)
    }

    async fn moved_to(&self, task: &Task) -> Option<ChannelId> {
        let key = renamed_key(&task.team, task.channel.as_ref()?);
        let found = self.records.get::<ChannelAlias>(&key, self.now()).await.ok()??;
        Some(found.1.channel)
    }

    /// Looks for a message that may have been posted, in time.
    pub(super) async fn look_for_message(
        &self,
        slack: &SlackClient,
        task: &Task,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        sought: Sought<'_>,
        attempt: &Attempt,
    ) -> Outcome {
        let found = async {
            match thread {
                Some(root) => self.find_in_thread(slack, task, channel, root, sought).await,
                None => self.find_in_channel(slack, channel, sought, attempt).await,
            }
        };
        match tokio::time::timeout(MESSAGE_SEARCH, found).await {
            Ok(Ok(Some(found))) if found.is_outside => Outcome::PostedOutside(found.ts),
            Ok(Ok(Some(found))) => Outcome::Posted(found.ts),
            Ok(Ok(None)) => Outcome::NotFound,
            Ok(Err(error)) => self.not_found_out(slack, &error).await,
            // Slack answers, and there is no end to it.
            Err(_) => Outcome::Unclear(Cause::SlackDown),
        }
    }

    /// In a thread everything is posted in turn, so what is looked for is younger than our last message
    /// there. Both times are Slack's.
    async fn find_in_thread(
        &self,
        slack: &SlackClient,
        task: &Task,
        channel: &ChannelId,
        root: &MessageTs,
        sought: Sought<'_>,
    ) -> Result<Option<Found>, CallError> {
        let before = [&task.last_post, &task.card, &task.entrance.message];
        let last = before.into_iter().flatten().next().unwrap_or(root).time();
        let ours = self.now();
        let now = slack.time_there(ours).map_or(ours, |there| there.max(ours));
        let window = Window {
            oldest: last.unwrap_or(Timestamp::UNIX_EPOCH),
            latest: now.saturating_add(FUTURE).unwrap_or(Timestamp::MAX),
        };
        slack.find(channel, Some(root), sought, window).await
    }

    /// In a channel the time of the attempt says where to look. If our clock was set since, the clocks were
    /// apart either as Slack's answers before the attempt say, or as its answer to this lookup does. For
    /// whatever neither tells, the newest messages are read too.
    async fn find_in_channel(
        &self,
        slack: &SlackClient,
        channel: &ChannelId,
        sought: Sought<'_>,
        attempt: &Attempt,
    ) -> Result<Option<Found>, CallError> {
        let posting = SignedDuration::try_from(attempt.limit()).unwrap_or_default();
        let around = |tried: Timestamp| Window {
            oldest: tried.saturating_sub(SKEW).unwrap_or(Timestamp::MIN),
            latest: tried.saturating_add(posting + SKEW).unwrap_or(Timestamp::MAX),
        };
        let tried = attempt.tried_there.unwrap_or(attempt.tried);
        if let found @ Some(_) = slack.find(channel, None, sought, around(tried)).await? {
            return Ok(found);
        }
        let by_now = slack.time_there(attempt.tried);
        if let Some(other) = by_now.filter(|other| other.duration_since(tried).abs() > SKEW)
            && let found @ Some(_) = slack.find(channel, None, sought, around(other)).await?
        {
            return Ok(found);
        }
        let newest = slack.find_among_newest(channel, sought).await.unwrap_or(None);
        Ok(newest.map(|ts| Found { ts, is_outside: false }))
    }

    /// What a lookup that failed tells of what it looked for: nothing, and it may still be there. Where
    /// Slack can't be asked for now, it is asked later; an answer that doesn't tell counts.
    async fn not_found_out(&self, slack: &SlackClient, error: &CallError) -> Outcome {
        let cause = slack_fault(error).cause().clone();
        match error {
            CallError::RateLimited { .. }
            | CallError::Unreachable(_)
            | CallError::Unknown(_)
            | CallError::DeadInstallation(_) => Outcome::Failed(Fault::Unknown(cause)),
            CallError::MissingRights { .. } => match slack.auth_test().await {
                // Only for this: posting may well be allowed.
                Ok(_) => Outcome::Unclear(cause),
                Err(refused) => {
                    Outcome::Failed(Fault::Unknown(slack_fault(&refused).cause().clone()))
                }
            },
            // The thread is gone, and what was said in it.
            CallError::Place(_) if cause == Cause::MessageGone => Outcome::NotFound,
            CallError::Unclear(_)
            | CallError::TooLarge
            | CallError::Place(_)
            | CallError::Content { .. }
            | CallError::State(_)
            | CallError::UntrustedUrl => Outcome::Unclear(cause),
        }
    }

    pub(super) async fn redraw(
        &self,
        slack: &SlackClient,
        task: &Task,
        attempt: &Attempt,
    ) -> Outcome {
        let (Some(channel), Some(ts), Some(card)) = (&task.channel, &task.card, task.card()) else {
            return Outcome::Done;
        };
        let content = render::card(&card, self.plan_page_of(task).as_deref());
        match self.edit(slack, task, attempt, channel, ts, &content).await {
            Ok(()) => Outcome::Drawn(Box::new(card)),
            Err(outcome) => outcome,
        }
    }

    /// Gives a message other content: what is the newest state when its time has come.
    pub(super) async fn edit(
        &self,
        slack: &SlackClient,
        task: &Task,
        attempt: &Attempt,
        channel: &ChannelId,
        ts: &MessageTs,
        content: &Content,
    ) -> Result<(), Outcome> {
        let counted = Counted { meter: edits_key(&task.team), limit: EDITS };
        if let Some(wait) = self.must_wait(task, attempt, &counted).await {
            return Err(wait);
        }
        match slack.update(channel, ts, content).await {
            Ok(()) => Ok(()),
            Err(CallError::RateLimited { after }) => {
                Err(self.slow_down(task, attempt, &counted, after).await)
            }
            Err(error) => Err(self.refused_there(slack, task, Some(ts), &error).await),
        }
    }

    /// What can't be done now: Slack counts it with what others do, and all replicas together. What
    /// waits has a time, so that nobody asks again and again.
    async fn must_wait(
        &self,
        task: &Task,
        attempt: &Attempt,
        counted: &Counted,
    ) -> Option<Outcome> {
        let now = self.now();
        let in_time = |reserved: &Reservation| {
            reserved.at() <= now && now.duration_since(reserved.at()) < LATE
        };
        let claim = match attempt.reserved.filter(in_time) {
            Some(Reservation::Slot(_)) => return None,
            Some(Reservation::Turn { missed, .. }) => Claim::Turn { missed },
            None if task.is_awaited(&attempt.effect) => Claim::Urgent,
            None => Claim::Background,
        };
        match self.reserve(&counted.meter, counted.limit, claim).await {
            // The clock has moved on since the time was asked for.
            Ok(Reservation::Slot(at)) if at <= self.now() => None,
            Ok(reservation) => Some(Outcome::Reserved(reservation)),
            Err(error) => {
                tracing::warn!(%error, "the meter of one of Slack's limits could not be kept");
                Some(super::store_later())
            }
        }
    }

    /// Slack asks to wait: whatever it counts together waits, on every replica, and one comes after the
    /// other then.
    async fn slow_down(
        &self,
        task: &Task,
        attempt: &Attempt,
        counted: &Counted,
        after: Duration,
    ) -> Outcome {
        let wait = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
        let until = self.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        let claim = Claim::Refused { until, urgent: task.is_awaited(&attempt.effect) };
        match self.reserve(&counted.meter, counted.limit, claim).await {
            Ok(reservation) => Outcome::Reserved(reservation),
            Err(_) => {
                let cause = Cause::SlackBusy;
                Outcome::Failed(Fault::Later { cause, after: Some(after) })
            }
        }
    }

    /// Tells one person something in private. An attempt after one that may have said it keeps quiet:
    /// there is no way to look. A notice that they are owed is repeated once.
    pub(super) async fn tell_once(
        &self,
        attempt: &Attempt,
        route: &Route,
        notice: &Notice,
    ) -> Outcome {
        let is_needed = notice.is_owed() && attempt.again;
        if (attempt.maybe_done && !is_needed) || self.would_be_untrue(route, notice) {
            return Outcome::Done;
        }
        match self.tell(route, notice).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Failed(slack_fault(&error)),
        }
    }

    /// That Slack refuses the token can be told only where none is needed: once Slack accepts it, it
    /// isn't true any more.
    fn would_be_untrue(&self, route: &Route, notice: &Notice) -> bool {
        let needs_token = route.live_reply(self.now()).is_none();
        matches!(notice, Notice::Held(cause) if cause.is_slacks_credential()) && needs_token
    }
}

/// Whether Slack says of a message that it isn't there, which one answer alone doesn't prove.
fn is_called_gone(error: &CallError) -> bool {
    matches!(error, CallError::State(code) | CallError::Place(code)
        if code == "message_not_found" || code == "thread_not_found")
}

pub(super) async fn react(
    slack: &SlackClient,
    task: &Task,
    ts: &MessageTs,
    emoji: &str,
) -> Outcome {
    let Some(channel) = &task.channel else { return Outcome::Done };
    reacted(slack.react(channel, ts, emoji).await)
}

pub(super) async fn unreact(
    slack: &SlackClient,
    task: &Task,
    ts: &MessageTs,
    emoji: &str,
) -> Outcome {
    let Some(channel) = &task.channel else { return Outcome::Done };
    reacted(slack.unreact(channel, ts, emoji).await)
}

/// A reaction is optional: without the scope there are none.
fn reacted(ended: Result<(), CallError>) -> Outcome {
    match ended {
        Ok(()) => Outcome::Done,
        Err(CallError::MissingRights { code, .. }) if code == "missing_scope" => Outcome::Done,
        Err(error) => Outcome::Failed(slack_fault(&error)),
    }
}

/// Removes a message of ours that stands where it should not.
pub(super) async fn take_back(slack: &SlackClient, task: &Task, ts: &MessageTs) -> Outcome {
    let Some(channel) = &task.channel else { return Outcome::Done };
    match slack.delete(channel, ts).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Failed(slack_fault(&error)),
    }
}
