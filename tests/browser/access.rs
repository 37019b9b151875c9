//! With the keyboard alone, and for those who hear the page.

use super::browser::story;
use super::desk::FORM;
use thirtyfour::prelude::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_form_keeps_the_focus_and_gives_it_back() {
    story("focus", |desk| async move {
        desk.says("/jules").await?;
        desk.sees(FORM, "New Jules task").await?;
        // Round and round, and never out of it.
        let inside = "return document.activeElement.closest('#modal') !== null \
                      || document.activeElement === document.body;";
        for _ in 0..14 {
            desk.types(Key::Tab).await?;
            let ret = desk.browser.execute(inside, Vec::new()).await?;
            assert_eq!(ret.json(), &serde_json::json!(true), "the focus left the form");
        }
        // Escape closes the list of a field first, then the form.
        desk.fills("#modal input[role=combobox]", "boba").await?;
        desk.sees("#modal [role=option]", "boba").await?;
        desk.types(Key::Escape).await?;
        desk.misses("#modal [role=listbox]").await?;
        desk.sees(FORM, "New Jules task").await?;
        desk.types(Key::Escape).await?;
        desk.misses("#modal").await?;
        desk.is_on("#composer").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_opened_and_left_by_keys() {
    story("keys", |desk| async move {
        desk.says("hello everyone").await?;
        let reply = desk.sees("#lines .reply", "Reply in thread").await?;
        reply.send_keys(Key::Enter).await?;
        desk.is_on("#reply").await?;
        desk.replies("and hello again").await?;
        desk.sees("#thread-lines", "and hello again").await?;
        desk.sees("#lines .replies", "1 reply").await?;
        desk.types(Key::Escape).await?;
        desk.misses("#thread").await?;
        desk.is_on("#lines .replies").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_has_a_name() {
    story("names", |desk| async move {
        desk.clicks("#welcome .sample", "A pull request").await?;
        desk.clicks(".send", "Send").await?;
        desk.clicks("#lines .replies", "1 reply").await?;
        desk.says("/jules").await?;
        desk.sees(FORM, "New Jules task").await?;
        // Fields have a label, buttons and links words, ids are unique, dialogs a title.
        let nameless = "
            const has = (e) => (e.labels?.length > 0) || e.ariaLabel || e.textContent.trim()
                || e.getAttribute('aria-labelledby');
            const seen = [...document.querySelectorAll('input:not([type=hidden]), select, textarea, \
             button:not([hidden]), a, dialog, [role=log], [role=listbox], [role=group]')];
            const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
            const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
            const pointers = ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for'];
            const lost = pointers.flatMap((name) => [...document.querySelectorAll(`[${name}]`)]
                .flatMap((e) => e.getAttribute(name).split(' '))
                .filter((id) => !document.getElementById(id)));
            return [...seen.filter((e) => !has(e)).map((e) => e.outerHTML), ...twice, ...lost];";
        let ret = desk.browser.execute(nameless, Vec::new()).await?;
        assert_eq!(ret.json(), &serde_json::json!([]));
        Ok(())
    })
    .await;
}
