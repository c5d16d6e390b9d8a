"""An attempt that ends while somebody still types: what was typed is shown, and nothing stands in front of the result."""

from playwright.async_api import Route, expect

from tests.browser.examples import BY_KIND
from tests.browser.site import Site
from tests.browser.test_trouble import SAVES, kept, write
from tests.browser.test_two_versions import another_tab
from tests.browser.visits import Visits

ITEMS = (BY_KIND["short_text"].item("q1"), BY_KIND["essay"].item("q2"))
TIDES = "The Moon pulls."


async def test_what_another_tab_s_submit_left_out_is_still_there_to_read(visits: Visits, site: Site) -> None:
    """An essay that was not saved when the other tab submitted is shown beside the result, after a reload as well."""
    first, token = await visits.take(await site.publish(*ITEMS))
    second = await another_tab(first)
    await first.page.route(SAVES, lambda route: route.abort())
    await write(first, TIDES)
    await first.question_becomes("q2", "unsaved")
    await write(second, "flood", "q1")
    await second.saved("q1")
    await second.submit()
    await first.page.unroute(SAVES)
    await first.becomes("submitted")
    await expect(first.left_over).to_have_value(TIDES)
    await first.page.reload()
    await first.becomes("submitted")
    await expect(first.left_over).to_have_value(TIDES)
    assert kept(await site.attempt(token)) == {"q1": "flood"}


async def test_what_is_typed_after_a_submit_whose_answer_was_lost_is_shown(visits: Visits, site: Site) -> None:
    """Nobody knew that it had arrived: what was typed on was not graded, and does not vanish."""
    player, token = await visits.take(await site.publish(*ITEMS))

    async def lose(route: Route) -> None:
        assert (await route.fetch()).ok
        await route.abort()

    await player.page.route("**/submit", lose, times=1)
    await write(player, TIDES)
    await player.press_submit()
    await expect(player.frame.locator(".problems [role=alert]")).to_contain_text("offline")
    await write(player, f"{TIDES} So does the Sun.")
    await player.becomes("submitted")
    await expect(player.left_over).to_have_value(f"{TIDES} So does the Sun.")
    assert kept(await site.attempt(token)) == {"q2": TIDES}


async def test_the_answer_of_the_tab_that_submitted_second_is_shown(visits: Visits, site: Site) -> None:
    """Two tabs submit at once: the one whose answer did not count shows it."""
    first, token = await visits.take(await site.publish(*ITEMS))
    second = await another_tab(first)
    await second.page.route(SAVES, lambda route: route.abort())

    async def after_the_first(route: Route) -> None:
        await first.submit()
        await route.continue_()

    await second.page.route("**/submit", after_the_first, times=1)
    await write(first, "flood", "q1")
    await write(second, TIDES)
    await second.submit()
    await expect(second.left_over).to_have_value(TIDES)
    await expect(first.left_over).to_have_count(0)
    assert kept(await site.attempt(token)) == {"q1": "flood"}


async def test_fields_that_were_held_for_a_submit_are_open_again_where_it_failed(visits: Visits, site: Site) -> None:
    """All kinds of fields are as they were before: whatever stands in the way of a submit, the learner works on."""
    items = [each.item(kind) for kind, each in BY_KIND.items()]
    player, _ = await visits.take(await site.publish(*items, autosave="off"))
    fields = "() => [...document.querySelectorAll('.field')].map((field) => field.outerHTML).join()"
    before = await player.page.evaluate(fields)
    await player.page.route("**/submit", lambda route: route.abort())
    await player.press_submit()
    await expect(player.frame.locator(".problems [role=alert]")).to_contain_text("offline")
    assert await player.page.evaluate(fields) == before


async def test_the_question_whether_to_submit_goes_when_the_time_is_over(visits: Visits, site: Site) -> None:
    """The result stands behind no dialog, and its heading has the focus."""
    player, _ = await visits.take(await site.publish(*ITEMS, time_limit_seconds=5, feedback_at="each_attempt"))
    await player.frame.locator("#submit").click()
    await expect(player.frame.locator("dialog")).to_be_visible()
    await player.becomes("submitted")
    await expect(player.frame.locator("dialog")).to_have_count(0)
    await expect(player.frame.locator("#result-title")).to_be_focused()


async def test_the_question_whether_to_submit_goes_with_the_session(visits: Visits, site: Site) -> None:
    """Opened elsewhere meanwhile: the words that say so stand behind no dialog."""
    assessment = await site.publish(*ITEMS)
    player, token = await visits.take(assessment)
    await write(player, "flood", "q1")
    await player.frame.locator("#submit").click()
    await visits.take(assessment, token.learner_ref)
    await player.becomes("failed")
    await expect(player.frame.locator("dialog")).to_have_count(0)
    await expect(player.frame.locator("#failure-title")).to_be_focused()
