//! What to try: each way to the app, and what Jules then does.

use super::Site;
use super::place::{APP, Place};
use crate::demo::offers::Offers;
use crate::demo::world::CHANNELS;
use maud::{Markup, html};

/// Something to try: a name, what it shows, and what to do.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    name: &'static str,
    about: &'static str,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    /// A line for the composer, wherever one is.
    Types(String),
    /// A message to the app in its direct messages.
    Writes(&'static str),
    /// A reply under the bug report.
    Replies(&'static str),
    /// A menu of the bug report, of the header, or a tab of the app.
    Opens(Menu),
}

#[derive(Debug, Clone, Copy)]
enum Menu {
    OfTheReport,
    Shortcuts,
    Home,
}

fn types(name: &'static str, about: &'static str, line: &str) -> Sample {
    Sample { name, about, what: What::Types(line.to_owned()) }
}

/// What Jules can be given, and what becomes of it.
pub(super) fn tasks() -> Vec<Sample> {
    vec![
        types(
            "A pull request",
            "Jules plans, works and opens one",
            "/jules repo=404less rename frontend to website",
        ),
        types(
            "A plan to approve",
            "nothing changes before you approve",
            "/jules repo=404less plan=ask add a dark mode",
        ),
        types(
            "A question",
            "Jules asks in the thread, and you answer there",
            "/jules repo=boba-web remove the old API, and ask me what has to stay",
        ),
        types(
            "A failure",
            "with its reason and a way to retry",
            "/jules repo=boba upgrade React to 19",
        ),
        types("The form", "for what you leave out", "/jules"),
        types(
            "Ambiguous repository",
            "the bot asks which one",
            "/jules repo=website add a sitemap",
        ),
        types(
            "A typo",
            "nothing starts on the wrong repository",
            "/jules rep=404less fix the footer",
        ),
        types("A channel's repository", "no more repo= in this channel", "/jules bind boba-web"),
    ]
}

/// The ways in that the app has, in the order in which one meets them.
pub(super) fn ways_in(site: &Site) -> Vec<Sample> {
    ways_of(&site.offers, site.world.elsewhere())
}

fn ways_of(offers: &Offers, elsewhere: Option<String>) -> Vec<Sample> {
    let opens = |name, about, menu| Sample { name, about, what: What::Opens(menu) };
    let mention = types(
        "Mention",
        "the task is your message, and Jules answers in its thread",
        "@jules repo=404less speed up the search page",
    );
    let in_thread = Sample {
        name: "Mention in a thread",
        about: "Jules gets the bug report and its answers, too",
        what: What::Replies("@jules repo=boba-web fix this"),
    };
    let direct = Sample {
        name: "Direct message",
        about: "a task of your own, without a mention",
        what: What::Writes("repo=404less tidy the docs"),
    };
    let follow = elsewhere.map(|session| {
        let line = format!("/jules follow https://jules.google.com/session/{session}");
        types("Follow", "a session that began in Jules gets a thread here", &line)
    });
    let on_message = opens("Message shortcut", "turn any message into a task", Menu::OfTheReport);
    let shortcut = opens("Shortcut", "the form, from anywhere", Menu::Shortcuts);
    let home = opens("Home", "your tasks, and what's waiting for you", Menu::Home);
    let command = types("Command", "in any channel", "/jules repo=404less translate the menu");
    [
        Some(command),
        offers.mentions.then_some(mention),
        offers.mentions.then_some(in_thread),
        (!offers.on_messages.is_empty()).then_some(on_message),
        (!offers.anywhere.is_empty()).then_some(shortcut),
        (offers.mentions && offers.messages).then_some(direct),
        offers.home.then_some(home),
        follow,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The link that leads there: the script goes to the place where it has to be, and then puts the words
/// into the field or opens the menu.
pub(super) fn link(site: &Site, place: &Place, sample: &Sample) -> Markup {
    let here = place.on_home(false);
    let dev = place.inside(CHANNELS[0]);
    let app = place.inside(APP);
    let report = site.world.report();
    let (there, field, draft, opens) = match &sample.what {
        What::Types(line) => (here, "composer", Some(line.as_str()), None),
        What::Writes(line) => (app, "composer", Some(*line), None),
        What::Replies(line) => (dev.with_thread(Some(&report)), "reply", Some(*line), None),
        What::Opens(Menu::OfTheReport) => (dev, "", None, Some(format!("m-{report}-more"))),
        What::Opens(Menu::Shortcuts) => (here, "", None, Some("shortcuts".to_owned())),
        What::Opens(Menu::Home) => (app, "", None, Some("tab-home".to_owned())),
    };
    // Without the script only the composer can be filled.
    let href = match draft.filter(|_| field == "composer") {
        Some(line) => there.with_draft(line).at("/"),
        None => there.at("/"),
    };
    let there = (there != place.without_draft()).then(|| there.at("/"));
    html! {
        a.sample href=(href) data-leads=[there.as_deref().or(Some(""))] data-field=(field)
            data-draft=[draft] data-menu=[opens] {
            strong { (sample.name) } span.about { (sample.about) }
            @if let Some(draft) = draft { code { (draft) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::command::{Command, CommandError, PlanMode, parse};
    use sim::jules::Story;

    /// What happens when a sample is used.
    #[derive(Debug, PartialEq, Eq)]
    enum Then {
        Task(Story),
        /// A task whose plan waits for approval.
        Plan,
        Form,
        Slip,
        Bound,
        Followed,
        Opened,
    }

    fn then(sample: &Sample) -> Then {
        let line = match &sample.what {
            What::Types(line) => line.as_str(),
            What::Writes(line) | What::Replies(line) => *line,
            What::Opens(_) => return Then::Opened,
        };
        let text = line.strip_prefix("/jules").or_else(|| line.strip_prefix("@jules"));
        match parse(text.unwrap_or(line)) {
            Ok(Command::Start(request)) if request.options.plan == Some(PlanMode::Ask) => {
                Then::Plan
            }
            Ok(Command::Start(request)) => Then::Task(Story::of(&request.prompt)),
            Ok(Command::OpenForm) => Then::Form,
            Ok(Command::Bind(_)) => Then::Bound,
            Ok(Command::Follow { session: Some(_) }) => Then::Followed,
            Err(CommandError::Word { .. }) => Then::Slip,
            other => panic!("{line} is {other:?}"),
        }
    }

    #[test]
    fn each_sample_leads_to_what_it_names() {
        let offers = Offers::of_the_app().unwrap();
        let all = [tasks(), ways_of(&offers, Some("123".to_owned()))].concat();
        let found: Vec<_> = all.iter().map(|sample| (sample.name, then(sample))).collect();
        let wanted = [
            ("A pull request", Then::Task(Story::Plain)),
            ("A plan to approve", Then::Plan),
            ("A question", Then::Task(Story::Asks)),
            ("A failure", Then::Task(Story::Fails)),
            ("The form", Then::Form),
            ("Ambiguous repository", Then::Task(Story::Plain)),
            ("A typo", Then::Slip),
            ("A channel's repository", Then::Bound),
            ("Command", Then::Task(Story::Plain)),
            ("Mention", Then::Task(Story::Plain)),
            ("Mention in a thread", Then::Task(Story::Plain)),
            ("Message shortcut", Then::Opened),
            ("Shortcut", Then::Opened),
            ("Direct message", Then::Task(Story::Plain)),
            ("Home", Then::Opened),
            ("Follow", Then::Followed),
        ];
        assert_eq!(found, wanted);
    }
}
