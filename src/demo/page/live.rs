//! Tells the page that something changed; it then asks for itself again.

use super::Site;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Changes come in crowds (a call, its effect, the note of it): one word for all of them.
const GATHER: Duration = Duration::from_millis(40);

/// Server-sent events, one for each change or crowd of changes.
pub(super) async fn live(
    State(site): State<Arc<Site>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let watched = (site.world.slack.changes(), site.world.turned());
    let changes = unfold(watched, |(mut slack, mut panel)| async move {
        let alive = tokio::select! {
            changed = slack.changed() => changed.is_ok(),
            changed = panel.changed() => changed.is_ok(),
        };
        sleep(GATHER).await;
        slack.mark_unchanged();
        panel.mark_unchanged();
        alive.then(|| (Ok(Event::default().data("changed")), (slack, panel)))
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}
