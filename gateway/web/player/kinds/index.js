/** From the type of an item to what makes its field. */

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
