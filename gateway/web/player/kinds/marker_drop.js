import { el } from "../dom.js";
import { authored } from "./shared/build.js";
import { choiceList } from "./shared/choices.js";
import { briefly, spoken } from "./shared/spoken.js";
import { spotField } from "./shared/spots.js";

/** Markers are dropped on a picture: one is picked from the list, then its place is pointed at. */
export function marker_drop(item, context) {
  const { image, markers } = item.content;
  const t = (key, params) => context.t(`kinds.marker_drop.${key}`, params);
  const lefts = new Map(markers.map(({ id }) => [id, el("span", { class: "kind-count" })]));
  const bodies = new Map(markers.map(({ id, text }) => [id, el("span", {}, authored(context, text))]));
  const names = new Map(markers.map(({ id }) => [id, briefly(spoken(bodies.get(id)))]));
  const counts = new Map(markers.map(({ id, count = 1 }) => [id, count]));
  const picker = choiceList(context, "radio",
    markers.map(({ id }) => ({ value: id, node: el("span", {}, bodies.get(id), " ", lefts.get(id)) })), () => {});
  picker.tick([markers[0].id]);
  picker.list.setAttribute("role", "radiogroup");
  picker.list.setAttribute("aria-label", t("markers"));
  picker.list.classList.add("kind-markers");

  const dropped = (drops, marker) => drops.filter((drop) => drop.marker === marker).length;
  const asked = {
    kind: "marker_drop",
    list: "drops",
    image,
    label: t("stage"),
    addLabel: t("add"),
    own: {
      too_many: { key: "kinds.marker_drop.too_often" },
      duplicate_id: { key: "kinds.marker_drop.too_often" },
    },
  };
  const field = spotField(context, asked, {
    admit(drops, x, y) {
      const [marker] = picker.ticked();
      if (dropped(drops, marker) < counts.get(marker)) return { add: { marker, x, y } };
      if (counts.get(marker) === 1) return { move: drops.findIndex((drop) => drop.marker === marker) };
      return { refused: t("used_up", { name: names.get(marker), count: counts.get(marker) }) };
    },
    nameOf: ({ marker }) => names.get(marker),
    shortOf: ({ marker }) => names.get(marker),
    known: ({ marker, x, y }) => names.has(marker) && Number.isFinite(x) && Number.isFinite(y),
    settled(drops, readOnly) {
      for (const [id, left] of lefts) left.textContent = t("left", { count: counts.get(id) - dropped(drops, id) });
      picker.list.hidden = readOnly;
    },
  });
  return {
    element: el("div", { class: "kind kind-marker_drop" }, picker.list, field.node),
    group: true,
    read: field.read,
    write: field.write,
    showErrors: field.showErrors,
    setReadOnly: field.setReadOnly,
    showParts: field.showParts,
    focus: () => picker.focus(),
  };
}
