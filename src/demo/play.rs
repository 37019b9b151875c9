//! What happens in the demo, in order.

use super::page;
use super::terminal::show;
use super::world::{CHANNELS, PEOPLE, World};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// The main job.
const FIRST: &str = "/jules repo=404less rename frontend to website";

/// The link comes within a fraction of a second; after this long it never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// Serves the demo's page on `listener` until `stop`.
///
/// # Errors
/// When something cannot be started, or the listener fails.
pub async fn run(listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let world = Arc::new(World::start().await?);
    show(&how_to_use(&world, address));
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
pub async fn play_once(stop: CancellationToken) -> anyhow::Result<()> {
    let world = World::start().await?;
    let played = stop.run_until_cancelled(play(&world)).await;
    world.kill_bot().await;
    played.unwrap_or(Ok(()))
}

async fn play(world: &World) -> anyhow::Result<()> {
    let ([ann, _], [dev, _]) = (PEOPLE, CHANNELS);
    show(&format!("A simulated workspace. {ann} types in #{dev}:\n\n  {FIRST}\n"));
    world.types(ann, dev, FIRST).await?;
    let linked = timeout(PATIENCE, world.link_in_thread()).await;
    show(&world.screen(dev).await);
    if linked.is_err() {
        anyhow::bail!("the session's link did not come within {} seconds", PATIENCE.as_secs());
    }
    Ok(())
}

fn how_to_use(world: &World, page: SocketAddr) -> String {
    format!(
        "
  Open http://{page}

A simulated Slack with the bot in it, and a simulated Jules: nothing leaves this machine.
Ctrl-C ends it, and nothing is left.

For any client of the two APIs (the app takes signed requests at
http://{}/slack/events):

{}",
        world.address(),
        world.settings()
    )
}
