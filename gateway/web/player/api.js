/** Calls to the gateway. A call ends in an answer, in a Refusal that the gateway gave, or in an Unreachable. */

const PATIENCE_MS = 15_000;
/** Browsers take 64 KiB at most from a page that is going. */
const KEEPALIVE_MOST_BYTES = 60_000;

/** The page is at `…/embed/<token>`, the API beside `embed`. */
const GATEWAY = new URL("../", document.baseURI);

/** What the gateway refused, and why. */
export class Refusal extends Error {
  /** Whether the gateway itself answered; something on the way, such as a proxy, answers without a code. */
  #isOurs;

  /**
   * @param {number} status
   * @param {{code?: string, message?: string, param?: string, details?: Object<string, any>}} error
   * @param {number} retryAfterSeconds 0: it said nothing of when to try again
   */
  constructor(status, error, retryAfterSeconds = 0) {
    super(error.message ?? `The server answered ${status}.`);
    this.#isOurs = Boolean(error.code);
    this.status = status;
    this.code = error.code ?? "unexpected_answer";
    this.param = error.param ?? "";
    this.details = error.details ?? {};
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the session has ended, or what it was about is no longer there: no further call can succeed. */
  get endsSession() {
    return this.#isOurs && [401, 403, 404].includes(this.status);
  }

  /** Whether it is certain that the call did nothing. */
  get isFinal() {
    return this.#isOurs && this.status < 500;
  }

  /** Whether the same call may succeed a little later. */
  get isPassing() {
    return this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/**
 * No answer of the gateway's came: offline, the server is away, or something on the way answered in its place. Whether
 * the call did something is not known.
 */
export class Unreachable extends Error {}

/**
 * Spend a token.
 *
 * @param {string} token
 * @returns {Promise<any>} the session, with its credential and `player`
 */
export async function openSession(token) {
  const session = await call("POST", "v1/embed/sessions", { body: { token } });
  return genuine(session, isText(session.credential) && isText(session.page) && isPlayable(session));
}

/** Everything that one session may ask for. */
export class SessionApi {
  #credential;
  #sessionId;
  /** @type {Map<string, {sent: string, key: string}>} by item id: checks that no answer came to */
  #checks = new Map();

  /** @param {{id: string, credential: string}} session */
  constructor(session) {
    this.#sessionId = session.id;
    this.#credential = session.credential;
  }

  /** The session with everything that the player shows. */
  async session() {
    const session = await this.#call("GET", `v1/sessions/${this.#sessionId}?include=player`);
    return genuine(session, session.id === this.#sessionId && isPlayable(session));
  }

  /** @param {string} submissionId */
  async submission(submissionId) {
    const submission = await this.#call("GET", `v1/submissions/${submissionId}`);
    return genuine(submission, submission.id === submissionId && Array.isArray(submission.answers));
  }

  /**
   * Save all answers, in the place of those saved before.
   *
   * @param {string} submissionId
   * @param {number} sequence
   * @param {{item_id: string, answer: object}[]} answers
   * @param {boolean} keepalive the page may be gone before the answer comes
   */
  async save(submissionId, sequence, answers, keepalive = false) {
    const body = { sequence, answers };
    const saved = await this.#call("PUT", `v1/submissions/${submissionId}/answers`, { body, keepalive });
    return genuine(saved, saved.id === submissionId && saved.sequence >= sequence);
  }

  /**
   * @param {string} submissionId
   * @param {{item_id: string, answer: object}[] | null} answers null: those that were saved
   */
  async submit(submissionId, answers) {
    const body = answers ? { answers } : {};
    const submitted = await this.#call("POST", `v1/submissions/${submissionId}/submit`, { body });
    return genuine(submitted, submitted.id === submissionId && submitted.status !== "in_progress");
  }

  /**
   * Check an answer. Asked again because no answer came, it is the same check, and counts once.
   *
   * @param {string} assessmentId
   * @param {string} itemId
   * @param {object} answer
   */
  async check(assessmentId, itemId, answer) {
    const body = { item_id: itemId, answer };
    const sent = JSON.stringify(body);
    if (this.#checks.get(itemId)?.sent !== sent) this.#checks.set(itemId, { sent, key: randomName() });
    const { key } = this.#checks.get(itemId);
    const checked = await this.#call("POST", `v1/assessments/${assessmentId}/check`, { body, key });
    genuine(checked, isText(checked.state) && Number.isInteger(checked.checks_left));
    this.#checks.delete(itemId);
    return checked;
  }

  /**
   * @param {string} submissionId
   * @param {object[]} events
   * @param {boolean} keepalive the page may be gone before the answer comes
   */
  events(submissionId, events, keepalive = false) {
    return this.#call("POST", `v1/submissions/${submissionId}/events`, { body: { events }, keepalive });
  }

  #call(method, path, options = {}) {
    return call(method, path, { ...options, credential: this.#credential });
  }
}

/**
 * @param {string} method
 * @param {string} path below the gateway's address
 * @param {{body?: object, credential?: string, key?: string, keepalive?: boolean}} options
 *   `key`: calls with the same one are one call
 * @returns {Promise<any>} the answer's JSON
 */
async function call(method, path, { body, credential, key, keepalive = false }) {
  const headers = { Accept: "application/json" };
  if (credential) headers.Authorization = `Bearer ${credential}`;
  if (body) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const sent = body && JSON.stringify(body);
  const outlives = keepalive && new Blob([sent]).size <= KEEPALIVE_MOST_BYTES;
  let response;
  let answer;
  try {
    response = await fetch(new URL(path, GATEWAY), {
      method,
      headers,
      body: sent,
      keepalive: outlives,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: outlives ? undefined : AbortSignal.timeout(PATIENCE_MS),
    });
    answer = await response.text();
  } catch (error) {
    throw new Unreachable("No answer came.", { cause: error });
  }
  const told = parsed(answer);
  if (response.ok && told) return told;
  const status = response.ok ? 502 : response.status;
  throw new Refusal(status, told?.error ?? {}, Number(response.headers.get("Retry-After")) || 0);
}

/**
 * Not every 2xx is the gateway's: what asks for a sign-in to some network may answer with JSON of its own, and nothing
 * was saved by that.
 */
function genuine(told, isGenuine) {
  if (!isGenuine) throw new Unreachable("Something else answered.");
  return told;
}

function isText(value) {
  return typeof value === "string";
}

function isPlayable({ id, player }) {
  return isText(id) && Array.isArray(player?.submission?.items) && Array.isArray(player.submission.answers);
}

/** The JSON of an answer; undefined for what something on the way has put in its place, such as a proxy's page. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A name that nothing else has. */
export function randomName() {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join("");
}
