/** Dragging with a mouse, a pen or a finger: an extra, for whoever likes it. Nothing needs it. */

/**
 * @param {HTMLElement} handle
 * @param {Object} does
 * @param {() => boolean} does.allowed
 * @param {(event: PointerEvent) => void} does.move
 * @param {(event: PointerEvent, isMeant: boolean) => void} does.drop not meant: the drag was broken off
 */
export function draggable(handle, { allowed, move, drop }) {
  handle.addEventListener("pointerdown", (event) => {
    if (!allowed() || event.button !== 0) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const drag = new AbortController();
    const { signal } = drag;
    const end = (last) => {
      drag.abort();
      drop(last, last.type === "pointerup");
    };
    handle.addEventListener("pointermove", move, { signal });
    handle.addEventListener("pointerup", end, { signal });
    handle.addEventListener("pointercancel", end, { signal });
  });
}
