"""Pressed twice where once was meant, and answered by something on the way: what is final or counted does not happen."""

from html import escape

import pytest
from playwright.async_api import Frame, Page, Route, expect

from tests.browser.examples import BY_KIND
from tests.browser.hosts import Hosts
from tests.browser.site import Site
from tests.browser.test_trouble import CHECKS, SAVES, write
from tests.browser.visits import Player, Visits

ITEMS = (BY_KIND["single_choice"].item("q1"), BY_KIND["short_text"].item("q2"))
FRAME = '<!doctype html><title>A school</title><script src="{gateway}/embed/coursegate-player.js"></script>{element}'


async def framed(visits: Visits, site: Site, hosts: Hosts, width: int) -> Player:
    """The player in a host's page as wide as a phone, in a frame as tall as its page."""
    await site.allow(hosts.origin)
    token = await site.token(await site.publish(*ITEMS), origin=hosts.origin)
    visit = await visits.begin(viewport={"width": width, "height": 1400})
    page = await visit.page()
    element = f'<coursegate-player src="{escape(token.url)}"></coursegate-player>'
    await page.goto(hosts.origin + hosts.page(FRAME.format(gateway=site.url, element=element)))
    frame = await (await page.wait_for_selector("coursegate-player iframe")).content_frame()
    assert isinstance(frame, Frame)
    player = Player(frame)
    await player.becomes("ready")
    await page.wait_for_function(
        "() => document.querySelector('coursegate-player').shadowRoot.querySelector('iframe').offsetHeight > 500"
    )
    return player


@pytest.mark.parametrize(("width", "height"), [(320, 0.5), (390, 0.5), (600, 0.2)])
async def test_a_double_click_on_submit_asks_and_submits_nothing(
    visits: Visits, site: Site, hosts: Hosts, width: int, height: float
) -> None:
    """The dialog opens beside the button, where the second click falls: it chooses nothing, and the dialog stays."""
    player = await framed(visits, site, hosts, width)
    box = await player.frame.locator("#submit").bounding_box()
    assert box is not None
    submitted: list[str] = []
    page: Page = player.page
    page.on("request", lambda request: submitted.append(request.url) if request.url.endswith("/submit") else None)
    await page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] * height)
    await expect(player.frame.locator("dialog")).to_be_visible()
    assert submitted == []
    await player.becomes("ready")
    await player.frame.locator("#submit-now").click()
    await player.becomes("submitted")
    assert len(submitted) == 1


async def test_an_answer_that_was_judged_costs_no_second_check(visits: Visits, site: Site) -> None:
    """Checked twice as it is, it is asked about once; changed, it is judged anew."""
    player, _ = await visits.take(await site.publish(*ITEMS, checks_per_question=2, feedback="score"))
    asked: list[str] = []

    async def count(route: Route) -> None:
        asked.append(route.request.url)
        await route.continue_()

    await player.page.route(CHECKS, count)
    question = player.question("q2")
    check = question.locator("[data-check]")
    await write(player, "ebb")
    await check.click()
    await player.question_becomes("q2", "wrong")
    await check.click()
    await expect(check).not_to_have_attribute("aria-busy", "true")
    assert len(asked) == 1
    await write(player, "flood")
    await check.click()
    await player.question_becomes("q2", "right")
    assert len(asked) == 2


async def test_a_check_whose_answer_is_lost_is_counted_once(visits: Visits, site: Site) -> None:
    """Nothing was counted, says the page, and asks again: what the gateway judged already is told once more."""
    player, _ = await visits.take(await site.publish(*ITEMS, checks_per_question=2, feedback="score"))
    lost: list[int] = []

    async def lose(route: Route) -> None:
        lost.append((await route.fetch()).status)
        await route.abort()

    await player.page.route(CHECKS, lose, times=1)
    question = player.question("q2")
    await write(player, "ebb")
    await question.locator("[data-check]").click()
    await expect(question.get_by_role("alert")).to_contain_text("offline")
    assert lost == [200]
    await question.locator("[data-check]").click()
    await player.question_becomes("q2", "wrong")
    await expect(question.locator(".checks-left")).to_contain_text("1 check left")


async def test_what_was_corrected_meanwhile_is_not_refused(visits: Visits, site: Site) -> None:
    """A save's refusal that comes after its answer was corrected is about nothing any more: the correction is saved."""
    player, token = await visits.take(await site.publish(*ITEMS))

    async def correct_meanwhile(route: Route) -> None:
        refused = await route.fetch()
        assert refused.status == 422
        await write(player, "flood")
        await route.fulfill(response=refused)

    await player.page.route(SAVES, correct_meanwhile, times=1)
    await write(player, "x" * 5_000)
    await player.saved("q2")
    await expect(player.question("q2").get_by_role("textbox")).not_to_have_attribute("aria-invalid", "true")
    assert (await site.attempt(token))["answers"][0]["answer"]["text"] == "flood"


async def test_nothing_can_be_written_while_it_is_submitted(visits: Visits, site: Site) -> None:
    """From the press of the button to the result the fields can be read alone: no word is typed that nobody grades."""
    player, token = await visits.take(await site.publish(*ITEMS, feedback="score", feedback_at="each_attempt"))
    field = player.question("q2").get_by_role("textbox")

    async def write_meanwhile(route: Route) -> None:
        await expect(field).not_to_be_editable()
        await field.press_sequentially(" and ebb")
        await route.continue_()

    await player.page.route("**/submit", write_meanwhile, times=1)
    await write(player, "flood")
    await player.submit()
    await expect(field).to_have_value("flood")
    await player.question_becomes("q2", "right")
    assert (await site.attempt(token))["answers"][0]["answer"]["text"] == "flood"


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_is_not_the_gateway_s_ends_no_session(visits: Visits, site: Site, status: int) -> None:
    """A proxy's page in place of a save's answer is a trouble that passes: the save is tried again, and arrives."""
    player, token = await visits.take(await site.publish(*ITEMS))
    answered: list[int] = []

    async def intercept(route: Route) -> None:
        answered.append(status)
        if len(answered) == 1:
            await route.fulfill(status=status, content_type="text/html", body="<h1>Sign in to this network</h1>")
        else:
            await route.continue_()

    await player.page.route(SAVES, intercept)
    await write(player, "ebb")
    await player.saved("q2")
    assert len(answered) == 2
    assert (await site.attempt(token))["answers"][0]["answer"]["text"] == "ebb"
