//! What is typed by mistake: nothing starts on it, and its author is told what to do instead.

use crate::harness::bot::{Bot, stories};
use sim::slack::Outcome;

/// Shaped like a key of Jules'.
const JULES_KEY: &str = "AQ.Ab8RN6K1simulated0key0of0nobody";

async fn bound(bot: &Bot) {
    bot.types("ann", "/jules bind Acme-Corp/vault").await;
}

/// The key is nowhere: not on anyone's screen but where it was typed, not at Jules, not in the store, not
/// in the log.
async fn assert_nowhere(bot: &Bot, key: &str) {
    assert!(!bot.privately("ann").contains(key), "{}", bot.privately("ann"));
    assert!(!bot.told_jules().concat().contains(key));
    assert!(bot.asked_of_jules().iter().all(|body| !body.to_string().contains(key)));
    let cards = bot.cards("dev");
    assert!(cards.iter().all(|card| !card.shown.contains(key)), "{cards:?}");
    assert!(!bot.logged().contains(key));
    let (store, now) = (bot.engine().store(), bot.hands.now());
    for name in store.list("", None, 10_000, now).await.expect("the store answers") {
        let live = store.get(&name, now).await.expect("the store answers");
        let body = live.map(|(_, document)| document.body).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&body).contains(key), "{}", name.as_str());
    }
}

stories! {
    async fn a_slip_in_an_option_never_starts_on_the_channels_repository(bot: Bot) {
        bound(&bot).await;
        for slip in [
            "repo = 404less fix it",
            "repo: 404less fix it",
            "repo：404less fix it",
            "ｒｅｐｏ＝404less，fix it",
            "repo—404less fix it",
            "`repo=404less` fix it",
            "Repo:\n404less\nfix it",
            "--repo 404less fix it",
            "—repo 404less fix it",
            "*repo=404less* fix it",
            "fix it repo = AshikNesin/404less",
            "fix it\nrepo: https://github.com/AshikNesin/404less",
            "repo 404less fix it",
            "branch = develop fix it",
            "branch: gh-pages fix it",
            "repo=404less branch = y fix it",
            "plan: ask fix it",
            "--plan ask fix it",
            "fix it pr : none",
            "fix it quiet: yes",
        ] {
            bot.types("ann", &format!("/jules {slip}")).await;
            let told = bot.whispered("ann");
            assert!(told.contains("I didn't start anything.") && told.contains("[Run this]"), "{slip}: {told}");
        }
        bot.assert_nothing_started();
        assert_eq!(
            bot.whispered("ann"),
            "Did you mean `quiet=`? I didn't start anything.\n```\n/jules fix it quiet=yes\n```\nTo send it as \
             is, put `--` before the task.\n[Run this]"
        );
    }

    async fn prose_that_only_looks_like_an_option_is_a_task(bot: Bot) {
        bound(&bot).await;
        for words in [
            "explain why repo is slow",
            "set timeout = 30",
            "plan: migrate the db",
            "plan the migration",
            "repo: the word is used twice in the docs",
            "branch: document how we name them",
        ] {
            bot.types("ann", &format!("/jules {words}")).await;
            let told = bot.whispered("ann");
            assert!(told.starts_with("On it! `Acme-Corp/vault`, branch `main`"), "{words}: {told}");
        }
    }

    async fn before_the_list_is_read_a_slip_is_not_taken_for_prose_either(mut bot: Bot) {
        bound(&bot).await;
        bot.kill().await;
        let young = bot.young_replica().await;
        young.run(|engine| async move { engine.learn_identity().await.is_ok() }).await;
        bot.slack.deliver_to(&format!("{}/slack/events", young.url));
        let ack = bot.slack.user("ann").types("dev", "/jules repo: 404less fix it").await;
        let told = ack.expect("can type there").shown.unwrap_or_default();
        assert!(told.contains("/jules repo=404less fix it"), "{told}");
        bot.assert_nothing_started();
    }

    async fn a_lone_word_starts_nothing_and_is_answered(bot: Bot) {
        bound(&bot).await;
        for word in [
            "reject", "retry", "resume", "pause", "delete", "config", "login", "whoami", "ping", "new",
            "delete it", "Retry!",
        ] {
            bot.types("ann", &format!("/jules {word}")).await;
            let told = bot.whispered("ann");
            assert!(told.contains("doesn't look like a task, so I didn't start anything"), "{word}: {told}");
        }
        for word in ["--help", "-h", "?", "help me", "please help!", "？"] {
            bot.types("ann", &format!("/jules {word}")).await;
            assert!(bot.whispered("ann").starts_with("*Copy, change and send*"), "{word}");
        }
        for (words, corrected) in [
            ("unbind Acme-Corp/vault", "/jules unbind"),
            ("bind Acme-Corp/vault#develop", "/jules bind Acme-Corp/vault branch=develop"),
            ("bind this channel to Acme-Corp/vault", "/jules bind Acme-Corp/vault"),
            ("list mine", "/jules list"),
        ] {
            bot.types("ann", &format!("/jules {words}")).await;
            let told = bot.whispered("ann");
            assert!(told.contains("[Run this]") && told.contains(corrected), "{words}: {told}");
        }
        for words in ["please stop", "stop。", "can you cancel the last task?", "*abort*"] {
            bot.types("ann", &format!("/jules {words}")).await;
            assert!(bot.whispered("ann").contains("You have no open tasks"), "{words}");
        }
        bot.types("ann", "/jules version").await;
        let version = bot.whispered("ann");
        assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
        bot.assert_nothing_started();
        bot.types("ann", "/jules -- stop").await;
        assert_eq!(bot.asked_of_jules()[0]["prompt"], "stop");
    }

    async fn stop_lists_what_can_be_stopped(bot: Bot) {
        bot.types("ann", "/jules stop").await;
        assert!(bot.whispered("ann").contains("You have no open tasks"), "{}", bot.whispered("ann"));
        bot.types("ann", "/jules repo=404less rename frontend").await;
        bot.types("ann", "/jules repo=boba tidy up").await;
        bot.types("ben", "/jules repo=boba something else").await;
        bot.watch(10).await;
        let first = bot.account().sessions()[0].id.clone();
        bot.account().finish(&first);
        bot.watch(30).await;
        bot.types("ann", "/jules cancel").await;
        let listed = bot.whispered("ann");
        assert!(listed.contains("tidy up") && listed.contains("[Stop]"), "{listed}");
        assert!(!listed.contains("rename frontend") && !listed.contains("something else"), "{listed}");
        assert_eq!(bot.account().sessions().len(), 3);
        bot.slack.user("ann").clicks("dev", "Your open tasks", "Stop").await.expect("is there");
        bot.settle().await;
        assert!(bot.cards("dev")[1].shown.contains("*Stopped* by @ann"), "{}", bot.cards("dev")[1].shown);
    }

    async fn approve_lists_what_is_waiting(bot: Bot) {
        bot.types("ann", "/jules approve").await;
        assert!(bot.whispered("ann").contains("None of your tasks is waiting"), "{}", bot.whispered("ann"));
        bot.types("ann", "/jules repo=boba tidy up").await;
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        bot.account().plan(&bot.session(), &[("Look", ""), ("Rename", "")]);
        bot.watch(10).await;
        bot.types("ann", "/jules lgtm").await;
        let listed = bot.whispered("ann");
        assert!(listed.contains("rename frontend") && listed.contains("[Review plan]"), "{listed}");
        assert!(!listed.contains("tidy up"), "{listed}");
        assert_eq!(bot.account().sessions().len(), 2);
    }

    async fn a_key_is_refused_in_private_wherever_it_is_typed(bot: Bot) {
        bound(&bot).await;
        for text in [
            format!("key {JULES_KEY}"),
            format!("key={JULES_KEY}"),
            format!("set key {JULES_KEY} please"),
            format!("fix the login with {JULES_KEY} as the key"),
            format!("-- {JULES_KEY}"),
            format!("title=\"{JULES_KEY}\" fix it"),
            format!("repos {JULES_KEY}"),
            "token xoxb-123456789012-a1B2c3D4e5F6".to_owned(),
            "ghp_a1B2c3D4e5F6g7H8i9J0 is the token".to_owned(),
            format!("fix it\n`{JULES_KEY}`\nplease"),
            format!("“{JULES_KEY}”, that is the key."),
            "here is my token: 3f9c0d1e2b4a59687f".to_owned(),
        ] {
            bot.types("ann", &format!("/jules {text}")).await;
            let told = bot.whispered("ann");
            assert!(told.contains("looks like a key or token, so I didn't start anything"), "{told}");
        }
        bot.assert_nothing_started();
        assert_nowhere(&bot, JULES_KEY).await;
        bot.types("ann", "/jules upgrade sk-learn").await;
        assert_eq!(bot.asked_of_jules()[0]["prompt"], "upgrade sk-learn");
    }

    async fn a_key_in_a_form_is_an_error_at_its_field(bot: Bot) {
        bot.types("ann", "/jules repo=404less").await;
        let form = bot.form("ann");
        form.fill("What should Jules do?", &format!("log in with {JULES_KEY}")).await.expect("fills");
        form.fill("Title", "xoxb-123456789012-a1B2c3D4e5F6").await.expect("fills");
        let Outcome::Errors(told) = bot.sends("ann").await else { panic!("it was taken") };
        assert!(told["prompt"].contains("looks like a key or token"), "{told:?}");
        assert!(told["title"].contains("looks like a key or token"), "{told:?}");
        bot.assert_nothing_started();
        let form = bot.form("ann");
        form.fill("What should Jules do?", "log in").await.expect("fills");
        form.fill("Title", "").await.expect("fills");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
        assert_nowhere(&bot, JULES_KEY).await;
    }

    async fn a_key_in_a_threads_reply_does_not_reach_jules(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        bot.account().plan(&bot.session(), &[("Look", ""), ("Rename", "")]);
        bot.watch(10).await;
        let ts = bot.replies("ann", &format!("use {JULES_KEY} to log in")).await;
        assert_eq!(bot.reactions(&ts), Vec::<String>::new());
        assert_eq!(
            bot.whispered("ann"),
            "That looks like a key or token, so I didn't send it to Jules. Delete your message and \
             replace the key, because people here can see it."
        );
        bot.clicks("ann", "Ask for changes").await;
        let form = bot.form("ann");
        form.fill("What should change?", JULES_KEY).await.expect("fills");
        let Outcome::Errors(told) = bot.sends("ann").await else { panic!("it was taken") };
        assert!(told["changes"].contains("looks like a key or token"), "{told:?}");
        bot.watch(60).await;
        assert_nowhere(&bot, JULES_KEY).await;
    }

    async fn a_word_for_a_button_is_answered_with_the_button(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        let session = bot.session();
        bot.account().plan(&session, &[("Look", ""), ("Rename", "")]);
        bot.watch(10).await;
        for words in ["approve", "LGTM!", "ok go", "ok, go 👍", "looks good, approve it", "yes", ":+1:"] {
            let ts = bot.replies("ben", words).await;
            assert_eq!(bot.reactions(&ts), Vec::<String>::new(), "{words}");
        }
        assert_eq!(
            bot.whispered("ben"),
            "I didn't send that to Jules, because any message makes it write a new plan. To \
             approve this one, press *Approve*.\n[Approve] [Ask for changes]"
        );
        bot.replies("ben", "Stop.").await;
        assert_eq!(
            bot.whispered("ben"),
            "I didn't send that to Jules, because a message doesn't stop it. To stop this \
             task, press *Stop*.\n[Stop]"
        );
        assert_eq!(bot.told_jules(), Vec::<String>::new());
        bot.clicks("ben", "Approve").await;
        bot.watch(10).await;
        assert!(bot.said().contains("Approved by @ben"), "{}", bot.said());
        // Nothing is waiting any more: a word for an approval is no instruction, agreement may be.
        bot.replies("ann", "approve").await;
        assert_eq!(
            bot.whispered("ann"),
            "No plan is waiting for approval here, so I didn't send that to Jules. If it's meant for \
             Jules, add a few words."
        );
        bot.replies("ann", "stop it").await;
        assert!(bot.whispered("ann").contains("[Stop]"), "{}", bot.whispered("ann"));
        assert_eq!(bot.told_jules(), Vec::<String>::new());
        bot.replies("ann", "stop using lodash").await;
        bot.replies("ann", "yes").await;
        assert_eq!(bot.told_jules(), ["stop using lodash", "yes"]);
        bot.account().finish(&session);
        bot.watch(30).await;
        bot.replies("ann", "lgtm").await;
        bot.replies("ann", "cancel").await;
        assert_eq!(bot.told_jules().len(), 2, "a finished session is not woken by that");
    }

    async fn a_question_is_answered_with_any_word_but_stop(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend").await;
        let session = bot.session();
        bot.account().ask(&session, "Shall I rename the folder, too?");
        bot.watch(20).await;
        bot.replies("ann", "stop").await;
        assert!(bot.whispered("ann").contains("[Stop]"), "{}", bot.whispered("ann"));
        bot.replies("ann", "approve").await;
        assert_eq!(bot.told_jules(), ["approve"]);
    }

    async fn an_option_inside_quotes_is_part_of_the_prompt(bot: Bot) {
        bound(&bot).await;
        bot.types("ann", "/jules repo=404less \"see repo=boba and repo=Acme-Corp/vault\"").await;
        bot.types("ann", "/jules explain what “repo=boba branch=develop” means").await;
        let sources: Vec<_> = bot.account().sessions().iter().filter_map(|one| one.source.clone()).collect();
        assert_eq!(sources, ["sources/github/AshikNesin/404less", "sources/github/Acme-Corp/vault"]);
        assert_eq!(bot.asked_of_jules()[0]["prompt"], "\"see repo=boba and repo=Acme-Corp/vault\"");
    }

    async fn the_corrected_command_runs_with_a_click_once(bot: Bot) {
        bot.types("ann", "/jules rep=404less plan=ask rename `a b`\n  and   more").await;
        bot.assert_nothing_started();
        let button = bot.slack.user("ann").sees("dev", "Did you mean", "Run this").expect("is there");
        bot.clicks("ann", "Run this").await;
        bot.assert_once("dev");
        let session = bot.account().sessions().remove(0);
        assert_eq!(session.source.as_deref(), Some("sources/github/AshikNesin/404less"));
        assert_eq!(session.prompt, "rename `a b`\n  and   more");
        assert!(session.require_plan_approval && bot.card().contains("Asked by @ann"), "{}", bot.card());
        let left = bot.privately("ann");
        assert!(!left.contains("Run this") && left.contains("`AshikNesin/404less`"), "{left}");
        bot.slack.user("ann").redeliver_last().await.expect("again");
        bot.settle().await;
        bot.hands.forward(jiff::SignedDuration::from_secs(1));
        drop(bot.slack.user("ann").presses(&button).await);
        bot.settle().await;
        bot.assert_once("dev");
    }

    async fn the_corrected_command_is_for_its_author_and_for_half_an_hour(bot: Bot) {
        bot.types("ann", "/jules rep=404less rename it").await;
        let button = bot.slack.user("ann").sees("dev", "Did you mean", "Run this").expect("is there");
        bot.slack.user("ben").presses(&button).await.expect("is there");
        bot.settle().await;
        bot.assert_nothing_started();
        assert!(bot.privately("ann").contains("[Run this]"), "{}", bot.privately("ann"));
        bot.hands.forward(jiff::SignedDuration::from_mins(31));
        bot.slack.user("ann").presses(&button).await.expect("is there");
        bot.settle().await;
        bot.assert_nothing_started();
        assert!(bot.whispered("ann").contains("This button has expired"), "{}", bot.whispered("ann"));
    }

    async fn any_corrected_command_runs_with_a_click(bot: Bot) {
        bot.types("ann", "/jules bind this channel to Acme-Corp/vault").await;
        bot.clicks("ann", "Run this").await;
        assert!(bot.screen("dev").contains("@ann bound this channel to `Acme-Corp/vault`"), "{}", bot.screen("dev"));
        assert!(!bot.privately("ann").contains("Run this"), "{}", bot.privately("ann"));
        bot.types("ann", "/jules lsit").await;
        bot.clicks("ann", "Run this").await;
        assert!(bot.whispered("ann").contains("Tasks here"), "{}", bot.whispered("ann"));
    }

    async fn a_correction_that_no_button_can_carry_is_shown_without_one(bot: Bot) {
        let long = "word ".repeat(500);
        bot.types("ann", &format!("/jules rep=404less {long}")).await;
        let told = bot.whispered("ann");
        assert!(told.contains("Did you mean `repo=`?") && !told.contains("[Run this]"), "{told}");
        bot.assert_nothing_started();
    }
}
