//! The operator asks whether it lives and whether it can be given work.

use crate::harness::bot::{Bot, Place, stories};
use domain::ids::{TeamId, UserId};
use domain::secret::Secret;
use domain::tenant::{Install, Installation};
use store::Expect;
use store::documents::install_key;
use store::records::Records;
use store::seal::Sealer;

/// The status and the words of a page.
pub(crate) async fn page(url: &str, path: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let response = client.get(format!("{url}{path}")).send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("words"))
}

async fn try_token(bot: &Bot) {
    let tried = bot.running().run(|engine| async move { engine.try_refused_token().await });
    tried.await.expect("lives");
}

async fn try_write(bot: &Bot) -> bool {
    let tried = bot.running().run(|engine| async move { engine.try_refused_write().await.is_ok() });
    tried.await.expect("lives")
}

async fn ready(bot: &Bot) -> (u16, String) {
    page(bot.url(), "/readyz").await
}

stories! {
    async fn it_is_ready_once_it_can_take_work(bot: Bot) {
        assert_eq!(page(bot.url(), "/healthz").await, (200, "alive\n".to_owned()));
        assert_eq!(ready(&bot).await, (200, "ready\n".to_owned()));
    }

    async fn without_its_store_it_is_alive_and_not_ready(bot: Bot) {
        bot.store.off();
        assert_eq!(page(bot.url(), "/healthz").await.0, 200);
        assert_eq!(ready(&bot).await, (503, "the store isn't responding\n".to_owned()));
        bot.store.on();
        assert_eq!(ready(&bot).await.0, 200);
    }

    async fn while_its_store_refuses_writes_it_is_alive_and_not_ready(bot: Bot) {
        bot.store.full();
        assert_eq!(ready(&bot).await.0, 200, "nothing has been written");
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        let told = ack.expect("can type there").shown.unwrap_or_default();
        assert!(told.contains("I can't save anything right now"), "{told}");
        let refused = (503, "the store refuses writes\n".to_owned());
        assert_eq!(ready(&bot).await, refused, "it can be read all the same");
        assert_eq!(page(bot.url(), "/healthz").await.0, 200, "a restart would not help");
        // As the scheduler does, every two seconds: nothing else is written where nobody is sent to.
        assert!(!try_write(&bot).await);
        assert_eq!(ready(&bot).await, refused);
        bot.store.on();
        assert!(try_write(&bot).await);
        assert_eq!(ready(&bot).await.0, 200);
        let now = bot.hands.now();
        let tried = bot.engine().store().list("ready", None, 1, now).await.expect("answers");
        assert!(tried.is_empty(), "what was tried leaves nothing behind");
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.assert_once("dev");
    }

    async fn before_slack_was_reached_it_is_not_ready(mut bot: Bot) {
        bot.kill().await;
        let young = bot.young_replica().await;
        let missing = "Slack has not been reached yet\n".to_owned();
        assert_eq!(page(&young.url, "/readyz").await, (503, missing));
    }

    async fn while_slack_refuses_the_token_it_is_not_ready(bot: Bot) {
        let (yes, no) = ("jules_slack_credential_ok{api=\"slack\"} 1", "jules_slack_credential_ok{api=\"slack\"} 0");
        assert!(page(bot.url(), "/metrics").await.1.contains(yes));
        bot.slack.refuse_token("token_revoked");
        assert_eq!(ready(&bot).await.0, 200, "nothing has been asked of Slack");
        bot.types("ann", "/jules repo=404less tidy up").await;
        let refused = "Slack refuses SLACK_BOT_TOKEN (token_revoked)\n".to_owned();
        assert_eq!(ready(&bot).await, (503, refused));
        assert_eq!(page(bot.url(), "/healthz").await.0, 200, "a restart would not help");
        assert!(page(bot.url(), "/metrics").await.1.contains(no));
        // As the scheduler does, every few seconds.
        try_token(&bot).await;
        assert_eq!(ready(&bot).await.0, 503);
        bot.slack.accept_token();
        bot.slack.clear_calls();
        try_token(&bot).await;
        assert_eq!(ready(&bot).await.0, 200);
        assert!(page(bot.url(), "/metrics").await.1.contains(yes));
        try_token(&bot).await;
        assert_eq!(bot.slack_calls("auth.test"), 1, "only while it is refused");
    }

    async fn a_missing_scope_or_a_refused_key_leave_it_ready(bot: Bot) {
        bot.slack.grant(&["commands"]);
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(ready(&bot).await.0, 200);
        let words = "Slack does not let SLACK_BOT_TOKEN do this.";
        assert!(bot.logged().contains(words), "{}", bot.logged());
        bot.slack.grant(&["commands", "chat:write", "channels:history"]);
        bot.account().revoke();
        bot.pass(60).await;
        assert_eq!(ready(&bot).await.0, 200);
        let metrics = page(bot.url(), "/metrics").await.1;
        assert!(metrics.contains("jules_slack_credential_ok{api=\"jules\"} 0"), "{metrics}");
        bot.account().restore();
        bot.pass(400).await;
        let metrics = page(bot.url(), "/metrics").await.1;
        assert!(metrics.contains("jules_slack_credential_ok{api=\"jules\"} 1"), "{metrics}");
    }

    async fn a_refused_credential_is_logged_once_a_minute(bot: Bot) {
        bot.account().limits(100, 100);
        for n in 0..5 {
            bot.types("ann", &format!("/jules repo=404less task {n}")).await;
        }
        bot.slack.refuse_token("invalid_auth");
        bot.account().revoke();
        let sessions = bot.account().sessions();
        for _ in 0..30 {
            for session in &sessions {
                bot.replies("ann", "use tabs").await;
                bot.account().touch(&session.id);
            }
            bot.watch(10).await;
        }
        let log = bot.logged();
        for setting in ["SLACK_BOT_TOKEN", "JULES_API_KEY"] {
            let words = format!("refuses {setting}. Set a valid one and restart.");
            let lines = log.lines().filter(|line| line.contains("ERROR") && line.contains(&words));
            assert!((4..=6).contains(&lines.count()), "in five minutes, of {setting}:\n{log}");
        }
        assert!(!log.contains(bot.slack.bot_token()), "the token itself is nowhere");
    }

    async fn what_is_no_page_is_not_found(bot: Bot) {
        assert_eq!(page(bot.url(), "/").await.0, 404);
        assert_eq!(page(bot.url(), "/slack/events").await.0, 405);
    }
}

/// As it is stored of a workspace in which someone installed the app.
async fn installed(bot: &Bot, id: &str) {
    let team = TeamId::parse(id).expect("an id");
    let us = Installation {
        team: team.clone(),
        enterprise: None,
        org_wide: false,
        bot: UserId::parse("U0JULES").expect("an id"),
        bot_id: None,
        url: None,
        scopes: Vec::new(),
    };
    let (token, at) = (Secret::new("xoxb-of-another-workspace").into(), bot.hands.now());
    let install = Install { us, name: None, token, renewal: None, by: None, at, removed: None };
    let sealer = Sealer::parse(bot.sealing_key).expect("a key");
    let records = Records::new(bot.engine().store().clone(), sealer);
    let key = install_key(&team);
    records.put(&key, &install, None, None, Expect::Absent, at).await.expect("is stored");
}

#[tokio::test]
async fn a_token_that_is_dead_from_the_start_holds_up_no_other_workspace() {
    let mut bot = Bot::new(Place::file()).await;
    installed(&bot, "T0GLOBEX").await;
    bot.kill().await;
    bot.slack.refuse_token("account_inactive");
    let young = bot.unconnected_replica().await;
    let started = young.run(|engine| async move {
        assert!(engine.learn_identity().await.is_err());
        engine.load_workspaces().await.expect("the store answers");
    });
    started.await.expect("lives");
    assert_eq!(page(&young.url, "/readyz").await, (200, "ready\n".to_owned()));
}
