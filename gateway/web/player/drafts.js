/**
 * What this tab keeps for itself: its session, and typed answers that the gateway has not acknowledged yet.
 *
 * `coursegate:<session id>` holds the session, `coursegate:<hash of its token>` the session's id, for a page that is
 * opened again at the token's address, and `coursegate:<submission id>` answers not saved yet: a fresh token for the
 * same attempt finds them too.
 */

/** @typedef {{id: string, credential: string, page: string, submission_id: string, origin: string | null}} KeptSession */
/**
 * @typedef {Object} Kept
 * @property {number} number of the question
 * @property {object | null} [answer] what was not saved, null: taken back; none: all of it is
 * @property {import("./known.js").Trace[]} [traces] what the gateway had when that was typed, and what it may have got since
 * @property {object[]} offered what was answered, and gave way to what was saved elsewhere
 *
 * @typedef {Object<string, Kept>} Typed  by item id
 */

const PREFIX = "coursegate:";

/**
 * Keep a session that was opened with a token.
 *
 * @param {KeptSession} session
 * @param {string} token
 */
export async function keepSession({ id, credential, page, submission_id, origin }, token) {
  write(id, { id, credential, page, submission_id, origin });
  const digest = await digestOf(token);
  if (digest) write(digest, id);
}

/**
 * Find the session that an address of the player belongs to.
 *
 * @param {string} segment the last part of the address: a token, or a session's id and what signs it
 * @returns {Promise<KeptSession | null>}
 */
export async function keptSession(segment) {
  if (segment.startsWith("ses_")) return read(segment.split(".")[0]);
  const digest = await digestOf(segment);
  const id = digest && read(digest);
  return id ? read(id) : null;
}

/**
 * Keep what is not saved yet, in the place of what was kept before.
 *
 * @param {string} submissionId
 * @param {Typed} typed
 */
export function keepTyped(submissionId, typed) {
  if (Object.keys(typed).length) write(submissionId, typed);
  else remove(submissionId);
}

/**
 * @param {string} submissionId
 * @returns {Typed}
 */
export function keptTyped(submissionId) {
  const kept = Object.entries(read(submissionId) ?? {}).filter(([, typed]) => Number.isInteger(typed?.number));
  return Object.fromEntries(kept.map(([id, typed]) => [id, { ...typed, ...listsOf(typed) }]));
}

function listsOf({ traces, offered }) {
  return { traces: listed(traces), offered: listed(offered) };
}

/** Objects alone, whatever else was put there. */
function listed(given) {
  return Array.isArray(given) ? given.filter((each) => each && typeof each === "object") : [];
}

/** SHA-256 in hexadecimal; null where the browser has none, as on an address without TLS that is not this machine's. */
async function digestOf(token) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A browser may refuse storage, or it may be full: the player then works on without, until it is reloaded. */
function write(name, value) {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    remove(name);
  }
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

function remove(name) {
  try {
    sessionStorage.removeItem(PREFIX + name);
  } catch {
    // nothing is kept where nothing can be
  }
}
