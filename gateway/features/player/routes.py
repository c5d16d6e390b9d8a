"""`/embed/{name}`: the player's page. `/embed/assets/…`: what it is made of. `/embed/coursegate-player.js`: for hosts.

A page says nothing of the token in its address: it is the same for any, but for whose frames it may stand in. Its script
spends the token.
"""

from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from gateway.errors import Overloaded, RouteNotFound, ServiceUnavailable
from gateway.features.player import service
from gateway.guards import also_answers, may_raise, needs_no_key
from gateway.http.preferences import Preferences
from gateway.services import Services
from gateway.web.page_headers import page_headers

TAGS = ("Embedding",)


@get(
    "/embed/{name:str}",
    tags=TAGS,
    guards=[needs_no_key],
    media_type="text/html",
    opt=may_raise(ServiceUnavailable, Overloaded),
)
async def page(
    name: FromPath[str], services: NamedDependency[Services], preferences: NamedDependency[Preferences]
) -> Response[bytes]:
    """Return the player's page, alike for any token; it may stand in frames of the token's origin alone. Nothing is spent."""
    headers = page_headers(await service.origin_of(services, name)) | {"Vary": "Accept-Language, Accept-Encoding"}
    return _file(service.page(preferences), preferences, headers)


@get(
    "/embed/assets/{release:str}/{file:path}",
    tags=TAGS,
    guards=[needs_no_key],
    sync_to_thread=False,
    media_type="text/javascript",
    opt=also_answers("text/css", "application/json") | may_raise(RouteNotFound),
)
def asset(release: FromPath[str], file: FromPath[str], preferences: NamedDependency[Preferences]) -> Response[bytes]:
    """Return a file of the player, to be kept for a year by its release's name."""
    found = service.asset(file.removeprefix("/"))
    return _file(found, preferences, service.KEPT if service.is_current(release) else service.UNKEPT)


@get(
    "/embed/coursegate-player.js",
    tags=TAGS,
    guards=[needs_no_key],
    sync_to_thread=False,
    media_type="text/javascript",
    opt=may_raise(RouteNotFound),
)
def host_file(preferences: NamedDependency[Preferences]) -> Response[bytes]:
    """Return the script that a host's page includes: the element `<coursegate-player>`."""
    return _file(service.host_file(), preferences, service.HOSTS)


def _file(found: service.Asset, preferences: Preferences, headers: dict[str, str]) -> Response[bytes]:
    if preferences.takes_gzip:
        return Response(found.compressed, media_type=found.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.plain, media_type=found.media_type, headers=headers)


PLAYER: Final = (page, asset, host_file)
