"""The bar with progress, saving and time stays in sight, whoever scrolls."""

import asyncio
from typing import Final

from playwright.async_api import Locator, Page

from tests.browser.examples import BY_KIND
from tests.browser.hosts import Hosts
from tests.browser.site import Site
from tests.browser.visits import PATIENCE_MS, Player, Visits

ITEMS: Final = tuple(BY_KIND["single_choice"].item(f"q{number}") for number in range(1, 9))
NEARLY: Final = 40
"""The bar goes in steps, and rests where the gap between two questions passes."""

SCHOOL: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A school</title>
<body style="margin:0"><h1 style="margin:0;height:300px">Tides</h1><iframe title="Quiz" src="%s" style="width:100%%;border:0;height:%s"></iframe>
<p style="height:600px">More of the course.</p>
<script>
const frame = document.querySelector('iframe')
addEventListener('message', ({data}) => {
  if (data.type === 'coursegate:resize' && '%s' === 'auto') frame.style.height = `${data.height}px`
})
</script></html>"""


async def framed(visits: Visits, site: Site, hosts: Hosts, height: str) -> tuple[Page, Player]:
    """A page that frames the player, as tall as it says or at a height of its own."""
    await site.allow(hosts.origin)
    token = await site.token(await site.publish(*ITEMS, time_limit_seconds=3600), origin=hosts.origin)
    page = await (await visits.begin()).page()
    await page.goto(hosts.origin + hosts.page(SCHOOL % (token.url, height, height)))
    frame = await (await page.wait_for_selector("iframe")).content_frame()
    assert frame is not None
    player = Player(frame)
    await player.becomes("ready")
    return page, player


async def stands_within(bar: Locator, low: float, high: float) -> None:
    """Wait until the bar's upper edge is between these, seen from the browser's."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while True:
            box = await bar.bounding_box()
            if box is not None and low <= box["y"] <= high:
                return
            await asyncio.sleep(0.02)


async def test_the_bar_follows_where_the_page_around_scrolls(visits: Visits, site: Site, hosts: Hosts) -> None:
    """In a frame as tall as its page the bar is at its place at first, and in sight at every place further down, so that the time
    left and an answer that is not saved are seen there too.
    """
    page, player = await framed(visits, site, hosts, "auto")
    bar = player.frame.locator(".bar")
    await stands_within(bar, 300, 300)
    for question in ("q3", "q7"):
        await player.question(question).scroll_into_view_if_needed()
        await page.mouse.wheel(0, 150)
        await stands_within(bar, -1, NEARLY)
    await page.evaluate("scrollTo(0, 0)")
    await stands_within(bar, 300, 300)


async def test_what_has_the_focus_is_not_under_the_bar(visits: Visits, site: Site, hosts: Hosts) -> None:
    """Going back by the keyboard brings each field into sight below the bar."""
    page, player = await framed(visits, site, hosts, "auto")
    bar = player.frame.locator(".bar")
    await player.frame.locator("#submit").focus()
    for _ in ITEMS:
        await page.keyboard.press("Shift+Tab")
        focused = player.frame.locator(":focus")
        await stands_within(bar, -1, NEARLY)
        field, above = await focused.bounding_box(), await bar.bounding_box()
        assert field is not None
        assert above is not None
        assert field["y"] + field["height"] > above["y"] + above["height"]


async def test_in_a_frame_that_scrolls_the_bar_sticks(visits: Visits, site: Site, hosts: Hosts) -> None:
    """A host may give the frame a height of its own: then the bar stays at the frame's upper edge."""
    _, player = await framed(visits, site, hosts, "400px")
    await player.question("q7").scroll_into_view_if_needed()
    bar = player.frame.locator(".bar")
    frame = await bar.evaluate("bar => bar.getBoundingClientRect().top")
    assert frame == 0
