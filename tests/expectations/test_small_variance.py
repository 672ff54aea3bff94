"""Small-variance expansions: remainder bounds against mpmath quadrature, exact cases, what has no bound."""

import mpmath
import pytest
import sympy as sp

from derive.activations import activation
from derive.errors import DomainError, UnsupportedError
from derive.expectations.asymptotic.pieces import X
from derive.expectations.asymptotic.small import (
    covariance_small_remainder,
    covariance_small_terms,
    expectation_small_remainder,
    expectation_small_terms,
    variance_small_remainder,
    variance_small_terms,
)
from derive.expectations.asymptotic.suprema import supremum

x, q, lam = sp.symbols("x q lam", real=True)


def gaussian_mean(f, variance):
    """E f(sqrt(q) z) by mpmath.quad in z at 35 digits (independent of the package)."""
    g = sp.lambdify(x, f, "mpmath")
    with mpmath.workdps(35):
        s = mpmath.sqrt(variance)
        weight = lambda z: mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)  # noqa: E731
        return mpmath.quad(lambda z: (g(s * z) + g(-s * z)) * weight(z), [0, 1, 3, 8, 13])


def number(value):
    with mpmath.workdps(40):
        return mpmath.mpf(str(sp.sympify(value).evalf(35)))


FUNCTIONS = [
    sp.tanh(x) ** 2,
    sp.sech(x) ** 4,
    1 / (1 + sp.exp(-x)) ** 2,
    sp.erf(x) ** 2,
    sp.sin(x) ** 2,
    sp.exp(-(x**2)),
    x**2 / (1 + sp.exp(-x)) ** 2,
    sp.Abs(sp.tanh(x)),
    sp.Piecewise((x, x > 0), (sp.exp(x) - 1, True)),
]


@pytest.mark.parametrize("f", FUNCTIONS, ids=str)
def test_what_is_left_is_below_the_bound(f):
    for variance in (mpmath.mpf(1) / 100, mpmath.mpf(1) / 3, mpmath.mpf(4)):
        expected = gaussian_mean(f, variance)
        for order in (1, sp.Rational(3, 2), 3):
            terms = expectation_small_terms(f, order)
            assert all(e < order for e in terms)
            bound, exponent, _ = expectation_small_remainder(f, order)
            left = abs(sum(number(v) * variance ** number(e) for e, v in terms.items()) - expected)
            allowed = number(bound) * variance ** number(exponent)
            assert left <= allowed + mpmath.mpf(10) ** -30, (variance, order)


def test_the_bound_is_sharp_at_small_variance():
    """For tanh the bound is attained in the limit q -> 0: sup |f^(2n)| lies at 0."""
    bound, exponent, _ = variance_small_remainder(activation("tanh"), 4)
    following = variance_small_terms(activation("tanh"), 5)[exponent]
    assert abs(following) <= bound <= abs(following) * sp.Rational(102, 100)


def test_taylor_coefficients_of_tanh():
    """tanh^2 = x^2 - 2x^4/3 + 17x^6/45 - 62x^8/315 (Abramowitz-Stegun 4.5.64 squared); E x^2k = (2k-1)!!."""
    expected = {1: 1, 2: -2, 3: sp.Rational(17, 45) * 15, 4: -sp.Rational(62, 315) * 105}
    assert variance_small_terms(activation("tanh"), 5) == expected


def test_polynomials_end():
    assert expectation_small_terms(x**4 - 3 * x**2 + 2, 10) == {0: 2, 1: -3, 2: 3}
    assert expectation_small_remainder(x**4 - 3 * x**2 + 2, 3)[0] == 0
    assert covariance_small_terms(x**2, 5) == {(0, 2): 2, (2, 0): 1}


def test_relu_has_half_integer_powers_in_its_mean():
    """E relu = sqrt(q/2 pi)."""
    assert expectation_small_terms(sp.Max(x, 0), 4) == {sp.Rational(1, 2): sp.sqrt(2) / (2 * sp.sqrt(sp.pi))}
    assert expectation_small_remainder(sp.Max(x, 0), 4)[0] == 0


def test_covariance_terms_agree_with_the_mehler_sum():
    """W = sum_k lam^k/k! (E phi^(k))^2 (Mehler), each mean from SymPy series and double factorials."""
    phi, order = sp.tanh(x), 5
    w = sp.Symbol("w")
    total = 0
    for k in range(order):
        derivative = sp.diff(phi, x, k)
        taylor = sp.series(derivative, x, 0, 2 * order).removeO()
        mean = sum(sp.factorial2(2 * i - 1) * taylor.coeff(x, 2 * i) * (w * q) ** i for i in range(order))
        total += (w * lam) ** k / sp.factorial(k) * mean**2
    expected = sp.expand(total)
    found = covariance_small_terms(activation("tanh"), order)
    for n in range(order):
        part = sum(v * q**i * lam**j for (i, j), v in found.items() if i + j == n)
        assert sp.expand(expected.coeff(w, n) - part) == 0


@pytest.mark.parametrize("name", ["tanh", "sin", "sigmoid"])
def test_covariance_remainder_bounds_the_error(name):
    """Reference: the Mehler sum over k of lam^k/k! (E phi^(k))^2 with means by mpmath.quad."""
    phi = activation(name)
    variance, ratio = mpmath.mpf(1) / 20, mpmath.mpf(-2) / 3
    expected = mpmath.mpf(0)
    for k in range(9):
        mean = gaussian_mean(sp.diff(phi(x), x, k), variance)
        expected += (ratio * variance) ** k / mpmath.factorial(k) * mean**2
    for order in (1, 3):
        terms = covariance_small_terms(phi, order)
        left = abs(sum(number(v) * variance ** (i + j) * ratio**j for (i, j), v in terms.items()) - expected)
        bound, exponent, _ = covariance_small_remainder(phi, order)
        assert left <= number(bound) * variance ** int(exponent)


def test_suprema_are_just_above_the_maximum():
    """Maxima by calculus: sech^2 1, x e^-x 1/e, tanh sech^2 2/(3 sqrt 3), sin^2 cos 2/(3 sqrt 3)."""
    known = [
        (sp.sech(X) ** 2, 1),
        (X * sp.exp(-X), sp.exp(-1)),
        (sp.tanh(X) * sp.sech(X) ** 2, 2 / (3 * sp.sqrt(3))),
        (sp.sin(X) ** 2 * sp.cos(X), 2 / (3 * sp.sqrt(3))),
        (1 - sp.exp(-X), 1),
        (sp.erf(X) - 3, 3),
    ]
    for f, maximum in known:
        found = supremum(f)
        assert maximum <= found <= maximum * sp.Rational(102, 100), f
    with pytest.raises(UnsupportedError):
        supremum(X * sp.tanh(X))


def test_no_bound_is_invented_where_none_is_proved():
    for f in (sp.Max(-1, sp.Min(1, x)), sp.atan(x) ** 2, sp.cosh(x)):
        with pytest.raises(UnsupportedError):
            expectation_small_remainder(f, 2)
    assert expectation_small_terms(sp.atan(x) ** 2, 3) == {1: 1, 2: -2}


def test_functions_singular_at_zero_are_refused():
    with pytest.raises(DomainError):
        expectation_small_terms(1 / x**2, 2)
    with pytest.raises(DomainError):
        covariance_small_terms(sp.Max(x, 0), 2)
