"""Values and balls of the alpha-ReLU kernels, against quadrature of the definition by mpmath."""

from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import mp

from derive import J, c_alpha, one_minus_J
from derive.errors import DeriveError, DomainError, InputError, ParseError
from derive.kernels.balls import kernel_ball

ALPHAS = ["0", "1/2", "1", "3/2", "2", "3", "0.3", "-0.25", "7.3", "1/2 + 1e-9"]
CORRELATIONS = ["-0.99", "-0.5", "0", "0.5", "0.95"]


def number(text):
    return mpmath.mpf(sp.Rational(sp.sympify(text, rational=True)).p) / sp.Rational(sp.sympify(text, rational=True)).q


def angular(alpha, c):
    """int_0^R (c + cos t)^alpha dt, R = pi - acos c, after R - t = 2 R sin(s/2)^2, which tames the end t = R."""
    theta = mpmath.acos(c)
    reach = mpmath.pi - theta

    def integrand(s):
        left = 2 * reach * mpmath.sin(s / 2) ** 2
        v = 2 * mpmath.sin(theta + left / 2) * mpmath.sin(left / 2)  # c + cos t, without cancellation
        return v**alpha * reach * mpmath.sin(s)

    return mpmath.quad(integrand, [0, mpmath.pi / 4, mpmath.pi / 2])


@pytest.mark.parametrize("alpha", ALPHAS)
def test_fifty_digits_agree_with_the_angular_integral(alpha):
    with mp.workdps(75):
        whole = angular(number(alpha), mpmath.mpf(1))
        for c in CORRELATIONS:
            exact = angular(number(alpha), number(c)) / whole
            got = mpmath.mpf(str(J(alpha, c).evalf(50)))
            assert abs(got / exact - 1) < mpmath.mpf("1e-49")


@pytest.mark.parametrize(("alpha", "c"), [("1/2", "1/4"), ("0.7", "-0.3"), ("2", "0.6")])
def test_two_dimensional_mean_at_low_accuracy(alpha, c):
    """The mean of (u1 u2)^alpha over the quadrant where both are positive, by a plain double sum."""
    with mp.workdps(20):
        a, r = number(alpha), number(c)
        s = mpmath.sqrt(1 - r * r)
        density = lambda x, y: mpmath.exp(-(x * x - 2 * r * x * y + y * y) / (2 * s * s)) / (2 * mpmath.pi * s)  # noqa: E731
        mean = mpmath.quad(lambda x, y: (x * y) ** a * density(x, y), [0, 3, 9], [0, 3, 9], maxdegree=4)
        expected = mean / mpmath.quad(lambda x: x ** (2 * a) * mpmath.npdf(x), [0, 3, 12])
        assert abs(mpmath.mpf(str(J(alpha, c).evalf(15))) - expected) < mpmath.mpf("1e-6")


@pytest.mark.parametrize("alpha", ["-0.49", "0", "1/2", "1/2 + 1e-9", "1/2 + 1e-30", "20", "3 + 1/10**40"])
@pytest.mark.parametrize("c", ["-1 + 1e-15", "-1/3", "1 - 1e-15", "1 - 1e-200"])
def test_three_term_recurrence_holds_to_working_precision_at_extreme_points(alpha, c):
    a, r = (sp.sympify(t, rational=True) for t in (alpha, c))
    j0, j1, j2 = (J(a + k, r).evalf(60) for k in range(3))
    right = r * j1 + (a + 1) ** 2 * (1 - r**2) / ((2 * a + 3) * (2 * a + 1)) * j0
    assert abs(right - j2) < sp.Float("1e-58", 60) * max(abs(r * j1), j2)  # relative to the largest term


def test_ends_are_exact():
    assert J("0.3", 1) == 1 and J("0.3", -1) == 0
    assert one_minus_J("0.3", 0) == 0 and one_minus_J("0.3", 2) == 1


@pytest.mark.parametrize("alpha", ["0.2", "1/2", "0.9", "1", "1.5", "4"])
@pytest.mark.parametrize("d", ["1/10", "1e-12", "1e-120"])
def test_gap_has_all_its_digits(alpha, d):
    """Against 1 - J at a precision that covers the cancellation."""
    got = one_minus_J(alpha, d).evalf(40)
    assert abs(got / (1 - J(alpha, sp.Rational(1) - sp.sympify(d, rational=True))).evalf(45, maxn=3000) - 1) < 1e-39


@given(
    alpha=st.fractions(Fraction(-9, 20), 6, max_denominator=64),
    c=st.fractions(-1, 1, max_denominator=64),
    width=st.integers(2, 40),
    inside=st.tuples(st.integers(-8, 8), st.integers(-8, 8)),
)
@example(alpha=Fraction(1, 2), c=Fraction(1, 2), width=3, inside=(3, -5))
@settings(max_examples=60, deadline=None)
def test_the_ball_of_a_box_contains_the_points_of_the_box(alpha, c, width, inside):
    with ctx.workprec(100):
        low = min(Fraction(1, 2**width), alpha + Fraction(1, 2))
        radius = low / 2
        box = kernel_ball(
            arb(alpha.numerator) / alpha.denominator + arb(0, radius.numerator) / radius.denominator,
            arb(c.numerator) / c.denominator + arb(0, 1) / 2**width,
        )
        a = alpha + radius * inside[0] / 8
        r = min(max(c + Fraction(inside[1], 8 * 2**width), Fraction(-1)), Fraction(1))
        point = kernel_ball(arb(a.numerator) / a.denominator, arb(r.numerator) / r.denominator)
    assert box.is_finite() and box.overlaps(point)
    assert box.lower() <= point.upper() and point.lower() <= box.upper()


def test_boxes_around_half_integers_are_narrow():
    with ctx.workprec(100):
        box = kernel_ball(arb(0.5, 2.0**-20), arb(0.25, 2.0**-20))
    assert box.rad() < 2.0**-19


@given(alpha=st.fractions(Fraction(-9, 20), 30, max_denominator=1000), c=st.fractions(-1, 1, max_denominator=1000))
@settings(max_examples=40, deadline=None)
def test_increases_in_c_and_lies_below_the_chord(alpha, c):
    value = J(alpha, c).evalf(20)
    assert 0 <= value <= 1
    if abs(c) < 1:
        assert J(alpha, (c + 1) / 2).evalf(20) > value
        assert abs(value + one_minus_J(alpha, 1 - c).evalf(20) - 1) < sp.Float("1e-19", 20)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: J(-0.5, 0), DomainError),
        (lambda: J("-1/2", 0), DomainError),
        (lambda: J(1, "1.0001"), DomainError),
        (lambda: J(1, -2), DomainError),
        (lambda: J(1, float("nan")), DomainError),
        (lambda: J(sp.nan, 0), DomainError),
        (lambda: J(1, sp.oo), DomainError),
        (lambda: J(1, sp.I), DomainError),
        (lambda: J(True, 0), DomainError),
        (lambda: J("__import__('os').system('true')", 0), ParseError),
        (lambda: J(1, "open('x')"), ParseError),
        (lambda: c_alpha("().__class__"), ParseError),
        (lambda: c_alpha("-0.5"), DomainError),
        (lambda: one_minus_J("1", "lambda: 0"), ParseError),
        (lambda: one_minus_J(1, "2.01"), DomainError),
        (lambda: J(1), InputError),
        (lambda: J(None, 0), InputError),
        (lambda: J(1, sp.Symbol("c")).ball(), InputError),
    ],
)
def test_what_is_outside_is_refused(call, error):
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, DeriveError) and str(caught.value)


@pytest.mark.parametrize("alpha", ["-0.4", "0", "0.3", "1/2", "1", "7/2", "20"])
def test_c_alpha_is_the_second_moment(alpha):
    """Quadrature of the half-line moment in the logarithm of the variable."""
    with mp.workdps(30):
        a = number(alpha)
        power, low = 2 * a + 1, -70 / (2 * a + 1)
        cuts = [low + k * (4 - low) / 8 for k in range(9)]
        moment = mpmath.quad(lambda s: mpmath.exp(power * s - mpmath.exp(2 * s) / 2), cuts)
        expected = moment / mpmath.sqrt(2 * mpmath.pi)
        assert abs(mpmath.mpf(str(sp.N(c_alpha(alpha), 30))) / expected - 1) < mpmath.mpf("1e-25")


def test_text_and_floats_are_exact():
    assert J("0.25", "0.5") == J(Fraction(1, 4), 0.5) == J(sp.Rational(1, 4), sp.Rational(1, 2))
    assert J(0.1, 0).args[0] == sp.Rational(0.1)


def test_the_working_precision_is_left_alone():
    before = (mp.prec, ctx.prec)
    J("0.3", "0.2").evalf(80)
    J("0.3", "0.2").ball(60)
    assert (mp.prec, ctx.prec) == before
