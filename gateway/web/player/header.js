/** The slim bar above the questions: how far the learner is, whether all is saved, how much time is left. */

import { el, fill, icon, setAttribute, setText } from "./dom.js";
import { Phase } from "./attempt.js";

/** How each phase of saving is shown. */
const SHOWN = {
  [Phase.IDLE]: null,
  [Phase.SAVING]: "saving",
  [Phase.SAVED]: "saved",
  [Phase.OFFLINE]: "offline",
  [Phase.WAITING]: "unsaved",
  [Phase.TOO_LARGE]: "too_large",
  [Phase.ENDED]: "ended",
  [Phase.OFF]: null,
};

const ICONS = {
  saving: "saving",
  saved: "saved",
  offline: "offline",
  unsaved: "unsaved",
  too_large: "unsaved",
  refused: "unsaved",
  ended: "unsaved",
};

/** What is said aloud when it begins; that all is saved is said only after something else was. */
const SAID = new Set(["offline", "unsaved", "too_large", "refused"]);

export class Header {
  #attempt;
  #texts;
  #announcer;
  #shown = null;
  #wasSaid = false;
  #count = el("span", { class: "progress-count" });
  #bar = el("span", { class: "progress-bar", "aria-hidden": "true" }, el("span"));
  #save = el("span", { id: "save-state", class: "save-state" });

  /**
   * @param {import("./attempt.js").Attempt} attempt
   * @param {import("./texts.js").Texts} texts
   * @param {import("./announcer.js").Announcer} announcer
   * @param {HTMLElement | null} timeLeft
   */
  constructor(attempt, texts, announcer, timeLeft) {
    this.#attempt = attempt;
    this.#texts = texts;
    this.#announcer = announcer;
    this.element = el(
      "div",
      { class: "bar" },
      el("div", { class: "bar-inner" }, [
        el("span", { class: "bar-title", dir: "auto", "aria-hidden": "true" }, attempt.submission.title),
        el("span", { class: "progress" }, this.#bar, this.#count),
        this.#save,
        timeLeft,
      ]),
    );
    this.update();
  }

  update() {
    const total = this.#attempt.items.length;
    const answered = total - this.#attempt.unanswered.length;
    setText(this.#count, this.#texts.t("progress.answered", { answered, total }));
    this.#bar.firstChild.style.inlineSize = `${total ? (100 * answered) / total : 0}%`;
    this.#show(this.#saveState());
  }

  #saveState() {
    const { phase, unsaved, hasNews } = this.#attempt;
    if (phase === Phase.SAVED && unsaved.length) return hasNews ? "saving" : "refused";
    if (phase === Phase.IDLE && hasNews) return "saving";
    return SHOWN[phase];
  }

  #show(state) {
    if (state === this.#shown) return;
    this.#shown = state;
    setAttribute(this.#save, "data-state", state);
    const text = state ? this.#texts.t(`save.${state}`) : "";
    fill(this.#save, state && icon(ICONS[state]), text);
    if (SAID.has(state) || (state === "saved" && this.#wasSaid)) this.#announcer.say(text);
    if (state !== "saving") this.#wasSaid = SAID.has(state);
  }
}
