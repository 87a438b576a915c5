// @ts-check
/** What a step does, in plain words. */
import { mapSentence } from "./arrayProse.js";
import { shapeOf, summedAxes, tuple } from "./arrays.js";
import { capital, count, enumerate, ordinal, times } from "./english.js";
import { choiceAt } from "./evaluation.js";
import { ACCENTS } from "./formulas.js";
import { formatNumber } from "./number.js";
import { onlySeed, weightedOutputs } from "./seeds.js";
import { label } from "./trace.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Decision} Decision
 * @typedef {import("./trace.js").Quantity} Quantity
 * @typedef {import("./sweeps.js").Sweep} Sweep
 */

const MOST_RATES = 6;

/** What is chosen where there is no derivative. "It" is the operation. */
const CHOICES = new Map([
  ["kink", "It has a kink at 0, where the slope taken is 0."],
  ["jump", "It jumps at 0, where the slope taken is 0."],
  ["tie", "At a tie each operand takes one half of the slope."],
]);

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {(slot: number) => number[]} uses  the rows that use a row
 * @param {number} step
 * @returns {string}
 */
export function explain(trace, sweep, uses, step) {
  const slot = sweep.row(step);
  const sentences =
    sweep.pass === "primal"
      ? explainPrimal(trace, uses, step)
      : sweep.pass === "forward"
        ? explainForward(trace, sweep, step)
        : explainReverse(trace, sweep, uses, step);
  const remark = remarkOn(trace, sweep.user(step));
  if (remark) sentences.push(remark);
  if (step === sweep.length - 1) sentences.push(...closing(trace, sweep));
  if (sweep.pass !== "reverse" && slot === trace.count - 1) {
    sentences.push(...decisionsAt(trace, trace.count, "After it"));
  }
  return sentences.join(" ");
}

/**
 * What is remarked on a row at its operands as they are now: the choice made where it has a kink. A
 * user's operation says it in the user's words, as older documents do.
 * @param {Trace} trace
 * @param {number} slot
 */
export function remarkOn(trace, slot) {
  const choice = choiceAt(trace, slot);
  return CHOICES.get(choice)?.replace("It", trace.forms[slot]?.op ?? "It") ?? choice;
}

/** @param {Trace} trace @param {(slot: number) => number[]} uses @param {number} slot */
function explainPrimal(trace, uses, slot) {
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

/** @param {Trace} trace @param {Sweep} sweep @param {number} slot */
function explainForward(trace, sweep, slot) {
  const choice = onlySeed(sweep.seeds);
  if (choice < 0) return explainDirection(trace, sweep, slot);
  const seeded = trace.inputs[choice].text;
  const entries = isArray(trace.values[choice]) ? `every entry of ${seeded}` : seeded;
  if (slot === choice && entries !== seeded) {
    return [`The seed: how fast does everything change when ${entries} changes at rate 1?`];
  }
  if (slot === choice) {
    return [
      `The seed: how fast does everything change with ${seeded}? ${seeded} itself changes at rate 1.`,
    ];
  }
  if (slot < trace.inputs.length) {
    return [
      `${trace.inputs[slot].text} is held fixed while ${seeded} changes, so its tangent is 0.`,
    ];
  }
  const sentences = termSentences(trace, sweep, slot, seeded);
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
    ...tangentOrigin(trace, sweep, slot),
  ];
}

/**
 * Where several inputs change at once, or one at another rate than 1.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} slot
 */
function explainDirection(trace, sweep, slot) {
  if (slot < trace.inputs.length) {
    const { text } = trace.inputs[slot];
    const rate = sweep.seeds[slot];
    return [
      rate === 0
        ? `${text} is held fixed, so its tangent is 0.`
        : `The seed: ${text} changes at rate ${formatNumber(rate, trace.digits)}.`,
    ];
  }
  return [
    ...termSentences(trace, sweep, slot, "the inputs"),
    ...outputsAt(trace, slot).map(
      (output) =>
        `${label(trace, slot)} is the output ${output.text}, so this is how fast it changes ${along(trace, sweep.seeds)}.`,
    ),
    ...decisionsAt(trace, slot, "Just before"),
    ...tangentOrigin(trace, sweep, slot),
  ];
}

/** A direction in words. @param {Trace} trace @param {number[]} direction */
function along(trace, direction) {
  if (direction.length > MOST_RATES) return "in this direction";
  const rates = direction.map((rate) => formatNumber(rate, trace.digits));
  return direction.length === 1
    ? `when ${trace.inputs[0].text} changes at rate ${rates[0]}`
    : `in the direction (${rates.join(", ")})`;
}

/**
 * What the terms of a tangent are.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} slot
 * @param {string} seeded  what changes
 */
function termSentences(trace, sweep, slot, seeded) {
  const operands = /** @type {number[]} */ (trace.operands[slot].filter((o) => o !== null));
  const tangents = operands.map((o) => sweep.derivative(o));
  const result = sweep.derivative(slot);
  const twice = operands.find((o, k) => operands.indexOf(o) !== k);
  const sentences = [];
  const isMap = trace.forms[slot]?.isMap === true;
  if (operands.length === 0) {
    sentences.push(`${label(trace, slot)} is a constant, so its tangent is 0.`);
  } else if (result === 0 && tangents.every((t) => t === 0)) {
    sentences.push(restSentence(trace, operands, seeded));
  } else if (operands.length === 1) {
    const product = isMap ? "" : ": its tangent times the partial derivative";
    sentences.push(`One operand, one term${product}.`);
  } else {
    sentences.push(
      twice === undefined
        ? `${capital(count(operands.length))} operands, ${count(operands.length)} terms${isMap ? ", one for each tangent" : ": each one's tangent times its partial derivative"}.`
        : `${label(trace, twice)} stands in it more than once; each place gives a term of its own.`,
    );
  }
  sentences.push(...mapSentence(trace, sweep, slot));
  return sentences;
}

/**
 * Why a tangent is 0 where those of the operands are. An input that is held fixed does not change;
 * x² at 0 does, though its tangent is 0.
 * @param {Trace} trace
 * @param {number[]} operands
 * @param {string} seeded
 */
function restSentence(trace, operands, seeded) {
  const [one, ...others] = distinct(operands).map((o) => label(trace, o));
  if (operands.every((o) => o < trace.inputs.length)) {
    const none = others.length === 0 ? `${one} does not change` : "No operand changes";
    return `${none} with ${seeded}, so the tangent is 0.`;
  }
  return others.length === 0
    ? `The tangent of ${one} is 0, so this one is 0 as well.`
    : "The tangents of all operands are 0, so this one is 0 as well.";
}

/** @param {Trace} trace @param {Sweep} sweep @param {number} slot */
function tangentOrigin(trace, sweep, slot) {
  const places = trace.operands[slot].flatMap((o, k) => (o === null ? [] : [k]));
  return origin(sweep.derivative(slot), [
    ...places.map((k) => sweep.derivative(Number(trace.operands[slot][k]))),
    ...places.map((k) => trace.partials[slot][k]),
  ]);
}

/**
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {(slot: number) => number[]} uses
 * @param {number} step
 */
function explainReverse(trace, sweep, uses, step) {
  if (sweep.output(step) >= 0) return [outputSeedSentence(trace, sweep, step)];
  const slot = sweep.row(step);
  const [user, k] = [sweep.user(step), sweep.operand(step)];
  const partialDerivative = trace.partials[user][k];
  const isFinished = sweep.stepOf(slot) === step;
  const sentences = [
    arrivalSentence(trace, sweep, step),
    ...mapSentence(trace, sweep, step),
    ...broadcastSentence(trace, sweep, step),
  ];
  if (isFinished) sentences.push(...idleUsesSentence(trace, sweep, uses(slot)));
  if (partialDerivative === 0 && sweep.amount(step) === 0) {
    sentences.push("The partial derivative is 0 here, so nothing flows back.");
  }
  if (isFinished && slot < trace.inputs.length) {
    const output = pulledBack(trace, sweep);
    const gradient = isArray(sweep.amount(0))
      ? `the gradient of ${output}`
      : partial(output, trace.inputs[slot].text);
    sentences.push(`${label(trace, slot, ACCENTS.reverse)} is now ${gradient}.`);
  }
  return [...sentences, ...origin(sweep.amount(step), [sweep.derivative(user), partialDerivative])];
}

/**
 * What a return sweep differentiates: an output, or the sum of its entries.
 * @param {Trace} trace
 * @param {Sweep} sweep
 */
function pulledBack(trace, sweep) {
  const text = weightedOutputs(trace, sweep.seeds);
  return isArray(sweep.amount(0)) ? `the sum of ${text}` : text;
}

/** @param {Trace} trace @param {Sweep} sweep @param {number} step */
function outputSeedSentence(trace, sweep, step) {
  const { text, row } = trace.outputs[sweep.output(step)];
  const weight = sweep.seeds[sweep.output(step)];
  if (onlySeed(sweep.seeds) < 0) {
    const weighed = formatNumber(weight, trace.digits);
    return `The seed: ${label(trace, row)} is the output ${text}, and its weight is ${weighed}.`;
  }
  const seed = isArray(sweep.amount(0))
    ? "1 in every entry pulls back the sum of its entries"
    : `${text} changes with itself at rate 1`;
  return `The seed: ${label(trace, row)} is the output ${text}, and ${seed}.`;
}

/**
 * Which of a row's contributions arrives.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number} step
 */
function arrivalSentence(trace, sweep, step) {
  const slot = sweep.row(step);
  const name = label(trace, slot);
  const steps = Array.from(sweep.stepsTo(slot));
  if (steps.length === 1) {
    const user = label(trace, sweep.user(step));
    return `${name} is used once, by ${user}: this one product is its whole adjoint.`;
  }
  const users = distinct(steps.map((s) => sweep.user(s))).reverse();
  const place = steps.indexOf(step);
  const order = place === 0 ? "first to arrive" : ordinal(place + 1);
  const last = place === steps.length - 1 && place > 1 ? ", the last" : "";
  const all = steps.length === 2 ? "both uses" : `all ${count(steps.length)}`;
  return (
    `${name} is used ${times(steps.length)}, ${by(trace, users, steps.length)}. ` +
    `Its adjoint is the sum over ${all}; this is the ${order}${last}.`
  );
}

/** @param {Trace} trace @param {Sweep} sweep @param {number} step */
function broadcastSentence(trace, sweep, step) {
  const product = sweep.product(step);
  if (!product) return [];
  const [from, to] = [product.shape, shapeOf(trace.values[sweep.row(step)])];
  const axes = summedAxes(from, to);
  const over = `${axes.length === 1 ? "axis" : "axes"} ${enumerate(axes.map(String))}`;
  const shapes = `${tuple(from)} → ${to.length > 0 ? tuple(to) : "a number"}`;
  return [`It was broadcast there, so what comes back is summed over ${over}: ${shapes}.`];
}

/**
 * The uses that nothing comes back from.
 * @param {Trace} trace
 * @param {Sweep} sweep
 * @param {number[]} users
 */
function idleUsesSentence(trace, sweep, users) {
  const idle = distinct(users).filter((user) => sweep.stepOf(user) < 0);
  if (idle.length === 0) return [];
  const names = enumerate(idle.slice(0, 3).map((user) => label(trace, user)));
  const [use, those] = idle.length === 1 ? ["uses", "that"] : ["use", "those"];
  const output = weightedOutputs(trace, sweep.seeds);
  return [`${names} ${use} it too, but ${output} does not depend on ${those}.`];
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
  const output = weightedOutputs(trace, sweep.seeds);
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
  return output.includes("·") || output.includes(" ")
    ? `∂(${output})/∂${input}`
    : `∂${output}/∂${input}`;
}

/** @param {(number | null)[]} slots @returns {number[]} */
function distinct(slots) {
  return /** @type {number[]} */ ([...new Set(slots)].filter((slot) => slot !== null));
}
