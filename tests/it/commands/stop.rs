//! SIGTERM: nothing new is taken, what was begun is finished within a limit, the rest is the
//! store's; another process goes on with it.

use super::process::{Process, command, until, within};
use super::serve::{MAIN_JOB, World};
use jules_slack::app::Timeouts;
use kit::redis_server::Server;
use platform::clock;
use serde_json::Value;
use sim::jules::{Fault, Op};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// The rest of a call that is under way when the signal comes.
const A_MOMENT: Duration = Duration::from_secs(1);

async fn asked_for_a_session(world: &World) {
    until("Jules is asked for a session", async || {
        let asked = world.jules.calls().iter().any(|call| call.op == Op::CreateSession);
        asked.then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_was_begun_is_finished() {
    let world = World::new().await;
    world.jules.fault(Fault::SlowHeaders(A_MOMENT)).on(Op::CreateSession).once();
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    asked_for_a_session(&world).await;
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    world.is_done_once();
    let log = served.all_complaints().await;
    assert!(!log.contains("before everything was finished"));
    let said = |message: &str| {
        let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let found: Vec<Value> = lines.filter(|line| line["fields"]["message"] == message).collect();
        assert_eq!(found.len(), 1, "{message}: {log}");
        assert_eq!(found[0]["level"], "INFO");
        found[0]["fields"].clone()
    };
    assert!(said("stopping")["documents"].as_u64() > Some(0), "the session is being created");
    assert!(said("stopping")["follow_ups"].is_number());
    said("stopped");
    assert!(log.trim_end().lines().last().unwrap().contains("\"stopped\""), "{log}");
}

#[tokio::test]
async fn a_hangup_stops_nothing() {
    let world = World::new().await;
    let mut served = world.serve().await;
    served.hang_up();
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    world.is_done_once();
}

#[tokio::test]
async fn what_takes_too_long_is_left_to_the_store() {
    let world = World::new().await;
    world.jules.fault(Fault::HangBefore).on(Op::CreateSession).once();
    let drain = Duration::from_millis(100);
    let app = world.app(&Timeouts { drain, ..Timeouts::default() });
    let engine = Arc::clone(&app.engine);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let person = async {
        super::serve::ready(&address.to_string()).await;
        world.slack.deliver_to(&format!("http://{address}/slack/events"));
        world.types("ann", "dev", MAIN_JOB).await;
        asked_for_a_session(&world).await;
        stop.cancel();
    };
    let here = Handle::current();
    let run = app.run(listener, &here, stop.clone());
    within("the stop", async { tokio::join!(run, person) }).await;
    let now = clock::system()();
    let kept = engine.store();
    let task = kept.list("task/", None, 10, now).await.unwrap().pop().expect("the task is kept");
    let (_, task) = kept.get(&task, now).await.unwrap().expect("is live");
    assert!(task.wake_at.is_some(), "somebody will go on with it");
}

/// `serve` on a Redis that other processes use too.
pub(super) fn replica(world: &World, redis: &Server) -> Command {
    let mut command = world.command();
    command
        .env("STORE", redis.url("rolling"))
        .env("ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    command
}

#[tokio::test]
async fn the_next_process_takes_over_before_the_last_one_goes() {
    let (world, redis) = (World::new().await, Server::start(&[]));
    let (mut old, _) = world.serve_as(&mut replica(&world, &redis)).await;
    // Ann's task meets a Jules that is busy, and is put off.
    world.jules.fault(Fault::status(429)).on(Op::CreateSession).once();
    world.types("ann", "dev", MAIN_JOB).await;
    asked_for_a_session(&world).await;

    let (_new, _) = world.serve_as(&mut replica(&world, &redis)).await;
    old.terminate();
    // Nobody notices: what comes in meanwhile goes to the other one.
    world.types("ben", "ops", "/jules repo=boba-web write tests").await;
    assert_eq!(old.exit_code().await, Some(0));
    until("both tasks have their sessions", async || {
        let made = world.account.sessions().len() == 2;
        (made && world.slack.screen("dev").contains("/session/")).then_some(())
    })
    .await;
    until("both links are told", async || {
        let screens = ["dev", "ops"].map(|channel| world.slack.screen(channel));
        screens.iter().all(|screen| screen.matches("/session/").count() >= 1).then_some(())
    })
    .await;
    assert_eq!(world.slack.channel_messages("dev").len(), 1);
    assert_eq!(world.slack.channel_messages("ops").len(), 1);
}

#[tokio::test]
async fn a_container_can_ask_whether_it_is_alive() {
    let world = World::new().await;
    let (mut served, address) = world.serve_as(&mut world.command()).await;
    let ask = || Process::start(command(&["healthcheck"]).env("LISTEN", &address));
    assert_eq!(ask().exit_code().await, Some(0));
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    let mut refused = ask();
    assert_eq!(refused.exit_code().await, Some(1));
    let complaint = refused.all_complaints().await;
    assert!(complaint.contains(&address) && complaint.contains("LISTEN"), "{complaint}");
}
