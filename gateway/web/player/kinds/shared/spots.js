/** Points on a picture, each of which also stands in a list with fields for where it lies. */

import { el } from "../../dom.js";
import { button, herald, iconButton } from "./build.js";
import { Faults, indexIn } from "./faults.js";
import { mark } from "./marks.js";
import { picture } from "./picture.js";

/**
 * @typedef {{x: number, y: number, marker?: string}} Spot
 * @param {any} context
 * @param {{kind: string, list: string, image: any, label: string, addLabel: string, own: any}} asked
 * @param {{admit: (spots: Spot[], x: number, y: number) => {add?: Spot, move?: number, refused?: string},
 *   nameOf: (spot: Spot, place: number) => string, shortOf: (spot: Spot, place: number) => string,
 *   known: (entry: any) => boolean, settled?: (spots: Spot[], readOnly: boolean) => void}} rules
 */
export function spotField(context, asked, rules) {
  const t = (key, params) => context.t(`kinds.picture.${key}`, params);
  const said = herald();
  const faults = new Faults(context, asked.own);
  const list = el("ol", { class: "kind-list kind-spots" });
  const add = button(asked.addLabel, addByKey, {}, "add");
  const drawn = picture(context, asked.image, { label: asked.label, set, moved });
  /** @type {Spot[]} */
  let spots = [];
  let states = new Map();
  let places = [];
  let marks = [];
  let readOnly = false;

  function set(x, y) {
    const { add: spot, move, refused } = rules.admit(spots, x, y);
    if (refused) {
      said.say(refused);
      faults.show([]);
      faults.whole.say(refused);
      return -1;
    }
    if (spot) spots.push(spot);
    const at = spot ? spots.length - 1 : move;
    moved(at, x, y);
    return at;
  }

  function addByKey() {
    const at = set(drawn.cursor.x, drawn.cursor.y);
    if (at >= 0) list.children[at].querySelector("input").focus();
  }

  function moved(at, x, y) {
    Object.assign(spots[at], { x, y });
    edited(t("set", { name: rules.nameOf(spots[at], at), x, y }));
  }

  function remove(at) {
    const name = rules.nameOf(spots[at], at);
    spots.splice(at, 1);
    edited(t("removed", { name }));
    (list.children[Math.min(at, spots.length - 1)]?.querySelector("button") ?? drawn.stage).focus();
  }

  function edited(text) {
    said.say(text);
    judgedNoMore();
    show();
    context.changed();
  }

  function judgedNoMore() {
    faults.show([]);
    judge([]);
  }

  /** Mark the rows as they are: what is typed into keeps its focus. */
  function judge(parts) {
    states = new Map(parts.map(({ id, state }) => [id, state]));
    marks.forEach((each, at) => each.set(stateOf(at)));
    draw();
  }

  const stateOf = (at) => states.get(`${asked.list}[${at}]`) ?? null;

  function rowOf(spot, at) {
    const name = rules.nameOf(spot, at);
    const fields = ["x", "y"].map((axis) => coordinate(spot, at, axis, name));
    const judged = mark(context);
    judged.set(stateOf(at));
    marks.push(judged);
    const [x, y] = fields.map(({ input }, axis) => faults.place(`spot-${at}-${"xy"[axis]}-fault`, [input]));
    places.push({ x, y });
    return el("li", { class: "kind-row" },
      el("span", { class: "kind-text" }, name),
      el("span", { class: "kind-coordinates", dir: "ltr" }, fields.map(({ node }) => node)),
      judged.node,
      readOnly ? null : iconButton("remove", t("remove", { name }), () => remove(at)),
      x.node, y.node);
  }

  function coordinate(spot, at, axis, name) {
    const most = axis === "x" ? asked.image.width : asked.image.height;
    const input = el("input", {
      type: "number", class: "kind-input", min: 0, max: most, step: drawn.step, value: spot[axis], readonly: readOnly,
      "aria-label": t(axis, { name, limit: most }),
    });
    input.addEventListener("input", () => {
      if (!Number.isFinite(input.valueAsNumber)) return;
      spot[axis] = input.valueAsNumber;
      judgedNoMore();
      context.changed();
    });
    input.addEventListener("change", () => {
      input.value = String(spot[axis]);
    });
    return { input, node: el("span", {}, el("span", { "aria-hidden": "true" }, axis), input) };
  }

  function show() {
    faults.drop(places.flatMap(({ x, y }) => [x, y]));
    places = [];
    marks = [];
    list.replaceChildren(...spots.map(rowOf));
    list.hidden = !spots.length;
    add.hidden = readOnly;
    draw();
    rules.settled?.(spots, readOnly);
  }

  function draw() {
    drawn.draw(spots.map((spot, at) => ({
      ...spot, label: rules.shortOf(spot, at), state: stateOf(at),
    })));
  }

  function placesOf({ param }) {
    const row = places[indexIn(param, asked.list) ?? -1];
    return row && (param.endsWith(".y") ? row.y : row.x);
  }

  show();
  return {
    node: el("div", { class: "kind-located" }, drawn.node, add, list, said.node, faults.whole.node),
    read: () => (spots.length ? { type: asked.kind, [asked.list]: spots.map((spot) => ({ ...spot })) } : null),
    write(answer) {
      spots = (answer?.[asked.list] ?? []).filter(rules.known).map((entry) => ({ ...entry }));
      show();
    },
    showErrors: (errors) => faults.show(errors, placesOf),
    setReadOnly(value) {
      readOnly = value;
      drawn.setReadOnly(value);
      show();
    },
    showParts: (parts) => judge(parts ?? []),
    stage: drawn.stage,
  };
}
