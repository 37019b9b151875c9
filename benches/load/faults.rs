//! One misbehaving thing next to healthy ones, and what it costs those: a busy team, a page that never
//! arrives, sick sessions, ended ones, many open ones, a crowd in a channel, slow repositories, a silent Jules.
//!
//! What takes a minute runs on the real program in real time (`faults/real.rs`); what takes longer, on the
//! whole app in this process with a clock that is moved by hand (`faults/simulated.rs`). The table says which.

mod heard;
mod real;
mod simulated;
mod tally_store;

use crate::report::Table;
use crate::results::Results;
use clap::ValueEnum;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Row {
    /// A question, while someone writes elsewhere all the time
    Question,
    /// A thread, while another session's page never arrives
    Page,
    /// A thread next to 16 sessions that cannot be read
    Sick,
    /// Calls for sessions that ended an hour ago
    Ended,
    /// Bytes that a touch writes while thousands of sessions are open
    Touch,
    /// 500 tasks in one channel at once
    Crowd,
    /// An unknown name, while a page of repositories takes 3.2 s
    Sources,
    /// A card, while Jules accepts requests and never answers
    Silent,
}

/// One line of the table.
struct Figure {
    what: String,
    figure: String,
    aim: &'static str,
    how: &'static str,
}

impl Row {
    /// Whether it runs in real time, most of it waiting.
    fn waits(self) -> bool {
        matches!(self, Self::Question | Self::Page | Self::Sources | Self::Silent)
    }

    async fn measure(self, is_short: bool) -> Vec<Figure> {
        match self {
            Self::Question => real::question(is_short).await,
            Self::Page => real::page(is_short).await,
            Self::Sources => real::sources(is_short).await,
            Self::Silent => real::silent(is_short).await,
            Self::Sick => simulated::sick(is_short).await,
            Self::Ended => simulated::ended(is_short).await,
            Self::Touch => simulated::touch(is_short).await,
            Self::Crowd => simulated::crowd(is_short).await,
        }
    }
}

/// Each of these. In short, those that wait in real time wait together.
pub(crate) fn measure(rows: &[Row], is_short: bool, runtime: &Runtime) {
    println!("\n## One misbehaving thing, and what it costs the others\n");
    let mut figures: Vec<(usize, Vec<Figure>)> = Vec::new();
    let mut waiting = JoinSet::new();
    for (nth, row) in rows.iter().copied().enumerate() {
        let measured = async move { (nth, row.measure(is_short).await) };
        if is_short && row.waits() {
            waiting.spawn_on(measured, runtime.handle());
        } else {
            figures.push(runtime.block_on(measured));
        }
    }
    figures.extend(runtime.block_on(waiting.join_all()));
    figures.sort_by_key(|(nth, _)| *nth);

    let mut results = Results::default();
    let mut table = Table::new(&["what", "figure", "aim", "how"]);
    for Figure { what, figure, aim, how } in figures.into_iter().flat_map(|(_, figures)| figures) {
        results.note(what.clone(), figure.clone());
        table.row([what, figure, aim.to_owned(), how.to_owned()]);
    }
    table.print();
    results.write("faults");
}
