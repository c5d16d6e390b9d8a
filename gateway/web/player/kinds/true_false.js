import { el } from "../dom.js";
import { oneOf } from "./shared/choices.js";
import { Faults } from "./shared/faults.js";

/** A statement is judged. */
export function true_false(item, context) {
  const faults = new Faults(context);
  const verdicts = ["true", "false"].map((value) => ({ value, node: context.t(`kinds.true_false.${value}`) }));
  const list = oneOf(context, verdicts, () => {
    faults.show([]);
    context.changed();
  });
  faults.whole.controls = [list.list];
  return {
    element: el("div", { class: "kind kind-true_false" }, [list.list, list.clear, faults.whole.node]),
    group: false,
    read() {
      const [verdict] = list.ticked();
      return verdict === undefined ? null : { type: "true_false", value: verdict === "true" };
    },
    write: (answer) => list.tick(answer ? [String(answer.value)] : []),
    showErrors: (errors) => faults.show(errors),
    setReadOnly: list.setReadOnly,
    showParts: (parts) => list.marks.show(parts),
    focus: list.focus,
  };
}
