import { el } from "../dom.js";
import { herald, iconButton } from "./shared/build.js";
import { Faults } from "./shared/faults.js";
import { Marks } from "./shared/marks.js";
import { briefly } from "./shared/spoken.js";
import { grip, moveButtons, settleMoves, shift } from "./shared/sorting.js";

const INDENT_MAX = 20;

/** Blocks are taken into the answer, put in order and, where asked for, indented; some may belong nowhere. */
export function parsons(item, context) {
  const { blocks, indent: indents = false } = item.content;
  const t = (key, params) => context.t(`kinds.parsons.${key}`, params);
  const faults = new Faults(context);
  const marks = new Marks(context);
  const said = herald();
  const store = el("ul", { class: "kind-list kind-order kind-store", "aria-labelledby": context.uid("store") });
  const taken = el("ol", { class: "kind-list kind-order kind-taken", "aria-labelledby": context.uid("taken") });
  const empty = el("p", { class: "hint" }, t("empty"));
  const rows = new Map(blocks.map((block) => [block.id, rowOf(block)]));
  let readOnly = false;

  function rowOf({ id, text }) {
    const body = el("span", { class: "kind-text kind-block", dir: "auto" }, text);
    const row = el("li", { class: "kind-row" });
    const name = briefly(text);
    const moves = moveButtons(context, name, (by) => move(id, by));
    const label = (key) => t(key, { name });
    const add = iconButton("add", label("add"), () => take(id));
    const remove = iconButton("remove", label("remove"), () => putBack(id));
    const less = indents && iconButton("outdent", label("outdent"), () => indentBy(id, -1));
    const more = indents && iconButton("indent", label("indent"), () => indentBy(id, 1));
    const depth = indents && el("span", { class: "kind-depth" });
    const own = el("span", { class: "kind-moves" }, moves.up, moves.down, less, more, remove);
    const handle = grip(row, { allowed: () => !readOnly && row.parentElement === taken, moved: () => moved(id) });
    row.append(handle, body, ...(depth ? [depth] : []), marks.of(id), own, add);
    return { id, row, body, name, own, add, less, more, depth, handle, indent: 0, up: moves.up, down: moves.down };
  }

  function standing() {
    const byRow = new Map([...rows.values()].map((each) => [each.row, each]));
    return [...taken.children].map((row) => byRow.get(row));
  }

  function take(id) {
    const each = rows.get(id);
    taken.append(each.row);
    edited(t("added", { name: each.name, place: taken.children.length }));
    each.up.focus();
  }

  function putBack(id) {
    const each = rows.get(id);
    each.indent = 0;
    const later = blocks.slice(blocks.findIndex((block) => block.id === id) + 1);
    const next = later.map((block) => rows.get(block.id).row).find((row) => row.parentElement === store);
    store.insertBefore(each.row, next ?? null);
    edited(t("removed", { name: each.name }));
    each.add.focus();
  }

  function move(id, by) {
    if (!readOnly && shift(rows.get(id).row, by)) moved(id);
  }

  function moved(id) {
    const order = standing();
    const place = order.findIndex((each) => each.id === id) + 1;
    edited(context.t("kinds.common.moved", { name: rows.get(id).name, place, total: order.length }));
  }

  function indentBy(id, by) {
    const each = rows.get(id);
    const indent = Math.min(INDENT_MAX, Math.max(0, each.indent + by));
    if (indent === each.indent) return;
    each.indent = indent;
    edited(t("indented", { name: each.name, indent }));
  }

  function edited(text) {
    said.say(text);
    marks.clear();
    faults.show([]);
    settle();
    context.changed();
  }

  function settle() {
    const order = standing();
    settleMoves(order);
    empty.hidden = order.length > 0;
    taken.hidden = !order.length;
    for (const each of rows.values()) {
      const isTaken = each.row.parentElement === taken;
      each.add.hidden = isTaken || readOnly;
      each.own.hidden = !isTaken || readOnly;
      each.handle.hidden = !isTaken || readOnly;
      each.body.style.setProperty("--indent", isTaken ? each.indent : 0);
      if (!indents) continue;
      each.depth.hidden = !isTaken || !each.indent;
      each.depth.textContent = t("depth", { indent: each.indent });
      each.less.setAttribute("aria-disabled", String(each.indent === 0));
      each.more.setAttribute("aria-disabled", String(each.indent === INDENT_MAX));
    }
  }

  function write(answer) {
    const placed = new Map((answer?.blocks ?? []).map((block) => [block.id, block.indent ?? 0]));
    for (const each of rows.values()) each.indent = placed.get(each.id) ?? 0;
    taken.replaceChildren(...[...placed.keys()].filter((id) => rows.has(id)).map((id) => rows.get(id).row));
    store.replaceChildren(...blocks.filter((block) => !placed.has(block.id)).map((block) => rows.get(block.id).row));
    settle();
  }

  write(null);
  return {
    element: el("div", { class: "kind kind-parsons" },
      el("p", { class: "kind-title", id: context.uid("store") }, t("blocks")), store,
      el("p", { class: "kind-title", id: context.uid("taken") }, t("answer")), empty, taken,
      said.node, faults.whole.node),
    group: true,
    read() {
      const placed = standing().map(({ id, indent }) => (indents ? { id, indent } : { id }));
      return placed.length ? { type: "parsons", blocks: placed } : null;
    },
    write,
    showErrors: (errors) => faults.show(errors),
    setReadOnly(value) {
      readOnly = value;
      settle();
    },
    showParts: (parts) => marks.show(parts),
    focus: () => [...store.children, ...taken.children][0].querySelector("button:not([hidden])").focus(),
  };
}
