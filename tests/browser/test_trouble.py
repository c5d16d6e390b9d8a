"""Refusals while a learner works: nothing is lost, each is said where it was asked, and what can be tried again is."""

import json
from time import monotonic
from typing import Any, Final

from playwright.async_api import Route, expect

from tests.browser.examples import BY_KIND
from tests.browser.site import Site
from tests.browser.visits import Player, Visits

ITEMS: Final = (BY_KIND["single_choice"].item("q1"), BY_KIND["short_text"].item("q2"), BY_KIND["essay"].item("q3"))
SAVES: Final = "**/v1/submissions/*/answers"
CHECKS: Final = "**/v1/assessments/*/check"


async def write(player: Player, text: str, item_id: str = "q2") -> None:
    await player.question(item_id).get_by_role("textbox").fill(text)


def kept(attempt: dict[str, Any]) -> dict[str, str]:
    """The texts that the gateway has, by item."""
    return {given["item_id"]: given["answer"]["text"] for given in attempt["answers"] if "text" in given["answer"]}


class Refusing:
    """Refuses calls in the gateway's place, as often as it is told to; the others go through."""

    def __init__(self, times: int, status: int, code: str, retry_after: int | None = None, **details: Any) -> None:
        self.asked_at: list[float] = []
        self._left = times
        self._status = status
        self._headers = {"Content-Type": "application/json"}
        if retry_after is not None:
            self._headers["Retry-After"] = str(retry_after)
        self._body = json.dumps({"error": {"code": code, "message": "No.", "details": details}})

    async def __call__(self, route: Route) -> None:
        self.asked_at.append(monotonic())
        self._left -= 1
        if self._left < 0:
            await route.continue_()
        else:
            await route.fulfill(status=self._status, headers=self._headers, body=self._body)


async def test_a_save_that_comes_too_often_waits_as_long_as_it_is_told(visits: Visits, site: Site) -> None:
    """After a 429 nothing is sent before its `Retry-After`; until then the answer is shown as not saved."""
    player, token = await visits.take(await site.publish(*ITEMS))
    refusing = Refusing(1, 429, "retry_after_4", retry_after=4)
    await player.page.route(SAVES, refusing)
    await write(player, "flood")
    await player.question_becomes("q2", "unsaved")
    await player.saved("q2")
    assert len(refusing.asked_at) == 2
    assert refusing.asked_at[1] - refusing.asked_at[0] >= 4
    assert kept(await site.attempt(token)) == {"q2": "flood"}


async def test_a_gateway_that_is_away_for_a_moment_is_asked_again(visits: Visits, site: Site) -> None:
    """A 503, and a proxy's page in place of an answer, are tried again without the learner's doing."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await player.page.route(SAVES, Refusing(1, 503, "service_unavailable", retry_after=1))
    await write(player, "flood")
    await player.question_becomes("q2", "unsaved")
    await expect(player.frame.locator("#save-state")).to_have_attribute("data-state", "unsaved")
    await player.saved("q2")
    await player.page.unroute(SAVES)
    await player.page.route(SAVES, lambda route: route.fulfill(status=200, body="<h1>Sign in to this hotel</h1>"))
    await write(player, "ebb")
    await player.question_becomes("q2", "unsaved")
    await player.page.unroute(SAVES)
    await player.saved("q2")
    assert kept(await site.attempt(token)) == {"q2": "ebb"}


async def test_an_answer_that_no_save_takes_holds_up_no_other(visits: Visits, site: Site) -> None:
    """A 422 to a save stands at its question alone: the others are saved, and what was saved of it before stays."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await write(player, "flood")
    await player.saved("q2")
    error = {"code": "too_long", "param": "answers[0].answer.text", "message": "too long", "limit": 5}
    refusing = Refusing(1, 422, "invalid_answer_format", errors=[error])
    await player.page.route(SAVES, refusing)
    await write(player, "flood and ebb")
    await player.question_becomes("q2", "unsaved")
    await expect(player.question("q2").get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    await write(player, "The Moon pulls.", "q3")
    await player.saved("q3")
    await player.question_becomes("q2", "unsaved")
    await expect(player.frame.locator("#save-state")).to_have_attribute("data-state", "refused")
    assert kept(await site.attempt(token)) == {"q2": "flood", "q3": "The Moon pulls."}
    await write(player, "ebb")
    await player.saved("q2", "q3")
    assert kept(await site.attempt(token)) == {"q2": "ebb", "q3": "The Moon pulls."}


async def test_too_much_text_says_so_and_is_saved_once_it_is_shorter(visits: Visits, site: Site) -> None:
    """Above what one request may hold, waiting helps nobody: the bar and the button say what does."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await player.page.route(SAVES, Refusing(1, 413, "body_too_large"))
    await player.page.route("**/submit", Refusing(1, 413, "body_too_large"))
    await write(player, "flood and much more")
    await expect(player.frame.locator("#save-state")).to_contain_text("shorten an answer")
    await player.press_submit()
    await expect(player.frame.locator(".problems [role=alert]")).to_contain_text("too long")
    await write(player, "flood")
    await player.saved("q2")
    assert kept(await site.attempt(token))["q2"] == "flood"


async def test_who_types_on_and_on_is_saved_now_and_then(visits: Visits, site: Site) -> None:
    """Typing without a pause is saved while it goes on, and so seldom that the limit of saves is never met."""
    player, token = await visits.take(await site.publish(*ITEMS))
    seen = Refusing(0, 429, "")
    await player.page.route(SAVES, seen)
    field = player.question("q3").get_by_role("textbox")
    until = monotonic() + 9
    while monotonic() < until:
        await field.press_sequentially("tide ", delay=60)
    assert seen.asked_at
    await player.saved("q3")
    gaps = [later - earlier for earlier, later in zip(seen.asked_at, seen.asked_at[1:], strict=False)]
    assert min(gaps) > 2
    assert kept(await site.attempt(token))["q3"].strip() == (await field.input_value()).strip()


async def test_a_check_that_failed_says_so_and_costs_nothing(visits: Visits, site: Site) -> None:
    """Refused for a while, or offline: the words stand at the question, and the next try is judged."""
    player, _ = await visits.take(await site.publish(*ITEMS, checks_per_question=1, feedback="score"))
    question = player.question("q1")
    await question.get_by_role("radio", name="The Moon").check()
    check = question.locator("[data-check]")
    await player.page.route(CHECKS, Refusing(1, 429, "retry_after_7", retry_after=7))
    await check.click()
    await expect(question.get_by_role("alert")).to_contain_text("7 seconds")
    await player.page.context.set_offline(offline=True)
    await check.click()
    await expect(question.get_by_role("alert")).to_contain_text("offline")
    await player.page.context.set_offline(offline=False)
    await check.click()
    await player.question_becomes("q1", "right")
    await expect(check).to_be_hidden()


async def test_a_submit_that_failed_can_be_tried_again(visits: Visits, site: Site) -> None:
    """Offline nothing is submitted and nothing is lost: the words stand above the button, which works once more."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await write(player, "ebb")
    await player.page.context.set_offline(offline=True)
    await player.press_submit()
    await expect(player.frame.locator(".problems [role=alert]")).to_contain_text("offline")
    await player.page.context.set_offline(offline=False)
    await player.submit()
    assert kept(await site.attempt(token)) == {"q2": "ebb"}


async def test_a_page_that_could_not_begin_begins_at_a_button(visits: Visits, site: Site) -> None:
    """Too many at once, then no gateway: each has its words, and the token is good for the try that gets through."""
    visit = await visits.begin()
    page = await visit.page()
    await page.route("**/v1/embed/sessions", Refusing(1, 429, "retry_after_3", retry_after=3))
    await page.goto((await site.token(await site.publish(*ITEMS))).url)
    player = Player(page)
    await player.becomes("failed")
    await expect(page.locator(".failure")).to_contain_text("3 seconds")
    await visit.context.set_offline(offline=True)
    await page.locator("#retry").click()
    await expect(page.locator(".failure")).to_have_attribute("data-code", "unreachable")
    await visit.context.set_offline(offline=False)
    await page.locator("#retry").click()
    await player.becomes("ready")


async def test_what_came_too_late_is_still_there_to_read(visits: Visits, site: Site) -> None:
    """Answers typed offline when the time ran out don't count, and are shown beside the result."""
    player, token = await visits.take(await site.publish(*ITEMS, time_limit_seconds=6, feedback_at="each_attempt"))
    await player.page.context.set_offline(offline=True)
    await write(player, "flood")
    await player.question_becomes("q2", "unsaved")
    await expect(player.frame.locator("#submit")).to_be_hidden()
    await player.page.context.set_offline(offline=False)
    await player.becomes("submitted")
    await expect(player.left_over).to_have_value("flood")
    assert kept(await site.attempt(token)) == {}


async def test_where_nothing_is_saved_the_end_of_the_time_still_counts_all(visits: Visits, site: Site) -> None:
    """With `autosave: off` nothing is sent while it is typed, and all of it at the last moment."""
    player, token = await visits.take(await site.publish(*ITEMS, time_limit_seconds=6, autosave="off"))
    await write(player, "ebb")
    await player.question_becomes("q2", "answered")
    assert kept(await site.attempt(token)) == {}
    await player.becomes("submitted")
    assert kept(await site.attempt(token)) == {"q2": "ebb"}


async def test_the_time_left_is_announced_twice(visits: Visits, site: Site) -> None:
    """Five minutes and one minute before the end a screen reader is told, and not each second."""
    visit = await visits.begin()
    page = await visit.page()
    await page.clock.install()
    await page.goto((await site.token(await site.publish(*ITEMS, time_limit_seconds=600))).url)
    player = Player(page)
    await player.becomes("ready")
    said = page.locator("body > [role=status]")
    await page.clock.run_for(240_000)
    await expect(said).to_have_text("")
    await page.clock.run_for(62_000)
    await expect(said).to_contain_text("5:00 left")
    await page.clock.run_for(239_000)
    await expect(said).to_contain_text("1:00 left")
    await page.clock.resume()


async def test_leaving_is_asked_about_only_while_something_is_not_saved(visits: Visits, site: Site) -> None:
    """The browser's question comes for an unsaved answer, and for nothing else."""
    player, _ = await visits.take(await site.publish(*ITEMS))
    asked: list[str] = []

    async def note(dialog: Any) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    player.page.on("dialog", note)
    await player.page.context.set_offline(offline=True)
    await player.question("q2").get_by_role("textbox").press_sequentially("ebb")
    await player.question_becomes("q2", "unsaved")
    await player.page.close(run_before_unload=True)
    await expect(player.question("q2")).to_be_visible()
    assert asked == ["beforeunload"]
    await player.page.context.set_offline(offline=False)
    await player.saved("q2")
    async with player.page.expect_event("close"):
        await player.page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


async def test_a_reload_after_the_session_s_end_still_shows_what_was_typed(visits: Visits, site: Site) -> None:
    """The page can't show the questions any more, and gives back the words that never reached the gateway."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await player.page.context.set_offline(offline=True)
    await write(player, "flood")
    await player.question_becomes("q2", "unsaved")
    await site.end_session(token)
    await player.page.context.set_offline(offline=False)
    await player.page.reload()
    await player.becomes("failed")
    await expect(player.frame.locator(".failure")).to_have_attribute("data-code", "session_expired")
    await expect(player.left_over).to_have_value("flood")


async def test_a_submit_on_its_way_is_not_sent_twice(visits: Visits, site: Site) -> None:
    """The button says that it works, and pressing it again does nothing."""
    player, _ = await visits.take(await site.publish(*ITEMS))
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await player.page.route("**/submit", hold)
    await player.press_submit()
    button = player.frame.locator("#submit")
    await expect(button).to_have_attribute("aria-busy", "true")
    await button.click()
    await expect(player.frame.locator("dialog")).to_have_count(0)
    await held[0].continue_()
    await player.becomes("submitted")
    assert len(held) == 1


async def test_results_are_not_read_out_all_at_once(visits: Visits, site: Site) -> None:
    """A check is told as it comes; the verdicts of a whole attempt wait for whoever reads on."""
    settings = {"checks_per_question": 1, "feedback": "score", "feedback_at": "each_attempt"}
    player, _ = await visits.take(await site.publish(*ITEMS, **settings))
    question = player.question("q1")
    await question.get_by_role("radio", name="The Moon").check()
    await question.locator("[data-check]").click()
    await expect(question.get_by_role("status")).to_contain_text("This is right.")
    await player.submit()
    await expect(question.locator(".verdict-text")).to_be_visible()
    await expect(question.locator(".verdict")).not_to_have_attribute("role", "status")
