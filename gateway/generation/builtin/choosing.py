"""Which sentences, lists, tables and code a module takes from its material, within a budget of words."""

from collections.abc import Iterator, Sequence

from gateway.generation.builtin.bench import Bench, listings_of
from gateway.generation.builtin.passages import Listing, Material, Passage
from gateway.generation.builtin.rules import Chosen, Rules
from gateway.generation.builtin.sequences import sequences_in
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.terms import Term
from gateway.generation.builtin.words import content_words, spoken_words

_MOST_KEY_TERMS = 30
_DEFINED_ROOM = 1.2
_LIST_SHARE, _STEPS_SHARE = 0.5, 0.62
"""Of a module's words so many may be a list; steps are worth more, since half of them teach nothing."""
_LONGEST_TOLD, _SEQUENCE_SHARE, _SEQUENCE_ROOM = 400, 0.75, 1.5


def choose(study: Study, material: Material, rules: Rules) -> Chosen:
    """Take the best of each section, then what teaches the key terms, then the best of all, until the budget is spent."""
    bench = Bench(study, material, rules)
    listings = [listing for part in material.parts for listing in listings_of(part, rules)]
    _whole_lists(bench, material, rules)
    bench.budget = max(bench.budget, bench.words + 0.5 * bench.budget)
    _wished(bench)
    told = _sequences(bench, material)
    _definitions(bench)
    _from_each_section(bench, material, rules)
    for term in _key_terms(study, material, rules):
        if term.key not in bench.covered(listings):
            _teach(bench, listings, term)
    _teach_words(bench)
    _best_of_the_rest(bench)
    for listing in listings[: 0 if bench.taken or bench.groups else 1]:
        bench.take_listing(listing, float("inf"))
    return Chosen(frozenset(bench.taken), frozenset(bench.groups), bench.words, told)


def _sequences(bench: Bench, material: Material) -> bool:
    """Take what happens one after the other whole, with the sentence before it: of a story half the steps are another.
    Says whether any was taken.
    """
    found = False
    for part in material.parts:
        if part.words > _LONGEST_TOLD:
            continue
        usable = [p for p in part.passages if p.index in bench.passages]
        for run in sequences_in(usable):
            words = sum(p.words for p in run if p.index not in bench.taken)
            if words <= _SEQUENCE_SHARE * part.words and bench.words + words <= bench.budget * _SEQUENCE_ROOM:
                bench.take_run(run)
                found = True
    return found


def _whole_lists(bench: Bench, material: Material, rules: Rules) -> None:
    for part in material.parts:
        for listing in listings_of(part, rules):
            if listing.words <= max(1.8 * part.words * rules.list_share, 90):
                bench.take_listing(listing, (_STEPS_SHARE if listing.ordered else _LIST_SHARE) * material.words)


def _teach_words(bench: Bench) -> None:
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


def _wished(bench: Bench) -> None:
    """Take what uses the terms that the note names, for up to half of the budget."""
    wished = set(bench.rules.wishes.terms)
    using = [passage for passage in bench.passages.values() if wished.intersection(passage.keys)]
    room = bench.words + 0.5 * bench.budget
    for passage in sorted(using, key=lambda p: (-bench.values[p.index], p.index)):
        bench.take(passage, room)


def _definitions(bench: Bench) -> None:
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
    room = bench.words + bench.budget
    for _, passage in sorted(found, key=lambda entry: (entry[0], entry[1].index)):
        bench.take(passage, min(room, bench.budget * _DEFINED_ROOM))


def _best_of_the_rest(bench: Bench) -> None:
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


def _from_each_section(bench: Bench, material: Material, rules: Rules) -> None:
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


def _teach(bench: Bench, listings: Sequence[Listing], term: Term) -> None:
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
