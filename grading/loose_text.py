"""The ways in which a typed text may match an accepted one without being equal to it; each is linear in the text.

Rule source: grading contract, section 4. `wildcard` is Moodle's, `fuzzy` counts as H5P does.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final, TypeAlias

import re2  # type: ignore[import-untyped]
from msgspec import Struct
from rapidfuzz.distance import OSA

from grading.text import TextPipeline

_BREAK: Final = "\ufdd0"
"""Stands for the edge of a word, or for a wildcard's asterisk: it is no character, so no text has it."""
_PATTERN_MEMORY: Final = 2 << 20
_TRIAL_MEMORY: Final = 64 << 10
"""Enough for every pattern that answers may be matched with; RE2 gives up on others at once, not after 50 ms."""
_edges: Final = re.compile(r"(?<!\w)|(?!\w)", re.ASCII)
_star: Final = re.compile(r"(?<!\\)\*")
_beyond_ascii: Final = re.compile(r"(\\\\)|\\?([^\x00-\x7f])")
_unspaced: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, Kana and Han are written without spaces: any character may begin a word."""


class Seen:
    """A typed text in the forms that the modes look at; each form is made once, when it is first needed."""

    __slots__ = ("_broken", "_cased", "_cased_pipeline", "compared", "typed")

    def __init__(self, typed: str, compared: str, cased_pipeline: TextPipeline) -> None:
        self.typed = typed
        self.compared = compared
        self._cased_pipeline = cased_pipeline
        self._cased: str | None = None
        self._broken: str | None = None

    def cased(self) -> str:
        """The text after the pipeline but for its case: patterns do their own folding."""
        if self._cased is None:
            self._cased = self._cased_pipeline.apply(self.typed)
        return self._cased

    def broken(self) -> str:
        """The compared text with its words' edges marked."""
        if self._broken is None:
            self._broken = _with_edges(self.compared)
        return self._broken


class Wildcard(Struct, frozen=True):
    """A text that begins, goes on and ends as told, with anything in between."""

    first: str
    between: tuple[str, ...]
    last: str

    def matches(self, seen: Seen) -> bool:
        """Find each piece as early as possible: if that fails, no other way succeeds."""
        text = seen.compared
        at, end = len(self.first), len(text) - len(self.last)
        if at > end or not text.startswith(self.first) or not text.endswith(self.last):
            return False
        for piece in self.between:
            at = text.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True


class Pattern(Struct, frozen=True):
    """A text that an RE2 pattern matches from end to end; `program` is its size in RE2's instructions."""

    compiled: Any
    program: int

    def matches(self, seen: Seen) -> bool:
        """RE2 is linear in the text, whatever the pattern."""
        return self.compiled.fullmatch(seen.cased()) is not None


class Contains(Struct, frozen=True):
    """A text that holds these words, whole and in this order."""

    broken: str

    def matches(self, seen: Seen) -> bool:
        """Words are whole where the edges are the same on both sides."""
        return self.broken in seen.broken()


class Fuzzy(Struct, frozen=True):
    """A text with at most `distance` letters changed, added, dropped or swapped with their neighbour.

    Digits, and words of up to three letters, must be as they are: there a slip makes another number or another word.
    Where words were run together or torn apart it can't be told which is which, so a text with a short word must agree
    in all but its spaces.
    """

    text: str
    distance: int
    words: tuple[str, ...]
    digits: str

    def matches(self, seen: Seen) -> bool:
        """The optimal string alignment distance is within bounds, and nothing is changed that may not be."""
        text = seen.compared
        if abs(len(text) - len(self.text)) > self.distance:
            return False
        if OSA.distance(self.text, text, score_cutoff=self.distance) > self.distance or _digits(text) != self.digits:
            return False
        words = text.split()
        if len(words) != len(self.words):
            return all(_letters(ours) > 3 for ours in self.words) or "".join(words) == "".join(self.words)
        return all(ours == theirs or _letters(ours) > 3 for ours, theirs in zip(self.words, words, strict=True))


Loose: TypeAlias = Wildcard | Pattern | Contains | Fuzzy


def wildcard(text: str, pipeline: TextPipeline) -> Wildcard | str:
    """Prepare a text with asterisks; one without any is returned as the plain text that it is."""
    marked = _star.sub(_BREAK, text.replace(_BREAK, "")).replace("\\*", "*")
    first, *rest = pipeline.apply(marked).split(_BREAK)
    return Wildcard(first, tuple(piece for piece in rest[:-1] if piece), rest[-1]) if rest else first


def contains(text: str) -> Contains:
    """Prepare words that have passed the pipeline."""
    return Contains(_with_edges(text))


def fuzzy(text: str, distance: int | None) -> Fuzzy | None:
    """Prepare a text that has passed the pipeline; None if no slip is forgiven in it: a number, or three letters."""
    letters = _letters(text)
    if letters <= 3:
        return None
    return Fuzzy(text, distance or (2 if letters > 9 else 1), tuple(text.split()), _digits(text))


def pattern(source: str, pipeline: TextPipeline) -> Pattern | None:
    """Compile a pattern; None if RE2 can't, within 2 MiB. Its letters beyond ASCII take the form that texts have."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = pipeline.options.case == "exact"
    folded = _beyond_ascii.sub(lambda found: _pattern_form(found, pipeline), source)
    try:
        options.max_mem = _TRIAL_MEMORY
        re2.compile(folded, options)
        options.max_mem = _PATTERN_MEMORY
        compiled = re2.compile(folded, options)
    except re2.error:
        return None
    return Pattern(compiled, compiled.programsize)


def _pattern_form(found: re.Match[str], pipeline: TextPipeline) -> str:
    """An escaped backslash stays; a letter beyond ASCII takes its form, escaped where that would be an operator."""
    if found[1]:
        return found[1]
    form = pipeline.letter(found[2])
    return "".join(char if not char.isascii() or char.isalnum() or char == " " else f"\\{char}" for char in form)


def _with_edges(text: str) -> str:
    """Mark every place but those inside a word."""
    if text.isascii():
        return _edges.sub(_BREAK, text)
    marked: list[str] = []
    before = False
    for char in text:
        in_word = _in_word(char)
        if not (before and in_word):
            marked.append(_BREAK)
        marked.append(char)
        before = in_word
    return "".join((*marked, _BREAK))


@lru_cache(maxsize=2048)
def _in_word(char: str) -> bool:
    """Whether a character clings to its neighbours: letters, digits, marks, the underscore."""
    clings = char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"
    return clings and not _unspaced.match(char)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
