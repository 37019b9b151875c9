//! What all requests share.

use super::names::Names;
use super::place::Place;
use crate::demo::offers::Offers;
use crate::demo::world::World;
use platform::lock::lock;
use sim::slack::{Form, Person};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// What all requests share.
pub(in crate::demo) struct Site {
    pub(super) world: Arc<World>,
    pub(super) names: Names,
    /// What the app has in Slack.
    pub(super) offers: Offers,
    /// The newest message that a person has had on the screen, by who and which list.
    pub(super) seen: Mutex<HashMap<(String, String), String>>,
    /// What a person was told about the form on their screen.
    pub(super) told: Mutex<HashMap<String, Told>>,
    /// Why the last thing that a person tried didn't happen, and in which conversation.
    pub(super) notices: Mutex<HashMap<String, (String, String)>>,
}

/// What is wrong with a form that was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) view: String,
    /// By `block_id`.
    pub(super) errors: BTreeMap<String, String>,
    /// About the form as a whole.
    pub(super) trouble: Option<String>,
}

impl Site {
    /// Everyone sees the page for the first time again.
    pub(super) fn forget(&self) {
        lock(&self.seen).clear();
        lock(&self.told).clear();
        lock(&self.notices).clear();
    }

    pub(super) fn person(&self, place: &Place) -> Person {
        let person = self.world.slack.person(&place.who);
        // Everyone on the page is in the workspace from the beginning.
        person.unwrap_or_else(|| self.world.slack.user(&place.who))
    }

    /// The form on this person's screen, or Home where they are on it.
    pub(super) fn view(&self, place: &Place) -> Option<Form> {
        let person = self.person(place);
        let home = || person.home_view().filter(|_| place.is_home());
        person.top_view().or_else(home)
    }

    /// The notice that stands at this person's composer.
    pub(super) fn notice(&self, place: &Place) -> Option<String> {
        let notices = lock(&self.notices);
        let (channel, why) = notices.get(&place.who)?;
        (*channel == place.channel).then(|| why.clone())
    }

    /// What this person was told about this view.
    pub(super) fn told(&self, who: &str, view: &str) -> Told {
        let told = lock(&self.told).get(who).cloned().unwrap_or_default();
        if told.view == view { told } else { Told::default() }
    }
}
