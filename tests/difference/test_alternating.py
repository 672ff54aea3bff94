"""Multiplier -1: even and odd steps, against plain iteration and a map with a known orbit."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive.difference.recurrence import Recurrence
from derive.errors import UnsupportedError

x = sp.Symbol("x", real=True)
R = sp.Rational

MAPS = [
    (-sp.sin(x), 0, 1),
    (3 * x * (1 - x), R(2, 3), R(1, 2)),
    (-x + x**2, 0, R(1, 5)),
    (-x - 1 / x, sp.oo, -3),
    (-x + x * sp.Abs(x) / 2, 0, R(1, 3)),
    (sp.exp(-x) - 1, 0, R(1, 2)),
]


def number(value):
    with mpmath.mp.workdps(60):
        return mpmath.mpf(sp.Float(value, 50)._mpf_)


@pytest.mark.parametrize(("F", "point", "start"), MAPS)
def test_every_step_agrees_with_iteration(F, point, start):
    law = Recurrence(x, F, point=point).asymptotics(terms=6)
    step, depths, truth = sp.lambdify(x, F, "mpmath"), (1, 2, 11, 1000, 1001), {}
    with mpmath.mp.workdps(60):
        v = mpmath.mpf(R(start).p) / R(start).q
        for n in range(1, depths[-1] + 1):
            truth[n] = v = step(v)
    for n in depths:  # at the precision of the caller, whatever it is
        value = number(law.at(n, start, digits=30))
        with mpmath.mp.workdps(60):
            assert abs(value / truth[n] - 1) < mpmath.mpf("1e-29")
    gap = start if point == sp.oo else start - R(point)
    here = law.even if gap > 0 else law.odd  # the even steps stay on the side of the start
    written, estimate = here.evaluate(500, law.constant_value(start, digits=30), digits=25)
    assert abs(written - truth[1000]) < 20 * estimate


def test_an_exact_orbit():
    # 1/x'**2 = 1/x**2 + 1, so that x_n**-2 = x_0**-2 + n, with the sign of (-1)**n
    law = Recurrence(x, -x / sp.sqrt(1 + x**2), point=0).asymptotics(terms=3)
    for n, start, sign in ((10**20, R(1, 2), 1), (10**20 + 1, R(1, 2), -1), (7, -R(1, 2), 1)):
        expected = sp.N(sign / sp.sqrt(4 + sp.Integer(n)), 40)
        assert abs(law.at(n, start, digits=30) / expected - 1) < R(1, 10**29)


def test_what_repels_or_returns_is_refused():
    with pytest.raises(UnsupportedError, match=r"change sides.*identity"):
        Recurrence(x, 1 / x, point=1).asymptotics(2)
    with pytest.raises(UnsupportedError, match=r"change sides.*move away"):
        Recurrence(x, -sp.tan(x), point=0).asymptotics(2)
