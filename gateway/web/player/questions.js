/** A question as a learner meets it: number, points, stem, the field to answer in, and how its answer stands. */

import { button, el, fill, focusOn, icon, setAttribute, setText } from "./dom.js";
import { kinds } from "./kinds/index.js";
import { offered } from "./offered.js";

/** Types whose answer only a person can judge: nothing can be checked at once. */
const JUDGED_BY_PEOPLE = new Set(["essay"]);

/** States of a verdict, as the question shows them. */
const VERDICTS = {
  right: "right",
  partial: "partly",
  wrong: "wrong",
  needs_review: "pending",
  unanswered: "unanswered",
};

/**
 * @typedef {Object} Surroundings
 * @property {import("./attempt.js").Attempt} attempt
 * @property {import("./texts.js").Texts} texts
 * @property {(text: string, options?: {inline?: boolean}) => DocumentFragment} rich
 * @property {(itemId: string) => void} edited
 * @property {(itemId: string) => Promise<void>} check
 * @property {(itemId: string, offer: object, isUsed: boolean) => void} decided what becomes of an answer that is offered
 */

export class Question {
  #item;
  #around;
  #field;
  #heading;
  #state = el("span", { class: "state" });
  #verdict = el("div", { class: "verdict", role: "status" });
  #check = null;
  #checksLeft = el("span", { class: "checks-left" });
  #complaint = el("div", { role: "alert" });
  #offers = el("div");
  #isClosed = false;
  #shownOffers = null;
  #shownErrors = [];
  #shownVerdict = null;

  /**
   * @param {import("./attempt.js").Item} item
   * @param {number} number counted from 1
   * @param {Surroundings} around
   */
  constructor(item, number, around) {
    this.#item = item;
    this.#around = around;
    const { attempt, texts, rich } = around;
    const id = `question-${number}`;
    const name = texts.t("question.number", { number, total: attempt.items.length });
    this.#heading = el("h2", { id, class: "question-number" }, name);
    this.#field = kinds[item.type](item, this.#context(id));
    const stem = el("div", { id: `${id}-stem`, class: "stem", dir: "auto" });
    if (!this.#field.ownsStem) stem.append(rich(item.content.stem));
    const group = this.#field.group ? { role: "group", "aria-labelledby": `${id} ${id}-stem` } : {};
    const data = { item: item.id, type: item.type };
    this.element = el("section", { class: "question", "aria-labelledby": id, data }, [
      el("div", { class: "question-head" }, this.#heading, el("span", {}, this.#points()), this.#state),
      stem,
      el("div", { class: "field", ...group }, this.#field.element),
      this.#offers,
      this.#foot(),
      this.#verdict,
    ]);
    this.#field.write(attempt.answer(item.id));
    this.update();
  }

  get id() {
    return this.#item.id;
  }

  get headingId() {
    return this.#heading.id;
  }

  /** A short name for links to it. */
  get name() {
    return this.#heading.textContent;
  }

  /** What is entered now; null: nothing. */
  read() {
    return this.#field.read();
  }

  /** Show an answer that was not entered here. */
  rewrite() {
    this.#field.write(this.#around.attempt.answer(this.id));
    this.update();
  }

  focus() {
    if (this.#around.attempt.isOpen) this.#field.focus();
    else focusOn(this.#heading);
  }

  /**
   * Say beside the button why an answer could not be checked.
   *
   * @param {string} text
   */
  complain(text) {
    fill(this.#complaint, el("p", { class: "error" }, text));
  }

  /** Let nothing be changed for a while, as while all of it is submitted. */
  hold(isHeld) {
    if (this.#isClosed) return;
    this.#field.setReadOnly(isHeld);
    this.#offers.inert = isHeld;
  }

  /** From now on, the answer can be read and copied, and not changed. */
  close() {
    this.#field.setReadOnly(true);
    this.#isClosed = true;
    fill(this.#offers);
    this.#check?.parentNode?.remove();
    this.#check = null;
    // Many verdicts come at once now: who listens goes through them, and is not told them all in one breath.
    this.#verdict.removeAttribute("role");
    this.update();
  }

  /** Show what the attempt knows of this question now. */
  update() {
    const { attempt, texts } = this.#around;
    const state = this.#stateNow();
    if (this.element.dataset.state !== state) {
      this.element.dataset.state = state;
      fill(this.#state, icon(state === "answered" ? "saved" : state), texts.t(`state.${state}`));
    }
    this.#showOffers(attempt.offers.of(this.id));
    this.#showErrors(attempt.errors(this.id));
    this.#showVerdict(attempt.verdict(this.id));
    if (this.#check) {
      const left = attempt.checksLeft(this.id);
      this.#check.hidden = left === 0;
      setText(this.#checksLeft, texts.t("check.left", { count: left }));
    }
  }

  #stateNow() {
    const { attempt } = this.#around;
    const state = attempt.stateOf(this.id);
    const verdict = attempt.verdict(this.id);
    if (verdict && state !== "unsaved") return VERDICTS[verdict.state];
    return attempt.isOpen || state !== "saved" ? state : "answered";
  }

  #context(id) {
    const { texts, rich, edited } = this.#around;
    return {
      rich,
      kinds,
      t: texts.t,
      stemId: `${id}-stem`,
      uid: (name) => `${id}-${name}`,
      changed: () => edited(this.id),
    };
  }

  #points() {
    const points = Number(this.#item.points);
    return this.#around.texts.t("question.points", { count: points });
  }

  #foot() {
    const { attempt, texts } = this.#around;
    if (!attempt.isOpen || !attempt.settings.checks_per_question || JUDGED_BY_PEOPLE.has(this.#item.type)) return null;
    this.#check = button(texts.t("check.button"), () => this.#askForCheck(), { data: { check: this.id } });
    return el("div", { class: "question-foot" }, this.#check, this.#checksLeft, this.#complaint);
  }

  /** An answer that was judged is not judged again: it would cost another check and tell nothing new. */
  async #askForCheck() {
    const pressed = this.#check;
    if (pressed.hasAttribute("aria-busy") || this.#around.attempt.verdict(this.id)) return;
    pressed.setAttribute("aria-busy", "true");
    fill(this.#complaint);
    await this.#around.check(this.id);
    pressed.removeAttribute("aria-busy");
    if (pressed.hidden && !document.activeElement?.closest("[data-item]")) focusOn(this.#heading);
  }

  #showOffers(offers) {
    if (this.#isClosed || offers === this.#shownOffers) return;
    this.#shownOffers = offers;
    const { texts, decided } = this.#around;
    fill(this.#offers, offers.map((each) => offered(this.#item, each, texts.t, (isUsed) => decided(this.id, each, isUsed))));
  }

  #showErrors(errors) {
    if (errors === this.#shownErrors || (!errors.length && !this.#shownErrors.length)) return;
    this.#shownErrors = errors;
    setAttribute(this.element, "data-faulty", errors.length > 0);
    this.#field.showErrors(errors);
  }

  #showVerdict(verdict) {
    if (verdict === this.#shownVerdict) return;
    this.#shownVerdict = verdict;
    this.#field.showParts(verdict?.parts ?? []);
    fill(this.#verdict, verdict && this.#verdictText(verdict));
  }

  #verdictText(verdict) {
    const { t } = this.#around.texts;
    const state = VERDICTS[verdict.state];
    const hasScore = verdict.score !== undefined && verdict.score !== null;
    const score = hasScore && { score: Number(verdict.score), count: Number(verdict.max_score) };
    const words = [el("strong", {}, t(`verdict.${state}`)), score && el("span", {}, t("verdict.score", score))];
    return el("div", { class: "verdict-text", data: { state } }, [
      el("p", {}, icon(state), words),
      (verdict.notices ?? []).map((notice) => el("p", {}, t(`notice.${notice}`))),
    ]);
  }
}
