//! A port that refuses connections and stays ours: bound, and not listening.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpSocket;

/// How often it is tried. A process that is being started holds copies of our sockets until it
/// runs its own program, so a port that was just closed may be taken for a moment.
const TRIES: u32 = 100;

/// Takes the port of a listener that was just closed.
///
/// # Errors
/// When somebody else has it.
pub(super) async fn keep(address: SocketAddr) -> io::Result<TcpSocket> {
    let mut tries = 0;
    loop {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.set_reuseaddr(true)?;
        match socket.bind(address) {
            Err(error) if error.kind() == ErrorKind::AddrInUse && tries < TRIES => tries += 1,
            bound => return bound.map(|()| socket),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
