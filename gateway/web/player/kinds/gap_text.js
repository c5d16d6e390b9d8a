import { el } from "../dom.js";
import { Faults, MISSING, indexIn } from "./shared/faults.js";
import { gapField, stemWithGaps } from "./shared/gaps.js";
import { Marks } from "./shared/marks.js";
import { keyboardFor, numberFaults, numberHint } from "./shared/numbers.js";
import { followDirection, hint, isBlank, lineInput, typed } from "./shared/texts.js";

/** Gaps in a sentence are typed into; each takes a text or a number. */
export function gap_text(item, context) {
  const { stem, gaps } = item.content;
  const gapOf = (error) => given()[indexIn(error.param, "gaps") ?? -1];
  const faults = new Faults(context, (error) => {
    const grammar = gapOf(error)?.number;
    return grammar ? { ...MISSING, ...numberFaults(grammar) } : MISSING;
  });
  const marks = new Marks(context);
  const hints = new Map();
  const inputs = new Map(gaps.map((gap, at) => [gap.id, inputFor(gap, at)]));
  const places = new Map(gaps.map((gap, at) => [gap.id, placeFor(gap, at)]));

  function inputFor(gap, at) {
    const number = gap.number ?? null;
    return lineInput({
      id: context.uid(`gap-${at}`),
      class: number ? "kind-input kind-number" : "kind-input",
      dir: number ? "ltr" : null,
      inputmode: number ? keyboardFor(number) : null,
      size: number ? 8 : Math.min(Math.max(gap.max_length ?? 100, 4), 16),
      "aria-label": context.t("kinds.common.gap", { number: at + 1, total: gaps.length }),
      on: { input: () => edited(gap) },
    });
  }

  /** Gaps that take numbers in one way share one hint. */
  function placeFor(gap, at) {
    if (!gap.number) return faults.place(`gap-${at}-fault`, [inputs.get(gap.id)]);
    const text = numberHint(context, gap.number);
    if (!hints.has(text)) hints.set(text, hint(context, `how-${at}`, text));
    return faults.place(`gap-${at}-fault`, [inputs.get(gap.id)], [hints.get(text)]);
  }

  function edited(gap) {
    places.get(gap.id).clear();
    marks.clear(gap.id);
    if (!gap.number) followDirection(inputs.get(gap.id));
    context.changed();
  }

  const given = () => gaps.filter((gap) => !isBlank(typed(inputs.get(gap.id))));
  const fields = gaps.map((gap) => gapField(inputs.get(gap.id), marks.of(gap.id), places.get(gap.id)));

  function placesOf(error) {
    const gap = gapOf(error);
    if (gap) return places.get(gap.id);
    return error.allowed?.map((id) => places.get(id)).filter(Boolean);
  }

  return {
    element: el("div", { class: "kind kind-gap_text" },
      stemWithGaps(context, stem, fields), [...hints.values()], faults.whole.node),
    ownsStem: true,
    group: true,
    read() {
      const filled = given().map((gap) => ({ gap: gap.id, text: typed(inputs.get(gap.id)) }));
      return filled.length ? { type: "gap_text", gaps: filled } : null;
    },
    write(answer) {
      const texts = new Map((answer?.gaps ?? []).map(({ gap, text }) => [gap, text]));
      for (const gap of gaps) {
        inputs.get(gap.id).value = texts.get(gap.id) ?? "";
        if (!gap.number) followDirection(inputs.get(gap.id));
      }
    },
    showErrors: (errors) => faults.show(errors, placesOf),
    setReadOnly(readOnly) {
      for (const input of inputs.values()) input.readOnly = readOnly;
    },
    showParts: (parts) => marks.show(parts),
    focus: () => inputs.get(gaps[0].id).focus(),
  };
}
