//! Asks the app beside us whether it is alive: a container's image has nothing else to ask with.

use crate::config::{self, Variables};
use platform::tls;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// What takes longer is not alive.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks `/healthz` of whoever listens where these settings say.
///
/// # Errors
/// When `LISTEN` or the `.env` file is wrong, or nobody answers there as the app does.
pub async fn run(environment: &Variables) -> anyhow::Result<()> {
    // As text, so that it ends with 1: Docker reserves 2, which wrong settings end with elsewhere.
    let listens = config::listen(environment).map_err(|mistakes| anyhow::anyhow!("{mistakes}"))?;
    let address = reachable(listens);
    let client = tls::client().no_proxy().timeout(PATIENCE).build()?;
    let answer = client.get(format!("http://{address}/healthz")).send().await;
    match answer.and_then(reqwest::Response::error_for_status) {
        Ok(_) => Ok(()),
        Err(_) => anyhow::bail!("nothing alive answers at {address}; see LISTEN"),
    }
}

/// What listens everywhere can be reached here.
fn reachable(listens: SocketAddr) -> SocketAddr {
    let here = match listens {
        SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let ip = if listens.ip().is_unspecified() { here } else { listens.ip() };
    (ip, listens.port()).into()
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn what_listens_everywhere_is_asked_here() {
        let asked = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:3000"), "127.0.0.1:3000");
        assert_eq!(asked("[::]:3000"), "[::1]:3000");
        assert_eq!(asked("10.0.0.1:80"), "10.0.0.1:80");
    }
}
