"""What a text means as a formula, and why some texts mean none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.formula.evaluate import values_of
from grading.formula.parser import Expression, parse
from grading.formula.tokens import Fault, Grammar, Number, grammar_of

PLAIN = grammar_of(("x", "y", "alpha", "x_1"), None, implicit=False, in_complex=False)
IMPLICIT = grammar_of(("x", "y", "n", "m", "alpha", "x_1"), None, implicit=True, in_complex=False)
COMPLEX = grammar_of(("z",), None, implicit=False, in_complex=True)
X, Y, N, M, ALPHA, X_1 = 3.0, 5.0, 7.0, 11.0, 13.0, 17.0


def value(text: str, grammar: Grammar = PLAIN) -> float | complex | None:
    """What the text comes to at one point."""
    read = parse(text, grammar)
    assert isinstance(read, Expression), read
    at = {"x": X, "y": Y, "n": N, "m": M, "alpha": ALPHA, "x_1": X_1, "z": 1 + 2j, "nm": 2.0}
    values = values_of(read, [[at[name]] for name in grammar.variables], 1, grammar.arithmetic)
    return None if values is None else values[0]


def faults(text: str, grammar: Grammar = PLAIN) -> tuple[Fault, ...]:
    read = parse(text, grammar)
    assert not isinstance(read, Expression), read
    return read


def codes(text: str, grammar: Grammar = PLAIN) -> list[str]:
    return [fault.code for fault in faults(text, grammar)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1+2*3", 7),
        ("(1+2)*3", 9),
        ("2-3-4", -5),
        ("24/4/2", 3),
        ("2^3^2", 512),
        ("2**3**2", 512),
        ("-x^2", -9),
        ("(-x)^2", 9),
        ("2^-1", 0.5),
        ("2^-x^0", 0.5),
        ("-2^-2*4", -1),
        ("x*-2", -6),
        ("--x", 3),
        ("+x", 3),
        ("-(-x)", 3),
        ("1.5e1 + .5 + 2.", 17.5),
        ("max(1, x, 2)-min(4)", -1),
        ("sqrt(16)+abs(-2)", 6),
        ("factorial(5)", 120),
        ("floor(2.7)+ceil(2.2)+floor(-0.5)", 4),
        ("ln(e)+log(e)+log2(8)+log10(1000)", 8),
        ("sin(pi/2)", 1),
        ("sin(x)^2+cos(x)^2", 1),
        ("sinh(x)-(exp(x)-exp(-x))/2+1", 1),
        ("tan(atan(2))+sin(asin(1))", 3),
        ("tanh(0)+cosh(0)+acos(1)", 1),
        ("  x \t*  y ", 15),
        ("x_1+alpha", 30),
    ],
)
def test_a_formula_means_what_it_means_in_a_book(text: str, expected: float) -> None:
    """Products before sums, powers to the right and above signs, functions of the contract's list."""
    assert value(text) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("x−y", "x-y"),
        ("x＋y", "x+y"),
        ("（x）×y÷2·x", "(x)*y/2*x"),
        ("α+2", "alpha+2"),
        ("２*ｘ", "2*x"),
        ("π*x", "pi*x"),
        ("x\u00a0+\u200b y", "x + y"),
        ("x–1", "x-1"),
    ],
)
def test_other_ways_to_write_a_sign_are_read_alike(typed: str, plain: str) -> None:
    """Typographic signs, full-width characters and Greek letters become their plain names."""
    assert parse(typed, PLAIN) == parse(plain, PLAIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2x", 6),
        ("3(x+1)", 12),
        ("(x+1)(y+1)", 24),
        ("xy", 15),
        ("x y", 15),
        ("nm", 77),
        ("2x^2", 18),
        ("x^2y", 45),
        ("1/2x", 1.5),
        ("-2x", -6),
        ("2pi", 2 * math.pi),
        ("2e", 2 * math.e),
        ("2e1", 20),
        ("2sqrt(16)x", 24),
        ("xsqrt(16)", 12),
        ("sqrt(16)sqrt(4)", 8),
        ("x(y)", 15),
        ("2αx", 78),
        ("xx_1", 51),
    ],
)
def test_implicit_multiplication_binds_as_a_product(text: str, expected: float) -> None:
    """Where the content allows it, factors may stand side by side."""
    assert value(text, IMPLICIT) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("raised", "plain"),
    [
        ("x²", "x^2"),
        ("x¹⁰", "x^10"),
        ("x⁻²", "x^-2"),
        ("x⁺²", "x^2"),
        ("-x²", "-(x^2)"),
        ("2^x²", "2^(x^2)"),
        ("(x+1)³", "(x+1)^3"),
        ("sqrt(x)²", "sqrt(x)^2"),
        ("2e1²", "20^2"),
        ("1/x²", "1/(x^2)"),
        ("x ² * 2", "x^2*2"),
    ],
)
def test_raised_digits_are_an_exponent(raised: str, plain: str) -> None:
    """As numbers and units read them: to the right of what they stand on, and no further."""
    assert value(raised) == pytest.approx(value(plain), rel=1e-12)
    assert value(f"y*{raised}") == pytest.approx(value(f"y*({plain})"), rel=1e-12)


def test_a_factor_may_follow_raised_digits() -> None:
    """Where factors may stand side by side, a raised exponent ends with its digits."""
    assert value("x²y", IMPLICIT) == value("x^2*y")
    assert value("2x³e", IMPLICIT) == pytest.approx(value("2*x^3*e"), rel=1e-12)
    assert value("x⁻²(y)", IMPLICIT) == pytest.approx(value("x^-2*y"), rel=1e-12)


def test_the_longest_name_wins() -> None:
    """`nm` is n times m only where no variable is called `nm`."""
    grammar = grammar_of(("n", "m", "nm"), None, implicit=True, in_complex=False)
    assert value("nm", grammar) == 2
    assert value("mn", grammar) == 77
    assert value("mnm", grammar) == 22


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["syntax_error"]),
        ("x+", ["syntax_error"]),
        ("*x", ["syntax_error"]),
        ("(x", ["syntax_error"]),
        ("x)", ["syntax_error"]),
        ("()", ["syntax_error"]),
        ("x y", ["syntax_error"]),
        ("2x", ["syntax_error"]),
        ("x 2", ["syntax_error"]),
        ("1,2", ["syntax_error"]),
        ("1..2", ["syntax_error"]),
        ("x!", ["syntax_error"]),
        ("x=1", ["syntax_error"]),
        ("²", ["syntax_error"]),
        ("x⁻", ["syntax_error"]),
        ("x²⁻", ["syntax_error"]),
        ("x^²", ["syntax_error"]),
        ("sin²(x)", ["syntax_error"]),
        ("x²3", ["syntax_error"]),
        ("0⁻¹", ["division_by_zero"]),
        ("x⁵¹", ["too_complex"]),
        ("sin x", ["syntax_error"]),
        ("sin", ["syntax_error"]),
        ("sin()", ["syntax_error"]),
        ("sin(1,2)", ["syntax_error"]),
        ("x.real", ["syntax_error"]),
        ("__import__('os')", ["syntax_error"]),
        ("q", ["undefined_variable"]),
        ("X", ["undefined_variable"]),
        ("i", ["undefined_variable"]),
        ("eval(x)", ["function_not_allowed"]),
        ("q+f(x)+1/0", ["undefined_variable", "function_not_allowed", "division_by_zero"]),
        ("1/0", ["division_by_zero"]),
        ("x/(2-2)", ["division_by_zero"]),
        ("0^-1", ["division_by_zero"]),
        ("1/sin(0)", ["division_by_zero"]),
        ("x^51", ["too_complex"]),
        ("x^-50.5", ["too_complex"]),
        ("x^(5*11)", ["too_complex"]),
        ("9^9^9^9", ["too_complex"]),
        ("factorial(171)", ["too_complex"]),
        ("x" + "+1" * 100, ["too_long"]),
        ("x\x00", ["invalid_unicode"]),
        ("x\ud800", ["invalid_unicode"]),
        ("x\x85", ["invalid_unicode"]),
        ("x\r", ["invalid_unicode"]),
    ],
)
def test_what_is_no_formula_is_refused_with_its_reason(text: str, expected: list[str]) -> None:
    """Each fault has its code of the contract; unknown names are told together with what else is wrong."""
    assert codes(text) == expected


def test_an_unknown_name_is_told_what_there_is() -> None:
    """The allowed names are public and part of the refusal; the text is not repeated."""
    (fault,) = faults("secret_word")
    assert fault.allowed == ("x", "y", "alpha", "x_1")
    assert "secret" not in fault.message
    (fault,) = faults("sin(x)", grammar_of(("x",), ("cos",), implicit=False, in_complex=False))
    assert (fault.code, fault.allowed) == ("function_not_allowed", ("cos",))


def test_a_number_right_of_a_factor_is_no_product() -> None:
    """x2 could be a name, a product or a power: it is refused, never guessed."""
    assert codes("x2", IMPLICIT) == ["undefined_variable"]
    assert codes("x 2", IMPLICIT) == ["syntax_error"]
    assert codes("(x)2", IMPLICIT) == ["syntax_error"]


def test_what_is_constant_is_computed_while_reading() -> None:
    """A formula without variables is one number, unless it has no value."""
    assert parse("2*3+sqrt(16)", PLAIN) == Expression((Number(10.0),))
    for undefined in (
        "sqrt(-1)",
        "10^50*10^50*10^50*10^50*10^50*10^50*10^50",
        "1e999",
        "1/1e999",
        "ln(0)",
        "(-8)^(1/3)",
    ):
        assert value(undefined) in {None, math.inf}, undefined


def test_complex_formulas_have_i_and_no_order() -> None:
    """With complex numbers sqrt(-1) is i, and what needs an order does not exist."""
    assert value("sqrt(-1)-i+z*i", COMPLEX) == pytest.approx((1 + 2j) * 1j)
    assert value("exp(i*pi)", COMPLEX) == pytest.approx(-1)
    assert value("abs(3+4*i)", COMPLEX) == 5
    assert value("log2(8)+log10(i/i)", COMPLEX) == pytest.approx(3)
    for function in ("min", "max", "floor", "ceil", "factorial"):
        assert codes(f"{function}(z)", COMPLEX) == ["function_not_allowed"]
    assert codes("1/(i-i)", COMPLEX) == ["division_by_zero"]
    assert codes("z^(60*i)", COMPLEX) == ["too_complex"]


Drawn = tuple[str, int]


def joined(drawn: tuple[Drawn, str, Drawn]) -> Drawn:
    (left, before), sign, (right, after) = drawn
    return f"({left}{sign}{right})", {"+": before + after, "-": before - after, "*": before * after}[sign]


TREES = st.recursive(
    st.integers(0, 9).map(lambda digit: (str(digit), digit)) | st.sampled_from([("x", int(X)), ("y", int(Y))]),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*"), inner).map(joined)
        | inner.map(lambda drawn: (f"(-{drawn[0]})", -drawn[1]))
    ),
    max_leaves=12,
)


@given(TREES)
def test_values_are_those_of_the_tree_that_was_written(drawn: tuple[str, int]) -> None:
    """A tree that is written with all its parentheses comes to what the tree comes to."""
    text, expected = drawn
    if isinstance(parse(text, PLAIN), Expression):
        assert value(text) == pytest.approx(expected)
