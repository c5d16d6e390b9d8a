"""`docs/records.md`: its example is what it says it is, byte by byte, and its few lines verify what the product exports."""

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785

from gateway.records.export_file import verify
from gateway.records.trust import Trust
from tests.gateway.records.story import KEY, Export, fingerprint, note

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "records.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)
(RECORD,) = [text for kind, text in BLOCKS if kind == "json"]
HASH, ROOT, SALTED, NOTE = [text for kind, text in BLOCKS if kind == "text"]
(EXPORT,) = [text for kind, text in BLOCKS if kind == "ndjson"]
(SCRIPT,) = [text for kind, text in BLOCKS if kind == "python"]


def run_script(folder: Path, export: bytes) -> tuple[int, str]:
    """Run the page's own verifier, away from this project."""
    (folder / "verify.py").write_text(SCRIPT, encoding="utf-8")
    (folder / "chain.ndjson").write_bytes(export)
    ended = subprocess.run(
        [sys.executable, "-I", "verify.py", "chain.ndjson"], cwd=folder, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_the_example_is_exact_to_the_byte() -> None:
    """Canonical form, hash, root, commitment and signature of the page, made anew by other means."""
    record = json.loads(RECORD)
    assert rfc8785.dumps(record).decode() == RECORD
    assert sha256(RECORD.encode()).hexdigest() == HASH
    place = f"{record['center']}\n{record['env']}\n"
    assert sha256(f"coursegate decision records\n{place}".encode()).hexdigest() == ROOT
    salt, _, body = SALTED.partition(" ")
    assert sha256(bytes.fromhex(salt) + body.encode()).hexdigest() == record["commitment"]
    assert note(2, HASH, KEY, center=record["center"], env=record["env"]) == NOTE + "\n"
    lines = [json.loads(line) for line in EXPORT.splitlines()]
    assert [line["kind"] for line in lines] == ["export", "key", "record", "record", "checkpoint", "manifest"]
    assert (lines[2]["record"]["prev_hash"], lines[3]["record"], lines[3]["hash"]) == (ROOT, record, HASH)
    assert lines[4]["note"] == NOTE + "\n"


def test_the_example_is_sound(tmp_path: Path) -> None:
    """The product agrees with the page."""
    path = tmp_path / "example.ndjson"
    path.write_text(EXPORT + "\n", encoding="utf-8")
    found = verify(path, Trust((fingerprint(KEY),)))
    assert (found.fault, found.coverage.records, found.signed_to) == (None, 2, 2)


def test_a_few_lines_verify_an_export(tmp_path: Path) -> None:
    """Nothing of ours in them; they pass the example and a chain with everything in it, and show whose key signed."""
    for export in (EXPORT.encode() + b"\n", Export().write(tmp_path).read_bytes()):
        status, said = run_script(tmp_path, export)
        assert (status, fingerprint(KEY) in said) == (0, True), said
    assert len([line for line in SCRIPT.splitlines() if line.strip()]) <= 35


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"score_cents":700', '"score_cents":701'),
        ('"seq":6', '"seq":60'),
        ('\\"ben\\"', '\\"bob\\"'),
        ("of request.pdf", "of another.pdf"),
        ('"seqs":[5,10]', '"seqs":[5]'),
        ('"size":13', '"size":12'),
        ("\\n5\\n", "\\n6\\n"),
        ("— coursegate +9i5", "— coursegate +9i6"),
    ],
)
def test_a_few_lines_find_what_was_changed(old: str, new: str, tmp_path: Path) -> None:
    """Tampering with any part makes them fail, where there is such a part."""
    text = Export().write(tmp_path).read_bytes().decode()
    assert old in text
    status, said = run_script(tmp_path, text.replace(old, new).encode())
    assert status != 0, said


def test_every_type_that_is_sealed_is_on_the_page() -> None:
    """A record of a type that nobody explained would be no record to anybody."""
    root = Path(__file__).resolve().parents[3] / "gateway"
    sources = [*root.glob("migrations/*.sql"), *root.glob("features/*/*.py"), *root.glob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    kinds = {
        *re.findall(r"seal\([^;]*?'([a-z]+\.[a-z]+)'", text),
        *re.findall(r"env, '([a-z]+\.[a-z]+)', (?:w\.actor|v_row\.requested_by)", text),
        *re.findall(r'^ +type="([a-z]+\.[a-z]+)"', text, re.MULTILINE),
    }
    assert {"launch.admitted", "quota.refused", "key.made", "submission.graded", "submission.reviewed"} <= kinds
    assert {kind for kind in kinds if f"`{kind}`" not in PAGE} == set()
