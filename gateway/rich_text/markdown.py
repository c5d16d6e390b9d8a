"""Markdown to tokens: CommonMark with tables and formulas, without HTML."""

import re
from collections.abc import Callable
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar

NESTING_MAX: Final = 20
"""Lists and quotes in one another. Deeper ones the parser leaves out: such a text is not taken for Markdown."""

_SYMBOLS: Final = re.compile(r"[\\^_={}<>+*/|]")
_WORD: Final = re.compile(r"\s[^\W\d_]{2,}(?=[\s,.;:!?])")


def is_prose(inside: str) -> bool:
    """Whether two dollars mean money: of `$5 and 6$` words stand in between, and nothing that a formula has. Nor has one a
    backtick: the second dollar is in code.
    """
    if "`" in inside:
        return True
    return inside[:1].isdigit() and not _SYMBOLS.search(inside) and _WORD.search(inside) is not None


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of blocks, or, of a single line, of what stands in it: `1914.` alone begins no list."""
    if "\n" in text or "\r" in text:
        return _PARSER.parse(text)
    return _PARSER.parseInline(text)


def _formula_rule() -> Callable[[StateInline, bool], bool]:
    read = math_inline_dollar(allow_space=False, allow_digits=False, allow_double=True)

    def rule(state: StateInline, silent: bool) -> bool:
        if state.src[state.pos] != "$":
            return False
        start = state.pos
        if not read(state, True):
            return False
        end, state.pos = state.pos, start
        if is_prose(state.src[start + 1 : end - 1]):
            return False
        return read(state, silent)

    return rule


class _Markdown(MarkdownIt):
    """Links are judged where the tree is made: of one that is refused its words stay, not its brackets and address."""

    def validateLink(self, url: str) -> bool:  # ruff: ignore[invalid-function-name, unused-method-argument] - the parser's own name
        return True


def _parser() -> MarkdownIt:
    parser = _Markdown("commonmark", {"html": False, "linkify": False, "maxNesting": NESTING_MAX}).enable("table")
    parser.use(dollarmath_plugin, allow_labels=False, allow_blank_lines=False, double_inline=True)
    parser.inline.ruler.at("math_inline", _formula_rule())
    return parser


_PARSER: Final = _parser()
