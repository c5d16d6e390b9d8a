"""How each kind of question is answered, in steps that any hands can do."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from playwright.async_api import Locator

from tests.browser.hands import Hands, Spot

Json = dict[str, Any]


async def answer(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    """Answer the question in `field` so that it says what `given` says. Nothing was answered in it before."""
    await STEPS[given["type"]](hands, field, content, given)


def boxes(field: Locator, value: str) -> Locator:
    return field.locator(f'input[value="{value}"]')


async def _single_choice(hands: Hands, field: Locator, _content: Json, given: Json) -> None:
    await hands.tick(boxes(field, given["choice"]))


async def _true_false(hands: Hands, field: Locator, _content: Json, given: Json) -> None:
    await hands.tick(boxes(field, "true" if given["value"] else "false"))


async def _multiple_choice(hands: Hands, field: Locator, _content: Json, given: Json) -> None:
    for choice in given["choices"]:
        await hands.tick(boxes(field, choice))


async def _choice_matrix(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    texts = {row["id"]: row["text"] for row in content["rows"]}
    for row in given["rows"]:
        line = field.get_by_role("row").filter(has_text=texts[row["row"]])
        for choice in row["choices"]:
            await hands.tick(boxes(line, choice))


async def _typed(hands: Hands, field: Locator, _content: Json, given: Json) -> None:
    text = next(given[name] for name in ("text", "value", "expression") if name in given)
    await hands.write(field.get_by_role("textbox"), text)


async def _quantity(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    await hands.write(field.get_by_role("textbox").first, given["value"])
    if content.get("unit_input") == "select":
        await hands.choose(field.get_by_role("combobox"), given["unit"])
    else:
        await hands.write(field.get_by_role("textbox").nth(1), given["unit"])


async def _rows(hands: Hands, field: Locator, rows: list[Json], chosen: dict[str, str]) -> None:
    texts = {row["id"]: row["text"] for row in rows}
    for row, choice in chosen.items():
        await hands.choose(field.get_by_label(texts[row], exact=True), choice)


async def _matching(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    await _rows(hands, field, content["stems"], {pair["stem"]: pair["choice"] for pair in given["pairs"]})


async def _categorize(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    await _rows(hands, field, content["items"], {put["item"]: put["category"] for put in given["placements"]})


async def _gap_select(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    places = [gap["id"] for gap in content["gaps"]]
    for filled in given["gaps"]:
        await hands.choose(field.get_by_role("combobox").nth(places.index(filled["gap"])), filled["option"])


async def _gap_text(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    places = [gap["id"] for gap in content["gaps"]]
    for filled in given["gaps"]:
        await hands.write(field.get_by_role("textbox").nth(places.index(filled["gap"])), filled["text"])


def _button(row: Locator, icon: str) -> Locator:
    return row.locator(f"button:has(.kind-icon-{icon})")


async def _ordering(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    """Bring each item up to its place, from the first on; one that stands there already is moved down and up again."""
    texts = {each["id"]: each["text"] for each in content["items"]}
    rows = field.locator("li")
    for place, item in enumerate(given["order"]):
        row = rows.filter(has_text=texts[item])
        while (at := await row.evaluate("row => [...row.parentElement.children].indexOf(row)")) > place:
            await hands.press(_button(row, "up"))
            assert await row.evaluate("row => [...row.parentElement.children].indexOf(row)") == at - 1
    keep = field.locator(".kind-untouched button")
    if await keep.is_visible():
        await hands.press(keep)


async def _parsons(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    texts = {each["id"]: each["text"] for each in content["blocks"]}
    for block in given["blocks"]:
        row = field.locator("li").filter(has_text=texts[block["id"]])
        await hands.press(_button(row, "add"))
        for _ in range(block.get("indent") or 0):
            await hands.press(_button(row, "indent"))


async def _spots(hands: Hands, field: Locator, content: Json, spots: list[Json]) -> None:
    """Point at each spot; the keys begin in the middle, and go on from where they last pointed."""
    width, height = content["image"]["width"], content["image"]["height"]
    stands = (width // 2, height // 2)
    for spot in spots:
        if "marker" in spot:
            await hands.tick(boxes(field, spot["marker"]))
        x, y = spot["x"], spot["y"]
        await hands.point(field.locator(".kind-stage"), Spot(x, y, width, height, x - stands[0], y - stands[1]))
        stands = (x, y)


async def _hotspot(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    await _spots(hands, field, content, given["points"])


async def _marker_drop(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    await _spots(hands, field, content, given["drops"])


async def _composite(hands: Hands, field: Locator, content: Json, given: Json) -> None:
    parts = {part["id"]: part["content"] for part in content["parts"]}
    for part in given["parts"]:
        inner = field.locator(".kind-nested").nth([*parts].index(part["part"]))
        await answer(hands, inner, parts[part["part"]], part["answer"])


Steps = Callable[[Hands, Locator, Json, Json], Awaitable[None]]

STEPS: Final[dict[str, Steps]] = {
    "single_choice": _single_choice,
    "true_false": _true_false,
    "multiple_choice": _multiple_choice,
    "choice_matrix": _choice_matrix,
    "short_text": _typed,
    "numeric": _typed,
    "quantity": _quantity,
    "formula": _typed,
    "matching": _matching,
    "categorize": _categorize,
    "ordering": _ordering,
    "parsons": _parsons,
    "gap_select": _gap_select,
    "gap_text": _gap_text,
    "hotspot": _hotspot,
    "marker_drop": _marker_drop,
    "essay": _typed,
    "composite": _composite,
}
