"""Checking a chain: what is sound passes, and whatever was changed is named with its record."""

import json
import time
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from msgspec import structs

from gateway.records.chain import Chain, Entry, Fault
from gateway.records.notes import Checkpoint, origin_of

CENTER = "ctr_a"


def sealed(decisions: list[dict[str, Any]], *, center: str = CENTER, env: str = "live") -> list[Entry]:
    """A chain as the contract describes it, written without the product."""
    return list(_sealed(iter(decisions), center, env))


def _sealed(decisions: Iterator[dict[str, Any]], center: str, env: str) -> Iterator[Entry]:
    previous = sha256(f"coursegate decision records\n{center}\n{env}\n".encode()).hexdigest()
    for seq, decision in enumerate(decisions, 1):
        body, salt = decision.pop("body", None), bytes(16)
        facts = {
            "actor": "key_a",
            "at": "2026-03-15T12:00:00.000000Z",
            "center": center,
            "commitment": None if body is None else sha256(salt + body.encode()).hexdigest(),
            "critical": False,
            "env": env,
            "id": f"dpu_{seq}",
            "outcome": {},
            "policy": {},
            "prev_hash": previous,
            "request_id": None,
            "seq": seq,
            "subject": "crs_a",
            "type": "genesis" if seq == 1 else "test.decided",
            "v": 1,
        } | decision
        text = rfc8785.dumps(facts).decode()
        digest = sha256(text.encode())
        previous = digest.hexdigest()
        yield Entry(seq, text, digest.digest(), None if body is None else salt, body)


def judge(entries: list[Entry], **given: Any) -> Fault | None:
    checkpoints = given.pop("checkpoints", ())
    chain = Chain(CENTER, "live", checkpoints=checkpoints)
    for entry in entries:
        fault = chain.take(entry)
        if fault is not None:
            return fault
    return chain.finish(**given)


def _changed(entry: Entry, **facts: Any) -> Entry:
    """The record with other facts, hashed anew."""
    text = rfc8785.dumps(json.loads(entry.record) | facts).decode()
    return structs.replace(entry, record=text, hash=sha256(text.encode()).digest())


SOUND = [{}, {"body": "anna"}, {}, {"body": "bela"}, {"type": "redacted", "outcome": {"seqs": [2]}}, {}]


def sound() -> list[Entry]:
    """Six records; the second's body was dropped, and the fifth says so."""
    entries = sealed([dict(one) for one in SOUND])
    entries[1] = structs.replace(entries[1], salt=None, body=None)
    return entries


def checkpoint(entry: Entry) -> Checkpoint:
    return Checkpoint(origin_of(CENTER, "live"), entry.seq, entry.hash)


def test_a_sound_chain_passes_and_says_what_it_covers() -> None:
    """Every record is counted, what was redacted too, and how far checkpoints reach."""
    entries = sound()
    chain = Chain(CENTER, "live", checkpoints=[checkpoint(entries[2]), checkpoint(entries[4])])
    assert [chain.take(entry) for entry in entries] == [None] * 6
    assert chain.finish((6, entries[5].hash)) is None
    coverage = chain.coverage
    assert (coverage.records, coverage.bodies, coverage.bodies_redacted) == (6, 1, 1)
    assert (coverage.checkpoints, coverage.checkpointed_seq, coverage.adopted) == (2, 5, False)


@pytest.mark.parametrize("nth", range(6))
def test_a_record_that_is_gone_is_named(nth: int) -> None:
    """Whichever record is taken out, its number is told; at the end the head tells it."""
    entries = sound()
    head = (6, entries[5].hash)
    del entries[nth]
    fault = judge(entries, head=head)
    assert fault is not None
    assert (fault.seq, fault.code) == (nth + 1, "tail_cut" if nth == 5 else "gap")


def test_an_edit_is_found_whether_hashed_anew_or_not() -> None:
    """A changed text has another hash; with its hash changed too, the next record does not hold it."""
    entries = sound()
    entries[2] = structs.replace(entries[2], record=entries[2].record.replace("key_a", "key_b"))
    assert judge(entries) == Fault(3, "hash_differs", "its hash is not that of its text")
    entries[2] = _changed(sound()[2], actor="key_b")
    fault = judge(entries)
    assert fault is not None
    assert (fault.seq, fault.code) == (4, "link_differs")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"center": "ctr_b"}, "other_chain"),
        ({"env": "test"}, "other_chain"),
        ({"seq": 7}, "gap"),
        ({"prev_hash": "0" * 64}, "link_differs"),
        ({"type": "genesis"}, "first_record"),
        ({"v": 2}, "unreadable"),
        ({"more": 1}, "unreadable"),
        ({"outcome": {"x": 1.5}}, "unreadable"),
        ({"type": "redacted", "outcome": {"seqs": [4]}}, "redaction_unfounded"),
        ({"type": "redacted", "outcome": {}}, "redaction_unfounded"),
        ({"commitment": "0" * 64}, "body_missing"),
    ],
)
def test_what_a_record_may_not_say(facts: dict[str, Any], code: str) -> None:
    """A record of another chain or form is named, though its hash is that of its text."""
    entries = sound()[:6]
    entries[5] = _changed(entries[5], **facts)
    fault = judge(entries)
    assert fault is not None
    assert (fault.seq, fault.code) == (6, code)


def test_another_spelling_of_a_record_is_refused() -> None:
    """There is one text a record: white space makes it another."""
    entries = sound()
    text = entries[2].record.replace(":", ": ", 1)
    entries[2] = Entry(3, text, sha256(text.encode()).digest())
    fault = judge(entries)
    assert fault is not None
    assert (fault.seq, fault.code) == (3, "unreadable")


def test_bodies_are_what_was_committed_to() -> None:
    """Exchanged, dropped without a word, or put where none was: each is named."""
    entries = sound()
    entries[3] = structs.replace(entries[3], body="anna")
    assert judge(entries) == Fault(4, "body_differs", "its body is not the one that it commits to")
    entries[3] = structs.replace(entries[3], salt=None, body=None)
    assert judge(entries) == Fault(4, "body_missing", "its body is gone, and no redaction names it")
    entries = sound()
    entries[2] = structs.replace(entries[2], salt=bytes(16), body="x")
    assert judge(entries) == Fault(3, "body_unasked", "a body stands beside a record that has none")


def test_a_history_that_was_written_anew_meets_its_checkpoint() -> None:
    """A whole new chain verifies by itself; the head that was signed before is another."""
    entries = sound()
    rewritten = sealed([{}, {"actor": "key_b"}, {}])
    assert judge(rewritten) is None
    fault = judge(rewritten, checkpoints=[checkpoint(entries[2])])
    assert fault is not None
    assert (fault.seq, fault.code) == (3, "checkpoint_differs")


def test_a_cut_tail_meets_its_checkpoint() -> None:
    """What was signed must be there, though the head was set back with the tail."""
    entries = sound()
    fault = judge(entries[:4], checkpoints=[checkpoint(entries[5])], head=(4, entries[3].hash))
    assert fault is not None
    assert (fault.seq, fault.code) == (5, "tail_cut")


def test_checkpoints_rise() -> None:
    """One that says less than the one before it is out of its place."""
    entries = sound()
    fault = judge(entries, checkpoints=[checkpoint(entries[4]), checkpoint(entries[2])])
    assert fault is not None
    assert fault.code == "checkpoint_unordered"


def test_memory_does_not_grow_with_the_chain() -> None:
    """A bit a record: twenty thousand records, each with a body that was dropped, take no more than a few kilobytes; a
    million takes minutes at most.
    """
    count = 20_000
    chain = Chain(CENTER, "live")
    entries = _sealed(({"body": "x" * 200} for _ in range(count)), CENTER, "live")
    tracemalloc.start()
    spent = 0.0
    for entry in entries:
        dropped = structs.replace(entry, salt=None, body=None)
        begun = time.process_time()
        assert chain.take(dropped) is None
        spent += time.process_time() - begun
        if entry.seq == 1000:
            before = tracemalloc.get_traced_memory()[0]
    assert tracemalloc.get_traced_memory()[0] - before < 16_384
    tracemalloc.stop()
    assert spent / count * 1_000_000 < 300
