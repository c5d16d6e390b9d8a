"""numeric, from the authored item to the grade."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.numbers import NumberGrammar
from tests.grading.asking import Asked, flaws_of
from tests.grading.making.figures import GRAMMARS, numbers, spellings, written

EXACT = [{"value": "12.5"}]


def asked(answers: list[dict[str, Any]] | None = None, **more: Any) -> Asked:
    content = {"stem": "How many?", **more.pop("content", {})}
    return Asked("numeric", content=content, key={"answers": answers or EXACT}, **more)


@settings(deadline=None)
@given(number=numbers, grammar=st.sampled_from(GRAMMARS), nudge=st.integers(1, 9))
def test_however_the_key_is_written_it_is_right(number: tuple[int, int], grammar: NumberGrammar, nudge: int) -> None:
    """1e3, 1000 and 1000.0 are one number, and 1000.0000001 is another."""
    digits, power = number
    content = {field: value for field in grammar.__struct_fields__ if (value := getattr(grammar, field)) is not None}
    item = asked([{"value": written(digits, power, grammar)}], content=content)
    assert {item.earns(value=spelling) for spelling in spellings(digits, power, grammar)} == {1}
    assert item.earns(value=written(digits * 10**5 + nudge, power - 5, grammar)) == 0


def test_no_share_is_lost_to_floats() -> None:
    """0.1 + 0.2 is 0.3 here, and a tolerance of 0.1 about 0.2 ends at 0.3."""
    item = asked([{"value": "0.2", "tolerance": {"type": "absolute", "by": "0.1"}}])
    assert [item.earns(value=value) for value in ("0.3", "0.1", "0.30000000000000000000000001")] == [1, 1, 0]


def test_listed_mistakes_earn_what_they_are_worth() -> None:
    """A wrong sign or a forgotten factor is a further answer; the best one that matches counts."""
    item = asked(
        [
            {"value": "9.8", "tolerance": {"type": "relative", "by": "0.01"}, "near": {"times": "3", "credit": 0.5}},
            {"value": "-9.8", "score": 0.75},
            {"range": {"low": "9", "high": "10", "high_open": True}, "score": 0.25},
        ]
    )
    earned = [str(item.earns(value=value)) for value in ("9.81", "10.05", "-9.8", "9", "10", "10.1")]
    assert earned == ["1", "1/2", "3/4", "1/4", "1/2", "0"]


def test_extra_digits_are_noticed() -> None:
    """The notice `rounding` goes with what was earned."""
    tolerance = {"type": "written_sigfigs", "digits": 3, "extra_digits_penalty": 0.25}
    item = asked([{"value": "2.71828", "tolerance": tolerance}])
    assert (item.earns(value="2.72"), item.earns(value="2.718"), item.earns(value="2.7")) == (1, Fraction(3, 4), 0)
    assert item.graded(value="2.718").result.notices == ("rounding",)
    assert item.graded(value="2.7").result.notices == ()


LIMITS = {"min": "-5", "max": "20", "step": "0.5", "input": "slider"}


@pytest.mark.parametrize(
    ("content", "value", "code", "limit"),
    [
        ({}, "", "answer_required", None),
        ({}, "many", "not_a_number", None),
        ({}, "1,5", "separator_not_allowed", None),
        ({}, "1e500", "out_of_range", 400),
        ({}, "1" * 65, "too_long", 64),
        ({}, "1" * 41, "too_long", 40),
        ({"group_mark": ","}, "1,50", "ambiguous_number", None),
        ({"allow_fraction": True}, "1/0", "division_by_zero", None),
        (LIMITS, "-5.5", "out_of_range", "-5"),
        (LIMITS, "20.5", "out_of_range", "20"),
        (LIMITS, "1.25", "not_on_step", "0.5"),
        ({"min": "1", "step": "3"}, "12.5", "not_on_step", "3"),
    ],
)
def test_a_malformed_answer_is_refused(content: dict[str, Any], value: str, code: str, limit: object) -> None:
    """Each with its code at `value`, and with the limit, which is public."""
    key = [{"value": "13" if content.get("step") == "3" else "12.5"}]
    (error,) = asked(key, content=content).refused(value=value)
    assert (error.code, error.param, error.limit) == (code, "value", limit)


@pytest.mark.parametrize("value", ["-5", "20", "12.5", "0", "1.25e1"])
def test_what_is_within_the_limits_is_taken(value: str) -> None:
    """Both ends are; the step is counted from the least number."""
    assert asked(content=LIMITS).earns(value=value) == (1 if value in {"12.5", "1.25e1"} else 0)


@pytest.mark.parametrize(
    ("content", "answer", "paths"),
    [
        ({}, {"value": "1,000"}, ["key.answers[0].value"]),
        ({"decimal_mark": ","}, {"value": "1.5"}, ["key.answers[0].value"]),
        ({}, {"value": "1", "tolerance": {"type": "absolute", "by": "-1"}}, ["key.answers[0].tolerance.by"]),
        ({}, {"value": "0", "tolerance": {"type": "relative", "by": "0.1"}}, ["key.answers[0].tolerance.by"]),
        ({"max": "5"}, {"value": "6"}, ["key.answers[0].value"]),
        ({"step": "2"}, {"value": "3"}, ["key.answers[0].value"]),
        (
            {"max": "9.96"},
            {"value": "9.96", "tolerance": {"type": "written_sigfigs", "digits": 2}},
            ["key.answers[0].tolerance.digits"],
        ),
        ({"step": "1"}, {"range": {"low": "3.1", "high": "3.9"}}, ["key.answers[0].range"]),
        (
            {"min": "0.5", "step": "1"},
            {"range": {"low": "3.5", "high": "4.4", "low_open": True}},
            ["key.answers[0].range"],
        ),
        ({"max": "10"}, {"range": {"low": "10", "low_open": True}}, ["key.answers[0].range"]),
        ({"min": "10"}, {"range": {"high": "9"}}, ["key.answers[0].range"]),
        ({"min": "10"}, {"range": {"low": "9", "high": "8"}}, ["key.answers[0].range.high"]),
        ({"group_mark": "."}, {"value": "3"}, ["content.group_mark"]),
        ({"input": "slider"}, {"value": "3"}, ["content.input"]),
        ({"min": "5", "max": "5"}, {"value": "5"}, ["content.max"]),
        ({"step": "0"}, {"value": "5"}, ["content.step"]),
        ({"min": "low"}, {"value": "5"}, ["content.min"]),
        ({}, {"value": "5", "score": 0.5}, ["key.answers"]),
    ],
)
def test_an_item_that_can_not_be_graded_is_refused(
    content: dict[str, Any], answer: dict[str, Any], paths: list[str]
) -> None:
    """The author learns the path; a key that its own content would refuse could not be answered."""
    assert flaws_of("numeric", content={"stem": "?", **content}, key={"answers": [answer]}) == paths


@pytest.mark.parametrize(
    ("content", "range_", "value"),
    [
        ({"step": "1"}, {"low": "3.1", "high": "4", "low_open": True}, "4"),
        ({"min": "0.5", "step": "1"}, {"low": "3.5", "high": "4.5", "low_open": True}, "4.5"),
        ({"max": "10"}, {"low": "10"}, "10"),
        ({"min": "-3", "step": "2"}, {"high": "-2.9"}, "-3"),
        ({"step": "2"}, {"high": "-2.9"}, "-4"),
        ({"step": "2", "max": "9"}, {"low": "-7"}, "-6"),
    ],
)
def test_a_range_that_the_content_takes_a_number_of_is_graded(
    content: dict[str, Any], range_: dict[str, Any], value: str
) -> None:
    """One such number is enough, be it at the very end."""
    assert asked([{"range": range_}], content=content).earns(value=value) == 1


def test_more_than_fifty_answers_are_too_many() -> None:
    """Each costs time at every attempt."""
    answers = [{"value": str(number)} for number in range(51)]
    assert flaws_of("numeric", content={"stem": "?"}, key={"answers": answers}) == ["key.answers"]
