"""Compiled expressions agree with SymPy's own evaluation and enclose on balls."""

import flint
import mpmath
import pytest
import sympy as sp
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import InputError, UnsupportedError
from derive.numerics import compile_ball, compile_mp, to_arb, to_mpf
from derive.numerics.series_arithmetic import compile_jet, series_length

x, y = sp.symbols("x y", real=True)
SMOOTH = [
    sp.tanh(x) ** 2,
    x / (1 + sp.exp(-x)),
    sp.log(1 + sp.exp(3 * x)),
    sp.erf(x) * sp.exp(-(x**2) / 2),
    sp.sqrt(1 + x**2) ** 3,
    sp.atan(x) * sp.asinh(x) + sp.sech(x),
    sp.sin(x) * sp.cosh(x) - sp.cos(2 * x) / sp.sqrt(1 + x**2),
    sp.gamma(2 + x**2) * sp.erfc(x),
    (1 + x**2) ** sp.Rational(2, 3) * sp.pi,
]
KINKED = [
    sp.Max(x, 0) + sp.Min(x, sp.Rational(1, 3)),
    sp.Abs(x) ** sp.Rational(3, 2),
    sp.Heaviside(x - 1) * x + sp.sign(x),
    sp.Piecewise((sp.exp(x) - 1, x < 0), (x**2, x < 2), (4, True)),
]


@pytest.mark.parametrize("expr", SMOOTH + KINKED)
@pytest.mark.parametrize("at", [sp.Rational(-7, 3), sp.Rational(2, 5), sp.Rational(17, 4)])
def test_points_agree_with_sympy(expr, at):
    """SymPy's evalf with 50 digits is the independent value."""
    with flint.ctx.workprec(200):
        ball = compile_ball(expr, x)(to_arb(at))
    exact = sp.N(expr.subs(x, at), 50)
    with mpmath.workdps(50):
        assert abs(to_mpf(ball) - mpmath.mpf(str(exact))) < mpmath.mpf(10) ** -45 * (1 + abs(mpmath.mpf(str(exact))))
        assert abs(compile_mp(expr, x)(to_mpf(at)) - to_mpf(ball)) < mpmath.mpf(10) ** -44 * (1 + abs(to_mpf(ball)))


@pytest.mark.parametrize("expr", SMOOTH + KINKED)
@settings(max_examples=25, deadline=None)
@given(centre=st.floats(-4, 4), radius=st.floats(0, 1), where=st.floats(-1, 1))
def test_a_ball_contains_the_values_at_its_points(expr, centre, radius, where):
    f = compile_ball(expr, x)
    inside = f(arb(centre) + arb(radius) * arb(where))
    box = f(arb(centre, radius))
    assert inside.is_finite() and (box.overlaps(inside) or not box.is_finite())
    assert f(arb(centre, 1e-9)).is_finite()  # an enclosure that is always infinite would be right and useless


@pytest.mark.parametrize(
    ("expr", "box"),
    [
        (sp.sqrt(x), acb(arb(-1), arb(0, 1))),
        (sp.log(x), acb(arb(-1), arb(0, 1))),
        (sp.atan(x), acb(arb(0, 1), 2)),
        (sp.asin(x), acb(2, arb(0, 1))),
        (sp.acosh(x), acb(0, arb(0, 1))),
        (sp.Abs(x), acb(arb(0, 1), 0)),
        (sp.Max(x, 0), acb(arb(0, 1), 0)),
        (sp.Piecewise((x, x > 0), (0, True)), acb(arb(0, 1), 0)),
        (1 / x, acb(arb(0, 1), arb(0, 1))),
    ],
)
def test_cuts_kinks_and_poles_give_no_finite_analytic_value(expr, box):
    assert not compile_ball(expr, x)(box, analytic=True).is_finite()


def test_away_from_cuts_the_analytic_value_is_the_plain_one():
    for expr in (sp.sqrt(x), sp.log(x), sp.atan(x), sp.Abs(x), sp.Max(x, -1)):
        box = acb(3, 0.5)
        assert compile_ball(expr, x)(box, analytic=True).overlaps(compile_ball(expr, x)(box))


def test_softplus_has_neither_overflow_nor_a_cut_far_out():
    soft = compile_ball(sp.log(1 + sp.exp(x)), x)
    assert soft(arb(10) ** 30).overlaps(arb(10) ** 30)
    assert soft(acb(arb(50, 4), arb(0, 6)), analytic=True).is_finite()


def test_real_arguments_give_real_balls_and_leave_the_domain_visibly():
    assert isinstance(compile_ball(sp.sqrt(x), x)(arb(2)), arb)
    assert not compile_ball(sp.log(x), x)(arb(-1)).is_finite()


def test_constants_are_exact_to_the_precision_of_each_call():
    f = compile_ball(sp.pi * x + sp.sqrt(2) / 3, x)
    for bits in (60, 500, 60):
        with flint.ctx.workprec(bits):
            assert f(arb(1)).rel_accuracy_bits() > bits - 10


def test_text_and_unknown_functions_are_refused():
    with pytest.raises(InputError):
        compile_ball("tanh(x)", [x])
    with pytest.raises(UnsupportedError, match="Chi"):
        compile_ball(sp.Chi(x), [x])
    with pytest.raises(UnsupportedError, match="y"):
        compile_ball(x + y, [x])


def test_no_precision_is_left_changed():
    before = flint.ctx.prec, mpmath.mp.prec
    to_arb(sp.sqrt(2)), to_mpf(sp.pi)
    assert (flint.ctx.prec, mpmath.mp.prec) == before


@pytest.mark.parametrize("expr", SMOOTH)
def test_jets_are_taylor_coefficients(expr):
    """SymPy's derivatives at a point are the independent values."""
    at = sp.Rational(3, 7)
    with flint.ctx.workprec(160), series_length(5):
        from flint import arb_series

        row = list(compile_jet(expr, x)(arb_series([to_arb(at), 1], 5)).coeffs())
        for n in range(5):
            expected = to_arb(sp.diff(expr, x, n).subs(x, at) / sp.factorial(n))
            assert row[n].overlaps(expected)
            assert row[n].rad() < 1e-35


@pytest.mark.parametrize("head", [sp.asinh, sp.asin, sp.acos, sp.acosh])
@pytest.mark.parametrize(("centre", "half"), [(2, (1, 0.5)), (40, (20, 30)), (300, (200, 90)), (0.5, (0.3, 0.4))])
def test_wide_boxes_beside_the_cuts_are_bounded(head, centre, half):
    """flint gives nan there; mpmath's values at the corners and in the middle have to lie inside."""
    wide, high = half
    turn = 1 if head is sp.asinh else 1j  # away from the cuts: to the right, or upwards
    box = acb(arb(centre, wide), arb(0, high)) * acb(turn)
    found = compile_ball(head(x), x)(box, analytic=True)
    assert found.is_finite()
    for a, b in [(0, 0), (1, 1), (-1, 1), (1, -1), (-1, -1), (-1, 0)]:
        exact = mpmath.mpmathify(getattr(mpmath, head.__name__)((centre + a * wide + 1j * b * high) * turn))
        assert found.real.overlaps(arb(float(exact.real), 1e-12))
        assert found.imag.overlaps(arb(float(exact.imag), 1e-12))
