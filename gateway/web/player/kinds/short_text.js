import { el } from "../dom.js";
import { Faults } from "./shared/faults.js";
import { followDirection, hint, isBlank, lengthOf, lineInput, patientHerald, typed } from "./shared/texts.js";

/** A word or a phrase is typed. */
export function short_text(item, context) {
  const { max_length: most = 100, placeholder, language } = item.content;
  const input = lineInput({
    id: context.uid("text"),
    "aria-labelledby": context.stemId,
    placeholder: placeholder || null,
    lang: language,
  });
  const faults = new Faults(context);
  const over = hint(context, "length", "", { hidden: true });
  const herald = patientHerald();
  const place = faults.place("fault", [input], [over]);

  function count() {
    followDirection(input);
    const excess = lengthOf(input.value) - most;
    over.hidden = excess <= 0;
    over.textContent = excess > 0 ? context.t("kinds.common.characters_over", { count: excess, limit: most }) : "";
    herald.say(over.textContent);
  }

  input.addEventListener("input", () => {
    place.clear();
    count();
    context.changed();
  });
  return {
    element: el("div", { class: "kind kind-short_text" }, [input, over, herald.node, place.node, faults.whole.node]),
    group: false,
    read() {
      const text = typed(input);
      return isBlank(text) ? null : { type: "short_text", text };
    },
    write(answer) {
      input.value = answer?.text ?? "";
      count();
    },
    showErrors: (errors) => faults.show(errors, () => place),
    setReadOnly(readOnly) {
      input.readOnly = readOnly;
    },
    showParts() {},
    focus: () => input.focus(),
  };
}
