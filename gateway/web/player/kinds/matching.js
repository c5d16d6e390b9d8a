import { slotRows } from "./shared/slots.js";

/** Every stem gets a choice. */
export function matching(item, context) {
  const { stems, choices, reuse = false } = item.content;
  const names = { kind: "matching", list: "pairs", row: "stem", choice: "choice" };
  return slotRows(context, names, { rows: stems, choices, reuse, title: context.t("kinds.matching.choices") });
}
