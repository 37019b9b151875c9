//! The screen: a channel with its threads as a person sees them, and other ways of looking.
//!
//! Looking marks as read, so that [`SimSlack::unread`] can tell what a test overlooked.

use super::channel::{Author, Channel, Message};
use super::draw;
use super::fault::Call;
use super::model::{View, World, fixed};
use super::server::SimSlack;
use super::text::name_of;
use serde_json::Value;

/// A message as it stood when it was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// The channel's id.
    pub channel: String,
    /// The message's id in its channel.
    pub ts: String,
    /// The root of its thread, for a reply.
    pub thread_ts: Option<String>,
    /// The name of who wrote it.
    pub author: String,
    /// The name of the only person who sees it.
    pub only_for: Option<String>,
    /// The text as stored: the fallback that notifications show when there are blocks.
    pub text: String,
    /// The blocks as stored.
    pub blocks: Vec<Value>,
    /// What the app hid in it.
    pub metadata: Option<Value>,
    /// What a person reads.
    pub shown: String,
    /// The labels of its buttons, in order.
    pub buttons: Vec<String>,
    /// Emoji names, and the names of who used each.
    pub reactions: Vec<(String, Vec<String>)>,
    /// It carries the "edited" mark.
    pub edited: bool,
}

impl SimSlack {
    /// The channel and its threads in plain text, as everyone together sees them: names for ids,
    /// links as `label <url>`, buttons as `[Label]`, threads indented, private lines marked. Forms
    /// that were opened in it come below, each with its person. Marks its messages as read.
    #[must_use]
    pub fn screen(&self, channel: &str) -> String {
        self.change(|world| {
            let Some(there) = world.channel_named(channel) else {
                return format!("(no channel {channel:?})");
            };
            let id = there.id.clone();
            let drawn = screen(world, there);
            mark(world, &id, |_| true);
            drawn
        })
    }

    /// A thread: its root and replies, private lines included. Marks them as read.
    #[must_use]
    pub fn thread(&self, channel: &str, root_ts: &str) -> Vec<Post> {
        let inside = |message: &Message| {
            message.ts == root_ts || message.thread_ts.as_deref() == Some(root_ts)
        };
        self.take(channel, inside)
    }

    /// The messages of a channel outside threads, without private lines. Marks them as read.
    #[must_use]
    pub fn channel_messages(&self, channel: &str) -> Vec<Post> {
        self.take(channel, Message::is_root)
    }

    /// The lines that only this person sees, in all channels. Marks them as read.
    #[must_use]
    pub fn ephemerals(&self, name: &str) -> Vec<Post> {
        let (user, channels) = self.read(|world| {
            let user = world.user_named(name).map(|user| user.id.clone()).unwrap_or_default();
            let channels = world.channels.iter().map(|channel| channel.id.clone());
            (user, channels.collect::<Vec<_>>())
        });
        let mine = |message: &Message| message.only_for.as_ref() == Some(&user);
        channels.iter().flat_map(|channel| self.take(channel, mine)).collect()
    }

    /// What the app put on a screen and no one looked at since: messages, private lines, forms. Each
    /// is said in one line. An edit that changes what is seen makes a message unread again.
    #[must_use]
    pub fn unread(&self) -> Vec<String> {
        self.read(|world| {
            let mut all = Vec::new();
            for channel in &world.channels {
                for message in channel.messages.iter().filter(|message| !message.read) {
                    let text = draw::message(world, message).replace('\n', " / ");
                    let to = private_mark(world, message);
                    all.push(format!("{}{to}: {text}", title(channel)));
                }
            }
            let open = world.stacks.values().flatten().chain(world.homes.values());
            let open = open.filter_map(|id| world.views.get(id)).filter(|view| !view.read);
            for view in open {
                let name = name_of(world, &view.user);
                all.push(match view.content["type"] == "home" {
                    true => format!("Home of {name}"),
                    false => format!("form {:?} for {name}", draw::plain(&view.content["title"])),
                });
            }
            all
        })
    }

    /// The app's calls so far, in order, `response_url` among them.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.read(|world| world.calls.clone())
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.change(|world| world.calls.clear());
    }

    pub(super) fn note(&self, index: usize, did: String) {
        self.change(|world| {
            if let Some(call) = world.calls.get_mut(index) {
                call.did = Some(did);
            }
        });
    }

    /// The Home tab of this person as the app published it; marks it as read.
    #[must_use]
    pub fn home(&self, name: &str) -> Option<String> {
        self.change(|world| {
            let user = world.user_named(name)?.id.clone();
            let id = world.homes.get(&user)?.clone();
            world.views.get_mut(&id)?.read = true;
            world.views.get(&id).map(|view| draw::view(world, view))
        })
    }

    fn take(&self, channel: &str, wanted: impl Fn(&Message) -> bool) -> Vec<Post> {
        self.change(|world| {
            let Some(there) = world.channel_named(channel) else { return Vec::new() };
            let id = there.id.clone();
            let found = there.messages.iter().filter(|message| wanted(message));
            let posts = found.map(|message| post(world, there, message)).collect();
            mark(world, &id, wanted);
            posts
        })
    }
}

fn mark(world: &mut World, channel: &str, wanted: impl Fn(&Message) -> bool) {
    let Some(channel) = world.channel_mut(channel) else { return };
    for message in channel.messages.iter_mut().filter(|message| wanted(message)) {
        message.read = true;
    }
}

fn post(world: &World, channel: &Channel, message: &Message) -> Post {
    let elements = message.blocks.iter().flat_map(super::blocks::elements);
    let buttons = elements.filter(|element| element["type"] == "button");
    Post {
        channel: channel.id.clone(),
        ts: message.ts.clone(),
        thread_ts: message.thread_ts.clone(),
        author: author(world, message),
        only_for: message.only_for.as_ref().map(|user| name_of(world, user)),
        text: message.text.clone(),
        blocks: message.blocks.clone(),
        metadata: message.metadata.clone(),
        shown: draw::message(world, message),
        buttons: buttons.map(|button| draw::plain(&button["text"])).collect(),
        reactions: reactions(world, message),
        edited: message.edited.is_some(),
    }
}

fn author(world: &World, message: &Message) -> String {
    match &message.author {
        Author::Person(user) => name_of(world, user),
        Author::App | Author::AppReply => fixed::BOT_NAME.to_owned(),
        Author::OtherBot => fixed::OTHER_BOT_NAME.to_owned(),
        Author::Slack => "Slack".to_owned(),
    }
}

pub(super) fn reactions(world: &World, message: &Message) -> Vec<(String, Vec<String>)> {
    let named = message.reactions.iter().map(|(emoji, users)| {
        (emoji.clone(), users.iter().map(|user| name_of(world, user)).collect())
    });
    named.collect()
}

fn title(channel: &Channel) -> String {
    match channel.name.strip_prefix('@') {
        Some(_) => channel.name.clone(),
        None => format!("#{}", channel.name),
    }
}

fn screen(world: &World, channel: &Channel) -> String {
    let mut out = title(channel);
    if channel.archived {
        out.push_str(" (archived)");
    }
    let roots = channel.messages.iter().filter(|message| {
        // A private line in a thread stands in its thread.
        message.thread_ts.is_none()
    });
    for root in roots {
        out.push_str("\n\n");
        out.push_str(&drawn(world, root, ""));
        let replies = channel
            .messages
            .iter()
            .filter(|reply| reply.thread_ts.as_deref() == Some(root.ts.as_str()));
        for reply in replies {
            out.push('\n');
            out.push_str(&drawn(world, reply, "  │ "));
        }
    }
    for view in world.stacks.values().filter_map(|stack| stack.last()) {
        if let Some(view) = world.views.get(view).filter(|view| is_on(channel, view)) {
            let name = name_of(world, &view.user);
            out.push_str(&format!("\n\n(on {name}'s screen)\n{}", draw::view(world, view)));
        }
    }
    out
}

/// A form covers the channel it was opened in.
fn is_on(channel: &Channel, view: &View) -> bool {
    view.channel.as_ref() == Some(&channel.id)
}

fn drawn(world: &World, message: &Message, margin: &str) -> String {
    let edited = if message.edited.is_some() { " (edited)" } else { "" };
    let also = if message.broadcast { " (also sent to the channel)" } else { "" };
    let private = private_mark(world, message);
    let mut lines = vec![format!("{}{private}{also}{edited}:", author(world, message))];
    for line in draw::message(world, message).lines() {
        lines.push(format!("  {line}"));
    }
    let marks = reactions(world, message).into_iter();
    let marks = marks.map(|(emoji, names)| format!(":{emoji}: {}", names.join(", ")));
    let marks = marks.collect::<Vec<_>>().join("  ");
    if !marks.is_empty() {
        lines.push(format!("  {marks}"));
    }
    let lines = lines.iter().map(|line| format!("{margin}{line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

fn private_mark(world: &World, message: &Message) -> String {
    match &message.only_for {
        Some(user) => format!(" (only visible to {})", name_of(world, user)),
        None => String::new(),
    }
}
