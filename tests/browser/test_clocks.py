"""A device whose clock is set while an attempt runs: the time left is the gateway's."""

from playwright.async_api import Route, expect

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


async def test_a_clock_that_is_set_forward_while_nobody_answers_ends_nothing(visits: Visits, site: Site) -> None:
    """Nobody says that the time is over: the learner works on, by a clock that nobody sets, until the gateway is asked again."""
    player, token = await visits.take(await site.publish(*ITEMS, time_limit_seconds=600))
    asked: list[str] = []

    async def refuse_twice(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) <= 2:
            await route.fulfill(status=503, content_type="text/html", body="<h1>Away</h1>")
        else:
            await route.continue_()

    await player.page.route("**/v1/sessions/*?include=player", refuse_twice)
    async with player.page.expect_response(lambda answer: "include=player" in answer.url and answer.ok):
        async with player.page.expect_response(lambda answer: answer.status == 503):
            await player.page.evaluate(SET_THE_CLOCK, HOUR_MS)
        field = player.question("q1").get_by_role("textbox")
        await expect(player.frame.locator("#time-left")).to_contain_text("9:")
        await expect(field).to_be_editable()
        await field.fill("flood")
    assert len(asked) == 3
    await expect(player.frame.locator("#time-left")).to_contain_text("9:")
    await player.saved("q1")
    await player.submit()
    assert (await site.attempt(token))["status"] == "graded"
