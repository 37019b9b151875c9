//! The bar above the page: sample tasks, the speed, and what is broken.

use super::place::Place;
use super::samples::{self, Sample};
use super::{Site, shell};
use crate::config::JulesPlan;
use crate::demo::panel::{JulesIs, OnGitHub, Panel, Speed};
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// What was switched; one at a time.
#[derive(Deserialize)]
pub(super) struct Turned {
    speed: Option<String>,
    jules: Option<String>,
    slack: Option<String>,
    plan: Option<String>,
    github: Option<String>,
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
    let is_it = |one: &OnGitHub| turned.github.as_deref() == Some(one.word());
    if let Some(what) = OnGitHub::ALL.into_iter().find(is_it) {
        world.on_github(what).await;
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
pub(super) fn bar(site: &Site, place: &Place) -> Markup {
    let panel = site.world.panel();
    let listed = |all: &[Sample]| {
        html! { ul { @for sample in all { li { (samples::link(site, place, sample)) } } } }
    };
    html! {
        header.demo {
            p.brand { strong { "jules-slack" } " demo" }
            details #samples {
                summary { "Try" }
                div.menu {
                    h2 { "Ways in" }
                    (listed(&samples::ways_in(site)))
                    h2 { "What can happen" }
                    (listed(&samples::tasks()))
                    (on_github(place))
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

/// What reviewers do with the newest pull request.
fn on_github(place: &Place) -> Markup {
    html! {
        h2 #on-github { "On GitHub, once Jules is done" }
        form method="post" action=(place.at("/panel")) {
            div.switch role="group" aria-labelledby="on-github" {
                @for what in OnGitHub::ALL {
                    button type="submit" id=(format!("github-{}", what.word())) name="github"
                        value=(what.word()) { (what.label()) }
                }
            }
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
