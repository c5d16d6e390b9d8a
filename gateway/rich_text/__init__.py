"""Authored texts as trees of nodes: Markdown and formulas in, an allow-list of elements out, never HTML.

A node is a text, or `(tag, attributes, children)`; in JSON a list of three. The player builds them one by one.
"""

from gateway.rich_text.nodes import Node
from gateway.rich_text.rendering import render
from gateway.rich_text.texts import rich_texts

__all__ = ["Node", "render", "rich_texts"]
