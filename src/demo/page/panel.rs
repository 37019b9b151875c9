//! The bar above the page: sample tasks, the speed, and what is broken.

use super::Site;
use super::place::Place;
use super::shell;
use crate::config::JulesPlan;
use crate::demo::panel::{JulesIs, Panel, Speed};
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// What to try: a name, what it shows, and what is typed for it.
pub(super) const SAMPLES: [(&str, &str, &str); 8] = [
    (
        "A pull request",
        "Jules plans, works and opens one",
        "/jules repo=404less rename frontend to website",
    ),
    (
        "A plan to approve",
        "nothing changes before you approve",
        "/jules repo=404less plan=ask add a dark mode",
    ),
    (
        "A question",
        "Jules asks in the thread, and you answer there",
        "/jules repo=boba-web remove the old API, and ask me what has to stay",
    ),
    ("A failure", "with its reason and a way to retry", "/jules repo=boba upgrade React to 19"),
    ("The form", "for what you leave out", "/jules"),
    ("Ambiguous repository", "the bot asks which one", "/jules repo=website add a sitemap"),
    ("A typo", "nothing starts on the wrong repository", "/jules rep=404less fix the footer"),
    ("A channel's repository", "no more repo= in this channel", "/jules bind boba-web"),
];

/// What was switched; one at a time.
#[derive(Deserialize)]
pub(super) struct Turned {
    speed: Option<String>,
    jules: Option<String>,
    slack: Option<String>,
    plan: Option<String>,
    bot: Option<String>,
    over: Option<String>,
}

/// Switches something.
pub(super) async fn turn(
    State(site): State<Arc<Site>>,
    Query(place): Query<Place>,
    Form(turned): Form<Turned>,
) -> Response {
    match turn_world(&site, &turned).await {
        Ok(()) if turned.over.is_some() => Redirect::to("/").into_response(),
        Ok(()) => Redirect::to(&place.at("/")).into_response(),
        Err(error) => shell::refusal(&site, &place, &format!("{error:#}")),
    }
}

async fn turn_world(site: &Site, turned: &Turned) -> anyhow::Result<()> {
    let world = &site.world;
    if let Some(speed) =
        Speed::ALL.into_iter().find(|one| turned.speed.as_deref() == Some(one.word()))
    {
        world.set_speed(speed);
    }
    if let Some(jules) =
        JulesIs::ALL.into_iter().find(|one| turned.jules.as_deref() == Some(one.word()))
    {
        world.set_jules(jules).await?;
    }
    match turned.slack.as_deref() {
        Some("full") => world.set_slack(true),
        Some("well") => world.set_slack(false),
        _ => {}
    }
    match turned.plan.as_deref() {
        Some("free") => world.set_plan(JulesPlan::Free).await?,
        Some("ultra") => world.set_plan(JulesPlan::Ultra).await?,
        _ => {}
    }
    if turned.over.is_some() {
        world.start_over().await?;
        site.forget();
    }
    match turned.bot.as_deref() {
        Some("kill") => world.kill_bot().await,
        Some("start") => world.start_bot().await?,
        _ => {}
    }
    Ok(())
}

/// The bar.
pub(super) fn bar(panel: Panel, place: &Place) -> Markup {
    html! {
        header.demo {
            p.brand { strong { "jules-slack" } " demo" }
            details #samples {
                summary { "Examples" }
                div.menu {
                    h2 { "Click to try" }
                    ul { @for sample in SAMPLES { li { (sample_link(place, sample)) } } }
                }
            }
            (broken(panel, place))
            form.turns method="post" action=(place.at("/panel")) {
                span #speed-of { "Speed" }
                div.switch role="group" aria-labelledby="speed-of" {
                    @for speed in Speed::ALL {
                        (turn_button("speed", speed.word(), speed.word(), panel.speed == speed))
                    }
                }
            }
            (bot(panel, place))
            form.turns method="post" action=(place.at("/panel")) data-forgets {
                button #start-over type="submit" name="over" value="yes" { "Start over" }
            }
        }
    }
}

/// A sample that goes into the composer.
pub(super) fn sample_link(place: &Place, (name, about, typed): (&str, &str, &str)) -> Markup {
    html! {
        a.sample href=(place.with_draft(typed).at("/")) data-draft=(typed) {
            strong { (name) } span.about { (about) } code { (typed) }
        }
    }
}

fn broken(panel: Panel, place: &Place) -> Markup {
    html! {
        details #break data-on[is_broken(panel)] {
            summary { "Break something" }
            form.menu method="post" action=(place.at("/panel")) {
                h2 #jules-is { "Jules" }
                div.switch role="group" aria-labelledby="jules-is" {
                    @for jules in JulesIs::ALL {
                        (turn_button("jules", jules.word(), jules.label(), panel.jules == jules))
                    }
                }
                h2 #slack-is { "Slack" }
                div.switch role="group" aria-labelledby="slack-is" {
                    (turn_button("slack", "well", "Works", !panel.slack_full))
                    (turn_button("slack", "full", "Rate-limited (429)", panel.slack_full))
                }
                h2 #plan-is { "Jules plan" }
                div.switch role="group" aria-labelledby="plan-is" {
                    (turn_button("plan", "ultra", "Ultra (300 tasks a day)", panel.plan != JulesPlan::Free))
                    (turn_button("plan", "free", "Free (15 a day, 3 at once)", panel.plan == JulesPlan::Free))
                }
            }
        }
    }
}

fn is_broken(panel: Panel) -> bool {
    panel.jules != JulesIs::Well || panel.slack_full || panel.plan == JulesPlan::Free
}

fn bot(panel: Panel, place: &Place) -> Markup {
    html! {
        form.turns.bot method="post" action=(place.at("/panel")) data-on[!panel.bot_runs] {
            @if panel.bot_runs {
                button #bot-kill type="submit" name="bot" value="kill" { "Kill the bot" }
            } @else {
                button #bot-start type="submit" name="bot" value="start" { "Start the bot again" }
            }
        }
    }
}

fn turn_button(name: &str, value: &str, label: &str, on: bool) -> Markup {
    html! {
        button type="submit" id=(format!("{name}-{value}")) name=(name) value=(value)
            aria-pressed=(if on { "true" } else { "false" }) { (label) }
    }
}

/// What isn't as it should be, in words, for everyone.
pub(super) fn status(panel: Panel) -> String {
    let mut wrong = Vec::new();
    match panel.jules {
        JulesIs::Well => {}
        JulesIs::Down => wrong.push("Jules is down."),
        JulesIs::Slow => wrong.push("Jules is slow: each response takes five seconds."),
        JulesIs::KeyRefused => wrong.push("Jules refuses the key."),
        JulesIs::RefusesTasks => wrong.push("Jules refuses new tasks without giving a reason."),
    }
    if panel.slack_full {
        wrong.push("Slack is rate-limiting the bot (429).");
    }
    if panel.plan == JulesPlan::Free {
        wrong.push("Jules’ free plan runs 3 tasks at once and 15 a day.");
    }
    if !panel.bot_runs {
        wrong
            .push("Bot killed, but its state is safe on disk. Start it again and watch it resume.");
    }
    wrong.join(" ")
}
