/**
 * The bar in a frame that is as tall as its page: there the page around scrolls, so that nothing in here would stick.
 * Which parts of the page are in sight is all that is known; the bar goes where the first of them is cut off.
 */

/** In how many steps of its height a part tells how much of it is in sight. */
const STEPS = 40;

/**
 * Keep the bar in sight while the page around scrolls.
 *
 * @param {HTMLElement} bar
 * @param {HTMLElement} page what stands below the bar
 */
export function keepAfloat(bar, page) {
  if (window.parent === window) return;
  /** @type {Map<Element, IntersectionObserverEntry>} */
  const seen = new Map();
  const look = (entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) seen.set(entry.target, entry);
      else seen.delete(entry.target);
    }
    const top = scrolls() ? 0 : topInSight(seen, page.firstElementChild);
    if (top !== null) bar.style.translate = `0 ${top}px`;
  };
  const threshold = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS);
  const observer = new IntersectionObserver(look, { threshold });
  for (const part of page.children) observer.observe(part);
}

/** Whether it is this page that scrolls, in a frame of a height of its own: the bar sticks by itself. */
function scrolls() {
  return document.documentElement.scrollHeight > window.innerHeight + 1;
}

/** Where the part in sight begins; null: between two parts, which is nearly where it was. */
function topInSight(seen, first) {
  const cut = [...seen.values()].filter((entry) => entry.intersectionRect.top > entry.boundingClientRect.top + 1);
  if (cut.length > 0) return Math.min(...cut.map((entry) => entry.intersectionRect.top));
  return seen.has(first) ? 0 : null;
}
