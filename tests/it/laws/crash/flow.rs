//! What a person does in the runs, and a run: dying at given points and being started again.

use crate::harness::bot::{Bot, Place};
use crate::harness::fate::Fate;
use crate::laws::one_of_each::Public;
use jiff::SignedDuration;
use sim::slack::{Outcome, SimSlack};

/// The ways to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// The command says everything.
    Command,
    /// The command says too little, the form says the rest. Counted from the form's sending on: a
    /// form that was not opened was promised to nobody.
    Form,
    /// Jules' limit is reached for a minute: the task waits in line.
    WaitQueue,
}

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    File,
    Redis,
}

impl On {
    pub(super) fn place(self) -> Place {
        match self {
            Self::File => Place::file(),
            Self::Redis => Place::redis(),
        }
    }
}

/// What happens on the way.
#[derive(Debug, Clone, Default)]
pub(super) struct Story {
    /// The points at which a process dies: the first counted from the start, each other from the
    /// start of the process after.
    pub(super) deaths: Vec<usize>,
    /// Slack delivers again what was not acknowledged.
    pub(super) redelivers: bool,
}

/// How a run ended.
pub(super) struct End {
    pub(super) public: Public,
    /// The points that were passed since the last start.
    pub(super) passed: Vec<String>,
    /// The points at which a process died.
    pub(super) died: Vec<String>,
    /// How many deliveries there were.
    pub(super) deliveries: usize,
    /// How many of them were acknowledged.
    pub(super) acknowledged: usize,
    /// How many private lines of ours the author got.
    pub(super) whispers: usize,
    /// How long it took, by the clock on the wall.
    pub(super) took: SignedDuration,
    /// The channel, to show when something is wrong.
    pub(super) screen: String,
}

/// Plays a story to its end.
pub(super) async fn play(flow: Flow, on: On, story: &Story) -> End {
    let fate = Fate::open();
    let mut bot = Bot::with_store(on.place(), fate.around()).await;
    prepare(flow, &bot).await;
    fate.between(&bot);
    let begun = bot.hands.now();
    let mut deaths = story.deaths.iter().copied();
    let (mut died, mut acknowledged, mut deliveries) = (Vec::new(), 0, 0);
    fate.falls(deaths.next());
    loop {
        if deliveries == 0 || (story.redelivers && acknowledged == 0) {
            let taken = deliver(flow, &mut bot, &fate, deliveries > 0).await;
            deliveries += 1;
            acknowledged += usize::from(taken);
        }
        let point = tokio::select! {
            biased;
            point = fate.met() => point,
            () = goes_on(&bot, !died.is_empty()) => break,
        };
        died.push(point);
        bot.kill().await;
        fate.lift();
        bot.start().await;
        fate.falls(deaths.next());
    }
    let whispers = bot.slack.ephemerals("ann");
    End {
        public: Public::of(&bot),
        passed: fate.passed(),
        died,
        deliveries,
        acknowledged,
        whispers: whispers.iter().filter(|queue| queue.author == "jules").count(),
        took: bot.hands.now().duration_since(begun),
        screen: bot.screen("dev"),
    }
}

/// Time passes until nothing waits any more. What a process died over is taken up by the next one long
/// before its lease ends.
async fn goes_on(bot: &Bot, after_a_death: bool) {
    if after_a_death {
        bot.pass(bot.place.heir_begins_within()).await;
        bot.assert_nothing_is_held().await;
    }
    bot.rest().await;
}

pub(super) async fn prepare(flow: Flow, bot: &Bot) {
    match flow {
        Flow::Command => {}
        Flow::Form => {
            bot.types("ann", "/jules rename frontend to website").await;
            let form = bot.slack.open_view("ann").expect("the form is open");
            form.type_ahead("Repository", "404less").await.expect("finds it");
            form.choose("Repository", "AshikNesin/404less").await.expect("is offered");
            bot.settle().await;
        }
        Flow::WaitQueue => {
            let minute = SignedDuration::from_mins(1);
            bot.account().refuse_creates_until(bot.hands.now() + minute);
        }
    }
}

/// Slack delivers what the person does, the first time or again; true when it was acknowledged.
async fn deliver(flow: Flow, bot: &mut Bot, fate: &Fate, again: bool) -> bool {
    let mut delivery = Box::pin(send(flow, bot.slack.clone(), again));
    tokio::select! {
        taken = &mut delivery => taken,
        _ = fate.met() => {
            // The connection ends with the process, and Slack sees that.
            bot.kill().await;
            delivery.await
        }
    }
}

pub(super) async fn send(flow: Flow, slack: SimSlack, again: bool) -> bool {
    let ann = slack.user("ann");
    if again {
        return ann.redeliver_last().await.expect("something was sent").ok();
    }
    match flow {
        Flow::Command | Flow::WaitQueue => {
            let typed = "/jules repo=404less rename frontend to website";
            ann.types("dev", typed).await.expect("can type there").ok()
        }
        Flow::Form => {
            let form = ann.view().expect("the form is open");
            form.submit().await.expect("can be sent") == Outcome::Closed
        }
    }
}
