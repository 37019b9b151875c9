//! Flow 4: what there is, what can be typed, and what was typed wrong.

use crate::harness::bot::stories;
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use sim::jules::{Fault, Op};

stories! {
    async fn the_connected_repositories_are_listed(bot: Bot) {
        let ack = bot.types("ann", "/jules repos").await;
        let shown = ack.shown.expect("an answer");
        assert!(shown.starts_with("Jules has 96 connected repositories:\n"), "{shown}");
        assert_eq!(shown.lines().filter(|line| line.starts_with('•')).count(), 25);
        assert!(shown.ends_with("… and 71 more. Narrow it down with `/jules repos TEXT`."));
    }

    async fn repositories_are_listed_by_a_part_of_their_name(bot: Bot) {
        let ack = bot.types("ann", "/jules repos WEBSITE").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"
        Jules has 2 connected repositories matching `WEBSITE`:
        • `Acme-Corp/website`
        • `bobalover/Website`
        "));
        let ack = bot.types("ann", "/jules repos 404").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"
        Jules has 1 connected repository matching `404`:
        • `AshikNesin/404less`
        "));
        let ack = bot.types("ann", "/jules repos nothing-like-it").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"Jules has no repository matching `nothing-like-it`. To connect one, open jules.google.com <https://jules.google.com>."));
    }

    async fn only_what_contains_the_text_is_listed(bot: Bot) {
        let ack = bot.types("ann", "/jules repos boba").await;
        let shown = ack.shown.expect("an answer");
        assert_eq!(shown.lines().filter(|line| line.starts_with('•')).count(), 3, "{shown}");
        assert!(!shown.contains("Mobile-App"), "{shown}");
        // Type-ahead forgives more.
        bot.types("ann", "/jules").await;
        let offered = bot.form("ann").type_ahead("Repository", "mblapp").await.expect("offers");
        assert!(offered.iter().any(|choice| choice.text.contains("Mobile-App")), "{offered:?}");
    }

    async fn before_the_list_was_read_it_is_read(mut bot: Bot) {
        bot.kill().await;
        bot.jules.fault(Fault::status(503)).on(Op::ListSources).times(2);
        bot.start().await;
        bot.types("ann", "/jules repos 404").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"Jules isn't responding. Nothing changed. Try again in a minute."));
        bot.hands.forward(SignedDuration::from_mins(1));
        bot.types("ann", "/jules repos 404").await;
        assert!(bot.whispered("ann").contains("AshikNesin/404less"), "{}", bot.whispered("ann"));
    }

    async fn help_names_everything_that_can_be_typed(bot: Bot) {
        let ack = bot.types("ann", "/jules help").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @r#"
        *Copy, change and send*
        ```
        /jules fix the login page
        /jules repo=acme/web branch=develop rename frontend to website
        /jules repo=acme/web plan=ask move the settings to their own page
        ```
        Or mention me (`@jules fix this`; in a thread, Jules also gets the messages before yours), send me a direct message, use *Send to Jules* in a message's menu or the shortcut *New Jules task*, or open my *Home* tab.
        *Start a task* (options go anywhere in it)
        `/jules`  open the form
        `/jules [options] PROMPT`  start a task
        `/jules [options] -- PROMPT`  start a task even if it reads like a command
        `/jules follow [LINK]`  bring a session that began in Jules here (without LINK: pick one)
        `repo=REPO`  repository name, `owner/name` or GitHub address (default: the linked issue's, then this channel's, yours, the workspace's)
        `branch=BRANCH`  branch to start from (default: the repository's default branch)
        `title="WORDS"`  short name for the task (default: its first line)
        `plan=ask|auto`  `ask` waits for approval, `auto` (default) starts right away
        `pr=auto|none`  `auto` (default) opens a pull request when done, `none` doesn't
        `quiet=yes|no`  `yes` only posts when Jules needs someone or is done, `no` (default) posts what Jules says too
        `ping=thread|dm|off`  notify me in the `thread` (default) or in a `dm`, or turn it `off`
        `context=thread|none`  in a thread, send its messages along (`thread`, default for mentions) or not (`none`)
        *Work with Jules*
        `/jules stop`  my open tasks, each with a Stop button
        `/jules approve`  my tasks that are waiting for someone, each with a link
        Reply in a task's thread to talk to Jules, no mention needed. Start with `!aside` to keep a message between people.
        *See what's going on*
        `/jules repos [TEXT]`  repositories connected to Jules, all or those matching TEXT
        `/jules list`  tasks in this channel or conversation
        `/jules status`  my tasks in every channel, plus today's usage
        `/jules access`  who may do what here, and where that is set
        *Set up this channel*
        `/jules bind [REPO] [options]`  send this channel's tasks to a repository, with its own branch and options
        `/jules unbind`  unlink this channel
        `/jules bindings`  all channels and their repositories
        *Set up your own tasks*
        `/jules settings`  my defaults: repository, plan, pull request, notifications
        `/jules key`  connect or remove my own Jules account, or with `workspace` everyone's (a form opens; never type a key in a message)
        *About this app*
        `/jules help`  this help
        `/jules version`  which version of this app is running
        "#));
        assert_eq!(bot.screen("dev").matches("only visible to ann").count(), 1);
    }

    async fn a_slip_starts_nothing_and_shows_the_corrected_command(bot: Bot) {
        let ack = bot.types("ann", "/jules rep=404less rename frontend").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @r"
        Did you mean `repo=`? I didn't start anything.
        ```
        /jules repo=404less rename frontend
        ```
        To send it as is, put `--` before the task.
        [Run this]
        "));
        let ack = bot.types("ann", "/jules hlep").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @r"
        Did you mean `help`? I didn't start anything.
        ```
        /jules help
        ```
        To send it as is, put `--` before the task.
        [Run this]
        "));
        let ack = bot.types("ann", "/jules repo=404less plan=maybe rename frontend").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"`plan=` accepts ask or auto, not `maybe`, so I didn't start anything."));
        let ack = bot.types("ann", "/jules repo= rename frontend").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"`repo=` is empty, so I didn't start anything. It accepts a repository name, owner/name or GitHub address."));
        bot.assert_nothing_started();
    }

    async fn the_corrected_command_can_be_sent_as_it_is(bot: Bot) {
        let ack = bot.types("ann", "/jules rep=404less rename frontend").await;
        let shown = ack.shown.unwrap_or_default();
        let corrected = shown.split("```").nth(1).expect("a command").trim().to_owned();
        bot.types("ann", &corrected).await;
        bot.assert_once("dev");
    }
}
