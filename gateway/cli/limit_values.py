"""Limits as an operator writes them: `generation_units_per_month=200`, `=unlimited`, `=plan`, `alert_percents=50,90`."""

import re
from collections.abc import Sequence

import rich_click as click

from quotas.plans import OVERRIDABLE, requirement


def limits_of(pairs: Sequence[str]) -> dict[str, object]:
    """Return what the pairs set, as the API takes it; what a value may be is the API's own affair. Raises UsageError.

    >>> limits_of(["requests_per_minute=200", "alert_percents=80,100", "concurrent_generations=unlimited"])
    {'requests_per_minute': 200, 'alert_percents': [80, 100], 'concurrent_generations': None}
    """
    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or name not in OVERRIDABLE:
            raise click.UsageError(f"{pair!r} is no NAME=VALUE; names: {', '.join(OVERRIDABLE)}")
        if name in found:
            raise click.UsageError(f"{name} is given twice")
        found[name] = _value(name, text)
    return found


def _value(name: str, text: str) -> object:
    if text == "unlimited":
        valid = None if name == "alert_percents" else requirement(name, None)
        if valid is not None:
            raise click.UsageError(f"{name} can't be unlimited; valid: {valid}, or `plan`")
        return None
    if text == "plan":
        return text
    if name == "alert_percents":
        return [_number(name, part) for part in text.split(",")]
    return _number(name, text)


def _number(name: str, text: str) -> int:
    if re.fullmatch(r"[0-9]{1,15}", text, re.ASCII) is None:
        raise click.UsageError(f"{name}: {text!r} is neither a number, nor `unlimited`, nor `plan`")
    return int(text)
