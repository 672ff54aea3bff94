"""Exact coefficients: conversion there and back, zero tests in the presence of roots and relations."""

import pytest
import sympy as sp
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.difference.series.coefficients import Coefficients
from derive.errors import Undecided, UnsupportedError

a, b, c = sp.symbols("a b c", positive=True)
r = sp.Symbol("r", real=True)


def through(expr):
    table = Coefficients()
    return table, table.run(lambda: table.convert(expr))


@pytest.mark.parametrize(
    "expr",
    [
        sp.sqrt(a / 2) + b,
        sp.sqrt(2 / sp.pi) * sp.sqrt(a) / b,
        sp.sqrt(6) + sp.sqrt(2) + sp.cbrt(12),
        1 / (a + b) + 1 / (a + b) ** 2,
        (a + b) ** sp.Rational(3, 2) / (a * b),
        sp.exp(2 * a) + sp.exp(a / 2),
        sp.zeta(3) * sp.log(6) - sp.log(2),
        sp.tan(1) + sp.sin(a) ** 2,
        2 * a**r + a ** (2 * r) / 3,
        sp.sqrt(a**2 + b**2) + a,
        1 / (1 + sp.sqrt(2)),
        sp.GoldenRatio + sp.gamma(sp.Rational(1, 3)),
    ],
)
def test_conversion_there_and_back_keeps_the_value(expr):
    table, element = through(expr)
    point = {a: sp.Rational(3, 7), b: sp.Rational(11, 5), r: sp.Rational(1, 3)}
    assert abs(sp.N((table.expr(element) - expr).subs(point), 30)) < 1e-25
    with ctx.workprec(200):
        ball = table.number(element, table.values(point))
        assert abs(float(ball.mid()) - float(sp.N(expr.subs(point), 20))) < 1e-12


@pytest.mark.parametrize(
    "zero",
    [
        (1 + sp.sqrt(2)) ** 2 - 3 - 2 * sp.sqrt(2),
        1 / (1 + sp.sqrt(2)) - sp.sqrt(2) + 1,
        sp.sqrt(6) - sp.sqrt(2) * sp.sqrt(3),
        (a + b) ** sp.Rational(3, 2) / (a * b) - sp.sqrt(a + b) / b - sp.sqrt(a + b) / a,
        1 / (a * (a + b)) + 1 / (b * (a + b)) - 1 / (a * b),
        sp.log(12) - 2 * sp.log(2) - sp.log(3),
        sp.sqrt((a + b) ** 2 * c) - (a + b) * sp.sqrt(c),
        sp.exp(3 * a) - sp.exp(a / 2) ** 6,
        1 / (a**2 - b**2) - 1 / (a - b) / (a + b),
        sp.cbrt(2) ** 3 - 2,
        sp.sqrt(a**2 + b**2) ** 2 - a**2 - b**2,
    ],
)
def test_hidden_zeros_are_found(zero):
    _, element = through(sp.sympify(zero))
    assert element == 0


@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_printed_form_is_the_one_sympy_would_build(terms):
    expr = sp.Add(*(n * sp.sqrt(2) ** i * (a + b) ** (j - 1) * c ** sp.Rational(k, 2) * sp.pi for n, i, j, k in terms))
    table, element = through(expr)
    found = table.expr(element)
    rebuilt = found.replace(lambda e: e.is_Add or e.is_Mul, lambda e: e.func(*e.args))
    assert rebuilt == found
    assert sp.expand(found - expr) == 0 or sp.simplify(found - expr) == 0


def test_a_root_of_something_of_unknown_sign_is_undecided():
    table = Coefficients()
    real = sp.Symbol("x", real=True)
    with pytest.raises(Undecided, match="declare"):
        table.run(lambda: table.power(table.convert(real**2), sp.Rational(1, 2)))
    with pytest.raises(Undecided, match="declare"):
        table.run(lambda: table.power(table.convert(a - b), sp.Rational(1, 2)))
    fourth = table.run(lambda: table.power(table.convert(real**4), sp.Rational(1, 2)))
    assert table.expr(fourth) == real**2


def test_the_sign_of_a_sum_need_not_be_known_factor_by_factor():
    table = Coefficients()
    root = table.run(lambda: table.power(table.convert(a**3 + 1), sp.Rational(1, 2)))  # (a + 1)(a^2 - a + 1)
    assert table.expr(root) == sp.sqrt(a**3 + 1)
    square = table.run(lambda: table.power(table.convert(a**3 + 1), sp.Rational(1, 2)) ** 2 - table.convert(a**3))
    assert square.rational() == 1


def test_negative_numbers_have_no_real_roots_here():
    table = Coefficients()
    with pytest.raises(UnsupportedError, match="not real"):
        table.run(lambda: table.power(table.convert(sp.Integer(-8)), sp.Rational(1, 3)))


def test_complex_and_infinite_constants_are_refused():
    for expr in (sp.I * a, sp.oo * 1, sp.nan):
        with pytest.raises(UnsupportedError, match="not a finite real number"):
            through(sp.sympify(expr))


def test_a_sum_can_stand_for_one_of_its_parameters():
    table = Coefficients()
    table.run(lambda: table.convert(a * b + a))
    table.substitute(a, a + b)
    element = table.run(lambda: table.convert(1 / (a + b) + b))
    assert not element.den
    assert sp.simplify(table.expr(element) - 1 / (a + b) - b) == 0


def test_signs_follow_from_assumptions_or_are_undecided():
    table = Coefficients()
    sign = lambda e: table.sign(table.run(lambda: table.convert(sp.sympify(e))))  # noqa: E731
    assert sign(a + b) == 1
    assert sign(-a * b - 1) == -1
    assert sign(sp.sqrt(2) - sp.Rational(17, 12)) == -1
    with pytest.raises(Undecided):
        sign(a - b)


def test_a_zero_the_table_cannot_see_is_not_taken_for_a_nonzero():
    table = Coefficients()
    element = table.run(lambda: table.convert(sp.sin(2) - 2 * sp.sin(1) * sp.cos(1)))
    assert element != 0  # formally, sin(2) is a generator of its own
    with pytest.raises(Undecided, match="vanishes to 600 digits"):
        table.confirm_nonzero(element)
