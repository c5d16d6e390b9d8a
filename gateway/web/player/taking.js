/** An attempt on the page, from its first question to its result. */

import { Announcer } from "./announcer.js";
import { Refusal } from "./api.js";
import { Phase } from "./attempt.js";
import { el, fill, focusOn } from "./dom.js";
import { keepTyped, keptTyped } from "./drafts.js";
import { ChangeEvents } from "./events.js";
import { endedNotice } from "./failures.js";
import { errorsByItem, errorsOfOne } from "./format_errors.js";
import { Header } from "./header.js";
import { introductionOf } from "./introduction.js";
import { Question } from "./questions.js";
import { resultsOf } from "./results.js";
import { Saving } from "./saving.js";
import { askToSubmit } from "./submit_dialog.js";
import { Timer } from "./timer.js";

/** How often the end of the time is asked for again, where the server can't be reached at that moment. */
const ASK_AGAIN_MS = 5_000;

export class Taking {
  #attempt;
  #api;
  #texts;
  #host;
  #root;
  #assessmentId;
  #announcer = new Announcer();
  #questions;
  #header;
  #saving = null;
  #timer = null;
  #changes = null;
  #above = el("div");
  #problems = el("div", { class: "problems" });
  #submit;
  #submitting = false;

  /**
   * @param {Object} given
   * @param {HTMLElement} given.root
   * @param {any} given.player as the gateway tells it
   * @param {import("./attempt.js").Attempt} given.attempt
   * @param {import("./api.js").SessionApi} given.api
   * @param {import("./texts.js").Texts} given.texts
   * @param {import("./host.js").Host} given.host
   * @param {(text: string, options?: {inline?: boolean}) => DocumentFragment} given.rich
   */
  constructor({ root, player, attempt, api, texts, host, rich }) {
    this.#root = root;
    this.#attempt = attempt;
    this.#api = api;
    this.#texts = texts;
    this.#host = host;
    this.#assessmentId = player.submission.assessment_id;
    const around = { attempt, texts, rich, edited: (id) => this.#edited(id), check: (id) => this.#check(id) };
    this.#questions = attempt.items.map((item, place) => new Question(item, place + 1, around));
    this.#submit = el("button", { type: "button", id: "submit", class: "button primary", on: { click: () => this.#askToSubmit() } }, texts.t("submit.button"));
    if (attempt.isOpen) this.#begin(player);
    fill(root, this.#header?.element, el("div", { class: "page" }, [
      introductionOf(player, attempt, texts, rich),
      this.#above,
      this.#questions.map((question) => question.element),
      this.#problems,
      attempt.isOpen && el("div", { class: "end" }, this.#submit),
    ]));
    if (!attempt.isOpen) this.#showResults();
  }

  #begin(player) {
    const attempt = this.#attempt;
    this.#changes = new ChangeEvents(this.#api, attempt.id);
    this.#saving = new Saving(attempt, this.#api, {
      changed: () => this.#savingChanged(),
      merged: (ids) => this.#questions.filter(({ id }) => ids.includes(id)).forEach((question) => question.rewrite()),
      closed: () => this.#readEnd(),
      ended: () => this.#sessionEnded(),
    });
    if (player.submission.expires_at) {
      this.#timer = new Timer({ now: player.now, expires_at: player.submission.expires_at }, this.#texts, {
        announce: (text) => this.#announcer.say(text),
        nearlyOver: () => this.#saving.flush(),
        over: () => this.#timeIsOver(),
      });
    }
    this.#header = new Header(attempt, this.#texts, this.#announcer, this.#timer?.element);
    this.#restore(keptTyped(attempt.id));
  }

  /** Lay what this tab could not save before over what the gateway has. */
  #restore(typed) {
    for (const question of this.#questions) {
      const kept = typed[question.id];
      if (!kept) continue;
      this.#attempt.edit(question.id, kept.answer);
      question.rewrite();
    }
    if (this.#attempt.hasNews) this.#saving.edited();
    this.#update();
  }

  #edited(id) {
    this.#attempt.edit(id, this.#question(id).read());
    this.#saving.edited();
    this.#changes.changed(id);
    this.#update();
  }

  #update() {
    for (const question of this.#questions) question.update();
    this.#header?.update();
  }

  #savingChanged() {
    this.#update();
    const { phase, sequence } = this.#attempt;
    if (phase === Phase.SAVED) this.#host.tell("saved", { sequence });
  }

  async #check(id) {
    const attempt = this.#attempt;
    const answer = attempt.answer(id);
    if (!answer) return this.#refused(new Map([[id, [{ code: "answer_required", param: "", message: "" }]]]));
    try {
      const checked = await this.#api.check(this.#assessmentId, id, answer);
      if (attempt.answer(id) === answer) attempt.judge(id, checked);
      else attempt.countChecks(id, checked.checks_left);
    } catch (error) {
      if (error.code === "invalid_answer_format") return this.#refused(new Map([[id, errorsOfOne(error)]]));
      if (error.code === "check_limit_reached") attempt.countChecks(id, 0);
      else this.#callFailed(error, "check");
    }
    this.#update();
  }

  /** Show what is wrong with answers, and go to the first of them. */
  #refused(errors) {
    this.#attempt.refuse(errors, false);
    this.#update();
    const [first] = errors.keys();
    this.#question(first).focus();
  }

  async #askToSubmit() {
    if (this.#submitting) return;
    const missing = this.#attempt.unanswered.map((id) => this.#question(id));
    if (await askToSubmit(this.#texts, this.#attempt.items.length, missing, this.#submit)) await this.#submitNow();
  }

  async #submitNow() {
    const answers = this.#attempt.answers();
    this.#working(true);
    this.#saving.pause();
    try {
      await this.#end(await this.#api.submit(this.#attempt.id, answers));
    } catch (error) {
      if (error.code === "submission_closed") await this.#readEnd();
      else this.#submitFailed(error, answers);
    }
    this.#working(false);
  }

  #submitFailed(error, answers) {
    if (error.code === "invalid_answer_format") {
      this.#attempt.refuse(errorsByItem(error, answers), false);
      this.#update();
      this.#listProblems();
    } else {
      this.#callFailed(error, "submit");
    }
    this.#saving.resume();
  }

  /** The errors as a list of links to their questions, which takes the focus. */
  #listProblems() {
    const { t } = this.#texts;
    const heading = el("h2", {}, t("problems.title"));
    const go = (question) => (event) => {
      event.preventDefault();
      question.focus();
    };
    const links = this.#attempt.faulty
      .map((id) => this.#question(id))
      .map((question) => el("li", {}, el("a", { href: `#${question.element.getAttribute("aria-labelledby")}`, on: { click: go(question) } }, question.name)));
    fill(this.#problems, heading, el("p", {}, t("problems.text", { count: links.length })), el("ul", {}, links));
    this.#problems.scrollIntoView({ block: "center" });
    focusOn(heading);
  }

  /** Something that the learner asked for did not happen; nothing is lost by asking again. */
  #callFailed(error, what) {
    if (error instanceof Refusal && error.endsSession) return this.#sessionEnded();
    const { t } = this.#texts;
    const seconds = error.retryAfterSeconds ?? 0;
    const wait = seconds > 0 ? ` ${t("failure.wait", { count: seconds })}` : "";
    const text = t(error instanceof Refusal ? `${what}.failed` : `${what}.offline`) + wait;
    fill(this.#problems, el("p", { class: "error" }, text));
    this.#announcer.interrupt(text);
  }

  async #timeIsOver() {
    this.#announcer.say(this.#texts.t("time.over"));
    this.#saving.pause();
    for (const question of this.#questions) question.close();
    await this.#readEnd();
  }

  /** Read how the attempt ended, whoever ended it, as often as it takes. */
  async #readEnd() {
    try {
      await this.#end(await this.#api.submission(this.#attempt.id));
    } catch (error) {
      if (error instanceof Refusal && error.endsSession) this.#sessionEnded();
      else setTimeout(() => this.#readEnd(), Math.max(ASK_AGAIN_MS, (error.retryAfterSeconds ?? 0) * 1_000));
    }
  }

  async #end(submission) {
    if (submission.status === "in_progress") {
      setTimeout(() => this.#readEnd(), ASK_AGAIN_MS);
      return;
    }
    this.#attempt.close({ answers: this.#attempt.answers(), ...submission });
    keepTyped(this.#attempt.id, {});
    this.#host.tell("submitted", { submission_id: this.#attempt.id, status: submission.status });
    this.#changes.tell();
    this.#showResults();
  }

  #showResults() {
    this.#timer?.stop();
    this.#header?.element.remove();
    this.#submit.parentNode?.remove();
    fill(this.#problems);
    for (const question of this.#questions) {
      question.rewrite();
      question.close();
    }
    const { element, heading } = resultsOf(this.#attempt, this.#texts);
    fill(this.#above, element);
    document.documentElement.dataset.player = "submitted";
    if (this.#header) focusOn(heading);
  }

  #sessionEnded() {
    this.#saving?.pause();
    this.#attempt.phase = Phase.ENDED;
    this.#timer?.stop();
    this.#submit.parentNode?.remove();
    fill(this.#problems);
    for (const question of this.#questions) question.close();
    this.#header?.update();
    const notice = endedNotice(this.#attempt, this.#texts);
    fill(this.#above, notice);
    document.documentElement.dataset.player = "failed";
    this.#host.tell("error", { code: "session_expired" });
    focusOn(notice.querySelector("h2"));
  }

  #working(isWorking) {
    this.#submitting = isWorking;
    this.#submit.toggleAttribute("aria-busy", isWorking);
    fill(this.#submit, this.#texts.t(isWorking ? "submit.working" : "submit.button"));
  }

  #question(id) {
    return this.#questions.find((question) => question.id === id);
  }
}
