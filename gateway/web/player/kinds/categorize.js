import { slotRows } from "./shared/slots.js";

/** Items are put into categories; what belongs into none is left. */
export function categorize(item, context) {
  const { items, categories } = item.content;
  const names = { kind: "categorize", list: "placements", row: "item", choice: "category" };
  const title = context.t("kinds.categorize.categories");
  return slotRows(context, names, { rows: items, choices: categories, reuse: true, title });
}
