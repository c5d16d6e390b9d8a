"""CSV as RFC 4180 has it, that no spreadsheet takes for formulas. Rule source: security, "Input"."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\0")

Cell = str | int | bool | Decimal | None
"""Texts are guarded; numbers are not: a minus of theirs is one."""


def rows(cells: Iterable[Sequence[Cell]]) -> bytes:
    r"""Write rows. None is an empty cell, a bool is `true` or `false`.

    >>> rows([["a", "=1+1", Decimal("-0.50"), None, True]])
    b"a,'=1+1,-0.50,,true\r\n"
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_guarded(cell) for cell in row] for row in cells)
    return text.getvalue().encode()


def _guarded(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int() | Decimal():
            return str(cell)
        case _:
            return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
