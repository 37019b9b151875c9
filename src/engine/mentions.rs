//! A mention of the bot where it does nothing: not in the thread of a task.

use super::tell::Route;
use super::{Ack, Engine};
use crate::domain::ids::DeliveryId;
use crate::domain::message::Notice;
use crate::slack::client::Identity;
use crate::slack::inbound::{Message, Who};
use crate::store::records::RecordError;
use std::sync::Arc;

impl Engine {
    /// Tells whoever mentions us how tasks are started: in private, and once for each message, which Slack
    /// may tell of twice. Anything else that is said outside of tasks is nobody's business.
    pub(super) async fn outside_of_tasks(
        self: &Arc<Self>,
        identity: &Identity,
        who: &Who,
        shared: bool,
        message: &Message,
    ) -> Result<Ack, RecordError> {
        let (Some(channel), Some(ts)) = (&message.channel, &message.ts) else {
            return Ok(Ack::Empty);
        };
        let is_mentioned = message.text.contains(&format!("<@{}>", identity.user));
        if !is_mentioned || self.is_stranger(identity, who, shared).await {
            return Ok(Ack::Empty);
        }
        let delivery = DeliveryId::of(&["mention", channel.as_str(), ts.as_str()]);
        let is_new = self.remember(&delivery, "mention".to_owned()).await?;
        let sender = self.sender(identity, who, Some(channel.clone()), None, None, Some(delivery));
        if let (true, Ok(sender)) = (is_new, sender) {
            self.tell_soon(Route::to_sender(&sender), Notice::HowToStart);
        }
        Ok(Ack::Empty)
    }
}
