/** What a screen reader says of what the eye sees happen, as soon as the reader pauses. */

import { el } from "./dom.js";

export class Announcer {
  #region = el("p", { class: "visually-hidden", role: "status" });

  constructor() {
    document.body.append(this.#region);
  }

  /**
   * Say something; the same text twice in a row is said twice.
   *
   * @param {string} text
   */
  say(text) {
    this.#region.textContent = "";
    requestAnimationFrame(() => {
      this.#region.textContent = text;
    });
  }
}
