"""API keys and the server's secrets: form, checksum, hashes, seals."""

from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.key_format import ALPHABET, KEY_LENGTH, make_key, parse_key
from gateway.keyring import CURSORS, FINGERPRINTS, KeyHash, Keyring, Unreadable

OLD, NEW = bytes(range(32)), bytes(range(40, 72))
SEALING = bytes(range(100, 132))


@pytest.fixture
def keyring() -> Keyring:
    return Keyring({1: OLD}, {1: SEALING})


@pytest.fixture
def rotated() -> Keyring:
    return Keyring({2: NEW, 1: OLD}, {2: NEW, 1: SEALING})


@pytest.mark.parametrize("env", ["live", "test"])
def test_a_made_key_is_read_back(env: str) -> None:
    """58 characters that say their env and public part."""
    made = make_key(env)  # type: ignore[arg-type]
    assert len(made.text) == KEY_LENGTH
    assert made.text.startswith(f"cg_{env}_{made.public_id}")
    assert parse_key(made.text) == made


@given(st.integers(0, KEY_LENGTH - 1), st.sampled_from(ALPHABET + "_ é"))
def test_one_changed_character_is_noticed(place: int, letter: str) -> None:
    """A slip of the hand is junk before anything is asked: the CRC-32 covers all of the key."""
    text = make_key("live").text
    changed = text[:place] + letter + text[place + 1 :]
    assert (parse_key(changed) is not None) == (changed == text)


@given(st.text(max_size=80))
def test_junk_is_no_key(text: str) -> None:
    """Whatever it is, reading it neither fails nor finds a key."""
    assert parse_key(text) is None


def test_the_checksum_is_the_crc_32_of_what_stands_before_it() -> None:
    """A worked example: other programs can check a key too."""
    made = make_key("live", choose=itemgetter(0))
    assert made.text == "cg_live_" + "0" * 44 + _base62(_crc("cg_live_" + "0" * 44))


def _crc(text: str) -> int:
    """CRC-32 by its definition, bit by bit."""
    remainder = 0xFFFFFFFF
    for byte in text.encode():
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0xEDB88320 if remainder & 1 else 0)
    return remainder ^ 0xFFFFFFFF


def _base62(number: int) -> str:
    return "".join(ALPHABET[number // 62**place % 62] for place in range(5, -1, -1))


def test_a_hash_matches_its_key_alone(keyring: Keyring) -> None:
    """The stored hash tells a key from every other, and is not the key."""
    key, other = make_key("live").text, make_key("live").text
    stored = keyring.hash_key(key)
    assert keyring.matches(key, stored)
    assert not keyring.matches(other, stored)
    assert key.encode() not in stored.digest
    assert len(stored.digest) == 32


def test_every_held_pepper_verifies_and_the_newest_makes(keyring: Keyring, rotated: Keyring) -> None:
    """Old hashes go on after a rotation; a version that is not held verifies nothing."""
    key = make_key("live").text
    old = keyring.hash_key(key)
    assert (old.pepper_version, rotated.hash_key(key).pepper_version) == (1, 2)
    assert rotated.matches(key, old)
    assert not keyring.matches(key, rotated.hash_key(key))
    assert not keyring.matches(key, KeyHash(9, old.digest))


def test_a_label_separates_uses(keyring: Keyring) -> None:
    """What was signed for one purpose serves no other."""
    signed = keyring.sign(CURSORS, b"message")
    assert keyring.verifies(CURSORS, b"message", signed)
    assert not keyring.verifies(FINGERPRINTS, b"message", signed)
    assert not keyring.verifies(CURSORS, b"other", signed)
    assert not keyring.verifies(CURSORS, b"message", b"")


def test_fingerprints_come_newest_first(keyring: Keyring, rotated: Keyring) -> None:
    """Under every held version, so that a rotation breaks no retry."""
    assert rotated.fingerprints(FINGERPRINTS, b"x")[1] == keyring.fingerprints(FINGERPRINTS, b"x")[0]


def test_a_seal_opens_in_its_own_place_alone(keyring: Keyring, rotated: Keyring) -> None:
    """Moved to another table, row or center, changed by a bit, or cut, it is unreadable; after a rotation it is not."""
    place = {"table": "webhook", "row": "wh_1", "center": "ctr_1"}
    sealed = keyring.seal(b"secret", **place)
    assert b"secret" not in sealed
    assert keyring.unseal(sealed, **place) == b"secret"
    assert rotated.unseal(sealed, **place) == b"secret"
    for elsewhere in ({"table": "x"}, {"row": "wh_2"}, {"center": "ctr_2"}):
        with pytest.raises(Unreadable):
            keyring.unseal(sealed, **place | elsewhere)
    for broken in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:20], b"", rotated.seal(b"secret", **place)):
        with pytest.raises(Unreadable):
            keyring.unseal(broken, **place)


def test_a_ring_shows_no_secret(rotated: Keyring) -> None:
    """Neither in a traceback nor in a log."""
    assert repr(rotated) == "Keyring(peppers=[2, 1], encryption_keys=[2, 1])"


@pytest.mark.parametrize("peppers", [{}, {1: b"short"}])
def test_weak_secrets_make_no_ring(peppers: dict[int, bytes]) -> None:
    """32 bytes each, and at least one version."""
    with pytest.raises(ValueError, match="peppers"):
        Keyring(peppers, {1: SEALING})
