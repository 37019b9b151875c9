//! Sessions moved by hand: what Jules does, and what people do in its web app
//! (reference §4, §7.1 rows 13–17 and 20, F10, F12, F16).
//!
//! Each method does nothing when the session is not there.

use super::account::Account;
use super::acts;
use super::finish::Finish;
use super::ids;
use super::model::{Activity, Output, SessionState, State, World, as_map};
use super::script::{self, Step};
use super::writes::{self, Seed};
use jiff::Timestamp;
use platform::lock::lock;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// Where a session comes from that the API did not make (reference §7.1 row 20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Typed into the web app.
    Web,
    /// Proposed by Jules: the title is the whole prompt, several KB of it.
    Suggested,
    /// Started by a schedule.
    Scheduled,
    /// Without a repository.
    Repoless,
}

impl Account {
    fn world<T>(&self, act: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        let now = self.shared.now();
        act(&mut lock(&self.shared.world), now)
    }

    fn act(&self, id: &str, act: impl FnOnce(&mut SessionState, Timestamp, u64)) {
        self.world(|world, now| {
            let serial = world.next();
            if let Some(session) = world.account(&self.key).session(id) {
                act(session, now, serial);
            }
        });
    }

    /// A session made elsewhere; it waits for its user and moves only by hand. Its id comes back.
    pub fn add_foreign_session(&self, origin: Origin, prompt: &str, source: &str) -> String {
        let context = json!({
            "source": source,
            "githubRepoContext": { "startingBranch": "main" },
        });
        let (prompt, title) = match origin {
            Origin::Web | Origin::Repoless => (prompt.to_owned(), None),
            Origin::Suggested => {
                let long = format!("{prompt}\n\n{}", "Find it, fix it, prove it. ".repeat(150));
                (long.clone(), Some(long))
            }
            Origin::Scheduled => (prompt.to_owned(), Some(format!("Scheduled: {prompt}"))),
        };
        let seed = Seed {
            prompt,
            title,
            source_context: (origin != Origin::Repoless).then_some(context),
            auto_pr: false,
            gated: false,
        };
        self.world(|world, now| writes::add_foreign(world, &self.key, seed, now))
    }

    /// The session's first plan waits for approval, as its user chose in the web app.
    pub fn asks_for_approval(&self, id: &str) {
        self.act(id, |s, _, _| s.gated = true);
    }

    /// Takes the next step of the session's script now, whatever the pace. False when there is
    /// none, or when the next one waits for a person.
    pub fn step(&self, id: &str) -> bool {
        self.world(|world, now| script::step(world, &self.key, id, now))
    }

    /// Takes steps until there is none left or one waits for a person.
    pub fn run(&self, id: &str) {
        while self.step(id) {}
    }

    /// Takes every step that is due by `now` at the set pace. The server does so before each call
    /// of the account; a demo that pushes changes does it by a timer too.
    pub fn advance(&self, now: Timestamp) {
        script::advance(&mut lock(&self.shared.world), &self.key, now);
    }

    /// Puts the session into a state and takes its script away.
    pub fn set_state(&self, id: &str, state: State) {
        self.act(id, |s, now, serial| {
            s.state = state;
            s.script.clear();
            s.touch(now, serial);
        });
    }

    /// A plan with these steps, each a title and a description that may be empty. It waits for
    /// approval when the session was made so and none was approved yet; else it approves itself.
    pub fn plan(&self, id: &str, steps: &[(&str, &str)]) {
        let steps: Vec<_> = steps.iter().map(|(t, d)| ((*t).to_owned(), (*d).to_owned())).collect();
        self.act(id, |s, now, serial| {
            script::skip_plan(s);
            acts::plan(s, &steps, now, serial);
            if s.state == State::AwaitingPlanApproval {
                return;
            }
            if s.gated {
                // Approval carries forward, and leaves no activity (reference §4.1).
                s.state = State::InProgress;
            } else {
                // Another serial, for another id.
                acts::approve(s, now, serial ^ (1 << 60));
            }
        });
    }

    /// A progress update; either part may be empty.
    pub fn progress(&self, id: &str, title: &str, description: &str) {
        self.act(id, |s, now, serial| {
            s.state = State::InProgress;
            s.record(now, serial, "agent", acts::progress(title, description));
        });
    }

    /// Jules says something.
    pub fn say(&self, id: &str, text: &str) {
        self.act(id, |s, now, serial| s.record(now, serial, "agent", acts::say(text)));
    }

    /// Jules asks something and waits for the answer.
    pub fn ask(&self, id: &str, text: &str) {
        self.act(id, |s, now, serial| {
            s.record(now, serial, "agent", acts::say(text));
            s.state = State::AwaitingUserFeedback;
        });
    }

    /// Jules asks something; once it's answered, it makes its change and completes.
    pub fn ask_then_finish(&self, id: &str, text: &str) {
        self.ask(id, text);
        self.act(id, |s, _, _| {
            let change = Step::Patch { title: "I have made the change.".to_owned() };
            s.script = VecDeque::from([Step::AwaitMessage, change, Step::Complete]);
        });
    }

    /// Completes the session as it was asked for: with a pull request if it was made so.
    pub fn finish(&self, id: &str) {
        self.act(id, |s, now, serial| {
            let usual = if s.auto_pr && s.source_context.is_some() {
                Finish::pull_request()
            } else {
                Finish::change_set()
            };
            usual.perform(s, now, serial);
        });
    }

    /// Completes the session with these outputs.
    pub fn finish_with(&self, id: &str, finish: &Finish) {
        self.act(id, |s, now, serial| finish.perform(s, now, serial));
    }

    /// Completes the session with exactly these outputs, in this order, given as on the wire. No activity
    /// tells of a change (reference §2.1: several outputs come in any order).
    pub fn complete_with(&self, id: &str, outputs: &[Value]) {
        self.act(id, |s, now, serial| {
            Finish::empty().perform(s, now, serial);
            let output = |json: &Value| Output { seen_from: now, json: json.clone() };
            s.outputs = outputs.iter().map(output).collect();
        });
    }

    /// Fails the session, with or without a reason.
    pub fn fail(&self, id: &str, reason: Option<&str>) {
        self.act(id, |s, now, serial| acts::fail(s, reason, now, serial));
    }

    /// Moves `updateTime` and nothing else (reference §7.1 row 23).
    pub fn touch(&self, id: &str) {
        self.act(id, SessionState::touch);
    }

    /// Any activity, given as on the wire; its name, id and time are made new (row 24).
    pub fn add_activity(&self, id: &str, payload: &Value) {
        self.act(id, |s, now, serial| {
            let by = payload["originator"].as_str().unwrap_or_default();
            s.record(now, serial, by, payload.clone());
        });
    }

    /// An activity that turns up now with another, for example an earlier, `createTime` (F10).
    pub fn add_activity_at(&self, id: &str, created: Timestamp, payload: &Value) {
        self.act(id, |s, now, serial| {
            s.activities.push(Activity {
                id: ids::hex_id(serial),
                created,
                seen_from: now,
                by: payload["originator"].as_str().unwrap_or_default().to_owned(),
                content: as_map(payload.clone()),
            });
        });
    }

    /// The user writes in the web app (F16).
    pub fn user_writes(&self, id: &str, text: &str) {
        self.world(|world, now| {
            // No one reads the reply of a session that doesn't exist.
            let _ = writes::hear(world, &self.key, id, text, now);
        });
    }

    /// The user approves the plan in the web app (F16).
    pub fn user_approves(&self, id: &str) {
        self.world(|world, now| {
            let _ = writes::approve_plan(world, &self.key, id, now);
        });
    }

    /// The user archives the session in the web app, or takes it back (F16).
    pub fn user_archives(&self, id: &str, archived: bool) {
        self.world(|world, now| {
            let _ = writes::archive(world, &self.key, id, archived, now);
        });
    }

    /// The user deletes the session in the web app (F16).
    pub fn user_deletes(&self, id: &str) {
        self.world(|world, _| {
            let _ = writes::delete(world, &self.key, id);
        });
    }
}
