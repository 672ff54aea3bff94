"""Equality of expressions has three answers, and digits alone never give the first."""

import pytest
import sympy as sp

from derive.evidence.equality import compare

x, y = sp.symbols("x y", positive=True)
F = sp.Function("F")


class Unspecified(sp.Function):
    """A head that stands for something without numbers."""

    nargs = 1


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((x + y) ** 2, x**2 + 2 * x * y + y**2),
        (sp.tanh(x), (sp.exp(2 * x) - 1) / (sp.exp(2 * x) + 1)),
        (1 / (x + 1) + 1 / (x - 1), 2 * x / (x**2 - 1)),
        (sp.sqrt(3 + 2 * sp.sqrt(2)), 1 + sp.sqrt(2)),
        (F(x + x) + x, F(2 * x) + x),
        (Unspecified((x + 1) ** 2), Unspecified(x**2 + 2 * x + 1)),
        (sp.gamma(x + 1), x * sp.gamma(x)),
        (sp.Tuple(x, y), sp.Tuple(x, y)),
    ],
)
def test_equal_expressions_are_found_equal(a, b):
    assert compare(a, b).equal is True


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (x, x + sp.Rational(1, 10**20)),
        (F(x), F(y)),
        (Unspecified(x) * y, Unspecified(x) * y * 2),
        (sp.sqrt(x**2), -x),
        (sp.Tuple(x, y), sp.Tuple(x, x)),
        (sp.Tuple(x, y), sp.Tuple(x)),
        (sp.pi, sp.Rational(355, 113)),
        (x, sp.I * x),
    ],
)
def test_different_expressions_are_found_different(a, b):
    assert compare(a, b).equal is False


def test_agreement_of_digits_is_not_equality():
    # Two numbers that agree to 30 digits and are not the same.
    close = sp.Rational(round(sp.pi.evalf(40) * 10**32), 10**32)
    found = compare(close, sp.pi)
    assert found.equal is None and found.agrees


def test_a_real_symbol_is_also_tried_where_it_is_negative():
    u = sp.Symbol("u", real=True)
    assert compare(sp.Abs(u), u).equal is False


def test_what_cannot_be_evaluated_is_not_said_to_agree():
    n = sp.Symbol("n", integer=True, positive=True)
    found = compare(sp.zeta(1 + 0 * n), sp.Integer(1))
    assert found.equal is not True
