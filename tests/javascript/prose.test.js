// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../adviz/player/evaluation.js";
import { boundary } from "../../adviz/player/folding.js";
import { formatNumber } from "../../adviz/player/number.js";
import { explain, explainGroup } from "../../adviz/player/prose.js";
import { announce, announceGroup, placeText, speak } from "../../adviz/player/speech.js";
import { sweepOf, usesOf } from "../../adviz/player/sweeps.js";
import { readTrace } from "../../adviz/player/traceDocument.js";
import { allNames, passOf, traceOf, traces } from "./documents.js";

/** @typedef {import("../../adviz/player/trace.js").Pass} Pass */

/** @type {Pass[]} */
const PASSES = ["primal", "forward", "reverse"];

/** All sentences of a pass. @param {string} name @param {Pass} pass @param {number} [choice] */
function sentences(name, pass, choice = 0) {
  const trace = traceOf(name);
  const sweep = passOf(trace, pass, choice);
  const uses = usesOf(trace);
  return Array.from({ length: sweep.length }, (_, step) => explain(trace, sweep, uses, step));
}

test("the primal pass says where a row comes from, where it goes, and what it is called", () => {
  const said = sentences("griewank", "primal");
  assert.equal(said[0], "v₋₁ holds the input x₁. It is used once, by v₁.");
  assert.equal(said[1], "v₀ holds the input x₂. It is used twice, by v₁ and by v₂.");
  assert.equal(
    said[2],
    "v₁ is computed from v₋₁ and v₀. The program calls it q. It is used twice, by v₃ and by v₄.",
  );
  assert.equal(said.at(-1), "v₆ is computed from v₅ and v₃. It is the output y.");
});

test("the forward pass says what is seeded, what is held fixed, and which terms there are", () => {
  const said = sentences("eq5", "forward", 1);
  assert.equal(said[0], "x₁ is held fixed while x₂ changes, so its tangent is 0.");
  assert.equal(
    said[1],
    "The seed: how fast does everything change with x₂? x₂ itself changes at rate 1.",
  );
  assert.equal(
    said[2],
    "Two operands, two terms: each one's tangent times its partial derivative.",
  );
  assert.equal(said[4], "v₋₁ does not change with x₂, so the tangent is 0.");
  assert.ok(said[5].endsWith("v₄ is the output y, so this is ∂y/∂x₂."));
});

test("what changes, though its tangent is 0, is not said to stand still", () => {
  const trace = traceOf("calls");
  evaluate(trace, [0]);
  const sweep = passOf(trace, "forward", 0);
  assert.equal(
    explain(trace, sweep, usesOf(trace), 3),
    "The tangent of v₂ is 0, so this one is 0 as well.",
  );
});

test("a test whose source was not at hand is written with the rows that it compares", () => {
  const document = structuredClone(traces.branching.document);
  for (const decision of document.decisions) decision.text = "";
  const { decisions } = readTrace(document);
  assert.deepEqual(
    decisions.map(({ text }) => text),
    ["v₀ > 1", "v₁ > 1", "v₂ > 1"],
  );
});

test("a direction of several inputs is said, and what it leads to", () => {
  const trace = traceOf("eq5");
  const sweep = sweepOf(trace, "forward", [1, -2.5]);
  const said = trace.operands.map((_, step) => explain(trace, sweep, usesOf(trace), step));
  assert.deepEqual(said.slice(0, 2), [
    "The seed: x₁ changes at rate 1.",
    "The seed: x₂ changes at rate −2.5.",
  ]);
  assert.ok(
    said[5].endsWith(
      "v₄ is the output y, so this is how fast it changes in the direction (1, −2.5).",
    ),
  );
});

test("the weights of outputs are said, and what is pulled back", () => {
  const trace = traceOf("polar");
  const sweep = sweepOf(trace, "reverse", [2, -1, 0]);
  const uses = usesOf(trace);
  const said = Array.from({ length: sweep.length }, (_, step) => explain(trace, sweep, uses, step));
  assert.deepEqual(said.slice(0, 2), [
    "The seed: v₂ is the output y₁, and its weight is 2.",
    "The seed: v₄ is the output y₂, and its weight is −1.",
  ]);
  assert.ok(said.some((text) => text.includes("v̄₋₂ is now ∂(2·y₁ − y₂)/∂r.")));
});

test("an operand that stands in a row twice gives two terms", () => {
  assert.equal(
    sentences("calls", "forward")[1],
    "v₀ stands in it more than once; each place gives a term of its own.",
  );
});

test("the reverse pass counts the uses that arrive", () => {
  const said = sentences("eq5", "reverse");
  assert.equal(said[0], "The seed: v₄ is the output y, and y changes with itself at rate 1.");
  assert.equal(said[1], "v₂ is used once, by v₄: this one product is its whole adjoint.");
  assert.equal(
    said[3],
    "v₋₁ is used twice, by v₁ and by v₃. Its adjoint is the sum over both uses; this is the first to arrive.",
  );
  assert.equal(
    said[6],
    "v₋₁ is used twice, by v₁ and by v₃. Its adjoint is the sum over both uses; this is the second. v̄₋₁ is now ∂y/∂x₁.",
  );
});

test("the last step of the reverse pass gives the gradient", () => {
  const trace = traceOf("eq5");
  const sweep = passOf(trace, "reverse", 0);
  const [first, second] = [0, 1].map((slot) => formatNumber(sweep.derivative(slot), trace.digits));
  const last = sentences("eq5", "reverse").at(-1) ?? "";
  assert.ok(last.endsWith(`The sweep is over: ∂y/∂x₁ = ${first}, ∂y/∂x₂ = ${second}.`), last);
});

test("many uses are counted in words, and few of the users are named", () => {
  const said = sentences("often_used", "reverse").filter((text) => text.startsWith("v₀"));
  assert.deepEqual(
    said.map((text) => /this is the (.*?)\./.exec(text)?.[1]),
    ["first to arrive", "second", "third", "fourth", "fifth", "sixth", "seventh, the last"],
  );
  assert.ok(said[0].startsWith("v₀ is used seven times, by v₁, v₂, v₃ and 4 more. "));
});

test("a use that the output does not depend on is named, a row without use too", () => {
  assert.ok(
    sentences("unused", "reverse")
      .at(-1)
      ?.includes("v₁ uses it too, but z₁ does not depend on that."),
  );
  assert.ok(sentences("unused", "primal")[2].includes("Nothing uses it."));
});

test("a partial derivative of 0 lets nothing flow back", () => {
  const said = sentences("many_operations", "reverse");
  assert.ok(
    said.some((text) => text.includes("The partial derivative is 0 here, so nothing flows back.")),
  );
});

test("decisions stand where the program made them", () => {
  const said = sentences("branching", "primal");
  assert.deepEqual(
    said.map((text) => /x > 1 \((\w+)\)/.exec(text)?.[1]),
    [undefined, "true", "true", "false"],
  );
});

test("an infinity or a NaN is explained where it arises, and only there", () => {
  const said = sentences("not_finite", "primal");
  assert.deepEqual(
    said.map((text) => /Here (an? \w+) arises/.exec(text)?.[1]),
    [undefined, "an infinity", undefined, undefined, "a NaN", undefined],
  );
});

test("a broadcast that is undone names the axes and the shapes", () => {
  assert.ok(
    sentences("perceptron", "reverse").some((text) =>
      text.includes("so what comes back is summed over axis 0: (4, 2) → (2,)."),
    ),
  );
});

test("steps are announced in words that can be read aloud", () => {
  const trace = traceOf("eq5");
  const sweep = passOf(trace, "reverse", 0);
  const [first, second] = sweep.stepsTo(0);
  /** @param {import("../../adviz/player/trace.js").Quantity} x */
  const spoken = (x) => formatNumber(x, trace.digits).replace("−", "minus ");
  assert.equal(announce(trace, sweep, 0), "v 4 bar is 1");
  assert.equal(
    announce(trace, sweep, first),
    `v minus 1 bar gains v 3 bar times 1 over v minus 1, ${spoken(sweep.amount(first))}`,
  );
  assert.equal(
    announce(trace, sweep, second),
    `v minus 1 bar gains v 1 bar times v 0, ${spoken(sweep.amount(second))}, now ${spoken(sweep.derivative(0))}`,
  );
  assert.equal(
    announce(trace, passOf(trace, "forward", 0), 2),
    `v 1 dot is ${spoken(trace.values[1])}`,
  );
});

test("mathematical signs are spoken", () => {
  assert.equal(speak("v̄₋₁ += v̄₃·v₀"), "v minus 1 bar += v 3 bar times v 0");
  assert.equal(speak("−4.5×10⁻⁷"), "minus 4.5 times 10 to the minus 7");
  assert.equal(
    speak("v̄₋₁ is now ∂y/∂x₁."),
    "v minus 1 bar is now the derivative of y with respect to x 1.",
  );
  assert.equal(speak("v₂²/√v₁"), "v 2 squared over the square root of v 1");
  assert.equal(speak("4×3, −∞ to ∞"), "4 by 3, minus infinity to infinity");
});

test("a folded call is a Jacobian-vector or a vector-Jacobian product", () => {
  const trace = traceOf("calls");
  const group = 0;
  const around = boundary(trace, usesOf(trace), group);
  /** @param {Pass} pass */
  const said = (pass) => explainGroup(trace, passOf(trace, pass, 0), group, around);
  const start = "The call cube(x) made two rows, v₁ to v₂. ";
  const end = " Open it in the table, or with Enter, to step through them.";
  assert.equal(said("primal"), `${start}Out of it comes v₂, computed from v₀.${end}`);
  assert.equal(
    said("forward"),
    `${start}In goes v̇₀, out comes v̇₂: a Jacobian-vector product.${end}`,
  );
  assert.equal(
    said("reverse"),
    `${start}In goes v̄₂, and v̄₀ receives what comes back: a vector-Jacobian product.${end}`,
  );
  assert.equal(
    announceGroup(trace, passOf(trace, "reverse", 0), group),
    "back through cube(x), v 1 to v 2",
  );
});

test("the place of a step counts from one", () => {
  assert.equal(placeText(0, 8), "step 1 of 8");
});

for (const name of allNames) {
  test(`${name}: every step of every pass has its sentences`, () => {
    const trace = traceOf(name);
    for (const pass of PASSES) {
      const choices = pass === "reverse" ? trace.outputs.length : trace.inputs.length;
      for (let choice = 0; choice < choices; choice++) {
        const sweep = passOf(trace, pass, choice);
        for (const [step, text] of sentences(name, pass, choice).entries()) {
          assert.match(text, /^\S.*[.?]$/);
          assert.doesNotMatch(text, /undefined|null|object|\s\s|\[\]/);
          const spoken = announce(trace, sweep, step);
          assert.doesNotMatch(spoken, /[₀-₉⁰-⁹−×·∂∞]|\u0304|\u0307|undefined/);
        }
      }
    }
  });
}
