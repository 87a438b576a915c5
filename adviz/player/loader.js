// @ts-check
/**
 * Plays the documents that stand in the outputs of a page which has no extension of ours: a classic
 * script beside them, as Python's carried.py writes it. What it shows lies in shadow roots, so that
 * the page's styles and ours leave each other alone. Where anything fails, the table stays.
 */
import { pageBook } from "./answered.js";
import { createBackground } from "./background.js";
import { EXERCISE, LABORATORY, TRACE } from "./mimeTypes.js";

/**
 * A part of the player that is loaded on its own: `mount` of player.js, exercise.js or laboratory.js.
 * @typedef {(element: Element, document: unknown, around: object) => {destroy(): void}} Mount
 * @typedef {{mount: Mount, sheet: CSSStyleSheet}} Piece
 *
 * What the outputs of a page share, for each version of the player.
 * @typedef {object} Carried
 * @property {Map<string, string>} texts  of the pieces and the font, compressed
 * @property {Map<string, Promise<Piece>>} pieces
 * @property {ShadowRoot[]} roots  what is shown
 * @property {() => void} play  shows what is not shown yet
 */

/** Which piece shows the documents of a MIME type. */
const PIECES = new Map([
  [TRACE, "trace"],
  [EXERCISE, "cards"],
  [LABORATORY, "laboratory"],
]);

/** What Python's b85encode writes, with other signs for those that HTML reads: & - < > */
const DIGITS =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%,()*+.;/=:?@^_`{|}~";

const page = /** @type {any} */ (globalThis);
/** @type {{version: string, texts: Record<string, string>}} */
const given = page.advizCarried;
delete page.advizCarried;
page.advizVersions ??= {};
/** @type {Record<string, Carried>} */
const versions = page.advizVersions;
versions[given.version] ??= createCarried();
const carried = versions[given.version];
for (const [name, text] of Object.entries(given.texts)) carried.texts.set(name, text);
carried.play();

/** @returns {Carried} */
function createCarried() {
  /** @type {Map<string, string>} */
  const texts = new Map();
  /** @type {Map<string, Promise<Piece>>} */
  const pieces = new Map();
  /** @type {ShadowRoot[]} */
  const roots = [];
  const book = pageBook(() => roots.filter(({ host }) => host.isConnected));
  /** @type {Promise<void> | undefined} */
  let font;
  return { texts, pieces, roots, play };

  function play() {
    for (const place of document.querySelectorAll("[data-adviz]:not([data-adviz-plays])")) {
      if (!(place instanceof HTMLElement) || !place.dataset.advizPieces) continue;
      const needed = place.dataset.advizPieces.split(" ");
      if (!needed.every((name) => texts.has(name))) continue; // a later script brings them
      place.dataset.advizPlays = "";
      show(place, needed).catch(() => place.removeAttribute("data-adviz-plays"));
    }
  }

  /** @param {HTMLElement} place @param {string[]} needed */
  async function show(place, needed) {
    font ??= loadFont();
    await font;
    const loaded = await Promise.all(needed.map(piece));
    /** @type {Map<string, Mount>} */
    const mounts = new Map();
    for (const [type, name] of PIECES) {
      const found = needed.indexOf(name);
      if (found >= 0) mounts.set(type, loaded[found].mount);
    }
    const [[type, shown]] = Object.entries(JSON.parse(await inflated(place.dataset.adviz ?? "")));
    const mount = mounts.get(type);
    if (!mount) return;
    const root = place.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = loaded.map(({ sheet }) => sheet);
    const element = document.createElement("div");
    root.append(element);
    roots.push(root);
    createBackground(place, (theme) => {
      element.dataset.theme = theme;
    });
    keepKeys(place);
    mount(element, shown, { mounts, book });
  }

  /** @param {string} name */
  function piece(name) {
    const found = pieces.get(name) ?? load(name);
    pieces.set(name, found);
    return found;
  }

  /** @param {string} name @returns {Promise<Piece>} */
  async function load(name) {
    const [code, style] = (await inflated(texts.get(name) ?? "")).split("\0");
    const script = document.createElement("script");
    script.textContent = code;
    document.head.append(script); // runs at once, and leaves its exports
    script.remove();
    const { mount } = page.advizPiece;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    return { mount, sheet };
  }

  async function loadFont() {
    const text = texts.get("font");
    if (!text) return;
    const face = new FontFace("adviz math", bytes(text));
    try {
      document.fonts.add(await face.load());
    } catch {
      // Formulas are set in the fonts of the reader's machine.
    }
  }
}

/**
 * Keys typed in a place are not those of the page around: of slides, or of a notebook. JupyterLab reads
 * them on their way in, but respects an attribute. With Ctrl they are the page's: Ctrl+S saves. Nor
 * does a finger that drags in a place turn over slides.
 * @param {HTMLElement} place
 */
function keepKeys(place) {
  place.dataset.preventSwipe = ""; // reveal.js reads it
  place.addEventListener("keydown", (event) => event.stopPropagation());
  const guard = (/** @type {KeyboardEvent} */ event) => {
    if (!place.isConnected) return window.removeEventListener("keydown", guard, { capture: true });
    const typed = !(event.ctrlKey || event.metaKey || event.altKey);
    if (event.target === place) place.toggleAttribute("data-lm-suppress-shortcuts", typed);
  };
  window.addEventListener("keydown", guard, { capture: true });
}

/** The bytes of a text in base 85: five digits for four of them. @param {string} text */
function bytes(text) {
  const missing = (5 - (text.length % 5)) % 5;
  const padded = text + "~".repeat(missing);
  const view = new DataView(new ArrayBuffer((padded.length / 5) * 4));
  for (let i = 0; i < padded.length; i += 5) {
    let number = 0;
    for (let k = i; k < i + 5; k++) number = 85 * number + DIGITS.indexOf(padded[k]);
    view.setUint32((i / 5) * 4, number);
  }
  return view.buffer.slice(0, view.byteLength - missing);
}

/** @param {string} text  in base 85, compressed by gzip @returns {Promise<string>} */
function inflated(text) {
  const stream = new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}
