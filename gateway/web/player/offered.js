/** An answer that gave way to one that was saved elsewhere, beside the field: to read, to copy, and to use all the same. */

import { button, el } from "./dom.js";
import { answerText } from "./failures.js";

/**
 * @param {object} answer
 * @param {(key: string) => string} t
 * @param {(isUsed: boolean) => void} decided
 * @returns {HTMLElement}
 */
export function offered(answer, t, decided) {
  const title = t("offer.title");
  return el("div", { class: "typed offer", role: "group", "aria-label": title }, [
    answerText(title, answer) ?? el("p", {}, title),
    el("div", { class: "question-foot" }, [
      button(t("offer.use"), () => decided(true), { data: { offer: "use" } }),
      button(t("offer.drop"), () => decided(false), { data: { offer: "drop" } }),
    ]),
  ]);
}
