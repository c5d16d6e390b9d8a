"""Wrong options: terms of the same document, of the key's kind, form and number, that the source does not let be right."""

import re
from collections.abc import Iterable

from gateway.generation.builtin.quiz.closeness import share_root, too_close
from gateway.generation.builtin.quiz.definitions import Definition, head_of
from gateway.generation.builtin.quiz.phrases import Phrase, canonical
from gateway.generation.builtin.quiz.reading import WEAK, Reading
from gateway.generation.builtin.quiz.words import DETERMINERS, NUMBERS, article, has_word, roots_of

WANTED, OFFERED = 2, 4
"""Wrong options of a choice: three good options beat four."""
_LONGER, _ENOUGH = 2.2, 8
_NEAR = 0.6
_ANYWHERE = frozenset({"_ ", " _", "_ ,", "_ and", "_ is", "_ are", "of _", "and _", "_ of", "_ in", "in _", "_ ."})
"""Surroundings that nearly every noun has."""


def code_shape(text: str) -> str:
    """What a piece of code looks like: a call, a macro, a type, a reference, a path, an option or a plain name."""
    code = text.strip("`")
    for shape, pattern in (
        ("call", r"\(\)$"),
        ("macro", r"!$"),
        ("reference", r"^&"),
        ("option", r"^-"),
        ("path", r"::|\.|/"),
        ("type", r"^[A-Z]"),
    ):
        if re.search(pattern, code):
            return shape
    return "name"


def terms_like(reading: Reading, key: str, before: str, stem: str) -> list[str]:
    """Terms that could stand where `key` stands, best first. `before` is the word in front of the gap, `stem` the
    text with the key in it; nothing that the stem says already, that shares a word with the key, or that the source
    puts into the same relation.
    """
    stem_roots = roots_of(stem) - roots_of(key)
    found: list[str] = []
    for text in _ranked(reading, key, before):
        if len(found) == _ENOUGH:
            break
        if roots_of(text) & stem_roots or has_word(stem, text) or any(share_root(text, held) for held in found):
            continue
        if not reading.also_fits(text, stem_roots):
            found.append(text)
    return found


def _ranked(reading: Reading, key: str, before: str) -> tuple[str, ...]:
    """The terms of the key's form that are not close to it, the likest first."""
    phrase = reading.phrase(key)
    if phrase is None:
        return ()
    kept = reading.likes.get((phrase.shown, before))
    if kept is None:
        siblings = reading.siblings.get(canonical(key), frozenset())
        beside = tuple(each for name in sorted(siblings) if (each := reading.lexicon.phrases[name]).is_noun)
        ranked = [
            (-_likeness(reading, phrase, candidate, canonical(candidate.shown) in siblings), candidate.shown)
            for candidate in _once((*reading.options.get((phrase.kind, phrase.plural), ()), *beside))
            if _same_form(phrase, candidate, before)
            and _may_be_picked(reading, phrase, candidate, canonical(candidate.shown) in siblings)
            and not too_close(candidate.shown, key)
            and not reading.kinship.kin(candidate.shown, key)
            and not _explained_by(reading, candidate.shown, key)
        ]
        kept = reading.likes[phrase.shown, before] = tuple(text for _, text in sorted(ranked))
    return kept


def _once(phrases: Iterable[Phrase]) -> Iterable[Phrase]:
    return {phrase.shown: phrase for phrase in phrases}.values()


def _same_form(key: Phrase, other: Phrase, before: str) -> bool:
    if key.kind != other.kind or key.plural != other.plural or key.shown == other.shown:
        return False
    if key.kind == "code" and code_shape(key.shown) != code_shape(other.shown):
        return False
    if len(other.shown) > max(_LONGER * len(key.shown), len(key.shown) + 6) or len(key.shown) > max(
        _LONGER * len(other.shown), len(other.shown) + 6
    ):
        return False
    if before in {"a", "an"}:
        return article(other.shown) == before and (other.with_article > 0 or other.kind != "common")
    if key.kind != "common" or key.plural:
        return True
    if before in DETERMINERS:
        return other.determined > max(0, other.bare // 2)
    return other.bare > 0 and other.with_article == 0 if key.with_article == 0 else other.bare > 0


def _may_be_picked(reading: Reading, key: Phrase, other: Phrase, sibling: bool) -> bool:
    """Whether one who has not read might take `other` for the key: both are of one sort, or of none that is known, and
    then the source sets them beside each other, stresses both or uses both alike.
    """
    alike = bool(key.contexts & other.contexts - _ANYWHERE)
    if sibling or key.kind != "common":
        return sibling or alike or key.kind != "place"
    sort = reading.sort(key.shown)
    if sort != reading.sort(other.shown) or canonical(other.shown) in WEAK:
        return False
    stressed = all(canonical(each.shown) in reading.known for each in (key, other))
    if sort == "being":  # a scout may be a worker, for all that the source says
        return stressed
    return bool(sort) or stressed or alike or _of_one_head(key.shown, other.shown)


def _of_one_head(one: str, other: str) -> bool:
    """Whether two terms name kinds of one thing: `beam bridge` and `arch bridge`."""
    return " " in one and " " in other and head_of(one) == head_of(other)


def _explained_by(reading: Reading, one: str, other: str) -> bool:
    """Whether the source explains one of two terms by the other: nectar is `a thin sugar solution`, so it has sugar in it."""
    pairs = ((canonical(one), roots_of(other)), (canonical(other), roots_of(one)))
    return any(
        canonical(definition.term) == term and bool(roots) and roots <= roots_of(definition.meaning)
        for definition in reading.definitions
        for term, roots in pairs
    )


def _likeness(reading: Reading, key: Phrase, other: Phrase, sibling: bool) -> float:
    shared = len(key.contexts & other.contexts - {"_ ", " _"})
    known = canonical(other.shown) in reading.known
    words = abs(len(key.shown.split(" ")) - len(other.shown.split(" ")))
    return 3.0 * sibling + min(shared, 4) + 3.0 * known + min(other.count, 6) / 6 - words


def other_terms(reading: Reading, definition: Definition) -> list[str]:
    """Terms that the source defines or names and that do not have this meaning, best first. Terms of one make may
    share a word with each other: `pushing onto the stack`, `popping off the stack`.
    """
    meaning, term, module = roots_of(definition.meaning), definition.term, definition.sentence.module
    ranked: list[tuple[float, str]] = []
    for other in reading.definitions:
        theirs = roots_of(other.meaning)
        if other.key == definition.key or not _alike(definition, other) or _much_the_same(meaning, theirs):
            continue
        sort, theirs_sort = reading.sort(term), reading.sort(other.term)
        if sort and theirs_sort and sort != theirs_sort:
            continue
        if reading.kinship.kin(other.term, term) or _said_of(reading, other.term, meaning):
            continue
        near = (
            min(len(meaning & theirs), 3)
            + 2.0 * (other.sentence.module == module)
            + 2.0 * (other.form == definition.form)
            + 3.0 * (sort == theirs_sort)
        )
        ranked.append((abs(len(other.term.split(" ")) - len(term.split(" "))) - near, other.term))
    found = _fitting(definition, [text for _, text in sorted(ranked)], [])
    if definition.form == "doing":
        return found
    more = [text for text in terms_like(reading, term, "the", definition.clause) if _of_a_make(reading, term, text)]
    return _fitting(definition, [text for text in more if not reading.also_fits(text, meaning)], found)


_ABSTRACT = re.compile(r"(?:tion|sion|ment|ness|ity|ing|ance|ence|ism|ship|al|sal|ure|th)s?$")


def _of_a_make(reading: Reading, term: str, other: str) -> bool:
    """Whether a term that the source does not define may stand beside a defined one: both things or both doings, and
    both one word, or set apart or headed by the source alike.
    """
    make = _ABSTRACT.search(term) is not None, " " in term
    return make == (_ABSTRACT.search(other) is not None, " " in other) or canonical(other) in reading.siblings.get(
        canonical(term), frozenset()
    )


def _said_of(reading: Reading, term: str, meaning: frozenset[str]) -> bool:
    """Whether some sentence on `term` says most of what the meaning says."""
    phrase = reading.phrase(term)
    return phrase is not None and any(
        len(reading.roots[place] & meaning) >= max(2, _NEAR * len(meaning)) for place in phrase.sentences[:200]
    )


def _much_the_same(meaning: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a hasty reader may take one meaning for the other."""
    return len(meaning & other) > _NEAR * min(len(meaning), len(other))


def _fitting(definition: Definition, terms: Iterable[str], held: list[str]) -> list[str]:
    """`held` and those of `terms` that the meaning does not name and that are not close to the term or to each other."""
    own = {head_of(definition.term)} if " " in definition.term else set()
    found = list(held)
    for text in terms:
        named = roots_of(text) & roots_of(definition.meaning) - own
        if named or has_word(definition.meaning, text) or text in found:
            continue
        if definition.form == "doing" or not (
            too_close(text, definition.term) or any(share_root(text, each) for each in found)
        ):
            found.append(text)
    return found


def _alike(one: Definition, other: Definition) -> bool:
    """Whether two defined terms are of one number, case and make."""
    if one.plural != other.plural or ("`" in one.term) != ("`" in other.term):
        return False
    return (one.form == "doing") == (other.form == "doing") and one.term[:1].isupper() == other.term[:1].isupper()


def numbers_like(word: str) -> list[str]:
    """Number words near `word`, none of them `one`, nearest first."""
    by_value = {value: name for name, value in NUMBERS.items() if value <= 15}
    value = NUMBERS.get(word, 0)
    near = [
        by_value[other]
        for step in (1, 2, 3)
        for other in (value + step, value - step)
        if other in by_value and other > 1
    ]
    return near if value > 1 else []
