import { pickOne } from "./shared/choices.js";

/** A statement is judged. */
export function true_false(_item, context) {
  const verdicts = ["true", "false"].map((value) => ({ value, node: context.t(`kinds.true_false.${value}`) }));
  return pickOne(context, "true_false", verdicts, {
    toAnswer: (verdict) => ({ value: verdict === "true" }),
    valueOf: (answer) => String(answer.value),
  });
}
