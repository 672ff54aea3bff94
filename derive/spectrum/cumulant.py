r"""The effective cumulant of a residual network of finite depth, for any activation.

:math:`c = \frac1L\sum_{l=1}^L c_2^l`, :math:`c_2^l = \sigma_w^2 E\varphi'(\sqrt{q^l}z)^2` (26), with the lengths of
:mod:`derive.networks.scaled_residual`, which give (27) and its initial condition
:math:`q^1 = \sigma_b^2 + \sigma_w^2 p_0/L`, for an input of mean square p_0 and mean m_0.

Where :math:`E\varphi'^2` does not depend on q (ReLU, leaky ReLU) c is :math:`\sigma_w^2` times that number at every
depth.  Elsewhere c is computed by the recurrence with guard digits; for the limit of many layers see
:mod:`derive.spectrum.deep_limit`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations import Activation, activation
from derive.errors import DeriveError
from derive.networks.scaled_residual import ScaledValues, iterate_scaled, tables_for
from derive.numerics.exact import exact_number, positive_integer, variance

__all__ = [
    "LayerCumulants",
    "constant_slope",
    "cumulant_function",
    "cumulant_value",
    "effective_cumulant",
    "free_cumulants",
    "layer_cumulants",
]

_GUARD = 8


def _certainly_varies(slope: Activation) -> bool:
    """Whether balls around E slope^2 at two variances are disjoint; saves the closed form where they are."""
    from flint import arb, ctx

    from derive.expectations.balls import variance_ball

    try:
        with ctx.workprec(96):
            one, two = (variance_ball(slope, arb(q), 48) for q in (1, 2))
    except DeriveError:
        return False
    return bool(one.is_finite() and two.is_finite() and not one.overlaps(two))


@lru_cache(maxsize=64)
def constant_slope(phi: Activation) -> sp.Expr | None:
    """E phi'(sqrt(q) z)^2 where it is the same for every q > 0, else None."""
    from derive.expectations import V

    q = sp.Symbol("q", positive=True)
    slope = phi.diff(1)
    if _certainly_varies(slope):
        return None
    value = sp.simplify(V(slope, q).doit()) if slope.pieces else V(slope, q)
    return None if value.has(q) or value.has(V) else value


def cumulant_value(phi: Activation, values: ScaledValues, digits: int) -> Any:
    """c by the recurrence, as an mpf with about ``digits`` right digits."""
    import mpmath

    from derive.expectations.values import variance_value
    from derive.numerics.compile import to_mpf

    slope, inner = phi.diff(1), digits + _GUARD
    tables = tables_for(phi, values, inner)
    with mpmath.workdps(inner):
        total = mpmath.mpf(0)
        for row in iterate_scaled(phi, values, inner):
            q = row["q"]
            total += variance_value(slope, q, inner) if tables is None or q == 0 else tables.value("S", q)
        return to_mpf(values.sigma_w2) * total / values.depth


def cumulant_function(
    phi: Activation, depth: Any, sigma_b2: Any, skip: Any, p0: Any, m0: Any
) -> Callable[[Any, int], Any]:
    """c as a function of an exact sigma_w2 and digits, an mpf; every other parameter is checked here."""
    from derive.numerics.compile import to_mpf

    if depth is sp.oo or depth == float("inf"):
        from derive.spectrum.deep_limit import deep_cumulant

        bias = variance(sigma_b2, "sigma_b2")
        return lambda weight, digits: to_mpf(deep_cumulant(phi, exact_number(weight), bias, skip, digits, p0, m0))
    ScaledValues.read(depth, skip, 1, sigma_b2, p0, m0)
    return lambda weight, digits: cumulant_value(phi, ScaledValues.read(depth, skip, weight, sigma_b2, p0, m0), digits)


def effective_cumulant(
    phi: Any,
    depth: Any = sp.oo,
    sigma_w2: Any = None,
    sigma_b2: Any = 0,
    digits: int = 30,
    *,
    skip: Any = 1,
    p0: Any = 1,
    m0: Any = 0,
) -> sp.Float:
    r"""The effective cumulant c to ``digits`` digits; source: paper 001, (26), (27).

    ``phi`` is anything :func:`derive.activation` takes; weights have variance sigma_w2/(N depth), biases sigma_b2; the
    input has mean square ``p0`` and mean ``m0`` over its entries.  ``depth=oo`` gives the limit at fixed sigma_w2 where
    there is one (:func:`~derive.spectrum.deep_limit.deep_cumulant`).

    Raises :class:`~derive.errors.DomainError` for negative variances or m0^2 > p0,
    :class:`~derive.errors.UnsupportedError` where the limit does not exist.

    >>> effective_cumulant("relu", depth=20, sigma_w2="1/4", digits=10)
    0.1250000000
    >>> effective_cumulant("tanh", depth=10, sigma_w2="1/4", digits=10)
    0.2372893233
    """
    from derive.numerics.compile import mpf_to_sympy

    phi, digits = activation(phi), positive_integer(digits, "digits")
    if sigma_w2 is None:
        from derive.errors import InputError

        raise InputError("sigma_w2 is missing; weight_variance_for finds it from c")
    weight, function = variance(sigma_w2, "sigma_w2"), cumulant_function(phi, depth, sigma_b2, skip, p0, m0)
    known = constant_slope(phi)
    return sp.N(weight * known, digits) if known is not None else mpf_to_sympy(function(weight, digits), digits)


@dataclass(frozen=True)
class LayerCumulants:
    """Means over the layers of c_2, c_2^2 and c_4 (Gaussian weights): what the 1/L correction needs."""

    c: sp.Float
    squares: sp.Float
    fourth: sp.Float


def layer_cumulants(phi: Any, depth: Any, sigma_w2: Any, sigma_b2: Any = 0, digits: int = 15, **start: Any) -> Any:
    r"""c and the two further numbers of the first 1/L correction,
    :math:`c_4 = \sigma_w^4 \operatorname{Var}\varphi'^2`.

    >>> found = layer_cumulants("relu", 10, "1/4")
    >>> float(found.c), float(found.squares), float(found.fourth)
    (0.125, 0.015625, 0.015625)
    """
    import mpmath

    from derive.expectations.values import expectation_value
    from derive.numerics.compile import mpf_to_sympy, to_mpf

    phi = activation(phi)
    values = ScaledValues.read(depth, start.pop("skip", 1), sigma_w2, sigma_b2, **start)
    slope, inner = phi.diff(1), digits + _GUARD
    square, fourth_power = slope.expr**2, slope.expr**4
    sums = [mpmath.mpf(0)] * 3
    with mpmath.workdps(inner):
        weight = to_mpf(values.sigma_w2)
        for row in iterate_scaled(phi, values, inner):
            second = weight * expectation_value(square, row["q"], inner)
            fourth = weight**2 * expectation_value(fourth_power, row["q"], inner)
            sums = [s + t for s, t in zip(sums, (second, second**2, fourth - second**2), strict=True)]
        return LayerCumulants(*(mpf_to_sympy(s / values.depth, digits) for s in sums))


def free_cumulants(moments: list) -> list:
    r"""Free cumulants k_1, k_2, ... from moments m_1, m_2, ..., exactly.

    From :math:`m_n = \sum_s k_s [w^{n-s}] M(w)^s`, M(w) = 1 + m_1 w + ....  The determining sequence of a branch D W
    with Gaussian W is that of the free cumulants of :math:`\varphi'^2`, times powers of the weight variance.

    >>> from fractions import Fraction
    >>> free_cumulants([Fraction(1, 2)] * 3)
    [Fraction(1, 2), Fraction(1, 4), Fraction(0, 1)]
    """
    size = len(moments)
    one = moments[0] * 0 + 1
    series = [one, *moments]
    powers = [[one, *[one * 0] * size]]
    for _ in range(size):
        last = powers[-1]
        powers.append([sum((last[i] * series[n - i] for i in range(n + 1)), one * 0) for n in range(size + 1)])
    found: list = []
    for n in range(1, size + 1):
        found.append(moments[n - 1] - sum((found[s - 1] * powers[s][n - s] for s in range(1, n)), one * 0))
    return found
