"""The text pipeline: two texts that a teacher would call the same become equal strings.

Rule source: grading contract, section 4. Both sides pass it: accepted answers once, when their item is loaded. It is
idempotent, so a text that has passed may pass again.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Final, Literal

from anyascii import anyascii
from msgspec import Meta, Struct

from grading.faults import FormatError

FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and newline, and lone surrogates: 422 `invalid_unicode`."""
_UNSEEN: Final = "\u200b\u200c\u2060\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Zero width spaces and non-joiners, and the marks that set the direction of writing."""
_PICTURE: Final = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_MARKED_BLOCKS: Final = (
    (0x300, 0x3100),
    (0xA660, 0xAC00),
    (0xFB1E, 0xFE30),
    (0x101FD, 0x12000),
    (0x16AF0, 0x17000),
    (0x1BC9D, 0x1BCA0),
    (0x1D165, 0x1D245),
    (0x1E000, 0x1E950),
)
"""Where the characters are that are put upon others: accents, vowel points and the like."""
_MARKS: Final = [
    chr(code) for start, end in _MARKED_BLOCKS for code in range(start, end) if unicodedata.combining(chr(code))
]
_MARKS_MAX: Final = 30
"""More marks upon one letter are in no word, and to put them in order would take longer than all else."""


def _piles(marks: str) -> re.Pattern[str]:
    return re.compile(f"[{marks}][{marks}]{{{_MARKS_MAX},}}")


_piled: Final = _piles("".join(mark for mark in _MARKS if mark < "\U00010000"))
_piled_beyond: Final = _piles("".join(_MARKS))
_beyond: Final = re.compile(r"[\U00010000-\U0001efff]")
"""Beyond the basic plane a search for marks is slow, so it is done for texts alone that have such characters."""
_unseen: Final = re.compile(f"[{_UNSEEN}\u200d]")
_unseen_but_joiners: Final = re.compile(f"(?<![{_PICTURE}\ufe0f\u20e3])\u200d|\u200d(?![{_PICTURE}])|[{_UNSEEN}]")
"""As above, but the zero width joiners between two pictures, which make one picture of them, are left."""

SPACES: Final = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_TYPOGRAPHY: Final = {
    **dict.fromkeys(map(ord, "’‘‛ʼ´`′"), "'"),
    **dict.fromkeys(map(ord, "“”„«»″"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—−"), "-"),
    ord("…"): "...",
    ord("ŉ"): "'n",
    **dict.fromkeys(map(ord, SPACES), " "),
}
_FINAL_MARKS: Final = f".!?…。！？ \t\n\u2028\u2029{SPACES}"
_typographic: Final = re.compile(f"[{''.join(map(chr, _TYPOGRAPHY))}]")
_ROUNDS: Final = 4
"""After how many passes no text changes any more; all but a few take one, and one to see it."""
_GROWTH_MAX: Final = 64
"""NFKC makes up to 8 characters of one, and 18 of U+FDFA; what a text grows by beyond this is cut off, as is all from
the fourth of the latter on, on both sides alike.
"""
_SALAWAT: Final = "\ufdfa"

Article = Annotated[str, Meta(min_length=1, max_length=20)]


class TextOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """What is made alike before texts are compared. The defaults forgive case, spacing and typographic variants.

    compat       NFKC instead of NFC: full-width forms and ligatures become plain, but also ² becomes 2
    typography   curly quotes, dashes, … and the many spaces become their plain forms
    whitespace   runs inside the text become one space, are removed, or stay; the ends are always trimmed
    case         "fold" makes upper and lower case equal
    diacritics   "ignore" drops accents, and ø ł ß become o l ss
    final_mark   "ignore" drops sentence marks at the end
    leading_articles   words that are dropped at the beginning; one that ends in ' needs no space after it
    keep_zwj     the joiners that make one picture of several stay, so that the joint picture is not equal to its parts
    """

    compat: bool = False
    typography: bool = True
    whitespace: Literal["collapse", "remove", "exact"] = "collapse"
    case: Literal["fold", "exact"] = "fold"
    diacritics: Literal["exact", "ignore"] = "exact"
    final_mark: Literal["exact", "ignore"] = "exact"
    leading_articles: Annotated[tuple[Article, ...], Meta(max_length=20)] = ()
    keep_zwj: bool = False


def read_text(text: str, max_length: int, param: str) -> str | FormatError:
    """Return what was typed, trimmed and composed (NFC), without invisible characters; "" if nothing is left.

    `max_length` counts code points of that, so that a letter with an accent is one however it was typed. No option of a
    pipeline has a say here: the verdict depends on public facts alone.
    """
    if text.isascii() and text.isprintable():
        text = text.strip()
    elif FORBIDDEN.search(text):
        return FormatError("invalid_unicode", param, "the text holds a control character or a lone surrogate")
    else:
        text = unicodedata.normalize("NFC", visible(text, keep_joiners=True)).strip()
    if len(text) > max_length:
        return FormatError("too_long", param, f"at most {max_length} characters", limit=max_length)
    return text


def visible(text: str, *, keep_joiners: bool = False) -> str:
    """Drop characters that nobody sees, but for the joiners inside joint pictures if they are to be kept."""
    if _unseen.search(text):
        text = (_unseen_but_joiners if keep_joiners else _unseen).sub("", text)
    piled = _piled if _beyond.search(text) is None else _piled_beyond
    return piled.sub(lambda pile: pile[0][:_MARKS_MAX], text)


class TextPipeline:
    """Makes texts alike as its options say."""

    def __init__(self, options: TextOptions) -> None:
        self.options = options
        self._keeps_spaces = options.whitespace == "exact"
        self._removes_spaces = options.whitespace == "remove"
        self._folds = options.case == "fold"
        self._drops_marks = options.final_mark == "ignore"
        self._bare = options.diacritics == "ignore"
        self._once = not (options.compat or self._bare)
        self._ends = False
        self._articles = _articles([self.apply(article) for article in options.leading_articles])
        self._ends = self._drops_marks or self._articles is not None

    def apply(self, text: str) -> str:
        """Return the form of `text` that is compared. Applying it again changes nothing."""
        if text.isascii():
            return self._finished(text.replace("`", "'") if self.options.typography else text)
        text = self._pass(text)
        if self._once:
            return text
        for _ in range(_ROUNDS):
            before, text = text, self._pass(text)
            if text == before:
                break
        return text

    def letter(self, char: str) -> str:
        """Return the form of one character beyond ASCII as it stands in patterns, where case and spacing are left."""
        char = self._composed(char)
        if self.options.compat:
            char = self._composed(unicodedata.normalize("NFKC", char))
        return without_diacritics(char) if self._bare else char

    def _pass(self, text: str) -> str:
        options = self.options
        text = self._composed(visible(text, keep_joiners=options.keep_zwj))
        if options.compat:
            text = _SALAWAT.join(text.split(_SALAWAT, 4)[:4])
            text = self._composed(unicodedata.normalize("NFKC", text)[: len(text) + _GROWTH_MAX])
        return self._finished(text)

    def _composed(self, text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        plain = not self.options.typography or _typographic.search(text) is None
        return text if plain else unicodedata.normalize("NFC", text.translate(_TYPOGRAPHY))

    def _finished(self, text: str) -> str:
        """Spacing, case, diacritics and what may be left off at the ends; `text` is composed."""
        text = text.strip() if self._keeps_spaces else " ".join(text.split())
        if self._folds:
            text = text.lower() if text.isascii() else unicodedata.normalize("NFC", text.casefold())
        if self._bare and not text.isascii():
            text = without_diacritics(text)
        if self._ends:
            text = self._without_ends(text)
        if self._removes_spaces:
            text = "".join(text.split())
            text = text if text.isascii() else unicodedata.normalize("NFC", text)  # a space kept a mark from its letter
            text = self._without_ends(text) if self._ends else text
        return text

    def _without_ends(self, text: str) -> str:
        if self._drops_marks:
            text = text.rstrip(_FINAL_MARKS)
        if self._articles is not None and (found := self._articles.match(text)):
            text = text[found.end() :]
        return text


def _articles(articles: Sequence[str]) -> re.Pattern[str] | None:
    """What may be left off at the beginning of a text, as often as it is there and something follows."""
    longest_first = sorted(filter(None, articles), key=len, reverse=True)
    each = [re.escape(article) + (r"\s*" if article[-1] == "'" else r"\s+") for article in longest_first]
    return re.compile(f"(?:{'|'.join(each)})+(?=\\S)") if each else None


def without_diacritics(text: str) -> str:
    """Drop accents and other marks; Latin letters that have no plain part (ø ł ß) become their ASCII likeness."""
    plain = unicodedata.normalize("NFD", text).translate(_bare_letters())
    return unicodedata.normalize("NFC", plain)


@cache
def _bare_letters() -> dict[int, str]:
    """What the marks (nothing) and the Latin letters beyond ASCII that do not decompose become."""
    blocks = (range(0xC0, 0x250), range(0x1E00, 0x1F00), range(0x2C60, 0x2C80), range(0xA720, 0xA800))
    letters = {
        code: ascii_form
        for block in blocks
        for code in block
        if unicodedata.name(chr(code), "").startswith("LATIN ") and (ascii_form := anyascii(chr(code)).strip())
    }
    marks = (
        code for code in (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0)) if unicodedata.category(chr(code)) == "Mn"
    )
    return {**letters, **dict.fromkeys(marks, "")}
