import { el } from "../dom.js";
import { unseen } from "./shared/build.js";
import { Faults } from "./shared/faults.js";
import { keyboardFor, leftToRight, numberFaults, numberHint } from "./shared/numbers.js";
import { scaleOf } from "./shared/slider.js";
import { hint, isBlank, lineInput, typed } from "./shared/texts.js";

/** A number is typed; where the content says so, it may be set on a slider, which fills the same box. */
export function numeric(item, context) {
  const { content } = item;
  const box = lineInput({
    id: context.uid("value"),
    class: "kind-input kind-number",
    dir: "ltr",
    inputmode: keyboardFor(content, content.min ?? null),
    "aria-labelledby": context.stemId,
  });
  const how = hint(context, "how", numberHint(context, content, content));
  const faults = new Faults(context, numberFaults(content, content));
  const place = faults.place("fault", [box], [how]);
  const slider = content.input === "slider" ? sliderFor(content, context, slid) : null;

  function slid(text) {
    box.value = text;
    place.clear();
    context.changed();
  }

  box.addEventListener("input", () => {
    place.clear();
    slider?.follow(box.value);
    context.changed();
  });
  slider?.follow("");
  return {
    element: el("div", { class: "kind kind-numeric" }, slider?.node, box, how, place.node, faults.whole.node),
    group: false,
    read() {
      const value = typed(box);
      return isBlank(value) ? null : { type: "numeric", value };
    },
    write(answer) {
      box.value = answer?.value ?? "";
      slider?.follow(box.value);
    },
    showErrors: (errors) => faults.show(errors, () => place),
    setReadOnly(readOnly) {
      box.readOnly = readOnly;
      slider?.setReadOnly(readOnly);
    },
    showParts() {},
    focus: () => (slider?.range ?? box).focus(),
  };
}

/** A slider beside the box; null where the ends can't be drawn. */
function sliderFor(content, context, slid) {
  const scale = scaleOf(content);
  if (!scale) return null;
  const name = unseen(context.t("kinds.numeric.slider"), { id: context.uid("slider-name") });
  const range = el("input", {
    type: "range",
    class: "kind-range",
    min: 0,
    max: scale.count,
    step: 1,
    "aria-labelledby": `${context.stemId} ${name.id}`,
  });
  range.addEventListener("input", () => {
    const text = scale.textAt(Number(range.value));
    range.setAttribute("aria-valuetext", text);
    range.classList.remove("kind-unset");
    slid(text);
  });
  return {
    range,
    node: el("div", { class: "kind-slider" }, name, range,
      el("div", { class: "kind-ends", "aria-hidden": "true" },
        el("span", {}, leftToRight(content.min)), el("span", {}, leftToRight(content.max)))),
    /** Stand where the box says; in the middle, and unset, where that is no number. */
    follow(text) {
      const place = isBlank(text) ? null : scale.placeOf(text);
      range.value = String(place ?? Math.floor(scale.count / 2));
      range.classList.toggle("kind-unset", place === null);
      range.setAttribute("aria-valuetext", place === null ? context.t("kinds.numeric.unset") : scale.textAt(place));
    },
    setReadOnly(readOnly) {
      range.disabled = readOnly;
    },
  };
}
