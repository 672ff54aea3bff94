r"""Values of an expression near the fixed point: a Laurent series in w times at most one exponential.

A :class:`Local` stands for

.. math:: \exp\Bigl(\sum_{i<0} g_i w^i\Bigr)\; w^{v} (c_0 + c_1 w + \dots + c_{n-1} w^{n-1} + O(w^n)),

with coefficients from :mod:`derive.difference.series.coefficients`, which may contain log w.  In a sum of two
exponentials of different growth the smaller is smaller than every power of w times the larger: it is dropped, and
``flat`` remembers its growth relative to what is kept (the largest such, powers of w aside), because from there on the
series says nothing about the function where w is not small (:func:`flat_limit`).

:class:`Arithmetic` has the operations.  It raises :class:`Ramify` where a root of w is needed (the caller starts again
in :math:`w^{1/q}`) and :class:`Cancelled` where all known coefficients vanish (the caller starts again with more).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from flint import fmpq

from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import LOG_W, Coefficients
from derive.difference.series.laurent import Element
from derive.difference.series.outside import OutsideClass
from derive.errors import Undecided, UnsupportedError

__all__ = ["Arithmetic", "Cancelled", "Local", "Ramify", "flat_limit"]

Growth = Mapping[int, Any]


class Ramify(Exception):
    """The expansion needs the q-th root of w."""

    def __init__(self, q: int) -> None:
        super().__init__(f"w^(1/{q})")
        self.q = q


class Cancelled(Exception):
    """Every known coefficient of ``what`` is zero."""

    def __init__(self, what: Any) -> None:
        super().__init__()
        self.what = what


@dataclass(frozen=True)
class Local:
    """One value; see the module docstring.  ``end`` is the exponent of the first unknown power."""

    start: int
    coefficients: tuple[Any, ...]
    growth: Growth = field(default_factory=dict)
    flat: tuple[Growth, ...] = ()

    @property
    def end(self) -> int:
        """The exponent of the first power of w that is not known."""
        return self.start + len(self.coefficients)

    def coefficient(self, i: int) -> Any:
        """The coefficient of w^i (zero below the first, an error from ``end`` on)."""
        if i >= self.end:
            raise Cancelled(f"the coefficient of w^{i}")
        return self.coefficients[i - self.start] if i >= self.start else 0


class Arithmetic:
    """Operations on :class:`Local` values over one table of coefficients, with ``size`` coefficients kept."""

    def __init__(self, table: Coefficients, size: int) -> None:
        self.table, self.size = table, size

    # building blocks

    def constant(self, expr: sp.Expr) -> Local:
        """A constant expression."""
        return self.element(self.table.convert(expr))

    def element(self, c: Any, start: int = 0) -> Local:
        """``c w^start`` for a ring element c."""
        return Local(start, tuple(ps.truncate([c], self.size)))

    def lead(self, a: Local, what: Any = "a part of the expression") -> Local:
        """The same value with its leading zeros removed."""
        skip = ps.valuation(a.coefficients)
        if skip == len(a.coefficients):
            raise Cancelled(what)
        self.table.confirm_nonzero(a.coefficients[skip])
        return Local(a.start + skip, a.coefficients[skip:], a.growth, a.flat)

    def tendency(self, a: Local) -> int:
        """1 where the value grows without bound, -1 where it tends to 0 (both by growth first), else 0."""
        if a.growth:
            return self.table.sign(a.growth[min(a.growth)])
        if a.start < 0:
            a = self.lead(a)
        if a.start > 0 or (a.start == 0 and a.coefficients and ps.is_zero(a.coefficients[0])):
            return -1
        return 1 if a.start < 0 else 0

    def sign(self, a: Local) -> int:
        """The sign of the value as w -> 0+."""
        return self.table.sign(self.lead(a).coefficients[0])

    def is_zero(self, a: Local) -> bool:
        """Whether every known coefficient is zero."""
        return ps.valuation(a.coefficients) == len(a.coefficients)

    # sums and products

    def add(self, a: Local, b: Local) -> Local:
        """``a + b``; of two exponentials the dominant one survives."""
        flat = self.larger(a.flat, b.flat)
        order = self.compare_growth(a.growth, b.growth)
        if order:
            winner = a if order > 0 else b
            if self.is_zero(winner):
                raise UnsupportedError("the powers cancel and an exponentially small part decides; rewrite the map")
            loser = b if order > 0 else a
            flat = self.larger(winner.flat, (self.quotient_growth(loser.growth, winner.growth),))
            return Local(winner.start, winner.coefficients, winner.growth, flat)
        start, end = min(a.start, b.start), min(a.end, b.end)
        if end <= start:
            raise Cancelled("a sum")
        left, right = (
            [0] * min(p.start - start, end - start) + list(p.coefficients[: max(end - p.start, 0)]) for p in (a, b)
        )
        return Local(start, tuple(ps.add(left, right, end - start)), a.growth, flat)

    def compare_growth(self, g: Growth, h: Growth) -> int:
        """Sign of the leading coefficient of g - h: which exponential dominates (0: the same)."""
        if not g and not h:
            return 0
        for i in sorted(set(g) | set(h)):
            difference = g.get(i, 0) - h.get(i, 0)
            if not ps.is_zero(difference):
                return self.table.sign(difference)
        return 0

    def quotient_growth(self, g: Growth, h: Growth) -> Growth:
        """The growth of a quotient of exponentials, g - h."""
        out = {i: g.get(i, 0) - h.get(i, 0) for i in set(g) | set(h)}
        return {i: c for i, c in out.items() if not ps.is_zero(c)}

    def larger(self, f: tuple[Growth, ...], g: tuple[Growth, ...]) -> tuple[Growth, ...]:
        """The relative growths that decay least; all of them where parameters decide."""
        kept: list[Growth] = []
        for new in (*f, *g):
            if not any(self._no_larger(new, old) for old in kept):
                kept = [old for old in kept if not self._no_larger(old, new)] + [new]
        return tuple(kept)

    def _no_larger(self, f: Growth, g: Growth) -> bool:
        try:
            return self.compare_growth(f, g) <= 0
        except Undecided:
            return False

    def mul(self, a: Local, b: Local) -> Local:
        """``a b``."""
        n = min(len(a.coefficients), len(b.coefficients))
        growth = {i: a.growth.get(i, 0) + b.growth.get(i, 0) for i in set(a.growth) | set(b.growth)}
        growth = {i: c for i, c in growth.items() if not ps.is_zero(c)}
        product = ps.mul(a.coefficients, b.coefficients, n)
        return Local(a.start + b.start, tuple(product), growth, self.larger(a.flat, b.flat))

    def scale(self, a: Local, c: Any) -> Local:
        """``c a`` for a ring element or rational c."""
        return Local(a.start, tuple(ps.scale(a.coefficients, c)), a.growth, a.flat)

    def neg(self, a: Local) -> Local:
        """``-a``."""
        return self.scale(a, fmpq(-1))

    # powers, exponential, logarithm

    def power(self, a: Local, exponent: sp.Rational) -> Local:
        """``a**exponent`` for a rational exponent."""
        p, q = int(exponent.p), int(exponent.q)
        if q == 1 and p >= 0:
            return self._natural_power(a, p)
        a = self.lead(a)
        if (a.start * p) % q:
            raise Ramify(q // math.gcd(a.start * p, q))
        head = self._free_of_log(a.coefficients[0], "a power or quotient")
        front = self.table.power(head, exponent)
        tail = ps.power(self._monic(a), exponent, len(a.coefficients))
        growth = {i: ps.ratio(c, p, q) for i, c in a.growth.items()}
        return Local(a.start * p // q, tuple(ps.scale(tail, front)), growth, a.flat)

    def _natural_power(self, a: Local, p: int) -> Local:
        if p == 0:
            return self.element(fmpq(1))
        half = self._natural_power(a, p // 2)
        square = self.mul(half, half) if p > 1 else half
        return self.mul(square, a) if p % 2 else square

    def symbolic_power(self, a: Local, exponent: sp.Expr) -> Local:
        """``a**exponent`` for a constant exponent that is not rational: only where a tends to a positive constant."""
        a = self.lead(a)
        if a.start or a.growth:
            raise OutsideClass(
                "symbolic_powers",
                f"the power {exponent} of the variable is symbolic; expansions in symbolic powers are the business of "
                "derive.difference.classes.symbolic_exponents; put a rational number for it, or see there",
            )
        e = self.table.convert(exponent)
        head = self.table.expr(self._free_of_log(a.coefficients[0], "a symbolic power"))
        front = self.table.convert(head**exponent)
        return Local(0, tuple(ps.scale(ps.power(self._monic(a), e, len(a.coefficients)), front)), {}, a.flat)

    def _monic(self, a: Local) -> list[Any]:
        head = a.coefficients[0]
        rest = [0 if ps.is_zero(c) else c / head for c in a.coefficients[1:]]
        return [1, *rest]

    def _free_of_log(self, c: Any, what: str) -> Any:
        if self.table.degree_in_log(c):
            raise OutsideClass(
                "logarithmic",
                f"{what} of log x appears; maps on a logarithmic scale are outside the classes treated here "
                "(a change of variable such as y = log x may bring the map inside)",
            )
        return c

    def exp(self, a: Local) -> Local:
        """``exp(a)``: negative powers become growth, log w a power of w, the rest an ordinary series."""
        if a.growth and self.tendency(a) < 0:
            return Local(0, self.element(fmpq(1)).coefficients, {}, self.larger(a.flat, (a.growth,)))
        if a.growth:
            raise UnsupportedError("an exponential of an exponential is outside the classes treated here")
        if a.end < 1:
            raise Cancelled("the argument of an exponential")
        growth = {i: a.coefficient(i) for i in range(a.start, 0) if not ps.is_zero(a.coefficient(i))}
        for c in growth.values():
            self._free_of_log(c, "an exponential of a power times a logarithm, such as x**x,")
        shift, front = self._exp_constant(a.coefficient(0))
        tail = ps.exp([0] + [a.coefficient(i) for i in range(1, a.end)], a.end)
        return Local(shift, tuple(ps.scale(tail, front)), growth, a.flat)

    def _exp_constant(self, c: Any) -> tuple[int, Any]:
        """``exp(q log w + d)`` as ``(q, exp d)``."""
        if not self.table.degree_in_log(c):
            expr = self.table.expr(c) if not isinstance(c, int) else sp.Integer(c)
            return 0, self.table.convert(sp.exp(expr))
        slope, rest = self.table.split_log(c)
        if slope is None and self.table.degree_in_log(c) > 1:
            self._free_of_log(c, "an exponential of a power")
        if slope is None:
            message = "a symbolic power of the variable appears; put a rational number for the exponent"
            raise OutsideClass("symbolic_powers", message)
        if slope.q != 1:
            raise Ramify(int(slope.q))
        return int(slope.p), self.table.convert(sp.exp(self.table.expr(rest)))

    def log(self, a: Local) -> Local:
        """``log(a)`` for positive a; brings in log w unless a tends to a constant."""
        a = self.lead(a)
        head = self._free_of_log(a.coefficients[0], "the logarithm")
        if self.table.sign(head) < 0:
            raise UnsupportedError("the logarithm of a negative quantity is not real; check the side")
        constant = self.table.convert(sp.log(self.table.expr(head)))
        if a.start:
            constant = constant + self.table.convert(LOG_W) * a.start
        series = ps.log(self._monic(a), len(a.coefficients))
        series[0] = constant
        out = Local(0, tuple(series), {}, a.flat)
        if a.growth:
            low = min(a.growth)
            out = self.add(out, Local(low, tuple(ps.truncate([a.growth.get(i, 0) for i in range(low, 0)], self.size))))
        return out

    # calculus in w, for functions known by their derivative

    def derivative(self, a: Local) -> Local:
        """d a/d w of a value without growth and without log w."""
        self._plain(a)
        return Local(a.start - 1, tuple(c * (a.start + i) for i, c in enumerate(a.coefficients)), {}, a.flat)

    def integral(self, a: Local, constant: Any) -> Local:
        """The antiderivative in w with the given constant term; a must have no power below w^0."""
        self._plain(a)
        if any(not ps.is_zero(c) for c in a.coefficients[: max(-a.start, 0)]) or a.end < 0:
            raise UnsupportedError("a function is expanded at a singular point of a kind that is not known here")
        rows = [0 if ps.is_zero(a.coefficient(i)) else ps.ratio(a.coefficient(i), 1, i + 1) for i in range(a.end)]
        return Local(0, (constant, *rows), {}, a.flat)

    def _plain(self, a: Local) -> None:
        if a.growth or any(self.table.degree_in_log(c) for c in a.coefficients if isinstance(c, Element)):
            raise Undecided("an exponential or logarithm of the variable stands inside a function that cannot take it")

    def compose(self, taylor: list[Any], inner: Local) -> Local:
        """``sum_i taylor_i inner^i`` for an inner value that vanishes at w = 0."""
        inner = self.lead(inner)
        if inner.start < 1 or inner.growth:
            raise Undecided("a Taylor series was asked for at an argument that does not tend to its centre")
        n = inner.end
        series = ps.compose(taylor, [0] * inner.start + list(inner.coefficients), n)
        return Local(0, tuple(series), {}, inner.flat)


def flat_limit(flat: Mapping[int, float], target: float, power: int) -> float:
    """log10 of the w below which exp(sum_i flat_i w^i) w^-power stays under 10**-target (flat_i given as floats).

    ``power`` allows for the powers of w that stand with the exponential; the leading coefficient must be negative.
    """
    log10_e = math.log10(math.e)
    low, high = -60.0, 0.0  # log10 of w: small enough, perhaps too large
    for _ in range(60):
        middle = (low + high) / 2
        size = sum(c * log10_e * 10 ** (i * middle) for i, c in flat.items()) - power * middle
        low, high = (middle, high) if size <= -target else (low, middle)
    return low
