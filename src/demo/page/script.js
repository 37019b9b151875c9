// The page is drawn by the server. This replaces each drawing by the next one without losing what someone
// is doing: focus, cursor, half-written text, open menus, the place in a list.
"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// One drawing for another.

function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    old.replaceWith(fresh);
  } else if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
  } else if (!old.hasAttribute("data-mine") && !old.isEqualNode(fresh)) {
    attributes(old, fresh);
    if (!(old.nodeName === "TEXTAREA")) children(old, fresh);
  }
}

// What only this page knows: which parts are open, and what was typed and not picked yet.
const OWN = ["open", "aria-expanded", "aria-activedescendant", "aria-busy", "data-touched"];

function attributes(old, fresh) {
  for (const { name, value } of [...fresh.attributes]) {
    if (!OWN.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!OWN.includes(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
}

function children(old, fresh) {
  const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
  for (const child of [...old.children]) {
    if (child.id && !wanted.has(child.id)) child.remove();
  }
  const known = new Map([...old.children].filter((child) => child.id).map((c) => [c.id, c]));
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const same = known.get(next.id) ?? (at && !at.id && !next.id && at.nodeName === next.nodeName ? at : null);
    if (same === null) {
      old.insertBefore(next, at);
    } else {
      if (same === at) at = at.nextSibling;
      else old.insertBefore(same, at);
      morph(same, next);
    }
  }
  while (at) {
    const after = at.nextSibling;
    at.remove();
    at = after;
  }
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const lists = all("[data-bottom]").map((list) => list.id && [list.id, isAtBottom(list)]);
  const focused = document.activeElement;
  const held = focused.closest(".line")?.id;
  const modal = document.getElementById("modal");
  const changed = modal?.dataset.view !== fresh.getElementById("modal")?.dataset.view;
  // A dialog that is closed gives the focus back to where it came from.
  if (modal && changed) modal.close();
  document.title = fresh.title;
  attributes(document.body, fresh.body);
  children(document.body, fresh.body);
  restoreDrafts();
  const was = new Map(lists);
  for (const list of all("[data-bottom]")) {
    if (was.get(list.id) ?? true) toBottom(list);
  }
  const now = document.getElementById("modal");
  if (now && !now.open) open(now);
  else if (held && !document.contains(focused)) document.getElementById(held)?.focus();
}

// The first field has the focus, unless the form says which.
function open(modal) {
  modal.showModal();
  (modal.querySelector("[autofocus]") ?? modal.querySelector(FIELDS))?.focus();
}

const FIELDS = ".fields-of :is(input:not([type=hidden]), textarea, select)";

const toBottom = (list) => (list.scrollTop = list.scrollHeight);
const isAtBottom = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 40;

// Drafts: each composer keeps its own for each person, conversation and thread.

const draftOf = (field) => `draft ${field.dataset.draftOf}`;

function keepDraft(field) {
  if (field.value === "") sessionStorage.removeItem(draftOf(field));
  else sessionStorage.setItem(draftOf(field), field.value);
}

function restoreDrafts() {
  for (const field of all("[data-draft-of]")) {
    if (field.shows === field.dataset.draftOf) continue;
    field.shows = field.dataset.draftOf;
    field.value = sessionStorage.getItem(draftOf(field)) ?? field.defaultValue;
  }
}

// Something to try: goes where it has to be, then fills the field in or opens the menu.
async function lead({ dataset: { leads, field, draft, menu } }) {
  await (leads ? go(leads) : null);
  const composer = document.getElementById(field);
  if (composer) {
    composer.value = draft;
    keepDraft(composer);
    composer.focus();
  }
  const there = menu && document.getElementById(menu);
  if (!there) return;
  there.scrollIntoView({ block: "center" });
  if (there.nodeName === "DETAILS") {
    there.open = true;
    there.querySelector("summary").focus();
  } else {
    there.click();
  }
}

// Asking the server.

let asking = null;
let again = false;

// Resolves once a page is shown that was asked for after this was called.
function refresh() {
  again = true;
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

async function ask() {
  while (again) {
    again = false;
    const asked = location.href;
    const html = await (await fetch(asked)).text();
    if (asked === location.href) show(html);
    else again = true;
  }
}

async function go(url) {
  history.pushState(null, "", url);
  await refresh();
}

// A link to a message shows it as the person who is looking.
async function follow(href) {
  const to = new URL(href);
  to.searchParams.set("as", new URLSearchParams(location.search).get("as") ?? "");
  const answer = await fetch(to);
  await go(answer.url);
}

async function send(form, button) {
  const data = new URLSearchParams(new FormData(form, button));
  const to = button?.getAttribute("formaction") ?? form.getAttribute("action");
  const text = form.hasAttribute("data-clears") ? form.querySelector("textarea") : null;
  const typed = text?.value;
  if (text) {
    text.value = "";
    keepDraft(text);
  }
  if (form.hasAttribute("data-forgets")) sessionStorage.clear();
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(to, { method: "POST", body: data });
    const html = await answer.text();
    if (text && !answer.ok && text.value === "") {
      text.value = typed;
      keepDraft(text);
    }
    // After "Start over" the page is another one.
    if (form.hasAttribute("data-forgets") && answer.ok) return location.assign(answer.url);
    if (form.hasAttribute("data-goes") && answer.ok) history.pushState(null, "", answer.url);
    show(html);
    // What one wrote is in view, wherever one was reading.
    if (text && answer.ok) toBottom(form.parentElement.querySelector("[data-bottom]"));
    if (form.id && form.closest("#modal")) form.querySelector("[aria-invalid]")?.focus();
  } finally {
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  // What goes wrong is said on the page, which a question would cover.
  event.submitter?.closest("dialog.confirm")?.close();
  // A form that opens over the page gives the focus back to the menu.
  const menu = event.submitter?.closest("details.more");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  send(form, event.submitter);
});

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  const link = hit("a[data-go]");
  const sample = hit("a[data-leads]");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (link && plain) {
    event.preventDefault();
    const back = link.dataset.back;
    const thread = link.matches(".replies, .reply");
    go(link.href).then(() => {
      if (back) document.getElementById(back)?.focus();
      if (thread) document.getElementById("reply")?.focus();
    });
  } else if (sample && plain) {
    event.preventDefault();
    lead(sample);
  }
  const message = hit("a[href^='/archives/']");
  if (message && plain) {
    event.preventDefault();
    follow(message.href);
  }
  const opens = hit("[data-opens]");
  if (opens) document.getElementById(opens.dataset.opens)?.showModal();
  if (hit("[data-closes]")) hit("dialog").close();
  // A link that the app wants to hear of opens all the same.
  if (hit("form.use [data-tells]")) send(hit("form"), null);
  for (const menu of all("details[open]")) {
    if (!menu.contains(event.target) || sample) menu.open = false;
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("select[data-at-once]")) field.form.requestSubmit();
  else if (field.dataset.told && !field.matches("[role=combobox]")) tell(field);
});

// The app hears of a field at once: the form goes along, and is not sent.
function tell(field) {
  send(field.form, document.getElementById(field.dataset.told));
}

window.addEventListener("popstate", refresh);

// Keys.

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (field.dataset?.options && comboKey(event, field)) return;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && field.matches("[data-sends]")) {
    event.preventDefault();
    field.form.requestSubmit();
  } else if (event.key === "Enter" && field.matches("#modal input")) {
    // As in Slack: a line sends the form, a list that is closed opens.
    event.preventDefault();
    if (field.matches("[role=combobox]")) offer(field);
    else if (!field.matches("[type=checkbox], [type=radio]")) document.getElementById("modal-send")?.click();
  } else if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    const menu = document.querySelector("details[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else {
      document.getElementById("thread-close")?.click();
    }
  }
});

// Escape in a modal is its close button, so that the app hears of it.
document.addEventListener("cancel", (event) => {
  if (event.target.id !== "modal") return;
  event.preventDefault();
  document.getElementById("modal-close").click();
}, true);

// Fields that offer something while you type.

const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
const optionsOf = (field) => all("[role=option]", listOf(field));
const isMarked = (option) => option.getAttribute("aria-selected") === "true";
let waiting = 0;
// An answer counts only while nothing was asked, picked or closed since.
let turn = 0;

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.dataset.draftOf) keepDraft(field);
  if (!field.dataset.options) return;
  field.dataset.touched = "yes";
  clearTimeout(waiting);
  waiting = setTimeout(offer, 120, field);
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[role=combobox]")) event.target.select();
});

async function offer(field) {
  const typed = field.matches("textarea") ? field.value.slice(0, field.selectionStart) : field.value;
  if (typed.length < Number(field.dataset.least ?? 1)) return close(field);
  const url = new URL(field.dataset.options, location.href);
  url.searchParams.set("text", typed);
  if (field.dataset.field) url.searchParams.set("field", field.dataset.field);
  const mine = ++turn;
  const html = await (await fetch(url)).text();
  if (mine !== turn || document.activeElement !== field) return;
  const list = listOf(field);
  const chosen = optionsOf(field).find(isMarked)?.dataset.value;
  list.innerHTML = html;
  list.hidden = html === "";
  field.setAttribute("aria-expanded", String(html !== ""));
  // In a composer Enter sends what was typed, unless an item of the list is marked.
  const same = (option) => option.dataset.value === chosen;
  const at = field.matches("[role=combobox]") ? 0 : optionsOf(field).findIndex(same);
  if (at < 0) field.removeAttribute("aria-activedescendant");
  else mark(field, at);
}

function close(field) {
  clearTimeout(waiting);
  turn += 1;
  const list = listOf(field);
  list.hidden = true;
  list.replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function mark(field, index) {
  const options = optionsOf(field);
  const chosen = options[(index + options.length) % options.length];
  for (const option of options) option.setAttribute("aria-selected", String(option === chosen));
  if (!chosen) return;
  field.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

function comboKey(event, field) {
  const list = listOf(field);
  const options = optionsOf(field);
  const at = options.findIndex(isMarked);
  if (list.hidden) {
    if (event.key !== "ArrowDown" || !field.matches("[role=combobox]")) return false;
    offer(field);
  } else if (event.key === "ArrowDown") mark(field, at + 1);
  else if (event.key === "ArrowUp") mark(field, at < 0 ? options.length - 1 : at - 1);
  else if (event.key === "Escape") close(field);
  else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) pick(field, options[at]);
  else return false;
  event.preventDefault();
  return true;
}

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option) return;
  event.preventDefault();
  const list = option.parentElement.id;
  pick(document.querySelector(`[aria-controls="${list}"]`), option);
});

function pick(field, option) {
  const value = option.dataset.value;
  close(field);
  if (field.matches("textarea")) {
    const rest = field.value.slice(field.selectionStart);
    field.value = value + rest;
    field.setSelectionRange(value.length, value.length);
    keepDraft(field);
    return;
  }
  set(field, option.firstElementChild.textContent, value);
}

function set(field, label, value) {
  delete field.dataset.touched;
  field.value = label;
  const hidden = document.getElementById(`${field.id}-value`);
  const same = hidden.value === value;
  hidden.value = value;
  hidden.dataset.label = label;
  if (!same && field.dataset.told) tell(field);
}

// Words that were typed and not picked are no choice: what was picked before stays, unless all is gone.
document.addEventListener("focusout", (event) => {
  const field = event.target;
  if (!field.dataset?.options) return;
  close(field);
  if (!field.matches("[role=combobox]") || !field.dataset.touched) return;
  const hidden = document.getElementById(`${field.id}-value`);
  if (field.value.trim() === "") set(field, "", "");
  else set(field, hidden.dataset.label ?? field.defaultValue, hidden.value);
});

// Changes.

const live = new EventSource("/live");
live.onmessage = refresh;
live.onopen = () => {
  document.getElementById("lost").hidden = true;
};
live.onerror = () => {
  document.getElementById("lost").hidden = false;
};

all("[data-bottom]").forEach(toBottom);
restoreDrafts();
const already = document.getElementById("modal");
if (already) open(already);
