//! What happens in the demo, in order.

use super::door;
use super::terminal::{lines, show};
use super::world::{ANN, DEV, World};
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

/// Plays the main job with the app on `listener` and prints the channel; with `once` it ends there,
/// else it stays up until `stop`.
///
/// # Errors
/// When something cannot be started, or the link has not come within 20 seconds.
pub async fn run(listener: TcpListener, once: bool, stop: CancellationToken) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let world = Arc::new(World::start().await?);
    let app = world.app(address).await?;
    let played_out = CancellationToken::new();
    let served = app.run(listener, played_out.clone());
    let played = async {
        let played = stop.run_until_cancelled(play(&world, address, once)).await;
        played_out.cancel();
        played.unwrap_or(Ok(()))
    };
    tokio::try_join!(served, played)?;
    Ok(())
}

async fn play(world: &Arc<World>, address: SocketAddr, once: bool) -> anyhow::Result<()> {
    show(&format!("A simulated workspace. {ANN} types in #{DEV}:\n\n  {FIRST}\n"));
    world.types(ANN, DEV, FIRST).await?;
    let linked = timeout(PATIENCE, world.link_in_thread()).await;
    let screen = world.screen(DEV).await;
    show(&screen);
    if linked.is_err() {
        anyhow::bail!("the session's link did not come within {} seconds", PATIENCE.as_secs());
    }
    if once {
        return Ok(());
    }
    let door = door::bind().await?;
    show(&how_to_go_on(world, address, door.local_addr()?));
    let (served, ()) = tokio::join!(door::serve(door, Arc::clone(world)), follow(world, screen));
    Ok(served?)
}

fn how_to_go_on(world: &World, app: SocketAddr, door: SocketAddr) -> String {
    let (dev, settings) = (world.channel(DEV), world.settings());
    format!(
        "
── How to go on ──

Here: a line is typed by {ANN} in #{DEV}, an empty one shows all of #{DEV} again. For example
  /jules bind boba-web
  /jules add a dark mode
  /jules repos web

From another shell:
  curl '{door}' -d '/jules help'
  curl '{door}/?user=ben&channel=ops' -d '/jules repo=website add a dark mode'

With any client of the two APIs (#{DEV} is {dev}; the app takes signed requests at
http://{app}/slack/events):

{settings}

Ctrl-C ends it, and nothing is left."
    )
}

/// Types what is written into the terminal, until it is closed; what has been `shown` is not shown
/// again. A closed terminal does not end the demo: it may run without one.
async fn follow(world: &World, mut shown: String) {
    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        let line = line.trim();
        if line.is_empty() {
            shown.clear();
        } else if let Err(refusal) = world.types(ANN, DEV, line).await {
            show(&format!("\n{refusal}"));
            continue;
        }
        let screen = world.screen(DEV).await;
        show(&format!("\n{}", scrolled(&shown, &screen)));
        shown = screen;
    }
}

/// The screen from the first message on that is not as it was shown before; all of it when there is
/// none.
fn scrolled(shown: &str, screen: &str) -> String {
    let messages: Vec<&str> = screen.split("\n\n").collect();
    let same =
        messages.iter().zip(shown.split("\n\n")).take_while(|(new, old)| *new == old).count();
    if same == 0 || same == messages.len() {
        return screen.to_owned();
    }
    format!("#{DEV}\n  ⋮\n{}", messages[same..].join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::scrolled;

    #[test]
    fn what_was_shown_is_not_shown_again() {
        assert_eq!(scrolled("", "#dev\n\none"), "#dev\n\none");
        assert_eq!(scrolled("#dev\n\none", "#dev\n\none\n\ntwo"), "#dev\n  ⋮\ntwo");
        assert_eq!(scrolled("#dev\n\none\n\ntwo", "#dev\n\nONE\n\ntwo"), "#dev\n  ⋮\nONE\n\ntwo");
        assert_eq!(scrolled("#dev\n\none", "#dev\n\none"), "#dev\n\none");
    }
}
