//! Two workspaces and three accounts in one process. People and channels have the same ids in both, which
//! Slack allows, and nothing of one reaches another.

use crate::harness::bot::Place;
use crate::harness::clock::Hands;
use crate::harness::process::settle;
use domain::ids::AccountId;
use domain::quota::Quota;
use jiff::SignedDuration;
use jules::{Http, JulesClient};
use jules_slack::app::{App, Timeouts};
use jules_slack::config::{Config, JulesConfig, JulesPlan, SlackConfig, StoreConfig};
use jules_slack::engine::{Account, Engine, Workspace};
use serde_json::json;
use sim::jules::SimJules;
use sim::slack::{Outcome, SimSlack, Team};
use slack::client::SlackClient;
use slack::connector::{Connector, Deadlines};
use slack::inbound::EVENTS;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// One process that serves two workspaces of the same app, and the world around it.
struct House {
    acme: SimSlack,
    globex: SimSlack,
    jules: SimJules,
    hands: Hands,
    engine: Arc<Engine>,
    stop: CancellationToken,
    _place: Place,
}

/// The accounts' keys: of Acme, of Globex, and of Ben at Acme.
const ACME: &str = "AQ.key-of-acme";
const GLOBEX: &str = "AQ.key-of-globex";
const BEN: &str = "AQ.key-of-ben";

impl House {
    async fn new(place: Place) -> Self {
        let hands = Hands::at_nine();
        let acme = SimSlack::start_as(Team::ACME, hands.clock()).await.expect("a port");
        let globex = SimSlack::start_as(Team::GLOBEX, hands.clock()).await.expect("a port");
        let jules = SimJules::start(hands.clock()).await.expect("a port");
        for (key, owner, repo) in
            [(ACME, "acme", "shop"), (GLOBEX, "globex", "reactor"), (BEN, "ben", "dots")]
        {
            let source = jules.account(key).add_source(owner, repo);
            source.default_branch("main").branches(["main"]);
        }
        for slack in [&acme, &globex] {
            slack.channel("dev");
            slack.subscribe(EVENTS);
            for name in ["ann", "ben"] {
                slack.invite("dev", name);
            }
        }
        assert_eq!(acme.user("ann").id(), globex.user("ann").id(), "ids are the workspace's own");
        let store = store::open(place.url()).expect("the store opens");
        let config = config(&acme, &jules, &place);
        let account = |name: &str, key: &str| account(name, key, &jules, &hands);
        let workspaces = vec![
            workspace(&acme, account("acme", ACME), &hands),
            workspace(&globex, account("globex", GLOBEX), &hands),
        ];
        let patience = Timeouts::default();
        let app = App::serving(workspaces, store, &config, &patience, hands.clock(), None);
        let app = app.expect("the app is wired");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        #[expect(clippy::disallowed_methods, reason = "ends with the test")]
        tokio::spawn(app.serve(listener, stop.clone()));
        app.engine.learn_identity().await.expect("both say who we are");
        app.engine.read_sources(hands.now()).await;
        acme.deliver_to(&format!("{url}/slack/events"));
        globex.deliver_to(&format!("{url}/slack/events"));
        let house = Self { acme, globex, jules, hands, engine: app.engine, stop, _place: place };
        house.connects(&house.acme, "ben", BEN).await;
        house
    }

    /// Someone connects their own account.
    async fn connects(&self, slack: &SimSlack, name: &str, key: &str) {
        self.types(slack, name, "/jules key").await;
        let form = slack.open_view(name).expect("a form is open");
        form.fill("API key", key).await.expect("is there");
        assert_eq!(form.submit().await.expect("can be sent"), Outcome::Closed);
        settle(&self.engine).await;
    }

    async fn types(&self, slack: &SimSlack, name: &str, text: &str) {
        let ack = slack.user(name).types("dev", text).await.expect("can type there");
        assert!(ack.ok(), "the command failed: {ack:?}");
        settle(&self.engine).await;
    }

    /// Lets so many seconds pass.
    async fn pass(&self, seconds: u32) {
        for _ in 0..seconds {
            self.hands.forward(SignedDuration::from_secs(1));
            settle(&self.engine).await;
        }
    }

    /// What was started on each account: of Acme, of Globex, of Ben.
    fn prompts(&self) -> [Vec<String>; 3] {
        [ACME, GLOBEX, BEN].map(|key| {
            let sessions = self.jules.account(key).sessions();
            sessions.into_iter().map(|session| session.prompt).collect()
        })
    }

    /// What was written to the sessions of an account after they began.
    fn messages(&self, key: &str) -> Vec<String> {
        let account = self.jules.account(key);
        let sessions = account.sessions();
        let all = sessions.iter().flat_map(|session| account.activities(&session.id));
        all.filter_map(|activity| {
            Some(activity["userMessaged"]["userMessage"].as_str()?.to_owned())
        })
        .collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn account(name: &str, key: &str, jules: &SimJules, hands: &Hands) -> Arc<Account> {
    let http = Http::new(jules::Timeouts::default()).expect("a client");
    let url = jules.url().parse().expect("an address");
    let client = JulesClient::new(http, url, &key.to_owned().into()).expect("a client");
    let id = AccountId::parse(name).expect("an id");
    let limits: Quota = JulesPlan::Free.limits();
    Account::new(id, client.timed_by(hands.clock()), limits, hands.clock())
}

fn workspace(slack: &SimSlack, shared: Arc<Account>, hands: &Hands) -> Arc<Workspace> {
    let url = slack.url().parse().expect("an address");
    let connector = Connector::new(&url, Deadlines::default(), hands.clock()).expect("a client");
    let token = slack.bot_token().to_owned().into();
    Workspace::new(SlackClient::new(connector, &token), shared)
}

fn config(acme: &SimSlack, jules: &SimJules, place: &Place) -> Config {
    let slack = SlackConfig {
        // One app, one secret, whichever workspace it delivers from.
        signing_secrets: vec![acme.signing_secret().to_owned().into()],
        app_token: None,
        bot_token: Some(acme.bot_token().to_owned().into()),
        oauth: None,
        api_url: acme.url().parse().expect("an address"),
    };
    let jules = JulesConfig {
        api_key: Some(ACME.to_owned().into()),
        plan: JulesPlan::Free,
        api_url: jules.url().parse().expect("an address"),
    };
    let store = StoreConfig {
        url: place.url().to_owned().into(),
        encryption_key: Some("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned().into()),
        key_file: None,
    };
    Config::of(slack, jules, store)
}

/// Tells a story on a file and on a Redis.
macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($house:ident: House) $story:block)*) => {$(
        $(#[$doc])*
        async fn $name($house: House) $story

        mod $name {
            use crate::harness::bot::Place;

            #[tokio::test]
            async fn on_a_file() {
                Box::pin(super::$name(super::House::new(Place::file()).await)).await;
            }

            #[tokio::test]
            async fn on_redis() {
                Box::pin(super::$name(super::House::new(Place::redis()).await)).await;
            }
        }
    )*};
}

stories! {
    async fn each_task_is_in_its_workspace_and_on_its_account(house: House) {
        let House { acme, globex, .. } = &house;
        house.types(acme, "ann", "/jules fix the shop").await;
        house.types(globex, "ann", "/jules cool the reactor").await;
        house.types(acme, "ben", "/jules repo=dots tidy my dots").await;
        house.pass(5).await;
        let [of_acme, of_globex, of_ben] = house.prompts();
        assert_eq!(of_acme, ["fix the shop"]);
        assert_eq!(of_globex, ["cool the reactor"]);
        assert_eq!(of_ben, ["tidy my dots"], "a person's own account goes before the workspace's");
        let (at_acme, at_globex) = (acme.screen("dev"), globex.screen("dev"));
        assert!(at_acme.contains("fix the shop") && at_acme.contains("tidy my dots"), "{at_acme}");
        assert!(!at_acme.contains("reactor"), "{at_acme}");
        assert!(at_globex.contains("cool the reactor"), "{at_globex}");
        assert!(!at_globex.contains("shop") && !at_globex.contains("dots"), "{at_globex}");
    }

    async fn a_thread_leads_to_its_own_session(house: House) {
        let House { acme, globex, .. } = &house;
        // At the same time, so that even the messages have the same ids.
        house.types(acme, "ann", "/jules fix the shop").await;
        house.types(globex, "ann", "/jules cool the reactor").await;
        house.pass(5).await;
        let root = |slack: &SimSlack| slack.channel_messages("dev")[0].ts.clone();
        assert_eq!(root(acme), root(globex));
        acme.user("ann").says("dev", Some(&root(acme)), "use blue").await.expect("can write");
        globex.user("ann").says("dev", Some(&root(globex)), "use ice").await.expect("can write");
        house.pass(5).await;
        assert_eq!(house.messages(ACME), ["use blue"]);
        assert_eq!(house.messages(GLOBEX), ["use ice"]);
        for (key, words) in [(ACME, "Blue it is."), (GLOBEX, "Ice it is.")] {
            let account = house.jules.account(key);
            account.say(&account.sessions()[0].id, words);
        }
        house.pass(30).await;
        let said = |slack: &SimSlack| -> String {
            slack.thread("dev", &root(slack)).iter().map(|post| post.shown.clone()).collect()
        };
        assert!(said(acme).contains("Blue it is.") && !said(acme).contains("Ice"), "{}", said(acme));
        assert!(said(globex).contains("Ice it is.") && !said(globex).contains("Blue"));
    }

    async fn lists_and_bindings_show_ones_own(house: House) {
        let House { acme, globex, .. } = &house;
        house.types(acme, "ann", "/jules bind acme/shop").await;
        house.types(globex, "ann", "/jules bind globex/reactor").await;
        house.types(acme, "ann", "/jules fix it").await;
        house.types(globex, "ann", "/jules mend it").await;
        house.pass(5).await;
        for command in ["/jules list", "/jules status", "/jules bindings", "/jules repos"] {
            house.types(acme, "ann", command).await;
            house.types(globex, "ann", command).await;
        }
        house.pass(1).await;
        let told = |slack: &SimSlack| -> String {
            slack.ephemerals("ann").iter().map(|post| post.shown.clone()).collect()
        };
        assert!(told(acme).contains("acme/shop") && !told(acme).contains("reactor"), "{}", told(acme));
        assert!(told(globex).contains("globex/reactor") && !told(globex).contains("shop"));
        assert!(!told(acme).contains("mend it") && !told(globex).contains("fix it"));
        // Of one's own account, the repositories are shown besides the workspace's; to nobody else.
        house.types(acme, "ben", "/jules repos").await;
        house.pass(1).await;
        let bens: String = acme.ephemerals("ben").iter().map(|post| post.shown.clone()).collect();
        assert!(bens.contains("ben/dots") && bens.contains("acme/shop"), "{bens}");
        assert!(!told(acme).contains("ben/dots"), "{}", told(acme));
    }

    async fn a_button_of_another_workspace_does_nothing(house: House) {
        let House { acme, globex, .. } = &house;
        house.types(acme, "ann", "/jules plan=ask fix the shop").await;
        house.types(globex, "ann", "/jules plan=ask cool the reactor").await;
        let shop = house.jules.account(ACME);
        let reactor = house.jules.account(GLOBEX);
        for account in [&shop, &reactor] {
            account.plan(&account.sessions()[0].id, &[("Look", "")]);
        }
        house.pass(30).await;
        let theirs = acme.user("ann").sees("dev", "", "Approve").expect("is there");
        let ours = globex.user("ann").sees("dev", "", "Approve").expect("is there");
        // Someone at Globex sends the value of Acme's button: the channel and the person have those ids too.
        let value = theirs.value().expect("it has one").to_owned();
        let forge = |payload: &mut serde_json::Value| payload["actions"][0]["value"] = json!(value);
        globex.user("ann").forges(&ours, forge).await.expect("is sent");
        house.pass(5).await;
        let awaits = |account: &sim::jules::Account| {
            format!("{:?}", account.sessions()[0].state) == "AwaitingPlanApproval"
        };
        assert!(awaits(&shop) && awaits(&reactor));
        acme.user("ann").presses(&theirs).await.expect("is sent");
        house.pass(5).await;
        assert!(!awaits(&shop) && awaits(&reactor), "each presses their own");
    }

    async fn a_refused_key_holds_up_nobody_elses_tasks(house: House) {
        let House { acme, globex, .. } = &house;
        house.jules.account(ACME).revoke();
        house.types(acme, "ann", "/jules fix the shop").await;
        house.types(acme, "ben", "/jules repo=dots tidy my dots").await;
        house.types(globex, "ann", "/jules cool the reactor").await;
        house.pass(10).await;
        assert_eq!(house.prompts().map(|all| all.len()), [0, 1, 1]);
        house.jules.account(ACME).restore();
        house.pass(120).await;
        assert_eq!(house.prompts().map(|all| all.len()), [1, 1, 1]);
    }
}
