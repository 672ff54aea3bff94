r"""Phase diagrams: fixed points on a grid of variances, vectorised over the grid in float64.

Analytic activations go through sums over the grid (:mod:`derive.networks.feedforward.grid_means`), large grids of them
through the tables and compiled Newton steps of :mod:`derive.codegen.phase`.  Activations with kinks go through closed
forms of V and W where the expectations have them (ReLU), else point by point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.display import ShownAsTable
from derive.errors import DeriveError, DomainError, InputError, UnsupportedError
from derive.networks.feedforward.fixed_points import fixed_points
from derive.networks.feedforward.grid_means import GridMeans
from derive.networks.feedforward.phase_tables import NAMES, by_tables, decay_scale
from derive.networks.feedforward.values import Layer
from derive.numerics.exact import exact_number, variance

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PhaseDiagram", "phase_diagram"]

BACKENDS = ("auto", "c", "numba", "numpy", "jax", "quadrature")
_MANY = 256  # grid points from which tables are worth making
_SMALLEST, _LARGEST = 1e-100, 1e100


@dataclass(frozen=True)
class PhaseDiagram(Mapping, ShownAsTable):
    """Named float64 arrays of shape (len(sigma_w2), len(sigma_b2)); nan where lengths have no fixed point.

    Read as a mapping or by attribute; ``ordered`` is the boolean array chi_1 < 1.  ``status`` is 0 where the numbers
    are right, 1 where lengths have no fixed point, 2 where the iteration did not settle (nan too).
    """

    sigma_w2: NDArray
    sigma_b2: NDArray
    arrays: Mapping[str, NDArray]
    status: NDArray

    def __getitem__(self, name: str) -> NDArray:
        return self.arrays[name]

    def __iter__(self) -> Any:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)

    def __getattr__(self, name: str) -> NDArray:
        arrays = object.__getattribute__(self, "__dict__").get("arrays", {})
        if name in arrays:
            return arrays[name]
        raise AttributeError(f"no quantity {name}; a phase diagram has {', '.join(arrays)}")

    @property
    def ordered(self) -> NDArray:
        """Where gradients vanish: chi_1 < 1."""
        return self.arrays["chi_1"] < 1


def phase_diagram(
    phi: Activation, rho: sp.Expr, sigma_w2: Any, sigma_b2: Any, backend: str = "auto", threads: int = 1
) -> PhaseDiagram:
    """See :meth:`derive.FeedForward.phase_diagram`."""
    if backend not in BACKENDS:
        raise InputError(f"there is no back end {backend!r}; choose one of {', '.join(BACKENDS)}")
    weights, biases = _axis(sigma_w2, "sigma_w2"), _axis(sigma_b2, "sigma_b2")
    _in_range(phi, rho, weights, biases)
    if backend in ("c", "numba", "numpy", "jax") or (backend == "auto" and len(weights) * len(biases) >= _MANY):
        try:
            return PhaseDiagram(weights, biases, *by_tables(phi, float(rho), weights, biases, backend, threads))
        except UnsupportedError:
            if backend != "auto":
                raise
    if phi.kinks:
        return _point_by_point(phi, rho, weights, biases)
    grid_w, grid_b = (a.ravel() for a in np.meshgrid(weights, biases, indexing="ij"))
    means = GridMeans(phi, float(rho), grid_w, grid_b)
    q = means.lengths()
    chi_1, chi_q = means.slopes(q)
    gap, chi_c = means.correlations(q, chi_1)
    arrays = {"q": q, "c": 1 - gap, "one_minus_c": gap, "chi_1": chi_1, "chi_q": chi_q, "chi_c": chi_c}
    arrays |= {"xi_q": decay_scale(chi_q), "xi_c": decay_scale(chi_c)}
    shape = len(weights), len(biases)
    return _diagram(weights, biases, {n: a.reshape(shape) for n, a in arrays.items()})


def _diagram(weights: NDArray, biases: NDArray, arrays: dict[str, NDArray]) -> PhaseDiagram:
    return PhaseDiagram(weights, biases, arrays, np.where(np.isfinite(arrays["q"]), 0, 1))


def _axis(values: Any, name: str) -> NDArray:
    """Variances as float64; text and exact numbers are read exactly and rounded once."""
    try:
        array = np.atleast_1d(np.asarray(values))
    except ValueError:
        raise InputError(f"{name} has rows of different lengths; give a list of variances") from None
    if array.ndim != 1 or not array.size:
        raise InputError(f"{name} has shape {array.shape}; give a list or a one-dimensional array of variances")
    if array.dtype.kind in "iuf":
        array = array.astype(float)
    else:
        entries = [str(v) if isinstance(v, str) else v for v in array.tolist()]
        array = np.array([_rounded(variance(v, name), name) for v in entries])
    bad = array[~(np.isfinite(array) & (array >= 0))]
    if bad.size:
        raise DomainError(f"{name} contains {bad[0]}; variances are finite and at least 0")
    return array


def _rounded(number: sp.Expr, name: str) -> float:
    try:
        return float(number)
    except OverflowError:
        return _beyond(name)


def _beyond(name: str) -> float:
    raise DomainError(f"{name} contains a number beyond float64; use fixed_points, which takes exact numbers") from None


def _in_range(phi: Activation, rho: sp.Expr, weights: NDArray, biases: NDArray) -> None:
    """Refuse what float64 cannot hold."""
    if float(rho) < _SMALLEST:
        raise DomainError(
            f"keep_probability = {sp.N(rho, 4)} is below {_SMALLEST:g}, where float64 loses digits; use fixed_points"
        )
    with np.errstate(over="ignore"):
        gains = weights / float(rho)
    for name, values in (("sigma_w2", gains), ("sigma_b2", biases)):
        if values.max() > _LARGEST:
            what = f"{name}/keep_probability" if name == "sigma_w2" and rho != 1 else name
            raise DomainError(
                f"{what} contains {values.max():g}; phase diagrams of {phi} are computed in float64 for values up to "
                f"{_LARGEST:g}: use fixed_points"
            )


def _point_by_point(phi: Activation, rho: sp.Expr, weights: NDArray, biases: NDArray) -> PhaseDiagram:
    arrays = {name: np.full((len(weights), len(biases)), np.nan) for name in NAMES}
    for i, w in enumerate(weights):
        for j, b in enumerate(biases):
            try:
                found = fixed_points(phi, Layer(exact_number(float(w)), exact_number(float(b)), rho), 12)[-1]
            except DeriveError:
                continue
            for name in NAMES:
                arrays[name][i, j] = float(getattr(found, name))
    return _diagram(weights, biases, arrays)
