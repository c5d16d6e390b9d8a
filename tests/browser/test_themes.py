"""A center's colours and its language on the player's page."""

from random import Random
from typing import Any, Final

import pytest
from playwright.async_api import expect

from tests.browser.accessible import assert_accessible
from tests.browser.examples import BY_KIND
from tests.browser.site import Site
from tests.browser.visits import Player, Visits

ITEM: Final = BY_KIND["single_choice"].item("q1")
COLOURS: Final = ("primary", "accent", "background", "text")

PALETTES: Final = """async ([themes, module]) => {
    const { paletteOf, contrast } = await import(module);
    const channels = colour => [1, 3, 5].map(place => parseInt(colour.slice(place, place + 2), 16));
    const mixed = (colour, part, ground) => '#' + channels(ground).map((own, place) =>
        Math.round(own * (1 - part) + channels(colour)[place] * part).toString(16).padStart(2, '0')).join('');
    return themes.flatMap(theme => [false, true].map(isDark => {
        const palette = paletteOf(theme, isDark);
        const [background, text, primary] = ['background', 'text', 'primary'].map(name => palette[`--cg-${name}`]);
        const grounds = [background, mixed(text, 0.03, background), mixed(text, 0.05, background),
            mixed(primary, 0.08, background)];
        const worst = names => Math.min(...names.flatMap(name => grounds.map(on => contrast(palette[`--cg-${name}`], on))));
        return { theme, palette,
            texts: worst(['text', 'muted', 'primary', 'accent', 'wrong']),
            borders: worst(['border']),
            button: theme.primary ? contrast(palette['--cg-fill'], palette['--cg-on-fill']) : 21,
        };
    }));
}"""
"""The worst contrasts on the background, on the page around it, on what is raised and on what is chosen (`player.css`,
`kinds.css`)."""

AWKWARD: Final[tuple[dict[str, str], ...]] = (
    {"background": "#ff002b"},
    {"primary": "#ffffff", "background": "#00ff00", "text": "#ff00ff", "accent": "#0000ff"},
    {"text": "#7f7f7f", "background": "#808080"},
    {"background": "#2b0a3d", "primary": "#000000"},
)


async def take_at(site: Site, visits: Visits, settings: dict[str, Any], **options: Any) -> Player:
    """A learner before the player of a center with these colours, or this language."""
    live, test = await site.center()
    await site.ask("PATCH", "/v1/center", settings, key=live)
    token = await site.token(await site.publish(ITEM, key=test), key=test)
    return await (await visits.begin(**options)).open(token)


def colour(chance: Random) -> str | None:
    return f"#{chance.randrange(1 << 24):06x}" if chance.random() < 0.9 else None


async def test_whatever_colours_a_center_takes_its_texts_can_be_read(visits: Visits, site: Site) -> None:
    """Texts keep a contrast of 4.5 to 1, and the borders of fields one of 3 to 1, on all that they are drawn on, under any theme
    (also one that leaves colours unset), light and dark.
    """
    chance = Random(4)
    themes = [{name: colour(chance) for name in COLOURS} for _ in range(400)]
    themes += [dict.fromkeys(COLOURS, grey) for grey in ("#000000", "#ffffff", "#777777", "#757575", "#808080")]
    themes += [{name: colour(chance)} for name in COLOURS for _ in range(50)]
    player, _ = await visits.take(await site.publish(ITEM))
    files = await player.page.evaluate("new URL('./theme.js', document.querySelector('script[src]').src).href")
    for found in await player.page.evaluate(PALETTES, [[*themes, *AWKWARD, {}], files]):
        assert min(found["texts"], found["button"]) >= 4.5, found
        assert found["borders"] >= 3, found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_is_drawn_in_awkward_colours_can_be_read(visits: Visits, site: Site, scheme: Any) -> None:
    """As axe sees it: buttons, chosen answers, counts on them, and what is wrong with an answer."""
    live, test = await site.center()
    items = [BY_KIND[kind].item(kind) for kind in ("single_choice", "marker_drop", "numeric", "essay")]
    assessment = await site.publish(*items, key=test, checks_per_question=2, feedback="parts")
    player, _ = await visits.take(assessment, key=test, color_scheme=scheme)
    await player.question("single_choice").get_by_role("radio").first.check()
    await player.question("essay").get_by_role("textbox").fill("The Moon pulls.")
    await player.saved("single_choice", "essay")
    for theme in AWKWARD:
        await site.ask("PATCH", "/v1/center", {"theme": dict.fromkeys(COLOURS) | theme}, key=live)
        await player.page.reload()
        await player.becomes("ready")
        await player.question("marker_drop").get_by_role("radio").first.check()
        await player.question("numeric").get_by_role("textbox").fill("twelve")
        await player.question("numeric").locator("[data-check]").click()
        await expect(player.question("numeric").locator(".kind-error p")).to_be_visible()
        await assert_accessible(player.page, str(theme))


@pytest.mark.parametrize(
    ("scheme", "background", "shown"),
    [
        ("light", "#fbf3e4", "rgb(251, 243, 228)"),
        ("dark", "#fbf3e4", "rgb(20, 23, 28)"),
        ("light", "#101433", "rgb(16, 20, 51)"),
        ("dark", "#101433", "rgb(16, 20, 51)"),
    ],
)
async def test_a_background_is_shown_where_it_belongs(
    visits: Visits, site: Site, scheme: str, background: str, shown: str
) -> None:
    """A light one while the system is light, a dark one always: nobody who wants it dark is dazzled."""
    theme = {"background": background, "primary": "#ffd400"}
    player = await take_at(site, visits, {"theme": theme}, color_scheme=scheme)
    await expect(player.question("q1")).to_have_css("background-color", shown)


async def test_a_change_of_the_system_s_scheme_is_followed(visits: Visits, site: Site) -> None:
    """The page turns dark with the system, while somebody answers."""
    player, _ = await visits.take(await site.publish(ITEM))
    await expect(player.question("q1")).to_have_css("background-color", "rgb(255, 255, 255)")
    await player.page.emulate_media(color_scheme="dark")
    await expect(player.question("q1")).to_have_css("background-color", "rgb(20, 23, 28)")


@pytest.mark.parametrize(
    ("locale", "language", "direction", "submit"),
    [("ar-EG", "ar", "rtl", "تسليم الإجابات"), ("de", "en", "ltr", "Submit answers")],
)
async def test_the_player_speaks_the_center_s_language(
    visits: Visits, site: Site, locale: str, language: str, direction: str, submit: str
) -> None:
    """Where there are words for it, from its own side of the page; English elsewhere."""
    player = await take_at(site, visits, {"locale": locale})
    page = player.page.locator("html")
    await expect(page).to_have_attribute("lang", language)
    await expect(page).to_have_attribute("dir", direction)
    await expect(player.frame.locator("#submit")).to_have_text(submit)


async def test_without_scripts_the_page_says_what_is_missing(visits: Visits, site: Site) -> None:
    """No page that loads for ever, and no token spent."""
    visit = await visits.begin(java_script_enabled=False)
    token = await site.token(await site.publish(ITEM))
    page = await visit.page()
    await page.goto(token.url)
    await expect(page.get_by_role("heading", name="JavaScript is switched off")).to_be_visible()
    await expect(page.locator(".shell-loading")).to_be_hidden()
    await (await visits.begin()).open(token)


async def test_on_paper_it_is_light(visits: Visits, site: Site) -> None:
    """Who prints from a dark screen gets dark letters on white paper."""
    player, _ = await visits.take(await site.publish(ITEM), color_scheme="dark")
    await expect(player.question("q1")).to_have_css("color", "rgb(233, 235, 239)")
    await player.page.emulate_media(media="print", color_scheme="dark")
    await expect(player.question("q1")).to_have_css("color", "rgb(0, 0, 0)")
    await expect(player.question("q1")).to_have_css("background-color", "rgb(255, 255, 255)")
    await expect(player.frame.locator("#submit")).to_be_hidden()


async def test_a_long_text_is_printed_whole(visits: Visits, site: Site) -> None:
    """An essay of 60 lines, while it is written and once it is submitted: nobody scrolls on paper."""
    player, _ = await visits.take(await site.publish(BY_KIND["essay"].item("q1")))
    field = player.question("q1").get_by_role("textbox")
    await field.fill("\n".join(f"line {number}" for number in range(60)))
    await field.evaluate("field => { field.style.height = '100px' }")  # as who drags its corner
    hidden = "field => field.scrollHeight - field.clientHeight"
    assert await field.evaluate(hidden) > 0
    await player.page.emulate_media(media="print")
    assert await field.evaluate(hidden) == 0
    await player.page.emulate_media(media="screen")
    await player.submit()
    await player.page.emulate_media(media="print")
    assert await field.evaluate(hidden) == 0
