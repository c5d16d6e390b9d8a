"""Tampering with how an export is written: one way to write a record, one way to write a line, and no line without end."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pytest import param  # ruff: ignore[pytest-incorrect-pytest-import] - reads better many times

from gateway.records.export_file import Unreadable, verify
from gateway.records.exported import LINE_BYTES_MAX
from gateway.records.trust import Trust
from tests.gateway.records.story import KEY, Export, decisions, fingerprint, sealed

Rewriting = Callable[[bytes], bytes]


def rewritten(seq: int, rewrite: Rewriting) -> Export:
    """A record whose text is changed and hashed as it then stands; the next one holds that hash, as an insider would do."""
    export = Export(signed_at=())
    lines = export.records
    text = rewrite(rfc8785.dumps(lines[seq - 1]["record"]))
    lines[seq - 1] |= {"record": text, "hash": sha256(text).hexdigest()}
    for before, line in zip(lines[seq - 1 :], lines[seq:], strict=False):
        line["record"]["prev_hash"] = before["hash"]
        line["hash"] = sha256(rfc8785.dumps(line["record"])).hexdigest()
    export.manifest["head"] = lines[-1]["hash"]
    return export


@pytest.mark.parametrize(
    ("rewrite", "why"),
    [
        param(lambda text: b'{"v":1,' + text[1:-7] + b"}", "canonical", id="names in another order"),
        param(lambda text: text.replace(b'"units":20', b'"units":20.0'), "canonical", id="a float"),
        param(lambda text: text.replace(b'"units":20', b'"units":2e1'), "canonical", id="an exponent"),
        param(lambda text: text.replace(b'"units":20', b'"units":-0'), "canonical", id="minus zero"),
        param(lambda text: text.replace(b'"units":20', b'"units":9007199254740993'), "canonical", id="a number no double holds"),
        param(lambda text: text.replace(b'"units":20', b'"units":' + b"9" * 5000), "canonical", id="a number of 5000 digits"),
        param(lambda text: text.replace(b'"crs_a"', b'"\\u0063rs_a"'), "canonical", id="an escape that is none"),
        param(lambda text: text.replace(b'"crs_a"', b'"crs\\/a"'), "canonical", id="an escaped slash"),
        param(lambda text: text.replace(b'"crs_a"', b'"crs\\u001Fa"'), "canonical", id="an escape in capitals"),
        param(lambda text: text.replace(b'"crs_a"', b'"\\ud800"'), "hex escape", id="half a character"),
        param(lambda text: text.replace(b'"crs_a"', b'"\xff"'), "utf-8", id="no UTF-8"),
        param(lambda text: text.replace(b'"units":20', b'"units":20,"units":20'), "canonical", id="a name twice"),
        param(lambda text: text.replace(b'"units":20', b'"units": 20'), "canonical", id="white space"),
        param(lambda text: text.replace(b'"units":20', '"ünits":20'.encode()), "canonical", id="a name that is not ASCII"),
        param(lambda text: text.replace(b'"v":1', b'"v":2'), "no record", id="a version of tomorrow"),
        param(lambda text: text.replace(b'"v":1', b'"v":1,"w":1'), "no record", id="a name more"),
        param(lambda text: text.replace(b'"request_id":"req_a",', b""), "no record", id="a name less"),
        param(lambda text: text.replace(b'"critical":true', b'"critical":1'), "no record", id="a number for a yes"),
        param(lambda text: text.replace(b"2026-03-15T12:00:04.000000Z", b"2026-03-15T13:00:04.000000+01:00"), "time", id="another zone"),
        param(lambda text: text.replace(b'{"units":20}', b"[" * 2000 + b"]" * 2000), "", id="nested without end"),
        param(lambda text: text.replace(b'{"units":20}', b"[20]"), "canonical", id="a list for an object"),
    ],
)  # fmt: skip
def test_a_record_is_written_in_one_way(rewrite: Rewriting, why: str, tmp_path: Path) -> None:
    """RFC 8785 or nothing, even where all hashes fit: two readers never read two things in one record."""
    fault = rewritten(4, rewrite).verified(tmp_path).fault
    assert fault is not None
    assert fault.seq == 4
    assert why in fault.message


def in_line(place: int, change: Rewriting | bytes) -> Callable[[Path], None]:
    """Change or replace the line of a record."""

    def attack(path: Path) -> None:
        lines = path.read_bytes().split(b"\n")
        at = next(at for at, line in enumerate(lines) if b'"seq":%d,' % place in line)
        lines[at] = change if isinstance(change, bytes) else change(lines[at])
        path.write_bytes(b"\n".join(lines))

    return attack


@pytest.mark.parametrize(
    ("attack", "seq"),
    [
        param(in_line(7, lambda line: line.replace(b'"hash":', b'"hash":"00","hash":', 1)), 7, id="a name of a line twice"),
        param(in_line(7, lambda line: b" " + line), 7, id="white space before a line"),
        param(in_line(7, lambda line: line + b"\r"), 7, id="line ends of another system"),
        param(in_line(7, lambda line: line[:-1] + b',"more":1}'), 7, id="a name more in a line"),
        param(in_line(7, lambda line: line.replace(b'"kind":"record"', b'"kind":"note"')), 7, id="a line of another kind"),
        param(in_line(7, b"\x00" * 100), 7, id="NUL"),
        param(in_line(7, lambda line: line[:50] + b"\x00" + line[50:]), 7, id="NUL within a line"),
        param(in_line(7, b""), 7, id="an empty line"),
        param(in_line(7, lambda line: b"\xff\xfe" + line), 7, id="no UTF-8"),
        param(in_line(7, lambda line: line + line), 7, id="two documents in a line"),
        param(in_line(7, b"[" * 100_000), 7, id="nested without end"),
        param(in_line(7, b"x" * (LINE_BYTES_MAX + 2)), 7, id="a line without end"),
        param(in_line(7, lambda line: line.replace(b'"hash":"', b'"hash":"' + b"0" * LINE_BYTES_MAX)), 7, id="a text without end"),
        param(in_line(13, lambda line: line[: len(line) // 2]), 13, id="a line cut short"),
    ],
)  # fmt: skip
def test_a_line_is_written_in_one_way(attack: Callable[[Path], None], seq: int, tmp_path: Path) -> None:
    """Whatever stands where a record should, the report says at which, and memory is bounded by the longest line."""
    path = Export().write(tmp_path)
    attack(path)
    fault = verify(path).fault
    assert fault is not None
    assert (fault.seq, fault.code) == (seq, "line_unreadable")


def test_a_file_cut_anywhere_is_found(tmp_path: Path) -> None:
    """At any byte behind the first line: the report names the first record that is not whole, or what follows the last."""
    export = Export(signed_at=())
    whole = export.write(tmp_path).read_bytes()
    path = tmp_path / "cut.ndjson"
    begin = whole.index(b"\n") + 1
    for size in range(begin, len(whole), 97):
        path.write_bytes(whole[:size])
        fault = verify(path).fault
        assert fault is not None
        complete = sum(line.startswith(b'{"kind":"record"') for line in whole[:size].split(b"\n")[:-1])
        assert fault.seq == complete + 1, (size, fault)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\n", b"\x00" * 4096, b"x" * (LINE_BYTES_MAX + 2), b"root:x:0:0\n", b'{"kind":"record"}\n', b"[" * 100_000,
        b'{"kind":"export","format":"coursegate-dpus-2","center":"ctr_aaaaaaaaaaaaaaaaaaaaaaaaaa","env":"live"}\n',
        b'{"kind":"export","format":"coursegate-dpus-1","center":"\\u001b[2J","env":"live"}\n',
    ],
)  # fmt: skip
def test_what_is_no_export_is_unreadable(text: bytes, tmp_path: Path) -> None:
    """Not broken: unreadable. Nobody is told that a chain was tampered with who named the wrong file."""
    path = tmp_path / "file"
    path.write_bytes(text)
    with pytest.raises(Unreadable):
        verify(path)


_SOUND = b"".join(line + b"\n" for line in Export().lines())


@given(place=st.integers(0, len(_SOUND) - 1), flipped=st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, flipped: int) -> None:
    """Wherever and to whatever: it is found, or the file is no export any more."""
    changed = bytearray(_SOUND)
    changed[place] ^= flipped
    assert not _passes(bytes(changed))


@given(place=st.integers(0, len(_SOUND)), gone=st.integers(0, 400), put=st.binary(max_size=40))
def test_no_bytes_can_be_taken_out_or_put_in(place: int, gone: int, put: bytes) -> None:
    """The same for whole passages."""
    changed = _SOUND[:place] + put + _SOUND[place + gone :]
    assert changed == _SOUND or not _passes(changed)


def _passes(content: bytes) -> bool:
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        try:
            return verify(Path(file.name), Trust((fingerprint(KEY),))).fault is None
        except Unreadable:
            return False


def test_what_comes_behind_a_fault_is_not_looked_at(tmp_path: Path) -> None:
    """The report names the first broken record, not the last."""
    facts: list[dict[str, Any]] = decisions()
    export = Export(sealed(facts))
    for seq in (12, 6, 9):
        export.at(seq)["record"]["actor"] = "key_x"
    fault = export.verified(tmp_path).fault
    assert fault is not None
    assert fault.seq == 6
