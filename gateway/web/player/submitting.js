/** The end of the page: the button that submits, and what stands in its way. */

import { button, el, fill, focusOn, setAttribute } from "./dom.js";
import { errorsByItem } from "./format_errors.js";
import { askToSubmit } from "./submit_dialog.js";

/**
 * @typedef {Object} SubmittingEvents
 * @property {(submission: any) => void} submitted
 * @property {() => void} closed  the attempt was over already
 * @property {(error: Error) => void} failed  nothing was submitted, for no fault of the answers
 */

/** Another answer than the one that stood here was saved elsewhere. */
class Undecided extends Error {
  /** @param {string} itemId */
  constructor(itemId) {
    super("An answer is offered.");
    this.itemId = itemId;
  }
}

export class Submitting {
  #attempt;
  #api;
  #texts;
  #saving;
  #questions;
  #events;
  #button;
  #problems = el("div", { class: "problems" });
  /** How many faulty answers are listed there. */
  #listed = 0;
  #end;
  #ended = new AbortController();

  /**
   * @param {Object} given
   * @param {import("./attempt.js").Attempt} given.attempt
   * @param {import("./api.js").SessionApi} given.api
   * @param {import("./texts.js").Texts} given.texts
   * @param {import("./saving.js").Saving} given.saving
   * @param {Map<string, import("./questions.js").Question>} given.questions
   * @param {SubmittingEvents} given.events
   */
  constructor({ attempt, api, texts, saving, questions, events }) {
    this.#attempt = attempt;
    this.#api = api;
    this.#texts = texts;
    this.#saving = saving;
    this.#questions = questions;
    this.#events = events;
    this.#button = button(texts.t("submit.button"), () => this.#ask(), { id: "submit", class: "button primary" });
    this.#end = el("div", { class: "end" }, this.#button);
    this.elements = [this.#problems, this.#end];
  }

  /** Take the button away, and what was asked: there is nothing to submit any more. */
  remove() {
    this.#ended.abort();
    for (const element of this.elements) element.remove();
  }

  /**
   * Say above the button what went wrong.
   *
   * @param {string} text
   */
  complain(text) {
    this.#listed = 0;
    fill(this.#problems, el("p", { class: "error", role: "alert" }, text));
    this.#problems.scrollIntoView({ block: "nearest" });
  }

  /** An answer was edited: what was corrected leaves the list of faulty answers. */
  edited() {
    const left = this.#attempt.faulty.length;
    if (left >= this.#listed) return;
    if (left) this.#showFaults();
    else this.#clear();
  }

  #clear() {
    this.#listed = 0;
    fill(this.#problems);
  }

  async #ask() {
    if (this.#button.hasAttribute("aria-busy")) return;
    const missing = this.#attempt.unanswered.map((id) => this.#questions.get(id));
    const total = this.#attempt.items.length;
    const { offers, items } = this.#attempt;
    const seen = new Map(items.map(({ id }) => [id, offers.of(id)]));
    const isSure = await askToSubmit(this.#texts, total, missing, this.#button, this.#ended.signal);
    if (isSure && !this.#ended.signal.aborted) await this.#submit(seen);
  }

  /** @param {Map<string, object[]>} seen  what was offered when the learner asked to submit */
  async #submit(seen) {
    let answers = [];
    this.#showWorking(true);
    this.#saving.pause();
    // What was typed from now on would not be among the answers that are graded.
    this.#hold(true);
    try {
      // What another tab saved counts, though it was never seen in this one.
      await this.#saving.takeOver();
      const { offers, items } = this.#attempt;
      const unseen = items.find(({ id }) => offers.of(id).length && offers.of(id) !== seen.get(id));
      if (unseen) throw new Undecided(unseen.id);
      answers = this.#attempt.answers();
      this.#events.submitted({ answers, ...(await this.#api.submit(this.#attempt.id, answers)) });
    } catch (error) {
      this.#refused(error, answers);
    }
    this.#showWorking(false);
  }

  #refused(error, answers) {
    if (error.code === "submission_closed") return this.#events.closed();
    this.#saving.resume();
    this.#hold(false);
    if (error instanceof Undecided) return this.#leadToOffer(error.itemId);
    if (error.code !== "invalid_answer_format") return this.#events.failed(error);
    this.#attempt.refuse(errorsByItem(error, answers), answers, false);
    for (const question of this.#questions.values()) question.update();
    return this.#attempt.faulty.length ? this.#listFaults() : this.#events.failed(error);
  }

  #hold(isHeld) {
    for (const question of this.#questions.values()) question.hold(isHeld);
  }

  /** What the learner wrote here is not what would be graded: nobody submits that unseen. */
  #leadToOffer(itemId) {
    this.complain(this.#texts.t("submit.offered"));
    this.#questions.get(itemId).focus();
  }

  /** Show the faulty answers, and lead there. */
  #listFaults() {
    const heading = this.#showFaults();
    this.#problems.scrollIntoView({ block: "center" });
    focusOn(heading);
  }

  /** The faulty answers as links to their fields; returns the heading of the list. */
  #showFaults() {
    const { t } = this.#texts;
    const { faulty } = this.#attempt;
    const heading = el("h2", {}, t("problems.title"));
    const links = faulty.map((id) => el("li", {}, linkTo(this.#questions.get(id))));
    fill(this.#problems, heading, el("p", {}, t("problems.text", { count: links.length })), el("ul", {}, links));
    this.#listed = faulty.length;
    return heading;
  }

  #showWorking(isWorking) {
    setAttribute(this.#button, "aria-busy", isWorking && "true");
    fill(this.#button, this.#texts.t(isWorking ? "submit.working" : "submit.button"));
    if (isWorking) this.#clear();
  }
}

function linkTo(question) {
  const go = (event) => {
    event.preventDefault();
    question.focus();
  };
  return el("a", { href: `#${question.headingId}`, on: { click: go } }, question.name);
}
