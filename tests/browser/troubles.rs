//! What breaks, and continues.

use super::browser::story;
use super::desk::{FORM, NEWEST};

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_is_killed_and_continues() {
    story("killed", |desk| async move {
        desk.clicks("#break summary", "Break").await?;
        desk.clicks("#jules-down", "Down").await?;
        desk.sees("#state", "Jules is down").await?;
        desk.says("/jules repo=AshikNesin/404less tidy the docs").await?;
        desk.sees("#lines [data-by=app] strong", "tidy the docs").await?;
        desk.clicks("#bot-kill", "Kill the bot").await?;
        desk.sees("#state", "Bot killed, but its state is safe on disk").await?;
        desk.says("/jules help").await?;
        desk.sees("#lines [data-by=slack]", "dispatch_failed").await?;
        desk.picture("killed").await?;
        desk.clicks("#break summary", "Break").await?;
        desk.clicks("#jules-well", "Works").await?;
        desk.clicks("#bot-start", "Start the bot again").await?;
        // The task that it had accepted continues in its own thread.
        desk.clicks("#lines .replies", "1 reply").await?;
        desk.sees("#thread-lines", "Jules is working on AshikNesin/404less").await?;
        desk.misses("#state").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_task_waits_in_line() {
    story("limit", |desk| async move {
        desk.clicks("#break summary", "Break").await?;
        desk.clicks("#jules-limit", "Refuses new tasks").await?;
        desk.sees("#state", "without giving a reason").await?;
        desk.says("/jules repo=AshikNesin/404less tidy the docs").await?;
        desk.sees("#lines [data-by=app]", "Queued, next in line").await?;
        desk.clicks("#jules-well", "Works").await?;
        desk.clicks("#lines .replies", "1 reply").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slack_that_has_enough_gets_its_card_later() {
    story("limited", |desk| async move {
        desk.clicks("#break summary", "Break").await?;
        desk.clicks("#slack-full", "Rate-limited (429)").await?;
        desk.sees("#state", "429").await?;
        desk.says("/jules repo=AshikNesin/404less tidy the docs").await?;
        desk.sees("#lines [data-private]", "On it").await?;
        desk.says("still waiting").await?;
        desk.sees(NEWEST, "still waiting").await?;
        desk.misses("#lines [data-by=app] .replies").await?;
        desk.clicks("#slack-well", "Works").await?;
        desk.clicks("#lines .replies", "1 reply").await?;
        desk.misses("#state").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_slack_would_not_do_is_said_at_the_composer() {
    story("refused", |desk| async move {
        desk.says("/invite @jules").await?;
        desk.sees("[role=alert]", "/invite isn't a command here").await?;
        assert_eq!(desk.value("#composer").await?, "/invite @jules");
        desk.clicks("#bot-kill", "Kill the bot").await?;
        desk.sees("#bot-start", "Start the bot again").await?;
        desk.clicks("#bot-start", "Start the bot again").await?;
        // In the direct messages with it as anywhere else.
        desk.clicks("#to-jules", "jules").await?;
        desk.sees("h1", "jules").await?;
        desk.misses("[role=alert]").await?;
        desk.says("/jules").await?;
        desk.sees(FORM, "New Jules task").await?;
        Ok(())
    })
    .await;
}
