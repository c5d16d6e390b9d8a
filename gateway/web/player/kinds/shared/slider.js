/** Numbers between two ends, in steps: exact decimals, written as the item's content writes them. */

const STEPS_WANTED = 100n;

/** A plain decimal as a whole number of parts: `units` / 10^`places`; null where it is written in another way. */
function decimal(text, grammar) {
  const mark = grammar.decimal_mark ?? ".";
  const group = grammar.group_mark;
  const bare = (group ? text.replaceAll(group, "") : text).trim().replace("\u2212", "-").replace(mark, ".");
  const found = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(bare);
  if (!found) return null;
  const [, sign, whole, rest = ""] = found;
  const units = BigInt(whole + rest);
  return { units: sign === "-" ? -units : units, places: rest.length };
}

const tens = (places) => 10n ** BigInt(places);

/**
 * The numbers that a slider can be set to; null where its ends are no plain decimals, so that only a box can serve.
 * @returns {{count: number, textAt: (place: number) => string, placeOf: (text: string) => number | null} | null}
 */
export function scaleOf({ min, max, step, ...grammar }) {
  const [low, high, each] = [min, max, step].map((text) => (text === null || text === undefined ? null : decimal(text, grammar)));
  if (!low || !high || (step !== null && step !== undefined && !each)) return null;
  let places = Math.max(low.places, high.places, each?.places ?? 0);
  let unit = 1n;
  if (!each) {
    const span = (high.units * tens(places)) / tens(high.places) - (low.units * tens(places)) / tens(low.places);
    while (span * tens(2) < STEPS_WANTED * tens(2) && span * unit < STEPS_WANTED) unit *= 10n;
    places += String(unit).length - 1;
    unit = 1n;
    while (((high.units * tens(places - high.places) - low.units * tens(places - low.places)) / unit) > STEPS_WANTED * 10n) unit *= 10n;
  } else {
    unit = each.units * tens(places - each.places);
  }
  const first = low.units * tens(places - low.places);
  const last = high.units * tens(places - high.places);
  if (unit <= 0n || last <= first) return null;
  const count = Number((last - first) / unit);
  return {
    count,
    textAt: (place) => written(first + unit * BigInt(place), places, grammar.decimal_mark ?? "."),
    placeOf(text) {
      const given = decimal(text, grammar);
      if (!given) return null;
      const apart = given.units * tens(places) - first * tens(given.places);
      const place = Number(apart / tens(given.places)) / Number(unit);
      return Math.min(count, Math.max(0, Math.round(place)));
    },
  };
}

function written(units, places, mark) {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const rest = digits.slice(digits.length - places).replace(/0+$/, "");
  return (units < 0n ? "-" : "") + whole + (places && rest ? mark + rest : "");
}
