"""Short texts as people give them: one visible character at least, and none that acts on a terminal or a line's order."""

from typing import Annotated, Final

from msgspec import Meta

from gateway.generation.model import LANGUAGE_PATTERN

VISIBLE = r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*[^\x00-\x20\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069][^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*\Z"
"""No control and no bidirectional character, and something to see."""

Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=VISIBLE)]
"""A title or name."""

IN_WORDS: Final = {
    repr(r"^[0-9a-f]{64}\Z"): "64 of 0-9 and a-f: a SHA-256 in lower-case hex",
    repr(r"^https://[!-~]+\Z"): "an https:// address in printable ASCII",
    repr(VISIBLE): "text that shows something, without control characters",
    repr(r"\S"): "text that is not blank",
    repr(LANGUAGE_PATTERN): "a language tag such as `en` or `pt-BR`",
    repr(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}\Z"): "a language tag such as `en` or `pt-BR`",
    repr(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z"): "at most 64 letters, digits and `_ . -`, a letter or digit first",
    repr(r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\Z"): "at most 64 letters, digits and `_ . : -`, a letter or digit first",
    repr(r"^[0-9]{1,6}\.[0-9]{2}\Z"): "decimal text with two places such as `1.00`, at most `999999.99`",
    repr(r"^[0-9]{1,6}(\.[0-9]{1,2})?\Z"): "decimal text with at most two places such as `7.50`",
    repr(r"^[A-Za-zΑ-Ωα-ω][A-Za-z0-9_]{0,31}\Z"): "a letter, then letters, digits and `_`, at most 32 together",
    repr(r"^#[0-9A-Fa-f]{6}\Z"): "a colour such as `#1a5fb4`",
    repr(r"^data:image/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}\Z"): "a PNG, JPEG or WebP image as a `data:` URL",
}
"""What a pattern asks for, as an error says it; by the pattern as msgspec spells it. A test holds that none is missing."""
