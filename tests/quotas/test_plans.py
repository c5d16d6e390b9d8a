"""Plans: what is built in, what a file may say, and how precisely a wrong one is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotas.plan_store import store_plans
from quotas.plans import BUILT_IN, FIELDS, OVERRIDABLE, Plan, PlansFileError, load_plans, requirement

TINY = {
    "requests_per_minute": "10",
    "generation_units_per_month": "5",
    "regenerations_per_month": '"unlimited"',
    "regenerations_per_artifact": "1",
    "concurrent_generations": "1",
    "checks_per_question": "0",
    "courses_max": "10",
    "source_bytes_max": "1000000",
}


def written(folder: Path, values: dict[str, str], head: str = "[plans.tiny]") -> Path:
    path = folder / "plans.toml"
    path.write_text("\n".join([head, *(f"{name} = {value}" for name, value in values.items())]), encoding="utf-8")
    return path


def test_the_built_in_plans_are_those_of_the_contract() -> None:
    """starter, pro and partner with their limits; None is unlimited."""
    told = {
        plan.id: (
            plan.requests_per_minute,
            plan.generation_units_per_month,
            plan.regenerations_per_month,
            plan.regenerations_per_artifact,
            plan.concurrent_generations,
            plan.alert_percents,
            plan.api_keys_max,
        )
        for plan in load_plans(None)
    }
    assert told == {
        "starter": (100, 50, 100, 5, 2, (80, 90, 100), 100),
        "pro": (100, 500, 1000, 20, 8, (80, 90, 100), 100),
        "partner": (500, 5000, None, 50, 32, (80, 90, 100), 100),
    }


def test_every_built_in_value_keeps_its_own_rule() -> None:
    """What the rules refuse is not built in, and every number of a plan has a rule."""
    assert {field.name for field in FIELDS} == set(Plan.__struct_fields__) - {"id", "alert_percents"}
    for plan in BUILT_IN:
        for name in (*(field.name for field in FIELDS), "alert_percents"):
            assert requirement(name, getattr(plan, name)) is None


def test_a_file_replaces_the_built_in_plans(tmp_path: Path) -> None:
    """Every value is read, "unlimited" is None, and what may be left out has its default."""
    [plan] = load_plans(written(tmp_path, TINY | {"alert_percents": "[50, 100]"}))
    assert plan == Plan(
        id="tiny", requests_per_minute=10, generation_units_per_month=5, regenerations_per_month=None,
        regenerations_per_artifact=1, concurrent_generations=1, checks_per_question=0, alert_percents=(50, 100),
        courses_max=10, source_bytes_max=1_000_000, api_keys_max=100,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"requests_per_minute": '"unlimited"'}, "plans.tiny.requests_per_minute = 'unlimited'; valid: an integer from 1 to 1000000000"),
        ({"requests_per_minute": "0"}, "plans.tiny.requests_per_minute = 0; valid: an integer from 1"),
        ({"concurrent_generations": "-1"}, 'valid: an integer from 0 to 1000000000 or "unlimited"'),
        ({"concurrent_generations": "true"}, "plans.tiny.concurrent_generations = True"),
        ({"concurrent_generations": "1.5"}, "plans.tiny.concurrent_generations = 1.5"),
        ({"courses_max": '"unlimited"'}, "plans.tiny.courses_max"),
        ({"alert_percents": "[80, 80]"}, "each above the one before"),
        ({"alert_percents": "[0]"}, "integers from 1 to 100"),
        ({"alert_percents": "[101]"}, "integers from 1 to 100"),
        ({"alert_percents": '"unlimited"'}, "plans.tiny.alert_percents"),
        ({"request_per_minute": "10"}, "plans.tiny.request_per_minute is unknown; valid: requests_per_minute"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_is_valid(tmp_path: Path, values: dict[str, str], words: str) -> None:
    """One line: file, plan, field, what was given, what is valid."""
    path = written(tmp_path, TINY | values)
    with pytest.raises(PlansFileError) as caught:
        load_plans(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", sorted(TINY))
def test_a_missing_value_is_named(tmp_path: Path, missing: str) -> None:
    """No plan is half a plan."""
    with pytest.raises(PlansFileError, match=rf"plans\.tiny\.{missing} is missing; valid: an integer from"):
        load_plans(written(tmp_path, {name: value for name, value in TINY.items() if name != missing}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no plan"),
        (b"[plans]", "holds no plan"),
        (b"plans = 3", "holds no plan"),
        (b"[plan.tiny]", "'plan' is unknown"),
        (b"[plans.tiny", "is not TOML"),
        (b"[plans]\ntiny = 3", "must be a table"),
        (b'[plans."a b"]', "an id is"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_file_that_is_none_says_why(tmp_path: Path, content: bytes, words: str) -> None:
    """Whatever is wrong with the whole: one line."""
    path = tmp_path / "plans.toml"
    path.write_bytes(content)
    with pytest.raises(PlansFileError, match=words):
        load_plans(path)
    with pytest.raises(PlansFileError, match="can't be read"):
        load_plans(tmp_path / "nowhere.toml")


@given(st.sampled_from(OVERRIDABLE), st.one_of(st.integers(), st.none(), st.booleans(), st.text(), st.floats(), st.lists(st.integers())))  # fmt: skip
def test_what_is_right_is_within_its_bounds(name: str, value: object) -> None:
    """Only integers within a field's bounds pass, null only where unlimited is allowed, alerts only as a rising list."""
    if requirement(name, value) is not None:
        return
    if name == "alert_percents":
        assert isinstance(value, list)
        assert value == sorted(set(value))
        assert all(1 <= percent <= 100 for percent in value)
    elif value is None:
        assert name != "requests_per_minute"
    else:
        assert type(value) is int
        assert (1 if name == "requests_per_minute" else 0) <= value <= 1_000_000_000


async def test_every_plan_that_loads_can_be_stored(database: object, tmp_path: Path) -> None:
    """The table takes what the rules let pass, at their edges too."""
    highest = {field.name: str(field.highest) for field in FIELDS}
    lowest = {field.name: str(field.lowest) for field in FIELDS}
    for values in (highest, lowest, TINY):
        plans = load_plans(written(tmp_path, values))
        async with database.acquire() as connection:  # type: ignore[attr-defined]
            await store_plans(connection, plans)
            row = await connection.fetchrow("select * from plan where id = 'tiny'")
        assert Plan(**{**row, "alert_percents": tuple(row["alert_percents"])}) == plans[0]
