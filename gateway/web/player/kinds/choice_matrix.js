import { el } from "../dom.js";
import { authored, button } from "./shared/build.js";
import { Faults, MISSING, indexIn } from "./shared/faults.js";
import { Marks } from "./shared/marks.js";

/** In each row of a table one column is ticked, or, where the row takes them, several. Narrow pages stack the rows. */
export function choice_matrix(item, context) {
  const { rows, columns } = item.content;
  const t = (key, params) => context.t(`kinds.choice_matrix.${key}`, params);
  const faults = new Faults(context, MISSING);
  const marks = new Marks(context);
  const inputs = new Map();
  const places = new Map();
  let readOnly = false;

  const heads = columns.map((column, at) =>
    el("th", { scope: "col", role: "columnheader", id: context.uid(`column-${at}`) },
      authored(context, column.text)),
  );
  const table = el("table", { class: "kind-table", role: "table" },
    el("thead", { role: "rowgroup" },
      el("tr", { role: "row" }, el("td", { role: "cell" }), heads)),
    el("tbody", { role: "rowgroup" }, rows.map(rowOf)),
  );
  const frame = el("div", { class: columns.length > 5 ? "kind-frame kind-frame-many" : "kind-frame" }, table);
  const clear = button(t("clear"), clearAll, { class: "button kind-quiet", hidden: true });

  function rowOf(row, at) {
    const head = el("span", { class: "kind-text", id: context.uid(`row-${at}`) }, authored(context, row.text));
    const several = row.multiple && el("span", { class: "hint" }, t("several"));
    const ticks = columns.map((column, place) =>
      el("input", {
        type: row.multiple ? "checkbox" : "radio",
        name: context.uid(`row-${at}-choice`),
        value: column.id,
        "aria-labelledby": `${head.id} ${heads[place].id}`,
        on: { change: () => edited(row.id) },
      }),
    );
    const place = faults.place(`row-${at}-fault`, ticks);
    inputs.set(row.id, ticks);
    places.set(row.id, place);
    const cells = columns.map((column, index) =>
      el("td", { role: "cell" },
        el("label", { class: "kind-cell" }, ticks[index],
          el("span", { class: "kind-stacked", "aria-hidden": "true" }, authored(context, column.text)))),
    );
    return el("tr", { role: "row" },
      el("th", { scope: "row", role: "rowheader" }, head, " ", several, " ", marks.of(row.id), place.node), cells);
  }

  const ticked = (row) => inputs.get(row).filter((input) => input.checked).map((input) => input.value);
  const answered = () => rows.filter((row) => ticked(row.id).length);

  function settle() {
    clear.hidden = readOnly || !answered().some((row) => !row.multiple);
  }

  function edited(row) {
    marks.clear(row);
    places.get(row).clear();
    settle();
    context.changed();
  }

  function clearAll() {
    for (const ticks of inputs.values()) for (const input of ticks) input.checked = false;
    marks.clear();
    settle();
    inputs.get(rows[0].id)[0].focus();
    context.changed();
  }

  function placesOf(error) {
    const at = indexIn(error.param, "rows");
    if (at !== null) return places.get(answered()[at]?.id);
    return error.param === "rows" ? error.allowed?.map((row) => places.get(row)).filter(Boolean) : null;
  }

  return {
    element: el("div", { class: "kind kind-choice_matrix" }, frame, clear, faults.whole.node),
    group: true,
    read() {
      const given = answered().map((row) => ({ row: row.id, choices: ticked(row.id) }));
      return given.length ? { type: "choice_matrix", rows: given } : null;
    },
    write(answer) {
      const given = new Map((answer?.rows ?? []).map((each) => [each.row, each.choices]));
      for (const [row, ticks] of inputs) {
        for (const input of ticks) input.checked = given.get(row)?.includes(input.value) ?? false;
      }
      settle();
    },
    showErrors: (errors) => faults.show(errors, placesOf),
    setReadOnly(value) {
      readOnly = value;
      for (const ticks of inputs.values()) for (const input of ticks) input.disabled = value;
      settle();
    },
    showParts: (parts) => marks.show(parts),
    focus: () => inputs.get(rows[0].id)[0].focus(),
  };
}
