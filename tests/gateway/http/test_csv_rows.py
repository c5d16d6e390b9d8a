"""CSV that any reader of RFC 4180 reads back, and that no spreadsheet runs."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.csv_rows import rows

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_texts_are_read_back_but_for_the_guard(table: list[tuple[str, str]]) -> None:
    """Commas, quotes and line ends included; a text that begins like a formula comes back with a `'` before it."""
    expected = [[f"'{cell}" if cell[:1] in {*"=+-@\t\r\0"} and cell else cell for cell in row] for row in table]
    assert read(rows(table)) == expected


@given(st.decimals(-1_000_000, 1_000_000, places=2), st.integers())
def test_numbers_keep_their_minus(amount: Decimal, number: int) -> None:
    """A number is no text: spreadsheets take it for what it is."""
    assert read(rows([[amount, number]])) == [[str(amount), str(number)]]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_each_sign_of_a_formula_is_guarded(text: str) -> None:
    """By the list of the security page, and at the beginning alone."""
    assert read(rows([[text, f"x{text}"]])) == [[f"'{text}", f"x{text}"]]


def test_lines_end_as_the_rfc_says() -> None:
    """CR LF behind every row, the last one too; nothing and truth have their words."""
    assert rows([["a", None, True], ["b", 1, False]]) == b"a,,true\r\nb,1,false\r\n"
