"""The scripted generator of test keys."""

import asyncio

import pytest

from gateway.generation.model import Brief, GenerationFailed, Order
from gateway.generation.sandbox import SLOWEST_MS, Fail, Ok, SandboxGenerator, Slow, Stall, script_of
from tests.gateway.generation.orders import SHIPPED, source_of


def order(topic: str, *, sourced: bool = False) -> Order:
    """An order whose topic is the script."""
    return Order("crs_a", "", Brief(topic=topic), [source_of(SHIPPED)] if sourced else [])


@pytest.mark.parametrize(
    ("topic", "script"),
    [
        ("sandbox:ok", Ok()),
        ("sandbox:fail", Fail(None)),
        ("sandbox:fail_at:2", Fail(2)),
        ("sandbox:stall", Stall()),
        ("sandbox:slow:250", Slow(250)),
        ("sandbox:slow:999999999", Slow(SLOWEST_MS)),
        ("Tides", Ok()),
        ("sandbox:slow:x", Ok()),
    ],
)
def test_the_topic_is_the_script(topic: str, script: object) -> None:
    """Every script of the contract is known; anything else is an ordinary topic."""
    assert script_of(topic) == script


@pytest.mark.parametrize("sourced", [True, False])
async def test_ok_makes_a_course_with_or_without_a_source(sourced: bool) -> None:
    """A test key needs no document; then nothing is cited."""
    generator, wanted = SandboxGenerator(), order("sandbox:ok", sourced=sourced)
    outline = await generator.outline(wanted)
    assert bool(outline.modules[0].source_refs) is sourced
    drafts = await generator.module(wanted, outline, 0)
    assert all(draft.content or draft.items for draft in drafts)
    cited = [item.source_ref is not None for draft in drafts for item in draft.items]
    assert cited == [sourced] * len(cited)
    assert cited
    made = await generator.regenerate(wanted, outline, 0, "notes", [drafts[1]], ["again"])
    assert made.content != drafts[1].content


async def test_fail_fails_at_the_outline_and_fail_at_at_its_module() -> None:
    """A scripted failure is one that may be tried again."""
    generator = SandboxGenerator()
    with pytest.raises(GenerationFailed) as failed:
        await generator.outline(order("sandbox:fail"))
    assert (failed.value.code, failed.value.retryable) == ("generator_error", True)
    late = order("sandbox:fail_at:1", sourced=True)
    outline = await generator.outline(late)
    assert await generator.module(late, outline, 0)
    with pytest.raises(GenerationFailed):
        await generator.module(late, outline, 1)


async def test_fail_at_beyond_the_last_module_fails_at_the_last() -> None:
    """The script forces its outcome, however few modules there are."""
    generator, wanted = SandboxGenerator(), order("sandbox:fail_at:7")
    outline = await generator.outline(wanted)
    with pytest.raises(GenerationFailed):
        await generator.module(wanted, outline, len(outline.modules) - 1)


async def test_stall_waits_until_it_is_cancelled() -> None:
    """A stalled generator answers to nothing but cancellation."""
    stalled = asyncio.create_task(SandboxGenerator().outline(order("sandbox:stall")))
    done, _ = await asyncio.wait([stalled], timeout=0.05)
    assert not done
    stalled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stalled


async def test_slow_takes_its_time_for_each_module() -> None:
    """The delay is per module, and real."""
    generator, wanted = SandboxGenerator(), order("sandbox:slow:80")
    outline = await generator.outline(wanted)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await generator.module(wanted, outline, 0)
    assert loop.time() - began >= 0.08
