import { el, setText } from "../dom.js";
import { authored } from "./shared/build.js";
import { choiceList } from "./shared/choices.js";
import { Faults } from "./shared/faults.js";
import { hint } from "./shared/texts.js";

/** Some of several choices are ticked. */
export function multiple_choice(item, context) {
  const { choices, min_choices: least = 1, max_choices: most = null } = item.content;
  const t = (key, params) => context.t(`kinds.multiple_choice.${key}`, params);
  const bounded = most !== null || least > 1;
  const wanted = hint(context, "wanted", wantedText());
  const counted = el("p", { class: "kind-count", role: "status", hidden: !bounded });
  const list = choiceList(
    context,
    "checkbox",
    choices.map(({ id, text }) => ({ value: id, node: authored(context, text) })),
    () => {
      faults.show([]);
      count();
      context.changed();
    },
  );
  list.list.setAttribute("role", "group");
  list.list.setAttribute("aria-labelledby", context.stemId);
  const faults = new Faults(context, {
    too_few: { key: "kinds.multiple_choice.at_least", count: least },
    too_many: { key: "kinds.multiple_choice.at_most", count: most ?? choices.length },
  });
  const place = faults.place("fault", list.inputs, [wanted], list.list);

  function wantedText() {
    if (most !== null && most === least) return t("exactly", { count: most });
    if (most !== null && least > 1) return t("between", { least, count: most });
    if (most !== null) return t("at_most", { count: most });
    return least > 1 ? t("at_least", { count: least }) : t("all_that_apply");
  }

  function count() {
    if (bounded) setText(counted, t("chosen", { count: list.ticked().length }));
  }

  count();
  return {
    element: el("div", { class: "kind kind-multiple_choice" },
      wanted, list.list, counted, place.node, faults.whole.node),
    group: false,
    read() {
      const ticked = list.ticked();
      return ticked.length ? { type: "multiple_choice", choices: ticked } : null;
    },
    write(answer) {
      list.tick(answer?.choices ?? []);
      count();
    },
    showErrors: (errors) => faults.show(errors, () => place),
    setReadOnly: list.setReadOnly,
    showParts: (parts) => list.marks.show(parts),
    focus: list.focus,
  };
}
