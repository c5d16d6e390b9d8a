/** Numbers between two ends, in steps: exact decimals, written as the item's content writes them. */

/** Where the content tells no step, there are between so many of them and ten times as many. */
const STEPS_MIN = 100n;

const tens = (places) => 10n ** BigInt(places);

/** A plain decimal as a whole number of parts: `units` / 10^`places`; null where it is written in another way. */
function decimal(text, grammar) {
  const group = grammar.group_mark;
  const bare = (group ? text.replaceAll(group, "") : text).trim().replace("\u2212", "-");
  const found = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(bare.replace(grammar.decimal_mark ?? ".", "."));
  if (!found) return null;
  const [, sign, whole, rest = ""] = found;
  const units = BigInt(whole + rest);
  return { units: sign === "-" ? -units : units, places: rest.length };
}

/**
 * The numbers that a slider can be set to; null where its ends are no plain decimals, so that only a box can serve.
 * Steps begin at the least number, as the content tells them; without such they are round numbers, between the ends.
 * @returns {{count: number, textAt: (place: number) => string, placeOf: (text: string) => number | null} | null}
 */
export function scaleOf({ min, max, step, ...grammar }) {
  const read = (text) => (typeof text === "string" ? decimal(text, grammar) : null);
  const [low, high, each] = [read(min), read(max), read(step ?? "1")];
  if (!low || !high || !each) return null;
  const finest = Math.max(low.places, high.places, each.places);
  const span = high.units * tens(finest - high.places) - low.units * tens(finest - low.places);
  if (span <= 0n || each.units <= 0n) return null;
  const stepless = step === null || step === undefined;
  const added = stepless ? Math.max(0, String(STEPS_MIN).length - String(span).length + 1) : 0;
  const places = finest + added;
  const parts = ({ units, places: own }) => units * tens(places - own);
  const unit = stepless ? 10n ** BigInt(String(span * tens(added)).length - String(STEPS_MIN).length) : parts(each);
  const [least, most] = [parts(low), parts(high)];
  const first = stepless ? least - (((least % unit) + unit) % unit) : least;
  const last = stepless ? most + unit - 1n : most;
  const count = Number((last - first) / unit);
  const within = (value) => (value < least ? least : value > most ? most : value);
  return {
    count,
    textAt: (place) => written(within(first + unit * BigInt(place)), places, grammar.decimal_mark ?? "."),
    placeOf(text) {
      const given = decimal(text, grammar);
      if (!given) return null;
      const apart = (given.units * tens(places)) / tens(given.places) - first;
      return Math.min(count, Math.max(0, Math.round(Number(apart) / Number(unit))));
    },
  };
}

function written(units, places, mark) {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
  const rest = digits.slice(digits.length - places).replace(/0+$/, "");
  return (units < 0n ? "-" : "") + digits.slice(0, digits.length - places) + (places && rest ? mark + rest : "");
}
