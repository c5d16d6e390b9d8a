"""What a player shows, and the page that it is. Rule source: assessments, "Embedding"; security, "Output"."""

from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Raw, structs

from gateway import learner_tokens
from gateway.clock import as_datetime
from gateway.errors import AssessmentNotPublished, RouteNotFound
from gateway.features.own_center.schemas import ShownTheme, Theme
from gateway.features.player import store
from gateway.features.player.schemas import Player, PlayerSettings
from gateway.features.submissions import service as submissions
from gateway.http.preferences import Preferences
from gateway.published import Published
from gateway.services import Services
from gateway.stores import Connection, Record
from gateway.web import player_assets, player_page
from gateway.web.page_headers import file_headers
from gateway.web.player_assets import HOST_FILE, Asset

__all__ = [
    "HOSTS",
    "KEPT",
    "UNKEPT",
    "Asset",
    "asset",
    "host_file",
    "is_current",
    "of_attempt",
    "origin_of",
    "page",
    "with_trees",
]

KEPT: Final = file_headers("public, max-age=31536000, immutable")
UNKEPT: Final = file_headers("no-store")
"""Of a file that was asked for by another release's name: the page is older, or younger, than this process."""
HOSTS: Final = file_headers("public, max-age=300", for_everybody=True)
"""Of the script that other sites' pages include."""

_ASSETS: Final = player_assets.load()


async def of_attempt(connection: Connection, services: Services, row: Record, published: Published) -> Player:
    """What a player shows of an attempt but for its texts' trees (`with_trees`); `row` is the submission's, `published` its
    version.
    """
    place = (row["center_id"], row["env"], row["assessment_id"])
    found = await store.setting(connection, *place, row["learner_ref"])
    settings = published.settings
    checks = _least(settings.checks_per_question, found["checks_per_question"])
    used = await store.checks_used(connection, *place, row["learner_ref"]) if checks else {}
    try:
        max_attempts = (await services.published.current(connection, *place)).settings.max_attempts
    except AssessmentNotPublished:
        max_attempts = settings.max_attempts
    theme = msgspec.json.decode(found["theme"], type=Theme)
    return Player(
        now=as_datetime(services.clock.now_ms()),
        locale=found["locale"],
        center_name=found["name"],
        theme=ShownTheme(**structs.asdict(theme)),
        settings=PlayerSettings(
            checks_per_question=checks,
            feedback=settings.feedback,
            feedback_at=settings.feedback_at,
            autosave=settings.autosave,
            max_attempts=max_attempts,
            pass_percent=settings.pass_percent,
            time_limit_seconds=settings.time_limit_seconds,
        ),
        attempts_left=None if max_attempts is None else max(0, max_attempts - found["attempts"]),
        checks_left={item.id: max(0, checks - used.get(item.id, 0)) for item in published.items} if checks else {},
        description=published.description,
        rich=Raw(b"{}"),
        submission=await submissions.for_learner(connection, services, row, published),
    )


async def with_trees(services: Services, row: Record, player: Player) -> Player:
    """Add the trees of what its authors wrote; asked for where no connection is held, since making them may take a while."""
    name = (row["center_id"], row["env"], row["assessment_id"], row["assessment_version"])
    shown = player.submission
    return structs.replace(player, rich=await services.rich.of(name, shown.items, shown.title, player.description))


async def origin_of(services: Services, name: str) -> str | None:
    """Whose pages may hold the player at `/embed/{name}`, a token's or a session's; None: nobody's. What is no name of ours
    costs no statement. Raises StoreDown and Overloaded.
    """
    digest = learner_tokens.read(services.keyring, learner_tokens.EMBED, name)
    if digest is not None:
        async with services.sql.session() as connection:
            return await store.origin_of_token(connection, digest)
    session_id = learner_tokens.session_of_page(services.keyring, name)
    if session_id is not None:
        async with services.sql.session() as connection:
            return await store.origin_of_session(connection, session_id)
    return None


@lru_cache(maxsize=16)
def _page(language: str) -> Asset:
    return player_assets.made("text/html", player_page.render(language, f"assets/{_ASSETS.version}").encode())


def page(preferences: Preferences) -> Asset:
    """The page, in the reader's language if there are texts in it."""
    return _page(player_page.best_language(preferences.accept_language))


def is_current(release: str) -> bool:
    """Whether the files of this name are those of this process."""
    return release == _ASSETS.version


def asset(path: str) -> Asset:
    """A file of the player. Raises RouteNotFound."""
    found = _ASSETS.by_path.get(path)
    if found is None:
        raise RouteNotFound
    return found


def host_file() -> Asset:
    """What a host's page includes. Raises RouteNotFound."""
    return asset(HOST_FILE)


def _least(authored: int, plan: int | None) -> int:
    return authored if plan is None else min(authored, plan)
