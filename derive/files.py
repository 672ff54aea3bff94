"""Files written whole or not at all.

Everything is first written beside its place and then renamed, so that a crash, a full disk or an interrupt leaves no
half-written file.  A process that is killed leaves what it had not finished under a hidden name that says whose it is,
``.NAME.MACHINE.PROCESS.RANDOM.part``; whoever writes to the same folder next removes it.  What cannot be written
raises :class:`~derive.errors.OutputError`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from derive.errors import InputError, OutputError

__all__ = [
    "cache_folder",
    "in_place",
    "remove_file",
    "remove_leftovers",
    "require_writable",
    "write_file",
    "write_folder",
    "writing",
]

_LEFTOVER = re.compile(r"\..*\.([0-9a-f]{8})\.(\d+)\.[0-9a-f]{8}\.part(\.\w+)?")
_ABANDONED = 7 * 24 * 3600.0  # seconds after which a leftover counts as dead on whatever machine it was begun


def cache_folder(chosen: str | os.PathLike[str] | None = None) -> Path:
    """Where results may be kept: the folder chosen, else ``DERIVE_CACHE``, else the user's cache folder.

    For a user without a home it is a place that cannot be written, and nothing is kept.
    """
    wanted = chosen or os.environ.get("DERIVE_CACHE")
    if wanted:
        try:
            return Path(wanted).expanduser()
        except RuntimeError as error:
            raise InputError(f"the cache folder {wanted} names a home that does not exist; give a path") from error
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    try:
        home = Path(base) if base else Path.home() / ("" if sys.platform == "win32" else ".cache")
    except RuntimeError:  # no HOME, and no entry for the user either: a container with a user of its own
        home = Path(os.devnull)
    return home / "derive"


@cache
def _machine() -> str:
    """Eight characters for where process numbers mean the same: this machine, since its start, in this container."""
    words = [platform.node()]
    for source in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            words.append(os.readlink(source) if "/ns/" in source else Path(source).read_text())
        except OSError:
            continue
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:8]


def _beside(path: Path) -> Path:
    """A name next to ``path`` for what is not finished yet, with the same ending; nobody else has it."""
    owner = f"{_machine()}.{os.getpid()}.{secrets.token_hex(4)}"
    return path.with_name(f".{path.name[:100]}.{owner}.part{path.suffix if path.suffix[1:].isalnum() else ''}")


def _alive(process: int) -> bool:
    if sys.platform == "win32":  # there is no signal that only asks
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _is_dead(name: str, modified: float) -> bool:
    """Is it something unfinished whose process is gone?  Of another machine that is known by its age alone."""
    found = _LEFTOVER.fullmatch(name)
    if not found:
        return False
    here = found[1] == _machine()
    return (here and not _alive(int(found[2]))) or time.time() - modified > _ABANDONED


def remove_leftovers(folder: Path) -> list[str]:
    """Remove from a folder what killed processes left unfinished there; the names of what was removed.

    Nobody is disturbed by what cannot be removed, and what another process is still writing stays.
    """
    removed = []
    try:
        with os.scandir(folder) as entries:
            hidden = [entry for entry in entries if entry.name.startswith(".") and ".part" in entry.name]
        for entry in hidden:
            if _is_dead(entry.name, entry.stat(follow_symlinks=False).st_mtime):
                _remove(Path(entry.path))
                removed.append(entry.name)
    except OSError:
        pass  # another process may be tidying up as well
    return removed


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Errors of the operating system inside the block become an :class:`~derive.errors.OutputError` about ``path``."""
    try:
        yield
    except OutputError:
        raise
    except (OSError, ValueError) as error:  # ValueError: the name holds a null character or is empty
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"cannot write to {path}: {reason}; choose a folder you may write to") from error


@contextmanager
def in_place(path: Path, tidy: bool = True) -> Iterator[Path]:
    """A name beside ``path`` to write to, with the same ending.

    At the end of the block it is renamed to ``path`` in a single step; if the block fails, it is removed.  The folder
    has to exist.  ``tidy=False`` saves looking for leftovers.  Errors of the operating system pass through.
    """
    if tidy:
        remove_leftovers(path.parent)
    part = _beside(path)
    try:
        yield part
        os.replace(part, path)
    finally:
        _remove(part)


def require_writable(folder: Path) -> None:
    """Raise OutputError now if the folder cannot be written, rather than after the work that fills it."""
    with writing(folder):
        target = folder.absolute()
        part = _beside(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not target.is_dir():
            raise NotADirectoryError(20, "a file of that name is in the way")
        part.mkdir()
        part.rmdir()
        if target.exists():
            _probe(target)


def _probe(folder: Path) -> None:
    probe = _beside(folder / "probe")
    probe.touch()
    probe.unlink()


def remove_file(path: Path) -> None:
    """Remove a file if it exists."""
    with writing(path):
        path.unlink(missing_ok=True)


def write_file(path: Path, content: str | bytes) -> None:
    """Write one file, replacing an older one in a single step; its folder is made if need be."""
    data = content.encode() if isinstance(content, str) else content
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with in_place(path) as part:
            part.write_bytes(data)


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write many files below a folder; ``files`` maps relative names to contents.  Returns the paths written.

    All of them are first written to a folder beside the target.  A new target appears in one step; in an existing one
    each file is replaced in one step, after everything has been written.
    """
    with writing(folder):
        target = folder.absolute()
        part = _beside(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target.parent)
        try:
            for name, content in files.items():
                place = part / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content.encode() if isinstance(content, str) else content)
            _move(part, target, list(files))
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return [folder / name for name in files]


def _move(part: Path, target: Path, names: list[str]) -> None:
    if not target.exists() and names:
        os.rename(part, target)
        return
    for name in names:
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part / name, place)
