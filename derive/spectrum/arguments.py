"""What a caller hands to the functions of a spectrum: points as float64 arrays, depths, seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.errors import DomainError, InputError
from derive.numerics.exact import exact_number, positive_integer

if TYPE_CHECKING:
    import numpy as np

__all__ = ["exponential", "generator", "real_array", "spectrum_depth"]

_LARGEST_LOG = 709.0  # exp of it is the end of float64


def real_array(values: Any, name: str) -> np.ndarray:
    """A number, or an array or nested list of numbers, as float64; entries may be text or exact numbers.

    Exact numbers are rounded once.  Infinities are kept; NaN and what is no real number raise DeriveErrors.

    >>> real_array(["1/2", 1], "s").tolist()
    [0.5, 1.0]
    """
    import numpy as np

    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{name} has rows of different lengths; give numbers of one shape") from None
    if array.dtype.kind in "iuf":
        found = array.astype(float)
    elif array.dtype.kind in "OU":
        flat = [_entry(v, name) for v in array.ravel()]
        found = np.array(flat, dtype=float).reshape(array.shape)
    else:
        raise InputError(f"{name} = {str(values)[:60]} ({array.dtype}) is not made of real numbers; give real numbers")
    if np.isnan(found).any():
        raise DomainError(f"{name} contains NaN; give real numbers")
    return found


def _entry(value: Any, name: str) -> float:
    """One entry, rounded to float64."""
    if value in (sp.oo, -sp.oo) or isinstance(value, float):
        return float(value)
    number = exact_number(str(value) if isinstance(value, str) else value, name)
    try:
        found = float(number)
    except OverflowError:
        found = float("inf")
    if found in (float("inf"), -float("inf")):
        raise DomainError(f"an entry of {name} lies beyond float64; give numbers up to 1e308, or ask for digits=")
    return found


def spectrum_depth(depth: Any) -> sp.Expr:
    """A positive number of layers, or infinity."""
    if isinstance(depth, (int, float, sp.Basic)) and not isinstance(depth, bool) and depth == sp.oo:
        return sp.oo
    return sp.Integer(positive_integer(depth, "depth"))


def generator(seed: Any) -> Any:
    """NumPy's generator for a seed; InputError where NumPy refuses it."""
    import numpy as np

    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise InputError(
            f"seed = {str(seed)[:60]!r} is no seed; give an integer >= 0, a list of them, a NumPy generator or None"
        ) from None


def exponential(logs: np.ndarray, name: str) -> np.ndarray:
    """exp of ``logs``; DomainError where it leaves float64."""
    import numpy as np

    if np.any(logs > _LARGEST_LOG):
        raise DomainError(
            f"{name} reaches about exp({np.max(logs):.6g}), beyond float64; use log_density, edges, or digits="
        )
    return np.exp(logs)
