"""What fields do beside taking an answer: errors stand at the very control, order and places follow a hand, saves come back."""

from typing import Any

from playwright.async_api import Locator, expect

from tests.browser.answering import answer
from tests.browser.examples import EXAMPLES, choices
from tests.browser.hands import Mouse
from tests.browser.site import Site
from tests.browser.visits import Player, Visits

Json = dict[str, Any]

SEA: Json = {"width": 400, "height": 300}
ORDER = ("low", "flood", "high", "ebb")


def item(kind: str, content: Json, key: Json) -> Json:
    """An item whose id is its kind."""
    return {"id": kind, "type": kind, "content": {"stem": f"A question of the kind {kind}."} | content, "key": key}


ORDERING = item("ordering", {"items": [{"id": name, "text": name} for name in ORDER]}, {"order": list(ORDER)})
SLIDER = item(
    "numeric",
    {"decimal_mark": ",", "group_mark": ".", "min": "-1,5", "max": "1.000,5", "step": "0,25", "input": "slider"},
    {"answers": [{"value": "1000,5"}]},
)
NUMBER: Json = {"decimal_mark": ",", "group_mark": "."}


async def given(player: Player, site: Site, token: Any) -> dict[str, Json]:
    """Submit; the answers that the gateway then has, by item."""
    await player.submit()
    return {each["item_id"]: each["answer"] for each in (await site.attempt(token))["answers"]}


async def drag(player: Player, handle: Locator, right: float, down: float) -> None:
    """Take the middle of a handle, and let go of it so far from there."""
    await handle.scroll_into_view_if_needed()
    box = await handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = player.page.mouse
    await mouse.move(x, y)
    await mouse.down()
    await mouse.move(x + right, y + down, steps=20)
    await mouse.up()


async def assert_faulty(player: Player, kind: str, words: str, control: Locator) -> None:
    """Of all controls of the question this one alone is invalid, and described by these words, in sight."""
    await expect(player.question(kind).locator(".kind-error:visible")).to_contain_text(words)
    await expect(control).to_have_attribute("aria-invalid", "true")
    await expect(player.question(kind).locator("[aria-invalid=true]")).to_have_count(1)
    described = (await control.get_attribute("aria-describedby") or "").split()
    told = [await player.frame.locator(f"#{name}").inner_text() for name in described]
    assert words in "".join(told)


async def test_an_error_stands_at_the_control_that_it_is_about(visits: Visits, site: Site) -> None:
    """Also inside gaps, rows, units, coordinates and parts; and an edit of another control takes none of it for right."""
    gap = item("gap_text", {"stem": "_____ and _____", "gaps": [{"id": "a"}, {"id": "b", "number": NUMBER}]}, {})
    gap["key"] = {"gaps": {"a": [{"text": "one"}]}, "numbers": {"b": [{"value": "2"}]}}
    rows = {"stems": choices("one", "two"), "choices": choices(x="eins", y="zwei"), "require_all": True}
    units = {"units": [{"id": "m", "symbols": ["m"]}, {"id": "km", "symbols": ["km"]}]}
    part = {"id": "p", "type": "numeric", "content": {"stem": "How many?"}}
    other = {"id": "o", "type": "true_false", "content": {"stem": "Is it so?"}}
    keys = [
        {"part": "p", "type": "numeric", "key": {"answers": [{"value": "1"}]}},
        {"part": "o", "type": "true_false", "key": {"value": True}},
    ]
    player, token = await visits.take(
        await site.publish(
            gap,
            item("matching", rows, {"pairs": {"a": "x", "b": "y"}}),
            item("quantity", units, {"answers": [{"value": "5"}], "scales": [{"unit": "m"}]}),
            item("hotspot", {"image": SEA}, {"areas": [{"shape": "rect", "coords": [0, 0, 9, 9]}]}),
            item("composite", {"parts": [other, part]}, {"parts": keys}),
            item("essay", {"min_words": 3, "max_words": 5}, {}),
            autosave="off",
        )
    )
    gaps = player.question("gap_text").get_by_role("textbox")
    await gaps.nth(1).fill("1,234.5")
    await player.question("matching").get_by_role("combobox").nth(0).select_option("x")
    await player.question("quantity").get_by_role("textbox").nth(0).fill("5")
    await player.question("hotspot").get_by_role("button", name="Add a point").click()
    coordinates = player.question("hotspot").get_by_role("spinbutton")
    await coordinates.nth(1).fill("301")
    await player.question("composite").get_by_role("textbox").fill("many")
    await player.question("essay").get_by_role("textbox").fill("too short")
    await player.press_submit()
    await assert_faulty(
        player,
        "gap_text",
        "This could be read as several numbers.",
        gaps.nth(1),
    )
    await assert_faulty(
        player, "matching", "This one is still missing.", player.question("matching").get_by_role("combobox").nth(1)
    )
    await assert_faulty(
        player, "quantity", "Add a unit: m, km.", player.question("quantity").get_by_role("textbox").nth(1)
    )
    await assert_faulty(player, "hotspot", "This point is outside the picture.", coordinates.nth(1))
    await assert_faulty(
        player,
        "composite",
        "This can’t be read as a number.",
        player.question("composite").get_by_role("textbox"),
    )
    await assert_faulty(player, "essay", "Write at least 3 words.", player.question("essay").get_by_role("textbox"))
    assert (await site.attempt(token))["status"] == "in_progress"


async def test_an_order_that_nobody_touched_is_no_answer(visits: Visits, site: Site) -> None:
    """The order in which items come is not taken for the learner's; a button says that it shall be."""
    kept = ORDERING | {"id": "kept"}
    player, token = await visits.take(await site.publish(ORDERING, kept))
    shown = await player.question("kept").locator(".kind-row .kind-text").all_inner_texts()
    await player.question("kept").get_by_role("button", name="Keep this order").click()
    await player.saved("kept")
    await player.question_becomes("ordering", "unanswered")
    assert await given(player, site, token) == {"kept": {"type": "ordering", "order": shown}}


async def test_rows_and_points_can_be_dragged(visits: Visits, site: Site) -> None:
    """A row that is dragged to the top stands there, a point that is dragged lies where it was let go; a click sets one."""
    spot = item("hotspot", {"image": SEA}, {"areas": [{"shape": "rect", "coords": [0, 0, 9, 9]}]})
    player, token = await visits.take(await site.publish(ORDERING, spot))
    rows = player.question("ordering").locator(".kind-row")
    shown = await rows.locator(".kind-text").all_inner_texts()
    await drag(player, rows.nth(3).locator(".kind-grip"), 0, -400)
    await expect(rows.nth(0)).to_contain_text(shown[3])
    await expect(player.question("ordering").locator("p[role=status]")).to_have_text(f"“{shown[3]}” is now 1 of 4.")
    await player.question("hotspot").locator(".kind-stage").click(position={"x": 100, "y": 50})
    await drag(player, player.question("hotspot").locator(".kind-point"), 60, 30)
    answers = await given(player, site, token)
    assert answers["ordering"]["order"] == [shown[3], *shown[:3]]
    assert answers["hotspot"]["points"] == [{"x": 160, "y": 80}]


async def test_focus_stays_with_what_is_moved(visits: Visits, site: Site) -> None:
    """Pressed again and again, one button takes an item all the way; at the end of the list it keeps the focus."""
    player, _ = await visits.take(await site.publish(ORDERING))
    rows = player.question("ordering").locator(".kind-row")
    first = await rows.nth(0).locator(".kind-text").inner_text()
    down = player.question("ordering").get_by_role("button", name=f"Move down: {first}")
    await down.focus()
    for place in (2, 3, 4, 4):
        await player.page.keyboard.press("Enter")
        await expect(rows.nth(place - 1)).to_contain_text(first)
        await expect(down).to_be_focused()
    await expect(down).to_have_attribute("aria-disabled", "true")


async def test_a_slider_writes_exact_numbers_as_the_item_writes_them(visits: Visits, site: Site) -> None:
    """Untouched it answers nothing; its steps are those of the item, with the item's decimal mark, up to the very end."""
    player, token = await visits.take(await site.publish(SLIDER))
    slider, box = (player.question("numeric").get_by_role(role) for role in ("slider", "textbox"))
    await expect(slider).to_have_attribute("aria-valuetext", "not set")
    await expect(box).to_have_value("")
    await slider.focus()
    for key, value in (("Home", "-1,5"), ("ArrowRight", "-1,25"), ("End", "1000,5"), ("ArrowLeft", "1000,25")):
        await player.page.keyboard.press(key)
        await expect(box).to_have_value(value)
    await box.fill("1.000,5")
    await expect(slider).to_have_attribute("aria-valuetext", "1000,5")
    assert await given(player, site, token) == {"numeric": {"type": "numeric", "value": "1.000,5"}}


async def test_a_choice_that_is_used_up_moves(visits: Visits, site: Site) -> None:
    """Without reuse a choice stands at one place: picked elsewhere, it leaves that place, and a status says so."""
    rows = {"stems": choices("one", "two"), "choices": choices(x="eins", y="zwei")}
    player, token = await visits.take(await site.publish(item("matching", rows, {"pairs": {"a": "x", "b": "y"}})))
    lists = player.question("matching").get_by_role("combobox")
    await lists.nth(0).select_option("x")
    await lists.nth(1).select_option("x")
    await expect(lists.nth(0)).to_have_value("")
    await expect(player.question("matching").locator("p[role=status]")).to_contain_text("eins")
    assert (await given(player, site, token))["matching"]["pairs"] == [{"stem": "b", "choice": "x"}]


async def test_a_formula_in_a_choice_has_a_name(visits: Visits, site: Site) -> None:
    """A radio button whose label is a formula is found by how it is written on one line; so is an option of a list."""
    formulas = {"choices": choices("$x^2$", r"$\frac{a+b}{2}$", "port")}
    rows = {"stems": choices("one", "two")} | {"choices": choices(r"$\sqrt{2}$", "plain")}
    player, _ = await visits.take(
        await site.publish(
            item("single_choice", formulas, {"correct": "a"}), item("matching", rows, {"pairs": {"a": "a", "b": "b"}})
        )
    )
    for name in ("x^2", "(a+b)/2", "port"):
        await expect(player.question("single_choice").get_by_role("radio", name=name, exact=True)).to_be_visible()
    options = await player.question("matching").locator("select").first.locator("option").all_inner_texts()
    assert {text.split(" · ")[1] for text in options[1:]} == {"√2", "plain"}


async def test_every_kind_comes_back_after_a_reload(visits: Visits, site: Site) -> None:
    """What was saved of each kind, also of a half-filled one, is in its field again, and submitted as it was."""
    meant = {example.kind: example.answers().get("partly", example.answers()["right"]) for example in EXAMPLES}
    player, token = await visits.take(await site.publish(*(example.item(example.kind) for example in EXAMPLES)))
    for example in EXAMPLES:
        await answer(Mouse(player.page), player.question(example.kind), example.content, meant[example.kind])
    await player.saved(*meant)
    before = {each["item_id"]: each["answer"] for each in (await site.attempt(token))["answers"]}
    await player.page.reload()
    await player.becomes("ready")
    await player.saved(*meant)
    fields = await player.frame.locator(".question").evaluate_all(FIELDS)
    assert fields.keys() == meant.keys()
    assert all(any(value not in {"", False} for value in values) for kind, values in fields.items() if kind in TYPED)
    assert await given(player, site, token) == before


TYPED = {"short_text", "numeric", "quantity", "formula", "gap_text", "gap_select", "matching", "essay", "hotspot"}
"""Kinds whose answer is to be seen in the values of their controls."""
FIELDS = """questions => Object.fromEntries(questions.map(question => [question.dataset.type,
    [...question.querySelectorAll('input, select, textarea')].map(each =>
        /radio|checkbox/.test(each.type) ? each.checked : each.value)]))"""
