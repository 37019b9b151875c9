//! The page as a whole: bar, sidebar, conversation, thread, and what lies over them.

use super::lines::Sheet;
use super::place::Place;
use super::{Site, Told, home, modal, panel, samples, shortcuts};
use crate::demo::world::{PEOPLE, role};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use platform::lock::lock;
use sim::slack::{Conversation, Line, Person, Writer};
use std::sync::Arc;

/// The page at a place.
pub(super) async fn page(State(site): State<Arc<Site>>, Query(place): Query<Place>) -> Markup {
    draw(&site, &place)
}

/// The page, and why something didn't happen: in the form if one is open, since it covers the composer.
pub(super) fn refusal(site: &Site, place: &Place, why: &str) -> Response {
    match site.person(place).top_view() {
        Some(form) => {
            let trouble = Some(why.to_owned());
            let told = Told { view: form.id().to_owned(), trouble, ..Told::default() };
            lock(&site.told).insert(place.who.clone(), told);
        }
        None => {
            let notice = (place.channel.clone(), why.to_owned());
            lock(&site.notices).insert(place.who.clone(), notice);
        }
    }
    let page = draw(site, place);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// The id of a conversation by its name.
pub(super) fn channel_id(person: &Person, name: &str) -> Option<String> {
    person.conversations().into_iter().find(|one| one.name == name).map(|one| one.id)
}

fn draw(site: &Site, place: &Place) -> Markup {
    let person = site.person(place);
    let notice = site.notice(place);
    let conversations = person.conversations();
    let open = conversations.iter().find(|one| one.name == place.channel);
    let lines = open.map(|one| person.lines(&one.id)).unwrap_or_default();
    let sheet = Sheet { site, place, conversations: &conversations, lines: &lines };
    let at_home = site.offers.home && place.is_home();
    if let Some(open) = open.filter(|_| !at_home) {
        sheet.mark(&open.id);
    }
    let name = open.map_or_else(|| place.channel.clone(), titled);
    let places = sidebar(&sheet, &person);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (name) " · jules-slack demo" }
                link rel="icon" href="/icon.svg";
                link rel="stylesheet" href="/style.css";
                script src="/script.js" defer {}
            }
            body data-thread[place.thread.is_some()] {
                @if at_home { a.skip href="#home" { "Skip to Home" } }
                @else { a.skip href="#composer" { "Skip to the composer" } }
                (panel::bar(site, place))
                p #state role="status" { (panel::status(site.world.panel())) }
                p #lost role="alert" hidden {
                    "The demo isn't running any more. Start it again, then reload this page."
                }
                noscript { p.notice { "Forms and live updates on this page need JavaScript." } }
                div.app {
                    (places)
                    main #conversation {
                        header {
                            h1 { (name) }
                            (home::tabs(site, place))
                            @if !at_home { (shortcuts::anywhere(&site.offers.anywhere, place)) }
                        }
                        @if at_home {
                            (home::home(site, place, &person, &conversations, notice.as_deref()))
                        } @else {
                        div.scroll #lines data-bottom role="log" aria-live="polite"
                            aria-relevant="additions" aria-label=(format!("Messages in {name}"))
                            tabindex="0" {
                            (sheet.conversation())
                            @if !lines.iter().any(|line| line.writer == Writer::App) { (welcome(site, place)) }
                        }
                        (composer(place, None, &name, notice.as_deref()))
                        }
                    }
                    @if let Some(root) = &place.thread { (thread(&sheet, root, &name)) }
                }
                @if let Some(form) = person.top_view() {
                    (modal::modal(site, place, &conversations, &form))
                }
            }
        }
    }
}

fn titled(conversation: &Conversation) -> String {
    if conversation.direct { conversation.name.clone() } else { format!("#{}", conversation.name) }
}

fn sidebar(sheet: &Sheet<'_>, person: &Person) -> Markup {
    let place = sheet.place;
    let (direct, channels): (Vec<_>, Vec<_>) =
        sheet.conversations.iter().partition(|one| one.direct);
    html! {
        nav.sidebar aria-label="Conversations" {
            p.workspace { "Acme" }
            div.me {
                span #me-label { "You are" }
                div.switch role="group" aria-labelledby="me-label" {
                    @for who in PEOPLE {
                        a href=(place.seen_by(who).at("/")) data-go id=(format!("be-{who}"))
                            aria-current=[(place.who == who).then_some("true")] title=[role(who)] { (who) }
                    }
                }
            }
            h2 { "Channels" }
            ul { @for one in channels { li { (entry(sheet, person, one)) } } }
            h2 { "Direct messages" }
            ul { @for one in direct { li { (entry(sheet, person, one)) } } }
        }
    }
}

fn entry(sheet: &Sheet<'_>, person: &Person, one: &Conversation) -> Markup {
    let place = sheet.place;
    let here = place.channel == one.name;
    let lines = if here { Vec::new() } else { person.lines(&one.id) };
    let counts = |line: &&Line| line.thread_ts.is_none() && sheet.is_unread(&one.id, line);
    let unread = lines.iter().filter(counts).count();
    html! {
        a href=(place.inside(&one.name).at("/")) data-go id=(format!("to-{}", one.name))
            aria-current=[here.then_some("page")] data-unread[unread > 0] {
            span { (titled(one)) }
            @if unread > 0 {
                span.badge aria-label=(format!("{unread} unread")) { (unread) }
            }
        }
    }
}

fn welcome(site: &Site, place: &Place) -> Markup {
    let mention = site.offers.mentions;
    html! {
        section.welcome #welcome {
            h2 { "Give Jules a task" }
            p {
                "This is the real bot with a simulated Slack and a simulated Jules. Pick an example and \
                 send it, or type " code { "/jules" }
                @if mention { " or " code { "@jules" } }
                " yourself."
            }
            ul {
                @for sample in samples::tasks().iter().take(4) {
                    li { (samples::link(site, place, sample)) }
                }
            }
        }
    }
}

fn thread(sheet: &Sheet<'_>, root: &str, name: &str) -> Markup {
    let drawn = sheet.thread(root);
    let back = sheet.place.with_thread(None).at("/");
    html! {
        aside #thread aria-labelledby="thread-title" {
            header {
                h2 #thread-title { "Thread " span.of { (name) } }
                a.x #thread-close href=(back) data-go data-back=(format!("replies-{root}"))
                    aria-label="Close the thread" { "×" }
            }
            div.scroll #thread-lines data-bottom role="log" aria-live="polite"
                aria-relevant="additions" aria-label="Messages in the thread" tabindex="0" {
                @match &drawn {
                    Some(drawn) => (drawn),
                    None => p.none { "There's no such thread." },
                }
            }
            @if drawn.is_some() { (composer(sheet.place, Some(root), "the thread", None)) }
        }
    }
}

/// Where one types. Slack completes names of people, and a command's in a channel; in threads there are
/// no commands.
fn composer(place: &Place, thread: Option<&str>, name: &str, notice: Option<&str>) -> Markup {
    let id = if thread.is_some() { "reply" } else { "composer" };
    let label = if thread.is_some() { "Reply…".to_owned() } else { format!("Message {name}") };
    let completes = if thread.is_some() { "/complete?thread=true" } else { "/complete" };
    let offered = format!("{id}-list");
    let draft = place.draft.as_deref().filter(|_| thread.is_none()).unwrap_or_default();
    html! {
        form.composer id=(format!("{id}-form")) method="post" action=(place.at("/say")) data-clears {
            @if let Some(notice) = notice { p.notice id=(format!("{id}-notice")) role="alert" { (notice) } }
            div.combo {
                textarea id=(id) name="text" rows="1" aria-label=(label) placeholder=(label)
                    data-options=(completes) data-sends data-draft-of=(draft_of(place, thread))
                    aria-autocomplete="list" aria-controls=(offered) { (draft) }
                ul id=(offered) role="listbox" aria-label="Completions" hidden data-mine {}
            }
            @if let Some(thread) = thread { input type="hidden" name="thread" value=(thread); }
            button.send type="submit" aria-label="Send" { "Send" }
        }
    }
}

/// What names a draft: whose it is, and where it would be sent.
fn draft_of(place: &Place, thread: Option<&str>) -> String {
    [place.who.as_str(), &place.channel, thread.unwrap_or_default()].join("/")
}
