// @ts-check
/** The source in pieces, each of which knows what rows come from it. */
import { html } from "./dom.js";

/**
 * @typedef {import("./trace.js").Trace} Trace
 * @typedef {import("./trace.js").Site} Site
 * @typedef {{start: number, end: number}} Stretch  code points of one line
 * @typedef {ReturnType<typeof createPieces>} Pieces
 */

/**
 * The numbers of the places in the source that rows come from.
 * @param {Trace} trace
 * @returns {Map<Site, number>}
 */
export function numberedSites(trace) {
  /** @type {Map<Site, number>} */
  const numbers = new Map();
  for (const site of trace.sites) if (site && !numbers.has(site)) numbers.set(site, numbers.size);
  return numbers;
}

/** @param {Trace} trace */
export function createPieces(trace) {
  /** @type {Map<string, (Stretch & {number: number, size: number})[]>} */
  const covers = new Map();
  for (const [site, number] of numberedSites(trace)) {
    const stretches = stretchesOf(trace, site);
    const size = stretches.reduce((total, { start, end }) => total + end - start, 0);
    for (const { line, start, end } of stretches) {
      const key = `${site.source}:${line}`;
      covers.set(key, [...(covers.get(key) ?? []), { start, end, number, size }]);
    }
  }
  return {
    /**
     * A stretch of a line. What rows come from a piece of it, the piece says by `data-sites`: first
     * the smallest expression around it.
     * @param {number} source
     * @param {number} line
     * @param {Stretch} stretch
     * @returns {(Node | string)[]}
     */
    cut(source, line, { start, end: wanted }) {
      const points = [...trace.sources[source].lines[line]];
      const end = Math.min(wanted, points.length);
      const around = (covers.get(`${source}:${line}`) ?? []).filter(
        (cover) => cover.start < end && cover.end > start,
      );
      const cuts = [start, end, ...around.flatMap((cover) => [cover.start, cover.end])]
        .filter((cut) => cut >= start && cut <= end)
        .sort((a, b) => a - b);
      return cuts.slice(1).flatMap((to, i) => {
        const from = cuts[i];
        if (from === to) return [];
        const text = points.slice(from, to).join("");
        const sites = around
          .filter((cover) => cover.start <= from && cover.end >= to)
          .sort((a, b) => a.size - b.size)
          .map(({ number }) => number);
        return [sites.length > 0 ? html("span", { "data-sites": sites.join(" ") }, text) : text];
      });
    },
  };
}

/**
 * What a site covers of each of its lines.
 * @param {Trace} trace
 * @param {Site} site
 * @returns {(Stretch & {line: number})[]}
 */
export function stretchesOf(trace, site) {
  const texts = trace.sources[site.source].lines;
  const stretches = [];
  for (let line = site.line; line <= Math.min(site.endLine, texts.length - 1); line++) {
    const length = [...texts[line]].length;
    const indent = texts[line].length - texts[line].trimStart().length;
    const start = line === site.line && site.column !== null ? site.column : indent;
    const end =
      line === site.endLine && site.endColumn !== null ? Math.min(site.endColumn, length) : length;
    if (start < end) stretches.push({ line, start, end });
  }
  return stretches;
}
