//! Nothing of a plan is hidden before someone decides about it.

use crate::harness::bot::{Bot, stories};
use sim::jules::Op;
use sim::slack::Fault;

/// Everything but the scope that shares files.
const NO_FILES: [&str; 8] = [
    "commands",
    "chat:write",
    "channels:history",
    "groups:history",
    "im:history",
    "channels:read",
    "users:read",
    "reactions:write",
];

/// So many steps, each with its number at the end of about so many characters.
fn steps(count: usize, length: usize) -> Vec<(String, String)> {
    let step = |n: usize| {
        let text = "All work and no play. ".repeat(length / 22);
        (format!("Step {n} begins"), format!("{text}Here ends {n}."))
    };
    (1..=count).map(step).collect()
}

/// A task whose plan, of these steps, is waiting for an approval.
async fn planned(bot: &Bot, steps: &[(String, String)]) {
    bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
    let steps: Vec<(&str, &str)> = steps.iter().map(|(title, text)| (&**title, &**text)).collect();
    bot.account().plan(&bot.session(), &steps);
    bot.watch(60).await;
}

/// Every step is in the thread once, in order.
#[track_caller]
fn assert_whole(bot: &Bot, count: usize) {
    let said = bot.said();
    let mut rest = said.as_str();
    for n in 1..=count {
        for words in [format!("Step {n} begins"), format!("Here ends {n}.")] {
            assert_eq!(said.matches(&words).count(), 1, "{words} in\n{said}");
            rest = rest.split_once(&words).unwrap_or_else(|| panic!("{words} comes too early")).1;
        }
    }
}

/// The only message with the buttons, and with the mention, is the last one of so many.
#[track_caller]
fn assert_decided_at_the_end(bot: &Bot, messages: usize) {
    let thread = bot.thread();
    assert_eq!(thread.len(), messages, "{}", bot.said());
    for (nth, post) in (1..).zip(&thread) {
        let is_last = nth == messages;
        assert_eq!(post.buttons.contains(&"Approve".to_owned()), is_last, "{nth}: {}", post.shown);
        assert_eq!(
            post.shown.starts_with("@ann, the plan is ready."),
            is_last,
            "{nth}: {}",
            post.shown
        );
    }
}

stories! {
    async fn a_long_step_is_shown_to_its_end(bot: Bot) {
        let title = format!("{} DROP TABLE users", "and then ".repeat(120));
        let text = format!("```\n{}\nrm -rf /\n```", "echo yes\n".repeat(300));
        planned(&bot, &[(title, text)]).await;
        let said = bot.said();
        assert!(said.contains("DROP TABLE users") && said.contains("rm -rf /"), "{said}");
        assert!(!said.contains("more characters"), "{said}");
        assert_decided_at_the_end(&bot, 1);
    }

    async fn many_steps_take_several_messages_with_the_buttons_on_the_last(bot: Bot) {
        planned(&bot, &steps(40, 900)).await;
        assert_whole(&bot, 40);
        assert_decided_at_the_end(&bot, 4);
        let thread = bot.thread();
        assert!(thread[0].shown.starts_with(":clipboard: *Plan* · 40 steps, part 1 of 4\n"), "{}", thread[0].shown);
        bot.clicks("ben", "Approve").await;
        bot.watch(20).await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        assert_whole(&bot, 40);
        let thread = bot.thread();
        assert!(thread[3].shown.ends_with("Approved by @ben."), "{}", thread[3].shown);
        assert!(!bot.said().contains("[Approve]"), "{}", bot.said());
    }

    async fn what_was_decided_stays_as_it_was_shown(bot: Bot) {
        planned(&bot, &steps(14, 900)).await;
        bot.account().user_writes(&bot.session(), "Fewer steps, please");
        bot.account().run(&bot.session());
        bot.watch(60).await;
        let thread = bot.thread();
        assert!(thread[1].shown.contains("Here ends 14.") && thread[1].shown.contains("Replaced by a newer plan."), "{}", thread[1].shown);
    }

    async fn a_plan_of_more_than_five_messages_is_a_file(bot: Bot) {
        planned(&bot, &steps(80, 900)).await;
        let thread = bot.thread();
        let name = thread[0].shown.trim_start_matches("[file ").trim_end_matches(']').to_owned();
        assert!(name.starts_with("plan-") && name.ends_with(".md"), "{}", bot.said());
        let file = bot.slack.file(&name).expect("is there");
        for n in 1..=80 {
            assert!(file.contains(&format!("## {n}. Step {n} begins\n")) && file.contains(&format!("Here ends {n}.")));
        }
        assert_decided_at_the_end(&bot, 2);
        assert!(thread[1].shown.contains("Step 80 begins") && thread[1].shown.contains(&name), "{}", thread[1].shown);
        bot.clicks("ben", "Approve").await;
        bot.watch(20).await;
        assert!(bot.said().contains("Approved by @ben.") && bot.said().contains(&name), "{}", bot.said());
    }

    async fn without_the_scope_for_files_it_takes_up_to_twenty_messages(bot: Bot) {
        bot.slack.grant(&NO_FILES);
        planned(&bot, &steps(80, 900)).await;
        assert_whole(&bot, 80);
        assert_decided_at_the_end(&bot, 8);
        assert_eq!(bot.slack_calls("files.completeUploadExternal"), 0);
    }

    async fn what_is_too_much_for_twenty_messages_says_how_much_and_where(bot: Bot) {
        bot.slack.grant(&NO_FILES);
        planned(&bot, &steps(300, 900)).await;
        assert_decided_at_the_end(&bot, 20);
        let said = bot.said();
        let page = format!("Read the rest in Jules <https://jules.google.com/session/{}>", bot.session());
        assert!(said.contains("more characters. ") && said.contains(&page), "{}", &said[said.len() - 600..]);
    }

    async fn answers_that_are_lost_double_no_part(bot: Bot) {
        bot.slack.fault(Fault::DropAfter).on("chat.postMessage").after(3).times(2);
        planned(&bot, &steps(40, 900)).await;
        bot.watch(120).await;
        assert_whole(&bot, 40);
        assert_decided_at_the_end(&bot, 4);
    }

    async fn a_file_whose_answer_is_lost_is_there_once(mut bot: Bot) {
        bot.slack.fault(Fault::DropAfter).on("files.completeUploadExternal").times(1);
        planned(&bot, &steps(80, 900)).await;
        bot.kill().await;
        bot.start().await;
        bot.watch(120).await;
        assert_decided_at_the_end(&bot, 2);
        assert_eq!(bot.slack_calls("files.completeUploadExternal"), 1);
    }

    async fn a_file_that_is_not_uploaded_is_uploaded_again(bot: Bot) {
        bot.slack.fault(Fault::DropBefore).on("files.completeUploadExternal").times(1);
        bot.slack.fault(Fault::Status(503)).on("files.getUploadURLExternal").times(1);
        planned(&bot, &steps(80, 900)).await;
        bot.watch(180).await;
        assert_decided_at_the_end(&bot, 2);
    }

    async fn where_files_are_switched_off_the_plan_takes_more_messages_at_once(bot: Bot) {
        let off = Fault::Error("file_uploads_disabled".to_owned());
        bot.slack.fault(off).on("files.getUploadURLExternal").times(99);
        planned(&bot, &steps(80, 900)).await;
        bot.watch(120).await;
        assert_whole(&bot, 80);
        assert_eq!(bot.slack_calls("files.getUploadURLExternal"), 1);
    }

    async fn what_is_said_meanwhile_comes_after_the_whole_plan(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        let steps = steps(40, 900);
        let steps: Vec<(&str, &str)> = steps.iter().map(|(title, text)| (&**title, &**text)).collect();
        bot.account().plan(&bot.session(), &steps);
        bot.account().say(&bot.session(), "By the way.");
        bot.watch(60).await;
        assert_whole(&bot, 40);
        let thread = bot.thread();
        assert_eq!(thread.len(), 5, "{}", bot.said());
        assert!(thread[4].shown.contains("By the way."), "{}", bot.said());
    }
}
