"""The player's page before its script runs."""

import re

import pytest

from gateway.web.player_page import LANGUAGES, best_language, render

ASSETS = "assets/0123456789abcdef"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ar", "ar"),
        ("ar-EG,ar;q=0.9,en;q=0.8", "ar"),
        ("de-AT, en;q=0.5, ar;q=0.9", "ar"),
        ("fr, de;q=0.7", "en"),
        ("en;q=0.4, ar;q=0.4", "en"),
        ("ar;q=0, en;q=0.1", "en"),
        ("AR", "ar"),
        ("ar;q=many", "en"),
        (";;;,,,=,q=1", "en"),
        ("*", "en"),
    ],
)
def test_the_browser_s_best_liked_language_is_taken(accepted: str, language: str) -> None:
    """The heaviest of the header's languages that there are words for; English for anything else, however it is written."""
    assert best_language(accepted) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_no_script_or_style_of_its_own(language: str) -> None:
    """All that runs or paints comes from the player's own files: the page passes a policy without `unsafe-inline`."""
    page = render(language, ASSETS)
    assert re.findall(r"<script([^>]*)>(.*?)</script>", page) == [(f' type="module" src="{ASSETS}/main.js"', "")]
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page) == []
    assert {address.split("/")[0] for address in re.findall(r'(?:src|href)="([^"]+)"', page)} == {"assets", "data:,"}


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_page_names_its_language_and_direction(language: str, direction: str) -> None:
    """A screen reader speaks it right, and nothing jumps to the other side once the script runs."""
    assert f'<html lang="{language}" dir="{direction}" data-player="loading">' in render(language, ASSETS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_script_the_page_says_what_to_do(language: str) -> None:
    """Who has switched scripts off reads why nothing is shown, and not that something is loading for ever."""
    told = re.search(r"<noscript>(.*)</noscript>", render(language, ASSETS))
    assert told is not None
    assert "<h1>" in told[1]


def test_an_address_can_not_leave_its_attribute() -> None:
    """The address of the files is escaped like any text."""
    assert '"><script>' not in render("en", 'a"><script>')
