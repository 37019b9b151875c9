//! The running simulation: its port, its accounts, its record of calls and its faults.

use super::account::Account;
use super::call::Call;
use super::deliver::handle;
use super::fault::{Arming, Fault, Gate};
use super::shared::Shared;
use crate::cuttable::{Cut, Door};
use crate::{Clock, port};
use axum::Router;
use jiff::SignedDuration;
use platform::lock::lock;
use std::future::IntoFuture;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A simulated Jules on a port of its own. Dropping it closes the port and every connection.
pub struct SimJules {
    shared: Arc<Shared>,
    address: SocketAddr,
    open: Mutex<CancellationToken>,
    /// The port while connections are refused.
    kept: Mutex<Option<TcpSocket>>,
    tasks: TaskTracker,
}

impl SimJules {
    /// Serves on a loopback port that the system chooses.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(clock: Clock) -> io::Result<Self> {
        Self::start_on((Ipv4Addr::LOCALHOST, 0).into(), clock).await
    }

    /// Serves on this address.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn start_on(address: SocketAddr, clock: Clock) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let jules = Self {
            shared: Arc::new(Shared::new(clock)),
            address: listener.local_addr()?,
            open: Mutex::default(),
            kept: Mutex::default(),
            tasks: TaskTracker::new(),
        };
        jules.serve(listener);
        Ok(jules)
    }

    /// The base address, as in `JULES_API_URL`: `http://127.0.0.1:PORT/v1alpha`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/v1alpha", self.address)
    }

    /// The account of a key, made if it is new. Keys that were never named here get 401.
    pub fn account(&self, key: &str) -> Account {
        lock(&self.shared.world).account(key);
        Account::new(self.shared.clone(), key)
    }

    /// Connects the default repositories to an account: 96 of them, four pages of 30 (reference
    /// §7.1 row 8), in different letter cases. `AshikNesin/404less` is on the last page;
    /// `Acme-Corp/Monolith` has 500 branches, `Acme-Corp/vault` is private, `Acme-Corp/legacy`
    /// has no default branch, and `website` has two owners.
    pub fn default_sources(&self, key: &str) -> Account {
        let account = self.account(key);
        super::sources::default_sources(&account);
        account
    }

    /// Every call so far, in the order of arrival, those that a fault struck too.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared.calls).clone()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        lock(&self.shared.calls).clear();
    }

    /// Begins to arm a fault: `jules.fault(Fault::DropAfter).on(Op::CreateSession).once()`.
    /// Of several that fit a call, the one armed first strikes.
    pub fn fault(&self, fault: Fault) -> Arming<'_> {
        Arming { into: &self.shared.faults, fault, ops: Vec::new(), key: None }
    }

    /// Disarms every fault; the gate stays.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).disarm();
    }

    /// Sets the gate: it is asked on every call, before the armed faults.
    pub fn gate(&self, gate: Gate) {
        lock(&self.shared.faults).gate = Some(gate);
    }

    /// Takes the gate away.
    pub fn clear_gate(&self) {
        lock(&self.shared.faults).gate = None;
    }

    /// Puts the service's clock ahead of the given one, or behind it (F11).
    pub fn skew(&self, by: SignedDuration) {
        lock(&self.shared.world).skew = by;
    }

    /// Cuts every connection and refuses new ones; the port stays ours, as far as the system
    /// lets us have it.
    pub async fn refuse(&self) {
        self.close().await;
        let kept = port::keep(self.address).await.ok();
        *lock(&self.kept) = kept;
    }

    async fn close(&self) {
        lock(&self.open).cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Opens the same port again; what the service knows is unchanged.
    ///
    /// # Errors
    /// When somebody else has taken the port meanwhile.
    pub async fn resume(&self) -> io::Result<()> {
        let kept = lock(&self.kept).take();
        let listener = match kept {
            Some(socket) => socket.listen(1024)?,
            None => TcpListener::bind(self.address).await?,
        };
        self.serve(listener);
        Ok(())
    }

    /// Ends the server and waits until the port is closed.
    pub async fn stop(self) {
        self.close().await;
    }

    fn serve(&self, listener: TcpListener) {
        let open = CancellationToken::new();
        *lock(&self.open) = open.clone();
        let app = Router::new().fallback(handle).with_state(self.shared.clone());
        let door = Door { listener, open: open.clone() };
        let served = axum::serve(door, app.into_make_service_with_connect_info::<Cut>());
        self.tasks.reopen();
        self.tasks.spawn(open.run_until_cancelled_owned(served.into_future()));
    }
}

impl Drop for SimJules {
    fn drop(&mut self) {
        lock(&self.open).cancel();
    }
}
