/** What an attempt earned, as far as its learner may know. */

import { el, icon } from "./dom.js";
import { typedTexts } from "./failures.js";

/** In which order states are counted, and the state of the catalogue that names each. */
const COUNTED = [
  ["right", "right"],
  ["partial", "partly"],
  ["wrong", "wrong"],
  ["unanswered", "unanswered"],
  ["needs_review", "pending"],
];

/**
 * @param {import("./attempt.js").Attempt} attempt one that is over
 * @param {import("./texts.js").Texts} texts
 * @param {import("./drafts.js").Typed} late what was typed, and came too late to count
 * @returns {{element: HTMLElement, heading: HTMLElement}}
 */
export function resultsOf(attempt, texts, late) {
  const { t } = texts;
  const { submission, attemptsLeft } = attempt;
  const isPending = submission.status === "awaiting_review";
  const heading = el("h2", { id: "result-title" }, t(isPending ? "results.title_pending" : "results.title"));
  const element = el("section", { class: "results", "aria-labelledby": "result-title" }, [
    heading,
    submission.status === "expired" && el("p", { class: "notice" }, icon("pending"), t("results.expired")),
    isTold(submission) && grade(submission, texts),
    !isTold(submission) && el("p", {}, t(isToldLater(attempt) ? "results.later" : "results.not_told")),
    Object.keys(late).length > 0 && [el("p", {}, t("results.late")), typedTexts(late, t)],
    isPending && el("p", { class: "notice" }, icon("pending"), t("results.pending")),
    attemptsLeft > 0 && el("p", {}, t("results.attempts_left", { count: attemptsLeft })),
    el("p", { class: "hint" }, t("results.close")),
  ]);
  return { element, heading };
}

function isTold(submission) {
  return submission.score !== null && submission.score !== undefined;
}

/** Whether the assessment tells a result after the last attempt, which this one is not. */
function isToldLater({ settings, attemptsLeft }) {
  return settings.feedback !== "none" && attemptsLeft !== 0;
}

function grade(submission, texts) {
  const { t, number } = texts;
  const { score, max_score: max, percent, passed, results } = submission;
  return el("div", { class: "grade" }, [
    el("p", { class: "grade-percent" }, number(percent / 100, { style: "percent" })),
    el("div", {}, [
      el("p", { class: "grade-score" }, t("results.score", { score: Number(score), max: Number(max) })),
      typeof passed === "boolean" && verdict(passed, t),
      results && el("ul", { class: "grade-counts" }, countsOf(results, t)),
    ]),
  ]);
}

function verdict(passed, t) {
  const state = passed ? "right" : "wrong";
  const words = t(passed ? "results.passed" : "results.not_passed");
  return el("p", { class: "grade-passed", data: { state } }, icon(state), words);
}

function countsOf(results, t) {
  return COUNTED.map(([state, named]) => [named, results.filter((result) => result.state === state).length])
    .filter(([, count]) => count > 0)
    .map(([named, count]) => el("li", {}, t(`results.count_${named}`, { count })));
}
