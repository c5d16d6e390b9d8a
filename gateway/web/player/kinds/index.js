/** From the type of an item to what makes its field. */

import { essay } from "./essay.js";
import { short_text } from "./short_text.js";
import { single_choice } from "./single_choice.js";
import { true_false } from "./true_false.js";

export const kinds = { essay, short_text, single_choice, true_false };
