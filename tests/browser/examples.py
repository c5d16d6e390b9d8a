"""An item of each of the 18 kinds, as an author would write it, with answers that are right, partly right and wrong."""

import struct
import zlib
from base64 import b64encode
from typing import Any, Final

from msgspec import Struct

Json = dict[str, Any]


class Example(Struct, frozen=True):
    """An item without its id, and answers to it. What no rule judges, or judges as a whole, has no partly right one."""

    kind: str
    content: Json
    key: Json
    right: Json
    wrong: Json | None = None
    partly: Json | None = None
    more: Json = {}

    def item(self, item_id: str) -> Json:
        return {"type": self.kind, "id": item_id, "content": self.content, "key": self.key} | self.more

    def answers(self) -> dict[str, Json]:
        """The answers by what they are: right, partly, wrong."""
        named = {"right": self.right, "partly": self.partly, "wrong": self.wrong}
        return {name: {"type": self.kind} | answer for name, answer in named.items() if answer is not None}


def choices(*texts: str, **named: str) -> list[Json]:
    """Things to pick, by ids a, b, c … or by name."""
    return [{"id": name, "text": text} for name, text in (*zip("abcdefgh", texts, strict=False), *named.items())]


def picture(width: int, height: int) -> str:
    """A PNG of land and water as a data URL."""
    rows = b"".join(
        b"\0"
        + bytes(
            70 if (x - width // 2) ** 2 + (y - height // 2) ** 2 < height * height // 9 else 190 for x in range(width)
        )
        for y in range(height)
    )

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{b64encode(png).decode()}"


MAP: Final = {
    "width": 400,
    "height": 300,
    "source": picture(400, 300),
    "description": "A round island in the middle of a sea. The bay lies in the west, the cape in the east.",
}

EXAMPLES: Final = (
    Example(
        "single_choice",
        {
            "stem": "What makes the **tides**?",
            "choices": choices("The wind", "The Moon and the Sun", "Currents in the deep", "Earthquakes"),
        },
        {"scores": {"b": 1.0, "c": 0.5}},
        {"choice": "b"},
        {"choice": "a"},
        {"choice": "c"},
    ),
    Example(
        "true_false",
        {"stem": "At new moon the tidal range is greater than at half moon."},
        {"value": True},
        {"value": True},
        {"value": False},
    ),
    Example(
        "multiple_choice",
        {
            "stem": "Which of these change with the phase of the Moon?",
            "choices": choices("The range of the tides", "The height of high water", "The salt in the sea", "The wind"),
        },
        {"correct": ["a", "b"]},
        {"choices": ["a", "b"]},
        {"choices": ["c"]},
        {"choices": ["a"]},
    ),
    Example(
        "choice_matrix",
        {
            "stem": "How often does it happen?",
            "rows": choices(high="High water", spring="Spring tide", king="The greatest tide"),
            "columns": choices(day="Twice a day", month="Twice a month", year="Twice a year"),
        },
        {"rows": {"high": ["day"], "spring": ["month"], "king": ["year"]}},
        {
            "rows": [
                {"row": "high", "choices": ["day"]},
                {"row": "spring", "choices": ["month"]},
                {"row": "king", "choices": ["year"]},
            ]
        },
        {"rows": [{"row": "high", "choices": ["year"]}]},
        {"rows": [{"row": "high", "choices": ["day"]}, {"row": "spring", "choices": ["year"]}]},
    ),
    Example(
        "short_text",
        {"stem": "What is the tide called when it rises?", "placeholder": "one word"},
        {"answers": [{"text": "flood"}, {"text": "rising tide", "score": 0.5}]},
        {"text": "Flood"},
        {"text": "ebb"},
        {"text": "rising tide"},
    ),
    Example(
        "numeric",
        {"stem": "How many hours lie between two high waters? Answer to one decimal."},
        {"answers": [{"value": "12.4", "tolerance": {"type": "absolute", "by": "0.1"}}]},
        {"value": "12.4"},
        {"value": "24"},
    ),
    Example(
        "quantity",
        {
            "stem": "How long is a lunar day?",
            "units": [{"id": "min", "symbols": ["min", "minutes"]}, {"id": "h", "symbols": ["h", "hours"]}],
            "unit_policy": "split",
        },
        {"answers": [{"value": "1490"}], "scales": [{"unit": "min"}, {"unit": "h", "factor": "60"}]},
        {"value": "1490", "unit": "min"},
        {"value": "12", "unit": "km"},
        {"value": "1490", "unit": "h"},
    ),
    Example(
        "formula",
        {"stem": "Write the square of $x + 1$ as a sum.", "variables": ["x"], "implicit_multiplication": True},
        {"expression": "x^2 + 2x + 1"},
        {"expression": "x^2 + 2x + 1"},
        {"expression": "x^2 + 1"},
    ),
    Example(
        "matching",
        {
            "stem": "What belongs together?",
            "stems": choices(ebb="Ebb", flood="Flood", slack="Slack water"),
            "choices": choices(
                falls="The water falls", rises="The water rises", rests="The water rests", boils="It boils"
            ),
        },
        {"pairs": {"ebb": "falls", "flood": "rises", "slack": "rests"}},
        {
            "pairs": [
                {"stem": "ebb", "choice": "falls"},
                {"stem": "flood", "choice": "rises"},
                {"stem": "slack", "choice": "rests"},
            ]
        },
        {"pairs": [{"stem": "ebb", "choice": "boils"}]},
        {"pairs": [{"stem": "ebb", "choice": "falls"}, {"stem": "flood", "choice": "rests"}]},
    ),
    Example(
        "categorize",
        {
            "stem": "Sort by where they live. One belongs nowhere.",
            "items": choices(crab="Crab", mussel="Mussel", tuna="Tuna", eagle="Golden eagle"),
            "categories": choices(shore="Shore", open="Open sea"),
        },
        {"items": {"crab": "shore", "mussel": "shore", "tuna": "open"}},
        {
            "placements": [
                {"item": "crab", "category": "shore"},
                {"item": "mussel", "category": "shore"},
                {"item": "tuna", "category": "open"},
            ]
        },
        {"placements": [{"item": "eagle", "category": "open"}]},
        {"placements": [{"item": "crab", "category": "shore"}, {"item": "tuna", "category": "shore"}]},
    ),
    Example(
        "ordering",
        {
            "stem": "Put in order, beginning with low water.",
            "items": choices(low="Low water", rise="Flood", high="High water", fall="Ebb"),
        },
        {"order": ["low", "rise", "high", "fall"]},
        {"order": ["low", "rise", "high", "fall"]},
        {"order": ["fall", "high", "rise", "low"]},
        {"order": ["low", "rise", "fall", "high"]},
    ),
    Example(
        "parsons",
        {
            "stem": "Order the lines so that the heights are summed. One line is not needed.",
            "blocks": choices(
                start="total = 0", loop="for height in heights:", add="total += height", stray="heights.clear()"
            ),
            "indent": True,
        },
        {"blocks": [{"id": "start", "indent": 0}, {"id": "loop", "indent": 0}, {"id": "add", "indent": 1}]},
        {"blocks": [{"id": "start", "indent": 0}, {"id": "loop", "indent": 0}, {"id": "add", "indent": 1}]},
        {"blocks": [{"id": "stray", "indent": 0}]},
        {"blocks": [{"id": "start", "indent": 0}, {"id": "add", "indent": 1}]},
    ),
    Example(
        "gap_select",
        {
            "stem": "The tide _____ twice a day and then it _____.",
            "gaps": [{"id": "first"}, {"id": "second"}],
            "bank": choices(rises="rises", falls="falls", freezes="freezes"),
        },
        {"gaps": {"first": "rises", "second": "falls"}},
        {"gaps": [{"gap": "first", "option": "rises"}, {"gap": "second", "option": "falls"}]},
        {"gaps": [{"gap": "first", "option": "freezes"}]},
        {"gaps": [{"gap": "first", "option": "rises"}, {"gap": "second", "option": "freezes"}]},
    ),
    Example(
        "gap_text",
        {
            "stem": "The _____ pulls at the sea, and there are _____ high waters a day.",
            "gaps": [{"id": "body"}, {"id": "count", "number": {}}],
        },
        {"gaps": {"body": [{"text": "Moon"}]}, "numbers": {"count": [{"value": "2"}]}},
        {"gaps": [{"gap": "body", "text": "moon"}, {"gap": "count", "text": "2"}]},
        {"gaps": [{"gap": "body", "text": "wind"}]},
        {"gaps": [{"gap": "body", "text": "Moon"}, {"gap": "count", "text": "3"}]},
    ),
    Example(
        "hotspot",
        {"stem": "Where is the island? Point at it.", "image": MAP},
        {"areas": [{"shape": "circle", "coords": [200, 150, 90]}]},
        {"points": [{"x": 200, "y": 150}]},
        {"points": [{"x": 20, "y": 20}]},
    ),
    Example(
        "marker_drop",
        {"stem": "Put the names where they belong.", "image": MAP, "markers": choices(bay="Bay", cape="Cape")},
        {
            "zones": [
                {"shape": "rect", "coords": [60, 90, 180, 210], "marker": "bay"},
                {"shape": "rect", "coords": [220, 90, 340, 210], "marker": "cape"},
            ]
        },
        {"drops": [{"marker": "bay", "x": 120, "y": 150}, {"marker": "cape", "x": 280, "y": 150}]},
        {"drops": [{"marker": "bay", "x": 380, "y": 20}]},
        {"drops": [{"marker": "bay", "x": 120, "y": 150}, {"marker": "cape", "x": 20, "y": 20}]},
    ),
    Example(
        "essay",
        {
            "stem": "Why does the sea rise twice a day, and not once? Answer in *two or three sentences*.",
            "min_words": 3,
        },
        {"criteria": [{"id": "both", "text": "Names both sides of the Earth."}]},
        {"text": "The Earth turns below two bulges.\nOne is on the far side."},
    ),
    Example(
        "composite",
        {
            "stem": "About the harbour of Saint-Malo:",
            "parts": [
                {"type": "true_false", "id": "range", "content": {"stem": "Its tidal range is over ten metres."}},
                {"type": "short_text", "id": "sea", "content": {"stem": "At which channel does it lie?"}},
            ],
        },
        {
            "parts": [
                {"type": "true_false", "part": "range", "key": {"value": True}},
                {"type": "short_text", "part": "sea", "key": {"answers": [{"text": "English Channel"}]}},
            ]
        },
        {
            "parts": [
                {"part": "range", "answer": {"type": "true_false", "value": True}},
                {"part": "sea", "answer": {"type": "short_text", "text": "English channel"}},
            ]
        },
        {"parts": [{"part": "range", "answer": {"type": "true_false", "value": False}}]},
        {"parts": [{"part": "range", "answer": {"type": "true_false", "value": True}}]},
    ),
)

BY_KIND: Final = {example.kind: example for example in EXAMPLES}
