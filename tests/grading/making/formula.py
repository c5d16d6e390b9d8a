"""formula items and answers, real and complex."""

from hypothesis import strategies as st

from grading.items.formula import Formula, FormulaAnswer, FormulaContent, FormulaKey, SampleRange
from tests.grading.making.case import Case, floors, points

KEYS = {
    "x^2+2*x+1": "(x+1)^2",
    "sin(2*x)+y": "2*sin(x)*cos(x)+y",
    "exp(x)/exp(y)": "exp(x-y)",
    "sqrt(x)*y": "y*x^(1/2)",
    "2*pi*x/y": "x/y*pi*2.0",
    "7": "3+4",
    "x-y": "-(y-x)",
}
"""Expressions, and another way to write each."""
WRONG = ["x", "0", "y+1", "1/(x-x)", "sqrt(-x)", "x*10^40*10^40", "x^2+2*x", "sin(x)"]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Two expressions in the same variables; the perfect answer is written as the key or otherwise."""
    in_complex, implicit = draw(st.booleans()), draw(st.booleans())
    content = FormulaContent(
        "Simplify.",
        ("x", "y"),
        draw(st.none() | st.just(("sin", "cos", "exp", "sqrt"))),
        implicit,
        in_complex,
    )
    spans = draw(
        st.sampled_from([{}, {"x": SampleRange(0.5, 4, imaginary=in_complex)}, {"x": SampleRange(1, 9, whole=True)}])
    )
    key, other = (draw(st.sampled_from(sorted(KEYS))) for _ in range(2))
    tolerance, samples = draw(st.sampled_from([0.0, 1e-9, 0.01])), draw(st.integers(4, 24))
    common = {"id": "q", "points": draw(points), "floor": draw(floors), "content": content}
    return Case(
        item=Formula(**common, key=FormulaKey(key, spans, max(tolerance, 1e-9), samples)),
        perfect=FormulaAnswer(draw(st.sampled_from([key, KEYS[key]]))),
        answer=FormulaAnswer(draw(st.sampled_from([*WRONG, *KEYS]))),
        twin=Formula(**common, key=FormulaKey(other)),
    )
