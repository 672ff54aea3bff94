"""Sums and products along geometric and doubly geometric orbits: closed forms, q-products, adding up in mpmath."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive.difference import sum_at, sum_constant
from derive.difference.recurrence import Recurrence
from derive.errors import DeriveError, DomainError, InputError, UnsupportedError

x = sp.Symbol("x", positive=True)
q = sp.Symbol("q", positive=True)
R = sp.Rational


def law(F, point, side="+"):
    return Recurrence(x, F, point=point, side=side).asymptotics(5)


def number(value):
    with mpmath.mp.workdps(80):
        return mpmath.mpf(sp.Float(value, 70)._mpf_)


def test_erdos_and_borwein():
    # x = 2**(n + 1) - 1 from 1: the sum of 1/(2**n - 1) (OEIS A065442)
    value = sum_constant(law(2 * x + 1, sp.oo).sum(1 / x), 1, digits=40)
    with mpmath.mp.workdps(60):
        expected = mpmath.nsum(lambda n: 1 / (mpmath.mpf(2) ** n - 1), [1, mpmath.inf])
        assert abs(number(value) - expected) < mpmath.mpf("1e-39")


def test_sylvester_telescopes():
    # 1/x_i = 1/(x_i - 1) - 1/(x_(i+1) - 1), so the sum from x0 is 1/(x0 - 1)
    total = law(x**2 - x + 1, sp.oo).sum(1 / x)
    for start in (2, 3, R(7, 2)):
        assert sum_constant(total, start, digits=50) == sp.Float(1 / (sp.Integer(1) * start - 1), 50)


def test_the_product_of_a_lucas_sequence():
    # x = beta**(2**n) + beta**-(2**n) has the product (beta**(2**n) - beta**-(2**n))/(beta - 1/beta)
    total = law(x**2 - 2, sp.oo).sum(sp.log(x))
    beta = (3 + sp.sqrt(5)) / 2
    assert abs(sum_constant(total, 3, digits=40) - sp.N(sp.log(beta / (beta - 1 / beta)), 50)) < R(1, 10**39)
    expected = sp.N(sp.log((beta**64 - beta**-64) / (beta - 1 / beta)), 50)
    assert abs(sum_at(total, 6, 3, digits=40) / expected - 1) < R(1, 10**39)


def test_q_products():
    product = law(q * x, 0).product(1 + x, terms=3)
    with mpmath.mp.workdps(60):
        expected = mpmath.qp(-mpmath.mpf(1) / 3, mpmath.mpf(1) / 4)  # prod (1 + 4**-n/3)
        K = sp.exp(product.log.sum_constant(R(1, 3), digits=40, params={q: R(1, 4)}))
        assert abs(number(K) / expected - 1) < mpmath.mpf("1e-38")
    # at c q**n, 1/prod_(i >= n) (1 + c q**i) = 1 - c q**n/(1 - q) + (c q**n)**2 q/((1 - q)(1 - q**2))... (Euler)
    t = product.log.c * q**product.log.n
    euler = 1 - t / (1 - q) + t**2 / ((1 - q) * (1 - q**2))
    found = sp.Add(*product.factor.terms)
    assert sp.simplify(found - euler) == 0


def test_symbolic_coefficients_of_a_sum():
    total = law(q * x, 0).sum(x + x**2, terms=2)
    t = total.c * q**total.n
    assert sp.simplify(total.expr - total.constant - t / (q - 1) - t**2 / (q**2 - 1)) == 0
    assert total.error == 0


CASES = [
    (x / 2 + x**2 / 2, 0, x, R(1, 2)),
    (x / 2, 0, 1 / x, 3),
    (sp.sin(x) / 3, 0, sp.sqrt(x) + x, 2),
    (sp.sin(x) / 3, 0, sp.log(sp.sin(x)), 2),
    (sp.sqrt(1 + x) - 1, 0, sp.exp(x), 10),
    (2 * x + 1 / x, sp.oo, sp.log(x), 3),
    (3 * x + sp.sqrt(x), sp.oo, x - 1 / sp.sqrt(x), 3),
    (-3 * x / 5 + x**2, 0, x, R(1, 5)),
    (x**2 + 1, sp.oo, sp.log(x), 2),
    (x**2 + x**3, 0, x, R(1, 3)),
    ((x + 2 / x) / 2, sp.sqrt(2), sp.log(x), 3),
    (2 * x**3 + x**4, 0, sp.sqrt(x), R(1, 4)),
]


@pytest.mark.parametrize(("F", "point", "g", "start"), CASES)
def test_every_depth_agrees_with_adding_up(F, point, g, start):
    here = law(F, point)
    total = here.sum(g, terms=5)
    depths = (1, 3, 8) if here.kind == "superattracting" else (1, 5, 40)
    step, summand = sp.lambdify(x, F, "mpmath"), sp.lambdify(x, g, "mpmath")
    with mpmath.mp.workdps(120):
        v, added = number(sp.N(start, 70)) if not R(start).is_Integer else mpmath.mpf(int(start)), mpmath.mpf(0)
        if R(start).q != 1:
            v = mpmath.mpf(R(start).p) / R(start).q
        for n in range(depths[-1]):
            added, v = added + summand(v), step(v)
            if n + 1 in depths:
                assert abs(number(sum_at(total, n + 1, start, digits=30)) / added - 1) < mpmath.mpf("1e-29")
    values = {total.c: here.constant_value(start, digits=50), total.constant: sum_constant(total, start, digits=50)}
    written = sp.N(total.expr.subs({total.n: depths[-1], **values}), 45)
    assert abs(number(written) / added - 1) < mpmath.mpf("1e-12")  # five terms of the expansion, five to forty steps in


def test_what_has_no_such_sum_is_refused():
    with pytest.raises(UnsupportedError, match="doubly exponentially"):
        law(x**2 + 1, sp.oo).sum(x)
    with pytest.raises(UnsupportedError, match="changes sides"):
        law(-x / 2, 0).sum(sp.log(x))
    with pytest.raises(DomainError):
        sum_constant(law(x / 2 + x**2, 0).sum(x), 3)
    with pytest.raises(DeriveError):
        law(x / 2, 0).sum(sp.sin(1 / x))
    with pytest.raises(InputError, match="not a sum"):
        sum_constant(law(x / 2, 0), 1)
