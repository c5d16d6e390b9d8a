/** Fields that are typed into. */

import { el } from "../../dom.js";

/** Control characters and halves of surrogate pairs: no answer may hold them, no eye sees them, a paste may bring them. */
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Surrogate}/gu;

/** What was typed, without what nobody sees and the server refuses. */
export function typed(input) {
  return input.value.replace(/\r\n?/g, "\n").replace(FORBIDDEN, "");
}

/** Whether anything but blanks was typed. */
export function isBlank(text) {
  return !/[^\s\u200b-\u200f\u2060\ufeff\u061c\u202a-\u202e\u2066-\u2069]/u.test(text);
}

/** Let what is typed set its own direction; an empty field goes with the page. */
export function followDirection(input) {
  if (isBlank(input.value)) input.removeAttribute("dir");
  else input.dir = "auto";
}

/** Code points of the text as it is counted: trimmed and composed. */
export function lengthOf(text) {
  return [...text.trim().normalize("NFC")].length;
}

/** A line of one, for a word or a number. */
export function lineInput(props) {
  return el("input", {
    type: "text",
    class: "kind-input",
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
    spellcheck: "false",
    ...props,
  });
}

/** A hint under a field, which the field names as its description. */
export function hint(context, name, text, props) {
  return el("p", { class: "hint", id: context.uid(name), ...props }, [text]);
}

/** Says to screen readers what has been true for a while: typing is not talked over. */
export function patientHerald(delayMs = 1500) {
  const node = el("p", { class: "visually-hidden", role: "status" });
  let timer = 0;
  return {
    node,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (node.textContent !== text) node.textContent = text;
      }, delayMs);
    },
  };
}
