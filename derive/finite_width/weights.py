r"""Symmetric laws of weights, by their fourth moment and by a sampler.

The second moments of a layer see a symmetric law only through its variance and its kurtosis
:math:`\kappa = E w^4/(E w^2)^2`: 3 for Gaussian weights, 9/5 for uniform ones, 1 for signs.  A truncated normal law has
the variance left after truncation, not that of the normal law it was cut from; :func:`truncated_normal` has both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import DomainError, UnknownNameError
from derive.numerics.exact import exact_number, sign_of

__all__ = ["WeightLaw", "even_moments", "truncated_normal", "truncated_normal_variance", "weight_law"]


@dataclass(frozen=True)
class WeightLaw:
    """A symmetric law of weights with variance 1: its name, its kurtosis, and where a truncated one is cut.

    ``cut`` is in standard deviations of the normal law before truncation.
    """

    name: str
    kurtosis: sp.Expr
    cut: sp.Expr | None = None

    def sample(self, generator: Any, shape: tuple[int, ...]) -> Any:
        """An array of independent draws with variance 1."""
        import numpy as np

        if self.name == "gaussian":
            return generator.standard_normal(shape)
        if self.name == "uniform":
            return generator.uniform(-1.0, 1.0, shape) * np.sqrt(3.0)
        if self.name == "rademacher":
            return 2.0 * generator.integers(0, 2, shape, dtype=np.int8) - 1.0
        if self.name == "truncated_normal":
            from scipy.special import ndtr, ndtri

            cut: Any = self.cut
            low = ndtr(-float(cut))
            draws = ndtri(generator.uniform(low, 1 - low, shape))
            return draws / float(sp.sqrt(truncated_normal_variance(cut)))
        return self._three_points(generator, shape)

    def _three_points(self, generator: Any, shape: tuple[int, ...]) -> Any:
        """Signs times sqrt(kappa) with probability 1/kappa, else 0: variance 1 and the kurtosis asked for."""
        import numpy as np

        kappa = float(self.kurtosis)
        signs = 2.0 * generator.integers(0, 2, shape) - 1.0
        return signs * (generator.uniform(size=shape) < 1 / kappa) * np.sqrt(kappa)


def truncated_normal_variance(cut: Any = 2) -> sp.Expr:
    r"""The variance of a standard normal law truncated to [-t, t]: :math:`1 - 2t\,n(t)/(2\Phi(t) - 1)`.

    n is the normal density.  With t = 2, as in the initialisers of Keras, it is 0.7737...

    >>> truncated_normal_variance(2).evalf(15)
    0.773741303549923
    """
    return _truncated_moment(_positive(cut), 2)


def truncated_normal(cut: Any = 2) -> WeightLaw:
    """The truncated normal law, rescaled to variance 1; its kurtosis is below 3."""
    t = _positive(cut)
    return WeightLaw("truncated_normal", _truncated_moment(t, 4) / _truncated_moment(t, 2) ** 2, t)


def _truncated_moment(t: sp.Expr, order: int) -> sp.Expr:
    """E z^order given |z| <= t, by integration by parts: m_k = (k - 1) m_(k-2) - 2 t^(k-1) n(t)/mass."""
    if order == 0:
        return sp.Integer(1)
    density = sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi)
    return (order - 1) * _truncated_moment(t, order - 2) - 2 * t ** (order - 1) * density / sp.erf(t / sp.sqrt(2))


def _positive(cut: Any) -> sp.Expr:
    t = exact_number(cut, "cut")
    if sign_of(t) <= 0:
        raise DomainError(f"cut = {t} leaves nothing; a truncated normal law needs a positive cut")
    return t


_KURTOSIS = {"gaussian": sp.Integer(3), "uniform": sp.Rational(9, 5), "rademacher": sp.Integer(1)}


def weight_law(law: Any) -> WeightLaw:
    """A symmetric law by name, or by its kurtosis (a number of at least 1).

    Names: gaussian, uniform, rademacher, truncated_normal (cut at two standard deviations; :func:`truncated_normal`
    takes another cut).  Raises :class:`~derive.errors.UnknownNameError` and :class:`~derive.errors.DomainError`.

    >>> weight_law("uniform").kurtosis, weight_law("5/2").name
    (9/5, 'kurtosis 5/2')
    """
    if isinstance(law, WeightLaw):
        return law
    if isinstance(law, str):
        if law in _KURTOSIS:
            return WeightLaw(law, _KURTOSIS[law])
        if law == "truncated_normal":
            return truncated_normal()
        if law.replace("_", "").isalpha():
            known = ", ".join((*_KURTOSIS, "truncated_normal"))
            raise UnknownNameError(f"no law of weights is called {law!r}; give one of {known}, or a kurtosis")
    kurtosis = exact_number(law, "kurtosis of the weights")
    if sign_of(kurtosis - 1) < 0:
        raise DomainError(f"kurtosis {kurtosis} is below 1; E w^4 is at least (E w^2)^2 for every law")
    return WeightLaw(f"kurtosis {kurtosis}", kurtosis)


def even_moments(law: WeightLaw, order: int) -> list[sp.Expr]:
    """E w^2, E w^4, ..., E w^(2 order) of a law with variance 1.

    A law known by its kurtosis alone has two; more raise :class:`~derive.errors.DomainError`.
    """
    if law.name == "gaussian":
        return [sp.factorial2(2 * s - 1) for s in range(1, order + 1)]
    if law.name == "uniform":
        return [sp.Rational(3**s, 2 * s + 1) for s in range(1, order + 1)]
    if law.name == "rademacher":
        return [sp.Integer(1)] * order
    if law.name == "truncated_normal":
        size = _truncated_moment(law.cut, 2)
        return [_truncated_moment(law.cut, 2 * s) / size**s for s in range(1, order + 1)]
    if order > 2:
        raise DomainError(
            f"moments beyond the second need more than the kurtosis of the weights; {law.name} has no higher moments "
            "here. Give a law by name: gaussian, uniform, rademacher, truncated_normal"
        )
    return [sp.Integer(1), law.kurtosis][:order]
