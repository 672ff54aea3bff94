r"""Moments of rapidly decaying functions, \int x^k g(x) dx, exact where they can be derived.

:func:`moments` cuts g at its kinks and at 0 and adds up exact half-line moments: functions rational in an exponential
give zeta and eta values (:mod:`derive.expectations.exp_tail`), polynomials in error functions and Gaussians give pi, square roots and
arctangents (:mod:`derive.expectations.gauss_tail`), polynomials on a bounded piece are integrated as they stand.  Anything else is a
:class:`Moment`: an unevaluated SymPy number with digits on demand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp

from derive.errors import InputError
from derive.expectations.pieces import X

__all__ = ["Moment", "moments"]


class Moment(sp.Function):
    r"""The number \int_low^high x^k f(x) dx for an expression f in the canonical variable of this room.

    It stays unevaluated; ``evalf(n)`` integrates numerically (double exponential rule, the result repeated at a higher
    precision: an estimate, not a bound).
    """

    nargs = 4
    is_commutative = True
    is_real = True
    is_number = True

    @classmethod
    def eval(cls, f: sp.Expr, k: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr | None:
        return sp.S.Zero if f == 0 else None

    def __new__(cls, f: Any, k: Any, low: Any, high: Any) -> sp.Expr:
        for value in (f, k, low, high):
            if isinstance(value, (str, bytes)):
                raise InputError(f"a moment is made of expressions, not of text: {value[:60]!r}")
        made = sp.Lambda(X, f) if isinstance(f, sp.Expr) and not isinstance(f, sp.Lambda) else f
        if isinstance(made, sp.Lambda) and made.expr == 0:
            return sp.S.Zero
        return super().__new__(cls, made, sp.Integer(k), sp.sympify(low), sp.sympify(high))

    @property
    def free_symbols(self) -> set:
        return set()

    def _eval_is_finite(self) -> bool:
        return True

    def _eval_evalf(self, prec: int) -> sp.Float:
        return sp.Float._new(self._mp_at(prec)._mpf_, prec)

    def _mp_at(self, prec: int) -> mpmath.mpf:
        f, k, low, high = self.args
        g = sp.lambdify(f.variables[0], f.expr, "mpmath")
        ends = _split_points(low, high)
        with mpmath.mp.workprec(prec + 40):
            value, error = mpmath.quad(lambda x: x ** int(k) * g(x), ends, error=True, maxdegree=12)
        return value

    def _mp_(self, *args: Any) -> mpmath.mpf:
        return self._mp_at(mpmath.mp.prec)

    def _latex(self, printer: Any) -> str:
        f, k, low, high = self.args
        x = sp.Symbol("x")
        body = printer._print(x**k * f.expr.xreplace({f.variables[0]: x}))
        return rf"\int_{{{printer._print(low)}}}^{{{printer._print(high)}}} {body}\, dx"


def _split_points(low: sp.Expr, high: sp.Expr) -> list:
    start = 0 if low.is_infinite else mpmath.mpf(sp.N(low, 60)._mpf_ if hasattr(sp.N(low, 60), "_mpf_") else 0)
    if high.is_infinite:
        return [start, *(start + 2**i for i in range(-1, 8)), mpmath.inf]
    return [start, mpmath.mpf(sp.N(high, 60)._mpf_)]


@lru_cache(maxsize=4096)
def _moments(f: Any, k: int) -> sp.Expr:
    from derive.expectations.tails import decompose

    parts = decompose(f)
    if parts.left or parts.right:
        from derive.errors import DomainError

        raise DomainError(
            f"the function does not decay (it approaches {parts.left or 0} and {parts.right or 0}); subtract its asymptotes"
        )
    return sp.expand(sp.Add(*(segment.moment(k) for segment in parts.segments)))


def moments(f: Any, k: int) -> sp.Expr:
    r"""Return \int_{-\infty}^{\infty} x^k f(x) dx for a function that decays faster than every power.

    The value is exact when it can be derived, otherwise it holds :class:`Moment` numbers.  ``f`` is an activation or an
    expression in one symbol.

    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> moments(1 - sp.tanh(x)**2, 2), moments(sp.sech(x)**4, 2)
    (pi**2/6, -2/3 + pi**2/9)
    >>> moments(1 - sp.erf(x)**2, 0)
    2*sqrt(2)/sqrt(pi)

    Raises :class:`~derive.errors.DomainError` when ``f`` does not decay.
    """
    from derive.expectations.pieces import real_function

    if isinstance(k, bool) or int(k) != k or k < 0:
        raise InputError(f"the order of a moment is an integer >= 0, not {k!r}")
    return _moments(real_function(f), int(k))
