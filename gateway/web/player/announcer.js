/** What a screen reader says of what the eye sees happen: politely, or at once. */

import { el } from "./dom.js";

export class Announcer {
  #polite = el("p", { class: "visually-hidden", role: "status" });
  #assertive = el("p", { class: "visually-hidden", role: "alert" });

  constructor() {
    document.body.append(this.#polite, this.#assertive);
  }

  /**
   * Say something as soon as the reader pauses; the same text twice in a row is said twice.
   *
   * @param {string} text
   */
  say(text) {
    speak(this.#polite, text);
  }

  /**
   * Say something now, whatever is being read.
   *
   * @param {string} text
   */
  interrupt(text) {
    speak(this.#assertive, text);
  }
}

function speak(region, text) {
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
