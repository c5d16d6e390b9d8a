import { el } from "../dom.js";
import { spotField } from "./shared/spots.js";
import { hint } from "./shared/texts.js";

/** One point or several are set on a picture. */
export function hotspot(item, context) {
  const { image, max_points: most = 1 } = item.content;
  const t = (key, params) => context.t(`kinds.hotspot.${key}`, params);
  const full = t("full", { count: most });
  const asked = {
    kind: "hotspot",
    list: "points",
    image,
    label: t("stage"),
    addLabel: t("add"),
    own: { too_many: { key: "kinds.hotspot.full", count: most } },
  };
  const field = spotField(context, asked, {
    admit(points, x, y) {
      if (points.length < most) return { add: { x, y } };
      return most === 1 ? { move: 0 } : { refused: full };
    },
    nameOf: (_, at) => t("point", { number: at + 1 }),
    shortOf: (_, at) => String(at + 1),
    known: ({ x, y }) => Number.isFinite(x) && Number.isFinite(y),
  });
  return {
    element: el("div", { class: "kind kind-hotspot" },
      hint(context, "wanted", t("wanted", { count: most })), field.node),
    group: true,
    read: field.read,
    write: field.write,
    showErrors: field.showErrors,
    setReadOnly: field.setReadOnly,
    showParts: field.showParts,
    focus: () => field.stage.focus(),
  };
}
