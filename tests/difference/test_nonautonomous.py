"""Recurrences with an explicit index: solvable cases, and plain iteration in mpmath."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive.difference.classes.nonautonomous import balances
from derive.difference.recurrence import Recurrence
from derive.errors import DomainError, InputError, UnsupportedError

x, l = sp.symbols("x l", positive=True)
R = sp.Rational


def number(value: sp.Float):
    with mpmath.workprec(value._prec + 10):
        return mpmath.mpf(value._mpf_)


def iterate(F: sp.Expr, x0, n: int):
    """x_n by SymPy's lambdify in mpmath."""
    f = sp.lambdify([x, l], F, "mpmath")
    with mpmath.workdps(45):
        y = mpmath.mpf(sp.Rational(x0).p) / sp.Rational(x0).q
        for i in range(n):
            y = f(y, mpmath.mpf(i))
        return y


def test_a_sum_of_squares_is_solved_exactly():
    """x_n^2 = x_0^2 + n(n+1)/2."""
    rec = Recurrence(x, sp.sqrt(x**2 + l + 1), index=l)
    assert balances(rec) == [(1, sp.sqrt(2) / 2)]
    law = rec.asymptotics(terms=3)
    with mpmath.workdps(60):
        for n in (10**4, 10**12):
            truth = mpmath.sqrt(1 + mpmath.mpf(n) * (n + 1) / 2)
            assert abs(number(law.at(n, 1, digits=35)) / truth - 1) < 1e-34
    assert abs(law.constant_value(1, digits=30) - 7 * sp.sqrt(2) / 16) < sp.Float("1e-29")  # from (1 + x)**(1/2)


@pytest.mark.parametrize(
    "F",
    [
        x + (l + 1) / x,
        x + sp.sqrt(x) / (l + 2) + 1,
        x + (l + 1) ** 2 / x**2 - x / (2 * (l + 3)),
        x - x**2 / (l + 1) + 1,
    ],
)
def test_values_agree_with_plain_iteration(F):
    law = Recurrence(x, F, index=l).asymptotics(terms=3)
    assert abs(number(law.at(3000, 1, digits=22)) / iterate(F, 1, 3000) - 1) < 1e-21


def test_the_expansion_approximates_to_its_order():
    law = Recurrence(x, x + (l + 1) / x, index=l).asymptotics(terms=3)
    c = law.constant_value(2, digits=25)
    errors = [
        abs(law.evaluate(n, c, digits=25)[0] - number(law.at(n, 2, digits=25))) * n**4 for n in (10**3, 10**4, 10**5)
    ]
    assert max(errors) < 4 * min(errors)


def test_a_linear_equation_with_slowly_varying_coefficients():
    """x' = (1 - 1/(3(l+1))) x + 1/(l+1)^2; the homogeneous solution is a quotient of Gamma functions."""
    F = x * (1 - R(1, 3) / (l + 1)) + 1 / (l + 1) ** 2
    law = Recurrence(x, F, index=l).asymptotics(terms=4)
    assert abs(number(law.at(3000, 1, digits=22)) / iterate(F, 1, 3000) - 1) < 1e-21
    with mpmath.workdps(40):
        homogeneous = Recurrence(x, x * (1 - R(1, 3) / (l + 1)), index=l).asymptotics(terms=4)
        n = 10**10
        truth = mpmath.gammaprod([n + 1 - mpmath.mpf(1) / 3], [n + 1, 1 - mpmath.mpf(1) / 3])
        assert abs(number(homogeneous.at(n, 1, digits=25)) / truth - 1) < 1e-24
        assert abs(number(homogeneous.constant_value(1, digits=25)) * mpmath.gamma(mpmath.mpf(2) / 3) - 1) < 1e-24


def test_a_symbolic_exponent_asks_for_its_interval():
    a = sp.Symbol("a", positive=True)
    rec = Recurrence(x, x + a * (l / x - x / l) + 1, index=l)
    with pytest.raises(InputError, match="interval"):
        rec.asymptotics(terms=2)


def test_what_is_refused():
    with pytest.raises(UnsupportedError, match="power scale"):
        Recurrence(x, x + 1 / (x * (l + 1)), index=l).asymptotics()
    law = Recurrence(x, x + x / (2 * l) + 1 / x, index=l)
    with pytest.raises((DomainError, UnsupportedError)):
        law.asymptotics(terms=2).constant_value(1)


def test_a_geometric_balance_carries_a_forced_series():
    """x' = x/2 + 1/(l+1) + x^2/(l+2) ~ 2/n: deviations shrink like 2^-n; against iteration."""
    F = x / 2 + 1 / (l + 1) + x**2 / (l + 2)
    law = Recurrence(x, F, index=l).asymptotics(terms=2)
    assert law.terms[0] == 2 / law.n
    step = sp.lambdify((x, l), F, "mpmath")
    with mpmath.workdps(50):
        value = mpmath.mpf(1) / 4
        for n in range(600):
            value = step(value, mpmath.mpf(n))
        assert abs(number(law.at(600, R(1, 4), digits=20)) / value - 1) < 1e-19


@pytest.mark.parametrize("F", [sp.sqrt(l + x), sp.sqrt(l**2 + x), l**2 / x + x / 2], ids=str)
def test_deviations_that_shrink_faster_than_geometrically_are_named(F):
    with pytest.raises(UnsupportedError, match="linear part tends to 0"):
        Recurrence(x, F, index=l).asymptotics(terms=2)


def test_a_balance_where_the_slope_is_infinite_at_zero():
    """x' = x + sqrt(x) + 1/(l+1) ~ n^2/4; the other root of the balance, 0, has no linearisation."""
    law = Recurrence(x, x + sp.sqrt(x) + 1 / (l + 1), index=l).asymptotics(terms=2)
    assert law.terms[0] == law.n**2 / 4
