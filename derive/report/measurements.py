"""The stored records of the benchmarks, which ship with the package; each names its machine and its load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from derive.errors import UnknownNameError

__all__ = ["record"]

_MEASURED = Path(__file__).resolve().parent / "measured"


def record(name: str) -> dict[str, Any]:
    """What a script of benchmarks/ measured and wrote, by the name of the record.

    >>> [row["points"] for row in record("phase_diagrams")["phase_diagrams"]][:1]
    [1000000]
    """
    known = sorted(path.stem for path in _MEASURED.glob("*.json"))
    if name not in known:
        raise UnknownNameError(f"there is no record {name!r}; there are {', '.join(known)}")
    return json.loads((_MEASURED / f"{name}.json").read_text())
