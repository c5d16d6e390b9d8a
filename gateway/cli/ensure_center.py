"""A center that is there with keys that work, however often it is asked for: what `dev` and `demo` stand on."""

from collections.abc import Sequence

from msgspec import Struct

from gateway.features.api_keys import service as api_keys
from gateway.features.api_keys.service import NewApiKey
from gateway.features.centers import service as centers
from gateway.features.orders import service as orders
from gateway.key_format import Env
from gateway.keyring import Keyring
from gateway.scopes import Scope
from gateway.stores import Connection


class KeyWish(Struct, frozen=True):
    """A key that shall be there; `kept` is its text from an earlier start, if one was kept."""

    name: str
    env: Env
    scopes: Sequence[Scope]
    kept: str | None = None


class EnsuredCenter(Struct, frozen=True):
    """The center and the texts of its keys, in the order of the wishes. Never log it."""

    center_id: str
    keys: tuple[str, ...]


async def ensure_center(
    connection: Connection,
    keyring: Keyring,
    *,
    name: str,
    subdomain: str,
    plan: str,
    keys: Sequence[KeyWish],
    now_ms: int,
    user: str = "dev",
) -> EnsuredCenter:
    """Make the center unless its subdomain has one, and a key for each wish whose kept one does not work (any more).
    All or nothing; what is there already stays as it is.
    """
    maker = api_keys.operator(user)
    async with connection.transaction():
        center_id = await centers.id_of(connection, subdomain)
        if center_id is None:
            center_id = await orders.create(
                connection, maker, name=name, subdomain=subdomain, plan_id=plan, now_ms=now_ms
            )
        texts = []
        for wish in keys:
            text = wish.kept
            if text is None or not await api_keys.still_opens(connection, keyring, center_id, text, now_ms):
                wanted = NewApiKey(name=wish.name, env=wish.env, scopes=list(wish.scopes))
                made = await api_keys.create(connection, keyring, maker, center_id, wanted, now_ms)
                text = made.key
            texts.append(text or "")
    return EnsuredCenter(center_id, tuple(texts))
