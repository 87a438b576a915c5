// @ts-check
/** Whether an answer is right, and which mistakes give the same number. */

/**
 * @typedef {import("./answerEntry.js").Entry} Entry
 */

/**
 * What a wrong rule gives.
 * @template Reason
 * @typedef {{value: number, reason: Reason}} Candidate
 */

/**
 * right; coarse: as far as it goes, but with too few digits to tell; wrong, with the reasons that were
 * found, the likelier first.
 * @template Reason
 * @typedef {{verdict: "right" | "coarse" | "wrong", reasons: Reason[]}} Verdict
 */

/** People who round to three digits all along are about so far off in the end. */
export const RELATIVE = 2e-3;
export const FEWEST_FIGURES = 3;
export const MOST_REASONS = 2;

/**
 * @template Reason
 * @param {Entry} entry
 * @param {number} expected
 * @param {Candidate<Reason>[][]} candidates  in groups: those of a group are equally likely, and likelier
 *   than those of the next
 * @param {number} slack  how far off an answer may be because the numbers on the screen are rounded
 * @returns {Verdict<Reason>}
 */
export function check(entry, expected, candidates, slack) {
  if (isRight(entry, expected, slack)) return { verdict: "right", reasons: [] };
  // What gives the right number is no mistake, and every number would be close to an infinite one.
  const mistakes = candidates.map((group) =>
    group.filter(({ value }) => Number.isFinite(value) && !isClose(value, expected, slack)),
  );
  /** @param {(candidate: Candidate<Reason>) => boolean} test */
  const likeliest = (test) =>
    (mistakes.map((group) => group.filter(test)).find((group) => group.length > 0) ?? [])
      .slice(0, MOST_REASONS)
      .map(({ reason }) => reason);
  const reasons = likeliest(({ value }) => isClose(entry.value, value, slack));
  if (reasons.length > 0) return { verdict: "wrong", reasons };
  if (isRounded(entry, expected)) return { verdict: "coarse", reasons };
  return { verdict: "wrong", reasons: likeliest(({ value }) => isRounded(entry, value)) };
}

/**
 * Whether an answer is a number, as it is or rounded to the answer's places.
 * @param {Entry} entry
 * @param {number} number
 * @param {number} slack
 */
export function isRight(entry, number, slack) {
  return (
    isClose(entry.value, number, slack) ||
    (entry.figures >= FEWEST_FIGURES && agreesAtPlaces(entry, number))
  );
}

/** @param {number} answer @param {number} number @param {number} slack */
export function isClose(answer, number, slack) {
  return Math.abs(answer - number) <= Math.max(RELATIVE * Math.abs(number), slack);
}

/**
 * Whether an answer is a number rounded to fewer digits than can be told apart.
 * @param {Entry} entry
 * @param {number} number
 */
export function isRounded(entry, number) {
  const { places, figures } = entry;
  const isCoarse = figures < FEWEST_FIGURES && (figures > 1 || places > 0);
  return isCoarse && agreesAtPlaces(entry, number);
}

/** Whether an answer is a number rounded to the answer's places. @param {Entry} entry @param {number} number */
export function agreesAtPlaces({ value, places }, number) {
  return Math.abs(value - number) <= 0.5001 * 10 ** -places;
}
