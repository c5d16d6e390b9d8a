"""Children that make courses: the same bytes as in one process, ended with whoever needs them no longer."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from gateway.generation.builtin import BuiltinGenerator
from gateway.generation.builtin.crew import Crew
from gateway.generation.model import GenerationFailed, NothingElse
from tests.gateway.generation.course import generated
from tests.gateway.generation.orders import SHIPPED, order_of, order_on

KINDS = ["slides", "notes", "narration", "quiz"]
SLOW = order_on("# Waves\n\nWaves carry energy across the sea. " + "The wave of kind number 7 rises. " * 100_000)
PARENT = """
import asyncio
from gateway.generation.builtin.crew import Crew
async def main():
    async with Crew(1) as crew:
        print(crew.idle_pids[0], flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie, which nobody has collected, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_crew_makes_the_bytes_that_one_process_makes() -> None:
    """Outline, artifacts of every kind and a regeneration are the same through a child's pipe."""
    order = order_of(SHIPPED, artifacts=KINDS, modules=2)
    async with Crew(2) as crew:
        courses = [await generated(generator, order) for generator in (BuiltinGenerator(), BuiltinGenerator(crew))]
        assert msgspec.json.encode(courses[0]) == msgspec.json.encode(courses[1])
        course = courses[0]
        notes = next(draft for draft in course.modules[0] if draft.kind == "notes")
        again = [
            await generator.regenerate(order, course.outline, 0, "notes", [notes], ["shorter"])
            for generator in (BuiltinGenerator(), BuiltinGenerator(crew))
        ]
    assert again[0] == again[1]


async def test_failures_come_through_as_they_are() -> None:
    """source_unreadable keeps its code, NothingElse its type; the child lives on."""
    async with Crew(1) as crew:
        before = crew.idle_pids
        generator = BuiltinGenerator(crew)
        with pytest.raises(GenerationFailed) as unreadable:
            await generator.outline(order_on("..."))
        assert unreadable.value.code == "source_unreadable"
        order = order_on("# Bees\n\nBees live in hives. A hive holds one queen.", modules=1)
        outline = await generator.outline(order)
        drafts = await generator.module(order, outline, 0)
        earlier = [draft for draft in drafts if draft.kind == "notes"]

        async def all_there_is() -> None:
            while True:
                earlier.append(await generator.regenerate(order, outline, 0, "notes", earlier, ["again"]))

        with pytest.raises(NothingElse):
            await all_there_is()
        assert crew.idle_pids == before


async def test_a_call_that_is_cancelled_ends_its_child() -> None:
    """No work runs on that nobody waits for; the next call gets a child of its own."""
    async with Crew(1) as crew:
        [pid] = crew.idle_pids
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await BuiltinGenerator(crew).outline(SLOW)
        await until(lambda: not is_alive(pid))
        course = await generated(BuiltinGenerator(crew), order_of(SHIPPED, modules=1))
        assert course.modules
        assert pid not in crew.idle_pids


async def test_a_child_that_dies_at_work_is_a_failure_to_try_again() -> None:
    """The kernel may end a child that took too much memory: the call fails, the crew goes on."""
    async with Crew(1) as crew:
        [pid] = crew.idle_pids
        call = asyncio.create_task(BuiltinGenerator(crew).outline(SLOW))
        await until(lambda: not crew.idle_pids)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(GenerationFailed) as failed:
            await call
        assert (failed.value.code, failed.value.retryable) == ("generator_error", True)
        assert (await generated(BuiltinGenerator(crew), order_of(SHIPPED, modules=1))).modules


async def test_a_child_that_died_at_rest_is_replaced() -> None:
    """Nobody notices."""
    async with Crew(1) as crew:
        [pid] = crew.idle_pids
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not crew.idle_pids)
        assert (await generated(BuiltinGenerator(crew), order_of(SHIPPED, modules=1))).modules


async def test_a_long_document_holds_up_no_other_course() -> None:
    """With two children, a small course is made while a long one is read."""
    async with Crew(2) as crew:
        long = asyncio.create_task(BuiltinGenerator(crew).outline(SLOW))
        await until(lambda: not crew.idle_pids)
        course = await generated(BuiltinGenerator(crew), order_of(SHIPPED, modules=1))
        assert course.modules
        assert not long.done()
        long.cancel()
        await asyncio.wait({long})


async def test_a_course_stays_with_the_child_that_has_read_it() -> None:
    """Two courses in turns are made by two children, each its own."""
    orders = [order_of(SHIPPED, modules=modules) for modules in (1, 2)]
    async with Crew(2) as crew:
        generator = BuiltinGenerator(crew)
        outlines = [await generator.outline(order) for order in orders]
        pids = crew.idle_pids
        assert len(set(pids)) == 2
        for turn in (0, 1, 0):
            await generator.module(orders[turn], outlines[turn], 0)
            assert crew.idle_pids[-1] == pids[turn]


async def test_what_a_long_document_took_is_given_back() -> None:
    """A swollen child keeps its course, takes no other, and ends when it has had nothing to do."""
    orders = [order_of(SHIPPED, modules=modules) for modules in (1, 2)]
    async with Crew(1, swollen_bytes=1, idle_seconds=0.2) as crew:
        generator = BuiltinGenerator(crew)
        outline = await generator.outline(orders[0])
        first = crew.idle_pids
        await generator.module(orders[0], outline, 0)
        assert crew.idle_pids == first
        await generator.outline(orders[1])
        [second] = crew.idle_pids
        assert second not in first
        await until(lambda: not crew.idle_pids)
        await until(lambda: not is_alive(second))


async def test_children_end_with_a_parent_that_was_killed() -> None:
    """SIGKILL of the parent leaves nothing behind."""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    await parent.wait()
    await until(lambda: not is_alive(pid))


async def test_children_know_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads a stranger's document holds no pepper and no database's password."""
    monkeypatch.setenv("COURSEGATE_KEY_PEPPERS", "v1:0000")
    async with Crew(1) as crew:
        environment = Path(f"/proc/{crew.idle_pids[0]}/environ").read_bytes()
    assert b"COURSEGATE_" not in environment
