"""Hyperbolic fixed points: maps with a known Schroeder function, Paris's constant, plain iteration."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.difference.recurrence import Recurrence
from derive.errors import DomainError, UnsupportedError

x = sp.Symbol("x", positive=True)
R = sp.Rational


def number(value: sp.Float):
    with mpmath.workprec(value._prec + 10):
        return mpmath.mpf(value._mpf_)


def iterate(F: sp.Expr, x0, n: int, digits: int):
    """x_n by SymPy's lambdify in mpmath."""
    f = sp.lambdify(x, F, "mpmath")
    with mpmath.workdps(digits):
        y = mpmath.mpf(sp.Rational(x0).p) / sp.Rational(x0).q
        for _ in range(n):
            y = f(y)
        return y


def test_a_moebius_map_has_its_moebius_koenigs_function():
    """x/(3(1+x)) is conjugate to y/3 by y = x/(1 + 3x/2)."""
    law = Recurrence(x, x / (3 * (1 + x)), point=0).asymptotics(terms=5)
    exact = sp.series(x / (1 + 3 * x / 2), x, 0, 6).removeO()
    assert sp.expand(law.coordinate - exact) == 0
    assert abs(law.constant_value(2, digits=40) - R(1, 2)) < R(1, 10**39)
    n = 10**6
    with mpmath.workdps(60):
        y = mpmath.mpf(1) / 2 / mpmath.mpf(3) ** n
        truth = y / (1 - 3 * y / 2)
        assert abs(number(law.at(n, 2, digits=40)) / truth - 1) < mpmath.mpf(10) ** -39


def test_the_logistic_map_with_parameter_two_is_solved_by_squaring():
    """2x(1-x) at 1/2 is superattracting; 2x(1-x) at 0 has multiplier 2 and is refused with the remedy."""
    with pytest.raises(UnsupportedError, match="inverse"):
        Recurrence(x, 2 * x * (1 - x), point=0).asymptotics()


def test_a_quadratic_conjugate_to_squaring_has_a_logarithmic_koenigs_function():
    """x -> sqrt(1+x) - 1 is y -> y/2 with y = log(1+x)."""
    law = Recurrence(x, sp.sqrt(1 + x) - 1, point=0).asymptotics(terms=6)
    assert sp.expand(law.coordinate - sp.series(sp.log(1 + x), x, 0, 7).removeO()) == 0
    with mpmath.workdps(60):
        assert abs(number(law.constant_value(R(7, 3), digits=50)) - mpmath.log(mpmath.mpf(10) / 3)) < 1e-49
        assert (
            abs(number(law.at(50, R(7, 3), digits=30)) / mpmath.expm1(mpmath.log(mpmath.mpf(10) / 3) / 2**50) - 1)
            < 1e-29
        )


def test_paris_constant():
    """phi - phi_n ~ 2C/(2 phi)^n with phi_1 = 1: C = 1.0986419643941564857... (Finch, Mathematical Constants)."""
    phi = (1 + sp.sqrt(5)) / 2
    law = Recurrence(x, sp.sqrt(1 + x), point=phi, side="-").asymptotics(terms=3)
    c = law.constant_value(1, digits=60)  # x_0 = 1 is phi_1
    paris = sp.N(-c * phi, 60)
    assert abs(paris - sp.Float("1.0986419643941564857", 30)) < sp.Float("1e-19")
    with mpmath.workdps(80):  # an independent route: (2 phi)^n (phi - phi_n)/2 by brute force
        golden, y = (1 + mpmath.sqrt(5)) / 2, mpmath.mpf(1)
        for _ in range(58):
            y = mpmath.sqrt(1 + y)
        brute = (2 * golden) ** 59 * (golden - y) / 2
        assert abs(brute - number(paris)) < mpmath.mpf(10) ** -26


@pytest.mark.parametrize("start", ["1/3", "9/10"])
def test_a_negative_multiplier_alternates(start):
    law = Recurrence(x, R(5, 2) * x * (1 - x), point=R(3, 5)).asymptotics(terms=4)
    assert law.terms[0] == law.c * (-R(1, 2)) ** law.n
    truth = iterate(R(5, 2) * x * (1 - x), R(start), 40, 80)
    assert abs(number(law.at(40, start, digits=40)) - truth) < 1e-39
    c = law.constant_value(start, digits=40)
    with mpmath.workdps(80):
        truth = iterate(R(5, 2) * x * (1 - x), R(start), 80, 80)
        assert abs((truth - mpmath.mpf(3) / 5) * (-2) ** 80 / number(c) - 1) < 1e-22


def test_symbolic_coefficients_satisfy_the_equation_at_several_values():
    a = sp.Symbol("a", positive=True)
    law = Recurrence(x, a * x * (1 - x), point=0).asymptotics(terms=4)
    for value in (R(1, 2), R(1, 3), R(9, 10)):
        c = law.constant_value(R(1, 3), digits=30, params={a: value})
        value_at, estimate = law.evaluate(25, c, digits=30, params={a: value})
        truth = iterate(value * x * (1 - x), R(1, 3), 25, 60)
        assert abs(value_at - truth) < 100 * estimate + mpmath.mpf(10) ** -30


@settings(max_examples=12, deadline=None)
@given(
    st.integers(1, 9),
    st.sampled_from([-1, 1]),
    st.lists(st.integers(-4, 4), min_size=3, max_size=3),
)
def test_the_constant_is_invariant_along_the_orbit(tenths, sign, tail):
    """c(F(x0)) = mu c(x0) for random cubic perturbations of mu x."""
    mu = R(sign * tenths, 10)
    F = mu * x + sum(R(t, 8) * x ** (j + 2) for j, t in enumerate(tail))
    rec = Recurrence(x, F, point=0)
    start = R(1, 20)
    law = rec.asymptotics(terms=2)
    first, second = law.constant_value(start, digits=30), law.constant_value(F.subs(x, start), digits=30)
    assert abs(second - mu * first) < sp.Float(10) ** -28


def test_a_thousand_digits_agree_with_brute_force():
    law = Recurrence(x, x / 2 + x**2 / 2, point=0).asymptotics(terms=2)
    c = law.constant_value(R(1, 3), digits=1000)
    truth = iterate(x / 2 + x**2 / 2, R(1, 3), 1700, 1100)
    with mpmath.workdps(1100):
        assert abs(truth * mpmath.mpf(2) ** 1700 / number(c) - 1) < mpmath.mpf(10) ** -500


def test_starts_that_do_not_belong_are_refused():
    law = Recurrence(x, R(5, 2) * x * (1 - x), point=R(3, 5)).asymptotics(terms=2)
    with pytest.raises(DomainError, match="does not come close"):
        law.constant_value(2)
    assert law.constant_value(R(3, 5)) == 0
    assert law.constant_value(R(2, 5)) == 0  # falls onto the fixed point


def test_a_series_with_gaps_keeps_its_digits():
    """The straightening series of mu x + x^4 has every third coefficient only; 30 digits are 30 of the 60."""
    law = Recurrence(x, -R(3, 10) * x + 3 * x**4, point=0).asymptotics(terms=2)
    for start in (R(1, 20), R(-2397, 160000)):
        short, long = law.constant_value(start, digits=30), law.constant_value(start, digits=60)
        assert abs(short / long - 1) < sp.Float(10, 40) ** -29


def test_a_series_that_ends_is_shown_without_a_rest():
    assert str(Recurrence(x, 4 * x + 4 * sp.sqrt(x) + 1).asymptotics(terms=5)).endswith("+ 1")
    assert "O(" in str(Recurrence(x, x / 2 + x**2, point=0).asymptotics(terms=2))


def test_many_terms_over_a_quadratic_field():
    """Forty terms at the golden ratio give back the start: the series converges already at n = 0."""
    phi = (1 + sp.sqrt(5)) / 2
    law = Recurrence(x, sp.sqrt(1 + x), point=phi, side="-").asymptotics(terms=40)
    c = law.constant_value(1, digits=130)
    value, estimate = law.evaluate(0, c, digits=130)
    with mpmath.workdps(150):
        assert abs(value - 1) < 10 * estimate < mpmath.mpf(10) ** -30


def test_digits_do_not_wait_for_the_symbols():
    """A multiplier of many symbols: the expansion is solved only when a term is asked for."""
    b = sp.Symbol("b", positive=True)
    F = (x + b) * (1 + sp.erf((x + b) / sp.sqrt(2))) / 2 - b * (1 + sp.erf(b / sp.sqrt(2))) / 2
    law = Recurrence(x, F, point=0).asymptotics(terms=20)
    c = law.constant_value(R(1, 10), digits=20, params={b: R(1, 3)})
    image = sp.N(F.subs({b: R(1, 3), x: R(1, 10)}), 40)
    after = law.constant_value(sp.Rational(str(image)), digits=20, params={b: R(1, 3)})
    slope = sp.N(sp.diff(F, x).subs({b: R(1, 3), x: 0}), 40)
    assert abs(after / (slope * c) - 1) < 1e-18


@pytest.mark.parametrize("factor", [sp.Rational(1, 2), 1 - sp.Rational(1, 10**8), -sp.Rational(2, 3)])
@pytest.mark.parametrize("start", [1, sp.Rational(1, 3), 10**30])
def test_a_linear_map_keeps_its_start_as_the_constant(factor, start):
    law = Recurrence(x, factor * x, point=0).asymptotics()
    assert law.constant_value(start, digits=30) == sp.Float(start, 30)
    assert law.at(2, start, digits=30) == sp.Float(start * factor**2, 30)


def test_a_map_that_only_looks_linear_is_iterated_until_it_is():
    # x/2 + x**60 has a linear series to every order that is computed; c is the limit of 2**n x_n
    law = Recurrence(x, x / 2 + x**60, point=0).asymptotics()
    with mpmath.mp.workdps(60):
        v = mpmath.mpf(9) / 10
        for _ in range(100):
            v = v / 2 + v**60
        assert abs(mpmath.mpf(str(law.constant_value(sp.Rational(9, 10), digits=30))) / (v * 2**100) - 1) < 1e-29


def test_factors_next_to_one_need_no_iteration():
    # conjugate to x -> factor*x by x/(1 - b x), b = 1/(10**9 (1 - factor)): c = x/(1 - b x)
    factor = 1 - sp.Rational(1, 10**8)
    rec = Recurrence(x, factor * x / (1 - x / 10**9), point=0)  # 1/x' = 1/(factor x) - 1/(factor 10**9)
    b = sp.Rational(1, 10**9) / (1 - factor)
    expected = 1 / (1 - b)
    assert abs(rec.asymptotics().constant_value(1, digits=30) / sp.Float(expected, 40) - 1) < 10.0**-29


def test_far_values_are_shown_by_their_size():
    law = Recurrence(x, x**2, point=sp.oo).asymptotics()
    with pytest.raises(DomainError, match=r"about 1e-\d+; choose another start"):
        law.constant_value(sp.Rational(1, 2))


a, b = sp.symbols("a b", positive=True)
LONG = [(sp.pi + sp.E) / 9, (a * b + 1) / (a**2 + b + 2), (sp.sqrt(2) + sp.sqrt(3) + sp.sqrt(5)) / 7]


@pytest.mark.parametrize("factor", LONG, ids=["constants", "parameters", "roots"])
def test_long_multipliers_stay_short_and_right(factor):
    law = Recurrence(x, factor * sp.sin(x) + x**4 / (a + b), point=0).asymptotics(terms=5)
    assert sp.count_ops(law.expr) < 120 * sp.count_ops(factor)
    at = {a: R(3, 7), b: R(5, 4)}
    number_law = Recurrence(x, (factor * sp.sin(x) + x**4 / (a + b)).subs(at), point=0).asymptotics(terms=5)
    c = number_law.constant_value(R(1, 100), digits=60)
    with mpmath.mp.workdps(60):
        value, estimate = law.evaluate(3, c, digits=50, params=at)
        truth = iterate((factor * sp.sin(x) + x**4 / (a + b)).subs(at), R(1, 100), 3, 60)
        assert abs(value - truth) < 3 * estimate < mpmath.mpf("1e-11")


def test_a_series_that_ends_is_seen_through_the_names():
    # sigma(x) = (sqrt(1 + 4 x) - 1)/2, the inverse of t + t**2, makes x_n = t_n + t_n**2 exactly
    factor = (sp.pi + sp.E) / 9
    s = (sp.sqrt(1 + 4 * x) - 1) / 2
    law = Recurrence(x, factor * s + factor**2 * s**2, point=0).asymptotics(terms=4)
    assert law.error == 0
    assert sp.expand(law.shifted - law.z - law.z**2) == 0
