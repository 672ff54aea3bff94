"""A fresh certificate held against the stored one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derive.evidence.certificate import as_json

__all__ = ["certificate_state"]


def certificate_state(folder: Path, data: Mapping[str, Any]) -> str:
    """``same`` where the stored file has exactly the bytes of the fresh certificate, ``differs``, or ``missing``."""
    try:
        stored = (folder / f"{data['id']}.json").read_bytes()
    except OSError:
        return "missing"
    return "same" if stored == as_json(data).encode() else "differs"
