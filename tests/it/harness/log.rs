//! What the program logs, for tests of what it does and does not say there.

use platform::lock::lock;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing::Dispatch;

/// Everything that one process of the app logs, at every level.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Where the process has to send what it logs.
    pub(super) fn dispatch(&self) -> Dispatch {
        let written = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter("jules_slack=trace")
            .with_ansi(false)
            .with_writer(move || written.clone())
            .finish();
        Dispatch::new(subscriber)
    }

    /// What was logged so far.
    pub(crate) fn text(&self) -> String {
        let bytes = lock(&self.0).clone();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
