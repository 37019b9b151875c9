//! Looking at what the bot did: on the screen, at Jules, and in the calls it made.

use super::bot::Bot;
use serde_json::Value;
use sim::jules::{Call, Op};
use sim::slack::{Form, Outcome, Post};

impl Bot {
    /// The newest line that only this person sees, wherever it stands.
    pub(crate) fn whispered(&self, name: &str) -> String {
        let lines = self.slack.ephemerals(name);
        lines.last().map(|line| line.shown.clone()).unwrap_or_default()
    }

    /// Everything that only this person sees, oldest first.
    pub(crate) fn privately(&self, name: &str) -> String {
        let lines = self.slack.ephemerals(name);
        lines.iter().map(|line| line.shown.as_str()).collect::<Vec<_>>().join("\n---\n")
    }

    /// The form on this person's screen.
    pub(crate) fn form(&self, name: &str) -> Form {
        self.slack.open_view(name).expect("a form is open")
    }

    /// Sends the form on this person's screen; everything that follows at once is done.
    pub(crate) async fn sends(&self, name: &str) -> Outcome {
        let outcome = self.form(name).submit().await.expect("can be sent");
        self.settle().await;
        outcome
    }

    /// Picks an option of a select by typing its name; what follows at once is done.
    pub(crate) async fn picks(&self, name: &str, field: &str, option: &str) {
        let form = self.form(name);
        form.type_ahead(field, option).await.expect("offers something");
        form.choose(field, option).await.expect("is offered");
        self.settle().await;
    }

    /// The bodies of all requests to make a session, as they went over the wire.
    pub(crate) fn asked_of_jules(&self) -> Vec<Value> {
        let calls = self.jules.calls().into_iter();
        calls.filter(|call| call.op == Op::CreateSession).map(|call| call.body).collect()
    }

    /// How often an operation of Jules' was called.
    pub(crate) fn jules_calls(&self, op: Op) -> usize {
        self.jules.calls().iter().filter(|call| call.op == op).count()
    }

    /// How often a lost session was looked for, which is not how sessions are watched.
    pub(crate) fn searches(&self) -> usize {
        let is_search = |call: &Call| {
            call.op == Op::ListSessions
                && call
                    .query
                    .iter()
                    .any(|(name, value)| name == "fields" && value.contains("sourceContext"))
        };
        self.jules.calls().iter().filter(|call| is_search(call)).count()
    }

    /// The cards in a channel, oldest first, without their tasks' names.
    pub(crate) fn cards(&self, channel: &str) -> Vec<Post> {
        let posts = self.slack.channel_messages(channel).into_iter();
        let cards = posts.filter(|post| post.author == "jules" && post.metadata.is_some());
        cards.map(|card| Post { shown: without_names(&card.shown), ..card }).collect()
    }

    /// The only card in `#dev`, as a person sees it.
    pub(crate) fn card(&self) -> String {
        let cards = self.cards("dev");
        assert_eq!(cards.len(), 1, "one card, not {cards:#?}");
        cards[0].shown.clone()
    }

    /// How the only card says it is going: the headline, and the line below it.
    pub(crate) fn standing(&self) -> String {
        let card = self.card();
        let lines = card.lines().skip_while(|line| !line.starts_with(':'));
        lines.take(2).collect::<Vec<_>>().join("\n")
    }

    /// The id of the newest session.
    pub(crate) fn session(&self) -> String {
        self.account().sessions().last().expect("there is a session").id.clone()
    }

    /// The root of the newest task's thread in `#dev`.
    pub(crate) fn root(&self) -> String {
        self.cards("dev").last().expect("there is a card").ts.clone()
    }

    /// What stands in the thread of the newest task in `#dev`, without the card and the link.
    pub(crate) fn thread(&self) -> Vec<Post> {
        let posts = self.slack.thread("dev", &self.root()).into_iter();
        posts.skip(2).filter(|post| post.only_for.is_none()).collect()
    }

    /// The same as text.
    pub(crate) fn said(&self) -> String {
        let shown: Vec<String> = self.thread().into_iter().map(|post| post.shown).collect();
        shown.join("\n---\n")
    }

    /// Someone mentions the bot in `#dev`, in this thread; everything that follows at once is done.
    pub(crate) async fn mentions(&self, name: &str, thread: Option<&str>, words: &str) -> String {
        let person = self.slack.user(name);
        let said = match thread {
            Some(root) => person.mentions_in_thread("dev", root, words).await,
            None => person.mentions("dev", words).await,
        };
        let said = said.expect("can write");
        assert!(said.acks.iter().all(|ack| ack.ok()), "{:?}", said.acks);
        self.settle().await;
        said.ts
    }

    /// Someone writes in `#dev`, in this thread; everything that follows at once is done.
    pub(crate) async fn says(&self, name: &str, thread: Option<&str>, words: &str) -> String {
        let said = self.slack.user(name).says("dev", thread, words).await.expect("can write");
        assert!(said.acks.iter().all(|ack| ack.ok()), "{:?}", said.acks);
        self.settle().await;
        said.ts
    }

    /// What the bot has posted in a thread of `#dev`, oldest first.
    pub(crate) fn posted_in(&self, root: &str) -> Vec<Post> {
        let posts = self.slack.thread("dev", root).into_iter();
        posts.filter(|post| post.author == "jules" && post.only_for.is_none()).collect()
    }

    /// Someone writes in the thread of the newest task; everything that follows at once is done.
    pub(crate) async fn replies(&self, name: &str, words: &str) -> String {
        let root = self.root();
        let said = self.slack.user(name).says("dev", Some(&root), words).await.expect("can write");
        assert!(said.acks.iter().all(|ack| ack.ok()), "{:?}", said.acks);
        self.settle().await;
        said.ts
    }

    /// The reactions of the bot on a message in `#dev`.
    pub(crate) fn reactions(&self, ts: &str) -> Vec<String> {
        let thread = self.slack.thread("dev", &self.root());
        let message = thread.iter().find(|post| post.ts == ts).expect("is there");
        message.reactions.iter().map(|(emoji, _)| emoji.clone()).collect()
    }

    /// What was said to Jules in the newest session, oldest first.
    pub(crate) fn told_jules(&self) -> Vec<String> {
        let calls = self.jules.calls().into_iter().filter(|call| call.op == Op::SendMessage);
        calls.map(|call| call.body["prompt"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// There is one card in the channel, one session, and one link in the card's thread.
    #[track_caller]
    pub(crate) fn assert_once(&self, channel: &str) {
        let cards = self.cards(channel);
        assert_eq!(cards.len(), 1, "one card, not {cards:#?}");
        let sessions = self.account().sessions();
        assert_eq!(sessions.len(), 1, "one session, not {sessions:#?}");
        let thread = self.slack.thread(channel, &cards[0].ts);
        assert_eq!(thread.len(), 2, "the card and one link, not {thread:#?}");
        let url = format!("https://jules.google.com/session/{}", sessions[0].id);
        assert!(thread[1].shown.contains(&url), "{}", thread[1].shown);
        assert!(
            !thread[0].buttons.contains(&"Open in Jules".to_owned()),
            "{:?}",
            thread[0].buttons
        );
        assert!(thread[1].buttons.contains(&"Open in Jules".to_owned()), "{:?}", thread[1].buttons);
        assert!(thread[1].text.contains(&url), "a notification has no buttons: {}", thread[1].text);
    }

    /// Nothing of a task is anywhere: no card, no session, nothing even asked of Jules.
    #[track_caller]
    pub(crate) fn assert_nothing_started(&self) {
        assert_eq!(self.cards("dev").len(), 0);
        assert_eq!(self.account().sessions().len(), 0);
        assert_eq!(self.asked_of_jules().len(), 0);
    }

    /// Everything that the bot put on a screen was looked at by the test.
    #[track_caller]
    pub(crate) fn assert_all_read(&self) {
        assert_eq!(self.slack.unread(), Vec::<String>::new());
    }
}

/// What is shown, without the names of tasks at the end of each card's last line: they differ from run to run.
pub(crate) fn without_names(shown: &str) -> String {
    let plain = |line: &str| match line.rsplit_once("  task ") {
        Some((before, name)) if name.len() == 12 && name.chars().all(char::is_alphanumeric) => {
            before.to_owned()
        }
        Some(_) | None => line.to_owned(),
    };
    shown.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}
