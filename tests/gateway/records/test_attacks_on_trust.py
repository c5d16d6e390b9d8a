"""History written anew, tails cut with all their traces, keys stolen: what signatures and checkpoints kept outside show."""

from pathlib import Path

import pytest

from gateway.records.export_file import Unreadable, verify
from gateway.records.trust import Trust, WrongTrust
from tests.gateway.records.story import (
    FOREIGN_KEY,
    KEY,
    OLD_KEY,
    OTHER_CENTER,
    Export,
    decisions,
    fingerprint,
    key_line,
    note,
    sealed,
)


def history_without(number: int, *keys: object, **given: object) -> Export:
    """The whole chain sealed anew, as if one decision had never been made, under signatures of the first of `keys`."""
    facts = decisions()
    facts[number - 1] = {"type": "launch.admitted", "subject": "crs_b"}
    return Export(sealed(facts), keys=keys or (KEY,), **given)  # type: ignore[arg-type]


def kept(*notes: str) -> str:
    """A file of checkpoints as it lies outside of the database: one note behind the other."""
    return "\n".join(notes)


def signed_heads(export: Export) -> str:
    return kept(*export.notes.values())


def test_history_rewritten_without_the_key_is_found(tmp_path: Path) -> None:
    """Who may write the database but has no key can seal a new chain; no checkpoint of a trusted key holds it."""
    fault = history_without(6, FOREIGN_KEY).verified(tmp_path).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (1, "not_trusted")


def test_history_rewritten_around_the_old_checkpoints_is_found(tmp_path: Path) -> None:
    """The genuine notes in the rewritten chain sign other heads: at the first of them it shows."""
    genuine = Export()
    export = history_without(6)
    export.notes = genuine.notes
    fault = export.verified(tmp_path).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (10, "checkpoint_differs")


def test_history_rewritten_with_a_replaced_key_is_found(tmp_path: Path) -> None:
    """A key that was rotated out and then stolen signs nothing any more, whether the current one is named alone or first."""
    export = history_without(6, OLD_KEY)
    alone, both = export.verified(tmp_path, KEY).fault, export.verified(tmp_path, KEY, OLD_KEY).fault
    assert alone is not None
    assert both is not None
    assert (alone.seq, alone.code) == (1, "not_trusted")
    assert (both.seq, both.code) == (13, "not_trusted")


def test_a_replaced_key_signs_nothing_behind_its_successor(tmp_path: Path) -> None:
    """Checkpoints of the old key before the rotation are sound; one behind a checkpoint of the new key is none."""
    records = sealed(decisions())
    heads = {line["record"]["seq"]: line["hash"] for line in records}
    sound = Export(records, keys=(KEY, OLD_KEY), notes={5: note(5, heads[5], OLD_KEY)})
    assert sound.verified(tmp_path, KEY, OLD_KEY).fault is None
    late = Export(records, keys=(KEY, OLD_KEY), notes={13: note(13, heads[13], OLD_KEY)})
    fault = late.verified(tmp_path, KEY, OLD_KEY).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (13, "signature_differs")


def test_what_a_stranger_signed_proves_nothing(tmp_path: Path) -> None:
    """A key of the export that is not trusted moves no border: what it alone signed is told as not proven."""
    records = sealed(decisions())
    head = records[12]["hash"]
    export = Export(records, keys=(KEY, FOREIGN_KEY), signed_at=(5,), notes={13: note(13, head, FOREIGN_KEY)})
    found = export.verified(tmp_path)
    assert found.fault is None
    assert found.signed_to == 5
    assert any("records 6 to 13" in limit for limit in found.limits)


def test_a_tail_cut_with_its_checkpoints_and_manifest_is_found_from_outside(tmp_path: Path) -> None:
    """Nothing in the file can show it: a checkpoint that was kept elsewhere does, and names the first missing record."""
    genuine = Export()
    cut = Export(genuine.records[:11], signed_at=(5, 10))
    assert cut.verified(tmp_path).fault is None
    fault = cut.verified(tmp_path, kept=signed_heads(genuine)).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (12, "tail_cut")


def test_a_tail_rewritten_with_the_stolen_current_key_is_found_from_outside(tmp_path: Path) -> None:
    """With the key that signs now everything in the file fits; the checkpoint kept elsewhere signed another head."""
    rewritten = history_without(12)
    assert rewritten.verified(tmp_path).fault is None
    fault = rewritten.verified(tmp_path, kept=signed_heads(Export())).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (13, "checkpoint_differs")


def test_checkpoints_kept_outside_may_be_of_many_chains(tmp_path: Path) -> None:
    """The file outside holds every center's notes, some twice: those of this chain count, and agree."""
    export = Export()
    foreign = note(5, "00" * 32, center=OTHER_CENTER)
    lines = kept(foreign, *export.notes.values(), export.notes[13], foreign)
    assert export.verified(tmp_path, kept=lines).fault is None


def test_a_checkpoint_outside_that_no_key_signed_is_found(tmp_path: Path) -> None:
    """Were it left aside, an export with other keys would have nothing to fear from the file outside."""
    export = history_without(6, FOREIGN_KEY)
    fault = export.verified(tmp_path, FOREIGN_KEY, kept=signed_heads(Export())).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (5, "signature_differs")


@pytest.mark.parametrize("text", ["no note\n", "a\nb\n\n— coursegate AAAA\n", "\x00"])
def test_a_file_of_checkpoints_that_holds_anything_else_is_unreadable(text: str, tmp_path: Path) -> None:
    """A damaged file outside is no reason to pass it over."""
    with pytest.raises(Unreadable):
        Export().verified(tmp_path, kept=text)


def test_without_trust_a_sound_chain_is_said_to_prove_little(tmp_path: Path) -> None:
    """The keys in a file are the file's own word."""
    found = verify(history_without(6, FOREIGN_KEY).write(tmp_path))
    assert found.fault is None
    assert found.trust == "none"
    assert any(limit.startswith("trust: none") for limit in found.limits)


def test_trust_is_a_list_of_keys_or_fingerprints(tmp_path: Path) -> None:
    """The current key first; remarks and empty lines are left alone, and either form names the same key."""
    text = f"# since March\n{key_line(KEY)}\n\nSHA256:{fingerprint(OLD_KEY).upper()}  # until March\n"
    assert Trust.in_text(text) == Trust((fingerprint(KEY), fingerprint(OLD_KEY)))


@pytest.mark.parametrize("text", ["", "# nothing\n", "coursegate+00000000+AAAA\n", "0" * 63, f"{'0' * 64}\n" * 101])
def test_what_names_no_key_is_no_trust(text: str) -> None:
    """An empty file trusts nobody, which must not look like trust."""
    with pytest.raises(WrongTrust):
        Trust.in_text(text)


def test_a_key_whose_id_is_not_its_own_is_no_trust() -> None:
    """The id is a hash of name and key: a line with the id of one key and the bytes of another is refused."""
    _, own_id, _ = key_line(KEY).split("+")
    name, _, foreign = key_line(FOREIGN_KEY).split("+")
    with pytest.raises(WrongTrust):
        Trust.in_text(f"{name}+{own_id}+{foreign}")
