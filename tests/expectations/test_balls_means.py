"""The balls of Gaussian means: they contain the truth, they are narrow, and the rules agree with each other."""

import flint
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.activations import VARIABLE as x
from derive.activations import activation
from derive.errors import DomainError
from derive.expectations.balls import (
    covariance_ball,
    cross_covariance_ball,
    expectation_ball,
    gap_ball,
    variance_ball,
)
from derive.expectations.one_variable.enclose_integral import Piece, enclose_pieces
from derive.expectations.one_variable.exprational import exp_rational
from derive.expectations.one_variable.integrand import integrand
from derive.expectations.one_variable.residue_trapezoid import enclose_mean

tanh, sigmoid = sp.tanh(x), 1 / (1 + sp.exp(-x))
MEROMORPHIC = [
    tanh**2,
    sigmoid,
    (x * sigmoid) ** 2,
    tanh * tanh.diff(x, 2) + tanh.diff(x) ** 2,
    sp.tanh(x - 1),
    x**2 * sp.sech(x) ** 3,
    sp.tanh(sp.sqrt(2) * x) ** 2,
    1 / (2 + sp.cosh(x)),
    sp.tanh(3 * x + 1) * sp.sech(x),
    tanh.diff(x, 4) ** 2,
    sp.exp(x) / (1 + sp.exp(2 * x)),
    sp.cosh(3 * x) / (1 + sp.exp(x)),
    x * sp.tanh(sp.log(1 + sp.exp(x))),
]
VARIANCES = [arb(2).__pow__(-40).mid(), arb(1) / 64, arb(1), arb(9), arb(300)]


@pytest.mark.parametrize("expr", MEROMORPHIC)
def test_residue_trapezoid_agrees_with_adaptive_integration(expr):
    """Two proofs that share only the evaluation of the function: both balls are narrow and overlap."""
    form = exp_rational(expr, x)
    assert form is not None
    for q in VARIANCES:
        one = enclose_mean(form, q, 110)
        assert one.rel_accuracy_bits() >= 100
        if expr.has(sp.cosh) and q < 1:
            continue  # no tail bound from the rules this near to 0
        with ctx.workprec(140):
            two = enclose_pieces((Piece(-sp.oo, sp.oo, expr, x),), q, 100)
        assert two.rel_accuracy_bits() >= 95
        assert one.overlaps(two)


def test_large_variance_series_agrees_with_the_trapezoid():
    for expr in (tanh**2, (x * sigmoid) ** 2, tanh.diff(x, 3) ** 2):
        q = arb(10) ** 7
        series = expectation_ball(expr, q, 133)
        trapezoid = enclose_mean(exp_rational(expr, x), q, 133)
        assert series.overlaps(trapezoid)
        assert min(series.rel_accuracy_bits(), trapezoid.rel_accuracy_bits()) >= 125


def test_a_removable_singularity_at_zero_does_no_harm():
    """E x/tanh(x) = 1 + q/3 - q^2/15 + O(q^3) for small q."""
    q = arb(2) ** -30
    with ctx.workprec(160):
        value = expectation_ball(x / tanh, q.mid(), 130)
        assert value.rel_accuracy_bits() >= 115
        assert abs(value - (1 + q / 3 - q * q / 15)) < q**3


@pytest.mark.parametrize("expr", [tanh**2, sp.atan(x) ** 2, sp.Max(x, 0) ** 2, sp.exp(-(x**2))])
@settings(max_examples=12, deadline=None)
@given(centre=st.floats(0.05, 20), radius=st.floats(1e-12, 1e-2), where=st.floats(-1, 1))
def test_a_ball_of_variances_covers_the_values_inside(expr, centre, radius, where):
    wide = expectation_ball(expr, arb(centre, radius * centre), 80)
    inside = expectation_ball(expr, (arb(centre) + arb(radius * centre) * arb(where)).mid(), 80)
    assert wide.overlaps(inside)
    assert wide.contains(inside.mid())
    assert wide.rad() < 10 * radius * abs(inside) + 1e-20


def test_forty_digits_of_the_variance_survive_a_tiny_ball():
    """What an enclosure iterates: q in [0.3, 100] known to 45 digits gives V to more than 42."""
    for centre in ("0.3", "1", "7.7", "100"):
        with ctx.workprec(170):
            q = arb(centre) * (1 + arb(0, arb(10) ** -45))
        value = variance_ball(tanh, q, 150)
        assert value.rel_accuracy_bits() > 42 * 3.33


@pytest.mark.parametrize("name", ["tanh", "swish", "arctan", "softplus", "relu", "hard_tanh"])
@settings(max_examples=4, deadline=None)
@given(q=st.floats(0.01, 50), c=st.floats(-0.95, 0.95), step=st.floats(0.001, 0.04))
def test_covariance_is_bounded_by_the_variance_and_increases_where_it_must(name, q, c, step):
    """|W| <= V; for c >= 0 W increases in c (all squared Hermite coefficients count with c^k)."""
    phi, q = activation(name), arb(q)
    v = variance_ball(phi, q, 60)
    w = covariance_ball(phi, q, q * c, 60)
    assert abs(w) < v
    if c >= 0:
        assert covariance_ball(phi, q, q * (c + step), 60) > w
    assert gap_ball(phi, q, q - q * arb(c), 60).overlaps(v - w)


def test_rules_for_the_covariance_agree_where_both_apply():
    """Grid and Taylor series, each with its own proof, at 1 - c = 1/128 and at c = 1/256."""
    from derive.expectations.two_variables.covariance_grid import enclose_on_grid
    from derive.expectations.two_variables.covariance_series import enclose_near_diagonal, enclose_near_zero
    from derive.expectations.two_variables.grid_function import AnalyticGrid, ExponentialGrid

    functions = [
        ExponentialGrid(exp_rational(tanh, x)),
        ExponentialGrid(exp_rational(x * sigmoid, x)),
        AnalyticGrid(sp.atan(x), x, -1),
        AnalyticGrid(sp.log(1 + sp.exp(x)), x, 0),
    ]
    for f in functions:
        q, small = arb(1), arb(1) / 256
        for sign in (1, -1):
            near = enclose_near_diagonal(f, f, q, small, sign, 110)
            grid = enclose_on_grid(f, f, small, q - small, sign, 110)
            assert near.overlaps(grid)
            assert max(near.rad(), grid.rad()) < 1e-32
            zero = enclose_near_zero(f, f, q, sign * small, 110)
            grid = enclose_on_grid(f, f, q - small, small, sign, 110)
            assert zero.overlaps(grid)
            assert zero.rad() < 1e-32


def test_window_agrees_with_grid_and_series_under_a_wide_gaussian():
    """V - W from the window around 0, from the whole grid, and from the Taylor series at a smaller distance."""
    from derive.expectations.two_variables.covariance_grid import enclose_on_grid
    from derive.expectations.two_variables.covariance_series import enclose_near_diagonal
    from derive.expectations.two_variables.covariance_window import enclose_gap_in_window
    from derive.expectations.two_variables.grid_function import ExponentialGrid

    for expr in (tanh, sigmoid):
        f, q = ExponentialGrid(exp_rational(expr, x)), arb(4096)
        for v in (arb(1) / 64, arb(2)):
            window = enclose_gap_in_window(f, v, q - v, 110)
            assert window.rad() < 1e-32
            with ctx.workprec(140):
                assert window.overlaps(variance_ball(expr, q, 120) - enclose_on_grid(f, f, v, q - v, 1, 110))
                if v < 1:
                    assert window.overlaps(-enclose_near_diagonal(f, f, q, v, 1, 110, first=1))


def test_large_variance_covariance_agrees_with_the_grid():
    from derive.expectations.asymptotic.covariance_large_ball import covariance_large_ball
    from derive.expectations.two_variables.covariance_grid import enclose_on_grid
    from derive.expectations.two_variables.grid_function import ExponentialGrid

    q, c = arb(2048), arb(1) / 4
    for expr in (tanh, x * sigmoid):
        f = ExponentialGrid(exp_rational(expr, x))
        grid = enclose_on_grid(f, f, q - q * c, q * c, 1, 110)
        with ctx.workprec(150):
            series = covariance_large_ball(expr, q, c, 1 - c * c, 110)
        assert series.overlaps(grid)
        assert series.rel_accuracy_bits() > 100


def test_unequal_variances_and_two_functions():
    """erf: E erf(u1) erf(u2) = (2/pi) asin(2 lam/sqrt((1+2 q1)(1+2 q2))); E sin(u1) u2 = lam e^(-q1/2)."""
    q1, q2, lam = arb(1) / 2, arb(3), arb(7) / 8
    with ctx.workprec(160):
        expected = 2 / arb.pi() * (2 * lam / ((1 + 2 * q1) * (1 + 2 * q2)).sqrt()).asin()
        value = cross_covariance_ball(sp.erf(x), sp.erf(x), q1, q2, lam, 120)
        assert value.overlaps(expected)
        assert value.rel_accuracy_bits() > 110
        value = cross_covariance_ball(sp.sin(x), x, q1, q2, -lam, 120)
        assert value.overlaps(-lam * (-q1 / 2).exp())
        assert value.rel_accuracy_bits() > 110


def test_unequal_variances_with_kinks():
    r"""Arccosine kernel scaled by sqrt(q1 q2); Stein: E H(u1) u2 = lam/sqrt(2 pi q1), E u1^3 relu(u2) = 3 q1 lam/2."""
    q1, q2, lam, relu = arb(2), arb(5), arb(3) / 2, sp.Max(x, 0)
    with ctx.workprec(160):
        c = lam / (q1 * q2).sqrt()
        kernel = (q1 * q2).sqrt() * ((1 - c * c).sqrt() + (arb.pi() - c.acos()) * c) / (2 * arb.pi())
        for f, g, sign, expected in (
            (relu, relu, 1, kernel),
            (sp.Heaviside(x), x, 1, lam / (2 * arb.pi() * q1).sqrt()),
            (x**3, relu, -1, -3 * q1 * lam / 2),
        ):
            value = cross_covariance_ball(f, g, q1, q2, sign * lam, 120)
            assert value.overlaps(expected)
            assert value.rel_accuracy_bits() > 110


def test_products_of_odd_and_even_functions_vanish_exactly():
    assert expectation_ball(tanh, arb(3), 60).is_zero()
    assert cross_covariance_ball(tanh, x**2, arb(1), arb(1), arb(1) / 2, 60).is_zero()


def test_variance_zero_is_the_value_at_zero():
    assert expectation_ball(sigmoid, 0, 80).overlaps(arb(1) / 2)
    assert variance_ball(activation("softplus"), 0, 80).overlaps(arb(2).log() ** 2)


def test_a_ball_that_may_be_negative_is_refused():
    with pytest.raises(DomainError, match="certainly positive"):
        expectation_ball(tanh**2, arb(0, 1), 60)
    with pytest.raises(DomainError):
        expectation_ball(tanh**2, arb(-1), 60)
    with pytest.raises(DomainError):
        covariance_ball(tanh, arb(1), arb(2), 60)


def test_the_precision_of_the_caller_is_left_alone():
    before = flint.ctx.prec, flint.ctx.cap
    variance_ball(tanh, arb(2), 300)
    gap_ball(sp.atan(x), arb(1), arb(2) ** -30, 100)
    assert (flint.ctx.prec, flint.ctx.cap) == before


def test_parity_is_worked_out():
    assert integrand(tanh).parity == -1
    assert integrand(sp.atan(x) ** 2).parity == 1
    assert integrand(sigmoid).parity == 0
    assert integrand(sp.Abs(x)).parity == 1
