"""Slow maps: the vector field takes a far start to the series, against a closed form and plain iteration."""

import mpmath
import pytest
import sympy as sp

from derive.difference.digits.constants import constant_value
from derive.difference.digits.depth import value_at
from derive.difference.digits.sum_values import value_of_sum
from derive.difference.recurrence import Recurrence
from derive.errors import CertificationError, DeriveError, DomainError

x = sp.Symbol("x", positive=True)
R = sp.Rational


def rotation(e):
    """The time-one map of x' = -e sin(x)**2: cot F = cot x + e, so that A(x) = cot(x)/e exactly."""
    return Recurrence(x, x - sp.atan(e * sp.sin(x) ** 2 / (1 + e * sp.sin(x) * sp.cos(x))), point=0)


@pytest.mark.parametrize("e", [R(1, 10**5), R(1, 10**9), R(1, 10**15)])
@pytest.mark.parametrize("x0", [3, 2, R(1, 2)])
def test_the_constant_of_a_slow_rotation_is_its_cotangent(e, x0):
    expected = (sp.cot(x0) / e).evalf(60)
    assert abs(constant_value(rotation(e), x0, digits=40) / expected - 1) < R(1, 10**39)


@pytest.mark.parametrize("n", [10, 10**4, 7 * 10**8, 2 * 10**9, 10**12, 10**40])
def test_every_depth_of_a_slow_rotation(n):
    e = R(1, 10**8)
    with mpmath.mp.workdps(60):
        expected = mpmath.acot(mpmath.cot(3) + mpmath.mpf(n) / 10**8)
        expected += mpmath.pi if expected < 0 else 0
        value = mpmath.mpf(str(value_at(rotation(e), n, 3, digits=30)))
        assert abs(value / expected - 1) < mpmath.mpf("1e-29")


@pytest.mark.parametrize("n", [200, 30_000])
def test_depths_inside_the_slow_stretch_agree_with_iteration(n):
    rec = Recurrence(x, x - sp.sin(x) ** 2 / 3000, point=0)
    with mpmath.mp.workdps(50):
        v = mpmath.mpf(3)
        for _ in range(n):
            v -= mpmath.sin(v) ** 2 / 3000
        assert abs(mpmath.mpf(str(value_at(rec, n, 3, digits=30))) / v - 1) < mpmath.mpf("1e-29")


def test_a_slow_path_at_infinity_may_start_behind_zero():
    # x' = x + e (1 + 1/(1 + x**2)): A = (x - atan(x/sqrt 2)/sqrt 2 + pi/(2 sqrt 2))/e + O(1)
    e = R(1, 10**9)
    value = constant_value(Recurrence(x, x + e * (1 + 1 / (1 + x**2))), -50, digits=25)
    expected = -50 + sp.atan(50 / sp.sqrt(2)) / sp.sqrt(2) + sp.pi / (2 * sp.sqrt(2))
    assert abs(value * e - expected.evalf(40)) < R(1, 10**8)


def test_a_fixed_point_in_between_is_seen():
    # x = 1 is a fixed point between the start and 0
    rec = Recurrence(x, x - x**2 * (1 - x) ** 2 / 10**9, point=0)
    with pytest.raises(DeriveError):
        constant_value(rec, 2, digits=20)


def test_a_start_that_moves_away_is_refused():
    rec = Recurrence(x, x - x**2 * (1 - x) / 10**3, point=0)
    with pytest.raises(DomainError, match="x0 = 2"):
        constant_value(rec, 2, digits=20)


def test_an_enclosure_takes_every_step_and_says_so_where_there_are_too_many():
    with pytest.raises(CertificationError, match="steps"):
        constant_value(rotation(R(1, 10**12)), 3, digits=20, certified=True)
    ball = constant_value(rotation(R(1, 1000)), 3, digits=20, certified=True)
    assert ball.contains(sp.Rational((1000 * sp.cot(3)).evalf(80)))


def lorentz_sum(e, n, x0):
    """The sum of sin(x_i)**2 = 1/(1 + cot(x_i)**2) along the rotation, by digamma functions at complex arguments."""
    a = mpmath.mpc(mpmath.cot(x0), -1) / e
    return (mpmath.digamma(n + a) - mpmath.digamma(a)).imag / e


@pytest.mark.parametrize("n", [7, 10**5, 3 * 10**8, 10**12, 10**40])
def test_sums_along_a_slow_rotation_are_digamma_functions(n):
    with mpmath.mp.workdps(80):
        expected = lorentz_sum(mpmath.mpf(10) ** -8, n, 3)
        value = mpmath.mpf(str(value_of_sum(rotation(R(1, 10**8)), n, 3, digits=30, g=sp.sin(x) ** 2)))
        assert abs(value / expected - 1) < mpmath.mpf("1e-29")


@pytest.mark.parametrize("g", [sp.sqrt(x), x**2, 1 / x])
def test_sums_inside_the_slow_stretch_agree_with_adding_up(g):
    rec = Recurrence(x, x + sp.exp(-x) + 1 / (2 * x**2) + x**-3 + 1 / (2 * x**4))
    value = value_of_sum(rec, 2500, 100, digits=40, g=g)
    step, summand = sp.lambdify(x, rec.F, "mpmath"), sp.lambdify(x, g, "mpmath")
    with mpmath.mp.workdps(60):
        v, total = mpmath.mpf(100), mpmath.mpf(0)
        for _ in range(2500):
            total, v = total + summand(v), step(v)
        assert abs(mpmath.mpf(str(value)) / total - 1) < mpmath.mpf("1e-39")
