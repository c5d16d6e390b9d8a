/** An attempt on the page, from its first question to its result. */

import { keepAfloat } from "./afloat.js";
import { Announcer } from "./announcer.js";
import { Refusal } from "./api.js";
import { Phase } from "./attempt.js";
import { el, fill, focusOn } from "./dom.js";
import { keepTyped, keptTyped } from "./drafts.js";
import { ChangeEvents } from "./events.js";
import { endedNotice } from "./failures.js";
import { errorsOfOne } from "./format_errors.js";
import { Header } from "./header.js";
import { introductionOf } from "./introduction.js";
import { missing } from "./offers.js";
import { Question } from "./questions.js";
import { resultsOf } from "./results.js";
import { Saving } from "./saving.js";
import { Submitting } from "./submitting.js";
import { Timer } from "./timer.js";

/** How often the end is asked for again, where the server can't be reached at that moment. */
const ASK_AGAIN_MS = 5_000;

/**
 * @typedef {Object} Given
 * @property {HTMLElement} root
 * @property {any} player as the gateway tells it
 * @property {import("./attempt.js").Attempt} attempt
 * @property {import("./api.js").SessionApi} api
 * @property {import("./texts.js").Texts} texts
 * @property {import("./host.js").Host} host
 * @property {(text: string, options?: {inline?: boolean}) => DocumentFragment} rich
 */

/**
 * Show an attempt: one that is over with its result, one under way with everything that it takes to answer.
 *
 * @param {Given} given
 */
export function showAttempt(given) {
  const taking = new Taking(given);
  if (given.attempt.isOpen) taking.begin();
  else taking.showResults(missing(keptTyped(given.attempt.id), (id) => given.attempt.answer(id)));
}

class Taking {
  #given;
  #attempt;
  #announcer = new Announcer();
  /** @type {Map<string, Question>} by item id */
  #questions;
  #header = null;
  #saving = null;
  #submitting = null;
  #timer = null;
  #changes = null;
  #askAgain = 0;
  #above = el("div");
  #page;

  /** @param {Given} given */
  constructor(given) {
    const { root, player, attempt, texts, rich } = given;
    this.#given = given;
    this.#attempt = attempt;
    const around = {
      attempt,
      texts,
      rich,
      edited: (id) => this.#edited(id),
      check: (id) => this.#check(id),
      decided: (id, offer, isUsed) => this.#decided(id, offer, isUsed),
    };
    const questions = attempt.items.map((item, place) => new Question(item, place + 1, around));
    this.#questions = new Map(questions.map((question) => [question.id, question]));
    const introduction = introductionOf(player, attempt, texts, rich);
    this.#page = el("div", { class: "page" }, introduction, this.#above, questions.map(({ element }) => element));
    fill(root, this.#page);
  }

  /** Let the learner answer. */
  begin() {
    const { api, texts, player } = this.#given;
    const attempt = this.#attempt;
    this.#changes = new ChangeEvents(api, attempt.id);
    this.#saving = new Saving(attempt, api, {
      changed: () => this.#update(),
      saved: (sequence) => this.#given.host.tell("saved", { sequence }),
      merged: (merged) => this.#merged(merged),
      closed: () => this.#readEnd(),
      ended: () => this.#sessionEnded(),
    });
    this.#submitting = new Submitting({
      attempt,
      api,
      texts,
      saving: this.#saving,
      questions: this.#questions,
      events: {
        submitted: (submission) => this.#submitted(submission),
        closed: () => this.#readEnd(),
        failed: (error) => this.#callFailed(error, "submit", this.#submitting),
      },
    });
    if (attempt.submission.expires_at) {
      this.#timer = new Timer({ now: player.now, expires_at: attempt.submission.expires_at }, texts, {
        announce: (text) => this.#announcer.say(text),
        nearlyOver: () => this.#saving.flush(),
        over: () => this.#timeIsOver(),
      });
    }
    this.#header = new Header(attempt, texts, this.#announcer, this.#timer?.element);
    this.#page.before(this.#header.element);
    this.#page.append(...this.#submitting.elements);
    keepAfloat(this.#header.element, this.#page);
    this.#restore(keptTyped(attempt.id));
  }

  /**
   * Show what the attempt earned, and every answer as it was graded.
   *
   * @param {import("./drafts.js").Typed} late what was typed, and is not in what was graded
   */
  showResults(late) {
    const { element, heading } = resultsOf(this.#attempt, this.#given.texts, late);
    this.#stop();
    this.#header?.element.remove();
    for (const question of this.#questions.values()) question.rewrite();
    fill(this.#above, element);
    document.title = `${heading.textContent} – ${this.#attempt.submission.title}`;
    document.documentElement.dataset.player = "submitted";
    if (this.#header) focusOn(heading);
  }

  /** Lay what this tab could not save before over what the gateway has. */
  #restore(typed) {
    const known = Object.keys(typed).filter((id) => this.#questions.has(id));
    this.#merged({ changed: known, offered: known.filter((id) => this.#attempt.restore(id, typed[id])) });
    if (this.#attempt.hasNews) this.#saving.edited();
    this.#update();
  }

  /** Answers came from elsewhere, and some that were given here are not the answer any more. */
  #merged({ changed, offered }) {
    for (const id of changed) this.#questions.get(id).rewrite();
    const told = offered.map((id) => `${this.#questions.get(id).name}: ${this.#given.texts.t("offer.title")}`);
    if (told.length) this.#announcer.say(told.join(" "));
  }

  /** The learner wants an answer that was offered, or does not. */
  #decided(id, offer, isUsed) {
    const question = this.#questions.get(id);
    this.#attempt.offers.remove(id, offer);
    if (isUsed) {
      this.#attempt.edit(id, offer);
      question.rewrite();
    }
    this.#saving.edited();
    this.#update();
    question.focus();
  }

  #edited(id) {
    this.#attempt.edit(id, this.#questions.get(id).read());
    this.#saving.edited();
    this.#changes.changed(id);
    this.#questions.get(id).update();
    this.#submitting.edited();
    this.#header.update();
  }

  #update() {
    for (const question of this.#questions.values()) question.update();
    this.#header.update();
  }

  async #check(id) {
    const attempt = this.#attempt;
    const answer = attempt.answer(id);
    if (!answer) return this.#refused(id, null, [{ code: "answer_required", param: "", message: "" }]);
    try {
      const checked = await this.#given.api.check(attempt.submission.assessment_id, id, answer);
      if (attempt.answer(id) === answer) attempt.judge(id, checked);
      else attempt.countChecks(id, checked.checks_left);
    } catch (error) {
      if (error.code === "invalid_answer_format") return this.#refused(id, answer, errorsOfOne(error));
      if (error.code === "submission_closed") return this.#readEnd();
      if (error.code === "check_limit_reached") attempt.countChecks(id, 0);
      else this.#callFailed(error, "check", this.#questions.get(id));
    }
    this.#update();
  }

  /** Show what is wrong with an answer, and go there. */
  #refused(id, answer, errors) {
    this.#attempt.refuse(new Map([[id, errors]]), [{ item_id: id, answer }], false);
    this.#update();
    this.#questions.get(id).focus();
  }

  /**
   * Something that the learner asked for did not happen; nothing is lost by asking again. The host is told nothing: for it
   * an error is the end, and this is none.
   *
   * @param {Error} error
   * @param {"check" | "submit"} what
   * @param {{complain: (text: string) => void}} where
   */
  #callFailed(error, what, where) {
    if (error instanceof Refusal && error.endsSession) return this.#sessionEnded();
    const { texts } = this.#given;
    const seconds = error.retryAfterSeconds ?? 0;
    const wait = seconds > 0 ? ` ${texts.t("failure.wait", { count: seconds })}` : "";
    where.complain(texts.t(`${what}.${reasonOf(error)}`) + wait);
  }

  #submitted(submission) {
    if (submission.status === "expired") this.#readEnd();
    else this.#end(submission);
  }

  /**
   * The end is the server's to tell: where its time is not over, the clock of this device was set, and is set right.
   * Where nobody tells, the learner works on for as long as another clock of the device leaves time.
   */
  async #timeIsOver() {
    clearTimeout(this.#askAgain);
    const told = await this.#given.api.session().catch((error) => error);
    if (!this.#attempt.isOpen || this.#attempt.phase === Phase.ENDED) return;
    if (told instanceof Refusal && told.endsSession) return this.#sessionEnded();
    const { now, submission } = told.player ?? {};
    if (submission?.status === "in_progress" && Date.parse(submission.expires_at) > Date.parse(now)) {
      this.#timer.start({ now, expires_at: submission.expires_at });
      return;
    }
    if (!submission && this.#timer.goOn()) {
      this.#askAgain = setTimeout(() => this.#timeIsOver(), ASK_AGAIN_MS);
      return;
    }
    this.#announcer.say(this.#given.texts.t("time.over"));
    this.#stop();
    this.#readEnd();
  }

  /** Read how the attempt ended, whoever ended it, as often as it takes. */
  async #readEnd() {
    let askAgainMs = ASK_AGAIN_MS;
    try {
      const submission = await this.#given.api.submission(this.#attempt.id);
      if (submission.status !== "in_progress") return this.#end(submission);
    } catch (error) {
      if (error instanceof Refusal && error.endsSession) return this.#sessionEnded();
      askAgainMs = Math.max(askAgainMs, (error.retryAfterSeconds ?? 0) * 1_000);
    }
    setTimeout(() => this.#readEnd(), askAgainMs);
  }

  #end(submission) {
    const attempt = this.#attempt;
    if (!attempt.isOpen) return;
    const { given } = attempt;
    attempt.close(submission);
    const late = missing(given, (id) => attempt.answer(id));
    // Read once more after a reload, it is still there.
    keepTyped(attempt.id, late);
    this.#changes.tell();
    this.#given.host.tell("submitted", { submission_id: attempt.id, status: submission.status });
    this.showResults(late);
  }

  #sessionEnded() {
    const notice = endedNotice(this.#attempt, this.#given.texts);
    this.#attempt.phase = Phase.ENDED;
    this.#stop();
    this.#update();
    fill(this.#above, notice);
    document.documentElement.dataset.player = "failed";
    this.#given.host.tell("error", { code: "session_expired" });
    focusOn(notice.querySelector("h2"));
  }

  /** From now on answers can be read, and neither changed nor sent. */
  #stop() {
    this.#saving?.pause();
    this.#timer?.stop();
    this.#submitting?.remove();
    for (const question of this.#questions.values()) question.close();
  }
}

/** What kept a call from succeeding, as the catalogue names it. */
function reasonOf(error) {
  if (!(error instanceof Refusal)) return "offline";
  return error.code === "body_too_large" ? "too_large" : "failed";
}
