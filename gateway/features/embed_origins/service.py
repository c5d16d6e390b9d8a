"""Where a center's players may stand. Rule source: assessments, "Embedding"; security, "Keys and scopes"."""

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import InvalidField
from gateway.features.embed_origins import store
from gateway.features.embed_origins.schemas import OriginList, Origins
from gateway.key_format import Env
from gateway.origins import REQUIREMENT, is_origin
from gateway.services import Services


async def get(services: Services, caller: Caller, env: Env | None) -> Origins:
    """Return the env's origins; a test key reads those of test, whatever it asks for."""
    read = caller.env if env is None or caller.env == "test" else env
    async with services.sql.session() as connection:
        return Origins(env=read, origins=await store.origins(connection, caller.center.id, read))


async def put(services: Services, caller: Caller, data: OriginList) -> Origins:
    """Replace the env's origins. Players that are open stay; tokens for an origin that went open none any more.

    Raises InvalidField for what is no origin, or stands there twice.
    """
    env = data.env or caller.env
    for place, origin in enumerate(data.origins):
        if not is_origin(origin, env):
            raise InvalidField(f"origins[{place}]", REQUIREMENT)
        if origin in data.origins[:place]:
            raise InvalidField(f"origins[{place}]", "an origin that is not in the list yet")
    now = as_datetime(services.clock.now_ms())
    async with services.sql.session() as connection, connection.transaction():
        await store.replace(connection, caller.center.id, env, data.origins, now)
        found = await store.origins(connection, caller.center.id, env)
    return Origins(env=env, origins=found)
