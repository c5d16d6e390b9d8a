"""How the player looks and reads: no fault that axe-core knows, in light, dark, on a phone and from right to left.

What is seen on the way is kept: `build/screenshots/<look>/<what>.png`.
"""

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page, expect

from tests.browser.accessible import assert_accessible
from tests.browser.answering import answer
from tests.browser.examples import BY_KIND, EXAMPLES
from tests.browser.hands import Keyboard, Mouse
from tests.browser.site import Site
from tests.browser.visits import Player, Visits
from tests.running import Customer

PHONE: Final[dict[str, Any]] = {"viewport": {"width": 320, "height": 640}}
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": PHONE,
    "rtl": {"locale": "ar-EG"},
}
FAULTY: Final = {"numeric": "twelve", "formula": "x +"}


async def assert_no_scrolling_sideways(page: Page) -> None:
    """Everything is as wide as the page at most."""
    too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(too_wide), await page.evaluate(WIDE)


WIDE = """[...document.querySelectorAll('main *')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(e => e.outerHTML.slice(0, 120)).slice(0, 5)"""


class Camera:
    """Keeps what is seen under one look."""

    def __init__(self, player: Player, folder: Path) -> None:
        self._player = player
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def page(self, name: str) -> None:
        await self._player.page.screenshot(path=self._folder / f"{name}.png", full_page=True)

    async def questions(self) -> None:
        """A picture of each question, on a screen so tall that the bar at its top covers none."""
        page, size = self._player.page, self._player.page.viewport_size
        assert size is not None
        height = await page.evaluate("document.documentElement.scrollHeight")
        await page.set_viewport_size({"width": size["width"], "height": height})
        for example in EXAMPLES:
            await self._player.question(example.kind).screenshot(path=self._folder / f"{example.kind}.png")
        await page.set_viewport_size(size)


ABOUT: Final = "Eighteen questions, one of each kind. Take your time: **everything is saved** while you answer."
ARABIC: Final = {
    "single_choice": "ما الذي يسبب **المد والجزر**؟",
    "true_false": "يكون المدى المدي عند المحاق أكبر منه عند التربيع.",
    "ordering": "رتّب بدءًا من الجزر.",
    "gap_text": "إن _____ يجذب البحر، ويرتفع الماء _____ مرات في اليوم.",
}
"""Some questions in the language of a page that goes from right to left; the others stay in English, as in language courses."""


async def all_kinds(site: Site, **settings: Any) -> str:
    """An assessment with a question of each kind."""
    items = [example.item(example.kind) for example in EXAMPLES]
    return await site.publish(*items, title="Tides and coasts", description=ABOUT, **settings)


async def all_kinds_in_arabic(site: Site, **settings: Any) -> tuple[str, Customer]:
    """The same in a center whose language is Arabic, and that center's key."""
    _, key = await site.center(locale="ar", name="أكاديمية البحر")
    items = [
        example.item(example.kind)
        | {"content": example.content | {"stem": ARABIC.get(example.kind, example.content["stem"])}}
        for example in EXAMPLES
    ]
    return await site.publish(*items, title="المد والجزر والسواحل", key=key, **settings), key


async def answer_all(player: Player, which: tuple[str, ...] = ("partly", "right")) -> None:
    """Answer every question, partly right where there is such an answer."""
    for example in EXAMPLES:
        given = example.answers()
        chosen = next(given[name] for name in which if name in given)
        await answer(Mouse(player.page), player.question(example.kind), example.content, chosen)


@pytest.mark.parametrize("look", LOOKS)
async def test_every_kind_is_accessible(visits: Visits, site: Site, screenshots: Path, look: str) -> None:
    """While answering, with format errors, in the dialog and in the results: nothing for axe to find, nothing that scrolls
    sideways.
    """
    settings: dict[str, Any] = {"feedback": "parts", "time_limit_seconds": 3600}
    key = None
    if look == "rtl":
        assessment, key = await all_kinds_in_arabic(site, **settings)
    else:
        assessment = await all_kinds(site, **settings)
    player, _ = await visits.take(assessment, key=key, **LOOKS[look])
    camera = Camera(player, screenshots / look)
    await expect(player.frame.locator("html")).to_have_attribute("dir", "rtl" if look == "rtl" else "ltr")
    await assert_no_scrolling_sideways(player.page)
    await answer_all(player)
    for kind, text in FAULTY.items():
        await player.question(kind).get_by_role("textbox").fill(text)
    await player.press_submit()
    await expect(player.frame.locator(".problems").get_by_role("link")).to_have_count(len(FAULTY))
    await assert_accessible(player.page, "errors")
    await assert_no_scrolling_sideways(player.page)
    await camera.page("errors")
    for kind in FAULTY:
        right = BY_KIND[kind].answers()["right"]
        await player.question(kind).get_by_role("textbox").fill(right.get("value") or right["expression"])
    await player.saved(*(example.kind for example in EXAMPLES))
    await assert_accessible(player.page, "answered")
    await camera.questions()
    await player.frame.locator("#submit").click()
    await expect(player.frame.get_by_role("dialog")).to_be_visible()
    await assert_accessible(player.page, "dialog", "dialog")
    await player.page.screenshot(path=screenshots / look / "dialog.png")
    await player.frame.locator("#submit-now").click()
    await player.becomes("submitted")
    await assert_accessible(player.page, "results")
    await assert_no_scrolling_sideways(player.page)
    await camera.page("results")


@pytest.mark.parametrize("look", LOOKS)
async def test_a_refusal_is_accessible(visits: Visits, site: Site, screenshots: Path, look: str) -> None:
    """The page in the place of an assessment has a language, a title, a heading with the focus, and nothing for axe to find."""
    visit = await visits.begin(**LOOKS[look])
    player = await visit.open(f"{site.url}/embed/cge_{'A' * 43}", state="failed")
    await expect(player.frame.get_by_role("heading", level=1)).to_be_focused()
    await assert_accessible(player.page, "refusal")
    await assert_no_scrolling_sideways(player.page)
    await Camera(player, screenshots / look).page("refusal")


async def test_twice_the_size_needs_no_scrolling_sideways(visits: Visits, site: Site) -> None:
    """At 200 % zoom of a small window (half its pixels in each direction) all texts and fields are as wide as the page."""
    player, _ = await visits.take(await all_kinds(site), viewport={"width": 512, "height": 384}, device_scale_factor=2)
    await assert_no_scrolling_sideways(player.page)


async def test_letters_of_twice_the_size_are_all_to_be_seen(visits: Visits, site: Site) -> None:
    """A learner's own font size is followed: nothing is cut off, nothing overlaps its neighbour sideways."""
    player, _ = await visits.take(await all_kinds(site), viewport={"width": 640, "height": 800})
    wire = await player.page.context.new_cdp_session(player.page)
    before = await player.question("essay").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    await wire.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    after = await player.question("essay").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert after > 1.9 * before
    await assert_no_scrolling_sideways(player.page)


async def test_less_motion_means_none(visits: Visits, site: Site) -> None:
    """Where the system asks for less motion, nothing moves by itself or glides."""
    player, _ = await visits.take(await all_kinds(site), reduced_motion="reduce")
    longest = await player.frame.evaluate(
        "Math.max(...[...document.querySelectorAll('*')].flatMap(e => { const s = getComputedStyle(e);"
        " return [s.transitionDuration, s.animationDuration].flatMap(d => d.split(',').map(parseFloat)) }))"
    )
    assert longest <= 0.01


async def test_tab_goes_through_the_page_from_top_to_bottom(visits: Visits, site: Site) -> None:
    """The focus visits every question in the order in which they stand, wherever a Tab leads, and ends at the submit button."""
    player, _ = await visits.take(await all_kinds(site))
    await player.page.evaluate("document.activeElement.blur()")
    seen: list[str] = []
    for _ in range(200):
        await player.page.keyboard.press("Tab")
        at = await player.frame.evaluate(
            "document.activeElement.closest('[data-item]')?.dataset.item ?? document.activeElement.id"
        )
        if at and at not in seen[-1:]:
            seen.append(at)
        if at == "submit":
            break
    order = [each for each in seen if each in BY_KIND]
    assert order == [example.kind for example in EXAMPLES]
    assert seen[-1] == "submit"


async def test_the_dialog_keeps_the_focus_and_gives_it_back(visits: Visits, site: Site) -> None:
    """Escape closes it and leads back to the button; the links in it lead to the questions that have no answer."""
    player, _ = await visits.take(await site.publish(BY_KIND["true_false"].item("q1"), BY_KIND["essay"].item("q2")))
    hands = Keyboard(player.page)
    submit = player.frame.locator("#submit")
    await hands.press(submit)
    dialog = player.frame.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    for _ in range(8):
        await player.page.keyboard.press("Tab")
        assert await player.frame.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    await player.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(submit).to_be_focused()
    await hands.press(submit)
    await hands.press(dialog.locator("li button").last)
    await expect(player.question("q2").get_by_role("textbox")).to_be_focused()


@pytest.mark.parametrize("height", [568, 256])
async def test_the_dialog_of_many_unanswered_questions_keeps_its_buttons_in_sight(
    visits: Visits, site: Site, height: int
) -> None:
    """On a phone, 60 of them: it begins at its heading, and its named list scrolls, not the buttons below it. At four times the
    size there is room for less, and the whole dialog scrolls.
    """
    items = [BY_KIND["true_false"].item(f"q{number}") for number in range(60)]
    player, _ = await visits.take(await site.publish(*items), viewport={"width": 320, "height": height})
    await player.frame.locator("#submit").click()
    dialog = player.frame.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", level=2)).to_be_focused()
    await expect(dialog.get_by_role("list", name="Not answered yet")).to_be_visible()
    if height == 568:
        for button in await dialog.locator(".dialog-actions button").all():
            await expect(button).to_be_in_viewport(ratio=1)
        assert await dialog.evaluate("dialog => dialog.scrollHeight - dialog.clientHeight") <= 1
    await dialog.locator("#submit-now").click()
    await player.becomes("submitted")


async def test_a_screen_reader_is_told_of_trouble_and_of_its_end(visits: Visits, site: Site) -> None:
    """Offline is said by a live region, and saved again when it is over; what goes well all along is not talked about."""
    player, _ = await visits.take(await site.publish(BY_KIND["short_text"].item("q1")))
    field = player.question("q1").get_by_role("textbox")
    said = player.frame.locator("body > [role=status]")
    await field.fill("eb")
    await player.saved("q1")
    assert not await said.inner_text()
    await player.page.context.set_offline(offline=True)
    await field.fill("ebb")
    await expect(said).not_to_be_empty()
    trouble = await said.inner_text()
    await player.page.context.set_offline(offline=False)
    await player.saved("q1")
    await expect(said).not_to_have_text(trouble)
    await expect(said).not_to_be_empty()
