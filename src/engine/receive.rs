//! The one way in: what Slack delivered, over whichever transport, is answered within three seconds. Who
//! acts is settled, facts are gathered, `handle` decides, its one write is stored, and only then does the
//! response go out.

use super::Engine;
use super::commit::Committed;
use super::facts::NotGathered;
use super::tell::Route;
use super::workspace::{Caller, NoWorkspace};
use domain::ids::DeliveryId;
use domain::inbound::{
    Answer, FollowUp, Inbound, Incoming, Origin, Reply, ReplyRoute, Response, Verb, WhyHome,
    handle, over_cap,
};
use domain::message::Notice;
use domain::offer::StaleOffer;
use domain::tenant::Role;
use std::sync::Arc;
use std::time::Duration;
use store::documents::is_binding;
use store::records::RecordError;
use tokio::time::Instant;

/// So long an answer waits for Jules. Slack waits three seconds for it, and it has to be stored first.
const PATIENCE: Duration = Duration::from_secs(2);

/// So often an answer is decided again because something else was stored in between: far more often than
/// it happens, so that nobody waits forever.
const MOST_TRIES: u32 = 100;

/// What came of a delivery.
#[derive(Debug)]
pub struct Received {
    /// What goes back over the transport.
    pub response: Response,
    /// Whether nothing was done because the store did not answer.
    pub is_not_stored: bool,
}

/// Why something was not handled.
enum NotHandled {
    /// The store did not answer, or not well, or a document can't be read. What was to be written may be written all
    /// the same, now or when the store comes to it.
    NotStored { error: RecordError, may_be_written: bool },
    /// It is in a thread that may be filed in a moment.
    Unfiled,
    /// Something else was stored in between each time.
    Contended,
}

impl From<NotGathered> for NotHandled {
    fn from(why: NotGathered) -> Self {
        match why {
            // Nothing has been written while the facts are read.
            NotGathered::NotRead(error) => Self::NotStored { error, may_be_written: false },
            NotGathered::Unfiled => Self::Unfiled,
        }
    }
}

impl NotHandled {
    fn by_a_write(error: RecordError) -> Self {
        Self::NotStored { may_be_written: error.may_be_written(), error }
    }

    /// Whether it is for a document that is damaged for good.
    fn is_by_damage(&self) -> bool {
        matches!(self, Self::NotStored { error, .. } if error.is_damage())
    }

    /// Whether it is for the store, and not for one document in it.
    fn is_by_the_store(&self) -> bool {
        matches!(self, Self::NotStored { error: RecordError::Store(_), .. })
    }
}

/// What is said to someone whose request was not stored, or not for certain.
pub(super) fn not_stored(error: &RecordError) -> Notice {
    if error.may_be_written() { Notice::Unconfirmed } else { not_read(error) }
}

/// What is said to someone for whom something was not read.
pub(super) fn not_read(error: &RecordError) -> Notice {
    match error {
        RecordError::Store(_) => Notice::StoreDown,
        RecordError::Newer { .. } => Notice::Newer,
        RecordError::Unfit { key, .. } if is_binding(key) => Notice::BindingUnreadable,
        RecordError::Unfit { .. } | RecordError::Secret { .. } | RecordError::Foreign { .. } => {
            Notice::Unreadable
        }
    }
}

impl Engine {
    /// Answers one delivery. Everything that the answer promises is stored when it returns.
    pub async fn receive(self: &Arc<Self>, incoming: Incoming) -> Received {
        let Incoming { who, origin, inbound } = incoming;
        let (workspace, actor) = match self.actor(&who).await {
            Ok(found) => found,
            Err(none) => {
                let response = self.turn_away(none, &inbound, &origin);
                return Received { response, is_not_stored: false };
            }
        };
        let caller = Caller { workspace, actor, is_shared: who.shared };
        match self.handle(&inbound, &caller, &origin).await {
            Ok(answer) => {
                let response = self.respond(answer.reply, &inbound, &caller, &origin).await;
                Received { response, is_not_stored: false }
            }
            Err(not_handled) => {
                let is_not_stored = not_handled.is_by_the_store();
                let response = self.apologize(not_handled, &caller, &origin).await;
                Received { response, is_not_stored }
            }
        }
    }

    /// Gathers the facts, decides, stores, and sees to the rest. Where something else was stored in between,
    /// all begins again, and meets it.
    async fn handle(
        self: &Arc<Self>,
        inbound: &Inbound,
        caller: &Caller,
        origin: &Origin,
    ) -> Result<Answer, NotHandled> {
        let deadline = Instant::now() + PATIENCE;
        let mut gathered = self.gather(inbound, caller, origin).await?;
        // Decided again, it was still asked for at this time.
        let now = self.now();
        for _ in 0..MOST_TRIES {
            let accounts = gathered.usable_accounts();
            let facts = Self::facts(&gathered, &accounts, caller, origin);
            let answer = handle(inbound, &caller.actor, origin, &facts, now);
            let is_unchecked = answer.write.is_none() && answer.rests_on_settings();
            if is_unchecked && gathered.is_remembered {
                // What is remembered saves a question; it decides nothing.
                self.forget(&gathered);
                gathered = self.gather(inbound, caller, origin).await?;
                continue;
            }
            let answer = self.look_up(answer, caller, deadline).await;
            let placed = self.take_place(&answer, &gathered, caller).await;
            let answer = match placed.map_err(NotHandled::by_a_write)? {
                Ok(()) => answer,
                Err(reached) => over_cap(reached, origin),
            };
            self.audit_refusal(&answer, inbound, caller, origin).await;
            let audited = self.audit_write(&answer, caller, origin).await;
            audited.map_err(NotHandled::by_a_write)?;
            let committed = match &answer.write {
                Some(write) => self.commit(write, &gathered).await,
                None => Ok(Committed::Now),
            };
            match committed.map_err(NotHandled::by_a_write)? {
                Committed::Stale => {
                    self.forget(&gathered);
                    gathered = self.gather(inbound, caller, origin).await?;
                }
                Committed::Answered => return Ok(Answer::nothing()),
                Committed::Overtaken(bound) => {
                    return Ok(Answer::notice(Notice::BoundSince(bound)));
                }
                Committed::Now => {
                    self.finish_up(&answer, inbound, caller, origin).await;
                    return Ok(answer);
                }
            }
        }
        Err(NotHandled::Contended)
    }

    /// What an answer needs besides its write.
    async fn finish_up(
        self: &Arc<Self>,
        answer: &Answer,
        inbound: &Inbound,
        caller: &Caller,
        origin: &Origin,
    ) {
        if matches!(inbound, Inbound::Run(_)) && !answer.is_stale_offer() {
            // The task is stored, and carries on whatever becomes of this.
            if let Err(error) = self.remember(&origin.delivery, "offer").await {
                tracing::warn!(%error, "that an offer was accepted could not be stored");
            }
        }
        if let Some(follow_up) = &answer.follow_up {
            self.run(follow_up.clone(), caller.clone(), origin.clone());
        }
    }

    /// Sends an answer back the way its sender can be answered.
    async fn respond(
        self: &Arc<Self>,
        reply: Reply,
        inbound: &Inbound,
        caller: &Caller,
        origin: &Origin,
    ) -> Response {
        match (&origin.reply, reply) {
            (_, Reply::Options(search)) => {
                let found = Box::pin(self.search(&search, caller, origin.channel())).await;
                Response::Options(found)
            }
            // Slack expects a list, even an empty one.
            (_, _) if matches!(inbound, Inbound::Search(_)) => Response::Options(Vec::new()),
            (ReplyRoute::Command(_) | ReplyRoute::Form, Reply::Nothing | Reply::Lookup) => {
                Response::Done
            }
            (ReplyRoute::Command(_) | ReplyRoute::Form, reply) => Response::Reply(reply),
            (ReplyRoute::Message | ReplyRoute::Shortcut(_), Reply::Notice(notice)) => {
                self.tell_soon(Route::to_sender(caller, origin), *notice);
                Response::Done
            }
            (ReplyRoute::Message, Reply::Announce(notice)) => {
                self.tell_soon(Route::to_sender(caller, origin).for_all(), *notice);
                Response::Done
            }
            // What is to be said there stands in the Home, which follows.
            (ReplyRoute::Message | ReplyRoute::Shortcut(_) | ReplyRoute::Home, _) => Response::Done,
            (ReplyRoute::Button { to, is_private }, reply) => {
                let is_direct = origin.channel().is_some_and(|channel| channel.is_dm());
                let back = Route::back(&caller.workspace, to.clone());
                self.answer_button(back, (*is_private, is_direct), reply, inbound);
                Response::Done
            }
        }
    }

    /// Answers a click. An offer that was accepted is taken away: a choice is made once.
    fn answer_button(
        self: &Arc<Self>,
        back: Route,
        (is_private, is_direct): (bool, bool),
        reply: Reply,
        inbound: &Inbound,
    ) {
        let is_offer = match inbound {
            Inbound::Run(_) => true,
            Inbound::Press(
                _,
                // Not for a form, which can be closed without sending it.
                Verb::Choose(_)
                | Verb::Begin
                | Verb::Dismiss
                | Verb::FollowHere
                | Verb::MoveHere
                | Verb::CancelFollow,
            ) => is_private || is_direct,
            // On a card, too.
            Inbound::Press(_, Verb::Resume) => is_private,
            _ => false,
        };
        match reply {
            // The message that was clicked in shows it from now on.
            Reply::Notice(notice) if matches!(*notice, Notice::Copy(_)) => {
                self.tell_soon(back.for_all().replacing(true), *notice);
            }
            Reply::Notice(notice) => {
                // Nobody else's click takes the offer away from its author.
                let is_theirs = *notice != Notice::OfferNotRun(StaleOffer::NotTheirs);
                let replaces = matches!(inbound, Inbound::Run(_)) && is_theirs;
                self.tell_soon(back.replacing(replaces), *notice);
            }
            Reply::Announce(notice) => {
                self.tell_soon(back.clone().for_all(), *notice);
                self.take_away(back);
            }
            Reply::Nothing | Reply::Lookup | Reply::Errors(_) | Reply::Options(_) => {
                if is_offer {
                    self.take_away(back);
                }
            }
        }
    }

    /// What becomes of something that is not ours, or not yet known to be.
    fn turn_away(
        self: &Arc<Self>,
        none: NoWorkspace,
        inbound: &Inbound,
        origin: &Origin,
    ) -> Response {
        match (inbound, &origin.reply) {
            // It may be ours: Slack delivers it again, and by then we know.
            (Inbound::Message(_), _) | (_, ReplyRoute::Home) if none == NoWorkspace::NotReady => {
                Response::TryAgain
            }
            // Without an address Slack itself says that it didn't work.
            (_, ReplyRoute::Shortcut(None)) if none == NoWorkspace::NotReady => Response::TryAgain,
            (_, ReplyRoute::Home) => Response::Done,
            (Inbound::Search(_), _) => Response::Options(Vec::new()),
            (
                Inbound::Message(_)
                | Inbound::Picked(_)
                | Inbound::TurnPage { .. }
                | Inbound::ShowSettings { .. }
                | Inbound::TurnMessages { .. },
                _,
            ) => Response::Done,
            (_, ReplyRoute::Button { to, .. } | ReplyRoute::Shortcut(to)) => {
                // The address it came with needs no token.
                let nobody = self.workspaces.nobody();
                self.tell_soon(Route::back(nobody, to.clone()), none.notice());
                Response::Done
            }
            (_, _) => Response::Reply(Reply::Notice(Box::new(none.notice()))),
        }
    }

    fn log_not_handled(&self, error: &RecordError) {
        match error.key() {
            Some(document) => {
                self.report_unreadable(error);
                tracing::warn!(%error, %document, "what came in was not handled, because of one document");
            }
            None => tracing::warn!(%error, "what came in could not be stored"),
        }
    }

    /// Whether nobody was told of this delivery yet: a mention comes as a message, too.
    async fn is_first(&self, delivery: &DeliveryId) -> bool {
        match self.remember(delivery, "apology").await {
            Ok(is_new) => is_new,
            Err(error) => error.may_be_written(),
        }
    }

    /// What becomes of something that was not handled.
    async fn apologize(
        self: &Arc<Self>,
        not_handled: NotHandled,
        caller: &Caller,
        origin: &Origin,
    ) -> Response {
        let is_damage = not_handled.is_by_damage();
        let notice = match not_handled {
            NotHandled::NotStored { error, may_be_written } => {
                self.log_not_handled(&error);
                if may_be_written { Notice::Unconfirmed } else { not_read(&error) }
            }
            NotHandled::Unfiled => return Response::TryAgain,
            NotHandled::Contended => {
                tracing::warn!("what came in was not stored: something else was each time");
                Notice::StoreDown
            }
        };
        match &origin.reply {
            // Delivered again, it would find the same.
            ReplyRoute::Message if is_damage => {
                if caller.actor.role == Role::Member && self.is_first(&origin.delivery).await {
                    self.tell_soon(Route::to_sender(caller, origin), notice);
                }
                Response::Done
            }
            // Slack delivers it again.
            ReplyRoute::Message => Response::TryAgain,
            ReplyRoute::Home => {
                let why = WhyHome::Clicked(Some(Box::new(notice)));
                self.run(FollowUp::Home(why), caller.clone(), origin.clone());
                Response::Done
            }
            ReplyRoute::Button { .. } | ReplyRoute::Shortcut(_) => {
                self.tell_soon(Route::to_sender(caller, origin), notice);
                Response::Done
            }
            ReplyRoute::Command(_) | ReplyRoute::Form => {
                Response::Reply(Reply::Notice(Box::new(notice)))
            }
        }
    }
}
