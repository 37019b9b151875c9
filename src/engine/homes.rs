//! Whose App Home this process has drawn lately. All of it is in memory: a Home is no promise, and a crash
//! costs one refresh.

use domain::home::Home;
use domain::ids::{TeamId, UserId};
use jiff::{SignedDuration, Timestamp};
use platform::clock::is_younger;
use platform::lock::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Openings and changes draw a person's Home at most this often. A click draws it at once: someone is looking.
const REST: SignedDuration = SignedDuration::from_secs(10);

/// So long after a person opened it or clicked in it, a Home follows what happens to their tasks.
const WATCHED: SignedDuration = SignedDuration::from_mins(10);

/// So long nothing is published where Slack says that the app has no Home.
const OFF: SignedDuration = SignedDuration::from_hours(1);

/// The most that are followed. One more, and all are forgotten, until they are opened again.
const MOST: usize = 4096;

/// Whose it is.
pub(super) type Person = (TeamId, UserId);

/// The right to draw a person's Home: one at a time, so that none overtakes a newer one.
pub(super) type Turn = Arc<tokio::sync::Mutex<Drawn>>;

/// What a Home shows, as far as this process has drawn it.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    /// Slack's name of that state.
    pub(super) hash: Option<String>,
    /// What it shows; `None` when that is not known.
    pub(super) home: Option<Home>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Homes {
    watched: Mutex<HashMap<Person, Watched>>,
    /// The workspaces whose Home is switched off, and until when that is believed.
    off: Mutex<HashMap<TeamId, Timestamp>>,
}

#[derive(Debug)]
struct Watched {
    opened: Timestamp,
    /// When it was last begun to be drawn.
    drawn: Option<Timestamp>,
    /// Something happened since.
    changed: bool,
    turn: Turn,
}

impl Watched {
    fn is_rested(&self, now: Timestamp) -> bool {
        self.drawn.is_none_or(|drawn| !is_younger(drawn, REST, now))
    }

    fn begin(&mut self, now: Timestamp) -> Turn {
        self.drawn = Some(now);
        self.changed = false;
        Arc::clone(&self.turn)
    }
}

impl Homes {
    /// Someone opened theirs. `None` when it was drawn a moment ago.
    pub(super) fn opened(&self, person: &Person, now: Timestamp) -> Option<Turn> {
        self.at(person, now, |watched| watched.is_rested(now).then(|| watched.begin(now)))
    }

    /// Someone clicked in theirs.
    pub(super) fn clicked(&self, person: &Person, now: Timestamp) -> Turn {
        self.at(person, now, |watched| watched.begin(now))
    }

    fn at<T>(&self, person: &Person, now: Timestamp, then: impl FnOnce(&mut Watched) -> T) -> T {
        let mut all = lock(&self.watched);
        if all.len() == MOST && !all.contains_key(person) {
            all.clear();
        }
        let watched = all.entry(person.clone()).or_insert_with(|| Watched {
            opened: now,
            drawn: None,
            changed: false,
            turn: Turn::default(),
        });
        watched.opened = now;
        then(watched)
    }

    /// A task of theirs changed, or their Home could not be drawn.
    pub(super) fn changed(&self, team: &TeamId, user: &UserId) {
        let mut all = lock(&self.watched);
        if !all.is_empty()
            && let Some(watched) = all.get_mut(&(team.clone(), user.clone()))
        {
            watched.changed = true;
        }
    }

    /// Those that show something old and may be drawn again. Those that nobody has looked at for long are
    /// forgotten.
    pub(super) fn due(&self, now: Timestamp) -> Vec<(Person, Turn)> {
        let mut all = lock(&self.watched);
        all.retain(|_, watched| is_younger(watched.opened, WATCHED, now));
        let due = all.iter_mut().filter(|(_, watched)| watched.changed && watched.is_rested(now));
        due.map(|(person, watched)| (person.clone(), watched.begin(now))).collect()
    }

    /// Whether nothing is published in this workspace for now.
    pub(super) fn is_off(&self, team: &TeamId, now: Timestamp) -> bool {
        lock(&self.off).get(team).is_some_and(|until| now < *until)
    }

    /// Slack says that there is no Home; whether that is news.
    pub(super) fn switched_off(&self, team: &TeamId, now: Timestamp) -> bool {
        lock(&self.off).insert(team.clone(), now + OFF).is_none()
    }

    /// Slack accepted one.
    pub(super) fn works(&self, team: &TeamId) {
        lock(&self.off).remove(team);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn ann() -> Person {
        (TeamId::parse("T1").unwrap(), UserId::parse("U1").unwrap())
    }

    #[test]
    fn one_opening_in_ten_seconds_is_drawn_and_every_click() {
        let homes = Homes::default();
        assert!(homes.opened(&ann(), at(0)).is_some());
        assert!(homes.opened(&ann(), at(9)).is_none());
        homes.clicked(&ann(), at(9));
        assert!(homes.opened(&ann(), at(18)).is_none(), "the click counts too");
        assert!(homes.opened(&ann(), at(19)).is_some());
    }

    #[test]
    fn what_changes_is_drawn_once_it_is_rested_and_while_it_is_watched() {
        let homes = Homes::default();
        let (team, user) = ann();
        homes.changed(&team, &user);
        assert!(homes.due(at(0)).is_empty(), "nobody has opened it");
        assert!(homes.opened(&ann(), at(0)).is_some());
        homes.changed(&team, &user);
        assert!(homes.due(at(9)).is_empty());
        assert_eq!(homes.due(at(10)).len(), 1);
        assert!(homes.due(at(30)).is_empty(), "nothing happened since");
        homes.changed(&team, &user);
        assert!(homes.due(at(600)).is_empty(), "nobody looks any more");
    }

    #[test]
    fn a_home_that_is_off_is_news_once_until_it_works() {
        let homes = Homes::default();
        let (team, _) = ann();
        assert!(!homes.is_off(&team, at(0)));
        assert!(homes.switched_off(&team, at(0)));
        assert!(homes.is_off(&team, at(3599)) && !homes.is_off(&team, at(3600)));
        assert!(!homes.switched_off(&team, at(3600)));
        homes.works(&team);
        assert!(homes.switched_off(&team, at(3601)));
    }
}
