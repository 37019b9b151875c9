//! What the operator does to a task on the command line: try again at once what it waits for, or give it up.

use super::audit::trail;
use super::own_keys::{ANNS, anns, connects};
use crate::harness::bot::{Bot, stories};
use domain::ids::TaskId;
use domain::task::{NotOperable, OperatorAct, TaskOverview, TaskState};
use jules_slack::engine::Operated;
use jules_slack::local::Tasks;
use sim::jules::{Fault as JulesFault, Op};

/// The tasks, as `jules-slack tasks` has them.
async fn tasks(bot: &Bot) -> Vec<TaskOverview> {
    let now = bot.hands.now();
    let read = bot.running().run(move |engine| async move {
        Tasks::of(&**engine.store(), now).await.expect("the store answers")
    });
    let tasks = read.await.expect("lives");
    assert_eq!(tasks.unreadable, Vec::<String>::new());
    tasks.read
}

/// The only one.
async fn task(bot: &Bot) -> TaskOverview {
    let mut tasks = tasks(bot).await;
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    tasks.remove(0)
}

async fn operate(bot: &Bot, id: &TaskId, act: OperatorAct) -> Operated {
    let id = id.clone();
    let done = bot.running().run(move |engine| async move { engine.operate(&id, act).await });
    let done = done.await.expect("lives").expect("the store answers");
    bot.settle().await;
    done
}

/// What is on record of it.
async fn recorded(bot: &Bot) -> Vec<&'static str> {
    let records = trail(bot).await;
    assert!(records.iter().all(|record| record.task.is_some()));
    records.iter().map(|record| record.action.name()).collect()
}

/// A task whose session can't be created, so that its attempts are minutes apart.
async fn stuck(bot: &Bot) -> TaskOverview {
    bot.jules.fault(JulesFault::status(401)).on(Op::CreateSession).times(1_000);
    bot.types("ann", "/jules repo=404less tidy up").await;
    bot.pass(900).await;
    task(bot).await
}

stories! {
    async fn what_it_waits_for_is_shown_and_tried_again_at_once(bot: Bot) {
        let held = stuck(&bot).await;
        assert_eq!(held.state, TaskState::Starting);
        let create = held.waiting.iter().find(|one| one.kind == "create_session").expect("waits");
        assert_eq!(create.cause.as_deref(), Some("jules_key_refused"));
        let wait = create.next.duration_since(bot.hands.now());
        assert!(wait.is_positive(), "{wait}: nothing is due while the clock stands");
        bot.jules.clear_faults();
        assert_eq!(operate(&bot, &held.id, OperatorAct::Retry).await, Operated::Done);
        let runs = task(&bot).await;
        assert_eq!((runs.state, runs.session.is_some()), (TaskState::Running, true));
        assert_eq!(recorded(&bot).await, ["task.start", "task.resume"]);
        let again = operate(&bot, &held.id, OperatorAct::Retry).await;
        assert_eq!(again, Operated::Not(NotOperable::NothingToRetry));
        let other = TaskId::parse("7f3k9x2q4m1a").expect("an id");
        assert_eq!(operate(&bot, &other, OperatorAct::Retry).await, Operated::Unknown);
    }

    async fn a_session_that_cannot_be_created_is_stuck(bot: Bot) {
        stuck(&bot).await;
        bot.pass(60).await;
        let held = task(&bot).await;
        assert_eq!((held.state, held.stuck), (TaskState::Starting, true));
    }

    async fn a_session_in_line_is_not_stuck_however_long_it_waits(bot: Bot) {
        bot.account().limits(1, 100);
        bot.types("ann", "/jules repo=404less one").await;
        bot.types("ben", "/jules repo=404less two").await;
        bot.pass(1_000).await;
        let mut tasks = tasks(&bot).await.into_iter();
        let waits = tasks.find(|task| task.state == TaskState::InLine).expect("waits in line");
        assert!(!waits.stuck, "{waits:?}");
        assert!(waits.waiting.iter().any(|one| one.kind == "create_session"), "{waits:?}");
    }

    async fn a_task_that_waits_for_someones_own_key_is_not_stuck(bot: Bot) {
        anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        bot.jules.fault(JulesFault::status(401)).on(Op::CreateSession).times(1_000);
        bot.types("ann", "/jules repo=dots tidy up").await;
        bot.pass(1_000).await;
        let held = task(&bot).await;
        assert_eq!((held.state, held.stuck), (TaskState::Starting, false), "{held:?}");
        let create = held.waiting.iter().find(|one| one.kind == "create_session").expect("waits");
        assert_eq!(create.cause.as_deref(), Some("jules_key_refused"));
    }

    async fn a_task_that_jules_has_not_begun_is_dropped_for_good(bot: Bot) {
        let held = stuck(&bot).await;
        assert_eq!(operate(&bot, &held.id, OperatorAct::Drop).await, Operated::Done);
        bot.jules.clear_faults();
        bot.pass(900).await;
        assert_eq!(bot.account().sessions().len(), 0);
        let screen = bot.screen("dev");
        assert!(screen.contains("Dropped"), "{screen}");
        let dropped = task(&bot).await;
        assert_eq!(dropped.state, TaskState::Stopped);
        assert_eq!(recorded(&bot).await, ["task.start", "task.drop"]);
        let again = operate(&bot, &held.id, OperatorAct::Drop).await;
        assert_eq!(again, Operated::Not(NotOperable::NothingToDrop));
        // Anyone who wants it can start it over.
        bot.clicks("ann", "Retry").await;
        bot.pass(5).await;
        assert_eq!(bot.account().sessions().len(), 1);
    }

    async fn a_running_task_is_dropped_and_nothing_more_is_said_about_its_session(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask tidy up").await;
        let session = bot.session();
        bot.account().plan(&session, &[("Look", "")]);
        bot.watch(10).await;
        let waiting = task(&bot).await;
        assert_eq!(waiting.state, TaskState::Waiting);
        assert_eq!(operate(&bot, &waiting.id, OperatorAct::Drop).await, Operated::Done);
        let card = bot.slack.channel_messages("dev").remove(0);
        let thread = || bot.slack.thread("dev", &card.ts);
        let said = thread().last().expect("something is said").shown.clone();
        assert!(said.contains("dropped this task") && said.contains("continues in Jules"), "{said}");
        let before = thread().len();
        bot.account().user_approves(&session);
        bot.account().finish(&session);
        bot.watch(120).await;
        assert_eq!(thread().len(), before, "{}", bot.screen("dev"));
        // Its session hasn't ended, so nobody says that.
        let all: Vec<String> = thread().into_iter().map(|one| one.shown).collect();
        assert!(all.iter().any(|said| said.contains("The task ended before anyone decided.")), "{all:?}");
        assert!(!all.iter().any(|said| said.contains("session ended")), "{all:?}");
        bot.replies("ann", "are you there?").await;
        bot.pass(5).await;
        assert_eq!(task(&bot).await.state, TaskState::Stopped);
    }
}
