/** How a part was judged: an icon and a word, never a colour alone. */

import { el } from "../../dom.js";
import { icon } from "./build.js";

/** A mark that stands at a part of the field; it is empty until `set`. */
export function mark(context) {
  const node = el("span", { class: "kind-mark", hidden: true });
  return {
    node,
    /** @param {"right" | "partial" | "wrong" | "unanswered" | null} state */
    set(state) {
      node.hidden = !state;
      node.replaceChildren();
      if (!state) return;
      node.dataset.state = state;
      node.append(icon(state), el("span", {}, [context.t(`kinds.common.${state}`)]));
    },
  };
}

/** The marks of a field by the ids of its parts. */
export class Marks {
  constructor(context) {
    this.context = context;
    this.byPart = new Map();
  }

  /** The node for the mark of a part. */
  of(part) {
    const made = mark(this.context);
    this.byPart.set(part, made);
    return made.node;
  }

  /** Show what is known of the parts, and nothing of the others. */
  show(parts) {
    this.clear();
    for (const { id, state } of parts ?? []) this.byPart.get(id)?.set(state);
  }

  /** Take the mark of one part away, or those of all: what was judged has changed. */
  clear(part) {
    if (part === undefined) for (const made of this.byPart.values()) made.set(null);
    else this.byPart.get(part)?.set(null);
  }
}
