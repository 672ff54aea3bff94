r"""Laws of alpha-ReLU full residual networks with alpha a symbol.

An activation holds no free symbols, so these laws are asked for by a function of their own.  With :math:`K =
\sigma_v^2\sigma_w^{2\alpha}c_\alpha` the length obeys :math:`P' = P + K P^\alpha + \sigma_a^2`, a map with a symbolic
exponent (:mod:`derive.difference.classes.symbolic_exponents`): the order of the terms is decided on an open interval
of alpha, and the resonant alpha, where a logarithm replaces a power, are listed.  The others follow at leading orders:

.. math::

    \log\frac{\chi_0}{\chi_n} &= R\log n + S + o(1), \qquad R = \frac{\alpha^2}{(1-\alpha)(2\alpha-1)}, \\
    e &= e^* + C n^{-\mu} + \frac{\sigma_a^2(1-e^*)}{K\,((1-\alpha)\mu-\alpha)}\,
         (K(1-\alpha)n)^{-\alpha/(1-\alpha)} + \dots
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError, UnknownNameError
from derive.networks.display import SumOfTerms
from derive.networks.homogeneous.laws import LIMIT, MU
from derive.networks.residual.driver import P
from derive.networks.residual.equations import SYMBOLS
from derive.numerics.exact import exact_number

__all__ = ["SymbolicLaw", "alpha_relu_law", "forced_term", "gradient_exponent", "strength"]

_UPPER = (sp.Rational(1, 2), sp.Integer(1))
_QUANTITIES = ("p", "q", "log_chi_ratio", "e", "s")


@dataclass(frozen=True, repr=False)
class SymbolicLaw(SumOfTerms):
    """A law with alpha as a symbol: the leading ``terms`` in the layer ``n``, valid for alpha in ``interval``.

    ``c`` is the constant of the length, ``constant`` the one of the quantity itself (C for e, S for the gradient);
    ``error`` is an O-term.  ``resonances`` are the alpha in (0, 1) at which a coefficient behind the terms has a pole.
    """

    quantity: str
    n: sp.Symbol
    c: sp.Symbol
    constant: sp.Symbol | None
    interval: tuple[sp.Expr, sp.Expr]
    terms: tuple[sp.Expr, ...]
    error: sp.Expr
    resonances: tuple[sp.Expr, ...] = ()


def gradient_exponent(alpha: sp.Expr) -> sp.Expr:
    r"""R of :math:`\chi_0/\chi_l \sim l^R`, for 1/2 < alpha < 1.

    >>> gradient_exponent(sp.Rational(2, 3))
    4
    """
    return alpha**2 / ((1 - alpha) * (2 * alpha - 1))


def alpha_relu_law(quantity: str, alpha: sp.Symbol, interval: Any = _UPPER, terms: int = 3) -> SymbolicLaw:
    """The large-depth law of p, q, log_chi_ratio, e or s for alpha-ReLU in a full residual network, alpha symbolic.

    ``alpha`` is a positive SymPy symbol, ``interval`` an open interval inside (0, 1) on which the order of the terms
    is fixed (else UnsupportedError says where to split it).  ``terms`` counts the terms of p and q; the others have
    the terms of the module's docstring.  In e and s the symbols e_star and mu stand for the functions of alpha that
    ``net.cosine_limit`` evaluates.

    >>> a = sp.Symbol("alpha", positive=True)
    >>> law = alpha_relu_law("log_chi_ratio", a)
    >>> law.expr
    S + alpha**2*log(n)/((1 - alpha)*(2*alpha - 1))
    """
    if quantity not in _QUANTITIES:
        raise UnknownNameError(f"no law of {quantity!r} with a symbolic alpha; known: {', '.join(_QUANTITIES)}")
    if not isinstance(alpha, sp.Symbol) or not alpha.is_positive:
        raise InputError(f"alpha = {str(alpha)[:40]} must be a positive symbol; numbers go into activation()")
    low, high = (exact_number(end, "interval") for end in interval)
    if not 0 <= low < high <= 1:
        raise DomainError(f"the interval ({low}, {high}) of {alpha} must lie inside (0, 1)")
    if quantity in ("p", "q"):
        return _length(quantity, alpha, (low, high), terms)
    if quantity == "log_chi_ratio":
        return _gradient(alpha, (low, high))
    return _two_inputs(quantity, alpha, (low, high))


def strength(alpha: sp.Symbol) -> sp.Expr:
    """K in the variances."""
    c = 2 ** (alpha - 1) * sp.gamma(alpha + sp.Rational(1, 2)) / sp.sqrt(sp.pi)
    return SYMBOLS.sigma_v2 * SYMBOLS.sigma_w2**alpha * c


def _stream(alpha: sp.Symbol, interval: tuple[sp.Expr, sp.Expr], terms: int) -> tuple[Any, sp.Symbol]:
    from derive.difference.recurrence import Recurrence

    K = sp.Symbol("K", positive=True)
    recurrence = Recurrence(P, P + K * P**alpha + SYMBOLS.sigma_a2)
    return recurrence.asymptotics(terms=terms, interval={alpha: interval}), K


def forced_term(alpha: sp.Symbol, K: sp.Expr, n: sp.Symbol) -> sp.Expr:
    """What sigma_a puts into e."""
    amplitude = SYMBOLS.sigma_a2 * (1 - LIMIT) / (K * ((1 - alpha) * MU - alpha))
    return amplitude * (K * (1 - alpha) * n) ** (-alpha / (1 - alpha))


def _length(quantity: str, alpha: sp.Symbol, interval: tuple[sp.Expr, sp.Expr], terms: int) -> SymbolicLaw:
    law, K = _stream(alpha, interval, terms)
    rows = [t.subs(K, strength(alpha)) for t in law.terms]
    if quantity == "q":
        rows = [SYMBOLS.sigma_w2 * t.subs(law.n, law.n - 1) for t in rows]
    elif _vanishes(law, alpha, interval):
        rows.append(-SYMBOLS.sigma_b2 / SYMBOLS.sigma_w2)
    resonant = tuple(r for r in law.resonances if 0 < r < 1)
    return SymbolicLaw(quantity, law.n, law.c, None, interval, tuple(rows), law.error, resonant)


def _vanishes(law: Any, alpha: sp.Symbol, interval: tuple[sp.Expr, sp.Expr]) -> bool:
    """Whether the error term tends to 0, in the middle of the interval."""
    size = law.error.expr.subs({alpha: sum(interval) / 2, law.n: sp.Integer(10) ** 200})
    return bool(sp.N(sp.log(sp.Abs(size))) < 0)


def _gradient(alpha: sp.Symbol, interval: tuple[sp.Expr, sp.Expr]) -> SymbolicLaw:
    if interval[0] < sp.Rational(1, 2):
        raise DomainError(
            f"the mean square gradient is infinite for {alpha} <= 1/2; declare an interval inside (1/2, 1)"
        )
    n, c, S = sp.Symbol("n", positive=True), sp.Symbol("c", real=True), sp.Symbol("S", real=True)
    # beyond: log n/n from the length, and sigma_a2 at n^(-alpha/(1-alpha)), which is smaller for alpha > 1/2
    error = _order(sp.log(n) / n, n)
    poles = (sp.Rational(1, 2), sp.Integer(1))
    return SymbolicLaw("log_chi_ratio", n, c, S, interval, (gradient_exponent(alpha) * sp.log(n), S), error, poles)


def _two_inputs(quantity: str, alpha: sp.Symbol, interval: tuple[sp.Expr, sp.Expr]) -> SymbolicLaw:
    n, c, C = sp.Symbol("n", positive=True), sp.Symbol("c", real=True), sp.Symbol("C", real=True)
    scale, forced = strength(alpha) * (1 - alpha) * n, forced_term(alpha, strength(alpha), n)
    parts = [C * n**-MU, forced]
    error = n ** (-2 * MU) + n ** (-2 * alpha / (1 - alpha)) + n ** (-MU - 1) * sp.log(n)
    if quantity == "e":
        return SymbolicLaw(quantity, n, c, C, interval, (LIMIT, *parts), _order(error, n))
    length = scale ** (1 / (1 - alpha))
    rows = (length * (1 - LIMIT), *(-length * t for t in parts))
    return SymbolicLaw(quantity, n, c, C, interval, rows, _order(n ** (1 / (1 - alpha)) * error, n))


def _order(size: sp.Expr, n: sp.Symbol) -> sp.Expr:
    """O(size): SymPy's own Order wants to know which of the powers is the larger, and that depends on alpha."""
    return sp.Function("O")(size)
