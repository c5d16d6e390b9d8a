/** Format errors of an answer, told at the very control, in the learner's language where the code is known. */

import { el, setAttribute } from "../../dom.js";
import { icon } from "./build.js";

/** What a text of the catalogue names of an error; where the error does not tell it, the server's words are shown. */
const NEEDED = {
  answer_required: [],
  too_few: ["limit"],
  too_many: ["limit"],
  too_long: ["limit"],
  non_finite: [],
  out_of_range: ["limit"],
  not_on_step: ["limit"],
  division_by_zero: [],
  unknown_unit: ["allowed"],
  unit_required: ["allowed"],
  syntax_error: [],
  too_complex: [],
  outside_canvas: [],
  invalid_unicode: [],
  incomplete_order: [],
};

/** A place for messages, under the controls that they are about; a `group` of such is described, but is not invalid. */
class Place {
  constructor(id, controls, hints, group) {
    this.controls = controls;
    this.hints = hints;
    this.group = group;
    this.node = el("div", { class: "kind-error", id, hidden: true });
    this.clear();
  }

  say(text) {
    this.node.append(el("p", {}, [icon("alert"), text]));
    this.node.hidden = false;
    this._describe();
  }

  clear() {
    this.node.replaceChildren();
    this.node.hidden = true;
    this._describe();
  }

  _describe() {
    const wrong = !this.node.hidden;
    const hints = this.hints.map((hint) => hint.id);
    const fault = wrong ? [this.node.id] : [];
    if (this.group) setAttribute(this.group, "aria-describedby", [...hints, ...fault].join(" ") || null);
    for (const control of this.controls) {
      const described = this.group ? fault : [...hints, ...fault];
      setAttribute(control, "aria-describedby", described.join(" ") || null);
      setAttribute(control, "aria-invalid", wrong ? "true" : null);
    }
  }
}

/** The places for messages in one field. Errors that no place claims are told at the field's own. */
export class Faults {
  /**
   * @param {any} context
   * @param {Record<string, Record<string, any>> | ((error: any) => Record<string, Record<string, any>>)} [own] by code:
   *   what the kind itself knows for the text, and `key`, the text's place in the catalogue where the kind has its own
   */
  constructor(context, own = {}) {
    this.context = context;
    this.ownOf = typeof own === "function" ? own : () => own;
    this.places = [];
    this.whole = this.place("faults", []);
  }

  /** A new place; `hints` are elements that describe the same controls, or the group of them, always. */
  place(name, controls, hints = [], group = null) {
    const place = new Place(this.context.uid(name), controls, hints, group);
    this.places.push(place);
    return place;
  }

  /** Forget places whose controls are gone. */
  drop(gone) {
    this.places = this.places.filter((place) => !gone.includes(place));
  }

  /** Show these errors and no others. `find` returns the place of an error, or all of its places, if it has one. */
  show(errors, find = () => null) {
    for (const place of this.places) place.clear();
    const said = new Set();
    for (const error of errors) {
      const text = this.text(error);
      const found = [find(error) ?? []].flat();
      for (const place of found.length ? found : [this.whole]) {
        const once = `${this.places.indexOf(place)} ${text}`;
        if (!said.has(once)) place.say(text);
        said.add(once);
      }
    }
  }

  /** The error in the learner's language, or, if it can't be said there, in the server's words. */
  text(error) {
    const needed = NEEDED[error.code];
    const own = this.ownOf(error)[error.code];
    if (!needed && !own) return error.message;
    const { key = `kinds.errors.${error.code}`, ...known } = own ?? {};
    const params = { ...error, ...known };
    if (!own && needed.some((name) => params[name] === undefined || params[name] === null)) return error.message;
    if (Array.isArray(params.allowed)) params.allowed = params.allowed.join(", ");
    return this.context.t(key, params);
  }
}

/** The number in `list[number]` with which a path begins; null for another path. */
export function indexIn(param, list) {
  const found = new RegExp(`^${list}\\[(\\d+)\\]`).exec(param);
  return found ? Number(found[1]) : null;
}

/** Words for the one thing that is missing where all are wanted: they stand at each that is. */
export const MISSING = { too_few: { key: "kinds.common.missing" } };
