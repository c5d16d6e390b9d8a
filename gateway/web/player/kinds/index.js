/**
 * From the type of an item to what makes its field.
 *
 * @typedef {Object} Context what a field is given of the page around it
 * @property {(text: string, options?: {inline?: boolean}) => DocumentFragment} rich an authored text, rendered
 * @property {(key: string, params?: Object<string, any>) => string} t
 * @property {string} stemId the id of what asks the question
 * @property {(name: string) => string} uid an id of the page's that is this field's alone
 * @property {() => void} changed called on each edit of the learner's
 * @property {Object<string, (item: any, context: Context) => Field>} kinds
 *
 * @typedef {Object} Field what a question is answered in
 * @property {HTMLElement} element without the stem, unless it `ownsStem`
 * @property {boolean} [ownsStem] the stem is in it: it has gaps
 * @property {boolean} group it has several controls, each with a name of its own
 * @property {() => object | null} read the answer as the gateway takes it; null: nothing is answered
 * @property {(answer: object | null) => void} write show this answer, as far as it fits the item
 * @property {(errors: FormatError[]) => void} showErrors each at the control that it is about
 * @property {(readOnly: boolean) => void} setReadOnly
 * @property {(parts: {id: string, state: "right" | "partial" | "wrong" | "unanswered"}[]) => void} showParts
 * @property {() => void} focus
 *
 * @typedef {{code: string, param: string, message: string, limit?: number | string, allowed?: string[]}} FormatError
 *   `param` is the path inside the answer, "" for the answer as a whole
 */

import { categorize } from "./categorize.js";
import { choice_matrix } from "./choice_matrix.js";
import { composite } from "./composite.js";
import { essay } from "./essay.js";
import { formula } from "./formula.js";
import { gap_select } from "./gap_select.js";
import { gap_text } from "./gap_text.js";
import { hotspot } from "./hotspot.js";
import { marker_drop } from "./marker_drop.js";
import { matching } from "./matching.js";
import { multiple_choice } from "./multiple_choice.js";
import { numeric } from "./numeric.js";
import { ordering } from "./ordering.js";
import { parsons } from "./parsons.js";
import { quantity } from "./quantity.js";
import { short_text } from "./short_text.js";
import { single_choice } from "./single_choice.js";
import { true_false } from "./true_false.js";

export const kinds = {
  categorize,
  choice_matrix,
  composite,
  essay,
  formula,
  gap_select,
  gap_text,
  hotspot,
  marker_drop,
  matching,
  multiple_choice,
  numeric,
  ordering,
  parsons,
  quantity,
  short_text,
  single_choice,
  true_false,
};
