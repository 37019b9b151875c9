//! What Slack accepts in a block, as a table: fields, lengths, counts, and where a block may stand.
//!
//! Source: reference sections 7 to 9 (Slack: Block Kit, "Blocks", "Block elements", "Composition
//! objects"). A kind that is too new for its inner rules to be published has its fields named and is
//! otherwise let through.

use Rule::{Any, Bool, OneOf, Part, Parts, Plain, Str, Text, Texts, Web, Whole, Word};

/// What a field must be. Lengths are counted in characters.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Not looked into.
    Any,
    Bool,
    /// Text of 0 to n characters.
    Str(usize),
    /// Text of 1 to n characters.
    Word(usize),
    /// A `block_id` or `action_id`: 1 to 255 characters.
    Id,
    OneOf(&'static [&'static str]),
    /// A whole number from a to b.
    Whole(i64, i64),
    /// An address with `http`, `https` or another scheme, at most 3,000 characters.
    Web,
    /// A `plain_text` object.
    Plain(usize),
    /// A `plain_text` or `mrkdwn` object.
    Text(usize),
    /// So many text objects of so many characters.
    Texts(usize, usize),
    /// One element of these kinds.
    Part(&'static [&'static str]),
    /// 1 to n elements of these kinds.
    Parts(&'static [&'static str], usize),
    Choice(Words),
    /// 1 to n options.
    Choices(Words, usize),
    Groups,
    Confirm,
    /// Which conversations a select offers.
    Filter,
}

/// How the text of an option may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    PlainOnly,
    AlsoMrkdwn,
}

/// The places a block can stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    Message,
    Modal,
    Home,
}

/// The fields of one kind of block or element, apart from `type`.
pub(super) struct Shape {
    pub(super) kind: &'static str,
    pub(super) required: &'static [(&'static str, Rule)],
    pub(super) optional: &'static [(&'static str, Rule)],
    pub(super) on: &'static [Surface],
}

pub(super) type Fields = &'static [(&'static str, Rule)];

const EVERYWHERE: &[Surface] = &[Surface::Message, Surface::Modal, Surface::Home];
pub(super) const MESSAGES: &[Surface] = &[Surface::Message];
const MODALS: &[Surface] = &[Surface::Modal];

pub(super) const fn shape(kind: &'static str, required: Fields, optional: Fields) -> Shape {
    Shape { kind, required, optional, on: EVERYWHERE }
}

pub(super) const fn only(
    on: &'static [Surface],
    kind: &'static str,
    req: Fields,
    opt: Fields,
) -> Shape {
    Shape { kind, required: req, optional: opt, on }
}

/// What may stand next to a section's text.
const ACCESSORIES: &[&str] = &[
    "button",
    "overflow",
    "image",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
    "radio_buttons",
    "checkboxes",
    "datepicker",
    "timepicker",
    "workflow_button",
];
const ACTIONS: &[&str] = &[
    "button",
    "overflow",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
    "radio_buttons",
    "checkboxes",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "workflow_button",
];
const INPUTS: &[&str] = &[
    "plain_text_input",
    "rich_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "file_input",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
    "radio_buttons",
    "checkboxes",
    "datepicker",
    "timepicker",
    "datetimepicker",
];
pub(super) const STYLES: &[&str] = &["primary", "danger"];
const ICON: Rule = Part(&["image", "icon"]);

/// Every kind of block.
pub(super) static BLOCKS: &[Shape] = &[
    shape(
        "section",
        &[],
        &[
            ("text", Text(3000)),
            ("fields", Texts(10, 2000)),
            ("accessory", Part(ACCESSORIES)),
            ("expand", Bool),
        ],
    ),
    shape("header", &[("text", Plain(150))], &[("level", Whole(1, 4))]),
    shape("divider", &[], &[]),
    shape("context", &[("elements", Parts(&["image", "mrkdwn", "plain_text"], 10))], &[]),
    shape("context_actions", &[("elements", Parts(&["feedback_buttons", "icon_button"], 5))], &[]),
    shape("actions", &[("elements", Parts(ACTIONS, 25))], &[]),
    shape(
        "input",
        &[("label", Plain(2000)), ("element", Part(INPUTS))],
        &[("hint", Plain(2000)), ("optional", Bool), ("dispatch_action", Bool)],
    ),
    shape(
        "image",
        &[("alt_text", Word(2000))],
        &[("image_url", Web), ("slack_file", Any), ("title", Plain(2000))],
    ),
    shape("rich_text", &[("elements", Any)], &[]),
    shape(
        "video",
        &[
            ("alt_text", Word(2000)),
            ("title", Plain(200)),
            ("thumbnail_url", Web),
            ("video_url", Web),
        ],
        &[
            ("author_name", Str(50)),
            ("description", Plain(200)),
            ("provider_icon_url", Web),
            ("provider_name", Str(50)),
            ("title_url", Web),
        ],
    ),
    only(MESSAGES, "markdown", &[("text", Word(12_000))], &[]),
    only(MESSAGES, "file", &[("external_id", Word(255)), ("source", OneOf(&["remote"]))], &[]),
    only(MESSAGES, "table", &[("rows", Any)], &[("column_settings", Any)]),
    only(MESSAGES, "data_table", &[("rows", Any)], &[("columns", Any), ("page_size", Any)]),
    only(MESSAGES, "plan", &[("title", Word(3000))], &[("tasks", Parts(&["task_card"], 50))]),
    only(MESSAGES, "task_card", TASK_REQUIRED, TASK_OPTIONAL),
    only(MESSAGES, "carousel", &[("elements", Any)], &[]),
    only(
        MESSAGES,
        "container",
        &[("title", Any), ("child_blocks", Any)],
        &[
            ("width", Any),
            ("subtitle", Any),
            ("icon", ICON),
            ("is_collapsible", Bool),
            ("default_collapsed", Bool),
        ],
    ),
    only(
        MODALS,
        "alert",
        &[("text", Text(3000))],
        &[("level", OneOf(&["default", "info", "warning", "error", "success"]))],
    ),
    shape(
        "card",
        &[],
        &[
            ("hero_image", Any),
            ("icon", Any),
            ("title", Text(150)),
            ("subtitle", Text(150)),
            ("body", Text(200)),
            ("actions", Parts(&["button"], 5)),
        ],
    ),
];

pub(super) const TASK_REQUIRED: Fields = &[
    ("task_id", Word(255)),
    ("title", Word(3000)),
    ("status", OneOf(&["pending", "in_progress", "complete", "error"])),
];
pub(super) const TASK_OPTIONAL: Fields = &[("details", Any), ("output", Any), ("sources", Any)];
