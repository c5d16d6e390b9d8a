"""Two ways to use a page: with a mouse (and a keyboard for letters), or with a keyboard alone, beginning with Tab."""

import asyncio
from typing import Final, Protocol

from msgspec import Struct
from playwright.async_api import ElementHandle, Locator, Page

TABS_MAX: Final = 400
"""More stops than any page of the tests has."""


class Spot(Struct, frozen=True):
    """A place on a picture of so many pixels, and how far it is from where the keys stand."""

    x: int
    y: int
    width: int
    height: int
    right: int
    down: int


class Hands(Protocol):
    """What a learner does to fields and buttons."""

    page: Page

    async def press(self, button: Locator) -> None:
        """Press a button."""

    async def tick(self, box: Locator) -> None:
        """Tick a checkbox or a radio button."""

    async def write(self, field: Locator, text: str) -> None:
        """Write into a field that is empty."""

    async def choose(self, select: Locator, value: str) -> None:
        """Pick an option of a drop-down list by its value."""

    async def point(self, picture: Locator, spot: "Spot") -> None:
        """Point at a spot of a picture."""


class Mouse:
    """Clicks on what is to be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, button: Locator) -> None:
        await button.click()

    async def tick(self, box: Locator) -> None:
        await box.locator("xpath=ancestor::label").click()

    async def write(self, field: Locator, text: str) -> None:
        await field.click()
        await self.page.keyboard.type(text)

    async def choose(self, select: Locator, value: str) -> None:
        await select.click()
        await select.select_option(value)  # the list itself is drawn by the system, out of a page's reach
        await self.page.keyboard.press("Escape")

    async def point(self, picture: Locator, spot: Spot) -> None:
        box = await picture.bounding_box()
        assert box is not None
        place = {"x": spot.x / spot.width * box["width"], "y": spot.y / spot.height * box["height"]}
        await picture.click(position={"x": place["x"], "y": place["y"]})


class Keyboard:
    """Reaches everything by Tab and Shift+Tab, and sees where the focus is on the way."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, button: Locator) -> None:
        await self.reach(button)
        await self.page.keyboard.press("Enter")

    async def tick(self, box: Locator) -> None:
        if await box.get_attribute("type") == "checkbox":
            await self.reach(box)
            await self.page.keyboard.press("Space")
            return
        await self._reach_group(box)
        await self.page.keyboard.press("Space")
        for _ in range(50):
            if await box.is_checked():
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError("no arrow leads to the radio button")

    async def write(self, field: Locator, text: str) -> None:
        await self.reach(field)
        await self.page.keyboard.type(text)

    async def choose(self, select: Locator, value: str) -> None:
        await self.reach(select)
        for _ in range(60):
            if await select.input_value() == value:
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError("no arrow leads to the option")

    async def point(self, picture: Locator, spot: Spot) -> None:
        await self.reach(picture)
        stride = max(spot.width, spot.height) // 50
        for keys, far in ((("ArrowLeft", "ArrowRight"), spot.right), (("ArrowUp", "ArrowDown"), spot.down)):
            key = keys[far > 0]
            for _ in range(abs(far) // stride):
                await self.page.keyboard.press(key)
            for _ in range(abs(far) % stride):
                await self.page.keyboard.press(f"Shift+{key}")
        await self.page.keyboard.press("Enter")

    async def reach(self, target: Locator) -> None:
        """Press Tab, or Shift+Tab where the target lies before, until it has the focus, which must be to be seen there."""
        element = await target.element_handle()
        await self._walk(element, "(element, focused) => element === focused")
        await self._assert_visible_focus(element)

    async def _reach_group(self, radio: Locator) -> None:
        await self._walk(
            await radio.element_handle(),
            "(element, focused) => focused?.type === 'radio' && focused.name === element.name",
        )

    async def _walk(self, element: ElementHandle, arrived: str) -> None:
        script = f"""element => {{
            const focused = document.activeElement
            if (({arrived})(element, focused)) return 'here'
            return focused && focused !== document.body
                && focused.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING ? 'Shift+Tab' : 'Tab'
        }}"""
        for _ in range(TABS_MAX):
            step = await element.evaluate(script)
            if step == "here":
                return
            await self.page.keyboard.press(step)
        raise AssertionError(f"Tab does not lead to {await element.evaluate('e => e.outerHTML.slice(0, 200)')}")

    @staticmethod
    async def _assert_visible_focus(element: ElementHandle) -> None:
        """The element with the focus is drawn differently from how it is drawn without."""
        async with asyncio.timeout(10):
            while not await element.evaluate(LOOKS_FOCUSED):
                await asyncio.sleep(0.02)


LOOKS_FOCUSED: Final = """element => {
    const seen = [element, element.closest('label, li, .kind-choice')].filter(Boolean)
    return seen.some(each => {
        const style = getComputedStyle(each)
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none'
    })
}"""
"""Whether a ring is drawn: an outline of two pixels at least, or a shadow in its place."""
