/** A picture on which places are pointed at: by mouse, by finger, or by arrow keys and Enter. */

import { el } from "../../dom.js";
import { draggable } from "./dragging.js";
import { patientHerald } from "./texts.js";

/** Decimals that a coordinate needs: small pictures are finer than their pixels. */
function decimalsFor({ width, height }) {
  const size = Math.max(width, height);
  return size >= 200 ? 0 : size >= 20 ? 1 : 2;
}

/**
 * @typedef {{width: number, height: number, source?: string | null, description?: string}} Image
 * @param {any} context
 * @param {Image} image
 * @param {Object} does
 * @param {string} does.label
 * @param {(x: number, y: number) => void} does.set
 * @param {(place: number, x: number, y: number) => void} does.moved
 */
export function picture(context, image, { label, set, moved }) {
  const { width, height, source = null, description = "" } = image;
  const decimals = decimalsFor(image);
  const within = (value, most) => Number(Math.min(most, Math.max(0, value)).toFixed(decimals));
  const cursor = { x: within(width / 2, width), y: within(height / 2, height) };
  const cross = el("span", { class: "kind-cross" });
  const how = el("p", { class: "hint", id: context.uid("how") }, context.t("kinds.picture.how"));
  const told = el("p", { id: context.uid("description"), hidden: true }, description);
  const surface = source
    ? el("img", { src: source, alt: "", draggable: "false" })
    : el("span", { class: "kind-blank" });
  const stage = el("button", {
    type: "button",
    class: "kind-stage",
    "aria-label": label,
    "aria-describedby": description ? `${how.id} ${told.id}` : how.id,
    on: { click: clicked, keydown: steered },
  }, surface, cross);
  const layer = el("div", { class: "kind-points" });
  const frame = el("div", { class: "kind-picture", dir: "ltr" }, stage, layer);
  const said = patientHerald(500);
  let readOnly = false;

  frame.style.aspectRatio = `${width} / ${height}`;
  // no wider than it is, unless it is tiny, and all of it to be seen at once
  frame.style.maxWidth = `min(100%, max(${width}px, 20rem), ${(width / height) * 80}vh)`;

  function placeOf(event) {
    const box = frame.getBoundingClientRect();
    return [
      within(((event.clientX - box.left) / box.width) * width, width),
      within(((event.clientY - box.top) / box.height) * height, height),
    ];
  }

  function clicked(event) {
    if (readOnly) return;
    const [x, y] = event.detail ? placeOf(event) : [cursor.x, cursor.y];
    steerTo(x, y);
    set(x, y);
  }

  function steered(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const finest = 10 ** -decimals;
    const stride = event.shiftKey ? finest : Math.max(finest, Math.max(width, height) / 50);
    steerTo(within(cursor.x + step[0] * stride, width), within(cursor.y + step[1] * stride, height));
    said.say(context.t("kinds.picture.cursor", { x: cursor.x, y: cursor.y }));
  }

  function steerTo(x, y) {
    Object.assign(cursor, { x, y });
    stand(cross, x, y);
  }

  function stand(node, x, y) {
    const [across, down] = [within(x, width) / width, within(y, height) / height];
    node.style.left = `${across * 100}%`;
    node.style.top = `${down * 100}%`;
    node.style.setProperty("--across", across); // its label keeps within the picture
  }

  steerTo(cursor.x, cursor.y);
  return {
    node: el("div", { class: "kind-located" }, how, frame,
      description && el("details", { class: "hint" },
        el("summary", {}, context.t("kinds.picture.description")), el("p", {}, description)),
      told, said.node),
    stage,
    cursor,
    step: 10 ** -decimals,
    /** Draw the points, each with a short label and, where it was judged, a state. */
    draw(points) {
      layer.replaceChildren(...points.map(({ x, y, label: text, state }, place) => {
        const point = el("span", { class: "kind-point", "aria-hidden": "true", data: state ? { state } : {} },
          el("span", {}, text));
        stand(point, x, y);
        draggable(point, {
          allowed: () => !readOnly,
          move: (event) => stand(point, ...placeOf(event)),
          drop: (event, isMeant) => (isMeant ? moved(place, ...placeOf(event)) : stand(point, x, y)),
        });
        return point;
      }));
    },
    setReadOnly(value) {
      readOnly = value;
      stage.disabled = value;
      how.hidden = value;
    },
  };
}
