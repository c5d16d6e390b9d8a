/** From the address of the page to an attempt that can be answered. */

import { Refusal, SessionApi, Unreachable, openSession } from "./api.js";
import { Attempt } from "./attempt.js";
import { keepSession, keptSession, keptTyped } from "./drafts.js";
import { SessionLost, SpendUnknown, codeOf, failurePage, show } from "./failures.js";
import { hostAt } from "./host.js";
import { richTexts } from "./rich.js";
import { showAttempt } from "./taking.js";
import { loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

const root = document.getElementById("player");
const page = document.documentElement;

/** What becomes of a token for good; the page's address then says this in the token's place. */
const REFUSED = new Set(["embed_token_invalid", "embed_token_used", "embed_token_expired"]);

/** Whether a token was sent whose answer never came: it may have opened a session that nobody has. */
let mayBeSpent = false;

/** Start, or say why not; what failed on the way can be tried again. */
async function start() {
  page.dataset.player = "loading";
  const shellTexts = loadTexts(page.lang);
  try {
    const [session, texts] = await Promise.all([enter(), shellTexts]);
    await begin(session, texts);
  } catch (error) {
    page.dataset.player = "failed";
    const texts = await shellTexts.catch(() => null);
    const kept = await keptSession(addressed());
    // Without its words, the page keeps those that it came with.
    if (texts) show(root, failurePage(error, kept ? keptTyped(kept.submission_id) : {}, texts, start));
    if (kept && error instanceof Refusal && error.endsSession) {
      hostAt(kept.origin).tell("error", { code: "session_expired" });
    }
    if (codeOf(error) === "unexpected") throw error;
  }
}

/**
 * Go on with the session that this address belongs to, or open one with the token that it holds. From then on the
 * address is the session's, or the refusal's: no token that is good for nothing more stays in the history.
 */
async function enter() {
  const segment = addressed();
  const kept = await keptSession(segment);
  if (kept) {
    history.replaceState(null, "", kept.page);
    return { ...(await new SessionApi(kept).session()), credential: kept.credential };
  }
  if (segment.startsWith("ses_")) throw new SessionLost();
  if (REFUSED.has(segment)) throw new Refusal(401, { code: segment });
  const session = await openSession(segment).catch(notOpened);
  history.replaceState(null, "", session.page);
  await keepSession(session, segment);
  return session;
}

/** A token opened nothing; throws what is to be said of it. */
function notOpened(error) {
  if (REFUSED.has(error.code)) history.replaceState(null, "", error.code);
  if (mayBeSpent && error.code === "embed_token_used") throw new Refusal(401, { code: "answer_lost" });
  mayBeSpent ||= error instanceof Unreachable || error.code === "unexpected_answer";
  throw error instanceof Unreachable ? new SpendUnknown(error.message, { cause: error }) : error;
}

/** The last part of the page's address: a token, or a session's id and what signs it. */
function addressed() {
  return location.pathname.split("/").at(-1);
}

async function begin(session, shellTexts) {
  const { player } = session;
  const texts = player.locale === page.lang ? shellTexts : await loadTexts(player.locale);
  page.lang = texts.language;
  page.dir = texts.direction;
  document.title = `${player.submission.title} – ${player.center_name}`;
  applyTheme(player.theme);
  const host = hostAt(session.origin);
  showAttempt({
    root,
    player,
    texts,
    host,
    attempt: new Attempt(player),
    api: new SessionApi(session),
    rich: richTexts(player.rich),
  });
  if (page.dataset.player === "loading") page.dataset.player = "ready";
  host.tell("ready", { session_id: session.id });
}

start();
