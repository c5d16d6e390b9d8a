"""A whole submission: all errors at once, exact totals, nothing unanswered left out."""

from fractions import Fraction
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.accepted_text import AcceptedText
from grading.answers import read_answers
from grading.engine import UNANSWERED, Graded, grade
from grading.faults import ERRORS_MAX, Malformed, Unloadable
from grading.items.composite import Composite, CompositeContent, CompositeKey, CompositeScoring
from grading.items.composite_parts import GapSelectPart, GapSelectPartKey
from grading.items.essay import Essay, EssayContent
from grading.items.gap_select import GapSelect, GapSelectContent, GapSelectKey, GapSelectScoring
from grading.items.multiple_choice import MultipleChoice, MultipleChoiceContent, MultipleChoiceKey
from grading.items.short_text import ShortText, ShortTextContent, ShortTextKey
from grading.items.true_false import TrueFalse, TrueFalseContent, TrueFalseKey
from grading.model import Item
from grading.parts import Choice, OptionGap
from grading.result import DECIMAL_BITS_MAX, share_of, share_text
from grading.submission import COST_BUDGET_US, MOST_ITEMS, CompiledAssessment, Report, grade_all, load_all, totals_of
from tests.grading.making.case import Case
from tests.grading.making.registry import MAKING

WORDS = tuple(Choice(f"w{number}", f"word {number}") for number in range(3))


def statement(item_id: str, points: str = "1.00", **more: Any) -> TrueFalse:
    return TrueFalse(id=item_id, points=points, content=TrueFalseContent("So?"), key=TrueFalseKey(value=True), **more)


def thirds(item_id: str, points: str = "1.00") -> GapSelect:
    """An item of three gaps, so that its shares are thirds."""
    gaps = tuple(OptionGap(f"g{number}", WORDS) for number in range(3))
    right = {gap.id: "w0" for gap in gaps}
    return GapSelect(id=item_id, points=points, content=GapSelectContent("_____", gaps), key=GapSelectKey(right))


def compiled(*items: Item) -> CompiledAssessment:
    assessment = load_all(items)
    assert isinstance(assessment, CompiledAssessment), assessment
    return assessment


def said(item_id: str, value: bool = True) -> dict[str, Any]:
    return {"item_id": item_id, "answer": {"type": "true_false", "value": value}}


def filled(item_id: str, right: int) -> dict[str, Any]:
    gaps = [{"gap": f"g{number}", "option": "w0" if number < right else "w1"} for number in range(3)]
    return {"item_id": item_id, "answer": {"type": "gap_select", "gaps": gaps}}


def graded(assessment: CompiledAssessment, *entries: dict[str, Any]) -> Report:
    report = grade_all(assessment, read_answers(msgspec.json.encode(entries)))  # type: ignore[arg-type]
    assert isinstance(report, Report), report
    return report


def refused(assessment: CompiledAssessment, *entries: Any) -> list[tuple[str, str]]:
    malformed = grade_all(assessment, read_answers(msgspec.json.encode(entries)))  # type: ignore[arg-type]
    assert isinstance(malformed, Malformed)
    return [(error.code, error.param) for error in malformed.errors]


def test_three_thirds_of_three_items_are_one_item() -> None:
    """Unrounded shares are added: .333333 three times would be .999999."""
    assessment = compiled(thirds("a"), thirds("b"), thirds("c"))
    report = graded(assessment, filled("a", 1), filled("b", 1), filled("c", 1))
    assert [each.result.score for each in report.items] == [0.333333] * 3
    assert [each.result.points for each in report.items] == ["0.33"] * 3
    assert report.totals.score == "1.00"
    assert report.totals.max_score == "3.00"
    assert report.totals.percent == 33


def test_nothing_but_full_marks_is_100_percent() -> None:
    """Floored: two points of three hundred missing by a third of a cent are 99."""
    assessment = compiled(statement("a", "999999.00"), thirds("b", "0.01"))
    nearly = graded(assessment, said("a"), filled("b", 2))
    assert (nearly.totals.score, nearly.totals.percent) == ("999999.01", 99)
    full = graded(assessment, said("a"), filled("b", 3))
    assert (full.totals.score, full.totals.percent) == ("999999.01", 100)


def test_an_item_without_an_answer_is_unanswered() -> None:
    """It earns 0 whatever its floor, and every item has its grade, in the assessment's order."""
    assessment = compiled(statement("a", floor=-1.0), thirds("b"), Essay(id="c", content=EssayContent("Why?")))
    report = graded(assessment, filled("b", 2))
    assert [(each.item_id, each.state, each.share_text) for each in report.items] == [
        ("a", "unanswered", "0"),
        ("b", "partial", "2/3"),
        ("c", "unanswered", "0"),
    ]
    assert report.items[0].result == UNANSWERED.result
    assert not report.totals.awaiting_review


def test_an_essay_keeps_the_totals_open() -> None:
    """Its points are in the most that can be earned, and its share is not known yet."""
    assessment = compiled(statement("a"), Essay(id="b", points="3.00", content=EssayContent("Why?")))
    report = graded(assessment, said("a"), {"item_id": "b", "answer": {"type": "essay", "text": "Because."}})
    assert report.items[1].share_text is None
    assert report.items[1].state == "needs_review"
    assert (report.totals.score, report.totals.max_score, report.totals.percent) == ("1.00", "4.00", 25)
    assert report.totals.awaiting_review


def test_all_errors_of_all_answers_are_told_at_once() -> None:
    """Structural ones, wrong types, unknown ids, strays and repetitions together, in the order of the body."""
    assessment = compiled(statement("a"), thirds("b"), thirds("c"))
    assert refused(
        assessment,
        {"item_id": "a", "answer": {"type": "true_false", "value": "yes"}},
        {"item_id": "b", "answer": {"type": "gap_select", "gaps": [{"gap": "g9", "option": "w0"}]}},
        said("c"),
        said("stranger"),
        filled("b", 1),
        {"item_id": "c", "answer": {"type": "gap_select", "gaps": []}},
        {"item_id": "a"},
        5,
    ) == [
        ("type_mismatch", "answers[0].answer.value"),
        ("unknown_id", "answers[1].answer.gaps[0].gap"),
        ("type_mismatch", "answers[2].answer.type"),
        ("unknown_id", "answers[3].item_id"),
        ("duplicate_id", "answers[4].item_id"),
        ("duplicate_id", "answers[5].item_id"),
        ("answer_required", "answers[5].answer.gaps"),
        ("duplicate_id", "answers[6].item_id"),
        ("missing_field", "answers[6].answer"),
        ("type_mismatch", "answers[7]"),
    ]


def test_every_flaw_of_every_item_is_told() -> None:
    """With the path in the list, as an author sent it."""
    choices = (Choice("a", "A"), Choice("a", "B"))
    broken = MultipleChoice(id="x", content=MultipleChoiceContent("Which?", choices), key=MultipleChoiceKey(("a", "z")))
    unloadable = load_all([statement("a"), broken, statement("a")])
    assert isinstance(unloadable, Unloadable)
    assert {flaw.param for flaw in unloadable.flaws} >= {
        "items[1].content.choices[1].id",
        "items[1].key.correct[1]",
        "items[2].id",
    }


def test_an_assessment_has_at_most_200_items() -> None:
    """More are refused as a whole."""
    assert isinstance(load_all([statement(f"q{number}") for number in range(200)]), CompiledAssessment)
    unloadable = load_all([statement(f"q{number}") for number in range(201)])
    assert isinstance(unloadable, Unloadable)
    assert [flaw.param for flaw in unloadable.flaws] == ["items"]


def costly(item_id: str, patterns: int) -> ShortText:
    """An item whose patterns make every answer expensive."""
    pattern = "(a|b){1,200}c{1,100}d*"
    answers = tuple(AcceptedText(pattern=f"{pattern}{number}", mode="regex") for number in range(patterns))
    return ShortText(id=item_id, content=ShortTextContent("What?", 100), key=ShortTextKey(answers))


def test_what_all_items_cost_together_is_limited() -> None:
    """Each may be graded, but a submission of two hundred of them would keep a process busy for too long."""
    one = load_all([costly("q0", 1)])
    assert isinstance(one, CompiledAssessment)
    cost_us = one.items[0].loaded.cost_us
    count = min(COST_BUDGET_US // cost_us + 1, MOST_ITEMS)
    assert count * cost_us > COST_BUDGET_US, "the item is too cheap to show anything"
    unloadable = load_all([costly(f"q{number}", 1) for number in range(count)])
    assert isinstance(unloadable, Unloadable)
    assert [flaw.param for flaw in unloadable.flaws] == ["items"]
    assert isinstance(load_all([costly(f"q{number}", 1) for number in range(count - 1)]), CompiledAssessment)


@settings(max_examples=20)
@given(
    held=st.lists(st.one_of(list(MAKING.values())), min_size=1, max_size=6), chance=st.randoms(use_true_random=False)
)
def test_a_submission_is_its_answers_whatever_their_order(held: list[Case], chance: Random) -> None:
    """Each item gets the grade that it would get alone, and the totals are theirs."""
    items = [msgspec.structs.replace(case.item, id=f"q{number}") for number, case in enumerate(held)]
    entries = [{"item_id": f"q{number}", "answer": case.answer} for number, case in enumerate(held)]
    assessment = compiled(*items)
    report = graded(assessment, *entries)
    chance.shuffle(entries)
    assert graded(assessment, *entries) == report
    for case, item, found in zip(held, assessment.items, report.items, strict=True):
        alone = grade(item, case.answer)
        assert isinstance(alone, Graded)
        assert (found.share, found.result) == (alone.share, alone.result)
    assert report.totals == totals_of([(found.share, found.points_cents) for found in report.items])


def test_an_assessment_without_points_is_0_percent() -> None:
    """Nothing could be earned, so nothing was."""
    assert graded(compiled(statement("a", "0.00")), said("a")).totals.percent == 0


@given(
    earned=st.lists(
        st.tuples(st.none() | st.fractions(-1, 1, max_denominator=60) | st.sampled_from([0, 1]), st.integers(0, 10_000))
    )
)
def test_totals_are_exact_and_stored_shares_add_up_alike(earned: list[tuple[Fraction | None, int]]) -> None:
    """The sum is that of the fractions, rounded once; shares that went through storage make the same totals."""
    totals = totals_of(earned)
    exact = sum((share * cents for share, cents in earned if share is not None), Fraction(0))
    assert totals.earned_cents == exact
    assert abs(Fraction(totals.score) * 100 - exact) <= Fraction(1, 2)
    most = sum(cents for _, cents in earned)
    assert totals.percent == (max(0, int(exact * 100 // most)) if most else 0)
    assert (totals.percent == 100) == (most > 0 and exact == most)
    assert totals.awaiting_review == any(share is None for share, _ in earned)
    stored = [(None if share is None else share_of(share_text(share)), cents) for share, cents in earned]
    assert totals_of(stored) == totals


@pytest.mark.parametrize("text", ["0", "1", "2/3", "-1/4", "3333333/10000000"])
def test_a_share_survives_storage(text: str) -> None:
    """The text is the share, to the last digit."""
    assert share_text(share_of(text)) == text


@pytest.mark.parametrize(
    "share",
    [Fraction(-1, 3**20_000), Fraction(2**20_000, 3), 7**9_000],
    ids=["long denominator", "long numerator", "long int"],
)
def test_a_share_survives_storage_however_long_it_is(share: Fraction | int) -> None:
    """Sums over very many different weights are exact, and Python writes no int of over 4300 digits."""
    assert share_of(share_text(share)) == share


def test_the_oddest_weights_add_up_exactly() -> None:
    """Every item has a denominator of its own: the sum has thousands of digits, and is stored and read to the last."""
    odd = 0.123456789
    items = []
    for number in range(1, 101):
        scoring = CompositeScoring(weights={f"p{part}": 7 * part + number + odd for part in range(20)})
        parts = tuple(GapSelectPart(f"p{part}", thirds("x").content) for part in range(20))
        keys = tuple(
            GapSelectPartKey(
                part=f"p{part}",
                key=thirds("x").key,
                scoring=GapSelectScoring(weights={"g0": number + odd, "g1": 20 * number + part}),
            )
            for part in range(20)
        )
        items.append(
            Composite(id=f"q{number}", content=CompositeContent("?", parts), key=CompositeKey(keys), scoring=scoring)
        )
    given = {"parts": [{"part": f"p{part}", "answer": filled("", 1)["answer"]} for part in range(20)]}
    report = graded(
        compiled(*items), *({"item_id": item.id, "answer": {"type": "composite", **given}} for item in items)
    )
    total = sum((share_of(each.share_text or "0") for each in report.items), Fraction(0)) * 100
    assert report.totals.earned_cents == share_of(share_text(total)) == total
    assert total.denominator.bit_length() > DECIMAL_BITS_MAX


def test_no_more_errors_are_told_than_anybody_reads() -> None:
    """A body full of errors is no work of hours, and no answer of megabytes."""
    crowded = {"item_id": "b", "answer": {"type": "gap_select", "gaps": [{}] * 200}}
    errors = refused(compiled(thirds("b")), *[crowded] * 100)
    assert len(errors) == ERRORS_MAX
    strangers = {"item_id": "b", "answer": {"type": "gap_select", "gaps": [{"gap": "x", "option": "y"}] * 200}}
    assert len(refused(compiled(thirds("b")), *[strangers] * 100)) == ERRORS_MAX
