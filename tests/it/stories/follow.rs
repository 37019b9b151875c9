//! `/jules follow`: a session that began elsewhere gets a thread, and is a task like any other from then on.

use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::jules::{Fault, Op, Origin, State};
use sim::slack::{Outcome, Post};

const SOURCE: &str = "sources/github/AshikNesin/404less";
const WARNING: &str = "This session's title, plan and messages will be visible in #dev.";

/// A session that someone began in Jules: it has looked around, said so, and works.
fn begun(bot: &Bot) -> String {
    let account = bot.account();
    let id = account.add_foreign_session(Origin::Web, "Make the footer sticky", SOURCE);
    account.say(&id, "I've looked around.");
    account.user_writes(&id, "go on then");
    account.say(&id, "I begin with the stylesheet.");
    account.progress(&id, "Editing styles.css", "");
    id
}

fn link(id: &str) -> String {
    format!("https://jules.google.com/session/{id}")
}

/// Ann follows it in `#dev`, and agrees that others see it.
async fn follows(bot: &Bot, typed: &str) {
    bot.types("ann", &format!("/jules follow {typed}")).await;
    assert!(bot.whispered("ann").contains(WARNING), "{}", bot.privately("ann"));
    bot.clicks("ann", "Follow here").await;
    bot.watch(10).await;
}

/// What stands in the thread of the newest card.
fn thread(bot: &Bot) -> Vec<Post> {
    let posts = bot.slack.thread("dev", &bot.root()).into_iter().skip(1);
    posts.filter(|post| post.only_for.is_none()).collect()
}

fn said(bot: &Bot) -> String {
    thread(bot).into_iter().map(|post| post.shown).collect::<Vec<_>>().join("\n---\n")
}

stories! {
    async fn a_session_is_followed_by_its_link_and_is_a_task_like_any_other(bot: Bot) {
        let id = begun(&bot);
        bot.types("ann", &format!("/jules follow {}?tab=diff#top", link(&id))).await;
        assert!(bot.whispered("ann").contains(WARNING), "{}", bot.whispered("ann"));
        assert_eq!(bot.cards("dev").len(), 0, "nothing is seen before she agrees");
        bot.clicks("ann", "Follow here").await;
        bot.watch(10).await;
        assert!(!bot.privately("ann").contains("Follow here"), "{}", bot.privately("ann"));
        let card = bot.card();
        assert!(card.contains("*Working*") && card.contains("Followed by @ann"), "{card}");
        assert!(card.contains("AshikNesin/404less · main"), "{card}");
        assert_eq!(bot.asked_of_jules().len(), 0, "none was created");
        // Its last message, and nothing else of its history.
        assert_eq!(thread(&bot).len(), 1, "{}", said(&bot));
        assert!(said(&bot).contains("I begin with the stylesheet."), "{}", said(&bot));

        bot.account().ask(&id, "Sticky on phones, too?");
        bot.watch(40).await;
        assert!(said(&bot).contains("Sticky on phones, too?"), "{}", said(&bot));
        let ts = bot.replies("ben", "yes, everywhere").await;
        assert_eq!(bot.told_jules(), ["yes, everywhere"]);
        assert_eq!(bot.reactions(&ts), ["eyes", "white_check_mark"]);
        bot.account().finish(&id);
        bot.watch(60).await;
        let all = said(&bot);
        assert!(all.contains("@ann, it's done.") && all.contains("*Done*"), "{all}");
        for once in ["I begin with the stylesheet.", "Sticky on phones, too?", "*Done*"] {
            assert_eq!(all.matches(once).count(), 1, "{once}\n{all}");
        }
        assert!(!all.contains("I've looked around.") && !all.contains("go on then"), "{all}");
    }

    async fn it_is_found_by_its_id_its_task_page_and_its_pull_request(bot: Bot) {
        let account = bot.account();
        for shape in ["id", "task", "name", "pull request"] {
            let id = begun(&bot);
            let typed = match shape {
                "id" => id.clone(),
                "task" => format!("jules.google.com/task/{id}"),
                "name" => format!("sessions/{id}"),
                _ => {
                    let url = format!("https://github.com/AshikNesin/404less/pull/{}", &id[..3]);
                    account.complete_with(&id, &[json!({ "pullRequest": { "url": url } })]);
                    format!("{url}/files")
                }
            };
            let before = bot.cards("dev").len();
            follows(&bot, &typed).await;
            assert_eq!(bot.cards("dev").len(), before + 1, "{shape}: {}", bot.privately("ann"));
        }
    }

    async fn what_names_no_session_is_told_what_does(bot: Bot) {
        bot.types("ann", "/jules follow me").await;
        assert!(bot.whispered("ann").contains("isn't a session I know how to find"), "{}", bot.whispered("ann"));
        bot.types("ann", "/jules follow https://github.com/acme/web/pull/7").await;
        assert!(bot.whispered("ann").contains("opened that pull request"), "{}", bot.whispered("ann"));
        bot.assert_nothing_started();
    }

    async fn one_that_is_not_in_the_account_is_a_colleagues_perhaps(bot: Bot) {
        let other = bot.jules.account("AQ.someone-else");
        other.add_source("AshikNesin", "404less");
        let theirs = other.add_foreign_session(Origin::Web, "Mine alone", SOURCE);
        let gone = begun(&bot);
        bot.account().user_deletes(&gone);
        for id in [theirs, gone] {
            bot.types("ann", &format!("/jules follow {id}")).await;
            let told = bot.whispered("ann");
            assert!(told.contains("isn't in your Jules account or the workspace's"), "{told}");
        }
        bot.watch(60).await;
        assert_eq!(bot.cards("dev").len(), 0);
    }

    async fn while_jules_is_down_the_line_says_so_and_it_goes_on_by_itself(bot: Bot) {
        let id = begun(&bot);
        bot.jules.fault(Fault::status(503)).on(Op::GetSession).times(3);
        bot.types("ann", &format!("/jules follow {id}")).await;
        assert!(bot.privately("ann").contains("Jules isn't responding"), "{}", bot.privately("ann"));
        bot.rest().await;
        assert!(bot.privately("ann").contains(WARNING), "{}", bot.privately("ann"));
        bot.clicks("ann", "Follow here").await;
        bot.watch(10).await;
        assert!(bot.card().contains("*Working*"), "{}", bot.card());
    }

    async fn in_a_direct_message_nothing_is_asked(bot: Bot) {
        let id = begun(&bot);
        bot.slack.dm("ann");
        bot.types_in("ann", "@ann", &format!("/jules follow {id}")).await;
        bot.watch(10).await;
        assert_eq!(bot.cards("@ann").len(), 1, "{}", bot.screen("@ann"));
        assert_eq!(bot.privately("ann"), "");
    }

    async fn only_who_asked_agrees_once_and_within_half_an_hour(bot: Bot) {
        let id = begun(&bot);
        let ann = bot.slack.user("ann");
        bot.types("ann", &format!("/jules follow {id}")).await;
        let button = ann.sees("dev", "", "Follow here").expect("is asked");
        let ben = bot.slack.user("ben").id().to_owned();
        ann.forges(&button, move |payload| payload["user"]["id"] = ben.into()).await.expect("is sent");
        bot.watch(10).await;
        assert_eq!(bot.cards("dev").len(), 0, "not Ben");
        let (one, other) = tokio::join!(ann.presses(&button), ann.presses(&button));
        assert!(one.expect("is sent").ok() && other.expect("is sent").ok());
        bot.watch(10).await;
        assert_eq!(bot.cards("dev").len(), 1, "two clicks make one");

        let late = begun(&bot);
        bot.types("ann", &format!("/jules follow {late}")).await;
        let button = ann.sees("dev", "", "Follow here").expect("is asked");
        bot.hands.forward(SignedDuration::from_mins(31));
        ann.presses(&button).await.expect("is sent");
        bot.watch(10).await;
        assert_eq!(bot.cards("dev").len(), 1);
        assert!(bot.whispered("ann").contains("This button has expired"), "{}", bot.whispered("ann"));
    }

    async fn whoever_cancels_follows_nothing(bot: Bot) {
        let id = begun(&bot);
        bot.types("ann", &format!("/jules follow {id}")).await;
        let ann = bot.slack.user("ann");
        ann.sees("dev", "", "Follow here").expect("is asked");
        bot.clicks("ann", "Cancel").await;
        assert!(!bot.privately("ann").contains(WARNING), "{}", bot.privately("ann"));
        bot.watch(10).await;
        assert_eq!(bot.cards("dev").len(), 0);
    }

    async fn a_stranger_follows_nothing(bot: Bot) {
        let id = begun(&bot);
        bot.types("ann", &format!("/jules follow {id}")).await;
        let ann = bot.slack.user("ann");
        let button = ann.sees("dev", "", "Follow here").expect("is asked");
        let eve = bot.slack.stranger("eve", "T0OTHER", "dev").id().to_owned();
        let as_eve = |payload: &mut Value| payload["user"] = json!({ "id": eve, "team_id": "T0OTHER" });
        ann.forges(&button, as_eve).await.expect("is sent");
        bot.watch(10).await;
        assert_eq!(bot.cards("dev").len(), 0);
    }

    async fn a_plan_that_is_waiting_is_posted_with_its_buttons(bot: Bot) {
        let account = bot.account();
        let id = account.add_foreign_session(Origin::Web, "Make the footer sticky", SOURCE);
        account.asks_for_approval(&id);
        account.plan(&id, &[("Look around", ""), ("Edit styles.css", "")]);
        follows(&bot, &link(&id)).await;
        let shown = said(&bot);
        assert!(shown.contains("Edit styles.css") && shown.contains("[Approve]"), "{shown}");
        assert!(shown.contains("@ann, the plan is ready"), "{shown}");
        bot.clicks("ben", "Approve").await;
        bot.watch(30).await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        assert!(said(&bot).contains("Approved by @ben"), "{}", said(&bot));
    }

    async fn a_plan_that_comes_later_waits_for_someone_too(bot: Bot) {
        let account = bot.account();
        let id = account.add_foreign_session(Origin::Web, "Make the footer sticky", SOURCE);
        account.asks_for_approval(&id);
        account.set_state(&id, State::Planning);
        follows(&bot, &link(&id)).await;
        account.plan(&id, &[("Look around", ""), ("Edit styles.css", "")]);
        bot.watch(30).await;
        let shown = said(&bot);
        assert_eq!(shown.matches("[Approve]").count(), 1, "{shown}");
        assert!(shown.contains("@ann, the plan is ready"), "{shown}");
    }

    async fn an_older_plan_is_not_waiting_while_the_new_one_cannot_be_read(bot: Bot) {
        let account = bot.account();
        let id = begun(&bot);
        // Jules made it without a word of who approved it.
        account.add_activity(&id, &json!({ "originator": "agent", "planGenerated": {
            "plan": { "id": "1", "steps": [{ "title": "Look around" }] } } }));
        follows(&bot, &link(&id)).await;
        bot.jules.fault(Fault::status(503)).on(Op::ListActivities).times(2);
        account.add_activity(&id, &json!({ "originator": "agent", "planGenerated": {
            "plan": { "id": "2", "steps": [{ "title": "Edit styles.css" }] } } }));
        account.set_state(&id, State::AwaitingPlanApproval);
        bot.watch(60).await;
        let shown = said(&bot);
        assert!(shown.contains("Edit styles.css") && !shown.contains("Look around"), "{shown}");
        assert_eq!(shown.matches("[Approve]").count(), 1, "{shown}");
        assert_eq!(shown.matches("@ann, the plan is ready").count(), 1, "{shown}");
    }

    async fn a_history_of_thousands_is_said_once_it_is_whole(bot: Bot) {
        let account = bot.account();
        let id = account.add_foreign_session(Origin::Web, "Make the footer sticky", SOURCE);
        account.say(&id, "I begin with the stylesheet.");
        for nth in 0..2_100 {
            bot.hands.forward(SignedDuration::from_secs(1));
            account.progress(&id, &format!("Rule {nth}"), "");
        }
        account.ask(&id, "Shall it stick on phones, too?");
        bot.hands.forward(SignedDuration::from_mins(10));
        follows(&bot, &link(&id)).await;
        bot.watch(120).await;
        let shown = said(&bot);
        assert!(shown.contains("Shall it stick on phones, too?"), "{shown}");
        assert!(!shown.contains("I begin with the stylesheet."), "{shown}");
        assert!(shown.contains("@ann"), "{shown}");
        assert!(bot.standing().contains("Jules has a question"), "{}", bot.card());
    }

    async fn an_ended_session_is_shown_as_ended_and_a_reply_wakes_it(bot: Bot) {
        let account = bot.account();
        let id = begun(&bot);
        account.complete_with(&id, &[json!({ "pullRequest": {
            "url": "https://github.com/AshikNesin/404less/pull/9", "title": "Sticky footer" } })]);
        bot.hands.forward(SignedDuration::from_hours(30));
        follows(&bot, &link(&id)).await;
        let card = bot.card();
        assert!(card.contains("*Done*") && card.contains("[Open pull request]"), "{card}");
        assert!(!card.contains("30 h") && !card.contains("[Stop]"), "{card}");
        assert_eq!(thread(&bot).len(), 1, "no end is told: {}", said(&bot));
        bot.replies("ann", "and on phones").await;
        account.run(&id);
        bot.watch(120).await;
        assert_eq!(bot.told_jules(), ["and on phones"]);
        assert!(said(&bot).contains("it's done."), "{}", said(&bot));
    }

    async fn a_failed_session_can_be_tried_again_from_its_prompt(bot: Bot) {
        let account = bot.account();
        let id = begun(&bot);
        account.fail(&id, Some("The tests don't pass."));
        follows(&bot, &link(&id)).await;
        let card = bot.card();
        assert!(card.contains("*Failed*") && card.contains("The tests don't pass."), "{card}");
        bot.clicks("ben", "Retry").await;
        bot.watch(20).await;
        let asked = bot.asked_of_jules();
        assert_eq!(asked.len(), 1, "{}", bot.screen("dev"));
        assert_eq!(asked[0]["prompt"], "Make the footer sticky");
        assert_eq!(asked[0]["sourceContext"]["source"], SOURCE);
        assert_eq!(bot.cards("dev").len(), 2);
    }

    async fn a_session_without_a_repository_says_so_and_a_retry_asks_for_one(bot: Bot) {
        let account = bot.account();
        let id = account.add_foreign_session(Origin::Repoless, "Compare two parsers", SOURCE);
        account.fail(&id, None);
        follows(&bot, &link(&id)).await;
        assert!(bot.card().contains("no repository"), "{}", bot.card());
        bot.types("ann", "/jules list").await;
        assert!(bot.whispered("ann").contains("no repository"), "{}", bot.whispered("ann"));
        bot.clicks("ann", "Retry").await;
        let form = bot.form("ann").screen();
        assert!(form.contains("Compare two parsers"), "{form}");
        assert_eq!(bot.asked_of_jules().len(), 0);
    }

    async fn it_takes_no_place_in_line_and_stops_like_any_other(bot: Bot) {
        let id = begun(&bot);
        bot.account().limits(1, 15);
        bot.types("ben", "/jules repo=404less rename frontend").await;
        bot.watch(5).await;
        follows(&bot, &link(&id)).await;
        let card = bot.cards("dev").last().expect("is there").shown.clone();
        assert!(card.contains("*Working*") && !card.contains("Queued"), "{card}");
        bot.slack.user("ann").clicks("dev", "Followed by", "Stop").await.expect("is there");
        bot.watch(20).await;
        assert_eq!(bot.jules_calls(Op::ArchiveSession), 1);
    }

    async fn what_was_said_before_is_shown_in_pages_to_whoever_asks(bot: Bot) {
        let account = bot.account();
        let id = account.add_foreign_session(Origin::Web, "Make the footer sticky", SOURCE);
        for n in 1..=25 {
            account.say(&id, &format!("remark number {n}."));
        }
        account.user_writes(&id, "that's a lot");
        bot.hands.forward(SignedDuration::from_secs(5));
        follows(&bot, &link(&id)).await;
        account.say(&id, "said afterwards");
        bot.watch(60).await;
        bot.clicks("ben", "Show earlier messages").await;
        let newest = bot.form("ben").screen();
        assert!(newest.contains("that's a lot") && newest.contains("remark number 25."), "{newest}");
        assert!(newest.contains("[Older messages]") && !newest.contains("said afterwards"), "{newest}");
        let mut all = newest;
        while bot.form("ben").screen().contains("[Older messages]") {
            bot.form("ben").clicks("Older messages").await.expect("is there");
            bot.settle().await;
            all.push_str(&bot.form("ben").screen());
        }
        for n in 1..=25 {
            assert_eq!(all.matches(&format!("remark number {n}.")).count(), 1, "{n}\n{all}");
        }
        let eve = bot.slack.stranger("eve", "T0OTHER", "dev");
        eve.clicks("dev", "", "Show earlier messages").await.expect("is there");
        bot.settle().await;
        assert!(bot.slack.open_view("eve").is_err());
    }

    async fn the_list_offers_what_no_thread_follows_and_sending_it_is_typing_it(bot: Bot) {
        let account = bot.account();
        bot.types("ben", "/jules repo=404less rename frontend").await;
        bot.watch(5).await;
        let first = begun(&bot);
        account.add_foreign_session(Origin::Suggested, "Speed up the build", SOURCE);
        account.add_foreign_session(Origin::Repoless, "Compare two parsers", SOURCE);
        bot.types("ann", "/jules follow").await;
        let form = bot.form("ann");
        let opened = bot.slack.calls().into_iter().find(|call| call.method == "views.open").expect("opened");
        assert!(opened.args["view"].to_string().contains("Getting the sessions"), "at once: {:#}", opened.args);
        let field = form.field("Session").expect("is there");
        assert_eq!(field.kind, "static_select");
        assert!(form.choose("Session", "rename frontend").await.is_err(), "it has a thread");
        let title = account.session(&first).expect("is there").title;
        form.choose("Session", &title).await.expect("is offered");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        assert!(bot.whispered("ann").contains(WARNING), "{}", bot.privately("ann"));
        bot.clicks("ann", "Follow here").await;
        bot.watch(10).await;
        assert!(bot.cards("dev").last().expect("is there").shown.contains("Followed by @ann"));
        assert!(said(&bot).contains("I begin with the stylesheet."), "{}", said(&bot));
    }

    async fn the_list_has_twenty_and_says_when_there_is_none(bot: Bot) {
        bot.types("ann", "/jules follow").await;
        let none = bot.form("ann").screen();
        assert!(none.contains("already have a thread"), "{none}");
        bot.form("ann").dismiss().await.expect("closes");
        for n in 0..70 {
            bot.account().add_foreign_session(Origin::Suggested, &format!("Idea {n}"), SOURCE);
        }
        bot.slack.clear_calls();
        bot.types("ann", "/jules follow").await;
        let filled = bot.slack.calls().into_iter().find(|call| call.method == "views.update").expect("filled");
        assert_eq!(filled.args.to_string().matches("state unknown").count()
            + filled.args.to_string().matches("has a question").count(), 20, "{:#}", filled.args);
        bot.form("ann").dismiss().await.expect("closes");
        bot.jules.fault(Fault::status(503)).on(Op::ListSessions).times(9);
        bot.types("ann", "/jules follow").await;
        let down = bot.form("ann").screen();
        assert!(down.contains("I can't list the sessions right now."), "{down}");
    }

    async fn one_session_has_one_thread(bot: Bot) {
        let id = begun(&bot);
        follows(&bot, &link(&id)).await;
        bot.types("ben", &format!("/jules follow {id}")).await;
        let told = bot.whispered("ben");
        assert!(told.contains("That session already has a thread"), "{told}");
        assert!(told.contains("[Move it here]"), "{told}");
        assert_eq!(bot.cards("dev").len(), 1);
    }

    async fn a_session_moves_and_nothing_is_said_twice(bot: Bot) {
        let account = bot.account();
        bot.slack.channel("ops");
        bot.slack.invite("ops", "ben");
        bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
        let id = bot.session();
        account.plan(&id, &[("Look", ""), ("Rename it", "")]);
        bot.watch(20).await;
        bot.replies("ann", "keep the tests").await;
        bot.watch(5).await;
        account.run(&id);
        account.say(&id, "Noted, I keep them.");
        bot.watch(30).await;
        let old = bot.root();
        bot.types_in("ben", "ops", &format!("/jules follow {id}")).await;
        let told = bot.whispered("ben");
        assert!(told.contains("will be visible in #ops"), "{told}");
        bot.clicks_in("ben", "ops", "Move it here").await;
        bot.watch(20).await;

        let cards = bot.cards("ops");
        assert_eq!(cards.len(), 1, "{}", bot.screen("ops"));
        assert!(cards[0].shown.contains("Followed by @ben"), "{}", cards[0].shown);
        let new: String = bot.slack.thread("ops", &cards[0].ts).into_iter().skip(1).map(|post| post.shown).collect();
        assert!(new.contains("Work in your feedback") && new.contains("[Approve]"), "{new}");
        assert!(!new.contains("Noted, I keep them."), "{new}");
        let before = bot.screen("dev");
        assert!(before.contains("@ben moved this session to another thread"), "{before}");
        assert!(before.contains("*Moved* by @ben") && !before.contains("[Approve]"), "{before}");

        bot.slack.user("ann").says("dev", Some(&old), "one more thing").await.expect("can write");
        bot.watch(10).await;
        assert!(bot.whispered("ann").contains("This session moved to another thread"), "{}", bot.whispered("ann"));
        assert_eq!(bot.told_jules(), ["keep the tests"]);
        bot.clicks_in("ben", "ops", "Approve").await;
        bot.watch(20).await;
        account.finish(&id);
        bot.watch(90).await;
        let (dev, ops) = (bot.screen("dev"), bot.screen("ops"));
        assert!(ops.contains("*Done*") && !dev.contains("*Done*"), "{dev}\n{ops}");
        assert_eq!(bot.account().sessions().len(), 1);
        // And it can't be followed again where it is.
        bot.types("ann", &format!("/jules follow {id}")).await;
        assert!(bot.whispered("ann").contains("already has a thread"), "{}", bot.whispered("ann"));
    }

    async fn a_question_is_asked_again_where_the_session_moved_to(bot: Bot) {
        let id = begun(&bot);
        follows(&bot, &link(&id)).await;
        bot.account().ask(&id, "Sticky on phones, too?");
        bot.watch(40).await;
        bot.types("ben", &format!("/jules follow {id}")).await;
        bot.clicks("ben", "Move it here").await;
        bot.watch(20).await;
        assert_eq!(bot.cards("dev").len(), 2);
        let shown = said(&bot);
        assert!(shown.contains("@ben, Jules has a question.") && shown.contains("on phones"), "{shown}");
        assert_eq!(thread(&bot).len(), 1, "{shown}");
    }

    async fn a_thread_in_a_direct_message_is_its_authors_alone(bot: Bot) {
        let id = begun(&bot);
        bot.slack.dm("ann");
        bot.types_in("ann", "@ann", &format!("/jules follow {id}")).await;
        bot.watch(10).await;
        bot.types("ben", &format!("/jules follow {id}")).await;
        let told = bot.whispered("ben");
        assert!(told.contains("already has a thread") && !told.contains("Move it here"), "{told}");
        bot.types("ann", &format!("/jules follow {id}")).await;
        assert!(bot.whispered("ann").contains("[Move it here]"), "{}", bot.whispered("ann"));
    }

    async fn a_mention_in_a_thread_brings_a_session_into_it(bot: Bot) {
        let id = begun(&bot);
        let root = bot.says("ben", None, "Who looks after the footer?").await;
        bot.says("ben", Some(&root), "It jumps.").await;
        bot.mentions("ann", Some(&root), &format!("follow {}", link(&id))).await;
        bot.watch(5).await;
        assert_eq!(bot.privately("ann").matches(WARNING).count(), 1, "{}", bot.privately("ann"));
        bot.clicks("ann", "Follow here").await;
        bot.watch(20).await;
        let posts: Vec<String> = bot.posted_in(&root).into_iter().map(|post| post.shown).collect();
        assert_eq!(posts.len(), 2, "{posts:#?}");
        assert!(posts[0].contains("Followed by @ann · mention in this thread"), "{posts:#?}");
        assert!(posts[1].contains("I begin with the stylesheet."), "{posts:#?}");
        // One other person had been talking there, so everyone is heard.
        bot.says("ben", Some(&root), "and on phones, please").await;
        bot.watch(10).await;
        assert_eq!(bot.told_jules(), ["and on phones, please"]);
        assert!(bot.asked_of_jules().is_empty());
    }

    async fn a_mention_without_a_link_says_where_the_list_is(bot: Bot) {
        bot.mentions("ann", None, "follow").await;
        bot.watch(5).await;
        assert!(bot.whispered("ann").contains("/jules follow"), "{}", bot.privately("ann"));
        assert_eq!(bot.cards("dev").len(), 0);
    }

    async fn a_restart_forgets_nothing_of_it(mut bot: Bot) {
        let id = begun(&bot);
        bot.types("ann", &format!("/jules follow {id}")).await;
        bot.kill().await;
        bot.start().await;
        bot.clicks("ann", "Follow here").await;
        bot.watch(10).await;
        bot.kill().await;
        bot.start().await;
        bot.account().say(&id, "Nearly there.");
        bot.watch(60).await;
        assert_eq!(thread(&bot).len(), 2, "{}", said(&bot));
        assert!(said(&bot).contains("Nearly there."), "{}", said(&bot));
    }
}
