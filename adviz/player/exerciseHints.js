// @ts-check
/** Hints to a blank, from a first thought to the formula; none of them says a number that is asked for. */

/** @typedef {import("./exerciseDocument.js").Exercise} Exercise */

/**
 * @param {Exercise} exercise
 * @param {number} place
 * @returns {string[]}
 */
export function hintsFor({ cells }, place) {
  const cell = cells[place];
  if (!cell) return []; // nothing is asked for
  const { name, target, uses, sum, row } = cell.words;
  const slopes = [...new Set(cell.wrong.flatMap(({ words }) => words.slope ?? []))];
  const hints = [];
  if (uses) {
    const who = uses.includes(" read once, ") ? "This row" : "Each of them";
    hints.push(
      `${uses}. ${who} sends back one product: its own adjoint times its slope in ${name}.`,
    );
  } else if (row) hints.push(`The row is ${row}.`);
  if (cell.kind === "formula") return hints; // the rest would give it away
  if (slopes.length > 0 && slopes.length <= 4) hints.push(`${slopes.join(", ")}.`);
  if (sum && target) hints.push(`${target} = ${sum}.`);
  return hints;
}
