"""The bench on which a module's text is chosen: every passage and list with its worth, and what each needs beside it."""

import re
from collections.abc import Sequence

from gateway.generation.builtin.passages import Listing, Material, Part, Passage
from gateway.generation.builtin.rules import Rules
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.words import content_words, spoken_words

_LEANING_SHARE = 0.1
_LEANING_SHARE_FOR_EXAMPLES = 0.14
_LONGEST_CHAIN = 3
_LONGISH = 1.35
_ON_TITLE = 1.3
_TELLS_WHY, _TELLS_HOW_MUCH = 1.3, 1.2
"""Reasons and figures are what a learner can be asked for."""
_FIGURE = re.compile(r"(?<![\w.`])\d[\d,.]*(?![\w`])|: one \w+ ")
_TAGGED = re.compile(r"<[A-Za-z/!]|https?:")
_LITTLE_WORDS = 90


class Bench:
    """One choosing in progress: what may be taken and what it is worth, what was taken, and the words spent."""

    def __init__(self, study: Study, material: Material, rules: Rules) -> None:
        self.study, self.rules = study, rules
        self.passages = {p.index: p for part in material.parts for p in part.passages if rules.allowed(p)}
        fit = sum(p.words for p in self.passages.values())
        self.budget = max(
            min(material.words * rules.share, fit * (rules.ceiling if fit > _LITTLE_WORDS else 0.9)), 12.0
        )
        self.listed = {
            s: listing.group
            for part in material.parts
            for listing in listings_of(part, rules)
            for b in listing.blocks
            for s in range(b.first, b.last)
        }
        self.titles = {part.section.index: frozenset(content_words(part.section.title)) for part in material.parts}
        self.defined = self._defined()
        self.weights = self._weights(material)
        self.values = {p.index: self._value(p) for p in self.passages.values()}
        self.taken: set[int] = set()
        self.groups: set[int] = set()
        self.words = 0
        self.leaning = 0
        self.told: dict[int, list[frozenset[str]]] = {}

    def _weights(self, material: Material) -> dict[str, float]:
        """How much a term is worth here: by the whole document, and more where this module dwells on it."""
        here: dict[str, int] = {}
        for part in material.parts:
            for passage in part.passages:
                for key in passage.keys:
                    here[key] = here.get(key, 0) + 1
        top = self.study.analysis.terms[0].salience if self.study.analysis.terms else 1.0
        known = self.study.analysis.by_key
        weights: dict[str, float] = {}
        for key, count in here.items():
            term = known.get(key)
            if term is not None:
                weights[key] = (term.salience / top) ** 0.5 * (0.5 + 0.5 * min(count / max(term.count, 1) * 2, 1))
        for key in self.rules.wishes.terms:
            weights[key] = weights.get(key, 0.2) + 3.0
        return weights

    def _defined(self) -> dict[str, int]:
        """The terms that the author set apart where this material explains them, with the passage that does: no other
        sentence on them goes in before it.
        """
        known = self.study.analysis.by_key
        found = {}
        for passage in self.passages.values():
            for key in passage.keys:
                term = known.get(key)
                if term is not None and term.set_apart and term.defined_in == passage.index:
                    found[key] = passage.index
        return {key: index for key, index in found.items() if self._run(self.passages[index])}

    def _value(self, passage: Passage) -> float:
        known = self.study.analysis.by_key
        terms = [key for key in passage.keys if key in self.weights]
        value: float = sum(sorted((self.weights[key] for key in terms), reverse=True)[:6]) + 0.15
        value /= (passage.words + 6) ** 0.25
        if any(key in known and known[key].defined_in == passage.index for key in terms):
            value *= 2.1
        if any(mark.kind in {"emphasis", "strong"} for mark in passage.marks):
            value *= 1.3
        value *= 1.25 if passage.opens else 1.0
        value *= _TELLS_WHY if " because " in passage.text else 1.0
        value *= _TELLS_HOW_MUCH if _FIGURE.search(passage.text) else 1.0
        value *= _ON_TITLE if self._names_section(passage) else 1.0
        for _ in range(passage.local):
            value *= 0.45
        longish = _LONGISH * self.study.mean_words
        value *= (longish / passage.words) ** 0.7 if passage.words > longish else 0.7 if passage.words < 8 else 1.0
        value *= 0.5 if _TAGGED.search(passage.text) else 1.0
        if self.rules.wishes.examples:
            value *= 3.0 if passage.example else 1.0
        if self.rules.wishes.simple or self.rules.plain:
            value *= (22 / max(passage.words, 8)) ** (1.2 if self.rules.wishes.simple else 0.4)
        if spoken_words(passage.text) in self.rules.used:
            value *= self.rules.reluctance
        return value

    def _names_section(self, passage: Passage) -> bool:
        """Whether the passage speaks of what its section is headed by."""
        title = self.titles.get(passage.section, frozenset())
        return bool(title) and 2 * len(title.intersection(content_words(passage.text))) > len(title)

    def chain(self, passage: Passage) -> list[Passage]:
        """The passage with those it must follow, and with what explains the terms it uses; empty where one of them is
        not to be had.
        """
        found = self._run(passage)
        explained = [self.defined[key] for each in found for key in each.keys if key in self.defined]
        needed = {index for index in explained if index not in self.taken} - {each.index for each in found}
        for index in sorted(needed):
            run = self._run(self.passages[index])
            found = [*(each for each in run if each not in found), *found] if found else []
        return found

    def _run(self, passage: Passage) -> list[Passage]:
        found = [passage]
        while found[0].after is not None:
            before = self.passages.get(found[0].after)
            if before is None or len(found) >= _LONGEST_CHAIN:
                return []
            found.insert(0, before)
        return found

    def take(self, passage: Passage, limit: float) -> bool:
        """Take a passage and what it follows, if the budget and the limits bear it."""
        chain = [p for p in self.chain(passage) if p.index not in self.taken]
        if not chain or any(p.index in self.listed for p in chain):
            return False
        cost = sum(p.words for p in chain)
        leaning = sum(1 for p in chain if p.leaning)
        share = _LEANING_SHARE_FOR_EXAMPLES if self.rules.wishes.examples else _LEANING_SHARE
        room = share * max(len(self.taken) + len(chain), self.budget / 22)
        if (
            self.words + cost > limit
            or (leaning and self.leaning + leaning > room)
            or any(self._told(p) for p in chain)
        ):
            return False
        for p in chain:
            self.taken.add(p.index)
            self.told.setdefault(p.section, []).append(frozenset(p.text.lower().split()))
        self.words += cost
        self.leaning += leaning
        return True

    def take_run(self, run: Sequence[Passage]) -> None:
        """Take passages that stand one behind the other in the source, whatever they lean on."""
        for p in run:
            if p.index not in self.taken:
                self.taken.add(p.index)
                self.words += p.words
                self.told.setdefault(p.section, []).append(frozenset(p.text.lower().split()))

    def _told(self, passage: Passage) -> bool:
        words = frozenset(passage.text.lower().split())
        near = self.told.get(passage.section, [])[-60:]
        return any(
            len(words & other) > 0.75 * min(len(words), len(other)) and min(len(words), len(other)) > 4
            for other in near
        )

    def take_listing(self, listing: Listing, limit: float) -> bool:
        """Take a whole list."""
        if listing.group in self.groups or self.words + listing.words > limit:
            return False
        if any(_leaning_item(block.text) for block in listing.blocks[:1]):
            return False
        self.groups.add(listing.group)
        self.words += listing.words
        return True

    def listed_words(self, part: Part) -> int:
        """How many words the lists taken from a section have."""
        return sum(listing.words for listing in part.listings if listing.group in self.groups)

    def free(self, part: Part) -> None:
        """Let the items of lists that were not taken whole stand for themselves, where they may."""
        for listing in listings_of(part, self.rules):
            for block in listing.blocks if listing.group not in self.groups else ():
                for index in range(block.first, block.last):
                    self.listed.pop(index, None)

    def covered(self, listings: Sequence[Listing]) -> set[str]:
        """The terms told so far."""
        keys = {key for index in self.taken for key in self.passages[index].keys}
        return keys | {key for listing in listings if listing.group in self.groups for key in listing.keys}


def listings_of(part: Part, rules: Rules) -> Sequence[Listing]:
    """The lists of a part that may be taken."""
    return [listing for listing in part.listings if rules.allowed_list(listing)] if rules.lists else ()


def _leaning_item(text: str) -> bool:
    return text.lower().startswith(("it ", "this ", "they ", "these ", "however"))
