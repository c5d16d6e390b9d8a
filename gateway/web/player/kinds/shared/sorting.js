/** Lists that are put in order: by buttons, which is all that is needed, or by dragging. */

import { el } from "../../dom.js";
import { icon, iconButton } from "./build.js";
import { draggable } from "./dragging.js";

/**
 * Put a row one place up or down without touching the row itself: its neighbour moves, so that focus stays where it is.
 * @param {HTMLElement} row
 * @param {-1 | 1} by
 * @returns {boolean} whether there was a place to go to
 */
export function shift(row, by) {
  const neighbour = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!neighbour) return false;
  if (by < 0) row.after(neighbour);
  else row.before(neighbour);
  return true;
}

/** The two buttons that move a row; `move(by)` does it. At an end they stay, so that focus is not lost. */
export function moveButtons(context, name, move) {
  const up = iconButton("up", context.t("kinds.common.move_up", { name }), () => move(-1));
  const down = iconButton("down", context.t("kinds.common.move_down", { name }), () => move(1));
  return { up, down };
}

/** Tell the buttons of all rows of a list which of them can do nothing now. */
export function settleMoves(rows) {
  rows.forEach(({ up, down }, place) => {
    up.setAttribute("aria-disabled", String(place === 0));
    down.setAttribute("aria-disabled", String(place === rows.length - 1));
  });
}

/**
 * A grip by which a row is dragged to another place of its list.
 * @param {HTMLElement} row
 * @param {{allowed: () => boolean, moved: () => void}} does `moved` is called where a drag has changed the order
 */
export function grip(row, { allowed, moved }) {
  const handle = el("span", { class: "kind-grip", "aria-hidden": "true" }, icon("grip"));
  let changed = false;

  /** Half a row into a neighbour, what is dragged changes places with it. */
  function move({ clientY }) {
    const [before, own, after] = [row.previousElementSibling, row, row.nextElementSibling].map(
      (each) => each?.getBoundingClientRect(),
    );
    const isBefore = before && clientY < before.top + Math.max(before.height, own.height) / 2;
    const isAfter = after && clientY > after.bottom - Math.max(after.height, own.height) / 2;
    row.classList.add("kind-dragged");
    if (isBefore || isAfter) changed = shift(row, isBefore ? -1 : 1) || changed;
  }

  function drop() {
    row.classList.remove("kind-dragged");
    if (changed) moved();
    changed = false;
  }

  draggable(handle, { allowed, move, drop });
  return handle;
}
