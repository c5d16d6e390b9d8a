"""A short chain with everything in it, made without the product's own code; and its export, to be tampered with.

`rfc8785` writes the records. `decisions()` are facts before sealing; `sealed` makes records of them; `Export` their lines.
"""

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.records.export_file import verify
from gateway.records.findings import Findings
from gateway.records.trust import Trust

Json: TypeAlias = dict[str, Any]

CENTER = "ctr_" + "a" * 26
OTHER_CENTER = "ctr_" + "z" * 26
KEY = Ed25519PrivateKey.from_private_bytes(b"the key that signs now".ljust(32))
OLD_KEY = Ed25519PrivateKey.from_private_bytes(b"the key that signed before".ljust(32))
FOREIGN_KEY = Ed25519PrivateKey.from_private_bytes(b"a key of somebody else".ljust(32))
SIGNED_AT = (5, 10, 13)


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def fingerprint(key: Ed25519PrivateKey) -> str:
    return sha256(public(key)).hexdigest()


def key_id(key: Ed25519PrivateKey) -> bytes:
    return sha256(b"coursegate\n\x01" + public(key)).digest()[:4]


def key_line(key: Ed25519PrivateKey) -> str:
    return f"coursegate+{key_id(key).hex()}+{base64.b64encode(b'%c' % 1 + public(key)).decode()}"


def note(size: int, head: str, key: Ed25519PrivateKey = KEY, *, center: str = CENTER, env: str = "live") -> str:
    text = f"coursegate/{center}/{env}\n{size}\n{base64.b64encode(bytes.fromhex(head)).decode()}\n"
    return f"{text}\n— coursegate {base64.b64encode(key_id(key) + key.sign(text.encode())).decode()}\n"


def decisions() -> list[Json]:
    """Thirteen decisions: `body` is committed to; `about` is the record an entry of evidence is for."""
    grade = {"type": "submission.graded", "policy": {"rule": "policy-1", "version": 3}}
    return [
        {"type": "genesis", "subject": CENTER},
        {"type": "key.made", "subject": "key_a", "actor": "usr_maker", "body": '{"name":"frontend"}'},
        {"type": "launch.admitted", "subject": "crs_a", "outcome": {"held": 3, "units": 3}, "body": '{"status":"queued"}'},
        {"type": "quota.granted", "subject": "crs_a", "outcome": {"units": 20}, "critical": True},
        grade | {"subject": "sub_a", "outcome": {"score_cents": 700}, "body": '{"learner_ref":"anna"}', "dropped": True},
        grade | {"subject": "sub_b", "outcome": {"score_cents": 300}, "body": '{"learner_ref":"ben"}'},
        attached(4, "request.pdf", document=1),
        approved(4, "usr_b", approval=1, needed=2),
        approved(4, "usr_c", approval=2, needed=2),
        grade | {"subject": "sub_c", "outcome": {"score_cents": 900}, "body": '{"learner_ref":"anna"}', "dropped": True},
        {"type": "redacted", "subject": CENTER, "outcome": {"seqs": [5, 10]}},
        {"type": "limits.changed", "subject": CENTER, "outcome": {"after": {"plan": "pro"}}, "critical": True},
        attached(12, "contract.pdf", document=1),
    ]  # fmt: skip


def attached(about: int, name: str, *, document: int) -> Json:
    outcome = {"document": document, "level": "DOCUMENTED", "name": name}
    return {"type": "evidence.attached", "about": about, "outcome": outcome, "body": "of " + name}


def approved(about: int, who: str, *, approval: int, needed: int, documents: int = 1, level: str | None = None) -> Json:
    reached = level or ("AUDIT_READY" if approval >= needed else "DOCUMENTED")
    outcome = {"approval": approval, "documents": documents, "level": reached}
    policy = {"approvals_needed": needed}
    return {"type": "evidence.approved", "about": about, "actor": who, "policy": policy, "outcome": outcome}


def sealed(facts: Sequence[Json], *, center: str = CENTER, env: str = "live") -> list[Json]:
    """The lines of the records, in their order; each links to the one before."""
    previous = sha256(f"coursegate decision records\n{center}\n{env}\n".encode()).hexdigest()
    made: list[Json] = []
    for seq, fact in enumerate(facts, 1):
        body, salt = fact.get("body"), sha256(b"salt %d" % seq).digest()[:16]
        outcome, subject = fact.get("outcome", {}), fact.get("subject")
        if "about" in fact:
            about = made[fact["about"] - 1]
            outcome = {**outcome, "about_seq": fact["about"], "about_hash": about["hash"]}
            subject = about["record"]["id"]
        record = {
            "actor": fact.get("actor", "key_a"),
            "at": fact.get("at", f"2026-03-15T12:00:{seq % 60:02d}.000000Z"),
            "center": center,
            "commitment": None if body is None else sha256(salt + body.encode()).hexdigest(),
            "critical": fact.get("critical", False),
            "env": env,
            "id": f"dpu_{seq:026d}",
            "outcome": outcome,
            "policy": fact.get("policy", {}),
            "prev_hash": previous,
            "request_id": "req_a",
            "seq": seq,
            "subject": subject if subject != CENTER else center,
            "type": fact["type"],
            "v": 1,
        }
        previous = sha256(rfc8785.dumps(record)).hexdigest()
        line: Json = {"kind": "record", "record": record, "hash": previous}
        if body is not None and not fact.get("dropped"):
            line |= {"salt": salt.hex(), "body": body}
        made.append(line)
    return made


def written(line: Json) -> bytes:
    """A line as an export writes it: compact; what is hashed is written by rfc8785."""
    shown = {name: value for name, value in line.items() if name != "record"}
    text = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
    if "record" not in line:
        return text
    record = line["record"]
    raw = record if isinstance(record, bytes) else rfc8785.dumps(record)
    return text.replace(b'{"kind":"record",', b'{"kind":"record","record":' + raw + b",", 1)


class Export:
    """The lines of an export, to be changed at will; what was changed is written as it then stands."""

    def __init__(
        self, records: Sequence[Json] | None = None, *, keys: Sequence[Ed25519PrivateKey] = (KEY,), center: str = CENTER,
        env: str = "live", signed_at: Sequence[int] = SIGNED_AT, notes: dict[int, str] | None = None,
    ) -> None:  # fmt: skip
        self.records = list(records) if records is not None else sealed(decisions())
        self.opening: Json = {"kind": "export", "format": "coursegate-dpus-1", "center": center, "env": env}
        self.keys = [{"kind": "key", "key": key_line(key)} for key in keys]
        heads = {line["record"]["seq"]: line["hash"] for line in self.records}
        self.notes = {
            size: note(size, heads[size], keys[0], center=center, env=env) for size in signed_at if size in heads
        } | (notes or {})
        self.manifest = self.counted(len(self.records))
        self.behind: list[bytes] = []

    def counted(self, size: int) -> Json:
        """The manifest that fits."""
        return {
            "kind": "manifest", "format": "coursegate-dpus-1", "center": self.opening["center"], "env": self.opening["env"],
            "size": size, "head": self.records[-1]["hash"], "ranges": [[1, size]],
            "bodies": sum("body" in line for line in self.records), "checkpoints": len(self.notes),
        }  # fmt: skip

    def at(self, seq: int) -> Json:
        """The record of this number, to be changed."""
        return next(line for line in self.records if line["record"]["seq"] == seq)

    def lines(self) -> list[bytes]:
        found = [written(self.opening), *map(written, self.keys)]
        for place, line in enumerate(self.records, 1):
            found.append(written(line))
            if place in self.notes:
                found.append(written({"kind": "checkpoint", "note": self.notes[place]}))
        left = [text for size, text in self.notes.items() if size > len(self.records)]
        found += [written({"kind": "checkpoint", "note": text}) for text in left]
        return [*found, *([written(self.manifest)] if self.manifest else []), *self.behind]

    def write(self, folder: Path) -> Path:
        path = folder / "chain.ndjson"
        path.write_bytes(b"".join(line + b"\n" for line in self.lines()))
        return path

    def verified(self, folder: Path, *trusted: Ed25519PrivateKey, kept: str | None = None) -> Findings:
        """What the product finds, trusting `KEY` if nothing else is named."""
        path, outside = self.write(folder), folder / "checkpoints.txt"
        if kept is not None:
            outside.write_text(kept, encoding="utf-8")
        trust = Trust(tuple(fingerprint(key) for key in trusted or (KEY,)))
        return verify(path, trust, outside if kept is not None else None)
