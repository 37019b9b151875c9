//! What a test can do to the connections of Socket Mode, and see of them.

use super::model::fixed;
use super::server::SimSlack;
use super::socket::{Line, disconnect};
use axum::extract::ws::Message;
use std::time::Duration;

impl SimSlack {
    /// The app-level token, `xapp-…`.
    #[must_use]
    pub fn app_token(&self) -> &'static str {
        fixed::APP_TOKEN
    }

    /// The scopes of the app-level token, in place of `connections:write`.
    pub fn grant_app_token(&self, scopes: &[&str]) {
        let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        self.change(|world| world.settings.app_scopes = scopes);
    }

    /// The numbers of the connections that stand and have heard hello, counted from 1 as they came.
    #[must_use]
    pub fn sockets(&self) -> Vec<u64> {
        self.see_hub(|hub| {
            hub.lines.iter().filter(|line| line.greeted).map(|line| line.number).collect()
        })
    }

    /// What happened, in order, each with the connection's number: `1 connects`,
    /// `1 acknowledges with an answer`, `1 pings`, `1 closes` (in order), `1 is gone` (without), `1 is closed`
    /// (by Slack).
    #[must_use]
    pub fn socket_log(&self) -> Vec<String> {
        self.see_hub(|hub| hub.log.clone())
    }

    /// Whether connections that are being opened get no answer, until their client gives up.
    pub fn hold_handshakes(&self, hold: bool) {
        self.hub(|hub| hub.holds_handshakes = hold);
    }

    /// Says no hello to new connections, or to all that wait for one and to new ones again.
    pub fn hold_hellos(&self, hold: bool) {
        self.hub(|hub| {
            hub.holds_hellos = hold;
            if !hold {
                hub.greet();
            }
        });
    }

    /// All connections stay open, and nothing comes over them any more.
    pub fn silence_sockets(&self) {
        self.hub(|hub| hub.lines.iter().for_each(|line| line.silent.cancel()));
    }

    /// All connections break.
    pub fn cut_sockets(&self) {
        self.hub(|hub| hub.lines.iter().for_each(|line| line.cut.cancel()));
    }

    /// This connection breaks.
    pub fn cut_socket(&self, number: u64) {
        self.hub(|hub| {
            let lines = hub.lines.iter().filter(|line| line.number == number);
            lines.for_each(|line| line.cut.cancel());
        });
    }

    /// The next acknowledgements are lost on their way.
    pub fn lose_acks(&self, count: u32) {
        self.hub(|hub| hub.loses = count);
    }

    /// How long an acknowledgement is waited for, in place of three seconds of real time.
    pub fn wait_for_acks(&self, patience: Duration) {
        self.hub(|hub| hub.patience = patience);
    }

    /// How often Slack pings connections that are opened from now on, in place of every ten seconds of real time.
    pub fn ping_every(&self, time: Duration) {
        self.hub(|hub| hub.pings = time);
    }

    /// Announces the end of all connections: `warning`, `refresh_requested`, or any other reason. Only
    /// `link_disabled` does what it says: see [`SimSlack::switch_socket_mode_off`].
    pub fn disconnect_sockets(&self, reason: &str) {
        if reason == "link_disabled" {
            return self.switch_socket_mode_off();
        }
        self.hub(|hub| hub.lines.iter().for_each(|line| line.says(&disconnect(reason))));
    }

    /// Switches Socket Mode off in the app's settings. All connections are told (`link_disabled`), and closed
    /// where the app does not do it itself; none is opened, and none gets a hello, until
    /// [`SimSlack::switch_socket_mode_on`]. Deliveries go over HTTP.
    pub fn switch_socket_mode_off(&self) {
        self.hub(|hub| {
            (hub.on, hub.is_off) = (false, true);
            hub.lines.iter().for_each(Line::dismiss);
        });
    }

    /// Switches Socket Mode on in the app's settings: deliveries need a connection, and one can be opened.
    pub fn switch_socket_mode_on(&self) {
        self.hub(|hub| (hub.on, hub.is_off) = (true, false));
    }

    /// How long connections may stay once Socket Mode is off, in place of ten seconds of real time.
    pub fn close_after(&self, time: Duration) {
        self.hub(|hub| hub.farewell = time);
    }

    /// Sends this text over the oldest connection.
    pub fn push_frame(&self, text: &str) {
        self.push(Message::text(text));
    }

    /// Pings over the oldest connection.
    pub fn ping_socket(&self) {
        self.push(Message::Ping(Vec::new().into()));
    }

    fn push(&self, message: Message) {
        self.hub(|hub| {
            if let Some(line) = hub.lines.first() {
                // A connection that is ending does not listen.
                let _ = line.out.send(message);
            }
        });
    }
}
