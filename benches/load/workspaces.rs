//! What workspaces that installed the app cost one process: its memory, and the time until it serves them all.

use crate::process::Program;
use crate::report::{Table, mebibytes, milliseconds};
use crate::results::Results;
use domain::ids::{TeamId, UserId};
use domain::secret::Secret;
use domain::tenant::{Install, Installation};
use platform::clock;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::documents::install_key;
use store::records::Records;
use store::seal::Sealer;
use store::{Expect, Store};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How many there are, unless something else is asked for.
const COUNTS: [usize; 3] = [1, 20, 200];

/// Only there so that a broken run ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it idles before its memory is read.
const REST: Duration = Duration::from_secs(3);

/// What the stored tokens are sealed with.
const SEAL: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub(crate) fn measure(runtime: &Runtime) {
    println!("\n## Workspaces that installed the app, in one process on a file\n");
    let mut results = Results::default();
    let mut table = Table::new(&["workspaces", "ms from exec to ready", "MiB idle"]);
    for count in COUNTS {
        let (ready, resident) = runtime.block_on(serve(count));
        table.row([count.to_string(), milliseconds(ready), mebibytes(resident)]);
        results.note(format!("{count}: seconds to ready"), Some(ready.as_secs_f64()));
        results.note(format!("{count}: bytes idle"), resident);
    }
    table.print();
    results.write("workspaces");
}

/// Time until the program says that it is ready, and its memory a little later. Nothing answers as Slack or Jules
/// would: to serve a workspace, neither is asked.
async fn serve(count: usize) -> (Duration, Option<u64>) {
    let directory = TempDir::new().expect("a directory");
    let store = format!("file:{}", directory.path().join("jules.redb").display());
    install(store::open(&store).expect("opens"), count).await;
    let mut program = start(directory.path(), &store);
    let url = format!("http://{}/readyz", program.address().await);
    let http = platform::tls::client().no_proxy().build().expect("a client");
    let ready = loop {
        let answer = http.get(&url).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            break program.begun.elapsed();
        }
        assert!(program.begun.elapsed() < PATIENCE, "it does not get ready");
        program.check();
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    let until = Instant::now() + REST;
    tokio::time::sleep_until(until.into()).await;
    (ready, program.resident())
}

/// Workspaces that installed the app some time ago.
pub(crate) async fn install(store: Arc<dyn Store>, count: usize) {
    let records = Records::new(store, Sealer::parse(SEAL).expect("a key"));
    let now = clock::system()();
    for n in 0..count {
        let team = TeamId::parse(&format!("T0{n:06}")).expect("an id");
        let us = Installation {
            team: team.clone(),
            enterprise: None,
            org_wide: false,
            bot: UserId::parse("U0JULES").expect("an id"),
            bot_id: Some("B0JULES".to_owned()),
            url: Some(format!("https://team-{n}.slack.com/")),
            scopes: Vec::new(),
        };
        let token = Secret::new(format!("xoxb-{n}-simulated")).into();
        let install =
            Install { us, name: None, token, renewal: None, by: None, at: now, removed: None };
        let key = install_key(&team);
        let put = records.put(&key, &install, None, None, Expect::Absent, now).await;
        put.expect("is stored");
    }
}

fn start(directory: &Path, store: &str) -> Program {
    Program::start(
        directory,
        &[
            ("SLACK_SIGNING_SECRET", "5e1f0000simulated0000signing0000"),
            ("SLACK_CLIENT_ID", "1234567890.9876543210"),
            ("SLACK_CLIENT_SECRET", "c11e0000simulated0000secret00000"),
            ("PUBLIC_URL", "http://localhost:3000"),
            // Nobody listens there.
            ("SLACK_API_URL", "http://127.0.0.1:9/api"),
            ("JULES_API_URL", "http://127.0.0.1:9/v1alpha"),
            ("GITHUB_API_URL", "http://127.0.0.1:9"),
            ("STORE", store),
            ("ENCRYPTION_KEY", SEAL),
            ("LISTEN", "127.0.0.1:0"),
        ],
    )
}
