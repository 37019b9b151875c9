//! Pictures for the README and for those who review: the same page light, dark, and on a phone.

use super::browser::story;
use super::desk::THREAD;

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
