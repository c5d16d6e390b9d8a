/** How numbers are written in an item, told before it goes wrong and after. The rules are the item's own. */

const MARK_NAMES = { ".": "point", ",": "comma", "'": "apostrophe", " ": "space" };

/** Digits and signs that keep their order in a text that runs from right to left. */
export function leftToRight(text) {
  return `\u2066${text}\u2069`;
}

/** What a learner should know before typing a number; one text. */
export function numberHint(context, grammar, { min = null, max = null, step = null } = {}) {
  const t = (key, params) => context.t(`kinds.numbers.${key}`, params);
  const { decimal_mark: mark = ".", group_mark: group = null } = grammar;
  const said = [t(`decimal_${MARK_NAMES[mark]}`, { sample: leftToRight(`3${mark}14`) })];
  if (group) said.push(t("groups", { sample: leftToRight(`12${group}500`) }));
  if (grammar.allow_fraction) said.push(t("fraction", { sample: leftToRight("1/3") }));
  if (grammar.allow_mixed) said.push(t("mixed", { sample: leftToRight("1 1/2") }));
  if (grammar.allow_percent) said.push(t("percent", { sample: leftToRight("4%") }));
  const range = rangeText(context, min, max);
  if (range) said.push(range);
  if (step !== null) said.push(t("step", { step: leftToRight(step) }));
  return said.join(" ");
}

/** Which numbers are taken, "" if all are. */
export function rangeText(context, min, max) {
  const t = (key, params) => context.t(`kinds.numbers.${key}`, params);
  if (min !== null && max !== null) return t("between", { min: leftToRight(min), max: leftToRight(max) });
  if (min !== null) return t("from", { min: leftToRight(min) });
  return max !== null ? t("to", { max: leftToRight(max) }) : "";
}

/** What the errors of a number name, for `Faults`. */
export function numberFaults(grammar, { min = null, max = null, step = null } = {}) {
  const mark = grammar.decimal_mark ?? ".";
  const group = grammar.group_mark ?? null;
  const sample = leftToRight(`3${mark}14`);
  const range = min !== null && max !== null ? "between" : min !== null ? "from" : "to";
  return {
    not_a_number: { key: "kinds.numbers.not_a_number", sample },
    separator_not_allowed: { key: "kinds.numbers.separator_not_allowed", sample },
    ambiguous_number: group
      ? { key: "kinds.numbers.ambiguous_groups", sample: leftToRight(`12${group}500`) }
      : { key: "kinds.numbers.ambiguous_number" },
    out_of_range: { key: `kinds.numbers.${range}`, min: leftToRight(min ?? ""), max: leftToRight(max ?? "") },
    not_on_step: { key: "kinds.numbers.step", step: leftToRight(step ?? "") },
  };
}

/** The keyboard that can write all of the numbers that are taken: one for digits lacks signs, slashes and spaces. */
export function keyboardFor(grammar, min = null) {
  const plain = !(grammar.allow_fraction || grammar.allow_mixed || grammar.allow_percent || grammar.group_mark);
  return plain && min !== null && /^\+?[\d.,]/.test(min) ? "decimal" : "text";
}
