"""Exporting a chain: pages of it, as fast as the reader takes them."""

import asyncio

from gateway.caller import Caller
from gateway.http.streams import NDJSON, Streamed, attachment, begun
from gateway.records.checkpoint_keys import public_keys, with_former
from gateway.records.exporting import lines_of
from gateway.services import Services


async def export(services: Services, caller: Caller) -> Streamed[bytes]:
    """Stream the chain of the caller's center and env."""
    keys = await asyncio.to_thread(public_keys, services.settings.checkpoint_keys_file)
    async with services.sql.session() as connection:
        keys = await with_former(connection, keys)
    parts = await begun(lines_of(services.sql, caller.center.id, caller.env, keys))
    return Streamed(parts, media_type=NDJSON, headers=attachment(f"{caller.center.id}-{caller.env}.ndjson"))
