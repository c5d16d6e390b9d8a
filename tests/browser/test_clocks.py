"""A device whose clock is set while an attempt runs: the time left is the gateway's."""

from playwright.async_api import expect

from tests.browser.examples import BY_KIND
from tests.browser.site import Site
from tests.browser.visits import Visits

ITEMS = (BY_KIND["short_text"].item("q1"),)
SET_THE_CLOCK = "by => { const now = Date.now; Date.now = () => now() + by }"
HOUR_MS = 3_600_000


async def test_a_clock_that_is_set_forward_ends_nothing(visits: Visits, site: Site) -> None:
    """The gateway is asked whether the time is over, and the time left is what it says; then the attempt goes on."""
    player, token = await visits.take(await site.publish(*ITEMS, time_limit_seconds=600))
    async with player.page.expect_response("**/v1/sessions/*?include=player"):
        await player.page.evaluate(SET_THE_CLOCK, HOUR_MS)
    await expect(player.frame.locator("#time-left")).to_contain_text("9:")
    await player.question("q1").get_by_role("textbox").fill("flood")
    await player.saved("q1")
    await player.submit()
    assert (await site.attempt(token))["status"] == "graded"


async def test_a_clock_that_is_set_back_gives_no_time(visits: Visits, site: Site) -> None:
    """What is shown goes on from where it was, and the end comes when it comes."""
    player, token = await visits.take(
        await site.publish(*ITEMS, time_limit_seconds=5, max_attempts=1, feedback_at="each_attempt")
    )
    await player.page.evaluate(SET_THE_CLOCK, -HOUR_MS)
    await expect(player.frame.locator("#time-left")).to_contain_text("0:0")
    await player.becomes("submitted")
    assert (await site.attempt(token))["status"] == "expired"
