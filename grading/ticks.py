"""Ticked choices: what may be wrong with a list of them, and what right and wrong ones earn by each rule."""

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from grading.faults import FormatError, shown
from grading.result import Share, ratio

TickRule: TypeAlias = Literal[
    "net_correct", "all_or_nothing", "balanced", "each_answer", "coverage", "halves", "right_minus_excess"
]


def ticks_refused(
    ticked: tuple[str, ...], known: frozenset[str], fewest: int, most: int, param: str
) -> list[FormatError]:
    """Everything that is wrong with a list of ticked choices at `param`."""
    errors: list[FormatError] = []
    seen: set[str] = set()
    for index, choice in enumerate(ticked):
        if choice not in known:
            errors.append(FormatError("unknown_id", f"{param}[{index}]", f"no choice has the id {shown(choice)!r}"))
        elif choice in seen:
            errors.append(FormatError("duplicate_id", f"{param}[{index}]", f"{shown(choice)!r} is ticked twice"))
        seen.add(choice)
    if len(seen) < fewest:
        errors.append(FormatError("too_few", param, f"at least {fewest} must be ticked", limit=fewest))
    if len(seen) > most:
        errors.append(FormatError("too_many", param, f"at most {most} may be ticked", limit=most))
    return errors


Formula: TypeAlias = Callable[[int, int, int, int], Share]
"""From ticked right `t`, ticked wrong `f` (one of them at least), right choices `c` and wrong choices `w` to the share."""


def _net_correct(t: int, f: int, c: int, _w: int) -> Share:
    return ratio(max(0, t - f), c)


def _all_or_nothing(t: int, f: int, c: int, _w: int) -> Share:
    return int(t == c and f == 0)


def _balanced(t: int, f: int, c: int, w: int) -> Share:
    return ratio(max(0, t * w - f * c), c * w) if w else ratio(t, c)


def _each_answer(t: int, f: int, c: int, w: int) -> Share:
    return ratio(t + w - f, c + w)


def _coverage(t: int, f: int, c: int, _w: int) -> Share:
    return ratio(t * t, c * (t + f))


def _halves(t: int, f: int, c: int, w: int) -> Share:
    mistakes = (c - t) + f
    if mistakes == 0:
        return 1
    if mistakes == 1 and c + w > 2:
        return ratio(1, 2)
    return ratio(1, 4) if mistakes == 2 and c + w > 4 else 0


def _right_minus_excess(t: int, f: int, c: int, _w: int) -> Share:
    return ratio(max(0, t - max(0, t + f - c)), c)


FORMULAS: Final[Mapping[TickRule, Formula]] = {
    "net_correct": _net_correct,
    "all_or_nothing": _all_or_nothing,
    "balanced": _balanced,
    "each_answer": _each_answer,
    "coverage": _coverage,
    "halves": _halves,
    "right_minus_excess": _right_minus_excess,
}
"""The rules of the grading contract, section 7."""
