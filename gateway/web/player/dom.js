/** Elements made in one expression. Text is always text: nothing here, or anywhere in the player, parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | null | undefined | false} Child  null, undefined and false add nothing */

/**
 * Make an HTML element.
 *
 * @param {string} tag
 * @param {Object<string, any>} [props] `on` holds listeners by event, `data` data attributes; all others are
 *   attributes: true is an empty one, false, null and undefined leave it out.
 * @param {...(Child | Child[])} children  lists may hold lists
 * @returns {any} an HTMLElement of that tag
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else {
      setAttribute(element, name, value);
    }
  }
  element.append(...present(children));
  return element;
}

/**
 * Make a button with a word on it.
 *
 * @param {string} label
 * @param {(event: Event) => void} press
 * @param {Object<string, any>} [props] as for `el`; its class is `button` unless they name another
 * @returns {HTMLButtonElement}
 */
export function button(label, press, props = {}) {
  return el("button", { type: "button", class: "button", on: { click: press }, ...props }, label);
}

/**
 * Set an attribute, or take it away: true is an empty one; false, null and undefined are none.
 *
 * @param {Element} element
 * @param {string} name
 * @param {any} value
 */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Put these children in the place of those that an element has.
 *
 * @param {Element} element
 * @param {...(Child | Child[])} children  lists may hold lists
 */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

/**
 * Change an element's text, if it is another one: a live region speaks again whenever it is touched.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Move focus to something that is no control, such as a heading.
 *
 * @param {HTMLElement} element
 */
export function focusOn(element) {
  element.tabIndex = -1;
  element.focus();
}

const SHAPES = {
  right: "M4 10.5l4 4 8-9",
  wrong: "M5 5l10 10M15 5L5 15",
  partly: "M4 10h12",
  pending: "M10 5v5l3 2M10 2a8 8 0 1 0 0 16a8 8 0 1 0 0-16",
  saved: "M4 10.5l4 4 8-9",
  saving: "M10 3v9M6 8.5L10 12l4-3.5M4 16.5h12",
  unsaved: "M10 5v6M10 14.5v.5M10 1.8l8.4 15H1.6z",
  offline: "M2.5 8a11 11 0 0 1 15 0M5.5 11.5a6.5 6.5 0 0 1 9 0M10 15.5v.5M3 3l14 14",
  unanswered: "M10 4a6 6 0 1 0 0 12a6 6 0 1 0 0-12",
};

/**
 * A small picture beside a text that says the same: hidden from assistive technology.
 *
 * @param {keyof typeof SHAPES} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

function present(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}
