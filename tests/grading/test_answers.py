"""From bytes to answers, or to every error in them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.answers import ANSWER_BYTES_MAX, MOST_ANSWERS, Given, Misshapen, Unreadable, read_answer, read_answers
from grading.faults import Malformed
from grading.items.multiple_choice import MultipleChoiceAnswer
from grading.items.true_false import TrueFalseAnswer

TRUE = b'{"item_id":"q1","answer":{"type":"true_false","value":true}}'


def paths(errors: Malformed | Misshapen) -> list[tuple[str, str]]:
    return [(error.code, error.param) for error in errors.errors]


def test_well_formed_answers_are_decoded_in_order() -> None:
    """Entries keep their places, because errors are told by them."""
    body = b'[{"item_id":"q2","answer":{"choices":["a"],"type":"multiple_choice"}},' + TRUE + b"]"
    assert read_answers(body) == (Given("q2", MultipleChoiceAnswer(("a",))), Given("q1", TrueFalseAnswer(value=True)))
    assert read_answers(b"[]") == ()


def test_bytes_and_raw_are_read_alike() -> None:
    """A body that was decoded so far that its answers are still raw needs no copy."""
    assert read_answers(msgspec.Raw(b"[" + TRUE + b"]")) == read_answers(b"[" + TRUE + b"]")
    assert read_answer(msgspec.Raw(b'{"type":"true_false","value":true}')) == TrueFalseAnswer(value=True)


def test_every_misshapen_entry_is_told_and_the_others_are_read() -> None:
    """The decoder alone would name the first error of the first entry."""
    body = (
        b'[{"item_id":"q1","answer":{"type":"multiple_choice","choices":["a",5],"choice":"b"}},'
        + TRUE
        + b',{"item":"q3","answer":{"type":"true_false"}},7]'
    )
    first, second, third, fourth = read_answers(body)  # type: ignore[misc]
    assert isinstance(first, Misshapen)
    assert first.item_id == "q1"
    assert paths(first) == [("type_mismatch", "answer.choices[1]"), ("unknown_field", "answer.choice")]
    assert second == Given("q1", TrueFalseAnswer(value=True))
    assert isinstance(third, Misshapen)
    assert third.item_id is None
    assert paths(third) == [("missing_field", "item_id"), ("missing_field", "answer.value"), ("unknown_field", "item")]
    assert isinstance(fourth, Misshapen)
    assert paths(fourth) == [("type_mismatch", "")]


def test_a_body_that_is_no_list_or_too_long_is_malformed_as_a_whole() -> None:
    """201 answers are refused before they are looked at."""
    no_list = read_answers(b'{"q1": true}')
    assert isinstance(no_list, Malformed)
    assert paths(no_list) == [("type_mismatch", "")]
    too_long = read_answers(b"[" + b",".join([TRUE] * (MOST_ANSWERS + 1)) + b"]")
    assert isinstance(too_long, Malformed)
    assert paths(too_long) == [("too_many", "")]
    assert too_long.errors[0].limit == MOST_ANSWERS


@pytest.mark.parametrize(
    "body", [b"", b"[", b"nope", b'["\xff"]', b'[{"a":"\\ud800"}]', b"[" * 100_000, b'[{"item_id":NaN}]']
)
def test_bytes_that_are_no_json_are_unreadable(body: bytes) -> None:
    """A value, never an exception: the caller answers 400."""
    assert isinstance(read_answers(body), Unreadable)
    assert isinstance(read_answer(body), Unreadable)


def test_one_answer_has_paths_of_its_own() -> None:
    """For a check: relative to the answer."""
    refused = read_answer(b'{"type":"matching","pairs":[{"stem":"s1"},{"choice":"c1","stem":2}]}')
    assert isinstance(refused, Malformed)
    assert paths(refused) == [("missing_field", "pairs[0].choice"), ("type_mismatch", "pairs[1].stem")]


def test_an_unknown_type_is_a_mismatch_with_all_types_to_choose_from() -> None:
    """`allowed` lists the 18 types."""
    refused = read_answer(b'{"type":"telepathy"}')
    assert isinstance(refused, Malformed)
    assert paths(refused) == [("type_mismatch", "type")]
    assert refused.errors[0].allowed is not None
    assert "true_false" in refused.errors[0].allowed


def test_a_number_beyond_all_floats_is_told_by_its_path() -> None:
    """It is valid JSON, so it is no reason to call the body unreadable."""
    body = b'[{"item_id":"q1","answer":{"type":"hotspot","points":[{"x":1e999,"y":0}]}}]'
    refused = read_answers(body)
    assert isinstance(refused, Malformed)
    assert paths(refused) == [("out_of_range", "[0].answer.points[0].x")]
    assert refused.errors[0].under("answers").param == "answers[0].answer.points[0].x"


def essay(size: int) -> bytes:
    """An answer of so many bytes, 20 000 characters of text at most and spaces around them."""
    written = b'{"type":"essay","text":"' + b"x" * 20_000 + b'"}'
    return written[:-1] + b" " * (size - len(written)) + b"}"


@pytest.mark.parametrize("over", [0, 1])
def test_one_answer_is_at_most_64_kib(over: int) -> None:
    """Of many the one that is longer is named, and the others are read."""
    answer = essay(ANSWER_BYTES_MAX + over)
    alone = read_answer(answer)
    entries = read_answers(b"[" + TRUE + b', {"answer":' + answer + b',"item_id":"q2"},' + TRUE + b"]")
    assert isinstance(entries, tuple)
    first, second, third = entries
    assert first == third == Given("q1", TrueFalseAnswer(value=True))
    if over:
        assert isinstance(second, Misshapen)
        assert second.item_id == "q2"
        assert paths(second) == [("too_long", "answer")]
        assert second.errors[0].limit == ANSWER_BYTES_MAX
        assert isinstance(alone, Malformed)
        assert paths(alone) == [("too_long", "")]
        assert alone.errors[0].under("answer").param == "answer"
    else:
        assert isinstance(second, Given)
        assert second.answer == alone


def test_many_answers_may_be_longer_together() -> None:
    """The limit is each answer's own."""
    entry = b'{"item_id":"e","answer":' + essay(ANSWER_BYTES_MAX) + b"}"
    answers = read_answers(b"[" + b",".join([entry] * 10) + b"]")
    assert isinstance(answers, tuple)
    assert [type(each) for each in answers] == [Given] * 10


def test_a_long_answer_that_is_misshapen_too_is_too_long() -> None:
    """It is refused by its length, whatever else is wrong; an entry that is long without an answer as what it is."""
    long = b'{"type":"telepathy","a":"' + b"x" * ANSWER_BYTES_MAX + b'"}'
    refused = read_answers(
        b'[{"item_id":"q1","answer":' + long + b"}," + long + b',["' + b"x" * ANSWER_BYTES_MAX + b'"]]'
    )
    assert isinstance(refused, tuple)
    assert [paths(each)[0] for each in refused if isinstance(each, Misshapen)] == [
        ("too_long", "answer"),
        ("missing_field", "item_id"),
        ("type_mismatch", ""),
    ]
    alone = read_answer(long)
    assert isinstance(alone, Malformed)
    assert paths(alone) == [("too_long", "")]


@given(body=st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_no_bytes_raise(body: bytes) -> None:
    """Random bytes are entries, errors or unreadable."""
    assert isinstance(read_answers(body), tuple | Malformed | Unreadable)
