"""Typed numbers: grammars, accepted numbers with every tolerance, and ways to write the same number."""

import string
from fractions import Fraction

from hypothesis import strategies as st

from grading.accepted_number import AcceptedNumber, Near, NumberRange
from grading.numbers import NumberGrammar
from grading.tolerances import (
    AbsoluteTolerance,
    AsymmetricTolerance,
    ExactTolerance,
    GeometricTolerance,
    JointTolerance,
    RelativeTolerance,
    RoundDecimals,
    RoundSigfigs,
    Tolerance,
    WrittenSigfigs,
)

GRAMMARS = [
    NumberGrammar(),
    NumberGrammar(group_mark=","),
    NumberGrammar(decimal_mark=",", group_mark="."),
    NumberGrammar(decimal_mark=",", group_mark=" ", allow_fraction=True, allow_mixed=True),
    NumberGrammar(group_mark="'", allow_percent=True, digits="any"),
]
WRONG = ["0", "-1", "999999", "1e-400", "0.000001", "1e400", "12345678901234567890", "-0"]


def written(digits: int, power: int, grammar: NumberGrammar, *, grouped: bool = False) -> str:
    """`digits` x 10^`power` in the grammar, without an exponent."""
    sign, text = "-" if digits < 0 else "", str(abs(digits))
    whole, rest = (text + "0" * power, "") if power >= 0 else (text[:power] or "0", text[power:].rjust(-power, "0"))
    if grouped and grammar.group_mark:
        whole = f"{int(whole):,}".replace(",", grammar.group_mark)
    return sign + whole + (grammar.decimal_mark + rest if rest else "")


def spellings(digits: int, power: int, grammar: NumberGrammar) -> list[str]:
    """Ways to write the same number, and its plain form first."""
    plain, grouped = written(digits, power, grammar), written(digits, power, grammar, grouped=True)
    mark = grammar.decimal_mark
    ways = [plain, grouped, f"{digits}e{power}", f"{digits}x10^{power}", f"{digits} · 10 ** {power}", f" {plain} "]
    ways += [plain.replace("-", "−"), f"{plain}0" if mark in plain else f"{plain}{mark}00", f"{digits}{mark}0E{power}"]
    ways += [f"{digits}×10{str(power).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"]
    if grammar.allow_fraction:
        value = Fraction(digits) * Fraction(10) ** power
        ways += [f"{value.numerator}/{value.denominator}", f"{2 * value.numerator} / {2 * value.denominator}"]
    if grammar.allow_percent:
        ways += [f"{digits}e{power + 2}%", f"{written(digits, power + 2, grammar)} %"]
    if grammar.digits == "any":
        ways += [plain.translate(str.maketrans(string.digits, "٠١٢٣٤٥٦٧٨٩"))]
    return ways


numbers = st.tuples(st.integers(-99_999, 99_999).filter(lambda digits: digits % 10 != 0), st.integers(-4, 4))
"""Digits and a power of ten, not 0."""


@st.composite
def tolerances(draw: st.DrawFn, grammar: NumberGrammar) -> Tolerance:
    """Any tolerance but those that ask how a number is written."""
    one, other = (written(draw(st.integers(0, 99)), draw(st.integers(-3, 1)), grammar) for _ in range(2))
    return draw(
        st.sampled_from(
            [
                ExactTolerance(),
                AbsoluteTolerance(one),
                AsymmetricTolerance(one, other),
                RelativeTolerance(one),
                JointTolerance(one, other, "sum"),
                JointTolerance(one, other, "larger"),
                GeometricTolerance(one),
                RoundDecimals(draw(st.integers(0, 6))),
                RoundSigfigs(draw(st.integers(1, 6))),
            ]
        )
    )


@st.composite
def accepted(draw: st.DrawFn, grammar: NumberGrammar, score: float) -> tuple[AcceptedNumber, str]:
    """An accepted number, and how to write a number that it accepts."""
    digits, power = draw(numbers)
    key = written(digits, power, grammar)
    match draw(st.sampled_from(["value", "value", "range", "sigfigs"])):
        case "range":
            below, above = written(digits - 5, power, grammar), written(digits + 5, power, grammar)
            kept = draw(
                st.sampled_from(
                    [
                        NumberRange(key, above),
                        NumberRange(key, above, high_open=True),
                        NumberRange(below, key, low_open=True),
                        NumberRange(below, above, low_open=True, high_open=True),
                        NumberRange(low=key),
                        NumberRange(high=key),
                    ]
                )
            )
            return AcceptedNumber(score=score, range=kept), key
        case "sigfigs":
            count = len(str(abs(digits)))
            return AcceptedNumber(key, WrittenSigfigs(count, 0.25), score), f"{digits}e{power}"
        case _:
            tolerance = draw(tolerances(grammar))
            wide = isinstance(tolerance, AbsoluteTolerance | RelativeTolerance | JointTolerance | GeometricTolerance)
            near = Near(draw(st.sampled_from(["2", "10"])), 0.5) if wide and draw(st.booleans()) else None
            return AcceptedNumber(key, tolerance, score, near=near), draw(
                st.sampled_from(spellings(digits, power, grammar))
            )
