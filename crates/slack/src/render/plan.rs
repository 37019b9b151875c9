//! A plan in a thread: in as many messages as it takes, or as a file and a message.

use super::more_in_jules;
use super::thread::{LONGEST_STEPS, plan_heading, plan_message, steps};
use crate::client::Content;
use crate::rich_text::{Line, Rich, say};
use domain::ids::TaskId;
use domain::policy::WhoMay;
use domain::task::{PlanFile, PlanRecord};

/// A plan that takes more messages than this goes into the thread as a file, if Slack accepts one.
pub const MOST_MESSAGES: usize = 5;

/// And otherwise in this many at most.
const MOST_WITHOUT_FILE: usize = 20;

/// How much of the titles is shown where the whole plan is in a file.
const LONGEST_OUTLINE: usize = 6_000;

/// The messages of a plan, in order. The last one shows what became of it, and has the buttons.
#[must_use]
pub fn plan_messages(
    task: &TaskId,
    note: &PlanRecord,
    url: &str,
    approvers: &[WhoMay],
) -> Vec<Content> {
    let parts = plan_parts(note, url);
    let of = parts.len();
    let mut messages = Vec::new();
    for (nth, part) in (1..).zip(parts) {
        let heading = plan_heading(note, url, (of > 1).then_some((nth, of)));
        let rich = heading.and(part);
        messages.push(if nth == of {
            plan_message(task, note, approvers, rich)
        } else {
            begun(nth, of, &rich)
        });
    }
    messages
}

fn begun(nth: usize, of: usize, rich: &Rich) -> Content {
    let text = Rich::from(say!("Jules has a plan. This is part {} of {}.", nth, of));
    Content { text: text.notification(), blocks: rich.blocks() }
}

/// What the messages say of the steps; there is always one.
fn plan_parts(note: &PlanRecord, url: &str) -> Vec<Rich> {
    if note.file == PlanFile::Shared {
        return vec![outline(note)];
    }
    let mut parts = steps(note, url).parts(LONGEST_STEPS);
    let rest = parts.split_off(parts.len().min(MOST_WITHOUT_FILE));
    if let Some(last) = parts.pop() {
        let last = rest.into_iter().fold(last, Rich::and);
        parts.push(last.cut(LONGEST_STEPS, |missing| more_in_jules(missing, url)));
    } else {
        parts.push(Rich::default());
    }
    parts
}

/// The titles, where the whole of it is in a file.
fn outline(note: &PlanRecord) -> Rich {
    let item = |rich: Rich, (number, title): (u64, &str)| rich.item(Some(number), Line::one(title));
    let titles = (1..).zip(note.steps.iter().map(|step| step.title.as_str()));
    let titles = titles.fold(Rich::default(), item);
    let name = note.file_name();
    let whole = Line::code(&name);
    titles
        .cut(LONGEST_OUTLINE, |missing| say!("… {} more characters are in the file.", missing))
        .line(say!("These are the titles. The whole plan is in the file {} in this thread.", whole))
}

/// The whole plan as Markdown, for a file.
#[must_use]
pub fn plan_file(note: &PlanRecord, title: &str, url: &str) -> String {
    let mut text = format!("# Plan: {title}\n");
    for (number, step) in (1..).zip(&note.steps) {
        text.push_str(&format!("\n## {number}. {}\n", step.title));
        if let Some(description) = step.description.as_deref().filter(|text| !text.is_empty()) {
            text.push_str(&format!("\n{description}\n"));
        }
    }
    if note.missing > 0 {
        text.push_str(&format!("\n… {} more characters: {url}\n", note.missing));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::activity::PlanStep;
    use domain::ids::PlanId;
    use domain::task::PlanStatus;
    use proptest::prelude::*;

    fn note(steps: Vec<(String, String)>) -> PlanRecord {
        PlanRecord {
            id: PlanId::parse("5103d604240042cd9f59a4cb2355643a").unwrap(),
            total: steps.len(),
            steps: steps
                .into_iter()
                .map(|(title, text)| PlanStep { title, description: Some(text) })
                .collect(),
            missing: 0,
            forgotten: false,
            file: PlanFile::Refused,
            message: None,
            status: PlanStatus::Pending,
            drawn: None,
            mentions: None,
            changes: None,
        }
    }

    /// The letters and digits, which no markup is made of.
    fn bare(text: &str) -> String {
        text.chars().filter(|c| c.is_alphanumeric()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn every_title_and_description_is_in_the_messages_in_order(
            steps in prop::collection::vec(("[a-z]{1,30}( [a-z]{1,90}){0,40}", "([a-z]{2,9}[ \n]){0,900}"), 0..24),
        ) {
            let plan = note(steps.clone());
            let parts = plan_parts(&plan, "https://jules.google.com/session/1");
            prop_assert!(parts.len() <= MOST_WITHOUT_FILE);
            let said: String = parts.iter().map(|part| bare(&part.words())).collect();
            let mut rest = said.as_str();
            for (title, text) in &steps {
                for words in [bare(title), bare(text)] {
                    let at = rest.find(&words);
                    prop_assert!(at.is_some(), "{words} is not in {rest}");
                    rest = &rest[at.unwrap_or(0) + words.len()..];
                }
            }
            let file = plan_file(&plan, "a task", "");
            for (title, text) in &steps {
                prop_assert!(file.contains(title) && file.contains(text));
            }
        }
    }

    #[test]
    fn what_does_not_fit_says_how_much_it_is_and_where() {
        let plan = note(vec![("One".to_owned(), "word ".repeat(60_000))]);
        let parts = plan_parts(&plan, "https://jules.google.com/session/1");
        assert_eq!(parts.len(), MOST_WITHOUT_FILE);
        let last = parts[MOST_WITHOUT_FILE - 1].words();
        assert!(last.contains(" more characters. Read the rest in Jules"), "{last}");
    }
}
