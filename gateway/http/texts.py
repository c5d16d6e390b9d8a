"""Short texts as people give them: one visible character at least, and none that acts on a terminal or a line's order."""

from typing import Annotated, Final

from msgspec import Meta

from gateway.generation.model import LANGUAGE_PATTERN

VISIBLE = r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*[^\x00-\x20\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069][^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*\Z"
"""No control and no bidirectional character, and something to see."""

Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=VISIBLE)]
"""A title or name."""

IN_WORDS: Final = {
    repr(VISIBLE): "text that shows something, without control characters",
    repr(r"\S"): "text that is not blank",
    repr(LANGUAGE_PATTERN): "a language tag such as `en` or `pt-BR`",
}
"""What a pattern asks for, as an error says it; by the pattern as msgspec spells it."""
