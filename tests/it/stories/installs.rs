//! Workspaces in which people install the app themselves: the way there and back, what may go wrong on it, a token that
//! expires, an organisation, and what is left when the app is removed.

use crate::harness::bot::Place;
use crate::harness::clock::Hands;
use crate::harness::process::settle;
use domain::ids::TeamId;
use jiff::SignedDuration;
use jules_slack::app::{App, Timeouts};
use jules_slack::config::{Config, JulesConfig, JulesPlan, OauthConfig, SlackConfig, StoreConfig};
use jules_slack::engine::Engine;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use sim::jules::{SimJules, State};
use sim::slack::{Front, Outcome, SimSlack, Team};
use slack::inbound::EVENTS;
use std::sync::Arc;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// An app that anyone may install, and two workspaces.
struct Town {
    acme: SimSlack,
    globex: SimSlack,
    front: Front,
    jules: SimJules,
    hands: Hands,
    teams: Vec<TeamId>,
    store: Arc<dyn Store>,
    bot: Process,
    place: Place,
}

/// One process of the app.
struct Process {
    engine: Arc<Engine>,
    url: String,
    stop: CancellationToken,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What a browser got.
#[derive(Debug)]
struct Page {
    status: u16,
    text: String,
}

const OTHER_SEAL: &str = "HRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEAAAE=";
/// How many tasks each of three people starts in the race: as many as may run on an account at a time.
const ROUNDS: usize = 3;

const ACME: &str = "AQ.key-of-acme";
const GLOBEX: &str = "AQ.key-of-globex";
const BENS: &str = "AQ.key-of-ben";
const OTHER: &str = "AQ.key-that-nobody-knows-0123456789";
const SEAL: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

impl Town {
    async fn new(place: Place) -> Self {
        Self::allowing(place, &["T0ACME", "T0GLOBEX", "E0ACME"]).await
    }

    /// Where the app may be installed in these workspaces.
    async fn allowing(place: Place, teams: &[&str]) -> Self {
        let hands = Hands::at_nine();
        let acme = SimSlack::start_as(Team::ACME, hands.clock()).await.expect("a port");
        let globex = SimSlack::start_as(Team::GLOBEX, hands.clock()).await.expect("a port");
        let jules = SimJules::start(hands.clock()).await.expect("a port");
        for (key, owner, repo) in [(ACME, "acme", "shop"), (GLOBEX, "globex", "reactor")] {
            let source = jules.account(key).add_source(owner, repo);
            source.default_branch("main").branches(["main"]);
        }
        for slack in [&acme, &globex] {
            slack.channel("dev");
            slack.subscribe(EVENTS);
            slack.invite("dev", "ann");
            slack.make_admin("ann");
        }
        let front = Front::start(&[&acme, &globex]).await.expect("a port");
        let store = store::open(place.url()).expect("the store opens");
        let teams: Vec<TeamId> = teams.iter().map(|id| TeamId::parse(id).expect("an id")).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let placed = (&front, &jules, &place, &hands);
        let bot = process(listener, &store, placed, &teams).await;
        for slack in [&acme, &globex] {
            slack.deliver_to(&format!("{}/slack/events", bot.url));
        }
        Self { acme, globex, front, jules, hands, teams, store, bot, place }
    }

    /// Another process over the same store, to which nothing is delivered.
    async fn replica(&self) -> Process {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let placed = (&self.front, &self.jules, &self.place, &self.hands);
        process(listener, &self.store, placed, &self.teams).await
    }

    /// The same with a connection of its own to the store.
    async fn young_process(&self) -> Process {
        let store = store::open(self.place.url()).expect("the store opens");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let placed = (&self.front, &self.jules, &self.place, &self.hands);
        process(listener, &store, placed, &self.teams).await
    }

    /// Someone sets out to install the app: where they are sent, and their cookie.
    async fn sets_out(&self) -> (String, String) {
        let answer = browser().get(format!("{}/slack/install", self.bot.url)).send();
        let answer = answer.await.expect("answers");
        assert_eq!(answer.status(), 302);
        let header = |name| answer.headers()[name].to_str().expect("text").to_owned();
        let cookie = header(SET_COOKIE);
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let kept = cookie.split(';').next().expect("a pair").to_owned();
        (header(LOCATION), kept)
    }

    /// Someone comes back with this cookie.
    async fn comes_back(&self, to: &str, cookie: &str) -> Page {
        let answer = browser().get(to).header(COOKIE, cookie).send().await.expect("answers");
        let status = answer.status().as_u16();
        let policy = answer.headers()["content-security-policy"].to_str().expect("text");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        Page { status, text: answer.text().await.expect("a page") }
    }

    /// Someone installs the app in a workspace.
    async fn installs(&self, slack: &SimSlack, name: &str) -> Page {
        let (to, cookie) = self.sets_out().await;
        let back = slack.authorizes(&to, name).expect("the page asks");
        let page = self.comes_back(&back, &cookie).await;
        settle(&self.bot.engine).await;
        page
    }

    async fn types(&self, slack: &SimSlack, name: &str, text: &str) {
        let ack = slack.user(name).types("dev", text).await.expect("can type there");
        assert!(ack.ok(), "the command failed: {ack:?}");
        settle(&self.bot.engine).await;
    }

    /// Ann connects an account for everyone in her workspace.
    async fn connects(&self, slack: &SimSlack, key: &str) {
        self.types(slack, "ann", "/jules key workspace").await;
        let form =
            slack.open_view("ann").unwrap_or_else(|_| panic!("no form: {}", told(slack, "ann")));
        form.fill("API key", key).await.expect("is there");
        assert_eq!(form.submit().await.expect("can be sent"), Outcome::Closed);
        settle(&self.bot.engine).await;
    }

    /// Ann connects an account, Ben starts a task, and Ann approves its plan and replies in its thread.
    async fn takes_a_task_through(&self, slack: &SimSlack) {
        self.connects(slack, ACME).await;
        self.types(slack, "ben", "/jules plan=ask fix the shop").await;
        self.pass(5).await;
        assert_eq!(self.prompts(ACME), ["fix the shop"]);
        let account = self.jules.account(ACME);
        account.plan(&account.sessions()[0].id, &[("Look", "")]);
        self.pass(30).await;
        // In an organisation, neither a click nor a reply in the thread names a workspace.
        let ann = slack.user("ann");
        let approve = ann.sees("dev", "", "Approve").expect("is there");
        ann.presses(&approve).await.expect("is sent");
        self.pass(5).await;
        assert_ne!(account.sessions()[0].state, State::AwaitingPlanApproval);
        let root = slack.channel_messages("dev")[0].ts.clone();
        ann.says("dev", Some(&root), "use blue").await.expect("can write");
        self.delivers(slack).await;
        self.pass(5).await;
        let said = account.activities(&account.sessions()[0].id);
        assert!(said.iter().any(|one| one["userMessaged"]["userMessage"] == "use blue"));
    }

    async fn delivers(&self, slack: &SimSlack) {
        slack.deliver_events().await;
        settle(&self.bot.engine).await;
    }

    async fn pass(&self, seconds: u32) {
        for _ in 0..seconds {
            self.hands.forward(SignedDuration::from_secs(1));
            settle(&self.bot.engine).await;
        }
    }

    async fn jump(&self, by: SignedDuration) {
        self.hands.forward(by);
        settle(&self.bot.engine).await;
    }

    fn prompts(&self, key: &str) -> Vec<String> {
        let sessions = self.jules.account(key).sessions();
        sessions.into_iter().map(|session| session.prompt).collect()
    }

    /// The names of everything that is stored but for signs of life.
    async fn stored(&self) -> Vec<String> {
        let keys = self.store.list("", None, 1000, self.hands.now()).await.expect("answers");
        let all = keys.iter().map(|key| key.as_str().to_owned());
        all.filter(|key| !key.starts_with("process/")).collect()
    }

    /// Everything that is stored, as text.
    async fn stored_text(&self) -> String {
        let mut text = String::new();
        for key in self.stored().await {
            let found = self.store.get(&store::Key::new(key), self.hands.now()).await;
            if let Some((_, doc)) = found.expect("answers") {
                text.push_str(&String::from_utf8_lossy(&doc.body));
            }
        }
        text
    }
}

/// How often Jules was asked with Acme's key.
fn calls(town: &Town) -> usize {
    town.jules.calls().iter().filter(|call| call.key.as_deref() == Some(ACME)).count()
}

fn told(slack: &SimSlack, name: &str) -> String {
    slack.ephemerals(name).iter().map(|post| post.shown.clone()).collect()
}

/// A browser that goes nowhere by itself.
fn browser() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy();
    client.redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

async fn process(
    listener: TcpListener,
    store: &Arc<dyn Store>,
    placed: (&Front, &SimJules, &Place, &Hands),
    teams: &[TeamId],
) -> Process {
    sealing(SEAL, listener, store, placed, teams).await
}

/// The same with this `ENCRYPTION_KEY`.
async fn sealing(
    seal: &str,
    listener: TcpListener,
    store: &Arc<dyn Store>,
    (front, jules, place, hands): (&Front, &SimJules, &Place, &Hands),
    teams: &[TeamId],
) -> Process {
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let slack = SlackConfig {
        signing_secrets: vec!["5e1f0000simulated0000signing0000".to_owned().into()],
        app_token: None,
        bot_token: None,
        oauth: Some(OauthConfig {
            client_id: "1234567890.9876543210".to_owned(),
            client_secret: "c11e0000simulated0000secret00000".to_owned().into(),
            teams: teams.to_vec(),
        }),
        api_url: front.url().parse().expect("an address"),
    };
    let jules = JulesConfig {
        api_key: None,
        plan: JulesPlan::Free,
        api_url: jules.url().parse().expect("an address"),
    };
    let kept = StoreConfig {
        url: place.url().to_owned().into(),
        encryption_key: Some(seal.to_owned().into()),
        key_file: None,
    };
    let config = Config {
        public_url: Some(url.parse().expect("an address")),
        ..Config::of(slack, jules, kept)
    };
    let patience = Timeouts::default();
    let app = App::on(Arc::clone(store), &config, &patience, hands.clock(), None);
    let app = app.expect("the app is wired");
    let stop = CancellationToken::new();
    #[expect(clippy::disallowed_methods, reason = "ends with the test")]
    tokio::spawn(app.serve(listener, stop.clone()));
    app.engine.load_workspaces().await.expect("the store answers");
    Process { engine: app.engine, url, stop }
}

/// Tells a story on a file and on a Redis.
macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($town:ident: Town) $story:block)*) => {$(
        $(#[$doc])*
        async fn $name($town: Town) $story

        mod $name {
            use crate::harness::bot::Place;

            #[tokio::test]
            async fn on_a_file() {
                Box::pin(super::$name(super::Town::new(Place::file()).await)).await;
            }

            #[tokio::test]
            async fn on_redis() {
                Box::pin(super::$name(super::Town::new(Place::redis()).await)).await;
            }
        }
    )*};
}

stories! {
    async fn each_workspace_that_installs_it_has_its_own_account_and_managers(town: Town) {
        let Town { acme, globex, .. } = &town;
        for slack in [acme, globex] {
            let page = town.installs(slack, "ann").await;
            assert_eq!(page.status, 200, "{page:?}");
            assert!(page.text.contains("Jules is installed in"), "{page:?}");
            assert!(page.text.contains("/jules key workspace"), "the next step: {page:?}");
        }
        town.types(acme, "ben", "/jules fix the shop").await;
        let before = told(acme, "ben");
        assert!(before.contains("No Jules account is connected to this workspace yet"), "{before}");
        // Only managers connect one for everyone.
        town.types(acme, "ben", "/jules key workspace").await;
        assert!(acme.open_view("ben").is_err(), "{}", told(acme, "ben"));
        town.connects(acme, ACME).await;
        town.connects(globex, GLOBEX).await;
        town.types(acme, "ben", "/jules fix the shop").await;
        town.types(globex, "ben", "/jules cool the reactor").await;
        town.pass(5).await;
        assert_eq!(town.prompts(ACME), ["fix the shop"]);
        assert_eq!(town.prompts(GLOBEX), ["cool the reactor"]);
        assert!(!acme.screen("dev").contains("reactor"));
        // What is secret is sealed.
        let text = town.stored_text().await;
        for secret in [ACME, GLOBEX].into_iter().map(str::to_owned).chain(acme.granted_tokens()) {
            assert!(!text.contains(&secret), "{secret}");
        }
        let page = town.installs(acme, "ann").await;
        assert!(!page.text.contains("key workspace"), "there is an account by now: {page:?}");
    }

    async fn a_way_back_that_is_not_ones_own_stores_nothing(town: Town) {
        let Town { acme, .. } = &town;
        let (to, cookie) = town.sets_out().await;
        let back = acme.authorizes(&to, "ann").expect("the page asks");
        let (_, elses) = town.sets_out().await;
        let without_state = format!("{}/slack/oauth/callback?code=x", town.bot.url);
        let forged = back.replace("state=", "state=9");
        let denied = format!(
            "{}/slack/oauth/callback?error=access_denied&state={}",
            town.bot.url,
            cookie.split_once('=').expect("a pair").1,
        );
        for (to, cookie, says) in [
            (back.as_str(), "", "another browser"),
            (back.as_str(), elses.as_str(), "another browser"),
            (without_state.as_str(), cookie.as_str(), "did not begin on this server"),
            (forged.as_str(), cookie.as_str(), "another browser"),
            (denied.as_str(), cookie.as_str(), "was not allowed in Slack"),
        ] {
            let page = town.comes_back(to, cookie).await;
            assert_eq!(page.status, 400, "{says}: {page:?}");
            assert!(page.text.contains(says), "{says}: {page:?}");
        }
        assert_eq!(town.stored().await, Vec::<String>::new());
        assert!(acme.granted_tokens().is_empty(), "no code was spent");
        // The same way still works for the person who began it; once.
        assert_eq!(town.comes_back(&back, &cookie).await.status, 200);
        let again = town.comes_back(&back, &cookie).await;
        assert!(again.status == 400 && again.text.contains("finished before"), "{again:?}");
        assert_eq!(acme.granted_tokens().len(), 1);
        // Ten minutes are enough for everyone.
        let (to, cookie) = town.sets_out().await;
        let back = acme.authorizes(&to, "ann").expect("the page asks");
        town.hands.forward(SignedDuration::from_secs(601));
        let late = town.comes_back(&back, &cookie).await;
        assert!(late.text.contains("more than ten minutes ago"), "{late:?}");
    }

    async fn slack_or_the_store_away_is_said(town: Town) {
        let Town { acme, .. } = &town;
        let (to, cookie) = town.sets_out().await;
        let back = acme.authorizes(&to, "ann").expect("the page asks");
        acme.refuse().await.expect("can");
        let page = town.comes_back(&back, &cookie).await;
        assert_eq!(page.status, 503, "{page:?}");
        assert!(page.text.contains("Slack isn't responding"), "{page:?}");
        acme.resume().await.expect("can");
        assert_eq!(town.installs(acme, "ann").await.status, 200);
    }

    async fn a_workspace_that_removes_the_app_is_left_alone_and_forgotten_after_thirty_days(town: Town) {
        let Town { acme, globex, .. } = &town;
        for (slack, key) in [(acme, ACME), (globex, GLOBEX)] {
            town.installs(slack, "ann").await;
            town.connects(slack, key).await;
            town.types(slack, "ann", "/jules do it").await;
        }
        town.pass(5).await;
        acme.uninstall();
        town.delivers(acme).await;
        town.types(acme, "ann", "/jules list").await;
        assert!(told(acme, "ann").contains("isn't set up for your workspace"));
        let text = town.stored_text().await;
        assert!(text.contains("T0ACME"), "what it left behind is kept for now");
        let asked = calls(&town);
        town.pass(120).await;
        assert_eq!(calls(&town), asked, "nothing is done for it");
        // Installed again in time, it goes on.
        let page = town.installs(acme, "ann").await;
        assert!(!page.text.contains("key workspace"), "its account is still there: {page:?}");
        town.jules.account(ACME).say(&town.jules.account(ACME).sessions()[0].id, "Back again.");
        town.jump(SignedDuration::from_hours(2)).await;
        town.pass(5).await;
        let root = acme.channel_messages("dev")[0].ts.clone();
        let thread: String = acme.thread("dev", &root).iter().map(|post| post.shown.clone()).collect();
        assert!(thread.contains("Back again."), "{thread}");
        // A late event of the first installation ends nothing.
        acme.uninstall();
        town.delivers(acme).await;
        town.jump(SignedDuration::from_hours(24 * 30 + 1)).await;
        town.pass(2).await;
        let left: Vec<_> =
            town.stored().await.into_iter().filter(|key| key.contains("T0ACME")).collect();
        assert_eq!(left, Vec::<String>::new());
        let text = town.stored_text().await;
        assert!(!text.contains("T0ACME") && text.contains("T0GLOBEX"), "only of that workspace");
    }

    async fn one_that_was_installed_while_the_clock_was_ahead_can_leave(town: Town) {
        let Town { acme, .. } = &town;
        town.hands.set_ahead(SignedDuration::from_hours(48));
        assert_eq!(town.installs(acme, "ann").await.status, 200);
        town.hands.set_ahead(SignedDuration::ZERO);
        acme.uninstall();
        town.delivers(acme).await;
        town.types(acme, "ann", "/jules version").await;
        assert!(told(acme, "ann").contains("isn't set up"), "{}", told(acme, "ann"));
    }

    async fn an_end_that_is_told_late_ends_no_newer_installation(town: Town) {
        let Town { acme, .. } = &town;
        town.installs(acme, "ann").await;
        acme.uninstall();
        town.hands.forward(SignedDuration::from_secs(30));
        assert_eq!(town.installs(acme, "ann").await.status, 200);
        town.delivers(acme).await;
        town.types(acme, "ann", "/jules version").await;
        assert!(!told(acme, "ann").contains("isn't set up"), "{}", told(acme, "ann"));
    }

    async fn a_token_that_expires_is_renewed_in_time_by_one_process(town: Town) {
        let Town { acme, .. } = &town;
        acme.rotate_tokens(true);
        town.installs(acme, "ann").await;
        town.connects(acme, ACME).await;
        let other = town.replica().await;
        let first = acme.granted_tokens();
        town.hands.forward(SignedDuration::from_hours(8));
        let (one, two) = (Arc::clone(&town.bot.engine), Arc::clone(&other.engine));
        tokio::join!(settle(&one), settle(&two));
        let second = acme.granted_tokens();
        assert_eq!(second.len(), 2, "one renewal: {second:?}");
        assert_eq!(second[0], first[0], "the old one works until it expires");
        // Each works on with the new one, whichever got it.
        town.hands.forward(SignedDuration::from_hours(5));
        for engine in [&town.bot.engine, &other.engine] {
            settle(engine).await;
        }
        town.types(acme, "ann", "/jules fix the shop").await;
        town.pass(5).await;
        assert!(acme.screen("dev").contains("fix the shop"), "{}", acme.screen("dev"));
        assert_eq!(town.prompts(ACME), ["fix the shop"]);
        assert!(acme.granted_tokens().len() <= 2);
    }

    async fn a_renewal_that_slack_does_not_answer_is_tried_again(town: Town) {
        let Town { acme, .. } = &town;
        acme.rotate_tokens(true);
        town.installs(acme, "ann").await;
        acme.refuse().await.expect("can");
        town.jump(SignedDuration::from_hours(8)).await;
        acme.resume().await.expect("can");
        assert_eq!(acme.granted_tokens().len(), 1);
        town.pass(60).await;
        assert_eq!(acme.granted_tokens().len(), 2);
    }

    async fn a_token_that_cannot_be_opened_holds_up_nothing(town: Town) {
        let Town { acme, globex, .. } = &town;
        acme.rotate_tokens(true);
        town.installs(acme, "ann").await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let placed = (&town.front, &town.jules, &town.place, &town.hands);
        let other = sealing(OTHER_SEAL, listener, &town.store, placed, &town.teams).await;
        town.hands.forward(SignedDuration::from_hours(8));
        settle(&other.engine).await;
        assert_eq!(acme.granted_tokens().len(), 1, "nothing to renew it with");
        // Another workspace can be installed, and with the right key all goes on.
        assert_eq!(town.installs(globex, "ann").await.status, 200);
        town.jump(SignedDuration::from_mins(20)).await;
        assert_eq!(acme.granted_tokens().len(), 2);
    }

    async fn what_a_process_that_cannot_open_the_token_is_told_is_delivered_again(town: Town) {
        let Town { acme, .. } = &town;
        town.installs(acme, "ann").await;
        town.connects(acme, ACME).await;
        town.types(acme, "ann", "/jules fix the shop").await;
        town.pass(5).await;
        let root = acme.channel_messages("dev")[0].ts.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let placed = (&town.front, &town.jules, &town.place, &town.hands);
        let other = sealing(OTHER_SEAL, listener, &town.store, placed, &town.teams).await;
        acme.deliver_to(&format!("{}/slack/events", other.url));
        let said = acme.user("ann").says("dev", Some(&root), "use blue").await.expect("can write");
        assert!(said.acks.iter().any(|ack| ack.status == Some(503)), "{:?}", said.acks);
        acme.deliver_to(&format!("{}/slack/events", town.bot.url));
        assert!(acme.redeliver_event("message.channels").await.expect("there was one").ok());
        town.delivers(acme).await;
        town.pass(5).await;
        let account = town.jules.account(ACME);
        let said = account.activities(&account.sessions()[0].id);
        assert!(said.iter().any(|one| one["userMessaged"]["userMessage"] == "use blue"));
    }

    async fn an_organisation_is_one_installation_for_all_of_its_workspaces(town: Town) {
        let Town { acme, .. } = &town;
        acme.organisation("E0ACME");
        acme.install_org_wide(true);
        let page = town.installs(acme, "ann").await;
        assert!(page.text.contains("an admin has to add it to each of them"), "{page:?}");
        assert!(page.text.contains("app.slack.com/manage/E0ACME"), "{page:?}");
        town.takes_a_task_through(acme).await;
        let named = town.stored().await;
        let places = ["binding/", "person/", "settings/", "pointer/thread/", "install/"];
        for key in named.iter().filter(|key| places.iter().any(|place| key.starts_with(place))) {
            assert!(key.contains("E0ACME"), "{key}");
        }
        acme.uninstall();
        town.delivers(acme).await;
        town.types(acme, "ann", "/jules list").await;
        assert!(told(acme, "ann").contains("isn't set up for your workspace"));
    }

    async fn an_organisation_of_which_slack_says_little_is_served_all_the_same(town: Town) {
        let Town { acme, .. } = &town;
        acme.organisation("E0ACME");
        acme.install_org_wide(true);
        acme.leave_organisation_out_of_auth_test(true);
        acme.leave_out_enterprise_user(true);
        assert_eq!(town.installs(acme, "ann").await.status, 200);
        town.takes_a_task_through(acme).await;
        // Private channels are asked for workspace by workspace.
        acme.private_channel("secret", &["ben", "cat"]);
        acme.invite("secret", "jules");
        acme.invite("dev", "cat");
        let bound = acme.user("ben").types("secret", "/jules bind acme/shop").await;
        assert!(bound.expect("can type there").ok());
        settle(&town.bot.engine).await;
        town.types(acme, "cat", "/jules bindings").await;
        assert!(told(acme, "cat").contains("acme/shop"), "{}", told(acme, "cat"));
    }

    async fn after_a_whole_life_no_key_and_no_token_is_anywhere(town: Town) {
        let Town { acme, .. } = &town;
        acme.rotate_tokens(true);
        town.installs(acme, "ann").await;
        let mut secrets = vec![ACME.to_owned(), BENS.to_owned(), OTHER.to_owned()];
        secrets.extend(acme.granted_tokens());
        town.connects(acme, ACME).await;
        let own = town.jules.account(BENS).add_source("ben", "dots");
        own.default_branch("main").branches(["main"]);
        // Ben's key, one that Jules doesn't know, one that is typed where it doesn't belong.
        for (key, is_kept) in [(BENS, true), (OTHER, false)] {
            town.types(acme, "ben", "/jules key").await;
            let form = acme.open_view("ben").expect("a form is open");
            form.fill("API key", key).await.expect("is there");
            let sent = form.submit().await.expect("can be sent");
            assert_eq!(sent == Outcome::Closed, is_kept);
        }
        town.types(acme, "ben", &format!("/jules key {OTHER}")).await;
        town.types(acme, "ben", "/jules repo=dots tidy up").await;
        town.types(acme, "ann", "/jules fix the shop").await;
        town.pass(10).await;
        town.jules.account(BENS).revoke();
        town.jump(SignedDuration::from_hours(8)).await;
        secrets.extend(acme.granted_tokens());
        town.pass(60).await;
        let mut everything = town.stored_text().await;
        let mut export = Vec::new();
        let now = town.hands.now();
        store::transfer::export(Arc::clone(&town.store), &mut export, now).await.expect("is written");
        everything.push_str(&String::from_utf8_lossy(&export));
        for place in ["dev", "@ann", "@ben"] {
            everything.extend(acme.channel_messages(place).iter().map(|post| post.shown.as_str()));
        }
        everything.push_str(&(told(acme, "ann") + told(acme, "ben").as_str()));
        let metrics = browser().get(format!("{}/metrics", town.bot.url)).send().await;
        everything.push_str(&metrics.expect("answers").text().await.expect("text"));
        for secret in secrets {
            assert!(!everything.contains(&secret), "{secret} is somewhere");
        }
    }

    async fn another_process_learns_of_an_installation(town: Town) {
        let Town { acme, .. } = &town;
        let other = town.replica().await;
        town.installs(acme, "ann").await;
        town.connects(acme, ACME).await;
        acme.deliver_to(&format!("{}/slack/events", other.url));
        // As the scheduler does every so often.
        other.engine.load_accounts().await.expect("the store answers");
        other.engine.read_sources(town.hands.now()).await;
        let ack = acme.user("ann").types("dev", "/jules fix the shop").await.expect("can type");
        assert!(ack.ok(), "{ack:?}");
        settle(&other.engine).await;
        assert_eq!(town.prompts(ACME), ["fix the shop"]);
        // And of its end.
        acme.deliver_to(&format!("{}/slack/events", town.bot.url));
        acme.uninstall();
        town.delivers(acme).await;
        acme.deliver_to(&format!("{}/slack/events", other.url));
        town.hands.forward(SignedDuration::from_secs(21));
        acme.user("ann").types("dev", "/jules list").await.expect("can type");
        settle(&other.engine).await;
        assert!(told(acme, "ann").contains("isn't set up for your workspace"));
    }
}

/// Three processes on one Redis, two workspaces, three accounts: each task once, in its workspace and on its account,
/// whichever process hears of it and whichever works on it.
#[tokio::test]
async fn three_processes_serve_two_workspaces_and_three_accounts_once_each() {
    let town = Box::pin(Town::new(Place::redis())).await;
    let Town { acme, globex, .. } = &town;
    for (slack, key) in [(acme, ACME), (globex, GLOBEX)] {
        town.installs(slack, "ann").await;
        town.connects(slack, key).await;
    }
    let dots = town.jules.account(BENS).add_source("ben", "dots");
    dots.default_branch("main").branches(["main"]);
    town.types(acme, "ben", "/jules key").await;
    let form = acme.open_view("ben").expect("a form is open");
    form.fill("API key", BENS).await.expect("is there");
    assert_eq!(form.submit().await.expect("can be sent"), Outcome::Closed);
    settle(&town.bot.engine).await;
    let others = [town.young_process().await, town.young_process().await];
    let all = [&town.bot, &others[0], &others[1]];
    for process in all {
        process.engine.load_accounts().await.expect("the store answers");
        process.engine.read_sources(town.hands.now()).await;
    }
    for round in 0..ROUNDS {
        let at = |turn: usize| format!("{}/slack/events", all[(turn + round) % 3].url);
        let typed = |slack: &SimSlack, name: &str, turn: usize, text: String| {
            slack.deliver_to(&at(turn));
            let person = slack.user(name);
            async move { person.types("dev", &text).await.expect("can type there").ok() }
        };
        let sent = tokio::join!(
            typed(acme, "ann", 0, format!("/jules mend the shop {round}")),
            typed(globex, "ann", 1, format!("/jules cool the reactor {round}")),
        );
        assert!(sent.0 && sent.1);
        assert!(typed(acme, "ben", 2, format!("/jules repo=dots tidy {round}")).await);
        town.hands.forward(SignedDuration::from_secs(1));
        tokio::join!(settle(&all[0].engine), settle(&all[1].engine), settle(&all[2].engine));
    }
    for _ in 0..30 {
        town.hands.forward(SignedDuration::from_secs(1));
        tokio::join!(settle(&all[0].engine), settle(&all[1].engine), settle(&all[2].engine));
    }
    for (key, words) in [(ACME, "mend the shop"), (GLOBEX, "cool the reactor"), (BENS, "tidy")] {
        let mut prompts = town.prompts(key);
        prompts.sort();
        let wanted: Vec<_> = (0..ROUNDS).map(|round| format!("{words} {round}")).collect();
        assert_eq!(prompts, wanted, "{key}");
    }
    let cards = |slack: &SimSlack| {
        let posts = slack.channel_messages("dev");
        posts.iter().filter(|post| post.only_for.is_none()).count()
    };
    assert_eq!((cards(acme), cards(globex)), (2 * ROUNDS, ROUNDS));
}

/// Where the app may not be installed, Slack's token is given up and nothing is kept; `first` is whether no list is set.
async fn only_where_it_may(place: Place, first: bool) {
    let allowed: &[&str] = if first { &[] } else { &["T0ACME"] };
    let town = Town::allowing(place, allowed).await;
    let Town { acme, globex, .. } = &town;
    assert_eq!(town.installs(acme, "ann").await.status, 200);
    let before = town.stored().await.len();
    let page = town.installs(globex, "ann").await;
    assert_eq!(page.status, 403, "{page:?}");
    assert!(page.text.contains("add T0GLOBEX to INSTALL_TEAMS"), "{page:?}");
    assert!(globex.granted_tokens().is_empty(), "the token was given up");
    let after = town.stored().await;
    assert_eq!(after.len(), before + 1, "only that the way back was used: {after:?}");
    town.types(globex, "ann", "/jules list").await;
    assert!(told(globex, "ann").contains("isn't set up for your workspace"));
    // The workspace that has it may install it again.
    assert_eq!(town.installs(acme, "ann").await.status, 200);
}

#[tokio::test]
async fn it_is_installed_where_the_settings_say() {
    Box::pin(only_where_it_may(Place::file(), false)).await;
    Box::pin(only_where_it_may(Place::redis(), false)).await;
}

#[tokio::test]
async fn without_a_list_it_is_installed_in_the_first_workspace_alone() {
    Box::pin(only_where_it_may(Place::file(), true)).await;
    Box::pin(only_where_it_may(Place::redis(), true)).await;
}
