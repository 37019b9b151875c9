//! Bad days on GitHub: each is said once, and what can be watched is watched.

use super::pulls::{TOKEN, URL, done, opened, pull};
use crate::harness::bot::stories;
use sim::github::{Mark, TokenKind, Trouble};
use store::{Doc, Expect, PutResult};

const LIMITED: &str = "GitHub is rate-limiting me";
const REFUSED: &str = "GitHub doesn't accept the token right now.";

stories! {
    async fn an_expired_token_is_on_the_card_until_there_is_another(mut bot: Bot) {
        opened(&mut bot).await;
        let before = bot.said();
        bot.github().revoke(TOKEN);
        bot.watch(300).await;
        assert!(bot.card().contains(REFUSED), "{}", bot.card());
        pull(&bot).merge("cy");
        bot.watch(7_200).await;
        assert_eq!(bot.said(), before, "the card says it");
        // However long it takes until there is another, that one is tried soon.
        bot.pass(24 * 3_600).await;
        bot.github().token(TOKEN, TokenKind::Classic);
        bot.watch(1_000).await;
        assert_eq!(bot.said().matches("was *merged* by cy").count(), 1, "{}", bot.said());
        assert!(!bot.card().contains(REFUSED), "{}", bot.card());
    }

    async fn a_token_without_the_repository_is_said_once_and_asked_for_rarely(mut bot: Bot) {
        bot.sees_github(Some(TOKEN)).await;
        bot.github().repo("AshikNesin/404less").private();
        bot.github().open(URL);
        bot.github().token_without_repositories(TOKEN);
        done(&bot).await;
        bot.watch(7_200).await;
        let blind = "The GitHub token can't see this repository";
        assert_eq!(bot.said().matches(blind).count(), 1, "{}", bot.said());
        let calls = bot.github().calls().len();
        assert!(calls < 30, "{calls}");
    }

    async fn a_used_up_limit_is_on_the_card_and_what_happened_is_told_once_it_ends(mut bot: Bot) {
        opened(&mut bot).await;
        let before = bot.said();
        bot.github().use_up(Some(TOKEN));
        pull(&bot).review("ben", "APPROVED", "", &[]);
        bot.watch(300).await;
        assert!(bot.card().contains(LIMITED), "{}", bot.card());
        let edits = bot.slack_calls("chat.update");
        bot.watch(1_800).await;
        assert_eq!((bot.said(), bot.slack_calls("chat.update")), (before, edits), "it is said once");
        bot.watch(3_600).await;
        assert_eq!(bot.said().matches("approved by ben").count(), 1, "{}", bot.said());
        assert!(!bot.card().contains(LIMITED), "{}", bot.card());
    }

    async fn a_short_limit_is_not_worth_a_word(mut bot: Bot) {
        opened(&mut bot).await;
        let card = bot.card();
        bot.github().trouble(Some(Trouble::TooMany(60)));
        bot.watch(150).await;
        assert!(!bot.card().contains(LIMITED), "{}", bot.card());
        bot.github().trouble(None);
        pull(&bot).review("ben", "APPROVED", "", &[]);
        bot.watch(300).await;
        assert_eq!(bot.said().matches("approved by ben").count(), 1, "{card}\n{}", bot.said());
    }

    async fn what_can_be_read_is_told_while_another_part_cannot(mut bot: Bot) {
        opened(&mut bot).await;
        bot.watch(150).await;
        bot.github().trouble(Some(Trouble::DownFor("/check-runs")));
        pull(&bot).review("ben", "CHANGES_REQUESTED", "Not yet.", &[]);
        bot.watch(300).await;
        assert!(bot.said().contains("ben *requested changes*"), "{}", bot.said());
        bot.github().trouble(Some(Trouble::DownFor("/pulls/214/comments")));
        pull(&bot).review("ben", "APPROVED", "", &[]);
        bot.watch(600).await;
        assert!(!bot.said().contains("approved by ben"), "{}", bot.said());
        pull(&bot).merge("cy");
        bot.watch(1_200).await;
        assert_eq!(bot.said().matches("was *merged* by cy").count(), 1, "{}", bot.said());
        bot.github().trouble(None);
        bot.watch(1_200).await;
        assert_eq!(bot.said().matches("approved by ben").count(), 1, "{}", bot.said());
    }

    async fn without_a_token_a_check_that_begins_when_others_have_ended_counts(mut bot: Bot) {
        bot.sees_github(None).await;
        bot.github().repo("AshikNesin/404less");
        bot.github().open(URL);
        pull(&bot).checks(&[("cla", Mark::Green)]);
        done(&bot).await;
        bot.watch(300).await;
        assert!(bot.card().contains("checks green"), "{}", bot.card());
        pull(&bot).checks(&[("cla", Mark::Green), ("build", Mark::Red)]);
        bot.watch(2_400).await;
        assert!(bot.said().contains("1 of 2 checks failed"), "{}", bot.said());
    }

    async fn a_pull_request_whose_task_is_damaged_is_looked_at_once_that_is_fixed(mut bot: Bot) {
        opened(&mut bot).await;
        let (store, now) = (bot.engine().store().clone(), bot.hands.now());
        let key = store.list("task/", None, 1, now).await.expect("the store answers").remove(0);
        let (rev, whole) = store.get(&key, now).await.expect("answers").expect("is there");
        let damaged = Doc { body: "{}".into(), wake_at: None, expires_at: None };
        let put = store.put(&key, &damaged, Expect::At(rev), now).await.expect("is written");
        let PutResult::Stored(rev) = put else { panic!("someone else wrote it") };
        pull(&bot).merge("cy");
        let calls = bot.github().calls().len();
        bot.watch(1_800).await;
        assert_eq!(bot.github().calls().len(), calls, "nobody could be told");
        store.put(&key, &whole, Expect::At(rev), bot.hands.now()).await.expect("is written");
        bot.watch(7_200).await;
        assert_eq!(bot.said().matches("was *merged* by cy").count(), 1, "{}", bot.said());
    }

    async fn a_transferred_repository_is_followed_to_its_new_owner(mut bot: Bot) {
        opened(&mut bot).await;
        bot.github().repo("AshikNesin/404less").rename("another-team/404less");
        bot.watch(300).await;
        bot.github().repo("another-team/404less").open(214).merge("cy");
        bot.watch(1_300).await;
        assert_eq!(bot.said().matches("was *merged* by cy").count(), 1, "{}", bot.said());
    }

    async fn a_branch_that_people_replaced_is_asked_about_before_jules_gets_anything(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).force_push();
        bot.watch(300).await;
        let before = bot.told_jules();
        bot.replies("ann", "One more thing.").await;
        bot.watch(30).await;
        assert_eq!(bot.told_jules(), before, "{}", bot.said());
        assert!(bot.said().contains("Send anyway"), "{}", bot.said());
    }
}
