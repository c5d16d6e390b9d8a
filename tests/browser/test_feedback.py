"""What a learner is told, as the assessment's settings say, and how an attempt ends."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.answering import answer
from tests.browser.examples import BY_KIND
from tests.browser.hands import Mouse
from tests.browser.site import Site
from tests.browser.visits import Player, Visits

MATRIX, CHOICE, WORD, ESSAY = (BY_KIND[kind] for kind in ("choice_matrix", "single_choice", "short_text", "essay"))
OPEN: dict[str, Any] = {"max_attempts": None, "feedback_at": "each_attempt"}


async def fill(player: Player, item_id: str, kind: str, which: str = "right") -> None:
    """Answer a question as its example says."""
    example = BY_KIND[kind]
    await answer(Mouse(player.page), player.question(item_id), example.content, example.answers()[which])


async def test_without_feedback_nothing_is_told(visits: Visits, site: Site) -> None:
    """Level none: submitted, and that is all: no score, no state of any question, and none in what the browser got."""
    player, token = await visits.take(await site.publish(CHOICE.item("q1"), feedback="none"))
    await fill(player, "q1", "single_choice")
    await player.submit()
    await expect(player.question("q1")).to_have_attribute("data-state", "answered")
    await expect(player.frame.locator(".grade, .verdict-text")).to_have_count(0)
    assert (await site.attempt(token))["status"] == "graded"


async def test_with_scores_no_part_is_judged(visits: Visits, site: Site) -> None:
    """Level score: the question's state and points, no mark at any of its parts."""
    player, _ = await visits.take(await site.publish(MATRIX.item("q1"), feedback="score"))
    await fill(player, "q1", "choice_matrix", "partly")
    await player.submit()
    await player.question_becomes("q1", "partly")
    await expect(player.frame.locator(".grade")).to_contain_text("33")
    await expect(player.question("q1").locator(".kind-mark:visible")).to_have_count(0)


async def test_with_parts_each_filled_part_is_judged(visits: Visits, site: Site) -> None:
    """Level parts: a mark in words at each part that was filled in."""
    player, _ = await visits.take(await site.publish(MATRIX.item("q1"), feedback="parts"))
    await fill(player, "q1", "choice_matrix", "partly")
    await player.submit()
    await player.question_becomes("q1", "partly")
    marks = player.question("q1").locator(".kind-mark:visible")
    assert sorted([await mark.get_attribute("data-state") or "" for mark in await marks.all()])[:2] == [
        "right",
        "unanswered",
    ]
    assert all([await mark.inner_text() for mark in await marks.all()])


async def test_feedback_waits_for_the_last_attempt(visits: Visits, site: Site) -> None:
    """With two attempts and feedback at the last, the first tells nothing and says that there is another; the second tells."""
    assessment = await site.publish(CHOICE.item("q1"), max_attempts=2, feedback="score", feedback_at="last_attempt")
    first, token = await visits.take(assessment)
    await fill(first, "q1", "single_choice")
    await first.submit()
    await expect(first.frame.locator(".grade")).to_have_count(0)
    second, _ = await visits.take(assessment, token.learner_ref)
    await fill(second, "q1", "single_choice")
    await second.submit()
    await second.question_becomes("q1", "right")


@pytest.mark.parametrize("level", ["score", "parts"])
async def test_checks_are_counted_and_run_out(visits: Visits, site: Site, level: str) -> None:
    """A check says right or wrong, an edit takes the verdict away, the last check takes the button away, a reload keeps count."""
    player, _ = await visits.take(await site.publish(CHOICE.item("q1"), checks_per_question=2, feedback=level, **OPEN))
    button = player.question("q1").locator("[data-check]")
    await button.click()
    await player.question_becomes("q1", "unanswered")
    await fill(player, "q1", "single_choice", "wrong")
    await button.click()
    await player.question_becomes("q1", "wrong")
    await fill(player, "q1", "single_choice")
    await expect(player.question("q1")).not_to_have_attribute("data-state", "wrong")
    await player.saved("q1")
    await player.page.reload()
    await player.becomes("ready")
    await button.click()
    await player.question_becomes("q1", "right")
    await expect(button).to_be_hidden()
    await player.submit()
    await player.question_becomes("q1", "right")


async def test_the_time_s_end_submits_what_is_there(visits: Visits, site: Site) -> None:
    """At the end of the time the page shows results by itself, and what was typed until a moment before is graded."""
    player, token = await visits.take(await site.publish(WORD.item("q1"), time_limit_seconds=6))
    await expect(player.frame.locator("#time-left")).to_be_visible()
    await fill(player, "q1", "short_text")
    await player.becomes("submitted")
    await player.question_becomes("q1", "right")
    assert (await site.attempt(token))["status"] == "expired"


async def test_an_essay_waits_for_a_person(visits: Visits, site: Site) -> None:
    """Its question says that a person will read it; the score of the rest is not shown as the final one."""
    player, token = await visits.take(await site.publish(CHOICE.item("q1"), ESSAY.item("q2"), feedback="score"))
    await fill(player, "q1", "single_choice")
    await fill(player, "q2", "essay")
    await player.submit()
    await player.question_becomes("q2", "pending")
    assert (await site.attempt(token))["status"] == "awaiting_review"


async def test_after_the_last_attempt_no_session_begins(visits: Visits, site: Site) -> None:
    """A fresh token of a learner who has no attempt left leads to a page that says so, and is not spent."""
    assessment = await site.publish(CHOICE.item("q1"))
    player, token = await visits.take(assessment)
    await player.submit()
    again = await site.token(assessment, token.learner_ref)
    visit = await visits.begin()
    refused = await visit.open(again, state="failed")
    await expect(refused.frame.locator('[data-code="max_attempts_reached"]')).to_be_visible()
    assert await site.pool.fetchval("select spent_at from embed_token where id = $1", again.id) is None


async def test_results_are_there_after_a_reload(visits: Visits, site: Site) -> None:
    """A submitted attempt is shown again with its answers, read-only, and nothing to submit."""
    player, _ = await visits.take(await site.publish(WORD.item("q1"), feedback="score"))
    await fill(player, "q1", "short_text")
    await player.submit()
    await player.page.reload()
    await player.becomes("submitted")
    await player.question_becomes("q1", "right")
    field = player.question("q1").get_by_role("textbox")
    await expect(field).to_have_value("Flood")
    await expect(field).not_to_be_editable()
    await expect(player.frame.locator("#submit")).to_have_count(0)
