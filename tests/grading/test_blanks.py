"""A blank answer is asked for again, or earns nothing where the item allows it. Rule source: grading contract, sections 1.5, 6."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from grading.engine import Compiled, Graded, grade, load
from grading.faults import Malformed
from grading.model import Answer
from tests.grading.making.case import Case
from tests.grading.making.registry import MAKING

NEVER_BLANK = {"single_choice", "true_false"}
"""Their answers have one member, which stands for something or is malformed: who does not answer leaves them out."""


def blank(case: Case) -> Answer:
    """The answer with nothing in it: every list empty, every text of spaces alone."""
    answer = msgspec.to_builtins(case.answer)
    empty = {name: [] if isinstance(value, list | tuple) else " " for name, value in answer.items() if name != "type"}
    return msgspec.convert({"type": answer["type"]} | empty, Answer)


@pytest.mark.parametrize("kind", sorted(set(MAKING) - NEVER_BLANK))
@settings(max_examples=30)
@given(data=st.data())
def test_a_blank_answer_never_earns(kind: str, data: st.DataObject) -> None:
    """Whatever the rule, even those that pay for what is left out: `answer_required`, or 0 and `attempted: false`."""
    case = data.draw(MAKING[kind])
    strict, lenient = (load(structs.replace(case.item, allow_blank=allowed)) for allowed in (False, True))
    assert isinstance(strict, Compiled)
    assert isinstance(lenient, Compiled)
    refused = grade(strict, blank(case))
    assert isinstance(refused, Malformed)
    assert [error.code for error in refused.errors] == ["answer_required"]
    nothing = grade(lenient, blank(case))
    assert isinstance(nothing, Graded)
    assert (nothing.share, nothing.result.score, nothing.result.points) == (0, 0.0, "0.00")
    assert (nothing.result.state, nothing.result.attempted, nothing.result.parts) == ("wrong", False, ())
