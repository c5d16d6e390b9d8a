"""What is measured, and how: every pair in one run, in turns, so that a machine's mood hits both alike."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

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


Round: TypeAlias = dict[str, Sample]
"""What was measured in turn: one sample of each subject."""


class Pair(Struct, frozen=True):
    """A promise about two subjects of one round: `over` divided by `under`."""

    name: str
    of: Literal["cpu", "rate"]
    over: str
    under: str
    must: str

    def values(self, rounds: Sequence[Round]) -> list[float]:
        """The ratio in each round that has both: a pause of the machine spoils one round, not the median."""
        return [
            self._figure(one[self.over]) / self._figure(one[self.under])
            for one in rounds
            if self.over in one and self.under in one
        ]

    def _figure(self, sample: Sample) -> float:
        return sample.cpu_microseconds if self.of == "cpu" else sample.per_second


class Ratio(Struct, frozen=True):
    """A promise and what came of it: the median over the rounds, its extremes, and how it moved during the run."""

    name: str
    median: float
    least: float
    most: float
    late_over_early: float
    must: str


def ratio(pair: Pair, rounds: Sequence[Round]) -> Ratio:
    """Divide round by round."""
    return ratio_of(pair.name, pair.values(rounds), pair.must)


def ratio_of(name: str, values: Sequence[float], must: str) -> Ratio:
    """Take the median of a run's ratios; `late_over_early` compares the medians of its two halves."""
    half = max(1, len(values) // 2)
    late, early = statistics.median(values[-half:]), statistics.median(values[:half])
    return Ratio(name, statistics.median(values), min(values), max(values), late / early, must)


def warm_up(subjects: Sequence[Subject], most: int) -> None:
    """Let everybody fill caches and open connections."""
    for subject in subjects:
        subject.sample(WARM_UP_SECONDS, most)


def in_turns(subjects: Sequence[Subject], *, seconds: float, most: int) -> Iterator[tuple[str, Sample]]:
    """Measure each subject once."""
    for subject in subjects:
        yield subject.name, subject.sample(seconds, most)


def figures(subjects: Sequence[Subject], rounds: Sequence[Round]) -> dict[str, Figure]:
    """Take the medians."""
    by_name = {subject.name: [one[subject.name] for one in rounds if subject.name in one] for subject in subjects}
    return {
        name: Figure(
            name,
            statistics.median(sample.per_second for sample in taken),
            statistics.median(sample.cpu_microseconds for sample in taken),
            taken,
        )
        for name, taken in by_name.items()
    }
