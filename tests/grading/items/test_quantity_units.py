"""quantity: the unit that a quantity is written in changes nothing."""

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.grading.asking import Asked

POWERS: Final = {"mm": -3, "cm": -2, "m": 0, "km": 3, "Mm": 6}
FACTORS: Final = {**{unit: f"1e{power}" for unit, power in POWERS.items()}, "ft": "0.3048", "third": "1/3"}

SIGNIFICANT: Final = [
    {"type": "written_sigfigs", "digits": digits, "extra_digits_penalty": penalty}
    for digits, penalty in [(1, 0.0), (3, 0.25), (4, 0.0), (5, 1.0)]
]
BANDS: Final[list[dict[str, Any]]] = [
    {"type": "exact"},
    {"type": "absolute", "by": "0.5"},
    {"type": "asymmetric", "below": "0.5", "above": "2"},
    {"type": "relative", "by": "0.01"},
    {"type": "absolute+relative", "absolute": "1", "relative": "0.001", "combine": "sum"},
    {"type": "geometric", "by": "0.01"},
    {"type": "round_decimals", "places": 0},
    {"type": "round_sigfigs", "digits": 3},
]


def length(key: str, tolerance: dict[str, Any], policy: str = "required") -> Asked:
    """A length in metres, which may be given in any unit."""
    content = {
        "stem": "How long?",
        "units": [{"id": unit, "symbols": [unit]} for unit in FACTORS],
        "unit_policy": policy,
        "allow_fraction": True,
    }
    scales = [{"unit": unit, "factor": factor} for unit, factor in FACTORS.items()]
    answers = [{"value": key, "tolerance": tolerance}]
    return Asked("quantity", content=content, key={"answers": answers, "scales": scales})


def bare(key: str, tolerance: dict[str, Any]) -> Asked:
    """The same key asked as a bare number."""
    content = {"stem": "How many metres?", "allow_fraction": True}
    return Asked("numeric", content=content, key={"answers": [{"value": key, "tolerance": tolerance}]})


@st.composite
def keys_and_numbers(draw: st.DrawFn) -> tuple[str, str, int]:
    """A key, and the mantissa and exponent of a number: often the key rounded to some digits, often something near."""
    key = Decimal(draw(st.integers(1, 10**6))).scaleb(draw(st.integers(-3, 2)))
    rounded = Context(draw(st.integers(1, 7)), ROUND_HALF_UP).plus(key)
    number = draw(
        st.sampled_from([key, rounded, rounded + draw(st.integers(0, 2)), Decimal(draw(st.integers(1, 10**6)))])
    )
    digits = "".join(map(str, number.as_tuple().digits))
    mantissa = f"{digits[0]}.{digits[1:]}" if digits[1:] else digits
    return f"{key:f}", mantissa, number.adjusted()


@pytest.mark.parametrize("tolerance", [*BANDS, *SIGNIFICANT], ids=str)
@pytest.mark.parametrize("unit", sorted(POWERS))
@given(drawn=keys_and_numbers())
def test_a_quantity_earns_what_its_number_in_the_base_unit_earns(
    tolerance: dict[str, Any], unit: str, drawn: tuple[str, str, int]
) -> None:
    """1.235 km is graded as 1235 m is, under every tolerance; so no unit makes a wrong number right, nor a right one wrong."""
    key, mantissa, power = drawn
    there = length(key, tolerance).graded(value=f"{mantissa}e{power - POWERS[unit]}", unit=unit)
    plain = bare(key, tolerance).graded(value=f"{mantissa}e{power}")
    assert there.share == plain.share
    assert there.result.notices == plain.result.notices


@pytest.mark.parametrize("tolerance", BANDS, ids=str)
@pytest.mark.parametrize("unit", ["ft", "third"])
@given(drawn=keys_and_numbers())
def test_units_that_are_no_powers_of_ten_apart_convert_exactly(
    tolerance: dict[str, Any], unit: str, drawn: tuple[str, str, int]
) -> None:
    """A number of feet is graded as that fraction of metres is."""
    key, mantissa, power = drawn
    metres = Fraction(f"{mantissa}e{power}")
    there = metres / Fraction(FACTORS[unit])
    earned = length(key, tolerance).earns(value=f"{there.numerator}/{there.denominator}", unit=unit)
    assert earned == bare(key, tolerance).earns(value=f"{metres.numerator}/{metres.denominator}")


@pytest.mark.parametrize(
    ("value", "unit", "share"),
    [
        ("1.235", "km", Fraction(3, 4)),
        ("1.2345", "km", Fraction(3, 4)),
        ("1.23", "km", 1),
        ("1230", "m", 1),
        ("123450", "cm", Fraction(3, 4)),
        ("1.236", "km", 0),
        ("1.2", "km", 0),
        ("1235", "km", 0),
        ("1234.5", "km", 0),
        ("1230", "km", 0),
        ("1235", "mm", 0),
    ],
)
def test_further_digits_are_right_in_the_unit_they_are_written_in(value: str, unit: str, share: object) -> None:
    """1235 km is no length of 1234.5 m, however many of its digits are those of the key."""
    tolerance = {"type": "written_sigfigs", "digits": 3, "extra_digits_penalty": 0.25}
    assert length("1234.5", tolerance).earns(value=value, unit=unit) == share


def test_further_digits_in_a_wrong_unit_count_as_a_bare_number_where_the_policy_says_so() -> None:
    """The penalty for the unit is still taken from a number that is right as it stands, and from no other."""
    tolerance = {"type": "written_sigfigs", "digits": 3, "extra_digits_penalty": 0.0}
    item = length("1234.5", tolerance, "penalty_of_score")
    assert item.earns(value="1.235", unit="km") == 1
    assert item.earns(value="1235", unit="km") == Fraction(9, 10)
    assert item.earns(value="1.235", unit="m") == 0
