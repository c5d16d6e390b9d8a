/** The last question before the end: what is not answered yet, and whether to submit all the same. */

import { button, el } from "./dom.js";

/**
 * Ask whether to submit.
 *
 * @param {import("./texts.js").Texts} texts
 * @param {number} total how many questions there are
 * @param {import("./questions.js").Question[]} unanswered
 * @param {HTMLElement} opener what was pressed; in a frame as tall as its page the dialog opens beside it
 * @param {AbortSignal} ended the question is pointless from then on
 * @returns {Promise<boolean>} whether to submit
 */
export function askToSubmit({ t }, total, unanswered, opener, ended) {
  const answered = total - unanswered.length;
  const [some, all] = [{ answered, total }, { count: total }];
  return new Promise((resolve) => {
    let goTo = null;
    const go = (question) => () => {
      goTo = question;
      dialog.close();
    };
    const link = (question) => el("li", {}, button(question.name, go(question), { class: "link" }));
    const submit = { id: "submit-now", class: "button primary" };
    const named = { "aria-labelledby": "submit-title", "aria-describedby": "submit-summary" };
    const dialog = el("dialog", { class: "dialog", ...named }, [
      el("h2", { id: "submit-title", tabindex: -1, autofocus: true }, t("submit.title")),
      el("div", { id: "submit-summary" }, [
        el("p", {}, unanswered.length ? t("submit.some_answered", some) : t("submit.all_answered", all)),
        el("p", {}, t("submit.final")),
      ]),
      unanswered.length > 0 && [
        el("h3", { id: "submit-unanswered" }, t("submit.unanswered")),
        el("ul", { class: "dialog-list", "aria-labelledby": "submit-unanswered" }, unanswered.map(link)),
      ],
      el("div", { class: "dialog-actions" }, [
        button(t("submit.back"), () => dialog.close()),
        button(t("submit.confirm"), () => dialog.close("submit"), submit),
      ]),
    ]);
    dialog.addEventListener("click", stopUnmeant, { capture: true });
    ended.addEventListener("abort", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      goTo?.focus();
      resolve(dialog.returnValue === "submit");
    });
    document.body.append(dialog);
    dialog.showModal();
    if (window.parent !== window) placeBeside(dialog, opener);
  });
}

/** The second half of a double-click on what opened the dialog may fall on a button of it: nobody chose that one. */
function stopUnmeant(press) {
  if (press.detail > 1) press.stopPropagation();
}

/** A frame without scroll bars is seen in part: the middle of its page may be far from what was pressed. */
function placeBeside(dialog, opener) {
  const bottom = opener.getBoundingClientRect().bottom;
  const top = Math.max(0, Math.min(bottom, window.innerHeight) - dialog.offsetHeight);
  dialog.style.insetBlockStart = `${top}px`;
  dialog.style.marginBlockStart = "0";
}
