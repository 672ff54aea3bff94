"""Exponential growth x' = B x + ...: solvable linear cases, fractional corrections, plain iteration."""

from __future__ import annotations

import mpmath
import sympy as sp

from derive.difference.recurrence import Recurrence

x = sp.Symbol("x", positive=True)
R = sp.Rational


def number(value: sp.Float):
    with mpmath.workprec(value._prec + 10):
        return mpmath.mpf(value._mpf_)


def test_a_linear_recurrence_is_solved_exactly():
    """x' = B x + a: x_n = (x0 + a/(B-1)) B^n - a/(B-1), as for the lengths of linear-growth residual networks."""
    B, a = sp.symbols("B a", positive=True)
    law = Recurrence(x, B * x + a).asymptotics(terms=2)
    assert sp.simplify(law.expr - law.c * B**law.n + a / (B - 1)) == 0 and law.error == 0
    c = law.constant_value(2, digits=40, params={B: R(3, 2), a: 1})
    assert abs(c - 4) < R(1, 10**38)
    exact = 4 * R(3, 2) ** 50 - 2
    assert abs(law.at(50, 2, digits=30, params={B: R(3, 2), a: 1}) / exact - 1) < R(1, 10**29)


def test_fractional_corrections_agree_with_iteration():
    """3x + sqrt x + 1 has an expansion in powers of sqrt(3)^n."""
    law = Recurrence(x, 3 * x + sp.sqrt(x) + 1).asymptotics(terms=6)
    c = law.constant_value(1, digits=80)
    with mpmath.workdps(120):
        y = mpmath.mpf(1)
        for _ in range(100):
            y = 3 * y + mpmath.sqrt(y) + 1
    assert abs(number(law.at(100, 1, digits=40)) / y - 1) < 1e-39
    for n in (10, 20, 30):
        with mpmath.workdps(60):
            y = mpmath.mpf(1)
            for _ in range(n):
                y = 3 * y + mpmath.sqrt(y) + 1
            value, estimate = law.evaluate(n, c, digits=60)
            assert abs(value - y) < 3 * estimate and abs(value - y) > estimate / 30


def test_doubling_conjugated_by_a_square_root():
    """x = y^2 turns y' = 2y + 1 into x' = 4x + 4 sqrt x + 1: y + 1 doubles, so x_n = (2^n (1 + sqrt x0) - 1)^2."""
    law = Recurrence(x, 4 * x + 4 * sp.sqrt(x) + 1).asymptotics(terms=3)
    root = sp.sqrt(law.c) * 2**law.n
    assert sp.simplify(sp.expand(law.expr - (root - 1) ** 2)) == 0
    assert abs(law.constant_value(9, digits=40) - 16) < R(1, 10**37)


def test_very_deep_values():
    law = Recurrence(x, 2 * x + 1).asymptotics(terms=2)
    n = 10**12
    value = number(law.at(n, 3, digits=30))
    with mpmath.workdps(50):
        assert abs(value / mpmath.ldexp(mpmath.mpf(1), n + 2) - 1) < 1e-29
