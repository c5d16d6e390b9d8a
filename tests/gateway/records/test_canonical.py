"""The canonical form, against the RFC's reference implementation, in Python and in SQL."""

import json

import asyncpg
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gateway.records.canonical import EXACT_MAX, NotCanonical, canonical, is_canonical

NAMES = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-EXACT_MAX, EXACT_MAX) | TEXTS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(NAMES, parts, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_the_canonical_form_is_rfc_8785(value: object) -> None:
    """Whatever may stand in a record is written exactly as the reference implementation writes it."""
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert is_canonical(canonical(value), value)


@given(VALUES)
def test_another_spelling_is_not_canonical(value: object) -> None:
    """White space alone makes it another text: there is one way to write a record."""
    spaced = b" " + canonical(value)
    assert not is_canonical(spaced, value)


@pytest.mark.parametrize("value", [1.5, {"ü": 1}, {1: 2}, "\ud800", object(), b"x", [float("nan")]])
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    """Fractions, names beyond ASCII, halves of characters: no record holds them."""
    with pytest.raises(NotCanonical):
        canonical(value)


def test_numbers_that_readers_round_are_texts() -> None:
    """Beyond 53 bits a number is written as a text, so that nobody reads another one."""
    assert canonical([EXACT_MAX, EXACT_MAX + 1, -EXACT_MAX - 1]) == (
        b'[9007199254740991,"9007199254740992","-9007199254740992"]'
    )


async def test_sql_writes_the_same_form(database: "asyncpg.Pool[asyncpg.Record]") -> None:
    """`jcs` and the encoder in Python agree with the reference on everything that PostgreSQL can hold."""
    samples = [
        {"b": 1, "a": {"zz": None, "z": [True, False, -1]}, "aa": "ü\u2028\U0001f600"},
        {"control": "".join(map(chr, range(1, 32))) + '"\\/\x7f', "": "empty", "A": 0, "_": [], "~": {}},
        [EXACT_MAX, -EXACT_MAX],
    ]
    for sample in samples:
        written = await database.fetchval("select jcs($1::jsonb)", json.dumps(sample))
        assert written.encode() == canonical(sample) == rfc8785.dumps(sample)
    assert await database.fetchval("select jcs('[9007199254740992, 3.0]')") == '["9007199254740992",3]'
    for refused in ('{"ü": 1}', "[1.5]"):
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await database.fetchval("select jcs($1::jsonb)", refused)
