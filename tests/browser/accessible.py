"""What axe-core finds on a page."""

from typing import Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


async def assert_accessible(page: Page, what: str, part: str | None = None) -> None:
    """axe-core finds nothing, on the page or in a part of it; what it finds is told by rule and place."""
    results = await Axe().run(page, context=part, options=RULES)
    found = [
        f"{what}: {violation['id']} ({violation['help']}) at {node['target']}: {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
    assert not found, "\n".join(found)
