//! Names behind ids, and how mentions look.

use maud::{Markup, html};
use sim::slack::SimSlack;

/// Tells the name behind an id: that of a person, or of a channel with its `#`.
pub(super) struct Names(Box<Behind>);

type Behind = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Names {
    /// Those of the workspace.
    pub(super) fn in_workspace(slack: &SimSlack) -> Self {
        let slack = slack.clone();
        Self::told_by(move |id| slack.name_behind(id))
    }

    pub(super) fn told_by(behind: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Box::new(behind))
    }

    /// A person, `@ann`; the id itself when nobody has it.
    pub(super) fn mention(&self, id: &str) -> Markup {
        let name = (self.0)(id).unwrap_or_else(|| id.to_owned());
        html! { span.mention { "@" (name) } }
    }

    /// A channel, `#dev`.
    pub(super) fn channel(&self, id: &str, label: Option<&str>) -> Markup {
        let shown = (self.0)(id).unwrap_or_else(|| format!("#{}", label.unwrap_or(id)));
        html! { span.mention { (shown) } }
    }
}
