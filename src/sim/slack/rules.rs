//! What Slack takes in a block, as a table: fields, lengths, counts, and where a block may stand.
//!
//! Source: reference sections 7 to 9 (Slack: Block Kit, "Blocks", "Block elements", "Composition
//! objects"). A kind that is too new for its inner rules to be published has its fields named and is
//! otherwise let through.

use Rule::{
    Any, Bool, Choice, Choices, Confirm, Groups, Id, OneOf, Part, Parts, Plain, Str, Text, Texts,
    Web, Whole, Word,
};

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

/// The fields of one kind of block or element, beside `type`.
pub(super) struct Shape {
    pub(super) kind: &'static str,
    pub(super) required: &'static [(&'static str, Rule)],
    pub(super) optional: &'static [(&'static str, Rule)],
    pub(super) on: &'static [Surface],
}

type Fields = &'static [(&'static str, Rule)];

const EVERYWHERE: &[Surface] = &[Surface::Message, Surface::Modal, Surface::Home];
const MESSAGES: &[Surface] = &[Surface::Message];
const MODALS: &[Surface] = &[Surface::Modal];

const fn shape(kind: &'static str, required: Fields, optional: Fields) -> Shape {
    Shape { kind, required, optional, on: EVERYWHERE }
}

const fn only(on: &'static [Surface], kind: &'static str, req: Fields, opt: Fields) -> Shape {
    Shape { kind, required: req, optional: opt, on }
}

/// What may stand beside a section's text.
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
const STYLES: &[&str] = &["primary", "danger"];
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

const TASK_REQUIRED: Fields = &[
    ("task_id", Word(255)),
    ("title", Word(3000)),
    ("status", OneOf(&["pending", "in_progress", "complete", "error"])),
];
const TASK_OPTIONAL: Fields = &[("details", Any), ("output", Any), ("sources", Any)];

const PLACEHOLDER: (&str, Rule) = ("placeholder", Plain(150));
const FOCUS: (&str, Rule) = ("focus_on_load", Bool);
const ACTION: (&str, Rule) = ("action_id", Id);
const CONFIRM: (&str, Rule) = ("confirm", Confirm);
const MAX_SELECTED: (&str, Rule) = ("max_selected_items", Whole(1, 1000));

/// Every kind of element, text objects among them.
pub(super) static ELEMENTS: &[Shape] = &[
    shape("plain_text", &[("text", Word(3000))], &[("emoji", Bool)]),
    shape("mrkdwn", &[("text", Word(3000))], &[("verbatim", Bool)]),
    shape("icon", &[("name", Word(255))], &[]),
    shape("image", &[("alt_text", Word(2000))], &[("image_url", Web), ("slack_file", Any)]),
    shape(
        "button",
        &[("text", Plain(75))],
        &[
            ACTION,
            CONFIRM,
            ("value", Str(2000)),
            ("url", Web),
            ("style", OneOf(STYLES)),
            ("accessibility_label", Str(75)),
        ],
    ),
    shape(
        "workflow_button",
        &[("text", Plain(75)), ("workflow", Any)],
        &[ACTION, ("style", OneOf(STYLES)), ("accessibility_label", Str(75))],
    ),
    shape("feedback_buttons", &[("positive_button", Any), ("negative_button", Any)], &[ACTION]),
    shape(
        "icon_button",
        &[("icon", OneOf(&["trash"])), ("text", Plain(75))],
        &[
            ACTION,
            CONFIRM,
            ("value", Str(2000)),
            ("accessibility_label", Str(75)),
            ("visible_to_user_ids", Any),
        ],
    ),
    only(MESSAGES, "task_card", TASK_REQUIRED, TASK_OPTIONAL),
    shape("overflow", &[("options", Choices(Words::PlainOnly, 5))], &[ACTION, CONFIRM]),
    shape(
        "radio_buttons",
        &[("options", Choices(Words::AlsoMrkdwn, 10))],
        &[ACTION, CONFIRM, FOCUS, ("initial_option", Choice(Words::AlsoMrkdwn))],
    ),
    shape(
        "checkboxes",
        &[("options", Choices(Words::AlsoMrkdwn, 10))],
        &[ACTION, CONFIRM, FOCUS, ("initial_options", Choices(Words::AlsoMrkdwn, 10))],
    ),
    shape(
        "static_select",
        &[],
        &[
            ACTION,
            CONFIRM,
            FOCUS,
            PLACEHOLDER,
            ("options", Choices(Words::PlainOnly, 100)),
            ("option_groups", Groups),
            ("initial_option", Choice(Words::PlainOnly)),
        ],
    ),
    shape(
        "external_select",
        &[],
        &[
            ACTION,
            CONFIRM,
            FOCUS,
            PLACEHOLDER,
            ("min_query_length", Whole(0, 75)),
            ("initial_option", Choice(Words::PlainOnly)),
        ],
    ),
    shape("users_select", &[], &[ACTION, CONFIRM, FOCUS, PLACEHOLDER, ("initial_user", Word(255))]),
    shape(
        "channels_select",
        &[],
        &[
            ACTION,
            CONFIRM,
            FOCUS,
            PLACEHOLDER,
            ("initial_channel", Word(255)),
            ("response_url_enabled", Bool),
        ],
    ),
    shape(
        "conversations_select",
        &[],
        &[
            ACTION,
            CONFIRM,
            FOCUS,
            PLACEHOLDER,
            ("initial_conversation", Word(255)),
            ("default_to_current_conversation", Bool),
            ("response_url_enabled", Bool),
            ("filter", Any),
        ],
    ),
    shape(
        "multi_static_select",
        &[],
        &[
            ACTION,
            CONFIRM,
            FOCUS,
            PLACEHOLDER,
            MAX_SELECTED,
            ("options", Choices(Words::PlainOnly, 100)),
            ("option_groups", Groups),
            ("initial_options", Choices(Words::PlainOnly, 100)),
        ],
    ),
    shape(
        "multi_external_select",
        &[],
        &[
            ACTION,
            CONFIRM,
            FOCUS,
            PLACEHOLDER,
            MAX_SELECTED,
            ("min_query_length", Whole(0, 75)),
            ("initial_options", Choices(Words::PlainOnly, 100)),
        ],
    ),
    shape(
        "multi_users_select",
        &[],
        &[ACTION, CONFIRM, FOCUS, PLACEHOLDER, MAX_SELECTED, ("initial_users", Any)],
    ),
    shape(
        "multi_channels_select",
        &[],
        &[ACTION, CONFIRM, FOCUS, PLACEHOLDER, MAX_SELECTED, ("initial_channels", Any)],
    ),
    shape(
        "multi_conversations_select",
        &[],
        &[
            ACTION,
            CONFIRM,
            FOCUS,
            PLACEHOLDER,
            MAX_SELECTED,
            ("initial_conversations", Any),
            ("default_to_current_conversation", Bool),
            ("filter", Any),
        ],
    ),
    shape(
        "plain_text_input",
        &[],
        &[
            ACTION,
            FOCUS,
            PLACEHOLDER,
            ("initial_value", Str(3000)),
            ("multiline", Bool),
            ("min_length", Whole(0, 3000)),
            ("max_length", Whole(1, 3000)),
            ("dispatch_action_config", Any),
        ],
    ),
    shape("rich_text_input", &[], &[ACTION, FOCUS, PLACEHOLDER, ("initial_value", Any)]),
    shape("email_text_input", &[], &[ACTION, FOCUS, PLACEHOLDER, ("initial_value", Str(3000))]),
    shape("url_text_input", &[], &[ACTION, FOCUS, PLACEHOLDER, ("initial_value", Str(3000))]),
    shape(
        "number_input",
        &[("is_decimal_allowed", Bool)],
        &[
            ACTION,
            FOCUS,
            PLACEHOLDER,
            ("initial_value", Any),
            ("min_value", Any),
            ("max_value", Any),
        ],
    ),
    shape("file_input", &[], &[ACTION, ("filetypes", Any), ("max_files", Whole(1, 10))]),
    shape("datepicker", &[], &[ACTION, CONFIRM, FOCUS, PLACEHOLDER, ("initial_date", Word(10))]),
    shape(
        "timepicker",
        &[],
        &[ACTION, CONFIRM, FOCUS, PLACEHOLDER, ("initial_time", Word(5)), ("timezone", Word(64))],
    ),
    shape("datetimepicker", &[], &[ACTION, CONFIRM, FOCUS, ("initial_date_time", Any)]),
];
