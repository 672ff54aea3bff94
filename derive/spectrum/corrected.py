r"""The universal law with its first correction in 1/L: :class:`CorrectedSpectrum`."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.errors import UnsupportedError
from derive.numerics.exact import exact_number, positive_integer, variance
from derive.spectrum import correction, limit_law

__all__ = ["CorrectedSpectrum"]


class CorrectedSpectrum:
    r"""Law of a :class:`JacobianSpectrum` of finite depth to first order in 1/L; see :mod:`derive.spectrum.correction`.

    ``fourth`` is the mean over the layers of :math:`c_4^l`; for Gaussian weights
    :math:`c_4 = \sigma_w^4\operatorname{Var}\varphi'(h)^2`.  ``squares`` is the mean of :math:`(c_2^l)^2`, by default
    c^2. Left out are terms of order 1/L^2.  The corrected distribution function is not monotone within O(1/L^2) of an
    edge, so there is no density.

    >>> from derive.spectrum import JacobianSpectrum
    >>> JacobianSpectrum(c="1/8", depth=10).corrected().moment(1)
    1279*exp(1/8)/1280
    """

    def __init__(self, spectrum: Any, fourth: Any = 0, squares: Any = None) -> None:
        if spectrum.depth is sp.oo:
            raise UnsupportedError("the first 1/L correction needs a depth; give JacobianSpectrum(c, skip, depth=L)")
        self.law = spectrum.universal()
        self.depth = spectrum.depth
        a4 = spectrum.skip**4
        self.k4 = exact_number(fourth, "fourth") / a4
        self.k2 = (spectrum.c**2 if squares is None else variance(squares, "squares")) / a4

    def moment(self, k: Any) -> sp.Expr:
        """E lam^k for an integer k >= 1, to order 1/L, exactly."""
        k = positive_integer(k, "k")
        shift = correction.moment_shift(k, self.law.kappa, self.k2, self.k4)
        scale = self.law.skip ** (2 * self.depth * k)
        return sp.powsimp(sp.factor_terms(self.law.moment(k) + scale * shift / self.depth))

    def log_moment(self, k: Any) -> sp.Expr:
        """E y^k with y = log(lam/a^(2L)), to order 1/L, exactly."""
        k = positive_integer(k, "k")
        values = {limit_law.KAPPA: self.law.kappa, correction.K2: self.k2, correction.K4: self.k4}
        return sp.expand((limit_law.log_moment(k) + correction.log_moment_shift(k) / self.depth).subs(values))

    def edges(self, digits: int = 30) -> tuple[Any, Any]:
        """(s_min, s_max) to order 1/L in their logarithms."""
        values = {limit_law.KAPPA: self.law.kappa, correction.K2: self.k2, correction.K4: self.k4}
        ends = limit_law.edge_exponent(self.law.kappa)
        logs = [s * ends + correction.edge_shift(s).subs(values) / self.depth + self.law.log_scale for s in (-1, 1)]
        return tuple(sp.N(sp.exp(y / 2), positive_integer(digits, "digits")) for y in logs)

    def cdf(self, s: Any) -> Any:
        """P(S <= s) to order 1/L, as float64; the support is that of the universal law."""
        import numpy as np

        _, y = self.law._y(s)
        arrays = self.law._arrays
        inside = np.clip(np.atleast_1d(y), arrays.low, arrays.high)
        shift = correction.cdf_shift(arrays.boundary(inside), float(self.k2), float(self.k4)) / float(self.depth)
        return np.clip(arrays.cdf(inside) + shift, 0.0, 1.0).reshape(y.shape)[()]
