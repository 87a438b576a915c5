// @ts-check
/** The MIME types of the documents that a page shows. */

export const TRACE = "application/vnd.adviz.trace+json";
export const LABORATORY = "application/vnd.adviz.laboratory+json";
export const EXERCISE = "application/vnd.adviz.exercise+json";
