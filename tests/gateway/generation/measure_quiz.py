"""The rows of the measure that speak of quizzes, judged on an exported course as a stranger would: items, source, notes.

`judge` returns per row a share from 0 to 1 (or a count of failures for rows that must hold always) and what failed.
"""

import re
from collections.abc import Callable, Iterable
from itertools import chain, permutations

import msgspec

from grading.model import Item as GradedItem
from tests.gateway.generation.measure_quiz_options import (
    ABSOLUTE,
    CATCH_ALL,
    NEGATIVE,
    Item,
    Row,
    balance,
    flaws,
    giveaways,
    judged,
    variety,
)
from tests.gateway.generation.quiz_reading import (
    BLANK,
    STOP,
    asked,
    content,
    keys,
    options,
    plain,
    sentences,
    statement,
    stem,
    visible,
)

NOT_ALONE = re.compile(
    r"\b(?:in the (?:text|passage|article|source|chapter|section)|according to|this (?:section|chapter|text|passage|module)|"
    r"(?:listing|figure|table) \d|(?:above|below)[,.;:]|as we|the following|previous|mentioned|here)\b"
)
LEADING_PRONOUN = re.compile(
    r"^(?:true or false: )?(?:it|they|this|these|those|he|she|its|their|however|therefore|thus)\b"
)


def judge(quizzes: list[list[Item]], source: str, notes: list[str]) -> dict[str, Row]:
    """All rows for a course of one source: `quizzes[i]` and `notes[i]` belong to module i."""
    items = [item for quiz in quizzes for item in quiz]
    text = plain(source)
    rows = {
        "item well-formed": _each(items, _well_formed, 1),
        "key in the cited span": _each(items, lambda item: _key_in_span(item, source), 1),
        "key put back agrees": _each(items, lambda item: _agrees(item, source, text), 1),
        "stem and key meet": _each(items, lambda item: _meets(item, source), 0.9),
        "span short": _each(items, lambda item: _span(item)[1] - _span(item)[0] <= 1500, 0.8),
        "no second right answer": _each(items, lambda item: _one_answer(item, source, text), 1),
        "options distinct": _each(items, _distinct, 1),
        "none asks the same": _pairs(items, _same, 1),
        "none answers another": _pairs(items, _answers, 0.95),
        "stands alone": _each(items, _stands_alone, 0.95),
        "not negative": _each(items, lambda item: not NEGATIVE.search(plain(item["content"]["stem"])), 0.95),
        "gap salient": _each([item for item in items if BLANK in item["content"]["stem"]], _gap_salient, 0.95),
        "no catch-all": _each(items, lambda item: not CATCH_ALL.search(plain(" ".join(chain(*options(item))))), 1),
        "no giveaway": _each(items, lambda item: not giveaways(item), 0.95),
        "distractors alike": _each(items, lambda item: _alike(item, text), 0.85),
        "no absolutes": _each(items, lambda item: not ABSOLUTE.search(plain(judged(item))), 0.95),
        "flaws": _each(items, lambda item: len(flaws(item)) <= 1, 0.95),
        "taught": _each(
            [{**item, "notes": notes[at]} for at, quiz in enumerate(quizzes) for item in quiz], _taught, 0.8
        ),
        "false by a changed fact": _each(
            [item for item in items if item["key"].get("value") is False],
            lambda item: not re.search(r"\bnot\b|n't\b", plain(item["content"]["stem"])),
            0.6,
        ),
        "every module asked": Row(float(all(quizzes)), 1, [str(at) for at, quiz in enumerate(quizzes) if not quiz]),
    }
    return rows | balance(items) | variety(items)


def _each(items: Iterable[Item], test: Callable[[Item], bool], least: float) -> Row:
    results = [(test(item), item) for item in items]
    failed = [f"{item['type']}: {item['content']['stem']} {keys(item)}" for held, item in results if not held]
    return Row(1 - len(failed) / len(results) if results else 1.0, least, failed)


def _pairs(items: list[Item], clash: Callable[[Item, Item], bool], least: float) -> Row:
    failed = [
        f"{one['content']['stem']} <> {other['content']['stem']}"
        for one, other in permutations(items, 2)
        if clash(one, other)
    ]
    spoiled = {line.split(" <> ")[1] for line in failed}
    return Row(1 - len(spoiled) / len(items) if items else 1.0, least, failed)


def _span(item: Item) -> tuple[int, int]:
    return item["source_ref"]["start"], item["source_ref"]["end"]


def _cited(item: Item, source: str) -> str:
    return plain(source[slice(*_span(item))])


def _well_formed(item: Item) -> bool:
    try:
        msgspec.convert(item, GradedItem)
    except msgspec.ValidationError:
        return False
    shown, key = item["content"], item["key"]
    ids = {entry["id"] for part in ("choices", "stems", "items", "gaps") for entry in shown.get(part, [])}
    used = [key["correct"]] if item["type"] == "single_choice" else list(key.get("correct", []))
    used += [*key.get("pairs", {}), *key.get("pairs", {}).values(), *key.get("order", []), *key.get("gaps", {})]
    if item["type"] in {"gap_select", "gap_text"} and shown["stem"].count(BLANK) != len(shown["gaps"]):
        return False
    if item["type"] == "ordering" and sorted(key["order"]) == key["order"]:
        return False
    if item["type"] == "gap_select":
        ids |= {option["id"] for gap in shown["gaps"] for option in gap["options"]}
        used += list(key["gaps"].values())
    return set(used) <= ids and all(part.strip() for part in visible(item).split("  "))


def _key_in_span(item: Item, source: str) -> bool:
    cited = _cited(item, source)
    if item["type"] == "true_false":
        return item["key"]["value"] is False or _bare(statement(item)) in cited
    return all(_bare(key) in cited for key in keys(item))


def _bare(text: str) -> str:
    return plain(text).rstrip(" .;:!")


def _agrees(item: Item, source: str, text: str) -> bool:
    cited, stem_ = _cited(item, source), plain(item["content"]["stem"])
    match item["type"]:
        case "true_false":
            return (_bare(statement(item)) in text) is item["key"]["value"]
        case "multiple_choice" if "statements" in stem_:
            right, wrong = options(item)
            return all(_bare(t) in cited for t in right) and not any(_bare(t) in text for t in wrong)
        case "matching":
            lefts = {entry["id"]: _bare(entry["text"]) for entry in item["content"]["stems"]}
            return all(left in cited for left in lefts.values())
        case "ordering":
            places = [cited.find(_bare(key)) for key in keys(item)]
            years = [
                max([int(year) for year in re.findall(r"\b\d{3,4}\b", cited[:at])[-1:]], default=0) for at in places
            ]
            return places == sorted(places) or years == sorted(years)
        case _ if BLANK in stem_:
            return _bare(statement(item)) in cited
        case _:
            quoted = re.findall(r'"([^"]+)"', stem_)
            return all(part in cited for part in quoted) and len(asked(stem_) - content(cited)) <= 1


def _meets(item: Item, source: str) -> bool:
    words = (
        asked(item["content"]["stem"])
        if item["type"] not in {"matching", "ordering"}
        else content(" ".join(keys(item)))
    )
    return not words or len(words & content(_cited(item, source))) >= 0.6 * len(words)


def _one_answer(item: Item, source: str, text: str) -> bool:
    right, wrong = options(item)
    stem_ = statement(item)
    if item["type"] == "matching":
        texts = [entry["text"] for part in ("stems", "choices") for entry in item["content"][part]]
        return len({_bare(entry) for entry in texts}) == len(texts)
    if wrong and _kin(item, source):
        return False
    if not wrong or "statements" in stem_ or stem_.lower().startswith(("how many", "what is")):
        return not any(_bare(option) in text for option in wrong) if "statements" in stem_ else True
    wanted = asked(stem_) - content(" ".join(right))
    return not any(
        re.search(rf"(?<!\w){re.escape(_bare(option))}(?!\w)", plain(sentence))
        and len(wanted & content(sentence)) >= max(2, 0.7 * len(wanted))
        and plain(sentence) not in _cited(item, source)
        for option in wrong
        for sentence in sentences(source)
    )


def _kin(item: Item, source: str) -> bool:
    """Whether a wrong option is what the right one is a kind of, or a kind of it, by the words of the source."""
    right, wrong = options(item)
    if len(right) != 1 or "statements" in item["content"]["stem"] or len(right[0].split()) > 4:
        return False
    title = plain(next((line for line in source.split("\n") if line.strip()), "")).lstrip("# ")
    return any(
        _is_kind(one, other, plain(source), title)
        for option in wrong
        for one, other in ((right[0], option), (option, right[0]))
    )


def _is_kind(narrow: str, wide: str, text: str, title: str) -> bool:
    one, other = (re.escape(stem(re.sub(r"^(?:the|an?) ", "", plain(term)))) for term in (narrow, wide))
    said = rf"\b{one}\w{{0,2}} (?:is|are) (?:an? |the )?(?:\w+est |\w+ )?{other}\w{{0,2}}\b"
    named = rf"\b{other}\w{{0,2}},? (?:called|such as|including) (?:the |an? )?{one}\w{{0,2}}\b"
    compound = rf"\b\w{{3,}}{other}s?\b"
    return bool(re.search(rf"{said}|{named}", text)) or (" " not in other and re.search(compound, title) is not None)


def _distinct(item: Item) -> bool:
    texts = [_bare(option) for side in options(item) for option in side] or [_bare(key) for key in keys(item)]
    return len(set(texts)) == len(texts)


def _same(one: Item, other: Item) -> bool:
    mine, theirs = (asked(visible(item)) | content(" ".join(keys(item))) for item in (one, other))
    return bool(mine and theirs) and len(mine & theirs) / len(mine | theirs) >= 0.6


def _answers(one: Item, other: Item) -> bool:
    read, words = plain(visible(one)), asked(other["content"]["stem"]) - content(" ".join(keys(other)))
    if other["type"] in {"matching", "ordering"} or not words:
        return False
    told = len(words & content(read)) >= (0.8 if other["type"] == "true_false" else 0.6) * len(words)
    found = keys(other)
    if other["type"] == "multiple_choice" and "statements" in other["content"]["stem"]:
        return any(len(content(key) & content(read)) >= 0.8 * len(content(key)) for key in found)
    return told and all(re.search(rf"(?<!\w){re.escape(plain(key))}(?!\w)", read) for key in found[:1])


def _stands_alone(item: Item) -> bool:
    texts = [item["content"]["stem"], *chain(*options(item))]
    return not any(NOT_ALONE.search(plain(text)) or LEADING_PRONOUN.search(plain(text)) for text in texts)


def _gap_salient(item: Item) -> bool:
    key = plain(keys(item)[0])
    sentence = item["content"]["stem"].rpartition("? ")[2] if item["type"] == "numeric" else item["content"]["stem"]
    return key not in STOP and len(key) > 1 and not sentence.startswith(BLANK)


def _alike(item: Item, text: str) -> bool:
    right, wrong = options(item)
    if not wrong or "statements" in item["content"]["stem"]:
        return True
    shapes = {("`" in option, option[:1].isupper(), option[:1].isdigit()) for option in (*right, *wrong)}
    words = [len(option.split()) for option in (*right, *wrong)]
    known = [re.sub(r"^(?:the|an?) ", "", plain(option)) in text for option in wrong]
    numbers = item["content"]["stem"].startswith("How many")
    return len(shapes) == 1 and max(words) <= 3 * min(words) + 3 and (numbers or all(known))


def _taught(item: Item) -> bool:
    said = content(item["notes"])
    words = asked(visible(item) if item["type"] in {"matching", "ordering"} else item["content"]["stem"])
    key = content(" ".join(keys(item)))
    return len(words & said) >= 0.7 * len(words) and len(key & said) >= 0.7 * len(key)
