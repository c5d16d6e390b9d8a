"""Every problem there is, found by walking the classes: a class with a code is in the catalogue, always."""

from collections.abc import Iterator
from typing import Final

from gateway.errors import (
    access,
    conflicts,
    embedding,
    judging,
    limits,
    missing,
    notifying,
    records,
    requests,
    server,
    taking,
)
from gateway.errors.problem import Problem

MODULES: Final = (requests, access, missing, conflicts, limits, server, taking, judging, notifying, records, embedding)


def _with_a_code(base: type[Problem]) -> Iterator[type[Problem]]:
    for kind in base.__subclasses__():
        if hasattr(kind, "code"):
            yield kind
        yield from _with_a_code(kind)


CATALOGUE: Final[tuple[type[Problem], ...]] = tuple(
    sorted(_with_a_code(Problem), key=lambda kind: (kind.status, kind.code))
)
"""All problems, by status and code."""
