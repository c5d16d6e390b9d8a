import { el } from "../dom.js";
import { Faults } from "./shared/faults.js";
import { Marks } from "./shared/marks.js";
import { keyboardFor, numberFaults, numberHint } from "./shared/numbers.js";
import { optionsFor } from "./shared/options.js";
import { hint, isBlank, lineInput, typed } from "./shared/texts.js";

/** A number is typed, and its unit typed or picked. */
export function quantity(item, context) {
  const { content } = item;
  const t = (key, params) => context.t(`kinds.quantity.${key}`, params);
  const symbols = content.units.map((unit) => unit.symbols[0]).join(", ");
  const optional = (content.unit_policy ?? "required") === "ignore";
  const value = lineInput({
    id: context.uid("value"),
    class: "kind-input kind-number",
    dir: "ltr",
    inputmode: keyboardFor(content),
  });
  const unit = unitControl();
  const how = hint(context, "how", numberHint(context, content));
  const faults = new Faults(context, {
    ...numberFaults(content),
    answer_required: { key: "kinds.quantity.no_number" },
    unit_required: { key: "kinds.errors.unit_required", allowed: symbols },
    unknown_unit: { key: "kinds.errors.unknown_unit", allowed: symbols },
  });
  const marks = new Marks(context);
  const places = { value: faults.place("value-fault", [value], [how]), unit: faults.place("unit-fault", [unit]) };

  function unitControl() {
    const id = context.uid("unit");
    if (content.unit_input !== "select") return lineInput({ id, class: "kind-input kind-unit" });
    const choices = content.units.map(({ id: value, symbols: [text] }) => ({ value, text }));
    return el("select", { id, class: "kind-input kind-unit" }, optionsFor(context, choices));
  }

  for (const [control, part] of [[value, "value"], [unit, "unit"]]) {
    control.addEventListener("input", () => {
      places[part].clear();
      marks.clear(part);
      context.changed();
    });
  }
  return {
    element: el("div", { class: "kind kind-quantity" },
      el("div", { class: "kind-pair" },
        el("div", { class: "kind-part" },
          el("label", { for: value.id }, t("value")), value, marks.of("value"), places.value.node),
        el("div", { class: "kind-part" },
          el("label", { for: unit.id }, t(optional ? "unit_optional" : "unit")),
          unit, marks.of("unit"), places.unit.node)),
      how, faults.whole.node),
    group: true,
    read() {
      const [number, sign] = [typed(value), typed(unit)];
      return isBlank(number) && isBlank(sign) ? null : { type: "quantity", value: number, unit: sign };
    },
    write(answer) {
      value.value = answer?.value ?? "";
      unit.value = answer?.unit ?? "";
      if (unit.selectedIndex === -1) unit.value = "";
    },
    showErrors: (errors) => faults.show(errors, (error) => places[error.param]),
    setReadOnly(readOnly) {
      value.readOnly = readOnly;
      if (content.unit_input === "select") unit.disabled = readOnly;
      else unit.readOnly = readOnly;
    },
    showParts: (parts) => marks.show(parts),
    focus: () => value.focus(),
  };
}
