//! The life of one connection: ticket, handshake, frames, end.
//!
//! Reading and writing go on side by side, and every delivery is answered on its own, so a slow one
//! delays no other. The writer ends when the reader and all who answer have let go of it: what was
//! begun is acknowledged before the close frame, without anybody counting.

use super::LARGEST_FRAME;
use super::dial::{Dialer, NoDial};
use super::frame::{Envelope, Frame, Reason, acknowledgement};
use super::run::Timeouts;
use super::supervisor::Id;
use crate::deliver::{Size, deliver};
use crate::engine::Engine;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use platform::metrics;
use reqwest::Upgraded;
use slack::ack::Ack;
use slack::connections_open::ConnectionsOpen;
use slack::error::CallError;
use slack::inbound::receive_frame;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a connection tells the one who holds it.
pub(super) enum ConnectionEvent {
    Hello,
    Heard,
    Disconnect(Reason),
    Ended(ConnectionEnd),
}

/// How a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectionEnd {
    #[error("it was told to")]
    Told,
    #[error("no ticket: {0}")]
    Ticket(#[from] CallError),
    #[error("{0}")]
    Dial(#[from] NoDial),
    #[error("Slack closed it")]
    Closed,
    #[error("it broke")]
    Broken,
    #[error("a frame was larger than {} bytes", super::LARGEST_READ)]
    TooLarge,
    #[error("a write took too long")]
    SlowWrite,
}

/// By which a connection is told what to do.
#[derive(Default)]
pub(super) struct Controls {
    /// Send a ping.
    pub(super) ping: Notify,
    /// Finish what was begun and what still comes meanwhile, then close.
    pub(super) retire: CancellationToken,
    /// Take nothing new, acknowledge what was begun, close.
    pub(super) close: CancellationToken,
    /// End at once.
    pub(super) abandon: CancellationToken,
}

/// What all connections share.
pub(super) struct Shared {
    pub(super) engine: Arc<Engine>,
    pub(super) tickets: ConnectionsOpen,
    pub(super) dialer: Dialer,
    pub(super) limits: Timeouts,
}

/// One connection.
pub(super) struct Connection {
    pub(super) id: Id,
    pub(super) shared: Arc<Shared>,
    pub(super) controls: Arc<Controls>,
    pub(super) news: Sender<(Id, ConnectionEvent)>,
}

impl Connection {
    /// Lives it; afterwards everything that it began has ended.
    pub(super) async fn live(self) {
        let work = TaskTracker::new();
        let end = tokio::select! {
            () = self.controls.abandon.cancelled() => ConnectionEnd::Told,
            end = self.open_and_serve(&work) => end,
        };
        self.tell(ConnectionEvent::Ended(end)).await;
        work.close();
        work.wait().await;
    }

    async fn tell(&self, news: ConnectionEvent) {
        // Nobody listens any more once everything is told to end.
        let _ = self.news.send((self.id, news)).await;
    }

    async fn open_and_serve(&self, work: &TaskTracker) -> ConnectionEnd {
        let opened = tokio::select! {
            () = self.controls.close.cancelled() => return ConnectionEnd::Told,
            opened = self.open() => opened,
        };
        match opened {
            Ok(stream) => self.serve(stream, work).await,
            Err(end) => end,
        }
    }

    async fn open(&self) -> Result<WebSocketStream<Upgraded>, ConnectionEnd> {
        let ticket = self.shared.tickets.draw().await?;
        Ok(self.shared.dialer.dial(&ticket).await?)
    }

    async fn serve(&self, stream: WebSocketStream<Upgraded>, work: &TaskTracker) -> ConnectionEnd {
        let limits = &self.shared.limits;
        let (sink, mut frames) = stream.split();
        let (acks, outbox) = unbounded_channel();
        let mut writing = std::pin::pin!(write(sink, outbox, limits.write));
        let end = tokio::select! {
            end = self.read(&mut frames, acks, work) => end,
            end = &mut writing => return end,
        };
        if matches!(end, ConnectionEnd::Told) {
            // The reader has let go of the writer; when all answers have too, it closes.
            let _late = timeout(limits.drain, writing).await;
            // Slack's own close comes back; not to wait for it could reset what it has not read.
            let _silent =
                timeout(limits.close, async { while let Some(Ok(_)) = frames.next().await {} })
                    .await;
        }
        end
    }

    /// Takes frames until the connection ends or is told to.
    async fn read(
        &self,
        frames: &mut SplitStream<WebSocketStream<Upgraded>>,
        acks: UnboundedSender<Message>,
        work: &TaskTracker,
    ) -> ConnectionEnd {
        let retired = async {
            self.controls.retire.cancelled().await;
            work.close();
            work.wait().await;
        };
        let mut retired = std::pin::pin!(retired);
        loop {
            let message = tokio::select! {
                () = self.controls.close.cancelled() => return ConnectionEnd::Told,
                () = &mut retired => return ConnectionEnd::Told,
                () = self.controls.ping.notified() => {
                    // The writer outlives the reader.
                    let _ = acks.send(Message::Ping(Vec::new().into()));
                    continue;
                }
                message = frames.next() => message,
            };
            let message = match message {
                Some(Ok(message)) => message,
                Some(Err(Error::Capacity(CapacityError::MessageTooLong { .. }))) => {
                    return ConnectionEnd::TooLarge;
                }
                Some(Err(_)) => return ConnectionEnd::Broken,
                None => return ConnectionEnd::Closed,
            };
            self.tell(ConnectionEvent::Heard).await;
            match message {
                Message::Text(text) => {
                    let is_too_large = text.len() > LARGEST_FRAME;
                    self.take(Frame::read(&text), is_too_large, &acks, work).await;
                }
                Message::Close(_) => return ConnectionEnd::Closed,
                // The library answers pings itself; Slack sends nothing binary.
                Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => {}
            }
        }
    }

    async fn take(
        &self,
        frame: Frame,
        is_too_large: bool,
        acks: &UnboundedSender<Message>,
        work: &TaskTracker,
    ) {
        count(&frame);
        match frame {
            Frame::Hello => self.tell(ConnectionEvent::Hello).await,
            Frame::Disconnect(reason) => self.tell(ConnectionEvent::Disconnect(reason)).await,
            Frame::Envelope(envelope) => {
                let engine = Arc::clone(&self.shared.engine);
                let (acks, limit) = (acks.clone(), self.shared.limits.answer);
                work.spawn(async move {
                    let begun = Instant::now();
                    if let Some(ack) = answer(&engine, envelope, is_too_large).await {
                        // Without a connection Slack sends it again, or tells the person.
                        let _ = acks.send(Message::text(ack));
                    }
                    let took = begun.elapsed();
                    metrics::acknowledged("socket", took);
                    if took > limit {
                        tracing::warn!(
                            seconds = took.as_secs_f64(),
                            "a delivery was answered late; Slack waits three seconds"
                        );
                    }
                });
            }
            Frame::Other => tracing::debug!("a frame of no known kind was passed over"),
        }
    }
}

/// Counts a frame, by kinds that are ours to choose: Slack's words are no labels.
fn count(frame: &Frame) {
    let kind = match frame {
        Frame::Hello => "hello",
        Frame::Disconnect(_) => "disconnect",
        Frame::Envelope(envelope) => match envelope.kind.as_str() {
            "slash_commands" => "command",
            "interactive" => "interactive",
            "events_api" => "event",
            _ => "unknown_envelope",
        },
        Frame::Other => "unknown",
    };
    metrics::frame(kind);
}

/// The acknowledgement of a delivery, once everything that it promises is stored; `None` when Slack
/// shall send it again.
async fn answer(engine: &Arc<Engine>, envelope: Envelope, is_too_large: bool) -> Option<String> {
    let Envelope { id, kind, takes_answer, payload } = envelope;
    let Ok(received) = receive_frame(&kind, payload) else {
        tracing::warn!("a delivery could not be read");
        return Some(acknowledgement(&id, None));
    };
    let size = if is_too_large {
        tracing::warn!(limit = LARGEST_FRAME, "a delivery is too large, and its author is told");
        Size::TooLarge
    } else {
        Size::Usual
    };
    let answer = match deliver(engine, received, size).await {
        // A message of texts and blocks always becomes JSON.
        Ack::Message(message) => serde_json::to_value(message).ok(),
        Ack::Body(body) => Some(body),
        Ack::Empty | Ack::Challenge(_) => None,
        Ack::TryAgain => return None,
    };
    Some(acknowledgement(&id, answer.filter(|_| takes_answer)))
}

/// Writes until nobody can send any more, then closes.
async fn write(
    mut sink: SplitSink<WebSocketStream<Upgraded>, Message>,
    mut outbox: UnboundedReceiver<Message>,
    limit: Duration,
) -> ConnectionEnd {
    loop {
        let message = outbox.recv().await;
        let last = message.is_none();
        match timeout(limit, sink.send(message.unwrap_or(Message::Close(None)))).await {
            Ok(Ok(())) if last => return ConnectionEnd::Told,
            Ok(Ok(())) => {}
            Ok(Err(_)) => return ConnectionEnd::Broken,
            Err(_) => return ConnectionEnd::SlowWrite,
        }
    }
}
