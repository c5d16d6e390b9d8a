/** From the address of the page to an attempt that can be answered. */

import { SessionApi, openSession } from "./api.js";
import { Attempt } from "./attempt.js";
import { keepSession, keptSession, keptTyped } from "./drafts.js";
import { SessionLost, codeOf, failurePage, show } from "./failures.js";
import { hostAt } from "./host.js";
import { richTexts } from "./rich.js";
import { showAttempt } from "./taking.js";
import { loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

const root = document.getElementById("player");
const page = document.documentElement;

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
    // Without its words, the page keeps those that it came with.
    if (texts) show(root, failurePage(error, await typedHere(), texts, start));
    if (codeOf(error) === "unexpected") throw error;
  }
}

/**
 * Go on with the session that this address belongs to, or open one with the token that it holds. From then on the
 * address is the session's: no token stays in the history.
 */
async function enter() {
  const segment = addressed();
  const kept = await keptSession(segment);
  if (kept) {
    history.replaceState(null, "", kept.page);
    return { ...(await new SessionApi(kept).session()), credential: kept.credential };
  }
  if (segment.startsWith("ses_")) throw new SessionLost();
  const session = await openSession(segment);
  history.replaceState(null, "", session.page);
  await keepSession(session, segment);
  return session;
}

/** What was typed at this address before, and never reached the gateway. */
async function typedHere() {
  const kept = await keptSession(addressed());
  return kept ? keptTyped(kept.submission_id) : {};
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
