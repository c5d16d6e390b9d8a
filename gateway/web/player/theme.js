/**
 * A center's colours. It gives up to four; what is set on the page from them can always be read: a pair of colours with
 * too little contrast is mended, by mixing in black or white, until it has enough.
 */

/** WCAG 2.2, 1.4.3. */
const TEXT_RATIO = 4.5;
/** WCAG 2.2, 1.4.11: of what shows where a field is. */
const BORDER_RATIO = 3;
/**
 * Tints of the background are written on as well, such as a chosen answer's. However a tint is mixed in the style sheets,
 * it holds no more of another colour than this: what is read on the background with so much of black or white in it,
 * whichever is nearer to the letters, is read on all of them.
 */
const TINT = 0.085;
/** What black or white has on a background at least: muted texts and links need some of it. */
const BACKGROUND_RATIO = 8;
const BLACK = "#000000";
const WHITE = "#ffffff";
/** As in player.css, which knows no theme. */
const LIGHT = { background: "#ffffff", text: "#1a1d23", primary: "#1f5fb8", wrong: "#a8201a" };
const DARK = { background: "#14171c", text: "#e9ebef", primary: "#8fb8f5", wrong: "#ffaba3" };

/**
 * @typedef {{primary?: string | null, accent?: string | null, background?: string | null, text?: string | null}} Theme
 *   colours as `#rrggbb`
 */

/**
 * Apply a theme, now and whenever the system changes between light and dark.
 *
 * @param {Theme} theme
 */
export function applyTheme(theme) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  apply(theme, dark.matches);
  dark.addEventListener("change", () => apply(theme, dark.matches));
}

function apply(theme, systemIsDark) {
  const { style } = document.documentElement;
  const isDark = systemIsDark || (isColour(theme.background) && isDarkColour(theme.background));
  style.colorScheme = isDark ? "dark" : "light";
  for (const [name, colour] of Object.entries(paletteOf(theme, isDark))) style.setProperty(name, colour);
}

/**
 * The custom properties of a theme: whatever is drawn on the background, also in colours that the theme leaves as they are.
 * A background belongs to the scheme that it is made for: a light one is not shown where the system is dark; a dark one is
 * always shown.
 *
 * @param {Theme} theme
 * @param {boolean} isDark
 * @returns {Object<string, string>}
 */
export function paletteOf(theme, isDark) {
  const own = isDark ? DARK : LIGHT;
  const belongs = isColour(theme.background) && isDarkColour(theme.background) === isDark;
  const background = belongs ? purer(theme.background) : own.background;
  const isRead = isColour(theme.text) && isReadable(theme.text, background);
  const text = isRead ? theme.text : readable(own.text, background);
  const primary = readable(isColour(theme.primary) ? theme.primary : own.primary, background);
  const palette = {
    "--cg-background": background,
    "--cg-text": text,
    "--cg-muted": readable(mixed(text, background, 0.3), background),
    "--cg-primary": primary,
    "--cg-accent": isColour(theme.accent) ? readable(theme.accent, background) : primary,
    "--cg-wrong": readable(own.wrong, background),
    "--cg-border": readable(mixed(text, background, 0.45), background, BORDER_RATIO),
  };
  if (isColour(theme.primary)) {
    palette["--cg-fill"] = theme.primary;
    palette["--cg-on-fill"] = contrast(WHITE, theme.primary) >= TEXT_RATIO ? WHITE : BLACK;
  }
  return palette;
}

/** The colour itself, or the nearest to it that can be read on a background and on its tints. */
function readable(colour, background, ratio = TEXT_RATIO) {
  return towards(colour, farthestFrom(background), (candidate) => isReadable(candidate, background, ratio));
}

function isReadable(colour, background, ratio = TEXT_RATIO) {
  return contrast(colour, mixed(background, farthestFrom(background), TINT)) >= ratio;
}

/** Black or white, whichever is read better. */
function farthestFrom(background) {
  return isDarkColour(background) ? WHITE : BLACK;
}

/** A background itself, or, where it is neither light nor dark, the nearest to it on which text is read with ease. */
function purer(background) {
  const [goal, text] = isDarkColour(background) ? [BLACK, WHITE] : [WHITE, BLACK];
  return towards(background, goal, (candidate) => contrast(candidate, text) >= BACKGROUND_RATIO);
}

/** The first colour on the way to another that will do. */
function towards(colour, goal, willDo) {
  for (let part = 0; part < 1; part += 0.05) {
    const candidate = mixed(colour, goal, part);
    if (willDo(candidate)) return candidate;
  }
  return goal;
}

/** The contrast of two colours as WCAG defines it: 1 to 21. */
export function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function isColour(text) {
  return /^#[0-9a-f]{6}$/i.test(text ?? "");
}

/** Whether white is read better on it than black. */
function isDarkColour(colour) {
  return contrast(WHITE, colour) > contrast(BLACK, colour);
}

/** A colour with a part, from 0 to 1, of another in it. */
function mixed(colour, other, part) {
  const theirs = channels(other);
  const sum = channels(colour).map((own, place) => Math.round(own * (1 - part) + theirs[place] * part));
  return `#${sum.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function luminance(colour) {
  const [red, green, blue] = channels(colour).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour) {
  return [1, 3, 5].map((place) => Number.parseInt(colour.slice(place, place + 2), 16));
}
