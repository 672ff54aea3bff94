r"""What the universal law leaves out: a singular value that leaves the bulk and grows with depth.

The law treats :math:`D^l` and :math:`W^l` as free.  They are not: :math:`D^l` depends on :math:`W^lx^{l-1}`.  That is a
perturbation of rank one per layer, invisible in the density, but not in the norm.  Follow one tangent vector
:math:`\delta^l = J^l\delta^0`: h and :math:`W\delta` are jointly Gaussian with variance q, covariance
:math:`k = \sigma_w^2K/L`, variance :math:`d = \sigma_w^2P/L`, where P, K and :math:`\mu` are the means over the units
of :math:`\delta^2`, :math:`x\delta` and :math:`\delta`.  Gaussian integration by parts gives

.. math:: \mu' = a\mu + kD_1, \qquad
   P' = a^2P + 2a\mu kD_1 + (d - k^2/q)S + (k^2/q)D_2, \qquad
   K' = a^2K + a(m kD_1 + \mathrm M\mu) + kC,

:math:`D_1 = E[\varphi'h]/q = E\varphi''`, :math:`S = E\varphi'^2`, :math:`D_2 = E[\varphi'^2h^2]/q`,
:math:`C = E[\varphi\varphi'h]/q`.  A generic vector (:math:`\mu = K = 0`) gains :math:`\prod(a^2 + \sigma_w^2S/L)`,
the mean of the bulk.  The largest gain over the plane of the input x and of the constant vector is a lower bound of
the largest singular value in the limit of wide layers.  It is felt where :math:`E\varphi'' \ne 0`, that is, where the
mean output changes with the length: for ReLU it grows like :math:`e^{\sigma_w\sqrt{L/2\pi}}`.  For the sigmoid (mean
1/2 at every length) it does not leave the bulk, nor does it for GELU or SELU at small c, whose lengths come to rest.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp

from derive.activations import Activation, activation
from derive.errors import DomainError, InputError
from derive.networks.scaled_residual import ScaledValues, iterate_scaled, tables_for
from derive.numerics.compile import mpf_to_sympy, to_mpf
from derive.numerics.exact import variance
from derive.spectrum.cumulant import effective_cumulant
from derive.spectrum.jacobian import JacobianSpectrum
from derive.spectrum.weights import weight_variance_for

_DOUBLED = 5000  # layers up to which the gain at twice the depth is computed too

__all__ = ["IsometryReport", "IsometryWarning", "isometry_report", "tangent_gain"]


class IsometryWarning(UserWarning):
    """The density is narrow, but at least one singular value lies outside."""


@dataclass(frozen=True)
class IsometryReport:
    """The bulk [s_min, s_max] at the effective cumulant c, and the largest gain found along the input and its mean.

    ``gain`` is a lower bound of the largest singular value of a wide network; ``outside`` says whether it exceeds
    s_max.  Where it does, ``deeper`` is the same bound at twice the depth and the same sigma_w2 (None beyond
    5000 layers, and where lengths overflow there).
    """

    activation: Activation
    depth: int
    sigma_w2: sp.Expr
    c: sp.Expr
    s_min: sp.Float
    s_max: sp.Float
    gain: sp.Float
    deeper: sp.Float | None = None

    @property
    def outside(self) -> bool:
        """Whether a singular value lies outside the bulk for certain."""
        return bool(self.gain > self.s_max)

    @property
    def beyond(self) -> str:
        """What lies outside, in a few words."""
        deeper = "" if self.deeper is None else f" ({sp.N(self.deeper, 4)} or more at twice the depth)"
        return f"at least one singular value is {sp.N(self.gain, 4)} or more{deeper}"

    @property
    def message(self) -> str:
        """One sentence for a user."""
        bulk = f"[{sp.N(self.s_min, 4)}, {sp.N(self.s_max, 4)}]"
        if not self.outside:
            return f"{self.activation} at depth {self.depth}: bulk {bulk}; no singular value outside was found"
        return (
            f"{self.activation} at depth {self.depth}: the singular values fill {bulk}, but {self.beyond}; "
            f"{self.remedy}"
        )

    @property
    def remedy(self) -> str:
        """What to change."""
        if self.activation.parity == "odd":
            return "use a smaller c, or an activation whose slope varies less"
        return "centre the activation's output (or use an odd one), or use a smaller c"

    def warn(self) -> None:
        """Issue an :class:`IsometryWarning` where a singular value lies outside."""
        if self.outside:
            warnings.warn(self.message, IsometryWarning, stacklevel=2)


def isometry_report(
    phi: Any, depth: Any, c: Any = None, sigma_w2: Any = None, sigma_b2: Any = 0, digits: int = 15, **start: Any
) -> IsometryReport:
    """The bulk and what lies outside it, for weights given by c or by sigma_w2 (one of them).

    ``start``: skip = 1, p0 = 1 and m0 = 0, the mean square and the mean of the input's entries.

    >>> isometry_report("relu", depth=100, c="1/8").outside
    True
    >>> isometry_report("tanh", depth=20, c="1/8").outside
    False
    """
    if (c is None) == (sigma_w2 is None):
        raise InputError("give either c or sigma_w2")
    phi = activation(phi)
    if sigma_w2 is None:
        sigma_w2 = weight_variance_for(phi, c, depth, sigma_b2, digits, **start)
    else:
        c = effective_cumulant(phi, depth, sigma_w2, sigma_b2, digits, **start)
    spectrum = JacobianSpectrum(c, start.get("skip", 1), depth)
    low, high = spectrum.universal().edges(digits)
    gain = tangent_gain(phi, depth, sigma_w2, sigma_b2, digits, **start)
    deeper = (
        _deeper(phi, 2 * spectrum.depth, sigma_w2, sigma_b2, digits, start)
        if gain > high and spectrum.depth <= _DOUBLED
        else None
    )
    return IsometryReport(phi, int(spectrum.depth), variance(sigma_w2, "sigma_w2"), spectrum.c, low, high, gain, deeper)


def _deeper(phi: Activation, depth: Any, sigma_w2: Any, sigma_b2: Any, digits: int, start: dict) -> sp.Float | None:
    """The gain at a larger depth, None where lengths overflow."""
    try:
        return tangent_gain(phi, depth, sigma_w2, sigma_b2, digits, **start)
    except DomainError:
        return None


def tangent_gain(
    phi: Any, depth: Any, sigma_w2: Any, sigma_b2: Any = 0, digits: int = 15, *, skip: Any = 1, p0: Any = 1, m0: Any = 0
) -> sp.Float:
    """The largest |J v|/|v| over v in the plane of the input and the constant vector, width -> oo; see the module.

    >>> tangent_gain("x", depth=10, sigma_w2="1/8", digits=8)
    1.0640822
    """
    phi = activation(phi)
    values = ScaledValues.read(depth, skip, sigma_w2, sigma_b2, p0, m0)
    inner = digits + 10
    with mpmath.workdps(inner):
        rows = list(_coefficients(phi, values, inner))
        states = [_run(values, rows, mu, cross) for mu, cross in ((0, 0), (1, 0), (0, 1), (1, 1))]
        generic, one, two, both = states
        gram = mpmath.matrix([[1, to_mpf(values.m0)], [to_mpf(values.m0), to_mpf(values.p0)]])
        half = (both - one - two + generic) / 2
        form = mpmath.matrix([[one - generic, half], [half, two - generic]])
        # v = (coefficients) on (1, x): (mu, K) = gram coefficients, P = coefficients gram coefficients
        largest = _largest(gram, form)
        return mpf_to_sympy(mpmath.sqrt(generic + max(largest, mpmath.mpf(0))), digits)


def _largest(gram: Any, form: Any) -> Any:
    """The largest eigenvalue of gram^(1/2) form gram^(1/2), of the 2 x 2 product gram form."""
    product = gram * form
    trace = product[0, 0] + product[1, 1]
    det = product[0, 0] * product[1, 1] - product[0, 1] * product[1, 0]
    return (trace + mpmath.sqrt(max(trace**2 - 4 * det, mpmath.mpf(0)))) / 2


def _coefficients(phi: Activation, values: ScaledValues, digits: int) -> Any:
    """(q, M, mean before the layer, D1, S, D2, C) of each layer."""
    from derive.expectations.values import variance_value

    x, slope = phi.variable, phi.diff(1)
    products = (x * slope.expr, x**2 * slope.expr**2, x * phi.expr * slope.expr)
    before, tables = to_mpf(values.m0), tables_for(phi, values, digits)
    for row in iterate_scaled(phi, values, digits):
        q = row["q"]
        if tables is not None and q != 0:
            s, turn = tables.value("S", q), 2 * tables.slope("S", q)
            yield q, row["M"], before, 2 * tables.slope("M", q) / q, s, s + turn, tables.slope("V", q) / q
            before = row["m"]
            continue
        d1, d2, cross = (mpmath.mpf(0) if q == 0 else _mean(f, q, digits) / q for f in products)
        yield q, row["M"], before, d1, variance_value(slope, q, digits), d2, cross
        before = row["m"]


def _mean(f: sp.Expr, q: Any, digits: int) -> Any:
    """E f, absolutely to about 10^-digits of its scale (zero included)."""
    from flint import ctx

    from derive.expectations.balls import expectation_ball
    from derive.numerics.compile import arb_to_mpf, to_arb

    bits = int(3.33 * digits) + 16
    with ctx.workprec(bits + 32):
        return arb_to_mpf(expectation_ball(f, to_arb(q), bits))


def _run(values: ScaledValues, rows: list, mu: Any, cross: Any) -> Any:
    """The final P for the start (mu, K, P = 1)."""
    a, weight = to_mpf(values.skip), to_mpf(values.sigma_w2) / values.depth
    mu, cross, size = mpmath.mpf(mu), mpmath.mpf(cross), mpmath.mpf(1)
    for q, first, mean, d1, s, d2, c in rows:
        k, d = weight * cross, weight * size
        along = k**2 / q if q else mpmath.mpf(0)
        size = a**2 * size + 2 * a * mu * k * d1 + (d - along) * s + along * d2
        cross = a**2 * cross + a * (mean * k * d1 + first * mu) + k * c
        mu = a * mu + k * d1
    return size
