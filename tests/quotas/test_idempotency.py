"""Idempotency keys and turns: what is a key, and who waits for whom."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotas.idempotency import ClaimScope, InProgress, KeyRefused, KeyTurns, parse_key

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=255)


def _scope(key: str = "k", center: str = "ctr_a") -> ClaimScope:
    return ClaimScope(center, "live", "POST", "/v1/x", center, key, (b"f",))


@given(PRINTABLE)
def test_quoted_and_bare_forms_are_one_key(key: str) -> None:
    """What is quoted as the draft says is the key that was quoted."""
    quoted = '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert parse_key([quoted.encode()]) == key
    bare = key.strip()
    if bare and not bare.startswith('"'):
        assert parse_key([key.encode()]) == bare


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ([b""], "is empty"),
        ([b'""'], "is empty"),
        ([b'"a'], "begins with a quotation mark and is no quoted string"),
        ([b'"a";x=1'], "begins with a quotation mark and is no quoted string"),
        ([b"k" * 256], "has 256 characters"),
        ([b"k\x00"], "has a character that is not printable ASCII, in place 2"),
        (["ä".encode("latin-1")], "has a character that is not printable ASCII, in place 1"),
        ([b"k", b"k"], "was sent 2 times"),
    ],
)
def test_what_is_no_key_is_refused_with_what_is_one(sent: list[bytes], found: str) -> None:
    """Empty, unbalanced, too long, not printable, sent twice: what was found is said, the text itself is not repeated."""
    refused = parse_key(sent)
    assert isinstance(refused, KeyRefused)
    assert refused.found == found
    assert refused.requirement


def test_no_header_is_no_key() -> None:
    """Absent is neither a key nor a mistake."""
    assert parse_key([]) is None


async def test_of_one_key_one_request_has_the_turn() -> None:
    """Twins follow one after the other, another center's same key at once; nothing is kept when all have gone."""
    turns = KeyTurns()
    deadline = asyncio.get_running_loop().time() + 10
    inside, most = 0, 0

    async def pass_through(scope: ClaimScope) -> None:
        nonlocal inside, most
        async with turns.take(scope, deadline):
            if scope.center_id == "ctr_a":
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

    await asyncio.gather(*(pass_through(_scope()) for _ in range(20)), pass_through(_scope(center="ctr_b")))
    assert most == 1
    assert turns._turns == {}


async def test_a_twin_that_does_not_end_is_named_at_the_deadline() -> None:
    """Waiting ends with InProgress, and holds nothing."""
    turns = KeyTurns()
    now = asyncio.get_running_loop().time()
    async with turns.take(_scope(), now + 10):
        with pytest.raises(InProgress):
            async with turns.take(_scope(), now + 0.01):
                pytest.fail("two have one turn")
    assert turns._turns == {}
