/** What fields are built of: icons, buttons, texts for who does not see. */

import { el, setText } from "../../dom.js";
import { lineOf } from "./spoken.js";

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  right: "M4 12.5 9.5 18 20 6.5",
  wrong: "M6 6 18 18 M18 6 6 18",
  partial: "M4 14c3-5 5-5 8-2s5 3 8-2",
  unanswered: "M5 12h14",
  alert: "M12 4v10 M12 18.5v1",
  up: "M12 19V5 M6 11l6-6 6 6",
  down: "M12 5v14 M6 13l6 6 6-6",
  outdent: "M19 12H5 M11 6l-6 6 6 6",
  indent: "M5 12h14 M13 6l6 6-6 6",
  add: "M12 5v14 M5 12h14",
  remove: "M6 6 18 18 M18 6 6 18",
  grip: "M9 6v.5 M15 6v.5 M9 12v.5 M15 12v.5 M9 18v.5 M15 18v.5",
};

/** A drawing that says nothing to who does not see it: a text always stands beside it, or names its button. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", `icon kind-icon-${name}`);
  drawing.append(path);
  return drawing;
}

/**
 * A text of the author's, in a line of ours: it runs as its own language does, and the page's text runs on around it.
 * It names a control, and names are plain text: a formula in it says how it is written on one line.
 */
export function authored(context, text) {
  const made = el("bdi", {}, context.rich(text, { inline: true }));
  for (const math of made.querySelectorAll("math")) math.setAttribute("aria-label", lineOf(math));
  return made;
}

/** A text for screen readers alone. */
export function unseen(text, props) {
  return el("span", { class: "visually-hidden", ...props }, [text]);
}

/** A button with a word on it. */
export function button(label, press, props, drawing) {
  return el("button", { type: "button", class: "button", on: { click: press }, ...props }, [
    drawing ? icon(drawing) : null,
    el("span", {}, [label]),
  ]);
}

/** A button that shows an icon; its name says what it does, and to what. */
export function iconButton(drawing, name, press, props) {
  const made = el("button", { type: "button", class: "kind-icon-button", title: name, on: { click: press }, ...props });
  made.append(icon(drawing), unseen(name));
  return made;
}

/** What is said by a screen reader when it changes; the eye has seen it happen. */
export function herald() {
  const node = el("p", { class: "visually-hidden", role: "status" });
  return { node, say: (text) => setText(node, text) };
}
