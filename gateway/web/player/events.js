/** How often answers are changed: told in batches, and of no importance to the learner. */

import { Unreachable, randomName } from "./api.js";

const TOLD_EVERY_MS = 30_000;
/** Edits of one answer with shorter pauses are one change. */
const PAUSE_MS = 3_000;
/** A batch costs as many requests as it has events. */
const BATCH_MOST = 20;
const KEPT_MOST = 200;

export class ChangeEvents {
  #api;
  #submissionId;
  #waiting = [];
  #lastEditAt = new Map();
  #count = 0;
  #prefix = randomName();

  /**
   * @param {import("./api.js").SessionApi} api
   * @param {string} submissionId
   */
  constructor(api, submissionId) {
    this.#api = api;
    this.#submissionId = submissionId;
    setInterval(() => this.tell(), TOLD_EVERY_MS);
    window.addEventListener("pagehide", () => this.tell(true));
  }

  /**
   * An answer was edited.
   *
   * @param {string} itemId
   */
  changed(itemId) {
    const now = Date.now();
    const isNew = now - (this.#lastEditAt.get(itemId) ?? 0) > PAUSE_MS;
    this.#lastEditAt.set(itemId, now);
    if (!isNew || this.#waiting.length >= KEPT_MOST) return;
    this.#count += 1;
    const id = `${this.#prefix}-${this.#count}`;
    this.#waiting.push({ id, type: "answer_change", item_id: itemId, at: new Date(now).toISOString() });
  }

  /**
   * Tell what has gathered; what could not be told is told with the next batch.
   *
   * @param {boolean} keepalive the page may be gone before the answer comes
   */
  async tell(keepalive = false) {
    const batch = this.#waiting.splice(0, BATCH_MOST);
    if (!batch.length) return;
    try {
      await this.#api.events(this.#submissionId, batch, keepalive);
    } catch (error) {
      if (error instanceof Unreachable || error.isPassing) this.#waiting.unshift(...batch);
    }
  }
}
