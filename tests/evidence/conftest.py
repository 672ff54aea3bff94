"""Proof files planted for tests, in a folder of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from planted import CLAIM, HEAD, RIGHT


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., Path]:
    """Write a proof file; returns the folder of proofs."""
    folder = tmp_path / "proofs"

    def put(name: str, *parts: str, rhs: str = RIGHT, more: str = "") -> Path:
        folder.mkdir(exist_ok=True)
        text = HEAD + CLAIM.format(name=name, rhs=rhs, more=f", {more}" if more else "") + "".join(parts)
        (folder / f"{name}.py").write_text(text)
        return folder

    return put
