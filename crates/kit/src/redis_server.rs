//! Real Redis servers for tests, each on a port of its own, gone when the test is.

use platform::lock::lock;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Far longer than a server ever takes, also to read millions of writes again; only there so that a
/// broken test ends.
const PATIENCE: Duration = Duration::from_secs(120);

/// A `redis-server` process with a directory of its own.
pub struct Server {
    process: Child,
    log: Mutex<Receiver<String>>,
    port: u16,
    directory: Arc<TempDir>,
    arguments: Vec<String>,
}

impl Server {
    /// Starts a server that keeps what it acknowledges, with further arguments.
    pub fn start(arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        Self::start_in(&Arc::new(tempfile::tempdir().expect("a directory")), &arguments)
    }

    /// Starts a server with TLS only, whose certificate and key are in the two PEM files.
    pub fn start_encrypted(certificate: &Path, key: &Path) -> Self {
        let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
        Self::start(&[
            "--tls-cert-file",
            &certificate,
            "--tls-key-file",
            &key,
            "--tls-auth-clients",
            "no",
            "--port",
            "0",
            "--tls-port",
        ])
    }

    /// Starts a Sentinel that watches the server as `jules`.
    pub fn start_sentinel(watched: &Self) -> Self {
        let directory = Arc::new(tempfile::tempdir().expect("a directory"));
        let file = directory.path().join("sentinel.conf");
        let rules = format!(
            "sentinel monitor jules 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds jules 300\n\
             sentinel failover-timeout jules 2000\n",
            watched.port
        );
        std::fs::write(&file, rules).expect("writes the file");
        let mut server =
            Self::start_in(&directory, &[file.display().to_string(), "--sentinel".to_owned()]);
        server.wait_for("+monitor master");
        server
    }

    /// The one server that all tests of this process share; each takes a namespace of its own.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = lock(&SHARED);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::start(&["--appendonly", "no"]));
            *shared = Arc::downgrade(&server);
            server
        })
    }

    fn start_in(directory: &Arc<TempDir>, arguments: &[String]) -> Self {
        // Between choosing a port and taking it, someone else may take it.
        for _ in 0..20 {
            let chosen = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr();
            let port = chosen.expect("an address").port();
            if let Some(server) = Self::try_start(directory, arguments, port) {
                return server;
            }
        }
        panic!("no redis-server would start; is it installed?");
    }

    fn try_start(directory: &Arc<TempDir>, arguments: &[String], port: u16) -> Option<Self> {
        let mut command = Command::new("redis-server");
        // A file of settings has to come first; an option that waits for its value comes last.
        let (first, last) = match arguments.first() {
            Some(file) if file.ends_with(".conf") => arguments.split_at(1),
            _ => arguments.split_at(0),
        };
        command.args(first);
        command.args(["--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
        command.arg("--dir").arg(directory.path());
        match last.split_last() {
            Some((option, before)) if option == "--tls-port" => {
                command.args(before).arg(option).arg(port.to_string());
            }
            _ => {
                command.arg("--port").arg(port.to_string()).args(last);
            }
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        let output = BufReader::new(process.stdout.take().expect("is piped"));
        let (sender, log) = mpsc::channel();
        std::thread::spawn(move || {
            // Read to the end, so that the server never waits for us.
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let (directory, arguments) = (Arc::clone(directory), arguments.to_vec());
        let log = Mutex::new(log);
        let mut server = Self { process, log, port, directory, arguments };
        let ready = if server.is_sentinel() { "Sentinel ID is" } else { "Ready to accept" };
        server.saw(ready).then_some(server)
    }

    fn is_sentinel(&self) -> bool {
        self.arguments.iter().any(|argument| argument == "--sentinel")
    }

    /// Waits for a line of the log with these words.
    pub fn wait_for(&mut self, words: &str) {
        assert!(self.saw(words), "redis-server never said `{words}`");
    }

    fn saw(&mut self, words: &str) -> bool {
        let log = lock(&self.log);
        while let Ok(line) = log.recv_timeout(PATIENCE) {
            if line.contains(words) {
                return true;
            }
        }
        false
    }

    /// `127.0.0.1:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The address as the setting `STORE` takes it, with this namespace.
    pub fn url(&self, namespace: &str) -> String {
        format!("redis://{}?namespace={namespace}", self.address())
    }

    /// A plain connection, to look at the server or to order it about.
    pub fn connection(&self) -> redis::Connection {
        let client =
            redis::Client::open(format!("redis://{}", self.address())).expect("an address");
        client.get_connection().expect("the server answers")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// It stands still, with its connections: what is sent to it waits.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// It does what was sent to it meanwhile.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").arg(signal).arg(self.process.id().to_string()).status();
        assert!(sent.expect("there is a kill").success());
    }

    /// The same server again, on the same port, with what it had kept.
    pub fn start_again(&mut self) {
        self.kill();
        let begun = Instant::now();
        *self = loop {
            // Someone's connection may have been given the port meanwhile, and has to end first.
            match Self::try_start(&self.directory, &self.arguments, self.port) {
                Some(server) => break server,
                None => assert!(begun.elapsed() < PATIENCE, "its port stays taken"),
            }
        };
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A namespace that no other test uses.
pub fn namespace() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
