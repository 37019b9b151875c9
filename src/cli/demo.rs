//! `jules-slack demo`: the page, or one task as text.

use super::{listen, stop_signal};
use crate::config::LogConfig;
use crate::{demo, telemetry};
use clap::Args;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

/// The page's port by default.
const PORT: u16 = 3004;

/// How many ports above a taken one are tried.
const PORTS_TRIED: u16 = 20;

/// What is shown, and where.
#[derive(Debug, Args)]
#[command(after_help = "Anyone who can reach the page can use it.")]
pub(super) struct Demo {
    /// The page's port
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// The page's address
    #[arg(long, default_value_t = Ipv4Addr::LOCALHOST.into())]
    listen: IpAddr,
    /// Start one task, print it as text, and exit
    #[arg(long)]
    once: bool,
}

pub(super) async fn play(wanted: &Demo) -> anyhow::Result<()> {
    // Only errors go between the lines that it prints.
    telemetry::start_logs(&LogConfig { filter: "error".to_owned(), json: false });
    // Its terminal is closed: nothing is kept then, either.
    let stop = stop_signal(true)?;
    if wanted.once {
        return demo::play_once(stop).await;
    }
    let address = SocketAddr::from((wanted.listen, wanted.port));
    let listener = match listen(address, "Choose another one with --port.").await {
        Err(error) => return Err(with_a_free_port(error, address).await),
        listener => listener?,
    };
    demo::run(listener, stop).await
}

/// The same refusal, with a port that is free right now.
async fn with_a_free_port(error: anyhow::Error, address: SocketAddr) -> anyhow::Error {
    for port in address.port().saturating_add(1)..=address.port().saturating_add(PORTS_TRIED) {
        if TcpListener::bind((address.ip(), port)).await.is_ok() {
            return anyhow::anyhow!("{error} This one is free: jules-slack demo --port {port}");
        }
    }
    error
}
