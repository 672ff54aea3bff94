"""Growth bounds hold at every point tried, on the line and on strips; strip bounds hold on the whole strip."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from derive.activations import VARIABLE as x
from derive.expectations.bounds.growth import lower_growth, upper_growth
from derive.expectations.bounds.strips import strip_bound, widest_strip
from derive.numerics import compile_mp

FUNCTIONS = [
    x * sp.tanh(x),
    sp.atan(x),
    sp.log(1 + sp.exp(x)),
    x / sp.sqrt(1 + x**2),
    sp.erf(x),
    x * (1 + sp.erf(x / sp.sqrt(2))) / 2,
    sp.asinh(x),
    sp.sin(x) * x,
    sp.exp(-(x**2)) * x,
    x * sp.tanh(sp.log(1 + sp.exp(x))),
    sp.sech(x) * x**3,
    1 / (1 + x**2),
    sp.log(1 + x**2),
    sp.cosh(x) / (1 + sp.exp(2 * x)),
    sp.erfc(x) * sp.exp(x),
    sp.log(sp.cosh(x)),
    x**3 - x + 1,
    sp.exp(sp.sin(x)),
    (1 + x**2) ** sp.Rational(1, 3),
    sp.exp(-sp.sqrt(1 + x**2)),
    sp.diff(x / sp.sqrt(1 + x**2), x),
    sp.sinh(x) ** 2 / sp.cosh(x) ** 2,
    x / (1 + x**2),
    sp.log(1 + sp.log(2 + x**2)),
]


def excess(growth, start, at, value):
    """log|value| minus the bound."""
    t = mpmath.mpf(at)
    bound = growth.a0 + growth.n * mpmath.log(t / start) + growth.a1 * t + growth.a2 * t * t
    return (mpmath.log(abs(value)) if value else -mpmath.inf) - bound


@pytest.mark.parametrize("expr", FUNCTIONS)
@settings(max_examples=40, deadline=None)
@given(
    start=st.sampled_from([2.5, 10.0, 300.0]),
    factor=st.floats(1, 1000),
    width=st.sampled_from([0.0, 0.3, 0.8]),
    where=st.floats(-1, 1),
    mirrored=st.booleans(),
)
def test_growth_bounds_hold(expr, start, factor, width, where, mirrored):
    above = upper_growth(expr, x, start, width, mirrored)
    with mp.workdps(30):
        z = mpmath.mpc(start * factor, width * where) if width else mpmath.mpf(start * factor)
        value = compile_mp(expr, x)(-z if mirrored else z)
        assert excess(above, start, start * factor, value) <= 0
        below = lower_growth(expr, x, start, mirrored)
        if below is not None and not width:
            assert excess(below, start, start * factor, value) >= 0


def test_every_listed_function_has_a_bound_on_the_line():
    for expr in FUNCTIONS:
        for mirrored in (False, True):
            assert upper_growth(expr, x, 10.0, 0.0, mirrored).a2 <= 0


@pytest.mark.parametrize("expr", FUNCTIONS[:10])
@settings(max_examples=25, deadline=None)
@given(real=st.floats(-60, 60), where=st.floats(-1, 1), fraction=st.sampled_from([0.4, 0.9]))
def test_strip_bounds_hold(expr, real, where, fraction):
    width = fraction * widest_strip(expr, x)
    bound = strip_bound(expr, x, width, 1.0)
    with mp.workdps(20):
        value = abs(compile_mp(expr, x)(mpmath.mpc(real, where * width)))
        assert value <= float(bound.size) * mpmath.exp(float(bound.growth) * abs(real)) * (1 + mpmath.mpf(10) ** -12)


def test_strips_end_before_the_nearest_singularity():
    """arctan: i; softplus: i pi; x/sqrt(1+x^2): i; tanh(x^3) has poles crowding to the line."""
    assert 0.9 < widest_strip(sp.atan(x), x) < 1
    assert 2.8 < widest_strip(sp.log(1 + sp.exp(x)), x) < 3.1416
    assert 0.9 < widest_strip(x / sp.sqrt(1 + x**2), x) < 1
    assert widest_strip(sp.tanh(x**3), x) is None


def test_quotients_fall_and_logarithms_rise_slower_than_any_power():
    assert upper_growth(x / (1 + x**2), x, 8.0).n < -0.99
    assert upper_growth(sp.log(1 + x**2), x, 2.0**20).n < 0.08
    assert upper_growth(x * sp.exp(-(x**2)) + sp.log(1 + x**4), x, 8.0).n < 0.5


@pytest.mark.parametrize("start", [1e-6, 0.05, 1.0])
def test_the_square_of_tanh_as_a_quotient_is_bounded_next_to_zero(start):
    growth = upper_growth(sp.sinh(x) ** 2 / sp.cosh(x) ** 2, x, start, 0.1)
    for at in (start, 2 * start, 7.0, 30.0):
        value = mpmath.tanh(mpmath.mpc(at, 0.1)) ** 2
        assert excess(growth, start, at, value) <= 0


def test_faster_growth_than_a_gaussian_is_seen_from_below():
    assert lower_growth(sp.exp(x**2) * (1 + x**2), x, 3.0).a2 == pytest.approx(1)
