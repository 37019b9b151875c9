//! What people do without thinking: press Enter, leave a field half filled, scroll up, change the channel.

use super::browser::story;
use super::desk::{Desk, FORM, NEWEST};
use serde_json::json;
use thirtyfour::prelude::*;

const LINES: &str = "#modal .fields-of input:not([type=hidden], [type=checkbox], [type=radio])";

/// The ids of what can be filled in with one line.
async fn line_ids(desk: &Desk) -> WebDriverResult<Vec<String>> {
    let script =
        format!("return [...document.querySelectorAll({})].map((e) => e.id);", json!(LINES));
    let ids = desk.runs(&script).await?;
    let ids = ids.as_array().cloned().unwrap_or_default();
    Ok(ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_in_any_field_loses_nothing() {
    story("enter", |desk| async move {
        desk.says("/jules").await?;
        desk.sees(FORM, "New Jules task").await?;
        desk.fills("#modal textarea", "Make the header sticky").await?;
        let ids = line_ids(&desk).await?;
        assert!(ids.len() >= 2, "a repository and a title at least: {ids:?}");
        for id in ids {
            let field = format!("#modal [id={}]", json!(id));
            desk.browser.query(By::Css(field.as_str())).first().await?.click().await?;
            desk.types("zzz").await?;
            desk.types(Key::Enter).await?;
            desk.sees(FORM, "New Jules task").await?;
            assert_eq!(desk.value("#modal textarea").await?, "Make the header sticky", "{id}");
            desk.clicks("#modal h2", "New Jules task").await?;
            desk.misses("#modal [role=listbox]").await?;
        }
        // It was sent, and not closed: Slack says what is missing.
        desk.sees("#modal .error", "Please complete this required field.").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_typed_and_not_picked_is_no_choice() {
    story("unpicked", |desk| async move {
        desk.says("/jules").await?;
        desk.sees(FORM, "New Jules task").await?;
        let repository = "#modal input[role=combobox]";
        desk.fills(repository, "boba").await?;
        desk.sees("#modal [role=option]", "boba").await?;
        desk.sees(&format!("{repository}[data-touched]"), "").await?;
        // The page is drawn again in the meantime, as when someone writes.
        desk.runs("refresh();").await?;
        desk.sees("#modal [role=option]", "boba").await?;
        desk.clicks("#modal h2", "New Jules task").await?;
        desk.misses("#modal [role=listbox]").await?;
        assert_eq!(desk.value(repository).await?, "", "nothing was picked");
        desk.misses(&format!("{repository}[data-touched]")).await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_writes_is_in_view_wherever_one_was_reading() {
    story("scrolled", |desk| async move {
        for n in 0..25 {
            desk.says(&format!("line number {n}")).await?;
            desk.sees(NEWEST, &format!("line number {n}")).await?;
        }
        desk.runs("document.getElementById('lines').scrollTop = 0;").await?;
        desk.says("and this is the last").await?;
        desk.sees(NEWEST, "and this is the last").await?;
        let is_down = "const list = document.getElementById('lines'); \
                       return list.scrollHeight - list.scrollTop - list.clientHeight < 40;";
        assert_eq!(desk.runs(is_down).await?, json!(true));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_stays_where_it_was_written() {
    story("drafts", |desk| async move {
        desk.fills("#composer", "half a message").await?;
        desk.clicks("#to-ops", "#ops").await?;
        desk.sees("h1", "#ops").await?;
        assert_eq!(desk.value("#composer").await?, "", "it doesn't follow into another channel");
        desk.clicks("#to-dev", "#dev").await?;
        desk.sees("h1", "#dev").await?;
        assert_eq!(desk.value("#composer").await?, "half a message");
        desk.clicks("#be-ben", "ben").await?;
        desk.sees("#be-ben[aria-current]", "ben").await?;
        assert_eq!(desk.value("#composer").await?, "", "it's ann's");
        desk.clicks("#be-ann", "ann").await?;
        desk.sees("#be-ann[aria-current]", "ann").await?;
        // Escape closes the thread, and keeps what was written in it.
        desk.clicks("#lines .reply", "Reply in thread").await?;
        desk.is_on("#reply").await?;
        desk.types("half a reply").await?;
        desk.types(Key::Escape).await?;
        desk.misses("#thread").await?;
        desk.clicks("#lines .reply", "Reply in thread").await?;
        desk.is_on("#reply").await?;
        assert_eq!(desk.value("#reply").await?, "half a reply");
        desk.types(Key::Enter).await?;
        desk.sees("#thread-lines", "half a reply").await?;
        assert_eq!(desk.value("#reply").await?, "");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_behind_a_form_is_said_in_it() {
    story("dead-form", |desk| async move {
        desk.says("/jules").await?;
        desk.sees(FORM, "New Jules task").await?;
        let kill = "const body = new URLSearchParams({ bot: 'kill' }); \
                    return fetch('/panel?as=ann&in=dev', { method: 'POST', body }).then((a) => a.status);";
        assert_eq!(desk.runs(kill).await?, json!(200));
        desk.sees("#state", "Bot killed").await?;
        desk.fills("#modal input[role=combobox]", "boba-w").await?;
        desk.sees("#modal [role=listbox]", "The app didn't respond").await?;
        desk.types(Key::Escape).await?;
        desk.fills("#modal textarea", "Make the header sticky").await?;
        // A field that the app wants to hear of is as good as the button.
        desk.clicks("#modal-send", "Start").await?;
        desk.sees("#modal .error, #modal .trouble", "").await?;
        desk.sees(FORM, "New Jules task").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_tasks_start() {
    story("twenty", |desk| async move {
        for n in 1..=20 {
            desk.says(&format!("/jules repo=AshikNesin/404less tidy part {n} up")).await?;
            desk.sees("#lines [data-private]", "On it").await?;
        }
        let cards = "#lines .line[data-by=app]:not([data-private])";
        // Slack accepts one message a second in a channel, in any order.
        for n in 1..=20 {
            desk.sees(cards, &format!("tidy part {n} up")).await?;
        }
        assert_eq!(desk.counts(cards).await?, 20);
        let queued = "return [...document.querySelectorAll('#lines .line')] \
                      .filter((line) => line.textContent.includes('in line')).length;";
        assert_eq!(desk.runs(queued).await?, json!(0), "there is no limit");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_can_start_over() {
    story("over", |desk| async move {
        desk.sees("#lines .day", "Yesterday").await?;
        desk.clicks("#to-ops", "#ops").await?;
        desk.says("hello everyone").await?;
        desk.sees(NEWEST, "hello everyone").await?;
        desk.clicks("#break summary", "Break").await?;
        desk.clicks("#plan-free", "Free").await?;
        desk.sees("#state", "15 a day").await?;
        desk.clicks("#start-over", "Start over").await?;
        desk.sees("h1", "#dev").await?;
        desk.misses("#state").await?;
        desk.sees("#welcome", "Give Jules a task").await?;
        desk.clicks("#to-ops", "#ops").await?;
        desk.sees("h1", "#ops").await?;
        assert!(!desk.sees("#lines", "").await?.text().await?.contains("hello everyone"));
        // And it works.
        desk.says("/jules repo=AshikNesin/404less tidy the docs").await?;
        desk.sees("#lines [data-by=app] strong", "tidy the docs").await?;
        Ok(())
    })
    .await;
}
