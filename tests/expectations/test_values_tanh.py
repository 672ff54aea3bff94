"""V and W of tanh: right digits over the whole range of variances and correlations.

Independent values: mpmath.quad in one dimension at raised precision, Mehler's sum with Hermite coefficients by mpmath,
and the Taylor series in 1 - c with means by mpmath.quad.
"""

import mpmath
import pytest
import sympy as sp
from mpmath import mp

from derive.activations import activation
from derive.expectations.values import covariance_value, expectation_value, gap_value, variance_value

TANH = activation("tanh")


def gaussian_mean(f, q, features):
    """E f(X), X ~ N(0, q), by mpmath.quad on pieces that resolve the scale 1 as well as sqrt(q)."""
    s = mpmath.sqrt(q)
    cuts = sorted(
        {mpmath.mpf(0), *(mpmath.mpf(2) ** k * s for k in range(-3, 5)), *(c for c in features if c < 16 * s)}
    )
    total = mpmath.mpf(0)
    for sign in (-1, 1):
        total += mpmath.quad(lambda x, sign=sign: f(sign * x) * mpmath.exp(-x * x / (2 * q)), cuts)
    return total / mpmath.sqrt(2 * mpmath.pi * q)


def scales(q):
    return [mpmath.mpf(2) ** k for k in range(-1, 9)]


@pytest.mark.parametrize("q", ["1e-12", "1e-3", "3/10", "1", "17", "1e4", "1e8"])
def test_variance_has_forty_digits_at_every_scale(q):
    exact = sp.Rational(q)
    value = variance_value(TANH, q, 40)
    with mp.workdps(55):
        reference = gaussian_mean(lambda x: mpmath.tanh(x) ** 2, mpmath.mpf(exact.p) / exact.q, scales(q))
        assert abs(value / reference - 1) < mpmath.mpf(10) ** -40


def test_variance_to_five_hundred_digits_agrees_with_a_longer_computation():
    """The two use other steps and other numbers of poles, so they share no rounding."""
    long = variance_value(TANH, 2, 560)
    with mp.workdps(520):
        assert abs(variance_value(TANH, 2, 500) / long - 1) < mpmath.mpf(10) ** -500


def test_slope_of_the_variance_obeys_the_heat_equation():
    r"""dV/dq = E(phi phi'' + phi'^2), the derivative by a central difference of values with 60 digits."""
    x = TANH.variable
    phi = TANH.expr
    slope = phi * phi.diff(x, 2) + phi.diff(x) ** 2
    with mp.workdps(70):
        h = mpmath.mpf(10) ** -12
        up, down = (variance_value(TANH, mpmath.mpf(3) / 7 + side * h, 66) for side in (1, -1))
        difference = (up - down) / (2 * h)
        assert abs(difference / expectation_value(slope, mpmath.mpf(3) / 7, 40) - 1) < mpmath.mpf(10) ** -21


def hermite_coefficients(f, s, count):
    """E f(s z) He_k(z)/sqrt(k!), k < count, by the trapezoidal rule in mpmath with a small step."""
    h, reach = mpmath.mpf(1) / 20, 18
    found = [mpmath.mpf(0)] * count
    for i in range(-20 * reach, 20 * reach + 1):
        z = i * h
        weight = h * mpmath.npdf(z) * f(s * z)
        before, now = mpmath.mpf(0), mpmath.mpf(1)
        for k in range(count):
            found[k] += weight * now
            before, now = now, (z * now - mpmath.sqrt(k) * before) / mpmath.sqrt(k + 1)
    return found


@pytest.mark.parametrize(("q", "c"), [("1/2", "1/3"), ("1", "1/2"), ("1", "-3/5"), ("2", "1/10")])
def test_covariance_agrees_with_mehlers_sum(q, c):
    """W = sum over k of c^k times the squared k-th Hermite coefficient."""
    q, c = sp.Rational(q), sp.Rational(c)
    value = covariance_value(TANH, q, lam=q * c, digits=30)
    with mp.workdps(35):
        coefficients = hermite_coefficients(mpmath.tanh, mpmath.sqrt(mpmath.mpf(q.p) / q.q), 90)
        total = sum(a * a * (mpmath.mpf(c.p) / c.q) ** k for k, a in enumerate(coefficients))
        assert abs(value / total - 1) < mpmath.mpf(10) ** -24


@pytest.mark.parametrize("q", ["1e-3", "1", "1e2", "1e4"])
def test_covariance_and_gap_near_perfect_correlation(q):
    r"""W = sum_k (-v)^k/k! E phi^(k)(X)^2, v = q (1-c), the means by mpmath.quad; V - W to full relative accuracy."""
    exact, x = sp.Rational(q), sp.Symbol("x", real=True)
    with mp.workdps(48):
        number = mpmath.mpf(exact.p) / exact.q
        means = []
        for k in range(6):
            f = sp.lambdify(x, sp.diff(sp.tanh(x), x, k), "mpmath")
            means.append(gaussian_mean(lambda t, f=f: f(t) ** 2, number, scales(q)))
        for one_minus_c in ("1e-9", "1e-12", "1e-30"):
            v = number * mpmath.mpf(10) ** int(one_minus_c[2:])
            tail = sum((-v) ** k / mpmath.factorial(k) * means[k] for k in range(1, 6))
            gap = gap_value(TANH, q, one_minus_c, 25)
            assert abs(-tail / gap - 1) < mpmath.mpf(10) ** (-19 if exact > 1000 else -25)
            value = covariance_value(TANH, q, one_minus_c=one_minus_c, digits=40)
            assert abs(value / (means[0] + tail) - 1) < mpmath.mpf(10) ** -40 + (v**6 if exact > 1000 else 0)


@pytest.mark.parametrize(
    ("q", "one_minus_c"),
    [
        *(("1e-3", "0.8"), ("1e-3", "3e-5"), ("1", "0.999999"), ("1", "1e-3"), ("1", "1.7"), ("30", "1e-1")),
        *(("30", "1e-3"), ("1000", "3e-5"), ("1000", "0.999"), ("1e6", "1e-6"), ("1e8", "1e-9"), ("1e12", "0.3")),
    ],
)
def test_thirty_and_sixty_digits_agree(q, one_minus_c):
    short = covariance_value(TANH, q, one_minus_c=one_minus_c, digits=30)
    long = covariance_value(TANH, q, one_minus_c=one_minus_c, digits=60)
    with mp.workdps(70):
        assert abs(short / long - 1) < mpmath.mpf(10) ** -30


def test_gap_is_variance_minus_covariance_where_they_are_apart():
    for q, d in (("2", "0.3"), ("2", "1.6"), ("50", "0.9")):
        v = variance_value(TANH, q, 50)
        w = covariance_value(TANH, q, one_minus_c=d, digits=50)
        with mp.workdps(50):
            assert abs((v - w) / gap_value(TANH, q, d, 40) - 1) < mpmath.mpf(10) ** -39


def test_ends_of_the_correlation_are_exact():
    v = variance_value(TANH, 3, 30)
    with mp.workdps(40):
        assert abs(covariance_value(TANH, 3, lam=3, digits=30) / v - 1) < mpmath.mpf(10) ** -30
        assert abs(covariance_value(TANH, 3, lam=-3, digits=30) / v + 1) < mpmath.mpf(10) ** -30
    assert covariance_value(TANH, 3, lam=0, digits=30) == 0
    assert gap_value(TANH, 3, 0, 30) == 0
    assert variance_value(TANH, 0, 30) == 0


def test_enormous_variance_and_correlation_between():
    """At q = 10^12 W is (2/pi) asin(c) - pi c/(6 q sqrt(1-c^2)) + O(q^-2) (its first two large-variance terms)."""
    value = covariance_value(TANH, 10**12, one_minus_c="0.4", digits=30)
    with mp.workdps(40):
        c = mpmath.mpf(6) / 10
        two = 2 / mpmath.pi * mpmath.asin(c) - mpmath.pi * c / (6 * mpmath.mpf(10) ** 12 * mpmath.sqrt(1 - c * c))
        assert abs(value - two) < mpmath.mpf(10) ** -23
        assert abs(value - two) > mpmath.mpf(10) ** -27
