/** An answer that gave way to one that was saved elsewhere, beside the field: to read, to copy, and to use all the same. */

import { button, el } from "./dom.js";
import { answerText } from "./failures.js";

/**
 * @param {import("./attempt.js").Item} item
 * @param {object} answer
 * @param {(key: string) => string} t
 * @param {(isUsed: boolean) => void} decided
 * @returns {HTMLElement}
 */
export function offered(item, answer, t, decided) {
  const title = t("offer.title");
  return el("div", { class: "typed offer", role: "group", "aria-label": title }, [
    answerText(title, answer, namesIn(item, t)) ?? el("p", {}, title),
    el("div", { class: "question-foot" }, [
      button(t("offer.use"), () => decided(true), { data: { offer: "use" } }),
      button(t("offer.drop"), () => decided(false), { data: { offer: "drop" } }),
    ]),
  ]);
}

/** What the ids in an answer stand for, as the question has it; and a verdict's word. */
function namesIn({ type, content }, t) {
  const names = new Map(type === "true_false" ? [true, false].map((value) => [value, t(`kinds.true_false.${value}`)]) : []);
  const collect = (part) => {
    if (!part || typeof part !== "object") return;
    if (typeof part.id === "string" && typeof part.text === "string") names.set(part.id, part.text);
    Object.values(part).forEach(collect);
  };
  collect(content);
  return names;
}
