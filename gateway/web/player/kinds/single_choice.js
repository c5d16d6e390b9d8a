import { authored } from "./shared/build.js";
import { pickOne } from "./shared/choices.js";

/** One of several choices is picked. */
export function single_choice(item, context) {
  const choices = item.content.choices.map(({ id, text }) => ({ value: id, node: authored(context, text) }));
  return pickOne(context, "single_choice", choices, {
    toAnswer: (choice) => ({ choice }),
    valueOf: (answer) => answer.choice,
  });
}
