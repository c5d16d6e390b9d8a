"""What a sentence loses when it is cut loose: its list, its subject, what it contrasts with, what its terms mean."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from tests.gateway.generation.course import Course
from tests.gateway.generation.prose import bare, blocks_of, sentences_of, without_markup

_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(\S.*)$")
_VERBS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "can",
        "could",
        "will",
        "may",
        "must",
        "does",
        "do",
        "did",
        "should",
    ]
)
_FRONT = re.compile(
    r"(?i)^(?:in|on|at|for|from|between|during|by|with|without|within|under|through|throughout|among|near|until|over|across) "
    r"(?P<front>[^.;:]*?),? (?P<subject>he|she|they|it) (?P<rest>.*)"
)
_EXPLETIVE = re.compile(
    r"(?:is|was|takes|seems|may be|can be)\b.*\b(?:to|that|for|how|when)\b|(?:takes|rains|snows|happens|seems)\b"
)
_CONTRAST = re.compile(
    r"(?i)\binstead[.!]?$|\b(?:by|in) contrast\b|\bcomparatively\b|\bon the other hand\b|^(?:otherwise|conversely|however)\b"
)
_REMARK = re.compile(r"(?i)(?:let['’]s|in other words|this|these|keep|here)\b")
"""What announces by a word to the reader, or by taking up what stands before, may be left out over whole sentences."""
_LONG = 14
"""Items of a list; a longer one is a chapter and no list to be kept whole."""


class Listed(NamedTuple):
    """A list of a source: the sentence that announces it, or "", and its items."""

    lead: str
    items: list[str]


def lists_of(source: str) -> Iterator[Listed]:
    """The short lists whose items need each other: steps, and what a line with a colon announces."""
    lines = re.sub(r"(?ms)^```.*?^```$", "", source).split("\n")
    items: list[str] = []
    above, numbered, open_item = "", False, False
    for line in [*lines, "end"]:
        item = _ITEM.match(line)
        if item and not line.startswith("    "):
            numbered = numbered or line.lstrip()[0].isdigit()
            items.append(without_markup(item[1]))
            open_item = True
        elif items and open_item and line.startswith("  ") and line.strip():
            items[-1] += " " + without_markup(line.strip())
        elif line.strip():
            if 2 <= len(items) <= _LONG and (numbered or above.endswith(":")):
                lead = sentences_of(without_markup(above))[-1] if above.endswith(":") else ""
                yield Listed(lead, items)
            items, numbered, open_item = [], False, False
            above = line.strip() if not above or line.strip().endswith(":") or not line.strip()[0].islower() else above


def torn_lists(course: Course) -> list[str]:
    """The lists of which an artifact tells some items and not the others, or all without what announces them."""
    found: list[str] = []
    for listed in (each for source in course.order.sources for each in lists_of(source.text)):
        firsts = [bare(sentences_of(item)[0] if sentences_of(item) else item) for item in listed.items]
        for module in course.outline.modules:
            for kind in ("notes", "slides", "narration"):
                said = bare(without_markup(course.content(module.index, kind)))
                told = [first for first in firsts if len(first.split()) > 3 and first in said]
                wanted = [first for first in firsts if len(first.split()) > 3]
                if told and len(told) < len(wanted):
                    found.append(f"{kind} {module.index} tells {len(told)} of {len(wanted)} items: {told[0]}")
                elif told and listed.lead and not _REMARK.match(listed.lead) and bare(listed.lead) not in said:
                    found.append(f"{kind} {module.index} tells a list without: {listed.lead}")
    return found


def cut_loose(course: Course) -> list[str]:
    """Sentences with a subject that stands in the sentence before, or that contrast with it, and not behind that one."""
    sources = [_told(source.text) for source in course.order.sources]
    before = {bare(one): bare(last) for told in sources for last, one in pairwise(told)}
    found = []
    for module in course.outline.modules:
        texts = [course.content(module.index, kind) for kind in ("notes", "slides", "narration")]
        for text in (*texts, module.summary):
            last = ""
            for sentence in _told(text):
                words = bare(sentence)
                if (_has_late_subject(sentence) or _CONTRAST.search(sentence)) and before.get(words, "") != last:
                    found.append(f"cut loose in {module.index}: {sentence}")
                last = words
    return found


def _told(text: str) -> list[str]:
    return [sentence for block in blocks_of(without_markup(text)) for sentence in sentences_of(block)]


def _has_late_subject(sentence: str) -> bool:
    front = _FRONT.match(sentence)
    if (
        front is None
        or re.search(r"\b(?:while|when|because|if|so|as)\b", front["front"])
        or (front["subject"].lower() == "it" and _EXPLETIVE.match(front["rest"]))
    ):
        return False
    words = re.split(r"\b(?:that|which|who)\b", front["front"])[0].lower().split()
    finite = (
        word in _VERBS or re.search(r"[^aeiou]{2}(?:es|ed)$|[a-z]{2}ts$|ains$|ives$|aves$|orms$|ields$", word)
        for word in words
    )
    return len(words) < 14 and not any(finite)


def unexplained(course: Course) -> list[str]:
    """Emphasised terms that a module's source defines and its notes use without the definition."""
    found = []
    for module in course.outline.modules:
        notes = bare(without_markup(course.content(module.index, "notes")))
        for match in re.finditer(
            r"(?<!\w)(?:An?|The) (?P<mark>[*_]{1,2})(?P<term>[A-Za-z][\w -]{3,40})(?P=mark) is (?:an?|the) [^.!?]{12,240}\.",
            course.cited(module),
        ):
            definition, term = bare(without_markup(re.sub(r"[*_]", "", match[0]))), bare(match["term"])
            if term in notes and definition not in notes:
                found.append(f"used and not explained in {module.index}: {match['term']}")
    return found
