/** Pages in the place of an assessment that can't be shown: what happened, and what the learner does next. */

import { button, el, focusOn } from "./dom.js";
import { Refusal, Unreachable } from "./api.js";

/** Refusals by the text that explains them; all others are `unexpected`. */
const EXPLAINED = {
  embed_token_invalid: "token_invalid",
  embed_token_used: "token_used",
  embed_token_expired: "token_expired",
  session_expired: "session_ended",
  session_not_found: "session_ended",
  session_lost: "session_lost",
  answer_lost: "answer_lost",
  max_attempts_reached: "attempts_used",
  assessment_not_published: "not_published",
  assessment_not_found: "not_published",
  submission_not_found: "session_ended",
  center_suspended: "not_available",
  origin_not_allowed: "not_available",
  unreachable: "unreachable",
};

/** Where the same thing may work a little later, and nothing is lost by trying. */
const WORTH_A_RETRY = new Set(["unreachable", "busy", "unexpected"]);

/** A page's address names no session of this tab: nothing was asked of the server. */
export class SessionLost extends Error {}

/** No answer came to a token: it may be spent. */
export class SpendUnknown extends Unreachable {}

/**
 * The code of whatever went wrong, as the host page is told it.
 *
 * @param {Error} error
 * @returns {string}
 */
export function codeOf(error) {
  if (error instanceof Refusal) return error.code;
  if (error instanceof SessionLost) return "session_lost";
  return error instanceof Unreachable ? "unreachable" : "unexpected";
}

/**
 * @param {Error} error
 * @param {import("./drafts.js").Typed} typed what was typed before and never saved
 * @param {import("./texts.js").Texts} texts
 * @param {() => void} retry
 * @returns {HTMLElement}
 */
export function failurePage(error, typed, { t }, retry) {
  const cause = causeOf(error);
  const seconds = error.retryAfterSeconds ?? 0;
  return el("section", { class: "failure", data: { code: codeOf(error) }, "aria-labelledby": "failure-title" }, [
    el("h1", { id: "failure-title" }, t(`failure.${cause}.title`)),
    el("p", {}, t(`failure.${cause}.text`)),
    error instanceof SpendUnknown && el("p", {}, t("failure.link_may_be_used")),
    seconds > 0 && el("p", {}, t("failure.wait", { count: seconds })),
    WORTH_A_RETRY.has(cause) &&
      el("p", {}, button(t("failure.retry"), retry, { id: "retry", class: "button primary" })),
    unsavedTexts(typed, t),
  ]);
}

/**
 * What is shown above the questions when the session ends while they are answered. Nothing typed is taken away.
 *
 * @param {import("./attempt.js").Attempt} attempt
 * @param {import("./texts.js").Texts} texts
 * @returns {HTMLElement}
 */
export function endedNotice(attempt, { t }) {
  return el("section", { class: "failure", data: { code: "session_expired" }, "aria-labelledby": "failure-title" }, [
    el("h2", { id: "failure-title" }, t("failure.session_ended.title")),
    el("p", {}, t("failure.session_ended.text")),
    unsavedTexts(attempt.typed, t) || el("p", {}, t("failure.all_saved")),
  ]);
}

function unsavedTexts(typed, t) {
  const count = Object.keys(typed).length;
  return count > 0 && [el("p", {}, t("failure.unsaved", { count })), typedTexts(typed, t)];
}

/**
 * Answers that never reached the server, to read and to copy.
 *
 * @param {import("./drafts.js").Typed} typed
 * @param {(key: string, params?: object) => string} t
 * @returns {HTMLElement}
 */
export function typedTexts(typed, t) {
  const shown = (label, answer) => answer && (answerText(label, answer) ?? el("p", {}, label));
  const all = ({ number, answer, offered }) =>
    [answer, ...offered].map((each) => shown(t("failure.typed", { number }), each));
  return el("div", { class: "typed" }, Object.values(typed).map(all));
}

/**
 * An answer's words under a label, to read and to copy; null where it has none.
 *
 * @param {string} label
 * @param {object} answer
 * @param {Map<unknown, string>} [names]  what ids stand for, where that is known
 */
export function answerText(label, answer, names = new Map()) {
  const words = wordsOf(answer, names);
  if (!words) return null;
  return el("label", {}, label, el("textarea", { readonly: true, rows: 3, dir: "auto" }, words));
}

/** Show a page in the place of whatever the player shows now. */
export function show(root, page) {
  root.replaceChildren(page);
  focusOn(page.querySelector("h1, h2"));
}

/** What a learner wrote, however deep in the answer; an id means nothing to anybody, but where it has a name. */
function wordsOf(answer, names) {
  return Object.entries(answer ?? {})
    .flatMap(([name, value]) => {
      if (names.has(value)) return [names.get(value)];
      if (typeof value === "string") return ["text", "value", "expression"].includes(name) ? [value] : [];
      return typeof value === "object" ? [wordsOf(value, names)] : [];
    })
    .filter(Boolean)
    .join("\n");
}

function causeOf(error) {
  if (error instanceof Refusal && error.status === 429) return "busy";
  return EXPLAINED[codeOf(error)] ?? (error.status >= 500 ? "unreachable" : "unexpected");
}
