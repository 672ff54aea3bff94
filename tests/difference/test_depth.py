"""x_n at any depth: against plain iteration in mpmath, closed forms, and the continuity of the two routes."""

from itertools import pairwise

import mpmath
import pytest
import sympy as sp

from derive.difference.digits.depth import value_at
from derive.difference.digits.numbers_of import numbers_of
from derive.difference.recurrence import Recurrence
from derive.errors import DomainError, InputError

x = sp.Symbol("x", positive=True)
R = sp.Rational
MAPS = {
    "sin": (sp.sin(x), 0, 1, mpmath.sin),
    "reciprocal": (x + 1 / x, sp.oo, "1/3", lambda v: v + 1 / v),
    "log(1+x)": (sp.log(1 + x), 0, 2, mpmath.log1p),
    "about 1": (x - (x - 1) ** 2, 1, "3/2", lambda v: v - (v - 1) ** 2),
    "about sqrt 2": (x - (x**2 - 2) ** 3, sp.sqrt(2), "3/2", lambda v: v - (v * v - 2) ** 3),
    "from the left": (x + (1 - x) ** 2, 1, "1/4", lambda v: v + (1 - v) ** 2),
}


def law(name):
    F, point, x0, _ = MAPS[name]
    return Recurrence(x, F, point=point, side="-" if name == "from the left" else "+"), x0


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("n", [0, 1, 7, 63, 400, 3000])
def test_values_agree_with_plain_iteration(name, n):
    rec, x0 = law(name)
    with mpmath.mp.workdps(60):
        v = mpmath.mpf(sp.Rational(x0).p) / sp.Rational(x0).q
        for _ in range(n):
            v = MAPS[name][3](v)
        assert abs(mpmath.mpf(str(value_at(rec, n, x0, digits=40))) / v - 1) < mpmath.mpf("1e-39")


def test_depth_one_googol_of_a_closed_form():
    # x -> sqrt(x**2 + 1) has x_n = sqrt(x_0**2 + n)
    rec = Recurrence(x, sp.sqrt(x**2 + 1))
    for n in (10**12, 10**100):
        expected = sp.sqrt(R(16, 9) + n).evalf(210)
        assert abs(value_at(rec, n, R(4, 3), digits=200) / expected - 1) < R(1, 10**199)


def test_further_depths_use_the_constant_already_known():
    rec = Recurrence(x, sp.tanh(x) - x**5 / 7, point=0)
    value_at(rec, 10**12, R(1, 2), digits=30)
    known = dict(numbers_of(rec).constants)
    value_at(rec, 10**9, R(1, 2), digits=30)
    assert len(known) == 1 and dict(numbers_of(rec).constants) == known


def test_the_step_from_iteration_to_inversion_is_seamless():
    rec, x0 = law("sin")
    value_at(rec, 10**6, x0, digits=50)
    (known,) = [c for (start, _), c in numbers_of(rec).constants.items() if start == 1 and c.bits > 200][:1]
    m = known.steps
    values = [value_at(rec, n, x0, digits=50) for n in (m, m + 1, m + 2)]
    assert all(abs(sp.sin(p).evalf(60) - q) < R(1, 10**50) for p, q in pairwise(values))


@pytest.mark.parametrize("x0", [R(1, 10**30), R(1, 10**3)])
def test_starts_close_to_the_point_at_every_depth(x0):
    # sin: 3/x_n**2 + (6/5) log x_n = n + 3/x_0**2 + (6/5) log x_0 to O(x_0**2); here to 1e-50 for the closer start
    for n in (1, 10**12, 10**70):
        v = value_at(Recurrence(x, sp.sin(x), point=0), n, x0, digits=80)
        left, right = (3 / t**2 + R(6, 5) * sp.log(t) for t in (v, x0))
        assert abs((left - right - n).evalf(100)) < R(1, 10) * x0 + (n + 3 / x0**2) * R(1, 10**78)


def test_coefficients_that_vanish_only_as_balls_do_not_pass_for_small_terms():
    # odd about 1, which Taylor arithmetic sees up to rounding only: the tiny odd terms must not end the series early
    rec = Recurrence(x, sp.cos(2 * x / 3 - R(2, 3)) * sp.atan(x - 1) + 1, point=1)
    with mpmath.mp.workdps(50):
        v = mpmath.mpf(19) / 10
        for _ in range(60):
            v = mpmath.cos(2 * v / 3 - mpmath.mpf(2) / 3) * mpmath.atan(v - 1) + 1
        assert abs(mpmath.mpf(str(value_at(rec, 60, R(19, 10), digits=30))) - v) < mpmath.mpf("1e-29")


@pytest.mark.parametrize("bad", [-1, 1.5, True, "7", None])
def test_the_depth_must_be_a_natural_number(bad):
    with pytest.raises(InputError, match="n ="):
        value_at(Recurrence(x, sp.sin(x), point=0), bad, 1)


def test_depth_zero_is_the_start_to_the_digits_asked():
    assert abs(value_at(Recurrence(x, sp.sin(x), point=0), 0, "1/3", digits=12) - R(1, 3)) < R(1, 10**12)


def test_an_orbit_that_leaves_is_refused_at_every_depth():
    rec = Recurrence(x, sp.sin(x), point=0)
    with pytest.raises(DomainError, match="x0 = 4"):
        value_at(rec, 10**6, 4)
