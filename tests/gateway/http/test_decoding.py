"""Strict JSON: whatever bytes come, a typed value or a problem that can be acted on."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from gateway.errors import InvalidField, Problem, UnknownField
from gateway.http import Request
from gateway.http.decoding import decode


class Part(Request):
    text: str
    size: Annotated[int, Meta(ge=0)] = 0


class Whole(Request):
    name: str
    kind: Literal["a", "b"] = "a"
    parts: list[Part] = msgspec.field(default_factory=list)
    more: dict[str, int] = msgspec.field(default_factory=dict)


DECODER = msgspec.json.Decoder(Whole)


def status(raw: bytes) -> int:
    try:
        decode(raw, DECODER)
    except Problem as problem:
        return problem.status
    return 200


def refusal(raw: bytes) -> tuple[str, str | None]:
    with pytest.raises(Problem) as caught:
        decode(raw, DECODER)
    return caught.value.code, caught.value.param


@given(st.binary(max_size=300))
def test_any_bytes_are_a_value_or_a_problem(raw: bytes) -> None:
    """Nothing else is ever raised, so nothing a client sends is a 500."""
    assert status(raw) in {200, 400}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), st.lists))
def test_any_json_is_a_value_or_a_problem(value: object) -> None:
    """The same for what is JSON: wrong types, huge integers, control characters."""
    for raw in (msgspec.json.encode({"name": value}), msgspec.json.encode({"name": "A", "more": {"k": value}})):
        assert status(raw) in {200, 400}


@pytest.mark.parametrize(
    ("raw", "code", "param"),
    [
        (b'{"name": "A", "parts": [{"text": "x"}, {"text": 5}]}', "invalid_field", "parts[1].text"),
        (b'{"name": "A", "parts": [{}]}', "missing_required_field", "parts[0].text"),
        (b'{"name": "A", "parts": [{"text": "x", "colour": 1}]}', "unknown_field", "parts[0].colour"),
        (b'{"name": "A", "parts": [{"text": "x", "size": -1}]}', "invalid_field", "parts[0].size"),
        (b'{"name": "A", "kind": "c"}', "invalid_field", "kind"),
        (b'{"name": "A", "more": {"\\u0000": 1}}', "invalid_field", "more.�"),
        (b'{"name": "A", "more": {"k": 9223372036854775808}}', "invalid_field", "more.k"),
        (b'{"name": "A", "more": {"k": -9223372036854775809}}', "invalid_field", "more.k"),
        (b'{"nmae": "A" - at `$.x`"}', "malformed_json", None),
    ],
)
def test_the_place_is_a_path(raw: bytes, code: str, param: str | None) -> None:
    """Names are joined by dots, list items counted in brackets."""
    assert refusal(raw) == (code, param)


def test_the_largest_integers_pass() -> None:
    """64 bit, signed, to the last one."""
    value = decode(b'{"name": "A", "more": {"a": 9223372036854775807, "b": -9223372036854775808}}', DECODER)
    assert value.more == {"a": 2**63 - 1, "b": -(2**63)}


def test_digits_and_escapes_in_text_are_text() -> None:
    """Long numbers within strings, and an escape that is written out, are nobody's business."""
    value = decode(b'{"name": "12345678901234567890 \\\\u0000"}', DECODER)
    assert value.name == "12345678901234567890 \\u0000"


class Choosy(Request):
    text: Annotated[str, Meta(min_length=1, max_length=5)] | None = None
    form: Annotated[str, Meta(pattern=r"^it's[a-z]\Z")] = "it'sa"
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    share: Annotated[float, Meta(gt=0)] = 0.5
    several: Annotated[list[str], Meta(max_length=1)] = msgspec.field(default_factory=list)
    named: dict[str, int] = msgspec.field(default_factory=dict)
    flag: bool = False
    at: Annotated[datetime, Meta(tz=True)] | None = None
    either: str | int | None = None


@pytest.mark.parametrize(
    ("raw", "requirement"),
    [
        (b'{"text": 5}', "a string or null, not an integer"),
        (b'{"text": 5.5}', "a string or null, not a decimal number"),
        (b'{"text": ""}', "a string of length >= 1"),
        (b'{"form": "x"}', "text of the form in the documentation"),
        (b'{"count": 1.0}', "an integer, not a decimal number"),
        (b'{"count": null}', "an integer, not null"),
        (b'{"count": 10}', "an integer <= 9"),
        (b'{"share": "x"}', "a number, not a string"),
        (b'{"share": 0}', "a number > 0.0"),
        (b'{"several": {}}', "an array, not an object"),
        (b'{"several": ["a", "b"]}', "an array of length <= 1"),
        (b'{"several": [true]}', "a string, not a boolean"),
        (b'{"named": []}', "an object, not an array"),
        (b'{"flag": 1}', "a boolean, not an integer"),
        (b'{"at": "tomorrow"}', "a time as RFC 3339 has it"),
        (b'{"at": "2026-11-30T00:00:00"}', "a time as RFC 3339 has it, with its zone"),
        (b'{"at": 5}', "a time as RFC 3339 has it or null, not an integer"),
        (b'{"either": []}', "an integer or a string or null, not an array"),
        (b"[]", "an object, not an array"),
    ],
)
def test_types_are_called_as_json_calls_them(raw: bytes, requirement: str) -> None:
    """Who calls need not know in which language we read it, nor how we write patterns."""
    with pytest.raises(InvalidField) as caught:
        decode(raw, msgspec.json.Decoder(Choosy))
    assert caught.value.details["requirement"] == requirement


class Left(Request, tag="left"):
    a: int = 0


class Right(Request, tag="right"):
    b: int = 0


class Wide(Request):
    side: Left | Right | None = None
    one: Left | None = None
    parts: list[Part] = msgspec.field(default_factory=list)


LONG = msgspec.defstruct("LONG", [(f"field_{n}", int, 0) for n in range(25)], bases=(Request,))


@pytest.mark.parametrize(
    ("raw", "kind", "allowed"),
    [
        (b'{"nmae": 1}', Whole, "; allowed: name, kind, parts, more"),
        (b'{"parts": [{"txt": 1}]}', Wide, "; allowed: text, size"),
        (b'{"one": {"b": 1}}', Wide, "; allowed: type, a"),
        (b'{"side": {"type": "left", "b": 1}}', Wide, ""),
        (b'{"x": 1}', LONG, f"; allowed: {', '.join(f'field_{n}' for n in range(20))} and 5 more"),
    ],
)
def test_an_unknown_field_is_told_with_those_that_there_are(raw: bytes, kind: Any, allowed: str) -> None:
    """As they are declared, and not too many; where it depends on the kind of object, none is guessed."""
    with pytest.raises(UnknownField) as caught:
        decode(raw, msgspec.json.Decoder(kind))
    assert caught.value.details["requirement"] == f"it is no field of this request{allowed}"


def test_what_is_wrong_with_the_whole_comes_first() -> None:
    """Malformed beats unknown: the same body is always called the same."""
    assert refusal(b'{"colour": 1, "name": ') == ("malformed_json", None)


def test_a_refusal_repeats_no_value() -> None:
    """What stands in a field may be a secret: requirements speak of what is allowed."""
    for raw in (b'{"name": "A", "kind": "cg_live_secret"}', b'{"name": 12345}', b'{"name": "A", "more": "s3cret"}'):
        with pytest.raises(Problem) as caught:
            decode(raw, DECODER)
        said = f"{caught.value.message} {caught.value.details}"
        assert "secret" not in said
        assert "12345" not in said
        assert "s3cret" not in said


class Later(Request):
    name: str = ""
    part: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


@pytest.mark.parametrize(
    ("raw", "code", "param"),
    [
        (rb'{"part": [{"a": "\u0000"}]}', "invalid_field", "part[0].a"),
        (rb'{"part": {"\u0000": 1}}', "invalid_field", "part.\x00"),
        (b'{"part": [99999999999999999999]}', "invalid_field", "part[0]"),
        (b'{"part": [' + b"9" * 5000 + b"]}", "invalid_field", None),
        (b'{"part": [' + b"[" * 5000 + b"99999999999999999999" + b"]" * 5000 + b"]}", "malformed_json", None),
        (rb'{"part": ["\ud800", 99999999999999999999]}', "malformed_json", None),
    ],
)
def test_what_is_read_later_is_searched_for_hostile_values_at_once(raw: bytes, code: str, param: str | None) -> None:
    """A part that is kept as it came holds neither U+0000 nor an integer beyond 64 bit."""
    with pytest.raises(Problem) as caught:
        decode(raw, msgspec.json.Decoder(Later))
    assert caught.value.code == code
    if param is not None:
        assert caught.value.param == param.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def test_what_is_read_later_is_kept_as_it_came() -> None:
    """Byte for byte, digits in texts included."""
    found = decode(b'{"part": [ "99999999999999999999" ]}', msgspec.json.Decoder(Later))
    assert bytes(found.part).strip() == b'[ "99999999999999999999" ]'
