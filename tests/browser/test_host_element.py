"""`<coursegate-player>`: what a host's page includes."""

from html import escape
from importlib.resources import files
from typing import Any

from playwright.async_api import Page

from tests.browser.examples import BY_KIND
from tests.browser.hosts import Hosts
from tests.browser.site import Site
from tests.browser.visits import Player, Visits

ITEM = BY_KIND["single_choice"].item("q1")

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A school</title><h1>Tides</h1>
<script>
window.heard = []
for (const name of ['ready', 'saved', 'submitted', 'resize', 'error'])
  addEventListener(`coursegate:${name}`, ({detail, target}) => heard.push({name, detail, tag: target.localName}))
</script>
<script src="%s/embed/coursegate-player.js"></script>
<div id="here">%s</div><div id="there"></div></html>"""


def element(src: str, more: str = 'label="Quiz on tides"') -> str:
    return f'<coursegate-player src="{escape(src)}" {more}>It needs scripts.</coursegate-player>'


async def school(visits: Visits, site: Site, hosts: Hosts, body: str) -> Page:
    """A host's page with this in it."""
    visit = await visits.begin()
    page = await visit.page()
    await page.goto(hosts.origin + hosts.page(PAGE % (site.url, body)))
    return page


async def inside(page: Page) -> Player:
    """The player in the element's frame, as soon as it is ready."""
    frame = await (await page.wait_for_selector("coursegate-player iframe")).content_frame()
    assert frame is not None
    player = Player(frame)
    await player.becomes("ready")
    return player


async def heard(page: Page, name: str, count: int = 1) -> dict[str, Any]:
    """Wait for the event that many times; the last one's detail."""
    found = await page.wait_for_function(
        "([name, count]) => heard.filter(one => one.name === name)[count - 1]", arg=[name, count]
    )
    event: dict[str, Any] = await found.json_value()
    assert event["tag"] == "coursegate-player"
    detail: dict[str, Any] = event["detail"]
    return detail


async def url_of(site: Site, hosts: Hosts, assessment: str, learner_ref: str | None = None) -> str:
    await site.allow(hosts.origin)
    return (await site.token(assessment, learner_ref, origin=hosts.origin)).url


async def test_a_page_hears_of_the_quiz_and_the_frame_is_as_tall(visits: Visits, site: Site, hosts: Hosts) -> None:
    """Ready, saved, submitted; the frame has a name, a height that shows all of it, and no more rights than it needs."""
    page = await school(visits, site, hosts, element(await url_of(site, hosts, await site.publish(ITEM))))
    player = await inside(page)
    assert (await heard(page, "ready"))["session_id"].startswith("ses_")
    height = (await heard(page, "resize"))["height"]
    frame = page.locator("coursegate-player iframe")
    await page.wait_for_function(
        "height => document.querySelector('coursegate-player').shadowRoot.querySelector('iframe').offsetHeight >= height",
        arg=height,
    )
    assert await frame.get_attribute("title") == "Quiz on tides"
    assert await frame.get_attribute("referrerpolicy") == "no-referrer"
    assert "allow-top-navigation" not in (await frame.get_attribute("sandbox") or "allow-top-navigation")
    await player.question("q1").get_by_role("radio").first.check()
    assert (await heard(page, "saved"))["sequence"] == 1
    await player.submit()
    assert (await heard(page, "submitted"))["status"] == "graded"


async def test_the_quiz_goes_on_where_the_element_is_moved_to(visits: Visits, site: Site, hosts: Hosts) -> None:
    """A frame that is moved loads anew, at the address of a token that was spent: the session is found again."""
    page = await school(visits, site, hosts, element(await url_of(site, hosts, await site.publish(ITEM))))
    player = await inside(page)
    await player.question("q1").get_by_role("radio").nth(1).check()
    await player.saved("q1")
    await page.evaluate("there.append(document.querySelector('coursegate-player'))")
    await heard(page, "ready", 2)
    player = await inside(page)
    assert await player.question("q1").get_by_role("radio").nth(1).is_checked()


async def test_a_new_address_goes_on_without_a_step_in_the_history(visits: Visits, site: Site, hosts: Hosts) -> None:
    """A fresh token for the same learner brings the open attempt back; the page's history is as long as before."""
    assessment = await site.publish(ITEM)
    page = await school(visits, site, hosts, element(await url_of(site, hosts, assessment, "lea")))
    player = await inside(page)
    await player.question("q1").get_by_role("radio").nth(2).check()
    await player.saved("q1")
    steps = await page.evaluate("history.length")
    await page.evaluate(
        "url => { document.querySelector('coursegate-player').src = url }", await url_of(site, hosts, assessment, "lea")
    )
    await heard(page, "ready", 2)
    player = await inside(page)
    assert await player.question("q1").get_by_role("radio").nth(2).is_checked()
    assert await page.evaluate("history.length") == steps
    assert await page.locator("coursegate-player iframe").count() == 1


async def test_what_others_say_is_not_heard(visits: Visits, site: Site, hosts: Hosts) -> None:
    """Messages of the page itself, of another frame at the gateway's origin and of other kinds are no events."""
    url = await url_of(site, hosts, await site.publish(ITEM))
    other = f'<iframe id="other" title="x" src="{site.url}/embed/coursegate-player.js"></iframe>'
    page = await school(visits, site, hosts, element(url) + other)
    player = await inside(page)
    await heard(page, "ready")
    await page.evaluate("postMessage({type: 'coursegate:submitted', status: 'forged by the page'}, '*')")
    await player.frame.evaluate("parent.postMessage({type: 'coursegate:imagined'}, '*')")
    await player.frame.evaluate("parent.postMessage('coursegate:saved', '*')")
    await player.frame.evaluate("parent.postMessage(null, '*')")
    await player.frame.evaluate("parent.postMessage({type: 'coursegate:error', code: 'the last of them'}, '*')")
    assert await heard(page, "error") == {"code": "the last of them"}
    assert await page.evaluate("heard.filter(({name}) => !['ready', 'resize', 'error'].includes(name))") == []
    visits.forgive("frame-ancestors")


async def test_two_elements_hear_their_own_frames(visits: Visits, site: Site, hosts: Hosts) -> None:
    """Both at the same origin: what one says is not the other's."""
    first, second = [await url_of(site, hosts, await site.publish(ITEM)) for _ in range(2)]
    page = await school(visits, site, hosts, element(first, 'id="first"') + element(second, 'id="second"'))
    await heard(page, "ready", 2)
    frames = await page.locator("coursegate-player iframe").element_handles()
    frame = await frames[1].content_frame()
    assert frame is not None
    await page.evaluate("addEventListener('coursegate:saved', ({target}) => { window.saver = target.id })")
    await Player(frame).question("q1").get_by_role("radio").first.check()
    await heard(page, "saved")
    assert await page.evaluate("window.saver") == "second"


async def test_a_frame_that_stays_silent_is_an_error(visits: Visits, site: Site, hosts: Hosts) -> None:
    """A token that is too old opens no session, so the player can tell nobody: the element does, after 20 seconds."""
    await site.allow(hosts.origin)
    old, fresh = [await site.token(await site.publish(ITEM), origin=hosts.origin) for _ in range(2)]
    await site.expire(old)
    visit = await visits.begin()
    visits.forgive("401")
    page = await visit.page()
    await page.clock.install()
    body = element(old.url, 'id="old"') + element(fresh.url, 'id="fresh"')
    await page.goto(hosts.origin + hosts.page(PAGE % (site.url, body)))
    frame = await (await page.wait_for_selector("#old iframe")).content_frame()
    assert frame is not None
    await Player(frame).becomes("failed")
    await heard(page, "ready")
    assert await page.evaluate("heard.filter(({name}) => name === 'error')") == []
    await page.clock.fast_forward(21_000)
    assert await heard(page, "error") == {"code": "not_ready"}
    assert await page.evaluate("heard.filter(({name}) => name === 'error').length") == 1


async def test_a_page_that_loads_again_and_says_nothing_is_an_error(visits: Visits, site: Site, hosts: Hosts) -> None:
    """Though one was heard before: a browser that keeps nothing for this frame has lost its session, and knows nobody to tell."""
    await site.allow(hosts.other_origin)
    token = await site.token(await site.publish(ITEM), origin=hosts.other_origin)
    visit = await visits.begin()
    page = await visit.page()
    await page.clock.install()
    await page.goto(hosts.other_origin + hosts.page(PAGE % (site.url, element(token.url))))
    player = await inside(page)
    await heard(page, "ready")
    await player.frame.evaluate("void location.reload()")
    await player.frame.locator('[data-code="session_lost"]').wait_for()
    await page.wait_for_load_state("networkidle")
    assert await page.evaluate("heard.filter(({name}) => name === 'error')") == []
    await page.clock.fast_forward(21_000)
    assert await heard(page, "error") == {"code": "not_ready"}


async def test_a_session_that_is_over_is_told_after_a_reload_too(visits: Visits, site: Site, hosts: Hosts) -> None:
    """The tab keeps whom its session may talk to: nobody waits for 20 seconds to hear that it has ended."""
    await site.allow(hosts.origin)
    token = await site.token(await site.publish(ITEM), origin=hosts.origin)
    page = await school(visits, site, hosts, element(token.url))
    await inside(page)
    await heard(page, "ready")
    await site.end_session(token)
    visits.forgive("401")
    await page.evaluate("there.append(document.querySelector('coursegate-player'))")
    assert await heard(page, "error") == {"code": "session_expired"}


async def test_only_what_is_saved_is_told_as_saved(visits: Visits, site: Site, hosts: Hosts) -> None:
    """A save that is refused is none, and one that leaves an answer unsaved is not the one to wait for."""
    items = BY_KIND["short_text"].item("q1"), BY_KIND["essay"].item("q2")
    page = await school(visits, site, hosts, element(await url_of(site, hosts, await site.publish(*items))))
    player = await inside(page)
    text, essay = (player.question(name).get_by_role("textbox") for name in ("q1", "q2"))
    await text.fill("x" * 5000)
    await player.question_becomes("q1", "unsaved")
    await essay.fill("The Moon pulls.")
    await player.saved("q2")
    assert await page.evaluate("heard.filter(({name}) => name === 'saved')") == []
    await text.fill("flood")
    await player.saved("q1", "q2")
    assert (await heard(page, "saved"))["sequence"] == 2


async def test_what_passes_is_no_error_to_the_host(visits: Visits, site: Site, hosts: Hosts) -> None:
    """A gateway that is away for a moment while somebody submits or checks: the player says so, and the quiz is as open as
    before.
    """
    assessment = await site.publish(ITEM, checks_per_question=2)
    page = await school(visits, site, hosts, element(await url_of(site, hosts, assessment)))
    player = await inside(page)
    await player.question("q1").get_by_role("radio").first.check()
    await player.saved("q1")
    await page.route("**/submit", lambda route: route.fulfill(status=503))
    await page.route("**/check", lambda route: route.abort())
    await player.question("q1").locator("[data-check]").click()
    await player.question("q1").locator("[role=alert]", has_text="could not be checked").wait_for()
    await player.press_submit()
    await player.frame.locator(".problems [role=alert]").wait_for()
    await page.unroute("**/submit")
    await player.submit()
    await heard(page, "submitted")
    assert await page.evaluate("heard.filter(({name}) => name === 'error')") == []


async def test_an_event_leaves_the_components_of_a_host(visits: Visits, site: Site, hosts: Hosts) -> None:
    """An element inside another one's shadow is heard on the page."""
    url = await url_of(site, hosts, await site.publish(ITEM))
    page = await school(visits, site, hosts, "")
    await page.evaluate(
        """url => {
            const player = document.createElement('coursegate-player')
            there.attachShadow({mode: 'open'}).append(player)
            player.src = url
        }""",
        url,
    )
    await page.wait_for_function("heard.some(({name, tag}) => name === 'ready' && tag === 'div')")


async def test_an_address_that_is_none_is_an_error(visits: Visits, site: Site, hosts: Hosts) -> None:
    """Nothing is opened, no script runs; an element without an address waits for one."""
    page = await school(
        visits, site, hosts, element("") + element("javascript:document.title='run'") + element("https://[")
    )
    await page.wait_for_function("heard.filter(({detail}) => detail.code === 'invalid_src').length === 2")
    assert await page.locator("coursegate-player iframe").count() == 0
    assert await page.title() == "A school"


async def test_an_element_made_by_script_works_and_leaves_nothing_behind(
    visits: Visits, site: Site, hosts: Hosts
) -> None:
    """Made, named, put in and taken out again: no listener stays, and the script may be included twice."""
    url = await url_of(site, hosts, await site.publish(ITEM))
    page = await school(visits, site, hosts, "")
    await page.add_script_tag(url=f"{site.url}/embed/coursegate-player.js")
    await page.evaluate(
        """url => {
            const player = document.createElement('coursegate-player')
            player.src = url
            player.title = 'By script'
            there.append(player)
        }""",
        url,
    )
    await inside(page)
    assert await page.locator("coursegate-player iframe").get_attribute("title") == "By script"
    await page.evaluate("document.querySelector('coursegate-player').setAttribute('label', 'Renamed')")
    assert await page.locator("coursegate-player iframe").get_attribute("title") == "Renamed"
    await page.evaluate("document.querySelector('coursegate-player').remove()")
    assert await page.evaluate("document.querySelectorAll('iframe').length") == 0


async def test_the_script_is_small() -> None:
    """3 KB as it stands, before it is compressed."""
    assert len(files("gateway").joinpath("web", "player", "coursegate-player.js").read_bytes()) <= 3 * 1024
