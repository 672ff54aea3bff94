"""Enclosures in the geometric classes: closed conjugacies, published digits, brute force, wrong series found out."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.difference.classes import conjugacy_disc
from derive.difference.classes.straight_map import Straight, StraightMap
from derive.difference.recurrence import Recurrence
from derive.errors import CertificationError, DomainError
from derive.numerics import compile_ball, to_arb

x = sp.Symbol("x", positive=True)
R = sp.Rational
PHI = (1 + sp.sqrt(5)) / 2


def law_of(F, point=sp.oo, side="+"):
    return Recurrence(x, F, point=point, side=side).asymptotics(terms=2)


def covers(enclosure, value, digits: int) -> bool:
    """The ball meets the number, itself a narrow ball, and is narrow."""
    with ctx.workprec(12 * digits + 64):
        return enclosure.arb.overlaps(to_arb(value)) and enclosure.digits >= digits


@pytest.mark.parametrize(
    ("F", "point", "side", "start", "constant"),
    [
        (2 * x * (1 - x), R(1, 2), "-", "1/10", R(4, 5)),  # 1 - 2x is squared
        (x**2 - 2, sp.oo, "+", 3, (3 + sp.sqrt(5)) / 2),  # x = y + 1/y
        (x**3 - 3 * x, sp.oo, "+", 3, (3 + sp.sqrt(5)) / 2),
        ((x + 2 / x) / 2, sp.sqrt(2), "+", 2, 3 - 2 * sp.sqrt(2)),  # Heron: (x - a)/(x + a) is squared
        (x / (3 * (1 + x)), 0, "+", 2, R(1, 2)),  # Moebius
        (sp.sqrt(1 + x) - 1, 0, "+", "7/3", sp.log(R(10, 3))),  # log(1 + x) is halved
        (sp.sqrt(2 + x), 2, "-", 0, -(sp.pi**2) / 4),  # 2 cos
        (4 * x + 4 * sp.sqrt(x) + 1, sp.oo, "+", 1, 4),  # sqrt(x) + 1 is doubled: half powers at infinity
        (x / (1 + sp.sqrt(x)) ** 2 / 4, 0, "+", 1, R(1, 9)),  # 1/sqrt(x) -> 2 + 2/sqrt(x)
    ],
    ids=["squaring", "chebyshev2", "chebyshev3", "heron", "moebius", "log", "nested", "growth", "halfpowers"],
)
def test_balls_contain_the_constants_of_closed_conjugacies(F, point, side, start, constant):
    assert covers(law_of(F, point, side).constant_value(start, digits=60, certified=True), constant, 60)


def test_the_published_constant_of_squares_plus_one_lies_in_its_ball():
    """OEIS A077496, by Aho and Sloane's sum over exact integers in mpmath."""
    with mpmath.workdps(130):
        run, total = 1, mpmath.mpf(0)
        for k in range(10):
            total += mpmath.log1p(mpmath.mpf(run) ** -2) / 2 ** (k + 1)
            run = run * run + 1
        truth = sp.Float(mpmath.exp(total), 130)
    found = law_of(x**2 + 1).constant_value(1, digits=100, certified=True)
    with ctx.workprec(500):
        assert (abs(found.arb - to_arb(truth)) < arb(10) ** -100) and found.digits >= 100


@pytest.mark.parametrize("n", [0, 1, 7, 60, 10**5])
def test_values_at_depth_contain_the_closed_solution(n):
    """x -> sqrt(1+x) - 1 from 7/3: x_n = (10/3)**(2**-n) - 1."""
    found = law_of(sp.sqrt(1 + x) - 1, 0).at(n, "7/3", digits=40, certified=True)
    with ctx.workprec(200 + 2 * n):
        truth = ((arb(10) / 3).log() / arb(2) ** n).expm1()
        assert abs(found.arb / truth - 1) < 1e-40 and found.digits >= 40


def test_values_in_the_doubly_geometric_class_are_the_integers_of_the_recurrence():
    law, value = law_of(x**2 + 1), 1
    for n in range(11):
        found = law.at(n, 1, digits=8, certified=True)
        with ctx.workprec(4000):
            assert found.arb.contains(arb(value)) and (found.arb - value).rad() < value * 1e-8
        value = value * value + 1


@settings(max_examples=15, deadline=None)
@given(
    st.integers(-9, 9).filter(bool),
    st.lists(st.integers(-4, 4), min_size=3, max_size=3),
    st.sampled_from([R(1, 20), R(-1, 30), R(1, 3)]),
)
def test_digits_lie_in_the_ball_and_the_ball_moves_along_the_orbit(tenths, tail, start):
    """c(F(x0)) = mu c(x0) for random cubics, ball against ball; x_200 by iteration in balls."""
    mu = R(tenths, 10)
    F = mu * x + sum(R(t, 8) * x ** (j + 2) for j, t in enumerate(tail))
    law = law_of(F, 0)
    try:
        first = law.constant_value(start, digits=30, certified=True)
    except DomainError:
        with pytest.raises(DomainError):
            law.constant_value(start)
        return
    second = law.constant_value(F.subs(x, start), digits=30, certified=True)
    with ctx.workprec(1200):
        step, value = compile_ball(F, [x]), to_arb(start)
        for _ in range(60):
            value = step(value)
        deep = law.at(60, start, digits=25, certified=True)
        assert first.arb.overlaps(second.arb / to_arb(mu))
        assert deep.arb.overlaps(value) and first.digits >= 30 and deep.digits >= 25


@pytest.mark.parametrize(
    "F", [sp.tanh(x) / 2 + x**2 / 9, sp.sin(x) / 3, x * sp.exp(-x) / 2, sp.exp(x) - 1 - x], ids=str
)
def test_entire_and_meromorphic_maps_against_plain_iteration(F):
    law, n = law_of(F, 0), 6
    with mpmath.workdps(400):
        f, value = sp.lambdify(x, F, "mpmath"), mpmath.mpf(1) / 2
        for _ in range(n):
            value = f(value)
        value = sp.Float(value, 300)
    found = law.at(n, "1/2", digits=30, certified=True)
    with ctx.workprec(800):
        assert abs(found.arb / to_arb(value) - 1) < 1e-30
    constant = law.constant_value("1/2", digits=30)
    with ctx.workprec(200):
        assert abs(to_arb(constant) / law.constant_value("1/2", digits=30, certified=True).arb - 1) < 1e-29


def test_the_conditions_are_told():
    found = law_of(x / 2 + x**2 / 2, 0).constant_value("1/3", digits=30, certified=True)
    assert [c.statement.split(",")[0] for c in found.conditions] == [
        "the map in w = x is analytic for |w| <= 0.25000",
        "the start is exact and iterated in balls",
        "the series through w**35 differs from the straightening function by at most E at w_m",
        "the functional equation holds at w_m within the bound of the defect",
    ]
    assert "kappa <=" in found.report()


def test_an_orbit_on_the_point_has_constant_zero():
    law = law_of(R(5, 2) * x * (1 - x), R(3, 5))
    assert law.constant_value(R(2, 5), certified=True).arb.is_zero()
    assert law_of(x**2 + x**3, 0).constant_value(0) == 0 and law_of(x**2 + x**3, 0).at(3, 0) == 0


def test_a_planted_coefficient_is_found_out(monkeypatch):
    """With one coefficient of the series off by 1/1024 Schroeder's equation fails at the checked point."""
    law = law_of(x / 2 + x**2 / 2, 0)
    true = StraightMap.straight

    def wrong(self, size, bits):
        found = true(self, size, bits)
        return Straight([c + arb(j == 2) / 1024 for j, c in enumerate(found.forward)], bits)

    monkeypatch.setattr(StraightMap, "straight", wrong)
    with pytest.raises(CertificationError, match="equation does not hold"):
        law.constant_value("1/3", digits=20, certified=True)


def test_where_no_disc_is_found_the_error_says_so(monkeypatch):
    monkeypatch.setattr(conjugacy_disc, "_radii", lambda numbers: [arb(64)])
    with pytest.raises(CertificationError, match="no disc"):
        law_of(x / 2 + x**2 / 3, 0).constant_value("1/7", certified=True)


def test_exponentially_small_parts_are_not_analytic_and_are_refused():
    with pytest.raises(CertificationError):
        law_of(x / 2 + sp.exp(-1 / x), 0).constant_value("1/7", digits=20, certified=True)
