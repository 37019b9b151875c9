//! A session from its thread: plan, changes, question, failure, pull request.

use super::browser::story;
use super::desk::{Desk, FORM, THREAD};
use thirtyfour::prelude::*;

/// A task is started, and its thread opened.
pub(super) async fn begins(desk: &Desk, line: &str) -> WebDriverResult<()> {
    desk.says(line).await?;
    desk.clicks("#lines .line[data-by=app] .replies", "").await?;
    desk.sees("#thread-lines a.button", "Open in Jules").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_changed_then_approved_and_becomes_a_pull_request() {
    story("plan", |desk| async move {
        desk.resizes(1200, 800).await?;
        begins(&desk, "/jules repo=404less plan=ask add a dark mode").await?;
        desk.sees(&format!("{THREAD} button"), "Approve").await?;
        desk.picture("plan").await?;
        desk.clicks(&format!("{THREAD} button"), "Ask for changes").await?;
        desk.sees(FORM, "").await?;
        desk.fills("#modal textarea", "Use the colours of the system, too").await?;
        desk.picture("changes").await?;
        desk.clicks("#modal-send", "").await?;
        desk.misses("#modal").await?;
        desk.clicks(&format!("{THREAD} button[data-style=primary]"), "Approve").await?;
        desk.sees(THREAD, "@ann").await?;
        desk.sees(&format!("{THREAD} a.button"), "Open pull request").await?;
        desk.sees("#lines [data-by=app] a.button", "Open pull request").await?;
        desk.picture("pull-request").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_in_the_thread() {
    story("question", |desk| async move {
        begins(&desk, "/jules repo=boba-web remove the old API, and ask me what has to stay")
            .await?;
        desk.sees("#lines [data-by=app]", "Jules has a question in the thread").await?;
        // A button that asks first, and a second thought.
        desk.clicks("#lines button", "Stop").await?;
        desk.sees("dialog.confirm[open]", "Keep going").await?;
        desk.picture("stop").await?;
        desk.clicks("dialog.confirm[open] button", "Keep going").await?;
        desk.misses("dialog.confirm").await?;
        desk.replies("Keep the sign-in, remove the rest.").await?;
        desk.sees(&format!("{THREAD} .reactions"), "1").await?;
        desk.sees(&format!("{THREAD} .reactions [aria-label='white check mark']"), "").await?;
        desk.sees(&format!("{THREAD} a.button"), "Open pull request").await?;
        desk.picture("question").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_task_is_tried_again() {
    story("failure", |desk| async move {
        begins(&desk, "/jules repo=boba upgrade everything, even if the install may fail").await?;
        desk.sees(THREAD, "Unable to install dependencies").await?;
        desk.picture("failure").await?;
        desk.clicks(&format!("{THREAD} button"), "Retry").await?;
        // It is a task of its own, below the one that failed.
        let card = ".line[data-by=app]:not([data-private])";
        desk.sees(&format!("#lines {card} ~ {card}"), "upgrade everything").await?;
        Ok(())
    })
    .await;
}
