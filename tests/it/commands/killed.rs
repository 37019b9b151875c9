//! `kill -9`: what the process was at is taken up by the next one, or by another replica, long before a
//! lease ends.

use super::process::until;
use super::serve::World;
use super::stop::replica;
use kit::redis_server::Server;
use sim::jules::{Fault, Op};
use std::time::{Duration, Instant};

const TASKS: usize = 8;

/// Far less than a lease, far more than it takes: a machine that runs many tests is slow.
const SOON: Duration = Duration::from_secs(25);

/// Jules makes the sessions, and nobody hears of it.
async fn all_are_asked_for(world: &World) {
    world.jules.fault(Fault::HangAfter).on(Op::CreateSession).for_ever();
    for n in 0..TASKS {
        world.types("ann", "dev", &format!("/jules repo=404less mend thing {n}")).await;
    }
    until("Jules makes the sessions", async || {
        (world.account.sessions().len() == TASKS).then_some(())
    })
    .await;
}

/// How long it takes until all sessions were found and told of.
async fn all_are_found(world: &World, since: Instant) -> Duration {
    until("every thread has its link", async || {
        let linked = world.cards().into_iter().filter(|card| {
            let thread = world.slack.thread("dev", &card.ts);
            thread.iter().skip(1).any(|reply| reply.shown.contains("/session/"))
        });
        (linked.count() == TASKS).then_some(())
    })
    .await;
    assert_eq!(world.account.sessions().len(), TASKS, "found, not made again");
    since.elapsed()
}

#[tokio::test]
async fn on_a_file_the_next_process_goes_on_at_once() {
    let world = World::new().await;
    world.account.limits(1000, 1000);
    let mut served = world.serve().await;
    all_are_asked_for(&world).await;
    served.kill();
    world.jules.clear_faults();
    let _next = world.serve().await;
    let took = all_are_found(&world, Instant::now()).await;
    assert!(took < SOON, "{took:?}");
}

#[tokio::test]
async fn on_redis_another_replica_goes_on_soon() {
    let (world, redis) = (World::new().await, Server::start(&[]));
    world.account.limits(1000, 1000);
    let (_other, _) = world.serve_as(&mut replica(&world, &redis)).await;
    let (mut served, _) = world.serve_as(&mut replica(&world, &redis)).await;
    all_are_asked_for(&world).await;
    served.kill();
    world.jules.clear_faults();
    let took = all_are_found(&world, Instant::now()).await;
    assert!(took < SOON, "{took:?}");
}

#[tokio::test]
async fn on_redis_the_next_process_goes_on_soon() {
    let (world, redis) = (World::new().await, Server::start(&[]));
    world.account.limits(1000, 1000);
    let (mut served, _) = world.serve_as(&mut replica(&world, &redis)).await;
    all_are_asked_for(&world).await;
    served.kill();
    let died = Instant::now();
    world.jules.clear_faults();
    let _next = world.serve_as(&mut replica(&world, &redis)).await;
    let took = all_are_found(&world, died).await;
    assert!(took < SOON, "{took:?}");
}
