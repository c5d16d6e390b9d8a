/** What a learner reads before the first question: title, description, and the rules of the attempt. */

import { el } from "./dom.js";

const MINUTE_SECONDS = 60;

/**
 * @param {any} player as the gateway tells it
 * @param {import("./attempt.js").Attempt} attempt
 * @param {import("./texts.js").Texts} texts
 * @param {(text: string, options?: {inline?: boolean}) => DocumentFragment} rich
 * @returns {HTMLElement}
 */
export function introductionOf(player, attempt, texts, rich) {
  const { submission } = attempt;
  return el("div", { class: "introduction" }, [
    el("p", { class: "center-name" }, el("bdi", {}, player.center_name)),
    el("h1", { dir: "auto" }, rich(submission.title, { inline: true })),
    player.description && el("div", { class: "description", dir: "auto" }, rich(player.description)),
    el("ul", { class: "rules" }, rulesOf(attempt, texts).map((rule) => el("li", {}, rule))),
  ]);
}

function rulesOf({ settings, submission, items, isOpen }, { t, number }) {
  const { max_attempts: attemptsMost, pass_percent: passPercent, time_limit_seconds: seconds } = settings;
  return [
    t("rules.questions", { count: items.length }),
    t("question.points", { count: Number(submission.max_score) }),
    seconds && t("rules.minutes", { count: Math.ceil(seconds / MINUTE_SECONDS) }),
    attemptsMost > 1 && t("rules.attempt", { attempt: submission.attempt, most: attemptsMost }),
    passPercent > 0 && t("rules.pass", { percent: number(passPercent / 100, { style: "percent" }) }),
    isOpen && settings.autosave === "off" && t("rules.not_saved"),
  ].filter(Boolean);
}
