"""Superattracting points: squaring in disguise, doubly exponential integer sequences, plain iteration."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive.difference.recurrence import Recurrence
from derive.errors import PrecisionError, UnsupportedError

x = sp.Symbol("x", positive=True)
R = sp.Rational


def number(value: sp.Float):
    with mpmath.workprec(value._prec + 10):
        return mpmath.mpf(value._mpf_)


def test_chebyshev_polynomials_are_powers_in_disguise():
    """x^2 - 2 is y -> y^2 with x = y + 1/y; x^3 - 3x is y -> y^3."""
    for F, degree in ((x**2 - 2, 2), (x**3 - 3 * x, 3)):
        law = Recurrence(x, F).asymptotics(terms=2)
        big = law.c ** (degree**law.n)
        assert sp.simplify(law.expr - big - 1 / big) == 0
        with mpmath.workdps(60):
            y = (3 + mpmath.sqrt(5)) / 2
            assert abs(number(law.constant_value(3, digits=50)) - y) < 1e-49
            truth = y ** (degree**7) + y ** -(degree**7)
            assert abs(number(law.at(7, 3, digits=40)) / truth - 1) < 1e-39


def test_the_logistic_map_with_parameter_two():
    """2x(1-x) at 1/2: 1 - 2x is squared at each step, so c = |1 - 2 x0| exactly."""
    law = Recurrence(x, 2 * x * (1 - x), point=R(1, 2), side="-").asymptotics(terms=2)
    assert abs(law.constant_value(R(1, 10), digits=40) - R(4, 5)) < R(1, 10**39)
    assert sp.simplify(law.expr - R(1, 2) + law.c ** (2**law.n) / 2) == 0


def test_the_doubly_exponential_sequence_of_squares_plus_one():
    """OEIS A077496 (Aho and Sloane): a(n) = a(n-1)^2 + 1, a(0) = 0 grows like c^(2^n), c = 1.2259024435287485386..."""
    law = Recurrence(x, x**2 + 1).asymptotics(terms=3)
    c = law.constant_value(0, digits=60)
    assert abs(c - sp.Float("1.2259024435287485386", 30)) < sp.Float("1e-19")
    a = 0
    for n in range(1, 10):
        a = a * a + 1
        assert int(sp.Integer(law.at(n, 0, digits=160).round())) == a
    with mpmath.workdps(400):  # independent: the 2^-9-th root of a(9), which is exact to about a(9)^-2
        assert abs(number(c) - mpmath.mpf(a) ** (mpmath.mpf(1) / 2**9)) < mpmath.mpf(10) ** -59


def test_at_a_finite_point_with_a_leading_coefficient():
    law = Recurrence(x, 2 * x**3 + x**4, point=0).asymptotics(terms=5)
    f = lambda v: 2 * v**3 + v**4  # noqa: E731
    with mpmath.workdps(200):
        y = mpmath.mpf(1) / 3
        for _ in range(5):
            y = f(y)
        assert abs(number(law.at(5, R(1, 3), digits=40)) / y - 1) < 1e-39
        value, estimate = law.evaluate(4, law.constant_value(R(1, 3), digits=180), digits=180)
        z = mpmath.mpf(1) / 3
        for _ in range(4):
            z = f(z)
        assert abs(value - z) < 3 * estimate and estimate < abs(z) * 1e-8


def test_symbolic_coefficients():
    b = sp.Symbol("b", positive=True)
    law = Recurrence(x, x**2 + b).asymptotics(terms=3)
    big = law.c ** (2**law.n)
    assert sp.simplify(law.expr - (big - b / (2 * big) - (b**2 / 8 + b / 4) / big**3)) == 0


def test_depths_beyond_the_range_of_numbers_and_sign_changes_are_refused():
    law = Recurrence(x, x**2 + 1).asymptotics(terms=2)
    with pytest.raises(PrecisionError, match="larger than a number"):
        law.at(10**6, 1)
    with pytest.raises(UnsupportedError, match="other side"):
        Recurrence(x, -(x**2) + x**3, point=0).asymptotics()
