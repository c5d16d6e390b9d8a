"""Keys follow each other while gateways run: shown before they sign, verifying until nothing they signed lives."""

import base64
import json
from pathlib import Path

import pytest

from gateway.errors import InvalidToken, ServiceUnavailable
from gateway.ids import new_id
from gateway.private_files import write_private
from gateway.tokens import rotation
from gateway.tokens.access import AccessTokens, Claims
from gateway.tokens.key_file import TokenKey, WrongKeyFile, new_key, read_key_file, written
from gateway.tokens.ring import open_token_keys
from tests.clock import FrozenClock

ISSUER = "https://gateway.test"


class Gateway:
    """A process that signs and verifies by this file."""

    def __init__(self, file: Path, clock: FrozenClock) -> None:
        self.clock = clock
        self.tokens = AccessTokens(open_token_keys(file, clock.monotonic_seconds), ISSUER)

    def sign(self) -> bytes:
        now_ms = self.clock.now_ms()
        return self.tokens.make(
            person_id=new_id("usr", now_ms), center_id=new_id("ctr", now_ms), session_id=new_id("sid", now_ms), now_ms=now_ms
        ).encode()  # fmt: skip

    def accepts(self, token: bytes) -> bool:
        return isinstance(self.tokens.read(token, self.clock.now_ms()), Claims)

    def shows(self) -> set[str]:
        return {key["kid"] for key in json.loads(self.tokens.keys.jwks())["keys"]}


@pytest.fixture
def file(tmp_path: Path, clock: FrozenClock) -> Path:
    path = tmp_path / "jwt-keys.pem"
    write_private(path, written((new_key(1, clock.now_ms()),)))
    return path


def change(file: Path, keys: tuple[TokenKey, ...]) -> None:
    write_private(file, written(keys))


def test_a_new_key_is_shown_before_it_signs_and_the_old_one_verifies_after(file: Path, clock: FrozenClock) -> None:
    """Two gateways take a new key over at different times; at no moment does one refuse what the other signed."""
    early, late = Gateway(file, clock), Gateway(file, clock)
    old = read_key_file(file)
    before = early.sign()
    change(file, rotation.with_new(old, clock.now_ms()))
    new_kid = read_key_file(file)[0].kid
    clock.advance(5_000)
    assert early.shows() == {old[0].kid, new_kid}
    for _ in range(140):  # 11 minutes and more
        clock.advance(5_000)
        for token in (early.sign(), late.sign(), before):
            assert early.accepts(token)
            assert late.accepts(token)
    assert json.loads(_header(early.sign()))["kid"] == new_kid


def test_a_key_is_kept_until_its_tokens_are_over(file: Path, clock: FrozenClock) -> None:
    """The old key is needed for ten minutes until the new one signs, an hour of a token, and its leeway."""
    keys = rotation.with_new(read_key_file(file), clock.now_ms())
    assert rotation.needed_until_ms(keys, 2) is None
    assert rotation.needed_until_ms(keys, 1) == clock.now_ms() + 600_000 + 3_630_000
    gateway = Gateway(file, clock)
    change(file, keys)
    clock.advance(599_000)
    last = gateway.sign()
    clock.set((rotation.needed_until_ms(keys, 1) or 0) - 1_000)
    assert not gateway.accepts(last)


def test_a_key_that_is_taken_out_opens_nothing_more(file: Path, clock: FrozenClock) -> None:
    """What was verified by it and remembered is forgotten with it."""
    gateway = Gateway(file, clock)
    token = gateway.sign()
    assert gateway.accepts(token)
    change(file, (new_key(7, 0),))
    clock.advance(5_000)
    assert gateway.tokens.read(token, clock.now_ms()) is InvalidToken


def test_a_spoilt_file_changes_nothing(file: Path, clock: FrozenClock) -> None:
    """A gateway that runs goes on with the keys it has."""
    gateway = Gateway(file, clock)
    token = gateway.sign()
    write_private(file, "-----BEGIN PRIVATE KEY-----\n")
    clock.advance(5_000)
    assert gateway.accepts(token)
    file.unlink()
    clock.advance(5_000)
    assert gateway.accepts(gateway.sign())


def test_a_clock_that_steps_back_finds_a_key_that_signs(file: Path, clock: FrozenClock) -> None:
    """Before any key has begun, the oldest signs."""
    change(file, rotation.with_new(read_key_file(file), clock.now_ms()))
    gateway = Gateway(file, clock)
    clock.advance(-3_600_000)
    assert json.loads(_header(gateway.sign()))["kid"] == read_key_file(file)[1].kid


def test_without_a_file_nobody_signs(clock: FrozenClock) -> None:
    """There is nothing to show, nothing verifies, and signing in is unavailable."""
    tokens = AccessTokens(open_token_keys(None, clock.monotonic_seconds), ISSUER)
    assert json.loads(tokens.keys.jwks()) == {"keys": []}
    with pytest.raises(ServiceUnavailable):
        tokens.make(person_id="usr", center_id="ctr", session_id="sid", now_ms=0)


def test_only_public_halves_are_shown(file: Path, clock: FrozenClock) -> None:
    """The JWK set has no private member."""
    (shown,) = json.loads(Gateway(file, clock).tokens.keys.jwks())["keys"]
    assert set(shown) == {"kty", "crv", "use", "alg", "kid", "x"}
    assert "d" not in shown


def test_a_file_is_read_as_it_was_written(file: Path) -> None:
    """Versions, beginnings and keys."""
    keys = rotation.with_new(rotation.with_new(read_key_file(file), 1_700_000_000_123), 1_800_000_000_000)
    change(file, keys)
    assert [(key.version, key.from_ms, key.kid) for key in read_key_file(file)] == [
        (key.version, key.from_ms, key.kid) for key in keys
    ]
    assert [key.version for key in rotation.without(keys, 2)] == [3, 1]
    with pytest.raises(KeyError):
        rotation.without(keys, 9)


def test_keys_of_openssl_have_always_signed(tmp_path: Path) -> None:
    """PEM without our lines: versions are counted from the last."""
    path = tmp_path / "keys.pem"
    plain = [line for key in (new_key(2, 0), new_key(1, 0)) for line in written((key,)).splitlines()[1:]]
    write_private(path, "\n".join(plain) + "\n")
    assert [(key.version, key.from_ms) for key in read_key_file(path)] == [(2, 0), (1, 0)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "none"),
        ("something else", "none"),
        ("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "something else"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "can't be read"),
        ("\N{SNOWMAN}", "no text"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """With the reason, and without what it holds."""
    path = tmp_path / "keys.pem"
    write_private(path, text)
    with pytest.raises(WrongKeyFile, match=reason):
        read_key_file(path)


def test_a_file_that_others_can_read_is_refused(file: Path) -> None:
    """0600 or nothing."""
    for mode in (0o640, 0o604, 0o660):
        file.chmod(mode)
        with pytest.raises(WrongKeyFile, match="open to others"):
            read_key_file(file)


def test_keys_out_of_order_are_refused(file: Path) -> None:
    """Newest first, none twice."""
    first, second = new_key(2, 0), new_key(1, 0)
    for keys in ((second, first), (first, first)):
        change(file, keys)
        with pytest.raises(WrongKeyFile, match="in order"):
            read_key_file(file)


def _header(token: bytes) -> bytes:
    part = token.split(b".")[0]
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
