"""Tampering with an export, as whoever holds the file can: each is found, with the record at which it shows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import rfc8785
from pytest import param  # ruff: ignore[pytest-incorrect-pytest-import] - reads better forty times

from tests.gateway.records.story import (
    CENTER,
    FOREIGN_KEY,
    KEY,
    OTHER_CENTER,
    Export,
    decisions,
    key_line,
    note,
    sealed,
    written,
)

Attack: TypeAlias = Callable[[Export], Any]


def test_a_sound_export_of_every_type_passes(tmp_path: Path) -> None:
    """Launch, refusals, grades, keys, evidence at every level, redaction, checkpoints: nothing is found, all is covered."""
    found = Export().verified(tmp_path)
    assert found.fault is None
    assert (found.coverage.records, found.signed_to, found.coverage.checkpoints) == (13, 13, 3)
    assert (found.coverage.bodies, found.coverage.bodies_redacted) == (5, 2)
    assert (found.documents, found.approvals, found.clock_steps_back) == (2, 2, 0)


def test_a_clock_that_was_set_back_is_told_and_a_wait_for_the_chain_is_not(tmp_path: Path) -> None:
    """Times are read before the chain's head is locked: a record may be older than the one before it by what a transaction may
    wait and last, and no more than that.
    """
    for back, steps in (("11:59:02", 0), ("11:58:58", 1), ("11:00:03", 1)):
        facts = decisions()
        facts[3] |= {"at": f"2026-03-15T{back}.000000Z"}
        facts[2] |= {"at": "2026-03-15T12:00:04.000000Z"}
        found = Export(sealed(facts)).verified(tmp_path)
        assert (found.fault, found.clock_steps_back) == (None, steps)
        assert any("a clock stood wrong" in limit for limit in found.limits) == bool(steps)


def assert_found(export: Export, folder: Path, seq: int, word: str) -> None:
    fault = export.verified(folder).fault
    assert fault is not None
    assert fault.seq == seq, fault
    assert word in f"{fault.code} {fault.message}", fault


def edit(seq: int, /, **changed: Any) -> Attack:
    """Change what a record says, and leave its hash."""
    return lambda export: export.at(seq)["record"].update(changed)


def edit_and_hash(seq: int, /, **changed: Any) -> Attack:
    """Change what a record says, and make its hash anew: the next record does not hold it."""

    def attack(export: Export) -> None:
        line = export.at(seq)
        line["record"] |= changed
        line["hash"] = _hash(line)

    return attack


def _hash(line: dict[str, Any]) -> str:
    from hashlib import sha256

    return sha256(rfc8785.dumps(line["record"])).hexdigest()


def swap(name: str, one: int, other: int) -> Attack:
    def attack(export: Export) -> None:
        first, second = export.at(one), export.at(other)
        first[name], second[name] = second[name], first[name]

    return attack


def remove(first: int, last: int) -> Attack:
    """Records go; the manifest is made to fit, checkpoints stay where they stood."""

    def attack(export: Export) -> None:
        del export.records[first - 1 : last]
        export.manifest = export.counted(len(export.records))

    return attack


def insert(place: int, line: Callable[[Export], Any]) -> Attack:
    def attack(export: Export) -> None:
        export.records.insert(place - 1, line(export))

    return attack


def renumber(export: Export) -> None:
    """A record goes, and those behind it close ranks."""
    del export.records[6]
    for line in export.records[6:]:
        line["record"]["seq"] -= 1
        line["hash"] = _hash(line)
    export.manifest = export.counted(12)


def cut(size: int, *, manifest: bool) -> Attack:
    """The tail goes, and with `manifest` what the manifest says of it; the checkpoints too."""

    def attack(export: Export) -> None:
        del export.records[size:]
        export.notes = {at: text for at, text in export.notes.items() if at <= size}
        if manifest:
            export.manifest = export.counted(size)

    return attack


def in_manifest(**changed: Any) -> Attack:
    return lambda export: export.manifest.update(changed)


def redacts(seqs: list[int]) -> Export:
    """A chain whose redaction names these, sealed and signed so."""
    facts = decisions()
    facts[10]["outcome"] = {"seqs": seqs}
    return Export(sealed(facts))


def second_chain(export: Export, **other: Any) -> None:
    """A sound chain of another center or env, signed by our own key, under our opening."""
    place = {"center": CENTER, "env": "live"} | other
    opening = export.opening
    export.__init__(sealed(decisions(), **place), **place)  # type: ignore[misc]
    export.opening = opening
    export.manifest = export.counted(13)


EDITS = [
    param(edit(5, outcome={"score_cents": 1000}), 5, "hash_differs", id="edit an outcome"),
    param(edit_and_hash(6, outcome={"score_cents": 1000}), 7, "link_differs", id="edit an outcome and its hash"),
    param(edit(3, actor="key_b"), 3, "hash_differs", id="edit an actor"),
    param(edit(4, policy={"plan": "pro"}), 4, "hash_differs", id="edit the policy in force"),
    param(edit(6, subject="sub_x"), 6, "hash_differs", id="edit a subject"),
    param(edit(6, at="2025-03-15T12:00:06.000000Z"), 6, "hash_differs", id="move the clock of a record"),
    param(edit(4, critical=False), 4, "hash_differs", id="take the mark `critical` away"),
    param(lambda e: e.at(6).update(body='{"learner_ref":"bob"}'), 6, "body_differs", id="edit a body"),
    param(swap("salt", 2, 3), 2, "body_differs", id="swap salts"),
    param(swap("body", 2, 3), 2, "body_differs", id="swap bodies"),
    param(lambda e: e.at(6).update(salt="00"), 6, "body_differs", id="a short salt"),
    param(lambda e: e.at(6).pop("salt"), 6, "body_differs", id="a body without its salt"),
    param(lambda e: e.at(4).update(salt="00" * 16, body="x"), 4, "body_unasked", id="a body that was never asked for"),
    param(edit(9, outcome={"level": "DRAFT"}), 9, "hash_differs", id="downgrade an evidence level"),
    param(edit(8, actor="usr_c"), 8, "hash_differs", id="swap an approver"),
    param(lambda e: e.at(7).update(hash="0" * 64), 7, "hash_differs", id="edit a hash"),
    param(lambda e: e.at(7).update(hash="xyz"), 7, "hash_differs", id="a hash that is none"),
    param(edit(7, prev_hash="0" * 64), 7, "hash_differs", id="edit a link"),
    param(edit_and_hash(13, request_id="req_x"), 13, "another head was signed", id="edit the last record and its hash"),
]

PLACES = [
    param(remove(7, 7), 7, "gap", id="delete a middle record"),
    param(remove(1, 1), 1, "gap", id="delete the first record"),
    param(remove(6, 9), 6, "gap", id="delete a range"),
    param(insert(7, lambda e: e.at(6) | {}), 7, "gap", id="duplicate a record"),
    param(insert(7, lambda e: written(e.at(6)) and json.loads(written(e.at(3)))), 7, "gap", id="insert an old record"),
    param(lambda e: e.records.reverse(), 1, "gap", id="reverse the order"),
    param(lambda e: e.records.insert(6, e.records.pop(7)), 7, "gap", id="reorder two records"),
    param(renumber, 7, "link_differs", id="delete a record and renumber the rest"),
    param(edit_and_hash(7, seq=70), 7, "gap", id="renumber one record"),
    param(cut(11, manifest=False), 12, "tail_cut", id="cut the tail"),
    param(lambda e: (cut(11, manifest=False)(e), setattr(e, "manifest", None)), 12, "tail_cut", id="cut tail and manifest"),
    param(remove(12, 13), 12, "tail_cut", id="cut the tail and leave its checkpoint"),
    param(edit_and_hash(1, type="launch.admitted"), 1, "first_record", id="no genesis"),
    param(edit_and_hash(1, prev_hash="0" * 64), 1, "link_differs", id="a genesis bound to nothing"),
    param(lambda e: e.records.__setitem__(0, sealed(decisions(), center=OTHER_CENTER)[0]), 1, "other_chain", id="swap the genesis"),
    param(lambda e: second_chain(e, center=OTHER_CENTER), 1, "other_chain", id="replay another center's chain"),
    param(lambda e: second_chain(e, env="test"), 1, "other_chain", id="replay the other env's chain"),
    param(lambda e: e.opening.update(center=OTHER_CENTER), 1, "other_chain", id="another center's opening"),
    param(in_manifest(size=12), 13, "manifest_differs", id="manifest: a smaller size"),
    param(in_manifest(size=20), 14, "tail_cut", id="manifest: a larger size"),
    param(in_manifest(head="0" * 64), 13, "head_differs", id="manifest: another head"),
    param(in_manifest(env="test"), 13, "manifest_differs", id="manifest: another env"),
    param(in_manifest(bodies=4), 13, "manifest_differs", id="manifest: other counts"),
    param(in_manifest(ranges=[[2, 13]]), 13, "manifest_differs", id="manifest: other ranges"),
    param(lambda e: e.behind.append(written(e.at(13))), 13, "manifest_differs", id="a record behind the manifest"),
]  # fmt: skip


@pytest.mark.parametrize(("attack", "seq", "word"), [*EDITS, *PLACES])
def test_tampering_with_records_is_found(attack: Attack, seq: int, word: str, tmp_path: Path) -> None:
    """What a record says, where it stands, what it commits to: no change passes, and the report names the record."""
    export = Export()
    attack(export)
    assert_found(export, tmp_path, seq, word)


@pytest.mark.parametrize(
    ("export", "seq", "word"),
    [
        param(lambda: redacts([5]), 10, "no redaction names it", id="a redaction without its entry"),
        param(lambda: redacts([5, 6, 10]), 11, "redaction_unfounded", id="an entry that names more than it drops"),
        param(lambda: redacts([5, 10, 10]), 11, "redaction_unfounded", id="an entry that names a body twice"),
        param(lambda: redacts([5, 10, 12]), 11, "redaction_unfounded", id="an entry that names what comes later"),
        param(lambda: redacts([5, 10, 4]), 11, "redaction_unfounded", id="an entry that names what had no body"),
    ],
)  # fmt: skip
def test_bodies_go_only_where_a_record_says_so(
    export: Callable[[], Export], seq: int, word: str, tmp_path: Path
) -> None:
    """Even in a chain that is sealed and signed so: a body that is gone is named, and what is named is gone."""
    assert_found(export(), tmp_path, seq, word)


@pytest.mark.parametrize(
    ("attack", "seq", "word"),
    [
        param(lambda e: e.notes.update({5: note(5, e.at(5)["hash"], center=OTHER_CENTER)}), 5, "another chain", id="of another center"),
        param(lambda e: e.notes.update({5: note(5, e.at(5)["hash"], env="test")}), 5, "another chain", id="of the other env"),
        param(lambda e: e.notes.update({5: e.notes[5].replace("\n5\n", "\n6\n")}), 5, "signature_differs", id="size edited"),
        param(lambda e: e.notes.update({5: note(6, e.at(5)["hash"])}), 6, "tail_cut", id="size signed otherwise"),
        param(lambda e: e.notes.update({5: note(5, e.at(6)["hash"])}), 5, "another head", id="head signed otherwise"),
        param(lambda e: e.notes.update({5: e.notes[5].partition("\n\n")[0] + "\n"}), 5, "not signed", id="signature stripped"),
        param(lambda e: e.notes.update({5: e.notes[10].replace("\n10\n", "\n5\n")}), 5, "signature_differs", id="an old note reused"),
        param(lambda e: e.notes.update({5: note(5, e.at(5)["hash"], FOREIGN_KEY)}), 5, "signature_differs", id="signed by a stranger"),
        param(lambda e: e.notes.update({5: e.notes[5].replace("— coursegate", "— somebody")}), 5, "signature_differs", id="name edited"),
        param(lambda e: e.notes.update({6: e.notes.pop(5)}), 5, "checkpoint_unordered", id="moved behind another record"),
        param(lambda e: e.notes.update({5: "\x00" * 20}), 5, "signature_differs", id="NUL for a note"),
        param(lambda e: e.keys[0].update(key=key_line(FOREIGN_KEY)), 5, "signature_differs", id="the public key swapped"),
        param(lambda e: e.keys[0].update(key=key_line(KEY)[:-8] + "AAAAAAA="), 1, "public key", id="the public key damaged"),
        param(lambda e: e.keys.clear(), 5, "signature_differs", id="the public key removed"),
        param(lambda e: (e.notes.clear(), e.manifest.update(checkpoints=0)), 1, "not_trusted", id="all checkpoints removed"),
    ],
)  # fmt: skip
def test_tampering_with_checkpoints_is_found(attack: Attack, seq: int, word: str, tmp_path: Path) -> None:
    """What was signed, by whom, and where it stands: a checkpoint that is not the gateway's own proves nothing."""
    export = Export()
    attack(export)
    assert_found(export, tmp_path, seq, word)
