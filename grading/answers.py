"""Answers as they arrive: bytes become typed answers, or every structural error with its path.

Well-formed answers take one typed decoding. Where that fails, the bytes are read once more without types and walked
against the same types (`grading/shapes.py`), because the decoder names only the first error.
"""

from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Raw, Struct

from grading.faults import ERRORS_MAX, FormatError, Malformed
from grading.model import Answer
from grading.shapes import as_told, errors_of

MOST_ANSWERS: Final = 200
"""Answers a body may hold: as many as an assessment may have items."""

ANSWER_BYTES_MAX: Final = 64 * 1024
"""Bytes of JSON that one answer may be. A body that is no longer holds none that is."""

ItemId = Annotated[str, msgspec.Meta(max_length=64)]


class Given(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to one item."""

    item_id: ItemId
    answer: Answer


class Misshapen(Struct, frozen=True):
    """An entry that is no answer: its errors, seen from the entry (`answer.gaps[0].text`); its item, if it names one."""

    item_id: str | None
    errors: tuple[FormatError, ...]


class Unreadable(Struct, frozen=True):
    """Bytes that are no JSON, or nest too deeply, or hold half of a character: nothing in them can be named."""

    message: str


Answers: TypeAlias = tuple[Given | Misshapen, ...]
"""The entries of a body, in its order, so that an entry's index is its place in the body."""

Body: TypeAlias = bytes | bytearray | memoryview | Raw

_answers: Final[msgspec.json.Decoder[tuple[Given, ...]]] = msgspec.json.Decoder(
    Annotated[tuple[Given, ...], msgspec.Meta(max_length=MOST_ANSWERS)]
)
_answer: Final[msgspec.json.Decoder[Answer]] = msgspec.json.Decoder(Answer)


def read_answers(body: Body) -> Answers | Malformed | Unreadable:
    """Return the entries of a list `[{item_id, answer}]`. Malformed, with the param "", if it is no list or too long.

    Entries that are misshapen stand among the others, so that the errors of all can be told at once.
    """
    try:
        answers: Answers | Malformed | Unreadable = _answers.decode(body)
    except msgspec.ValidationError as error:
        answers = _entries(body, error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unreadable(_why(error))
    return answers if memoryview(body).nbytes <= ANSWER_BYTES_MAX else _without_giants(body, answers)


def read_answer(body: Body) -> Answer | Malformed | Unreadable:
    """Return one answer, or all its structural errors, their paths relative to it (`choices[0]`).

    The param of one that is too long is "".
    """
    try:
        answer: Answer | Malformed | Unreadable = _answer.decode(body)
    except msgspec.ValidationError as error:
        answer = _answer_again(body, error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unreadable(_why(error))
    if memoryview(body).nbytes > ANSWER_BYTES_MAX and not isinstance(answer, Unreadable):
        return Malformed((_giant(""),))
    return answer


class _Held(Struct):
    """An entry, as far as it is needed to measure its answer."""

    answer: Raw = Raw()


_raws: Final[msgspec.json.Decoder[list[Raw]]] = msgspec.json.Decoder(list[Raw])
_held: Final[msgspec.json.Decoder[_Held]] = msgspec.json.Decoder(_Held)


def _giant(param: str) -> FormatError:
    message = f"an answer is at most {ANSWER_BYTES_MAX} bytes of JSON"
    return FormatError("too_long", param, message, limit=ANSWER_BYTES_MAX)


def _without_giants(body: Body, answers: Answers | Malformed | Unreadable) -> Answers | Malformed | Unreadable:
    """Put a refusal in the place of every answer that is too long."""
    if not isinstance(answers, tuple):
        return answers
    return tuple(
        Misshapen(entry.item_id, (_giant("answer"),)) if _is_giant(raw) else entry
        for raw, entry in zip(_raws.decode(body), answers, strict=False)
    )


def _is_giant(entry: Raw) -> bool:
    if memoryview(entry).nbytes <= ANSWER_BYTES_MAX:
        return False
    try:
        return memoryview(_held.decode(entry).answer).nbytes > ANSWER_BYTES_MAX
    except msgspec.ValidationError:
        return False


def _why(error: Exception) -> str:
    return "the JSON nests too deeply" if isinstance(error, RecursionError) else "this is no JSON"


class _Untyped(Struct):
    value: Any


def _untyped(body: Body, first: msgspec.ValidationError) -> _Untyped | Malformed | Unreadable:
    """Read the JSON as it is, after the typed decoding said `first`.

    A number beyond all floats is valid JSON, and yet this can't read it: then the first error is all that is told.
    """
    try:
        return _Untyped(msgspec.json.decode(body))
    except msgspec.ValidationError:
        return Malformed((as_told(first),))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unreadable(_why(error))


def _answer_again(body: Body, first: msgspec.ValidationError) -> Malformed | Unreadable:
    found = _untyped(body, first)
    return Malformed(errors_of(found.value, Answer, first)) if isinstance(found, _Untyped) else found


def _entries(body: Body, first: msgspec.ValidationError) -> Answers | Malformed | Unreadable:
    """Read the entries one by one."""
    read = _untyped(body, first)
    if not isinstance(read, _Untyped):
        return read
    found = read.value
    if not isinstance(found, list):
        return Malformed((FormatError("type_mismatch", "", "a list of answers is needed"),))
    if len(found) > MOST_ANSWERS:
        return Malformed((FormatError("too_many", "", f"at most {MOST_ANSWERS} answers", limit=MOST_ANSWERS),))
    entries: list[Given | Misshapen] = []
    errors = 0
    for each in found:
        entry = _entry(each)
        entries.append(entry)
        errors += len(entry.errors) if isinstance(entry, Misshapen) else 0
        if errors >= ERRORS_MAX:
            break
    return tuple(entries)


def _entry(entry: Any) -> Given | Misshapen:
    try:
        return msgspec.convert(entry, Given)
    except msgspec.ValidationError as error:
        named = entry.get("item_id") if isinstance(entry, dict) else None
        return Misshapen(named if isinstance(named, str) else None, errors_of(entry, Given, error))
