//! Defaults: mine and the workspace's, which of them counts, and addresses of issues in the text.

use crate::harness::bot::{Bot, Place, stories};
use insta::{allow_duplicates, assert_snapshot};
use sim::slack::{Fault, Outcome};

const ASK: &str = "Wait for approval of the plan";

/// Everything but the scope with which Slack says who is an admin.
const NO_USERS: [&str; 8] = [
    "commands",
    "chat:write",
    "channels:history",
    "groups:history",
    "im:history",
    "channels:read",
    "reactions:write",
    "im:write",
];

/// Leaves only these repositories connected.
async fn only(bot: &Bot, kept: &[&str]) {
    for source in bot.sources().expect("was read").iter() {
        if !kept.contains(&source.repo.to_string().as_str()) {
            bot.account().source(&source.repo.owner, &source.repo.repo).disconnect();
        }
    }
    bot.engine().read_sources(bot.hands.now()).await;
}

async fn disconnected(bot: &Bot, owner: &str, repo: &str) {
    bot.account().source(owner, repo).disconnect();
    bot.engine().read_sources(bot.hands.now()).await;
}

/// Chooses in the open form, and saves.
async fn saves(bot: &Bot, name: &str, choices: &[(&str, &str)]) {
    for (field, choice) in choices {
        if *field == "Repository" {
            bot.picks(name, field, choice).await;
        } else {
            bot.form(name).choose(field, choice).await.expect("is offered");
        }
    }
    assert_eq!(bot.sends(name).await, Outcome::Closed);
}

/// Someone's own defaults become these.
async fn prefers(bot: &Bot, name: &str, choices: &[(&str, &str)]) {
    bot.types(name, "/jules settings").await;
    saves(bot, name, choices).await;
}

/// The form with the workspace's defaults, on the screen of an admin.
async fn opens_workspace(bot: &Bot, name: &str) {
    bot.types(name, "/jules settings").await;
    assert!(bot.form(name).clicks("Workspace defaults").await.expect("is there").ok());
    bot.settle().await;
}

/// The workspace's defaults become these.
async fn decides(bot: &Bot, admin: &str, choices: &[(&str, &str)]) {
    bot.slack.make_admin(admin);
    opens_workspace(bot, admin).await;
    saves(bot, admin, choices).await;
}

fn newest_source(bot: &Bot) -> String {
    bot.account().sessions().last().and_then(|session| session.source.clone()).unwrap_or_default()
}

/// The newest card's last line of words.
fn origin(bot: &Bot) -> String {
    let cards = bot.cards("dev");
    let card = &cards.last().expect("there is a card").shown;
    card.lines().find(|line| line.starts_with("Asked by")).unwrap_or_default().to_owned()
}

stories! {
    async fn my_defaults_are_used_and_named(bot: Bot) {
        bot.types("ann", "/jules settings").await;
        allow_duplicates!(assert_snapshot!(bot.form("ann").screen(), @"
        ┌ My defaults
        │ Repository (optional): [Type to search ▾]
        │   Now: I ask each time
        │ Plan: [No choice (use the workspace default) ▾]
        │   Now: auto (built in)
        │ Pull request: [No choice (use the workspace default) ▾]
        │   Now: auto (built in)
        │ Notify me: [No choice (use the workspace default) ▾]
        │   Now: thread (built in)
        └ [Cancel] [Save]
        "));
        saves(&bot, "ann", &[("Repository", "AshikNesin/404less"), ("Plan", ASK), ("Notify me", "Not at all")]).await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        Saved. Your tasks now use these, unless the channel has its own settings.
        • Repository: `AshikNesin/404less` (yours)
        • Plan: `ask` (yours)
        • Pull request: `auto` (built in)
        • Notify me: `off` (yours)
        [Change]
        "));
        let ack = bot.types("ann", "/jules tidy up").await;
        assert_eq!(ack.shown.unwrap_or_default(), "On it! `AshikNesin/404less`, branch `main` (your default).");
        bot.assert_once("dev");
        assert_eq!(origin(&bot), "Asked by @ann  AshikNesin/404less (their default) · main");
        assert!(bot.account().sessions()[0].require_plan_approval);
        // They are nobody else's.
        bot.types("ben", "/jules tidy up").await;
        assert_eq!(bot.form("ben").field("Repository").expect("is there").value, "");
        // And shown where a task is filled in.
        bot.types("ann", "/jules").await;
        let form = bot.form("ann");
        assert_eq!(form.field("Repository").expect("is there").value, "AshikNesin/404less");
        assert!(form.screen().contains("[x] Let me approve the plan first"), "{}", form.screen());
    }

    async fn what_is_saved_is_shown_again_and_can_be_taken_back(bot: Bot) {
        prefers(&bot, "ann", &[("Repository", "bobalover/boba"), ("Pull request", "Don't open one")]).await;
        bot.types("ann", "/jules settings").await;
        let form = bot.form("ann");
        assert_eq!(form.field("Repository").expect("is there").value, "bobalover/boba");
        assert_eq!(form.field("Pull request").expect("is there").value, "Don't open one");
        assert!(form.screen().contains("Now: none (yours)"), "{}", form.screen());
        form.clear("Repository").await.expect("may be empty");
        form.choose("Pull request", "No choice (use the workspace default)").await.expect("is offered");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        let told = bot.whispered("ann");
        assert!(told.contains("Repository: I ask each time"), "{told}");
        assert!(told.contains("Pull request: `auto` (built in)"), "{told}");
        bot.types("ann", "/jules tidy up").await;
        assert_eq!(bot.form("ann").title(), "New Jules task");
        bot.assert_nothing_started();
    }

    async fn the_workspaces_defaults_count_where_a_person_has_none(bot: Bot) {
        decides(&bot, "zoe", &[("Repository", "bobalover/boba"), ("Plan", ASK), ("Pull request", "Don't open one")]).await;
        allow_duplicates!(assert_snapshot!(bot.slack.channel_messages("@zoe").last().map_or_else(|| bot.whispered("zoe"), |post| post.shown.clone()), @"
        Saved. Tasks now use these, unless the person or the channel has their own settings.
        • Repository: `bobalover/boba` (workspace default)
        • Plan: `ask` (workspace default)
        • Pull request: `none` (workspace default)
        • Notify me: `thread` (built in)
        "));
        prefers(&bot, "ann", &[("Plan", "Start right away")]).await;
        let told = bot.whispered("ann");
        assert!(told.contains("Repository: `bobalover/boba` (workspace default)"), "{told}");
        assert!(told.contains("Plan: `auto` (yours)"), "{told}");
        let ack = bot.types("ann", "/jules tidy up").await;
        assert_eq!(ack.shown.unwrap_or_default(), "On it! `bobalover/boba`, branch `main` (workspace default).");
        assert_eq!(origin(&bot), "Asked by @ann  bobalover/boba (workspace default) · main");
        let session = bot.account().sessions().remove(0);
        assert!(!session.require_plan_approval);
        assert_eq!(session.automation_mode, None);
    }

    async fn typed_then_the_channels_then_mine_then_the_workspaces(bot: Bot) {
        bot.account().limits(1000, 1000);
        decides(&bot, "zoe", &[("Repository", "bobalover/boba")]).await;
        bot.types("ann", "/jules tidy up").await;
        assert_eq!(newest_source(&bot), "sources/github/bobalover/boba");
        prefers(&bot, "ann", &[("Repository", "bobalover/boba-web"), ("Plan", ASK)]).await;
        bot.types("ann", "/jules tidy up").await;
        assert_eq!(newest_source(&bot), "sources/github/bobalover/boba-web");
        bot.types("ben", "/jules bind Acme-Corp/vault plan=auto").await;
        bot.types("ann", "/jules tidy up").await;
        assert_eq!(newest_source(&bot), "sources/github/Acme-Corp/vault");
        let plans = || bot.account().sessions().into_iter().map(|one| one.require_plan_approval);
        assert_eq!(plans().collect::<Vec<_>>(), [false, true, false]);
        // A binding's options belong to its repository, and mine to every task.
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(newest_source(&bot), "sources/github/AshikNesin/404less");
        assert_eq!(plans().next_back(), Some(true));
        bot.types("ann", "/jules settings").await;
        let screen = bot.form("ann").screen();
        assert!(screen.contains("Now: Acme-Corp/vault (this channel)"), "{screen}");
        assert!(screen.contains("Now: auto (this channel)"), "{screen}");
    }

    async fn a_task_of_a_repository_that_is_chosen_with_a_button_has_my_modes(bot: Bot) {
        prefers(&bot, "ann", &[("Plan", ASK), ("Pull request", "Don't open one")]).await;
        bot.types("ann", "/jules repo=website rename it").await;
        bot.clicks("ann", "bobalover/Website").await;
        let session = bot.account().sessions().remove(0);
        assert!(session.require_plan_approval);
        assert_eq!(session.automation_mode, None);
    }

    async fn a_default_that_is_gone_is_said_and_the_next_one_used(bot: Bot) {
        decides(&bot, "zoe", &[("Repository", "bobalover/boba")]).await;
        prefers(&bot, "ann", &[("Repository", "AshikNesin/404less")]).await;
        disconnected(&bot, "AshikNesin", "404less").await;
        bot.types("ann", "/jules tidy up").await;
        assert_eq!(newest_source(&bot), "sources/github/bobalover/boba");
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"On it! `bobalover/boba`, branch `main` (workspace default). Your default `AshikNesin/404less` isn't connected to Jules."));
        allow_duplicates!(assert_snapshot!(origin(&bot), @"Asked by @ann  bobalover/boba (workspace default) · main  their default AshikNesin/404less isn't connected to Jules"));
    }

    async fn where_every_default_is_gone_the_person_is_asked(bot: Bot) {
        prefers(&bot, "ann", &[("Repository", "AshikNesin/404less")]).await;
        disconnected(&bot, "AshikNesin", "404less").await;
        bot.types("ann", "/jules tidy up").await;
        bot.assert_nothing_started();
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        Your default `AshikNesin/404less` isn't connected to Jules, so I didn't start anything. Pick another in the form, or connect it at jules.google.com <https://jules.google.com>.
        [Open the form]
        "));
        bot.clicks("ann", "Open the form").await;
        bot.picks("ann", "Repository", "bobalover/boba").await;
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
        // It can't be saved again, and it's said at its field.
        bot.types("ann", "/jules settings").await;
        let Outcome::Errors(told) = bot.sends("ann").await else { panic!("it was taken") };
        let told: Vec<&str> = told.values().map(String::as_str).collect();
        assert_eq!(told, ["Jules isn't connected to AshikNesin/404less. Connect it at jules.google.com."]);
    }

    async fn of_one_that_is_left_it_is_said_that_it_is_not_the_default(bot: Bot) {
        prefers(&bot, "ann", &[("Repository", "AshikNesin/404less")]).await;
        only(&bot, &["bobalover/boba"]).await;
        bot.types("ann", "/jules tidy up").await;
        assert_eq!(newest_source(&bot), "sources/github/bobalover/boba");
        let told = bot.whispered("ann");
        assert!(told.contains("(the only one connected). Your default `AshikNesin/404less` isn't connected"), "{told}");
    }

    async fn an_issue_of_a_connected_repository_decides(bot: Bot) {
        bot.account().limits(1000, 1000);
        prefers(&bot, "ann", &[("Repository", "AshikNesin/404less")]).await;
        let ack = bot.types("ann", "/jules fix <https://github.com/BobaLover/boba/issues/12#issuecomment-1|boba#12>").await;
        assert_eq!(ack.shown.unwrap_or_default(), "On it! `bobalover/boba`, branch `main` (from the linked issue).");
        assert_eq!(origin(&bot), "Asked by @ann  bobalover/boba (from the linked issue) · main");
        bot.types("ann", "/jules bring https://github.com/bobalover/boba/pull/3/files up to date").await;
        assert_eq!(origin(&bot), "Asked by @ann  bobalover/boba (from the linked pull request) · main");
        // What is typed wins over it, and it wins over a binding.
        bot.types("ann", "/jules repo=404less do https://github.com/bobalover/boba/issues/12 here").await;
        assert_eq!(newest_source(&bot), "sources/github/AshikNesin/404less");
        bot.types("ben", "/jules bind Acme-Corp/vault").await;
        bot.types("ben", "/jules fix https://github.com/bobalover/boba/issues/13").await;
        assert_eq!(newest_source(&bot), "sources/github/bobalover/boba");
    }

    async fn an_issue_of_the_channels_own_repository_keeps_the_channels_options(bot: Bot) {
        bot.types("ben", "/jules bind bobalover/boba branch=develop plan=ask").await;
        bot.types("ann", "/jules fix https://github.com/bobalover/boba/issues/12").await;
        let session = bot.account().sessions().remove(0);
        assert_eq!(session.branch.as_deref(), Some("develop"));
        assert!(session.require_plan_approval);
    }

    async fn an_issue_elsewhere_is_text_unless_nothing_else_decides(bot: Bot) {
        bot.types("ann", "/jules fix https://github.com/rust-lang/rust/issues/1").await;
        bot.assert_nothing_started();
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        `rust-lang/rust` isn't connected to Jules, so I didn't start anything. Pick another in the form, or connect it at jules.google.com <https://jules.google.com>.
        [Open the form]
        "));
        prefers(&bot, "ann", &[("Repository", "AshikNesin/404less")]).await;
        bot.types("ann", "/jules fix it like https://github.com/rust-lang/rust/issues/1").await;
        assert_eq!(newest_source(&bot), "sources/github/AshikNesin/404less");
        assert!(!bot.whispered("ann").contains("rust"), "{}", bot.whispered("ann"));
    }

    async fn an_issue_of_a_repository_connected_a_minute_ago_decides(bot: Bot) {
        bot.account().add_source("acme", "fresh").default_branch("main").branches(["main"]);
        bot.types("ann", "/jules fix https://github.com/acme/fresh/issues/1").await;
        assert_eq!(newest_source(&bot), "sources/github/acme/fresh");
        assert!(bot.whispered("ann").contains("(from the linked issue)"), "{}", bot.whispered("ann"));
    }

    async fn an_address_that_is_only_mentioned_is_offered(bot: Bot) {
        let text = "/jules do it like https://github.com/bobalover/boba and \
                    https://github.com/rust-lang/rust";
        bot.types("ann", text).await;
        bot.assert_nothing_started();
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        Which repository is this for? Jules is connected to 96.
        [bobalover/boba] [Choose…]
        "));
        bot.clicks("ann", "bobalover/boba").await;
        bot.assert_once("dev");
        assert_eq!(newest_source(&bot), "sources/github/bobalover/boba");
        bot.types("ann", text).await;
        bot.clicks("ann", "Choose…").await;
        assert_eq!(bot.form("ann").title(), "New Jules task");
    }

    async fn only_owners_and_admins_change_the_workspaces_defaults(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.slack.make_owner("zoe");
        bot.types("ann", "/jules settings").await;
        assert!(!bot.form("ann").screen().contains("Workspace defaults"), "{}", bot.form("ann").screen());
        opens_workspace(&bot, "zoe").await;
        allow_duplicates!(assert_snapshot!(bot.form("zoe").screen(), @"
        ┌ Workspace defaults
        │ Repository (optional): [Type to search ▾]
        │   Now: I ask each time
        │ Plan: [No choice (use the built-in default) ▾]
        │   Now: auto (built in)
        │ Pull request: [No choice (use the built-in default) ▾]
        │   Now: auto (built in)
        │ Notify me: [No choice (use the built-in default) ▾]
        │   Now: thread (built in)
        └ [Cancel] [Save]
        "));
        // A client that sends whatever it likes: the right is asked for again.
        let workspace = bot.form("zoe").private_metadata();
        let form = bot.form("ann");
        let forged = form.submit_forged(|payload| {
            payload["view"]["private_metadata"] = workspace.into();
        });
        let Outcome::Errors(told) = forged.await.expect("is sent") else { panic!("it was taken") };
        let told: Vec<&str> = told.values().map(String::as_str).collect();
        assert_eq!(told, ["Only owners and admins of this workspace can change its defaults. Ask one of them."]);
        saves(&bot, "zoe", &[("Plan", ASK)]).await;
        assert!(bot.whispered("zoe").contains("Plan: `ask` (workspace default)"), "{}", bot.whispered("zoe"));
    }

    async fn where_slack_does_not_say_who_manages_nobody_does(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.slack.make_admin("zoe");
        opens_workspace(&bot, "zoe").await;
        bot.slack.fault(Fault::Error("user_not_found".to_owned())).on("users.info").times(9);
        bot.hands.forward(jiff::SignedDuration::from_mins(11));
        let Outcome::Errors(told) = bot.sends("zoe").await else { panic!("it was taken") };
        let told: Vec<&str> = told.values().map(String::as_str).collect();
        assert_eq!(told, ["I couldn't check whether you're an owner or admin, so nothing changed. Try again in a minute."]);
    }

    async fn without_the_scope_nobody_manages(mut bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.slack.make_admin("zoe");
        opens_workspace(&bot, "zoe").await;
        bot.kill().await;
        bot.slack.grant(&NO_USERS);
        bot.start().await;
        let Outcome::Errors(told) = bot.sends("zoe").await else { panic!("it was taken") };
        let told: Vec<&str> = told.values().map(String::as_str).collect();
        assert!(told[0].contains("without the scope users:read"), "{told:?}");
        bot.form("zoe").close().await.expect("closes");
        bot.types("zoe", "/jules settings").await;
        assert!(!bot.form("zoe").screen().contains("Workspace defaults"));
        bot.form("zoe").close().await.expect("closes");
        // As the scheduler does, every few minutes.
        bot.slack.grant(&[&NO_USERS[..], &["users:read"]].concat());
        let tried = bot.running().run(|engine| async move { engine.try_lacking_scopes().await });
        tried.await.expect("lives");
        bot.types("zoe", "/jules settings").await;
        assert!(bot.form("zoe").screen().contains("Workspace defaults"), "{}", bot.form("zoe").screen());
    }

    async fn a_form_that_does_not_open_is_told_in_words(bot: Bot) {
        bot.slack.fault(Fault::Error("expired_trigger_id".to_owned())).on("views.open").times(1);
        bot.types("ann", "/jules settings").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        Your tasks use:
        • Repository: I ask each time
        • Plan: `auto` (built in)
        • Pull request: `auto` (built in)
        • Notify me: `thread` (built in)
        [Change]
        "));
        bot.clicks("ann", "Change").await;
        assert_eq!(bot.form("ann").title(), "My defaults");
    }

    async fn a_form_that_is_delivered_again_is_obeyed_once(bot: Bot) {
        prefers(&bot, "ann", &[("Repository", "bobalover/boba")]).await;
        let told = bot.privately("ann");
        let again = bot.slack.user("ann").redeliver_last().await.expect("was sent");
        assert!(again.ok() && again.body.is_empty(), "{again:?}");
        bot.settle().await;
        assert_eq!(bot.privately("ann"), told);
    }

    async fn defaults_outlive_a_restart(mut bot: Bot) {
        prefers(&bot, "ann", &[("Repository", "bobalover/boba"), ("Plan", ASK)]).await;
        bot.kill().await;
        bot.start().await;
        bot.types("ann", "/jules tidy up").await;
        assert_eq!(newest_source(&bot), "sources/github/bobalover/boba");
        assert!(bot.account().sessions()[0].require_plan_approval);
    }

    async fn a_form_of_another_channel_shows_nothing_of_it(bot: Bot) {
        let secret = bot.slack.private_channel("secret", &["zoe"]);
        bot.slack.invite("secret", "jules");
        bot.types_in("zoe", "secret", "/jules bind Acme-Corp/vault").await;
        bot.types("ann", "/jules settings").await;
        let form = bot.form("ann");
        let forged = form.submit_forged(|payload| {
            let metadata = payload["view"]["private_metadata"].as_str().unwrap_or_default();
            let mut metadata: serde_json::Value = serde_json::from_str(metadata).expect("is JSON");
            metadata["owner"]["settings"][1] = secret.into();
            payload["view"]["private_metadata"] = metadata.to_string().into();
        });
        assert_eq!(forged.await.expect("is sent"), Outcome::Closed);
        bot.settle().await;
        let dms = bot.slack.channel_messages("@ann");
        let told = dms.last().map(|post| post.shown.clone()).unwrap_or_default();
        assert!(told.contains("Saved.") && told.contains("I ask each time"), "{told}");
    }

    async fn a_mention_goes_by_the_same_defaults(bot: Bot) {
        bot.account().limits(1000, 1000);
        prefers(&bot, "ann", &[("Repository", "bobalover/boba"), ("Plan", ASK)]).await;
        bot.mentions("ann", None, "tidy up").await;
        assert_eq!(newest_source(&bot), "sources/github/bobalover/boba");
        assert!(bot.account().sessions()[0].require_plan_approval);
        bot.mentions("ann", None, "fix https://github.com/AshikNesin/404less/issues/1").await;
        assert_eq!(newest_source(&bot), "sources/github/AshikNesin/404less");
        bot.mentions("ann", None, "settings").await;
        let told = bot.whispered("ann");
        assert!(told.contains("Your tasks use:") && told.contains("`bobalover/boba` (yours)"), "{told}");
        // Where nothing decides, what the text has an address of comes first.
        bot.mentions("ben", None, "do it like https://github.com/Acme-Corp/vault").await;
        let offer = bot.slack.ephemerals("ben").pop().expect("an offer");
        assert_eq!(offer.buttons[0], "Acme-Corp/vault", "{offer:?}");
    }

    async fn my_ping_counts_for_tasks_in_every_channel(bot: Bot) {
        prefers(&bot, "ann", &[("Notify me", "In a direct message")]).await;
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        bot.account().plan(&bot.session(), &[("Look around", "")]);
        bot.watch(10).await;
        let dms = bot.slack.channel_messages("@ann");
        assert!(dms.iter().any(|post| post.shown.contains("waiting")), "{dms:?}");
    }
}

#[tokio::test]
async fn another_replica_uses_defaults_that_were_saved_at_one() {
    let bot = Bot::new(Place::redis()).await;
    let other = bot.replica().await;
    bot.account().limits(1000, 1000);
    let at = |url: &str| bot.slack.deliver_to(&format!("{url}/slack/events"));
    // The other one has read that there are none.
    at(&other.url);
    bot.types("ann", "/jules repo=404less tidy up").await;
    other.settle().await;
    at(bot.url());
    prefers(&bot, "ann", &[("Repository", "bobalover/boba"), ("Plan", ASK)]).await;
    at(&other.url);
    bot.types("ann", "/jules tidy up").await;
    other.settle().await;
    assert_eq!(newest_source(&bot), "sources/github/bobalover/boba");
    assert!(bot.account().sessions()[1].require_plan_approval);
    // And where the repository is typed, so that only a mode comes from there.
    at(bot.url());
    bot.types("ann", "/jules repo=404less tidy up").await;
    prefers(&bot, "ann", &[("Plan", "Start right away")]).await;
    at(&other.url);
    bot.types("ann", "/jules repo=404less tidy up").await;
    other.settle().await;
    assert!(!bot.account().sessions()[3].require_plan_approval);
}
