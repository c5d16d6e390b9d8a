"""Runs of sentences that tell one after the other what happens in which order."""

import re
from collections.abc import Iterator, Sequence

from gateway.generation.builtin.passages import Passage

_COUNT = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|\w+tieth|next|last|final|following)"
_MARKED = re.compile(
    rf"(?i)^(?:first(?:ly)?,|second(?:ly)?,|third(?:ly)?,|then\b|next\b|after(?:wards?| that)\b|finally\b|lastly\b|at (?:first|last)\b"
    rf"|(?:for|from|in|on|at|by|during|between|until|after|before) (?:the |its |his |her |their )?{_COUNT}\b"
    rf"|(?:he|she|it|they) (?:then|next|finally|later|afterwards?)\b|(?:the|a|an) [\w-]+ (?:then|next|finally) )"
)
_LEAST = 3


def sequences_in(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    """Every run of three or more sentences of one paragraph that say when, with the sentence they follow."""
    run: list[Passage] = []
    for before, passage in zip([None, *passages], [*passages, None], strict=False):
        joined = before is not None and passage is not None and passage.index == before.index + 1
        if (
            passage is not None
            and _MARKED.match(passage.text)
            and (not run or (joined and passage.block == run[-1].block))
        ):
            if not run and joined and before is not None and before.block == passage.block:
                run.append(before)
            run.append(passage)
            continue
        if _is_sequence(run):
            yield run
        run = []
    if _is_sequence(run):
        yield run


def _is_sequence(run: Sequence[Passage]) -> bool:
    told = sum(_MARKED.match(passage.text) is not None for passage in run)
    return told >= _LEAST and (run[0].after is None)
