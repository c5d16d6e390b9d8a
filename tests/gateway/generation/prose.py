"""How an outside judge reads: plain sentences out of Markdown, words, headings and reading grade, by its own means."""

import re
from collections import Counter
from typing import NamedTuple

_FENCE = re.compile(r"(?ms)^(`{3,}|~{3,})[^\n]*\n.*?^\1[ \t]*$")
_STOP = frozenset(
    """a about above after again all also although among an and another any are around as at away be because been before being
    below between both but by can cannot come could did do does down during each either else even every few first for from
    further get give go had has have he her here hers him his how however i if in into is it its itself just keep know last less
    let like made make makes many may me might more most much must my need needs new no nor not now of off often on once one only
    or other our out over own part put rather same see she should since so some still such take than that the their them then
    there therefore these they this those though three through thus to together too toward two under until up upon us use used
    uses using very was way we well were what when where whether which while who whole whom whose why will with within without
    would yet you your""".split()  # ruff: ignore[split-static-string] - a list of words reads as words
)


class Heading(NamedTuple):
    """A heading of a source: where it starts, where the next begins, and its words."""

    start: int
    end: int
    title: str


def without_markup(text: str) -> str:
    """What a reader sees of Markdown: no comments, tags, macros, link targets, emphasis or escapes; code kept."""
    text = re.sub(r"\A---\r?\n.*?\n---\r?\n", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", " ", text)
    text = re.sub(r"(?m)^\[[^\]\n]+\]:.*$", " ", text)
    text = re.sub(r"\[\^[^\]]+\]", "", text)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", " ", text)
    text = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])", r"\1", text)
    text = re.sub(r"(?s)(`+)(?!`)(.+?)(?<!`)\1(?!`)|</?[A-Za-z][^<>]*>", lambda found: found[2] or " ", text)
    text = re.sub(r"(?m)^[ \t]*(?:>[ \t]?)+", "", text)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("`", "")


def bare(text: str) -> str:
    """Words alone, in lower case, one space apart and around, for looking one text up in another."""
    return " " + " ".join(re.findall(r"[^\W_]+", text.lower().replace("’", "'"))) + " "


def headings(text: str) -> list[Heading]:
    """The headings of a source as a reader would list them: ATX, underlined, or a lone line in capitals."""
    hidden = _FENCE.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)
    found: list[tuple[int, str]] = []
    for match in re.finditer(
        r"(?m)^(?:> ?)?#{1,6} +(.+?)\s*#*$|^(\S[^\n]{0,90})\r?\n(?:={3,}|-{3,})[ \t]*\r?$|^([A-Z][A-Z ]{3,60})\r?$",
        hidden,
    ):
        title = next(group for group in match.groups() if group)
        if ":" not in title or not match[2]:
            found.append((match.start(), title))
    ends = [start for start, _ in [*found[1:], (len(text), "")]] if found else []
    return [Heading(start, end, title) for (start, title), end in zip(found, ends, strict=True)]


def blocks_of(markdown: str) -> list[str]:
    """The paragraphs, items and quotes of notes, without headings, tables and code."""
    text = _FENCE.sub("\n\n", markdown)
    found: list[str] = []
    for part in re.split(r"\n\s*\n", text):
        lines = [line for line in part.split("\n") if line.strip()]
        if not lines or lines[0].lstrip().startswith(("#", "|", "---")):
            continue
        group: list[str] = []
        for line in lines:
            item = re.match(r"\s*(?:[-*+]|\d+[.)])\s+", line)
            if item:
                found.append(" ".join(group))
                group = [line[item.end() :]]
            else:
                group.append(re.sub(r"^\s*>\s?", "", line))
        found.append(" ".join(group))
    return [
        re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", re.sub(r"(?<!\w)[*_]{1,2}|[*_]{1,2}(?!\w)|`", "", block)).strip()
        for block in found
        if block.strip()
    ]


def sentences_of(block: str) -> list[str]:
    """The sentences of one block, cut where a stop is followed by a capital, a digit or an opening mark."""
    return [
        part.strip()
        for part in re.split(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9`&])", block)
        if re.search(r"\w", part)
    ]


def content_words(text: str) -> list[str]:
    """The words that carry meaning, plural s off."""
    words = re.findall(r"[^\W\d_]{3,}", text.lower())
    return [
        word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
        for word in words
        if word not in _STOP
    ]


def key_terms(text: str, most: int) -> list[str]:
    """What the text is about: its most frequent content words and its emphasised terms."""
    plain = without_markup(_FENCE.sub(" ", text))
    emphasised = [
        " ".join(content_words(match[1]))
        for match in re.finditer(r"(?<!\w)(?:\*\*|_)([A-Za-z][A-Za-z -]{3,40})(?:\*\*|_)(?!\w)", text)
    ]
    counts = Counter(content_words(plain))
    common = [word for word, count in counts.most_common(most) if count > 1]
    return list(dict.fromkeys([*common, *(term for term in emphasised[:most] if term)]))


def grade(text: str) -> float:
    """The Flesch-Kincaid grade; syllables are runs of vowels, a silent e off."""
    sentences = [s for s in re.split(r"[.!?]+(?:\s|$)", text) if re.search(r"\w", s)]
    words = re.findall(r"[A-Za-z]+", text)
    if not sentences or not words:
        return 0.0
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
