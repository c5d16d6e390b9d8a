"""Every kind of question, answered as learners answer it: what arrives is what was meant, and graded as the engine grades."""

from typing import Any

import pytest

from tests.browser.answering import answer
from tests.browser.examples import EXAMPLES, Example
from tests.browser.hands import Keyboard, Mouse
from tests.browser.site import Site
from tests.browser.visits import Visits

Json = dict[str, Any]


async def answered_and_graded(
    visits: Visits, site: Site, example: Example, hands: type[Mouse] | type[Keyboard]
) -> None:
    """Answer one question right, one partly and one wrong, and compare with what the engine says of these answers."""
    meant = example.answers()
    items = [example.item(name) for name in meant]
    player, token = await visits.take(await site.publish(*items, feedback="parts"))
    using = hands(player.page)
    for name, given in meant.items():
        await answer(using, player.question(name), example.content, given)
    await player.submit(using)
    attempt = await site.attempt(token)
    arrived = {each["item_id"]: comparable(each["answer"]) for each in attempt["answers"]}
    assert arrived == {name: comparable(given) for name, given in meant.items()}
    expected = await site.graded(items, [{"item_id": name, "answer": given} for name, given in meant.items()])
    assert {each["item_id"]: each["score"] for each in attempt["results"]} == {
        name: result["score"] for name, result in expected.items()
    }
    for name, result in expected.items():
        await player.question_becomes(name, SHOWN[result["state"]])


SHOWN = {"right": "right", "partial": "partly", "wrong": "wrong", "needs_review": "pending"}
"""How a question shows what became of it."""


def comparable(answer: Json) -> Json:
    """The answer without the order of lists in which it means nothing, and pixels as near as a mouse comes to them."""
    if answer["type"] in {"ordering", "parsons"}:
        return answer
    return {
        name: sorted(map(_near, value), key=repr) if isinstance(value, list) else value
        for name, value in answer.items()
    }


def _near(entry: Any) -> Any:
    """Coordinates by fives."""
    return (
        entry | {axis: round(entry[axis] / 5) for axis in "xy"} if isinstance(entry, dict) and "x" in entry else entry
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)
async def test_answered_with_a_mouse(visits: Visits, site: Site, example: Example) -> None:
    """Clicks, and letters where letters are asked for, lead to the answer that was meant and its grade."""
    await answered_and_graded(visits, site, example, Mouse)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)
async def test_answered_with_a_keyboard_alone(visits: Visits, site: Site, example: Example) -> None:
    """Tab leads to everything, the focus is to be seen wherever it is, and no mouse is needed to submit."""
    await answered_and_graded(visits, site, example, Keyboard)
