r"""Bounds for the defect of a truncated telescoped series and for its sum along an orbit.

For :math:`H(wM) - H(w) = g(w)` and the truncation :math:`H_N` the defect
:math:`D = H_N(wM) - H_N(w) - g` is analytic where M and g are (the logarithm contributes :math:`\ell \log M`) and
vanishes at 0 to order :math:`R = N + k + 1` at least, by construction of the coefficients.  With
:math:`\Lambda = \sup_{|z| \le t} |\log M|` the maximum principle gives, for 0 < w < t,

.. math:: |D(w)| \le B\,w^R, \qquad
          B = t^{-R} \Bigl(\sup_{|z|=t} |g| + |\ell| \Lambda + \sum_j |h_j| t^j (e^{|j| \Lambda} - 1)\Bigr).

If every step obeys :math:`w'^{-k} \ge w^{-k} + k \kappa`, a defect below :math:`B w^R` sums along the orbit to at most
:math:`B w^R (1 + 1/((R - k) \kappa w^k))`.  Abel's equation is the case g = 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from derive.difference.formal.abel import LogSeries
from derive.difference.orbits.numeric_map import NumericMap
from derive.difference.proofs.disc import Disc
from derive.difference.proofs.remainder import Remainder
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import CertificationError

__all__ = ["LOW_BITS", "DefectBound", "RightSide", "defect_bound", "step_bound"]

LOW_BITS = 96
"""Working precision of bounds, which need no digits."""


@dataclass(frozen=True)
class RightSide:
    """|g(z)| <= bound (|z|/radius)**order on the disc of the given radius; Abel's equation has g = 1."""

    bound: Any
    order: int
    radius: Any

    def at(self, t: Any) -> Any:
        """A bound of |g| on |z| = t <= radius."""
        return (self.bound * (t / self.radius) ** self.order).upper()


@dataclass(frozen=True)
class DefectBound:
    """|D| <= sum of size * (w'/w)**exponent for 0 < w' <= w; ``radius`` is the circle that was used."""

    w: Any
    parts: tuple[tuple[Any, Any], ...]
    radius: Any

    def at(self, fraction: Any) -> Any:
        """The bound at ``fraction`` times w."""
        return sum((size * fraction**exponent for size, exponent in self.parts), fraction * 0).upper()

    def orbit_sum(self, k: int, kappa: Any) -> Any:
        """A bound of the sum of |D| over the orbit from w on."""
        total = self.w * 0
        for size, exponent in self.parts:
            if not exponent > k:
                raise CertificationError(f"the defect decays like w**{exponent} only, too slowly to be summed")
            total = total + size * (1 + 1 / ((exponent - k) * kappa * self.w**k))
        return total.upper()


def defect_bound(
    series: LogSeries, what: NumericMap, disc: Disc, right: RightSide, w: Any, highest: int
) -> tuple[int, DefectBound]:
    """``(N, bound)`` for the best truncation N <= highest, 0 < w well inside the disc."""
    from flint import arb, ctx

    order, shrink = _best_cut(series, what.k, disc, right, log10_size(w), highest)
    with ctx.workprec(LOW_BITS):
        radius = (disc.radius * arb(10) ** (arb(-shrink) / 20)).mid()
        growth = disc.log_bound(radius)
        total = right.at(radius) + abs(arb(series.log)) * growth
        for i, a in enumerate(series.coefficients[: order - series.start + 1]):
            j = series.start + i
            if j and not ps.is_zero(a):
                total = total + abs(arb(a)).upper() * radius**j * (abs(j) * growth).expm1()
        exponent = order + what.k + 1
        return order, DefectBound(w, (((total * (w / radius) ** exponent).upper(), exponent),), radius)


def _best_cut(series: LogSeries, k: int, disc: Disc, right: RightSide, log10_w: float, highest: int) -> tuple[int, int]:
    """The order N <= highest and the step (of 0.05 in log10) below the disc's radius that make the bound smallest."""
    from flint import arb

    highest = min(highest, series.order)
    rows = [(series.start + i, log10_upper(arb(a))) for i, a in enumerate(series.coefficients)]
    rows = [(j, size) for j, size in rows if j and (size > -math.inf or j == highest) and j <= highest]
    best: tuple[float, int, int] | None = None
    top, bound = log10_size(disc.radius), float(disc.bound)
    for i in range(160):
        log10_t = top - i * 0.05
        if log10_t < log10_w + 0.08:
            break
        growth = -math.log1p(-bound * 10 ** (disc.k * (log10_t - top))) / disc.root
        total = max(log10_upper(right.bound) + right.order * (log10_t - log10_size(right.radius)), -300.0)
        for j, size in rows:
            if size > -math.inf:
                total = max(total, size + j * log10_t + _log10_expm1(abs(j) * growth)) + 0.15
            value = total + (j + k + 1) * (log10_w - log10_t)
            if j >= min(k, highest) and (best is None or value < best[0]):
                best = (value, j, i)
    if best is None:
        raise CertificationError("w_m is not small against the disc; no bound of the defect was found")
    return best[1], best[2]


def _log10_expm1(x: float) -> float:
    return x / math.log(10) if x > 30 else math.log10(math.expm1(max(x, 1e-300)))


def step_bound(what: NumericMap, disc: Disc, remainder: Remainder | None, w: Any) -> Any:
    """kappa > 0 with log M <= -kappa w**k on (0, w]: Taylor coefficients of log M, Cauchy's estimate for the rest."""
    from flint import ctx

    with ctx.workprec(LOW_BITS):
        ratio = w / disc.radius
        if not ratio < 0.9:
            raise CertificationError(
                f"w_m = {w.str(4)} does not lie well inside the disc of radius {disc.radius.str(4)}"
            )
        count = 4 * what.k + 12
        rows = ps.log(what.multiplier(count, 128), count + 1)
        kappa = -disc.log_bound(disc.radius) * ratio**count / (1 - ratio) * ratio / w**what.k - rows[what.k]
        for j in range(what.k + 1, count + 1):
            if not ps.is_zero(rows[j]):
                kappa = kappa - abs(rows[j]) * w ** (j - what.k)
        if remainder is not None:
            kappa = kappa - remainder.log_shift(what, w) / w**what.k
        if not kappa > 0:
            raise CertificationError(
                f"the step bound kappa > 0 could not be shown on (0, {w.str(4)}]: kappa in {kappa.str(4)}"
            )
        return kappa.lower()
