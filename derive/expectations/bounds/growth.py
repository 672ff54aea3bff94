r"""Proven bounds of an expression far out: on the half-strip Re z >= X > 0, |Im z| <= y (y = 0: on the real line).

The bound has the form

.. math:: \log|f(z)| \le a_0 + n \log(x/X) + a_1 x + a_2 x^2, \qquad x = \mathrm{Re}\, z .

It is built along the expression tree.  For every node four things are known on the half-strip: intervals of
extended reals that hold its real and its imaginary part, an upper bound of its modulus and, where one was found, a
lower one, both of the form above with float coefficients (moved outwards by a relative 1e-12, far more than the
few roundings that enter). The elementary facts used stand beside each rule.  All of this is crude, and enough: the
Gaussian weight crushes what is left a few standard deviations out.

A node that is not analytic on the whole half-strip (a branch cut or a kink may enter) has no bound there.
"""

from __future__ import annotations

from math import inf, log

import sympy as sp

from derive.errors import UnsupportedError
from derive.expectations.bounds.extended import (
    Growth,
    Known,
    NoBound,
    Range,
    complex_times,
    constant,
    fields,
    finished,
    integer_power_range,
    modulus_below,
    real_power,
    reciprocal,
    sup,
    tightest,
    total,
)
from derive.expectations.bounds.growth_rules import RULES

__all__ = ["Growth", "lower_growth", "upper_growth"]


def upper_growth(expr: sp.Expr, x: sp.Symbol, start: float, width: float = 0.0, mirrored: bool = False) -> Growth:
    """The growth of ``expr`` on Re z >= start > 0, |Im z| <= width; of f(-z) if ``mirrored``.

    Raises :class:`~derive.errors.UnsupportedError` when the rules do not cover the expression there.

    >>> x = sp.Symbol("x", real=True)
    >>> round(upper_growth(x * sp.tanh(x), x, 10.0).n, 9)
    1.0
    """
    try:
        return _HalfStrip(x, start, width).known(_turned(expr, x, mirrored)).above.moved(1)
    except (NoBound, OverflowError, ValueError, ZeroDivisionError):
        where = f"beyond {'-' if mirrored else ''}{start:.4g}" + (
            f" within {width:.3g} of the real line" if width else ""
        )
        raise UnsupportedError(f"no proven bound is known for {expr} {where}") from None


def lower_growth(expr: sp.Expr, x: sp.Symbol, start: float, mirrored: bool = False) -> Growth | None:
    """A certain lower bound of log|f| on the real line beyond ``start``, or None."""
    try:
        return _HalfStrip(x, start, 0.0).known(_turned(expr, x, mirrored)).below
    except (NoBound, OverflowError, ValueError, ZeroDivisionError):
        return None


def _turned(expr: sp.Expr, x: sp.Symbol, mirrored: bool) -> sp.Expr:
    return expr.xreplace({x: -x}) if mirrored else expr


class _HalfStrip:
    """The rules at one start X and width y; each node is worked out once."""

    def __init__(self, x: sp.Symbol, start: float, width: float) -> None:
        self.x, self.start, self.width = x, start, width
        top = Growth(log(start + width), 1.0).moved(1)
        bottom = Growth(log(start), 1.0).moved(-1)  # |z| >= Re z
        self._seen: dict[sp.Basic, Known] = {x: Known((start, inf), (-width, width), top, bottom)}

    def known(self, node: sp.Expr) -> Known:
        found = self._seen.get(node)
        if found is None:
            found = self._seen[node] = self._work_out(node)
        return found

    def _work_out(self, node: sp.Expr) -> Known:
        if not node.has(self.x):
            return constant(node)
        if isinstance(node, sp.Add):
            return self._sum(node)
        if isinstance(node, sp.Mul):
            return self._product(node)
        if isinstance(node, sp.Pow) and not node.exp.has(self.x):
            return self._power(node)
        rule = RULES.get(type(node))
        if rule is None or len(node.args) != 1:
            raise NoBound
        return rule(self, node.args[0])

    # sums and products ----------------------------------------------------------------------------------------

    def _sum(self, node: sp.Add) -> Known:
        parts = [self.known(a) for a in node.args]
        re, im = total([p.re for p in parts]), total([p.im for p in parts])
        above = self._largest([p.above for p in parts])
        return Known(re, im, tightest(above.moved(1), re, im), self._sum_below(parts, re, im))

    def _largest(self, parts: list[Growth]) -> Growth:
        """A growth above the sum; where something else does not decay, x e^{-x} counts as a constant."""
        tops = [sup(g, self.start) for g in parts]
        level = [Growth(top) if g.n > 0 and top < inf else g for g, top in zip(parts, tops, strict=True)]
        whole, flat = (
            Growth(a0 + log(len(parts)), *rest)
            for a0, *rest in (map(max, zip(*map(fields, found), strict=True)) for found in (parts, level))
        )
        return flat if (flat.a2, flat.a1) == (whole.a2, whole.a1) else whole

    def _sum_below(self, parts: list[Known], re: Range, im: Range) -> Growth | None:
        """On the line: terms of one sign.  Anywhere: one term twice the others together, or the real part."""
        candidates = [p.below for p in parts if p.below is not None]
        one_sign = all(p.re[0] >= 0 for p in parts) or all(p.re[1] <= 0 for p in parts)
        if candidates and one_sign and self.width == 0:
            return max(candidates, key=lambda b: (b.a2, b.a1, b.n, b.a0))
        margin = log(2 * (len(parts) - 1))
        for part in parts:
            others = [p.above for p in parts if p is not part]
            if part.below is not None and all(self._exceeds(part.below, o, margin) for o in others):
                return (part.below + Growth(-log(2))).moved(-1)
        return modulus_below(re, im)

    def _exceeds(self, big: Growth, small: Growth, margin: float) -> bool:
        """big - small >= margin on the whole half-strip."""
        X = self.start
        d = big + small.times(-1)
        return d.at_start(X) >= margin and d.a2 >= 0 and d.n >= 0 and d.a1 + 2 * d.a2 * X >= 0

    def _product(self, node: sp.Mul) -> Known:
        parts = [self.known(a) for a in node.args]
        re, im, above = (1.0, 1.0), (0.0, 0.0), Growth(0.0)
        below: Growth | None = Growth(0.0)
        for part in parts:
            re, im = complex_times(re, im, part.re, part.im)
            above = above + part.above
            below = None if below is None or part.below is None else below + part.below
        return finished(re, im, above, below)

    def _power(self, node: sp.Pow) -> Known:
        base, exponent = self.known(node.base), node.exp
        if not exponent.is_real:
            raise NoBound
        if not exponent.is_Integer:
            return real_power(base, float(exponent))
        n = abs(int(exponent))
        if exponent < 0:
            base = reciprocal(base)
        re, im = integer_power_range(base.re, base.im, n)
        return finished(re, im, base.above.times(n), base.below.times(n) if base.below else None)

    # polynomial arguments -------------------------------------------------------------------------------------

    def real_part_growth(self, u: sp.Expr, side: int) -> Growth:
        """A growth above (side 1) or below (-1) Re u(z), u a real polynomial of degree at most 2.

        Re(b2 z^2 + b1 z + b0) = b2 x^2 + b1 x + b0 - b2 t^2, t = Im z.
        """
        if not u.is_polynomial(self.x):
            raise NoBound
        poly = sp.Poly(u, self.x)
        if poly.degree() > 2:
            raise NoBound
        b0, b1, b2 = (float(poly.coeff_monomial(self.x**k)) for k in range(3))
        shift = max(0.0, -side * b2) * self.width**2 * side
        return Growth(b0 + shift, 0.0, b1, b2).moved(side)
