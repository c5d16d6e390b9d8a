# ruff: file-ignore[split-static-string] - a list of words reads as words
"""How the measure reads text: its own plain words, apart from the generator's, so that it judges as a stranger would."""

import re
from typing import Any

STOP = frozenset(
    "a an the this that these those of in on at by for with from to into onto about as and or but nor so if when while "
    "because is are was were be been being has have had do does did can could may might must shall should will would it "
    "its they them their he she his her you your we our i not no than then there here which who whom whose what where "
    "why how each every any some all both either such only also very more most other another one up out over".split()
)
FRAME = frozenset(
    "which term means what is called true or false of these statements about are fits the description number year who name "
    "completes sentence how many match each with it describes put steps events in order time from first to last earliest "
    "for give does do".split()
)
BLANK = "_____"


def plain(text: str) -> str:
    """Text without markup, on one line, with straight quotes, in lower case."""
    text = re.sub(r"<!--.*?-->|</?[A-Za-z][^<>]*>", " ", text, flags=re.DOTALL)
    text = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?", r"\1", text)
    text = re.sub(r"^\s*(?:>\s?)+", "", text, flags=re.MULTILINE)
    text = re.sub(r"[`*]|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)", "", text.replace(BLANK, "\x00")).replace("\x00", BLANK)
    for odd, straight in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
        text = text.replace(odd, straight)
    return " ".join(text.split()).lower()


def stem(word: str) -> str:
    """A word without its inflection."""
    for suffix in ("ing", "ies", "es", "ed", "s", "ly"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


def content(text: str) -> set[str]:
    """The stems of the words that carry meaning."""
    return {
        stem(word)
        for word in re.findall(r"[a-z0-9&]+(?:['-][a-z]+)*", plain(text))
        if word not in STOP and len(word) > 1
    }


def asked(text: str) -> set[str]:
    """The meaning of a stem without the words that every question of its make has."""
    return content(text) - {stem(word) for word in FRAME}


def sentences(source: str) -> list[str]:
    """A source's sentences, roughly."""
    return [part for part in re.split(r"(?<=[.!?])\s+|\n\s*\n|\n(?=\s*(?:[-*|>#]|\d+\.))", source) if part.strip()]


def options(item: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The right and the wrong options of an item that shows options, else two empty lists."""
    shown, key = item["content"], item["key"]
    match item["type"]:
        case "single_choice":
            right = {key["correct"]}
        case "multiple_choice":
            right = set(key["correct"])
        case "gap_select":
            shown, right = {"choices": shown["gaps"][0]["options"]}, set(key["gaps"].values())
        case _:
            return [], []
    return (
        [choice["text"] for choice in shown["choices"] if choice["id"] in right],
        [choice["text"] for choice in shown["choices"] if choice["id"] not in right],
    )


def keys(item: dict[str, Any]) -> list[str]:
    """The texts that the key stands for; a statement has none."""
    content_, key = item["content"], item["key"]
    match item["type"]:
        case "short_text":
            return [key["answers"][0]["text"]]
        case "gap_text":
            return [answers[0]["text"] for answers in key["gaps"].values()]
        case "numeric":
            return [key["answers"][0]["value"]]
        case "matching":
            text = {choice["id"]: choice["text"] for choice in content_["choices"]}
            return [text[choice] for choice in key["pairs"].values()]
        case "ordering":
            text = {entry["id"]: entry["text"] for entry in content_["items"]}
            return [text[entry] for entry in key["order"]]
        case "true_false":
            return []
        case _:
            return options(item)[0]


def visible(item: dict[str, Any]) -> str:
    """All that a learner reads."""
    shown = item["content"]
    entries = [*shown.get("choices", []), *shown.get("stems", []), *shown.get("items", [])]
    for gap in shown.get("gaps", []):
        entries.extend(gap.get("options", []))
    return " ".join([shown["stem"], *(entry["text"] for entry in entries)])


def statement(item: dict[str, Any]) -> str:
    """What a true_false item states, or a gap's sentence with its key put back, or a stem without its opening."""
    stem_ = item["content"]["stem"]
    for opening in ("True or false: ", "Which number completes the sentence? ", "Which year completes the sentence? "):
        stem_ = stem_.removeprefix(opening)
    for key in keys(item) if BLANK in stem_ else []:
        stem_ = stem_.replace(BLANK, key, 1)
    return stem_
