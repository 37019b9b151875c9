//! One delivery from Slack, whichever transport brought it: what it asks for, what the engine answers,
//! and how Slack reads that.

use crate::engine::{Engine, Received};
use domain::inbound::Response;
use platform::metrics;
use slack::ack::Ack;
use slack::inbound::{Delivery, Payload, to_inbound};
use std::mem;
use std::sync::Arc;

/// Whether a delivery can be worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// It can.
    Usual,
    /// It is too large: its author is told, and nothing else happens.
    TooLarge,
}

/// How a delivery is counted whose sender was told that the store is away.
const NOT_STORED: &str = "not_stored";

/// Answers one delivery. Everything that the answer promises is stored when this returns.
pub async fn deliver(engine: &Arc<Engine>, payload: Payload, size: Size) -> Ack {
    let kind = payload.kind();
    let mut is_refused = false;
    let ack = match to_inbound(payload, size == Size::TooLarge, engine.now()) {
        Delivery::Challenge(challenge) => Ack::Challenge(challenge),
        Delivery::Request(incoming, form) => {
            let workspace = engine.workspace_of(&incoming.who).await;
            // On the heap, as what events take: a task copies its future several times.
            let received = Box::pin(engine.receive(*incoming)).await;
            let Received { response, is_not_stored } = received;
            // What Slack delivers again isn't lost to anyone yet.
            is_refused = is_not_stored && response != Response::TryAgain;
            let mut ack = Ack::of(response, form.as_deref());
            if let (Ack::Message(message), Some(workspace)) = (&mut ack, workspace) {
                let blocks = mem::take(&mut message.blocks);
                message.blocks = workspace.slack().accepted_blocks(blocks);
            }
            ack
        }
        Delivery::Event(event) => Ack::of(Box::pin(engine.happened(*event)).await, None),
        Delivery::Nothing => Ack::Empty,
    };
    metrics::delivery(kind, if is_refused { NOT_STORED } else { ack.name() });
    ack
}
