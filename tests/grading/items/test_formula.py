"""formula, from the authored item to the grade."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.engine import Compiled, Graded, grade, load, validate
from grading.faults import Malformed, Unloadable
from grading.items.formula import Formula, FormulaAnswer, FormulaContent, FormulaKey, SampleRange

LINE = FormulaContent("The slope of x^2?", ("x",), implicit_multiplication=True)


def item(content: FormulaContent = LINE, key: FormulaKey | str = "2x", **more: Any) -> Formula:
    return Formula(id="q1", content=content, key=FormulaKey(key) if isinstance(key, str) else key, **more)


def compiled(content: FormulaContent = LINE, key: FormulaKey | str = "2x", **more: Any) -> Compiled:
    loaded = load(item(content, key, **more))
    assert isinstance(loaded, Compiled), loaded
    return loaded


def share(loaded: Compiled, expression: str) -> object:
    graded = grade(loaded, FormulaAnswer(expression))
    assert isinstance(graded, Graded), graded
    return graded.share


def flaws(content: FormulaContent = LINE, key: FormulaKey | str = "2x") -> list[str]:
    loaded = load(item(content, key))
    assert isinstance(loaded, Unloadable)
    return [flaw.param for flaw in loaded.flaws]


def errors(loaded: Compiled, expression: str) -> list[tuple[str, str]]:
    return [(error.code, error.param) for error in validate(loaded, FormulaAnswer(expression))]


@pytest.mark.parametrize("answer", ["2x", "2*x", "x+x", "x·2", "(x+1)^2-x^2-1", "6x/3", "ln(exp(2x))", "2.0e0x"])
def test_any_way_to_write_the_key_is_right(answer: str) -> None:
    """Only values count."""
    assert share(compiled(), answer) == 1


@pytest.mark.parametrize("answer", ["2", "x", "x^2", "2x+0.00001", "2x+1/(x-x)", "sqrt(-x)", "2abs(x)*1e999"])
def test_another_function_is_wrong(answer: str) -> None:
    """A different value at any point, or none, earns nothing."""
    graded = grade(compiled(), FormulaAnswer(answer))
    assert isinstance(graded, Graded)
    assert (graded.share, graded.result.state, graded.result.attempted) == (0, "wrong", True)


def test_format_errors_name_the_expression() -> None:
    """Every fault of the text is told at once, with the names that are allowed; the text is not repeated."""
    loaded = compiled()
    assert errors(loaded, "q+f(x)+1/0") == [
        ("undefined_variable", "expression"),
        ("function_not_allowed", "expression"),
        ("division_by_zero", "expression"),
    ]
    assert errors(loaded, "2x+") == [("syntax_error", "expression")]
    assert errors(loaded, "x" * 201) == [("too_long", "expression")]
    assert errors(loaded, "x" * 101) == [("too_complex", "expression")]
    assert errors(loaded, "x\x00") == [("invalid_unicode", "expression")]
    (unknown,) = validate(loaded, FormulaAnswer("typed_by_the_learner"))
    assert unknown.allowed == ("x",)
    assert "typed" not in unknown.message


@pytest.mark.parametrize("blank", ["", "  ", "\t\n", "\u200b \u2060"])
def test_an_empty_text_is_blank(blank: str) -> None:
    """It is refused, or, where the item allows it, earns nothing unattempted."""
    assert errors(compiled(), blank) == [("answer_required", "expression")]
    graded = grade(compiled(allow_blank=True), FormulaAnswer(blank))
    assert isinstance(graded, Graded)
    assert (graded.share, graded.result.attempted) == (0, False)


def test_implicit_multiplication_is_a_choice_of_the_content() -> None:
    """Without the flag a missing sign is an error of form."""
    plain = compiled(FormulaContent("?", ("x",)), "2*x")
    assert errors(plain, "2x") == [("syntax_error", "expression")]
    assert share(plain, "x*2") == 1


def test_greek_variables_may_be_spelt_out() -> None:
    """A variable with a Greek letter is the same by letter and by name, in the key too."""
    loaded = compiled(FormulaContent("?", ("ω", "t")), FormulaKey("sin(ω*t)", {"ω": SampleRange(0, 3)}))
    assert share(loaded, "sin(omega*t)") == 1
    assert share(loaded, "sin(t×ω)") == 1


def test_ranges_tolerance_and_number_of_samples_are_the_keys() -> None:
    """What is compared where is authored, and secret."""
    near = compiled(FormulaContent("?"), FormulaKey("1/3", tolerance=0.001))
    assert share(near, "0.333") == 1
    assert share(near, "0.33") == 0
    whole = compiled(LINE, FormulaKey("factorial(x)", {"x": SampleRange(1, 9, whole=True)}, samples=4))
    assert share(whole, "x*factorial(x-1)") == 1
    signed = compiled(LINE, FormulaKey("abs(x)", {"x": SampleRange(-3, 3)}))
    assert share(signed, "sqrt(x^2)") == 1
    assert share(signed, "x") == 0


def test_complex_formulas() -> None:
    """The constant i, principal values and complex samples."""
    content = FormulaContent("?", ("z",), complex=True)
    loaded = compiled(content, FormulaKey("z^2", {"z": SampleRange(-2, 2, imaginary=True)}))
    assert share(loaded, "z*z+i^2+1") == 1
    assert share(loaded, "abs(z)^2") == 0


@pytest.mark.parametrize(
    ("content", "key", "expected"),
    [
        (LINE, "2x+", ["key.expression"]),
        (LINE, "2y", ["key.expression"]),
        (LINE, "1/0", ["key.expression"]),
        (LINE, "sqrt(-x)", ["key.expression"]),
        (LINE, "exp(x)*1e12", ["key.expression"]),
        (FormulaContent("?", ("x", "sin", "pi", "x")), "x", [f"content.variables[{place}]" for place in (1, 2, 3)]),
        (FormulaContent("?", ("α", "alpha")), "alpha", ["content.variables[1]"]),
        (FormulaContent("?", ("i",), complex=True), "i", ["content.variables[0]"]),
        (FormulaContent("?", ("x",), ("sin", "max"), complex=True), "x", ["content.functions[1]"]),
        (FormulaContent("?", ("x",), ("sin",)), "cos(x)", ["key.expression"]),
        (LINE, FormulaKey("x", {"y": SampleRange(1, 2)}), ["key.ranges.y"]),
        (LINE, FormulaKey("x", {"x": SampleRange(2, 1)}), ["key.ranges.x"]),
        (LINE, FormulaKey("x", {"x": SampleRange(1, 1e13)}), ["key.ranges.x"]),
        (LINE, FormulaKey("x", {"x": SampleRange(1, float("nan"))}), ["key.ranges.x"]),
        (LINE, FormulaKey("x", {"x": SampleRange(1.2, 1.8, whole=True)}), ["key.ranges.x"]),
        (LINE, FormulaKey("x", {"x": SampleRange(1, 2, imaginary=True)}), ["key.ranges.x.imaginary"]),
    ],
)
def test_an_item_that_cant_be_graded_is_refused_with_the_place(
    content: FormulaContent, key: FormulaKey | str, expected: list[str]
) -> None:
    """Every flaw is named by its path when authored, so that no learner meets it."""
    assert flaws(content, key) == expected


def test_format_errors_do_not_depend_on_the_key() -> None:
    """Two keys, the same verdict on every text."""
    one, other = compiled(), compiled(key="cos(x)")
    for text in ("", "2x", "2y", "1/0", "foo(x)", "x^60", "((", "x\x00"):
        assert validate(one, FormulaAnswer(text)) == validate(other, FormulaAnswer(text))


def test_the_same_answer_gets_the_same_bytes() -> None:
    """Points come from the item alone: grading twice, in two processes even, is grading once."""
    answer = FormulaAnswer("x+x")
    encoded = {msgspec.json.encode(grade(compiled(), answer).result) for _ in range(3)}  # type: ignore[union-attr]
    assert len(encoded) == 1
    assert load(item()) == load(item())


@given(st.text(max_size=210))
def test_no_text_is_a_failure(text: str) -> None:
    """Whatever is typed is graded or refused; the refusal repeats none of it."""
    outcome = grade(compiled(), FormulaAnswer(text))
    if isinstance(outcome, Malformed):
        assert all(error.param == "expression" for error in outcome.errors)
    else:
        assert outcome.share in {0, 1}
