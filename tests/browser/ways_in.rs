//! The ways in apart from the command: mentions, shortcuts, direct messages, Home.

use super::browser::story;
use super::desk::{FORM, NEWEST, THREAD};
use thirtyfour::prelude::*;

#[tokio::test(flavor = "multi_thread")]
async fn names_of_people_are_completed_everywhere() {
    story("names-completed", |desk| async move {
        desk.fills("#composer", "hello @ju").await?;
        desk.sees("#composer-list [role=option]", "@jules").await?;
        desk.types(Key::Down).await?;
        desk.types(Key::Tab).await?;
        assert_eq!(desk.value("#composer").await?, "hello @jules ");
        desk.clicks("#lines .replies", "2 replies").await?;
        desk.is_on("#reply").await?;
        // There are no commands in threads.
        desk.types("/ju").await?;
        desk.misses("#reply-list").await?;
        desk.fills("#reply", "@b").await?;
        desk.sees("#reply-list [role=option]", "@ben").await?;
        desk.types(Key::Down).await?;
        desk.types(Key::Enter).await?;
        assert_eq!(desk.value("#reply").await?, "@ben ");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_people_type_is_code() {
    story("typed-code", |desk| async move {
        desk.clicks("#lines .replies", "2 replies").await?;
        desk.sees(&format!("{THREAD} code"), "login.ts").await?;
        desk.sees(&format!("{THREAD} .emoji[aria-label=eyes]"), "").await?;
        desk.says("see `src/<a>.ts` and 10:30:45").await?;
        desk.sees(&format!("{NEWEST} code"), "src/<a>.ts").await?;
        desk.sees(NEWEST, "and 10:30:45").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_leads_to_where_something_is_tried() {
    story("try", |desk| async move {
        desk.clicks("#to-ops", "#ops").await?;
        desk.sees("h1", "#ops").await?;
        desk.clicks("#samples summary", "Try").await?;
        desk.sees("#samples h2", "Ways in").await?;
        desk.clicks("#samples .sample", "in any channel").await?;
        desk.misses("#samples .menu").await?;
        desk.is_on("#composer").await?;
        assert_eq!(desk.value("#composer").await?, "/jules repo=404less translate the menu");
        desk.types(Key::Enter).await?;
        desk.sees("#lines [data-by=app] strong", "translate the menu").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_is_a_task_in_its_own_thread() {
    story("mention", |desk| async move {
        desk.resizes(1200, 800).await?;
        desk.clicks("#samples summary", "Try").await?;
        desk.clicks("#samples .sample", "the task is your message").await?;
        desk.is_on("#composer").await?;
        desk.types(Key::Enter).await?;
        desk.sees(NEWEST, "speed up the search page").await?;
        desk.clicks(&format!("{NEWEST} .replies"), "repl").await?;
        desk.sees(&format!("{THREAD} [data-by=app] a.button"), "Open in Jules").await?;
        desk.sees(&format!("{THREAD} a.button"), "Open pull request").await?;
        desk.pictures("mention").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_under_a_bug_report_brings_the_report() {
    story("mention-thread", |desk| async move {
        desk.resizes(1200, 800).await?;
        desk.clicks("#to-ops", "#ops").await?;
        desk.sees("h1", "#ops").await?;
        desk.clicks("#samples summary", "Try").await?;
        desk.clicks("#samples .sample", "Mention in a thread").await?;
        desk.is_on("#reply").await?;
        desk.types(Key::Enter).await?;
        desk.sees(&format!("{THREAD} [data-by=app]"), "from this thread").await?;
        // Jules knows from the report what it is about.
        desk.sees(THREAD, "cookieStore").await?;
        desk.pictures("mention-thread").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_the_app_is_a_task() {
    story("direct", |desk| async move {
        desk.resizes(1200, 800).await?;
        desk.clicks("#samples summary", "Try").await?;
        desk.clicks("#samples .sample", "Direct message").await?;
        desk.sees("h1", "jules").await?;
        desk.is_on("#composer").await?;
        desk.types(Key::Enter).await?;
        desk.clicks("#lines .line[data-by=person] .replies", "repl").await?;
        desk.clicks(&format!("{THREAD} [data-by=app] button"), "Start").await?;
        desk.sees(&format!("{THREAD} [data-by=app]"), "Asked by").await?;
        desk.pictures("direct").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_message_opens_its_thread_as_whoever_looks() {
    story("permalink", |desk| async move {
        desk.clicks("#be-ben", "ben").await?;
        desk.sees("#be-ben[aria-current]", "ben").await?;
        desk.says("/jules repo=404less plan=ask add a dark mode").await?;
        desk.sees("#lines [data-by=app]", "Waiting for you").await?;
        desk.clicks("#to-ops", "#ops").await?;
        desk.sees("h1", "#ops").await?;
        desk.says("/jules status").await?;
        desk.clicks("#lines [data-private] .overflow summary", "").await?;
        desk.clicks("#lines [data-private] a[href^='/archives/']", "").await?;
        desk.sees("h1", "#dev").await?;
        desk.sees(&format!("{THREAD} button"), "Approve").await?;
        desk.sees("#be-ben[aria-current]", "ben").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn home_shows_what_waits_and_is_used() {
    story("home", |desk| async move {
        desk.resizes(1200, 800).await?;
        desk.says("/jules repo=404less plan=ask add a dark mode").await?;
        desk.sees("#lines [data-by=app]", "Waiting for you").await?;
        desk.clicks("#samples summary", "Try").await?;
        desk.clicks("#samples .sample", "Home").await?;
        desk.sees("#tab-home[aria-current]", "Home").await?;
        desk.sees(".home-view", "add a dark mode").await?;
        desk.pictures("home").await?;
        desk.clicks(".home-view a.button", "Open thread").await?;
        desk.sees("h1", "#dev").await?;
        desk.sees(&format!("{THREAD} button"), "Approve").await?;
        desk.clicks("#to-jules", "jules").await?;
        desk.clicks("#tab-home", "Home").await?;
        desk.clicks(".home-view button", "Approve").await?;
        desk.sees(".home-view", "Nothing is waiting for you").await?;
        desk.clicks(".home-view button", "New task").await?;
        desk.sees(FORM, "New Jules task").await?;
        desk.pictures("home-form").await?;
        desk.clicks("#modal-close", "").await?;
        desk.misses("#modal").await?;
        desk.clicks("#tab-messages", "Messages").await?;
        desk.sees("#composer", "").await?;
        desk.clicks("#tab-home", "Home").await?;
        desk.sees(".home-view", "add a dark mode").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_becomes_a_task_in_its_thread() {
    story("on-message", |desk| async move {
        desk.resizes(1200, 800).await?;
        desk.clicks("#samples summary", "Try").await?;
        desk.clicks("#samples .sample", "turn any message into a task").await?;
        desk.pictures("message-menu").await?;
        desk.clicks("#lines .more[open] button", "Send to Jules").await?;
        desk.sees(FORM, "stays blank in Safari 17").await?;
        desk.misses("#lines .more[open]").await?;
        desk.pictures("message-form").await?;
        desk.fills("#modal input[role=combobox]", "boba-w").await?;
        desk.sees("#modal [aria-selected=true]", "bobalover/boba-web").await?;
        desk.types(Key::Enter).await?;
        desk.clicks("#modal-send", "").await?;
        desk.misses("#modal").await?;
        desk.clicks("#lines .replies", "3 replies").await?;
        desk.sees(&format!("{THREAD} [data-by=app]"), "boba-web").await?;
        desk.pictures("message-task").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_started_from_anywhere() {
    story("anywhere", |desk| async move {
        desk.resizes(1200, 800).await?;
        desk.clicks("#samples summary", "Try").await?;
        desk.clicks("#samples .sample", "the form, from anywhere").await?;
        desk.clicks("#shortcuts[open] button", "New Jules task").await?;
        desk.sees(FORM, "New Jules task").await?;
        desk.fills("#modal textarea", "Make the header sticky").await?;
        desk.fills("#modal input[role=combobox]", "boba-w").await?;
        desk.sees("#modal [aria-selected=true]", "bobalover/boba-web").await?;
        desk.types(Key::Enter).await?;
        desk.pictures("anywhere").await?;
        desk.clicks("#modal-send", "").await?;
        desk.misses("#modal").await?;
        desk.sees("#lines [data-by=app]", "Make the header sticky").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_began_in_jules_gets_a_thread() {
    story("follow", |desk| async move {
        desk.resizes(1200, 800).await?;
        desk.clicks("#samples summary", "Try").await?;
        desk.clicks("#samples .sample", "a session that began in Jules").await?;
        desk.is_on("#composer").await?;
        desk.types(Key::Enter).await?;
        desk.clicks("#lines [data-private] button", "Follow here").await?;
        desk.sees("#lines .line[data-by=app]:not([data-private])", "Add a favicon").await?;
        desk.pictures("follow").await?;
        Ok(())
    })
    .await;
}
