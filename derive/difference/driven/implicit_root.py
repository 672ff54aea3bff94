r"""Constants known by an equation: the root of an expression between two rational numbers."""

from __future__ import annotations

from itertools import pairwise
from math import lcm
from typing import Any

import sympy as sp

from derive.errors import InputError, PrecisionError

__all__ = ["ImplicitRoot", "real_roots"]


_BOUND = sp.Symbol("root_", real=True)


class Equation(sp.Basic):
    """An expression in the bound variable that is to vanish."""

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """The bound variable is not free."""
        return self.args[0].free_symbols - {_BOUND}


class ImplicitRoot(sp.Function):
    r"""The one root of an equation in the interval ``(low, high)``, as an exact constant; see :meth:`of`."""

    nargs = 3

    @classmethod
    def of(cls, equation: sp.Expr, symbol: sp.Symbol, low: Any, high: Any) -> ImplicitRoot:
        """The root of ``equation`` in ``symbol`` between two rationals at which its signs differ.

        >>> e = sp.Symbol("e", real=True)
        >>> ImplicitRoot.of(sp.cos(e) - e, e, 0, 1).evalf(20)
        0.73908513321516064166
        """
        return cls(Equation(equation.xreplace({symbol: _BOUND})), sp.Rational(low), sp.Rational(high))

    @classmethod
    def eval(cls, equation: Any, low: Any, high: Any) -> None:
        """Check the arguments."""
        if not isinstance(equation, Equation) or not all(isinstance(v, sp.Rational) for v in (low, high)):
            raise InputError("make an ImplicitRoot with ImplicitRoot.of(equation, symbol, low, high)")

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[1] >= 0 else False if self.args[2] <= 0 else None

    def _eval_is_zero(self) -> bool | None:
        return False if self.args[1] >= 0 or self.args[2] <= 0 else None

    def _eval_is_finite(self) -> bool:
        return True

    def _eval_subs(self, old: Any, new: Any) -> sp.Expr:
        return self

    def _ball_(self, *args: Any) -> Any:
        """The enclosure at flint's current precision: Newton from a bisected start, then signs at both ends."""
        from flint import arb, ctx, fmpq

        from derive.numerics import compile_ball

        equation, low, high = self.args
        function = equation.args[0]
        value = compile_ball(function, [_BOUND])
        slope = compile_ball(sp.diff(function, _BOUND), [_BOUND])
        target = ctx.prec
        with ctx.workprec(target + 30):
            a, b = (arb(fmpq(int(v.p), int(v.q))) for v in (low, high))
            rising = bool(value(b) > value(a))
            for _ in range(60):
                middle = ((a + b) / 2).mid()
                a, b = (a, middle) if bool(value(middle) > 0) == rising else (middle, b)
            root = ((a + b) / 2).mid()
            for _ in range(2 * target.bit_length() + 10):
                step = (value(root) / slope(root)).mid()
                root = (root - step).mid()
                if step == 0 or abs(step) < abs(root) * arb(2) ** (-target - 20):
                    break
            radius = (abs(root) + arb(2) ** (-target)) * arb(2) ** (-target - 4)
            ends = value(root - radius), value(root + radius)
            if not (ends[0] > 0 > ends[1] or ends[0] < 0 < ends[1]):
                raise PrecisionError(f"the root {self} could not be enclosed at {target} bits")
            return root + arb(0, radius.upper())

    def _mp_(self, *args: Any) -> Any:
        """The value at mpmath's current precision."""
        import mpmath
        from flint import ctx

        from derive.numerics.compile import arb_to_mpf

        with ctx.workprec(mpmath.mp.prec + 20):
            return +arb_to_mpf(self._ball_())

    def _eval_evalf(self, prec: int) -> sp.Float:
        import mpmath

        with mpmath.workprec(prec + 10):
            return sp.Float._new(self._mp_()._mpf_, prec)

    def _sympystr(self, printer: Any) -> str:
        return f"root({printer._print(self.args[0].args[0])})"

    def _latex(self, printer: Any) -> str:
        return r"\rho_*"


def real_roots(equation: sp.Expr, symbol: sp.Symbol) -> list[sp.Expr]:
    """The real roots: in closed form where SymPy has one, else (no parameters) as ImplicitRoot found by a scan.

    Fractional powers of the unknown are whole ones of its root, so that only nonnegative roots are looked for then.

    >>> a = sp.Symbol("a")
    >>> real_roots(1 / sp.sqrt(a) - 4 * a / 3, a)
    [6**(2/3)/4]
    """
    top = sp.numer(sp.together(equation))
    found = _algebraic(top, symbol)
    if found is not None:
        return found
    root = lcm(1, *(int(p.exp.q) for p in equation.atoms(sp.Pow) if p.base == symbol and p.exp.is_Rational))
    if root > 1:
        t = sp.Dummy(positive=True)
        in_root = equation.replace(lambda p: p.is_Pow and p.base == symbol, lambda p: t ** (root * p.exp))
        top = sp.numer(sp.together(in_root.subs(symbol, t**root)))
        found = _algebraic(top, t)
        if found is not None:
            zero = [sp.S.Zero] if equation.subs(symbol, 0) == 0 else []
            return zero + [sp.powdenest(r**root, force=True) for r in found if r != 0]
    if equation.free_symbols - {symbol}:
        return _closed(sp.solve(equation, symbol, dict=False), symbol)
    return _scan(equation, symbol)


def _algebraic(top: sp.Expr, symbol: sp.Symbol) -> list[sp.Expr] | None:
    """The real roots of a polynomial (positive ones for a positive symbol, and 0); None for anything else."""
    if not top.is_polynomial(symbol):
        return None
    poly = sp.Poly(top, symbol)
    if poly.degree() <= 4 or poly.free_symbols_in_domain or len(poly.terms()) <= 2:
        return _closed(sp.roots(poly), symbol)
    found = dict.fromkeys(poly.real_roots())
    return [r for r in found if not (symbol.is_positive and r.is_negative)]


def _closed(roots: Any, symbol: sp.Symbol) -> list[sp.Expr]:
    found = [sp.simplify(r) for r in roots]
    kept = [r for r in found if r.is_real is not False and not r.has(sp.I)]
    if symbol.is_positive:
        kept = [r for r in kept if r.is_nonnegative is not False]
    return kept


def _scan(equation: sp.Expr, symbol: sp.Symbol) -> list[sp.Expr]:
    """Sign changes on a grid that is dense near the origin and near +-1; touching roots are not seen."""
    import mpmath

    from derive.numerics import compile_mp

    function = compile_mp(equation, [symbol])
    near = [sp.Rational(i, 64) for i in range(-128, 129)]
    far = [sp.Rational(s * i * 2**p, 8) for p in range(1, 12) for i in range(9, 17) for s in (-1, 1)]
    fine = [s * (1 - sp.Rational(1, 2**p)) for p in range(7, 60) for s in (-1, 1)]
    grid = sorted(set(near + far + fine))
    if symbol.is_positive:
        grid = [g for g in grid if g >= 0]
    values = []
    with mpmath.workdps(40):
        for g in grid:
            try:
                v = function(mpmath.mpf(int(g.p)) / int(g.q))
            except (ValueError, ZeroDivisionError, OverflowError):
                continue
            if isinstance(v, mpmath.mpf) and mpmath.isfinite(v):
                values.append((g, v))
    found: list[sp.Expr] = []
    tiny = mpmath.mpf(10) ** -30
    for (g, u), (h, v) in pairwise(values):
        if abs(u) < tiny:
            if sp.simplify(equation.subs(symbol, g)) == 0:
                found.append(g)
        elif u * v < 0 and abs(v) > tiny:
            found.append(ImplicitRoot.of(equation, symbol, g, h))
    return found
