"""Ids: shape, order, and that no two are alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ids import RequestIds, is_id, new_id

PREFIXES = [
    "ctr",
    "key",
    "usr",
    "mbr",
    "inv",
    "prst",
    "crs",
    "src",
    "gen",
    "rgn",
    "art",
    "note",
    "asmt",
    "col",
    "sub",
    "ses",
    "tok",
    "evt",
    "wh",
    "dlv",
    "dpu",
    "req",
    "hold",
]


@given(st.sampled_from(PREFIXES), st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_an_id_is_its_prefix_and_26_letters(prefix: str, now_ms: int, randomness: int) -> None:
    """Every id that is made has the shape that is looked up."""
    made = new_id(prefix, now_ms, randomness)
    assert is_id(prefix, made)
    assert len(made) == len(prefix) + 27
    assert not is_id("xyz", made)


@given(st.integers(0, 2**48 - 2), st.integers(0, 2**74 - 1), st.integers(0, 2**74 - 1))
def test_ids_sort_by_the_time_they_were_made(now_ms: int, earlier: int, later: int) -> None:
    """A UUIDv7 leads with its milliseconds, and base32 in this alphabet keeps digits behind letters."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    first, second = new_id("crs", now_ms, earlier), new_id("crs", now_ms + 1, later)
    assert [alphabet.index(c) for c in first[4:]] < [alphabet.index(c) for c in second[4:]]


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_an_id_is_a_uuid_of_version_7(now_ms: int, randomness: int) -> None:
    """48 bits of milliseconds, version 7, variant 10, and all of the randomness."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    number = 0
    for letter in new_id("crs", now_ms, randomness)[4:]:
        number = number << 5 | alphabet.index(letter)
    number >>= 2
    assert number >> 80 == now_ms
    assert number >> 76 & 0xF == 7
    assert number >> 62 & 0b11 == 0b10
    assert (number >> 64 & 0xFFF) << 62 | number & (1 << 62) - 1 == randomness


@pytest.mark.parametrize(
    "text",
    ["", "crs", "crs_", "crs_" + "a" * 25, "crs_" + "a" * 27, "crs_" + "A" * 26, "crs_" + "1" * 26, "Crs_" + "a" * 26,
     "crs-" + "a" * 26, " crs_" + "a" * 26, "crs_" + "a" * 26 + "\n", "prst_" + "a" * 26, "crs_" + "ä" * 26],
)  # fmt: skip
def test_anything_else_is_no_id(text: str) -> None:
    """Only prefix, underscore and 26 of `[a-z2-7]` are looked up."""
    assert not is_id("crs", text)


def test_request_ids_are_ids_and_differ() -> None:
    """The quick way makes the same shape, within one millisecond and across them."""
    ids = RequestIds()
    made = [ids.next(now_ms) for now_ms in (1, 1, 2, 2**48 - 1) for _ in range(2_000)]
    assert len(set(made)) == len(made)
    assert all(is_id("req", each) for each in made)
