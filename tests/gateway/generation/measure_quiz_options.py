"""What the options, the keys and the types of a quiz give away: giveaways, flaws, balance, variety, and lucky guesses."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Any, NamedTuple

from tests.gateway.generation.quiz_reading import BLANK, asked, content, keys, options, plain, stem, visible

Item = dict[str, Any]

NEGATIVE = re.compile(r"\b(?:not|never|except|cannot|no|none|neither|nor|\w+n't)\b")
ABSOLUTE = re.compile(r"\b(?:always|never|all|none|every|only|completely|impossible|must)\b")
VAGUE = re.compile(r"\b(?:usually|often|sometimes|frequently|generally|rarely|occasionally|may|might)\b")
CATCH_ALL = re.compile(r"\b(?:all|none|both|neither) of (?:the|these|those)\b|\bnone of\b")


class Row(NamedTuple):
    """A row's value, what it must reach, and what failed it."""

    value: float
    least: float
    failed: list[str]

    @property
    def holds(self) -> bool:
        """Whether the row is met."""
        return self.value >= self.least


def giveaways(item: Item) -> list[str]:
    """How the right option of a choice shows itself to one who has not read."""
    right, wrong = options(item)
    if not wrong or not right:
        return []
    found = []
    stem_ = item["content"]["stem"]
    if len(right) == 1:
        if len(right[0]) > 1.3 * max(map(len, wrong)) and len(right[0]) - max(map(len, wrong)) > 4:
            found.append("longest")
        if asked(stem_) & content(right[0]) and not any(asked(stem_) & content(option) for option in wrong):
            found.append("echo")
    elif min(map(len, right)) > 1.3 * max(map(len, wrong)) or max(map(len, right)) < 0.7 * min(map(len, wrong)):
        found.append("longest")
    if gap := re.search(rf"\b(an?) {BLANK}", stem_):
        vowels = {plain(option)[0] in "aeiou" for option in (*right, *wrong)}
        if len(vowels) > 1 or vowels != {gap[1] == "an"}:
            found.append("article")
    if len(right) == 1 and len(right[0].split()) < 4:
        plural = {option.endswith("s") and not option.endswith("ss") for option in (*right, *wrong)}
        found.extend(["number"] if len(plural) > 1 else [])
    return found


def judged(item: Item) -> str:
    return item["content"]["stem"] if item["type"] == "true_false" else " ".join(chain(*options(item)))


def flaws(item: Item) -> list[str]:
    """The item-writing flaws of Tarrant's list that can be seen without knowing the subject."""
    stem_, (right, wrong) = plain(item["content"]["stem"]), options(item)
    found = [*giveaways(item)]
    found += ["negative"] if NEGATIVE.search(stem_) else []
    found += ["absolute"] if ABSOLUTE.search(plain(judged(item))) else []
    found += ["vague"] if VAGUE.search(plain(judged(item))) else []
    found += ["catch-all"] if CATCH_ALL.search(plain(visible(item))) else []
    found += ["true-false series"] if item["type"] == "multiple_choice" and "statements" in stem_ else []
    found += ["unfocused"] if len(asked(stem_)) < 1 and item["type"] not in {"matching", "ordering"} else []
    found += ["too long"] if len(stem_) > 280 else []
    found += ["gap first"] if stem_.startswith(BLANK) else []
    numbers = [int(option) for option in (*right, *wrong) if option.isdigit()]
    found += ["lost sequence"] if len(numbers) > 2 and numbers != sorted(numbers) else []
    return found


def balance(items: list[Item]) -> dict[str, Row]:
    truths = [item["key"]["value"] for item in items if item["type"] == "true_false"]
    choices = [item for item in items if item["type"] in {"single_choice", "gap_select"}]
    places = Counter(_place(item) for item in choices)
    even = max(places.values(), default=0) <= max(2, 0.5 * len(choices) + 0.5)
    fair = abs(2 * sum(truths) - len(truths)) <= max(1, 0.4 * len(truths))
    gains = {name: sum(map(guess, choices)) / max(len(choices), 1) - 1 / 3 for name, guess in GUESSES.items()}
    best = max(gains.values()) if len(choices) >= 6 else 0.0
    return {
        "key positions even": Row(float(even), 1, [str(dict(places))]),
        "true and false even": Row(float(fair), 1, [str(truths)]),
        "a guesser gains little": Row(1 - best, 0.8, [str(gains)]),
    }


def _place(item: Item) -> int:
    shown = item["content"]["gaps"][0]["options"] if item["type"] == "gap_select" else item["content"]["choices"]
    return [choice["text"] for choice in shown].index(options(item)[0][0])


def _is_best(item: Item, score: Callable[[str], float]) -> float:
    right, wrong = options(item)
    best = max(score(option) for option in (*right, *wrong))
    winners = [option for option in (*right, *wrong) if score(option) == best]
    return (right[0] in winners) / len(winners)


GUESSES: dict[str, Callable[[Item], float]] = {
    "longest": lambda item: _is_best(item, len),
    "shortest": lambda item: _is_best(item, lambda option: -len(option)),
    "first": lambda item: float(_place(item) == 0),
    "middle": lambda item: float(_place(item) == 1),
    "last": lambda item: float(_place(item) == 2),
    "echo": lambda item: _is_best(item, lambda option: len(content(option) & asked(item["content"]["stem"]))),
    "most words": lambda item: _is_best(item, lambda option: len(option.split())),
}


def variety(items: list[Item]) -> dict[str, Row]:
    kinds = Counter(item["type"] for item in items)
    largest = max(kinds.values(), default=0) / max(len(items), 1)
    terms = [" ".join(sorted(stem(word) for word in content(key))) for item in items for key in keys(item)[:1]]
    return {
        "types": Row(len(kinds), min(5, len(items)), [str(dict(kinds))]),
        "no type over 40 %": Row(1 - largest, 0.6 if len(items) >= 5 else 0.0, [str(dict(kinds))]),
        "key terms varied": Row(len(set(terms)) / max(len(terms), 1), 0.8, [str(Counter(terms).most_common(4))]),
    }
