"""Random maps: Abel's equation to the claimed order, the constant along the orbit, exact conjugates, iteration."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.difference.recurrence import Recurrence
from derive.errors import CertificationError, DomainError, PrecisionError, UnsupportedError
from derive.numerics import compile_mp, to_mpf

x = sp.Symbol("x", positive=True)
a, b = sp.symbols("a b", positive=True)
R = sp.Rational

small = (
    st.fractions(min_value=-3, max_value=3, max_denominator=4).filter(bool).map(lambda f: R(f.numerator, f.denominator))
)
positive = st.fractions(min_value=R(1, 4), max_value=3, max_denominator=4).map(lambda f: R(f.numerator, f.denominator))
starts = st.sampled_from([R(1, 10**6), R(1, 100), R(1, 7), R(1, 2), sp.Integer(1), sp.Integer(2)])
far = st.sampled_from([sp.Integer(1), R(7, 3), sp.Integer(20), sp.Integer(1000)])

TANGENT = [
    lambda z, p: sp.sin(z),
    lambda z, p: sp.tanh(z),
    lambda z, p: sp.atan(z),
    lambda z, p: sp.asinh(z),
    lambda z, p: sp.log(1 + z),
    lambda z, p: z / (1 + sp.Abs(p) * z),
    lambda z, p: z + p * z**3,
    lambda z, p: z - sp.Abs(p) * z**2,
    lambda z, p: z * sp.exp(-sp.Abs(p) * z),
    lambda z, p: sp.sqrt(1 + 2 * z) - 1,
    lambda z, p: z * sp.cos(z),
    lambda z, p: z / sp.sqrt(1 + z**2),
    lambda z, p: z * (1 + z) ** p,
    lambda z, p: z - sp.Abs(p) * z ** R(3, 2),
    lambda z, p: z + p * z ** R(5, 3),
    lambda z, p: z + p * sp.sin(z) ** 2,
]
composed = st.lists(st.tuples(st.sampled_from(TANGENT), small), min_size=1, max_size=3)
powers = st.lists(
    st.tuples(small, st.sampled_from([R(1, 2), R(1, 3), R(2, 3), R(3, 4), 0, R(-1, 2), -1, R(-3, 2), -2])),
    min_size=1,
    max_size=3,
)


def iterate(F: sp.Expr, x0, n: int, digits: int):
    f = compile_mp(F, [x])
    with mpmath.workdps(digits):
        value = to_mpf(x0)
        for _ in range(n):
            value = f(value)
        return value


def check(F: sp.Expr, point, x0, n: int) -> bool:
    """One map; False where it was refused by name."""
    rec = Recurrence(x, F, point=point)
    try:
        law = rec.asymptotics(terms=4)
        c = law.constant_value(x0, digits=25)
    except (UnsupportedError, DomainError, PrecisionError):
        return False
    if rec.classify().kind != "parabolic":
        return False
    assert law.verify(), F
    with mpmath.workdps(80):
        value = mpmath.mpf(sp.Float(law.at(n, x0, digits=25), 60)._mpf_)
        assert abs(value / iterate(F, x0, n, 150) - 1) < mpmath.mpf(10) ** -23, F
    image = iterate(F, x0, 1, 60)
    with mpmath.workdps(60):
        after = law.constant_value(R(mpmath.nstr(image, 55)), digits=25)
    assert abs(after - c - 1) <= sp.Float(10) ** -20 * max(abs(c), 1), F
    try:
        ball = law.constant_value(x0, digits=12, certified=True)
    except CertificationError:
        return True
    assert abs(ball.mid - c) < sp.Float(10) ** -9 * max(abs(c), 1), F
    return True


def compose(parts) -> sp.Expr:
    F = x
    for make, p in parts:
        F = make(F, p)
    return F


def solved(count, depths, shapes, points, check_one) -> int:
    """How many of ``count`` random maps were not refused; each of them has been checked."""
    results = []

    @settings(max_examples=count, deadline=None)
    @given(shapes, points, st.sampled_from(depths))
    def one(shape, x0, n):
        results.append(check_one(shape, x0, n))

    one()
    return sum(results)


def composed_map(parts, x0, n) -> bool:
    return check(compose(parts), 0, x0, n)


def sum_of_powers(rows, x0, n) -> bool:
    return check(x + sp.Add(*(k * x**p for k, p in rows)), sp.oo, x0, n)


def test_composed_maps_at_a_point():
    """Of 15 maps 10 are solved today; the others are refused by name."""
    assert solved(15, [5, 120], composed, starts, composed_map) >= 7


def test_sums_of_powers_at_infinity():
    """Of 15 maps 9 are solved today; the others are refused by name."""
    assert solved(15, [5, 120], powers, far, sum_of_powers) >= 7


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_many_composed_maps_at_a_point():
    assert solved(400, [5, 120, 500], composed, starts, composed_map) >= 200


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_many_sums_of_powers_at_infinity():
    assert solved(250, [5, 120, 500], powers, far, sum_of_powers) >= 125


SOLVED = [  # g and its exact Abel function
    (lambda z: z / (1 + z), lambda z: 1 / z),
    (lambda z: z / sp.sqrt(1 + 2 * z**2), lambda z: 1 / (2 * z**2)),
    (lambda z: z / (1 + sp.sqrt(z)) ** 2, lambda z: 1 / sp.sqrt(z)),
    (lambda z: z / (1 + 3 * z**3) ** R(1, 3), lambda z: 1 / (3 * z**3)),
]


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(SOLVED), positive, starts, st.sampled_from([10**3, 10**12]))
def test_a_known_abel_function_conjugated_by_a_polynomial(solved, p, x0, n):
    """With z = x + p x^2 the map is p^-1(g(p(x))), its Abel function A(x + p x^2) up to the constant term at 0."""
    g, A = solved
    F = (sp.sqrt(1 + 4 * p * g(x + p * x**2)) - 1) / (2 * p)
    law = Recurrence(x, F, point=0).asymptotics(terms=3)
    exact = A(x + p * x**2)
    constant = sp.series(exact, x, 0, 1).removeO().subs(sp.log(x), 0).as_independent(x)[0]
    c = law.constant_value(x0, digits=30)
    expected = sp.N(exact.subs(x, x0) - constant, 40)
    assert abs(c - expected) < sp.Float(10) ** -28 * max(abs(expected), 1)
    with mpmath.workdps(60):  # A(z_n) = A(z_0) + n, solved by hand for z and then for x
        level = to_mpf(A(x0 + p * x0**2)) + n
        z = {0: 1 / level, 1: 1 / mpmath.sqrt(2 * level), 2: 1 / level**2, 3: 1 / mpmath.cbrt(3 * level)}[
            SOLVED.index(solved)
        ]
        truth = 2 * z / (1 + mpmath.sqrt(1 + 4 * to_mpf(p) * z))
        assert abs(mpmath.mpf(sp.Float(law.at(n, x0, digits=25), 60)._mpf_) / truth - 1) < mpmath.mpf(10) ** -24


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([sp.sin, sp.tanh, sp.asinh]), st.integers(1, 3), positive, positive)
def test_symbolic_coefficients_become_numbers_at_any_time(f, k, p, q):
    """Expanding with symbols and then putting numbers in is the same as the other way round."""
    F = x + a / x**k + b * f(1 / x) / x ** (k + 1)
    symbolic = Recurrence(x, F).asymptotics(terms=4)
    plain = Recurrence(x, F.subs({a: p, b: q})).asymptotics(terms=4)
    names = {symbolic.n: plain.n, symbolic.c: plain.c, a: p, b: q}
    point = {plain.n: 97, plain.c: R(3, 5)}
    left = sp.N(symbolic.expr.subs(names, simultaneous=True).subs(point), 40)
    assert abs(left - sp.N(plain.expr.subs(point), 40)) < sp.Float(10) ** -35


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([R(-1, 2), R(1, 3), R(3, 4), R(-4, 5)]), small, small, positive)
def test_a_geometric_map_conjugated_by_a_polynomial(mu, p, q, x0):
    """x -> (sqrt(1 + 4 s mu (x + s x^2)) - 1)/(2 s): Schroeder's function is x + s x^2 exactly."""
    s = abs(p)
    F = (sp.sqrt(1 + 4 * s * mu * (x + s * x**2)) - 1) / (2 * s)
    x0 = x0 / 20 / s  # inside the domain for negative multipliers too
    law = Recurrence(x, F, point=0).asymptotics(terms=3)
    exact = x0 + s * x0**2
    assert abs(law.constant_value(x0, digits=30) - exact) < sp.Float(10) ** -29 * exact
    assert law.constant_value(x0, digits=25, certified=True).digits >= 25
    coordinate = sp.expand(sp.series(law.coordinate, x, 0, 4).removeO())
    assert sp.simplify(coordinate - x - s * x**2) == 0
