"""Units: symbols as learners write them, and exact conversion. Rule source: grading contract, section 9."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.faults import Flaws
from grading.numbers import Written
from grading.units import Conversion, Scale, Unit, conversions_of, symbol_form, symbols_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("km", " km "),
        ("µm", "μm"),
        ("Ω", "Ω"),
        ("Å", "Å"),
        ("m²", "m^2"),
        ("m/s²", "m / s^2"),
        ("m·s⁻¹", "m*s^-1"),
        ("m⋅s⁻¹", "m × s^−1"),
        ("kg m**2", "kgm²"),
        ("°C", "℃"),
        ("ºF", "℉"),
        ("′", "'"),
        ("k\u200bm", "km"),
    ],
)
def test_symbols_that_look_alike_are_one(one: str, other: str) -> None:
    """Spaces, raised digits and look-alikes do not make another unit."""
    assert symbol_form(one) == symbol_form(other)


@pytest.mark.parametrize(("one", "other"), [("mW", "MW"), ("m", "M"), ("m2", "m²"), ("Pa", "pA"), ("s", "S")])
def test_symbols_that_mean_other_units_stay_apart(one: str, other: str) -> None:
    """Case is a matter of powers of ten."""
    assert symbol_form(one) != symbol_form(other)


@settings(deadline=None)
@given(symbol=st.text(max_size=20))
def test_the_form_of_a_symbol_is_final(symbol: str) -> None:
    """Its form has itself as form."""
    assert symbol_form(symbol_form(symbol)) == symbol_form(symbol)


def converted(scale: Scale) -> Conversion:
    flaws = Flaws()
    made = conversions_of((Scale("base"), scale), {"base": 0, scale.unit: 0}, flaws)
    assert not flaws, flaws.all()
    return made[scale.unit]


@settings(deadline=None)
@given(
    value=st.fractions(max_denominator=1000),
    factor=st.fractions(min_value=Fraction(1, 99), max_value=99, max_denominator=99),
    offset=st.fractions(min_value=-99, max_value=99, max_denominator=99),
)
def test_conversion_is_exact(value: Fraction, factor: Fraction, offset: Fraction) -> None:
    """No float comes near it."""
    written = Written(value.numerator, value.denominator, "", 0, False)
    top, bottom = converted(Scale("u", str(factor), str(offset))).to_base(written)
    assert bottom > 0
    assert Fraction(top, bottom) == value * factor + offset


def test_temperatures_have_an_offset() -> None:
    """212 °F are 100 °C, to the last digit."""
    fahrenheit = converted(Scale("f", "5/9", "-160/9"))
    top, bottom = fahrenheit.to_base(Written(212, 1, "212", 0, False))
    assert Fraction(top, bottom) == 100


def test_two_units_never_share_a_symbol() -> None:
    """The second to have it is named; so is one that shows nothing."""
    flaws = Flaws()
    units = Unit("a", ("m", "µ")), Unit("b", ("s", "μ")), Unit("b", ("\u200b", "\x00"))
    assert symbols_of(units, flaws) == {"m": "a", "μ": "a", "s": "b"}
    assert [flaw.param for flaw in flaws.all()] == [
        "content.units[2].id",
        "content.units[1].symbols[1]",
        "content.units[2].symbols[0]",
        "content.units[2].symbols[1]",
    ]


@pytest.mark.parametrize(
    ("scales", "paths"),
    [
        ((Scale("a", "2"),), ["key.scales"]),
        ((Scale("a", offset="1"),), ["key.scales"]),
        ((Scale("a"), Scale("x")), ["key.scales[1].unit"]),
        ((Scale("a"), Scale("a", "2")), ["key.scales[1].unit"]),
        ((Scale("a"), Scale("b", "0")), ["key.scales[1].factor"]),
        ((Scale("a"), Scale("b", "-1")), ["key.scales[1].factor"]),
        ((Scale("a"), Scale("b", "1,5")), ["key.scales[1].factor"]),
        ((Scale("a"), Scale("b", "1/0", "x")), ["key.scales[1].factor", "key.scales[1].offset"]),
    ],
)
def test_a_scale_that_can_not_convert_is_named(scales: tuple[Scale, ...], paths: list[str]) -> None:
    """There is a base unit, and every factor is an exact number above 0."""
    flaws = Flaws()
    conversions_of(scales, {"a": 0, "b": 0}, flaws)
    assert [flaw.param for flaw in flaws.all()] == paths
