"""Learners at their browsers: each visit is a context of its own, with storage, language and scheme of its own."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Frame, Locator, Page, expect

from tests.browser.site import Site, Token
from tests.browser.watching import Watch

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

    async def submit(self) -> None:
        """Submit, with a yes to every question on the way, and wait for the results."""
        await self.frame.locator("#submit").click()
        await self.becomes("submitted")


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
        """A browser as if just installed: nothing stored."""
        context = await self._browser.new_context(**DESK | options)
        self._stack.push_async_callback(context.close)
        watch = Watch()
        await watch.begin(context)
        visit = Visit(context, watch)
        self._visits.append(visit)
        return visit

    async def take(self, assessment_id: str, learner_ref: str | None = None, **options: Any) -> tuple[Player, Token]:
        """A learner with a fresh token before the open player."""
        token = await self.site.token(assessment_id, learner_ref)
        visit = await self.begin(**options)
        return await visit.open(token), token

    def unexpected(self) -> list[str]:
        """What must not happen in any test."""
        return [text for visit in self._visits for text in visit.watch.unexpected()]
