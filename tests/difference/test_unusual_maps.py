"""Maps of many shapes against plain iteration; refusals by name; what once went wrong."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from flint import ctx

from derive.difference.recurrence import Recurrence
from derive.errors import DeriveError, DomainError, PrecisionError, UnsupportedError
from derive.numerics import to_arb

x = sp.Symbol("x", positive=True)
y = sp.Symbol("y", real=True)
R = sp.Rational


def iterate(F: sp.Expr, x0, n: int, digits: int):
    """x_n in mpmath."""
    symbol = y if F.has(y) else x
    f = sp.lambdify(symbol, F, "mpmath")
    with mpmath.workdps(digits):
        value = mpmath.mpf(sp.Rational(x0).p) / sp.Rational(x0).q
        for _ in range(n):
            value = f(value)
        return value


def agrees(law, F: sp.Expr, x0, n: int, digits: int = 25, lost: int = 60) -> bool:
    """The value at depth n is that of plain iteration, to ``digits`` relative digits."""
    with mpmath.workdps(digits + lost):
        found = mpmath.mpf(sp.Float(law.at(n, x0, digits=digits), digits + lost)._mpf_)
        return abs(found / iterate(F, x0, n, digits + lost) - 1) < mpmath.mpf(10) ** (1 - digits)


MAPS = [
    (x + sp.sqrt(x) + x ** R(1, 3), sp.oo, "+", 1),
    (x + sp.exp(1 / x), sp.oo, "+", 1),
    (x * sp.sqrt(1 + 1 / x), sp.oo, "+", 1),
    (x + 1 / x + sp.sin(1 / x) / x**2, sp.oo, "+", 1),
    (x + sp.LambertW(1 / x), sp.oo, "+", 1),
    (x + sp.digamma(x + 1) - sp.log(x), sp.oo, "+", 2),
    (x + sp.erf(x), sp.oo, "+", 1),
    (x + 1 + sp.exp(-x), sp.oo, "+", 1),
    ((x**3 + x) ** R(1, 3), sp.oo, "+", 1),
    (x + sp.tanh(x) / x, sp.oo, "+", 1),
    (sp.log(1 + x) * sp.cos(x), 0, "+", 1),
    (x - x**3 / (1 + x), 0, "+", R(1, 2)),
    (x - x**2 * sp.exp(-x), 0, "+", 1),
    (sp.sin(x) ** 2 / x, 0, "+", 1),
    (sp.tanh(sp.tanh(x)), 0, "+", 1),
    (x / (1 + sp.sqrt(x)), 0, "+", 1),
    (sp.erf(x * sp.sqrt(sp.pi) / 2), 0, "+", 1),
    (sp.LambertW(x), 0, "+", 1),
    (sp.exp(y) - 1, 0, "-", -1),
    (y + y**2, 0, "-", R(-1, 2)),
    (y - y**3, 0, "-", R(-1, 2)),
    (sp.log(x) + 1, 1, "+", 2),
    (x**x, 1, "-", R(1, 2)),
    (x ** (1 / x), 1, "+", 3),
    (sp.sqrt(2 * x - 1), 1, "+", 3),
]


@pytest.mark.parametrize(("F", "point", "side", "x0"), MAPS, ids=[str(row[0]) for row in MAPS])
def test_parabolic_maps_of_many_shapes(F, point, side, x0):
    """Values at depth by iteration in mpmath; the decay order of the defect; c(F(x0)) = c(x0) + 1."""
    symbol = y if F.has(y) else x
    law = Recurrence(symbol, F, point=point, side=side).asymptotics(terms=5)
    assert agrees(law, F, x0, 300)
    assert law.verify()
    first, image = law.constant_value(x0, digits=20), iterate(F, x0, 1, 40)
    second = law.constant_value(sp.Rational(str(mpmath.nstr(image, 38))), digits=20)
    assert abs(second - first - 1) < 1e-16 * max(abs(first), 1)


@pytest.mark.parametrize(
    ("F", "point", "side", "words"),
    [
        (-x - x**3, 0, "+", "change sides.*second iterate"),
        (4 * x * (1 - x), 0, "+", "repelling.*inverse"),
        (x + sp.log(x), sp.oo, "+", "logarithmic"),
        (x * sp.log(x), sp.oo, "+", "logarithmic"),
        (x + 1 / sp.log(x), sp.oo, "+", "logarithmic"),
        (x + sp.loggamma(x) / x**2, sp.oo, "+", "logarithmic"),
        (x + 1 / x + sp.sin(x) / x**2, sp.oo, "+", "oscillat"),
        (x + sp.exp(-x), sp.oo, "+", "flat.*change of variable"),
        (x + sp.zeta(x), sp.oo, "+", "zeta"),
        (x + x**2, 0, "+", "move away"),
        (-(x**2), 0, "+", "other side"),
        (x + 1, 0, "+", "not fixed"),
    ],
    ids=str,
)
def test_what_is_outside_is_refused_with_its_class(F, point, side, words):
    with pytest.raises(UnsupportedError, match=words):
        Recurrence(x, F, point=point, side=side).asymptotics()


def test_odd_roots_in_the_geometric_class_lose_no_digits():
    """The cube root of 3/5 was once a float; here against iteration."""
    F = 3 * x / 5 - 3 * x ** R(4, 3) / 10
    law = Recurrence(x, F, point=0).asymptotics(terms=2)
    assert agrees(law, F, R(1, 10**6), 200)


@pytest.mark.parametrize(
    ("F", "point", "x0"),
    [
        (x / 5 - x**2 * sp.exp(-1 / x) / 5, 0, R(1, 3)),
        (1 / (R(9, 10) / x - R(9, 10) * sp.exp(-x) / x**2), sp.oo, 1),
    ],
    ids=["point", "infinity"],
)
def test_exponentially_small_parts_count_where_the_start_is_far(F, point, x0):
    """Schroeder's series does not contain them: the orbit has to come close first."""
    assert agrees(Recurrence(x, F, point=point).asymptotics(terms=2), F, x0, 60, lost=120)


def test_a_negative_multiplier_needs_one_series_on_both_sides():
    """Beyond the point |y| and exp(-1/y) are other functions."""
    assert agrees(Recurrence(y, -y / 2 + y**2, point=0).asymptotics(2), -y / 2 + y**2, R(1, 3), 50)
    for F in (-y / 2 + sp.Abs(y) ** 3, -y / 2 + y * sp.sqrt(sp.Abs(y)), -y / 5 + y**2 * sp.exp(-1 / y)):
        with pytest.raises(UnsupportedError, match="second iterate"):
            Recurrence(y, F, point=0).asymptotics(2)


@pytest.mark.parametrize(
    ("F", "x0"), [(5 * x**2 / (3 * (x**2 + 1)), R(1, 10)), (7 * sp.tanh(x) ** 3 / 6, R(1, 3))], ids=str
)
def test_values_whose_exponents_have_many_digits(F, x0):
    """x_150 is near 10^(-10^45) or 10^(-10^71); iteration keeps its relative digits."""
    assert agrees(Recurrence(x, F, point=0).asymptotics(2), F, x0, 150, lost=200)


def test_at_a_finite_point_the_depth_does_not_matter():
    law = Recurrence(x, 2 * x * (1 - x), point=R(1, 2), side="-").asymptotics(2)
    assert abs(law.at(400, R(1, 3), digits=30) - R(1, 2)) < R(1, 10**30)


def test_where_the_leading_term_of_the_abel_function_is_not_the_largest():
    """x + sqrt(x + 1/6)/3 - 5 from 1000: the logarithm outweighs the leading term for long."""
    F = x + sp.sqrt(x + R(1, 6)) / 3 - 5
    law = Recurrence(x, F).asymptotics(2)
    for n in (150, 600):
        assert agrees(law, F, 1000, n, digits=30)
    F = x + x ** R(1, 4) / 2 + R(5, 3) + x ** -R(3, 2)
    assert agrees(Recurrence(x, F).asymptotics(2), F, 1, 150, digits=30)


def test_starts_that_explode_are_refused_at_once():
    F = -3 * x * (2 - sp.exp(x**2)) * (sp.log(x**2 * (2 - sp.exp(x**2)) ** 2 + 1) + 1) / 5
    with pytest.raises(DeriveError):
        Recurrence(x, F, point=0).asymptotics(2).constant_value(2)
    with pytest.raises((DomainError, PrecisionError)):
        Recurrence(x, x ** (1 / x), point=1).asymptotics(2).constant_value(R(1, 2))
    with pytest.raises(DomainError, match="choose another start"):
        Recurrence(x, x - x**3 * sp.exp(x**2), point=0).asymptotics(2).constant_value(3)


def test_the_measured_order_is_right_where_coefficients_are_large():
    """At the first points the next terms still disturb; closer ones are taken."""
    assert Recurrence(x, x ** R(1, 4) / 2 + x + 3 / x).asymptotics(8).verify()


def test_text_and_parameters_from_outside():
    law = Recurrence("x", "x + k/x**2").asymptotics(2)
    (k,) = law.recurrence.parameters
    assert agrees(law.recurrence.numeric({k: R(3, 2)}).asymptotics(2), x + R(3, 2) / x**2, 1, 100)


@pytest.mark.parametrize("certified", [False, True])
def test_certified_and_estimated_constants_of_one_map_agree(certified):
    law = Recurrence(x, sp.tanh(sp.tanh(x)), point=0).asymptotics(2)
    value = law.constant_value(1, digits=25, certified=certified)
    with ctx.workprec(200):
        other = to_arb(law.constant_value(1, digits=40))
        assert abs((value.arb if certified else to_arb(value)) - other) < 1e-23


def test_complex_maps_and_points_are_refused():
    for F in (x + sp.I * x**2, sp.I * x, sp.exp(sp.I) * x + x**2):
        with pytest.raises(UnsupportedError, match="real"):
            Recurrence(x, F, point=0).asymptotics(2)
    with pytest.raises(DomainError, match="not real"):
        Recurrence(x, x**2 - x + 1, point=1 + sp.I)


def test_parameter_values_of_another_class_are_named():
    """a x (1 - x) is geometric for a < 1, parabolic at 1, repelling beyond; close to 1 the series hardly converges."""
    a = sp.Symbol("a", positive=True)
    law = Recurrence(x, a * x * (1 - x), point=0).asymptotics(2)
    with pytest.raises(UnsupportedError, match="parabolic"):
        law.constant_value(R(1, 3), params={a: 1})
    with pytest.raises(UnsupportedError, match="repelling"):
        law.constant_value(R(1, 3), params={a: 2})


@pytest.mark.slow
def test_a_multiplier_next_to_one_says_what_to_do():
    with pytest.raises(PrecisionError, match="start closer"):
        Recurrence(x, R(999999, 10**6) * x * (1 - x), point=0).asymptotics(2).constant_value(R(1, 3))
