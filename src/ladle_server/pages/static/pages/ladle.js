// What htmx and HTML do not do by themselves. Every page works without it.
"use strict";

// Times are written in UTC; here they become the reader's own.
const styles = {
  long: { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" },
  short: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};
for (const name of ["long", "short"]) styles[`${name}-exact`] = { ...styles[name], second: "2-digit" };
const writers = {}; // to make one takes longer than to write a hundred times with it
const writer = (style) =>
  (writers[style] ??= new Intl.DateTimeFormat("en-GB", { ...styles[style], hourCycle: "h23" }));
function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-as]")) {
    const style = time.dataset.as;
    const told = writer(style).format(new Date(time.dateTime));
    time.title = time.dateTime.slice(0, 19).replace("T", " ") + " UTC";
    time.textContent = /^(short|day)/.test(style) ? told.replace(",", "") : told.replace(" at ", ", ");
    delete time.dataset.as;
  }
}

// A live region must stay in the page while its text changes, and must not repeat itself each second.
function say(text) {
  const said = document.getElementById("said");
  if (said && text && said.textContent !== text) said.textContent = text;
}

// What this tab knows and need not: without storage (a strict browser) everything but this goes on.
const memory = (store) => ({
  get: (name) => { try { return store().getItem(name); } catch { return null; } },
  set: (name, value) => { try { store().setItem(name, value); } catch { /* not kept */ } },
});
const tab = memory(() => sessionStorage);
const always = memory(() => localStorage);

// A run that ends while another page is open says so in that page's header, in its title, and once aloud.
function tellOfRuns() {
  const { running, from } = document.getElementById("now")?.dataset ?? {};
  const ended = document.getElementById("ended");
  const before = tab.get("ladle-running");
  if (ended && !ended.dataset.told) {
    ended.dataset.told = "yes";
    const news = ended.dataset.ended;
    ended.hidden = [ended.pathname, ended.dataset.page].includes(location.pathname);
    if (!ended.hidden && !document.title.startsWith(news)) document.title = `${news} · ${document.title}`;
    say(news);
  }
  if ((before ?? "") !== (running ?? "")) tab.set("ladle-running", running ?? "");
  // The run that the last page spoke of has ended since: this one asks what came of it.
  const asks = before && before !== running && from && !ended && !document.getElementById("live");
  if (asks) htmx.ajax("GET", `${from}?was=${before}`, { target: "#now", swap: "outerHTML" });
}

function prepare(root) {
  localTimes(root);
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard; // of http elsewhere
  const live = document.getElementById("live");
  if (live) document.title = live.dataset.title;
  say(live?.dataset.say);
}

document.addEventListener("DOMContentLoaded", () => {
  prepare(document);
  setTimeout(tellOfRuns); // the page is shown first
  // A run's page goes on to the snapshot once. Who comes back to it wants to see the run, not to be sent on again.
  if (document.getElementById("live") && location.search.includes("then=")) {
    history.replaceState(history.state, "", location.pathname);
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  prepare(document);
  tellOfRuns();
  const path = event.detail.requestConfig?.path ?? "";
  if (path.includes("_from=")) {
    // The keyboard goes on where the new rows begin.
    [...document.querySelectorAll("#rows > [data-first]")].pop()?.focus();
  } else if (event.detail.target?.id === "counts" && document.activeElement === document.body) {
    document.getElementById("add")?.focus();
  }
});

// A refresh each second must not take away what somebody is marking to copy.
document.addEventListener("htmx:beforeRequest", (event) => {
  const element = event.detail.elt;
  const marked = getSelection();
  if (element.id === "live" && marked && !marked.isCollapsed && element.contains(marked.anchorNode)) event.preventDefault();
});

// What was asked of the rows and can't be, or can't be now, is said over them, with what was typed.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr } = event.detail;
  const told = ["view", "counts", "chart"].includes(target.id) && [400, 409, 503].includes(xhr.status);
  if (told && xhr.responseText.includes(`id="${target.id}"`)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// Where only a part of the page was asked for and an error came back, the whole page says what it is.
document.addEventListener("htmx:responseError", (event) => {
  const link = event.detail.elt.closest("a[href]");
  if (link) location.assign(link.href);
});
const offline = (hidden) => () => {
  const note = document.getElementById("offline");
  if (note) note.hidden = hidden;
};
document.addEventListener("htmx:sendError", offline(false));
document.addEventListener("htmx:afterOnLoad", offline(true));

// A second press while the first is on its way would start a second run.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-once]")) {
    setTimeout(() => event.target.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  }
});
window.addEventListener("pageshow", (event) => {
  // The browser's Back button shows the page as it was left: with the button still off.
  if (event.persisted) document.querySelectorAll("[data-once] button").forEach((button) => (button.disabled = false));
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Copied";
    say("The link is copied.");
    setTimeout(() => (button.textContent = "Copy link"), 2000);
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea[data-run]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
  const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Keys of one letter. What they lead to says so itself (aria-keyshortcuts); they can be turned off in their help.
function step(by) {
  const rows = [...document.querySelectorAll("#rows > *")];
  const next = document.querySelector("#next a");
  const on = document.activeElement;
  const at = next?.contains(on) ? rows.length : rows.findIndex((row) => row.contains(on));
  const seen = rows.find((row) => row.getBoundingClientRect().bottom > 0);
  const to = at < 0 ? seen : rows[at + by] ?? (by > 0 ? next : null);
  if (to && to !== next) to.tabIndex = -1;
  to?.focus();
  return rows.length > 0;
}

const TYPED_INTO = "input:not([type=checkbox], [type=radio]), textarea, select, dialog, [contenteditable]";
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || target.closest(TYPED_INTO)) return;
  if (key === "Enter" && target.matches("#rows > *")) target.querySelector("a[href]")?.click();
  if (key.length > 1 || always.get("ladle-keys") === "off") return;
  if ((key === "j" || key === "k") && step(key === "j" ? 1 : -1)) return event.preventDefault();
  const to = document.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (!to) return;
  event.preventDefault();
  if (to.matches("a, button")) to.click();
  else {
    to.focus();
    if (to.matches("input")) to.select();
  }
});

document.addEventListener("click", (event) => {
  const letters = document.getElementById("keys-on");
  if (event.target === letters) always.set("ladle-keys", letters.checked ? "on" : "off");
  if (!event.target.closest("#show-keys")) return;
  const help = document.getElementById("keys");
  letters.checked = always.get("ladle-keys") !== "off";
  for (const line of help.querySelectorAll("[data-of]")) line.hidden = !document.querySelector(line.dataset.of);
  help.showModal();
});
