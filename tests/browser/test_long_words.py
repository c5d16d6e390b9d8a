"""Words that no line holds: they are broken, and the page stays as wide as its screen."""

from typing import Any

from playwright.async_api import expect

from tests.browser.examples import BY_KIND, EXAMPLES, choices
from tests.browser.site import Site
from tests.browser.visits import Visits

FORMULA = "$" + "+".join(f"x_{{{number}}}" for number in range(1, 18)) + "$"
WORD = "Donaudampfschifffahrtsgesellschaftskapitaen" * 2

OVER = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const { width, left, right } = one.getBoundingClientRect();
  return width && (right > innerWidth + 1 || left < -1);
}).filter((one) => {
  for (let each = one.parentElement; each; each = each.parentElement)
    if (getComputedStyle(each).overflowX !== "visible") return false;
  return true;
}).map((one) => `${one.localName}.${one.className} ${one.closest("[data-type]")?.dataset.type ?? ""}`)"""


def item(number: int, kind: str, key: Any, **content: Any) -> dict[str, Any]:
    """An item whose stem, and whatever else it holds, is one long word."""
    return {"id": f"q{number}", "type": kind, "content": {"stem": WORD} | content, "key": key}


async def test_no_word_makes_the_page_wider_than_its_screen(visits: Visits, site: Site) -> None:
    """At 320 pixels, which is 1280 at four times the size, nothing has to be scrolled sideways: before the end, in the
    question that comes before it, and in the result.
    """
    texts = choices(WORD, WORD + "2")
    items = [
        item(1, "single_choice", {"correct": "a"}, choices=texts),
        item(2, "multiple_choice", {"correct": ["a"]}, choices=texts),
        item(3, "ordering", {"order": ["a", "b"]}, items=texts),
        item(4, "essay", {}),
        item(
            6,
            "choice_matrix",
            {"rows": {"a": ["a"], "b": ["b"]}},
            rows=texts,
            columns=[each | {"text": f"{each['text']}3"} for each in texts],
        ),
        item(7, "gap_select", {"gaps": {"one": "a"}}, gaps=[{"id": "one"}], bank=texts, stem=f"{WORD} _____."),
        BY_KIND["short_text"].item("q5") | {"content": {"stem": f"**{WORD}**\n\n- {WORD}\n\n> {WORD}"}},
    ]
    assessment = await site.publish(*items, title=WORD, description=f"{WORD}\n\n{WORD}")
    player, _ = await visits.take(assessment, viewport={"width": 320, "height": 640})
    page = player.page
    assert await page.evaluate(OVER) == []
    await player.question("q5").get_by_role("textbox").fill("x" * 100)
    await page.locator("#submit").click()
    await expect(page.locator("dialog")).to_be_visible()
    assert await page.evaluate(OVER) == []
    await page.locator("#submit-now").click()
    await player.becomes("submitted")
    assert await page.evaluate(OVER) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 320


def with_formulas(content: Any, name: str = "") -> Any:
    """The content with a long formula behind each of its texts."""
    if isinstance(content, dict):
        return {key: with_formulas(value, key) for key, value in content.items()}
    if isinstance(content, list):
        return [with_formulas(value, name) for value in content]
    return f"{content} {FORMULA}" if name in {"stem", "text", "label"} else content


async def test_no_formula_makes_the_page_wider_than_its_screen(visits: Visits, site: Site) -> None:
    """In the texts of any kind, in the title and in the description: what does not fit scrolls in its own box."""
    items = [example.item(example.kind) for example in EXAMPLES]
    items = [each | {"content": with_formulas(each["content"])} for each in items]
    assessment = await site.publish(*items, title=f"Sums {FORMULA}", description=f"About {FORMULA}")
    player, _ = await visits.take(assessment, viewport={"width": 320, "height": 640})
    assert await player.page.evaluate(OVER) == []
    assert await player.page.evaluate("document.documentElement.scrollWidth") == 320
