import { el } from "../dom.js";
import { Faults, MISSING } from "./shared/faults.js";
import { Marks } from "./shared/marks.js";

const IN_PART = /^parts\[(\d+)\](?:\.answer)?\.?(.*)$/;

/** Several parts, each a field of its own kind, under what is common to them. */
export function composite(item, context) {
  const faults = new Faults(context, MISSING);
  const marks = new Marks(context);
  const parts = item.content.parts.map(partOf);
  const byId = new Map(parts.map((part) => [part.id, part]));

  function partOf({ id, type, content }, at) {
    const uid = (name) => context.uid(`part-${at}-${name}`);
    const stemId = uid("stem");
    const changed = () => {
      marks.clear(id);
      context.changed();
    };
    const field = context.kinds[type]({ id, type, content }, { ...context, uid, stemId, changed });
    const place = faults.place(`whole-part-${at}`, []);
    const number = context.t("kinds.composite.part", { number: at + 1, total: item.content.parts.length });
    const stem = field.ownsStem ? null : el("div", { class: "kind-stem", dir: "auto", id: field.group ? null : stemId },
      context.rich(content.stem, { inline: false }));
    const head = [el("span", { class: "kind-title" }, number), marks.of(id)];
    const body = [field.element, place.node];
    const node = field.group
      ? el("fieldset", { class: "kind-nested" }, el("legend", { id: field.ownsStem ? null : stemId }, head, stem), body)
      : el("div", { class: "kind-nested" }, el("p", {}, head), stem, body);
    return { id, type, field, place, node };
  }

  function read() {
    const given = parts.map(({ id, field }) => ({ part: id, answer: field.read() })).filter(({ answer }) => answer);
    return given.length ? { type: "composite", parts: given } : null;
  }

  /** The errors of each part, as if it was answered alone; what is left is said of the whole or of what is missing. */
  function showErrors(errors) {
    const given = read()?.parts ?? [];
    const inside = new Map(parts.map(({ id }) => [id, []]));
    const others = [];
    for (const error of errors) {
      const [, at, param] = IN_PART.exec(error.param) ?? [];
      const part = given[Number(at)]?.part;
      if (part) inside.get(part).push({ ...error, param });
      else others.push(error);
    }
    for (const { id, field } of parts) field.showErrors(inside.get(id));
    faults.show(others, (error) => error.allowed?.map((id) => byId.get(id)?.place).filter(Boolean));
  }

  return {
    element: el("div", { class: "kind kind-composite" }, parts.map(({ node }) => node), faults.whole.node),
    group: true,
    read,
    write(answer) {
      const given = new Map((answer?.parts ?? []).map((each) => [each.part, each.answer]));
      for (const { id, type, field } of parts) {
        const own = given.get(id);
        field.write(own?.type === type ? own : null);
      }
    },
    showErrors,
    setReadOnly(readOnly) {
      for (const { field } of parts) field.setReadOnly(readOnly);
    },
    showParts: (signals) => marks.show(signals),
    focus: () => parts[0].field.focus(),
  };
}
