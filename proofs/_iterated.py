r"""Checks for recurrences :math:`x_{n+1} = F(x_n)` with a parabolic fixed point.

The reference numbers come from mpmath alone: orbits are iterated, constants are extrapolated from iterates.  What is
asked of the engine stands in ``derived_expansion`` and ``certified_constant``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp

from derive.evidence import decay, digits, enclosure

n = sp.Symbol("n", positive=True)
c = sp.Symbol("c", real=True)
x = sp.Symbol("x", positive=True)
orbit = sp.Function("x")


@dataclass(frozen=True)
class Map:
    r"""One map for mpmath: its step, the part of its Abel function that does not vanish at the fixed point, and the
    variable in which the rest is a power series (all three as functions of the state)."""

    step: Callable[[Any], Any]
    singular: Callable[[Any], Any]
    variable: Callable[[Any], Any]


def states(name: Map, start: str, depth: int, digits: int) -> list[Any]:
    """x_0, ..., x_depth, kept; ``start`` is a fraction as text."""
    return _states(name, start, depth, digits)


@lru_cache(maxsize=16)
def _states(name: Map, start: str, depth: int, digits: int) -> list[Any]:
    with mpmath.workdps(digits + 10):
        value = Fraction(start)
        found = [mpmath.mpf(value.numerator) / value.denominator]
        for _ in range(depth):
            found.append(name.step(found[-1]))
        return found


@lru_cache(maxsize=32)
def extrapolated_constant(name: Map, start: str, digits: int) -> Any:
    r"""c = lim (singular(x_m) - m), by Neville's scheme through m = D, 2D, ..., in the power-series variable.

    With D = digits + 20 nodes D apart the Lagrange weights grow like e^D and the error falls like (2 pi D)^-K for K
    nodes; K = D/2 leaves both far below the digits asked for.
    """
    apart = digits + 20
    nodes = apart // 2
    run = states(name, start, apart * nodes, 2 * digits + 40)
    with mpmath.workdps(2 * digits + 40):
        at = [apart * (j + 1) for j in range(nodes)]
        return extrapolated_to_zero([name.variable(run[m]) for m in at], [name.singular(run[m]) - m for m in at])


def extrapolated_to_zero(xs: list[Any], row: list[Any]) -> Any:
    """The value at 0 of the polynomial through the points, by Neville's scheme at mpmath's current precision."""
    for width in range(1, len(xs)):
        row = [(xs[i + width] * row[i] - xs[i] * row[i + 1]) / (xs[i + width] - xs[i]) for i in range(len(row) - 1)]
    return row[0]


def rational(value: Any, places: int) -> sp.Rational:
    """A decimal number with ``places`` places next to an mpmath number."""
    with mpmath.workdps(places + 20):
        return sp.Rational(int(mpmath.nint(value * mpmath.mpf(10) ** places)), 10**places)


def decimal(text: str) -> sp.Rational:
    """The exact number that a decimal text stands for."""
    return sp.Rational(text.replace(" ", ""))


def derived_expansion(F: sp.Expr, point: Any, terms: int, skip: int = 0) -> sp.Expr:
    """The expansion by the engine in the symbols n and c; ``skip`` leaves the first terms away."""
    from derive.difference import Recurrence

    law = Recurrence(x, F, point=point).asymptotics(terms=terms)
    return sp.Add(*law.shifted_terms[skip:]).subs(law.Y, law.Y_value).subs({law.n: n, law.c: c}, simultaneous=True)


def orbit_check(name: Map, F: sp.Expr, point: Any, terms: int, last: sp.Rational, starts: tuple[str, ...]):
    """Orbits in mpmath to n = 16384 against the expansion whose smallest term is n**-last, up to logarithms.

    c comes from the extrapolation.  The next two terms are taken off first; what is left has to vanish faster than
    n**(-last - 1/4).
    """
    from derive.numerics import compile_mp

    depths = [64 * 2**k for k in range(9)]
    exact = [rational(extrapolated_constant(name, start, 45), 45) for start in starts]
    begin = dict(zip(exact, starts, strict=True))

    def iterated(place, digits):
        return states(name, begin[place[c]], depths[-1], 40)[int(place[n])]

    further = compile_mp(derived_expansion(F, point, terms + 2, terms), [n, c])

    def smaller(place, digits):
        return further(mpmath.mpf(int(place[n])), mpmath.mpf(place[c].p) / place[c].q)

    return decay(
        "orbits by iteration",
        iterated,
        n,
        depths,
        [{c: value} for value in exact],
        error=n ** (-last - sp.Rational(1, 4)),
        limit=lambda place: sp.S.Zero,
        smaller=smaller,
        digits=30,
        method=(
            f"16384 steps in mpmath from {' and '.join(starts)}, c by Neville's scheme from iterates; less two further "
            "terms, the difference falls below the smallest term"
        ),
    )


def constant_checks(name: Map, F: sp.Expr, point: Any, start: str, places: int, published: sp.Expr = c):
    """A certified ball of the engine, and the extrapolation in mpmath.

    ``published`` is what the statement is about, where that is not c = A(x_0) itself but an expression in it.
    """
    from derive.numerics import compile_ball, compile_mp

    def ball(place, bits):
        return compile_ball(published, [c])(certified_constant(F, point, start, places + 8))

    def extrapolated(place, digits):
        return compile_mp(published, [c])(extrapolated_constant(name, start, places + 5))

    yield enclosure(
        "enclosure of the constant",
        ball,
        radius=Fraction(1, 10 ** (places + 4)),
        within=Fraction(1, 2 * 10**places),
        bits=4 * places + 64,
        method="Abel series, its defect bounded on a circle, all side conditions in balls",
    )
    yield digits(
        "extrapolation",
        extrapolated,
        digits=places - 1,
        method="iterates in mpmath, Neville's scheme in the state; the singular part of the Abel function by hand",
    )


@lru_cache(maxsize=16)
def certified_constant(F: sp.Expr, point: Any, start: Any, digits: int, side: str = "+") -> Any:
    """The engine's ball of the constant (an ``arb``)."""
    from derive.difference import Recurrence

    law = Recurrence(x, F, point=point, side=side).asymptotics(3)
    return law.constant_value(start, digits=digits, certified=True).ball.arb
