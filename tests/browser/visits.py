"""Learners at their browsers: each visit is a context of its own, with storage, language and scheme of its own."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Error, Frame, Locator, Page, expect

from tests.browser.hands import Hands, Mouse
from tests.browser.site import Site, Token
from tests.browser.watching import CRASHED, Watch
from tests.running import Customer

PATIENCE_MS: Final = 20_000
"""Longer than anything takes on a busy machine."""

expect.set_options(timeout=PATIENCE_MS)

DESK: Final[dict[str, Any]] = {"viewport": {"width": 1000, "height": 800}, "locale": "en-US", "color_scheme": "light"}


class Player:
    """The player in a page, or in a frame of one."""

    def __init__(self, frame: Page | Frame) -> None:
        self.frame = frame

    @property
    def page(self) -> Page:
        return self.frame if isinstance(self.frame, Page) else self.frame.page

    async def becomes(self, state: str) -> None:
        """Wait until the player says of itself that it is loading, ready, submitted or failed."""
        await expect(self.frame.locator("html")).to_have_attribute("data-player", state)

    def question(self, item_id: str) -> Locator:
        return self.frame.locator(f'[data-item="{item_id}"]')

    async def question_becomes(self, item_id: str, state: str) -> None:
        """Wait until a question's frame shows this state."""
        await expect(self.question(item_id)).to_have_attribute("data-state", state)

    async def saved(self, *item_ids: str) -> None:
        """Wait until these questions are shown as saved."""
        for item_id in item_ids:
            await self.question_becomes(item_id, "saved")

    async def press_submit(self, hands: Hands | None = None) -> None:
        """Press the button, and the one that asks whether to submit all the same."""
        hands = hands or Mouse(self.page)
        await hands.press(self.frame.locator("#submit"))
        await hands.press(self.frame.locator("#submit-now"))

    async def submit(self, hands: Hands | None = None) -> None:
        """Submit, and wait for the results."""
        await self.press_submit(hands)
        await self.becomes("submitted")

    @property
    def left_over(self) -> Locator:
        """Texts that never reached the gateway, shown to be read and copied."""
        return self.frame.locator(".typed textarea")


class Visit:
    """One learner's browser."""

    def __init__(self, context: BrowserContext, watch: Watch) -> None:
        self.context = context
        self.watch = watch

    async def page(self) -> Page:
        """A new tab."""
        page = await self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        return page

    async def open(self, token: Token | str, *, state: str = "ready") -> Player:
        """Open the token's page in a new tab and wait for the player's state."""
        page = await self.page()
        await page.goto(token.url if isinstance(token, Token) else token)
        player = Player(page)
        await player.becomes(state)
        return player


class Visits:
    """All visits of one test."""

    def __init__(self, browser: Browser, site: Site, stack: AsyncExitStack) -> None:
        self.site = site
        self._browser = browser
        self._stack = stack
        self._visits: list[Visit] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, browser: Browser, site: Site) -> "AsyncGenerator[Visits, None]":
        """The visits of a test; at the end all are closed."""
        async with AsyncExitStack() as stack:
            yield cls(browser, site, stack)

    async def begin(self, **options: Any) -> Visit:
        """A browser as if just installed: nothing stored, at an address of its own (the gateway believes what it forwards), so
        that no two tests share what is counted by address.
        """
        address = IPv4Address(0x0A000000 + secrets.randbits(24))
        headers = {"extra_http_headers": {"X-Forwarded-For": str(address)}}
        context = await self._browser.new_context(**DESK | headers | options)
        self._stack.push_async_callback(context.close)
        watch = Watch()
        await watch.begin(context)
        visit = Visit(context, watch)
        self._visits.append(visit)
        return visit

    async def take(
        self, assessment_id: str, learner_ref: str | None = None, *, key: Customer | None = None, **options: Any
    ) -> tuple[Player, Token]:
        """A learner with a fresh token before the open player."""
        token = await self.site.token(assessment_id, learner_ref, key=key)
        visit = await self.begin(**options)
        return await visit.open(token), token

    async def kill(self, player: Player) -> None:
        """End the page's process as a crash does: no handler of the page runs any more."""
        self.forgive(CRASHED)
        wire = await player.page.context.new_cdp_session(player.page)
        async with player.page.expect_event("crash"):
            asked = asyncio.ensure_future(wire.send("Page.crash"))  # who is dead does not answer
        asked.cancel()
        with suppress(Error, asyncio.CancelledError):
            await asked

    def watch_of(self, player: Player) -> Watch:
        """What was seen of the visit in which the player is open."""
        return next(visit.watch for visit in self._visits if visit.context == player.page.context)

    def forgive(self, part: str) -> None:
        """This test provokes what holds this text; it is no failure."""
        for visit in self._visits:
            visit.watch.forgive(part)

    async def keep(self, folder: Path, name: str) -> None:
        """Keep what all pages look like, what they hold, and what went wrong in them."""
        folder.mkdir(parents=True, exist_ok=True)
        pages = [page for visit in self._visits for page in visit.context.pages]
        for number, page in enumerate(pages):
            with suppress(Error):
                await page.screenshot(path=folder / f"{name}-{number}.png", full_page=True)
                (folder / f"{name}-{number}.html").write_text(await page.content())
        told = [text for visit in self._visits for text in (*visit.watch.failed, *visit.watch.unexpected())]
        (folder / f"{name}.txt").write_text("\n".join(told))

    def unexpected(self) -> list[str]:
        """What must not happen in any test."""
        return [text for visit in self._visits for text in visit.watch.unexpected()]
