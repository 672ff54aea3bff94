r"""Moments of the squared singular values of a network of finite depth, layers taken as free.

A branch :math:`D^lW^l` with Gaussian weights has the determining sequence
:math:`c_{2k} = (\sigma_w^2/L)^k\,\kappa_k(\varphi'(h^l)^2)`, :math:`\kappa_k` the free cumulants, whose moments are
:math:`E\varphi'^{2k}` at the length of the layer.  Lagrange's inversion of the product of S-transforms
(:mod:`derive.spectrum.finite_depth`) gives the moments of the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath
import sympy as sp

from derive.activations import activation
from derive.networks.scaled_residual import ScaledValues, iterate_scaled
from derive.numerics.compile import mpf_to_sympy, to_mpf
from derive.numerics.exact import positive_integer
from derive.spectrum import finite_depth
from derive.spectrum.cumulant import free_cumulants

__all__ = ["network_moment"]

_GUARD = 12


def network_moment(
    phi: Any, k: Any, depth: Any, sigma_w2: Any, sigma_b2: Any = 0, digits: int = 15, **start: Any
) -> sp.Float:
    r"""E lam^k of a residual network of finite depth to ``digits`` digits, k >= 1, width -> oo, layers free.

    ``start``: skip = 1, p0 = 1, m0 = 0.  Every free cumulant of the branches up to order k is included, so this is the
    exact moment of the bulk at this depth for any activation (up to the rounding of the digits asked for).  A single
    singular value outside the bulk, which wide networks may have
    (:func:`~derive.spectrum.outside.isometry_report`), does not count in the limit.

    Raises :class:`~derive.errors.DomainError` where :math:`E\varphi'^{2k}` is infinite.

    >>> network_moment("relu", 2, depth=10, sigma_w2="1/4", digits=10)
    1.598589635
    """
    phi, k, digits = activation(phi), positive_integer(k, "k"), positive_integer(digits, "digits")
    values = ScaledValues.read(depth, start.pop("skip", 1), sigma_w2, sigma_b2, **start)
    inner = digits + _GUARD + 2 * k
    with mpmath.workdps(inner):
        weight, skip2 = to_mpf(values.sigma_w2) / values.depth, to_mpf(values.skip) ** 2
        layers: list[tuple[tuple[Any, Sequence[Any]], int]] = []
        for row in iterate_scaled(phi, values, inner):
            cumulants = _branch_cumulants(phi, row["q"], k, inner)
            branch = tuple(weight**n * value for n, value in enumerate(cumulants, start=1))
            if layers and layers[-1][0] == (skip2, branch):
                layers[-1] = (layers[-1][0], layers[-1][1] + 1)
            else:
                layers.append(((skip2, branch), 1))
        return mpf_to_sympy(finite_depth.moment(k, layers), digits)


def _branch_cumulants(phi: Any, q: Any, k: int, digits: int) -> list:
    """Free cumulants of phi'^2, orders 1 to k."""
    from derive.expectations.values import expectation_value

    slope = phi.diff(1).expr
    return free_cumulants([expectation_value(slope ** (2 * n), q, digits) for n in range(1, k + 1)])
