"""Sums and products along the orbit: zeta values, Euler's constant, brute force, closed products."""

import mpmath
import pytest
import sympy as sp

from derive.difference import Recurrence, SeriesFunction
from derive.difference.orbit_sums import sum_at, sum_constant
from derive.errors import InputError, UnsupportedError

x = sp.Symbol("x", positive=True)
a = sp.Symbol("a", positive=True)
HARMONIC = Recurrence(x, x / (1 + x), point=0)  # x_i = 1/(i + 1) from x_0 = 1


@pytest.mark.parametrize("s", [2, 3, sp.Rational(5, 2)])
def test_sums_of_powers_of_one_over_n_are_zeta_values(s):
    law = HARMONIC.asymptotics(terms=3).sum(x**s)
    found = sum_constant(law, 1, digits=40)
    with mpmath.mp.workdps(50):
        assert abs(mpmath.mpf(found._mpf_) - mpmath.zeta(mpmath.mpf(s.p) / s.q if s != int(s) else int(s))) < 1e-39


def test_the_harmonic_sum_has_eulers_constant():
    law = HARMONIC.asymptotics(terms=3).sum(x)
    with mpmath.mp.workdps(60):
        assert abs(mpmath.mpf(sum_constant(law, 1, digits=50)._mpf_) - mpmath.euler) < mpmath.mpf(10) ** -49
        assert abs(mpmath.mpf(sum_at(law, 10**6, 1, 30)._mpf_) - mpmath.harmonic(10**6)) < 1e-28
    assert law.log_theta == -1 and law.expr.coeff(sp.log(law.n)) == 1


def test_the_expansion_of_the_harmonic_sum_is_euler_maclaurin():
    # with c = A(1) = 1: log n + gamma + 1/(2n) - 1/(12 n^2) + 0/n^3 + 1/(120 n^4)
    law = HARMONIC.asymptotics(terms=4).sum(x, terms=4)
    n = law.n
    at_one = sp.expand(law.expr.subs(law.c, 1) - sp.log(n) - law.constant)
    assert at_one == 1 / (2 * n) - 1 / (12 * n**2) + 1 / (120 * n**4)
    assert at_one.coeff(n, -3) == 0


@pytest.mark.parametrize(
    ("F", "point", "g", "x0"),
    [
        (x + 1 / x, sp.oo, 1 / x**2, 2),
        (x + sp.sqrt(x), sp.oo, sp.log(1 + 1 / x) / sp.sqrt(x), 3),
        (sp.sin(x), 0, x**3 + x**4, 1),
        (x * sp.exp(-x), 0, sp.sqrt(x), sp.Rational(1, 2)),
        (x + a - 1 / sp.sqrt(x), sp.oo, sp.sqrt(x) + 1 / x, 4),
        (x + a, sp.oo, sp.Integer(3), 4),
    ],
    ids=str,
)
def test_sums_agree_with_adding_up(F, point, g, x0):
    params = {a: sp.Rational(3, 2)}
    law = Recurrence(x, F, point).asymptotics(terms=4).sum(g)
    step, value = (sp.lambdify(x, e.subs(params), "mpmath") for e in (F, g))
    with mpmath.mp.workdps(40):
        state, total = mpmath.mpf(sp.Rational(x0).p) / sp.Rational(x0).q, mpmath.mpf(0)
        for _ in range(3000):
            total += value(state)
            state = step(state)
        assert abs(mpmath.mpf(sum_at(law, 3000, x0, 25, params)._mpf_) / total - 1) < mpmath.mpf(10) ** -24


def test_the_terms_of_a_sum_approach_it():
    law = Recurrence(x, x + 1 / x).asymptotics(terms=4).sum(1 / x**2, terms=4)
    c, constant = law.constant_value(2, digits=40), sum_constant(law, 2, digits=40)
    with mpmath.mp.workdps(45):
        for n in (10**2, 10**4, 10**6):
            exact = mpmath.mpf(law.at(n, 2, digits=40)._mpf_)
            for k in (1, 2, 3, 4):
                found, estimate = law.evaluate(n, c, digits=40, params={law.constant: constant}, terms=k)
                assert estimate / 10 <= abs(found - exact) <= 10 * estimate


def test_a_product_that_telescopes():
    # x -> x + 1 from x_0 = 2: prod (1 - 1/x^2) over i < n is (n + 2)/(2 (n + 1)) -> 1/2
    law = Recurrence(x, x + 1).asymptotics(terms=4).product(1 - 1 / x**2, terms=3)
    n = law.log.n
    found = sp.expand(sp.series(law.expr.subs(n, 1 / x) / law.amplitude, x, 0, 3).removeO())
    c = law.log.c
    expected = sp.series(((1 / x + c) / (1 / x + c - 1)), x, 0, 3).removeO()
    assert sp.expand(found - expected) == 0
    with mpmath.mp.workdps(40):
        constant = mpmath.mpf(sum_constant(law.log, 2, digits=30)._mpf_)
        assert abs(mpmath.exp(constant) - 0.5) < 1e-29


def test_a_product_that_grows_like_a_power():
    # x -> x + 1: prod (1 + a/x) = Gamma(x_0 + a + n) Gamma(x_0) / (Gamma(x_0 + n) Gamma(x_0 + a)) ~ n^a
    law = Recurrence(x, x + 1).asymptotics(terms=3).product(1 + a / x, terms=2)
    assert sp.simplify(law.leading / law.log.n**a / law.amplitude) == 1


def test_the_sum_of_a_function_known_by_its_series():
    g = SeriesFunction(x, lambda order: sp.Add(*(x ** (-k) for k in range(2, order))))  # 1/(x (x - 1))
    law = Recurrence(x, x + 1).asymptotics(terms=3)
    assert sp.expand(law.sum(g, terms=3).expr - law.sum(1 / (x * (x - 1)), terms=3).expr) == 0
    with pytest.raises(UnsupportedError, match="by its series only"):
        sum_at(law.sum(g), 10**6, 3, 20)


def test_what_cannot_be_summed_is_refused():
    law = Recurrence(x, x + 1).asymptotics(terms=3)
    with pytest.raises(UnsupportedError, match="exponentially"):
        law.sum(sp.exp(x))
    with pytest.raises(UnsupportedError, match="log"):
        law.sum(sp.log(x))
    with pytest.raises(InputError, match="scale its summand"):
        law.sum(1 / x).affine(2)
    with pytest.raises(InputError, match="not a sum"):
        sum_at(law, 10, 1)


def test_a_sum_can_be_enclosed():
    law = HARMONIC.asymptotics(terms=3).sum(x)
    ball = law.at(10**4, 1, digits=15, certified=True)
    with mpmath.mp.workdps(40):
        assert ball.contains(sp.Float(mpmath.harmonic(10**4), 35))


def test_exponentially_small_parts_are_waited_for():
    F, g = x + sp.tanh(x), sp.tanh(x) / x**2
    law = Recurrence(x, F).asymptotics(terms=3).sum(g)
    with mpmath.mp.workdps(40):
        state, total = mpmath.mpf(1) / 2, mpmath.mpf(0)
        for _ in range(2000):
            total += mpmath.tanh(state) / state**2
            state += mpmath.tanh(state)
        assert abs(mpmath.mpf(law.at(2000, sp.Rational(1, 2), digits=25)._mpf_) / total - 1) < mpmath.mpf(10) ** -24
