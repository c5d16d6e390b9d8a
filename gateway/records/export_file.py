"""Verifying an export that lies in a file: read once from front to back, in memory that does not grow with it."""

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from gateway.ids import is_id
from gateway.records import exported
from gateway.records.chain import Fault
from gateway.records.examination import Examination
from gateway.records.exported import LINE_BYTES_MAX, KeyLine, Line, Opening, RecordLine, WrongLine
from gateway.records.findings import Findings
from gateway.records.memory import Memory
from gateway.records.notes import Checkpoint, Note, VerifierKey, WrongNote, origin_of
from gateway.records.record import Broken, Record, read_record
from gateway.records.trust import KEYS_MAX, Trust, checkpoints_in

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many bytes of how many have been read."""

_INDEX_EVERY: Final = 64
_TELL_EVERY: Final = 4096


class Unreadable(Exception):
    """A file is not what it should be, or can't be read: which, and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is unreadable: {why}")


def verify(
    path: Path, trust: Trust | None = None, kept: Path | None = None, progress: Progress = lambda _done, _all: None
) -> Findings:
    """Examine the export in a file. `kept`: a file of checkpoints that was kept elsewhere. Raises Unreadable."""
    try:
        return _verified(path, trust, kept, progress)
    except OSError as error:
        raise Unreadable(path, error.strerror or type(error).__name__) from error


def _verified(path: Path, trust: Trust | None, kept: Path | None, progress: Progress) -> Findings:
    with path.open("rb") as file, path.open("rb") as again, Memory() as memory:
        source = _Source(path, file, again, progress)
        opening = source.opening()
        keys, rest = source.keys()
        outside, fault = ([], None) if kept is None else _kept(kept, opening, keys)
        examination = Examination(opening, memory, source.lookup, trust, outside)
        examination.fault = fault
        if fault is None:
            _examine(examination, rest)
        return examination.finish()


def _examine(examination: Examination, lines: Iterator[Line]) -> None:
    try:
        for line in lines:
            if examination.take(line) is not None:
                return
    except WrongLine as error:
        examination.refuse(str(error))


class _Source:
    """The lines of a file, and its records a second time by their number."""

    def __init__(self, path: Path, file: BinaryIO, again: BinaryIO, progress: Progress) -> None:
        self._path = path
        self._file = file
        self._again = again
        self._size = path.stat().st_size
        self._progress = progress
        self._index = array("Q")  # where every 64th record begins: an eighth of a byte a record

    def opening(self) -> Opening:
        """The first line. Raises Unreadable: what does not begin so is no export."""
        text = self._file.readline(LINE_BYTES_MAX + 1)
        try:
            line = exported.read(text.rstrip(b"\n"))
        except WrongLine:
            line = None
        if not isinstance(line, Opening) or not is_id("ctr", line.center):
            raise Unreadable(self._path, "it does not begin as an export of decision records does")
        return line

    def keys(self) -> tuple[tuple[VerifierKey, ...], Iterator[Line]]:
        """The public keys that stand in front, and all lines behind the first, theirs too."""
        place = self._file.tell()
        found: list[VerifierKey] = []
        try:
            for line in self._lines():
                if not isinstance(line, KeyLine) or len(found) >= KEYS_MAX:
                    break
                found.append(VerifierKey.parse(line.key))
        except (WrongLine, WrongNote):
            pass  # the examination meets it again, and says what it is
        self._file.seek(place)
        del self._index[:]
        return tuple(found), self._lines()

    def lookup(self, seq: int) -> tuple[Record, str] | None:
        """Return a record that was read before, and the hash that stands beside it."""
        part, skip = divmod(seq - 1, _INDEX_EVERY)
        if part >= len(self._index):
            return None
        self._again.seek(self._index[part])
        while (text := self._again.readline(LINE_BYTES_MAX + 1)) != b"":
            try:
                line = exported.read(text.rstrip(b"\n"))
                if not isinstance(line, RecordLine):
                    continue
                if skip == 0:
                    return read_record(bytes(line.record)), line.hash
            except (WrongLine, Broken):
                return None
            skip -= 1
        return None

    def _lines(self) -> Iterator[Line]:
        place, count = self._file.tell(), 0
        while (text := self._file.readline(LINE_BYTES_MAX + 1)) != b"":
            if not text.endswith(b"\n"):
                raise WrongLine("the line is too long" if len(text) > LINE_BYTES_MAX else "the line breaks off")
            line = exported.read(text[:-1])
            if isinstance(line, RecordLine):
                if count % _INDEX_EVERY == 0:
                    self._index.append(place)
                if count % _TELL_EVERY == 0:
                    self._progress(place, self._size)
                count += 1
            yield line
            place += len(text)
        self._progress(self._size, self._size)


def _kept(path: Path, opening: Opening, keys: tuple[VerifierKey, ...]) -> tuple[list[Checkpoint], Fault | None]:
    """The checkpoints of this chain that lie elsewhere. Raises Unreadable."""
    try:
        with path.open(encoding="utf-8") as file:
            found = list(checkpoints_in(file, origin_of(opening.center, opening.env)))
    except OSError as error:
        raise Unreadable(path, error.strerror or type(error).__name__) from error
    except (UnicodeDecodeError, WrongNote) as error:
        why = str(error) if isinstance(error, WrongNote) else "it is no text"
        raise Unreadable(path, f"it holds no checkpoints: {why}") from error
    strange = next((checkpoint for checkpoint, note in found if not _is_signed(note, keys)), None)
    if strange is not None:
        why = "a checkpoint kept elsewhere is signed by no key of the export"
        return [], Fault(strange.size, "signature_differs", why)
    return sorted((checkpoint for checkpoint, _ in found), key=lambda checkpoint: checkpoint.size), None


def _is_signed(note: Note, keys: tuple[VerifierKey, ...]) -> bool:
    return any(note.is_signed_by(key) for key in keys)
