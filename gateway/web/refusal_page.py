"""A refusal for somebody who looks at it: what happened, and what to do now, in the words of the player."""

from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Final

import msgspec

from gateway.errors import Problem
from gateway.web.page_headers import NO_ICON, PAGE_HEADERS
from gateway.web.player_page import best_language

_TEXTS: Final = files("gateway").joinpath("web", "player", "texts")
_RIGHT_TO_LEFT: Final = frozenset({"ar"})


def render(problem: Problem, request_id: str, accept_language: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of the page; it stands in no frame, runs nothing and repeats nothing of what was asked for."""
    language = best_language(accept_language)
    texts = _texts(language)
    kind = _kind_of(problem)
    title, text = escape(str(texts[f"failure.{kind}.title"])), escape(str(texts[f"failure.{kind}.text"]))
    direction = "rtl" if language in _RIGHT_TO_LEFT else "ltr"
    body = (
        f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">{NO_ICON}</head>'
        f"<body><main><h1>{title}</h1><p>{text}</p>"
        f'<p dir="ltr"><small>{escape(problem.code)} {escape(request_id)}</small></p></main></body></html>'
    ).encode()
    said = PAGE_HEADERS | problem.headers | {"Vary": "Accept, Accept-Language"}
    headers = [(name.lower().encode(), value.encode()) for name, value in said.items()]
    headers += [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    return headers, body


@lru_cache(maxsize=16)
def _texts(language: str) -> dict[str, object]:
    return msgspec.json.decode(_TEXTS.joinpath(f"{language}.json").read_bytes(), type=dict[str, object])


def _kind_of(problem: Problem) -> str:
    """Which of the player's own explanations it is."""
    if problem.status in {429, 502, 503}:
        return "unreachable"
    return "unexpected" if problem.status >= 500 else "token_invalid"
