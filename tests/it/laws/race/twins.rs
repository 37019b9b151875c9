//! Three replicas, and equal tasks whose creates all lose their answers: a replica that looks for its session
//! finds all of them, and each takes one.

use super::three::Three;
use sim::jules::{Fault, Op};
use sim::slack::Post;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many tasks say the same.
const TWINS: usize = 6;

#[tokio::test]
async fn equal_tasks_whose_answers_are_lost_have_a_session_each() {
    for seed in 0..super::ROUNDS {
        let three = Three::slow(seed).await;
        let creates = AtomicUsize::new(0);
        three.bot.jules.gate(Arc::new(move |call| {
            let is_lost =
                call.op == Op::CreateSession && creates.fetch_add(1, Ordering::Relaxed) < TWINS;
            is_lost.then_some(Fault::DropAfter)
        }));
        three
            .while_working(async {
                for _ in 0..TWINS {
                    super::type_everywhere(&three, "tidy up").await;
                }
            })
            .await;
        three.rest().await;
        let screen = three.bot.screen("dev");
        let sessions = three.bot.account().sessions();
        assert_eq!(sessions.len(), TWINS, "seed {seed}\n{screen}");
        let cards = three.bot.cards("dev");
        assert_eq!(cards.len(), TWINS, "seed {seed}\n{screen}");
        let linked = |card: &Post| {
            let thread = three.bot.slack.thread("dev", &card.ts);
            let is_there = |id: &str| thread.iter().any(|post| post.shown.contains(id));
            sessions.iter().map(|one| one.id.as_str()).find(|id| is_there(id))
        };
        let taken: BTreeSet<&str> = cards.iter().filter_map(linked).collect();
        assert_eq!(taken.len(), TWINS, "each has its own, seed {seed}\n{screen}");
    }
}
