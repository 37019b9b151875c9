//! The demo's door for other shells: `curl ADDRESS -d '/jules help'` types that and gives back the
//! channel as it then looks.
//!
//! Commands of a real workspace are signed by Slack. Here the simulated Slack does that, so that
//! nobody has to sign anything by hand. It listens on loopback only, like all of the demo.

use super::world::{ANN, DEV, World};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use serde::Deserialize;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Who types, and where. Both come into being when they are named first.
#[derive(Deserialize)]
struct Place {
    #[serde(default = "ann")]
    user: String,
    #[serde(default = "dev")]
    channel: String,
}

fn ann() -> String {
    ANN.to_owned()
}

fn dev() -> String {
    DEV.to_owned()
}

impl Place {
    /// Names as Slack has them (Slack: conversations.create).
    fn checked(self) -> Result<Self, Refused> {
        let plain = |name: &str| {
            let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
            !name.is_empty() && name.len() <= 80 && name.chars().all(known)
        };
        if plain(&self.user) && plain(&self.channel) {
            return Ok(self);
        }
        let why = "user and channel take lowercase letters, digits, - and _\n";
        Err((StatusCode::BAD_REQUEST, why.to_owned()))
    }
}

type Refused = (StatusCode, String);

/// Bound on loopback, at a port that the system chooses.
pub(super) async fn bind() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, world: Arc<World>) -> io::Result<()> {
    let routes = Router::new().route("/", get(look).post(types)).with_state(world);
    axum::serve(listener, routes).await
}

async fn look(
    State(world): State<Arc<World>>,
    Query(place): Query<Place>,
) -> Result<String, Refused> {
    let place = place.checked()?;
    world.channel(&place.channel);
    Ok(format!("{}\n", world.screen(&place.channel).await))
}

async fn types(
    State(world): State<Arc<World>>,
    Query(place): Query<Place>,
    line: String,
) -> Result<String, Refused> {
    let place = place.checked()?;
    world.channel(&place.channel);
    match world.types(&place.user, &place.channel, &line).await {
        Ok(()) => Ok(format!("{}\n", world.screen(&place.channel).await)),
        Err(refusal) => Err((StatusCode::CONFLICT, format!("{refusal}\n"))),
    }
}
