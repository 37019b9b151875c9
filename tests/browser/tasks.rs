//! Tasks: from the composer, from the form, in a bound channel.

use super::browser::story;
use super::desk::{FORM, NEWEST, THREAD};
use thirtyfour::prelude::*;

const REPOSITORY: &str = "#modal input[role=combobox]";

#[tokio::test(flavor = "multi_thread")]
async fn a_task_from_the_composer_moves_on_its_own() {
    story("composer", |desk| async move {
        desk.clicks("#welcome .sample", "A pull request").await?;
        desk.is_on("#composer").await?;
        desk.clicks(".send", "Send").await?;
        desk.sees("#lines [data-private]", "On it").await?;
        desk.sees("#lines [data-private]", "Only visible to you").await?;
        desk.sees("#lines [data-by=app] strong", "rename frontend to website").await?;
        desk.clicks("#lines .replies", "1 reply").await?;
        desk.sees(THREAD, "Jules is working on AshikNesin/404less").await?;
        let link = desk.sees(&format!("{THREAD} a.button"), "Open in Jules").await?;
        assert_eq!(desk.value("#composer").await?, "", "what was sent is gone from the composer");
        // The session is nowhere but here, and so is its page.
        let there = link.attr("href").await?.unwrap();
        desk.opens(&there).await?;
        desk.sees("h1", "rename frontend to website").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_command_is_completed_and_nothing_else() {
    story("completion", |desk| async move {
        desk.fills("#composer", "/ju").await?;
        desk.sees("#composer-list [role=option]", "/jules").await?;
        desk.types(Key::Down).await?;
        desk.types(Key::Tab).await?;
        assert_eq!(desk.value("#composer").await?, "/jules ");
        // Slack doesn't know what follows.
        desk.types("repo=404").await?;
        desk.misses("#composer-list").await?;
        desk.fills("#composer", "/").await?;
        desk.sees("#composer-list [role=option]", "/jules").await?;
        desk.types(Key::Escape).await?;
        desk.misses("#composer-list").await?;
        desk.is_on("#composer").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_from_the_form() {
    story("form", |desk| async move {
        desk.says("/jules").await?;
        desk.sees(FORM, "New Jules task").await?;
        desk.clicks("#modal-send", "Start").await?;
        desk.sees("#modal .error", "Please complete this required field.").await?;
        desk.fills("#modal textarea", "Make the header sticky").await?;
        desk.fills(REPOSITORY, "boba-w").await?;
        desk.sees("#modal [aria-selected=true]", "bobalover/boba-web").await?;
        desk.types(Key::Enter).await?;
        // Another repository, another branch field; what was written stays.
        desk.sees("#modal label", "Branch").await?;
        let branch = "#modal input[role=combobox][id*=boba-web]";
        desk.fills(branch, "dev").await?;
        desk.clicks("#modal [role=option]", "develop").await?;
        assert_eq!(desk.value("#modal textarea").await?, "Make the header sticky");
        desk.picture("form").await?;
        desk.clicks("#modal-send", "Start").await?;
        desk.misses("#modal").await?;
        desk.sees("#lines [data-by=app]", "Make the header sticky").await?;
        desk.sees("#lines [data-by=app] .context", "develop").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_bound_by_one_and_used_by_another() {
    story("bind", |desk| async move {
        desk.says("/jules bind boba-web").await?;
        desk.sees("#lines [data-by=app]", "bound this channel").await?;
        desk.clicks("#be-ben", "ben").await?;
        desk.sees("#be-ben[aria-current]", "ben").await?;
        desk.says("/jules add a sitemap").await?;
        desk.sees("#lines [data-by=app] .mention", "@ben").await?;
        desk.sees("#lines [data-by=app]", "this channel's repository").await?;
        // The other one is told of the news, and sees no private line of ben's.
        desk.clicks("#to-ops", "#ops").await?;
        desk.sees("h1", "#ops").await?;
        desk.clicks("#be-ann", "ann").await?;
        desk.sees("#to-dev .badge", "1").await?;
        desk.clicks("#to-dev", "#dev").await?;
        desk.sees(NEWEST, "add a sitemap").await?;
        assert!(!desk.sees("#lines", "sitemap").await?.text().await?.contains("On it"));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_fit_are_a_choice_with_buttons() {
    story("choice", |desk| async move {
        desk.says("/jules repo=website add a sitemap").await?;
        desk.sees("#lines [data-private]", "Which one").await?;
        desk.misses("#modal").await?;
        desk.clicks("#lines [data-private] button", "bobalover/Website").await?;
        desk.sees("#lines [data-by=app] .context", "bobalover/Website").await?;
        Ok(())
    })
    .await;
}
