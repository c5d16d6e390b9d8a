/** The time that is left of an attempt. */

import { el, setText } from "./dom.js";

const MINUTE_MS = 60_000;
/** When a screen reader says how much is left: nobody else is interrupted. */
const ANNOUNCED_MS = [5 * MINUTE_MS, MINUTE_MS];
/** What is typed is saved this long before the end, while it still counts. */
const LAST_SAVE_MS = 2_500;
/** The end is the server's to tell: a moment is left for clocks that differ a little. */
const AFTER_END_MS = 700;
const TICK_MS = 500;

/**
 * @typedef {Object} TimerEvents
 * @property {(text: string) => void} announce
 * @property {() => void} nearlyOver  the last moment at which a save counts
 * @property {() => void} over
 */

export class Timer {
  #lengthMs = 0;
  #began = { at: 0, ticks: 0 };
  #texts;
  #events;
  #interval = 0;
  #coming;

  /**
   * @param {{now: string, expires_at: string}} times by the server's clock
   * @param {import("./texts.js").Texts} texts
   * @param {TimerEvents} events
   */
  constructor(times, texts, events) {
    this.#texts = texts;
    this.#events = events;
    this.element = el("span", { id: "time-left", class: "time-left", role: "timer", "aria-live": "off" });
    this.start(times);
  }

  /**
   * Count down to an end, in the place of the one before: the clock of this device may have been set meanwhile.
   *
   * @param {{now: string, expires_at: string}} times by the server's clock
   */
  start({ now, expires_at: expiresAt }) {
    this.#count(Date.parse(expiresAt) - Date.parse(now));
  }

  /**
   * Count on by the clock that nobody sets, from where it stands.
   *
   * @returns {boolean} whether it leaves any time
   */
  goOn() {
    const leftMs = this.#lengthMs - (performance.now() - this.#began.ticks);
    if (leftMs > 0) this.#count(leftMs);
    return leftMs > 0;
  }

  stop() {
    clearInterval(this.#interval);
  }

  #count(lengthMs) {
    this.stop();
    this.#lengthMs = lengthMs;
    this.#began = { at: Date.now(), ticks: performance.now() };
    this.#coming = [
      ...ANNOUNCED_MS.map((at) => [at, () => this.#events.announce(this.#words())]),
      [LAST_SAVE_MS, () => this.#events.nearlyOver()],
      [-AFTER_END_MS, () => this.#events.over()],
    ].filter(([at]) => at < this.#leftMs || at < 0);
    this.#interval = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  /** A clock that is set back gives no time; the other one may stand still while the device sleeps. */
  get #leftMs() {
    return this.#lengthMs - Math.max(Date.now() - this.#began.at, performance.now() - this.#began.ticks);
  }

  #tick() {
    const leftMs = this.#leftMs;
    setText(this.element, this.#words());
    this.element.toggleAttribute("data-short", leftMs <= ANNOUNCED_MS[0]);
    while (this.#coming.length && leftMs <= this.#coming[0][0]) {
      const [, happens] = this.#coming.shift();
      happens();
    }
    if (!this.#coming.length) this.stop();
  }

  /** Hours and minutes, in the last hour minutes and seconds. */
  #words() {
    const { t, number } = this.#texts;
    const seconds = Math.max(0, Math.ceil(this.#leftMs / 1_000));
    const two = (value) => number(value, { minimumIntegerDigits: 2 });
    const minutes = Math.floor(seconds / 60);
    const clock =
      minutes < 60
        ? `${number(minutes)}:${two(seconds % 60)}`
        : `${number(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
    return t("time.left", { time: clock });
  }
}
