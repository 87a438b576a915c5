// @ts-check
/** Sentences about entries as they are read aloud: "v bar 3 to correct". */
import { speak } from "./speech.js";

/** @param {string} text */
export function aloud(text) {
  return speak(text.normalize("NFD").replaceAll("\u0304", " bar").replaceAll("\u0307", " dot"));
}
