//! Where a person is on the page: who, in which conversation, with which thread open.

use crate::demo::world::{CHANNELS, PEOPLE};
use serde::{Deserialize, Deserializer};
use url::form_urlencoded::Serializer;

/// The query that every address of the page carries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Place {
    /// Who looks.
    #[serde(rename = "as", default = "first_person", deserialize_with = "known_person")]
    pub(super) who: String,
    /// The conversation's name.
    #[serde(rename = "in", default = "first_channel")]
    pub(super) channel: String,
    /// The root of the thread that is open next to it.
    pub(super) thread: Option<String>,
    /// What stands in the composer.
    pub(super) draft: Option<String>,
    /// The app's tab: `home`, or its messages.
    pub(super) tab: Option<String>,
}

/// What the direct messages with the app are called.
pub(super) const APP: &str = "jules";

const HOME: &str = "home";

fn first_person() -> String {
    PEOPLE[0].to_owned()
}

/// An unknown person is the first one: no one else is in this workspace.
fn known_person<'de, D: Deserializer<'de>>(query: D) -> Result<String, D::Error> {
    let who = String::deserialize(query)?;
    Ok(if PEOPLE.contains(&who.as_str()) { who } else { first_person() })
}

fn first_channel() -> String {
    CHANNELS[0].to_owned()
}

impl Place {
    /// This path at this place.
    pub(super) fn at(&self, path: &str) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("as", &self.who).append_pair("in", &self.channel);
        if let Some(thread) = &self.thread {
            query.append_pair("thread", thread);
        }
        if let Some(draft) = &self.draft {
            query.append_pair("draft", draft);
        }
        if let Some(tab) = &self.tab {
            query.append_pair("tab", tab);
        }
        format!("{path}?{}", query.finish())
    }

    /// Another person in the same conversation.
    pub(super) fn seen_by(&self, who: &str) -> Self {
        Self { who: who.to_owned(), thread: None, draft: None, ..self.clone() }
    }

    /// Another conversation.
    pub(super) fn inside(&self, channel: &str) -> Self {
        Self { channel: channel.to_owned(), thread: None, draft: None, tab: None, ..self.clone() }
    }

    /// With another thread open, or none.
    pub(super) fn with_thread(&self, thread: Option<&str>) -> Self {
        Self { thread: thread.map(str::to_owned), draft: None, ..self.clone() }
    }

    /// On the app's Home, or off it.
    pub(super) fn on_home(&self, home: bool) -> Self {
        Self { tab: home.then(|| HOME.to_owned()), ..self.without_draft() }
    }

    pub(super) fn is_home(&self) -> bool {
        self.channel == APP && self.tab.as_deref() == Some(HOME)
    }

    /// With nothing in the composer.
    pub(super) fn without_draft(&self) -> Self {
        Self { draft: None, ..self.clone() }
    }

    /// With something in the composer.
    pub(super) fn with_draft(&self, draft: &str) -> Self {
        Self { draft: Some(draft.to_owned()), ..self.clone() }
    }
}
