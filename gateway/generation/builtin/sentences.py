"""Where one sentence ends and the next begins, in plain text whose code spans and addresses are known."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from gateway.generation.builtin.inline import Mark
from gateway.generation.builtin.lexicon import ABBREVIATIONS, MONTHS, STARTERS

_BREAK = re.compile(r"[(\[“«]|[)\]”»]|\"|[.!?…。！？]+[\"'”’»)\]]*(?=\s|$)|[。！？]")
_CLOSERS = {")": "(", "]": "[", "”": "“", "»": "«"}
_LONGEST_ASIDE = 400
_LABEL = re.compile(
    r"(?:(?:Q|A|Question|Answer)\s?\d{0,3}[:.)]|(?:Note|Tip|Warning|Important|Caution|Info|Hint|NB)\s?:)\s+(?=\S)",
    re.IGNORECASE,
)


def spans(text: str, marks: Sequence[Mark] = ()) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of `text`, trimmed of space; labels such as `Note:` or `A:` are left outside.
    Nothing is cut inside code, an address, brackets or quotation marks that close within 400 characters.
    """
    shielded = [mark for mark in marks if mark.kind in {"code", "address"}]
    shield_starts = [mark.start for mark in shielded]
    found: list[tuple[int, int]] = []
    begin, aside_end = 0, 0
    asides = _asides(text)
    for match in _BREAK.finditer(text):
        mark, at = match[0], match.start()
        if at < aside_end and match.end() < aside_end:
            continue
        inside = bisect_right(shield_starts, at) - 1
        if inside >= 0 and at < shielded[inside].end:
            continue
        if mark[0] in '([“«"':
            if at >= aside_end:
                aside_end = _quotation_end(text, at) if mark == '"' else asides.get(at, at)
            continue
        if mark[0] in _CLOSERS:
            continue
        end = match.end()
        starts_code = bool(shield_starts) and _starts_at(shielded, shield_starts, text, end)
        if _ends_here(text, begin, at, end, starts_code=starts_code):
            found.append((begin, end))
            begin = end
    found.append((begin, len(text)))
    return [trimmed for start, end in found if (trimmed := _trimmed(text, start, end))]


def _asides(text: str) -> dict[int, int]:
    """For every bracket or quotation mark that opens: where it has closed, if that is soon."""
    waiting: dict[str, list[int]] = {opener: [] for opener in _CLOSERS.values()}
    ends: dict[int, int] = {}
    for match in re.finditer(r"[(\[“«)\]”»]", text):
        mark, at = match[0], match.start()
        if mark in waiting:
            waiting[mark].append(at)
        elif waiting[_CLOSERS[mark]]:
            start = waiting[_CLOSERS[mark]].pop()
            if at - start <= _LONGEST_ASIDE:
                ends[start] = at + 1
    return ends


def _quotation_end(text: str, at: int) -> int:
    """Where the straight quotation mark at `at` has closed, or `at` where it opens nothing."""
    if at and not text[at - 1].isspace() and text[at - 1] not in "([—–":
        return at
    close = text.find('"', at + 1, at + _LONGEST_ASIDE)
    return close + 1 if close > 0 else at


def _starts_at(shielded: Sequence[Mark], starts: Sequence[int], text: str, end: int) -> bool:
    following = bisect_right(starts, end)
    return following < len(shielded) and not text[end : shielded[following].start].strip(" \"'“‘(")


def _ends_here(text: str, begin: int, at: int, end: int, *, starts_code: bool) -> bool:
    """Whether the stop at [at, end) closes the sentence that began at `begin`."""
    ahead = text[end : end + 40].lstrip()
    if not ahead:
        return True
    lead = ahead.lstrip("\"'“‘«([*_")
    if not starts_code and lead and lead[0].islower():
        return False
    if text[at] != "." or text[at : at + 2] in {"..", ".…"}:
        return True
    word = re.search(r"[^\s(“\"‘\[]*$", text[max(begin, at - 40) : at])
    before = word[0] if word else ""
    lowered = before.lower().rstrip(".")
    next_word = re.match(r"[A-Za-z]+", lead)
    starter = bool(next_word) and next_word[0].lower() in STARTERS if next_word else False
    if lowered in ABBREVIATIONS:
        return False
    if lowered in MONTHS:
        return not (lead[:1].isdigit())
    if re.fullmatch(r"(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z])", before):
        return starter or starts_code
    return not (before.isdigit() and not text[begin : at - len(before)].strip())


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if label := _LABEL.match(text, start, end):
        start = label.end()
    return (start, end) if any(character.isalnum() for character in text[start:end]) else None
