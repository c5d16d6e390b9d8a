import { el } from "../dom.js";
import { Faults } from "./shared/faults.js";
import { leftToRight } from "./shared/numbers.js";
import { hint, isBlank, lineInput, typed } from "./shared/texts.js";

const FUNCTIONS = "abs sqrt exp ln log log2 log10 sin cos tan asin acos atan sinh cosh tanh".split(" ");
const ORDERED = "min max floor ceil factorial".split(" "); // these need an order, which complex numbers don't have

/** An expression is typed. */
export function formula(item, context) {
  const { variables = [], functions = null, implicit_multiplication: implicit, complex } = item.content;
  const t = (key, params) => context.t(`kinds.formula.${key}`, params);
  const allowed = functions ?? (complex ? FUNCTIONS : [...FUNCTIONS, ...ORDERED]);
  const line = lineInput({
    id: context.uid("expression"),
    class: "kind-input kind-code",
    dir: "ltr",
    "aria-labelledby": context.stemId,
  });
  const list = (names) => names.map(leftToRight).join(t("separator"));
  const named = list([...variables, "pi", "e", ...(complex ? ["i"] : [])]);
  const known = list(allowed);
  const how = hint(context, "how", [
    variables.length ? t("variables", { names: list(variables), count: variables.length }) : t("no_variables"),
    t(implicit ? "implicit" : "explicit", { sample: leftToRight(implicit ? "2x" : "2*x"), raised: leftToRight("x^2") }),
  ].join(" "));
  const more = el("details", { class: "hint" },
    el("summary", {}, t("more")),
    el("p", {}, t("constants", { names: list(["pi", "e", ...(complex ? ["i"] : [])]) })),
    el("p", {}, allowed.length ? t("functions", { names: known }) : t("no_functions")));
  const faults = new Faults(context, {
    undefined_variable: { key: "kinds.formula.undefined_variable", names: named },
    function_not_allowed: allowed.length
      ? { key: "kinds.formula.function_not_allowed", names: known }
      : { key: "kinds.formula.no_functions" },
  });
  const place = faults.place("fault", [line], [how]);
  line.addEventListener("input", () => {
    place.clear();
    context.changed();
  });
  return {
    element: el("div", { class: "kind kind-formula" }, line, how, more, place.node, faults.whole.node),
    group: false,
    read() {
      const expression = typed(line);
      return isBlank(expression) ? null : { type: "formula", expression };
    },
    write(answer) {
      line.value = answer?.expression ?? "";
    },
    showErrors: (errors) => faults.show(errors, () => place),
    setReadOnly(readOnly) {
      line.readOnly = readOnly;
    },
    showParts() {},
    focus: () => line.focus(),
  };
}
