"""The player's files: what they must not hold, how large they may be, and that all languages say the same."""

import json
import re
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from gateway.web.player_assets import load
from gateway.web.player_page import LANGUAGES, SCRIPT, STYLES, render

FOLDER: Final = Path(__file__).parents[3] / "gateway" / "web" / "player"
MODULES: Final = sorted(FOLDER.rglob("*.js"))
LINES_MAX: Final = 300
FIRST_PAGE_BYTES_MAX: Final = 56 * 1024
"""The whole first page may be 60 KiB over the wire; the rest is left to headers, and to what the session tells."""

PLURALS: Final = {"en": {"one", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}}
"""The forms that a whole number may take, as CLDR has them."""

Catalogue = dict[str, str | dict[str, str]]

FORBIDDEN: Final = {
    r"\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment": "text is never parsed",
    r"\beval\b|new Function|setTimeout\(\s*[\"'`]": "nothing is made a program",
    r"\bconsole\.": "no noise",
    r"localStorage|document\.cookie|indexedDB": "what is kept ends with the tab",
    r"postMessage\([^)]*[\"']\*[\"']": "no message for everybody",
    r"\bTODO\b|\bFIXME\b|\bdebugger\b": "nothing unfinished",
}


def catalogue(language: str) -> Catalogue:
    pairs = json.loads((FOLDER / "texts" / f"{language}.json").read_text(encoding="utf-8"), object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), "a key is there twice"
    return {key: dict(value) if isinstance(value, list) else value for key, value in pairs}


def forms(text: str | dict[str, str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def placeholders(text: str | dict[str, str]) -> set[str]:
    return set(chain.from_iterable(re.findall(r"\{(\w+)\}", form) for form in forms(text)))


def test_there_is_a_catalogue_for_each_language_and_no_other() -> None:
    """What the page may choose has words."""
    assert sorted(path.stem for path in (FOLDER / "texts").iterdir()) == sorted(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_say_the_same(language: str) -> None:
    """The same keys, with the same things filled in; a plural in forms that the language has."""
    english, own = catalogue("en"), catalogue(language)
    assert own.keys() == english.keys()
    for key, text in own.items():
        assert placeholders(text) <= placeholders(english[key]), key
        if isinstance(text, dict):
            assert {"other"} <= text.keys() <= PLURALS[language] | {"zero"}, key
        assert all(form.strip() for form in forms(text)), key


def test_every_text_is_said_somewhere() -> None:
    """A key that no module and no page uses is left over; one that is used stands in the catalogue."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    literal = set(re.findall(r"""["'`]([a-z_]+(?:\.[a-z_]+)+)["'`]""", code))
    patterns = [
        re.compile(re.sub(r"\\\$\\\{.*?\\\}", r"[a-z_.]+", re.escape(found)) + r"\Z")
        for found in re.findall(r"`([a-z_.]*\$\{[^`]*\}[a-z_.]*)`", code)
    ]
    for key in catalogue("en"):
        if not key.startswith("shell."):
            assert key in literal or any(pattern.match(key) for pattern in patterns), key


def test_every_key_that_is_said_is_there() -> None:
    """No learner reads the name of a text in its place."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    said = set(re.findall(r"""\bt\(\s*["']([a-z_]+(?:\.[a-z_]+)+)["']""", code))
    assert said
    assert said <= catalogue("en").keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_module_holds_nothing_dangerous_and_is_short(path: Path) -> None:
    """Texts stay texts, nothing is evaluated, nothing outlives the tab, nothing is told to everybody."""
    code = path.read_text(encoding="utf-8")
    assert code.count("\n") <= LINES_MAX
    for pattern, why in FORBIDDEN.items():
        assert re.search(pattern, code) is None, why


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_is_small(language: str) -> None:
    """Page, script, styles and the words of one language beside English, compressed, leave four KiB of 60 for the questions."""
    files = load().by_path
    names = {SCRIPT, STYLES, "texts/en.json", f"texts/{language}.json"}
    assert sum(len(files[name].compressed) for name in names) + len(render(language, "a")) < FIRST_PAGE_BYTES_MAX
