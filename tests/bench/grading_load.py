"""How long grading takes: 50 mixed items, the body decoded, validated and graded, over decoding the body alone.

`python -m tests.bench.grading_load` prints the ratio. The items and answers are the worked examples of docs/grading.md, all
types but the essay, over and over.
"""

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import Final

import msgspec
from msgspec import Struct

from grading.answers import Given, read_answers
from grading.faults import Malformed, Unloadable
from grading.model import Item
from grading.submission import CompiledAssessment, grade_all, load_all
from tests.grading.documented import examples

ITEMS: Final = 50
ROUNDS: Final = 200
CALLS: Final = 20


class Load(Struct, frozen=True):
    """Items as authored and as compiled, and a body that answers all of them."""

    items: tuple[Item, ...]
    assessment: CompiledAssessment
    body: bytes


class Measured(Struct, frozen=True):
    """Microseconds for one body, the median of many rounds, and the median of the rounds' ratios."""

    decoding_us: float
    grading_us: float
    ratio: float


def mixed_load(items: int = ITEMS) -> Load:
    """Take the documented examples in turn, each under an id of its own."""
    shown = [example for example in examples() if example.kind != "essay"]
    authored: list[Item] = []
    entries: list[bytes] = []
    for number in range(items):
        example = shown[number % len(shown)]
        item = msgspec.json.decode(example.item, type=Item)
        authored.append(msgspec.structs.replace(item, id=f"q{number}"))
        answer = msgspec.json.encode(msgspec.json.decode(example.answer))
        entries.append(b'{"item_id":"q%d","answer":%b}' % (number, answer))
    assessment = load_all(authored)
    if isinstance(assessment, Unloadable):
        raise TypeError(assessment)
    return Load(tuple(authored), assessment, b"[" + b",".join(entries) + b"]")


def measure(load: Load, rounds: int = ROUNDS) -> Measured:
    """Measure both in turns, so that a machine's mood hits both alike."""
    decoder = msgspec.json.Decoder(tuple[Given, ...])

    def decode() -> None:
        decoder.decode(load.body)

    def grade() -> None:
        answers = read_answers(load.body)
        if not isinstance(answers, tuple) or isinstance(grade_all(load.assessment, answers), Malformed):
            raise TypeError(answers)

    pairs = [(_timed(decode), _timed(grade)) for _ in range(rounds)]
    ratio = median(graded / decoded for decoded, graded in pairs)
    return Measured(median(decoded for decoded, _ in pairs), median(graded for _, graded in pairs), ratio)


def _timed(work: Callable[[], None]) -> float:
    """Microseconds of CPU that one call takes, the mean of a few: a busy machine distorts them least."""
    gc.collect(0)
    began = time.thread_time_ns()
    for _ in range(CALLS):
        work()
    return (time.thread_time_ns() - began) / CALLS / 1000


if __name__ == "__main__":
    found = measure(mixed_load())
    print(f"{ITEMS} mixed items: decoding {found.decoding_us:.0f} us, with grading {found.grading_us:.0f} us")  # ruff: ignore[print]
    print(f"ratio {found.ratio:.2f}; wanted: at most 12")  # ruff: ignore[print]
