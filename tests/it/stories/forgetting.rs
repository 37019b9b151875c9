//! A person, and a workspace, are forgotten: what is left of them, and what of others.

use crate::harness::bot::{Bot, stories};
use domain::ids::{TeamId, UserId};
use jiff::SignedDuration;
use store::forget::Whom;

/// Everything that is stored and was not asked for by a process, by name and content.
async fn stored(bot: &Bot) -> Vec<(String, String)> {
    let (store, now) = (bot.engine().store(), bot.hands.now());
    let mut all = Vec::new();
    for key in store.list("", None, 1000, now).await.expect("answers") {
        let Some((_, doc)) = store.get(&key, now).await.expect("answers") else { continue };
        all.push((key.as_str().to_owned(), String::from_utf8_lossy(&doc.body).into_owned()));
    }
    all.retain(|(name, _)| !name.starts_with("process/"));
    all
}

/// What speaks of someone outside the audit trail.
async fn traces(bot: &Bot, of: &str) -> Vec<String> {
    let all = stored(bot).await.into_iter();
    let left = all.filter(|(name, body)| {
        !name.starts_with("audit/") && (name.contains(of) || body.contains(of))
    });
    left.map(|(name, _)| name).collect()
}

async fn forget(bot: &Bot, team: Option<&str>, user: Option<&str>) -> usize {
    let whom = Whom {
        team: team.map(|id| TeamId::parse(id).expect("an id")),
        user: user.map(|id| UserId::parse(id).expect("an id")),
    };
    bot.engine().forget_all_of(&whom).await.expect("the store answers")
}

async fn a_week(bot: &Bot) {
    let account = bot.jules.account("AQ.key-of-ben");
    let source = account.add_source("ben", "dots");
    source.default_branch("main").branches(["main"]);
    bot.types("ben", "/jules key").await;
    let form = bot.slack.open_view("ben").expect("a form is open");
    form.fill("API key", "AQ.key-of-ben").await.expect("is there");
    form.submit().await.expect("can be sent");
    bot.settle().await;
    bot.types("ben", "/jules repo=dots tidy my dots").await;
    bot.types("ann", "/jules repo=404less fix the page").await;
    bot.types("ann", "/jules bind 404less").await;
    bot.pass(5).await;
}

stories! {
    async fn of_a_person_only_what_they_did_stays(bot: Bot) {
        a_week(&bot).await;
        let (ann, ben) = (bot.slack.user("ann").id().to_owned(), bot.slack.user("ben").id().to_owned());
        assert!(!traces(&bot, &ben).await.is_empty());
        let of_ann = traces(&bot, &ann).await;
        assert!(forget(&bot, None, Some(&ben)).await > 3);
        assert_eq!(traces(&bot, &ben).await, Vec::<String>::new());
        assert_eq!(traces(&bot, &ann).await, of_ann, "nothing of anyone else's");
        let trail = stored(&bot).await;
        assert!(trail.iter().any(|(name, body)| name.starts_with("audit/") && body.contains(&ben)));
        assert_eq!(forget(&bot, None, Some(&ben)).await, 0, "a second time there is nothing");
        // Their key is used for nothing any more.
        let calls = |bot: &Bot| {
            let of_ben = |call: &&sim::jules::Call| call.key.as_deref() == Some("AQ.key-of-ben");
            bot.jules.calls().iter().filter(of_ben).count()
        };
        bot.pass(30).await;
        let before = calls(&bot);
        bot.types("ben", "/jules repo=404less and this").await;
        bot.pass(120).await;
        assert_eq!(calls(&bot), before);
        assert!(bot.slack.screen("dev").contains("and this"), "they can begin anew");
    }

    async fn of_a_workspace_nothing_stays(bot: Bot) {
        a_week(&bot).await;
        let team = bot.slack.team_id();
        assert_eq!(forget(&bot, Some("T0OTHER"), None).await, 0);
        assert!(forget(&bot, Some(team), None).await > 10);
        let left = stored(&bot).await;
        let of_team = |(name, body): &&(String, String)| name.contains(team) || body.contains(team);
        assert_eq!(left.iter().find(of_team), None);
    }

    async fn a_person_is_forgotten_in_one_workspace_alone(bot: Bot) {
        a_week(&bot).await;
        let ben = bot.slack.user("ben").id().to_owned();
        assert_eq!(forget(&bot, Some("T0OTHER"), Some(&ben)).await, 0);
        assert!(forget(&bot, Some(bot.slack.team_id()), Some(&ben)).await > 3);
        assert_eq!(traces(&bot, &ben).await, Vec::<String>::new());
    }

    async fn the_end_is_heard_by_a_process_that_slack_has_told_nothing(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.kill().await;
        // While nobody runs, the app is removed, so that its token is dead from the start.
        bot.slack.uninstall();
        let young = bot.young_replica().await;
        bot.slack.deliver_to(&format!("{}/slack/events", young.url));
        bot.slack.deliver_events().await;
        let stored = young.run(|engine| async move {
            let names = engine.store().list("install/", None, 10, engine.now()).await;
            names.expect("the store answers").len()
        });
        assert_eq!(stored.await.expect("lives"), 1, "what is left is forgotten in thirty days");
    }

    async fn a_workspace_whose_token_works_is_not_forgotten_for_an_event_that_came_late(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.slack.uninstall();
        bot.slack.deliver_events().await;
        bot.settle().await;
        assert!(stored(&bot).await.iter().any(|(name, _)| name.starts_with("install/")), "it was told");
        bot.slack.install_again();
        for _ in 0..31 {
            bot.hands.forward(SignedDuration::from_hours(24));
            bot.settle().await;
        }
        let bound = |all: Vec<(String, String)>| all.iter().any(|(name, _)| name.starts_with("binding/"));
        assert!(bound(stored(&bot).await));
    }

    async fn one_whose_token_is_dead_is(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.slack.uninstall();
        bot.slack.deliver_events().await;
        bot.slack.refuse_token("account_inactive");
        for _ in 0..31 {
            bot.hands.forward(SignedDuration::from_hours(24));
            bot.settle().await;
        }
        assert!(!stored(&bot).await.iter().any(|(name, _)| name.starts_with("binding/")));
    }
}
