"""The labelled result of a sweep, float64 arrays over the grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from derive.display import ShownAsTable
from derive.errors import InputError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Sweep"]


@dataclass(frozen=True)
class Sweep(Mapping, ShownAsTable):
    """Arrays by name over the axes of the grid: ``found["q"]`` has one dimension per axis, in the order of ``axes``."""

    axes: Mapping[str, np.ndarray]
    arrays: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)

    def to_xarray(self) -> Any:
        """The same as an ``xarray.Dataset``, which has ``to_netcdf`` and ``to_zarr`` (needs the extra ``grid``)."""
        try:
            import xarray
        except ImportError as missing:
            raise InputError("to_xarray needs the package xarray: pip install meanfield-derive[grid]") from missing
        dimensions = tuple(self.axes)
        return xarray.Dataset({n: (dimensions, a) for n, a in self.arrays.items()}, coords=dict(self.axes))

    def to_netcdf(self, path: str | PathLike[str]) -> None:
        """Write a NetCDF file with the axes as coordinates."""
        self.to_xarray().to_netcdf(path, engine="scipy")
