"""Revoking API keys: one, with all that it made, or all that somebody made. In the caller's transaction, and with the keys
of all their centers held still until it ends. Rule source: security, "Keys and scopes".
"""

from gateway.clock import as_datetime
from gateway.errors import MissingScope
from gateway.features.api_keys import service as api_keys
from gateway.features.api_keys.service import Maker
from gateway.features.members import service as members
from gateway.features.revocations import store
from gateway.features.webhooks import service as webhooks
from gateway.stores import Connection


async def revoke(
    connection: Connection, maker: Maker, center_id: str, key_id: str, *, cascade: bool, now_ms: int
) -> list[str]:
    """Revoke the key, and with `cascade` all keys that it made, those made, and so on, with the webhooks of all of them and
    the invitations that nobody has joined by; returns the ids of the keys that were ended.

    Raises ApiKeyNotFound, and MissingScope where the key made keys of other centers and the maker may not provision.
    """
    await api_keys.lock_centers(connection, {center_id})
    await api_keys.find(connection, maker, center_id, key_id)
    ended = [key_id]
    if cascade:
        made = await store.made_by(connection, key_id)
        others = {row["center_id"] for row in made} - {center_id}
        if others and maker.scopes is not None and "provision:centers" not in maker.scopes:
            raise MissingScope(["provision:centers"])
        if others:
            # Keys of a provisioned center make keys of that center alone: a second look, all held, finds the last.
            await api_keys.lock_centers(connection, others)
            made = await store.made_by(connection, key_id)
        ended = [row["id"] for row in made]
        for each in sorted({row["center_id"] for row in made}):
            await members.withdraw_made_by(connection, each, ended, now_ms)
            await webhooks.withdraw_made_by(connection, each, ended, now_ms)
    return await store.revoke(connection, ended, as_datetime(now_ms))


async def revoke_made_by(connection: Connection, center_id: str, person_id: str, now_ms: int) -> list[str]:
    """Revoke the keys of the center that a person made, those made, and so on, with their webhooks, their open invitations and the
    person's own; returns the keys' ids.
    """
    await api_keys.lock_centers(connection, {center_id})
    ended = await store.made_by_person(connection, center_id, person_id)
    await members.withdraw_made_by(connection, center_id, [person_id, *ended], now_ms)
    await webhooks.withdraw_made_by(connection, center_id, [person_id, *ended], now_ms)
    return await store.revoke(connection, ended, as_datetime(now_ms))


async def revoke_unused(connection: Connection, center_id: str, partner_id: str, now_ms: int) -> list[str]:
    """Revoke the center's keys that keys of its partner made and nobody ever used; returns their ids."""
    unused = await store.unused(connection, center_id, partner_id)
    return await store.revoke(connection, unused, as_datetime(now_ms))
