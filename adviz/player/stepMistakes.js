// @ts-check
/** What a step gives where a wrong rule is used in it. */
import { MOST_NUMBERS } from "./documentMistakes.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./sweeps.js").Sweep} Sweep
 * @typedef {import("./documentMistakes.js").Mistake} Mistake
 */

/**
 * Where a wrong answer can come from.
 * @typedef {object} Reason
 * @property {string[]} names  of the mistake, or of two that were made together
 * @property {"value" | "slope" | "use" | "sum"} where  the part of the rule that is wrong
 * @property {number} operand  the place among the user's operands that it is about; −1 for the whole
 *   row
 */

/** @typedef {import("./answerCheck.js").Candidate<Reason>} Candidate */

const numbers = new Float64Array(MOST_NUMBERS);

/**
 * @param {Mistake} mistake
 * @param {...number} given
 */
function run({ wrong }, ...given) {
  numbers.set(given);
  return wrong(numbers);
}

/**
 * What wrong rules give in place of what a step gives, in groups, the likelier first.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 * @param {(slot: number) => number} other  a row's derivative in the other mode
 * @returns {Candidate[][]}
 */
export function candidatesOf(trace, sweep, step, other) {
  if (sweep.pass === "primal") return [valueMistakes(trace, step)];
  return sweep.pass === "forward"
    ? tangentMistakes(trace, sweep, step, other(step))
    : adjointMistakes(trace, sweep, step, other(sweep.row(step)));
}

/** @param {Trace} trace @param {number} slot @returns {Candidate[]} */
function valueMistakes(trace, slot) {
  const [a, b = NaN] = operandsOf(trace, slot);
  const mistakes = trace.mistakes.values.get(opOf(trace, slot)) ?? [];
  return mistakes.map((mistake) => ({
    value: run(mistake, a, b, 0),
    reason: { names: [mistake.name], where: "value", operand: -1 },
  }));
}

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 * @param {number} tangent
 */
function adjointMistakes(trace, sweep, step, tangent) {
  const [slot, user, k] = [sweep.row(step), sweep.user(step), sweep.operand(step)];
  const isFirst = sweep.stepsTo(slot)[0] === step;
  const rest = isFirst ? NaN : Number(sweep.before(step));
  const part = Number(sweep.amount(step));
  const sums = trace.mistakes.sums.reverse.map((mistake) => ({
    value: run(mistake, rest, part, Number(trace.values[slot]), tangent),
    reason: reasonOf([mistake.name], "sum", k),
  }));
  const { slopes, uses } = wrongProducts(trace, user, k, Number(sweep.derivative(user)));
  const added = isFirst ? 0 : rest;
  const [inSlopes, inUses] = [slopes, uses].map((products) =>
    products.map(({ value, reason }) => ({ value: added + value, reason })),
  );
  if (isFirst) return [inSlopes, inUses, sums];
  const lastOnly = [...slopes, ...uses].map(({ value, reason }) => ({
    value,
    reason: { ...reason, names: [...reason.names, "last_use_only"] },
  }));
  return [sums, inSlopes, inUses, lastOnly];
}

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} slot
 * @param {number} adjoint
 */
function tangentMistakes(trace, sweep, slot, adjoint) {
  const places = trace.operands[slot].flatMap((o, k) => (o === null ? [] : [k]));
  const tangents = places.map((k) => Number(sweep.derivative(Number(trace.operands[slot][k]))));
  const terms = sweep.terms(slot).map(Number);
  const total = Number(sweep.amount(slot));
  const products = places.map((k, i) => wrongProducts(trace, slot, k, tangents[i]));
  /** One term wrong, and all terms wrong in the same way. @param {"slopes" | "uses"} sort */
  const inTerms = (sort) => {
    const lists = products.map((all) => all[sort]);
    const one = lists.flatMap((list, i) => {
      const rest = sumOf(terms.filter((_, j) => j !== i));
      return list.map(({ value, reason }) => ({ value: rest + value, reason }));
    });
    if (lists.length < 2) return one;
    const all = lists[0].flatMap(({ value, reason }) => {
      const [name] = reason.names;
      const same = lists.slice(1).map((list) => list.find((c) => c.reason.names[0] === name));
      return same.some((c) => c === undefined)
        ? []
        : [{ value: sumOf([value, ...same.map((c) => c?.value ?? NaN)]), reason }];
    });
    return [...one, ...all];
  };
  const primal = Number(trace.values[slot]);
  const sums = trace.mistakes.sums.forward.flatMap((mistake) =>
    places.map((k, i) => {
      const rest = places.length < 2 ? NaN : sumOf(terms.filter((_, j) => j !== i));
      return {
        value: run(mistake, rest, terms[i] ?? total, primal, adjoint),
        reason: reasonOf([mistake.name], "sum", k),
      };
    }),
  );
  const rows =
    places.length < trace.operands[slot].length
      ? []
      : (trace.mistakes.rows.get(opOf(trace, slot)) ?? []).map((mistake) => ({
          value: run(mistake, tangents[0], tangents[1] ?? NaN, 0),
          reason: reasonOf([mistake.name], "sum", -1),
        }));
  const [slopes, uses] = [inTerms("slopes"), inTerms("uses")];
  return places.length < 2 ? [slopes, uses, sums] : [rows, slopes, sums, uses];
}

/**
 * What wrong slopes and wrong products give in place of a product of the chain rule.
 * @param {Trace} trace
 * @param {number} user
 * @param {number} k
 * @param {number} carrier
 * @returns {{slopes: Candidate[], uses: Candidate[]}}
 */
function wrongProducts(trace, user, k, carrier) {
  const operands = operandsOf(trace, user);
  const value = Number(trace.values[user]);
  const partials = trace.partials[user];
  const slopes = (trace.mistakes.slopes.get(opOf(trace, user))?.[k] ?? []).map((mistake) => ({
    value: carrier * run(mistake, ...operands, value),
    reason: reasonOf([mistake.name], "slope", k),
  }));
  const other = operands.length === 2 ? partials[1 - k] : NaN;
  const uses = trace.mistakes.uses.map((mistake) => ({
    value: run(mistake, carrier, partials[k], other, operands[k], value),
    reason: reasonOf([mistake.name], "use", k),
  }));
  return { slopes, uses };
}

/**
 * @param {string[]} names
 * @param {Reason["where"]} where
 * @param {number} operand
 * @returns {Reason}
 */
function reasonOf(names, where, operand) {
  return { names, where, operand };
}

/** @param {Trace} trace @param {number} slot */
function opOf(trace, slot) {
  return trace.forms[slot]?.op ?? "";
}

/** The numbers that a row is computed from. @param {Trace} trace @param {number} slot */
function operandsOf(trace, slot) {
  return trace.operands[slot].map((operand, k) =>
    operand === null ? (trace.constants.get(slot)?.[k] ?? NaN) : Number(trace.values[operand]),
  );
}

/** @param {number[]} terms */
function sumOf(terms) {
  return terms.reduce((total, term) => total + term, 0);
}
