"""The rows on artifacts: well-formed Markdown, short and faithful slides, narration that can be spoken."""

import re

from tests.gateway.generation.course import Course
from tests.gateway.generation.prose import bare, blocks_of, sentences_of, without_markup

_UNSAID = re.compile(r"[`*_<>{}\[\]|\\^~=@#$€£§&+/]|::|https?:|°|%|\w\(\)")
_SYMBOL_WORDS = frozenset(
    [
        "percent",
        "degrees",
        "degree",
        "celsius",
        "fahrenheit",
        "kilometres",
        "metres",
        "centimetres",
        "millimetres",
        "kilometre",
        "metre",
        "per",
        "hour",
        "second",
        "seconds",
        "kilograms",
        "grams",
        "square",
        "cubic",
        "squared",
        "cubed",
        "to",
        "and",
        "or",
        "plus",
        "minus",
        "times",
        "equals",
        "about",
        "over",
        "by",
        "divided",
        "less",
        "greater",
        "than",
        "at",
        "most",
        "least",
        "number",
        "point",
        "euros",
        "dollars",
        "pounds",
        "half",
        "quarter",
        "hours",
        "watts",
        "kilowatts",
        "megawatts",
        "for",
        "example",
        "that",
        "is",
        "versus",
        "so",
        "on",
        "sharp",
    ]
)


def broken_markdown(course: Course) -> list[str]:
    """Open fences, macros, HTML, links and stray marks in any text."""
    found: list[str] = []
    for module in course.outline.modules:
        for kind in ("notes", "slides"):
            text = course.content(module.index, kind)
            prose = re.sub(r"(?ms)^```[^\n]*\n.*?^```$", "", text)
            if "```" in prose or prose.count("**") % 2 or prose.count("`") % 2:
                found.append(f"{kind} {module.index}: an open fence or mark")
            if re.search(r"\{\{|\{%|<!--|<[a-z/][^>\n]*>|\]\(|\[\^|\]\[|&\w+;", re.sub(r"`[^`]*`", "", prose)):
                found.append(f"{kind} {module.index}: a macro, tag, link or entity")
            if not text.startswith("# ") or not text.endswith("\n"):
                found.append(f"{kind} {module.index}: begins or ends wrongly")
    return found


def broken_slides(course: Course) -> list[str]:
    """What breaks the row on slides."""
    source = bare(without_markup(course.everything()))
    slides = [
        s
        for m in course.outline.modules
        for s in re.split(r"(?m)^---$", course.content(m.index, "slides"))
        if s.strip()
    ]
    lines = [[line for line in slide.split("\n") if line.strip()] for slide in slides]
    long = [
        slide
        for slide in lines
        if len(slide) > 6 or any(len(re.sub(r"^\s*(?:[-*]|\d+\.|#+)\s", "", line).split()) > 15 for line in slide)
    ]
    points = [
        re.sub(r"^\s*(?:[-*]|\d+\.)\s", "", line) for slide in lines for line in slide if not line.startswith("#")
    ]
    unfaithful = [point for point in points if bare(point) not in source and not _shortened(point, course)]
    found = [f"slide too long: {slide}" for slide in long] if len(long) > 0.1 * len(lines) else []
    return found + (
        [f"not in the source: {point}" for point in unfaithful] if len(unfaithful) > 0.05 * len(points) else []
    )


def _shortened(point: str, course: Course) -> bool:
    """Whether the words of a point stand in one sentence of the source in this order."""
    words = bare(point).split()
    for block in blocks_of(without_markup(course.everything())):
        for sentence in sentences_of(block):
            rest = iter(bare(sentence).split())
            if all(word in rest for word in words):
                return True
    return False


def broken_narration(course: Course) -> list[str]:
    """What breaks the row on narration."""
    source = bare(without_markup(course.everything()))
    known = set(source.split())
    sentences = [
        s
        for m in course.outline.modules
        for p in course.content(m.index, "narration").split("\n\n")
        for s in sentences_of(p)
    ]
    unsaid = [s for s in sentences if _UNSAID.search(s)]
    grounded = [s for s in sentences if bare(s) in source or not set(bare(s).split()) - known - _SYMBOL_WORDS]
    found = [f"not speakable: {s}" for s in unsaid] if len(unsaid) > 0.03 * len(sentences) else []
    return found + ([f"grounded: {len(grounded)}/{len(sentences)}"] if len(grounded) < 0.85 * len(sentences) else [])
