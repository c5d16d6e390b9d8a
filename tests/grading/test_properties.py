"""What holds for every kind of item, rule and answer. Rule source: grading contract, section 13."""

import random
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.answers import Unreadable, read_answer
from grading.engine import Compiled, Graded, grade, load, validate
from grading.faults import Malformed, Unloadable
from grading.kinds import tag_of
from grading.model import Answer, Item
from tests.grading.making.case import Case
from tests.grading.making.registry import MAKING

KINDS = sorted(MAKING)
some = settings(max_examples=30)
each_kind = pytest.mark.parametrize("kind", KINDS)


def compiled(item: Item) -> Compiled:
    ready = load(item)
    assert isinstance(ready, Compiled), ready
    return ready


def graded(item: Item, answer: Answer) -> Graded:
    result = grade(compiled(item), answer)
    assert isinstance(result, Graded), result
    return result


def plain(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def answer_of(value: Any) -> Answer:
    return msgspec.convert(value, Answer)


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any, Any]]:
    """Every member of a JSON value: its path, its holder, its key in the holder, and itself."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        at = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else key
        yield at, value, key, member
        yield from places(member, at)


def test_every_kind_is_made() -> None:
    """A kind of which no case is made would go untested here."""
    assert set(KINDS) == {tag_of(kind) for kind in get_args(Item)} == {tag_of(kind) for kind in get_args(Answer)}


@each_kind
@some
@given(data=st.data())
def test_the_key_as_answer_earns_everything(kind: str, data: st.DataObject) -> None:
    """Whatever the rule: who answers as the key says gets full marks."""
    case = data.draw(MAKING[kind])
    found = graded(case.item, case.perfect)
    assert found.share == case.mark
    assert found.result.score == case.mark
    assert found.result.state == ("needs_review" if case.mark is None else "right")
    assert found.result.points == (case.item.points.lstrip("0").rjust(4, "0") if case.mark else "0.00")
    assert {part.state for part in found.result.parts} <= {"right", "unanswered"}


@each_kind
@some
@given(data=st.data())
def test_a_score_stays_between_floor_and_one(kind: str, data: st.DataObject) -> None:
    """Score, points, state and exact share say the same, and no rule leaves its bounds."""
    case = data.draw(MAKING[kind])
    found = graded(case.item, case.answer)
    result = found.result
    assert result.attempted
    if found.share is None:
        assert (result.score, result.points, result.state) == (None, "0.00", "needs_review")
        return
    assert result.score is not None
    assert Fraction(repr(case.item.floor)) <= found.share <= 1
    assert Fraction(repr(result.score)) == round(found.share, 6)
    assert abs(Fraction(result.points) - found.share * Fraction(case.item.points)) <= Fraction(1, 200)
    assert result.state == (
        "right" if found.share == 1 else "partial" if found.share >= Fraction(1, 10**6) else "wrong"
    )


@each_kind
@some
@given(data=st.data(), chance=st.randoms(use_true_random=False))
def test_the_order_of_lists_does_not_count(kind: str, data: st.DataObject, chance: random.Random) -> None:
    """Choices, stems, gaps, areas may be listed in any order, in the item and, where order is not asked, in the answer."""
    case = data.draw(MAKING[kind])
    item, answer = plain(case.item), plain(case.answer)
    for listed in (value for value in item["content"].values() if isinstance(value, list)):
        if "gates" not in item["scoring"]:
            chance.shuffle(listed)
    if not case.ordered:
        for listed in (value for value in answer.values() if isinstance(value, list)):
            chance.shuffle(listed)
    assert graded(msgspec.convert(item, Item), answer_of(answer)).share == graded(case.item, case.answer).share


def ids_in(case: Case) -> list[tuple[str, Any, Any]]:
    """Where in the answer an id of the content stands, with path, holder and key."""
    known = {member for _, _, key, member in places(plain(case.item)["content"]) if key == "id"}
    answer = plain(case.answer)
    return [
        (path, answer, (holder, key))
        for path, holder, key, member in places(answer)
        if isinstance(member, str) and member in known and key not in {"type", "text", "value", "unit", "expression"}
    ]


@each_kind
@some
@given(data=st.data())
def test_an_unknown_id_is_named_where_it_stands(kind: str, data: st.DataObject) -> None:
    """422 `unknown_id`, with the index of the very entry, however deep."""
    case = data.draw(MAKING[kind])
    found = ids_in(case)
    if not found:
        assert not case.once
        return
    path, answer, (holder, key) = data.draw(st.sampled_from(found))
    holder[key] = "stray"
    verdict = grade(compiled(case.item), answer_of(answer))
    assert isinstance(verdict, Malformed)
    assert ("unknown_id", path) in {(error.code, error.param) for error in verdict.errors}


@each_kind
@some
@given(data=st.data())
def test_the_same_id_twice_is_named_at_the_second(kind: str, data: st.DataObject) -> None:
    """422 `duplicate_id`, with the index of the repetition; nothing is counted twice or dropped in silence."""
    case = data.draw(MAKING[kind])
    for name in case.once:
        answer = plain(case.answer)
        answer[name].append(answer[name][0])
        verdict = grade(compiled(case.item), answer_of(answer))
        assert isinstance(verdict, Malformed)
        last = f"{name}[{len(answer[name]) - 1}]"
        assert any(error.code == "duplicate_id" and error.param.startswith(last) for error in verdict.errors)


@each_kind
@some
@given(data=st.data())
def test_a_format_error_never_depends_on_the_key(kind: str, data: st.DataObject) -> None:
    """Two items that differ in their keys alone refuse the same answers with the same words: no oracle."""
    case = data.draw(MAKING[kind])
    bent = plain(case.answer)
    _bend(bent, data)
    try:
        answer = answer_of(bent)
    except msgspec.ValidationError:
        return
    one, other = compiled(case.item), compiled(case.twin)
    assert validate(one, answer) == validate(other, answer)
    assert (
        isinstance(grade(one, answer), Malformed)
        == bool(validate(one, answer))
        == isinstance(grade(other, answer), Malformed)
    )


def _bend(answer: dict[str, Any], data: st.DataObject) -> None:
    """Repeat, drop, empty or change some member of the answer."""
    spots = [spot for spot in places(answer) if spot[0] != "type"]
    for _, holder, key, member in data.draw(st.lists(st.sampled_from(spots), min_size=1, max_size=3)):
        match data.draw(st.sampled_from(["drop", "repeat", "other", "empty"])):
            case "drop" if isinstance(holder, list) and key < len(holder):
                del holder[key]
            case "repeat" if isinstance(holder, list):
                holder.append(member)
            case "other" if isinstance(member, str) and isinstance(holder, dict):
                holder[key] = data.draw(st.sampled_from(["stray", "c1", "i1", "k1", "s1", "1", "x+", "\x00"]))
            case "empty" if isinstance(member, list) and isinstance(holder, dict):
                holder[key] = []
            case _:
                pass


@each_kind
@some
@given(data=st.data())
def test_nothing_of_the_key_is_in_a_result_or_an_error(kind: str, data: st.DataObject) -> None:
    """Texts that only keys hold have `sentinel` in them; no result and no error does, whatever was answered."""
    case = data.draw(MAKING[kind])
    bent = plain(case.answer)
    _bend(bent, data)
    answer = read_answer(msgspec.json.encode(bent))
    verdicts: list[Any] = [graded(case.item, case.answer), graded(case.item, case.perfect), answer]
    if not isinstance(answer, Malformed | Unreadable):
        verdicts.append(grade(compiled(case.item), answer))
    told = [verdict.result if isinstance(verdict, Graded) else verdict for verdict in verdicts if verdict is not answer]
    told += [answer] if isinstance(answer, Malformed) else []
    assert b"sentinel" not in msgspec.json.encode(told).lower()


@each_kind
@some
@given(data=st.data())
def test_the_same_input_gives_the_same_bytes(kind: str, data: st.DataObject) -> None:
    """An item that was stored and loaded again grades as before, to the byte."""
    case = data.draw(MAKING[kind])
    again = msgspec.json.decode(msgspec.json.encode(case.item), type=Item)
    assert again == case.item
    first, second = graded(case.item, case.answer), graded(again, answer_of(plain(case.answer)))
    assert msgspec.json.encode(first.result) == msgspec.json.encode(second.result)
    assert first.share == second.share


@each_kind
@some
@given(data=st.data(), noise=st.binary(max_size=40))
def test_no_bytes_break_the_reading_or_the_grading(kind: str, data: st.DataObject, noise: bytes) -> None:
    """Whatever arrives is an answer, a list of errors or no JSON: never an exception."""
    case = data.draw(MAKING[kind])
    body = bytearray(msgspec.json.encode(case.answer))
    at = data.draw(st.integers(0, len(body)))
    body[at : at + data.draw(st.integers(0, 4))] = noise
    answer = read_answer(bytes(body))
    if not isinstance(answer, Malformed | Unreadable):
        assert isinstance(grade(compiled(case.item), answer), Graded | Malformed)


@each_kind
@some
@given(data=st.data())
def test_no_authored_item_breaks_the_loading_or_the_grading(kind: str, data: st.DataObject) -> None:
    """Whatever an author writes is ready to grade or refused with paths; what is ready grades, and stays in its bounds."""
    case = data.draw(MAKING[kind])
    authored = plain(case.item)
    _rewrite(authored, data)
    try:
        item = msgspec.convert(authored, Item)
    except msgspec.ValidationError:
        return
    ready = load(item)
    if isinstance(ready, Unloadable):
        assert ready.flaws
        assert all(re.match(r"(content|key|scoring)\b", flaw.param) for flaw in ready.flaws)
        return
    for answer in (case.perfect, case.answer):
        verdict = grade(ready, answer)
        assert isinstance(verdict, Malformed) or verdict.share is None or ready.floor <= verdict.share <= 1


def _rewrite(item: dict[str, Any], data: st.DataObject) -> None:
    """Change, repeat or drop some members of what an author wrote."""
    spots = [spot for spot in places(item) if spot[0].startswith(("content.", "key.", "scoring."))]
    texts = [member for _, _, _, member in spots if isinstance(member, str)]
    for _, holder, key, member in data.draw(st.lists(st.sampled_from(spots), min_size=1, max_size=3)):
        match data.draw(st.sampled_from(["drop", "repeat", "other"])):
            case "drop" if key in (holder if isinstance(holder, dict) else range(len(holder))):
                del holder[key]
            case "repeat" if isinstance(holder, list):
                holder.append(member)
            case "other" if isinstance(holder, dict):
                strings = st.sampled_from(["", "stray", "*", "(", "1/0", "x^", "-1", "\x00", *texts])
                numbers = st.sampled_from([0, 1, -1, 0.5, 40, 1e300, 10**18])
                kept = st.just(member)
                holder[key] = data.draw(
                    strings if isinstance(member, str) else numbers if isinstance(member, int | float) else kept
                )
            case _:
                pass


@each_kind
@some
@given(data=st.data())
def test_an_answer_for_another_kind_is_a_mismatch(kind: str, data: st.DataObject) -> None:
    """422 `type_mismatch` at `type`, and nothing else is said."""
    case = data.draw(MAKING[kind])
    stranger = data.draw(MAKING[data.draw(st.sampled_from([other for other in KINDS if other != kind]))])
    verdict = grade(compiled(case.item), stranger.answer)
    assert isinstance(verdict, Malformed)
    assert [(error.code, error.param) for error in verdict.errors] == [("type_mismatch", "type")]
