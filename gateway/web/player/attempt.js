/** The state of one attempt: what is asked, what is answered, what of it the gateway has. No page, no calls. */

import { Known, jsonOf } from "./known.js";
import { Offers } from "./offers.js";

/**
 * @typedef {{id: string, type: string, points: string, content: any, allow_blank: boolean}} Item
 * @typedef {{code: string, param: string, message: string, limit?: number | string, allowed?: string[]}} FormatError
 *   `param` is the path inside the answer, "" for the answer as a whole
 * @typedef {{state: string, score?: string, max_score?: string, parts?: {id: string, state: string}[]}} Verdict
 * @typedef {"unanswered" | "answered" | "saving" | "saved" | "unsaved"} AnswerState
 */

/** How saving goes, for the attempt as a whole. `off`: the assessment wants no saves. */
export const Phase = Object.freeze({
  IDLE: "idle",
  SAVING: "saving",
  SAVED: "saved",
  OFFLINE: "offline",
  WAITING: "waiting",
  TOO_LARGE: "too_large",
  ENDED: "ended",
  OFF: "off",
});

/** Phases in which an edit will be saved in a moment. */
const COMING = new Set([Phase.IDLE, Phase.SAVING, Phase.SAVED]);

export class Attempt {
  /** @type {Map<string, object>} by item id, as the learner sees them now */
  #answers = new Map();
  /** What of them the gateway has. */
  #known;
  /** What was answered here, and gave way to what was saved elsewhere. */
  offers = new Offers();
  /** @type {Map<string, FormatError[]>} of the answers as they are now */
  #errors = new Map();
  /** @type {Map<string, Verdict>} of the answers as they are now */
  #verdicts = new Map();
  /** @type {Map<string, number>} */
  #checksLeft;
  /** @type {Set<string>} items whose answer no save can bring to the gateway before it is corrected */
  #refused = new Set();

  /** @param {any} player as the gateway tells it */
  constructor(player) {
    this.settings = player.settings;
    this.submission = player.submission;
    this.attemptsLeft = player.attempts_left;
    /** @type {Item[]} */
    this.items = player.submission.items;
    this.#known = new Known(player.submission.answers, player.submission.sequence);
    this.phase = firstPhase(player);
    this.#checksLeft = new Map(Object.entries(player.checks_left ?? {}));
    for (const { item_id: id, answer } of player.submission.answers) this.#answers.set(id, answer);
    for (const result of player.submission.results ?? []) this.#verdicts.set(result.item_id, result);
  }

  get id() {
    return this.submission.id;
  }

  /** Of the newest save that the gateway is known to have. */
  get sequence() {
    return this.#known.sequence;
  }

  get isOpen() {
    return this.submission.status === "in_progress";
  }

  /** Ids of the items that have no answer. */
  get unanswered() {
    return this.items.filter(({ id }) => !this.#answers.has(id)).map(({ id }) => id);
  }

  /** Ids of the items whose answer the gateway does not have as it stands here. */
  get unsaved() {
    return this.items.filter(({ id }) => !this.#isAcknowledged(id)).map(({ id }) => id);
  }

  /** Ids of the items with format errors. */
  get faulty() {
    return this.items.filter(({ id }) => this.#errors.has(id)).map(({ id }) => id);
  }

  /** Whether a save would tell the gateway something: what it refused already is not sent again as it is. */
  get hasNews() {
    return this.unsaved.some((id) => !this.#refused.has(id));
  }

  /** Answers that the gateway does not have, as they are kept in this tab. */
  get typed() {
    const typed = {};
    for (const { id } of this.items) {
      const isSaved = this.#isAcknowledged(id);
      const offered = this.offers.of(id);
      if (isSaved && !offered.length) continue;
      const edited = isSaved ? {} : { answer: this.answer(id), traces: this.#known.traces(id) };
      typed[id] = { number: this.numberOf(id), offered, ...edited };
    }
    return typed;
  }

  /**
   * @param {string} id
   * @returns {object | null}
   */
  answer(id) {
    return this.#answers.get(id) ?? null;
  }

  /** @param {string} id */
  errors(id) {
    return this.#errors.get(id) ?? [];
  }

  /** @param {string} id */
  verdict(id) {
    return this.#verdicts.get(id) ?? null;
  }

  /** @param {string} id */
  checksLeft(id) {
    return this.#checksLeft.get(id) ?? 0;
  }

  /** The place of an item, counted from 1. */
  numberOf(id) {
    return this.items.findIndex((item) => item.id === id) + 1;
  }

  /**
   * @param {string} id
   * @returns {AnswerState}
   */
  stateOf(id) {
    if (this.#isAcknowledged(id)) return this.#answers.has(id) ? "saved" : "unanswered";
    if (this.phase === Phase.OFF) return this.#answers.has(id) ? "answered" : "unanswered";
    if (this.#refused.has(id)) return "unsaved";
    return COMING.has(this.phase) ? "saving" : "unsaved";
  }

  /**
   * The learner answered anew, null: took the answer back.
   *
   * @param {string} id
   * @param {object | null} answer
   */
  edit(id, answer) {
    if (answer === null) this.#answers.delete(id);
    else this.#answers.set(id, answer);
    this.#errors.delete(id);
    this.#verdicts.delete(id);
    this.#refused.delete(id);
  }

  /** Whatever was given here, as `typed` has it: also what the gateway has, which a submit from elsewhere may leave out. */
  get given() {
    const saved = this.items.filter(({ id }) => this.#answers.has(id));
    const all = saved.map(({ id }) => [id, { number: this.numberOf(id), answer: this.answer(id), offered: [], isSaved: true }]);
    return { ...Object.fromEntries(all), ...this.typed };
  }

  /** Every answer that there is, in the order of the items. */
  answers() {
    return this.#listed((id) => this.answer(id));
  }

  /** What a save sends: every answer; of one that was refused, what the gateway has of it already. */
  savable() {
    return this.#listed((id) => (this.#refused.has(id) ? this.#known.answer(id) : this.answer(id)));
  }

  /** A save is about to be sent. See `Known.begin`. */
  beginSave() {
    return this.#known.begin(this.unsaved.map((id) => ({ item_id: id, answer: this.answer(id) })));
  }

  /** A save is not on its way any more. See `Known.end`. */
  endSave(tried, isRefused) {
    this.#known.end(tried, isRefused);
  }

  /** The gateway has these answers. See `Known.take`. */
  acknowledge(answers, sequence) {
    this.#known.take(answers, sequence);
  }

  /**
   * Take what another tab has saved; nothing of a state that is older than what is known to be saved. Where the item
   * was edited here as well, the later answer counts, and the other one of the two is offered: an edit that no save was
   * tried with is being made at this moment, one that was tried before may have waited for as long as it likes.
   *
   * @param {any} submission
   * @returns {{changed: string[], offered: string[]}} items whose answer is another one now; those where one is offered
   */
  merge(submission) {
    const [changed, offered] = [[], []];
    if (submission.sequence < this.#known.sequence) return { changed, offered };
    const theirs = new Map(submission.answers.map(({ item_id: id, answer }) => [id, answer]));
    for (const { id } of this.items) {
      const [mine, answer] = [this.answer(id), theirs.get(id) ?? null];
      const isEdited = !this.#isAcknowledged(id);
      const isOurs = this.#known.wasSent(id, answer);
      // An older save of this tab's may arrive late, over a newer one.
      if (jsonOf(answer) === jsonOf(mine) || isOurs) continue;
      if (isEdited && this.#known.has(id, answer)) continue;
      const isBeingMade = isEdited && !this.#known.wasTried(id);
      if (isEdited && this.offers.add(id, isBeingMade ? answer : mine)) offered.push(id);
      if (isBeingMade) continue;
      this.edit(id, answer);
      changed.push(id);
    }
    this.acknowledge(submission.answers, submission.sequence);
    return { changed, offered };
  }

  /**
   * Lay what this tab kept over what the gateway has now, or beside it where that was saved elsewhere since.
   *
   * @param {string} id
   * @param {import("./drafts.js").Kept} kept
   * @returns {boolean} whether something is offered
   */
  restore(id, { answer, traces, offered }) {
    const now = this.answer(id);
    this.#known.recall(id, traces);
    for (const each of offered) this.offers.add(id, each);
    if (answer !== undefined && jsonOf(answer) !== jsonOf(now)) {
      if (this.#known.wasSent(id, now)) this.edit(id, answer);
      else this.offers.add(id, answer);
    }
    return this.offers.of(id).length > 0;
  }

  /**
   * Note what is wrong with answers, unless they were edited since they were sent.
   *
   * @param {Map<string, FormatError[]>} errors by item id
   * @param {{item_id: string, answer: object | null}[]} sent
   * @param {boolean} isSave whether it keeps them from being saved, too
   */
  refuse(errors, sent, isSave) {
    for (const { item_id: id, answer } of sent) {
      const found = errors.get(id);
      if (!found || this.answer(id) !== answer) continue;
      this.#errors.set(id, found);
      if (isSave) this.#refused.add(id);
    }
  }

  /**
   * @param {string} id
   * @param {Verdict & {checks_left: number}} checked
   */
  judge(id, checked) {
    this.#verdicts.set(id, checked);
    this.countChecks(id, checked.checks_left);
  }

  /**
   * @param {string} id
   * @param {number} left
   */
  countChecks(id, left) {
    this.#checksLeft.set(id, left);
  }

  /**
   * The attempt is over: take its grade, and the answers that were graded.
   *
   * @param {any} submission
   */
  close(submission) {
    this.submission = { ...this.submission, ...submission };
    this.#errors.clear();
    this.#refused.clear();
    this.offers.clear();
    this.#answers = new Map(this.submission.answers.map(({ item_id: id, answer }) => [id, answer]));
    this.#verdicts = new Map((this.submission.results ?? []).map((result) => [result.item_id, result]));
    this.acknowledge(this.submission.answers, Infinity);
  }

  #listed(answerOf) {
    return this.items
      .map(({ id }) => ({ item_id: id, answer: answerOf(id) }))
      .filter(({ answer }) => answer !== null);
  }

  #isAcknowledged(id) {
    return this.#known.has(id, this.answer(id));
  }
}

function firstPhase({ settings, submission }) {
  if (settings.autosave === "off") return Phase.OFF;
  return submission.answers.length ? Phase.SAVED : Phase.IDLE;
}
