//! A person at the page: what they see, click and type.

use serde_json::{Value, json};
use std::path::Path;
use thirtyfour::extensions::query::ElementQuery;
use thirtyfour::prelude::*;

/// The page, and a person at it. Everything that is looked for is waited for.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) browser: WebDriver,
    address: String,
}

/// The newest message of the conversation.
pub(crate) const NEWEST: &str = "#lines .line:last-child";
/// The thread next to it.
pub(crate) const THREAD: &str = "#thread-lines";
/// The form over it.
pub(crate) const FORM: &str = "#modal[open]";

/// How often a click may miss.
const MISSED: usize = 5;

impl Desk {
    pub(crate) fn new(browser: WebDriver, address: &str) -> Self {
        Self { browser, address: address.to_owned() }
    }

    pub(crate) async fn opens(&self, path: &str) -> WebDriverResult<()> {
        self.browser.goto(format!("{}{path}", self.address)).await
    }

    /// What is visible of that. The page changes while it is looked at: what goes away in the meantime is
    /// not there.
    fn visible(&self, css: &str) -> ElementQuery {
        let shown = |element: WebElement| async move {
            Ok(element.is_displayed().await.unwrap_or_default())
        };
        self.browser.query(By::Css(css)).with_filter(shown)
    }

    /// Waits until something visible has these words, and gives it.
    pub(crate) async fn sees(&self, css: &str, words: &str) -> WebDriverResult<WebElement> {
        let wanted = words.to_owned();
        let has = move |element: WebElement| {
            let wanted = wanted.clone();
            async move { Ok(element.text().await.unwrap_or_default().contains(&wanted)) }
        };
        let found = self.visible(css).with_filter(has).desc(&format!("{css} with {words:?}"));
        found.first().await
    }

    /// Waits until nothing of that is visible.
    pub(crate) async fn misses(&self, css: &str) -> WebDriverResult<()> {
        let gone = self.visible(css).not_exists().await?;
        assert!(gone, "{css} is still there");
        Ok(())
    }

    /// Clicks what is found by these words; again if it moved away under the click.
    pub(crate) async fn clicks(&self, css: &str, words: &str) -> WebDriverResult<()> {
        for _ in 0..MISSED {
            if self.sees(css, words).await?.click().await.is_ok() {
                return Ok(());
            }
        }
        self.sees(css, words).await?.click().await
    }

    /// Puts words into a field, in place of what it held.
    pub(crate) async fn fills(&self, css: &str, words: &str) -> WebDriverResult<()> {
        let field = self.visible(css).first().await?;
        field.clear().await?;
        field.send_keys(words).await
    }

    /// Types into whatever has the focus.
    pub(crate) async fn types(&self, keys: impl Into<TypingData>) -> WebDriverResult<()> {
        self.browser.active_element().await?.send_keys(keys).await
    }

    /// Writes a line in the conversation and sends it.
    pub(crate) async fn says(&self, line: &str) -> WebDriverResult<()> {
        self.fills("#composer", line).await?;
        self.types(Key::Enter).await
    }

    /// Writes a line in the thread and sends it.
    pub(crate) async fn replies(&self, line: &str) -> WebDriverResult<()> {
        self.fills("#reply", line).await?;
        self.types(Key::Enter).await
    }

    /// Waits until the element with this id has the focus.
    pub(crate) async fn is_on(&self, css: &str) -> WebDriverResult<()> {
        let focused = format!("{css}:focus");
        self.browser.query(By::Css(focused.as_str())).first().await.map(drop)
    }

    /// Runs this in the page, and gives what it returns.
    pub(crate) async fn runs(&self, script: &str) -> WebDriverResult<Value> {
        let ret = self.browser.execute(script, Vec::new()).await?;
        Ok(ret.json().clone())
    }

    /// How many of these there are.
    pub(crate) async fn counts(&self, css: &str) -> WebDriverResult<u64> {
        let script = format!("return document.querySelectorAll({}).length;", json!(css));
        Ok(self.runs(&script).await?.as_u64().unwrap_or_default())
    }

    /// What a field holds.
    pub(crate) async fn value(&self, css: &str) -> WebDriverResult<String> {
        let field = self.visible(css).first().await?;
        Ok(field.prop("value").await?.unwrap_or_default())
    }

    /// The reader's system is dark.
    pub(crate) async fn goes_dark(&self) -> WebDriverResult<()> {
        self.prefers("dark").await
    }

    async fn prefers(&self, scheme: &str) -> WebDriverResult<()> {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.browser.cdp().send_raw("Emulation.setEmulatedMedia", media).await.map(drop)
    }

    /// Leaves two pictures of the page: light and dark.
    pub(crate) async fn pictures(&self, name: &str) -> WebDriverResult<()> {
        self.picture(name).await?;
        self.goes_dark().await?;
        self.picture(&format!("{name}-dark")).await?;
        self.prefers("light").await
    }

    /// A screen of this size.
    pub(crate) async fn resizes(&self, width: u32, height: u32) -> WebDriverResult<()> {
        let screen = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.browser.cdp().send_raw("Emulation.setDeviceMetricsOverride", screen).await.map(drop)
    }

    /// Leaves a picture of the page.
    pub(crate) async fn picture(&self, name: &str) -> WebDriverResult<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder)?;
        self.browser.screenshot(&folder.join(format!("{name}.png"))).await
    }
}
