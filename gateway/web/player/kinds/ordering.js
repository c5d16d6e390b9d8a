import { el } from "../dom.js";
import { authored, button, herald } from "./shared/build.js";
import { Faults } from "./shared/faults.js";
import { Marks } from "./shared/marks.js";
import { briefly, spoken } from "./shared/spoken.js";
import { grip, moveButtons, settleMoves, shift } from "./shared/sorting.js";

/**
 * Items are put in order. The order in which they come is no answer until the learner has moved one, or has said that
 * it shall stay.
 */
export function ordering(item, context) {
  const { items } = item.content;
  const t = (key, params) => context.t(`kinds.ordering.${key}`, params);
  const faults = new Faults(context);
  const marks = new Marks(context);
  const said = herald();
  const list = el("ol", { class: "kind-list kind-order" });
  const rows = new Map(items.map((each) => [each.id, rowOf(each)]));
  const untouched = el("div", { class: "kind-untouched" },
    el("p", { class: "hint" }, t("untouched")), button(t("keep"), keep));
  let given = false;
  let readOnly = false;

  function rowOf({ id, text }) {
    const body = el("span", { class: "kind-text" }, authored(context, text));
    const row = el("li", { class: "kind-row" });
    const name = briefly(spoken(body));
    const moves = moveButtons(context, name, (by) => move(id, by));
    const handle = grip(row, { allowed: () => !readOnly, moved: () => edited(name, id) });
    const buttons = el("span", { class: "kind-moves" }, moves.up, moves.down);
    row.append(handle, body, marks.of(id), buttons);
    return { id, row, name, buttons, ...moves };
  }

  const standing = () => {
    const byRow = new Map([...rows.values()].map((each) => [each.row, each]));
    return [...list.children].map((row) => byRow.get(row));
  };

  function move(id, by) {
    const { row, name } = rows.get(id);
    if (!readOnly && shift(row, by)) edited(name, id);
  }

  function edited(name, id) {
    const place = standing().findIndex((each) => each.id === id) + 1;
    said.say(context.t("kinds.common.moved", { name, place, total: items.length }));
    answered();
  }

  function keep() {
    said.say(t("kept"));
    answered();
    list.querySelector("button").focus();
  }

  function answered() {
    given = true;
    marks.clear();
    faults.show([]);
    settle();
    context.changed();
  }

  function settle() {
    settleMoves(standing());
    untouched.hidden = given || readOnly;
    list.classList.toggle("kind-unset", !given);
    list.classList.toggle("kind-still", readOnly);
  }

  function arrange(order) {
    list.replaceChildren(...order.map((id) => rows.get(id).row));
    settle();
  }

  arrange(items.map((each) => each.id));
  return {
    element: el("div", { class: "kind kind-ordering" }, untouched, list, said.node, faults.whole.node),
    group: true,
    read: () => (given ? { type: "ordering", order: standing().map((each) => each.id) } : null),
    write(answer) {
      const known = (answer?.order ?? []).filter((id, at, all) => rows.has(id) && all.indexOf(id) === at);
      given = known.length > 0;
      arrange([...known, ...items.map((each) => each.id).filter((id) => !known.includes(id))]);
    },
    showErrors: (errors) => faults.show(errors),
    setReadOnly(value) {
      readOnly = value;
      for (const { buttons } of rows.values()) buttons.hidden = value;
      settle();
    },
    showParts: (parts) => marks.show(parts),
    focus: () => list.querySelector("button").focus(),
  };
}
