"""Slopes and power series of the kernels in balls: boxes contain points, coefficients agree with quotients."""

from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, arb_series, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import J
from derive.errors import UnsupportedError
from derive.kernels.balls import kernel_ball
from derive.kernels.gap import gap_ball
from derive.kernels.slope import slope_ball, taylor_balls
from derive.numerics.compile import to_arb
from derive.numerics.series_arithmetic import compile_jet, series_length
from derive.parsing import parse_number

x = sp.Symbol("x")


def ball(number, radius=0):
    return arb(number.numerator) / number.denominator + arb(0, 1) * radius


@pytest.mark.parametrize(
    "alpha", [Fraction(-2, 5), Fraction(0), Fraction(3, 10), Fraction(1, 2), Fraction(1), Fraction(7, 2)]
)
@pytest.mark.parametrize("c", [Fraction(-9, 10), Fraction(1, 7), Fraction(19, 20)])
def test_slope_is_the_difference_quotient(alpha, c):
    """The central difference with h = 10^-20 at 400 bits; its error is of order h^2 times the third derivative."""
    with ctx.workprec(400):
        h = arb(10) ** -20
        quotient = (kernel_ball(ball(alpha), ball(c) + h) - kernel_ball(ball(alpha), ball(c) - h)) / (2 * h)
        assert abs(quotient - slope_ball(ball(alpha), ball(c))) < arb(10) ** -33


@given(
    alpha=st.fractions(Fraction(-2, 5), 6, max_denominator=32),
    c=st.fractions(Fraction(-31, 32), Fraction(31, 32), max_denominator=32),
    inside=st.tuples(st.integers(-4, 4), st.integers(-4, 4)),
)
@settings(max_examples=40, deadline=None)
def test_slopes_on_a_box_contain_those_at_points(alpha, c, inside):
    with ctx.workprec(100):
        size = Fraction(1, 64)
        box = slope_ball(ball(alpha, ball(size)), ball(c, ball(size / 2)))
        point = slope_ball(ball(alpha + size * inside[0] / 4), ball(c + size * inside[1] / 8))
        assert point.is_finite() and (box.overlaps(point) or not box.is_finite())
        assert box.is_finite() or abs(c) + size / 2 >= 1


@pytest.mark.parametrize("alpha", ["-0.49", "0.3", "1/2", "1/2 + 1e-9", "7.3"])
@pytest.mark.parametrize("c", ["-1 + 1e-15", "1 - 1e-15"])
def test_symbolic_derivative_has_its_digits_next_to_the_ends(alpha, c):
    """The expression of .diff against the hypergeometric slope: two representations."""
    node = J(alpha, x).diff(x).subs(x, parse_number(c))
    with ctx.workprec(400):
        slope = slope_ball(to_arb(parse_number(alpha)), to_arb(parse_number(c)))
        assert slope.rel_accuracy_bits() > 200
        assert abs(to_arb(node.evalf(50)) / slope - 1) < arb(10) ** -48


def test_slopes_at_the_ends():
    with ctx.workprec(100):
        assert slope_ball(arb(2), arb(1)).overlaps(arb(4) / 3)
        assert slope_ball(arb(1) / 2, arb(-1)).overlaps(arb.pi() / 8)  # (1/2)(Gamma(3/2)/Gamma(1))^2
        assert slope_ball(arb(2), arb(-1)) == 0
        assert not slope_ball(arb(1) / 2, arb(1)).is_finite()
        assert not slope_ball(arb(1) / 4, arb(-1)).is_finite()


def test_series_of_a_composition():
    """The Taylor coefficients of J(1/3, x^2) at x = 1/2 sum to its value nearby."""
    with ctx.workprec(150), series_length(12):
        jet = compile_jet(J(sp.Rational(1, 3), x**2), x)(arb_series([arb(1) / 2, 1]))
        step = arb(1) / 1000
        total = sum((jet[k] * step**k for k in range(12)), arb(0))
        assert abs(total - kernel_ball(arb(1) / 3, (arb(1) / 2 + step) ** 2)) < arb(10) ** -28


def test_a_series_in_alpha_is_refused():
    with series_length(3), pytest.raises(UnsupportedError, match="alpha"):
        compile_jet(J(x, sp.Rational(1, 3)), x)(arb_series([arb(1) / 5, 1]))


def test_taylor_balls_at_a_ball():
    with ctx.workprec(100):
        wide = taylor_balls(arb(0.5, 0.001), arb(0.25, 0.001), 5)
        exact = taylor_balls(arb(1) / 2, arb(1) / 4, 5)
    assert all(w.overlaps(e) and w.rad() < 0.1 for w, e in zip(wide, exact, strict=True))


def test_outside_the_domain_nothing_finite_comes_back():
    for function in (kernel_ball, slope_ball):
        assert not function(arb(-0.5), arb(0)).is_finite()
        assert not function(arb(-0.4, 0.2), arb(0)).is_finite()
        assert not function(arb(1), arb(1.5)).is_finite()
    assert not gap_ball(arb(1), arb(-0.5)).is_finite()
    assert not gap_ball(arb("nan"), arb(0.5)).is_finite()


@pytest.mark.parametrize("alpha", ["100.5", "1000", "1e10"])
@pytest.mark.parametrize("c", ["-0.9", "0", "0.999"])
def test_large_orders(alpha, c):
    """The recurrence in alpha holds at large orders, too."""
    a, r = sp.Rational(alpha), sp.Rational(c)
    j0, j1, j2 = (J(a + k, r).evalf(40) for k in range(3))
    right = r * j1 + (a + 1) ** 2 * (1 - r**2) / ((2 * a + 3) * (2 * a + 1)) * j0
    assert 0 < j2 < j1 < j0
    assert abs(right - j2) < sp.Float("1e-37", 40) * max(abs(r * j1), j2)


def test_complex_correlations():
    """Off the cuts the complex values are those of mpmath's hypergeometric function; on a cut nothing finite comes."""
    import mpmath
    from flint import acb

    from derive.kernels.balls import complex_kernel

    with ctx.workprec(120), mpmath.mp.workdps(30):
        z = acb(0.25, 0.75)
        got = complex_kernel(arb(1) / 3, z)
        a, w, half = mpmath.mpf(1) / 3, mpmath.mpc(0.625, 0.375), mpmath.mpf(1) / 2
        scale = mpmath.gamma(a + 1) ** 2 / (mpmath.gamma(a + half) * mpmath.gamma(a + 3 * half))
        expected = scale * w ** (a + half) * mpmath.hyp2f1(half, half, a + 3 * half, w)
        assert abs(complex(got.mid()) - complex(expected)) < 1e-15
    assert not complex_kernel(arb(1) / 3, acb(1.5, arb(0, 0.1))).is_finite()
