/**
 * Answers go to the gateway while they are typed: a moment after the last edit, one save at a time, so far apart that the
 * limit of saves is never met. Nothing counts as saved before the gateway has said so; until then it is kept in this tab.
 */

import { Unreachable } from "./api.js";
import { Phase } from "./attempt.js";
import { keepTyped } from "./drafts.js";
import { errorsByItem } from "./format_errors.js";

const QUIET_MS = 1_000;
/** Who types on and on is saved all the same. */
const LONGEST_WAIT_MS = 5_000;
/** 27 saves a minute, where 30 are allowed. */
const APART_MS = 2_200;
const RETRY_FIRST_MS = 2_000;
const RETRY_MOST_MS = 30_000;

/**
 * @typedef {Object} SavingEvents
 * @property {() => void} changed  the phase, or what is saved, is another one
 * @property {(itemIds: string[]) => void} merged  another tab has answered these
 * @property {() => void} closed  the attempt is over
 * @property {(refusal: import("./api.js").Refusal) => void} ended  the session is over: nothing more can be saved
 */

export class Saving {
  #attempt;
  #api;
  #events;
  #timer = 0;
  #sending = false;
  #stopped = false;
  #failures = 0;
  #firstEditAt = 0;
  #notBefore = 0;

  /**
   * @param {import("./attempt.js").Attempt} attempt
   * @param {import("./api.js").SessionApi} api
   * @param {SavingEvents} events
   */
  constructor(attempt, api, events) {
    this.#attempt = attempt;
    this.#api = api;
    this.#events = events;
    this.#stopped = attempt.phase === Phase.OFF;
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("beforeunload", (event) => this.#mayLeave() || event.preventDefault());
  }

  /** An answer was edited. */
  edited() {
    keepTyped(this.#attempt.id, this.#attempt.typed);
    const now = performance.now();
    this.#firstEditAt ||= now;
    this.#schedule(Math.min(now + QUIET_MS, this.#firstEditAt + LONGEST_WAIT_MS));
  }

  /** Save at once, without waiting for the learner to pause. */
  async flush() {
    this.#notBefore = 0;
    await this.#send();
  }

  /** The page may be gone in a moment: send what is not saved, whatever else is on its way. */
  leave() {
    if (!this.#stopped && this.#attempt.isOpen && this.#attempt.hasNews) this.#send({ keepalive: true });
  }

  /** Send nothing more, such as while the attempt is submitted. */
  pause() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Go on after `pause`. */
  resume() {
    this.#stopped = this.#attempt.phase === Phase.OFF || this.#attempt.phase === Phase.ENDED;
    this.edited();
  }

  #mayLeave() {
    return !this.#attempt.isOpen || this.#attempt.phase === Phase.ENDED || this.#attempt.unsaved.length === 0;
  }

  #hurry() {
    if (this.#attempt.phase === Phase.OFFLINE) this.#schedule(performance.now());
  }

  #schedule(at) {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#send(), Math.max(at, this.#notBefore) - performance.now());
  }

  async #send({ keepalive = false } = {}) {
    const attempt = this.#attempt;
    if (this.#stopped || (this.#sending && !keepalive) || !attempt.hasNews) return;
    clearTimeout(this.#timer);
    this.#sending = true;
    this.#firstEditAt = 0;
    this.#notBefore = performance.now() + APART_MS;
    if (attempt.phase !== Phase.OFFLINE) this.#enter(Phase.SAVING);
    const answers = attempt.savable();
    attempt.sequence += 1;
    try {
      await this.#api.save(attempt.id, attempt.sequence, answers, keepalive);
      attempt.acknowledge(answers);
      this.#failures = 0;
      this.#enter(Phase.SAVED);
    } catch (error) {
      await this.#failed(error, answers);
    }
    this.#sending = false;
    keepTyped(attempt.id, attempt.typed);
    if (attempt.hasNews) this.#schedule(performance.now() + (this.#failures ? 0 : QUIET_MS));
  }

  async #failed(error, answers) {
    const attempt = this.#attempt;
    if (!attempt.isOpen) return;
    if (error instanceof Unreachable) return this.#retry(Phase.OFFLINE, 0);
    if (error.code === "invalid_answer_format") {
      attempt.refuse(errorsByItem(error, answers), true);
      return this.#enter(Phase.SAVED);
    }
    if (error.code === "stale_sequence") return this.#catchUp();
    if (error.code === "submission_closed") {
      this.pause();
      return this.#events.closed();
    }
    if (error.isPassing || !error.endsSession) return this.#retry(Phase.WAITING, error.retryAfterSeconds);
    this.pause();
    this.#enter(Phase.ENDED);
    this.#events.ended(error);
  }

  /** Another tab saved meanwhile: what was edited here is laid over what it saved, item by item. */
  async #catchUp() {
    try {
      const submission = await this.#api.submission(this.#attempt.id);
      if (submission.status !== "in_progress") {
        this.pause();
        return this.#events.closed();
      }
      this.#events.merged(this.#attempt.merge(submission));
      this.#enter(Phase.SAVING);
    } catch (error) {
      await this.#failed(error, []);
    }
  }

  #retry(phase, afterSeconds) {
    const backoff = Math.min(RETRY_FIRST_MS * 2 ** this.#failures, RETRY_MOST_MS) * (0.75 + Math.random() / 2);
    this.#failures += 1;
    this.#notBefore = performance.now() + Math.max(backoff, afterSeconds * 1_000);
    this.#enter(phase);
  }

  #enter(phase) {
    this.#attempt.phase = phase;
    this.#events.changed();
  }
}
