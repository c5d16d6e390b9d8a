"""Which versions of the server's secrets the database still needs: one in use can't be removed."""

from datetime import datetime

from gateway.stores import Connection


async def pepper_uses(connection: Connection, now: datetime) -> dict[int, dict[str, int]]:
    """Count, for each pepper version, the living keys hashed under it and the unexpired claims fingerprinted under it.

    A key is hashed anew when it is used, a claim expires within the idempotency time: so old versions fall out of use.
    """
    rows = await connection.fetch(
        """select version, sum(api_keys) as api_keys, sum(claims) as claims
             from (select k.pepper_version as version, count(*) as api_keys, 0 as claims
                     from api_key k where key_lives(k, $1) group by 1
                   union all
                   select (get_byte(fingerprint, 0) << 24) + (get_byte(fingerprint, 1) << 16)
                          + (get_byte(fingerprint, 2) << 8) + get_byte(fingerprint, 3), 0, count(*)
                     from idempotency_claim where expires_at > $1 group by 1) counted
            group by version order by version desc""",
        now,
    )
    return {row["version"]: {"api_keys": int(row["api_keys"]), "claims": int(row["claims"])} for row in rows}


async def encryption_uses(connection: Connection) -> dict[int, dict[str, int]]:
    """Count, for each version of the encryption keys, the webhooks' secrets that it seals.

    Workers seal them anew under the newest version every ten minutes: so old versions fall out of use.
    """
    rows = await connection.fetch(
        """select (get_byte(sealed, 0) << 24) + (get_byte(sealed, 1) << 16) + (get_byte(sealed, 2) << 8)
                  + get_byte(sealed, 3) as version, count(*) as webhook_secrets
             from webhook_secret group by 1 order by 1 desc"""
    )
    return {row["version"]: {"webhook_secrets": int(row["webhook_secrets"])} for row in rows}
