// @ts-check
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { scripts } from "./documents.js";

const PLAYER = new URL("../../adviz/player/", import.meta.url);

/** @param {string} text */
function load(text) {
  return import(`data:text/javascript;charset=utf-8,${encodeURIComponent(text)}`);
}

test("the player can be loaded as one module that imports nothing", async () => {
  assert.doesNotMatch(scripts.player, /^import\b/m);
  assert.deepEqual(Object.keys(await load(scripts.player)), ["mount"]);
});

test("so can the player with a kernel behind it", async () => {
  const { default: widget } = await load(scripts.live);
  assert.deepEqual(Object.keys(widget), ["render"]);
});

test("all that the folder holds is in some script, or in the loader of outputs", () => {
  const ofLoader = ["loader.js", "background.js"];
  const modules = readdirSync(PLAYER).filter((name) => name.endsWith(".js"));
  for (const name of modules.filter((module) => !ofLoader.includes(module))) {
    const beginning = `const ${name.replace(".js", "_js")} = (() => {`;
    assert.ok(
      Object.values(scripts).some((script) => script.includes(beginning)),
      name,
    );
  }
});

test("no module writes markup or runs text", () => {
  for (const name of readdirSync(PLAYER).filter((entry) => entry.endsWith(".js"))) {
    const text = readFileSync(new URL(name, PLAYER), "utf8");
    assert.doesNotMatch(
      text,
      /\.(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
      name,
    );
  }
});
