// @ts-check
/** A player that has a page to itself: the page's address says where the reader is. */
import { addressOf, positionIn } from "./address.js";
import { mount as mountPlayer } from "./player.js";

const MILLISECONDS_AT_REST = 250; // browsers put up with few changes of an address a second

/**
 * @param {Element} element
 * @param {unknown} document
 */
export function mount(element, document) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let player = /** @type {ReturnType<typeof mountPlayer>} */ (open());
  let written = address();

  /** @returns {ReturnType<typeof mountPlayer>} */
  function open() {
    const link = () => location.href.split("#")[0] + address();
    return mountPlayer(element, document, { ...positionIn(location.hash), onMove: atRest, link });
  }

  function address() {
    return addressOf(player.position(), player.opening);
  }

  function atRest() {
    clearTimeout(timer);
    timer = setTimeout(write, MILLISECONDS_AT_REST);
  }

  function write() {
    if (address() === written) return;
    written = address();
    history.replaceState(null, "", written);
  }

  addEventListener("pagehide", write);
  // A link to another step of this page, or an address that was typed.
  addEventListener("hashchange", () => {
    player.destroy();
    player = open();
    written = address();
  });
}
