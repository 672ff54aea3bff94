r"""Moments of rapidly decaying functions, \int x^k g(x) dx, exact where they can be derived.

:func:`moments` cuts g at its kinks and at 0 and adds up exact half-line moments: functions rational in an exponential
give zeta and eta values (:mod:`derive.expectations.asymptotic.exp_tail`), polynomials in error functions and Gaussians
give pi, square roots and arctangents (:mod:`derive.expectations.asymptotic.gauss_tail`), polynomials on a bounded piece
are integrated as they stand.  Anything else is a :class:`Moment`: an unevaluated SymPy number with digits on demand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp

from derive.errors import DomainError, InputError, PrecisionError
from derive.expectations.asymptotic.pieces import X

__all__ = ["Moment", "moments"]


class Moment(sp.AtomicExpr):
    r"""The number \int_low^high x^k f(x) dx for an expression f in the canonical variable of this room.

    It stays unevaluated.  Its digits come from an enclosure (:mod:`derive.expectations.asymptotic.numeric_tail`), so
    they are proved; :class:`~derive.errors.UnsupportedError` is raised where the far part of the integral cannot be
    bounded.
    """

    __slots__ = ("f", "high", "k", "low")
    is_commutative = True
    is_real = True
    is_finite = True
    is_number = True

    def __new__(cls, f: Any, k: Any, low: Any, high: Any) -> sp.Expr:
        if not all(isinstance(a, (sp.Expr, int)) for a in (f, k, low, high)):
            raise InputError(f"a moment is made of expressions, not of {[type(a).__name__ for a in (f, k, low, high)]}")
        if f == 0:
            return sp.S.Zero
        self = super().__new__(cls)
        self.f, self.k, self.low, self.high = (sp.sympify(a, strict=True) for a in (f, k, low, high))
        return self

    def _hashable_content(self) -> tuple:
        return self.f, self.k, self.low, self.high

    def __getnewargs__(self) -> tuple:
        return self._hashable_content()

    @property
    def free_symbols(self) -> set:
        """None: the variable is bound."""
        return set()

    def _ball_(self) -> Any:
        from derive.expectations.asymptotic.numeric_tail import NumericTail

        shifted = self.f.subs(X, X + self.low) if self.low != 0 else self.f
        if self.low != 0:
            shifted *= (X + self.low) ** self.k
        return NumericTail(shifted, self.high - self.low).moment_ball(int(self.k) if self.low == 0 else 0)

    def _mp_(self) -> mpmath.mpf:
        from flint import ctx

        from derive.numerics.compile import arb_to_mpf

        bits = mpmath.mp.prec
        for extra in (20, 80, 320, 1280):
            with ctx.workprec(bits + extra):
                ball = self._ball_()
            if ball.rel_accuracy_bits() >= bits:
                return +arb_to_mpf(ball)
        raise PrecisionError(f"{self} was enclosed only in {ball.str(10)}; it may vanish")

    def _eval_evalf(self, prec: int) -> sp.Float:
        with mpmath.mp.workprec(prec):
            return sp.Float._new(self._mp_()._mpf_, prec)

    def _sympystr(self, printer: Any) -> str:
        x = sp.Symbol("x")
        return f"Moment({printer._print(self.f.xreplace({X: x}))}, {self.k}, {self.low}, {self.high})"

    _sympyrepr = _sympystr

    def _latex(self, printer: Any) -> str:
        x = sp.Symbol("x")
        body = printer._print(x**self.k * self.f.xreplace({X: x}))
        return rf"\int_{{{printer._print(self.low)}}}^{{{printer._print(self.high)}}} {body}\, dx"


@lru_cache(maxsize=4096)
def _moments(f: Any, k: int) -> sp.Expr:
    from derive.expectations.asymptotic.tails import decompose, lowest_terms

    parts = decompose(f)
    if parts.left or parts.right:
        raise DomainError(
            f"the function does not decay: it approaches {dict(parts.left)} at -oo and {dict(parts.right)} at oo "
            "({power: coefficient}); subtract these"
        )
    return lowest_terms(sp.Add(*(segment.moment(k) for segment in parts.segments)))


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
    from derive.expectations.asymptotic.pieces import real_function

    if isinstance(k, bool) or int(k) != k or k < 0:
        raise InputError(f"the order of a moment is an integer >= 0, not {k!r}")
    return _moments(real_function(f), int(k))
