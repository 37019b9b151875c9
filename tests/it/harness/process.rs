//! A process of the app inside the test.
//!
//! It has a runtime of its own, so that it can die as a process dies: in the middle of anything,
//! with its server, its connections and whatever it was doing besides.

use super::log::Log;
use futures_util::stream;
use jules_slack::app::{App, Timeouts};
use jules_slack::config::Config;
use jules_slack::engine::Engine;
use jules_slack::socket::{State, Status};
use jules_slack::telemetry;
use platform::clock::Clock;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Far longer than a death ever takes; only there so that a broken test ends.
const DEATH: Duration = Duration::from_secs(20);

/// Far longer than a connection ever takes; only there so that a broken test ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// Far more rounds than anything takes at one time; only there so that a broken test ends.
const MOST_ROUNDS: usize = 10_000;

/// One running process of the app.
pub(crate) struct Replica {
    pub(crate) engine: Arc<Engine>,
    pub(crate) url: String,
    /// What it logs.
    pub(crate) log: Log,
    /// Socket Mode, where it is on.
    pub(crate) socket: Option<Socket>,
    /// Gone while the process is being ended, at no other time.
    runtime: Option<Runtime>,
}

impl Replica {
    /// Starts a process over this store, listening on a port that the system chooses.
    pub(crate) async fn launch(
        store: Arc<dyn Store>,
        config: Config,
        patience: Timeouts,
        clock: Clock,
    ) -> Self {
        let log = Log::default();
        let dispatch = log.dispatch();
        let recorder = telemetry::recorder().expect("the table of metrics makes sense");
        let metrics = recorder.handle();
        // Lives as long as any thread of the process may.
        let recorder: &'static _ = Box::leak(Box::new(recorder));
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            // For as long as the thread lives.
            .on_thread_start(move || {
                std::mem::forget(tracing::dispatcher::set_default(&dispatch));
                std::mem::forget(metrics::set_default_local_recorder(recorder));
            })
            .build();
        let runtime = runtime.expect("a runtime");
        let launched = runtime.spawn(async move {
            let mut app =
                App::on(store, &config, &patience, clock, Some(metrics)).expect("the app is wired");
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let url = format!("http://{}", listener.local_addr().expect("an address"));
            let socket = app.socket.take().map(run_socket);
            #[expect(clippy::disallowed_methods, reason = "ends with its runtime")]
            tokio::spawn(app.serve(listener, CancellationToken::new()));
            (app.engine, url, socket)
        });
        let (engine, url, socket) = launched.await.expect("starts");
        Self { engine, url, log, socket, runtime: Some(runtime) }
    }

    /// Waits until Slack can deliver to it.
    pub(crate) async fn connected(&self) {
        if let Some(socket) = &self.socket {
            socket.stands(State::Connected(2)).await;
        }
    }

    /// Waits until it has logged these words so often.
    pub(crate) async fn logs(&self, words: &str, times: usize) {
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        let logged = async {
            while self.log.text().matches(words).count() < times {
                looks.tick().await;
            }
        };
        let logged = timeout(PATIENCE, logged).await;
        logged.unwrap_or_else(|_| panic!("it never logs {words:?}:\n{}", self.log.text()));
    }

    /// Does something inside the process; `None` when it died over it.
    pub(crate) async fn run<F, T>(&self, work: impl FnOnce(Arc<Engine>) -> F) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let runtime = self.runtime.as_ref().expect("lives");
        match runtime.spawn(work(Arc::clone(&self.engine))).await {
            Ok(done) => Some(done),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => None,
        }
    }

    /// Does everything that is due now, and everything that follows from it.
    pub(crate) async fn settle(&self) {
        self.run(|engine| async move { settle(&engine).await }).await;
    }

    /// Does whatever is due, again and again, until told to stop.
    pub(crate) async fn pump(&self, stop: CancellationToken) {
        self.run(|engine| async move {
            while !stop.is_cancelled() {
                settle(&engine).await;
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// Ends it where it stands. When this returns nothing of it is left, and its file is free.
    pub(crate) async fn kill(mut self) {
        let engine = Arc::downgrade(&self.engine);
        let runtime = self.runtime.take().expect("lives");
        let end = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(DEATH));
        end.await.expect("ends");
        drop(self);
        assert_eq!(engine.strong_count(), 0, "something still holds the engine of a dead process");
    }
}

/// Socket Mode of a process, whose time passes when the test says so.
pub(crate) struct Socket {
    status: Status,
    ticks: UnboundedSender<()>,
    stop: CancellationToken,
    ended: watch::Receiver<bool>,
}

fn run_socket(socket: jules_slack::socket::Socket) -> Socket {
    let (ticks, mut beat) = unbounded_channel();
    let (end, ended) = watch::channel(false);
    let (status, stop) = (socket.status(), CancellationToken::new());
    let stopped = stop.clone();
    #[expect(clippy::disallowed_methods, reason = "ends with its runtime")]
    tokio::spawn(async move {
        socket.run(stream::poll_fn(move |context| beat.poll_recv(context)), stopped).await;
        end.send_replace(true);
    });
    Socket { status, ticks, stop, ended }
}

impl Socket {
    /// Tells it to look at its clock.
    pub(crate) fn beat(&self) {
        self.ticks.send(()).expect("Socket Mode runs");
    }

    /// Waits until it stands like this.
    pub(crate) async fn stands(&self, state: State) {
        let mut watch = self.status.watch();
        let stands = watch.wait_for(|now| *now == state);
        let stands = timeout(PATIENCE, stands).await;
        let stood = stands.unwrap_or_else(|_| panic!("it never stood at {state:?}"));
        drop(stood.expect("we hold the sender"));
    }

    /// Tells it to stop, as the program does.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has ended.
    pub(crate) async fn ends(&self) {
        let mut ended = self.ended.clone();
        let ended = timeout(PATIENCE, ended.wait_for(|ended| *ended)).await;
        drop(ended.expect("Socket Mode ends").expect("its task says so"));
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Pumps one engine until nothing in the store is due now.
pub(crate) async fn settle(engine: &Arc<Engine>) {
    for _ in 0..MOST_ROUNDS {
        engine.follow_ups().close();
        engine.follow_ups().wait().await;
        engine.follow_ups().reopen();
        engine.beat().await.expect("the store answers");
        engine.refresh_homes();
        let due = engine.due(100).await.expect("the store answers");
        if due.is_empty() && engine.follow_ups().is_empty() {
            return;
        }
        for key in due {
            engine.tick(&key).await.expect("the store answers");
        }
    }
    panic!("something stays due for ever");
}
