/** What the page around the player is told, at the origin that the session was made for and at no other. */

/** Until this page has loaded, whatever a host hears may be of the page that was in the frame before. */
const loaded = new Promise((resolve) => {
  if (document.readyState === "complete") resolve();
  else window.addEventListener("load", resolve, { once: true });
});

/**
 * @typedef {Object} Host
 * @property {(type: "ready" | "saved" | "submitted" | "resize" | "error", facts: object) => void} tell
 */

/**
 * @param {string | null} origin null: the session names none, so nobody is told anything
 * @returns {Host}
 */
export function hostAt(origin) {
  const parent = window.parent;
  if (!origin || parent === window) return { tell() {} };
  const tell = async (type, facts) => {
    await loaded;
    parent.postMessage({ type: `coursegate:${type}`, ...facts }, origin);
  };
  tellHeight(tell);
  return { tell };
}

/** Tell how tall the page is, now and whenever that changes: a frame of that height needs no scroll bar. */
function tellHeight(tell) {
  let told = 0;
  const observer = new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    tell("resize", { height });
  });
  observer.observe(document.body);
}
