//! What people type and what Jules writes.

use super::safe::{check, is_safe};
use domain::activity::PlanStep;
use domain::command::parse;
use domain::diff::Changes;
use domain::ids::{DeliveryId, PlanId, TaskId};
use domain::message::{Finished, Notice, Post};
use domain::task::{PlanFile, PlanRecord, PlanStatus};
use domain::words::Names;
use slack::mrkdwn;
use slack::render;
use slack::rich_text;

/// A command. What is printed of it is read as the same again; a slip can be told to its author.
pub(super) fn command(data: &[u8]) {
    let typed = String::from_utf8_lossy(data);
    for text in [&*typed, &mrkdwn::decode(&typed).spelled(&Names::new())] {
        match parse(text) {
            Ok(command) => assert_eq!(parse(&command.to_string()), Ok(command)),
            Err(misspelt) => {
                check(&render::notice(&Notice::CommandError { error: misspelt, offer: None }));
            }
        }
    }
}

/// Words of Jules, in every place that shows them. No markup but ours is left, nobody is pinged, Slack's
/// limits are kept, all words come out, and little text stays little.
pub(super) fn markdown(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let sent = rich_text::markdown(&text);
    assert!(is_safe(&sent.notification()), "{}", sent.notification());
    assert!(sent.words().len() <= 100_000 + 64 * text.len(), "{} bytes", sent.words().len());
    let letters = |words: String| words.chars().filter(|c| c.is_alphanumeric()).count();
    let parts = sent.clone().parts(3000);
    let together: usize = parts.iter().map(|part| letters(part.words())).sum();
    assert_eq!(together, letters(sent.words()));
    for part in parts {
        assert!(part.words().chars().count() <= 4000, "{}", part.words());
    }

    let url = || "https://jules.google.com/session/1".to_owned();
    let task = TaskId::for_delivery(&DeliveryId::of(&["one"]));
    let (first, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    for post in [
        Post::Word { text: text.to_string(), question: true, url: url() },
        Post::Failed { task: task.clone(), reason: Some(text.to_string()), url: url() },
        Post::SaidElsewhere { text: text.to_string() },
        Post::Finished(Box::new(Finished {
            task: task.clone(),
            url: url(),
            opened: Vec::new(),
            kept: None,
            changes: Changes::of_patch(&text),
            commit_message: Some(text.to_string()),
            took: None,
            watching: None,
        })),
    ] {
        check(&render::post(&post));
    }
    let steps: Vec<PlanStep> = text
        .split("\n\n")
        .map(|step| PlanStep { title: step.to_owned(), description: Some(first.to_owned()) })
        .chain([PlanStep { title: first.to_owned(), description: Some(rest.to_owned()) }])
        .collect();
    let note = PlanRecord {
        id: PlanId::parse("5103d604240042cd9f59a4cb2355643a").expect("an id"),
        total: steps.len(),
        steps,
        missing: 0,
        forgotten: false,
        file: PlanFile::default(),
        message: None,
        status: PlanStatus::Pending,
        drawn: None,
        mentions: None,
        changes: Some(text.to_string()),
    };
    check(&render::plan(&task, &note, &url()));
}
