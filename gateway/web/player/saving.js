/**
 * Answers go to the gateway while they are typed: a moment after the last edit, one save at a time, so far apart that
 * the limit of saves is never met. Nothing counts as saved before the gateway has said so; until then it is kept in
 * this tab.
 */

import { Refusal, Unreachable } from "./api.js";
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
 * @property {(sequence: number) => void} saved  the gateway has all that was answered, by the save of this number
 * @property {(merged: {changed: string[], offered: string[]}) => void} merged  another tab has answered these
 * @property {() => void} closed  the attempt is over
 * @property {(refusal: import("./api.js").Refusal) => void} ended  the session is over: nothing more can be saved
 */

export class Saving {
  #attempt;
  #api;
  #events;
  /** An assessment may want no saves while its answers are typed. */
  #isWanted;
  #isPaused = false;
  #timer = 0;
  /** @type {Promise<void> | null} the save that is on its way */
  #sending = null;
  /** @type {string | null} the answers that are on their way while the page is left */
  #leaving = null;
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
    this.#isWanted = attempt.phase !== Phase.OFF;
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden && this.#leave());
    window.addEventListener("pagehide", () => this.#leave());
  }

  /** An answer was edited. */
  edited() {
    this.#guardLeaving();
    if (!this.#isWanted) return;
    this.#keep();
    const now = performance.now();
    this.#firstEditAt ||= now;
    this.#schedule(Math.min(now + QUIET_MS, this.#firstEditAt + LONGEST_WAIT_MS));
  }

  /** Save at once: there is no later moment at which it would count. */
  async flush() {
    await this.#sending;
    await this.#send();
  }

  /** Send nothing more, such as while the attempt is submitted. */
  pause() {
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#guardLeaving();
  }

  /**
   * Take over what another tab has saved.
   *
   * @returns {Promise<boolean>} whether the attempt is still open; rejects where the gateway did not say
   */
  async takeOver() {
    const submission = await this.#api.submission(this.#attempt.id);
    if (submission.status !== "in_progress") return false;
    const merged = this.#attempt.merge(submission);
    this.#keep();
    this.#events.merged(merged);
    return true;
  }

  /** Go on after `pause`. */
  resume() {
    this.#isPaused = false;
    this.edited();
  }

  #keep() {
    if (this.#isWanted) keepTyped(this.#attempt.id, this.#attempt.typed);
  }

  /**
   * The page may be gone in a moment: send what is not saved, whatever else is on its way. Once: a page is told of its end
   * twice, and the same answers under a later number would be laid over what another page saves meanwhile.
   */
  async #leave() {
    const answers = JSON.stringify(this.#attempt.savable());
    if (!this.#isWanted || this.#leaving === answers) return;
    this.#leaving = answers;
    await this.#send({ keepalive: true });
    if (this.#leaving === answers) this.#leaving = null;
  }

  /** Let the browser ask before it leaves the page, as long as something would be lost. */
  #guardLeaving() {
    const wouldLose = this.#attempt.isOpen && this.#attempt.unsaved.length > 0;
    if (wouldLose) window.addEventListener("beforeunload", preventDefault);
    else window.removeEventListener("beforeunload", preventDefault);
  }

  /** The network is back: no need to wait for the next try. */
  #hurry() {
    if (this.#attempt.phase !== Phase.OFFLINE) return;
    this.#notBefore = 0;
    this.#schedule(performance.now());
  }

  #schedule(at) {
    clearTimeout(this.#timer);
    if (this.#isPaused) return;
    this.#timer = setTimeout(() => this.#sendNext(), Math.max(at, this.#notBefore) - performance.now());
  }

  /** Send when nothing is on its way; what was edited meanwhile is sent afterwards in any case. */
  #sendNext() {
    if (!this.#sending) this.#send();
  }

  async #send({ keepalive = false } = {}) {
    if (this.#isPaused || !this.#attempt.isOpen || !this.#attempt.hasNews) return;
    const sending = this.#save(keepalive);
    this.#sending = sending;
    await sending;
    if (this.#sending === sending) this.#sending = null;
    if (!this.#isWanted) return;
    this.#keep();
    if (this.#attempt.hasNews) this.#schedule(performance.now() + QUIET_MS);
  }

  async #save(keepalive) {
    const attempt = this.#attempt;
    clearTimeout(this.#timer);
    this.#firstEditAt = 0;
    this.#notBefore = performance.now() + APART_MS;
    if (attempt.phase !== Phase.OFFLINE) this.#enter(Phase.SAVING);
    const answers = attempt.savable();
    const tried = attempt.beginSave();
    const { sequence } = tried;
    this.#keep();
    try {
      await this.#api.save(attempt.id, sequence, answers, keepalive);
      attempt.endSave(tried, false);
      attempt.acknowledge(answers, sequence);
      this.#arrived();
    } catch (error) {
      attempt.endSave(tried, error instanceof Refusal && error.isFinal);
      await this.#failed(error, answers);
    }
  }

  #arrived() {
    this.#failures = 0;
    this.#enter(Phase.SAVED);
    if (this.#attempt.isOpen && this.#attempt.unsaved.length === 0) this.#events.saved(this.#attempt.sequence);
  }

  async #failed(error, answers) {
    const attempt = this.#attempt;
    if (!attempt.isOpen) return;
    if (error instanceof Unreachable) return this.#retry(Phase.OFFLINE, 0);
    if (error.code === "stale_sequence") return this.#catchUp();
    if (error.code === "submission_closed") return this.#close();
    if (error.endsSession) return this.#end(error);
    if (error.code === "body_too_large") return this.#retry(Phase.TOO_LARGE, 0);
    const errors = errorsByItem(error, answers);
    if (errors.size === 0) return this.#retry(Phase.WAITING, error.retryAfterSeconds);
    attempt.refuse(errors, answers, true);
    this.#enter(Phase.SAVED);
  }

  /** Another save came first: another tab's, or one of this tab's that no answer came to. */
  async #catchUp() {
    try {
      if (!(await this.takeOver())) return this.#close();
      if (this.#attempt.hasNews) this.#enter(Phase.SAVING);
      else this.#arrived();
    } catch (error) {
      await this.#failed(error, []);
    }
  }

  #close() {
    this.pause();
    this.#events.closed();
  }

  #end(refusal) {
    this.pause();
    this.#enter(Phase.ENDED);
    this.#events.ended(refusal);
  }

  #retry(phase, afterSeconds) {
    const backoffMs = Math.min(RETRY_FIRST_MS * 2 ** this.#failures, RETRY_MOST_MS) * (0.75 + Math.random() / 2);
    this.#failures += 1;
    this.#notBefore = performance.now() + Math.max(backoffMs, afterSeconds * 1_000);
    this.#enter(phase);
  }

  #enter(phase) {
    if (this.#isWanted || phase === Phase.ENDED) this.#attempt.phase = phase;
    this.#guardLeaving();
    this.#events.changed();
  }
}

function preventDefault(event) {
  event.preventDefault();
}
