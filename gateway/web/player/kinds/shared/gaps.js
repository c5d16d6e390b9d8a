/** A stem with fields in its gaps. */

import { el } from "../../dom.js";

/** How a gap is written; a rendered text holds each as it was written, in one text node. */
const GAP = /_{5,}/;

/**
 * The stem with one field for each gap, in place; gaps that the stem does not show stand below it.
 * @param {any} context
 * @param {string} stem
 * @param {Node[]} fields in the order of the gaps
 */
export function stemWithGaps(context, stem, fields) {
  const body = el("div", { class: "kind-stem", dir: "auto" }, context.rich(stem, { inline: false }));
  const left = [...fields];
  for (const node of textsWithGaps(body)) {
    const [first, ...others] = node.data.split(GAP);
    node.replaceWith(first, ...others.flatMap((part) => [left.shift() ?? "_____", part]));
  }
  return el("div", {}, body, left.length > 0 && el("div", { class: "kind-stem" }, left));
}

function textsWithGaps(body) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (GAP.test(walker.currentNode.data)) found.push(walker.currentNode);
  return found;
}

/** A field in a gap, with its mark and its messages under it. */
export function gapField(control, mark, place) {
  return el("span", { class: "kind-gap", dir: "auto" }, control, mark, place.node);
}
