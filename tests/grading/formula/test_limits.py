"""What a formula may cost: limits, hostile texts, and texts of any kind."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.formula.evaluate import values_of
from grading.formula.functions import RESERVED, Value
from grading.formula.parser import DEPTH_MAX, NODES_MAX, Expression, parse
from grading.formula.tokens import Grammar, grammar_of
from tests.effort import stays_within

PLAIN = grammar_of(("x", "y"), None, implicit=False, in_complex=False)
IMPLICIT = grammar_of(("x", "y", "n", "m", "alpha"), None, implicit=True, in_complex=False)
COMPLEX = grammar_of(("z",), None, implicit=False, in_complex=True)


def codes(text: str, grammar: Grammar = PLAIN) -> list[str]:
    read = parse(text, grammar)
    assert not isinstance(read, Expression), read
    return [fault.code for fault in read]


def test_limits_are_reached_and_not_passed() -> None:
    """30 levels and 200 nodes are read, one more is too complex."""
    assert isinstance(parse("(" * DEPTH_MAX + "x" + ")" * DEPTH_MAX, PLAIN), Expression)
    assert codes("(" * (DEPTH_MAX + 1) + "x" + ")" * (DEPTH_MAX + 1)) == ["too_complex"]
    assert isinstance(parse("-" * DEPTH_MAX + "x", PLAIN), Expression)
    assert codes("-" * (DEPTH_MAX + 1) + "x") == ["too_complex"]
    assert isinstance(parse("x" * (NODES_MAX // 2), IMPLICIT), Expression)
    assert codes("x" * (NODES_MAX // 2 + 1), IMPLICIT) == ["too_complex"]
    assert isinstance(parse("x+" * 99 + "x", PLAIN), Expression)
    assert isinstance(parse("x^50", PLAIN), Expression)
    assert isinstance(parse("factorial(170)", PLAIN), Expression)


HOSTILE = [
    "(" * 200,
    "(" * 100 + "x" + ")" * 99,
    "-" * 199 + "x",
    "^".join("9" * 100),
    "^".join("x" * 100),
    "factorial(" * 15 + "x" + ")" * 15,
    "exp(" * 28 + "x" + ")" * 28,
    "x" * 200,
    "xy" * 100,
    "q" * 200,
    "alph" * 50,
    "x/" * 99 + "x",
    "1e308*" * 28 + "x",
    "9" * 200,
    "." * 200,
    "1e" + "9" * 198,
    "max(" + "x," * 97 + "x)",
    "α" * 200,
    "\u200b" * 200,
    "floor(x*1e300)*" * 13 + "1",
]


@pytest.mark.parametrize("grammar", [PLAIN, IMPLICIT, COMPLEX], ids=["plain", "implicit", "complex"])
@pytest.mark.parametrize("text", HOSTILE, ids=operator.itemgetter(slice(12)))
def test_no_text_takes_long(text: str, grammar: Grammar) -> None:
    """Within the size budget a formula is read and computed at 12 points in well under 5 ms."""
    columns: list[list[Value]] = [[1.5] * 12 for _ in grammar.variables]

    def read_and_compute() -> None:
        read = parse(text, grammar)
        if isinstance(read, Expression):
            values_of(read, columns, 12, grammar.arithmetic)

    assert stays_within(0.005, read_and_compute)


@given(st.text(max_size=220))
def test_any_text_is_a_formula_or_has_faults(text: str) -> None:
    """No text makes the parser fail, and every refusal has a reason."""
    read = parse(text, IMPLICIT)
    assert isinstance(read, Expression) or read


LIKELY = st.text(st.sampled_from("xynm2.e()+-*/^, " + "αi"), max_size=60) | st.lists(
    st.sampled_from([*sorted(RESERVED), "x", "(", ")", "+", "^", "2", ","]), max_size=30
).map("".join)


@given(LIKELY)
def test_anything_like_a_formula_is_read_or_refused(text: str) -> None:
    """Texts made of a formula's own words never make the parser or the computation fail."""
    for grammar in (PLAIN, IMPLICIT, COMPLEX):
        read = parse(text, grammar)
        if isinstance(read, Expression):
            values = values_of(read, [[1.5] * 3 for _ in grammar.variables], 3, grammar.arithmetic)
            assert values is None or len(values) == 3
        else:
            assert read
