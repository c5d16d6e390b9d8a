"""The document's schemas are JSON Schema as everybody else reads it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.app import openapi_document
from gateway.openapi.schemas import ecma_pattern

PYTHONS = re.compile(r"(?<!\\)(?:\\\\)*\\[AZ]|\(\?P|\(\?[aiLmsux-]+[:)]|\(\?#|\(\?\(|[*+?}]\+")


def patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        for item in value.values():
            yield from patterns(item)
    elif isinstance(value, list):
        for item in value:
            yield from patterns(item)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return sorted(set(patterns(openapi_document())))


def test_no_pattern_is_in_pythons_own_words(told: list[str]) -> None:
    r"""JSON Schema means ECMA-262, where `\\Z` is an error or a letter: no client's text would match."""
    assert [pattern for pattern in told if PYTHONS.search(pattern)] == []
    assert any(pattern.endswith("$") for pattern in told)


def test_every_pattern_is_one_to_javascript(told: list[str]) -> None:
    """With the flag `u`, as validators compile them; and a line feed behind the end is no match."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node to compile them")
    script = (
        "const told = JSON.parse(require('fs').readFileSync(0)).map((one) => new RegExp(one, 'u'));"
        "console.log(told.length, told.filter((one) => one.source.endsWith('$') && one.test('a\\n')).length);"
    )
    ran = subprocess.run([node, "-e", script], input=json.dumps(told), capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(len(told)), "0"]


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [(r"\Aa\Z", "^a$"), (r"a\\Z", r"a\\Z"), (r"(?P<one>a)", "(?<one>a)"), (r"^\S\d$", r"^\S\d$")],
)
def test_only_pythons_own_words_are_rewritten(pattern: str, meant: str) -> None:
    """A backslash that stands for itself does not make the letter behind it an end."""
    assert ecma_pattern(pattern) == meant
