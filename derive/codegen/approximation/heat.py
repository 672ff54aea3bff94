r"""Variances, covariances and gaps of a part of an activation in float64, to rounding, from heat-smoothed functions.

Two inputs of variance q and covariance lam >= 0 are independent given their common part s, of variance lam; each is
:math:`s+\sqrt v z` with v = q - lam.  With :math:`F_v(s) = E f(s+\sqrt v z)` and :math:`G_v(s)` the variance of the
same,

.. math:: C = \operatorname{Var}_s F_v(s),\qquad D = V - W = E_s\, G_v(s),

two sums of squares, so both keep relative accuracy for every v and lam.  One :class:`Smoothed` holds F and G of one v
on nodes of s that serve every lam.  Integrals are sums over Gauss-Legendre panels that end at the panels of the
profile, which end at the kinks, and at a few multiples of :math:`\sqrt v`.  Where s is large beside :math:`\sqrt v`
the differences f(x) - f(s) are integrals of f', or come from Hermite coefficients of f' where that is smooth enough;
where s is small the densities of x and of -x are subtracted analytically.
"""

from __future__ import annotations

import numpy as np

from derive.codegen.approximation.profile import Profile

__all__ = ["Smoothed", "one_input"]

_POINTS = 15
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(_POINTS)
_LOCAL = np.array([0.0, 1.8, 4.4, 8.6])  # panels around s, in standard deviations
_LOCAL = np.concatenate([-_LOCAL[:0:-1], _LOCAL])
_CENTRED = np.array([0.0, 1.2, 2.4, 3.8, 5.6, 7.6, 9.6])  # the same around 0
_AROUND = np.array([-8.6, -5.4, -2.5, 0.0, 2.5, 5.4, 8.6])  # panels of s around a kink
_FAR, _FARTHER = 8.6, 10.6  # standard deviations kept; the second where a part grows or starts like a high power
_ROOT = np.sqrt(2 * np.pi)
_HERMITE_POINTS, _ORDERS = 16, 12
_BLOCK = 24  # covariances worked on at once
_WIDE = 20.0  # width of panels beside sqrt v beyond which f' is a polynomial of low degree there


def _integrals() -> np.ndarray:
    """The matrix from values at the nodes to integrals from -1 to each node."""
    basis = np.polynomial.legendre.legvander(_NODES, _POINTS)
    coefficients = (basis[:, :_POINTS] * _WEIGHTS[:, None]).T * (np.arange(_POINTS) + 0.5)[:, None]
    rows = np.zeros((_POINTS, _POINTS))
    for k in range(_POINTS):
        before = basis[:, k - 1] if k else -np.ones(_POINTS)
        rows[:, k] = (basis[:, k + 1] - before) / (2 * k + 1)
    return rows @ coefficients


_INTEGRALS = _integrals()


def _hermite() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes; rows that give the coefficients of He_k/sqrt(k!); He_{k+1}(0)/sqrt((k+1)! (k+1))."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_HERMITE_POINTS)
    polynomials = [np.ones_like(nodes), nodes]
    at_zero = [1.0, 0.0]
    for k in range(1, _ORDERS):
        polynomials.append((nodes * polynomials[k] - np.sqrt(k) * polynomials[k - 1]) / np.sqrt(k + 1))
        at_zero.append(-np.sqrt(k) * at_zero[k - 1] / np.sqrt(k + 1))
    matrix = np.array(polynomials[:_ORDERS]) * weights / _ROOT
    return nodes, matrix, np.array(at_zero[1:]) / np.sqrt(np.arange(1, _ORDERS + 1))


_HERMITE_NODES, _HERMITE, _HERMITE_AT_ZERO = _hermite()


def _nodes(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights, one row per panel between edges along the last axis."""
    half = 0.5 * (edges[..., 1:] - edges[..., :-1])
    middle = 0.5 * (edges[..., 1:] + edges[..., :-1])
    return middle[..., None] + half[..., None] * _NODES, half[..., None] * _WEIGHTS


def _reach(profile: Profile) -> float:
    return _FARTHER if profile.order != 1 + (profile.parity > 0) or profile.growth > 1.5 else _FAR


def _centred(profile: Profile, sigma: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, weights, panels) on the half line for densities around 0."""
    last = (_reach(profile) + 1) * sigma
    inside = profile.edges[profile.edges < last]
    edges = np.unique(np.concatenate([inside, _CENTRED[:-1] * sigma, [last]]))
    x, weights = _nodes(edges)
    return x, weights, profile.panel(0.5 * (edges[1:] + edges[:-1]))


def one_input(profile: Profile, q: float) -> tuple[float, float, float]:
    """(E f - f(0), the variance of f, E f'^2) at variance q."""
    sigma = np.sqrt(q)
    x, weights, panels = _centred(profile, sigma)
    density = weights * np.exp(-0.5 * (x / sigma) ** 2) * (2 / (sigma * _ROOT))
    f, slope = profile.value(x, panels), profile.slope(x, panels)
    mean = float(np.sum(density * f)) if profile.parity > 0 else 0.0
    return mean, float(np.sum(density * (f - mean) ** 2)), float(np.sum(density * slope**2))


class Smoothed:
    """F and G of one v on nodes of s, for every lam between ``low`` and ``high``."""

    def __init__(self, profile: Profile, v: float, low: float, high: float) -> None:
        self.profile, self.v, self.sigma = profile, v, np.sqrt(v)
        self.reach = _reach(profile)
        edges = self._edges(np.sqrt(low), self.reach * np.sqrt(high))
        s, weights = _nodes(edges)
        near = edges[1:] <= self.sigma * (1 + 1e-12)
        self.s, self.weights = s.ravel(), weights.ravel()
        self.f, self.g = np.empty_like(self.s), np.empty_like(self.s)
        split = int(near.sum()) * _POINTS
        self.at_zero = 0.0
        self._near(slice(0, split))
        calm = self._is_calm(self.s[split:])
        self._calm(split + np.flatnonzero(calm))
        for rows, columns in self._groups(split + np.flatnonzero(~calm)):
            self._far(rows, columns)

    def _edges(self, low: float, far: float) -> np.ndarray:
        """The panels of s: doubling from below the least deviation, finer where F and G change."""
        sigma, profile = self.sigma, self.profile
        first = int(np.floor(np.log2(low / sigma))) - 1
        dyadic = sigma * 2.0 ** np.arange(min(first, 0), max(np.log2(far / sigma), 0) + 1)
        around = [k + sigma * _AROUND for k in profile.kinks if k > sigma]
        fine = np.unique(np.concatenate([profile.edges, *around]))
        fine = fine[fine > 1.2 * sigma]
        kept = [0.0, *dyadic[dyadic <= sigma]]
        for e in np.sort(np.concatenate([dyadic[dyadic > sigma], fine])):
            if e - kept[-1] > 0.7 * sigma:
                kept.append(e)
        edges = np.array(kept)
        return np.append(edges[edges < far], far)

    def _near(self, rows: slice) -> None:
        """s up to sqrt v: nodes around 0 shared by all s."""
        v, parity = self.v, self.profile.parity
        x, weights, panels = _centred(self.profile, self.sigma)
        f = self.profile.value(x, panels).ravel()[:, None]
        x, weights = x.ravel()[:, None], weights.ravel()[:, None] / (self.sigma * _ROOT)
        s = self.s[rows]
        if parity > 0:
            middle = weights * np.exp(-0.5 * x**2 / v) * 2
            self.at_zero = float(np.sum(middle * f))
            bracket = 2 * np.sinh(0.5 * x * s / v) ** 2 * np.exp(-0.5 * s**2 / v) + np.expm1(-0.5 * s**2 / v)
            smooth = np.sum(middle * f * bracket, axis=0)
        right = weights * np.exp(-0.5 * (x - s) ** 2 / v)
        left = weights * np.exp(-0.5 * (x + s) ** 2 / v)
        if parity < 0:
            smooth = np.sum(f * right * -np.expm1(-2 * x * s / v), axis=0)
        mean = smooth + self.at_zero
        self.f[rows] = smooth
        self.g[rows] = np.sum((f - mean) ** 2 * right + (parity * f - mean) ** 2 * left, axis=0)

    def _is_calm(self, s: np.ndarray) -> np.ndarray:
        """Whether all panels within reach of s are wide beside sqrt v, and no kink is."""
        profile, reach = self.profile, self.reach * self.sigma
        widths = np.diff(profile.edges)
        least = np.minimum(widths[profile.panel(np.maximum(s - reach, 0))], widths[profile.panel(s + reach)])
        calm = (np.minimum(least, widths[profile.panel(s)]) >= _WIDE * self.sigma) & (s > reach)
        for kink in profile.kinks:
            calm &= np.abs(s - kink) > reach
        return calm

    def _calm(self, rows: np.ndarray) -> None:
        """f' is close to a polynomial within reach of s: sums over its Hermite coefficients d_k."""
        s, profile = self.s[rows], self.profile
        x = s[:, None] + self.sigma * _HERMITE_NODES
        d = profile.slope(x[..., None], profile.panel(x))[..., 0] @ _HERMITE.T
        self.g[rows] = self.v * (d**2 @ (1 / np.arange(1, _ORDERS + 1)))
        at = profile.value(s[:, None], profile.panel(s))[:, 0]
        self.f[rows] = at - self.at_zero - self.sigma * (d @ _HERMITE_AT_ZERO)

    def _groups(self, rows: np.ndarray) -> list[tuple[np.ndarray, int]]:
        """The other s beyond sqrt v by how many edges of the profile lie within reach."""
        s, edges, far = self.s[rows], self.profile.mirrored, self.reach * self.sigma
        count = np.searchsorted(edges, s + far) - np.searchsorted(edges, s - far)
        size = np.ceil(np.log2(np.maximum(count, 1)) * 1.5)
        return [(rows[size == n], int(count[size == n].max())) for n in np.unique(size)]

    def _far(self, rows: np.ndarray, columns: int) -> None:
        """s beyond sqrt v: f(x) - f(s) as an integral of f' over panels around s."""
        profile, sigma = self.profile, self.sigma
        s, far = self.s[rows], self.reach * sigma
        first = np.searchsorted(profile.mirrored, s - far)
        taken = np.minimum(first[:, None] + np.arange(columns), len(profile.mirrored) - 1)
        own = _LOCAL if self.reach == _FAR else np.concatenate([[-_FARTHER], _LOCAL, [_FARTHER]])
        around = np.broadcast_to(sigma * own, (len(s), len(own)))
        steps = np.concatenate([around, profile.mirrored[taken] - s[:, None]], axis=1)
        places = np.concatenate([s[:, None] + around, profile.mirrored[taken]], axis=1)
        order = np.argsort(np.clip(steps, -far, far), axis=1, kind="stable")
        edges = np.clip(np.take_along_axis(steps, order, axis=1), -far, far)
        places = np.clip(np.take_along_axis(places, order, axis=1), (s - far)[:, None], (s + far)[:, None])
        middle = 0.5 * (places[:, 1:] + places[:, :-1])
        step, weights = _nodes(edges)
        x, widths = _nodes(places)
        close = np.abs(middle) > 0.5 * s[:, None]  # near s its own steps are exact, near 0 the places
        x = np.where(close[..., None], s[:, None, None] + step, x)
        step = np.where(close[..., None], step, x - s[:, None, None])
        weights = np.where(close[..., None], weights, widths)
        slope = profile.slope(np.abs(x), profile.panel(np.abs(middle)))
        if profile.parity > 0:
            slope *= np.sign(middle)[..., None]
        whole = np.cumsum(np.sum(weights * slope, axis=-1), axis=1)
        whole = np.concatenate([np.zeros((len(s), 1)), whole], axis=1)
        base = whole[:, :-1] - np.take_along_axis(whole, np.argmax(edges >= 0, axis=1)[:, None], axis=1)
        half = weights[..., :1] / _WEIGHTS[0]
        change = base[..., None] + half * (slope @ _INTEGRALS.T)
        weights *= np.exp(-0.5 * (step / sigma) ** 2) / (sigma * _ROOT)
        mean = np.sum(weights * change, axis=(1, 2))
        at = profile.value(s[:, None], profile.panel(s))[:, 0]
        self.f[rows] = at + mean - self.at_zero
        self.g[rows] = np.sum(weights * (change - mean[:, None, None]) ** 2, axis=(1, 2))

    def pair(self, lam: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(C, D) at covariances lam > 0."""
        parts = [self._pair(lam[i : i + _BLOCK]) for i in range(0, len(lam), _BLOCK)]
        return np.concatenate([c for c, _ in parts]), np.concatenate([d for _, d in parts])

    def _pair(self, lam: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sigma = np.sqrt(lam)[:, None]
        n = int(np.searchsorted(self.s, self.reach * sigma.max(), side="right"))
        s, f, g = self.s[:n], self.f[:n], self.g[:n]
        density = np.exp(-0.5 * (s / sigma) ** 2) * (2 / (sigma * _ROOT)) * self.weights[:n]
        gap = density @ g
        if self.profile.parity < 0:
            return density @ f**2, gap
        mean = density @ f
        return np.sum(density * (f - mean[:, None]) ** 2, axis=1), gap
