"""Files written whole or not at all.

Everything is first written beside its place and then renamed, so that a crash, a full disk or an interrupt leaves no
half-written file.  What cannot be written raises :class:`~derive.errors.OutputError`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from derive.errors import OutputError

__all__ = ["require_writable", "write_file", "write_folder"]


def _beside(path: Path) -> Path:
    """A name next to ``path`` for what is not finished yet."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def _honest(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write to {path}: {reason}; choose a folder you may write to") from error


def require_writable(folder: Path) -> None:
    """Raise OutputError now if the folder cannot be written, rather than after the work that fills it."""
    target = folder.absolute()
    part = _beside(target)
    with _honest(folder):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not target.is_dir():
            raise NotADirectoryError(20, "a file of that name is in the way")
        part.mkdir(exist_ok=True)
        part.rmdir()
        if target.exists():
            _probe(target)


def _probe(folder: Path) -> None:
    probe = folder / f".{os.getpid()}.part"
    probe.touch()
    probe.unlink()


def write_file(path: Path, content: str | bytes) -> None:
    """Write one file, replacing an older one in a single step."""
    data = content.encode() if isinstance(content, str) else content
    part = _beside(path)
    with _honest(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(data)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write many files below a folder; ``files`` maps relative names to contents.  Returns the paths written.

    All of them are first written to a folder beside the target.  A new target appears in one step; in an existing one
    each file is replaced in one step, after everything has been written.
    """
    target = folder.absolute()
    part = _beside(target)
    with _honest(folder):
        target.parent.mkdir(parents=True, exist_ok=True)
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
