//! What has to be there in the end, whatever happened on the way: one card, one session, one link.

use crate::harness::bot::{Bot, KEY};
use crate::harness::look::without_names;
use sim::slack::Post;

/// What everybody sees of the tasks in `#dev`: cards in order, each with its thread, with words in
/// place of what differs from run to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Public {
    pub(crate) cards: Vec<String>,
    pub(crate) replies: Vec<Vec<String>>,
    pub(crate) sessions: usize,
}

impl Public {
    pub(crate) fn of(bot: &Bot) -> Self {
        let posts: Vec<Post> =
            bot.slack.channel_messages("dev").into_iter().filter(is_public).collect();
        let replies = |post: &Post| {
            let thread = bot.slack.thread("dev", &post.ts).into_iter();
            let replies = thread.filter(|reply| reply.ts != post.ts && is_public(reply));
            replies.map(|reply| plain(bot, &reply.shown)).collect()
        };
        Self {
            cards: posts.iter().map(|post| plain(bot, &post.shown)).collect(),
            replies: posts.iter().map(replies).collect(),
            sessions: bot.account().sessions().len(),
        }
    }

    /// One card, one session, one link that is the session's, and the card shows its state.
    pub(crate) fn is_one_of_each(&self) -> bool {
        let one = self.sessions == 1 && self.cards.len() == 1;
        let shown = self.cards.iter().all(|card| card.contains("*Queued in Jules*"));
        let linked = self.replies.iter().all(|replies| match replies.as_slice() {
            [link] => link.contains("/session/SESSION"),
            _ => false,
        });
        one && shown && linked
    }
}

fn is_public(post: &Post) -> bool {
    post.only_for.is_none()
}

/// A text without what differs from run to run: the tasks' and sessions' ids, and how long it goes on or took.
pub(crate) fn plain(bot: &Bot, shown: &str) -> String {
    let sessions = bot.jules.account(KEY).sessions();
    let named =
        sessions.iter().fold(shown.to_owned(), |text, one| text.replace(&one.id, "SESSION"));
    without_names(&named).lines().map(timeless).collect::<Vec<_>>().join("\n")
}

fn timeless(queue: &str) -> String {
    for word in [" for ", " after ", " in "] {
        if let Some((before, after)) = queue.split_once(word)
            && after.starts_with(|c: char| c.is_ascii_digit())
        {
            return before.to_owned();
        }
    }
    queue.to_owned()
}
