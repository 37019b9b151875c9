//! The second half of the table in `rules`: what stands inside blocks.
//!
//! Source: reference section 8 (Slack: Block Kit, "Block elements").

use super::rules::Rule::{
    self, Any, Bool, Choice, Choices, Confirm, Filter, Groups, Id, OneOf, Plain, Str, Web, Whole,
    Word,
};
use super::rules::{MESSAGES, STYLES, Shape, TASK_OPTIONAL, TASK_REQUIRED, Words, only, shape};

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
            ("filter", Filter),
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
            ("filter", Filter),
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
