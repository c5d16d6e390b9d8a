"""Markdown and formulas in the browser: as elements, readable, and with fields where gaps were written."""

from typing import Any

from playwright.async_api import expect

from tests.browser.accessible import assert_accessible
from tests.browser.examples import picture
from tests.browser.site import Site
from tests.browser.visits import Visits

DOT = picture(10, 10)

STEM = r"""# Tides

Twice *a* **day**, `high` [water](https://example.com/a?b=1) comes:
$\frac{1}{2} \cdot \mathbb{R}^n$, and it costs $5 or $6.

$$
\begin{aligned} a &= b \\ c &= d \end{aligned}
$$

| what | when |
|:--|--:|
| flood | *early* |

```python
if x < 3:
    print("<b>")
```

> said `so`

3. three
4. four
"""

GAPS = """First _____ and *then _____*:

| in | a |
|---|---|
| table | _____ |

```
print(_____)
```

Last: _____."""


def choice(item_id: str, stem: str, *texts: str) -> dict[str, Any]:
    choices = [{"id": f"c{place}", "text": text} for place, text in enumerate(texts)]
    return {
        "type": "single_choice",
        "id": item_id,
        "content": {"stem": stem, "choices": choices},
        "key": {"correct": "c0"},
    }


async def test_markdown_and_formulas_are_elements(visits: Visits, site: Site) -> None:
    """Paragraphs, emphasis, code, links, tables, lists and MathML; HTML and money stay text."""
    player, _ = await visits.take(await site.publish(choice("q1", STEM, "yes", "no")))
    question = player.question("q1")
    await expect(question.locator("p strong").first).to_have_text("Tides")
    await expect(question.locator("em").first).to_have_text("a")
    await expect(question.locator("p > code")).to_have_text(["high", "so"])
    await expect(question.locator("pre code")).to_have_text('if x < 3:\n    print("<b>")')
    await expect(question.locator("blockquote")).to_have_text("said so")
    await expect(question.locator("ol[start='3'] > li")).to_have_text(["three", "four"])
    await expect(question.locator("th")).to_have_text(["what", "when"])
    assert await question.locator("td").nth(1).evaluate("cell => getComputedStyle(cell).textAlign") == "right"
    link = question.get_by_role("link", name="water")
    assert await link.get_attribute("href") == "https://example.com/a?b=1"
    assert (await link.get_attribute("rel"), await link.get_attribute("target")) == ("noopener noreferrer", "_blank")
    assert "it costs $5 or $6." in await question.inner_text()
    math = "http://www.w3.org/1998/Math/MathML"
    assert await question.locator("math").evaluate_all("all => all.map(one => one.namespaceURI)") == [math, math]
    assert await question.locator("mfrac").evaluate("one => one.getBoundingClientRect().height") > 10
    assert await question.locator("mtable mtr").count() == 2


async def test_choices_are_lines(visits: Visits, site: Site) -> None:
    """What begins like a list or a quote is an answer; a picture is shown, one from elsewhere is described."""
    lines = ("- 5", "1914.", "> 3", "**bold** $x^2$", f"![a dot]({DOT})", "![a far dot](https://example.com/dot.png)")
    player, _ = await visits.take(await site.publish(choice("q1", "Which?", *lines)))
    question = player.question("q1")
    for text in ("- 5", "1914.", "> 3", "a far dot"):
        await expect(question.get_by_role("radio", name=text, exact=True)).to_be_visible()
    await expect(question.locator("label strong, label b").get_by_text("bold")).to_be_visible()
    await expect(question.locator("msup")).to_be_visible()
    assert await question.get_by_role("img", name="a dot").evaluate("image => image.naturalWidth") == 10
    assert await question.locator("img").count() == 1
    assert await question.locator("li, blockquote").count() == 0


async def test_fields_stand_where_gaps_were_written(visits: Visits, site: Site) -> None:
    """In emphasis, tables and code: the n-th run is the n-th gap."""
    gaps = [f"g{number}" for number in range(5)]
    item = {
        "type": "gap_text",
        "id": "q1",
        "content": {"stem": GAPS, "gaps": [{"id": gap} for gap in gaps]},
        "key": {"gaps": {gap: [{"text": f"text {gap}"}] for gap in gaps}},
    }
    player, token = await visits.take(await site.publish(item))
    question = player.question("q1")
    places = {"em": "g1", "td": "g2", "pre": "g3"}
    for place, gap in places.items():
        await question.locator(place).get_by_role("textbox").fill(f"text {gap}")
    await question.get_by_role("textbox").first.fill("text g0")
    await question.get_by_role("textbox").last.fill("text g4")
    await expect(question.get_by_role("textbox")).to_have_count(5)
    assert "_____" not in await question.inner_text()
    await player.submit()
    attempt = await site.attempt(token)
    assert (attempt["score"], attempt["max_score"]) == ("1.00", "1.00")


async def test_a_long_formula_scrolls_in_its_own_box(visits: Visits, site: Site) -> None:
    """At 320 pixels, in a stem, in a choice, an order and a table: the page is no wider than its screen, and the keyboard reaches
    the rest of the formula. A short one is no stop on the way, and stands on the line of its text.
    """
    sum_of_many = "+".join(f"x_{{{number}}}" for number in range(1, 12))
    items = [
        choice("q1", f"Find ${sum_of_many}$ where $a=b$.", f"${sum_of_many}$", "no"),
        {
            "type": "ordering",
            "id": "q2",
            "content": {
                "stem": f"$${sum_of_many}$$",
                "items": [{"id": "a", "text": f"${sum_of_many}$"}, {"id": "b", "text": "b"}],
            },
            "key": {"order": ["a", "b"]},
        },
        {
            "type": "choice_matrix",
            "id": "q3",
            "content": {
                "stem": "Which is it?",
                "rows": [{"id": "r", "text": f"${sum_of_many}$"}],
                "columns": [{"id": name, "text": f"{name}: ${sum_of_many}$"} for name in "ab"],
            },
            "key": {"rows": {"r": ["a"]}},
        },
    ]
    player, _ = await visits.take(await site.publish(*items), viewport={"width": 320, "height": 640})
    page = player.page
    long = page.locator(".formula[tabindex]:visible")
    await expect(long).to_have_count(7)
    await expect(page.locator(".formula:visible")).to_have_count(8)
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    for formula in await long.all():
        await formula.evaluate("e => { e.moved = new Promise(moved => { e.onscroll = () => moved(e.scrollLeft) }) }")
        await formula.focus()
        await page.keyboard.press("ArrowRight")
        assert await formula.evaluate("e => e.moved") > 0
    await assert_accessible(page, "formulas")
    await player.question("q1").locator("label").first.click()
    await expect(player.question("q1").get_by_role("radio").first).to_be_checked()
    await page.set_viewport_size({"width": 1600, "height": 640})
    await expect(player.question("q1").locator(".formula[tabindex]")).to_have_count(0)
