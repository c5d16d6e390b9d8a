"""Script and markup in everything that is authored or answered stay text; keys stay on the server."""

from typing import Any

from playwright.async_api import expect

from tests.browser.answering import answer
from tests.browser.examples import BY_KIND, EXAMPLES
from tests.browser.hands import Mouse
from tests.browser.site import Site
from tests.browser.visits import Player, Visits
from tests.gateway.features.assessments.authored import EVERY_KIND, SECRETS
from tests.scenarios.answers import ANSWERS

Json = dict[str, Any]

HOSTILE = (
    "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'><svg onload='window.ran = 1'>"
    "[a](javascript:window.ran=1) <a href='javascript:window.ran=1'>b</a> ![c](https://evil.test/pixel.png)"
    "<style>body { display: none }</style></script></textarea>\u2028\u2029{{7*7}}${7*7}"
)
"""No line break, so that it fits wherever one line goes."""


def poisoned(value: Any, name: str = "") -> Any:
    """The value with hostile text behind every text that people read."""
    if isinstance(value, dict):
        return {key: poisoned(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, name) for each in value]
    if name in {"stem", "text", "description"} and isinstance(value, str):
        return f"{value} {HOSTILE}"
    return value


async def assert_inert(player: Player) -> None:
    """Nothing ran, nothing was fetched from elsewhere, nothing of it became an element, and the page is to be seen."""
    assert await player.frame.evaluate("window.ran") is None
    foreign = await player.frame.evaluate(
        "document.querySelectorAll('main script, main style, [onerror], [onload], a[href^=\"javascript\" i]').length"
    )
    assert foreign == 0
    await expect(player.question("single_choice")).to_be_visible()


async def test_hostile_texts_stay_texts(visits: Visits, site: Site) -> None:
    """Every authored text of every kind, title, description, the center's name, learner_ref and typed answers, while answering and
    in the results.
    """
    items = [example.item(example.kind) | {"content": poisoned(example.content)} for example in EXAMPLES]
    _, key = await site.center(name=f"Academy {HOSTILE}"[:100])
    assessment = await site.publish(
        *items, title=f"Tides {HOSTILE}"[:200], description=f"About tides {HOSTILE}", feedback="parts", key=key
    )
    player, _ = await visits.take(assessment, learner_ref="<script>window.ran = 1</script>", key=key)
    await assert_inert(player)
    await expect(player.question("single_choice")).to_contain_text("window.ran = 1")
    for kind in ("short_text", "essay"):
        await player.question(kind).get_by_role("textbox").fill(HOSTILE[:90] if kind == "short_text" else HOSTILE)
    await player.submit()
    await assert_inert(player)
    hosts = {sent.url.split("/")[2] for sent in visits.watch_of(player).sent if sent.url.startswith("http")}
    assert hosts == {site.url.split("/")[2]}


async def test_no_byte_of_a_key_reaches_the_browser(visits: Visits, site: Site) -> None:
    """All kinds, with every check, refusal and result at the most telling level: no planted key in any head or body, in any
    store of the browser, or on the page.
    """
    settings: Json = {
        "max_attempts": None,
        "checks_per_question": 20,
        "feedback": "parts",
        "feedback_at": "each_attempt",
    }
    player, token = await visits.take(await site.publish(*EVERY_KIND, **settings))
    right_by_chance = {"i06", "i07"}
    for item in EVERY_KIND:
        if item["id"] in right_by_chance:
            await player.question(item["id"]).get_by_role("textbox").first.fill("12 34")
        elif item["type"] in {"short_text", "gap_text", "formula", "essay"}:
            given = {"i08": "x +"}.get(item["id"]) or next(
                text for text in (ANSWERS[item["id"]].get("text"), "Kolibri") if text
            )
            await player.question(item["id"]).get_by_role("textbox").first.fill(given)
    for box in ("i01", "i02", "i03", "i04"):
        await player.question(box).locator("input").first.check()
    for button in await player.frame.locator("[data-check]").all():
        await button.click()
    await player.question_becomes("i05", "wrong")
    await player.page.reload()
    await player.becomes("ready")
    await player.question("i06").get_by_role("textbox").first.fill("12")
    await player.question("i07").get_by_role("textbox").first.fill("12")
    await player.question("i07").get_by_role("textbox").nth(1).fill("m")
    await player.question("i08").get_by_role("textbox").first.fill("x + 1")
    await player.submit()
    assert (await site.attempt(token))["status"] == "awaiting_review"
    bodies = await visits.watch_of(player).bodies()
    bodies.append(("page", (await player.page.content()).encode()))
    bodies.append(("stores", (await player.frame.evaluate(STORES)).encode()))
    assert len(bodies) > 20
    assert [where for where, body in bodies for secret in SECRETS if secret.encode() in body] == []
    assert [where for where, body in bodies if b'"key":' in body or b'"scoring":' in body] == []


STORES = "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie, history.state])"


async def test_nothing_is_stored_but_for_the_session(visits: Visits, site: Site) -> None:
    """No cookie, nothing that outlives the tab, no worker; what the tab keeps is the player's alone."""
    player, _ = await visits.take(await site.publish(BY_KIND["essay"].item("q1")))
    await player.question("q1").get_by_role("textbox").fill("The moon pulls.")
    await player.saved("q1")
    assert await player.page.context.cookies() == []
    assert await player.frame.evaluate("Object.keys(localStorage)") == []
    assert all(name.startswith("coursegate:") for name in await player.frame.evaluate("Object.keys(sessionStorage)"))
    assert await player.frame.evaluate("navigator.serviceWorker?.controller ?? null") is None


async def test_an_answer_that_is_markup_is_kept_as_written(visits: Visits, site: Site) -> None:
    """What a learner writes in angle brackets comes back in angle brackets."""
    example = BY_KIND["essay"]
    text = "if a < b && b > c: <b>not bold</b> &amp; so on"
    player, token = await visits.take(await site.publish(example.item("q1")))
    await answer(Mouse(player.page), player.question("q1"), example.content, {"type": "essay", "text": text})
    await player.submit()
    await expect(player.question("q1").get_by_role("textbox")).to_have_value(text)
    assert (await site.attempt(token))["answers"][0]["answer"]["text"] == text
