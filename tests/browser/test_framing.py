"""The player in pages of others: at the token's origin alone, which is told what happens, and nobody else."""

from typing import Any

from playwright.async_api import Page, expect

from tests.browser.examples import BY_KIND
from tests.browser.hosts import Hosts
from tests.browser.site import Site, Token
from tests.browser.visits import Player, Visits

ITEM = BY_KIND["single_choice"].item("q1")


async def framed(visits: Visits, url: str) -> tuple[Page, Player]:
    """A host's page, and the player in its frame."""
    visit = await visits.begin()
    page = await visit.page()
    await page.goto(url)
    return page, await in_frame(page)


async def in_frame(page: Page) -> Player:
    """The player in the page's frame."""
    frame = await (await page.locator("iframe").element_handle()).content_frame()
    assert frame is not None
    return Player(frame)


async def told(page: Page, kind: str) -> dict[str, Any]:
    """Wait for the first message of a kind that the page got; the message and where it said it came from."""
    found = await page.wait_for_function(
        "kind => window.told.find(({data}) => data.type === `coursegate:${kind}`)", arg=kind
    )
    message: dict[str, Any] = await found.json_value()
    return message


async def embedded(site: Site, hosts: Hosts, origin: str | None) -> Token:
    await site.allow(hosts.origin, hosts.other_origin)
    assessment = await site.publish(ITEM)
    return await site.token(assessment) if origin is None else await site.token(assessment, origin=origin)


async def test_the_right_origin_is_told_what_happens(visits: Visits, site: Site, hosts: Hosts) -> None:
    """Ready, saved, submitted and the height needed, each from the gateway's origin."""
    token = await embedded(site, hosts, hosts.origin)
    page, player = await framed(visits, hosts.origin + hosts.framing(token.url))
    await player.becomes("ready")
    ready = await told(page, "ready")
    assert ready["origin"] == site.url
    assert ready["data"]["session_id"].startswith("ses_")
    assert (await told(page, "resize"))["data"]["height"] > 0
    await player.question("q1").get_by_role("radio").first.check()
    assert (await told(page, "saved"))["data"]["sequence"] == 1
    await player.submit()
    submitted = (await told(page, "submitted"))["data"]
    attempt = await site.attempt(token)
    assert (submitted["submission_id"], submitted["status"]) == (attempt["id"], "graded")
    messages = await page.evaluate("JSON.stringify(told)")
    assert not any(secret in messages for secret in (token.token, "cgs_", token.learner_ref, '"score'))


async def test_a_browser_that_keeps_nothing_for_frames_of_other_sites(visits: Visits, site: Site, hosts: Hosts) -> None:
    """A host at another site, and a browser that denies its frames all storage (as this one does): answers are saved and the host
    is told. After a reload of the frame the page says what to do, and a fresh token finds everything.
    """
    token = await embedded(site, hosts, hosts.other_origin)
    page, player = await framed(visits, hosts.other_origin + hosts.framing(token.url))
    await player.becomes("ready")
    assert await player.frame.evaluate("try { sessionStorage.length } catch (e) { e.name }") == "SecurityError"
    await player.question("q1").get_by_role("radio", name="The wind").check()
    await player.saved("q1")
    assert (await told(page, "saved"))["origin"] == site.url
    await player.frame.evaluate("void location.reload()")
    await expect(player.frame.locator('[data-code="session_lost"]')).to_be_visible()
    again = await site.token(token.assessment_id, token.learner_ref, origin=hosts.other_origin)
    _, fresh = await framed(visits, hosts.other_origin + hosts.framing(again.url))
    await fresh.saved("q1")
    await expect(fresh.question("q1").get_by_role("radio", name="The wind")).to_be_checked()


async def test_another_origin_shows_nothing_and_is_told_nothing(visits: Visits, site: Site, hosts: Hosts) -> None:
    """The browser refuses the frame: no page, no message, and the token is not spent."""
    token = await embedded(site, hosts, hosts.origin)
    path = hosts.framing(token.url)
    page, player = await framed(visits, hosts.other_origin + path)
    await page.wait_for_load_state("networkidle")
    assert await player.frame.locator("#player").count() == 0
    assert await page.evaluate("told") == []
    visits.forgive("frame-ancestors")
    visit = await visits.begin()
    there = await visit.page()
    await there.goto(hosts.origin + path)
    await (await in_frame(there)).becomes("ready")


async def test_a_token_without_an_origin_is_for_a_page_of_its_own(visits: Visits, site: Site, hosts: Hosts) -> None:
    """No frame shows it, at whatever origin; opened by itself it works, and tells nobody."""
    token = await embedded(site, hosts, None)
    page, player = await framed(visits, hosts.origin + hosts.framing(token.url))
    await page.wait_for_load_state("networkidle")
    assert await player.frame.locator("#player").count() == 0
    assert await page.evaluate("told") == []
    visits.forgive("frame-ancestors")
    visit = await visits.begin()
    await visit.open(token)


async def test_opened_in_a_window_the_opener_is_told_nothing(visits: Visits, site: Site, hosts: Hosts) -> None:
    """A token for a frame may be opened in a tab; what opened it gets no message, whatever its origin."""
    token = await embedded(site, hosts, hosts.origin)
    visit = await visits.begin()
    page = await visit.page()
    await page.goto(
        hosts.origin
        + hosts.page("<!doctype html><title>x</title><script>told = []; onmessage = m => told.push(m.data)</script>")
    )
    async with visit.context.expect_page() as opened:
        await page.evaluate("url => void open(url)", token.url)
    player = Player(await opened.value)
    await player.becomes("ready")
    await player.question("q1").get_by_role("radio").first.check()
    await player.saved("q1")
    assert await page.evaluate("told") == []
    await expect(player.question("q1")).to_be_visible()
