r"""The sum of the iterates of the logistic map from 1/2, less its logarithm."""

from fractions import Fraction
from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from ._iterated import decimal, extrapolated_to_zero, states, x
from ._iterated_maps import LOGISTIC

S = sp.Symbol("S", real=True)
VALUE = "-1.02474911804515512922322685866660338391904910573995"

CLAIM = Claim(
    id="logistic_map_sum_constant",
    title="the sum of the iterates of the logistic map from 1/2",
    statement=sp.Eq(S, decimal(VALUE)),
    source=Source("derive", "difference: sums along an orbit"),
    meaning="S = lim x_0 + ... + x_{n-1} - log n, x_{n+1} = x_n (1 - x_n), x_0 = 1/2; to 50 decimals",
    variables={S: "the constant"},
    uses=("logistic_map_expansion",),
)


def ball(place, bits):
    """H(F(x)) - H(x) = x solved in balls; S = -H(x_0)."""
    from derive.difference import Recurrence
    from derive.difference.digits.sum_values import sum_constant_value

    return sum_constant_value(Recurrence(x, x * (1 - x), point=0), "1/2", digits=56, certified=True, g=x).ball.arb


@lru_cache(maxsize=2)
def extrapolated(digits: int = 60):
    """Partial sums plus log x_m are a power series in x_m with constant term S, as log x_m = -log m + O(log m/m)."""
    run = states(LOGISTIC, "1/2", 80 * 40, 160)
    with mpmath.workdps(160):
        at = [80 * (j + 1) for j in range(40)]
        return extrapolated_to_zero([run[m] for m in at], [mpmath.fsum(run[:m]) + mpmath.log(run[m]) for m in at])


def checks():
    yield enclosure(
        "enclosure of the constant",
        ball,
        radius=Fraction(1, 10**55),
        within=Fraction(1, 2 * 10**50),
        bits=300,
        method="the telescoping function H, its defect bounded, all side conditions in balls",
    )
    yield digits(
        "extrapolation",
        lambda place, digits: extrapolated(),
        digits=49,
        method="partial sums in mpmath, Neville's scheme in the state",
    )
