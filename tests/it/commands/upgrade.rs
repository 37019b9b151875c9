//! A rollout on Redis: the older version, a real process, next to what a newer one has stored.

use super::process::until;
use super::serve::{MAIN_JOB, World};
use super::stop::replica;
use crate::laws::rolling::Newer;
use kit::redis_server::Server;
use platform::clock;

#[tokio::test]
async fn the_older_process_serves_on_and_leaves_the_newer_ones_documents_alone() {
    let (world, redis) = (World::new().await, Server::start(&[]));
    let store = store::open(&redis.url("rolling")).expect("opens");
    let newer = Newer::written_to(&*store, world.slack.team_id(), clock::system()()).await;
    let (mut older, _, first) = world.serve_and_hear(&mut replica(&world, &redis)).await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    world.is_done_once();
    // Going back is a start of the older one, too.
    older.terminate();
    assert_eq!(older.exit_code().await, Some(0));
    let said = first + &older.all_complaints().await;
    let lines = |words: &str| said.lines().filter(|line| line.contains(words)).count();
    assert_eq!(lines("a newer version of this program uses the same store"), 1, "{said}");
    assert_eq!(lines("can't be read"), 0, "{said}");
    newer.assert_untouched(&*store, clock::system()()).await;
    let (_again, _) = world.serve_as(&mut replica(&world, &redis)).await;
    world.types("ben", "ops", "/jules repo=boba-web write tests").await;
    until("the next one works as well", async || {
        world.slack.screen("ops").contains("/session/").then_some(())
    })
    .await;
    newer.assert_untouched(&*store, clock::system()()).await;
}
