"""All structural errors at once, judged exactly as the decoder judges."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Meta, Struct

from grading.faults import FormatError
from grading.model import Answer
from grading.shapes import as_told, errors_of
from tests.grading.making.registry import MAKING


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    id: Annotated[str, Meta(pattern=r"^[a-z]+\Z")]
    note: Annotated[str, Meta(min_length=1, max_length=5)] = "none"


class Wide(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="wide"):
    names: Annotated[tuple[Named, ...], Meta(min_length=1, max_length=3)]
    count: Annotated[int, Meta(ge=0, le=9)]
    mode: Literal["fast", "slow"] = "fast"
    at: int | float = 0
    deep: int | None = None


class Flat(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="flat"):
    value: bool


def refusal(value: Any, wanted: Any) -> msgspec.ValidationError | None:
    """What the decoder says against the value, if anything."""
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        return error
    return None


def found(value: Any, wanted: Any) -> list[tuple[str, str]]:
    """Code and path of every error; none if the decoder takes the value."""
    error = refusal(value, wanted)
    return [] if error is None else [(each.code, each.param) for each in errors_of(value, wanted, error)]


def test_every_error_is_found_with_its_path() -> None:
    """One bad body, all kinds of errors, in the order of the body's types."""
    body = {
        "type": "wide",
        "names": [{"id": "A"}, {"id": "b", "note": ""}, {"note": "toolong"}, 5],
        "count": 10,
        "mode": "slower",
        "at": "1",
        "deep": True,
        "extra": 1,
    }
    assert found(body, Wide | Flat) == [
        ("too_many", "names"),
        ("unknown_id", "names[0].id"),
        ("answer_required", "names[1].note"),
        ("missing_field", "names[2].id"),
        ("too_long", "names[2].note"),
        ("out_of_range", "count"),
        ("type_mismatch", "mode"),
        ("type_mismatch", "at"),
        ("type_mismatch", "deep"),
        ("unknown_field", "extra"),
    ]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, ("type_mismatch", "")),
        ([], ("type_mismatch", "")),
        ({}, ("missing_field", "type")),
        ({"type": 5}, ("type_mismatch", "type")),
        ({"type": "other"}, ("type_mismatch", "type")),
        ({"type": "flat"}, ("missing_field", "value")),
        ({"type": "flat", "value": 1}, ("type_mismatch", "value")),
        ({"type": "flat", "value": None}, ("type_mismatch", "value")),
        ({"type": "wide", "names": [], "count": 0}, ("too_few", "names")),
        ({"type": "wide", "names": [{"id": "a"}], "count": 1.0}, ("type_mismatch", "count")),
        ({"type": "wide", "names": [{"id": "a"}], "count": -1}, ("out_of_range", "count")),
    ],
)
def test_a_single_error_is_named(value: Any, error: tuple[str, str]) -> None:
    """Tags, nulls, bools that are no numbers, whole floats that are no ints."""
    assert found(value, Wide | Flat) == [error]


def test_limits_and_allowed_values_are_told() -> None:
    """A client can show them without a table of its own."""
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert({}, Wide)
    errors = errors_of({"type": "wide", "names": [{"id": "a"}] * 4, "count": 10, "mode": "x"}, Wide, refused.value)
    assert [(error.limit, error.allowed) for error in errors] == [(3, None), ("9", None), (None, ("fast", "slow"))]


def test_a_name_that_was_given_is_shown_harmlessly() -> None:
    """The name of an unknown field is the one thing repeated, printable and cut to 64 characters."""
    body = {"type": "flat", "value": True, "\x00" + "x" * 100: 1}
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(body, Flat)
    (error,) = errors_of(body, Flat, refused.value)
    assert error.param == "?" + "x" * 63 + "…"


@pytest.mark.parametrize(
    ("body", "wording", "told"),
    [
        (b"[{}]", "Object missing required field `id` - at `$[0]`", ("missing_field", "[0].id")),
        (b'[{"id":"a","b":1}]', "Object contains unknown field `b` - at `$[0]`", ("unknown_field", "[0].b")),
        (b'[{"id":1}]', "Expected `str`, got `int` - at `$[0].id`", ("type_mismatch", "[0].id")),
        (b'[{"id":"A"}]', r"Expected `str` matching regex '^[a-z]+\\Z' - at `$[0].id`", ("type_mismatch", "[0].id")),
        (b"{}", "Expected `array`, got `object`", ("type_mismatch", "")),
        (b'[{"id":"a","note":1e999}]', "Number out of range - at `$[0].note`", ("out_of_range", "[0].note")),
    ],
)
def test_the_decoder_words_its_errors_as_we_read_them(body: bytes, wording: str, told: tuple[str, str]) -> None:
    """The wording of msgspec 0.22.0; where it changes, `as_told` must be read again."""
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(body, type=list[Named])
    assert str(refused.value) == wording
    error = as_told(refused.value)
    assert (error.code, error.param) == told


def test_a_number_beyond_all_floats_is_out_of_range() -> None:
    """The one refusal that untyped decoding shares with typed decoding; it is told by the decoder alone."""
    for wanted in (list[float], Any):
        with pytest.raises(msgspec.ValidationError) as refused:
            msgspec.json.decode(b"[1, 1e999]", type=wanted)
        assert as_told(refused.value) == FormatError("out_of_range", "[1]", "the number is too great")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 300)
    | st.floats(-9, 9)
    | st.sampled_from(["", "a", "B", "slow", "flat"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "names", "count", "mode", "at", "id", "note", "value"]), inner)
        | st.fixed_dictionaries({"type": st.sampled_from(["wide", "flat"]), "names": inner, "count": inner})
    ),
    max_leaves=12,
)


@given(value=json_values)
@example({"type": "wide", "names": [{"id": "a"}], "count": 0, "at": True})
def test_the_walk_agrees_with_the_decoder(value: Any) -> None:
    """It finds errors exactly where the decoder refuses, and the decoder's own first error is among them."""
    error = refusal(value, Wide | Flat)
    if error is not None:
        assert as_told(error).param in {each.param for each in errors_of(value, Wide | Flat, error)}


@settings(max_examples=30)
@pytest.mark.parametrize("kind", sorted(MAKING))
@given(
    data=st.data(),
    junk=st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=70) | st.just([]) | st.just({}),
)
def test_the_walk_agrees_with_the_decoder_on_answers(kind: str, data: st.DataObject, junk: Any) -> None:
    """For every kind of answer, with any member replaced by junk: the decoder's first error is found."""
    body = msgspec.to_builtins(data.draw(MAKING[kind]).answer)
    body = msgspec.json.decode(msgspec.json.encode(body))
    spots: list[tuple[Any, Any]] = []
    stack: list[Any] = [body]
    while stack:
        holder = stack.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            spots.append((holder, key))
            if isinstance(holder[key], dict | list):
                stack.append(holder[key])
    holder, key = data.draw(st.sampled_from(spots))
    holder[key] = junk
    error = refusal(body, Answer)
    if error is not None:
        errors = errors_of(body, Answer, error)
        assert as_told(error).param in {each.param for each in errors}
        assert "the value has the wrong shape" not in {each.message for each in errors}
