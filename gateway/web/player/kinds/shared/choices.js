/** A list of choices with a radio button or a checkbox each. */

import { el } from "../../dom.js";
import { button } from "./build.js";
import { Marks } from "./marks.js";

/**
 * @param {any} context
 * @param {"radio" | "checkbox"} type
 * @param {{value: string, node: Node | string}[]} choices
 * @param {() => void} changed called after the learner's edits alone
 */
export function choiceList(context, type, choices, changed) {
  const marks = new Marks(context);
  const inputs = choices.map(({ value }) => el("input", { type, name: context.uid("choice"), value }));
  const rows = choices.map(({ value, node }, place) =>
    el("label", { class: "kind-choice" }, [inputs[place], el("span", { class: "kind-text" }, [node]), marks.of(value)]),
  );
  const ticked = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const list = el("div", { class: "kind-choices" }, rows);
  list.addEventListener("change", (event) => {
    if (type === "radio") marks.clear();
    else marks.clear(event.target.value);
    changed();
  });
  return {
    list,
    inputs,
    marks,
    ticked,
    tick(values) {
      for (const input of inputs) input.checked = values.includes(input.value);
    },
    setReadOnly(readOnly) {
      for (const input of inputs) input.disabled = readOnly;
    },
    focus() {
      (inputs.find((input) => input.checked) ?? inputs[0]).focus();
    },
  };
}

/** One of several, or none: a radio button can't be unticked, so there is a button that takes the choice back. */
export function oneOf(context, choices, changed) {
  let readOnly = false;
  const made = choiceList(context, "radio", choices, () => {
    clear.hidden = false;
    changed();
  });
  const clear = button(
    context.t("kinds.common.clear_choice"),
    () => {
      made.tick([]);
      made.marks.clear();
      clear.hidden = true;
      made.inputs[0].focus();
      changed();
    },
    { hidden: true, class: "button kind-quiet" },
  );
  made.list.setAttribute("role", "radiogroup");
  made.list.setAttribute("aria-labelledby", context.stemId);
  const settle = () => { clear.hidden = readOnly || !made.ticked().length; };
  return {
    ...made,
    clear,
    tick(values) {
      made.tick(values);
      settle();
    },
    setReadOnly(value) {
      readOnly = value;
      made.setReadOnly(value);
      settle();
    },
  };
}
