/** Choices in a drop-down list, which can show plain text alone. */

import { el } from "../../dom.js";
import { authored } from "./build.js";
import { spoken } from "./spoken.js";

/** The options of a list: first one that stands for no answer. */
export function optionsFor(context, choices) {
  return [
    el("option", { value: "" }, context.t("kinds.common.choose")),
    ...choices.map(({ value, text }) => el("option", { value, dir: "auto" }, text)),
  ];
}

/**
 * Choices for drop-down lists. Where a choice has what plain text can't show, such as a formula, all get a letter, and
 * `legend` shows them in full.
 * @returns {{choices: {value: string, text: string}[], plain: Map<string, string>, legend: HTMLElement | null}}
 */
export function plainChoices(context, choices, title) {
  const bodies = choices.map((choice) => el("span", { class: "kind-text" }, authored(context, choice.text)));
  const lettered = bodies.some((body) => body.querySelector("math, img, table, pre"));
  const named = choices.map((choice, place) => ({
    value: choice.id,
    text: lettered ? `${letter(place)} · ${spoken(bodies[place])}` : spoken(bodies[place]),
  }));
  const legend = lettered
    ? el("div", { class: "kind-legend" }, el("p", {}, title),
        el("ul", { class: "kind-list" },
          bodies.map((body, place) => el("li", {}, el("b", {}, letter(place)), " ", body))))
    : null;
  return { choices: named, plain: new Map(named.map(({ value, text }) => [value, text])), legend };
}

function letter(place) {
  const last = String.fromCharCode(65 + (place % 26));
  return place < 26 ? last : letter(Math.floor(place / 26) - 1) + last;
}

/**
 * Drop-down lists that share their choices. Without `reuse` a choice stands at one of them: where it is picked again,
 * it leaves the place where it was, which is told there and then. Who goes through a list by arrow keys passes by
 * choices that stand elsewhere; what was only passed by goes back to its place.
 * @param {{id: string, select: HTMLSelectElement}[]} slots
 */
export function sharing(slots, reuse, moved) {
  let taken = null; // from which slot the list that has the focus took its choice
  for (const { select } of slots) {
    select.addEventListener("blur", () => {
      taken = null;
    });
  }
  return function picked(at) {
    if (reuse) return;
    if (taken?.by === at && !taken.from.select.value) taken.from.select.value = taken.choice;
    taken = null;
    const chosen = slots.find((slot) => slot.id === at)?.select.value;
    if (!chosen) return;
    for (const from of slots) {
      if (from.id === at || from.select.value !== chosen) continue;
      from.select.value = "";
      taken = { by: at, from, choice: chosen };
      moved(from.id, chosen);
    }
  };
}
