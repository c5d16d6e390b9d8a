"""One question answered in two places: what was shown as saved stays the answer, and what was not is never thrown away."""

from playwright.async_api import Locator, Route, expect

from tests.browser.answering import answer
from tests.browser.examples import BY_KIND, EXAMPLES
from tests.browser.hands import Keyboard, Mouse
from tests.browser.site import Site, Token
from tests.browser.test_trouble import SAVES, kept, write
from tests.browser.visits import Player, Visits

ITEMS = (BY_KIND["single_choice"].item("q1"), BY_KIND["short_text"].item("q2"))


async def another_tab(player: Player) -> Player:
    """A second tab of the same session."""
    async with player.page.context.expect_page() as opened:
        await player.page.evaluate("void open(location.href)")
    other = Player(await opened.value)
    await other.becomes("ready")
    return other


def offer(player: Player, item_id: str = "q2") -> Locator:
    return player.question(item_id).locator(".offer")


class Losing:
    """Saves that arrive and whose answer does not; then saves that do not arrive; then the network is back."""

    def __init__(self, *, arrive: int, are_lost: int = 0) -> None:
        self._left = ["arrive"] * arrive + ["lost"] * are_lost

    async def __call__(self, route: Route) -> None:
        fate = self._left.pop(0) if self._left else "goes"
        if fate == "goes":
            await route.continue_()
            return
        if fate == "arrive":
            assert (await route.fetch()).ok
        await route.abort()


async def typed_offline_while_another_device_saves(visits: Visits, site: Site) -> tuple[Player, Token]:
    """A phone comes back with a fresh token; meanwhile a laptop was shown that the answer which was typed there is saved."""
    assessment = await site.publish(*ITEMS)
    phone, token = await visits.take(assessment)
    await write(phone, "flo")
    await phone.saved("q2")
    await phone.page.context.set_offline(offline=True)
    await write(phone, "flow?")
    await phone.question_becomes("q2", "unsaved")
    laptop, _ = await visits.take(assessment, token.learner_ref)
    await write(laptop, "flood")
    await laptop.saved("q2")
    await phone.page.context.set_offline(offline=False)
    await phone.becomes("failed")
    await expect(phone.left_over).to_have_value("flow?")
    await phone.page.goto((await site.token(assessment, token.learner_ref)).url)
    await phone.becomes("ready")
    return phone, token


async def test_an_older_draft_does_not_replace_what_was_saved_elsewhere(visits: Visits, site: Site) -> None:
    """The saved answer stays the answer, the draft stands beside it, is announced, and outlives a reload."""
    phone, token = await typed_offline_while_another_device_saves(visits, site)
    field = phone.question("q2").get_by_role("textbox").first
    await expect(phone.frame.locator("body > [role=status]")).to_contain_text("Another answer")
    for _ in range(2):
        await expect(field).to_have_value("flood")
        await phone.saved("q2")
        await expect(phone.left_over).to_have_value("flow?")
        await phone.page.reload()
        await phone.becomes("ready")
    await phone.question("q1").get_by_role("radio", name="The wind").check()
    await phone.saved("q1", "q2")
    assert kept(await site.attempt(token)) == {"q2": "flood"}


async def test_a_draft_beside_the_answer_is_used_by_keyboard(visits: Visits, site: Site) -> None:
    """One button puts it in the place of the answer, where it is saved as if it had just been typed."""
    phone, token = await typed_offline_while_another_device_saves(visits, site)
    await Keyboard(phone.page).press(offer(phone).get_by_role("button", name="Use this instead"))
    field = phone.question("q2").get_by_role("textbox")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("flow?")
    await expect(offer(phone)).to_have_count(0)
    await phone.saved("q2")
    assert kept(await site.attempt(token)) == {"q2": "flow?"}


async def test_a_draft_beside_the_answer_is_left_out_for_good(visits: Visits, site: Site) -> None:
    """Who does not want it says so once; the answer stays as it is."""
    phone, token = await typed_offline_while_another_device_saves(visits, site)
    await offer(phone).get_by_role("button", name="Leave it out").click()
    await expect(offer(phone)).to_have_count(0)
    await phone.page.reload()
    await phone.becomes("ready")
    await phone.saved("q2")
    await expect(offer(phone)).to_have_count(0)
    assert kept(await site.attempt(token)) == {"q2": "flood"}


async def test_a_draft_that_nobody_chose_is_shown_beside_the_result(visits: Visits, site: Site) -> None:
    """Submitted without a decision, it does not count, and is still there to read."""
    phone, token = await typed_offline_while_another_device_saves(visits, site)
    await phone.submit()
    await expect(phone.left_over).to_have_value("flow?")
    assert kept(await site.attempt(token)) == {"q2": "flood"}


async def test_a_save_that_is_tried_again_does_not_undo_a_later_one(visits: Visits, site: Site) -> None:
    """The first tab's save arrives and nobody tells it; what the second tab saves later stays, and the first tab's is offered
    in both: the second one never saw it.
    """
    first, token = await visits.take(await site.publish(*ITEMS))
    second = await another_tab(first)
    await first.page.route(SAVES, Losing(arrive=1, are_lost=2))
    await write(first, "flow")
    await first.question_becomes("q2", "unsaved")
    await write(second, "flood")
    await second.saved("q2")
    await first.saved("q2")
    await expect(first.question("q2").get_by_role("textbox").first).to_have_value("flood")
    for tab in (first, second):
        await expect(tab.left_over).to_have_value("flow")
    assert kept(await site.attempt(token)) == {"q2": "flood"}


async def test_a_tab_s_own_save_that_nobody_confirmed_is_no_other_answer(visits: Visits, site: Site) -> None:
    """What is typed on after a save whose answer was lost goes on, after a reload as well: the learner is asked nothing."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await player.page.route(SAVES, Losing(arrive=1, are_lost=1))
    await write(player, "ebb")
    await player.question_becomes("q2", "unsaved")
    await write(player, "ebb and flood")
    await player.saved("q2")
    await expect(offer(player)).to_have_count(0)
    assert kept(await site.attempt(token)) == {"q2": "ebb and flood"}
    await player.page.unroute(SAVES)
    await player.page.route(SAVES, Losing(arrive=1, are_lost=100))
    await write(player, "a spring tide")
    await player.question_becomes("q2", "unsaved")
    await write(player, "a spring tide, and ebb")
    await player.page.reload()
    await player.page.unroute(SAVES)
    await player.becomes("ready")
    await player.saved("q2")
    await expect(offer(player)).to_have_count(0)
    assert kept(await site.attempt(token)) == {"q2": "a spring tide, and ebb"}


async def test_answers_of_all_kinds_are_known_again(visits: Visits, site: Site) -> None:
    """The gateway writes an answer in its own way; the tab that sent it knows it again, and has nothing to ask."""
    player, token = await visits.take(await site.publish(*(each.item(each.kind) for each in EXAMPLES)))
    await player.page.route(SAVES, Losing(arrive=100))
    for each in EXAMPLES:
        given = each.answers()["right"]
        await answer(Mouse(player.page), player.question(each.kind), each.content, given)
    await player.question_becomes(EXAMPLES[-1].kind, "unsaved")
    await player.page.unroute(SAVES)
    await player.saved(*(each.kind for each in EXAMPLES))
    await expect(player.frame.locator(".offer")).to_have_count(0)
    assert len((await site.attempt(token))["answers"]) == len(EXAMPLES)


async def test_who_submits_is_shown_first_what_was_saved_elsewhere(visits: Visits, site: Site) -> None:
    """Where another answer took the place of what stands there, nothing is submitted before the learner has seen it."""
    first, token = await visits.take(await site.publish(*ITEMS))
    second = await another_tab(first)
    await first.page.route(SAVES, lambda route: route.abort())
    await write(first, "flow")
    await first.question_becomes("q2", "unsaved")
    await write(second, "flood")
    await second.saved("q2")
    await first.press_submit()
    await expect(first.frame.locator(".problems [role=alert]")).to_contain_text("elsewhere")
    await expect(first.left_over).to_have_value("flow")
    await expect(first.question("q2").get_by_role("textbox").first).to_be_focused()
    assert (await site.attempt(token))["status"] == "in_progress"
    await offer(first).get_by_role("button", name="Use this instead").click()
    await first.submit()
    assert kept(await site.attempt(token)) == {"q2": "flow"}


async def test_a_page_that_is_left_saves_once(visits: Visits, site: Site) -> None:
    """A browser tells a page twice that it goes: a second save would come under a number that is another page's to take."""
    player, token = await visits.take(await site.publish(*ITEMS))
    saves = []
    player.page.on("request", lambda request: saves.append(request.post_data) if request.method == "PUT" else None)
    await write(player, "flow")
    await player.page.evaluate("""() => {
        Object.defineProperty(document, "hidden", { value: true });
        document.dispatchEvent(new Event("visibilitychange"));
        window.dispatchEvent(new Event("pagehide"));
    }""")
    await player.saved("q2")
    assert len(saves) == 1
    assert kept(await site.attempt(token)) == {"q2": "flow"}


async def test_what_was_saved_while_another_tab_submits_is_shown(visits: Visits, site: Site) -> None:
    """The other tab's submit knows nothing of it: it is not graded, and stands beside the result to be read."""
    first, token = await visits.take(await site.publish(*ITEMS))
    second = await another_tab(first)

    async def save_meanwhile(route: Route) -> None:
        await write(second, "flood")
        await second.saved("q2")
        await route.continue_()

    await first.page.route("**/submit", save_meanwhile)
    await first.submit()
    await second.submit()
    await expect(second.left_over).to_have_value("flood")
    assert kept(await site.attempt(token)) == {}


async def test_nobody_submits_what_came_up_behind_the_question(visits: Visits, site: Site) -> None:
    """Another answer turns up while the player asks whether to submit: nothing is submitted before both were seen."""
    first, token = await visits.take(await site.publish(*ITEMS))
    second = await another_tab(first)
    await first.page.route(SAVES, lambda route: route.abort())
    await write(first, "flow")
    await first.question_becomes("q2", "unsaved")
    await write(second, "flood")
    await second.saved("q2")
    await first.page.locator("#submit").click()
    dialog = first.page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await first.page.unroute(SAVES)
    await first.page.evaluate("window.dispatchEvent(new Event('online'))")
    await expect(first.left_over).to_have_value("flow")
    await dialog.get_by_role("button", name="Submit now").click()
    await expect(first.page.get_by_role("alert")).to_contain_text("Nothing was submitted yet")
    assert (await site.attempt(token))["status"] == "in_progress"


async def test_what_is_offered_is_told_in_words(visits: Visits, site: Site) -> None:
    """A choice by its text: its id says nothing to anybody."""
    first, _ = await visits.take(await site.publish(*ITEMS))
    second = await another_tab(first)
    await first.page.route(SAVES, lambda route: route.abort())
    choices = first.question("q1").get_by_role("radio")
    await choices.first.check()
    await first.question_becomes("q1", "unsaved")
    await second.question("q1").get_by_role("radio").last.check()
    await second.saved("q1")
    text = await first.question("q1").locator("label", has=first.page.get_by_role("radio")).first.inner_text()
    await first.page.unroute(SAVES)
    await first.page.evaluate("window.dispatchEvent(new Event('online'))")
    await expect(first.left_over).to_have_value(text.strip())
