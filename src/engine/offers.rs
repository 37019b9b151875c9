//! *Run this*: the corrected command below a slip, run once as if its author had typed it.

use super::intake::NotStored;
use super::tell::Route;
use super::{Ack, Engine};
use crate::domain::command::read;
use crate::domain::ids::DeliveryId;
use crate::domain::inbound::{Answer, Inbound, Reply, Sender};
use crate::domain::message::Notice;
use crate::domain::offer::{Offer, StaleOffer};
use crate::slack::inbound::BlockActions;
use crate::store::Expect;
use crate::store::documents::{ProcessedEvent, seen_key};
use jiff::SignedDuration;
use std::sync::Arc;

/// Longer than an offer lives.
const SEEN_LIVES: SignedDuration = SignedDuration::from_hours(1);

impl Engine {
    pub(super) async fn run_offered(
        self: &Arc<Self>,
        offer: &Offer,
        clicked: BlockActions,
        delivery: Option<DeliveryId>,
    ) -> Ack {
        let BlockActions { who, container, trigger, response_url, .. } = clicked;
        let back = Route::back(self.reply_to(response_url.clone()));
        let url = response_url.clone();
        let sender = self.admit(&who, false).await.and_then(|identity| {
            self.sender(identity, &who, container.channel, url, trigger, delivery)
        });
        let sender = match sender {
            Ok(sender) => sender,
            Err(not_admitted) => {
                self.tell_soon(back, not_admitted.notice());
                return Ack::Empty;
            }
        };
        match self.run_once(offer, sender).await {
            Ok(Answer { reply: Reply::Notice(notice), .. }) => {
                // Nobody else's click takes the offer away from its author.
                let is_theirs = *notice != Notice::OfferNotRun(StaleOffer::NotTheirs);
                self.tell_soon(back.replacing(is_theirs), *notice);
            }
            Ok(Answer { reply: Reply::Announce(notice), .. }) => {
                self.tell_soon(back.for_all(), *notice);
                self.remove_choice(response_url);
            }
            Ok(_) => self.remove_choice(response_url),
            Err(error) => self.tell_soon(back, error.notice()),
        }
        Ack::Empty
    }

    async fn run_once(
        self: &Arc<Self>,
        offer: &Offer,
        sender: Sender,
    ) -> Result<Answer, NotStored> {
        let (now, delivery) = (self.now(), offer.delivery());
        let refused = |why| Answer {
            reply: Reply::Notice(Box::new(Notice::OfferNotRun(why))),
            write: None,
            follow_up: None,
        };
        if let Err(why) = offer.accepts(&sender.user, sender.channel.as_ref(), now) {
            return Ok(refused(why));
        }
        let key = seen_key(&delivery);
        if self.records.get::<ProcessedEvent>(&key, now).await?.is_some() {
            return Ok(refused(StaleOffer::Used));
        }
        // Two clicks at once start one task: it is named after the offer.
        let sender = Sender { delivery, ..sender };
        let answer = self.handle(Inbound::Command(read(offer.text())), sender).await?;
        let (seen, until) = (ProcessedEvent { kind: "offer".to_owned() }, Some(now + SEEN_LIVES));
        let written = self.records.put(&key, &seen, None, until, Expect::Absent, now).await;
        written.map_err(NotStored::by_a_write)?;
        Ok(answer)
    }
}
