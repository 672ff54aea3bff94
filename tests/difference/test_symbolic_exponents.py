"""Symbolic exponents: against the engine for rational exponents, hand calculation, and plain iteration."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive.difference.digits.constants import constant_value
from derive.difference.digits.depth import value_at
from derive.difference.recurrence import Recurrence
from derive.errors import DomainError, InputError, UnsupportedError

x, K, s, b, shift, a = sp.symbols("x K s b a_0 alpha", positive=True)
R = sp.Rational


def number(value: sp.Float):
    with mpmath.workprec(value._prec + 10):
        return mpmath.mpf(value._mpf_)


def test_the_abel_function_has_the_coefficients_found_by_hand():
    """A = x^(1-alpha)/(K(1-alpha)) + (alpha/2) log x + ...: (1+u)^(1-alpha) and log(1+u) to second order in u."""
    law = Recurrence(x, x + K * x**a).asymptotics(terms=3, interval={a: (R(1, 2), 1)})
    assert sp.simplify(law.abel.coeff(sp.log(x)) - a / 2) == 0
    assert sp.simplify(sp.limit(law.abel.subs(a, R(3, 5)) / x ** R(2, 5), x, sp.oo) - 1 / (K * R(2, 5))) == 0
    # substitute the map: A(F) - A - 1 must be of the order of the first omitted term, at alpha = 3/5
    at = {a: R(3, 5), K: 2}
    defect = (law.abel.subs(x, x + K * x**a) - law.abel - 1).subs(at)
    sizes = [abs(sp.N(defect.subs(x, 10**j), 60)) for j in (20, 25, 30)]
    rate = sp.log(sizes[1] / sizes[2]) / sp.log(10**5)
    assert rate > 2 and sizes[0] < 1e-30


def test_resonant_exponents_are_listed():
    law = Recurrence(x, x + K * x**a + shift).asymptotics(terms=3, interval={a: (R(1, 2), R(2, 3))})
    assert R(1, 2) in law.resonances and R(1, 3) in law.resonances
    half = {a: R(1, 2), K: 1, shift: 1}
    with pytest.raises(DomainError, match="resonant"):
        law.evaluate(10**6, 1, params=half)
    direct = constant_value(Recurrence(x, x + sp.sqrt(x) + 1), 2, digits=18)
    assert abs(law.constant_value(2, digits=18, params=half) - direct) < sp.Float("1e-16")


def test_where_the_order_changes_the_interval_must_be_split():
    rec = Recurrence(x, x + K * x**a + shift)
    with pytest.raises(UnsupportedError, match="alpha = 2/3"):
        rec.asymptotics(terms=3, interval={a: (R(1, 2), 1)})
    with pytest.raises(InputError, match="interval"):
        rec.asymptotics(terms=3)
    low = rec.asymptotics(terms=3, interval={a: (R(1, 2), R(2, 3))})
    high = rec.asymptotics(terms=3, interval={a: (R(2, 3), R(3, 4))})
    assert low.expr != high.expr and low.expr.has(shift) and not high.expr.has(shift)


@pytest.mark.parametrize("value", [R(7, 10), R(3, 5)])
def test_digits_agree_with_the_engine_for_rational_exponents(value):
    law = Recurrence(x, x + K * (s * x + b) ** a + shift).asymptotics(terms=2, interval={a: (R(1, 2), 1)})
    at = {a: value, K: R(3, 2), s: 2, b: 1, shift: R(1, 3)}
    plain = Recurrence(x, (x + K * (s * x + b) ** a + shift).subs(at))
    assert abs(law.constant_value(2, digits=18, params=at) / constant_value(plain, 2, digits=18) - 1) < sp.Float(
        "1e-17"
    )
    assert abs(law.at(10**12, 2, digits=18, params=at) / value_at(plain, 10**12, 2, digits=18) - 1) < sp.Float("1e-17")


def test_an_irrational_exponent_agrees_with_iteration():
    law = Recurrence(x, x + K * x**a + shift).asymptotics(terms=2, interval={a: (R(2, 3), R(3, 4))})
    at = {a: sp.sqrt(2) / 2, K: 1, shift: 1}
    with mpmath.workdps(40):
        y, e = mpmath.mpf(2), mpmath.sqrt(2) / 2
        for _ in range(20000):
            y = y + y**e + 1
        assert abs(number(law.at(20000, 2, digits=20, params=at)) / y - 1) < 1e-19


def test_the_terms_approximate_to_the_order_of_the_error_term():
    law = Recurrence(x, x + K * (s * x + b) ** a + shift).asymptotics(terms=3, interval={a: (R(1, 2), R(2, 3))})
    at = {a: R(3, 5), K: 1, s: 2, b: 1, shift: 1}
    c = law.constant_value(3, digits=25, params=at)
    size = sp.lambdify(law.n, law.error.expr.subs(at), "mpmath")
    ratios = []
    for n in (10**5, 10**7, 10**9):
        error = law.evaluate(n, c, digits=30, params=at)[0] - number(law.at(n, 3, digits=30, params=at))
        ratios.append(abs(error / size(mpmath.mpf(n))))
    assert max(ratios) < 3 * min(ratios)


def test_what_is_outside():
    with pytest.raises(UnsupportedError):
        Recurrence(x, x + K * x**a + x**b).asymptotics(terms=2, interval={a: (0, 1)})
    with pytest.raises(UnsupportedError, match="slowly"):
        Recurrence(x, x + K * x**a).asymptotics(terms=2, interval={a: (1, 2)})


def iterate(F, start, n):
    """x_n in mpmath at sixty digits."""
    f = sp.lambdify(x, F, "mpmath")
    with mpmath.workdps(60):
        value = mpmath.mpf(start)
        for _ in range(n):
            value = f(value)
        return value


@pytest.mark.parametrize(
    ("F", "interval", "value"),
    [
        (x + K * x**a, (0, 1), R(3, 7)),
        (x + K * x**-a, (0, 1), R(2, 5)),
        (x + x**-a, (1, 3), R(5, 3)),
        (x + K * (s * x + b) ** a, (0, R(1, 2)), R(3, 14)),
        (x * (1 + x**-a), (1, 2), R(10, 7)),
        (x + x**a / (1 + x**a), (R(1, 2), 1), R(5, 7)),
        (x + x**a + x ** (2 * a - 1), (R(1, 2), 1), R(5, 7)),
        (sp.sqrt(x**2 + x**a), (0, 2), R(6, 7)),
        (x + sp.log(1 + x**-a), (R(1, 2), 1), R(5, 7)),
        (x * sp.exp(x**-a), (R(1, 2), 1), R(5, 7)),
        (x + x**a * sp.tanh(1 / x), (1, 2), R(10, 7)),
        (x + (1 + x) ** -a, (R(1, 2), 1), R(5, 7)),
        (x + 1 + x**a * sp.sin(1 / x), (R(1, 2), 1), R(5, 7)),
    ],
    ids=str,
)
def test_digits_of_many_shapes_agree_with_iteration(F, interval, value):
    """Symbolic exponents inside sums, roots, logarithms and exponentials; 1500 steps in mpmath."""
    law = Recurrence(x, F).asymptotics(terms=2, interval={a: interval})
    at = {k: v for k, v in {a: value, K: R(3, 2), s: 2, b: 1}.items() if F.has(k)}
    truth = iterate(F.subs(at), 3, 1500)
    with mpmath.workdps(40):
        assert abs(number(law.at(1500, 3, digits=18, params=at)) / truth - 1) < 1e-17
        sum_of_terms, estimate = law.evaluate(1500, law.constant_value(3, digits=18, params=at), digits=25, params=at)
        assert abs(sum_of_terms - truth) < 10 * estimate + 1e-16 * truth


def test_every_listed_resonance_is_a_pole_and_has_a_logarithm():
    """At a resonance the printed coefficients grow without bound; the map with the number in it has a logarithm."""
    rec = Recurrence(x, x + K * x**a + shift)
    law = rec.asymptotics(terms=5, interval={a: (R(1, 2), R(4, 7))})
    assert law.resonances
    for value in law.resonances:
        sizes = [
            abs(sp.N(law.abel.subs({a: value + step, K: 1, shift: 1, x: 7}), 30))
            for step in (R(1, 10**8), R(1, 10**12))
        ]
        assert sizes[1] > 1000 * sizes[0]
        if value < 1:  # beyond, the map is of another class
            assert Recurrence(x, x + x**value + 1).asymptotics(terms=8).abel.has(sp.log(x))


def test_the_declared_interval_decides_and_the_split_points_are_those_where_terms_cross():
    """On both sides of every named point the expansion exists; across it does not."""
    rec = Recurrence(x, x + x**a - x ** (a / 2))
    with pytest.raises(UnsupportedError, match="alpha = 4/5"):
        rec.asymptotics(terms=3, interval={a: (R(1, 2), 1)})
    rec.asymptotics(terms=2, interval={a: (R(4, 5), 1)})


def test_a_symbolic_exponent_that_is_not_linear_is_refused():
    with pytest.raises(UnsupportedError, match="not linear"):
        Recurrence(x, (x**a + 1) ** (1 / a)).asymptotics(terms=2, interval={a: (R(1, 2), 2)})
