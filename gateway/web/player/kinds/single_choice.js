import { el } from "../dom.js";
import { authored } from "./shared/build.js";
import { oneOf } from "./shared/choices.js";
import { Faults } from "./shared/faults.js";

/** One of several choices is picked. */
export function single_choice(item, context) {
  const faults = new Faults(context);
  const choices = item.content.choices.map((choice) => ({
    value: choice.id,
    node: authored(context, choice.text),
  }));
  const list = oneOf(context, choices, () => {
    faults.show([]);
    context.changed();
  });
  faults.whole.controls = [list.list];
  return {
    element: el("div", { class: "kind kind-single_choice" }, [list.list, list.clear, faults.whole.node]),
    group: false,
    read() {
      const [choice] = list.ticked();
      return choice === undefined ? null : { type: "single_choice", choice };
    },
    write: (answer) => list.tick(answer ? [answer.choice] : []),
    showErrors: (errors) => faults.show(errors),
    setReadOnly: list.setReadOnly,
    showParts: (parts) => list.marks.show(parts),
    focus: list.focus,
  };
}
