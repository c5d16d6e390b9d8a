"""Sentences that walk a reader through a piece of code: without the code they speak of nothing that can be seen."""

import re

_DOES = (
    "add|assign|build|call|change|check|compare|convert|copy|create|declare|define|find|get|give|iterate|loop|make|move|pass|print"
    "|put|read|return|run|search|send|set|start|store|use|write"
)
_WE_DO = re.compile(rf"\b(?:[Ww]e|I) (?:then |also |first |now |just |simply |can )?(?:{_DOES})\b")
_CODE = re.compile(
    r"\b(?:code|loop|function|method|variable|pattern|string|index|array|list|tuple|parameter|argument)s?\b|[\w)]\(\)| & "
)
_THE_ONE = re.compile(
    r"^(?:If|When|Once|Inside|In) the (?:\w+ )?(?:function|loop|method|program) (?!(?:is|are|of|that)\b)"
)


def walks_through(text: str) -> bool:
    """Whether a sentence tells what `we` do in a piece of code, or what the function or loop of that code does."""
    return (_WE_DO.search(text) is not None and _CODE.search(text) is not None) or _THE_ONE.search(text) is not None
