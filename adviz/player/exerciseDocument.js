// @ts-check
/**
 * Reads an exercise document, which need not be trusted: everything in it is checked, or cut to a
 * size that a page can show. Keys that are not known are ignored.
 */
import {
  asIndex,
  asItem,
  asList,
  asNumber,
  asObject,
  asText,
  check,
  MAX_NAME,
  MAX_SENTENCE,
} from "./documentChecks.js";
import { readLines, readResult } from "./documentPrograms.js";
import { compiledLines, reading } from "./evaluation.js";

/**
 * @typedef {import("./evaluation.js").Code} Code
 * @typedef {import("./math.js").Formula} Formula
 */

/**
 * What a mistake gives in place of a cell's number.
 * @typedef {object} WrongRule
 * @property {string[]} mistakes  names in adviz/mistakes.py; two were made together
 * @property {Code} compute
 * @property {number} rank  0 for the likeliest
 * @property {Record<string, string>} words  what stands in the braces of the sentences about them
 */

/**
 * What an exercise gives or asks for, as in adviz/tutor/cells.py. A rule takes the numbers of all
 * cells, and room behind them for its own.
 * @typedef {object} Cell
 * @property {string} key
 * @property {Formula} label
 * @property {"number" | "count" | "formula" | "choice"} kind
 * @property {number | null} number  the right one; null where the document does not hold it
 * @property {Code} compute  the right rule
 * @property {Code[]} terms
 * @property {number[]} reads
 * @property {WrongRule[]} wrong
 * @property {Record<string, string>} words
 * @property {Formula | null} formula  of a formula that is asked for
 * @property {Map<string, number>} names  that a formula may have in it, with the cells they stand for
 * @property {string[]} choices
 * @property {string[]} hints  codes of the sentences in hintSentences.js
 */

/**
 * A cell, or those of an array, nested as it is.
 * @typedef {number | Shown[]} Shown
 */

/**
 * A line of the table in which the cells stand.
 * @typedef {object} Line
 * @property {Formula} label
 * @property {Formula} formula
 * @property {Shown[]} shown  what stands in each column; -1 for nothing
 * @property {string} note  what is said in place of numbers, by code
 */

/**
 * @typedef {object} Exercise
 * @property {string} ask  what is asked for, as in `ad.exercise`
 * @property {string} title  "" for none
 * @property {string} function
 * @property {string} source  of the function, "" where it is not known
 * @property {{name: string, number: number}[]} inputs  the first cells
 * @property {number} digits  significant digits shown
 * @property {string[]} columns  "value", "tangent", "adjoint"
 * @property {Line[]} lines
 * @property {Cell[]} cells  each after those that its rule reads
 * @property {number[]} blanks  the cells that are asked for
 * @property {boolean} holdsAnswers  whether a page can check answers
 * @property {number[][]} points  further inputs, at which formulas are compared
 * @property {number[][]} variants  other inputs, at which the exercise can be done again
 * @property {Record<string, unknown>[]} others  what is another one in a document of the same exercise
 *   with other arrays
 * @property {number} room  how many numbers a rule needs: those of the cells, then its own
 */

const MOST = {
  cells: 2000,
  columns: 12,
  lines: 1000,
  code: 20_000,
  wrong: 2000,
  terms: 1000,
  names: 400,
  choices: 60,
  points: 12,
  mistakes: 400,
  words: 5000,
  hints: 12,
  axes: 8,
  inputs: 200,
  variants: 12,
  work: 300_000, // lines that all rules run
};
const KINDS = /** @type {const} */ (["number", "count", "formula", "choice"]);
const MAX_SOURCE = 4000;
const HIGHEST_RANK = 100;

/** @param {unknown} document @returns {Exercise} */
export function readExercise(document) {
  const given = asObject(document, "the document");
  check(
    given.version === 1,
    `its document has version ${String(given.version).slice(0, 20)}, and this player reads version 1`,
  );
  check(given.kind === "table", "its kind is not known");
  const entries = asList(given.cells, "its cells");
  check(entries.length <= MOST.cells, "it has too many cells");
  const count = entries.length;
  const blanks = few(given.blanks, count, "its blanks").map((b) => asIndex(b, count, "a blank"));
  const program = readProgram(given, count);
  const cells = entries.map((entry, place) => readCell(entry, place, program));
  const exercise = {
    ask: asText(given.ask, MAX_NAME, "what it asks for"),
    title: asText(given.title ?? "", MAX_NAME, "its title"),
    function: asText(given.function, MAX_NAME, "its function"),
    source: asText(given.source ?? "", MAX_SOURCE, "its source"),
    inputs: few(given.inputs, MOST.inputs, "its inputs").map((item) => {
      const [name, number] = asList(item, "an input");
      return { name: asText(name, MAX_NAME, "an input"), number: asNumber(number, "an input") };
    }),
    digits: asIndex(given.digits, 18, "its digits") || 1,
    columns: few(given.columns, MOST.columns, "its columns").map((c) =>
      asText(c, MAX_NAME, "a column"),
    ),
    lines: few(given.lines, MOST.lines, "its lines").map((item) => readLine(item, count)),
    cells,
    blanks: [...new Set(blanks)],
    holdsAnswers: given.code !== undefined,
    points: few(given.points ?? [], MOST.points, "its points").map((point) =>
      few(point, MOST.inputs, "a point").map((number) => asNumber(number, "a point")),
    ),
    variants: few(given.variants ?? [], MOST.variants, "its variants").map((variant) =>
      few(variant, count, "a variant").map((number) => asNumber(number, "a variant")),
    ),
    others: few(given.others ?? [], MOST.variants, "its others").map((other) =>
      asObject(other, "another exercise"),
    ),
    room: program.room,
  };
  if (exercise.holdsAnswers) fillIn(exercise);
  return exercise;
}

/**
 * The numbers of the cells, by their places.
 * @param {Exercise} exercise
 * @param {number[]} [inputs]  other numbers for the first cells, which are the inputs
 */
export function numbersOf(exercise, inputs = []) {
  const numbers = new Float64Array(exercise.room);
  numbers.set(inputs);
  for (let place = inputs.length; place < exercise.cells.length; place++) {
    numbers[place] = exercise.cells[place].compute(numbers);
  }
  return numbers;
}

/**
 * The exercise at other inputs.
 * @param {Exercise} exercise
 * @param {number[]} inputs
 * @returns {Exercise}
 */
export function atInputs(exercise, inputs) {
  const other = {
    ...exercise,
    inputs: exercise.inputs.map(({ name }, k) => ({ name, number: inputs[k] ?? NaN })),
    cells: exercise.cells.map((cell, place) =>
      place < inputs.length ? { ...cell, compute: () => inputs[place] } : { ...cell },
    ),
  };
  fillIn(other);
  return other;
}

/**
 * The exercise again with other numbers, if there are some: its variants and others are counted from 1.
 * @param {unknown} document
 * @param {number} variant  0 for the document's own numbers
 * @returns {Exercise}
 */
export function readVariant(document, variant) {
  const exercise = readExercise(document);
  if (variant === 0) return exercise;
  const { variants, others } = exercise;
  if (variants.length > 0) return atInputs(exercise, variants[variant - 1]);
  return readExercise({ ...asObject(document, "the document"), ...others[variant - 1] });
}

/** Gives each cell its number. @param {Exercise} exercise */
function fillIn(exercise) {
  const numbers = numbersOf(exercise);
  exercise.cells.forEach((cell, place) => {
    cell.number = numbers[place];
  });
}

/**
 * @typedef {object} Program  what the cells share
 * @property {number} count  of the cells
 * @property {number} room
 * @property {(result: unknown) => Code} ruleOf
 * @property {string[][]} mistakes
 * @property {Record<string, string>[]} words
 */

/** @param {Record<string, unknown>} given @param {number} count @returns {Program} */
function readProgram(given, count) {
  const code = asList(given.code ?? [], "its code");
  check(code.length <= MOST.code, "its code is too long");
  const lines = readLines(code, count);
  const room = count + lines.length;
  return {
    count,
    room,
    ruleOf: createReader(lines, count, room),
    mistakes: few(given.mistakes ?? [], MOST.mistakes, "its mistakes").map((names) =>
      few(names, 2, "a mistake").map((name) => asText(name, MAX_NAME, "a mistake")),
    ),
    words: few(given.words ?? [], MOST.words, "its words").map(readWords),
  };
}

/**
 * Reads rules that share lines: each runs those that it needs.
 * @param {ReturnType<typeof readLines>} lines
 * @param {number} count
 * @param {number} room
 * @returns {(result: unknown) => Code}
 */
function createReader(lines, count, room) {
  const steps = compiledLines(lines, count);
  let total = 0;
  return (given) => {
    const result = readResult(given, room);
    /** @type {Set<number>} */
    const needed = new Set();
    const open = [result];
    for (let operand = open.pop(); operand !== undefined; operand = open.pop()) {
      if (typeof operand !== "number" || operand < count || needed.has(operand)) continue;
      needed.add(operand);
      open.push(...lines[operand - count][1]);
    }
    total += needed.size;
    check(total <= MOST.work, "its rules are too long");
    const own = [...needed].sort((a, b) => a - b).map((place) => steps[place - count]);
    const last = reading(result);
    return (numbers) => {
      for (const step of own) step(numbers);
      return last(numbers);
    };
  };
}

/** @param {unknown} item @returns {Record<string, string>} */
function readWords(item) {
  const entries = Object.entries(asObject(item, "its words")).slice(0, 40);
  return Object.fromEntries(
    entries.map(([key, text]) => [key, asText(text, MAX_SENTENCE, "words")]),
  );
}

/** @param {unknown} item @param {number} place @param {Program} program @returns {Cell} */
function readCell(item, place, program) {
  const given = asObject(item, "a cell");
  const { count, ruleOf, words, mistakes } = program;
  const own = given.words === undefined ? {} : asItem(given.words, words, "a cell's words");
  const number =
    given.number === undefined || given.number === null ? null : asNumber(given.number, "a cell");
  const names = Object.entries(asObject(given.names ?? {}, "a cell's names"));
  return {
    key: asText(given.key, MAX_NAME, "a cell's key"),
    label: asList(given.label, "a cell's label"),
    kind: asItem(KINDS.indexOf(/** @type {any} */ (given.kind ?? "number")), [...KINDS], "a kind"),
    number,
    compute:
      given.rule === undefined || given.rule === null ? () => number ?? NaN : ruleOf(given.rule),
    terms: few(given.terms ?? [], MOST.terms, "a cell's terms").map(ruleOf),
    reads: indices(given.reads, place, "what a cell reads"),
    wrong: few(given.wrong ?? [], MOST.wrong, "a cell's mistakes").map((wrong) => {
      const [mistake, rule, rank, more] = asList(wrong, "a mistake");
      return {
        mistakes: asItem(mistake, mistakes, "a mistake"),
        compute: ruleOf(rule),
        rank: asIndex(rank, HIGHEST_RANK, "a mistake's rank"),
        words: { ...own, ...asItem(more, words, "a mistake's words") },
      };
    }),
    words: own,
    hints: few(given.hints ?? [], MOST.hints, "the hints").map((hint) =>
      asText(hint, MAX_NAME, "a hint"),
    ),
    formula: given.formula === undefined ? null : asList(given.formula, "a formula"),
    names: new Map(
      names
        .slice(0, MOST.names)
        .map(([name, cell]) => [asText(name, MAX_NAME, "a name"), asIndex(cell, count, "a name")]),
    ),
    choices: few(given.choices ?? [], MOST.choices, "the choices").map((choice) =>
      asText(choice, MAX_SENTENCE, "a choice"),
    ),
  };
}

/** @param {unknown} item @param {number} count @returns {Line} */
function readLine(item, count) {
  const given = asObject(item, "a line");
  return {
    label: asList(given.label, "a line's label"),
    formula: asList(given.formula, "a line's formula"),
    shown: few(given.shown, MOST.columns, "a line").map((shown) => readShown(shown, count, 0)),
    note: asText(given.note ?? "", MAX_NAME, "a line's note"),
  };
}

/** @param {unknown} shown @param {number} count @param {number} depth @returns {Shown} */
function readShown(shown, count, depth) {
  if (!Array.isArray(shown)) return shown === -1 ? -1 : asIndex(shown, count, "a line");
  check(depth < MOST.axes, "an array of an exercise has too many axes");
  return few(shown, MOST.cells, "a line").map((part) => readShown(part, count, depth + 1));
}

/** @param {unknown} value @param {number} length @param {string} what */
function indices(value, length, what) {
  return few(value ?? [], MOST.cells, what).map((index) => asIndex(index, length, what));
}

/** A list with at most so many items; others are left out. @param {unknown} value @param {number} most @param {string} what */
function few(value, most, what) {
  return asList(value, what).slice(0, most);
}
