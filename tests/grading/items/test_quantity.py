"""quantity, from the authored item to the grade."""

from fractions import Fraction
from typing import Any

import pytest

from tests.grading.asking import Asked, flaws_of

UNITS = [
    {"id": "metre", "symbols": ["m", "metres"]},
    {"id": "centimetre", "symbols": ["cm"]},
    {"id": "foot", "symbols": ["ft"]},
    {"id": "second", "symbols": ["s"]},
]
SCALES = [{"unit": "metre"}, {"unit": "centimetre", "factor": "1/100"}, {"unit": "foot", "factor": "0.3048"}]
FIVE = [{"value": "5", "tolerance": {"type": "absolute", "by": "0.1"}}, {"value": "50", "score": 0.5}]


def asked(policy: str = "required", answers: list[dict[str, Any]] = FIVE, **more: Any) -> Asked:
    content = {"stem": "How long?", "units": UNITS, "unit_policy": policy, **more.pop("content", {})}
    return Asked("quantity", content=content, key={"answers": answers, "scales": SCALES}, **more)


@pytest.mark.parametrize(
    ("value", "unit", "share"),
    [
        ("5", "m", 1),
        ("5.1", " metres ", 1),
        ("500", "cm", 1),
        ("490", "cm", 1),
        ("489.999", "cm", 0),
        ("16.4", "ft", 1),
        ("16.8", "ft", 0),
        ("5", "cm", 0),
        ("5", "s", 0),
        ("5000", "cm", Fraction(1, 2)),
    ],
)
def test_number_and_unit_are_compared_in_the_base_unit(value: str, unit: str, share: object) -> None:
    """500 cm are 5 m, exactly at both ends of the tolerance; a unit without a scale is wrong."""
    assert asked().earns(value=value, unit=unit) == share


def test_temperatures_are_affine_and_their_tolerances_differences() -> None:
    """1 °F off is 5/9 °C off, whatever the offset."""
    content = {
        "stem": "At which temperature?",
        "units": [{"id": "c", "symbols": ["°C"]}, {"id": "f", "symbols": ["°F"]}, {"id": "k", "symbols": ["K"]}],
    }
    scales = [{"unit": "c"}, {"unit": "f", "factor": "5/9", "offset": "-160/9"}, {"unit": "k", "offset": "-273.15"}]
    answers = [{"value": "100", "tolerance": {"type": "absolute", "by": "0.5"}}]
    item = Asked("quantity", content=content, key={"answers": answers, "scales": scales})
    for value, unit, share in [
        ("212", "℉", 1),
        ("212.9", "°F", 1),
        ("213", "º F", 0),
        ("373.65", "K", 1),
        ("373.66", "K", 0),
    ]:
        assert item.earns(value=value, unit=unit) == share


@pytest.mark.parametrize(
    ("policy", "earned"),
    [
        (
            "penalty_of_score",
            {
                "5 m": "1",
                "500 cm": "1",
                "5 ": "3/4",
                "5 s": "3/4",
                "5 cm": "3/4",
                "50 ": "3/8",
                "7 m": "0",
                "5 parsec": "3/4",
            },
        ),
        (
            "penalty_of_max",
            {"5 m": "1", "500 cm": "1", "5 ": "3/4", "5 s": "3/4", "50 ": "1/4", "7 ": "0", "5 parsec": "3/4"},
        ),
        (
            "split",
            {
                "5 m": "1",
                "500 cm": "1",
                "5 ": "3/5",
                "5 s": "3/5",
                "5 cm": "3/5",
                "7 m": "2/5",
                "7 ": "0",
                "7 s": "0",
                "50 ": "3/10",
                "50 m": "7/10",
            },
        ),
        ("ignore", {"5 m": "1", "5 ": "1", "5 parsec": "1", "500 cm": "0"}),
    ],
)
def test_a_missing_or_wrong_unit_costs_what_the_policy_says(policy: str, earned: dict[str, str]) -> None:
    """A quarter of the score, a quarter of all, the unit's two fifths, or nothing."""
    item = asked(policy, scoring={"unit_penalty": 0.25, "number_share": 0.6})
    for typed, share in earned.items():
        value, unit = typed.split(" ")
        assert (typed, str(item.earns(value=value, unit=unit))) == (typed, share)


def test_a_penalty_takes_no_more_than_was_earned() -> None:
    """A right number without a unit is never worth less than a wrong one, even where the floor is low."""
    item = asked("penalty_of_max", floor=-1, scoring={"unit_penalty": 0.75})
    assert item.earns(value="50", unit="") == 0


@pytest.mark.parametrize("policy", ["required", "penalty_of_score", "penalty_of_max"])
def test_a_mistake_costs_the_same_in_every_unit(policy: str) -> None:
    """1 m and 100 cm are one length; 1 cm is another, which nobody listed."""
    item = asked(policy, [{"value": "5"}, {"value": "1", "score": -0.5}], floor=-1)
    assert item.earns(value="1", unit="m") == item.earns(value="100", unit="cm") == Fraction(-1, 2)
    assert item.earns(value="1", unit="cm") == 0


def test_a_missing_unit_is_noticed_where_it_is_no_error() -> None:
    """The notice says nothing about which unit is right."""
    item = asked("split")
    assert item.graded(value="5", unit="").result.notices == ("unit_missing",)
    assert item.graded(value="5", unit="s").result.notices == ()
    assert asked("ignore").graded(value="5").result.notices == ()


@pytest.mark.parametrize(
    ("value", "unit", "signals"),
    [
        ("5", "m", {"value": "right", "unit": "right"}),
        ("5", "", {"value": "right", "unit": "unanswered"}),
        ("5", "s", {"value": "right", "unit": "wrong"}),
        ("7", "m", {"value": "wrong", "unit": "right"}),
        ("7", "s", {"value": "wrong", "unit": "wrong"}),
        ("50", "m", {"value": "partial", "unit": "right"}),
    ],
)
def test_a_split_signals_both_parts(value: str, unit: str, signals: dict[str, str]) -> None:
    """Number and unit are parts where each earns its own; elsewhere they are one answer."""
    assert asked("split").signals(value=value, unit=unit) == signals
    assert asked("penalty_of_score").signals(value=value, unit=unit) == {}


@pytest.mark.parametrize(
    ("policy", "answer", "errors"),
    [
        ("required", {"value": "", "unit": ""}, [("answer_required", "value")]),
        ("required", {"value": "5"}, [("unit_required", "unit")]),
        ("required", {"value": "5", "unit": "parsec"}, [("unknown_unit", "unit")]),
        ("required", {"value": "x", "unit": "parsec"}, [("not_a_number", "value"), ("unknown_unit", "unit")]),
        ("required", {"value": "", "unit": "m"}, [("answer_required", "value")]),
        ("required", {"value": "5 m", "unit": ""}, [("not_a_number", "value"), ("unit_required", "unit")]),
        ("split", {"value": "", "unit": "m"}, [("answer_required", "value")]),
        ("split", {"value": "5", "unit": "x" * 65}, [("too_long", "unit")]),
        ("ignore", {"value": "5", "unit": "\x00"}, [("invalid_unicode", "unit")]),
    ],
)
def test_a_malformed_answer_is_refused(policy: str, answer: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    """Number and unit both say what is wrong with them."""
    assert asked(policy).errors(**answer) == errors


def test_the_units_that_may_be_given_are_told() -> None:
    """Symbols where they are typed, ids where they are selected; all are public."""
    assert [error.allowed for error in asked().refused(value="5")] == [("m", "cm", "ft", "s")]
    selected = asked(content={"unit_input": "select"})
    (error,) = selected.refused(value="5", unit="m")
    assert (error.code, error.allowed) == ("unknown_unit", ("metre", "centimetre", "foot", "second"))
    assert selected.earns(value="500", unit="centimetre") == 1


def test_a_selected_unit_is_one_of_the_list_under_every_policy_that_reads_it() -> None:
    """A page can send nothing else, so that it is an error and no wrong answer."""
    assert asked("split", content={"unit_input": "select"}).errors(value="5", unit="m") == [("unknown_unit", "unit")]


@pytest.mark.parametrize(
    ("item", "paths"),
    [
        ({"key": {"answers": FIVE, "scales": [{"unit": "foot", "factor": "0.3048"}]}}, ["key.scales"]),
        ({"key": {"answers": FIVE, "scales": [{"unit": "metre"}, {"unit": "mile"}]}}, ["key.scales[1].unit"]),
        (
            {"key": {"answers": FIVE, "scales": [{"unit": "metre", "factor": "0"}]}},
            ["key.scales[0].factor", "key.scales"],
        ),
        ({"key": {"answers": [{"value": "x"}], "scales": SCALES}}, ["key.answers[0].value"]),
        (
            {"content": {"stem": "?", "units": [*UNITS, {"id": "minute", "symbols": ["min", " m "]}]}},
            ["content.units[4].symbols[1]"],
        ),
        ({"content": {"stem": "?", "units": UNITS, "group_mark": "."}}, ["content.group_mark"]),
    ],
)
def test_an_item_that_can_not_be_graded_is_refused(item: dict[str, Any], paths: list[str]) -> None:
    """The author learns the path."""
    whole = {"content": {"stem": "?", "units": UNITS}, "key": {"answers": FIVE, "scales": SCALES}, **item}
    assert flaws_of("quantity", **whole) == paths
