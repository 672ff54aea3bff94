r"""The expansion of an expression at infinity in powers of x whose exponents are linear in a symbol alpha."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.difference.series.sparse import Exponent, Scale, Sparse, binomial
from derive.errors import UnsupportedError

__all__ = ["SparseExpander", "linear_form"]

_ZERO: Exponent = (Fraction(0), Fraction(0))


def linear_form(expr: sp.Expr, alpha: sp.Symbol) -> Exponent | None:
    """``(p, q)`` with expr = p + q alpha, both rational; None for anything else."""
    q = sp.diff(expr, alpha)
    p = sp.expand(expr - q * alpha)
    if not (q.is_Rational and p.is_Rational):
        return None
    return Fraction(int(p.p), int(p.q)), Fraction(int(q.p), int(q.q))


class SparseExpander:
    """Walks an expression.

    ``convert`` turns what is free of x into coefficients, ``raised`` takes a coefficient to a power given as an
    expression.
    """

    def __init__(
        self,
        scale: Scale,
        x: sp.Symbol,
        alpha: sp.Symbol,
        convert: Callable[[sp.Expr], Any],
        raised: Callable[[Any, sp.Expr], Any],
    ) -> None:
        self.scale, self.x, self.alpha, self.convert, self.raised = scale, x, alpha, convert, raised

    def value(self, expr: sp.Expr) -> Sparse:
        """The series of an expression; exponents count powers of 1/x."""
        if not expr.has(self.x):
            return Sparse(self.scale, {_ZERO: self.convert(expr)})
        if expr == self.x:
            return Sparse(self.scale, {(Fraction(-1), Fraction(0)): self.scale.rational(Fraction(1))})
        if expr.is_Add or expr.is_Mul:
            parts = [self.value(a) for a in expr.args]
            total = parts[0]
            for part in parts[1:]:
                total = total + part if expr.is_Add else total * part
            return total
        if expr.is_Pow and not expr.exp.has(self.x):
            return self._power(expr.base, expr.exp)
        if len(expr.args) == 1 and isinstance(expr, sp.Function):
            return self._analytic(expr)
        raise UnsupportedError(f"{expr} has no expansion in powers of {self.x} with exponents linear in {self.alpha}")

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Sparse:
        form = linear_form(exponent, self.alpha)
        if form is None:
            raise UnsupportedError(f"the exponent {exponent} is not linear in {self.alpha} with rational coefficients")
        inner = self.value(base)
        found = inner.lead()
        if found is None:
            raise UnsupportedError(f"{base} vanishes to the order kept")
        t, head = found
        d = linear_form(self._form(t) * exponent, self.alpha)
        if d is None:
            raise UnsupportedError(f"{base}**({exponent}) has exponents that are not linear in {self.alpha}")
        inverse = 1 / head
        rest = inner.without(t).times(inverse, (-t[0], -t[1]))
        if rest.rows and self.scale.size(rest.largest()[0]) <= 0:
            raise UnsupportedError(f"the leading term of {base} is not decided")
        front = self.raised(head, exponent)
        return binomial(rest.powers(), self.scale.element(form)).times(front, d)

    def _form(self, t: Exponent) -> sp.Expr:
        return sp.Rational(t[0].numerator, t[0].denominator) + self.alpha * sp.Rational(
            t[1].numerator, t[1].denominator
        )

    def _analytic(self, expr: sp.Function) -> Sparse:
        """A function of an argument that tends to a constant, by its Taylor series there."""
        constant, moving = sp.expand(expr.args[0]).as_independent(self.x, as_Add=True)
        inner = self.value(moving)
        found = inner.lead()
        if found is not None and self.scale.size(found[0]) <= 0:
            raise UnsupportedError(f"the argument of {expr} does not tend to a constant")
        powers = inner.powers()
        z, total = sp.Dummy("z"), Sparse(self.scale, {})
        function = expr.func(z)
        for k, power in enumerate(powers):
            c = sp.diff(function, z, k).subs(z, constant) / sp.factorial(k)
            if c.has(sp.nan, sp.zoo, sp.oo):
                raise UnsupportedError(f"{expr.func.__name__} is not analytic at {constant}")
            total = total + power.times(self.convert(c)) if c != 0 else total
        return total
