//! The moving picture of the README: a task from the command to its pull request, as pictures with the time that
//! each is shown. `docs/images/film` makes one file of them.

use super::browser::story;
use super::desk::{Desk, THREAD};
use std::path::Path;
use std::time::Duration;
use thirtyfour::prelude::*;

/// What is typed.
const COMMAND: &str = "/jules repo=404less plan=ask add a dark mode";

/// How long a picture of something that moves is shown, in milliseconds.
const MOVES: u32 = 300;
/// How long one is shown that there is something to read on.
const READS: u32 = 2_000;

/// No task of the demo takes longer than so many pictures.
const MOST: usize = 200;

/// The pictures so far.
struct Film {
    desk: Desk,
    pictures: Vec<(Vec<u8>, u32)>,
}

impl Film {
    /// Shows the page as it is for so long. A page that looks as before is one picture.
    async fn shows(&mut self, milliseconds: u32) -> WebDriverResult<()> {
        let picture = self.desk.browser.screenshot_as_png().await?;
        match self.pictures.last_mut() {
            Some((last, shown)) if *last == picture => *shown += milliseconds,
            Some(_) | None => self.pictures.push((picture, milliseconds)),
        }
        Ok(())
    }

    /// Shows what goes on until these words are there.
    async fn shows_until(&mut self, css: &str, words: &str) -> WebDriverResult<()> {
        for _ in 0..MOST {
            self.shows(MOVES).await?;
            let found = self.desk.browser.find_all(By::Css(css)).await?;
            for element in found {
                if element.text().await.unwrap_or_default().contains(words) {
                    return Ok(());
                }
            }
            tokio::time::sleep(Duration::from_millis(MOVES.into())).await;
        }
        panic!("{css} never had {words:?}");
    }

    /// Leaves the pictures in a folder. Their names have their order and how long they are shown.
    fn leave_in(&self, folder: &Path) -> std::io::Result<()> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        for (n, (picture, shown)) in self.pictures.iter().enumerate() {
            std::fs::write(folder.join(format!("{n:03}-{shown}.png")), picture)?;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes the README's moving picture: docs/images/film"]
async fn a_task_from_its_command_to_its_pull_request() {
    story("film", |desk| async move {
        desk.resizes(1100, 720).await?;
        desk.sees("#welcome", "Give Jules a task").await?;
        let mut film = Film { desk: desk.clone(), pictures: Vec::new() };
        for typed in ["", "/jules", "/jules repo=404less", "/jules repo=404less plan=ask", COMMAND]
        {
            desk.fills("#composer", typed).await?;
            film.shows(2 * MOVES).await?;
        }
        desk.types(Key::Enter).await?;
        desk.sees("#lines .line[data-by=app] .replies", "").await?;
        film.shows(READS).await?;
        desk.clicks("#lines .line[data-by=app] .replies", "").await?;
        desk.sees("#thread-lines a.button", "Open in Jules").await?;
        film.shows_until(&format!("{THREAD} button"), "Approve").await?;
        film.shows(2 * READS).await?;
        desk.clicks(&format!("{THREAD} button"), "Approve").await?;
        film.shows_until(&format!("{THREAD} a.button"), "Open pull request").await?;
        film.shows_until("#lines [data-by=app] a.button", "Open pull request").await?;
        film.shows(2 * READS).await?;
        assert!(film.pictures.len() > 10, "only {} pictures", film.pictures.len());
        film.leave_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/film"))?;
        Ok(())
    })
    .await;
}
