/** What was answered here and is not the answer: another one was saved elsewhere, or the attempt ended before it arrived. */

import { jsonOf } from "./known.js";

const NONE = Object.freeze([]);

export class Offers {
  /** @type {Map<string, object[]>} by item id */
  #answers = new Map();

  /** @returns {object[]} the same list as long as nothing is offered anew */
  of(id) {
    return this.#answers.get(id) ?? NONE;
  }

  /** Returns whether there is anything to offer: an answer that was taken back is none. */
  add(id, answer) {
    if (answer === null) return false;
    const others = this.of(id).filter((each) => jsonOf(each) !== jsonOf(answer));
    this.#answers.set(id, [...others, answer]);
    return true;
  }

  /** The learner has decided about it. */
  remove(id, answer) {
    this.#answers.set(id, this.of(id).filter((each) => each !== answer));
  }

  clear() {
    this.#answers.clear();
  }
}

/**
 * Of what was given, what did not become the answer; of what was saved before, what has none in its place.
 *
 * @param {import("./drafts.js").Typed} typed
 * @param {(id: string) => object | null} answerOf
 * @returns {import("./drafts.js").Typed}
 */
export function missing(typed, answerOf) {
  const found = {};
  for (const [id, { number, answer = null, offered, isSaved = false }] of Object.entries(typed)) {
    if (isSaved && answerOf(id) !== null) continue;
    const left = [answer, ...offered].filter((each) => each !== null && jsonOf(each) !== jsonOf(answerOf(id)));
    if (left.length) found[id] = { number, offered: left };
  }
  return found;
}
