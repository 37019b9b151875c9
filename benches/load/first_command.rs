//! One command at a time: until it is acknowledged, and until its link is in the thread.
//!
//! What Slack and Jules take is none of the program's doing. Before the link there are two calls,
//! the card's and the session's; what such a call takes from here, round trip included, is measured
//! beside it, and the two medians are taken off.

use crate::report::{Table, percentile, spread};
use crate::wire::{Answer, Wire, post};
use crate::world::{KEY, Moment, World};
use serde_json::json;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What everybody types here.
pub(crate) const TASK: &str = "repo=404less rename frontend to website";

/// Commands that are not counted: connections are made, caches filled.
const WARM_UP: usize = 10;

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether a task was stored: it begins, or Jules is asked first, since a program that has just started
/// does not know the repositories yet. Then the answer says nothing, and the rest follows.
pub(crate) fn is_taken(answer: &Answer) -> bool {
    answer.status == 200 && (answer.body.is_empty() || says(answer, "On it"))
}

/// Whether an answer has these words.
pub(crate) fn says(answer: &Answer, words: &str) -> bool {
    answer.body.windows(words.len()).any(|here| here == words.as_bytes())
}

pub(crate) async fn measure(world: &mut World, commands: usize) {
    let mut wire = Wire::to(world.address).await.expect("the program listens");
    let (mut acknowledged, mut linked) = (Vec::new(), Vec::new());
    for number in 0..WARM_UP + commands {
        let request = world.author.command(TASK);
        let begun = Instant::now();
        let answer = wire.ask(&request).await.expect("the program answers");
        let answered = begun.elapsed();
        assert!(is_taken(&answer), "{}", String::from_utf8_lossy(&answer.body));
        let link = until_redrawn(world).await.duration_since(begun);
        if number >= WARM_UP {
            acknowledged.push(answered);
            linked.push(link);
        }
    }
    let (card, session) = upstreams(world).await;
    let off = median(card.clone()) + median(session.clone());
    let net: Vec<Duration> = linked.iter().map(|link| link.saturating_sub(off)).collect();

    let mut table = Table::new(&["one command at a time, ms", "median", "p95", "max", "how"]);
    let mut row = |what: &str, times: Vec<Duration>, how: &str| {
        let cells = spread(times);
        table.row([what.to_owned()].into_iter().chain(cells).chain([how.to_owned()]));
    };
    let count = format!("{commands} commands, client's side");
    row("command → acknowledgement", acknowledged, &count);
    row("command → link posted, all in all", linked, "until Slack has the link's call");
    row("command → link posted, upstreams' time off", net, "less the next two rows' medians");
    row("chat.postMessage of the simulation", card, "from here, beside it");
    row("create session of the simulation", session, "from here, beside it");
    table.print();
}

/// When the link came in; returns once the card is drawn again too.
async fn until_redrawn(world: &mut World) -> Instant {
    let mut linked = None;
    loop {
        let moment = tokio::time::timeout(PATIENCE, world.moments.recv()).await;
        match (moment.expect("the program goes on").expect("the simulation runs"), linked) {
            (Moment::Link(at), _) => linked = Some(at),
            (Moment::Redraw, Some(at)) => return at,
            (Moment::Redraw, None) => {}
        }
    }
}

/// How long the two calls before the link take, asked from here.
async fn upstreams(world: &World) -> (Vec<Duration>, Vec<Duration>) {
    let section = |text: &str| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    let card = json!({
        "channel": world.author.channels[0],
        "text": "rename frontend to website",
        "blocks": [section("*rename frontend to website*"), section("Queued"), section("ann")],
        "metadata": {"event_type": "jules_slack", "event_payload": {"mark": "load/card"}},
    });
    let bearer = format!("Bearer {}", world.slack.bot_token());
    let json_type = ("content-type", "application/json; charset=utf-8");
    let card =
        post("/api/chat.postMessage", &[json_type, ("authorization", &bearer)], &card.to_string());
    let session = json!({
        "prompt": "rename frontend to website",
        "title": "rename frontend to website",
        "sourceContext": {
            "source": "sources/github/AshikNesin/404less",
            "githubRepoContext": {"startingBranch": "main"},
        },
    });
    let session =
        post("/v1alpha/sessions", &[json_type, ("x-goog-api-key", KEY)], &session.to_string());
    (time(&world.slack.url(), &card).await, time(&world.jules.url(), &session).await)
}

async fn time(url: &str, request: &[u8]) -> Vec<Duration> {
    let url: url::Url = url.parse().expect("an address");
    let port = url.port().expect("a port");
    let mut wire = Wire::to(SocketAddr::from(([127, 0, 0, 1], port))).await.expect("listens");
    let mut times = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        let answer = wire.ask(request).await.expect("the simulation answers");
        times.push(begun.elapsed());
        let refused = answer.body.windows(10).any(|words| words == b"\"ok\":false");
        assert!(answer.status == 200 && !refused, "{}", String::from_utf8_lossy(&answer.body));
    }
    times
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    percentile(&times, 0.5)
}
