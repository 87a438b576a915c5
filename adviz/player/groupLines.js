// @ts-check
/** The lines of the table that stand for groups of rows. */
import { html, svg } from "./dom.js";
import { carriedInto, namesOf } from "./passes.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./folding.js").Folding} Folding
 * @typedef {import("./tableLines.js").Line} Line
 * @typedef {import("./tableLines.js").Reader} Reader
 */

const DEEPEST = 5;
/** The titles of the columns. */
export const COLUMNS = {
  primal: ["row", "primal", "value"],
  forward: ["row", "primal", "value", "tangent", "value"],
  reverse: ["row", "primal", "value", "adjoint", "value"],
};

/**
 * The heading of a group. That of a closed one has the result of the call, too.
 * @param {Trace} trace
 * @param {Folding} folding
 * @param {Reader} reader
 * @param {number} group
 * @param {number} place
 * @param {Sweep} sweep
 * @returns {Line}
 */
export function groupLine(trace, folding, { toggle }, group, place, sweep) {
  const { title, start, loop, depth } = trace.groups[group];
  const isClosed = folding.isClosed(group);
  const run = isClosed ? folding.runOf(group) : { first: group, last: group };
  const last = trace.groups[run.last];
  const names = loop ? namesOf(trace.groups[run.first], last) : null;
  const turn = svg(
    "svg",
    { viewBox: "0 0 16 16", width: 11, height: 11, "aria-hidden": true },
    svg("path", { d: "M4 2l9 6-9 6z" }),
  );
  const button = html(
    "button",
    { type: "button", tabindex: -1, "aria-expanded": !isClosed || "false" },
    turn,
    names ? names.values || names.place || title : title,
  );
  const what = loop ? "pass" : "call";
  button.title = isClosed
    ? `Open this ${what} (Enter, while it is marked)`
    : `Fold this ${what} (Esc, while inside it)`;
  // Of several passes in one line, the line leads to the first.
  if (run.first === run.last) {
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      toggle(group);
    });
  } else button.title = "Step into these passes";
  const rows = names
    ? names.values && names.place
    : `${label(trace, start)} … ${label(trace, last.stop - 1)}`;
  const columns = COLUMNS[sweep.pass].length;
  const inside = html(
    "span",
    { class: "adviz-stay" },
    button,
    html("span", { class: "adviz-aside" }, rows),
  );
  const heading = html("th", { scope: "row", colspan: isClosed ? 2 : columns }, inside);
  const value = isClosed ? html("td", { class: "adviz-number" }) : null;
  const derivative =
    isClosed && sweep.pass !== "primal"
      ? html("td", { class: "adviz-number adviz-derivative" })
      : null;
  const element = html(
    "tr",
    { "aria-rowindex": place + 2, "data-group": isClosed && group },
    heading,
  );
  if (value) element.append(value);
  if (derivative) element.append(html("td"), derivative);
  indent(element, depth);
  const into = isClosed && loop ? carriedInto(trace, trace.groups[run.first]) : -1;
  const isCarried = into >= 0 && typeof trace.values[into] === "number";
  const [from, slot] = [isCarried ? into : -1, last.stop - 1];
  return { element, button, value, derivative, look: "", sweep: null, from, slot };
}

/** @param {HTMLElement} element @param {number} depth */
export function indent(element, depth) {
  if (depth > 0) element.style.setProperty("--adviz-depth", String(Math.min(depth, DEEPEST)));
}
