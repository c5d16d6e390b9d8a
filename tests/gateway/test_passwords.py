"""Passwords cost what they must, off the event loop, and no more at once than a machine bears."""

import asyncio
from typing import Final

import pytest

from gateway.common_passwords import is_common
from gateway.errors import InvalidField, Overloaded
from gateway.passwords import RUNNING_MAX, WAITING_MAX, Cost, Passwords, require_uncommon

CHEAP: Final = Cost(1, 8, 1)
SLOW: Final = Cost(3, 65_536, 1)


async def test_a_password_is_right_or_wrong() -> None:
    """However a keyboard composes its letters; a hash says nothing and is never twice the same."""
    passwords = Passwords(CHEAP)
    stored = await passwords.hash("Käsekuchen ohne Boden")
    assert stored != await passwords.hash("Käsekuchen ohne Boden")
    assert stored.startswith("$argon2id$")
    assert (await passwords.check("Ka\N{COMBINING DIAERESIS}sekuchen ohne Boden", stored)).matches
    for wrong in ("Käsekuchen ohne boden", "Käsekuchen ohne Boden ", ""):
        assert not (await passwords.check(wrong, stored)).matches
    for nobody in (None, None, "no hash"):
        assert not (await passwords.check("Käsekuchen ohne Boden", nobody)).matches
    passwords.close()


async def test_the_cost_is_what_is_recommended() -> None:
    """Argon2id with 64 MiB and three passes, as RFC 9106 says for servers short of memory."""
    assert (await Passwords().hash("x")).startswith("$argon2id$v=19$m=65536,t=3,p=1$")


async def test_an_older_cost_is_raised_when_the_password_is_known() -> None:
    """The verdict brings the new hash; a wrong password brings none."""
    stored = await Passwords(CHEAP).hash("a passphrase of old")
    newer = Passwords(Cost(2, 16, 1))
    verdict = await newer.check("a passphrase of old", stored)
    assert verdict.matches
    assert verdict.rehashed is not None
    assert "m=16,t=2" in verdict.rehashed
    assert (await newer.check("a passphrase of old", verdict.rehashed)).rehashed is None
    assert (await newer.check("another", stored)).rehashed is None


async def test_two_run_and_thirty_two_wait_and_the_next_is_turned_away() -> None:
    """At once, and without a hash; when one is done, there is room again."""
    passwords = Passwords(SLOW)
    under_way = [asyncio.ensure_future(passwords.check("x", None)) for _ in range(RUNNING_MAX + WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await passwords.check("x", None)
    await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    assert not (await passwords.check("x", None)).matches
    assert not any(verdict.matches for verdict in await asyncio.gather(*under_way))
    passwords.close()


async def test_who_hangs_up_leaves_the_queue() -> None:
    """Places of those who wait no more are free at once; nobody hashes for them."""
    passwords = Passwords(SLOW)
    gone = [asyncio.ensure_future(passwords.check("x", None)) for _ in range(RUNNING_MAX + WAITING_MAX)]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    await asyncio.sleep(0)
    again = [asyncio.ensure_future(passwords.check("x", None)) for _ in range(WAITING_MAX)]
    assert not any(verdict.matches for verdict in await asyncio.gather(*again))
    passwords.close()


async def test_the_event_loop_goes_on_while_a_password_is_compared() -> None:
    """Hashes run in threads that leave the interpreter to others."""
    passwords = Passwords(SLOW)
    hashing = asyncio.ensure_future(passwords.check("x", None))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns >= 10


COMMON = (
    "password1234", "Password1234!", "P@ssw0rd1234", "passwordpassword", "pass-word-1234", "qwertyuiop12", "1q2w3e4r5t6y",
    "123456789012", "012345678901", "aaaaaaaaaaaa", "abababababab", "abcdefghijklm", "zyxwvutsrqponm", "letmeinletmein",
    "iloveyou2026", "Welcome2026!", "admin-admin-admin", "administrator", "trustnoone12", "thisismypassword",
    "qwertyuiopasdfghjklzxcvbnm", "ada@school.example", "ada.lovelace.1815", "monkeymonkeymonkey", "111111111111",
    "sunshine sunshine", "QWERTZUIOP123",
)  # fmt: skip
UNCOMMON = (
    "correct horse battery staple", "a good long passphrase", "tr0ub4dor&3-and-more", "Passwords are like underwear",
    "my-secret-passw0rd-for-tests", "u7Vq9!kLw2#zPd", "zwölf Boxkämpfer jagen", "supersecretpassword", "s3cure-Pa55phrase!",
)  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
def test_what_is_tried_first_is_refused(password: str) -> None:
    """Known words with numbers around them, walks over the keyboard, few letters, the person's own address."""
    email = "ada.lovelace@school.example" if "lovelace" in password else "ada@school.example"
    assert is_common(password, email)
    with pytest.raises(InvalidField) as refused:
        require_uncommon(password, "new", email)
    assert refused.value.param == "new"
    assert password not in str(refused.value.details) + refused.value.message


@pytest.mark.parametrize("password", UNCOMMON)
def test_what_is_not_guessed_soon_is_taken(password: str) -> None:
    """Phrases and mixtures, also where a common word is in them."""
    assert not is_common(password, "ada@school.example")
