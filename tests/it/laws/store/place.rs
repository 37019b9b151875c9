//! Where a law is tried: an empty store, and ways to open it.

use kit::redis_server::{Server, namespace};
use std::any::Any;
use std::sync::Arc;
use store::{self, Store};

/// An empty store. It ends with this.
pub(crate) struct Place {
    open: Box<dyn Fn() -> Arc<dyn Store> + Send + Sync>,
    _keep: Box<dyn Any + Send + Sync>,
}

impl Place {
    /// A new file. One process has one handle for all its tasks, and so have the laws.
    pub(crate) fn file() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("file:{}", directory.path().join("store.redb").display());
        let store = store::open(&url).expect("a new store");
        Self { open: Box::new(move || Arc::clone(&store)), _keep: Box::new(directory) }
    }

    /// A namespace on the shared server. Each handle is a replica with a connection of its own.
    pub(crate) fn redis() -> Self {
        let server = Server::shared();
        Self::at(server.url(&namespace()), server)
    }

    /// Any address; `keep` lives as long as the place.
    pub(crate) fn at(url: String, keep: impl Any + Send + Sync) -> Self {
        let open = move || store::open(&url).expect("a good address");
        Self { open: Box::new(open), _keep: Box::new(keep) }
    }

    /// A handle; where several are possible, another one each time.
    pub(crate) fn open(&self) -> Arc<dyn Store> {
        (self.open)()
    }
}
