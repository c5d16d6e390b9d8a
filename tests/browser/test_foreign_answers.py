"""What asks for a sign-in to some network may answer 200 with JSON of its own: that is no answer of the gateway's."""

import pytest
from playwright.async_api import expect

from tests.browser.examples import BY_KIND
from tests.browser.site import Site
from tests.browser.test_trouble import SAVES, kept, write
from tests.browser.visits import Player, Visits

ITEMS = (BY_KIND["short_text"].item("q2"),)
FOREIGN = ("{}", "[]", "null", '"x"', '{"object": "submission"}')


@pytest.mark.parametrize("body", FOREIGN)
async def test_what_is_not_the_gateway_s_saves_nothing(visits: Visits, site: Site, body: str) -> None:
    """Only an answer that names the attempt and the save is one: until then the answer is not saved, and is sent again."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await player.page.route(SAVES, lambda route: route.fulfill(body=body, content_type="application/json"))
    await write(player, "flood")
    await player.question_becomes("q2", "unsaved")
    assert kept(await site.attempt(token)) == {}
    await player.page.unroute(SAVES)
    await player.saved("q2")
    assert kept(await site.attempt(token)) == {"q2": "flood"}


async def test_what_is_not_the_gateway_s_opens_nothing(visits: Visits, site: Site) -> None:
    """The page says that the server can't be reached, and begins at its button once it can."""
    visit = await visits.begin()
    page = await visit.page()
    opening = "**/v1/embed/sessions"
    await page.route(opening, lambda route: route.fulfill(body="{}", content_type="application/json"))
    await page.goto((await site.token(await site.publish(*ITEMS))).url)
    player = Player(page)
    await player.becomes("failed")
    await page.unroute(opening)
    await page.locator("#retry").click()
    await player.becomes("ready")
    await expect(player.question("q2")).to_be_visible()
