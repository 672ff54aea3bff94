r"""Moments of any other decaying function on a half-line or a bounded interval, in balls.

The integral up to a point T is enclosed by ``acb.integral``.  Beyond T the function is written as a
polynomial in u whose coefficients c_j(s, w) are analytic in variables s_i that decay at least like e^{-a u}
(exponentials, complementary error functions) and bounded variables |w| <= 1 (sine and cosine), and vanish at s = 0.
With M_j the maximum of |c_j| over the polydisc |s_i| <= r_i, |w| <= 1 reached at u = T_1, Schwarz's lemma along s =
zeta r gives |c_j| <= M_j e^{-a(u - T_1)} for u >= T_1, hence

.. math:: \Bigl|\int_T^\infty u^k g\,du\Bigr| \le \sum_j M_j e^{aT_1} a^{-k-j-1}\, \Gamma(k+j+1, aT).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Any

import sympy as sp

from derive.errors import UnsupportedError
from derive.expectations.asymptotic.pieces import X
from derive.numerics.compile import compile_ball, to_arb

__all__ = ["NumericTail"]

Y = sp.Dummy("y", positive=True)
_ATTEMPTS = 12


@dataclass(frozen=True)
class Decay:
    """|g(u)| <= sum_j bounds[j] u^j e^{-rate (u - start)} for u >= start; floats that are rounded up."""

    rate: sp.Rational
    start: int
    bounds: tuple[tuple[int, Any], ...]

    def beyond(self, k: int, point: int) -> Any:
        """Return a bound of the integral of |u^k g| over u > point >= start."""
        from flint import arb

        a = to_arb(self.rate)
        total = arb(0)
        for j, m in self.bounds:
            s = arb(k + j + 1)
            total += m * (a * self.start).exp() * (a * point).gamma_upper(s) / a ** (k + j + 1)
        return abs(total).abs_upper()


@dataclass(frozen=True)
class NumericTail:
    """A decaying function ``expr`` on 0 < u < length (oo allowed), written without cancellation."""

    expr: sp.Expr
    length: sp.Expr
    sign = None

    def moment(self, k: int) -> sp.Expr:
        """Return the moment as an unevaluated number."""
        from derive.expectations.asymptotic.moments import Moment

        return Moment(self.expr, k, 0, self.length)

    @cached_property
    def decay(self) -> Decay:
        """The proved exponential bound (only for an infinite interval)."""
        return _decay(self.expr)

    def moment_ball(self, k: int) -> Any:
        """Return the moment as a ball at the current flint precision.

        Raises :class:`~derive.errors.UnsupportedError` when no bound of the far part can be derived.
        """
        from flint import acb, arb, ctx

        tape = compile_ball(self.expr, X)

        def integrand(z: Any, analytic: bool) -> Any:
            return z**k * tape(z, analytic=analytic)

        bits = ctx.prec
        if self.length.is_finite:
            end, far = to_arb(self.length), arb(0)
        else:
            point = self._cut_off(k, bits)
            end, far = arb(point), self.decay.beyond(k, point)
        with ctx.workprec(bits + 20):
            value = acb.integral(integrand, acb(0), acb(end)).real
        return value + arb(0, far)

    def _cut_off(self, k: int, bits: int) -> int:
        """Return a point beyond which nothing of relative size 2^-bits is left (by the size of the exponential)."""
        a = float(self.decay.rate)
        nats = bits * log(2) + 20.0
        point = (k + 1) / a
        for _ in range(6):
            point = (nats + k * log(max(point * a / (k + 1), 1.0)) + k + 1) / a
        return max(self.decay.start, int(point) + 1)


def _decay(expr: sp.Expr) -> Decay:
    body, decaying, waves = _variables(expr)
    if not decaying:
        raise UnsupportedError(f"no exponential decay is visible in {expr}")
    coefficients = _coefficients(body)
    if coefficients is None:
        raise UnsupportedError(f"no bound of {expr} at infinity: it is not a polynomial in x over exponentials")
    if any(not _vanishes(c.subs(dict.fromkeys(decaying, 0))) for c in coefficients.values()):
        raise UnsupportedError(f"no bound of {expr} at infinity: a part that does not decay is left")
    rate = min(-p.coeff(X, 1) if sp.degree(p, X) == 1 else sp.S.One for p in decaying.values())
    rate = sp.Rational(int(sp.floor(rate * 64)), 64) if rate >= sp.Rational(1, 64) else None
    if rate is None:
        raise UnsupportedError(f"{expr} decays more slowly than exp(-x/64)")
    start = 1
    for _ in range(_ATTEMPTS):
        if all(_below_line(p, rate, start) for p in decaying.values()):
            bounds = _polydisc(coefficients, decaying, waves, start)
            if bounds is not None:
                return Decay(rate, start, bounds)
        start *= 2
    raise UnsupportedError(f"no bound of {expr} at infinity was found up to x = {start}")


def _vanishes(value: sp.Expr) -> bool:
    return value == 0 or sp.expand(value) == 0


def _coefficients(expr: sp.Expr) -> dict[int, sp.Expr] | None:
    """{power of X: coefficient}, without expanding what does not hold X; None if it is not a polynomial in X."""
    if not expr.has(X):
        return {0: expr}
    if expr == X:
        return {1: sp.S.One}
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer and expr.exp > 0:
        found = [_coefficients(expr.base)] * int(expr.exp)
    else:
        found = [_coefficients(a) for a in expr.args] if isinstance(expr, (sp.Add, sp.Mul)) else [None]
    parts = [p for p in found if p is not None]
    if len(parts) < len(found):
        return None
    total: dict[int, sp.Expr] = {}
    if isinstance(expr, sp.Add):
        for part in parts:
            for j, c in part.items():
                total[j] = total.get(j, sp.S.Zero) + c
        return total
    total = {0: sp.S.One}
    for part in parts:
        product: dict[int, sp.Expr] = {}
        for (j, a), (k, b) in ((p, r) for p in total.items() for r in part.items()):
            product[j + k] = product.get(j + k, sp.S.Zero) + a * b
        total = product
    return total


def _variables(expr: sp.Expr) -> tuple[sp.Expr, dict[sp.Symbol, sp.Expr], list[sp.Symbol]]:
    """Name the decaying and the oscillating atoms; a decaying variable comes with p(u), |s| <= e^p."""
    table: dict[sp.Expr, sp.Symbol] = {}
    decaying: dict[sp.Symbol, sp.Expr] = {}
    waves: list[sp.Symbol] = []
    for atom in sorted(expr.atoms(sp.exp, sp.erfc, sp.sin, sp.cos), key=sp.default_sort_key):
        argument = atom.exp if isinstance(atom, sp.exp) else atom.args[0]
        if not argument.has(X) or not argument.is_polynomial(X):
            continue
        argument = sp.expand(argument)
        name = sp.Dummy("s")
        if isinstance(atom, (sp.sin, sp.cos)):
            waves.append(name)
        elif isinstance(atom, sp.erfc) and sp.LC(argument, X) > 0:
            decaying[name] = sp.expand(-(argument**2))
        elif isinstance(atom, sp.exp) and sp.LC(argument, X).is_negative:
            decaying[name] = argument
        else:
            continue
        table[atom] = name
    return expr.xreplace(table), decaying, waves


def _below_line(p: sp.Expr, rate: sp.Expr, start: int) -> bool:
    """Whether p(u) - p(start) <= -rate (u - start) for all u >= start, shown by the signs of Taylor coefficients.

    For p = -v^2 this makes v^2 grow beyond start, so v has no zero there and erfc(v) <= e^(-v^2) applies.
    """
    shifted = sp.Poly(sp.expand(p.subs(X, start + Y) - p.subs(X, start) + rate * Y), Y)
    return all(c.is_nonpositive or c.evalf(30) <= 0 for c in shifted.all_coeffs())


def _polydisc(
    coefficients: dict[int, sp.Expr], decaying: dict[sp.Symbol, sp.Expr], waves: list[sp.Symbol], start: int
) -> tuple[tuple[int, Any], ...] | None:
    from flint import acb, arb, ctx

    symbols = [*decaying, *waves]
    with ctx.workprec(64):
        balls = []
        for p in decaying.values():
            r = to_arb(p.subs(X, start)).exp().abs_upper()
            balls.append(acb(arb(0, r), arb(0, r)))
        balls += [acb(arb(0, 1))] * len(waves)
        bounds = []
        for j, c in coefficients.items():
            value = compile_ball(c, symbols)(*balls, analytic=True)
            if not value.is_finite():
                return None
            bounds.append((j, abs(value).abs_upper()))
    return tuple(bounds)
