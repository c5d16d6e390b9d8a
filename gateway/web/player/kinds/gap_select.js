import { el } from "../dom.js";
import { authored, herald } from "./shared/build.js";
import { Faults, MISSING, indexIn } from "./shared/faults.js";
import { gapField, stemWithGaps } from "./shared/gaps.js";
import { Marks } from "./shared/marks.js";
import { optionsFor, plainChoices, sharing } from "./shared/options.js";

/** Gaps in a sentence are filled from lists: each gap's own, or one bank of words for all. */
export function gap_select(item, context) {
  const { stem, gaps, bank = [], reuse = false } = item.content;
  const t = (key, params) => context.t(`kinds.gap_select.${key}`, params);
  const faults = new Faults(context, MISSING);
  const marks = new Marks(context);
  const said = herald();
  const shared = bank.length ? plainChoices(context, bank, t("bank")) : null;
  const lists = gaps.map((gap, at) => shared ?? plainChoices(context, gap.options, t("options", { number: at + 1 })));
  const slots = gaps.map((gap, at) => ({ id: gap.id, select: selectFor(gap, at) }));
  const places = new Map(gaps.map((gap, at) => [gap.id, faults.place(`gap-${at}-fault`, [slots[at].select])]));
  const picked = sharing(slots, reuse || !shared, (id, choice) => {
    marks.clear(id);
    said.say(t("moved", { choice: shared.plain.get(choice), number: gaps.findIndex((gap) => gap.id === id) + 1 }));
  });

  function selectFor(gap, at) {
    return el("select", {
      id: context.uid(`gap-${at}`),
      class: "kind-input",
      "aria-label": context.t("kinds.common.gap", { number: at + 1, total: gaps.length }),
      on: { change: () => edited(gap.id) },
    }, optionsFor(context, lists[at].choices));
  }

  function edited(id) {
    said.say("");
    places.get(id).clear();
    marks.clear(id);
    picked(id);
    context.changed();
  }

  function legend() {
    if (!shared) return lists.map((list) => list.legend);
    return shared.legend ?? el("div", { class: "kind-legend kind-bank" }, el("p", {}, t("bank")),
      el("ul", { class: "kind-list" }, bank.map((word) => el("li", {}, authored(context, word.text)))));
  }

  const given = () => slots.filter(({ select }) => select.value);
  const fields = gaps.map((gap, at) => gapField(slots[at].select, marks.of(gap.id), places.get(gap.id)));

  function placesOf(error) {
    const at = indexIn(error.param, "gaps");
    if (at !== null) return places.get(given()[at]?.id);
    return error.allowed?.map((id) => places.get(id)).filter(Boolean);
  }

  return {
    element: el("div", { class: "kind kind-gap_select" },
      legend(), stemWithGaps(context, stem, fields), said.node, faults.whole.node),
    ownsStem: true,
    group: true,
    read() {
      const filled = given().map(({ id, select }) => ({ gap: id, option: select.value }));
      return filled.length ? { type: "gap_select", gaps: filled } : null;
    },
    write(answer) {
      const chosen = new Map((answer?.gaps ?? []).map(({ gap, option }) => [gap, option]));
      for (const { id, select } of slots) {
        select.value = chosen.get(id) ?? "";
        if (select.selectedIndex === -1) select.value = "";
      }
    },
    showErrors: (errors) => faults.show(errors, placesOf),
    setReadOnly(readOnly) {
      for (const { select } of slots) select.disabled = readOnly;
    },
    showParts: (parts) => marks.show(parts),
    focus: () => slots[0].select.focus(),
  };
}
