"""A grid of float64 parameters as a list of chunks of points."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.errors import InputError

__all__ = ["Grid", "read_grid"]


@dataclass(frozen=True)
class Grid:
    """Named axes; points are numbered with the last axis fastest."""

    axes: dict[str, np.ndarray]
    chunk: int

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(a) for a in self.axes.values())

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.size // self.chunk)

    def points(self, number: int) -> dict[str, np.ndarray]:
        """The parameters of the points of one chunk, as arrays."""
        flat = np.arange(number * self.chunk, min((number + 1) * self.chunk, self.size))
        where = np.unravel_index(flat, self.shape)
        return {name: axis[i] for (name, axis), i in zip(self.axes.items(), where, strict=True)}

    def digest(self, *about: str) -> str:
        """A hash of everything that decides what the chunks hold."""
        h = hashlib.sha256(json.dumps([*about, self.chunk, list(self.axes)]).encode())
        for axis in self.axes.values():
            h.update(axis.tobytes())
        return h.hexdigest()


def read_grid(axes: Mapping[str, Any], chunk: int) -> Grid:
    """Check the axes: each a non-empty list of numbers."""
    if not axes:
        raise InputError("a sweep needs at least one axis, such as {'sigma_w2': [1, 2, 3]}")
    if not isinstance(chunk, int) or isinstance(chunk, bool) or chunk < 1:
        raise InputError(f"chunk = {chunk!r} is not a number of points; give an integer that is at least 1")
    read = {}
    for name, values in axes.items():
        try:
            array = np.atleast_1d(np.asarray(values, dtype=float))
        except (TypeError, ValueError) as error:
            raise InputError(f"the axis {name} must hold real numbers, not {str(values)[:60]}") from error
        if array.ndim != 1 or not array.size:
            raise InputError(f"the axis {name} has shape {array.shape}; give a list of numbers")
        read[name] = array
    return Grid(read, chunk)
