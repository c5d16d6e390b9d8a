"""Credentials that only we read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.emails import checked_email, folded
from gateway.errors import InvalidEmail
from gateway.opaque import INVITATION, REFRESH, make_opaque, read_opaque
from gateway.redaction import looks_secret


def test_what_was_made_is_read() -> None:
    """By its digest, under its own prefix alone; no two are alike."""
    token = make_opaque(REFRESH)
    assert read_opaque(REFRESH, token.text) == token.digest
    assert read_opaque(INVITATION, token.text) is None
    assert make_opaque(REFRESH).digest != token.digest
    assert len(token.digest) == 32
    assert token.text not in repr(token)


def test_no_log_shows_one() -> None:
    """Redaction knows the look of both."""
    for prefix in (REFRESH, INVITATION):
        assert looks_secret(f"it was {make_opaque(prefix).text}.")


@given(st.integers(0, 52), st.sampled_from("Aa0-_é "))
def test_a_changed_character_is_seen_without_a_look_up(place: int, other: str) -> None:
    """The checksum tells junk from tokens."""
    text = make_opaque(REFRESH, b"\x17" * 32).text
    changed = text[:place] + other + text[place + 1 :]
    assert (read_opaque(REFRESH, changed) is None) == (changed != text)


@pytest.mark.parametrize(
    "text", ["", "cgr_", "cgr_" + "A" * 49, "cgr_rFle62vzt4pDbGvRgApNfXVYn9k-3FLNocuywlxGcgw", "é" * 53]
)
def test_junk_is_none(text: str) -> None:
    """Nothing, too little, a wrong checksum."""
    assert read_opaque(REFRESH, text) is None


@pytest.mark.parametrize(
    "email",
    ["ada@school.example", "Ada.Lovelace+maths@Math.School.example", "o'neill@a.example", f"{'a' * 64}@b.example",
     "x@xn--mller-kva.example", "1@1.example"],
)  # fmt: skip
def test_addresses_are_taken_as_given(email: str) -> None:
    """And folded for comparison alone."""
    assert checked_email(email) == email
    assert folded(email) == email.lower()


@pytest.mark.parametrize(
    "email",
    ["", "ada", "@school.example", "ada@", "ada@school", "ada@@school.example", "a da@school.example", ".a@b.example",
     "a..b@c.example", "a@-b.example", "a@b-.example", "a@b..example", "a@b.example.", "a@b.example\n", "ada@müller.example",
     "ädä@school.example", f"{'a' * 65}@b.example", f"a@{'b' * 64}.example", "a@" + "b." * 120 + "example", "a@b.exa\0mple",
     '"a b"@c.example', "a@[127.0.0.1]", "<a@b.example>"],
)  # fmt: skip
def test_what_is_no_address_is_refused_unseen(email: str) -> None:
    """400 at its field, which is not repeated."""
    with pytest.raises(InvalidEmail) as refused:
        checked_email(email, "admin_email")
    assert refused.value.param == "admin_email"
    assert not email or email not in refused.value.message
