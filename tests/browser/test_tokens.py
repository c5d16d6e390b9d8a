"""Tokens that open, tokens that don't, and where a token leaves no trace."""

import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.examples import BY_KIND
from tests.browser.hosts import Hosts
from tests.browser.site import Site
from tests.browser.visits import Player, Visits

ITEM = BY_KIND["single_choice"].item("q1")


async def refused(visits: Visits, url: str) -> Player:
    """The page that a person sees where no session begins: words, and no control that leads nowhere."""
    visit = await visits.begin()
    player = await visit.open(url, state="failed")
    await expect(player.frame.get_by_role("heading")).not_to_have_count(0)
    assert len(await player.frame.locator("main").inner_text()) > 20
    await expect(player.frame.locator("[data-item]")).to_have_count(0)
    return player


async def test_a_spent_token_says_so_in_another_browser(visits: Visits, site: Site) -> None:
    """A link that was used opens nothing elsewhere, and the session it opened goes on."""
    player, token = await visits.take(await site.publish(ITEM))
    other = await refused(visits, token.url)
    await player.question("q1").get_by_role("radio").first.check()
    await player.saved("q1")
    assert "cgs_" not in await other.page.content()


async def test_an_expired_token_says_so(visits: Visits, site: Site) -> None:
    """A link whose time is over spends nothing."""
    token = await site.token(await site.publish(ITEM))
    await site.expire(token)
    await refused(visits, token.url)


@pytest.mark.parametrize("made_up", ["cge_" + "A" * 43, "cge_short", "ses_" + "a" * 26 + ".x"])
async def test_a_token_that_never_was_says_so(visits: Visits, site: Site, made_up: str) -> None:
    """Junk and a well-formed token that nobody minted look alike: a plain page."""
    await refused(visits, f"{site.url}/embed/{made_up}")


async def test_each_refusal_has_its_own_words(visits: Visits, site: Site) -> None:
    """Used, expired and unknown are three things to do; the page says which."""
    assessment = await site.publish(ITEM)
    _, used = await visits.take(assessment)
    expired = await site.token(assessment)
    await site.expire(expired)
    pages = [await refused(visits, url) for url in (used.url, expired.url, f"{site.url}/embed/cge_{'A' * 43}")]
    assert len({await page.frame.locator("main").inner_text() for page in pages}) == 3


async def test_opening_the_page_spends_nothing_until_it_runs(visits: Visits, site: Site) -> None:
    """A link checker's GET and HEAD leave the token whole."""
    token = await site.token(await site.publish(ITEM))
    for method in ("GET", "HEAD"):
        for _ in range(2):
            await site.fetch(method, token.url)
    visit = await visits.begin()
    await visit.open(token)


async def test_a_spent_token_is_in_no_history_referrer_or_log(visits: Visits, site: Site, hosts: Hosts) -> None:
    """Not in the address, nor behind the back button, nor in any header the browser sends on; and no token or
    credential of any test is in what the gateway logs.
    """
    item = ITEM | {"content": ITEM["content"] | {"stem": f"[Tides]({hosts.origin}/read-more)"}}
    visit = await visits.begin()
    token = await site.token(await site.publish(item))
    player = await visit.open(token)
    assert "/embed/ses_" in player.page.url
    assert not await player.frame.evaluate("token => JSON.stringify(history.state ?? '').includes(token)", token.token)
    assert token.token not in await player.frame.evaluate("JSON.stringify({...sessionStorage})")
    await player.page.goto(hosts.origin + hosts.page("<!doctype html><title>Elsewhere</title>"))
    await player.page.go_back()
    await player.becomes("ready")
    spent = [sent for sent in visit.watch.sent if token.token in sent.url]
    assert [re.sub(r".*/embed/", "", sent.url) for sent in spent] == [token.token]
    assert not [sent for sent in visit.watch.sent if token.token in "".join(sent.headers.values())]
    assert not [head for head in hosts.headers if token.token in head]
    assert re.findall(r"cg[es]_[\w-]{20}", site.served.log.read_text()) == []


@pytest.mark.parametrize("fate", ["used", "expired", "invalid"])
async def test_a_token_that_opens_nothing_any_more_leaves_the_address(visits: Visits, site: Site, fate: str) -> None:
    """Nor is it left in the history; a reload says the same again."""
    token = await site.token(await site.publish(ITEM))
    if fate == "used":
        await (await visits.begin()).open(token)
    if fate == "expired":
        await site.expire(token)
    url = f"{site.url}/embed/cge_{'A' * 43}" if fate == "invalid" else token.url
    player = await refused(visits, url)
    words = await player.frame.locator("main").inner_text()
    assert player.page.url == f"{site.url}/embed/embed_token_{fate}"
    await player.page.reload()
    await player.becomes("failed")
    assert await player.frame.locator("main").inner_text() == words


async def test_a_token_whose_answer_was_lost_is_tried_again_and_then_explained(visits: Visits, site: Site) -> None:
    """What was not sent is sent again, with the token that the page still has. What was spent all the same is no link that
    somebody has used: the page says what happened, and where the quiz is opened.
    """
    token = await site.token(await site.publish(ITEM))
    visit = await visits.begin()
    page = await visit.page()
    await page.route("**/v1/embed/sessions", lambda route: route.abort())
    await page.goto(token.url)
    player = Player(page)
    await player.becomes("failed")
    await expect(page.locator(".failure")).to_contain_text("If the link does not work any more")
    await page.unroute("**/v1/embed/sessions")

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/v1/embed/sessions", lose, times=1)
    await page.locator("#retry").click()
    await expect(page.locator("#retry")).to_be_visible()
    await page.locator("#retry").click()
    await expect(page.locator('[data-code="answer_lost"]')).to_contain_text("go back to your course")
    assert token.token not in page.url


async def test_a_session_that_was_ended_by_the_host_says_so(visits: Visits, site: Site) -> None:
    """What the learner typed stays readable; nothing more is sent under it."""
    player, token = await visits.take(await site.publish(BY_KIND["essay"].item("q1")))
    await site.end_session(token)
    await player.question("q1").get_by_role("textbox").fill("The moon pulls at the sea.")
    await player.becomes("failed")
    await expect(player.left_over).to_have_value("The moon pulls at the sea.")
