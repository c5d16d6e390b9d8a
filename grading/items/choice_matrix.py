"""choice_matrix: in each row of a table one column, or several, are ticked."""

from math import lcm
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from grading.alike import worth_alike
from grading.faults import Blank, Flaws, FormatError, Malformed, shown
from grading.items.asked import Answered, Asked
from grading.kinds import Loaded, loaded
from grading.parts import Choice, Id, Stem, Text, ids_once
from grading.result import PartSignal, Scored, Signs, ratio, signs
from grading.ticks import ticks_refused

ROWS_MAX: Final = 40
COLUMNS_MAX: Final = 20


class MatrixRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A row in which one column is ticked; with `multiple` any number."""

    id: Id
    text: Text
    multiple: bool = False


class ChoiceMatrixContent(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows to judge by the same columns. A row that is left out earns nothing; with `require_all` none may be."""

    stem: Stem
    rows: Annotated[tuple[MatrixRow, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]
    columns: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=COLUMNS_MAX)]
    require_all: bool = False


class ChoiceMatrixKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The right columns of every row, by ids; one for a row that is not `multiple`."""

    rows: dict[str, tuple[str, ...]]


MatrixRule: TypeAlias = Literal["mean", "all_or_nothing", "net_correct"]


class ChoiceMatrixScoring(Struct, frozen=True, forbid_unknown_fields=True):
    """`mean`: rows that are exactly right over all rows; `net_correct`: the mean of what the rows earn by that rule of
    multiple_choice; `all_or_nothing`: nothing unless all rows are right.
    """

    rule: MatrixRule = "mean"


class ChoiceMatrix(Asked, frozen=True, tag="choice_matrix", kw_only=True):
    """A table to tick."""

    content: ChoiceMatrixContent
    key: ChoiceMatrixKey
    scoring: ChoiceMatrixScoring = ChoiceMatrixScoring()


class TickedRow(Struct, frozen=True, forbid_unknown_fields=True):
    """The columns that were ticked in a row."""

    row: Id
    choices: Annotated[tuple[Id, ...], msgspec.Meta(max_length=COLUMNS_MAX)]


class ChoiceMatrixAnswer(Answered, frozen=True, tag="choice_matrix"):
    """The rows that were answered, in any order."""

    rows: Annotated[tuple[TickedRow, ...], msgspec.Meta(max_length=ROWS_MAX)]


Ticks: TypeAlias = tuple[tuple[str, ...], ...]
"""The ticked columns of each row, in the order of the content; none for a row that was left out."""


class ChoiceMatrixForm(Struct, frozen=True):
    """Knows rows and columns, and how many columns may be ticked in each row."""

    places: dict[str, int]
    columns: frozenset[str]
    most: tuple[int, ...]
    require_all: bool

    def read(self, answer: ChoiceMatrixAnswer) -> Ticks | Blank | Malformed:
        """Return the ticked columns of each row."""
        ticks: list[tuple[str, ...]] = [()] * len(self.places)
        seen: set[str] = set()
        for ticked in answer.rows:
            place = self.places.get(ticked.row)
            columns = ticked.choices
            if place is None or ticked.row in seen or len(columns) > self.most[place] or not self._known(columns):
                return self._refused(answer)
            seen.add(ticked.row)
            ticks[place] = columns
        if not any(ticks):
            return Blank("rows")
        if self.require_all and not all(ticks):
            return self._refused(answer)
        return tuple(ticks)

    def _known(self, columns: tuple[str, ...]) -> bool:
        if len(columns) == 1:
            return columns[0] in self.columns
        distinct = set(columns)
        return len(distinct) == len(columns) and distinct <= self.columns

    def _refused(self, answer: ChoiceMatrixAnswer) -> Malformed:
        """Go through all rows once more for everything that is wrong with them."""
        errors: list[FormatError] = []
        seen: set[str] = set()
        filled: set[str] = set()
        for index, ticked in enumerate(answer.rows):
            place = self.places.get(ticked.row)
            if place is None:
                errors.append(
                    FormatError("unknown_id", f"rows[{index}].row", f"no row has the id {shown(ticked.row)!r}")
                )
            elif ticked.row in seen:
                message = f"the row {shown(ticked.row)!r} is there twice"
                errors.append(FormatError("duplicate_id", f"rows[{index}].row", message))
            most = len(self.columns) if place is None else self.most[place]
            errors += ticks_refused(ticked.choices, self.columns, 0, most, f"rows[{index}].choices")
            seen.add(ticked.row)
            if ticked.choices:
                filled.add(ticked.row)
        missing = tuple(row for row in self.places if row not in filled)
        if self.require_all and missing:
            message = f"every row must be answered; missing: {', '.join(missing)}"
            errors.append(FormatError("too_few", "rows", message, limit=len(self.places), allowed=missing))
        return Malformed(tuple(errors))


class ChoiceMatrixRubric(Struct, frozen=True):
    """Knows the right columns of each row. A right tick is worth `unit` of its row's `whole`, a multiple of all units."""

    right: tuple[frozenset[str], ...]
    units: tuple[int, ...]
    whole: int
    signs: tuple[Signs, ...]
    rule: MatrixRule

    def score(self, reading: Ticks) -> Scored:
        """A row is right if exactly its right columns are ticked."""
        exact = net = 0
        parts: list[PartSignal] = []
        for ticked, right, unit, sign in zip(reading, self.right, self.units, self.signs, strict=True):
            if not ticked:
                parts.append(sign.unanswered)
                continue
            hits = 1 if len(ticked) == 1 and ticked[0] in right else len(right.intersection(ticked))
            if hits == len(right) == len(ticked):
                exact += 1
                net += self.whole
                parts.append(sign.right)
            elif self.rule == "net_correct" and 2 * hits > len(ticked):
                net += (2 * hits - len(ticked)) * unit
                parts.append(sign.partial)
            else:
                parts.append(sign.wrong)
        rows = len(self.right)
        if self.rule == "all_or_nothing":
            return Scored(int(exact == rows), tuple(parts))
        if self.rule == "net_correct":
            return Scored(ratio(net, self.whole * rows), tuple(parts))
        return Scored(ratio(exact, rows), tuple(parts))


def load(item: ChoiceMatrix, flaws: Flaws) -> Loaded:
    """Prepare the item; what makes it ungradable is added to `flaws`."""
    content = item.content
    columns = ids_once(content.columns, "content.columns", flaws)
    rows = ids_once(content.rows, "content.rows", flaws)
    for unknown in sorted(item.key.rows.keys() - rows):
        flaws.add(f"key.rows.{shown(unknown)}", "no row has this id")
    for row in content.rows:
        _check_row(row, item.key.rows.get(row.id, ()), columns, flaws)
    form = ChoiceMatrixForm(
        {row.id: place for place, row in enumerate(content.rows)},
        columns,
        tuple(len(columns) if row.multiple else 1 for row in content.rows),
        content.require_all,
    )
    right = tuple(frozenset(item.key.rows.get(row.id, ())) for row in content.rows)
    worth_alike(
        content.rows, {row.id: each for row, each in zip(content.rows, right, strict=True)}, "content.rows", flaws
    )
    right_in = {column: [column in each for each in right] for column in columns}
    worth_alike(content.columns, right_in, "content.columns", flaws)
    whole = lcm(*(max(len(each), 1) for each in right))
    rubric = ChoiceMatrixRubric(
        right,
        tuple(whole // max(len(each), 1) for each in right),
        whole,
        tuple(signs(row.id) for row in content.rows),
        item.scoring.rule,
    )
    return loaded(ChoiceMatrixAnswer, form, rubric)


def _check_row(row: MatrixRow, right: tuple[str, ...], columns: frozenset[str], flaws: Flaws) -> None:
    """Find out whether the row's key can be ticked at all."""
    param = f"key.rows.{row.id}"
    if not right:
        flaws.add(param, "the row has no right column")
    if len(right) > 1 and not row.multiple:
        flaws.add(param, "one column is ticked in this row, so one can be right")
    if len(set(right)) < len(right):
        flaws.add(param, "a column is there twice")
    for unknown in sorted(set(right) - columns):
        flaws.add(param, f"no column has the id {shown(unknown)!r}")
