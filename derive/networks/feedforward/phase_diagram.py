r"""Phase diagrams: fixed points on a grid of variances, vectorised over the grid in float64.

Means over one or two Gaussian variables are trapezoidal sums in the standard variables, which converge exponentially
for activations analytic in a strip; the number of points is doubled until a sample of the grid no longer changes (Gauss
-Hermite sums would give 1 to 4 digits for tanh at q >= 10).  With :math:`u_{1,2} = \sqrt q(\sqrt{1-\varepsilon/2}\,z_1
\pm \sqrt{\varepsilon/2}\,z_2)` the gap :math:`V - W = \tfrac12 E(\varphi(u_1)-\varphi(u_2))^2` has no cancellation.
Newton's method runs from large q downwards and from :math:`\varepsilon = 1` downwards (V concave, W convex in c).

Large grids of analytic activations go through the tables and compiled Newton steps of :mod:`derive.codegen.phase`
instead.  Activations with kinks go through closed forms of V and W where the expectations have them (ReLU), else point
by point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.display import ShownAsTable
from derive.errors import DeriveError, DomainError, InputError, PrecisionError, UnsupportedError
from derive.networks.feedforward.fixed_points import fixed_points
from derive.networks.feedforward.phase_tables import NAMES, by_tables, decay_scale
from derive.networks.feedforward.values import Layer
from derive.numerics.exact import exact_number, variance

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PhaseDiagram", "phase_diagram"]

BACKENDS = ("auto", "c", "numba", "numpy", "jax", "quadrature")
_MANY = 256  # grid points from which tables are worth making
_REACH = 7.6
_MOST = 640
_CHUNK = 3_000_000
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
    means = _Means(phi, float(rho), grid_w, grid_b)
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


class _Means:
    """Means over the grid, each an array over the grid points it is asked for."""

    def __init__(self, phi: Activation, rho: float, weights: NDArray, biases: NDArray) -> None:
        x = sp.Symbol("x", real=True)
        self.phi = phi
        self.f = _vectorised(phi.expr.xreplace({phi.variable: x}), x)
        self.g = _vectorised(phi.diff(1).expr.xreplace({phi.variable: x}), x)
        self.weights, self.biases, self.rho = weights, biases, rho
        self.gain = weights / rho

    # --- one variable

    def _one(self, n: int) -> tuple[NDArray, NDArray]:
        z = np.linspace(-_REACH, _REACH, n)
        weight = np.exp(-z * z / 2)
        return z, weight / weight.sum()

    def _variance(self, q: NDArray, n: int) -> tuple[NDArray, NDArray, NDArray]:
        """V, dV/dq and E phi'^2."""
        z, weight = self._one(n)
        results = [np.empty_like(q) for _ in range(3)]
        for part in np.array_split(np.arange(q.size), max(1, q.size * n // _CHUNK + 1)):
            root = np.sqrt(q[part])[:, None]
            u = root * z
            with np.errstate(over="ignore", invalid="ignore"):  # inf and nan there mean: out of range
                f, g = self.f(u), self.g(u)
                results[0][part] = (f * f) @ weight
                results[1][part] = np.where(root[:, 0] > 0, (f * g * z) @ weight / np.maximum(root[:, 0], 1e-300), 0)
                results[2][part] = (g * g) @ weight
        return results[0], results[1], results[2]

    def _points(self, q: NDArray) -> int:
        """So many points that V, V' and E phi'^2 at the largest length keep 12 digits when doubled."""
        if not np.isfinite(q).any():
            return 41
        top = np.array([max(float(np.nanmax(q)), 1e-3)])
        n = 41
        before = self._variance(top, n)
        while n < _MOST * 8:
            n = 2 * n - 1
            now = self._variance(top, n)
            if all(abs(a - b) <= 1e-12 * abs(b) + 1e-14 for a, b in zip(before, now, strict=True)):
                return (n + 1) // 2
            before = now
        raise PrecisionError(f"{self.phi} at q = {top[0]:.4g} needs too many points for 10 digits; use fixed_points")

    def lengths(self) -> NDArray:
        """q* from above: Newton's method on Q(q) - q, inside the range where iterates fall."""
        q = np.maximum(self.biases, 1e-6) + self.gain * self._start()
        q[~np.isfinite(q)] = np.nan
        n = self._points(q)
        active = np.isfinite(q)
        for step in range(200):
            rows = np.flatnonzero(active)
            if not rows.size:
                return q
            V, slope, _ = self._variance(q[rows], n)
            image, chi = self.gain[rows] * V + self.biases[rows], self.gain[rows] * slope
            newton = q[rows] + (image - q[rows]) / (1 - chi)
            safe = (image < q[rows]) & (chi < 1) & (newton > 0)
            following = np.where(safe | (step > 60), newton, image)
            following = np.where(following > 0, following, q[rows] / 16)
            silent = (self.biases[rows] == 0) & (q[rows] < 1e-2) & (newton <= 0) & (image < q[rows])
            following = np.where(silent, image / 64, following)  # F is convex down to F(0) = 0: no root on the way
            following = np.where((self.biases[rows] == 0) & (following < 1e-25), 0.0, following)
            done = np.abs(following - q[rows]) <= 4e-15 * following
            q[rows] = np.where(following > 1e12, np.nan, following)
            active[rows[done | ~np.isfinite(q[rows])]] = False
        q[active] = np.nan
        return q

    def _start(self) -> NDArray:
        """A length from which the recurrence falls, per unit of gain."""
        if self.phi.is_bounded:
            z = np.linspace(-60, 60, 4001)
            return np.full_like(self.gain, float(np.max(self.f(z) ** 2)) * 1.05)
        raise_at = np.full_like(self.gain, np.nan)
        for i, (gain, bias) in enumerate(zip(self.gain, self.biases, strict=True)):
            for q in 10.0 ** np.arange(4, -4, -0.5):  # the largest length at which one layer shortens
                (V,), _, _ = self._variance(np.array([q]), 641)
                if (gain * V if gain else 0.0) + bias < q:
                    raise_at[i] = q / max(gain, 1e-300)
                    break
        return raise_at

    def slopes(self, q: NDArray) -> tuple[NDArray, NDArray]:
        """chi_1 and chi_q."""
        good = np.where(np.isfinite(q), q, 1.0)
        _, slope, square = self._variance(good, self._points(q))
        zero = good == 0
        slope = np.where(zero, square, slope)
        bad = np.where(np.isfinite(q), 1.0, np.nan)
        return self.gain * square * bad, self.gain * slope * bad

    # --- two variables

    def correlations(self, q: NDArray, chi_1: NDArray) -> tuple[NDArray, NDArray]:
        """1 - c* and chi_c."""
        gap = np.zeros_like(q)
        gap[~np.isfinite(q)] = np.nan
        gap[q == 0] = np.nan if self.rho == 1 else 1.0
        dropout = self.rho < 1
        rows = np.flatnonzero(np.isfinite(q) & (q > 0) & (dropout | (chi_1 > 1)))
        chi_c = chi_1 * self.rho
        chi_c[q == 0] = self.rho
        if not rows.size:
            return gap, chi_c
        n = self._points(q[rows])
        V, _, _ = self._variance(q[rows], n)
        forced = self.weights[rows] * V * (1 - self.rho) / self.rho
        gap[rows] = 1.0
        active = np.ones(rows.size, bool)
        for _ in range(120):
            now = np.flatnonzero(active)
            if not now.size:
                break
            at = rows[now]
            lost, product = self._pair(q[at], gap[at], n)
            value = q[at] * gap[at] - self.weights[at] * lost - forced[now]
            slope = q[at] * (1 - self.weights[at] * product)
            following = gap[at] - value / slope
            following = np.where((following > 0) & (slope > 0), following, gap[at] / 4)
            active[now[np.abs(following - gap[at]) <= 1e-12 * following]] = False
            active[now[following < 1e-15]] = False
            gap[at] = np.minimum(following, 1.0)
        _, product = self._pair(q[rows], gap[rows], n)
        chi_c[rows] = self.weights[rows] * product
        return gap, chi_c

    def _pair(self, q: NDArray, gap: NDArray, n: int) -> tuple[NDArray, NDArray]:
        """V - W and E phi'(u1) phi'(u2) by two-dimensional trapezoidal sums (half of z_2: the sums are even in it)."""
        z, weight = self._one(n)
        half, half_weight = z[n // 2 :], weight[n // 2 :] * np.where(np.arange(n // 2 + 1) > 0, 2.0, 1.0)
        lost, product = np.empty_like(q), np.empty_like(q)
        for part in np.array_split(np.arange(q.size), max(1, q.size * n * half.size // _CHUNK + 1)):
            s = np.sqrt(q[part] * (1 - gap[part] / 2))[:, None, None] * z[None, :, None]
            d = np.sqrt(q[part] * gap[part] / 2)[:, None, None] * half[None, None, :]
            one, two = s + d, s - d
            lost[part] = 0.5 * ((self.f(one) - self.f(two)) ** 2 @ half_weight) @ weight
            product[part] = ((self.g(one) * self.g(two)) @ half_weight) @ weight
        return lost, product


def _vectorised(expr: sp.Expr, x: sp.Symbol) -> Any:
    function = sp.lambdify(x, expr, ["scipy", "numpy"])
    if not expr.has(x):
        return lambda u: np.full_like(u, float(expr))
    return function
