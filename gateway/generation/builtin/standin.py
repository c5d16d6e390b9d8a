"""Slides and narration of a module whose sentences fit no slide or can't be said aloud: what its notes hold, made plain.

A list or a table alone makes such a module, and long sentences do. Nothing is added to the words of the notes.
"""

import re

_BREAK = "\n\n---\n\n"
_MOST_LINES = 5
_CODE = re.compile(r"(?ms)^(`{3,})[^\n]*\n.*?^\1$")
_BULLET = re.compile(r"^\s*(?:[-*]|\d+[.)])\s+")
_UNSAID = re.compile(r"[^\w\s,.:;?!’'%()-]|_")


def slides_of(notes: str) -> str:
    """A deck with a line for each entry, row and paragraph of the notes."""
    title, lines = _entries(notes)
    slides = [lines[at : at + _MOST_LINES] for at in range(0, len(lines), _MOST_LINES)]
    return (
        _BREAK.join([f"# {title}", *(f"## {title}\n\n" + "\n".join(f"- {line}" for line in body) for body in slides)])
        + "\n"
    )


def narration_of(notes: str) -> str:
    """The notes as plain sentences, symbols left out."""
    title, lines = _entries(notes)
    said = [" ".join(_UNSAID.sub(" ", re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", line)).split()) for line in (title, *lines)]
    spoken = [line if line.endswith((".", "?", "!")) else f"{line}." for line in said if re.search(r"\w", line)]
    return "\n\n".join([spoken[0], " ".join(line[:1].upper() + line[1:] for line in spoken[1:])]) + "\n"


def _entries(notes: str) -> tuple[str, list[str]]:
    """The title of the notes, and their text line by line; a table's rows without its header, cells parted by commas."""
    title, _, body = _CODE.sub("", notes).partition("\n")
    lines: list[str] = []
    for line in body.split("\n"):
        text = line.strip()
        if text.startswith("|---"):
            lines.pop()  # the header says what the columns are, which a row alone can't
        elif text.startswith("|"):
            lines.append(", ".join(cell.strip() for cell in re.split(r"(?<!\\)\|", text)[1:-1]))
        elif text and not text.startswith("#"):
            lines.append(re.sub(r"^>\s?", "", _BULLET.sub("", text)).rstrip("."))
    return title.removeprefix("# ").strip(), lines
