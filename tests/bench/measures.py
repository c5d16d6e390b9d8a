"""What is measured, and how: every pair in one run, in turns, so that a machine's mood hits both alike."""

import statistics
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from tests.bench.load import Outcome, run_closed, run_open
from tests.bench.servers import Server

CONNECTIONS: Final = 64
WARM_UP_SECONDS: Final = 1.0


class Sample(Struct, frozen=True):
    """One load on one server: answers a second, and CPU of the answering process for each."""

    per_second: float
    cpu_microseconds: float


class Figure(Struct, frozen=True):
    """The median of several samples of one thing."""

    name: str
    per_second: float
    cpu_microseconds: float
    samples: list[Sample]


class Latency(Struct, frozen=True):
    """Milliseconds an answer takes at a rate."""

    name: str
    per_second: float
    p50: float
    p99: float


class Subject(Struct, frozen=True):
    """Something to measure: requests to a server, a fresh batch for each load where they work only once."""

    name: str
    server: Server
    batches: Callable[[int], list[bytes]]
    expected_status: int
    once: bool = False

    def sample(self, seconds: float, most: int) -> Sample:
        """Put a load on it; raises AssertionError where anything but the expected answer came."""
        requests = self.batches(most)
        before = self.server.cpu_seconds()
        outcome = run_closed(self.server.target, requests, connections=CONNECTIONS, seconds=seconds, once=self.once)
        spent = self.server.cpu_seconds() - before
        self.check(outcome)
        return Sample(outcome.per_second, spent / outcome.answers * 1e6)

    def latency(self, per_second: float, seconds: float) -> Latency:
        """Measure answers' times at this rate."""
        requests = self.batches(int(per_second * seconds) + CONNECTIONS)
        outcome = run_open(
            self.server.target,
            requests,
            per_second=per_second,
            connections=CONNECTIONS,
            seconds=seconds,
            once=self.once,
        )
        self.check(outcome)
        return Latency(self.name, per_second, outcome.percentile(0.5), outcome.percentile(0.99))

    def check(self, outcome: Outcome) -> None:
        """A benchmark of refusals would be worth nothing."""
        assert set(outcome.statuses) == {self.expected_status}, f"{self.name}: {outcome.statuses}"


def in_turns(subjects: list[Subject], *, rounds: int, seconds: float, most: int) -> Iterator[tuple[str, Sample]]:
    """Measure each subject once a round, after a warm-up of all."""
    for subject in subjects:
        subject.sample(WARM_UP_SECONDS, most)
    for _ in range(rounds):
        for subject in subjects:
            yield subject.name, subject.sample(seconds, most)


def figures(subjects: list[Subject], samples: list[tuple[str, Sample]]) -> dict[str, Figure]:
    """Take the medians."""
    by_name = {subject.name: [s for name, s in samples if name == subject.name] for subject in subjects}
    return {
        name: Figure(
            name,
            statistics.median(sample.per_second for sample in taken),
            statistics.median(sample.cpu_microseconds for sample in taken),
            taken,
        )
        for name, taken in by_name.items()
    }
