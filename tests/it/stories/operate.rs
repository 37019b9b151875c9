//! Whoever runs it asks whether it lives and whether it can be given work.

use crate::harness::bot::{Bot, stories};

/// The status and the words of a page.
pub(crate) async fn page(url: &str, path: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let response = client.get(format!("{url}{path}")).send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("words"))
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
        assert_eq!(ready(&bot).await, (503, "the store does not answer\n".to_owned()));
        bot.store.on();
        assert_eq!(ready(&bot).await.0, 200);
    }

    async fn before_slack_was_reached_it_is_not_ready(mut bot: Bot) {
        bot.kill().await;
        let young = bot.young_replica().await;
        let missing = "Slack has not been reached yet\n".to_owned();
        assert_eq!(page(&young.url, "/readyz").await, (503, missing));
    }

    async fn what_is_no_page_is_not_found(bot: Bot) {
        assert_eq!(page(bot.url(), "/").await.0, 404);
        assert_eq!(page(bot.url(), "/slack/events").await.0, 405);
    }
}
