"""The player's page as it leaves the server: the same for whoever opens it, and useful before, and without, its script.

Everything that is shown of an assessment is built by the modules in `player/`, from what the API tells them.
"""

from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Final

import msgspec

from gateway.web.page_headers import NO_ICON

_FILES: Final = files("gateway").joinpath("web", "player")

LANGUAGES: Final = ("en", "ar")
"""What the player speaks; the first is what everybody else is shown."""

_RIGHT_TO_LEFT: Final = frozenset({"ar"})
SCRIPT: Final = "main.js"
"""The first module; served by this name is the one script that all modules are put together to."""
STYLES: Final = "styles.css"
"""All style sheets as one."""


def best_language(accept_language: str) -> str:
    """Return the language of the player that a browser likes best, by the header that it sent."""
    wished = sorted((_wish(part) for part in accept_language.split(",")), key=lambda wish: -wish[1])
    return next((language for language, weight in wished if language in LANGUAGES and weight > 0), LANGUAGES[0])


def _wish(part: str) -> tuple[str, float]:
    """Read `ar-EG;q=0.8` as ("ar", 0.8); what can't be read counts nothing."""
    tag, _, parameter = part.partition(";")
    _, _, quality = parameter.partition("=")
    try:
        weight = float(quality) if quality else 1.0
    except ValueError:
        weight = 0.0
    return tag.strip().split("-")[0].lower(), weight


@lru_cache(maxsize=16)
def render(language: str, assets: str) -> str:
    """Return the page in a language of ours. `assets` is the address of the player's files, without a slash at its end."""
    texts = msgspec.json.decode(_FILES.joinpath("texts", f"{language}.json").read_bytes(), type=dict[str, object])

    def text(key: str) -> str:
        return escape(str(texts[f"shell.{key}"]))

    at = escape(assets)
    direction = "rtl" if language in _RIGHT_TO_LEFT else "ltr"
    return "".join(
        (
            f'<!doctype html><html lang="{language}" dir="{direction}" data-player="loading"><head><meta charset="utf-8">',
            f"<title>{text('title')}</title>",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">',
            NO_ICON,
            f'<link rel="stylesheet" href="{at}/{STYLES}">',
            f'<script type="module" src="{at}/{SCRIPT}"></script>',
            f'<link rel="preload" as="fetch" crossorigin href="{at}/texts/{language}.json">',
            '</head><body><main id="player"><div class="shell">',
            f'<noscript><div class="failure"><h1>{text("no_script.title")}</h1><p>{text("no_script.text")}</p></div></noscript>',
            f'<p class="shell-loading" role="status">{text("loading")}</p>',
            f'<p class="shell-slow">{text("slow")} <a href="">{text("reload")}</a></p>',
            "</div></main></body></html>",
        )
    )
