// @ts-check
/**
 * What is said of an answer to an exercise, beside the mistakes of mistakeSentences.js: first what
 * counts most, then the rest. adviz/tutor/sentences.py says the same. In braces stand:
 *
 * - {earlier}, the learner's entries that an answer goes on from, and {moves}, "v̄₃ does" or "they do";
 * - {found}, what is wrong with a line of somebody's solution;
 * - {terms}, "both uses"; {rest}, the terms of a sum that are right;
 * - {row}, {uses}: as in mistakeSentences.js.
 */

/** @type {Record<string, [first: string, rest: string]>} */
export const VERDICTS = {
  right: ["Right.", ""],
  right_found: ["Right:", "{found}"],
  right_sum: ["Right:", "the sum over {terms}."],
  follows: ["Right, given your {earlier}.", "It will move when {moves}."],
  coarse: ["Right so far.", "Give three digits or more."],
  wrong: ["Not yet.", ""],
  wrong_count: ["Not yet.", "Counted are {target}."],
  fraction: ["Not yet.", "Asked for is a whole number."],
  wrong_row: ["Not yet.", "The row is {row}."],
  wrong_uses: ["Not yet.", "{uses}."],
  perhaps: ["Not yet.", "It might be this:"],
  or: ["Or:", ""],
  open: ["Other mistakes give this as well.", ""],
  // what is right in a wrong answer
  size: ["The size is right.", ""],
  sign: ["The sign is right.", ""],
  number: ["Its number is right here; its formula is not.", ""],
  rest: ["The rest of the sum is right: {rest}.", ""],
};
