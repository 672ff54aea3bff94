r"""Maps that contain functions known by their large-argument series: what is cut off, and a bound for it.

An expression :math:`G(x, h_1(u_1), \dots)` with heads :math:`h_i` that know their expansion
:math:`h_i(u) = T_i(u) + R_i(u)`, :math:`|R_i(u)| \le C_i u^{e_i}` for :math:`u \ge u_{min}`, and
:math:`u_i = \lambda_i x + \mu_i`, becomes :math:`G_K(x) = G(x, T_1(u_1), \dots)` plus a remainder.  By the mean value
theorem

.. math:: |G - G_K| \le \sum_i \sup_{h_i} \Bigl|\frac{\partial G}{\partial h_i}\Bigr| \, C_i u_i^{e_i},
          \qquad u_i^{e_i} \le (\lambda_i x)^{e_i} \quad (\mu_i \ge 0,\ e_i \le 0).

The partial derivative must be a multiple of a power of x (then it is taken as it is) or free of x outside the heads
(then it is bounded by a ball over all values that the heads take for :math:`x \ge x_{min}`).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.difference.near_point.germ import Germ
from derive.difference.near_point.small_variable import SmallVariable
from derive.errors import CertificationError
from derive.numerics import compile_ball, to_arb

__all__ = ["HeadedFunction", "has_heads"]

_BITS = 128


def has_heads(expr: Any, x: sp.Symbol) -> bool:
    """Whether functions of x occur that know their large-argument series."""
    return isinstance(expr, sp.Expr) and bool(_heads(expr, x))


def _heads(expr: sp.Expr, x: sp.Symbol) -> list[sp.Expr]:
    found = [node for node in sp.preorder_traversal(expr) if hasattr(node, "large_argument_terms") and node.has(x)]
    return sorted(set(found), key=sp.default_sort_key)


class HeadedFunction:
    """An expression with heads, cut to finite series inside; ``remainder`` is as for a SeriesFunction.

    Its methods raise CertificationError where an argument or the way the heads enter is not covered.
    """

    def __init__(self, expr: sp.Expr, x: sp.Symbol) -> None:
        self.expr, self.variable, self.x = expr, x, x
        self.heads = _heads(self.expr, self.x)
        self.marks = [sp.Dummy(f"h{i}", real=True) for i in range(len(self.heads))]
        self.open = self.expr.xreplace(dict(zip(self.heads, self.marks, strict=True)))
        self.slopes = [self.open.diff(mark) for mark in self.marks]

    def germ(self, order: int, chart: SmallVariable) -> Germ:
        """The germ of G with every head replaced by its finite series, complete through x**(-order) at least."""
        extra = max((self._degree(s) for s in self.slopes), default=0)
        cut = {h: _finite(h, order + extra) for h in self.heads}
        if self.open.is_polynomial(*self.marks):
            return Germ(sp.expand_mul(sp.expand_power_base(self.expr.xreplace(cut))), self.x, chart)
        return Germ(self.expr, self.x, chart, cut)

    def _degree(self, slope: sp.Expr) -> int:
        split = self._as_power(slope)
        return 0 if split is None else max(0, int(sp.ceiling(split[1])))

    def _as_power(self, slope: sp.Expr) -> tuple[sp.Expr, sp.Rational] | None:
        """``(a, j)`` for a slope a x**j without heads."""
        factor, power = slope.as_independent(self.x, as_Add=False)
        if factor.free_symbols:
            return None
        base, exponent = power.as_base_exp() if power != 1 else (self.x, sp.S.Zero)
        return (factor, exponent) if base == self.x and exponent.is_Rational else None

    def remainder(self, order: int, beyond: sp.Expr = sp.S.Zero) -> tuple[sp.Expr, sp.Rational, sp.Expr]:
        """(bound, exponent, x_min) as for a SeriesFunction, with x_min at least ``beyond``: a larger one helps."""
        extra = max((self._degree(s) for s in self.slopes), default=0)
        rows = [self._row(h, order + extra) for h in self.heads]
        smallest = max([beyond, *(row[2] for row in rows)], key=sp.N)
        pieces = []
        for slope, (bound, exponent, _) in zip(self.slopes, rows, strict=True):
            factor, power = self._as_power(slope) or (self._largest(slope, order + extra, smallest), sp.S.Zero)
            pieces.append((abs(factor) * bound, exponent + power))
        top = max(exponent for _, exponent in pieces)
        total = sum(bound * smallest ** (exponent - top) for bound, exponent in pieces)
        return total, top, smallest

    def _row(self, head: sp.Expr, order: int) -> tuple[sp.Expr, sp.Rational, sp.Expr]:
        """The head's remainder as (bound, exponent, x_min) in x."""
        slope, _ = _affine(head.args[-1], self.x)
        found = head.large_argument_remainder(order)
        if found is None:
            raise CertificationError(f"no bound on the remainder of the large-argument series of {head} is known")
        bound, exponent, smallest = (sp.sympify(part, strict=True) for part in found)
        if exponent > 0:
            raise CertificationError(f"the remainder of {head} after {order} orders still grows; more terms are needed")
        return bound * slope**exponent, exponent, sp.Max(smallest / slope, sp.Rational(1, 10**6))

    def _largest(self, slope: sp.Expr, order: int, smallest: sp.Expr) -> sp.Expr:
        """A bound of a slope that is free of x, over the values of the heads for x >= x_min."""
        if slope.has(self.x):
            raise CertificationError(
                f"a function known by its series enters {self.expr} in a way for which no bound is known"
            )
        from flint import ctx

        with ctx.workprec(_BITS):
            ranges = [self._range(h, order, smallest) for h in self.heads]
            size = abs(compile_ball(slope, self.marks)(*ranges))
            if not size.is_finite():
                raise CertificationError(f"the slope {slope} is not bounded for x >= {smallest}")
            mantissa, exponent = size.upper().man_exp()
        return sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)

    def _range(self, head: sp.Expr, order: int, smallest: sp.Expr) -> Any:
        """A ball of all values of a head for x >= x_min: it must decay."""
        from flint import arb

        slope, _ = _affine(head.args[-1], self.x)
        bound, exponent, _ = self._row(head, order)
        low = to_arb(slope) * to_arb(smallest)
        total = arb(0)
        for e, c in head.large_argument_terms(order).items():
            if e > 0:
                raise CertificationError(f"{head} grows, so its influence on {self.expr} is not bounded")
            total += to_arb(c) * _unit_range(low ** to_arb(sp.Rational(e)))
        return total + arb(0, (to_arb(bound) * to_arb(smallest) ** to_arb(exponent)).upper())


def _unit_range(top: Any) -> Any:
    """The ball [0, top]."""
    from flint import arb

    return arb(0).union(top.upper())


def _affine(argument: sp.Expr, x: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """``(slope > 0, shift >= 0)`` of an affine argument."""
    slope = argument.diff(x)
    shift = sp.expand(argument - slope * x)
    if slope.has(x) or shift.has(x) or not to_arb(slope) > 0 or not to_arb(shift) >= 0:
        raise CertificationError(
            f"the argument {argument} of a function known by its series must be a x + b, a > 0, b >= 0"
        )
    return slope, shift


def _finite(head: sp.Expr, order: int) -> sp.Expr:
    u = head.args[-1]
    return sp.Add(
        *(sp.sympify(c, strict=True) * u ** sp.Rational(e) for e, c in head.large_argument_terms(order).items())
    )
