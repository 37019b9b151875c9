//! `jules-slack serve`, on a simulated Slack and Jules in the process of the test.

use super::process::{Process, command, until};
use domain::ids::{DeliveryId, TaskId};
use jiff::Timestamp;
use jules_slack::app::{App, Timeouts};
use jules_slack::config::{Config, SETTINGS};
use kit::redis_server::Server;
use platform::clock;
use serde_json::Value;
use sim::jules::{Account, DEMO_KEY, Fault, Op, SimJules};
use sim::slack::{Fault as SlackFault, Post, SimSlack};
use std::collections::HashMap;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;
use store::documents::task_key;
use store::seal::Sealer;
use store::{self, Doc, Expect};
use tempfile::TempDir;

pub(super) const MAIN_JOB: &str = "/jules repo=404less rename frontend to website";

/// What is around a served app, and stays when it dies.
pub(super) struct World {
    pub(super) slack: SimSlack,
    pub(super) jules: SimJules,
    pub(super) account: Account,
    pub(super) directory: TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        let slack = SimSlack::start(clock::system()).await.expect("a port");
        let jules = SimJules::start(clock::system()).await.expect("a port");
        let account = jules.default_sources(DEMO_KEY);
        for name in ["ann", "ben"] {
            let _ = slack.user(name);
        }
        slack.channel("dev");
        slack.channel("ops");
        Self { slack, jules, account, directory: tempfile::tempdir().unwrap() }
    }

    /// `serve` with all that it needs.
    pub(super) fn command(&self) -> Command {
        let mut command = command(&["serve"]);
        command
            .current_dir(self.directory.path())
            .env("SLACK_API_URL", self.slack.url())
            .env("SLACK_BOT_TOKEN", self.slack.bot_token())
            .env("SLACK_SIGNING_SECRET", self.slack.signing_secret())
            .env("JULES_API_URL", self.jules.url())
            // Nobody is there.
            .env("GITHUB_API_URL", "http://127.0.0.1:9")
            .env("JULES_API_KEY", DEMO_KEY)
            .env("LISTEN", "127.0.0.1:0")
            .env("LOG_FORMAT", "json");
        command
    }

    /// The same, begun by a shell with this script, which has the program as `$0`.
    pub(super) fn in_shell(&self, script: &str) -> Command {
        let served = self.command();
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(served.get_program());
        command.env_clear().current_dir(self.directory.path()).stdin(Stdio::null());
        command.envs(served.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command
    }

    /// The same app in the process of the test, not yet serving.
    pub(super) fn app(&self, patience: &Timeouts) -> App {
        let place = format!("file:{}", self.directory.path().join("jules.redb").display());
        let vars: HashMap<String, String> = self
            .command()
            .env("STORE", &place)
            .get_envs()
            .filter_map(|(name, value)| {
                Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned()))
            })
            .collect();
        let config = Config::read(&vars.into()).unwrap();
        let store = store::open(&place).unwrap();
        App::on(store, &config, patience, clock::system(), None).unwrap()
    }

    /// A served app that is ready, and is where Slack delivers to.
    pub(super) async fn serve(&self) -> Process {
        self.serve_as(&mut self.command()).await.0
    }

    /// The same with other settings; also where it listens.
    pub(super) async fn serve_as(&self, command: &mut Command) -> (Process, String) {
        let (served, address, _) = self.serve_and_hear(command).await;
        (served, address)
    }

    /// The same; also what it said until it listened.
    pub(super) async fn serve_and_hear(&self, command: &mut Command) -> (Process, String, String) {
        let mut served = Process::start(command);
        let said = served.complained_until("\"listening\"").await;
        let listening: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        let address = listening["fields"]["address"].as_str().unwrap().to_owned();
        ready(&address).await;
        self.slack.deliver_to(&format!("http://{address}/slack/events"));
        (served, address, said)
    }

    pub(super) async fn types(&self, name: &str, channel: &str, line: &str) {
        let ack = self.slack.user(name).types(channel, line).await.unwrap();
        assert!(ack.ok(), "{ack:?}");
    }

    /// What the app posted in `#dev`, outside threads and for everybody.
    pub(super) fn cards(&self) -> Vec<Post> {
        self.slack.channel_messages("dev")
    }

    /// The link in the thread of the only card, as soon as it is there.
    pub(super) async fn link(&self) -> String {
        until("a link in the thread", async || {
            let card = self.cards().into_iter().next()?;
            let thread = self.slack.thread("dev", &card.ts);
            thread.into_iter().skip(1).find(|reply| reply.shown.contains("/session/"))
        })
        .await
        .shown
    }

    /// One card, one session, and its link once in the thread.
    pub(super) fn is_done_once(&self) {
        let sessions = self.account.sessions();
        assert_eq!(sessions.len(), 1, "{sessions:#?}");
        let cards = self.cards();
        assert_eq!(cards.len(), 1, "{}", self.slack.screen("dev"));
        let thread = self.slack.thread("dev", &cards[0].ts);
        let link = format!("https://jules.google.com/session/{}", sessions[0].id);
        let links = thread.iter().skip(1).filter(|reply| reply.shown.contains(&link));
        assert_eq!(links.count(), 1, "{}", self.slack.screen("dev"));
    }
}

pub(super) async fn ready(address: &str) {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5));
    let http = http.build().unwrap();
    let url = format!("http://{address}/readyz");
    until("ready", async || {
        let answer = http.get(&url).send().await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await;
}

#[tokio::test]
async fn carries_a_command_to_the_link_and_stops_when_told_to() {
    let world = World::new().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    assert!(world.link().await.contains("AshikNesin/404less"));
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    world.is_done_once();
    let mut kept: Vec<_> = std::fs::read_dir(world.directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["jules.key", "jules.redb"], "the defaults of STORE and ENCRYPTION_KEY");
    let log = served.all_complaints().await;
    for secret in [world.slack.bot_token(), world.slack.signing_secret(), DEMO_KEY, "rename"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
    one_line_for_everything_done(&log);
}

#[tokio::test]
async fn logs_that_no_terminal_shows_have_no_colours() {
    let world = World::new().await;
    let mut served = Process::start(world.command().env("LOG_FORMAT", "text"));
    let said = served.complained_until("listening").await;
    assert!(said.contains(" INFO ") && !said.contains('\u{1b}'), "{said:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_not_safe_is_warned_of_at_the_start() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new().await;
    let key = world.directory.path().join("jules.key");
    std::fs::write(&key, "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n").unwrap();
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    let nobody = "http://jules.invalid:9/v1alpha";
    let mut served = Process::start(world.command().env("JULES_API_URL", nobody));
    let said = served.complained_until("\"listening\"").await;
    let warned = |words: &str| {
        let line = said.lines().find(|line| line.contains(words)).expect("is warned of");
        assert!(line.contains("WARN"), "{line}");
    };
    warned("chmod 600");
    warned("JULES_API_URL is an http:// address on another machine");
    assert!(!said.contains("SLACK_API_URL"), "{said}");
}

#[tokio::test]
async fn three_hundred_documents_that_cannot_be_read_stop_no_task() {
    let world = World::new().await;
    let place = format!("file:{}", world.directory.path().join("jules.redb").display());
    let store = store::open(&place).unwrap();
    let now = Timestamp::UNIX_EPOCH;
    for nth in 0..300 {
        let id = TaskId::for_delivery(&DeliveryId::of(&[&nth.to_string()]));
        // Damaged: what a task consists of is not there.
        let doc = Doc { body: r#"{"v":1}"#.into(), wake_at: Some(now), expires_at: None };
        store.put(&task_key(&id), &doc, Expect::Absent, now).await.unwrap();
    }
    drop(store);
    Sealer::load_or_create(&world.directory.path().join("jules.key")).unwrap();
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    world.is_done_once();
}

#[tokio::test]
async fn with_slack_down_it_starts_says_so_and_becomes_ready() {
    let world = World::new().await;
    world.slack.fault(SlackFault::Status(503)).on("auth.test").times(1);
    let mut served = Process::start(&mut world.command());
    let said = served.complained_until("Trying again").await;
    assert!(said.contains("check SLACK_BOT_TOKEN and SLACK_API_URL"), "{said}");
    let known = served.complained_until("ready: Slack knows this app").await;
    let said = format!("{said}{known}");
    let listening = said.lines().find(|line| line.contains("\"listening\"")).expect("it listens");
    let listening: Value = serde_json::from_str(listening).unwrap();
    let address = listening["fields"]["address"].as_str().unwrap();
    ready(address).await;
    world.slack.deliver_to(&format!("http://{address}/slack/events"));
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    world.is_done_once();
}

#[tokio::test]
async fn a_token_that_is_refused_is_tried_until_it_is_accepted() {
    let world = World::new().await;
    world.slack.refuse_token("invalid_auth");
    let mut served = Process::start(&mut world.command());
    let said = served.complained_until("Slack refuses SLACK_BOT_TOKEN").await;
    let known = async {
        world.slack.accept_token();
        served.complained_until("ready: Slack knows this app").await
    };
    let said = format!("{said}{}", known.await);
    let listening = said.lines().find(|line| line.contains("\"listening\"")).expect("it listens");
    let listening: Value = serde_json::from_str(listening).unwrap();
    let address = listening["fields"]["address"].as_str().unwrap().to_owned();
    ready(&address).await;
    world.slack.deliver_to(&format!("http://{address}/slack/events"));

    world.slack.refuse_token("token_expired");
    world.types("ann", "dev", MAIN_JOB).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    until("it is not ready", async || {
        let answer = http.get(format!("http://{address}/readyz")).send().await.ok()?;
        let refused = answer.text().await.ok()?.contains("SLACK_BOT_TOKEN (token_expired)");
        refused.then_some(())
    })
    .await;
    world.slack.accept_token();
    ready(&address).await;
    world.link().await;
    world.is_done_once();
}

#[tokio::test]
async fn killed_after_a_create_whose_answer_was_lost_it_goes_on_with_that_session() {
    let world = World::new().await;
    world.jules.fault(Fault::DropAfter).on(Op::CreateSession).once();
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    until("the card says what is in the way", async || {
        let calls = world.slack.calls();
        let drawn = calls.iter().any(|call| call.method == "chat.update" && call.did.is_some());
        drawn.then_some(())
    })
    .await;
    // Acknowledged after writes of their own: that the card was drawn is on the disk too by now.
    // (Where it is not, the next process waits 20 seconds for a lease, and ends up the same.)
    world.types("ben", "ops", "/jules bind boba-web").await;
    world.types("ben", "ops", "/jules unbind").await;
    served.kill();
    assert_eq!(world.account.sessions().len(), 1);
    assert!(!world.slack.screen("dev").contains("/session/"), "nobody was told about it");

    let mut served = world.serve().await;
    world.link().await;
    world.slack.user("ann").redeliver_last().await.unwrap();
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    world.is_done_once();
}

#[tokio::test]
async fn with_an_app_token_alone_everything_goes_over_socket_mode() {
    let world = World::new().await;
    let mut command = world.command();
    command.env_remove("SLACK_SIGNING_SECRET").env("SLACK_APP_TOKEN", world.slack.app_token());
    let (mut served, _) = world.serve_as(&mut command).await;
    until("both connections", async || (world.slack.sockets() == [1, 2]).then_some(())).await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    world.is_done_once();
    // Its own clock brings it back.
    world.slack.cut_sockets();
    until("others stand", async || (world.slack.sockets() == [3, 4]).then_some(())).await;
    world.types("ann", "dev", "/jules help").await;
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    let log = world.slack.socket_log();
    assert!(
        log.ends_with(&["3 closes".to_owned(), "4 closes".to_owned()])
            || log.ends_with(&["4 closes".to_owned(), "3 closes".to_owned()]),
        "{log:#?}"
    );
    let complaints = served.all_complaints().await;
    for secret in [world.slack.app_token(), "ticket-", "ticket="] {
        assert!(!complaints.contains(secret), "{secret} in {complaints}");
    }
}

#[tokio::test]
async fn no_connection_is_opened_before_slack_has_said_who_we_are() {
    let world = World::new().await;
    world.slack.fault(SlackFault::Status(503)).on("auth.test").times(2);
    let mut command = world.command();
    command.env_remove("SLACK_SIGNING_SECRET").env("SLACK_APP_TOKEN", world.slack.app_token());
    let _served = Process::start(&mut command);
    until("both connections", async || (world.slack.sockets() == [1, 2]).then_some(())).await;
    let methods: Vec<String> = world.slack.calls().into_iter().map(|call| call.method).collect();
    assert_eq!(&methods[..3], ["auth.test"; 3], "{methods:?}");
}

#[tokio::test]
async fn without_settings_all_that_are_missing_are_named_and_nothing_listens() {
    // A program that tried to listen would complain of this.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let empty = tempfile::tempdir().unwrap();
    let mut refused =
        Process::start(command(&["serve"]).current_dir(empty.path()).env("LISTEN", &address));
    assert_eq!(refused.exit_code().await, Some(2));
    let complaint = refused.all_complaints().await;
    for setting in SETTINGS.iter().filter(|setting| setting.default == "required") {
        assert!(complaint.contains(setting.name), "{complaint}");
    }
    assert!(!complaint.contains(&address), "{complaint}");
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "nothing was made");
}

/// The fields of the first line that it logs.
async fn first_line(served: &mut Process) -> Value {
    let said = served.complained_until("\"listening\"").await;
    let first: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    first["fields"].clone()
}

#[tokio::test]
async fn the_first_line_says_what_is_served() {
    let world = World::new().await;
    let mut served = Process::start(&mut world.command());
    let first = first_line(&mut served).await;
    assert_eq!(first["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&first["transport"], &first["store"]), (&"HTTP".into(), &"file:jules.redb".into()));
    assert_eq!(first["workspace"], "not known yet");
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    let again = first_line(&mut Process::start(&mut world.command())).await;
    assert_eq!(again["workspace"], world.slack.team_id(), "as Slack said before");
}

#[tokio::test]
async fn a_taken_address_is_named_with_its_setting() {
    let world = World::new().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut refused = Process::start(world.command().env("LISTEN", &address));
    assert_eq!(refused.exit_code().await, Some(1));
    let complaint = refused.all_complaints().await;
    assert!(complaint.contains(&address) && complaint.contains("LISTEN"), "{complaint}");
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_is_named_with_its_setting() {
    let world = World::new().await;
    let mut refused = Process::start(world.command().env("STORE", "file:no/such/directory.redb"));
    assert_eq!(refused.exit_code().await, Some(1));
    let complaint = refused.all_complaints().await;
    assert!(complaint.contains("STORE"), "{complaint}");
    assert!(complaint.contains("its directory does not exist"), "{complaint}");
}

#[tokio::test]
async fn without_certificate_authorities_it_ends_and_says_what_to_install() {
    let world = World::new().await;
    let mut refused = Process::start(over_tls(trusting_nobody(&mut world.command())));
    assert_eq!(refused.exit_code().await, Some(1));
    let complaint = refused.all_complaints().await;
    assert!(
        complaint.contains("ca-certificates") && complaint.contains("SSL_CERT_FILE"),
        "{complaint}"
    );
}

#[tokio::test]
async fn without_certificate_authorities_it_serves_where_nobody_needs_one() {
    let world = World::new().await;
    let _served = world.serve_as(trusting_nobody(&mut world.command())).await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    world.is_done_once();
}

#[tokio::test]
async fn a_proxy_that_intercepts_tls_is_named_in_the_log() {
    let (world, proxy) = (World::new().await, InterceptedTls::start());
    let mut served =
        Process::start(proxy.before(world.command().env("SLACK_API_URL", proxy.url())));
    let said = served.complained_until("set SSL_CERT_FILE").await;
    assert!(said.contains("invalid peer certificate"), "{said}");
}

/// A proxy that intercepts TLS: its certificate is from an authority of its own. What it's asked doesn't matter, because
/// no one gets that far, so it's a Redis.
pub(super) struct InterceptedTls {
    server: Server,
    directory: TempDir,
}

impl InterceptedTls {
    pub(super) fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, content: String| {
            let path = directory.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let made = |host: &str| rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        file("trusted.pem", made("elsewhere.invalid").cert.pem());
        let own = made("localhost");
        let certificate = file("certificate.pem", own.cert.pem());
        let key = file("key.pem", own.signing_key.serialize_pem());
        Self { server: Server::start_encrypted(&certificate, &key), directory }
    }

    pub(super) fn url(&self) -> String {
        let port = self.server.address().rsplit_once(':').unwrap().1.to_owned();
        format!("https://localhost:{port}/")
    }

    /// On a machine that trusts someone else.
    pub(super) fn before<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("SSL_CERT_FILE", self.directory.path().join("trusted.pem"))
    }
}

/// On a machine where no authority is installed.
pub(super) fn trusting_nobody(command: &mut Command) -> &mut Command {
    command.env("SSL_CERT_FILE", "/dev/null").env_remove("SSL_CERT_DIR")
}

/// With an API that is reached over TLS; nobody is there.
pub(super) fn over_tls(command: &mut Command) -> &mut Command {
    command.env("JULES_API_URL", "https://127.0.0.1:9/v1alpha")
}

#[tokio::test]
async fn a_file_that_another_process_has_is_refused() {
    let world = World::new().await;
    let _served = world.serve().await;
    let mut refused = Process::start(&mut world.command());
    assert_eq!(refused.exit_code().await, Some(1));
    assert!(refused.all_complaints().await.contains("in use by another process"));
}

/// Name and niceness of a process' threads (proc_pid_stat, fields 2 and 19).
#[cfg(target_os = "linux")]
fn threads(process: u32) -> Vec<(String, i32)> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let stats = threads.map(|thread| std::fs::read_to_string(thread.unwrap().path().join("stat")));
    let read = |stat: String| {
        let (head, fields) = stat.rsplit_once(") ").unwrap();
        let niceness = fields.split(' ').nth(16).unwrap().parse().unwrap();
        (head.split_once('(').unwrap().1.to_owned(), niceness)
    };
    stats.map(|stat| read(stat.unwrap())).collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_carries_work_on_gives_way_to_what_answers() {
    let world = World::new().await;
    let served = world.serve().await;
    let threads = threads(served.id());
    let (carriers, others): (Vec<_>, Vec<_>) =
        threads.into_iter().partition(|(name, _)| name == "background");
    assert!(!carriers.is_empty() && !others.is_empty());
    let answers = others.iter().map(|(_, niceness)| *niceness).max();
    assert!(
        carriers.iter().all(|(_, niceness)| Some(*niceness) > answers),
        "{carriers:?} {others:?}"
    );
}

/// Each line of the log is JSON that reads alone, and each effect has one.
fn one_line_for_everything_done(log: &str) {
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        for field in ["timestamp", "level", "target"] {
            assert!(line[field].is_string(), "no {field}: {line}");
        }
        assert!(line["fields"]["message"].is_string(), "no message: {line}");
    }
    for effect in ["post_card", "create_session", "post_link"] {
        let told = lines.iter().filter(|line| line["fields"]["effect.kind"] == effect);
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), 1, "{effect}: {log}");
        assert_eq!(told[0]["fields"]["outcome"], "done");
        assert!(told[0]["fields"]["task.id"].is_string(), "{}", told[0]);
    }
}
