//! Flow 1: a command, a card, a session, its link.

use crate::harness::bot::stories;
use insta::{allow_duplicates, assert_snapshot};
use serde_json::json;
use sim::jules::odd;

stories! {
    async fn a_task_is_started_with_one_line(bot: Bot) {
        let ack = bot.types("ann", "/jules repo=404less rename frontend to website").await;
        assert!(ack.took.as_secs() < 3);
        allow_duplicates!(assert_snapshot!(bot.screen("dev"), @"
        #dev

        jules (only visible to ann):
          On it! `AshikNesin/404less`, branch `main`.

        jules:
          *rename frontend to website*
          :large_blue_circle: *Queued in Jules*
          Asked by @ann  AshikNesin/404less · main
          [Stop]
          │ jules:
          │   Jules is working on `AshikNesin/404less` (`main`). Reply here to talk to Jules, or start with `!aside` to keep a message between people.
          │   [Open in Jules] <https://jules.google.com/session/82378161473624850112>
        "));
        bot.assert_once("dev");
        bot.assert_all_read();
    }

    async fn jules_is_asked_for_exactly_this(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend to website").await;
        assert_eq!(bot.asked_of_jules(), [json!({
            "prompt": "rename frontend to website",
            "title": "rename frontend to website",
            "sourceContext": {
                "source": "sources/github/AshikNesin/404less",
                "githubRepoContext": { "startingBranch": "main" },
            },
            "automationMode": "AUTO_CREATE_PR",
        })]);
    }

    async fn every_option_reaches_jules(bot: Bot) {
        bot.types(
            "ann",
            "/jules branch=gh-pages rename frontend title=“Tidy up” plan=ask \
             repo=https://github.com/ashiknesin/404LESS pr=none",
        )
        .await;
        assert_eq!(bot.asked_of_jules(), [json!({
            "prompt": "rename frontend",
            "title": "Tidy up",
            "sourceContext": {
                "source": "sources/github/AshikNesin/404less",
                "githubRepoContext": { "startingBranch": "gh-pages" },
            },
            "requirePlanApproval": true,
        })]);
        bot.assert_once("dev");
        allow_duplicates!(assert_snapshot!(bot.card(), @"
        *Tidy up*
        :large_blue_circle: *Queued in Jules*
        > rename frontend
        Asked by @ann  AshikNesin/404less · gh-pages
        [Stop]
        "));
    }

    async fn a_default_branch_is_taken_from_jules_and_not_guessed(bot: Bot) {
        bot.types("ann", "/jules repo=monolith tidy up").await;
        assert_eq!(bot.account().sessions()[0].branch.as_deref(), Some("trunk"));
        bot.assert_once("dev");
    }

    async fn a_private_channel_with_the_bot_in_it_is_as_good(bot: Bot) {
        bot.slack.private_channel("secret", &["ann"]);
        bot.slack.invite("secret", "jules");
        bot.types_in("ann", "secret", "/jules repo=404less tidy up").await;
        bot.assert_once("secret");
        assert_eq!(bot.cards("dev").len(), 0);
    }

    async fn the_direct_messages_with_the_bot_are_as_good(bot: Bot) {
        bot.slack.dm("ann");
        bot.types_in("ann", "@ann", "/jules repo=404less tidy up").await;
        bot.assert_once("@ann");
        assert!(bot.screen("@ann").contains("*Queued in Jules*"));
        bot.assert_all_read();
    }

    async fn two_people_have_two_threads(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.types("ben", "/jules repo=boba tidy up").await;
        let cards = bot.cards("dev");
        assert_eq!(cards.len(), 2);
        for (card, (name, repo)) in
            cards.iter().zip([("ann", "AshikNesin/404less"), ("ben", "bobalover/boba")])
        {
            assert!(card.shown.contains(&format!("Asked by @{name}")), "{}", card.shown);
            assert!(card.shown.contains(repo), "{}", card.shown);
            assert_eq!(bot.slack.thread("dev", &card.ts).len(), 2);
        }
    }

    async fn a_very_long_prompt_goes_whole_to_jules_and_is_cut_on_the_card(bot: Bot) {
        let prompt = "rename every folder. ".repeat(1905).trim_end().to_owned();
        assert!(prompt.len() > 40_000);
        bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
        bot.assert_once("dev");
        assert_eq!(bot.account().sessions()[0].prompt, prompt);
        let card = bot.card();
        assert!(card.chars().count() < 1500, "the card has {} characters", card.chars().count());
        assert!(card.contains('…'), "the cut can be seen");
    }

    async fn a_prompt_of_several_lines_keeps_them(bot: Bot) {
        let prompt = "rename the folder\n\n```\nmv frontend website # repo=x\n```\nand `plan=ask` stays";
        bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
        assert_eq!(bot.account().sessions()[0].prompt, prompt);
        allow_duplicates!(assert_snapshot!(bot.card(), @"
        *rename the folder*
        :large_blue_circle: *Queued in Jules*
        > rename the folder
        ```
        mv frontend website # repo=x
        ```
        > and `plan=ask` stays
        Asked by @ann  AshikNesin/404less · main
        [Stop]
        "));
    }

    async fn people_channels_and_links_in_a_prompt_are_plain_words(bot: Bot) {
        bot.types("ann", "/jules repo=404less ask @ben in #dev, see https://x.example/a?b=1&c=2")
            .await;
        // Of a person Slack tells the id and no name, which is asked for.
        let prompt = "ask @ben in #dev, see https://x.example/a?b=1&c=2";
        assert_eq!(bot.account().sessions()[0].prompt, prompt);
        let card = bot.cards("dev").remove(0);
        assert!(!card.text.contains("<@"), "nobody is pinged: {}", card.text);
    }

    async fn words_that_break_what_is_built_carelessly_do_no_harm(bot: Bot) {
        bot.account().limits(100, 100);
        for typed in [
            "ping <!channel> and <@U0BEN>",
            "a & b < c &lt;!here&gt; &amp;",
            "see <https://evil.example|https://github.com/you>",
            "set timeout=30 and `repo=acme/x`",
            "*bold* _it_ ~no~ `one",
            "say \"hello\" and ‘bye’",
            "👩🏽‍💻 👍🏿 🎉",
            "‏שלום‏ مرحبا",
            "a \u{202e}txt.exe\u{202c} file",
            "nul \u{0} bell \u{7} escape \u{1b}[31m end",
        ] {
            bot.types("ann", &format!("/jules repo=404less {typed}")).await;
            // Slack takes about one message a second in a channel.
            bot.pass(3).await;
            let session = bot.account().sessions().pop().expect("a session");
            assert_eq!(session.prompt, typed.replace(['\u{0}', '\u{7}', '\u{1b}'], ""));
            let card = bot.cards("dev").pop().expect("a card");
            // In `rich_text` and plain text nothing is parsed.
            let elements = card.blocks.iter().flat_map(|block| block["elements"].as_array().cloned());
            let parsed = elements.flatten().filter(|element| element["type"] == "mrkdwn");
            let parsed = parsed.fold(card.text.clone(), |all, one| format!("{all}{}", one["text"]));
            for token in ["<!channel", "<!here", "<@U0BEN", "<https://evil"] {
                assert!(!parsed.contains(token), "{parsed}");
            }
            let raw = serde_json::to_string(&card.blocks).expect("JSON");
            for element in ["\"type\":\"link\"", "\"type\":\"broadcast\"", "\"user_id\":\"U0BEN"] {
                assert!(!raw.contains(element), "{raw}");
            }
        }
    }

    async fn every_nasty_text_becomes_a_card_or_is_asked_about(bot: Bot) {
        bot.account().limits(100, 100);
        let mut begun = 0;
        for text in odd::nasty_texts() {
            let empty = text.trim().is_empty();
            bot.types("ann", &format!("/jules repo=404less {text}")).await;
            bot.pass(3).await;
            begun += usize::from(!empty);
            assert_eq!(bot.account().sessions().len(), begun, "{text:.40}");
            assert_eq!(bot.cards("dev").len(), begun, "{text:.40}");
        }
    }

    async fn a_word_that_only_looks_like_a_command_is_a_task(bot: Bot) {
        bot.types("ann", "/jules repo=404less -- list").await;
        assert_eq!(bot.account().sessions()[0].prompt, "list");
        bot.assert_once("dev");
    }
}
