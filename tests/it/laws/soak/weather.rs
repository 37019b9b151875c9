//! What the weather is: faults of single calls, spells that last for a while, and the call in whose middle
//! the process dies.

use super::calls::{Dice, jules_fault, slack_fault};
use crate::harness::bot::Bot;
use crate::harness::clock::Hands;
use jiff::SignedDuration;
use serde_json::json;
use sim::jules::{Call, Fault as JulesFault, Op};
use sim::slack::Fault as SlackFault;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Of so many calls, one goes wrong.
const ONE_IN: u64 = 20;

/// Of so many sessions, one is sick in a spell of sickness.
const SICK_ONE_IN: u64 = 3;

/// The longest that a slow page takes, in seconds.
const SLOWEST: u64 = 25;

/// How far our clock goes ahead before it is set back: longer than the whole storm takes afterwards.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);

/// What Slack says of a token for a while; an operator can fix each.
const TOKEN_CODES: [&str; 6] = [
    "invalid_auth",
    "token_expired",
    "token_revoked",
    "account_inactive",
    "missing_scope",
    "access_denied",
];

/// Something that is wrong for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spell {
    /// Slack refuses the token.
    SlackToken,
    /// Jules refuses the key.
    JulesKey,
    /// The key is another account's: it has none of our sessions, and makes none.
    OtherAccount,
    /// Our clock is days ahead, and set back at the end.
    ClockAhead,
    /// Some sessions' activities cannot be read.
    Sick,
    /// Every page of Jules takes many seconds.
    SlowPages,
}

impl Spell {
    pub(super) const ALL: [Self; 6] = [
        Self::SlackToken,
        Self::JulesKey,
        Self::OtherAccount,
        Self::ClockAhead,
        Self::Sick,
        Self::SlowPages,
    ];
}

/// When a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    Far,
    /// After so many more calls.
    In(u64),
    Met,
}

/// Clones are the same weather.
#[derive(Clone)]
pub(super) struct Weather {
    dice: Dice,
    hands: Hands,
    stormy: Arc<AtomicBool>,
    spell: Arc<Mutex<Option<Spell>>>,
    death: Arc<watch::Sender<Death>>,
}

/// A call that a process does not survive.
enum Fatal {
    /// It never arrives.
    Before,
    /// It is done, and nobody learns of it.
    After,
}

impl Weather {
    /// Fair, and between the bot and both services from here on.
    pub(super) fn over(bot: &Bot, dice: Dice) -> Self {
        let weather = Self {
            dice,
            hands: bot.hands.clone(),
            stormy: Arc::default(),
            spell: Arc::default(),
            death: Arc::new(watch::Sender::new(Death::Far)),
        };
        let jules = weather.clone();
        bot.jules.gate(Arc::new(move |call| jules.of_jules(call)));
        let slack = weather.clone();
        bot.slack.gate(Arc::new(move |_| slack.of_slack()));
        weather
    }

    /// Whether single calls go wrong.
    pub(super) fn storms(&self, storms: bool) {
        self.stormy.store(storms, Ordering::Relaxed);
    }

    /// From here on this is wrong as well.
    pub(super) fn begin(&self, bot: &Bot, spell: Spell) {
        match spell {
            Spell::SlackToken => bot.slack.refuse_token(self.dice.pick(&TOKEN_CODES)),
            Spell::JulesKey => {
                bot.account().revoke();
            }
            Spell::ClockAhead => bot.set_clock_ahead(AHEAD),
            Spell::OtherAccount | Spell::Sick | Spell::SlowPages => {}
        }
        *self.spell() = Some(spell);
    }

    /// What is wrong for a while is right again.
    pub(super) fn clears(&self, bot: &Bot) {
        match self.spell().take() {
            Some(Spell::SlackToken) => bot.slack.accept_token(),
            Some(Spell::JulesKey) => {
                bot.account().restore();
            }
            Some(Spell::ClockAhead) => bot.set_clock_ahead(SignedDuration::ZERO),
            Some(Spell::OtherAccount | Spell::Sick | Spell::SlowPages) | None => {}
        }
    }

    /// The process dies in the middle of the call after so many more.
    pub(super) fn dooms(&self, calls: u64) {
        self.death.send_replace(Death::In(calls));
    }

    /// No death is near any more.
    pub(super) fn spares(&self) {
        self.death.send_replace(Death::Far);
    }

    /// Ends when death was met.
    pub(super) async fn met(&self) {
        let mut death = self.death.subscribe();
        drop(death.wait_for(|death| *death == Death::Met).await.expect("we hold the sender"));
    }

    fn spell(&self) -> std::sync::MutexGuard<'_, Option<Spell>> {
        self.spell.lock().expect("not poisoned")
    }

    /// Counts a call towards the death.
    fn dies(&self) -> Option<Fatal> {
        let mut fatal = false;
        self.death.send_if_modified(|death| {
            *death = match *death {
                Death::Far => return false,
                Death::In(0) | Death::Met => Death::Met,
                Death::In(calls) => Death::In(calls - 1),
            };
            fatal = *death == Death::Met;
            fatal
        });
        fatal.then(|| if self.dice.one_in(2) { Fatal::Before } else { Fatal::After })
    }

    fn strikes(&self) -> bool {
        self.stormy.load(Ordering::Relaxed) && self.dice.one_in(ONE_IN)
    }

    fn of_slack(&self) -> Option<SlackFault> {
        match self.dies() {
            Some(Fatal::Before) => return Some(SlackFault::HangBefore),
            Some(Fatal::After) => return Some(SlackFault::HangAfter),
            None => {}
        }
        self.strikes().then(|| slack_fault(&self.dice))
    }

    fn of_jules(&self, call: &Call) -> Option<JulesFault> {
        match self.dies() {
            Some(Fatal::Before) => return Some(JulesFault::HangBefore),
            Some(Fatal::After) => return Some(JulesFault::HangAfter),
            None => {}
        }
        let spell = *self.spell();
        let by_the_spell = match spell {
            Some(Spell::OtherAccount) => elsewhere(call),
            Some(Spell::Sick) => is_sick(call).then(|| JulesFault::status(500)),
            Some(Spell::SlowPages) => {
                self.pauses(call);
                None
            }
            Some(Spell::SlackToken | Spell::JulesKey | Spell::ClockAhead) | None => None,
        };
        by_the_spell.or_else(|| self.strikes().then(|| jules_fault(&self.dice, call.op)))
    }

    /// A page takes its time.
    fn pauses(&self, call: &Call) {
        if matches!(call.op, Op::ListActivities | Op::ListSessions | Op::GetSession) {
            let seconds = i64::try_from(self.dice.below(SLOWEST)).expect("is small");
            self.hands.forward(SignedDuration::from_secs(seconds));
        }
    }
}

/// What another account says of ours.
fn elsewhere(call: &Call) -> Option<JulesFault> {
    match call.op {
        Op::ListSessions => Some(JulesFault::rewrite(|body| body["sessions"] = json!([]))),
        Op::GetSession | Op::ListActivities | Op::GetActivity => Some(JulesFault::status(404)),
        Op::CreateSession | Op::SendMessage | Op::ApprovePlan => Some(JulesFault::status(503)),
        Op::ArchiveSession | Op::UnarchiveSession | Op::DeleteSession => None,
        Op::ListSources | Op::GetSource | Op::Unknown => None,
    }
}

/// Whether it reads a session that is sick in every spell of sickness: one in some, by its id.
fn is_sick(call: &Call) -> bool {
    let id = call.path.split('/').nth(3).unwrap_or_default();
    let sum: u64 = id.bytes().map(u64::from).sum();
    call.op == Op::ListActivities && sum.is_multiple_of(SICK_ONE_IN)
}
