//! *Show changes*: what a session changed is seen in Slack, by the people who may see it.

use crate::harness::bot::{Bot, Place, stories};
use serde_json::{Value, json};
use sim::jules::{Fault, Op};
use sim::slack::Fault as SlackFault;

const TWO_FILES: &str = "\
diff --git a/src/app.js b/src/app.js
--- a/src/app.js
+++ b/src/app.js
@@ -1 +1,2 @@
-a
+b `x` <!channel>
+c
diff --git a/logo.png b/logo.png
index 1..2 100644
Binary files a/logo.png and b/logo.png differ
";

fn change_set(patch: &str) -> Value {
    json!({ "changeSet": { "source": "sources/github/AshikNesin/404less",
        "gitPatch": { "baseCommitId": "cc774b08", "unidiffPatch": patch } } })
}

/// So many files, each with so many new lines.
fn patch(files: usize, lines: usize) -> String {
    let file = |n: usize| {
        let added: String = (1..=lines).map(|line| format!("+line {line} of file {n}\n")).collect();
        format!(
            "diff --git a/f{n}.txt b/f{n}.txt\nnew file mode 100644\n--- /dev/null\n+++ b/f{n}.txt\n\
             @@ -0,0 +1,{lines} @@\n{added}"
        )
    };
    (1..=files).map(file).collect()
}

/// A task whose session has changed this and ended.
async fn finished(bot: &Bot, patch: &str) -> String {
    bot.types("ann", "/jules repo=404less rename frontend").await;
    bot.watch(10).await;
    let session = bot.session();
    bot.account().complete_with(&session, &[change_set(patch)]);
    bot.watch(60).await;
    session
}

async fn shows(bot: &Bot, name: &str) -> String {
    bot.clicks(name, "Show changes").await;
    bot.form(name).screen()
}

stories! {
    async fn anyone_in_the_channel_sees_the_files_and_their_hunks(bot: Bot) {
        finished(&bot, TWO_FILES).await;
        let shown = shows(&bot, "ben").await;
        for line in ["2 files changed, +2 −1", "src/app.js` +2 −1", "@@ -1 +1,2 @@", "-a", "+b `x` <!channel>", "+c", "logo.png` (binary)"] {
            assert!(shown.contains(line), "{line} is not in\n{shown}");
        }
        assert!(!shown.contains("page 1"), "{shown}");
        assert_eq!(bot.slack_calls("views.open"), 1);
        let calls = bot.slack.calls();
        let opened = calls.iter().find(|call| call.method == "views.open").expect("was opened");
        assert!(opened.args["view"].to_string().contains("Getting the changes"), "{:#}", opened.args);
    }

    async fn long_changes_have_pages(bot: Bot) {
        finished(&bot, &patch(3, 300)).await;
        let first = shows(&bot, "ben").await;
        assert!(first.contains("3 files changed, +900 −0 · page 1 of ") && first.contains("line 1 of file 1\n"), "{first}");
        assert!(first.contains("[Next page]") && !first.contains("[Previous page]"), "{first}");
        let mut all = first.clone();
        while bot.form("ben").screen().contains("[Next page]") {
            bot.form("ben").clicks("Next page").await.expect("is there");
            bot.settle().await;
            all.push_str(&bot.form("ben").screen());
        }
        for file in 1..=3 {
            for line in 1..=300 {
                let words = format!("line {line} of file {file}\n");
                assert_eq!(all.matches(&words).count(), 1, "{words}");
            }
        }
        assert!(all.contains("(continued)"), "{all}");
        bot.form("ben").clicks("Previous page").await.expect("is there");
        bot.settle().await;
        assert!(bot.form("ben").screen().contains("[Next page]"), "{}", bot.form("ben").screen());
        assert_eq!(bot.slack_calls("views.open"), 1);
    }

    async fn very_long_changes_come_as_a_file_to_whoever_asked(bot: Bot) {
        let patch = patch(40, 300);
        finished(&bot, &patch).await;
        let before = bot.said();
        let shown = shows(&bot, "ben").await;
        assert!(shown.contains("40 files changed, +12000 −0") && shown.contains("in a direct message"), "{shown}");
        let dms = bot.slack.channel_messages("@ben");
        let name = dms[0].shown.trim_start_matches("[file ").trim_end_matches(']');
        assert!(name.ends_with(".patch") && shown.contains(name), "{dms:#?}");
        assert_eq!(bot.slack.file(name).as_deref(), Some(patch.as_str()));
        assert_eq!(bot.said(), before, "the thread may have strangers in it");
    }

    async fn without_the_scope_for_files_they_have_more_pages_and_say_what_is_missing(bot: Bot) {
        bot.slack.grant(&["commands", "chat:write", "channels:history", "channels:read", "users:read"]);
        finished(&bot, &patch(60, 300)).await;
        let shown = shows(&bot, "ben").await;
        assert!(shown.contains("page 1 of 40"), "{shown}");
        for _ in 1..40 {
            bot.form("ben").clicks("Next page").await.expect("is there");
            bot.settle().await;
        }
        let last = bot.form("ben").screen();
        assert!(last.contains("page 40 of 40") && last.contains("more characters. Read the rest in Jules"), "{last}");
    }

    async fn a_stranger_sees_nothing_of_it(bot: Bot) {
        finished(&bot, TWO_FILES).await;
        let eve = bot.slack.stranger("eve", "T0OTHER", "dev");
        eve.clicks("dev", "", "Show changes").await.expect("is there");
        bot.settle().await;
        assert!(bot.slack.open_view("eve").is_err());
        assert_eq!(bot.slack_calls("views.open"), 0);
        assert!(bot.whispered("eve").contains("another organisation"), "{}", bot.whispered("eve"));
    }

    async fn what_jules_does_not_have_any_more_is_said(bot: Bot) {
        let session = finished(&bot, TWO_FILES).await;
        bot.account().user_deletes(&session);
        let shown = shows(&bot, "ben").await;
        assert!(shown.contains("Jules doesn't have these changes any more."), "{shown}");
    }

    async fn while_jules_is_down_that_is_said(bot: Bot) {
        finished(&bot, TWO_FILES).await;
        bot.jules.fault(Fault::status(503)).on(Op::GetSession).times(9);
        let shown = shows(&bot, "ben").await;
        assert!(shown.contains("I can't show the changes right now."), "{shown}");
    }

    async fn a_view_that_does_not_open_is_said(bot: Bot) {
        finished(&bot, TWO_FILES).await;
        bot.slack.fault(SlackFault::Error("expired_trigger_id".to_owned())).on("views.open").times(1);
        bot.clicks("ben", "Show changes").await;
        assert_ne!(bot.whispered("ben"), "");
    }

    async fn without_changes_there_is_no_button(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend").await;
        bot.account().complete_with(&bot.session(), &[]);
        bot.watch(60).await;
        assert!(bot.said().contains("*Done*") && !bot.said().contains("Show changes"), "{}", bot.said());
    }
}

#[tokio::test]
async fn changes_of_thirty_megabytes_are_not_read_and_that_is_said() {
    // Patient: thirty megabytes take their time, even on this machine.
    let bot = Bot::patient(Place::file()).await;
    let patch = patch(30, 50_000);
    assert!(patch.len() > 30_000_000, "{}", patch.len());
    finished(&bot, &patch).await;
    assert!(bot.said().contains("*Done*"), "{}", bot.said());
    let shown = shows(&bot, "ben").await;
    assert!(shown.contains("too large"), "{shown}");
}
