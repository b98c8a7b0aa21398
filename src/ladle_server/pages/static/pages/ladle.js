// What htmx and HTML do not do by themselves. Every page works without it.
"use strict";

// Times are written in UTC; here they become the reader's own.
const styles = {
  long: { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" },
  short: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};
function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-as]")) {
    const style = time.dataset.as;
    const told = new Intl.DateTimeFormat("en-GB", { ...styles[style], hourCycle: "h23" }).format(new Date(time.dateTime));
    time.title = time.dateTime.slice(0, 19).replace("T", " ") + " UTC";
    time.textContent = style === "short" || style === "day" ? told.replace(",", "") : told.replace(" at ", ", ");
    delete time.dataset.as;
  }
}

// A live region must stay in the page while its text changes, and must not repeat itself each second.
function say(text) {
  const said = document.getElementById("said");
  if (said && text && said.textContent !== text) said.textContent = text;
}

function prepare(root) {
  localTimes(root);
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  say(document.getElementById("live")?.dataset.say);
}

document.addEventListener("DOMContentLoaded", () => {
  prepare(document);
  // A run's page goes on to the snapshot once. Who comes back to it wants to see the run, not to be sent on again.
  if (document.getElementById("live") && location.search.includes("then=")) {
    history.replaceState(history.state, "", location.pathname);
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  prepare(document);
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
