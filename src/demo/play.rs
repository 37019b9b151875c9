//! What happens in the demo, in order.

use super::page;
use super::world::{CHANNELS, PEOPLE, World};
use crate::terminal::{Style, Terminal, show};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// The main job.
const FIRST: &str = "/jules repo=404less rename frontend to website";

/// The link comes within a fraction of a second; after this long it never comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Serves the demo's page on `listener` until `stop`.
///
/// # Errors
/// When something cannot be started, or the listener fails.
pub async fn run(listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let world = Arc::new(World::start().await?);
    show(&for_clients(&world))?;
    show(&how_to_open(address))?;
    let served = page::serve(listener, Arc::clone(&world));
    tokio::select! {
        served = served => served?,
        () = world.carry_on() => {}
        () = stop.cancelled() => {}
    }
    world.kill_bot().await;
    Ok(())
}

/// Plays the main job, prints the channel, and ends.
///
/// # Errors
/// When something cannot be started, or the link has not come within 20 seconds.
pub(crate) async fn play_once(stop: CancellationToken) -> anyhow::Result<()> {
    let world = World::start().await?;
    let played = stop.run_until_cancelled(play(&world)).await;
    world.kill_bot().await;
    played.unwrap_or(Ok(()))
}

async fn play(world: &World) -> anyhow::Result<()> {
    let ([ann, ..], [dev, _]) = (PEOPLE, CHANNELS);
    show(&format!("A simulated workspace. {ann} types in #{dev}:\n\n  {FIRST}\n"))?;
    world.types(ann, dev, FIRST).await?;
    let linked = timeout(PATIENCE, world.link_in_thread()).await;
    show(&world.screen(dev).await)?;
    if linked.is_err() {
        anyhow::bail!("the session's link did not come within {} seconds", PATIENCE.as_secs());
    }
    Ok(())
}

fn for_clients(world: &World) -> String {
    format!(
        "
To point another client at the simulated APIs, use these settings. The bot accepts
signed requests at http://{}/slack/events; while a client is
connected over Socket Mode, Slack delivers to that client instead.

{}
",
        world.address(),
        world.settings()
    )
}

/// The last words, so that the address is right above the prompt.
fn how_to_open(page: SocketAddr) -> String {
    format!(
        "A simulated Slack with the real bot in it. Nothing leaves this machine.
Press Ctrl-C to stop. Nothing is kept.

{}",
        Terminal::output().styled(Style::Strong, &format!("Open http://{page}"))
    )
}
