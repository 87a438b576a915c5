// @ts-check
/** Reads the groups of a trace document: calls, and the passes of loops. */
import {
  asIndex,
  asItem,
  asItemOrNull,
  asList,
  asObject,
  asText,
  check,
  MAX_NAME,
} from "./documentChecks.js";

/**
 * @typedef {import("./trace.js").Call} Call
 * @typedef {import("./trace.js").Group} Group
 * @typedef {import("./trace.js").Loop} Loop
 * @typedef {import("./trace.js").Site} Site
 */

const MAX_DEPTH = 1000;
const MAX_VARIABLES = 100;
const MAX_NUMBER = 2 ** 53;

/**
 * @param {unknown} value
 * @param {number} count  of the rows
 * @param {Call[]} calls
 * @param {Site[]} sites
 * @returns {Group[]}  each before those inside it
 */
export function readGroups(value, count, calls, sites) {
  const groups = asList(value ?? [], "groups").flatMap((entry) => {
    const fields = asObject(entry, "groups");
    return fields.kind === "loop"
      ? readLoop(fields, count, calls, sites)
      : [readCall(fields, count, calls)];
  });
  // The passes of a loop come together, and what lies in them after them.
  groups.sort((a, b) => a.start - b.start || b.stop - a.stop || a.depth - b.depth);
  groups.forEach((group, g) => {
    group.loop?.passes.push(g);
  });
  checkNesting(groups);
  return groups;
}

/**
 * @param {Record<string, unknown>} fields
 * @param {number} count
 * @param {Call[]} calls
 * @returns {Group}
 */
function readCall(fields, count, calls) {
  const start = asIndex(fields.start, count, "groups.start");
  const stop = asIndex(fields.stop, count + 1, "groups.stop");
  check(start < stop, "a group holds no row");
  return {
    title: asText(fields.title, MAX_NAME, "groups.title"),
    call: asItem(fields.call, calls, "groups.call"),
    start,
    stop,
    depth: asIndex(fields.depth, MAX_DEPTH, "groups.depth"),
    folds: fields.folds === true,
    loop: null,
    number: 0,
    variables: [],
    values: "",
  };
}

/**
 * The passes of a loop.
 * @param {Record<string, unknown>} fields
 * @param {number} count
 * @param {Call[]} calls
 * @param {Site[]} sites
 * @returns {Group[]}
 */
function readLoop(fields, count, calls, sites) {
  const starts = asList(fields.starts, "groups.starts");
  const numbers = fields.numbers === undefined ? null : asList(fields.numbers, "groups.numbers");
  const variables = Object.entries(asObject(fields.variables ?? {}, "groups.variables")).map(
    ([name, values]) => ({
      name: asText(name, MAX_NAME, "groups.variables"),
      values: asList(values, "groups.variables"),
    }),
  );
  const lists = [numbers ?? starts, ...variables.map(({ values }) => values)];
  check(
    lists.every(({ length }) => length === starts.length) && variables.length <= MAX_VARIABLES,
    "a loop does not fit its passes",
  );
  /** @param {number} k */
  const numberOf = (k) => (numbers ? asIndex(numbers[k], MAX_NUMBER, "groups.numbers") : k + 1);
  /** @type {Loop} */
  const loop = {
    site: asItemOrNull(fields.site, sites, "groups.site"),
    passes: [],
    total: starts.length > 0 ? numberOf(starts.length - 1) : 0,
  };
  const end = loop.total > 0 ? ` of ${loop.total}` : "";
  return starts.map((start, k) => {
    const stop = k + 1 < starts.length ? starts[k + 1] : fields.stop;
    const number = numberOf(k);
    const known = variables
      .filter(({ name, values: all }) => name !== "_" && all[k] !== null)
      .map(({ name, values: all }) => ({
        name,
        value: asText(all[k], MAX_NAME, "groups.variables"),
      }));
    const values = known.map(({ name, value }) => `${name} = ${value}`).join(", ");
    const place = number > 0 ? `pass ${number}${end}` : "";
    return {
      ...readCall({ ...fields, start, stop, title: "" }, count, calls),
      title: [values, place].filter(Boolean).join(", ") || "another pass",
      loop,
      number,
      variables: known,
      values,
    };
  });
}

/**
 * Groups follow one another or lie one inside another, and each stands before those inside it.
 * @param {Group[]} groups
 */
function checkNesting(groups) {
  /** @type {Group[]} */
  const open = [];
  for (const next of groups) {
    while (open.length > 0 && open[open.length - 1].stop <= next.start) open.pop();
    const around = open.at(-1);
    check(
      (!around || next.stop <= around.stop) && next.depth === open.length,
      "its groups overlap",
    );
    open.push(next);
  }
}
