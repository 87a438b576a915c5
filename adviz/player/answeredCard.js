// @ts-check
/** A summary: what was answered in a notebook or a page, by the first try or later. */
import { createAnnouncer } from "./announcer.js";
import { html } from "./dom.js";

/**
 * @typedef {import("./answered.js").Book} Book
 * @typedef {import("./answered.js").Note} Note
 * @typedef {import("./answered.js").Course} Course
 */

/** @type {[Course, string, string][]} what stands in a box, and in words */
const COURSES = [
  ["first", "✓", "at the first try"],
  ["later", "2nd", "later"],
  ["shown", "shown", "shown"],
  ["wrong", "✗", "not right yet"],
  ["", "", "not answered"],
];

/** @param {Book} book */
export function createAnsweredCard(book) {
  const id = `adviz-${Math.random().toString(36).slice(2)}`;
  const total = html("p", { class: "adviz-answered-total" });
  const rows = html("tbody");
  const table = html(
    "table",
    { class: "adviz-answered" },
    html(
      "thead",
      {},
      html(
        "tr",
        {},
        html("th", { scope: "col" }, "question"),
        html("th", { scope: "col" }, "answered"),
      ),
    ),
    rows,
  );
  const scroll = html("div", { class: "adviz-scroll" }, table);
  const againButton = button("Begin again", "", () => ask(true));
  const yes = button("Clear all answers", "", () => {
    ask(false);
    book.clear();
    show();
    announcer.say("All answers are cleared.");
  });
  const no = button("Not yet", "adviz-quiet", () => ask(false));
  const sure = html(
    "span",
    { class: "adviz-sure", role: "group", "aria-label": "Begin again" },
    yes,
    no,
  );
  sure.hidden = true;
  const announcer = createAnnouncer();
  const element = html(
    "section",
    { class: "adviz adviz-exercise", "aria-labelledby": id },
    html(
      "div",
      { class: "adviz-frame" },
      html(
        "div",
        { class: "adviz-exercise-head" },
        html(
          "span",
          { class: "adviz-exercise-title", role: "heading", "aria-level": 3, id },
          "What you answered",
        ),
      ),
      total,
      scroll,
      html("div", { class: "adviz-exercise-foot" }, againButton, sure),
      announcer.element,
    ),
  );
  sure.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    ask(false);
  });
  element.addEventListener("keydown", (event) => {
    // Some keys of a notebook around the card delete cells.
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
  let written = "";
  let stopWatching = () => {};

  /** @param {boolean} asks */
  function ask(asks) {
    againButton.hidden = asks;
    sure.hidden = !asks;
    (asks ? yes : againButton).focus();
  }

  function show() {
    const notes = book.notes();
    const text = JSON.stringify(notes);
    if (text === written) return;
    written = text;
    const all = notes.flatMap(({ courses }) => courses);
    total.textContent =
      all.length === 0
        ? "There are no questions in sight."
        : `${all.length === 1 ? "One answer" : `${all.length} answers`}: ${inWords(all)}.`;
    rows.replaceChildren(...notes.map(line));
    scroll.hidden = notes.length === 0;
    againButton.setAttribute("aria-disabled", String(all.every((course) => course === "")));
  }

  return {
    element,
    start() {
      show();
      stopWatching = book.watch(show);
    },
    stop: () => stopWatching(),
    keep() {},
  };
}

/** @param {Note} note */
function line({ title, courses }) {
  const boxes = courses.map((course) =>
    html(
      "i",
      { "data-mark": course === "first" || course === "later" ? "right" : course },
      COURSES.find(([known]) => known === course)?.[1] ?? "",
    ),
  );
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, title),
    html(
      "td",
      {},
      html("span", { class: "adviz-boxes", "aria-hidden": true }, ...boxes),
      html("span", {}, inWords(courses)),
    ),
  );
}

/** @param {Course[]} courses */
function inWords(courses) {
  const parts = COURSES.flatMap(([course, , words]) => {
    const count = courses.filter((each) => each === course).length;
    if (count === 0) return [];
    return [courses.length === 1 ? words : `${count} ${words}`];
  });
  return parts.join(", ");
}

/** @param {string} text @param {string} className @param {() => void} act */
function button(text, className, act) {
  const element = html("button", { type: "button", class: className }, text);
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") !== "true") act();
  });
  return element;
}
