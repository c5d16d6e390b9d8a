/** The last question before the end: what is not answered yet, and whether to submit all the same. */

import { el } from "./dom.js";

/**
 * Ask whether to submit.
 *
 * @param {import("./texts.js").Texts} texts
 * @param {number} total how many questions there are
 * @param {import("./questions.js").Question[]} unanswered
 * @param {HTMLElement} opener what was pressed; in a frame as tall as its page the dialog opens beside it
 * @returns {Promise<boolean>} whether to submit
 */
export function askToSubmit({ t }, total, unanswered, opener) {
  return new Promise((resolve) => {
    let goTo = null;
    const link = (question) =>
      el("li", {}, el("button", { type: "button", class: "link", on: { click: () => dialog.close((goTo = question).id) } }, question.name));
    const answered = total - unanswered.length;
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "submit-title", "aria-describedby": "submit-summary" }, [
      el("h2", { id: "submit-title" }, t("submit.title")),
      el("div", { id: "submit-summary" }, [
        el("p", {}, unanswered.length ? t("submit.some_answered", { answered, total }) : t("submit.all_answered", { count: total })),
        el("p", {}, t("submit.final")),
      ]),
      unanswered.length > 0 && [
        el("h3", {}, t("submit.unanswered")),
        el("ul", { class: "dialog-list" }, unanswered.map(link)),
      ],
      el("div", { class: "dialog-actions" }, [
        el("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, t("submit.back")),
        el("button", { type: "button", id: "submit-now", class: "button primary", on: { click: () => dialog.close("submit") } }, t("submit.confirm")),
      ]),
    ]);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (goTo) goTo.focus();
      resolve(!goTo && dialog.returnValue === "submit");
    });
    document.body.append(dialog);
    dialog.showModal();
    if (window.parent !== window) placeBeside(dialog, opener);
  });
}

/** A frame without scroll bars is seen in part: the middle of its page may be far from what was pressed. */
function placeBeside(dialog, opener) {
  const bottom = opener.getBoundingClientRect().bottom;
  const top = Math.max(0, Math.min(bottom, window.innerHeight) - dialog.offsetHeight);
  dialog.style.insetBlockStart = `${top}px`;
  dialog.style.marginBlockStart = "0";
}
