"""What a teacher's note asks of the next version, read from plain words; whatever else it says is no wish we know."""

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from gateway.generation.builtin.study import Study
from gateway.generation.builtin.words import key_of, singular

Length = Literal["same", "shorter", "longer"]

_SHORTER = re.compile(
    r"(?i)\b(?:short(?:er|en)?|brief(?:er)?|more concise|concise|condense|trim|cut (?:it )?down|too long|less (?:text|detail|words?)|fewer (?:words|slides|lines|sentences|bullets|points|details)|reduce|smaller|compact)\b"
)
_LONGER = re.compile(
    r"(?i)\b(?:long(?:er)?|lengthen|expand|more (?:detail(?:s|ed)?|depth|text|content|words|slides|information|explanation|sentences|bullets|points)|in (?:more|greater) detail|elaborate|extend|too short|add more|deeper|detailed)\b"
)
_TOO_LONG = re.compile(r"(?i)\btoo long\b|\bless long\b|\bnot so long\b")
_SIMPLER = re.compile(
    r"(?i)\b(?:simpl(?:er|ify|e)|easier|easy|plain(?:er)?|less (?:complex|technical|difficult)|more (?:accessible|readable|basic)|beginner|too (?:hard|difficult|complex|technical|complicated))\b"
)
_EXAMPLES = re.compile(r"(?i)\b(?:examples?|illustrat(?:e|ions?)|concrete|practical|code samples?)\b")


class Wishes(Struct, frozen=True, kw_only=True):
    """What the notes so far ask: the length from the newest alone, all else from any of them."""

    length: Length = "same"
    simple: bool = False
    examples: bool = False
    terms: tuple[str, ...] = ()


def read_wishes(study: Study, notes: Sequence[str]) -> Wishes:
    """Read the notes, oldest first. A term counts where the source itself uses it."""
    if not notes:
        return Wishes()
    newest = notes[-1]
    length: Length = "same"
    if _TOO_LONG.search(newest) or _SHORTER.search(newest):
        length = "shorter"
    elif _LONGER.search(newest):
        length = "longer"
    everything = "\n".join(notes)
    return Wishes(
        length=length,
        simple=bool(_SIMPLER.search(everything)),
        examples=bool(_EXAMPLES.search(everything)),
        terms=_named(study, newest),
    )


def _named(study: Study, note: str) -> tuple[str, ...]:
    """The keys of the source's terms that the note names, the longest phrases first."""
    words = re.findall(r"[^\W_]+(?:[’'\-_][^\W_]+)*", note)
    known = study.analysis.by_key
    found: dict[str, None] = {}
    used: set[int] = set()
    for length in range(min(5, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            places = set(range(start, start + length))
            phrase = " ".join(words[start : start + length])
            key = next((k for k in (key_of(phrase), phrase) if k in known), None)
            if key is not None and not places & used and not _ORDINARY.fullmatch(phrase):
                found[key] = None
                used |= places
    heads = {key.split()[-1] for key in found}
    found.update(dict.fromkeys(sorted(head for head in heads if head in known and not _ORDINARY.fullmatch(head))))
    for word in words:
        if singular(word) in heads or len(word) < 4 or _ORDINARY.fullmatch(word):
            continue
        stem = singular(word)[:-1]
        near = [
            t.key
            for t in study.analysis.terms[:400]
            if len(stem) > 4 and any(w.startswith(stem) for w in t.key.split())
        ]
        for key in near[:2]:
            found.setdefault(key)
    return tuple(found)


_ORDINARY = re.compile(
    r"(?i)more|less|shorter|longer|simpler|examples?|please|detail(?:s|ed)?|about|text|version|notes?|slides?|narration|quiz|questions?|learners?"
    r"|students?|course|module|explain|focus|add|cover|include|emphasi[sz]e|words?|sentences?|something|different|again|better|this|that|with|make|easier|reader"
)
