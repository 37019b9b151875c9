//! What can be filled in: the elements of a form.

use super::blocks::{On, Surface, text_of, unknown, words};
use super::elements::{name, options, page_id};
use maud::{Markup, html};
use serde_json::Value;
use sim::slack::Conversation;

/// An `input` block: label, element, hint, and what is wrong with it.
pub(super) fn input(surface: &Surface<'_>, block: &Value) -> Markup {
    let block_id = text_of(&block["block_id"]);
    let element = &block["element"];
    let id = id(surface, block_id, element);
    let label = words(surface.names, &block["label"]);
    let optional = block["optional"] == true;
    let error = surface.errors.get(block_id);
    let hint = block["hint"].is_object();
    let described: Vec<String> = [(hint, "hint"), (error.is_some(), "error")]
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, part)| format!("{id}-{part}"))
        .collect();
    let field = Field {
        surface,
        block_id,
        element,
        id: &id,
        tells: block["dispatch_action"] == true,
        described: Some(described.join(" ")).filter(|ids| !ids.is_empty()),
        wrong: error.is_some(),
    };
    let titled = html! {
        (label) @if optional { span.optional { " (optional)" } }
    };
    let several = matches!(text_of(&element["type"]), "checkboxes" | "radio_buttons");
    let below = html! {
        @if let Some(error) = error { p.error id=(format!("{id}-error")) { (error) } }
        @if hint { p.hint id=(format!("{id}-hint")) { (words(surface.names, &block["hint"])) } }
    };
    html! {
        @if several {
            fieldset.field id=(format!("{id}-field")) {
                legend { (titled) }
                (field.draw())
                (below)
            }
        } @else {
            div.field id=(format!("{id}-field")) {
                label for=(id) { (titled) }
                (field.draw())
                (below)
            }
        }
    }
}

/// An element of a form outside an `input` block; the app is told of each choice.
pub(super) fn alone(surface: &Surface<'_>, block_id: &str, element: &Value) -> Markup {
    let id = id(surface, block_id, element);
    let field =
        Field { surface, block_id, element, id: &id, tells: true, described: None, wrong: false };
    field.draw()
}

fn id(surface: &Surface<'_>, block_id: &str, element: &Value) -> String {
    let on = match surface.on {
        On::Message { ts, .. } => ts,
        On::View { id } => id,
    };
    page_id(&["f", on, block_id, text_of(&element["action_id"])])
}

struct Field<'a> {
    surface: &'a Surface<'a>,
    block_id: &'a str,
    element: &'a Value,
    id: &'a str,
    /// The app hears of each change.
    tells: bool,
    described: Option<String>,
    wrong: bool,
}

impl Field<'_> {
    fn draw(&self) -> Markup {
        let drawn = match text_of(&self.element["type"]) {
            "plain_text_input" if self.element["multiline"] == true => self.text_area(),
            "plain_text_input" => self.line("text", "value"),
            "email_text_input" => self.line("email", "value"),
            "url_text_input" => self.line("url", "value"),
            "number_input" => self.line("number", "value"),
            "datepicker" => self.line("date", "selected_date"),
            "timepicker" => self.line("time", "selected_time"),
            "checkboxes" => self.boxes("checkbox", "selected_options"),
            "radio_buttons" => self.boxes("radio", "selected_option"),
            "static_select" => self.one_of(&texts(&options(self.element)), "selected_option"),
            "multi_static_select" => {
                self.some_of(&texts(&options(self.element)), "selected_options")
            }
            "external_select" => self.type_ahead(),
            "users_select" => self.one_of(&self.surface.slack.people(), "selected_user"),
            "conversations_select" => self.one_of(&self.conversations(), "selected_conversation"),
            "channels_select" => self.one_of(&self.conversations(), "selected_channel"),
            other => return unknown("element", other),
        };
        html! {
            (drawn)
            @if self.tells {
                button.told id=(format!("{}-told", self.id)) type="submit" hidden name="tell"
                    value=(self.name()) formaction=(self.surface.place.at("/view/tell")) {}
            }
        }
    }

    fn name(&self) -> String {
        name(self.block_id, self.element)
    }

    fn held(&self, field: &str) -> &Value {
        &self.surface.values[self.block_id][text_of(&self.element["action_id"])][field]
    }

    fn placeholder(&self) -> Option<&str> {
        self.element["placeholder"]["text"].as_str()
    }

    /// The button that tells the app, for the script.
    fn told(&self) -> Option<String> {
        self.tells.then(|| format!("{}-told", self.id))
    }

    fn first(&self) -> bool {
        self.element["focus_on_load"] == true
    }

    fn longest(&self) -> u64 {
        self.element["max_length"].as_u64().unwrap_or(3000)
    }

    fn invalid(&self) -> Option<&str> {
        self.wrong.then_some("true")
    }

    fn text_area(&self) -> Markup {
        html! {
            textarea id=(self.id) name=(self.name()) rows="5" maxlength=(self.longest())
                placeholder=[self.placeholder()] aria-describedby=[&self.described]
                aria-invalid=[self.invalid()] autofocus[self.first()] {
                "\n" (text_of(self.held("value")))
            }
        }
    }

    fn line(&self, kind: &str, field: &str) -> Markup {
        let held = self.held(field);
        let value = match held.as_str() {
            Some(text) => text.to_owned(),
            None if held.is_null() => String::new(),
            None => held.to_string(),
        };
        html! {
            input id=(self.id) name=(self.name()) type=(kind) maxlength=(self.longest())
                value=(value) placeholder=[self.placeholder()] data-told=[self.told()]
                aria-describedby=[&self.described] aria-invalid=[self.invalid()]
                autofocus[self.first()] autocomplete="off";
        }
    }

    fn boxes(&self, kind: &str, field: &str) -> Markup {
        let held = self.held(field);
        let on = |option: &Value| match held.as_array() {
            Some(list) => list.iter().any(|known| known["value"] == option["value"]),
            None => held["value"] == option["value"],
        };
        html! {
            @for option in options(self.element) {
                label.box {
                    input type=(kind) name=(self.name()) value=(text_of(&option["value"]))
                        checked[on(&option)] data-told=[self.told()]
                        aria-describedby=[&self.described];
                    span {
                        (words(self.surface.names, &option["text"]))
                        @if option["description"].is_object() {
                            span.hint { (words(self.surface.names, &option["description"])) }
                        }
                    }
                }
            }
        }
    }

    fn one_of(&self, offered: &[(String, String)], field: &str) -> Markup {
        let held = self.held(field);
        let held = held["value"].as_str().or_else(|| held.as_str());
        html! {
            select id=(self.id) name=(self.name()) data-told=[self.told()]
                aria-describedby=[&self.described] aria-invalid=[self.invalid()] {
                option value="" selected[held.is_none()] {
                    (self.placeholder().unwrap_or("Choose"))
                }
                @for (value, text) in offered {
                    option value=(value) selected[held == Some(value)] { (text) }
                }
            }
        }
    }

    fn some_of(&self, offered: &[(String, String)], field: &str) -> Markup {
        let held = self.held(field).as_array().cloned().unwrap_or_default();
        let on = |value: &str| held.iter().any(|known| known["value"] == value);
        html! {
            select id=(self.id) name=(self.name()) multiple data-told=[self.told()]
                aria-describedby=[&self.described] aria-invalid=[self.invalid()] {
                @for (value, text) in offered {
                    option value=(value) selected[on(value)] { (text) }
                }
            }
        }
    }

    /// A select whose options the app brings while someone types. The script fills the list.
    fn type_ahead(&self) -> Markup {
        let held = self.held("selected_option");
        let list = format!("{}-list", self.id);
        let least = self.element["min_query_length"].as_u64().unwrap_or(3);
        let from = self.surface.place.at("/view/options");
        let label = text_of(&held["text"]["text"]);
        html! {
            div.combo {
                input id=(self.id) type="text" role="combobox" autocomplete="off" value=(label)
                    aria-expanded="false" aria-autocomplete="list" aria-controls=(list)
                    aria-describedby=[&self.described] aria-invalid=[self.invalid()]
                    placeholder=[self.placeholder()] autofocus[self.first()]
                    data-options=(from) data-field=(self.name()) data-least=(least)
                    data-told=[self.told()];
                input id=(format!("{}-value", self.id)) type="hidden" name=(self.name())
                    value=(text_of(&held["value"])) data-mine;
                ul id=(list) role="listbox" aria-label="Choices" hidden data-mine {}
            }
        }
    }

    fn conversations(&self) -> Vec<(String, String)> {
        let person = self.surface.slack.person(&self.surface.place.who);
        let may = |one: &&Conversation| {
            person.as_ref().is_some_and(|person| person.may_choose(&one.id, self.element))
        };
        self.surface
            .conversations
            .iter()
            .filter(may)
            .map(|one| {
                let name = if one.direct { one.name.clone() } else { format!("#{}", one.name) };
                (one.id.clone(), name)
            })
            .collect()
    }
}

fn texts(options: &[Value]) -> Vec<(String, String)> {
    let both = |option: &Value| {
        (text_of(&option["value"]).to_owned(), text_of(&option["text"]["text"]).to_owned())
    };
    options.iter().map(both).collect()
}
