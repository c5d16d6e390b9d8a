"""`/v1/embed/origins`: the pages that may hold the center's players."""

from typing import Annotated

from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from gateway.caller import Caller
from gateway.features.embed_origins import service
from gateway.features.embed_origins.schemas import OriginList, Origins
from gateway.guards import in_live, requires
from gateway.key_format import Env
from gateway.services import Services

OfEnv = Annotated[Env | None, QueryParameter(description="The key's own if left out; a test key reads test.")]


class EmbedOrigins(Controller):
    """Scheme, host and port, exactly: what `frame-ancestors` and `postMessage` go by."""

    path = "/v1/embed/origins"
    tags = ("Embedding",)

    @get(guards=[requires("manage:center")])
    async def show(
        self, caller: NamedDependency[Caller], services: NamedDependency[Services], env: OfEnv = None
    ) -> Origins:
        """List the origins whose pages may hold players."""
        return await service.get(services, caller, env)

    @put(guards=[requires("manage:center"), in_live("manage:center")])
    async def put(
        self, data: JSONBody[OriginList], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Origins:
        """Replace the list. Test keys read alone."""
        return await service.put(services, caller, data)
