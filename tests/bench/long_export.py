"""A long export to verify: `python -m tests.bench.long_export chain.ndjson --records 1000000` prints the key's fingerprint.

Grades with bodies for the most part; of 100 records one is documented, one approves what was documented before, one body in
fifty was dropped. A checkpoint every 1000 records.
"""

import argparse
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Raw

from gateway.records.canonical import canonical
from gateway.records.exported import CheckpointLine, KeyLine, Line, Manifest, Opening, RecordLine, written
from gateway.records.notes import Checkpoint, VerifierKey, origin_of, signed
from gateway.records.record import root_of

CENTER = "ctr_" + "a" * 26
KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"a key for benchmarks").digest())
CHECKPOINT_EVERY = 1000


def lines(records: int) -> Iterator[Line]:
    """The lines of a sound export of so many records, at least 1000 and a multiple of it."""
    yield Opening("coursegate-dpus-1", CENTER, "live")
    yield KeyLine(str(VerifierKey.of(KEY)))
    head, bodies, known = root_of(CENTER, "live"), 0, ""
    for seq in range(1, records + 1):
        facts = _facts(seq, known)
        body, salt = facts.pop("body", None), sha256(b"%d" % seq).digest()[:16]
        record = {
            "actor": "key_" + "b" * 26, "at": f"2026-03-15T{seq // 1_000_000 % 24:02d}:00:00.{seq % 1_000_000:06d}Z",
            "center": CENTER, "critical": False, "env": "live", "id": f"dpu_{seq:026d}", "outcome": {}, "policy": {},
            "prev_hash": head, "request_id": "req_" + "c" * 26, "seq": seq, "type": "submission.graded", "v": 1,
            "commitment": None if body is None else sha256(salt + body.encode()).hexdigest(),
        } | facts  # fmt: skip
        text = canonical(record)
        head = sha256(text).hexdigest()
        known = head if seq % 100 == 10 else known
        line = RecordLine(record=Raw(text), hash=head)
        if body is not None and seq % 50 != 20:
            line, bodies = RecordLine(record=Raw(text), hash=head, salt=salt.hex(), body=body), bodies + 1
        yield line
        if seq % CHECKPOINT_EVERY == 0:
            yield CheckpointLine(signed(Checkpoint(origin_of(CENTER, "live"), seq, bytes.fromhex(head)), KEY))
    yield Manifest(
        center=CENTER, env="live", size=records, head=head, ranges=((1, records),), bodies=bodies,
        checkpoints=records // CHECKPOINT_EVERY,
    )  # fmt: skip


def _facts(seq: int, known: str) -> dict[str, Any]:
    """What distinguishes a record. `known`: the hash of the tenth of this hundred, which is documented and approved."""
    about = seq - seq % 100 + 10
    bound = {"about_hash": known, "about_seq": about}
    if seq == 1:
        return {"type": "genesis", "subject": CENTER}
    match seq % 100:
        case 80:
            outcome = bound | {"document": 1, "level": "DOCUMENTED", "name": "minutes.pdf"}
            return {
                "type": "evidence.attached",
                "subject": f"dpu_{about:026d}",
                "outcome": outcome,
                "body": '{"text":"…"}',
            }
        case 90:
            outcome = bound | {"approval": 1, "documents": 1, "level": "AUDIT_READY"}
            policy, actor = {"approvals_needed": 1}, "usr_" + "d" * 26
            return {
                "type": "evidence.approved",
                "subject": f"dpu_{about:026d}",
                "outcome": outcome,
                "policy": policy,
                "actor": actor,
            }
        case 99:
            return {"type": "redacted", "subject": CENTER, "outcome": {"seqs": [seq - 79, seq - 29]}}
        case _:
            return {
                "subject": "sub_" + "e" * 26,
                "policy": {"assessment": "asmt_" + "f" * 26, "rule": "0" * 64, "version": 3},
                "outcome": {
                    "attempt": 1, "earned": "850", "max_cents": 1000, "passed": True, "percent": 85, "score_cents": 850,
                    "status": "graded",
                },
                "body": f'{{"answers_sha256":"{"1" * 64}","learner_ref":"learner-{seq}","results_sha256":"{"2" * 64}"}}',
            }  # fmt: skip


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("path", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    given = parser.parse_args()
    with given.path.open("wb") as file:
        for line in lines(given.records):
            file.write(written(line))
    print(VerifierKey.of(KEY).fingerprint)  # ruff: ignore[print] - its answer


if __name__ == "__main__":
    main()
