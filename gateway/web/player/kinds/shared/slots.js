/** Rows that each get one of the same choices from a drop-down list. */

import { el } from "../../dom.js";
import { authored, herald } from "./build.js";
import { Faults, MISSING, indexIn } from "./faults.js";
import { Marks } from "./marks.js";
import { optionsFor, plainChoices, sharing } from "./options.js";

/**
 * @param {any} context
 * @param {{kind: string, list: string, row: string, choice: string}} names of the answer's fields
 * @param {{rows: Text[], choices: Text[], reuse: boolean, title: string}} asked
 * @typedef {{id: string, text: string}} Text
 */
export function slotRows(context, names, { rows, choices, reuse, title }) {
  const faults = new Faults(context, MISSING);
  const marks = new Marks(context);
  const said = herald();
  const { choices: options, plain, legend } = plainChoices(context, choices, title);
  const places = new Map();
  const notes = new Map();
  const slots = rows.map((row, at) => ({
    id: row.id,
    select: el("select", { id: context.uid(`row-${at}`), class: "kind-input", on: { change: () => edited(row.id) } },
      optionsFor(context, options)),
  }));
  const picked = sharing(slots, reuse, (id, choice) => {
    const text = context.t("kinds.common.moved_away", { choice: plain.get(choice) });
    notes.get(id).textContent = text;
    marks.clear(id);
    said.say(text);
  });

  function rowOf(row, at) {
    const { select } = slots[at];
    const note = el("p", { class: "hint" });
    const place = faults.place(`row-${at}-fault`, [select]);
    places.set(row.id, place);
    notes.set(row.id, note);
    return el("li", { class: "kind-slot" },
      el("label", { class: "kind-text", for: select.id }, authored(context, row.text)),
      el("div", { class: "kind-part" }, select, marks.of(row.id), note, place.node));
  }

  function edited(id) {
    for (const note of notes.values()) note.textContent = "";
    said.say("");
    places.get(id).clear();
    marks.clear(id);
    picked(id);
    context.changed();
  }

  const given = () => slots.filter(({ select }) => select.value);

  function placesOf(error) {
    const at = indexIn(error.param, names.list);
    if (at !== null) return places.get(given()[at]?.id);
    return error.allowed?.map((id) => places.get(id)).filter(Boolean);
  }

  return {
    element: el("div", { class: `kind kind-${names.kind}` },
      legend, el("ul", { class: "kind-list kind-slots" }, rows.map(rowOf)), said.node, faults.whole.node),
    group: true,
    read() {
      const entries = given().map(({ id, select }) => ({ [names.row]: id, [names.choice]: select.value }));
      return entries.length ? { type: names.kind, [names.list]: entries } : null;
    },
    write(answer) {
      const chosen = new Map((answer?.[names.list] ?? []).map((entry) => [entry[names.row], entry[names.choice]]));
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
