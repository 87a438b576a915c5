// @ts-check
/** What a step does, in plain words. */
import { shapeOf, summedAxes, tuple } from "./arrays.js";
import { capital, count, enumerate, ordinal, times } from "./english.js";
import { ACCENTS } from "./formulas.js";
import { formatNumber } from "./number.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Decision} Decision
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./sweeps.js").Sweep} Sweep
 */

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {(slot: number) => number[]} uses  the rows that use a row
 * @param {number} step
 * @returns {string}
 */
export function explain(trace, sweep, uses, step) {
  const slot = sweep.row(step);
  const sentences = { primal: explainPrimal, forward: explainForward, reverse: explainReverse }[
    sweep.pass
  ](trace, sweep, uses, step);
  const remark = trace.remarks.get(sweep.user(step));
  if (remark) sentences.push(remark);
  if (step === sweep.length - 1) sentences.push(...closing(trace, sweep));
  if (sweep.pass !== "reverse" && slot === trace.count - 1) {
    sentences.push(...decisionsAt(trace, trace.count, "After it"));
  }
  return sentences.join(" ");
}

/**
 * @param {Trace} trace
 * @param {Sweep} _
 * @param {(slot: number) => number[]} uses
 * @param {number} slot
 */
function explainPrimal(trace, _, uses, slot) {
  const name = label(trace, slot);
  const operands = distinct(trace.operands[slot]);
  const first =
    slot < trace.inputs.length
      ? `${name} holds the input ${trace.inputs[slot].text}.`
      : operands.length > 0
        ? `${name} is computed from ${enumerate(operands.map((o) => label(trace, o)))}.`
        : `${name} is a constant.`;
  const called = trace.sites[slot]?.name;
  return [
    first,
    ...(called && slot >= trace.inputs.length ? [`The program calls it ${called}.`] : []),
    ...outputsAt(trace, slot).map((output) => `It is the output ${output.text}.`),
    ...useSentence(trace, slot, uses(slot)),
    ...decisionsAt(trace, slot, "Just before"),
    ...origin(
      trace.values[slot],
      operands.map((o) => trace.values[o]),
    ),
  ];
}

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {(slot: number) => number[]} _
 * @param {number} slot
 */
function explainForward(trace, sweep, _, slot) {
  const seeded = trace.inputs[sweep.choice].text;
  const entries = isArray(trace.values[sweep.choice]) ? `every entry of ${seeded}` : seeded;
  if (slot === sweep.choice && entries !== seeded) {
    return [`The seed: how fast does everything change when ${entries} changes at rate 1?`];
  }
  if (slot === sweep.choice) {
    return [
      `The seed: how fast does everything change with ${seeded}? ${seeded} itself changes at rate 1.`,
    ];
  }
  if (slot < trace.inputs.length) {
    return [
      `${trace.inputs[slot].text} is held fixed while ${seeded} changes, so its tangent is 0.`,
    ];
  }
  const operands = /** @type {number[]} */ (trace.operands[slot].filter((o) => o !== null));
  const tangents = operands.map((o) => sweep.derivative(o));
  const result = sweep.derivative(slot);
  const twice = operands.find((o, k) => operands.indexOf(o) !== k);
  const sentences = [];
  if (operands.length === 0) {
    sentences.push(`${label(trace, slot)} is a constant, so its tangent is 0.`);
  } else if (result === 0 && tangents.every((t) => t === 0)) {
    const none =
      operands.length === 1 ? `${label(trace, operands[0])} does not change` : "No operand changes";
    sentences.push(`${none} with ${seeded}, so the tangent is 0.`);
  } else if (operands.length === 1) {
    sentences.push("One operand, one term: its tangent times the partial derivative.");
  } else {
    sentences.push(
      twice === undefined
        ? `${capital(count(operands.length))} operands, ${count(operands.length)} terms: each one's tangent times its partial derivative.`
        : `${label(trace, twice)} stands in it more than once; each place gives a term of its own.`,
    );
  }
  sentences.push(...mapSentence(trace, slot, "tangents through"));
  for (const output of outputsAt(trace, slot)) {
    sentences.push(
      `${label(trace, slot)} is the output ${output.text}, so this is ${
        entries === seeded
          ? partial(output.text, seeded)
          : `how fast ${output.text} changes with ${entries}`
      }.`,
    );
  }
  return [
    ...sentences,
    ...decisionsAt(trace, slot, "Just before"),
    ...origin(result, [
      ...tangents,
      ...trace.partials[slot].filter((_p, k) => trace.operands[slot][k] !== null),
    ]),
  ];
}

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {(slot: number) => number[]} uses
 * @param {number} step
 */
function explainReverse(trace, sweep, uses, step) {
  const output = trace.outputs[sweep.choice].text;
  const slot = sweep.row(step);
  const summed = isArray(sweep.amount(0)) ? `the sum of ${output}` : output;
  if (step === 0 && summed !== output) {
    return [
      `The seed: ${label(trace, slot)} is the output ${output}, and 1 in every entry pulls back the sum of its entries.`,
    ];
  }
  if (step === 0) {
    return [
      `The seed: ${label(trace, slot)} is the output ${output}, and ${output} changes with itself at rate 1.`,
    ];
  }
  const [user, k] = [sweep.user(step), sweep.operand(step)];
  const steps = Array.from(sweep.stepsTo(slot));
  const adjoint = label(trace, slot, ACCENTS.reverse);
  const sentences = [];
  if (steps.length === 1) {
    sentences.push(
      `${label(trace, slot)} is used once, by ${label(trace, user)}: this one product is its whole adjoint.`,
    );
  } else {
    const users = distinct(steps.map((s) => sweep.user(s)));
    const place = steps.indexOf(step);
    const order = place === 0 ? "first to arrive" : ordinal(place + 1);
    const last = place === steps.length - 1 && place > 1 ? ", the last" : "";
    const both = steps.length === 2 ? "both uses" : `all ${count(steps.length)}`;
    sentences.push(
      `${label(trace, slot)} is used ${times(steps.length)}, ${by(trace, [...users].reverse(), steps.length)}. ` +
        `Its adjoint is the sum over ${both}; this is the ${order}${last}.`,
    );
  }
  sentences.push(...mapSentence(trace, user, "adjoints back through"));
  const product = sweep.product(step);
  if (product) {
    const [from, to] = [product.shape, shapeOf(trace.values[slot])];
    const axes = summedAxes(from, to);
    const over = `${axes.length === 1 ? "axis" : "axes"} ${enumerate(axes.map(String))}`;
    sentences.push(
      `It was broadcast there, so what comes back is summed over ${over}: ${tuple(from)} → ${to.length > 0 ? tuple(to) : "a number"}.`,
    );
  }
  const idle = distinct(uses(slot)).filter((u) => sweep.stepOf(u) < 0);
  if (idle.length > 0 && sweep.stepOf(slot) === step) {
    const names = enumerate(idle.slice(0, 3).map((u) => label(trace, u)));
    const [use, those] = idle.length === 1 ? ["uses", "that"] : ["use", "those"];
    sentences.push(`${names} ${use} it too, but ${output} does not depend on ${those}.`);
  }
  if (trace.partials[user][k] === 0 && sweep.amount(step) === 0) {
    sentences.push("The partial derivative is 0 here, so nothing flows back.");
  }
  if (slot < trace.inputs.length && sweep.stepOf(slot) === step) {
    const gradient =
      summed === output ? partial(output, trace.inputs[slot].text) : `the gradient of ${summed}`;
    sentences.push(`${adjoint} is now ${gradient}.`);
  }
  return [
    ...sentences,
    ...origin(sweep.amount(step), [sweep.derivative(user), trace.partials[user][k]]),
  ];
}

/**
 * What happens in a folded call that is passed in one step.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} group
 * @param {{sources: number[], results: number[]}} boundary
 */
export function explainGroup(trace, sweep, group, { sources, results }) {
  const { title, start, stop } = trace.groups[group];
  /** @param {number[]} slots @param {string} [accent] */
  const names = (slots, accent) =>
    enumerate([
      ...slots.slice(0, 4).map((s) => label(trace, s, accent)),
      ...(slots.length > 4 ? [`${slots.length - 4} more`] : []),
    ]);
  const rows = `The call ${title} made ${count(stop - start)} rows, ${label(trace, start)} to ${label(trace, stop - 1)}.`;
  const inside = "Open it in the table, or with Enter, to step through them.";
  const come = results.length > 1 ? "come" : "comes";
  if (sweep.pass === "primal") {
    return `${rows} Out of it ${come} ${names(results)}${sources.length > 0 ? `, computed from ${names(sources)}` : ""}. ${inside}`;
  }
  if (sweep.pass === "forward") {
    const entering =
      sources.length > 0
        ? `In ${sources.length > 1 ? "go" : "goes"} ${names(sources, ACCENTS.forward)}, out`
        : "Out";
    return `${rows} ${entering} ${come} ${names(results, ACCENTS.forward)}: a Jacobian-vector product. ${inside}`;
  }
  const back =
    sources.length > 0
      ? `${names(sources, ACCENTS.reverse)} ${sources.length > 1 ? "receive" : "receives"} what comes back`
      : "nothing comes back";
  return `${rows} In ${results.length > 1 ? "go" : "goes"} ${names(results, ACCENTS.reverse)}, and ${back}: a vector-Jacobian product. ${inside}`;
}

/** The result of a whole pass. @param {Trace} trace @param {Sweep} sweep */
function closing(trace, sweep) {
  const { length } = trace.inputs;
  if (sweep.pass !== "reverse" || trace.sweeps || length < 2 || length > 4) return [];
  const output = trace.outputs[sweep.choice].text;
  const results = trace.inputs.map(
    (input, slot) =>
      `${partial(output, input.text)} = ${formatNumber(sweep.derivative(slot), trace.digits)}`,
  );
  return [`The sweep is over: ${results.join(", ")}.`];
}

/**
 * @param {Trace} trace
 * @param {number[]} users  different rows
 * @param {number} total  how many uses they make of it
 */
function by(trace, users, total) {
  const names = users.slice(0, users.length > 4 ? 3 : 4).map((u) => label(trace, u));
  if (total === 1) return `by ${names[0]}`;
  if (users.length === 1) return `${total === 2 ? "both times" : "every time"} by ${names[0]}`;
  if (users.length > 4) return `by ${names.join(", ")} and ${users.length - 3} more`;
  return names.length === 2 ? `by ${names[0]} and by ${names[1]}` : `by ${enumerate(names)}`;
}

/** @param {Trace} trace @param {number} slot @param {number[]} users */
function useSentence(trace, slot, users) {
  if (users.length === 0) return outputsAt(trace, slot).length > 0 ? [] : ["Nothing uses it."];
  return [`It is used ${times(users.length)}, ${by(trace, distinct(users), users.length)}.`];
}

/** @param {Trace} trace @param {number} slot @param {string} carries */
function mapSentence(trace, slot, carries) {
  const form = trace.forms[slot];
  return form?.isMap ? [`∂${form.op} carries ${carries} ${form.op}.`] : [];
}

/** @param {Trace} trace @param {number} slot */
function outputsAt(trace, slot) {
  return trace.outputs.filter((output) => output.row === slot);
}

/** @param {Trace} trace @param {number} slot @param {string} when */
function decisionsAt(trace, slot, when) {
  const decisions = trace.decisions.filter((d) => d.before === slot);
  if (decisions.length === 0) return [];
  const last = decisions.slice(-3).map((d) => `${d.text} (${d.outcome})`);
  return [`${when}, the program asked whether ${enumerate(last)}.`];
}

/** @param {Quantity} quantity */
function isArray(quantity) {
  return typeof quantity === "object";
}

/**
 * Says so where a NaN or an infinity arises from ordinary numbers.
 * @param {Quantity} result
 * @param {Quantity[]} ingredients
 */
function origin(result, ingredients) {
  if (isArray(result) || ingredients.some(isArray)) return [];
  if (Number.isFinite(result) || ingredients.length === 0) return [];
  if (Number.isNaN(result)) {
    const isNew = !ingredients.some(Number.isNaN);
    return isNew ? ["Here a NaN arises: nothing it is made of is NaN."] : [];
  }
  const isNew = ingredients.every(Number.isFinite);
  return isNew ? ["Here an infinity arises, out of finite numbers."] : [];
}

/** @param {string} output @param {string} input */
function partial(output, input) {
  return `∂${output}/∂${input}`;
}

/** @param {(number | null)[]} slots @returns {number[]} */
function distinct(slots) {
  return /** @type {number[]} */ ([...new Set(slots)].filter((slot) => slot !== null));
}
