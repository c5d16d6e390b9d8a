"""Which sentences, lists, tables and code a module takes from its material, within a budget of words."""

import re
from collections.abc import Iterator, Sequence

from gateway.generation.builtin.passages import Listing, Material, Part, Passage
from gateway.generation.builtin.rules import Chosen, Rules
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.terms import Term
from gateway.generation.builtin.words import content_words, spoken_words

_LEANING_SHARE = 0.04
_LEANING_SHARE_FOR_EXAMPLES = 0.08
_MOST_KEY_TERMS = 30
_LEAST_ITEM_WORDS = 8
_LONGISH = 1.35
_TAGGED = re.compile(r"<[A-Za-z/!]|https?:")
_LITTLE_WORDS = 90


class _Bench:
    """One choosing in progress."""

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
            for listing in _listings(part, rules)
            for b in listing.blocks
            for s in range(b.first, b.last)
        }
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

    def chain(self, passage: Passage) -> list[Passage]:
        """The passage with those it must follow; empty where one of them is not to be had."""
        found = [passage]
        while found[0].after is not None:
            before = self.passages.get(found[0].after)
            if before is None or len(found) > 2:
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
        """Let the items of lists that were not taken whole stand for themselves, where they are sentences."""
        for listing in _listings(part, self.rules):
            for block in listing.blocks if listing.group not in self.groups else ():
                for index in range(block.first, block.last):
                    passage = self.passages.get(index)
                    if (
                        passage is not None
                        and passage.opens
                        and passage.words >= _LEAST_ITEM_WORDS
                        and passage.text.endswith(".")
                    ):
                        self.listed.pop(index, None)

    def covered(self, listings: Sequence[Listing]) -> set[str]:
        """The terms told so far."""
        keys = {key for index in self.taken for key in self.passages[index].keys}
        return keys | {key for listing in listings if listing.group in self.groups for key in listing.keys}


def choose(study: Study, material: Material, rules: Rules) -> Chosen:
    """Take the best of each section, then what teaches the key terms, then the best of all, until the budget is spent."""
    bench = _Bench(study, material, rules)
    listings = [listing for part in material.parts for listing in _listings(part, rules)]
    _whole_lists(bench, material, rules)
    bench.budget = max(bench.budget, bench.words + 0.5 * bench.budget)
    _wished(bench)
    _definitions(bench)
    _from_each_section(bench, material, rules)
    for term in _key_terms(study, material, rules):
        if term.key not in bench.covered(listings):
            _teach(bench, listings, term)
    _teach_words(bench)
    _best_of_the_rest(bench)
    for listing in listings[: 0 if bench.taken or bench.groups else 1]:
        bench.take_listing(listing, float("inf"))
    return Chosen(frozenset(bench.taken), frozenset(bench.groups), bench.words)


def _whole_lists(bench: _Bench, material: Material, rules: Rules) -> None:
    for part in material.parts:
        for listing in _listings(part, rules):
            if listing.words <= max(1.8 * part.words * rules.list_share, 90):
                bench.take_listing(listing, 0.5 * material.words)


def _teach_words(bench: _Bench) -> None:
    """Take the best sentence for each frequent word of the document that this module has and has not told."""
    wanted = set(bench.study.frequent_words)
    holders: dict[str, list[Passage]] = {}
    told: set[str] = set()
    for passage in bench.passages.values():
        words = wanted.intersection(content_words(passage.text))
        for word in words:
            holders.setdefault(word, []).append(passage)
        if passage.index in bench.taken or bench.listed.get(passage.index) in bench.groups:
            told |= words
    for word in bench.study.frequent_words:
        if word in holders and word not in told:
            for passage in sorted(holders[word], key=lambda p: (-bench.values[p.index], p.index))[:5]:
                if bench.take(passage, bench.budget * 1.08):
                    told |= wanted.intersection(content_words(passage.text))
                    break


def _wished(bench: _Bench) -> None:
    """Take what uses the terms that the note names, for up to half of the budget."""
    wished = set(bench.rules.wishes.terms)
    using = [passage for passage in bench.passages.values() if wished.intersection(passage.keys)]
    room = bench.words + 0.5 * bench.budget
    for passage in sorted(using, key=lambda p: (-bench.values[p.index], p.index)):
        bench.take(passage, room)


def _definitions(bench: _Bench) -> None:
    """Take what explains the terms that the document is most about, for a little more than half of the budget."""
    known, least = bench.study.analysis.by_key, bench.study.telling_salience
    found = []
    for passage in bench.passages.values():
        explained = [known[key] for key in passage.keys if key in known and known[key].defined_in == passage.index]
        worth = max((term.salience for term in explained if term.set_apart or term.salience >= least), default=0.0)
        if worth:
            found.append(
                (-worth * (bench.rules.reluctance if spoken_words(passage.text) in bench.rules.used else 1), passage)
            )
    room = bench.words + 0.55 * bench.budget
    for _, passage in sorted(found, key=lambda entry: (entry[0], entry[1].index)):
        bench.take(passage, min(room, bench.budget))


def _best_of_the_rest(bench: _Bench) -> None:
    """Spend what is left on the best that is left; one passage at least, however long."""
    rest = sorted(bench.passages.values(), key=lambda p: (-bench.values[p.index], p.index))
    for passage in rest:
        if bench.words >= bench.budget * 0.97:
            break
        if passage.index not in bench.taken:
            bench.take(passage, bench.budget)
    if not bench.taken and not bench.groups:
        for passage in rest[:1]:
            bench.take(passage, float("inf"))


def _from_each_section(bench: _Bench, material: Material, rules: Rules) -> None:
    """Give every section its part of the budget, so that none is passed over."""
    for part in material.parts:
        quota = bench.words + max(part.words * rules.share * 0.6 - bench.listed_words(part), 10)
        limit = min(quota, bench.budget)
        bench.free(part)
        ranked = sorted(
            (p for p in part.passages if p.index in bench.passages), key=lambda p: (-bench.values[p.index], p.index)
        )
        for place, passage in enumerate(ranked):
            roomy = (
                max(limit, bench.words + passage.words) if place == 0 and bench.words < bench.budget * 0.9 else limit
            )
            if bench.words >= limit and place:
                break
            bench.take(passage, roomy)


def _teach(bench: _Bench, listings: Sequence[Listing], term: Term) -> None:
    """Take the best sentence that uses the term."""
    fit = [p for index in term.sentences[:400] if (p := bench.passages.get(index)) is not None]
    for passage in sorted(fit, key=lambda p: (-bench.values[p.index], p.index)):
        if bench.take(passage, bench.budget * 1.12):
            return
    for listing in listings:
        if term.key in listing.keys and bench.take_listing(listing, bench.budget * 1.12):
            return


def _key_terms(study: Study, material: Material, rules: Rules) -> Iterator[Term]:
    known = study.analysis.by_key
    for key in rules.wishes.terms:
        if key in known:
            yield known[key]
    for term in study.analysis.key_terms(material.sections, _MOST_KEY_TERMS):
        if term.key not in study.local_names:
            yield term


def _listings(part: Part, rules: Rules) -> Sequence[Listing]:
    return part.listings if rules.lists else ()


def _leaning_item(text: str) -> bool:
    return text.lower().startswith(("it ", "this ", "they ", "these ", "however"))
