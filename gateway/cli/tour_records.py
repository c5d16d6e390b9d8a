"""The part of the tour in which it is asked what was decided and why, and the answer is checked without trusting anybody."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from gateway.cli.tour import expect, hold, say

SOUND: Final = 0
BROKEN: Final = 1

Json = dict[str, Any]


def check_the_records(client: httpx.Client, course_id: str) -> None:
    """Look up the launch's record, verify the chain where it is kept, and once more from an exported file alone."""
    found = expect(client.get("/v1/dpus", params={"subject": course_id, "type": "launch.admitted"}), 200)["data"]
    hold(len(found) == 1, f"the launch was sealed once, not {len(found)} times")
    record = found[0]
    say(f"   GET /v1/dpus?subject=…    200  {record['id']}  {record['type']}, record {record['seq']} of its chain")
    say(f"                                  by {record['actor']}, {msgspec.json.encode(record['outcome']).decode()}")
    verified = expect(client.get("/v1/dpus/verify"), 200)
    covered = verified["coverage"]
    hold(covered["records"] >= record["seq"], "the verification covers the launch")
    say(
        f"   GET /v1/dpus/verify       200  {covered['records']} records, {covered['bodies']} with what they commit to: sound"
    )
    exported = client.get("/v1/dpus/export")
    hold(exported.status_code == 200, "the chain is exported")
    say(f"   GET /v1/dpus/export       200  {len(exported.content):,} bytes")
    with tempfile.TemporaryDirectory(prefix="coursegate-records-") as folder:
        _verify_offline(Path(folder) / "chain.ndjson", exported.content, SOUND)
        altered = exported.content.replace(b"launch.admitted", b"launch.admittee", 1)
        hold(altered != exported.content, "the launch stands in the export")
        say("   the same file, one letter of the launch's record changed:")
        _verify_offline(Path(folder) / "altered.ndjson", altered, BROKEN)


def _verify_offline(path: Path, content: bytes, wanted: int) -> None:
    path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "dpus", "verify", path.name, "--untrusted"],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    hold(
        done.returncode == wanted, f"`coursegate dpus verify` ends with {wanted}, not {done.returncode}: {done.stderr}"
    )
    say(f"   $ coursegate dpus verify {path.name} --untrusted   (exit {done.returncode})")
    for line in (done.stdout + done.stderr).splitlines():
        say(f"      {line}")
