//! Who may do what: roles, rules by place and repository, lists, caps, and what someone is told who may not.

use crate::harness::bot::{Bot, stories};
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use serde_json::json;
use sim::jules::Op;
use sim::slack::Fault;

/// A task of Ann's in #dev whose plan is waiting.
async fn planned(bot: &Bot) {
    bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
    bot.account().plan(&bot.session(), &[("Look", ""), ("Rename", "")]);
    bot.watch(10).await;
}

/// What someone was told last, whether in an acknowledgement or later.
async fn told(bot: &Bot, name: &str, command: &str) -> String {
    let before = bot.slack.ephemerals(name).len();
    let ack = bot.types(name, command).await;
    let later = bot.slack.ephemerals(name).split_off(before);
    let later = later.last().map(|line| line.shown.clone());
    later.or(ack.shown).unwrap_or_default()
}

stories! {
    async fn guests_only_look_unless_a_rule_lets_them(bot: Bot) {
        bot.slack.invite("dev", "gus");
        bot.slack.make_guest("gus");
        let refused = told(&bot, "gus", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"Guests can't start tasks here (the default). Ask a member to start it."));
        bot.assert_nothing_started();
        assert!(told(&bot, "gus", "/jules help").await.contains("/jules"), "looking is free");
        planned(&bot).await;
        let said = bot.replies("gus", "use the new name").await;
        assert_eq!((bot.told_jules(), bot.reactions(&said)), (Vec::<String>::new(), Vec::new()));
        allow_duplicates!(assert_snapshot!(bot.whispered("gus"), @"Guests can't answer or stop tasks here (the default). Ask a member to do it for you."));
        bot.clicks("gus", "Approve").await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 0);
        assert!(bot.whispered("gus").starts_with("Guests can't approve plans here"), "{}", bot.whispered("gus"));
        bot.rules("[defaults]\nguests = \"steer\"");
        bot.replies("gus", "use the new name").await;
        bot.watch(5).await;
        assert_eq!(bot.told_jules(), ["use the new name"]);
        assert!(told(&bot, "gus", "/jules repo=404less tidy up").await.starts_with("Guests can't start"));
        bot.rules("[defaults]\nguests = \"start\"");
        bot.types("gus", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 2);
    }

    async fn a_refused_reply_is_told_once_for_each_thread_unless_it_calls_the_bot(bot: Bot) {
        bot.slack.invite("dev", "gus");
        bot.slack.make_guest("gus");
        planned(&bot).await;
        bot.replies("gus", "one").await;
        bot.replies("gus", "two").await;
        assert_eq!(bot.slack.ephemerals("gus").len(), 1, "{}", bot.privately("gus"));
        bot.mentions("gus", Some(&bot.root()), "three").await;
        assert_eq!(bot.slack.ephemerals("gus").len(), 2, "{}", bot.privately("gus"));
        assert_eq!(bot.told_jules(), Vec::<String>::new());
    }

    async fn the_most_specific_place_decides(bot: Bot) {
        let (dev, ben) = (bot.slack.channel("dev"), bot.slack.user("ben").id().to_owned());
        bot.rules(&format!("[defaults]\nstart = \"admins\"\n[channel.{dev}]\nstart = [\"{ben}\"]"));
        let refused = told(&bot, "ann", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"Only @ben can start tasks (set for this channel). Ask them to start it."));
        bot.assert_nothing_started();
        bot.types("ben", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 1);
        bot.slack.channel("ops");
        bot.slack.invite("ops", "ben");
        let ack = bot.types_in("ben", "ops", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"Only owners and admins of this workspace can start tasks (set by the person who runs this app). Ask one of them to start it."));
        assert_eq!(bot.account().sessions().len(), 1);
        bot.slack.make_admin("ben");
        bot.slack.deliver_events().await;
        bot.types_in("ben", "ops", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 2, "Slack tells of it, and what was remembered is forgotten");
    }

    async fn every_rule_for_a_repository_has_to_say_yes(bot: Bot) {
        let (ann, ben) = (bot.slack.user("ann").id().to_owned(), bot.slack.user("ben").id().to_owned());
        bot.rules(&format!(
            "[repository.\"bobalover/*\"]\nstart = [\"{ann}\", \"{ben}\"]\n\
             [repository.\"*/boba\"]\nstart = [\"{ben}\"]"
        ));
        let refused = told(&bot, "ann", "/jules repo=bobalover/boba tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"Only @ben can start tasks on `bobalover/boba` (set for this repository). Ask them to start it."));
        bot.assert_nothing_started();
        bot.types("ann", "/jules repo=bobalover/boba-web tidy up").await;
        bot.types("ben", "/jules repo=bobalover/boba tidy up").await;
        assert_eq!(bot.account().sessions().len(), 2);
        // Whom a repository's rule keeps out isn't shown it either.
        assert!(!told(&bot, "ann", "/jules repos boba").await.contains("`bobalover/boba`\n"));
    }

    async fn four_eyes_and_the_requesters_own(bot: Bot) {
        bot.rules("[defaults]\napprove = \"other\"\nsteer = \"requester\"");
        planned(&bot).await;
        bot.clicks("ann", "Approve").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"You asked for this task, so someone else has to approve its plan (set by the person who runs this app). Ask a teammate to approve it."));
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 0);
        bot.clicks("ben", "Stop").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ben"), @"Only the person who asked for this task can do that (set by the person who runs this app). Ask @ann to do it for you."));
        bot.clicks("ben", "Approve").await;
        bot.watch(5).await;
        assert_eq!((bot.jules_calls(Op::ApprovePlan), bot.jules_calls(Op::ArchiveSession)), (1, 0));
    }

    async fn a_group_is_asked_of_slack_and_fails_closed(bot: Bot) {
        let leads = bot.slack.group("leads", &["ben"]);
        bot.rules(&format!("[defaults]\nstart = [\"{leads}\"]"));
        let refused = told(&bot, "ann", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"Only @leads can start tasks (set by the person who runs this app). Ask one of them to start it."));
        bot.types("ben", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 1);
        // Slack tells when its people change.
        bot.slack.group("leads", &["ann"]);
        bot.slack.deliver_events().await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 2);
        assert!(told(&bot, "ben", "/jules repo=404less tidy up").await.starts_with("Only @leads"));
        // What nobody can find out is a no.
        bot.hands.forward(SignedDuration::from_mins(11));
        bot.slack.fault(Fault::Error("internal_error".to_owned())).on("usergroups.users.list").times(5);
        let refused = told(&bot, "ann", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"I couldn't check whether you may do that, because Slack didn't answer, so I didn't do anything. Try again in a minute."));
        assert_eq!(bot.account().sessions().len(), 2);
    }

    async fn a_repository_that_is_left_out_is_hidden_and_refused(bot: Bot) {
        bot.rules("[defaults]\nrepos = [\"bobalover/*\", \"AshikNesin/*\", \"!bobalover/boba\"]");
        let listed = told(&bot, "ann", "/jules repos").await;
        assert!(listed.contains("bobalover/boba-web") && !listed.contains("Acme-Corp"), "{listed}");
        assert!(!listed.contains("`bobalover/boba`"), "{listed}");
        let refused = told(&bot, "ann", "/jules repo=bobalover/boba tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"You can't use `bobalover/boba` here (set by the person who runs this app). `/jules repos` lists what you can use."));
        assert!(told(&bot, "ann", "/jules bind Acme-Corp/vault").await.starts_with("You can't use `Acme-Corp/vault`"));
        bot.assert_nothing_started();
        bot.types("ann", "/jules").await;
        let form = bot.form("ann");
        let offered = form.type_ahead("Repository", "boba").await.expect("offers something");
        assert!(!offered.is_empty() && !offered.iter().any(|one| one.text == "bobalover/boba"), "{offered:?}");
    }

    async fn where_only_the_bound_repository_counts(bot: Bot) {
        bot.rules("[defaults]\nrepos = \"bound\"");
        let refused = told(&bot, "ann", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"You can't use `AshikNesin/404less` here, because this channel isn't bound to a repository (set by the person who runs this app). Bind it with `/jules bind owner/repo`, or use a channel that is."));
        bot.types("ann", "/jules bind 404less").await;
        let refused = told(&bot, "ann", "/jules repo=Acme-Corp/vault tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"You can't use `Acme-Corp/vault` here: this channel's tasks are for `AshikNesin/404less` (set by the person who runs this app). Use a channel that is bound to it."));
        bot.types("ann", "/jules tidy up").await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 2);
    }

    async fn channels_that_are_shared_can_be_left_out(bot: Bot) {
        bot.rules("[defaults]\nshared = \"off\"");
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 1);
        bot.slack.channel("ops");
        bot.slack.stranger("eve", "T0OTHER", "ops");
        let ack = bot.types_in("ann", "ops", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"You can't start tasks in channels that other organisations are in (set by the person who runs this app). Use another channel."));
        let ack = bot.types_in("ann", "ops", "/jules bind 404less").await;
        assert!(ack.shown.unwrap_or_default().starts_with("You can't bind channels"));
        assert_eq!(bot.account().sessions().len(), 1);
    }

    async fn direct_messages_and_threads_can_be_switched_off(bot: Bot) {
        bot.rules("[defaults]\ndm = false\ncontext = false");
        let ann = bot.slack.user("ann");
        ann.writes_to_the_bot(None, "repo=404less tidy up").await.expect("can write");
        bot.settle().await;
        bot.assert_nothing_started();
        let last = bot.slack.channel_messages("@ann").last().map(|post| post.shown.clone());
        allow_duplicates!(assert_snapshot!(last.unwrap_or_default(), @"You can't start tasks in direct messages (set by the person who runs this app). Start this one in a channel."));
        let root = bot.says("ben", None, "The login page is blank on Safari").await;
        bot.mentions("ann", Some(&root), "repo=404less fix this").await;
        let asked = bot.asked_of_jules();
        assert_eq!(asked.len(), 1);
        assert!(!asked[0]["prompt"].as_str().expect("a prompt").contains("Safari"), "{asked:?}");
    }

    async fn caps_of_open_tasks_free_up_when_one_ends(bot: Bot) {
        bot.account().limits(1000, 1000);
        bot.rules("[defaults]\nopen_tasks = { person = 2 }");
        for _ in 0..2 {
            bot.types("ann", "/jules repo=404less tidy up").await;
        }
        let refused = told(&bot, "ann", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"You have 2 open tasks, the most you can have (set by the person who runs this app). Wait until one is done, or stop one with `/jules stop`."));
        assert_eq!(bot.account().sessions().len(), 2);
        bot.types("ben", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 3, "each person has their own");
        let first = bot.account().sessions()[0].id.clone();
        bot.account().complete_with(&first, &[]);
        bot.watch(60).await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 4);
    }

    async fn caps_of_a_day_say_when_one_frees_up(bot: Bot) {
        bot.account().limits(1000, 1000);
        bot.rules("[defaults]\ntasks_a_day = { channel = 2 }");
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.hands.forward(SignedDuration::from_hours(1));
        bot.types("ben", "/jules repo=404less tidy up").await;
        let refused = told(&bot, "ann", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(refused, @"This channel has used its 2 tasks for today (set by the person who runs this app). The next one frees up 2026-11-25 09:00 UTC. Ask an admin if you need more."));
        assert_eq!(bot.account().sessions().len(), 2);
        bot.hands.forward(SignedDuration::from_hours(23));
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 3);
    }

    async fn a_draft_counts_once_it_begins(bot: Bot) {
        bot.rules("[defaults]\nopen_tasks = { person = 1 }");
        bot.types("ann", "/jules repo=website fix it").await;
        let offer = bot.slack.user("ann").sees("dev", "", "Acme-Corp/website").expect("is offered");
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 1, "what was only offered counts for nothing");
        bot.slack.user("ann").presses(&offer).await.expect("is sent");
        bot.settle().await;
        assert_eq!(bot.account().sessions().len(), 1);
        assert!(bot.whispered("ann").starts_with("You have 1 open tasks"), "{}", bot.whispered("ann"));
    }

    async fn access_shows_what_holds_here(bot: Bot) {
        let (dev, leads) = (bot.slack.channel("dev"), bot.slack.group("leads", &["ben"]));
        bot.rules(&format!(
            "[defaults]\nguests = \"steer\"\nrepos = [\"acme/*\", \"!acme/secrets\"]\n\
             open_tasks = {{ person = 5, channel = 20 }}\n[channel.{dev}]\napprove = [\"{leads}\"]\n\
             [repository.\"acme/pay*\"]\nstart = \"admins\""
        ));
        let refused = told(&bot, "ann", "/jules access").await;
        allow_duplicates!(assert_snapshot!(refused, @"
        *Who may do what here*
        • Start tasks: everyone (built in)
        • Approve plans: @leads (this channel)
        • Answer and stop tasks: everyone (built in)
        • Bind channels: everyone (built in)
        • Change the workspace's settings: admins (built in)
        • Guests: answer and stop tasks (every workspace)
        • Tasks in shared channels: members of this workspace only (built in)
        • Tasks in direct messages: yes (built in)
        • Threads sent along: yes (built in)
        • Repositories: `acme/*` (every workspace)
        • Open tasks: 5 for each person, 20 in a channel (every workspace)
        • Tasks a day: no limit (built in)
        • Account: the person's own Jules account if they connected one, otherwise the workspace's (built in)
        • Admins: this workspace's owners and admins (built in)
        The person who runs this app sets this in its access file.
        "));
        bot.slack.make_admin("zoe");
        let told = told(&bot, "zoe", "/jules access").await;
        assert!(told.contains("!acme/secrets") && told.contains("acme/pay*"), "{told}");
    }

    async fn a_plan_says_who_approves_it_where_that_is_not_everyone(bot: Bot) {
        planned(&bot).await;
        assert!(!bot.said().contains("Approval:"), "{}", bot.said());
        bot.rules("[defaults]\napprove = \"other\"");
        bot.types("ann", "/jules repo=boba-web plan=ask rename it").await;
        let session = bot.account().sessions()[1].id.clone();
        bot.account().plan(&session, &[("Look", "")]);
        bot.watch(30).await;
        let screen = bot.screen("dev");
        assert!(screen.contains("Approval: anyone but the person who asked for this task"), "{screen}");
    }

    async fn bindings_of_private_channels_are_shown_to_their_people_and_managers(bot: Bot) {
        bot.slack.private_channel("vault-team", &["ben"]);
        bot.slack.channel("ops");
        bot.types_in("ben", "vault-team", "/jules bind Acme-Corp/vault").await;
        bot.types("ben", "/jules bind 404less").await;
        let seen = told(&bot, "ann", "/jules bindings").await;
        assert!(seen.contains("404less") && !seen.contains("vault"), "{seen}");
        let seen = told(&bot, "ben", "/jules bindings").await;
        assert!(seen.contains("404less") && seen.contains("vault"), "{seen}");
        bot.slack.make_admin("zoe");
        let seen = told(&bot, "zoe", "/jules bindings").await;
        assert!(seen.contains("vault"), "{seen}");
    }

    async fn what_slack_does_not_say_counts_only_where_a_rule_asks(bot: Bot) {
        bot.slack.fault(Fault::Error("internal_error".to_owned())).on("users.info").times(50);
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 1, "nobody has said anything of guests");
        bot.rules("[defaults]\nguests = \"none\"");
        let refused = told(&bot, "ann", "/jules repo=404less tidy up").await;
        assert!(refused.starts_with("I couldn't check whether you may do that"), "{refused}");
        assert_eq!(bot.account().sessions().len(), 1);
    }

    async fn an_app_that_is_listed_starts_tasks_whose_plan_is_asked_for(bot: Bot) {
        let mention = |ts: &str| {
            json!({
                "type": "app_mention", "user": "U0DEPLOYBOT", "bot_id": "B0OTHER", "app_id": "A0OTHER", "ts": ts,
                "event_ts": ts, "text": "<@U0JULES> repo=404less tidy up", "channel": bot.slack.channel("dev"),
            })
        };
        assert!(bot.slack.sends_event(mention("1795510899.000100")).await.ok());
        bot.settle().await;
        bot.assert_nothing_started();
        bot.rules("[defaults]\napps = [\"A0OTHER\"]");
        assert!(bot.slack.sends_event(mention("1795510899.000200")).await.ok());
        bot.settle().await;
        let sessions = bot.account().sessions();
        assert_eq!(sessions.len(), 1);
        assert!(sessions[0].require_plan_approval);
    }
}
