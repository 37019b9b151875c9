//! Pictures for the README and for those who review: the same page light, dark, and on a phone.

use super::browser::story;
use super::desk::{FORM, THREAD};
use super::sessions::begins;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_light_dark_and_on_a_phone() {
    story("pictures", |desk| async move {
        desk.resizes(1200, 760).await?;
        desk.sees("#welcome", "Give Jules a task").await?;
        desk.picture("welcome").await?;
        desk.says("/jules repo=404less rename frontend to website").await?;
        desk.clicks("#lines .replies", "1 reply").await?;
        desk.sees(THREAD, "Jules is working on AshikNesin/404less").await?;
        desk.picture("thread").await?;
        desk.goes_dark().await?;
        desk.picture("thread-dark").await?;
        desk.resizes(390, 800).await?;
        desk.picture("phone-thread").await?;
        desk.clicks("#thread-close", "×").await?;
        desk.sees("#lines", "rename frontend").await?;
        desk.picture("phone").await?;
        let wide = "return document.documentElement.scrollWidth <= window.innerWidth;";
        let ret = desk.browser.execute(wide, Vec::new()).await?;
        assert_eq!(ret.json(), &serde_json::json!(true), "the page is wider than the phone");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_from_its_plan_to_its_end() {
    story("looks", |desk| async move {
        desk.resizes(1200, 800).await?;
        begins(&desk, "/jules repo=404less plan=ask add a dark mode").await?;
        desk.sees(&format!("{THREAD} button"), "Approve").await?;
        desk.sees("#lines [data-by=app]", "Waiting for you").await?;
        desk.pictures("look-plan").await?;
        desk.clicks(&format!("{THREAD} button"), "Approve").await?;
        desk.sees(&format!("{THREAD} a.button"), "Open pull request").await?;
        desk.sees("#lines [data-by=app] a.button", "Open pull request").await?;
        desk.pictures("look-finish").await?;
        desk.clicks(&format!("{THREAD} button"), "Show changes").await?;
        desk.sees(FORM, "changed").await?;
        desk.pictures("look-changes").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_a_list_and_help() {
    story("looks-question", |desk| async move {
        desk.resizes(1200, 800).await?;
        begins(&desk, "/jules repo=boba-web remove the old API, and ask me what has to stay")
            .await?;
        desk.sees("#lines [data-by=app]", "Jules has a question").await?;
        desk.pictures("look-question").await?;
        desk.says("/jules list").await?;
        desk.sees("#lines [data-private]", "Tasks here").await?;
        desk.pictures("look-list").await?;
        desk.says("/jules help").await?;
        desk.sees("#lines [data-private]", "Copy, change and send").await?;
        desk.pictures("look-help").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_and_the_form() {
    story("looks-failure", |desk| async move {
        desk.resizes(1200, 800).await?;
        begins(&desk, "/jules repo=boba upgrade everything, even if the install may fail").await?;
        desk.sees(THREAD, "Unable to install dependencies").await?;
        desk.sees("#lines [data-by=app]", "Failed").await?;
        desk.pictures("look-failure").await?;
        desk.says("/jules").await?;
        desk.sees(FORM, "New Jules task").await?;
        desk.pictures("look-form").await?;
        Ok(())
    })
    .await;
}
