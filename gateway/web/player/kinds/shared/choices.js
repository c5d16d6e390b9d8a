/** A list of choices with a radio button or a checkbox each. */

import { el } from "../../dom.js";
import { button } from "./build.js";
import { Faults } from "./faults.js";
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

/**
 * A field in which one of several choices is picked. A radio button can't be unticked, so there is a button that takes
 * the choice back: where a wrong one costs points, none may be the better answer.
 * @param {any} context
 * @param {string} kind
 * @param {{value: string, node: Node | string}[]} choices
 * @param {{toAnswer: (value: string) => object, valueOf: (answer: any) => string}} as
 */
export function pickOne(context, kind, choices, { toAnswer, valueOf }) {
  const list = choiceList(context, "radio", choices, edited);
  const clear = button(context.t("kinds.common.clear_choice"), takeBack, { class: "button kind-quiet" });
  const faults = new Faults(context);
  const place = faults.place("fault", [list.list]);
  let readOnly = false;
  list.list.setAttribute("role", "radiogroup");
  list.list.setAttribute("aria-labelledby", context.stemId);

  function edited() {
    faults.show([]);
    settle();
    context.changed();
  }

  function takeBack() {
    list.tick([]);
    list.marks.clear();
    list.inputs[0].focus();
    edited();
  }

  function settle() {
    clear.hidden = readOnly || !list.ticked().length;
  }

  settle();
  return {
    element: el("div", { class: `kind kind-${kind}` }, list.list, clear, place.node, faults.whole.node),
    group: false,
    read() {
      const [value] = list.ticked();
      return value === undefined ? null : { type: kind, ...toAnswer(value) };
    },
    write(answer) {
      list.tick(answer ? [valueOf(answer)] : []);
      settle();
    },
    showErrors: (errors) => faults.show(errors, () => place),
    setReadOnly(value) {
      readOnly = value;
      list.setReadOnly(value);
      settle();
    },
    showParts: (parts) => list.marks.show(parts),
    focus: list.focus,
  };
}
