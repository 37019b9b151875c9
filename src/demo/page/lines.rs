//! Messages: in the conversation, and in the thread next to it.

use super::blocks::{On, Surface, blocks};
use super::mrkdwn::mrkdwn;
use super::place::Place;
use super::{Site, date, emoji, shortcuts};
use maud::{Markup, html};
use platform::lock::lock;
use sim::slack::{Conversation, Line, Writer};
use std::collections::BTreeMap;

/// What a list of messages is drawn from.
pub(super) struct Sheet<'a> {
    pub(super) site: &'a Site,
    pub(super) place: &'a Place,
    pub(super) conversations: &'a [Conversation],
    /// Everything in the conversation, oldest first.
    pub(super) lines: &'a [Line],
}

impl Sheet<'_> {
    /// The conversation outside its threads.
    pub(super) fn conversation(&self) -> Markup {
        let roots = self.lines.iter().filter(|line| line.thread_ts.is_none() || line.broadcast);
        let mut last = String::new();
        html! {
            ol.lines {
                @for line in roots {
                    (new_day(&mut last, line))
                    (self.line(line, true))
                }
            }
        }
    }

    /// A thread: its root, then the replies. `None` when there is no such root.
    pub(super) fn thread(&self, root: &str) -> Option<Markup> {
        let root = self.lines.iter().find(|line| line.ts == root && !line.private)?;
        let replies: Vec<&Line> = self.replies(&root.ts).collect();
        let count = replies.iter().filter(|line| !line.private).count();
        Some(html! {
            ol.lines {
                (self.line(root, false))
                @if count > 0 { li.count #replies-count { (counted(count, "reply", "replies")) } }
                @for line in replies { (self.line(line, false)) }
            }
        })
    }

    fn replies<'a>(&'a self, root: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.thread_ts.as_deref() == Some(root))
    }

    fn line(&self, line: &Line, in_channel: bool) -> Markup {
        let (name, kind) = match &line.writer {
            Writer::Person(name) => (name.as_str(), "person"),
            Writer::App => ("jules", "app"),
            Writer::Slack => ("Slack", "slack"),
        };
        let list = if in_channel { "m" } else { "t" };
        html! {
            li.line id=(format!("{list}-{}", line.ts)) tabindex="-1" data-by=(kind)
                data-private[line.private] {
                img.avatar src=(format!("/avatar/{name}.svg")) alt="" width="36" height="36";
                div.message {
                    @if line.private { p.only { "Only visible to you" } }
                    p.meta {
                        strong { (name) }
                        @if line.writer == Writer::App { span.tag { "App" } }
                        (date::of_message(&line.ts))
                    }
                    div.content {
                        (self.content(line, list))
                        @if line.edited { span.edited { " (edited)" } }
                    }
                    (reactions(line))
                    @if in_channel && !line.private { (self.thread_link(line)) }
                }
                @if !line.private && line.writer != Writer::Slack {
                    (shortcuts::on_message(&self.site.offers.on_messages, self.place, list, &line.ts))
                }
            }
        }
    }

    fn content(&self, line: &Line, list: &str) -> Markup {
        if line.blocks.is_empty() {
            return html! { div.words { (mrkdwn(&self.site.names, &line.text)) } };
        }
        let surface = Surface {
            slack: &self.site.world.slack,
            names: &self.site.names,
            place: self.place,
            conversations: self.conversations,
            on: On::Message { ts: &line.ts, list },
            values: &line.values,
            errors: &BTreeMap::new(),
        };
        blocks(&surface, &line.blocks)
    }

    fn thread_link(&self, line: &Line) -> Markup {
        let root = line.thread_ts.as_deref().unwrap_or(&line.ts);
        let there = self.place.with_thread(Some(root)).at("/");
        let replies: Vec<&Line> = self.replies(root).collect();
        let unread = replies.last().is_some_and(|last| self.is_unread(root, last));
        let id = format!("replies-{}", line.ts);
        html! {
            @if replies.is_empty() {
                a.reply id=(id) href=(there) data-go { "Reply in thread" }
            } @else {
                a.replies id=(id) href=(there) data-go data-unread[unread] {
                    (counted(replies.len(), "reply", "replies"))
                    @if unread { span.new { "new" } }
                }
            }
        }
    }

    /// Newer than what this person last saw of that list.
    pub(super) fn is_unread(&self, list: &str, line: &Line) -> bool {
        let mine = line.writer == Writer::Person(self.place.who.clone());
        let key = (self.place.who.clone(), list.to_owned());
        !mine && lock(&self.site.seen).get(&key).is_none_or(|seen| *seen < line.ts)
    }

    /// All that is on the screen now has been seen.
    pub(super) fn mark(&self, channel: &str) {
        let mut seen = lock(&self.site.seen);
        let mut mark = |list: &str, line: Option<&Line>| {
            if let Some(line) = line {
                seen.insert((self.place.who.clone(), list.to_owned()), line.ts.clone());
            }
        };
        mark(channel, self.lines.iter().rfind(|line| line.thread_ts.is_none()));
        if let Some(root) = self.place.thread.as_deref() {
            mark(root, self.replies(root).last());
        }
    }
}

/// A divider where another day begins.
fn new_day(last: &mut String, line: &Line) -> Markup {
    let (day, called) = date::day(&line.ts);
    if *last == day {
        return html! {};
    }
    last.clone_from(&day);
    html! { li.day id=(format!("day-{day}")) { span { (called) } } }
}

fn reactions(line: &Line) -> Markup {
    html! {
        @if !line.reactions.is_empty() {
            ul.reactions aria-label="Reactions" {
                @for (name, people) in &line.reactions {
                    li title=(people.join(", ")) {
                        @match emoji::of(name) {
                            Some(sign) => (emoji::drawn(name, sign)),
                            None => { ":" (name) ":" }
                        }
                        " " (people.len())
                    }
                }
            }
        }
    }
}

/// `1 reply`, `2 replies`.
pub(super) fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
