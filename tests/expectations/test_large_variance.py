"""Large-variance expansions of E f: remainder bounds against mpmath quadrature, digits, balls, refusals."""

import flint
import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.activations import activation
from derive.errors import DomainError, InputError, UnsupportedError
from derive.expectations.asymptotic.large import (
    expectation_remainder,
    expectation_terms,
    variance_remainder,
    variance_terms,
)
from derive.expectations.asymptotic.large_values import (
    expectation_large_ball,
    expectation_large_value,
    variance_large_ball,
    variance_large_value,
)

x = sp.Symbol("x", real=True)


def gaussian_mean(f, q, kinks=(), digits=24):
    """E f(sqrt(q) z) by mpmath.quad with cuts on the scales 1 and sqrt(q) (independent of the package)."""
    g = sp.lambdify(x, f, "mpmath")
    with mpmath.workdps(digits + 10):
        s = mpmath.sqrt(q)
        cuts = {mpmath.mpf(0), *(abs(mpmath.mpf(k)) for k in kinks)}
        cuts |= {mpmath.mpf(c) for c in (0.5, 1, 3, 8, 20) if c < 14 * s} | {c * s for c in (1, 2, 4, 8, 14)}
        weight = lambda u: mpmath.exp(-u * u / (2 * q))  # noqa: E731
        return mpmath.quad(lambda u: (g(u) + g(-u)) * weight(u), sorted(cuts)) / mpmath.sqrt(2 * mpmath.pi * q)


def series(terms, q):
    """The partial sum at q as an mpf of 40 digits."""
    with mpmath.workdps(40):
        return mpmath.mpf(str(sp.Add(*(c * sp.Integer(q) ** e for e, c in terms.items())).evalf(40)))


def number(value):
    with mpmath.workdps(40):
        return mpmath.mpf(str(sp.sympify(value).evalf(30)))


FUNCTIONS = [
    (sp.tanh(x) ** 2, ()),
    (sp.sech(x) ** 4, ()),
    ((x * sp.tanh(x)) ** 2, ()),
    (x**2 / (1 + sp.exp(-x)) ** 2, ()),
    (sp.erf(x) ** 2, ()),
    ((x * (1 + sp.erf(x / sp.sqrt(2))) / 2) ** 2, ()),
    (sp.tanh(x) ** 2 * (1 - 3 * sp.sech(x) ** 2), ()),
    (sp.tanh(x - sp.Rational(1, 2)) ** 2, ()),
    (sp.log(1 + sp.exp(x)), ()),
    (sp.Max(-1, sp.Min(1, x)) ** 2, (1,)),
    (sp.Abs(sp.tanh(x)), ()),
    (sp.Piecewise((x, x > 1), (sp.exp(x - 1), True)), (1,)),
]


@pytest.mark.parametrize(("f", "kinks"), FUNCTIONS, ids=lambda a: str(a)[:40])
def test_what_is_left_of_k_terms_is_below_the_bound(f, kinks):
    """At three variances and for every order; the bound is also not wasteful (within a factor 1000)."""
    for q in (4, 1000):
        expected = gaussian_mean(f, q, kinks)
        for order in (sp.Rational(1, 2), 2, 4):
            left = abs(series(expectation_terms(f, order), q) - expected)
            bound, exponent, q_min = expectation_remainder(f, order)
            allowed = number(bound) * mpmath.mpf(q) ** number(exponent)
            assert q_min == 0 and exponent <= -sp.sympify(order)
            assert left <= allowed * (1 + mpmath.mpf(10) ** -15) + mpmath.mpf(10) ** -22, (q, order)
            if q == 1000:
                assert allowed <= 1000 * left + mpmath.mpf(10) ** -22


def test_tanh_series_envelops_the_value():
    """One sign of 1 - tanh^2: partial sums lie on alternating sides, the remainder is the first omitted term."""
    phi = activation("tanh")
    value = gaussian_mean(sp.tanh(x) ** 2, 20)
    sides = []
    for order in range(1, 9):
        sides.append(series(variance_terms(phi, order), 20) > value)
    assert sides == [True, False] * 4 or sides == [False, True] * 4
    for order in (1, 2, 5):
        bound, exponent, _ = variance_remainder(phi, order)
        assert abs(variance_terms(phi, -exponent + 1)[exponent]) == bound


def test_first_coefficients_of_tanh():
    """V tanh = 1 - sqrt(2/pi) q^(-1/2) + ..., from int (1 - tanh^2) = 2 and int x^2 (1 - tanh^2) = pi^2/6."""
    terms = variance_terms(activation("tanh"), 2)
    assert terms[0] == 1
    assert sp.simplify(terms[-sp.Rational(1, 2)] + sp.sqrt(2 / sp.pi)) == 0
    assert sp.simplify(terms[-sp.Rational(3, 2)] - sp.pi**2 / 6 / 2 / sp.sqrt(2 * sp.pi)) == 0


def test_order_means_all_exponents_above_minus_order():
    phi = activation("tanh")
    for order in (0, sp.Rational(1, 2), 1, sp.Rational(3, 2), 4):
        exponents = set(variance_terms(phi, order))
        expected = {sp.S.Zero, *(-sp.Rational(2 * i + 1, 2) for i in range(6))}
        assert exponents == {e for e in expected if e > -order}


def test_powers_end_the_expansion():
    """relu, |x| and powers: one term, remainder 0; E |x|^a = 2^(a/2) Gamma((a+1)/2)/sqrt(pi) q^(a/2)."""
    assert expectation_terms(sp.Max(x, 0) ** 2, 5) == {1: sp.Rational(1, 2)}
    assert expectation_remainder(sp.Max(x, 0) ** 2, 5)[0] == 0
    a = sp.Rational(79, 50)
    (found,) = expectation_terms(sp.Abs(x) ** a, 3).values()
    assert sp.simplify(found - 2 ** (a / 2) * sp.gamma((a + 1) / 2) / sp.sqrt(sp.pi)) == 0


def test_odd_parts_do_not_count():
    """E sigmoid = 1/2 exactly, and the remainder bound says so."""
    sigmoid = 1 / (1 + sp.exp(-x))
    assert expectation_terms(sigmoid, 5) == {0: sp.Rational(1, 2)}
    assert expectation_remainder(sigmoid, 5)[0] == 0


@pytest.mark.parametrize(
    "f", [sp.atan(x) ** 2, x**2 / (1 + sp.Abs(x)) ** 2, sp.exp(x), sp.log(1 + x**2), sp.sin(x) ** 2], ids=str
)
def test_functions_outside_the_class_are_refused(f):
    with pytest.raises(UnsupportedError):
        expectation_terms(f, 2)
    assert expectation_large_value(f, 10**6, 20) is None


@pytest.mark.parametrize("order", ["2", 1.5, True, None, [1]])
def test_order_must_be_exact(order):
    with pytest.raises(InputError):
        variance_terms(activation("tanh"), order)


def test_infinite_expectations_are_refused():
    for f in (1 / x**2, 1 / sp.sinh(x) ** 2):
        with pytest.raises(DomainError):
            expectation_terms(f, 2)


VALUES = ["tanh", "erf", "sigmoid", "gelu", "swish", "elu", "hard_tanh", "x*tanh(x)", "softplus", "tanh(x)*erf(x)"]


@pytest.mark.parametrize("name", VALUES)
def test_values_have_the_digits_asked_for(name):
    """Against mpmath.quad; a value is given from moderate q on, and never a wrong one."""
    phi = activation(name)
    f = phi(x) ** 2
    given_at = []
    for q in (2, 500, 10**4):
        found = variance_large_value(phi, q, 20)
        if found is None:
            continue
        given_at.append(q)
        expected = gaussian_mean(f, q, kinks=(1,))
        assert abs(found - expected) < mpmath.mpf(10) ** -20 * abs(expected)
    assert 500 in given_at and 10**4 in given_at


def test_tanh_to_forty_digits_from_sixty_on():
    phi = activation("tanh")
    for q in (60, 100, 10**3):
        found = variance_large_value(phi, q, 40)
        expected = gaussian_mean(sp.tanh(x) ** 2, q, digits=42)
        assert found is not None and abs(found - expected) < mpmath.mpf(10) ** -40
    assert variance_large_value(phi, 10**8, 500) is not None
    assert variance_large_value(phi, 3, 20) is None


def test_balls_hold_the_value_and_wide_arguments():
    phi = activation("tanh")
    with flint.ctx.workprec(200):
        narrow = variance_large_ball(phi, flint.arb(100), 120)
        wide = variance_large_ball(phi, flint.arb("100 +/- 1e-10"), 120)
        assert wide.contains(narrow) and narrow.rad() < 1e-36 and wide.rad() < 1e-12
        assert variance_large_ball(phi, flint.arb("1 +/- 2"), 60) is None
        assert variance_large_ball(phi, flint.arb(-5), 60) is None
        slope = expectation_large_ball(sp.sech(x) ** 4, flint.arb(80), 100)
    with mpmath.workdps(30):
        assert (
            abs(mpmath.mpf(slope.mid().str(35, radius=False)) - gaussian_mean(sp.sech(x) ** 4, 80, digits=32)) < 1e-29
        )


@settings(max_examples=25, deadline=None)
@given(st.integers(40, 10**7), st.integers(12, 28))
def test_two_precisions_agree(q, digits):
    low = variance_large_value(activation("tanh"), q, digits)
    high = variance_large_value(activation("tanh"), q, digits + 6)
    if low is not None and high is not None:
        assert abs(low - high) < mpmath.mpf(10) ** (1 - digits)
