"""The outline: modules that cite the spans they are made of, with titles, a summary and objectives from the source."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest

from msgspec.structs import replace

from gateway.generation.builtin.cutting import Piece, modules_of
from gateway.generation.builtin.fitness import Fit, fitness, takes_up, words_in
from gateway.generation.builtin.lexicon import VERBS
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.terms import Term
from gateway.generation.builtin.titles import says_nothing, telling_terms, titles
from gateway.generation.builtin.words import content_words, verb_base
from gateway.generation.model import GenerationFailed, Order, Outline, OutlineModule, SourceRef

_MOST_REFS = 60
_MOST_OBJECTIVES = 5
_REPEATED = 3


def make_outline(study: Study, order: Order, teaches: Callable[[list[SourceRef]], bool]) -> Outline:
    """Cut the sources into at most `brief.modules` modules. Raises source_unreadable where no sentence can be used:
    `teaches` says of a module's spans whether notes come of them.
    """
    cut = _taught(_closed(study, modules_of(study, order.brief.modules)), teaches)
    if not cut:
        raise GenerationFailed("source_unreadable", "The sources hold no sentence that a course could be made of.")
    course = _course_title(study, order)
    cited = [_refs(module) for module in cut]
    held = [study.sentences_within(refs) for refs in cited]
    names = titles(study, [(_weighed(module), inside) for module, inside in zip(cut, held, strict=True)], course)
    modules = []
    for index, refs in enumerate(cited):
        modules.append(
            OutlineModule(
                index=index,
                title=names[index],
                summary=_summary(study, held[index], 2),
                objectives=_objectives(
                    study, held[index], order.brief.objectives, names[index], _headings(study, cut[index])
                ),
                source_refs=refs,
            )
        )
    return Outline(title=course, description=_summary(study, study.sentences_within(cited[0][:3]), 1), modules=modules)


def _taught(cut: Sequence[Sequence[Piece]], teaches: Callable[[list[SourceRef]], bool]) -> list[list[Piece]]:
    """The modules of which notes come; one of which none come is joined to the one before it, or behind it."""
    kept: list[list[Piece]] = []
    waiting: list[Piece] = []
    for module in cut:
        pieces = [*waiting, *module]
        if teaches(_refs(pieces)):
            kept.append(pieces)
            waiting = []
        elif kept:
            kept[-1].extend(pieces)
        else:
            waiting = pieces
    return kept


def _course_title(study: Study, order: Order) -> str:
    if order.title.strip():
        return order.title.strip()
    headed = [
        section.title for section in study.document.sections if section.headed and not says_nothing(section.title)
    ]
    return headed[0] if headed and len(study.document.sources) == 1 else order.brief.topic.strip()


def _weighed(module: Sequence[Piece]) -> list[tuple[int, int]]:
    """The module's sections with their words, those merged into a piece included by its first."""
    words: dict[int, int] = {}
    for piece in module:
        words[piece.section] = words.get(piece.section, 0) + piece.words
    return list(words.items())


def _closed(study: Study, cut: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """The pieces with every end moved to where the next one of its source begins, space off."""
    flat = [piece for module in cut for piece in module]
    ends = {}
    for piece, following in zip_longest(flat, flat[1:]):
        text = study.document.texts[piece.source_id]
        same = following is not None and following.source_id == piece.source_id
        stop = following.start if following is not None and same else len(text)
        while stop > piece.end and text[stop - 1].isspace():
            stop -= 1
        ends[id(piece)] = max(stop, piece.end)
    return [[replace(piece, end=ends[id(piece)]) for piece in module] for module in cut]


def _refs(module: Sequence[Piece]) -> list[SourceRef]:
    """One span a section, or one a source where there would be too many to read."""
    refs = [SourceRef(piece.source_id, piece.start, piece.end) for piece in module if piece.end > piece.start]
    if len(refs) <= _MOST_REFS:
        return refs
    joined: list[SourceRef] = []
    for ref in refs:
        if joined and joined[-1].source_id == ref.source_id:
            joined[-1] = SourceRef(ref.source_id, joined[-1].start, ref.end)
        else:
            joined.append(ref)
    return joined


def _summary(study: Study, sentences: AbstractSet[int], most: int) -> str:
    """The sentences that say most of what these are about, word for word and in their order."""
    best: list[tuple[float, int]] = []
    for place, index in enumerate(sorted(sentences)[:4000]):
        sentence = study.document.sentences[index]
        length = words_in(sentence.text)
        if (
            sentence.kind not in {"paragraph", "quote"}
            or fitness(sentence) is not Fit.ALONE
            or not 7 <= length <= 34
            or takes_up(sentence.text)
        ):
            continue
        terms = [term for term in study.analysis.terms_of(sentence) if term.key not in study.local_names]
        if any(term.key in study.local_names for term in study.analysis.terms_of(sentence)):
            continue
        value = sum(term.salience**0.5 for term in terms[:8]) / (length + 8) ** 0.5
        value *= 1.6 if any(term.defined_in == sentence.index for term in terms) else 1.0
        value *= 1.8 if place < 4 else 1.0
        best.append((-value, sentence.index))
    chosen = sorted(index for _, index in sorted(best)[:most])
    return " ".join(study.document.sentences[index].text for index in chosen)


def _headings(study: Study, module: Sequence[Piece]) -> str:
    return " ".join(study.document.sections[piece.section].title for piece in module)


def _objectives(study: Study, inside: AbstractSet[int], wished: Sequence[str], title: str, headings: str) -> list[str]:
    """The brief's own objectives that this module serves, then one for each term that it explains or comes back to."""
    terms = [t for t in telling_terms(study, inside) if len(t.key) > 2]
    known = {word for term in terms for word in content_words(term.text)}
    found = [w for w in wished if len(known.intersection(content_words(w))) >= max(1, len(set(content_words(w))) // 3)]
    explained = [t for t in terms if t.defined_in in inside and (t.set_apart or t.kind != "code") and not _is_verb(t)]
    explained = sorted(explained, key=lambda term: (not term.set_apart, -term.salience, term.key))[:3]
    found.extend(f"Explain what is meant by {_named(term)}." for term in explained)
    found.extend(f"Describe the role of {_named(term)}." for term in _dwelt_on(terms, explained, inside, headings))
    found = found[:_MOST_OBJECTIVES]
    if title.endswith("?"):
        return found or [f"Answer the question “{title}”"]
    return found or [f"Explain “{title}” in your own words."]


def _is_verb(term: Term) -> bool:
    """Whether a word that the author set apart is a form of a verb, such as `refers`."""
    return " " not in term.key and any(form.endswith(("s", "ed")) and verb_base(form) in VERBS for form in term.forms)


def _dwelt_on(terms: Sequence[Term], explained: Sequence[Term], inside: AbstractSet[int], headings: str) -> list[Term]:
    """Terms that a module comes back to: its headings name them, or the author set them apart, and its sentences repeat
    them. Words of every day are none.
    """
    named = set(content_words(headings))
    known = {word for term in explained for word in content_words(term.text)}
    found: list[Term] = []
    for term in terms:
        words = set(content_words(term.text))
        here = sum(index in inside for index in term.sentences)
        telling = term.set_apart or " " in term.key or term.kind in {"person", "acronym"}
        if words and here >= _REPEATED and not words & known and (telling or words <= named):
            found.append(term)
            known |= words
    return found[: max(0, 3 - len(explained))]


def _named(term: Term) -> str:
    return f"`{term.text}`" if term.kind == "code" else f"“{term.text}”"
