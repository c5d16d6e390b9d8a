"""Plans are data: three are built in, an operator's TOML file replaces them, a center may override single values.

Rule source: quotas, "Plans"; ceilings: security, "Input".
"""

import tomllib
from collections.abc import Mapping
from itertools import starmap
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

COUNT_MAX: Final = 1_000_000_000
"""No count of a plan is higher: sums stay far from 64 bit."""

BYTES_MAX: Final = 1_000_000_000_000_000


class PlanField(Struct, frozen=True, kw_only=True):
    """What a value of a plan may be. Only an `unlimited_allowed` one may be None; a `ceiling` is the plan's alone."""

    name: str
    lowest: int = 0
    highest: int = COUNT_MAX
    unlimited_allowed: bool = True
    ceiling: bool = False


FIELDS: Final = (
    PlanField(name="requests_per_minute", lowest=1, unlimited_allowed=False),
    PlanField(name="generation_units_per_month"),
    PlanField(name="regenerations_per_month"),
    PlanField(name="regenerations_per_artifact"),
    PlanField(name="concurrent_generations"),
    PlanField(name="checks_per_question"),
    PlanField(name="courses_max", lowest=1, unlimited_allowed=False, ceiling=True),
    PlanField(name="source_bytes_max", lowest=1, highest=BYTES_MAX, unlimited_allowed=False, ceiling=True),
    PlanField(name="api_keys_max", lowest=1, unlimited_allowed=False, ceiling=True),
    PlanField(name="assessments_max", lowest=1, unlimited_allowed=False, ceiling=True),
    PlanField(name="members_max", lowest=1, unlimited_allowed=False, ceiling=True),
)
"""Every number of a plan. `alert_percents`, the one list, has rules of its own."""

OVERRIDABLE: Final = (*(field.name for field in FIELDS if not field.ceiling), "alert_percents")
"""What a center may have of its own, and PATCH and `set-limits` accept."""

UNLIMITED: Final = "unlimited"
"""How a plans file says None, which TOML can't."""

_BY_NAME: Final = {field.name: field for field in FIELDS}
_ALERTS_MAX: Final = 10
_MAY_BE_LEFT_OUT: Final = frozenset({"alert_percents", "api_keys_max", "assessments_max", "members_max"})


class Plan(Struct, frozen=True, kw_only=True):
    """What a center may do; None = unlimited. `courses_max` and those below it are ceilings against abuse."""

    id: str
    requests_per_minute: int
    generation_units_per_month: int | None
    regenerations_per_month: int | None
    regenerations_per_artifact: int | None
    concurrent_generations: int | None
    checks_per_question: int | None
    alert_percents: tuple[int, ...] = (80, 90, 100)
    courses_max: int
    source_bytes_max: int
    api_keys_max: int = 100
    assessments_max: int = 10_000
    members_max: int = 10_000


BUILT_IN: Final = (
    Plan(
        id="starter",
        requests_per_minute=100,
        generation_units_per_month=50,
        regenerations_per_month=100,
        regenerations_per_artifact=5,
        concurrent_generations=2,
        checks_per_question=20,
        courses_max=1_000,
        source_bytes_max=1_000_000_000,
        assessments_max=2_000,
        members_max=500,
    ),
    Plan(
        id="pro",
        requests_per_minute=100,
        generation_units_per_month=500,
        regenerations_per_month=1_000,
        regenerations_per_artifact=20,
        concurrent_generations=8,
        checks_per_question=20,
        courses_max=10_000,
        source_bytes_max=10_000_000_000,
        assessments_max=20_000,
        members_max=5_000,
    ),
    Plan(
        id="partner",
        requests_per_minute=500,
        generation_units_per_month=5_000,
        regenerations_per_month=None,
        regenerations_per_artifact=50,
        concurrent_generations=32,
        checks_per_question=20,
        courses_max=100_000,
        source_bytes_max=100_000_000_000,
        assessments_max=200_000,
        members_max=50_000,
    ),
)


class PlansFileError(Exception):
    """The plans file can't be used; the text is one line: where, what was given, what is valid."""


def requirement(name: str, value: object) -> str | None:
    """What `value` fails to be as the plan field `name`, in words for an error's `requirement`; None = it is right.

    `name` is one of OVERRIDABLE or of FIELDS. None stands for unlimited.
    """
    if name == "alert_percents":
        return _alerts_requirement(value)
    field = _BY_NAME[name]
    if value is None and field.unlimited_allowed:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and field.lowest <= value <= field.highest:
        return None
    unlimited = " or null (unlimited)" if field.unlimited_allowed else ""
    return f"an integer from {field.lowest} to {field.highest}{unlimited}"


def _alerts_requirement(value: object) -> str | None:
    wanted = f"at most {_ALERTS_MAX} integers from 1 to 100, each above the one before"
    if not isinstance(value, (list, tuple)) or len(value) > _ALERTS_MAX:
        return wanted
    before = 0
    for percent in value:
        if not isinstance(percent, int) or isinstance(percent, bool) or not before < percent <= 100:
            return wanted
        before = percent
    return None


def load_plans(path: Path | None) -> tuple[Plan, ...]:
    """The plans of a TOML file with one table `[plans.<id>]` each; the built-in ones where there is no path.

    Every number of FIELDS is required ("unlimited" where it may be), except those of _MAY_BE_LEFT_OUT. Raises
    PlansFileError.
    """
    if path is None:
        return BUILT_IN
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise PlansFileError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PlansFileError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    try:
        return _plans_of(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PlansFileError(f"{path}: is not TOML: {error}") from error
    except _Wrong as error:
        raise PlansFileError(f"{path}: {error}") from error


class _Wrong(Exception):
    """What is wrong with the content of a plans file; the caller says which file."""


def _plans_of(document: Mapping[str, Any]) -> tuple[Plan, ...]:
    for name in document:
        if name != "plans":
            raise _Wrong(f"{name!r} is unknown; valid: tables [plans.<id>]")
    tables = document.get("plans")
    if not isinstance(tables, dict) or not tables:
        raise _Wrong("holds no plan; valid: at least one table [plans.<id>]")
    return tuple(starmap(_plan_of, tables.items()))


def _plan_of(plan_id: str, table: object) -> Plan:
    if not (1 <= len(plan_id) <= 40 and plan_id.isascii() and plan_id.replace("-", "").replace("_", "").isalnum()):
        raise _Wrong(f"plans.{plan_id!r}: an id is 1 to 40 of letters, digits, '-' and '_'")
    if not isinstance(table, dict):
        raise _Wrong(f"plans.{plan_id}: must be a table of values")
    known = (*_BY_NAME, "alert_percents")
    for name in table:
        if name not in known:
            raise _Wrong(f"plans.{plan_id}.{name} is unknown; valid: {', '.join(known)}")
    values: dict[str, Any] = {}
    for name in known:
        if name not in table:
            if name in _MAY_BE_LEFT_OUT:
                continue
            raise _Wrong(f"plans.{plan_id}.{name} is missing; valid: {_in_file(requirement(name, object()))}")
        value = None if table[name] == UNLIMITED else table[name]
        wrong = requirement(name, value)
        if wrong is not None:
            raise _Wrong(f"plans.{plan_id}.{name} = {repr(table[name])[:64]}; valid: {_in_file(wrong)}")
        values[name] = tuple(value) if isinstance(value, list) else value
    return Plan(id=plan_id, **values)


def _in_file(words: str | None) -> str:
    return (words or "").replace("null (unlimited)", f'"{UNLIMITED}"')
