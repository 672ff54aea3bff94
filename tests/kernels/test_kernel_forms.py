"""Closed forms, derivatives, series and rewriting of the kernels, judged by mpmath and by the function's own digits."""

import pickle

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from derive import J, c_alpha, one_minus_J
from derive.errors import DomainError, UnsupportedError
from derive.kernels.expansions import at_minus_one, at_one, taylor_coefficients

a, c, x = sp.Symbol("a", positive=True), sp.Symbol("c", real=True), sp.Symbol("x", positive=True)
R = sp.Rational
THIRD = R(1, 3)


def near(left, right, tolerance):
    return abs(sp.N(left, 50) - sp.N(right, 50)) < sp.Float(tolerance, 50)


def test_closed_forms_are_those_of_cho_and_saul():
    """Cho & Saul 2009, n = 0, 1, 2: J_n(theta) with the angle theta = acos c, divided by its value at theta = 0."""
    theta = sp.Symbol("theta", positive=True)
    s, k = sp.sin(theta), sp.cos(theta)
    printed = {
        0: (sp.pi - theta) / sp.pi,
        1: (s + (sp.pi - theta) * k) / sp.pi,
        2: (3 * s * k + (sp.pi - theta) * (1 + 2 * k**2)) / (3 * sp.pi),
    }
    for alpha, form in printed.items():
        closed = J(alpha, c).doit()
        for value in (R(-4, 5), R(1, 7), R(9, 10)):
            assert near(closed.subs(c, value), form.subs(theta, sp.acos(value)), "1e-45")


@pytest.mark.parametrize("alpha", [*range(6), 20, *(R(n, 2) for n in (1, 3, 5, 7, 21))], ids=str)
def test_closed_form_has_the_digits_of_the_function(alpha):
    closed = J(alpha, c).doit()
    assert not closed.has(J)
    for value in (R(-7, 10), R(0), R(2, 5)):
        assert abs(sp.N(closed.subs(c, value), 40) / J(alpha, value).evalf(40) - 1) < sp.Float("1e-38", 40)


@given(
    alpha=st.fractions(R(-9, 20), 8, max_denominator=40), value=st.fractions(R(-9, 10), R(9, 10), max_denominator=40)
)
@settings(max_examples=30, deadline=None)
def test_the_differential_equation_holds(alpha, value):
    first, second = (J(alpha, c).diff(c, n).subs(c, value).evalf(25) for n in (1, 2))
    value = R(value)
    left = (1 - value**2) * second + (2 * alpha - 1) * value * first - R(alpha) ** 2 * J(alpha, value).evalf(25)
    assert abs(left) < sp.Float("1e-20", 25) * (1 + abs(second))


@pytest.mark.parametrize("alpha", ["-0.3", "0.3", "1/2", "1", "2.5", "4.2"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_of_every_order(alpha, order):
    """Against Taylor coefficients of mpmath from Cauchy's formula for the hypergeometric function at 1/3."""
    with mp.workdps(40):
        al = mpmath.mpf(sp.Rational(alpha).p) / sp.Rational(alpha).q
        f = lambda z: (  # noqa: E731
            mpmath.gamma(al + 1) ** 2
            / (mpmath.gamma(al + 1.5) * mpmath.gamma(al + 0.5))
            * ((1 + z) / 2) ** (al + 0.5)
            * mpmath.hyp2f1(0.5, 0.5, al + 1.5, (1 + z) / 2)
        )
        points = [mpmath.expjpi(mpmath.mpf(2 * k) / 256) / 2 for k in range(256)]
        mean = sum(f(mpmath.mpf(1) / 3 + p) / p**order for p in points) / 256
        expected = mpmath.factorial(order) * mean.real
        got = J(alpha, c).diff(c, order).subs(c, THIRD).evalf(30)
        assert abs(mpmath.mpf(str(got)) / expected - 1) < mpmath.mpf("1e-25")


@pytest.mark.parametrize("alpha", ["-0.3", "0", "0.3", "1/2", "1", "3/2", "2", "5/2", "3.7"])
def test_expansions_at_the_ends(alpha):
    """The error at distance 2^-20 is that of the first power left out."""
    alpha, small = sp.Rational(alpha), R(1, 2**20)
    order = int(sp.ceiling(alpha)) + 3
    low = at_minus_one(alpha, c, order).at(small)
    assert near(low / J(alpha, 2 * small - 1), 1, 4 * 2.0 ** (-20 * (order - 0.5 - float(alpha))))
    high = at_one(alpha, c, 4).at(small)
    assert near(high, J(alpha, 1 - 2 * small), 40 * 2.0 ** (-20 * 4))


def test_series_methods():
    assert J(R(1, 2), c).series(c, 1, 2, dir="-").removeO().has(sp.log)
    terms = J(1, c).series(c, 1, 3, dir="-").removeO()
    assert near(terms.subs(c, R(9999, 10000)), J(1, R(9999, 10000)), "1e-14")
    inner = J(2, sp.cos(x)).series(x, 0, 7).removeO()
    assert near(inner.subs(x, R(1, 100)), J(2, sp.cos(R(1, 100))), "1e-14")
    middle = J(a, c).series(c, 0, 4).removeO().subs({a: R(7, 10), c: R(1, 1000)})
    assert near(middle, J(R(7, 10), R(1, 1000)), "1e-12")
    gap = one_minus_J(R(1, 2), x).series(x, 0, 3).removeO()
    assert near(gap.subs(x, R(1, 10**6)), one_minus_J(R(1, 2), R(1, 10**6)), "1e-17")


def test_limits():
    assert sp.limit(one_minus_J(2, x) / x, x, 0) == R(4, 3)
    assert sp.limit(J(a, 1 - x), x, 0) == 1
    assert sp.limit(J(R(3, 10), x - 1), x, 0) == 0


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: J(1, c).series(c, 1, 3), DomainError),
        (lambda: J(1, c).series(c, -1, 3, dir="-"), DomainError),
        (lambda: J(a, c).series(c, 1, 3, dir="-"), UnsupportedError),
        (lambda: J(x, c).series(x, 0, 3), UnsupportedError),
    ],
)
def test_series_outside_the_domain_are_refused(call, error):
    with pytest.raises(error):
        call()


@pytest.mark.parametrize("at", [R(0), R(1, 3), R(-4, 5)])
@pytest.mark.parametrize("alpha", ["-1/4", "0.3", "1/2", "2"])
def test_taylor_coefficients_sum_to_the_function(alpha, at):
    step = R(1, 1000)
    total = sum(t * step**n for n, t in enumerate(taylor_coefficients(sp.Rational(alpha), at, 8)))
    assert near(total, J(alpha, at + step), "1e-19")


@pytest.mark.parametrize("alpha", [R(3, 10), R(1, 2), R(2), R(-1, 4)], ids=str)
def test_rewriting_keeps_the_value(alpha):
    node, expected = J(alpha, c), J(alpha, THIRD).evalf(20)
    assert near(node.rewrite(sp.hyper).subs(c, THIRD).evalf(25), expected, "1e-19")
    assert near(node.rewrite(sp.Sum).subs(c, THIRD).evalf(15), expected, "1e-12")
    bessel = node.rewrite(sp.besselk)
    (integral,) = bessel.atoms(sp.Integral)
    t = integral.variables[0]
    with mp.workdps(25):
        f = sp.lambdify(t, integral.function.subs(c, THIRD), "mpmath")
        number = mpmath.quad(f, [0, 0.01, 1, 5, 20, 100])
        value = bessel.subs(integral, sp.Float(str(number), 25)).subs(c, THIRD)
        assert near(value.evalf(20), expected, "1e-9")


def test_elliptic_form_only_at_half_integers():
    assert J(R(3, 2), c).rewrite(sp.elliptic_k).has(sp.elliptic_k)
    assert J(R(3, 10), c).rewrite(sp.elliptic_k) == J(R(3, 10), c)
    assert J(2, c).rewrite(sp.acos).has(sp.acos)


def test_values_at_zero_and_slopes_at_the_ends():
    assert J(2, 0).doit() == R(1, 6)
    assert sp.simplify(J(1, 0).doit() - 1 / sp.pi) == 0
    for alpha in (R(1), R(3, 2), R(4)):
        assert J(alpha, c).diff(c).subs(c, 1) == alpha**2 / (2 * alpha - 1)


def test_latex_pickle_and_printing():
    assert sp.latex(J(a, c)) == r"J_{a}\left(c\right)"
    assert sp.latex(c_alpha(a) ** 2) == r"c_{a}^{2}"
    assert sp.latex(one_minus_J(a, x)) == r"\left(1 - J_{a}\left(1 - x\right)\right)"
    for node in (J(a, c), c_alpha(a), one_minus_J(a, x)):
        assert pickle.loads(pickle.dumps(node)) == node
    assert str(J(a, c)) == "J(a, c)"


def test_c_alpha_by_gamma():
    assert c_alpha(a).rewrite(sp.gamma) == 2 ** (a - 1) * sp.gamma(a + R(1, 2)) / sp.sqrt(sp.pi)
    slope = c_alpha(a).diff(a).subs(a, R(7, 10)).evalf(20)
    assert near(slope, (c_alpha("0.7000001").evalf(30) - c_alpha("0.6999999").evalf(30)) / R(2, 10**7), "1e-13")
    assert sp.simplify(sp.expand_func(c_alpha(a + 1).doit()) / c_alpha(a).doit()) == 2 * a + 1
