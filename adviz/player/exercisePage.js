// @ts-check
/** Exercises and other cards of a lesson in a page that plays the traces folded in them. */
import { mount as mountExercise } from "./exercise.js";
import { mount as mountLaboratory } from "./laboratory.js";
import { LABORATORY, TRACE } from "./mimeTypes.js";
import { mount as mountTrace } from "./player.js";

/** @type {import("./lessonCards.js").Mounts} */
export const MOUNTS = new Map([
  [TRACE, (element, document) => mountTrace(element, document)],
  [LABORATORY, mountLaboratory],
]);

/**
 * @param {Element} element
 * @param {unknown} document
 */
export function mount(element, document) {
  return mountExercise(element, document, { mounts: MOUNTS });
}
