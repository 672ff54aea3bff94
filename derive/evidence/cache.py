"""A cache of examined claims, outside the repository, so that an interrupted run goes on where it stopped.

An entry is used again only if every source file that took part in it, the libraries and the Python version are what
they were.  Timings are kept here and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from derive.errors import OutputError
from derive.files import write_file

__all__ = ["Cache", "dependencies"]

#: Rooms above this one: no proof depends on them, though the process that ran it may have loaded them.
_ABOVE = ("derive.cli", "derive.__main__", "derive.report")
_LIBRARIES = ("sympy", "mpmath", "numpy", "scipy", "python-flint", "gmpy2")


def _digest(path: str) -> str | None:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None


def dependencies(proof_package: str, started: float, *more: Path, above: tuple[str, ...] = _ABOVE) -> dict[str, str]:
    """Every source file of this package and of the given proofs that this process has loaded, with its digest.

    ``started`` is when the process began.  If one of the files has been edited since, what ran may not be what stands
    there now, and nothing is returned: such a result is not kept.  Modules whose names begin with one of ``above`` do
    not count.
    """
    files = {str(path) for path in more}
    for name, module in list(sys.modules.items()):
        own = name == "derive" or name.startswith(("derive.", proof_package + "."))
        path = getattr(module, "__file__", None)
        if own and path and not name.startswith(above):
            files.add(str(path))
    found = {path: digest for path in sorted(files) if (digest := _digest(path))}
    return {} if any(os.path.getmtime(path) > started for path in found) else found


def _environment() -> dict[str, str]:
    versions = {"python": platform.python_version(), "machine": platform.machine()}
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "absent"
    return versions


@lru_cache(maxsize=8)
def _say_once(remark: str) -> None:
    print(f"derive: {remark}", file=sys.stderr)


@dataclass(frozen=True)
class Cache:
    """Entries ``KIND/ID-<place>.json`` in a folder; ``None`` as folder is a cache that forgets everything.

    The place is the folder of the proofs, or of the package, so that two checkouts do not disturb each other.  With
    ``required`` a folder that cannot be written is an error.
    """

    folder: Path | None
    kind: str = "claims"
    required: bool = False

    def _path(self, claim_id: str, proofs: Path) -> Path | None:
        tag = hashlib.sha256(str(proofs.resolve()).encode()).hexdigest()[:12]
        return None if self.folder is None else self.folder / self.kind / f"{claim_id}-{tag}.json"

    def _entry(self, claim_id: str, proofs: Path) -> dict[str, Any]:
        path = self._path(claim_id, proofs)
        if path is None:
            return {}
        try:
            entry = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return entry if isinstance(entry, dict) else {}

    def seconds(self, claim_id: str, proofs: Path) -> float:
        """How long the claim took last time, whatever has changed since; 0 if it never ran."""
        known = self._entry(claim_id, proofs).get("seconds", 0.0)
        return float(known) if isinstance(known, (int, float)) else 0.0

    def get(self, claim_id: str, proofs: Path) -> dict[str, Any] | None:
        """The stored result, if nothing that took part in it has changed."""
        entry = self._entry(claim_id, proofs)
        files = entry.get("dependencies")
        if not isinstance(files, dict) or not files or entry.get("environment") != _environment():
            return None
        if any(_digest(path) != digest for path, digest in files.items()):
            return None
        return entry

    def put(self, claim_id: str, proofs: Path, result: Mapping[str, Any]) -> None:
        """Store a result together with what it depends on; one without dependencies cannot be kept.

        Where the folder was chosen by nobody and cannot be written (a home that is read-only), the work goes on without
        it and says so once.
        """
        path = self._path(claim_id, proofs)
        if path is None or not result.get("dependencies"):
            return
        try:
            write_file(path, json.dumps({**result, "environment": _environment()}, sort_keys=True))
        except OutputError:
            if self.required:
                raise
            _say_once(f"{self.folder} cannot be written, so results are not kept for the next time")
