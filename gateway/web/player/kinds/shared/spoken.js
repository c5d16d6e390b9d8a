/** Rendered texts as plain ones: for names of controls and for lists, which can hold no elements. */

/** How the parts of a formula are written on one line. */
const WRITTEN = {
  msup: ([base, raised]) => `${base}^${grouped(raised)}`,
  msub: ([base, lowered]) => `${base}_${grouped(lowered)}`,
  msubsup: ([base, lowered, raised]) => `${base}_${grouped(lowered)}^${grouped(raised)}`,
  munder: ([base, lowered]) => `${base}_${grouped(lowered)}`,
  mover: ([base, raised]) => `${base}^${grouped(raised)}`,
  munderover: ([base, lowered, raised]) => `${base}_${grouped(lowered)}^${grouped(raised)}`,
  mfrac: ([above, below]) => `${grouped(above)}/${grouped(below)}`,
  msqrt: (parts) => `√${grouped(parts.join(""))}`,
  mroot: ([base, degree]) => `${grouped(base)}^(1/${degree})`,
  mtr: (cells) => `${cells.join(", ")}; `,
};

const grouped = (text) => ([...text].length > 1 ? `(${text})` : text);

/** A formula on one line: `x^2 + √(y + 1)`. */
export function lineOf(math) {
  if (!math.children.length) return math.textContent.trim();
  const parts = [...math.children].map(lineOf);
  return WRITTEN[math.localName]?.(parts) ?? parts.join("");
}

/** What is said of a rendered text: its words, its formulas on one line, and what its pictures are described by. */
export function spoken(node) {
  const copy = node.cloneNode(true);
  for (const image of copy.querySelectorAll("img")) image.replaceWith(image.alt);
  for (const math of copy.querySelectorAll("math")) math.replaceWith(lineOf(math));
  return copy.textContent.replace(/\s+/g, " ").trim();
}

/** Enough of a text to tell what a button moves. */
export function briefly(text) {
  const characters = [...text.replace(/\s+/g, " ").trim()];
  return characters.length > 60 ? `${characters.slice(0, 59).join("")}…` : characters.join("");
}
