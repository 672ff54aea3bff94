"""Power series arithmetic: identities, and known coefficients from SymPy's exact values."""

from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from flint import acb, arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.difference.series import powerseries as ps
from derive.errors import InputError

rationals = st.builds(fmpq, st.integers(-9, 9), st.integers(1, 9))
series = st.lists(rationals, min_size=1, max_size=9)
unit_series = series.map(lambda a: [1, *a])
small_series = series.map(lambda a: [0, *a])
N = 9


@given(unit_series, unit_series)
@settings(deadline=None)
def test_the_fast_product_is_the_defining_sum(a, b):
    assert ps.mul(a, b, N) == ps.truncate(ps.mul_schoolbook(a, b, N), N)


@given(unit_series)
@settings(deadline=None)
def test_a_series_times_its_inverse_is_one(a):
    assert ps.mul(a, ps.inverse(a, N), N) == [1] + [0] * (N - 1)


@given(unit_series, st.fractions(-3, 3, max_denominator=4), st.fractions(-3, 3, max_denominator=4))
@settings(deadline=None)
def test_exponents_of_powers_add(a, p, q):
    left = ps.mul(ps.power(a, p, N), ps.power(a, q, N), N)
    assert left == ps.power(a, p + q, N)


@given(small_series)
@settings(deadline=None)
def test_the_logarithm_undoes_the_exponential(a):
    assert ps.log(ps.exp(a, N), N) == ps.truncate(a, N)


@given(small_series)
@settings(deadline=None)
def test_sine_and_cosine_lie_on_the_circle_and_the_hyperbola(a):
    s, c = ps.sin_cos(a, N)
    assert ps.add(ps.mul(s, s, N), ps.mul(c, c, N), N) == [1] + [0] * (N - 1)
    s, c = ps.sinh_cosh(a, N)
    assert ps.sub(ps.mul(c, c, N), ps.mul(s, s, N), N) == [1] + [0] * (N - 1)


@given(small_series.filter(lambda a: a[1] != 0))
@settings(deadline=None)
def test_a_series_of_its_reversion_is_the_variable(a):
    b = ps.revert(a, N)
    assert ps.compose(a, b, N) == [0, 1] + [0] * (N - 2)
    assert ps.compose(b, a, N) == [0, 1] + [0] * (N - 2)


@given(series, small_series, small_series)
@settings(max_examples=30, deadline=None)
def test_composition_is_associative(a, b, c):
    left = ps.compose(ps.compose(a, b, N), c, N)
    assert left == ps.compose(a, ps.compose(b, c, N), N)


@pytest.mark.parametrize("exponent", [Fraction(1, 2), Fraction(-5, 3), 4, -2])
def test_powers_of_one_plus_w_are_binomial_coefficients(exponent):
    expected = [sp.binomial(sp.Rational(exponent), i) for i in range(N)]
    assert [sp.Rational(str(c)) for c in ps.power([fmpq(1), fmpq(1)], exponent, N)] == expected


def test_the_exponential_of_w_has_reciprocal_factorials():
    assert ps.exp([0, fmpq(1)], 6) == [1, 1, fmpq(1, 2), fmpq(1, 6), fmpq(1, 24), fmpq(1, 120)]


def test_one_algorithm_serves_every_kind_of_number():
    exact = ps.power([1, fmpq(1, 3), fmpq(-2, 7)], Fraction(2, 5), 8)
    for make, size in ((lambda c: arb(c), abs), (lambda c: acb(c), lambda z: abs(z)), (_mpf, abs)):
        found = ps.power([make(fmpq(1)), make(fmpq(1, 3)), make(fmpq(-2, 7))], Fraction(2, 5), 8)
        assert all(size(x - make(fmpq(c))) < 1e-14 for x, c in zip(found, exact, strict=True))


def _mpf(c):
    return mpmath.mpf(int(c.p)) / int(c.q)


def test_polynomial_coefficients_of_sympy_rings_work():
    ring, a, b = sp.ring("a,b", sp.QQ)
    found = ps.power([ring(1), a, b], Fraction(1, 2), 3)
    assert found[1:] == [a / 2, b / 2 - a**2 / 8]


def test_a_leading_number_is_taken_out_of_integer_powers_only():
    assert ps.inverse([fmpq(2), fmpq(1)], 3) == [fmpq(1, 2), fmpq(-1, 4), fmpq(1, 8)]
    with pytest.raises(InputError, match="leading coefficient 1"):
        ps.power([fmpq(2), fmpq(1)], Fraction(1, 2), 3)
    with pytest.raises(InputError, match="constant term 0"):
        ps.exp([fmpq(1), fmpq(1)], 3)
    with pytest.raises(InputError, match="constant term 0"):
        ps.compose([fmpq(1)], [fmpq(1)], 3)


def test_a_ball_around_zero_is_not_taken_for_zero():
    assert ps.is_zero(arb(0)) and not ps.is_zero(arb(0, 1e-30))
    assert ps.valuation([0, arb(0), arb(0, 1e-30), arb(1)]) == 2
