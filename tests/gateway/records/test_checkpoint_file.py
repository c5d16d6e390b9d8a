"""The file of signed heads: what is in it is whole, whatever happened to who wrote it, and is read by size."""

import resource
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.records.checkpoint_file import CheckpointFile, add
from gateway.records.notes import WrongNote
from tests.gateway.records.story import CENTER, OTHER_CENTER, note

ORIGIN = f"coursegate/{CENTER}/live"


def signed(size: int) -> str:
    return note(size, f"{size:064x}")


def sizes(path: Path) -> list[int]:
    return [checkpoint.size for checkpoint, _ in CheckpointFile(path).checkpoints(ORIGIN)]


@contextmanager
def room_for(size: int) -> Generator[None]:
    """No file of this process grows beyond so many bytes."""
    before, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A place for it."""
    return tmp_path / "checkpoints"


def test_notes_of_one_chain_are_read_by_size(file: Path) -> None:
    """Other chains' are left out; a worker that came late wrote an older head behind a newer one."""
    add(file, [signed(2), note(7, "0" * 64, center=OTHER_CENTER)])
    add(file, [signed(12)])
    add(file, [signed(10), signed(12)])
    assert sizes(file) == [2, 10, 12, 12]


def test_a_disk_that_is_full_leaves_no_half_note(file: Path) -> None:
    """What was begun is taken back, so that the file stays readable; the next round adds all of it."""
    add(file, [signed(2)])
    before = file.read_bytes()
    with room_for(len(before) + 250), pytest.raises(OSError, match="too large"):
        add(file, [signed(3), signed(4)])
    assert file.read_bytes() == before
    add(file, [signed(3), signed(4)])
    assert sizes(file) == [2, 3, 4]


@pytest.mark.parametrize("lost", range(2, 200, 11))
def test_half_a_note_of_a_lost_machine_is_nobodys(lost: int, file: Path) -> None:
    """Wherever it broke off: it is passed over, and gone before the next note comes, also where zeros stand for the rest."""
    add(file, [signed(2), signed(3)])
    for rest in (b"", bytes(lost)):
        half = f"{signed(3)}\n".encode()
        file.write_bytes(f"{signed(2)}\n".encode() + half[:-lost] + rest)
        assert sizes(file) == [2]
        add(file, [signed(4)])
        assert sizes(file) == [2, 4]


def test_the_very_first_note_may_break_off_too(file: Path) -> None:
    """Then the file is as good as empty."""
    file.write_bytes(b"coursegate/ctr_")
    assert sizes(file) == []
    add(file, [signed(2)])
    assert sizes(file) == [2]


def test_what_is_added_while_it_is_read_is_not_read(file: Path) -> None:
    """Its heads came after what they would be compared with."""
    add(file, [signed(2)])
    reading = CheckpointFile(file)
    add(file, [signed(3)])
    assert [checkpoint.size for checkpoint, _ in reading.checkpoints(ORIGIN)] == [2]


@pytest.mark.parametrize("strange", [b"a remark", b"coursegate: a remark\n", b"root:x:0:0\n" * 10_000])
def test_what_never_was_a_note_is_left_and_found(strange: bytes, file: Path) -> None:
    """Nobody's file is cut because its name stands in the settings; and nothing strange is passed over."""
    file.write_bytes(strange)
    add(file, [signed(2)])
    assert file.read_bytes().startswith(strange)
    with pytest.raises(WrongNote):
        sizes(file)
