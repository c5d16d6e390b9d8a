"""A body that is no JSON: its sender reads where and why, and nothing of what stands there."""

import msgspec
import pytest

from gateway.errors import MalformedJson
from gateway.http.decoding import decode


def refusal(raw: bytes) -> MalformedJson:
    with pytest.raises(MalformedJson) as caught:
        decode(raw, msgspec.json.Decoder(dict[str, str]))
    return caught.value


@pytest.mark.parametrize(
    ("raw", "reason", "line", "column", "byte"),
    [
        (b'{"a":"x",}', "trailing comma in object", 1, 10, 9),
        (b'{\n "a": "x"\n "b": ""}', "expected ',' or '}'", 3, 2, 13),
        ('{"ä": "ö" 1}'.encode(), "expected ',' or '}'", 1, 11, 12),
        (b"{} x", "trailing characters", 1, 5, 4),
        (b"{'a': 1}", "object keys must be strings", 1, 2, 1),
        (b'{"a": "\\x"}', "invalid escape character in string", 1, 10, 9),
        (b'{"a": "b', "it ends too early", 1, 9, 8),
        (b'{"a":\n "\xff"}', "no UTF-8", 2, 3, 8),
    ],
)
def test_the_place_is_told(raw: bytes, reason: str, line: int, column: int, byte: int) -> None:
    """Line and column as editors count them, the byte from 0, and the decoder's reason."""
    problem = refusal(raw)
    assert problem.details == {"reason": reason, "line": line, "column": column, "byte": byte}
    assert problem.message.endswith(f": {reason}, near line {line}, column {column}.")


def test_what_has_no_place_is_told_in_words() -> None:
    """Half a pair of surrogates, which the decoder takes for an early end; and what is nested too deeply."""
    assert refusal(b'{"a": "\\ud800"}').message.endswith("it ends too early, or holds a lone surrogate.")
    assert refusal(b'{"a": ' + b"[" * 100_000).message == "The body is nested too deeply."


@pytest.mark.parametrize(
    "raw", [b'{"password": s3cret}', b'{"s3cret" 5}', b'{"a": "s3cret\n"}', b'"s3cret', b"s3cret\xff"]
)
def test_nothing_of_the_body_is_repeated(raw: bytes) -> None:
    """A fault may stand within a password."""
    problem = refusal(raw)
    assert "s3cret" not in f"{problem.message} {problem.details}"
    assert "s3" not in f"{problem.message} {problem.details}"
