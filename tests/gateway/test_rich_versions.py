"""Trees of authored texts: made once a version, by one for all who wait, and no more of them than memory is set apart for."""

import asyncio
from typing import Any

import msgspec

from gateway.keyring import Keyring
from gateway.presenting import present
from gateway.published import items_decoder
from gateway.rich_versions import RichVersions
from tests.gateway.features.assessments.authored import Json, choices, item
from tests.running import ENCRYPTION_KEYS, PEPPERS


def shown(stem: str) -> Any:
    """One question as a learner sees it."""
    authored: Json = item("single_choice", "q1", {"stem": stem, "choices": choices("A", "B")}, {"correct": "a"})
    authored["points"] = "1.00"
    items = items_decoder.decode(msgspec.json.encode([authored]))
    keyring = Keyring(PEPPERS.by_version, ENCRYPTION_KEYS.by_version)
    return present(items, keyring, seed="sub", shuffle=False)


async def test_who_waits_together_gets_the_same_trees() -> None:
    """Fifty at once: one making; who hangs up takes nothing from the others."""
    versions, name = RichVersions(), ("ctr", "live", "asmt", 1)
    asked = [asyncio.ensure_future(versions.of(name, shown("A **word**"), "A *title*")) for _ in range(50)]
    await asyncio.sleep(0)
    asked[0].cancel()
    made = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(made[0], asyncio.CancelledError)
    assert len({id(one) for one in made[1:]}) == 1
    assert msgspec.json.decode(made[1]).keys() == {"A **word**", "A *title*"}
    assert await versions.of(name, (), "") is made[1]


async def test_another_centers_version_of_the_same_name_is_another_one() -> None:
    """Center and env are part of the name."""
    versions = RichVersions()
    first = bytes(await versions.of(("ctr_a", "live", "asmt", 1), shown("**a**")))
    for name in (("ctr_b", "live", "asmt", 1), ("ctr_a", "test", "asmt", 1), ("ctr_a", "live", "asmt", 2)):
        assert bytes(await versions.of(name, shown("**b**"))) != first


async def test_the_least_used_is_forgotten_first() -> None:
    """So that memory has a bound."""
    versions = RichVersions(bytes_max=120)
    names = [("ctr", "live", "asmt", number) for number in range(3)]
    made = [await versions.of(name, shown(f"**{name[3]}** and more")) for name in names[:2]]
    assert await versions.of(names[0], ()) is made[0]
    await versions.of(names[2], shown("**2** and more"))
    assert await versions.of(names[0], ()) is made[0]
    assert bytes(await versions.of(names[1], ())) == b"{}"
