r"""Maps :math:`x' = x - a x^{k+1} + b x^{2k+1}` with symbolic a and b, as de Bruijn treats the sine.

The reference orbits come from mpmath, their constants from Neville's scheme with the singular part worked out by hand.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from derive.evidence import decay

from ._iterated import c, extrapolated_constant, n, rational, states, x
from ._iterated_maps import tamed

a, b = sp.symbols("a b", positive=True)

_PAIRS = [(Fraction(1, 6), Fraction(1, 120)), (Fraction(3, 4), Fraction(1, 3))]
_MAPS: dict = {}


def map_of(k: int, first: Fraction, second: Fraction):
    """The map for mpmath; one object for each, so that orbits are kept."""
    key = (k, first, second)
    if key not in _MAPS:
        log = Fraction(k + 1, 2) - second / first**2

        def step(v, p=first, q=second):
            return v - p.numerator * v ** (k + 1) / p.denominator + q.numerator * v ** (2 * k + 1) / q.denominator

        _MAPS[key] = tamed(k, (first.numerator, first.denominator), (log.numerator, log.denominator), step)
    return _MAPS[key]


def Y(k: int) -> sp.Expr:
    """c - beta log(theta), theta = (k a n)**(-1/k), beta = (k + 1)/2 - b/a**2."""
    return c + (sp.Rational(k + 1, 2) - b / a**2) * sp.log(k * a * n) / k


def leading(k: int) -> sp.Expr:
    """The first two terms."""
    return (k * a * n) ** sp.Rational(-1, k) * (1 - Y(k) / (k * n))


def derived(k: int) -> sp.Expr:
    """The same by the engine."""
    from derive.difference import Recurrence

    law = Recurrence(x, x - a * x ** (k + 1) + b * x ** (2 * k + 1), point=0).asymptotics(terms=2)
    return sp.Add(*law.shifted_terms).subs(law.Y, law.Y_value).subs({law.n: n, law.c: c}, simultaneous=True)


def orbit_check(k: int):
    """16384 steps from 1/2, for two pairs (a, b); the difference is of the order of the next term."""
    depths = [64 * 2**j for j in range(9)]
    places, maps = [], {}
    for first, second in _PAIRS:
        value = rational(extrapolated_constant(map_of(k, first, second), "1/2", 40), 40)
        maps[value] = map_of(k, first, second)
        places.append({a: sp.Rational(first), b: sp.Rational(second), c: value})

    def iterated(place, digits):
        return states(maps[place[c]], "1/2", depths[-1], 40)[int(place[n])]

    return decay(
        "orbits by iteration",
        iterated,
        n,
        depths,
        places,
        error=sp.log(n) ** 2 * n ** (-2 - sp.Rational(1, k)),
        digits=30,
        method="16384 steps in mpmath from 1/2 for two pairs (a, b), c by Neville's scheme from iterates",
    )
