import { el } from "../dom.js";
import { Faults } from "./shared/faults.js";
import { followDirection, hint, isBlank, patientHerald, typed } from "./shared/texts.js";

const CHARACTERS_MAX = 20_000;
const UNSEEN = /[\u200b\u200c\u2060\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Words as the server counts them: what stands between blanks. */
export function wordsIn(text) {
  return text.replace(UNSEEN, "").split(/[\s\u0085]+/u).filter(Boolean).length;
}

/** A longer text is written, which a person will judge. */
export function essay(item, context) {
  const { min_words: least = 1, max_words: most = null, format } = item.content;
  const t = (key, params) => context.t(`kinds.essay.${key}`, params);
  const area = el("textarea", {
    id: context.uid("text"),
    class: "kind-input kind-area",
    rows: 8,
    "aria-labelledby": context.stemId,
  });
  const wanted = hint(context, "wanted", wantedText());
  const counted = el("p", { class: "kind-count" });
  const herald = patientHerald();
  const faults = new Faults(context, {
    too_few: { key: "kinds.essay.too_few", count: least },
    too_many: { key: "kinds.essay.too_many", count: most },
  });
  const place = faults.place("fault", [area], wanted.textContent ? [wanted] : []);
  let told; // the state that was announced: each word more or less is not

  function wantedText() {
    const words =
      most !== null && least > 1 ? t("between", { least, count: most })
      : most !== null ? t("at_most", { count: most })
      : least > 1 ? t("at_least", { count: least })
      : "";
    return [words, format === "markdown" ? t("markdown") : ""].filter(Boolean).join(" ");
  }

  function stateOf(words, characters) {
    if (characters > CHARACTERS_MAX) return ["too_long", { count: characters - CHARACTERS_MAX, limit: CHARACTERS_MAX }];
    if (most !== null && words > most) return ["over", { count: words - most }];
    if (words && words < least) return ["under", { count: least - words }];
    return least > 1 && words ? ["enough"] : [];
  }

  function count() {
    followDirection(area);
    const words = wordsIn(area.value);
    const [state, params] = stateOf(words, [...area.value].length);
    const text = state ? t(state, params) : "";
    counted.textContent = [t("words", { count: words }), text].filter(Boolean).join(" · ");
    if (state !== told) herald.say(text);
    told = state;
  }

  area.addEventListener("input", () => {
    place.clear();
    count();
    context.changed();
  });
  count();
  return {
    element: el("div", { class: "kind kind-essay" }, [
      wanted.textContent ? wanted : null, area, counted, herald.node, place.node, faults.whole.node,
    ]),
    group: false,
    read() {
      const text = typed(area);
      return isBlank(text) ? null : { type: "essay", text };
    },
    write(answer) {
      area.value = answer?.text ?? "";
      count();
    },
    showErrors: (errors) => faults.show(errors, () => place),
    setReadOnly(readOnly) {
      area.readOnly = readOnly;
    },
    showParts() {},
    focus: () => area.focus(),
  };
}
