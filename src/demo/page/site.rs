//! What all requests share.

use super::names::Names;
use super::place::Place;
use crate::demo::world::World;
use platform::lock::lock;
use sim::slack::Person;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// What all requests share.
pub(in crate::demo) struct Site {
    pub(super) world: Arc<World>,
    pub(super) names: Names,
    /// The newest message that a person has had on the screen, by who and which list.
    pub(super) seen: Mutex<HashMap<(String, String), String>>,
    /// What a person was told about the form on their screen.
    pub(super) told: Mutex<HashMap<String, Told>>,
    /// Why the last thing that a person tried did not happen, and in which conversation.
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
    pub(super) fn person(&self, place: &Place) -> Person {
        let person = self.world.slack.person(&place.who);
        // Everybody on the page is in the workspace from the beginning.
        person.unwrap_or_else(|| self.world.slack.user(&place.who))
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
