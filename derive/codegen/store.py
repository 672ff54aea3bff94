"""A folder of made things (tables, compiled libraries) that several processes may share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from derive.files import cache_folder, in_place

__all__ = ["digest", "folder", "put"]


def folder(kind: str) -> Path:
    """The folder for things of one kind: below ``DERIVE_CACHE``, else below the user's cache folder."""
    return cache_folder() / kind


def digest(*parts: str | bytes) -> str:
    """A name made from everything that decides what a thing is."""
    h = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        h.update(len(data).to_bytes(8, "big") + data)
    return h.hexdigest()[:32]


def put(path: Path, write: Callable[[Path], None]) -> bool:
    """Make ``path`` by ``write(temporary_path)`` and rename it into place; False where the folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with in_place(path) as part:
            write(part)
    except OSError:
        return False
    return True
