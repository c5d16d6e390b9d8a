"""What was shown as saved is kept, whatever happens to the page; what was not is sent as soon as it can be."""

from playwright.async_api import expect

from tests.browser.examples import BY_KIND
from tests.browser.site import Site
from tests.browser.visits import Player, Visits

ITEMS = (BY_KIND["single_choice"].item("q1"), BY_KIND["short_text"].item("q2"), BY_KIND["essay"].item("q3"))


async def pick(player: Player, text: str = "The wind") -> None:
    await player.question("q1").get_by_role("radio", name=text).check()


async def write(player: Player, text: str, item_id: str = "q2") -> None:
    await player.question(item_id).get_by_role("textbox").fill(text)


def texts(attempt: dict[str, object], item_id: str = "q2") -> list[str]:
    """What the gateway has of a text."""
    answers = attempt["answers"]
    assert isinstance(answers, list)
    return [given["answer"]["text"] for given in answers if given["item_id"] == item_id]


async def test_a_reload_goes_on_where_it_was(visits: Visits, site: Site) -> None:
    """Answers that were saved and an answer that was only just typed are there again, at an address without the token."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await pick(player)
    await player.saved("q1")
    await write(player, "ebb and fl")
    await player.page.reload()
    await player.becomes("ready")
    await expect(player.question("q1").get_by_role("radio", name="The wind")).to_be_checked()
    await expect(player.question("q2").get_by_role("textbox")).to_have_value("ebb and fl")
    await player.saved("q1", "q2")
    assert token.token not in player.page.url


async def test_the_token_s_address_opened_again_goes_on_in_the_same_tab(visits: Visits, site: Site) -> None:
    """Going back to the link that a host gave is no dead end, although its token is spent."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await pick(player)
    await player.saved("q1")
    await player.page.goto(token.url)
    await player.becomes("ready")
    await player.saved("q1")


async def test_offline_for_a_while_loses_nothing(visits: Visits, site: Site) -> None:
    """What is typed without a network is shown as not saved, stays on the page, and is saved when the network is back."""
    player, token = await visits.take(assessment := await site.publish(*ITEMS))
    await pick(player)
    await player.saved("q1")
    await player.page.context.set_offline(offline=True)
    await write(player, "flood")
    await player.question_becomes("q2", "unsaved")
    await write(player, "The moon pulls.", "q3")
    await player.question_becomes("q3", "unsaved")
    await player.question_becomes("q1", "saved")
    assert texts(await site.attempt(token)) == []
    await player.page.context.set_offline(offline=False)
    await player.saved("q1", "q2", "q3")
    kept = await site.attempt(token)
    assert (texts(kept), texts(kept, "q3")) == (["flood"], ["The moon pulls."])
    assert kept["assessment_id"] == assessment


async def test_a_reload_without_a_network_and_back_loses_nothing(visits: Visits, site: Site) -> None:
    """What was typed offline outlives the page: the tab keeps it until the gateway has it."""
    player, token = await visits.take(await site.publish(*ITEMS))
    await player.page.context.set_offline(offline=True)
    await write(player, "flood")
    await player.question_becomes("q2", "unsaved")
    await player.page.context.set_offline(offline=False)
    await player.page.reload()
    await player.becomes("ready")
    await player.saved("q2")
    assert texts(await site.attempt(token)) == ["flood"]


async def test_nothing_shown_as_saved_is_lost_when_the_page_dies(visits: Visits, site: Site) -> None:
    """The moment it says saved, the page dies without a word; a fresh token finds the answers, in another browser."""
    assessment = await site.publish(*ITEMS)
    player, token = await visits.take(assessment)
    await pick(player)
    await write(player, "flood")
    await player.saved("q1", "q2")
    await visits.kill(player)
    again, _ = await visits.take(assessment, token.learner_ref)
    await again.saved("q1", "q2")
    await expect(again.question("q2").get_by_role("textbox")).to_have_value("flood")


async def test_two_tabs_of_one_session_keep_both_answers(visits: Visits, site: Site) -> None:
    """Each tab answers another question; neither save wipes out the other's, and the later answer to the same one counts."""
    player, token = await visits.take(await site.publish(*ITEMS))
    async with player.page.context.expect_page() as opened:
        await player.page.evaluate("void open(location.href)")
    other = Player(await opened.value)
    await other.becomes("ready")
    await pick(player)
    await player.saved("q1")
    await write(other, "flood")
    await other.saved("q1", "q2")
    await write(player, "The moon pulls.", "q3")
    await player.saved("q1", "q2", "q3")
    kept = await site.attempt(token)
    assert {given["item_id"] for given in kept["answers"]} == {"q1", "q2", "q3"}
    assert texts(kept) == ["flood"]


async def test_a_tab_that_submits_counts_what_another_tab_saved(visits: Visits, site: Site) -> None:
    """What one tab showed as saved is graded, though the tab that submits was open before and has never seen it."""
    player, token = await visits.take(await site.publish(*ITEMS[:2], feedback="score", feedback_at="each_attempt"))
    async with player.page.context.expect_page() as opened:
        await player.page.evaluate("void open(location.href)")
    other = Player(await opened.value)
    await other.becomes("ready")
    await pick(other, "The Moon and the Sun")
    await write(other, "flood")
    await other.saved("q1", "q2")
    await player.submit()
    await player.question_becomes("q1", "right")
    await expect(player.question("q2").get_by_role("textbox")).to_have_value("flood")
    kept = await site.attempt(token)
    assert {given["item_id"] for given in kept["answers"]} == {"q1", "q2"}


async def test_what_no_player_wrote_is_not_taken_for_answers(visits: Visits, site: Site) -> None:
    """Storage of the tab that was changed by hand: what is no kept answer is left out, and the page opens."""
    player, token = await visits.take(await site.publish(*ITEMS))
    submission_id = (await site.attempt(token))["id"]
    for kept in ('{"q1": null, "q2": "flood"}', "[null, 1]", '"q1"', "{"):
        keep = "([name, kept]) => sessionStorage.setItem(name, kept)"
        await player.page.evaluate(keep, [f"coursegate:{submission_id}", kept])
        await player.page.reload()
        await player.becomes("ready")
        await player.question_becomes("q2", "unanswered")


async def test_a_second_token_ends_the_first_session(visits: Visits, site: Site) -> None:
    """The newer page goes on with the attempt; the older one says that it ended, and what was typed there can be copied."""
    assessment = await site.publish(*ITEMS)
    first, token = await visits.take(assessment)
    await write(first, "flood")
    await first.saved("q2")
    second, _ = await visits.take(assessment, token.learner_ref)
    await second.saved("q2")
    await write(first, "flood and ebb")
    await first.becomes("failed")
    await expect(first.left_over).to_have_value("flood and ebb")
    await write(second, "ebb")
    await second.saved("q2")
    assert texts(await site.attempt(token)) == ["ebb"]


async def test_a_format_error_stands_at_its_field(visits: Visits, site: Site) -> None:
    """What can't be read as a number is refused at that field alone, in words that a screen reader finds; nothing is graded, the
    attempt is open, and the list of errors that takes the focus links to the field. Corrected, it leaves the list, and is
    graded.
    """
    player, token = await visits.take(await site.publish(BY_KIND["numeric"].item("n1"), BY_KIND["numeric"].item("n2")))
    field, other = (player.question(name).get_by_role("textbox") for name in ("n1", "n2"))
    await field.fill("twelve")
    await other.fill("24")
    await player.press_submit()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(other).not_to_have_attribute("aria-invalid", "true")
    described = await field.get_attribute("aria-describedby")
    assert described is not None
    assert all([await player.frame.locator(f"#{name}").inner_text() for name in described.split()])
    problems = player.frame.locator(".problems")
    await expect(problems.get_by_role("heading")).to_be_focused()
    await problems.get_by_role("link").click()
    await expect(field).to_be_focused()
    assert (await site.attempt(token))["status"] == "in_progress"
    await field.fill("12.4")
    await expect(field).not_to_have_attribute("aria-invalid", "true")
    await expect(problems.get_by_role("heading")).to_have_count(0)
    await player.submit()
    assert (await site.attempt(token))["status"] == "graded"
