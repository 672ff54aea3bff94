"""Extrapolation and quadrature: right values, honest estimates, proven enclosures."""

import flint
import mpmath
import pytest
import sympy as sp

from derive.errors import InputError, PrecisionError
from derive.numerics import (
    compile_ball,
    enclose_integral,
    estimate_half_line,
    estimate_line,
    estimate_line_sinh,
    neville,
)


def test_neville_finds_the_limit_of_a_smooth_function_and_estimates_its_error():
    with mpmath.workdps(60):
        xs = [mpmath.mpf(2) ** -k for k in range(1, 16)]
        found = neville(xs, [mpmath.expm1(t) / t for t in xs])
        assert abs(found.value - 1) < 1e-35
        assert abs(found.value - 1) <= 10 * found.error
        assert found.digits >= 30


def test_neville_interpolates_a_polynomial_exactly():
    points = (1, 2, 4, 8, 16, 32)
    found = neville(points, [t**3 - 2 * t + 5 for t in points])
    assert (found.value, found.error) == (5, 0)


def test_neville_does_not_hide_a_logarithm():
    """x log x is outside its class: the estimate has to stay poor."""
    with mpmath.workdps(40):
        xs = [mpmath.mpf(2) ** -k for k in range(1, 16)]
        found = neville(xs, [1 + t * mpmath.log(t) for t in xs])
        assert found.digits < 12


@pytest.mark.parametrize("bad", [([1], [1]), ([1, 2], [1]), ([1, 1], [1, 2])])
def test_neville_refuses_what_it_cannot_use(bad):
    with pytest.raises(InputError):
        neville(*bad)


def test_the_trapezoid_on_the_line_has_the_digits_it_claims():
    """Closed form: the Gaussian integral of cos(x) is sqrt(2 pi) e^(-1/2)."""
    found = estimate_line(lambda t: mpmath.cos(t) * mpmath.exp(-t * t / 2), 40)
    with mpmath.workdps(50):
        exact = mpmath.sqrt(2 * mpmath.pi) * mpmath.exp(-mpmath.mpf(1) / 2)
        assert abs(found.value - exact) < mpmath.mpf(10) ** -39


def test_the_sinh_rule_resolves_unit_scale_under_a_wide_weight():
    """Closed form: the integral of 1/(1 + x^2) over the line is pi."""
    found = estimate_line_sinh(lambda t: 1 / (1 + t * t), 30)
    assert abs(found.value - mpmath.pi) < 1e-14
    with mpmath.workdps(40):
        assert abs(found.value - mpmath.pi) < mpmath.mpf(10) ** -29


def test_the_half_line_rule_takes_algebraic_ends():
    """Closed form: the integral of sqrt(x) e^(-x) is Gamma(3/2)."""
    found = estimate_half_line(lambda t: mpmath.sqrt(t) * mpmath.exp(-t), 30)
    with mpmath.workdps(40):
        assert abs(found.value - mpmath.gamma(mpmath.mpf(3) / 2)) < mpmath.mpf(10) ** -29


def test_an_integrand_that_does_not_decay_is_refused():
    with pytest.raises(PrecisionError):
        estimate_line(lambda t: mpmath.mpf(1), 10)


def test_an_enclosure_contains_the_integral_and_is_narrow():
    x = sp.Symbol("x", real=True)
    f = compile_ball(sp.sqrt(x) * sp.exp(-x), x)
    ball = enclose_integral(lambda t, analytic: f(t, analytic=analytic), [0, 1, 60], 100).real
    with flint.ctx.workprec(140):
        rest = flint.arb(60).gamma_upper(flint.arb(1.5))
        assert ball.overlaps(flint.arb(1.5).gamma() - rest)
    assert ball.rel_accuracy_bits() > 80
