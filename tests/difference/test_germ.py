"""Germs: Taylor coefficients against SymPy, circle values against direct evaluation, and what must not be proved."""

import pytest
import sympy as sp
from flint import acb, arb, ctx

from derive.difference.near_point.germ import Germ, Inconclusive
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.proofs.disc import find_disc
from derive.errors import CertificationError, UnsupportedError
from derive.numerics import compile_ball, to_arb

x = sp.Symbol("x", positive=True)
w = sp.Symbol("w", positive=True)
ZERO, ONE, INFINITY = SmallVariable(sp.S.Zero), SmallVariable(sp.S.One), SmallVariable(sp.oo)
ROOT = SmallVariable(sp.oo, 1, 2)
GERMS = [
    (sp.sin(x), ZERO),
    (sp.tanh(x) * sp.cosh(x / 3), ZERO),
    (sp.atan(x) + sp.asinh(x) - sp.atanh(x / 2), ZERO),
    (sp.exp(-x) * sp.log(2 + x) * sp.erf(x), ZERO),
    ((sp.sqrt(1 + 4 * x) - 1) / 2, ZERO),
    ((1 - sp.cos(x)) / x, ZERO),
    (x / sp.tan(x), ZERO),
    (sp.acos(x / 2) ** 3, ZERO),
    (sp.log(x) + sp.asin(x / 2), ONE),
    (x ** sp.sqrt(2), ONE),
    (x + 1 / x, INFINITY),
    (sp.sqrt(x**2 + 1) + sp.atan(1 / x), INFINITY),
    (x + sp.sqrt(x) + sp.log(1 + 1 / x), ROOT),
    (sp.Abs(x - 3) + sp.Max(x, 1 / x), INFINITY),
]


@pytest.mark.parametrize("expr, chart", GERMS)
def test_taylor_coefficients_contain_those_of_sympy(expr, chart):
    plain = expr.subs(sp.Abs(x - 3), x - 3).subs(sp.Max(x, 1 / x), x)
    inner = sp.powdenest(sp.expand(plain.subs(x, chart.expression(w)), force=True), force=True)
    start, rows = Germ(expr, x, chart).taylor(5, 128)
    series = sp.series(inner * w**-start, w, 0, 6 - start).removeO()
    for i, ball in enumerate(rows):
        exact = sp.nsimplify(series.coeff(w, i))
        with ctx.workprec(160):
            assert ball.overlaps(to_arb(exact)), (i, ball, exact)
            assert ball.rad() < 1e-20


@pytest.mark.parametrize("expr, chart", [g for g in GERMS if not g[0].has(sp.Abs, sp.Max)])
def test_circle_values_contain_the_values_at_their_points(expr, chart):
    angles = [arb(2 * i + 1) / 64 for i in range(32)]
    points = [acb(t.cos_pi(), t.sin_pi()) * 0.2 for t in angles]
    values = Germ(expr, x, chart).on_circle(points)
    for z, value in zip(points, values, strict=True):
        if z.real > 0.05 or chart.root == 1:
            direct = compile_ball(expr, [x])(chart.to_x(z))
            if direct.is_finite() and not expr.has(sp.sqrt(x**2 + 1)):
                assert value.overlaps(direct)


def test_a_root_is_continued_around_the_circle_not_taken_from_its_principal_branch():
    # sqrt(x**2 + 1) at x = 1/z is sqrt(1 + z**2)/z, which changes sign with z
    z = acb(-0.2, 0.01)
    (value,) = Germ(sp.sqrt(x**2 + 1), x, INFINITY).on_circle([z])
    assert value.overlaps((1 + z * z).sqrt() / z)


@pytest.mark.parametrize(
    "expr, radius",
    [
        (x / (1 - 3 * x), 0.5),
        (sp.log(1 + 4 * x), 0.3),
        (sp.sqrt(1 + 4 * x) - 1, 0.3),
        (sp.tan(x), 1.8),
        (sp.atan(x), 1.1),
        (x / (x**2 + sp.Rational(1, 9)), 0.4),
    ],
)
def test_a_singularity_inside_the_disc_is_never_proved_away(expr, radius):
    arcs = 512
    with ctx.workprec(64), pytest.raises(Inconclusive):
        Germ(expr, x, ZERO).on_circle([_arc(i, arcs, radius) for i in range(arcs)])


def _arc(i, n, radius):
    angle = arb(2 * i + 1, 1) / (2 * n)
    return acb(angle.cos_pi(), angle.sin_pi()) * radius


def test_the_disc_of_a_map_stays_inside_its_radius_of_convergence():
    disc = find_disc(Germ(sp.log(1 + x), x, ZERO), 1, 0.5)
    assert disc.radius < 1 and disc.bound < 1
    # on the real axis: |log(1 + r)/r - 1| <= S
    r = disc.radius
    assert abs((1 - r).log() / -r - 1) < disc.bound


def test_the_log_bound_follows_from_the_maximum_principle():
    disc = find_disc(Germ(x * sp.exp(-x), x, ZERO), 1, 0.5)
    small = disc.radius / 8
    assert small < disc.log_bound(small)  # |log M| = |w| here
    assert disc.log_bound(small) < disc.log_bound(disc.radius) / 4


@pytest.mark.parametrize("expr", [sp.exp(-x) + x, sp.sin(x), sp.log(x), x ** sp.Rational(1, 3), sp.gamma(x)])
def test_what_has_no_series_at_infinity_is_refused(expr):
    with pytest.raises(UnsupportedError):
        Germ(expr, x, INFINITY).taylor(4, 64)


def test_a_cancellation_is_accepted_when_it_is_exact_and_refused_when_it_is_nearly_so():
    start, _ = Germ(1 / (sp.cos(x) - 1 + x**2 / 2), x, ZERO).taylor(2, 128)
    assert start == -4
    almost = sp.Rational(1, 2) + sp.Rational(1, 10**80)
    with pytest.raises(CertificationError, match="order"):
        Germ(1 / (sp.cos(x) - 1 + almost * x**2), x, ZERO).taylor(2, 128)
