/**
 * What the gateway has of an attempt's answers, as far as this tab knows: what it acknowledged, and what was sent to it
 * and never answered. Whatever else it turns out to have was saved somewhere else.
 */

/**
 * @typedef {{sequence: number, mark: string}} Trace  an answer that the gateway may have, and the save that it came with
 * @typedef {{sequence: number, traces: Trace[]}} Try  a save on its way, and what only this one may have brought
 */

export class Known {
  /** @type {Map<string, string>} by item id, as JSON */
  #answers;
  #sequence;
  /** @type {(Trace & {id: string})[]} saves that may have arrived, or may still */
  #sent = [];
  /** @type {Set<number>} sequences of the saves that are on their way */
  #underway = new Set();

  /**
   * @param {{item_id: string, answer: object}[]} answers
   * @param {number} sequence of the save that brought them
   */
  constructor(answers, sequence) {
    this.#answers = jsonByItem(answers);
    this.#sequence = sequence;
  }

  /** Of the newest save that is known. */
  get sequence() {
    return this.#sequence;
  }

  /** Whether the gateway has this answer, null: none. */
  has(id, answer) {
    return this.#answers.get(id) === jsonOf(answer);
  }

  /** What the gateway has of an item; null: nothing. */
  answer(id) {
    const kept = this.#answers.get(id);
    return kept ? JSON.parse(kept) : null;
  }

  /**
   * The gateway has these answers, and none for the other items; unless it has newer ones. A save that is not newer
   * will never arrive.
   */
  take(answers, sequence) {
    if (sequence < this.#sequence) return;
    this.#sequence = sequence;
    this.#answers = jsonByItem(answers);
    this.#sent = this.#sent.filter((trace) => trace.sequence > sequence);
  }

  /**
   * A save is about to be sent. It comes right after the newest that is known: where another tab's came between, the
   * gateway refuses it, and nobody's answer is written over unseen.
   *
   * @param {{item_id: string, answer: object | null}[]} unsaved
   * @returns {Try}
   */
  begin(unsaved) {
    const sequence = Math.max(this.#sequence, ...this.#underway) + 1;
    this.#underway.add(sequence);
    const traces = unsaved.map(({ item_id: id, answer }) => this.#trace(id, { sequence, mark: markOf(answer) }));
    return { sequence, traces };
  }

  /**
   * A save is not on its way any more.
   *
   * @param {Try} tried
   * @param {boolean} isRefused whether it is certain that nothing of it was saved
   */
  end({ sequence, traces }, isRefused) {
    this.#underway.delete(sequence);
    if (isRefused) this.#sent = this.#sent.filter((trace) => !traces.includes(trace));
  }

  /** Whether the gateway may have got this answer from this tab. */
  wasSent(id, answer) {
    const mark = markOf(answer);
    return this.#sent.some((trace) => trace.id === id && trace.mark === mark);
  }

  /** Whether saving the item was tried, and nobody said how it went. */
  wasTried(id) {
    return this.#sent.some((trace) => trace.id === id);
  }

  /**
   * What an edit of the item began from, and where it may have gone since: to be kept with it.
   *
   * @returns {Trace[]}
   */
  traces(id) {
    const sent = this.#sent.filter((trace) => trace.id === id).map(({ sequence, mark }) => ({ sequence, mark }));
    return [{ sequence: this.#sequence, mark: markOf(this.answer(id)) }, ...sent];
  }

  /**
   * @param {string} id
   * @param {Trace[]} traces as they were kept
   */
  recall(id, traces) {
    for (const { sequence, mark } of traces) this.#trace(id, { sequence, mark });
  }

  /** Returns what was added; null: it was tried before. */
  #trace(id, { sequence, mark }) {
    const isThere = (trace) => trace.id === id && trace.mark === mark && trace.sequence === sequence;
    if (this.#sent.some(isThere)) return null;
    const added = { id, sequence, mark };
    this.#sent.push(added);
    return added;
  }
}

/** Answers are replaced, and never changed: each is written once, however often it is compared. */
const written = new WeakMap();

/** An answer as JSON, the same however it is put: the gateway has its own order of names, and null for what is not there. */
export function jsonOf(answer) {
  if (answer === null) return undefined;
  if (!written.has(answer)) written.set(answer, JSON.stringify(answer, ordered));
  return written.get(answer);
}

function ordered(_, value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const given = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(given.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function jsonByItem(answers) {
  return new Map(answers.map(({ item_id: id, answer }) => [id, jsonOf(answer)]));
}

/** A few letters by which an answer is known again, however long it is. Two differing ones share them by no chance that matters. */
function markOf(answer) {
  let [one, other] = [0x811c9dc5, 0x1b873593];
  for (const letter of jsonOf(answer) ?? "") {
    const code = letter.codePointAt(0);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x5bd1e995) ^ (other >>> 13);
  }
  return (one >>> 0).toString(36) + (other >>> 0).toString(36);
}
