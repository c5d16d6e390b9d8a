/** Format errors of a refusal, sorted to the answers that they are about. */

/** A path in a body of several answers: `answers[2].answer.gaps[0].text`. */
const IN_ANSWERS = /^answers\[(\d+)\](?:\.answer)?\.?(.*)$/;
/** A path in a body of one answer: `answer.gaps[0].text`. */
const IN_ANSWER = /^answer\.?(.*)$/;

/** @typedef {import("./attempt.js").FormatError} FormatError */

/**
 * The errors of a save or submit, each path cut down to what stands inside its answer.
 *
 * @param {import("./api.js").Refusal} refusal
 * @param {{item_id: string}[]} answers as they were sent
 * @returns {Map<string, FormatError[]>} by item id
 */
export function errorsByItem(refusal, answers) {
  const found = new Map();
  for (const error of refusal.details.errors ?? []) {
    const [, place, param] = IN_ANSWERS.exec(error.param) ?? [];
    const id = answers[Number(place)]?.item_id;
    if (id) found.set(id, [...(found.get(id) ?? []), { ...error, param }]);
  }
  return found;
}

/**
 * The errors of a check.
 *
 * @param {import("./api.js").Refusal} refusal
 * @returns {FormatError[]}
 */
export function errorsOfOne(refusal) {
  return (refusal.details.errors ?? []).map((error) => ({ ...error, param: IN_ANSWER.exec(error.param)?.[1] ?? "" }));
}
