// @ts-check
/**
 * Which rule was misapplied: answers compared with what wrong rules give, as adviz/tutor/diagnosis.py
 * does it, which explains it. Each answer is computed again from the learner's own earlier ones. Where
 * several mistakes give it, the one comes first that explains the most wrong answers.
 */
import {
  agreesAtPlaces,
  FEWEST_FIGURES,
  isClose,
  isRight,
  isRounded,
  MOST_REASONS,
  RELATIVE,
} from "./answerCheck.js";
import { exactly, plainText, readEntry, readFormula } from "./answerEntry.js";
import { numbersOf } from "./exerciseDocument.js";

/**
 * @typedef {import("./answerEntry.js").Entry} Entry
 * @typedef {import("./evaluation.js").Code} Code
 * @typedef {import("./exerciseDocument.js").Exercise} Exercise
 * @typedef {import("./exerciseDocument.js").Cell} Cell
 * @typedef {import("./exerciseDocument.js").WrongRule} WrongRule
 */

/**
 * What is to be said of one answer: right; follows: right, given the learner's own earlier entries;
 * coarse: right as far as it goes, but with too few digits to tell; wrong.
 * @typedef {object} Finding
 * @property {"right" | "follows" | "coarse" | "wrong"} status
 * @property {WrongRule[]} reasons  the mistakes that give a wrong answer, the likelier first
 * @property {boolean} isOpen  whether further mistakes give it
 * @property {boolean} isGuess  whether the answer says too little to be sure of the reasons
 * @property {number[]} earlier  the cells of the wrong entries that it goes on from, where it follows
 * @property {"" | "size" | "sign" | "number"} credit  what is right in a wrong answer
 */

/**
 * Numbers of all cells: once, and for a formula once more for each point.
 * @typedef {Float64Array[]} Worlds
 */

/**
 * Whether an answer is these numbers, one in each world; they may be off by so much.
 * @typedef {(entry: Entry, numbers: number[], slack: number) => boolean} Fits
 */

const EXACT = 1e-5;
/** A mistake that explains so many answers is no coincidence. */
const PATTERN = 3;
const MOST_LEFT_OUT = 20;

/**
 * The answer that is typed or chosen for a cell, as numbers.
 * @param {Exercise} exercise
 * @param {number} place
 * @param {string} text
 * @param {number[]} [inputs]  where they are others than those of the document
 * @returns {Entry | null}  null where it is not understood
 */
export function readAnswer(exercise, place, text, inputs) {
  const { kind, names, choices } = exercise.cells[place];
  if (kind === "choice") {
    const value = chosen(choices, text);
    return value < 0 ? null : exactly(value);
  }
  if (kind !== "formula") return readEntry(text);
  const worlds = [inputs, ...exercise.points].map((point) => {
    const numbers = numbersOf(exercise, point);
    return new Map([...names].map(([name, cell]) => [name, numbers[cell]]));
  });
  return readFormula(text, worlds);
}

/**
 * The place of a choice, −1 of none: v1 is v₁, and "reverse" is the only one that begins so.
 * @param {string[]} choices
 * @param {string} text
 */
function chosen(choices, text) {
  const known = choices.map((choice) => plainText(choice).toLowerCase());
  const wanted = plainText(text).toLowerCase();
  if (known.includes(wanted)) return known.indexOf(wanted);
  const begun = known.filter((choice) => wanted !== "" && choice.startsWith(`${wanted} `));
  return begun.length === 1 ? known.indexOf(begun[0]) : -1;
}

/**
 * @param {Exercise} exercise  that holds its answers
 * @param {Map<number, Entry>} entries  by the places of their cells; not all need to be there
 * @param {number[]} [inputs]  where they are others than those of the document
 * @returns {Map<number, Finding>}
 */
export function diagnose(exercise, entries, inputs) {
  const places = [...new Set([...exercise.blanks, ...entries.keys()])].sort((a, b) => a - b);
  const right = numbersOf(exercise, inputs);
  const known = learnersNumbers(exercise, places, entries, right);
  const points = exercise.points.map((point) => numbersOf(exercise, point));
  /** @type {Map<number, Finding>} */
  const findings = new Map();
  /** The mistakes of a cell, and those before it. @type {Map<number, WrongRule[][]>} */
  const candidates = new Map();
  /** Of a cell without an entry. @type {Map<number, number[]>} */
  const wrongEarlier = new Map();
  /** @type {Map<number, number[]>} */
  const leftOut = new Map();
  for (const place of places) {
    const cell = exercise.cells[place];
    const earlier = wrongBefore(cell, findings, wrongEarlier);
    const openBefore = leftOutBefore(cell, entries, leftOut);
    leftOut.set(place, openBefore);
    const entry = entries.get(place);
    if (entry === undefined) {
      wrongEarlier.set(place, earlier);
      continue;
    }
    const more = cell.kind === "formula" ? points : [];
    const answer = answerOf(exercise.digits, cell, entry, [right, ...more], [known, ...more]);
    const finding = answer.judged(earlier);
    findings.set(place, finding);
    if (finding.status !== "wrong" && finding.status !== "coarse") continue;
    let own = answer.mistakes(isExactly);
    /** @type {WrongRule[]} */
    let before = [];
    if (finding.status === "wrong") {
      before = mistakesBefore(answer, exercise, place, known, openBefore);
      if (own.length === 0 && before.length === 0) {
        own = answer.mistakes(agrees);
        if (own.length === 0) own = answer.mistakes(isOneRounded);
      }
    }
    candidates.set(place, [own, before]);
  }
  explain(findings, candidates, (place) =>
    exercise.cells[place].kind === "number" ? entries.get(place) : undefined,
  );
  return findings;
}

/**
 * The numbers that the learner goes on from; what was left out follows from them.
 * @param {Exercise} exercise
 * @param {number[]} places
 * @param {Map<number, Entry>} entries
 * @param {Float64Array} right
 */
function learnersNumbers(exercise, places, entries, right) {
  const known = right.slice();
  for (const place of places) {
    const cell = exercise.cells[place];
    const entry = entries.get(place);
    if (entry) known[place] = entry.value;
    else if (cell.reads.some((j) => known[j] !== right[j])) {
      known[place] = cell.compute(known);
    }
  }
  return known;
}

/**
 * The wrong entries that a cell's rule reads, also by way of cells left out.
 * @param {Cell} cell
 * @param {Map<number, Finding>} findings
 * @param {Map<number, number[]>} wrongEarlier
 */
function wrongBefore(cell, findings, wrongEarlier) {
  const wrong = cell.reads.flatMap((j) => {
    const status = findings.get(j)?.status;
    if (status === undefined) return wrongEarlier.get(j) ?? [];
    return status === "wrong" || status === "follows" ? [j] : [];
  });
  return [...new Set(wrong)];
}

/**
 * The blanks without an entry that a cell's number is computed from.
 * @param {Cell} cell
 * @param {Map<number, Entry>} entries
 * @param {Map<number, number[]>} leftOut
 */
function leftOutBefore(cell, entries, leftOut) {
  const open = cell.reads.filter((j) => leftOut.has(j) && !entries.has(j));
  const all = new Set(open.flatMap((j) => [j, ...(leftOut.get(j) ?? [])]));
  return [...all].sort((a, b) => a - b);
}

/**
 * The wrong rules that lead to an answer from blanks that were left out.
 * @param {ReturnType<typeof answerOf>} answer
 * @param {Exercise} exercise
 * @param {number} place
 * @param {Float64Array} known
 * @param {number[]} leftOut
 */
function mistakesBefore(answer, { cells }, place, known, leftOut) {
  const nearest = leftOut.slice(-MOST_LEFT_OUT);
  return nearest.flatMap((first, k) =>
    cells[first].wrong.filter((wrong) => {
      const numbers = known.slice();
      numbers[first] = wrong.compute(numbers);
      for (const later of [...nearest.slice(k + 1), place]) {
        numbers[later] = cells[later].compute(numbers);
      }
      return answer.comesFrom(numbers[place]);
    }),
  );
}

/**
 * Gives findings the likeliest mistakes: first a cell's own, then those before it. Some mistake or other
 * gives almost any number of one digit, or 0. Unless other answers speak for it as well, one of two is
 * only said to be possible, and of more none is named.
 * @param {Map<number, Finding>} findings
 * @param {Map<number, WrongRule[][]>} candidates
 * @param {(place: number) => Entry | undefined} numberAt
 */
function explain(findings, candidates, numberAt) {
  /** @param {WrongRule} rule */
  const nameOf = ({ mistakes }) => mistakes.join();
  /** @type {Map<string, number>} */
  const often = new Map();
  for (const rules of candidates.values()) {
    for (const name of new Set(rules.flat().map(nameOf))) {
      often.set(name, (often.get(name) ?? 0) + 1);
    }
  }
  /** @param {WrongRule} rule */
  const count = (rule) => often.get(nameOf(rule)) ?? 0;
  for (const [place, some] of candidates) {
    let found = some.flatMap((rules) =>
      [...rules].sort((a, b) => count(b) - count(a) || a.rank - b.rank),
    );
    if (found.length === 0) continue;
    const most = Math.max(...found.map(count));
    if (most >= PATTERN) found = found.filter((rule) => count(rule) === most);
    const finding = /** @type {Finding} */ (findings.get(place));
    finding.status = "wrong";
    const isOpen = found.length > MOST_REASONS;
    const { figures, value } = numberAt(place) ?? exactly(NaN);
    const isGuess = figures <= 1 && most === 1 && (found.length > 1 || value === 0);
    if (isGuess && isOpen) continue;
    finding.reasons = found.slice(0, MOST_REASONS);
    finding.isOpen = isOpen;
    finding.isGuess = isGuess;
  }
}

/** The rules without those of which the same would be said. @param {WrongRule[]} found */
function toldApart(found) {
  const said = found.map(({ mistakes, words }) => JSON.stringify([mistakes, words]));
  return found.filter((_, k) => said.indexOf(said[k]) === k);
}

/**
 * An answer, with the numbers that it can come from.
 * @param {number} digits  that are shown
 * @param {Cell} cell
 * @param {Entry} entry
 * @param {Worlds} right
 * @param {Worlds} known  the learner's
 */
function answerOf(digits, cell, entry, right, known) {
  const isNumber = cell.kind === "number";
  const [expected, own] = [valuesOf(cell.compute, right), valuesOf(cell.compute, known)];
  const shown = 10 ** (1 - digits);
  const goesOn = own[0] !== expected[0];
  // What goes on from an entry is as exact as the entry.
  const slack = isNumber ? (goesOn ? RELATIVE : shown) * sizeOf(cell, known[0]) : 0;
  return { judged, mistakes, comesFrom };

  /**
   * Whether the answer is right, or follows from the learner's own numbers.
   * @param {number[]} earlier
   * @returns {Finding}
   */
  function judged(earlier) {
    const ofShown = isNumber ? shown * sizeOf(cell, right[0]) : 0;
    if (isIt(expected, ofShown, right[0])) return found("right");
    if (goesOn && isIt(own, slack, known[0])) {
      return earlier.length > 0 ? { ...found("follows"), earlier } : found("right");
    }
    if (isNumber && isRounded(entry, expected[0])) return found("coarse");
    return { ...found("wrong"), credit: credit() };
  }

  /** @param {number[]} numbers @param {number} slack @param {Float64Array} read */
  function isIt(numbers, slack, read) {
    if (cell.kind === "count" || cell.kind === "choice") return entry.value === numbers[0];
    return agrees(entry, numbers, slack) || (isNumber && isOfRoundedTerms(cell, entry, read));
  }

  /** @returns {Finding["credit"]} */
  function credit() {
    if (cell.kind === "formula") return isClose(entry.value, expected[0], 0) ? "number" : "";
    if (!isNumber) return "";
    const numbers = [expected[0], own[0]];
    if (numbers.some((number) => agrees(entry, [-number], slack))) return "size";
    return numbers.every((number) => entry.value * number > 0) ? "sign" : "";
  }

  /**
   * The wrong rules that give the answer. They take the learner's own numbers; if none fits, the right
   * ones.
   * @param {Fits} isFit
   */
  function mistakes(isFit) {
    for (const worlds of goesOn ? [known, right] : [known]) {
      const rules = giving(worlds, isFit);
      if (rules.length > 0) return toldApart(rules);
    }
    return [];
  }

  /** Whether the answer is exactly a number, and this is not the right one. @param {number} number */
  function comesFrom(number) {
    const isOther = Number.isFinite(number) && !isSame(number, own[0]);
    return isOther && entry.others.length === 0 && isExactly(entry, [number], 0);
  }

  /** @param {number} value @param {number} rightOne */
  function isSame(value, rightOne) {
    return !Number.isFinite(rightOne) || isClose(value, rightOne, slack);
  }

  /** @param {Worlds} worlds @param {Fits} isFit */
  function giving(worlds, isFit) {
    const rightThere = valuesOf(cell.compute, worlds);
    return cell.wrong.filter(({ compute }) => {
      const values = valuesOf(compute, worlds);
      // What gives the right number is no mistake, and all are close to an infinite one.
      const isRightOne = values.every((value, i) => isSame(value, rightThere[i]));
      return Number.isFinite(values[0]) && !isRightOne && isFit(entry, values, slack);
    });
  }
}

/** @param {Finding["status"]} status @returns {Finding} */
function found(status) {
  return { status, reasons: [], isOpen: false, isGuess: false, earlier: [], credit: "" };
}

/** @param {Code} rule @param {Worlds} worlds */
function valuesOf(rule, worlds) {
  return worlds.map(rule);
}

/** How large the numbers are that a cell's number is computed from. @param {Cell} cell @param {Float64Array} numbers */
function sizeOf({ compute, terms }, numbers) {
  const sizes = [compute, ...terms].map((rule) => Math.abs(rule(numbers)));
  return Math.max(0, ...sizes.filter(Number.isFinite));
}

/** Whether an answer is a number as people round it, or a formula at all points. @type {Fits} */
function agrees(entry, numbers, slack) {
  if (entry.others.length === 0) return isRight(entry, numbers[0], slack);
  const answers = [entry.value, ...entry.others];
  const places = [...numbers.keys()].filter((i) => Number.isFinite(numbers[i]));
  return places.length > 0 && places.every((i) => isClose(answers[i], numbers[i], 0));
}

/** Whether an answer is a number to all its digits. @type {Fits} */
function isExactly(entry, numbers, slack) {
  if (entry.others.length > 0) return agrees(entry, numbers, slack);
  const [number] = numbers;
  return (
    Math.abs(entry.value - number) <= EXACT * Math.abs(number) ||
    (entry.figures >= FEWEST_FIGURES && agreesAtPlaces(entry, number))
  );
}

/** @type {Fits} */
function isOneRounded(entry, numbers) {
  return isRounded(entry, numbers[0]);
}

/**
 * Whether an answer is a sum of terms that were rounded to its places. The largest of them has three
 * digits then: what is left of terms that cancel may have fewer.
 * @param {Cell} cell
 * @param {Entry} entry
 * @param {Float64Array} numbers
 */
function isOfRoundedTerms(cell, entry, numbers) {
  const { value, unit } = entry;
  if (cell.terms.length < 2 || sizeOf(cell, numbers) < 100 * unit) return false;
  return Math.abs(value - cell.compute(numbers)) <= 0.5001 * unit * (cell.terms.length + 1);
}
