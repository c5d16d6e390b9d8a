"""Where formulas are compared, and how near is near enough."""

import math

from hypothesis import given
from hypothesis import strategies as st

from grading.formula.parser import Expression, parse
from grading.formula.sampling import Interval, Samples, samples_of
from grading.formula.tokens import Grammar, grammar_of

REAL = grammar_of(("x",), None, implicit=True, in_complex=False)
COMPLEX = grammar_of(("x",), None, implicit=True, in_complex=True)
INTERVAL = Interval(1.0, 5.0)


def expression(text: str, grammar: Grammar = REAL) -> Expression:
    read = parse(text, grammar)
    assert isinstance(read, Expression), read
    return read


def sampled(
    text: str, interval: Interval = INTERVAL, tolerance: float = 1e-9, seed: bytes = b"q1", grammar: Grammar = REAL
) -> Samples:
    samples = samples_of(expression(text, grammar), [interval], 12, tolerance, grammar.arithmetic, seed)
    assert samples is not None
    return samples


def agrees(key: str, answer: str, interval: Interval = INTERVAL, grammar: Grammar = REAL) -> bool:
    return sampled(key, interval, grammar=grammar).agree(expression(answer, grammar), grammar.arithmetic)


@given(st.binary(max_size=20), st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_points_lie_in_their_range(seed: bytes, low: float, width: float) -> None:
    """All twelve points are within the ends, the same for the same seed."""
    interval = Interval(low, low + width)
    samples = sampled("x", interval, seed=seed)
    (column,) = samples.columns
    assert len(column) == len(samples.expected) == 12
    assert all(low <= value.real <= interval.high for value in column)
    assert samples == sampled("x", interval, seed=seed)


def test_other_items_have_other_points() -> None:
    """The seed decides: whoever knows the points of one item knows nothing of another's."""
    assert sampled("x", seed=b"q1").columns != sampled("x", seed=b"q2").columns
    (column,) = sampled("x").columns
    assert len(set(column)) == 12


def test_whole_samples_are_whole() -> None:
    """A range of whole numbers yields those alone, both ends among them."""
    samples = sampled("factorial(x)", Interval(0.5, 3.2, whole=True))
    assert {*samples.columns[0]} <= {1.0, 2.0, 3.0}
    assert agrees("factorial(x)", "factorial(x-1)*x", Interval(1, 6, whole=True))


def test_points_without_a_value_are_drawn_anew() -> None:
    """Where the key is undefined or beyond 1e12 nothing is compared; a key with hardly any value has no samples."""
    samples = sampled("sqrt(x)", Interval(-4.0, 4.0))
    assert all(value.real >= 0 for value in samples.columns[0])
    assert all(abs(value) <= 1e12 for value in sampled("exp(x)", Interval(0, 100)).expected)
    for nowhere in ("sqrt(-x)", "1e13*x", "ln(x-x)", "1/(x-x)", "0*(1e200*1e200*x)"):
        assert samples_of(expression(nowhere), [INTERVAL], 12, 1e-9, REAL.arithmetic, b"") is None, nowhere


def test_two_ways_to_write_a_function_agree() -> None:
    """Identities hold at all points; near misses do not."""
    assert agrees("(x+1)^2", "x^2+2x+1")
    assert agrees("sin(2x)", "2sin(x)cos(x)")
    assert agrees("ln(x)/ln(10)", "log10(x)")
    assert not agrees("(x+1)^2", "x^2+1")
    assert not agrees("abs(x)", "x", Interval(-5, 5))
    assert not agrees("x", "x+0.000001")
    assert agrees("exp(i*x)", "cos(x)+i*sin(x)", grammar=COMPLEX)
    assert not agrees("abs(x)^2", "x^2", Interval(1, 5, imaginary=True), COMPLEX)


def test_an_answer_without_a_value_is_wrong() -> None:
    """Undefined, infinite or not a number at a point where the key has a value: never right, whatever swallows it."""
    for undefined in (
        "x+0*sqrt(-x)",
        "x+0/(x-x)",
        "x+1/(1e200*1e200*x)",
        "x+1/exp(1000x)",
        "x+(1e200*1e200*x)*0",
        "x+0*atan(1e200*1e200*x)",
        "x+0*(1e200*1e200*x)^0",
        "max(x, -1e200*1e200*x)",
        "x+0*1e999",
        "x+0*factorial(x)",
        "1e999-1e999",
    ):
        assert not agrees("x", undefined), undefined


def test_distances_too_great_for_a_float_are_wrong() -> None:
    """A complex value near the largest float has no absolute value; it is no right answer and no failure."""
    assert not agrees("x", "x*1e307*17*(1+i)", grammar=COMPLEX)


@given(st.floats(1e-12, 0.5), st.sampled_from([-1, 1]), st.sampled_from(["x/10", "100x"]))
def test_the_tolerance_grows_with_the_key(tolerance: float, sign: int, key: str) -> None:
    """Within tolerance times max(1, |key|) an answer is right, beyond it is wrong."""
    samples = sampled(key, tolerance=tolerance)
    for factor, right in ((0.99, True), (1.01, False)):
        shifted = [
            value + sign * factor * allowed for value, allowed in zip(samples.expected, samples.allowed, strict=True)
        ]
        moved = Samples(samples.columns, shifted, samples.allowed)
        if tolerance > 1e-9:
            assert moved.agree(expression(key), REAL.arithmetic) is right
    for value, allowed in zip(samples.expected, samples.allowed, strict=True):
        assert math.isclose(allowed, tolerance * max(1.0, abs(value)))
