/**
 * Authored texts become elements. The gateway has made trees of nodes of their Markdown; only what stands in the lists
 * below is built from them, by createElement: whatever a text holds, it stays text.
 */

import { el, setAttribute } from "./dom.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";

const TAGS = new Set("p em strong code pre br hr a img ul ol li blockquote table thead tbody tr th td".split(" "));
const ATTRIBUTES = new Set("alt start scope align".split(" "));

const MATH_TAGS = new Set(
  ("math mrow mi mn mo mtext mspace ms msub msup msubsup mfrac msqrt mroot munder mover munderover mmultiscripts " +
    "mprescripts mtable mtr mtd mstyle mpadded mphantom menclose").split(" "),
);
const MATH_ATTRIBUTES = new Set(
  ("display mathvariant stretchy fence form accent accentunder movablelimits largeop linethickness displaystyle " +
    "scriptlevel width height depth voffset lspace rspace minsize maxsize columnalign columnspacing rowspacing " +
    "columnlines rowlines notation").split(" "),
);

const LINK = /^https?:\/\//i;
const IMAGE = /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/=]+$/;

/** What may be wider than a narrow screen, and so scrolls by itself, by the keyboard too. */
const SCROLLS = new Set(["pre", "table"]);

/** Formulas are many and mostly short: one is a stop of the keyboard only while it is wider than its line. */
const formulas = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const stop = target.closest("[aria-hidden]") ? "-1" : "0";
    setAttribute(target, "tabindex", target.scrollWidth > target.clientWidth && stop);
  }
});

/** @typedef {string | [string, Object<string, string>, RichNode[]]} RichNode */

/**
 * @param {Object<string, RichNode[]>} trees by authored text; a text without one is plain
 * @returns {(text: string, options?: {inline?: boolean}) => DocumentFragment} `inline`: without a paragraph around it
 */
export function richTexts(trees) {
  return (text, { inline = false } = {}) => {
    const fragment = document.createDocumentFragment();
    const nodes = Object.hasOwn(trees, text) ? trees[text] : plain(text);
    const isOneParagraph = nodes.length === 1 && Array.isArray(nodes[0]) && nodes[0][0] === "p";
    fragment.append(...built(inline && isOneParagraph ? nodes[0][2] : nodes));
    return fragment;
  };
}

/** A line of plain text as it is; several as paragraphs. */
function plain(text) {
  return text.includes("\n") ? text.split(/\n+/).map((line) => ["p", {}, [line]]) : [text];
}

/** @param {RichNode[]} nodes */
function built(nodes) {
  return nodes.map((node) => (typeof node === "string" ? document.createTextNode(node) : element(...node)));
}

/** An element of the lists; its text alone where its tag is in none. */
function element(tag, attributes = {}, children = []) {
  if (MATH_TAGS.has(tag)) {
    const made = finished(document.createElementNS(MATHML, tag), attributes, MATH_ATTRIBUTES, children);
    return tag === "math" ? formula(made) : made;
  }
  if (!TAGS.has(tag)) {
    const fragment = document.createDocumentFragment();
    fragment.append(...built(children));
    return fragment;
  }
  const made = finished(document.createElement(tag), attributes, ATTRIBUTES, children);
  if (tag === "a" && LINK.test(attributes.href ?? "")) {
    Object.assign(made, { href: attributes.href, rel: "noopener noreferrer", target: "_blank" });
  }
  if (tag === "img" && IMAGE.test(attributes.src ?? "")) made.src = attributes.src;
  return SCROLLS.has(tag) ? scrolling(made) : made;
}

function finished(made, attributes, allowed, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (allowed.has(name)) made.setAttribute(name, value);
  }
  made.append(...built(children));
  return made;
}

function scrolling(made) {
  return el("div", { class: "scrolls", tabindex: 0 }, made);
}

function formula(made) {
  const frame = el("span", { class: "formula" }, made);
  formulas.observe(frame);
  return frame;
}
