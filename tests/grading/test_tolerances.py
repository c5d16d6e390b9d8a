"""Tolerances and accepted numbers, against what each rule says in exact fractions. Rule source: contract, section 9."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.accepted_number import AcceptedNumber, AcceptedNumbers, Near, NumberRange, accepted_numbers
from grading.accepted_text import MatchRule
from grading.faults import Flaws
from grading.limits import Limits
from grading.numbers import NumberGrammar, NumberReader, Written
from grading.tolerances import (
    AbsoluteTolerance,
    AsymmetricTolerance,
    GeometricTolerance,
    JointTolerance,
    RelativeTolerance,
    RoundDecimals,
    RoundSigfigs,
    Tolerance,
    WrittenSigfigs,
    rounded_half_up,
    rounded_to_digits,
)

READER = NumberReader(NumberGrammar(allow_fraction=True))


def prepared(*answers: AcceptedNumber, rule: MatchRule = "best_match") -> AcceptedNumbers:
    flaws = Flaws()
    accepted = accepted_numbers(answers, READER, rule, None, "key.answers", flaws)
    assert not flaws, flaws.all()
    return accepted


def typed(text: str) -> Written:
    written = READER.read(text, "value")
    assert isinstance(written, Written), written
    return written


def earns(text: str, *answers: AcceptedNumber, **more: Any) -> Fraction:
    return Fraction(prepared(*answers, **more).judge(typed(text)).share or 0)


def within(key: str, tolerance: Tolerance, text: str) -> bool:
    return earns(text, AcceptedNumber(key, tolerance)) == 1


def decimal(value: Fraction) -> str:
    """A fraction as learners may write it here."""
    return f"{value.numerator}/{value.denominator}".replace("-", "−")


decimals = st.builds(
    lambda digits, power: Fraction(digits) * Fraction(10) ** power, st.integers(-999, 999), st.integers(-4, 2)
)
amounts = st.builds(
    lambda digits, power: Fraction(digits) * Fraction(10) ** power, st.integers(0, 99), st.integers(-3, 1)
)

RULES: dict[str, tuple[Callable[[str, str], Tolerance], Callable[[Fraction, Fraction, Fraction, Fraction], bool]]] = {
    "absolute": (lambda one, _: AbsoluteTolerance(one), lambda x, a, s, _: abs(x - a) <= s),
    "asymmetric": (AsymmetricTolerance, lambda x, a, s, t: a - s <= x <= a + t),
    "relative": (lambda one, _: RelativeTolerance(one), lambda x, a, s, _: abs(x - a) <= s * abs(a)),
    "larger": (
        lambda one, two: JointTolerance(one, two, "larger"),
        lambda x, a, s, t: abs(x - a) <= max(s, t * abs(a)),
    ),
    "sum": (lambda one, two: JointTolerance(one, two, "sum"), lambda x, a, s, t: abs(x - a) <= s + t * abs(a)),
    "geometric": (
        lambda one, _: GeometricTolerance(one),
        lambda x, a, s, _: x * a > 0 and abs(a) / (1 + s) <= abs(x) <= abs(a) * (1 + s),
    ),
}


@pytest.mark.parametrize("rule", RULES)
@settings(deadline=None, max_examples=150)
@given(
    key=decimals.filter(bool),
    one=amounts,
    other=amounts,
    at=st.sampled_from(["any", "low", "high", "past"]),
    some=decimals,
)
def test_a_tolerance_is_exact_to_the_last_digit(
    rule: str, key: Fraction, one: Fraction, other: Fraction, at: str, some: Fraction
) -> None:
    """Both ends are right, and what lies beyond by the least bit is wrong."""
    made, holds = RULES[rule]
    tolerance = made(decimal(one), decimal(other))
    reach = {"larger": max(one, other * abs(key)), "sum": one + other * abs(key), "relative": one * abs(key)}.get(
        rule, one
    )
    past = Fraction(1, 10**9)
    answer = {"any": some, "low": key - reach, "high": key + reach, "past": key + reach + past}[at]
    if rule == "geometric":
        answer = {"any": some, "low": key / (1 + one), "high": key * (1 + one), "past": -key}[at]
    assert within(decimal(key), tolerance, decimal(answer)) == holds(answer, key, one, other)


@settings(deadline=None, max_examples=200)
@given(key=decimals, answer=decimals, nudge=decimals, places=st.integers(0, 4))
def test_numbers_round_to_the_same_decimals(key: Fraction, answer: Fraction, nudge: Fraction, places: int) -> None:
    """Half up, away from zero, on both sides."""
    for x in (answer, key + nudge / 10**4, rounded_half_up(key, places) + Fraction(1, 2 * 10**places)):
        same = rounded_half_up(x, places) == rounded_half_up(key, places)
        assert within(decimal(key), RoundDecimals(places), decimal(x)) == same


@settings(deadline=None, max_examples=200)
@given(key=decimals, answer=decimals, nudge=decimals, digits=st.integers(1, 5))
def test_numbers_round_to_the_same_significant_digits(
    key: Fraction, answer: Fraction, nudge: Fraction, digits: int
) -> None:
    """Also next to a power of ten, where the digits below are ten times as fine."""
    ten = Fraction(10) ** 2
    for x in (answer, key + nudge / 10**4, ten - nudge / 10**4):
        same = rounded_to_digits(x, digits) == rounded_to_digits(key, digits)
        assert within(decimal(key), RoundSigfigs(digits), decimal(x)) == same
    assert within("100", RoundSigfigs(digits), decimal(ten - nudge / 10**5)) == (
        rounded_to_digits(ten - nudge / 10**5, digits) == 100
    )


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("1.25", 1, "1.3"),
        ("1.2499", 1, "1.2"),
        ("-1.25", 1, "-1.3"),
        ("150", -2, "200"),
    ],
)
def test_halves_are_rounded_away_from_zero(value: str, places: int, rounded: str) -> None:
    """0.5 is 1, -0.5 is -1."""
    assert rounded_half_up(Fraction(value), places) == Fraction(rounded)


@pytest.mark.parametrize(
    ("key", "tolerance", "right", "wrong"),
    [
        ("0.3", AbsoluteTolerance("0.1"), "0.2 0.4 0.40", "0.19999999999 0.4000000001"),
        ("1/3", AbsoluteTolerance("0"), "1/3 2/6", "0.3333333333333333333333"),
        ("-5", RelativeTolerance("0.1"), "-5.5 -4.5", "-5.51 -4.49 5"),
        ("100", GeometricTolerance("1"), "50 200", "49.999 200.001 -100 0"),
        ("-100", GeometricTolerance("1"), "-50 -200", "-49.999 -200.001 100"),
        ("0", RoundDecimals(1), "0.04999 -0.04999", "0.05 -0.05"),
        ("9.96", RoundSigfigs(2), "10 10.4999 9.95 9.96", "9.9499 10.5"),
        ("0.00123", RoundSigfigs(2), "0.0012 0.00115 0.001249", "0.00125 0.001149"),
        ("0", RoundSigfigs(2), "0 0.0 -0", "0.0001"),
    ],
)
def test_ends_are_as_the_rule_says(key: str, tolerance: Tolerance, right: str, wrong: str) -> None:
    """Worked examples, ends included."""
    assert [within(key, tolerance, text) for text in right.split()] == [True] * len(right.split())
    assert [within(key, tolerance, text) for text in wrong.split()] == [False] * len(wrong.split())


@pytest.mark.parametrize(
    ("key", "digits", "text", "share"),
    [
        ("299792458", 3, "3.00e8", "1"),
        ("299792458", 3, "300000000", "1"),
        ("299792458", 3, "2.998e8", "3/4"),
        ("299792458", 3, "299792458", "3/4"),
        ("299792458", 3, "2.997e8", "0"),
        ("299792458", 3, "3.0e8", "0"),
        ("299792458", 3, "3e8", "0"),
        ("3.14159", 3, "3.14", "1"),
        ("3.14159", 3, "3.1416", "3/4"),
        ("3.14159", 3, "3.14159000", "3/4"),
        ("3.14159", 3, "3.1415", "0"),
        ("3.14159", 3, "3.1", "0"),
        ("1500", 2, "1500", "1"),
        ("1500", 3, "1.50e3", "1"),
        ("1500", 2, "1.500e3", "3/4"),
        ("-0.0045", 1, "-0.005", "1"),
        ("1/3", 2, "1/3", "0"),
        ("1/3", 2, "0.33", "1"),
        ("1/3", 2, "0.3333", "3/4"),
    ],
)
def test_digits_count_as_they_are_written(key: str, digits: int, text: str, share: str) -> None:
    """The rounded key with just so many digits earns all; more digits, if right, less; fewer or wrong ones nothing."""
    answer = AcceptedNumber(key, WrittenSigfigs(digits, 0.25))
    assert earns(text, answer) == Fraction(share)
    assert prepared(answer).judge(typed(text)).notices == (("rounding",) if share == "3/4" else ())


def test_more_digits_may_be_free_or_worth_nothing() -> None:
    """The penalty goes from 0 to all; where nothing is earned nothing is noticed."""
    assert earns("3.1416", AcceptedNumber("3.14159", WrittenSigfigs(3))) == 1
    worthless = prepared(AcceptedNumber("3.14159", WrittenSigfigs(3, 1.0))).judge(typed("3.1416"))
    assert (worthless.share, worthless.notices) == (0, ())


@pytest.mark.parametrize(
    ("bounds", "right", "wrong"),
    [
        (NumberRange("1", "2"), "1 1.5 2", "0.9999 2.0001"),
        (NumberRange("1", "2", low_open=True), "1.0001 2", "1 0"),
        (NumberRange("1", "2", high_open=True), "1 1.9999", "2"),
        (NumberRange("1", "2", True, True), "1.0001 1.9999", "1 2"),
        (NumberRange(low="5", low_open=True), "5.0001 1e400", "5 -1e400"),
        (NumberRange(high="-5"), "-5 -1e400", "-4.9999 1e400"),
        (NumberRange("3", "3"), "3 3.0", "3.0001"),
    ],
)
def test_a_range_has_open_or_closed_ends(bounds: NumberRange, right: str, wrong: str) -> None:
    """An open end is not in the range, a missing one is nowhere."""
    answer = AcceptedNumber(range=bounds)
    assert [earns(text, answer) for text in right.split()] == [1] * len(right.split())
    assert [earns(text, answer) for text in wrong.split()] == [0] * len(wrong.split())


def test_near_answers_earn_a_part() -> None:
    """Outside the tolerance but within so many times of it, ends included, earns its credit of the score."""
    answer = AcceptedNumber("10", AbsoluteTolerance("1"), near=Near("2", 0.5))
    assert [str(earns(text, answer)) for text in ("11", "11.5", "12", "12.001", "8")] == ["1", "1/2", "1/2", "0", "1/2"]
    lower = AcceptedNumber("10", RelativeTolerance("0.1"), 0.5, near=Near())
    assert earns("12", AcceptedNumber("0"), lower) == Fraction(1, 4)
    wide = AcceptedNumber("10", GeometricTolerance("1"), near=Near("3", 0.5))
    assert [str(earns(text, wide)) for text in ("20", "40", "41", "2.5", "2.4")] == ["1", "1/2", "0", "1/2", "0"]
    skew = AcceptedNumber("10", AsymmetricTolerance("0", "1"), near=Near())
    assert [str(earns(text, skew)) for text in ("9.99", "12")] == ["0", "1/2"]
    mistake = AcceptedNumber("10", AbsoluteTolerance("1"), -0.5, near=Near("2", 0.5))
    found = [str(earns(text, AcceptedNumber("0"), mistake)) for text in ("10", "9", "11.5", "8", "12.1")]
    assert found == ["-1/2", "-1/2", "-1/4", "-1/4", "0"]


def test_the_best_answer_counts_unless_the_first_is_asked_for() -> None:
    """Listed near misses earn what they are worth; the order matters with `first_match` alone."""
    answers = (
        AcceptedNumber(range=NumberRange("0", "100"), score=0.25),
        AcceptedNumber("50"),
        AcceptedNumber("-50", score=-1.0),
    )
    assert [str(earns(text, *answers)) for text in ("50", "51", "-50", "-51")] == ["1", "1/4", "-1", "0"]
    assert earns("50", *answers, rule="first_match") == Fraction(1, 4)


@pytest.mark.parametrize(
    ("answer", "paths"),
    [
        (AcceptedNumber("1,000"), ["value"]),
        (AcceptedNumber("1/0"), ["value"]),
        (AcceptedNumber(" "), ["value"]),
        (AcceptedNumber(), [""]),
        (AcceptedNumber("1", AbsoluteTolerance("-1")), ["tolerance.by"]),
        (AcceptedNumber("1", AbsoluteTolerance("x")), ["tolerance.by"]),
        (AcceptedNumber("1", AsymmetricTolerance("1", "-1")), ["tolerance.above"]),
        (AcceptedNumber("1", JointTolerance("-1", "y", "sum")), ["tolerance.absolute", "tolerance.relative"]),
        (AcceptedNumber("0", RelativeTolerance("0.1")), ["tolerance.by"]),
        (AcceptedNumber("0", GeometricTolerance("0.1")), ["tolerance"]),
        (AcceptedNumber("0", WrittenSigfigs(2)), ["tolerance"]),
        (AcceptedNumber("1", near=Near()), ["near"]),
        (AcceptedNumber("1", AbsoluteTolerance("1"), near=Near("1")), ["near.times"]),
        (AcceptedNumber("1", AbsoluteTolerance("1"), near=Near("many")), ["near.times"]),
        (AcceptedNumber("1", GeometricTolerance("1"), near=Near("-1")), ["near.times"]),
        (AcceptedNumber(range=NumberRange()), ["range"]),
        (AcceptedNumber(range=NumberRange("2", "1")), ["range.high"]),
        (AcceptedNumber(range=NumberRange("1", "1", low_open=True)), ["range.high"]),
        (AcceptedNumber(range=NumberRange("1", "a")), ["range.high"]),
        (AcceptedNumber("1", range=NumberRange("1", "2"), near=Near()), ["value", "near"]),
        (AcceptedNumber(range=NumberRange("1", "2"), tolerance=AbsoluteTolerance("1")), ["tolerance"]),
        (AcceptedNumber("1", score=0.5), None),
    ],
)
def test_what_can_not_be_compared_is_named(answer: AcceptedNumber, paths: list[str] | None) -> None:
    """An author learns which field is at fault; 0 has no parts and no digits."""
    flaws = Flaws()
    accepted_numbers([answer], READER, "best_match", None, "key.answers", flaws)
    wanted = ["key.answers"] if paths is None else [f"key.answers[0].{path}".rstrip(".") for path in paths]
    assert [flaw.param for flaw in flaws.all()] == wanted


def test_a_key_that_its_own_content_refuses_is_a_flaw() -> None:
    """A key beyond the limits could not be answered; neither could a range that the limits leave nothing of."""
    limits = Limits(Fraction(0), Fraction(10), Fraction(1, 2), ("0", "10", "0.5"))
    answers = (
        AcceptedNumber("11"),
        AcceptedNumber("0.3"),
        AcceptedNumber(range=NumberRange("11", "12")),
        AcceptedNumber("9.5"),
    )
    flaws = Flaws()
    accepted_numbers(answers, READER, "best_match", limits, "key.answers", flaws)
    assert [flaw.param for flaw in flaws.all()] == [
        "key.answers[0].value",
        "key.answers[1].value",
        "key.answers[2].range",
    ]
