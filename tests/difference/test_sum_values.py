"""Sums along orbits: against closed forms, plain addition in mpmath, and their own enclosures."""

import mpmath
import pytest
import sympy as sp

from derive.difference.digits.numbers_of import numbers_of
from derive.difference.digits.sum_values import sum_constant_value, value_of_sum
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.recurrence import Recurrence
from derive.errors import CertificationError, InputError

x = sp.Symbol("x", positive=True)
a = sp.Symbol("a", positive=True)
R = sp.Rational
HARMONIC = Recurrence(x, x / (1 + x), point=0)  # x_i = 1/(i + 1) from x_0 = 1
SINE = Recurrence(x, sp.sin(x), point=0)


def digits_of(ball):
    """Right digits of a ball, 99 for an exact one."""
    return 99 if ball.rad == 0 else min(ball.digits, 99)


def plain(function, summand, start, n):
    """The sum by addition, with 60 digits."""
    total, v = mpmath.mpf(0), mpmath.mpf(start)
    for _ in range(n):
        total, v = total + summand(v), function(v)
    return total


@pytest.mark.parametrize("n", [1, 40, 500, 10**12, 10**60])
@pytest.mark.parametrize(
    "g, exact",
    [
        (x, lambda n: mpmath.harmonic(n)),
        (x**2, lambda n: mpmath.zeta(2) - mpmath.zeta(2, n + 1)),
        (sp.log(1 + x), lambda n: mpmath.log(n + 1)),
        (1 / x, lambda n: mpmath.mpf(n) * (n + 1) / 2),
        (sp.sqrt(x), lambda n: mpmath.zeta(0.5) - mpmath.zeta(0.5, n + 1)),
        (sp.Integer(1), lambda n: mpmath.mpf(n)),
        (1 / x - 3 * x, lambda n: mpmath.mpf(n) * (n + 1) / 2 - 3 * mpmath.harmonic(n)),
    ],
)
def test_sums_over_the_reciprocals_have_their_closed_forms(g, exact, n):
    # harmonic numbers and Hurwitz zeta values of mpmath; for n <= 500 also plain addition
    with mpmath.mp.workdps(150):
        expected = exact(n) if n > 500 else plain(lambda v: v / (1 + v), sp.lambdify(x, g, "mpmath"), 1, n)
    value = value_of_sum(HARMONIC, n, 1, digits=40, g=g)
    with mpmath.mp.workdps(60):
        assert abs(mpmath.mpf(str(value)) / expected - 1) < mpmath.mpf("1e-39")
    ball = value_of_sum(HARMONIC, n, 1, digits=25, g=g, certified=True)
    with mpmath.mp.workdps(100):
        low, high = ball.bounds()
        low, high = mpmath.mpf(low.numerator) / low.denominator, mpmath.mpf(high.numerator) / high.denominator
        assert low - mpmath.mpf("1e-90") * abs(low) <= expected <= high + mpmath.mpf("1e-90") * abs(high)
    assert ball.rad <= abs(ball.mid) * R(1, 10**24)


def test_the_constant_of_a_convergent_sum_is_its_limit():
    assert abs(sum_constant_value(HARMONIC, 1, digits=60, g=x**2) - (sp.pi**2 / 6).evalf(80)) < R(1, 10**59)
    assert sum_constant_value(HARMONIC, 1, digits=40, g=x**4, certified=True).contains(sp.pi**4 / 90)
    assert abs(sum_constant_value(HARMONIC, 1, digits=40, g=x) - sp.EulerGamma.evalf(60)) < R(1, 10**39)


@pytest.mark.parametrize("n", [7, 120, 2000])
def test_sums_along_the_iterated_sine_agree_with_addition(n):
    g = x**3 + sp.cos(x) / x
    with mpmath.mp.workdps(60):
        expected = plain(mpmath.sin, lambda v: v**3 + mpmath.cos(v) / v, 1, n)
        assert abs(mpmath.mpf(str(value_of_sum(SINE, n, 1, digits=40, g=g))) / expected - 1) < mpmath.mpf("1e-39")


@pytest.mark.parametrize("g", [x**3 + sp.cos(x), 1 / x, sp.log(1 - x**2 / 2), x * sp.sqrt(x)])
def test_enclosures_of_sums_hold_twice_the_digits(g):
    ball = value_of_sum(SINE, 10**12, 1, digits=25, g=g, certified=True)
    assert digits_of(ball) >= 24
    assert ball.contains(sp.Rational(value_of_sum(SINE, 10**12, 1, digits=2 * digits_of(ball), g=g)))
    assert "summand is analytic" in ball.report()


def test_a_start_very_close_to_the_point_loses_nothing_to_cancellation():
    # from x_0 = 1e-20 ten steps of sin change nothing: the sum is 10 x_0 - ...
    value = value_of_sum(SINE, 10, R(1, 10**20), digits=30, g=x)
    assert abs(value * 10**19 - 1) < R(1, 10**29)


def test_the_expansion_of_a_sum_is_accepted():
    law = HARMONIC.asymptotics(terms=3).sum(x, terms=3)
    assert value_of_sum(law, 10**9, 1, digits=20) == value_of_sum(HARMONIC, 10**9, 1, digits=20, g=x)


def test_parameters_of_the_summand_and_the_map_take_their_values():
    rec = Recurrence(x, x / (1 + a * x), point=0)
    value = value_of_sum(rec, 10**6, 1, digits=30, g=a * x, params={a: 1})
    assert abs(value - value_of_sum(HARMONIC, 10**6, 1, digits=30, g=x)) < R(1, 10**28)
    with pytest.raises(InputError, match="a"):
        value_of_sum(HARMONIC, 10, 1, g=a * x)


def test_further_depths_use_the_constants_already_known():
    rec = Recurrence(x, sp.tanh(x) - x**5 / 9, point=0)
    value_of_sum(rec, 10**12, R(1, 2), digits=20, g=x)
    summand = numbers_of(rec).summands[x]
    known = dict(summand.constants)
    value_of_sum(rec, 10**12 + 10**11, R(1, 2), digits=20, g=x)
    assert dict(summand.constants) == known


def test_a_summand_known_by_its_series_is_summed_and_enclosed():
    # e**(1/v) E_1(1/v) = v - v**2 + 2 v**3 - ... along x -> x + 1 at infinity with v = 1/x, enveloping
    from flint import ctx

    def terms(order):
        return sum(((-1) ** j * sp.factorial(j) * x ** (-j - 1) for j in range(order - 1)), sp.Integer(0))

    def ball(v, bits, params):
        with ctx.workprec(bits + 10):
            return v.exp() * v.expint(1)

    def slope(v, bits, params):
        with ctx.workprec(bits + 10):
            return v.exp() * v.expint(1) - 1 / v

    def remainder(order):
        return sp.factorial(order - 1), sp.Integer(-order), R(1, 10)

    g = SeriesFunction(x, terms, None, ball, slope, remainder)
    rec = Recurrence(x, x + 1)
    with mpmath.mp.workdps(50):
        expected = plain(lambda v: v + 1, lambda v: mpmath.exp(v) * mpmath.e1(v), 1, 300)
        assert abs(mpmath.mpf(str(value_of_sum(rec, 300, 1, digits=30, g=g))) - expected) < mpmath.mpf("1e-28")
    far = value_of_sum(rec, 10**12, 1, digits=20, g=g, certified=True)
    assert digits_of(far) >= 20 and far.contains(sp.Rational(value_of_sum(rec, 10**12, 1, digits=50, g=g)))
    with pytest.raises(CertificationError, match="remainder"):
        value_of_sum(rec, 10**12, 1, digits=20, g=SeriesFunction(x, terms, None, ball, slope), certified=True)


def test_a_wrong_coefficient_of_the_telescoped_series_is_found_out(monkeypatch):
    from dataclasses import replace

    from derive.difference.digits.summand import Summand

    honest = Summand.telescoped

    def wrong(self, germ, what, order, bits):
        series = honest(self, germ, what, order, bits)
        rows = [c * 1.000001 if i == 2 else c for i, c in enumerate(series.coefficients)]
        return replace(series, coefficients=tuple(rows))

    monkeypatch.setattr(Summand, "telescoped", wrong)
    rec = Recurrence(x, sp.log(1 + x), point=0)
    with pytest.raises(CertificationError, match="fails"):
        value_of_sum(rec, 10**12, 1, digits=20, g=x * sp.cos(x), certified=True)


def test_an_empty_sum_is_zero():
    assert value_of_sum(SINE, 0, 1, digits=20, g=x) == 0
    assert value_of_sum(SINE, 0, 1, digits=20, g=x, certified=True).contains(0)


def test_the_summand_must_be_given():
    with pytest.raises(InputError, match="summand"):
        value_of_sum(SINE, 10, 1)
