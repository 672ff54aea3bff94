"""Expansions of expressions, compared with their values in mpmath close to the point (no series on that side)."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.difference import Recurrence, SeriesFunction, SeriesMap, series_function
from derive.errors import InputError, ParseError, Undecided, UnsupportedError

x = sp.Symbol("x", positive=True)
a, b = sp.symbols("a b", positive=True)
oo = sp.oo
PARAMS = {a: sp.Rational(7, 5), b: sp.Rational(2, 3)}

AT_INFINITY = [
    sp.sqrt(x**2 + a * x + b),
    x * sp.exp(b / x) / (1 + a / sp.sqrt(x)),
    sp.log(1 + a / x) * sp.sqrt(x),
    sp.atan(a * x) * x,
    sp.asinh(x) - sp.log(x),
    sp.acosh(x) - sp.log(2 * x),
    sp.acoth(x / a) + sp.acot(x),
    (1 + b / x) ** x,
    (x**3 + a) ** sp.Rational(2, 3) - x**2,
    sp.sin(1 / x) * sp.cos(a + 1 / x),
    sp.tan(sp.Rational(1, 2) + b / x) + sp.sech(1 / sp.sqrt(x)),
    sp.gamma(1 + 1 / x) + sp.erf(1 + b / x),
    sp.loggamma(x + b) - (x + b - sp.Rational(1, 2)) * sp.log(x),
    sp.digamma(x) - sp.log(x),
    sp.besselj(0, a / x) + sp.LambertW(b / x),
    sp.LambertW(sp.E + 1 / x) + sp.Ei(1 + 1 / x),
    sp.asin(1 - 1 / x),
    (1 + 1 / x) ** a,
    sp.Max(x, a) + sp.Abs(b - x) + sp.sign(x - a),
    sp.Piecewise((sp.sqrt(x), x > a), (x**2, True)),
]


@pytest.mark.parametrize("expr", AT_INFINITY, ids=str)
def test_what_a_series_at_infinity_leaves_out_has_the_order_it_says(expr):
    order = 4
    terms = series_function(expr, x).terms(order)
    assert _decay(expr - terms, lambda t: 1 / t) > order - 0.6


@pytest.mark.parametrize(
    ("expr", "point", "side"),
    [
        (sp.sin(x) / x, 0, "+"),
        (x * sp.exp(-a * x) / (1 + x) ** 2, 0, "+"),
        (sp.sqrt(a + b * x) + sp.cbrt(1 + x), 0, "+"),
        (sp.tanh(x) ** 2 / x, 0, "+"),
        (sp.acos(x), 1, "-"),
        (sp.log(x) / (x - 1), 1, "+"),
        (sp.atanh(x) + sp.asin(x / 2), sp.Rational(1, 2), "-"),
        (x ** sp.Rational(3, 2) + sp.sinh(x), 0, "+"),
        (sp.gamma(x), 2, "+"),
        (sp.cos(x) - x, sp.pi / 3, "-"),
        (sp.Si(x) + sp.erf(x), 0, "+"),
    ],
    ids=str,
)
def test_what_a_series_at_a_finite_point_leaves_out_has_the_order_it_says(expr, point, side):
    order = 5
    terms = series_function(expr, x, point, side).terms(order)
    sign = 1 if side == "+" else -1
    assert _decay(expr - terms, lambda t: point + sign * t) > order - 0.6


def _decay(difference, place):
    """The exponent of t with which the difference vanishes at x = place(t), from t = 2^-12 and 2^-14."""
    difference = difference.subs(PARAMS)
    t = sp.Symbol("t", positive=True)
    f = sp.lambdify(t, difference.subs(x, place(t)), "mpmath")
    with mpmath.mp.workdps(120):
        near, far = abs(f(mpmath.mpf(2) ** -14)), abs(f(mpmath.mpf(2) ** -12))
        if near < mpmath.mpf(10) ** -90:
            return mpmath.inf
        return mpmath.log(far / near, 2) / 2


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=5), st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_random_rational_functions_expand_to_their_value(coefficients, shift, q):
    expr = (sp.Poly(coefficients, x).as_expr() + x**6) / (x**4 + shift) ** sp.Rational(1, q)
    assert _decay(expr - series_function(expr, x).terms(4), lambda t: 1 / t) > 3.4


def test_exponentially_small_parts_do_not_appear():
    assert series_function(x + sp.tanh(x) + sp.exp(-a * x) + sp.erfc(x), x).terms(3) == x + 1
    assert series_function((sp.exp(x) + 1) / (sp.exp(x) - 1), x).terms(3) == 1


@pytest.mark.parametrize(
    ("expr", "says"),
    [
        (sp.log(x), "does not expand in powers"),
        (sp.exp(x), "does not expand in powers"),
        (sp.sin(x), "oscillates"),
        (x**a, "symbolic"),
        (x**x, "logarithm"),
        (1 / (1 + sp.log(x)), "logarithm"),
        (sp.LambertW(x), "logarithm"),
        (sp.exp(sp.exp(x)), "exponential of an exponential"),
        (sp.besselj(0, x), "grows without bound"),
        (sp.gamma(-x), "poles"),
        (sp.floor(x) + 1 / x, "no Taylor|no expansion"),
    ],
    ids=str,
)
def test_what_has_no_expansion_in_powers_is_refused_by_name(expr, says):
    with pytest.raises(UnsupportedError, match=says):
        series_function(expr, x).terms(3)


def test_a_comparison_that_parameters_decide_is_undecided():
    with pytest.raises(Undecided):
        series_function(sp.Max(a * x, b * x), x).terms(2)


def test_a_cancellation_that_is_not_explicit_is_reported():
    with pytest.raises(UnsupportedError, match="vanishes to order"):
        series_function(1 / (sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1), x, point=0).terms(2)


class Shrinking(sp.Function):
    """1/(1 + u): a head that knows its own expansion for u -> oo, and nothing else."""

    def large_argument_terms(self, order):
        return {-sp.Integer(k): sp.Integer((-1) ** (k + 1)) for k in range(1, order)}

    def _ball_(self, u):
        return 1 / (1 + u)

    def _mp_(self, u):
        return 1 / (1 + u)


class RootHead(sp.Function):
    """sqrt(u) + zeta(3)/u with a parameter: fractional exponents and constants of its own."""

    def large_argument_terms(self, order):
        known = {sp.Rational(1, 2): self.args[0], sp.Integer(-1): sp.zeta(3)}
        return {e: c for e, c in known.items() if e > -order}


def test_a_head_that_knows_its_expansion_is_composed_with_what_stands_inside():
    inside = a * sp.sqrt(x) + b
    assert (
        sp.expand(series_function(Shrinking(inside), x).terms(4) - series_function(1 / (1 + inside), x).terms(4)) == 0
    )
    found = series_function(RootHead(b, x**2 + x), x).terms(3)
    assert sp.expand(found - series_function(b * sp.sqrt(x**2 + x) + sp.zeta(3) / (x**2 + x), x).terms(3)) == 0


def test_a_head_is_asked_for_no_more_than_it_promises():
    class Short(sp.Function):
        def large_argument_terms(self, order):
            assert order < 40
            return {-sp.Integer(k): sp.Integer(1) for k in range(1, order)}  # 1/(u - 1)

    assert sp.expand(series_function(Short(x), x).terms(6) - series_function(1 / (x - 1), x).terms(6)) == 0


def test_a_head_is_only_known_for_large_positive_arguments():
    with pytest.raises(UnsupportedError, match="at \\+oo only"):
        series_function(Shrinking(-x), x).terms(2)
    with pytest.raises(UnsupportedError, match="last argument"):
        series_function(RootHead(x, x), x).terms(2)


def test_values_and_balls_come_from_the_expression_itself():
    f = series_function(a * sp.sqrt(x) + 1 / x, x)
    with mpmath.mp.workdps(40):
        assert abs(f.value(mpmath.mpf(2), 30, PARAMS) - (mpmath.mpf(7) / 5 * mpmath.sqrt(2) + 0.5)) < 1e-29
    from flint import arb

    assert f.ball(arb(2), 100, PARAMS).overlaps(arb(2).sqrt() * arb(7) / 5 + arb(1) / 2)
    assert f.derivative_ball(arb(4), 100, PARAMS).overlaps(arb(7) / 20 - arb(1) / 16)


def test_text_goes_through_the_parser():
    assert series_function("x + 1/x", x).terms(2) == x + 1 / x
    with pytest.raises(ParseError):
        series_function("__import__('os').system('true')", x)


def test_a_series_function_holds_what_it_is_given():
    f = SeriesMap(
        x, lambda order: x + 1 / x, remainder=lambda order: (sp.Integer(1), sp.Integer(-order), sp.Integer(1))
    )
    assert isinstance(f, SeriesFunction) and f.value is None
    assert f.remainder(3) == (1, -3, 1)


def test_a_side_is_plus_or_minus():
    with pytest.raises(InputError, match="side"):
        series_function(x, x, 0, "left")


def test_the_image_under_a_series_function_has_all_its_digits():
    # the value goes through mpmath, whose precision is the caller's business and not looked at
    law = Recurrence(x, x + 1 / x).asymptotics(2)
    image = law.apply(series_function(sp.sqrt(x**2 + x), x), 2).at(10**6, 1, digits=30)
    state = law.at(10**6, 1, digits=45)
    assert abs(image / sp.sqrt(state**2 + state) - 1) < sp.Rational(1, 10**29)
