"""A webhook's secrets as the database keeps them: sealed, and bound to their own row and center."""

from typing import Final

from gateway.keyring import Keyring, Unreadable
from gateway.log import log
from gateway.stores import SqlStore

TABLE: Final = "webhook_secret"


def seal(keyring: Keyring, secret: bytes, *, center_id: str, webhook_id: str, number: int) -> bytes:
    """What is stored of the webhook's secret with this number."""
    return keyring.seal(secret, table=TABLE, row=f"{webhook_id}:{number}", center=center_id)


def unseal(keyring: Keyring, sealed: bytes, *, center_id: str, webhook_id: str, number: int) -> bytes:
    """The secret. Raises Unreadable."""
    return keyring.unseal(sealed, table=TABLE, row=f"{webhook_id}:{number}", center=center_id)


async def seal_anew(sql: SqlStore, keyring: Keyring) -> None:
    """Bring secrets that an older key seals under the newest one, so that the older falls out of use."""
    newest = keyring.newest_encryption_key.to_bytes(4, "big")
    query = "select * from webhook_secret where substring(sealed from 1 for 4) <> $1"
    moved = 0
    async with sql.session() as connection:
        for row in await connection.fetch(query, newest):
            place = {"center_id": row["center_id"], "webhook_id": row["webhook_id"], "number": row["number"]}
            try:
                sealed = seal(keyring, unseal(keyring, row["sealed"], **place), **place)
            except Unreadable:
                log.error("webhook.secret_unreadable", webhook_id=row["webhook_id"], number=row["number"])
                continue
            await connection.execute(
                """update webhook_secret set sealed = $5
                    where center_id = $1 and env = $2 and webhook_id = $3 and number = $4 and sealed = $6""",
                row["center_id"],
                row["env"],
                row["webhook_id"],
                row["number"],
                sealed,
                row["sealed"],
            )
            moved += 1
    log.info("chore.sealed_anew", table=TABLE, rows=moved)
