"""Evidence forged by an insider who seals and signs: every hash fits, and the rules are judged from the records alone."""

from pathlib import Path
from typing import Any

import pytest
from pytest import param  # ruff: ignore[pytest-incorrect-pytest-import] - reads better many times

from tests.gateway.records.story import Export, approved, attached, decisions, sealed


def with_last(*entries: dict[str, Any]) -> Export:
    """The story, and these entries behind it, sealed and signed by the true key."""
    records = sealed([*decisions(), *entries])
    return Export(records, signed_at=(5, 10, len(records)))


def with_changed(number: int, **changed: Any) -> Export:
    facts = decisions()
    for name, value in changed.items():
        facts[number - 1][name] = {**facts[number - 1][name], **value} if isinstance(value, dict) else value
    return Export(sealed(facts))


@pytest.mark.parametrize(
    ("export", "seq", "why"),
    [
        param(lambda: with_changed(8, outcome={"level": "AUDIT_READY"}), 8, "another level", id="a level raised too early"),
        param(lambda: with_changed(9, outcome={"level": "DOCUMENTED"}), 9, "another level", id="a level downgraded"),
        param(lambda: with_changed(7, outcome={"level": "DRAFT"}), 7, "DOCUMENTED", id="a document that lowers the level"),
        param(lambda: with_changed(9, actor="usr_b"), 9, "twice by one person", id="one person approves twice"),
        param(lambda: with_changed(8, actor="usr_b\nusr_d"), 8, "no person", id="two people in one approval"),
        param(lambda: with_changed(8, actor="usr_maker"), 8, "maker of the key", id="the maker of the key approves"),
        param(lambda: with_changed(8, actor="key_a"), 8, "no person", id="a key approves"),
        param(lambda: with_changed(4, actor="usr_b"), 8, "own actor", id="the actor approves"),
        param(lambda: with_changed(8, outcome={"approval": 2}), 8, "approval 1", id="an approval counted too high"),
        param(lambda: with_changed(8, outcome={"documents": 2}), 8, "number of documents", id="an approval of other documents"),
        param(lambda: with_changed(8, policy={"approvals_needed": 1}), 8, "needs 2", id="one approval said to be enough"),
        param(lambda: with_changed(7, outcome={"document": 2}), 7, "document 1", id="a document counted too high"),
        param(lambda: with_changed(7, body=None), 7, "no document", id="a document that is none"),
        param(lambda: with_changed(4, critical=False), 8, "needs 1", id="the mark `critical` taken away"),
        param(lambda: with_changed(7, about=3), 8, "no document", id="a document moved to another record"),
        param(lambda: with_last(attached(4, "late.pdf", document=2)), 14, "takes no more", id="a document after AUDIT_READY"),
        param(lambda: with_last(approved(4, "usr_d", approval=3, needed=2)), 14, "takes no more", id="an approval after AUDIT_READY"),
        param(lambda: with_last(approved(6, "usr_b", approval=1, needed=1)), 14, "has no document", id="an approval without a document"),
        param(lambda: with_last(approved(12, "usr_b", approval=1, needed=2), attached(12, "b.pdf", document=2)), 15, "as it is", id="a document between approvals"),
        param(lambda: with_last(attached(7, "x.pdf", document=1)), 14, "none that takes evidence", id="evidence of evidence"),
    ],
)  # fmt: skip
def test_forged_evidence_is_found(export: Any, seq: int, why: str, tmp_path: Path) -> None:
    """Levels only rise, by documents and then by enough approvals of distinct people without a part in the decision."""
    fault = export().verified(tmp_path).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (seq, "evidence_differs")
    assert why in fault.message


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"about_seq": 99}, "no earlier record"), ({"about_seq": 14}, "no earlier record"), ({"about_seq": 0}, "no earlier record"),
        ({"about_seq": -1}, "no earlier record"), ({"about_seq": True}, "another record"), ({"about_seq": "12"}, "no earlier record"),
        ({"about_seq": None}, "no earlier record"), ({"about_seq": 3}, "another record"), ({"about_hash": "0" * 64}, "another record"),
        ({"about_hash": None}, "another record"),
    ],
)  # fmt: skip
def test_evidence_is_bound_to_one_record_by_number_hash_and_id(changed: Any, why: str, tmp_path: Path) -> None:
    """An entry that was given for one record can't be shown for another."""
    records = sealed([*decisions(), approved(12, "usr_b", approval=1, needed=2)])
    facts = {**records[13]["record"]["outcome"], **changed}
    entry = {"type": "evidence.approved", "actor": "usr_b", "policy": {"approvals_needed": 2}, "outcome": facts}
    export = with_last(entry | {"subject": records[13]["record"]["subject"]})
    fault = export.verified(tmp_path).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (14, "evidence_differs")
    assert why in fault.message


def test_a_key_made_by_a_key_is_its_first_makers(tmp_path: Path) -> None:
    """Whoever made the key that made the key that acted has a part in it; so has whoever made the one it was rotated from."""
    for made in (
        {"type": "key.made", "subject": "key_b", "actor": "key_a"},
        {"type": "key.made", "subject": "key_b", "actor": "cli:root", "outcome": {"rotated_from": "key_a"}},
    ):
        acted = {"type": "quota.refunded", "subject": "crs_a", "actor": "key_b", "critical": True}
        entries = [made, acted, attached(15, "a.pdf", document=1)]
        assert with_last(*entries, approved(15, "usr_b", approval=1, needed=2)).verified(tmp_path).fault is None
        fault = with_last(*entries, approved(15, "usr_maker", approval=1, needed=2)).verified(tmp_path).fault
        assert fault is not None
        assert (fault.seq, "maker of the key" in fault.message) == (17, True)


def test_evidence_far_behind_its_record_is_judged_by_that_record(tmp_path: Path) -> None:
    """Hundreds of records later the file is read again at the right place, past checkpoints too."""
    many = [{"type": "submission.graded", "subject": f"sub_{number}", "body": "{}"} for number in range(400)]
    for number in (14, 77, 78, 141, 413):
        entries = [attached(number, "a.pdf", document=1), approved(number, "usr_b", approval=1, needed=1)]
        records = sealed([*decisions(), *many, *entries])
        found = Export(records, signed_at=range(7, 416, 7)).verified(tmp_path)
        assert found.fault is None
        assert found.approvals == 3


@pytest.mark.parametrize(
    ("body", "sha256", "counted"),
    [
        ('{"name":"x"}', None, 1), ('{"name":"x","url":"https://files.example/x"}', None, 1), ('{"name":"x","text":"Agreed."}', None, 0),
        ('{"name":"x"}', "a" * 64, 0), ("[]", None, 0), ("{", None, 0),
    ],
)  # fmt: skip
def test_a_document_that_is_a_name_alone_is_counted_and_breaks_nothing(
    body: str, sha256: str | None, counted: int, tmp_path: Path
) -> None:
    """Such were taken once, by the rules of then: the chain is sound, and whoever reads the findings sees what they are worth."""
    entry = attached(12, "x", document=2) | {"body": body}
    found = with_last(entry | {"outcome": entry["outcome"] | {"sha256": sha256}}).verified(tmp_path)
    assert found.fault is None
    assert found.documents_by_name_alone == counted
    assert any("a name alone" in limit for limit in found.limits) == bool(counted)
