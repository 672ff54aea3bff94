"""Classes of maps at their fixed points, refusals, and the numbers of a recurrence."""

import mpmath
import pytest
import sympy as sp
from flint import acb, arb

from derive.difference import Recurrence, SeriesMap, abel
from derive.errors import DomainError, InputError, ParseError, UnsupportedError

x = sp.Symbol("x", positive=True)
y = sp.Symbol("y", real=True)
a, b = sp.symbols("a b", positive=True)
oo, half = sp.oo, sp.Rational(1, 2)


@pytest.mark.parametrize(
    ("F", "point", "side", "kind", "order", "leading", "attracting"),
    [
        (x + 1 / x, oo, "+", "parabolic", 2, -1, True),
        (x + sp.sqrt(x), oo, "+", "parabolic", half, -1, True),
        (x + a * x ** sp.Rational(1, 3) + b, oo, "+", "parabolic", sp.Rational(2, 3), -a, True),
        (sp.sin(x), 0, "+", "parabolic", 2, -sp.Rational(1, 6), True),
        (sp.log(1 + x), 0, "+", "parabolic", 1, -half, True),
        (x - a * x ** sp.Rational(3, 2), 0, "+", "parabolic", half, -a, True),
        (x * (1 - x), 0, "-", "parabolic", 1, 1, False),
        (x - 1 / x, oo, "+", "parabolic", 2, 1, False),
        (x + (a - b) / x, oo, "+", "parabolic", 2, b - a, None),
        (2 * x, oo, "+", "exponential", 1, 2, True),
        (x / 2, oo, "+", "repelling", 1, half, False),
        (sp.tanh(x) / 2, 0, "+", "hyperbolic", 1, half, True),
        (3 * sp.sin(x), 0, "+", "repelling", 1, 3, False),
        (a * x * (1 - x), 0, "+", "hyperbolic", 1, a, None),
        (3 * x * (1 - x), sp.Rational(2, 3), "+", "alternating", 1, -1, None),
        (x**2, 0, "+", "superattracting", 2, 1, True),
        (x**2 + 1, oo, "+", "superattracting", 2, 1, True),
        (x * sp.exp(1 - x), 1, "-", "superattracting", 2, None, True),
        (sp.sqrt(x), oo, "+", "repelling", half, 1, False),
        (sp.exp(x), oo, "+", "superexponential", oo, 1, True),
        (sp.exp(-1 / x), 0, "+", "superexponential", oo, -1, True),
        (sp.cos(x), 0, "+", "not_fixed", 0, None, False),
        (1 / x, oo, "+", "not_fixed", -1, None, False),
        (x / (1 + x), oo, "+", "not_fixed", 0, None, False),
        (x + sp.log(x), oo, "+", "logarithmic", None, None, None),
        (x + 1 + sp.log(x) / x, oo, "+", "logarithmic", None, None, None),
        (x + x**a, oo, "+", "symbolic_powers", None, None, None),
        (x + sp.exp(-x), oo, "+", "flat", oo, None, None),
        (x, oo, "+", "identity", oo, None, None),
        (x + sp.sin(x), oo, "+", "oscillating", None, None, None),
    ],
    ids=str,
)
def test_the_class_of_a_map_follows_from_its_leading_terms(F, point, side, kind, order, leading, attracting):
    found = Recurrence(x, F, point, side).classify()
    assert found.kind == kind
    assert found.attracting is attracting
    if order is not None:
        assert found.order == order
    if leading is not None:
        assert sp.simplify(found.leading - leading) == 0


def test_minus_infinity_is_a_point_too():
    assert Recurrence(y, y + 1 / y, point=-oo).classify().attracting is True
    expansion = Recurrence(y, y + 1 / y, point=-oo).asymptotics(terms=1)
    assert expansion.expr == -sp.sqrt(2) * sp.sqrt(expansion.n)


def test_a_map_is_attracting_on_one_side_and_repelling_on_the_other():
    even = [Recurrence(y, y - y**2, 0, side).classify().attracting for side in "+-"]
    odd = [Recurrence(y, y - y**3, 0, side).classify().attracting for side in "+-"]
    assert even == [True, False] and odd == [True, True]


def test_a_logarithm_in_the_abel_function_is_announced_as_a_resonance():
    assert Recurrence(x, sp.sin(x), 0).classify().resonances == (0,)
    assert Recurrence(x, x / (1 + a * x), 0).classify().resonances == ()
    assert Recurrence(x, x + sp.sqrt(x)).classify().resonances == (0,)
    assert Recurrence(x, (sp.sqrt(x) + 1) ** 2).classify().resonances == ()


def test_a_condition_on_parameters_is_recorded():
    found = Recurrence(x, x + (a - b) / x).classify()
    assert found.conditions == (sp.Lt(b - a, 0),)


@pytest.mark.parametrize(
    ("F", "point", "says"),
    [
        (x + sp.log(x), oo, "logarithmic"),
        (-x - x**3, 0, "second iterate"),
        (3 * sp.sin(x), 0, "inverse map"),
        (sp.cos(x), 0, "give a fixed point"),
        (x - 1 / x, oo, "other side or invert"),
        (sp.exp(x), oo, "superexponential"),
        (x + sp.exp(-x), oo, "y = exp"),
        (x + 1 + sp.log(x) / x**9, oo, "logarithmic scale"),
    ],
    ids=str,
)
def test_what_lies_outside_is_refused_with_its_class_and_a_remedy(F, point, says):
    with pytest.raises(UnsupportedError, match=says):
        Recurrence(x, F, point).asymptotics(terms=14)


def test_text_is_parsed_and_hostile_text_is_refused():
    law = Recurrence("x", "x + 1/x")
    assert law.classify().order == 2 and law.x in law.F.free_symbols
    for hostile in ("__import__('os').system('true')", "x.__class__", "(lambda: 0)()", "[" * 10**4):
        with pytest.raises(ParseError):
            Recurrence("x", hostile)
        with pytest.raises(InputError):
            Recurrence(hostile, "x + 1")


def test_bad_arguments_are_named():
    with pytest.raises(InputError, match="side"):
        Recurrence(x, sp.sin(x), 0, side="right")
    with pytest.raises(InputError, match="does not contain"):
        Recurrence(x, a)
    with pytest.raises(InputError, match="terms"):
        Recurrence(x, x + 1).asymptotics(terms=0)
    with pytest.raises(InputError, match="terms"):
        Recurrence(x, x + 1).asymptotics(terms=True)
    with pytest.raises(DomainError, match="a = nan"):
        Recurrence(x, x + a, params={a: float("nan")})
    with pytest.raises(InputError, match="the variable of the recurrence"):
        Recurrence(x, x + a, params={x: 1})
    with pytest.raises(DomainError, match="point"):
        Recurrence(x, sp.sin(x), point=float("nan"))


def test_numbers_need_the_values_of_all_parameters():
    law = Recurrence(x, x + a / x + b, params={a: "0.37"})
    with pytest.raises(InputError, match="value for b"):
        law.numeric()
    assert law.numeric({b: 2}).F - (x + sp.Rational(37, 100) / x + 2) == 0


def test_parameters_may_be_named_by_text():
    law = Recurrence(x, x + a / x, params={"a": "1/3"})
    assert law.params == {a: sp.Rational(1, 3)}
    assert law.asymptotics(terms=2).at(100, 1, params={"a": 2}) == law.asymptotics(terms=2).at(100, 1, params={a: 2})
    with pytest.raises(InputError):
        Recurrence(x, x + a, params={"a b": 1})


def test_the_map_is_evaluated_in_mpmath_and_in_balls():
    law = Recurrence(x, x + a / sp.sqrt(x), params={a: "1/3"})
    with mpmath.mp.workdps(50):
        expected = 2 + 1 / (3 * mpmath.sqrt(2))
        assert abs(law.map_value(2, 40) - expected) < mpmath.mpf(10) ** -40
        assert abs(law.map_value(2, 40, {a: "2/3"}) - (2 * expected - 2)) < mpmath.mpf(10) ** -40
    assert law.map_ball(arb(2), 150).overlaps(2 + 1 / (3 * arb(2).sqrt()))
    assert law.map_ball(acb(0, 2), 150).imag > 0


def test_the_numeric_abel_series_encloses_the_exact_one():
    law = Recurrence(x, x + a + 1 / x)
    exact = law.numeric({a: 2}).local_map()
    rows = exact.multiplier(12)
    wanted = abel(rows.coefficients, 12 - 2 * rows.k)
    found = law.numeric_abel(12 - 2 * rows.k, {a: 2}, bits=200)
    assert found.k == rows.k
    for u, v in zip(found.coefficients, wanted.coefficients, strict=True):
        assert u == 0 if isinstance(u, int) else (u - v).contains(0) and u.rad() < 1e-40


def test_the_coefficients_of_the_small_map_are_those_of_its_definition():
    w = sp.Symbol("w", positive=True)
    rows = Recurrence(x, x + a + b / x).series_coefficients(6)
    expected = sp.series(1 / (1 + a * w + b * w**2), w, 0, 7).removeO()
    assert sp.expand(sum(c * w**i for i, c in enumerate(rows)) - expected) == 0


def test_a_map_known_by_its_series_is_treated_like_one_given_exactly():
    exact = sp.sqrt(x**2 + x + a)
    f = Recurrence(x, exact)
    from derive.difference import series_function

    series = series_function(exact, x)
    g = Recurrence(x, SeriesMap(x, series.terms, value=series.value, ball=series.ball))
    assert g.classify().order == f.classify().order == 1
    assert sp.simplify(f.asymptotics(terms=6).expr - g.asymptotics(terms=6).expr) == 0


def test_a_series_map_at_a_finite_point_is_given_in_powers_of_the_distance():
    tau = sp.Symbol("t", real=True)
    terms = lambda order: sp.Add(*(c * tau**e for e, c in {1: 1, 2: -1, 4: 2}.items() if e < order))  # noqa: E731
    f = Recurrence(y, SeriesMap(tau, terms), point=0).asymptotics(terms=5)
    g = Recurrence(y, y - y**2 + 2 * y**4, point=0).asymptotics(terms=5)
    assert sp.expand(f.expr - g.expr) == 0


def test_equal_recurrences_compare_equal():
    assert Recurrence(x, x + a, params={a: 1}) == Recurrence(x, x + a, params={a: "1"})
    assert Recurrence(x, sp.sin(x), 0) != Recurrence(x, sp.sin(x), 0, "-")
    assert hash(Recurrence(x, x + a)) == hash(Recurrence(x, x + a))
