r"""Activations of degree 1 (ReLU, leaky ReLU, abs): exact lengths and gradients, algebraic approach of e to 1.

With :math:`B = 1 + \sigma_v^2\sigma_w^2 (r^2+l^2)/2` the map of P is affine, so with :math:`R = \sigma_a^2/(B-1)`

.. math:: P_n = B^n (P_0 + R) - R, \qquad \log\chi_0/\chi_n = n \log B .

:math:`1 - W/V = \delta - (1+\rho)(\sin\vartheta - \vartheta\cos\vartheta)/\pi` at :math:`c = \cos\vartheta = 1 -
\delta`, :math:`\rho = 2rl/(r^2+l^2)`; so, but for terms of order :math:`B^{-n}`,

.. math:: \delta' = \delta - \frac{3k}{\sqrt2}(\sin\vartheta - \vartheta\cos\vartheta), \qquad
          k = \frac{\sqrt2}{3\pi}(1+\rho)\frac{B-1}{B} = \frac{\sigma_v^2\sigma_w^2(r+l)^2}{3\sqrt2\,\pi B},

a parabolic map: :math:`\delta \sim (kn)^{-2}`, and the next term is :math:`-3\log n/(k^2n^3)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.errors import UnsupportedError
from derive.expectations.homogeneous import Homogeneous
from derive.networks.residual.equations import SYMBOLS

__all__ = ["DegreeOneLaw", "degree_one_law", "gap_recurrence"]

GROWTH, RATE = sp.Symbol("B", positive=True), sp.Symbol("k", positive=True)


@dataclass(frozen=True)
class DegreeOneLaw:
    r"""A law for an activation of degree 1: ``expr`` in the layer ``n``, exact where ``error`` is 0.

    ``c`` is the limit of :math:`B^{-n} P_n`, which is :math:`P_0 + \sigma_a^2/(B-1)`; ``C`` is the constant of the
    correlation (it depends on p0 and e0).  ``parameters`` gives B and k in the variances; ``explicit`` puts them in.
    """

    quantity: str
    n: sp.Symbol
    c: sp.Symbol
    C: sp.Symbol
    terms: tuple[sp.Expr, ...]
    error: sp.Expr
    parameters: Mapping[sp.Symbol, sp.Expr]

    @property
    def expr(self) -> sp.Expr:
        """The sum of the terms."""
        return sp.Add(*self.terms)

    @property
    def explicit(self) -> sp.Expr:
        """The sum of the terms in the variances."""
        return self.expr.subs(self.parameters)

    def __repr__(self) -> str:
        return str(self.expr) if self.error == 0 else f"{self.expr} + {self.error}"

    def _repr_latex_(self) -> str:
        tail = "" if self.error == 0 else f" + {sp.latex(self.error)}"
        return rf"$\displaystyle {sp.latex(self.expr)}{tail}$"


def growth_factor(form: Homogeneous) -> sp.Expr:
    """B in the variances."""
    return 1 + SYMBOLS.sigma_v2 * SYMBOLS.sigma_w2 * form.square / 2


def approach(form: Homogeneous) -> sp.Expr:
    """k in the variances."""
    top = SYMBOLS.sigma_v2 * SYMBOLS.sigma_w2 * (form.right + form.left) ** 2
    return sp.cancel(top / growth_factor(form)) / (3 * sp.sqrt(2) * sp.pi)


@lru_cache(maxsize=1)
def gap_recurrence() -> Any:
    """The map of x = sqrt(delta) with k as its parameter, once the bias is nothing against P."""
    from derive.difference.recurrence import Recurrence

    x = sp.Symbol("x", positive=True)
    turn = 2 * sp.asin(x / sp.sqrt(2))
    lost = x * sp.sqrt(2 - x**2) - turn * (1 - x**2)
    return Recurrence(x, sp.sqrt(x**2 - 3 * RATE / sp.sqrt(2) * lost), point=0)


def degree_one_law(form: Homogeneous, quantity: str, terms: int) -> DegreeOneLaw:
    """The law of one quantity; e, s and gamma with ``terms`` powers of n, the others exactly."""
    S = SYMBOLS
    n, c, C = sp.Symbol("n", positive=True), sp.Symbol("c", positive=True), sp.Symbol("C", real=True)
    rest = S.sigma_a2 / (GROWTH - 1)
    parameters = {GROWTH: growth_factor(form), RATE: approach(form)}
    exact = {
        "p": (c * GROWTH**n, -rest - S.sigma_b2 / S.sigma_w2),
        "q": (S.sigma_w2 * c * GROWTH ** (n - 1), -S.sigma_w2 * rest),
        "log_chi_ratio": (n * sp.log(GROWTH),),
    }
    if quantity in exact:
        return DegreeOneLaw(quantity, n, c, C, exact[quantity], sp.S.Zero, parameters)
    if quantity == "lam":
        raise UnsupportedError("lam has no expansion of its own: lam_l = sigma_w2 gamma_(l-1) + sigma_b2, expand gamma")
    if form.mixed == -1:
        raise UnsupportedError("the activation is linear: 1 - e tends to a constant that the start determines")
    rows = _gap_rows(terms)
    gap = tuple(_named(row, n, C) for row in rows)
    error = sp.Order(n ** -(2 + terms) * sp.log(n) ** terms, (n, sp.oo))
    size = c * GROWTH**n
    if quantity == "e":
        return DegreeOneLaw(quantity, n, c, C, (sp.S.One, *(-t for t in gap)), error, parameters)
    if quantity == "s":
        return DegreeOneLaw(quantity, n, c, C, tuple(size * t for t in gap), error * size, parameters)
    return DegreeOneLaw(quantity, n, c, C, (size, *(-size * t for t in gap)), error * size, parameters)


_N, _C = sp.Dummy("n", positive=True), sp.Dummy("C", real=True)


def _named(row: sp.Expr, n: sp.Symbol, C: sp.Symbol) -> sp.Expr:
    return row.xreplace({_N: n, _C: C})


@lru_cache(maxsize=16)
def _gap_rows(terms: int) -> tuple[sp.Expr, ...]:
    """delta_n by powers of n: the square of x_n, cut after ``terms`` powers."""
    law = gap_recurrence().asymptotics(terms=terms)
    log = sp.Dummy("log", real=True)
    z = sp.Dummy("z", positive=True)
    x = sp.expand(law.expr, log=True, force=True).subs(sp.log(law.n), log).subs({law.n: 1 / z, law.c: _C})
    square = sp.Poly(sp.expand(x**2), z)
    rows = [square.coeff_monomial(z**j).subs(log, sp.log(_N)) / _N**j for j in range(2, terms + 2)]
    return tuple(sp.factor_terms(r) for r in rows)
