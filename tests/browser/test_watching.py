"""That the tests of this folder would see what they look for."""

import asyncio

from tests.browser.hosts import Hosts
from tests.browser.visits import Visits

VIOLATING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title>
<meta http-equiv="Content-Security-Policy" content="script-src 'self'; style-src 'self'; require-trusted-types-for 'script'">
<p id="here" style="color: red">x</p><img alt="" src="data:," onerror="window.ran = true"></html>"""

VIOLATED = ("style-src-attr", "script-src-attr", "require-trusted-types-for")


async def test_a_violated_policy_is_seen(visits: Visits, hosts: Hosts) -> None:
    """An inline style, an inline handler and an assignment of HTML are each told, and fail any test by themselves."""
    visit = await visits.begin()
    page = await visit.page()
    await page.goto(hosts.origin + hosts.page(VIOLATING))
    await page.evaluate("try { document.getElementById('here').innerHTML = '<b>x</b>' } catch { }")
    async with asyncio.timeout(10):
        while not all(part in "\n".join(visit.watch.violations) for part in VIOLATED):
            await asyncio.sleep(0.02)
    assert await page.evaluate("window.ran") is None
    visit.watch.violations.clear()


async def test_looking_at_a_page_violates_nothing(visits: Visits) -> None:
    """The tools of the tests get by with the policy of our pages, so that none of it has to be forgiven."""
    visit = await visits.begin()
    page = await visit.page()
    await page.goto(f"{visits.site.url}/docs")
    assert await page.locator("h1").first.inner_text()
    assert await page.evaluate("document.title")
    bodies = await visit.watch.bodies()
    assert any(b"content-security-policy" in body for _, body in bodies)
