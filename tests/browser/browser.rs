//! A browser for the length of one story.

use super::desk::Desk;
use super::programs::Program;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::prelude::*;
use thirtyfour::testing::run_browser_test;

/// Longer than anything here takes on a busy machine; what takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often the page is looked at until then.
const LOOK: Duration = Duration::from_millis(100);

/// What a story ends with.
pub(crate) type Told = WebDriverResult<()>;

/// Tells a story on a fresh demo in a fresh browser. When it ends badly, a picture of the end is left.
pub(crate) async fn story<F>(name: &'static str, tell: impl FnOnce(Desk) -> F)
where
    F: Future<Output = Told>,
{
    platform::tls::install();
    let demo = Program::demo();
    let driver = Program::driver();
    let opened = open(&driver.found);
    let told = run_browser_test(opened, |browser| async {
        let desk = Desk::new(browser, &demo.found);
        desk.opens("/").await?;
        let told = tell(desk.clone()).await;
        if told.is_err() {
            desk.picture(&format!("failed-{name}")).await?;
        }
        told
    })
    .await;
    told.unwrap_or_else(|error| panic!("{name}: {error}"));
}

async fn open(driver: &str) -> WebDriverResult<WebDriver> {
    let mut chrome = DesiredCapabilities::chrome();
    let arguments = [
        "--headless=new",
        // The tests may run as root, for example in a container; pages of our own need no sandbox.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-proxy-server",
        "--force-color-profile=srgb",
        "--window-size=1200,860",
        "--lang=en",
    ];
    for argument in arguments {
        chrome.add_arg(argument)?;
    }
    let browser = WebDriver::new(driver, chrome).await?;
    browser.set_poller(Arc::new(ElementPollerWithTimeout::new(PATIENCE, LOOK)));
    Ok(browser)
}
