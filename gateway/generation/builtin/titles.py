"""What a module is called: by the headings it stands under, or by the terms it is about."""

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from gateway.generation.builtin.document import Section
from gateway.generation.builtin.study import Study
from gateway.generation.builtin.terms import Term
from gateway.generation.builtin.words import content_words

_LONGEST_TITLE = 80
_DULL = frozenset({"value", "data", "code", "program", "function", "element", "information", "process", "system"})
_SAYS_NOTHING = re.compile(
    r"(?i)^(?:(?:an? )?(?:short |brief |general )?(?:introduction|overview|background|preface|foreword|prologue|epilogue|summary|conclusions?|recap"
    r"|review|notes?|remarks?|discussion|details?|miscellaneous|other|others|more|appendix|contents|abstract|preamble|basics|the basics|examples?|faq|q ?& ?a"
    r"|questions|getting started|next steps|final thoughts|key points|key takeaways|takeaways|wrap(?:ping)?[ -]up|what next\??|main|body|text|untitled"
    r"|all together|putting it (?:all )?together|in practice|document|readme|index|home|page|tips|usage|content|lesson|history|in short|at a glance)"
    r"|(?:chapter|part|section|unit|lesson|module|book|act|step|week|day)\s+(?:\d+|[ivxlc]+|one|two|three|four|five|six|seven|eight|nine|ten))[.:!?]?$"
)


def says_nothing(title: str) -> bool:
    """Whether a heading could stand over any text at all."""
    return bool(_SAYS_NOTHING.match(title)) or not re.search(r"[^\W\d]{3}", title)


def titles(
    study: Study, modules: Sequence[tuple[Sequence[tuple[int, int]], AbstractSet[int]]], course: str
) -> list[str]:
    """One title a module, none twice; a module is its sections with their words, in order, and its sentences."""
    found: list[str] = []
    if len(modules) == 1 and not says_nothing(course) and _names(study, course):
        return [course]
    for module, sentences in modules:
        options = [*_from_headings(study, module, sentences, course), *_from_terms(study, sentences)]
        taken = {_bare(title) for title in found}
        fresh = next((option for option in options if _bare(option) not in taken), None)
        found.append(fresh or f"{options[0] if options else course}, continued")
    return _told_apart(found)


def _names(study: Study, title: str) -> bool:
    """Whether a title has a word that the document uses, or is its own heading."""
    if any(section.headed and section.title == title for section in study.document.sections):
        return True
    words = set(content_words(title))
    return any(words & set(content_words(key)) for key in study.analysis.by_key)


def _bare(title: str) -> str:
    return " ".join(content_words(title)) or title.lower()


def _told_apart(found: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    out = []
    for title in found:
        seen[_bare(title)] += 1
        out.append(title if seen[_bare(title)] == 1 else f"{title} ({seen[_bare(title)]})")
    return out


def _from_headings(
    study: Study, module: Sequence[tuple[int, int]], sentences: AbstractSet[int], course: str
) -> list[str]:
    """Titles made of the module's own headings, the best first."""
    sections = study.document.sections
    held = [(sections[index], words) for index, words in module if sections[index].headed or sections[index].continued]
    telling = [
        (s, words)
        for s, words in held
        if not says_nothing(s.title) and not s.back_matter and _bare(s.title) != _bare(course)
    ]
    telling = telling or [(s, words) for s, words in held if not says_nothing(s.title) and not s.back_matter]
    if not telling:
        return []
    heads = _heads(telling)
    ranked = sorted(heads, key=lambda entry: (-entry[1], entry[0].index))
    options: list[str] = []
    if len(ranked) == 1:
        options.append(ranked[0][0].title)
    elif ranked:
        pair = sorted(ranked[:2], key=lambda entry: entry[0].index)
        joined = _joined(study, pair[0][0].title, pair[1][0].title)
        dominant = ranked[0][1] > 0.7 * sum(words for _, words in ranked)
        options.extend(
            [ranked[0][0].title, joined] if dominant or len(joined) > _LONGEST_TITLE else [joined, ranked[0][0].title]
        )
        options.extend(section.title for section, _ in ranked[1:])
    options.extend(s.title for s, _ in sorted(telling, key=lambda entry: (-entry[1], entry[0].index)))
    head = ranked[0][0].title
    options.extend(f"{head}: {term}" for term in _terms(study, sentences)[:4] if term.lower() not in head.lower())
    return [_clipped(option) for option in dict.fromkeys(options) if option]


def _clipped(title: str) -> str:
    """A heading that runs on, ended at a word."""
    if len(title) <= _LONGEST_TITLE * 1.5:
        return title
    return title[: _LONGEST_TITLE + 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-")


def _heads(telling: Sequence[tuple[Section, int]]) -> list[tuple[Section, int]]:
    """The topmost sections of a module with all the words below them; one that goes on in another module gives way
    to its own subsections.
    """
    heads: list[tuple[Section, int]] = []
    for section, words in telling:
        above = next((place for place, (head, _) in enumerate(heads) if _below(section, head)), None)
        if above is None:
            heads.append((section, words))
        else:
            heads[above] = (heads[above][0], heads[above][1] + words)
    if len(heads) == 1 and len(telling) > 1 and heads[0][0].level <= 1:
        inner = _heads(telling[1:])
        return inner or heads
    return heads


def _below(section: Section, head: Section) -> bool:
    if section.index == head.index or (section.title == head.title and section.path == head.path):
        return True
    path = (*head.path, head.title)
    return section.path[: len(path)] == path


def _joined(study: Study, first: str, second: str) -> str:
    if first.lower() == second.lower():
        return first
    lowered = (
        re.sub(r"^(?:The|An?)\b", lambda article: article[0].lower(), second)
        if _keeps_case(study, second)
        else second[:1].lower() + second[1:]
    )
    if first.endswith(("?", "!")):
        return f"{first} {second}"
    clause = re.compile(r"(?i)(?:what|why|how|when|where|who|which|is|are|do|does|can)\b")
    plain = (
        " and " not in first + second
        and not clause.match(first)
        and not (clause.match(second) and not second.lower().startswith("how to"))
    )
    return f"{first} and {lowered}" if plain else f"{first}; {second}"


def _keeps_case(study: Study, title: str) -> bool:
    """Whether a heading begins with a name or is written with capitals throughout, so that its first word keeps its own."""
    words = [word for word in title.split() if len(word) > 3]
    first = re.match(r"[^\W\d_]+", title)
    named = first is not None and first[0].lower() not in study.small_words
    return named or sum(word[0].isupper() for word in words) > 1 or title[1:2].isupper()


def telling_terms(study: Study, sentences: AbstractSet[int]) -> list[Term]:
    """The terms of these sentences, those first that they use much and the rest of the document little."""
    keys = dict.fromkeys(mention.key for index in sorted(sentences) for mention in study.analysis.mentions[index])
    found: list[tuple[float, Term]] = []
    for key in keys:
        term = study.analysis.by_key[key]
        if key in study.local_names or key in _DULL or term.kind in {"quantity", "year", "person"}:
            continue
        here = sum(1 for index in term.sentences if index in sentences)
        weight = (
            here * (here / len(term.sentences)) ** 0.7 * (1.6 if " " in key else 1) * (1.4 if term.set_apart else 1)
        )
        weight *= (1.3 if term.in_heading else 1) * (1.5 if term.defined_in in sentences else 1)
        found.append((weight, term))
    found.sort(key=lambda entry: (-entry[0], entry[1].key))
    return [term for _, term in found]


def _terms(study: Study, sentences: AbstractSet[int]) -> list[str]:
    return [term.text for term in telling_terms(study, sentences) if term.kind != "code"]


def _from_terms(study: Study, sentences: AbstractSet[int]) -> list[str]:
    """Titles made of the terms that the module uses most and the others least."""
    chosen: list[str] = []
    for name in _terms(study, sentences)[:6]:
        if not any(name.lower() in other.lower() or other.lower() in name.lower() for other in chosen):
            chosen.append(name)
    names = [name[:1].upper() + name[1:] for name in chosen]
    return [f"{names[0]} and {name}" for name in chosen[1:]] + names if names else []
