"""Enclosures: they hold the number to twice the digits, they are narrow, and a planted error is found out."""

from dataclasses import replace

import pytest
import sympy as sp
from flint import arb, ctx

from derive.difference.digits.constants import constant_value
from derive.difference.digits.depth import value_at
from derive.difference.digits.numbers_of import numbers_of
from derive.difference.near_point.series_function import SeriesMap
from derive.difference.proofs.defect import step_bound
from derive.difference.recurrence import Recurrence
from derive.errors import CertificationError, DomainError, UnsupportedError

x = sp.Symbol("x", positive=True)
a = sp.Symbol("a", positive=True)
R = sp.Rational
MAPS = {
    "sin": (sp.sin(x), 0, 1),
    "reciprocal": (x + 1 / x, sp.oo, 1),
    "reciprocal square": (x + 1 / x**2, sp.oo, 1),
    "x exp(-x)": (x * sp.exp(-x), 0, 1),
    "log(1+x)": (sp.log(1 + x), 0, 1),
    "tanh": (sp.tanh(x), 0, 1),
    "arctan": (sp.atan(x), 0, 1),
    "logistic": (x * (1 - x), 0, R(1, 2)),
    "inverse of x + x**2": ((sp.sqrt(1 + 4 * x) - 1) / 2, 0, 1),
    "square root": (x + sp.sqrt(x), sp.oo, 1),
    "fractional at 0": (x - x ** R(3, 2), 0, R(1, 4)),
    "about sqrt 2": (x - (x**2 - 2) ** 3, sp.sqrt(2), R(3, 2)),
    "composed": (sp.sin(sp.tanh(x)) * sp.exp(-(x**2)), 0, R(9, 10)),
}


def digits_of(ball):
    """Right digits of a ball, 99 for an exact one."""
    return 99 if ball.rad == 0 else min(ball.digits, 99)


def law(name):
    F, point, x0 = MAPS[name]
    return Recurrence(x, F, point=point), x0


@pytest.mark.parametrize("name", MAPS)
def test_the_enclosure_of_the_constant_holds_twice_the_digits_and_is_narrow(name):
    rec, x0 = law(name)
    ball = constant_value(rec, x0, digits=30, certified=True)
    assert ball.contains(sp.Rational(constant_value(rec, x0, digits=2 * digits_of(ball))))
    assert digits_of(ball) >= 29
    assert len(ball.conditions) >= 5


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("n", [0, 3, 10**4, 10**12, 10**60])
def test_the_enclosure_of_x_n_holds_twice_the_digits_and_is_narrow(name, n):
    rec, x0 = law(name)
    ball = value_at(rec, n, x0, digits=30, certified=True)
    exact = sp.sympify(x0) if n == 0 else sp.Rational(value_at(rec, n, x0, digits=2 * digits_of(ball)))
    assert ball.contains(exact)
    assert digits_of(ball) >= 29


def test_sixty_certified_digits_of_the_logistic_constant():
    ball = constant_value(law("logistic")[0], R(1, 2), digits=60, certified=True)
    assert digits_of(ball) >= 60
    assert ball.contains(sp.Rational(constant_value(law("logistic")[0], R(1, 2), digits=150)))


@pytest.mark.parametrize("alpha", [R(1, 3), R(-2, 7), 3])
def test_exact_conjugates_lie_in_their_enclosures(alpha):
    # h(x) = x + alpha x**2 conjugates u/(1 + u): A = 1/h(x) + alpha
    u = x + alpha * x**2
    F = (sp.sqrt(1 + 4 * alpha * u / (1 + u)) - 1) / (2 * alpha)
    ball = constant_value(Recurrence(x, F, point=0), R(1, 9), digits=40, certified=True)
    assert ball.contains(1 / u.subs(x, R(1, 9)) + alpha)


def test_the_report_names_every_side_condition():
    text = constant_value(law("sin")[0], 1, digits=20, certified=True).report()
    for part in ("analytic", "attracting", "kappa", "defect", "Abel's equation", "iterated in balls"):
        assert part in text
    text = value_at(law("sin")[0], 10**12, 1, digits=20, certified=True).report()
    assert "strictly decreasing" in text and "between the ends" in text


def planted(monkeypatch, place, factor):
    """Multiply one coefficient of every Abel series by a factor."""
    from derive.difference.orbits.numeric_map import NumericMap

    honest = NumericMap.abel

    def wrong(self, order, bits):
        series = honest(self, order, bits)
        rows = list(series.coefficients)
        if place > series.order:
            return series
        with ctx.workprec(bits):
            rows[place - series.start] = rows[place - series.start] * (1 + arb(factor))
        return replace(series, coefficients=tuple(rows))

    monkeypatch.setattr(NumericMap, "abel", wrong)


@pytest.mark.parametrize("name, place", [("logistic", -1), ("logistic", 2), ("sin", -2), ("sin", 4), ("tanh", 2)])
@pytest.mark.parametrize("factor", [0.01, 1e-9])
def test_a_wrong_abel_coefficient_is_found_out(monkeypatch, name, place, factor):
    F, point, x0 = MAPS[name]
    true = sp.Rational(constant_value(Recurrence(x, F, point=point), x0, digits=80))
    planted(monkeypatch, place, factor)
    fresh = Recurrence(x, F, point=point, params={a: place + 10})  # a key of its own: nothing is remembered for it
    try:
        ball = constant_value(fresh, x0, digits=40, certified=True)
    except CertificationError:
        return
    assert not ball.contains(true)


@pytest.mark.parametrize("order", [2, 3, 5])
def test_a_wrong_coefficient_of_the_map_is_found_out(monkeypatch, order):
    F, point, x0 = MAPS["log(1+x)"]
    rec = Recurrence(x, F, point=point, params={a: order + 100})
    numbers = numbers_of(rec, certain=True)
    honest = numbers.what.series

    def wrong(n, bits):
        rows = honest(n, bits)
        return [c * (1 + arb(10) ** -6) if i == order else c for i, c in enumerate(rows)]

    monkeypatch.setattr(numbers.what, "series", wrong)
    numbers.what._multipliers.clear()
    numbers.what._abels.clear()
    with pytest.raises(CertificationError, match=r"Abel's equation|kappa"):
        constant_value(rec, x0, digits=30, certified=True)


def stieltjes(order_of_error=None, shrink=1):
    """x + x e**x E_1(x), whose series is divergent and enveloping: |R_K| <= K!/x**K."""

    def terms(order):
        total = x
        for j in range(order):
            wrong = R(1, 10**6) if j == order_of_error else 0
            total += ((-1) ** j * sp.factorial(j) + wrong) * x ** (-j)
        return total

    def ball(v, bits, params):
        with ctx.workprec(bits + 10):
            return v + v * v.exp() * v.expint(1)

    def slope(v, bits, params):
        with ctx.workprec(bits + 10):
            return (1 + v) * v.exp() * v.expint(1)

    def remainder(order):
        return shrink * sp.factorial(order), sp.Integer(-order), R(1, 10)

    return Recurrence(x, SeriesMap(x, terms, None, ball, slope, remainder))


def test_a_map_known_by_an_enveloping_series_is_enclosed():
    rec = stieltjes()
    ball = constant_value(rec, 1, digits=25, certified=True)
    assert digits_of(ball) >= 24
    assert ball.contains(sp.Rational(constant_value(rec, 1, digits=55)))
    far = value_at(rec, 10**12, 1, digits=25, certified=True)
    assert digits_of(far) >= 25 and far.contains(sp.Rational(value_at(rec, 10**12, 1, digits=55)))
    assert any("remainder" in c.statement for c in ball.conditions)


@pytest.mark.parametrize("place", [1, 3, 8])
def test_a_wrong_term_of_the_series_is_found_out(place):
    with pytest.raises(CertificationError, match="Abel's equation"):
        constant_value(stieltjes(place), 1, digits=20, certified=True)


def test_a_series_without_a_remainder_bound_is_not_certified():
    F = stieltjes().F
    bare = SeriesMap(x, F.terms, None, F.ball, F.derivative_ball)
    with pytest.raises(CertificationError, match="remainder"):
        constant_value(Recurrence(x, bare), 1, digits=20, certified=True)


class Stieltjes(sp.Function):
    """u e**u E_1(u): a SymPy function that knows its own large-argument series."""

    nargs = 1

    def fdiff(self, argindex=1):
        (u,) = self.args
        return Stieltjes(u) * (1 + 1 / u) - 1

    def _ball_(self, u):
        return u * u.exp() * u.expint(1)

    def large_argument_terms(self, order):
        return {R(-j): sp.Integer((-1) ** j * sp.factorial(j)) for j in range(order)}

    def large_argument_remainder(self, order):
        return sp.factorial(order), -sp.Integer(order), R(1, 10)


@pytest.mark.parametrize(
    "F", [x + Stieltjes(x), x + Stieltjes(2 * x + 1) / 3 + 1, sp.sqrt(x**2 + x) + Stieltjes(x) / x]
)
def test_functions_that_know_their_series_may_stand_inside_the_map(F):
    rec = Recurrence(x, F)
    ball = constant_value(rec, 1, digits=15, certified=True)
    assert digits_of(ball) >= 14
    assert ball.contains(sp.Rational(constant_value(rec, 1, digits=35)))


@pytest.mark.slow
def test_a_function_that_knows_its_series_may_stand_inside_a_logarithm():
    rec = Recurrence(x, x + sp.log(1 + Stieltjes(x)))
    ball = constant_value(rec, 1, digits=15, certified=True)
    assert ball.contains(sp.Rational(constant_value(rec, 1, digits=35)))


@pytest.mark.parametrize("F", [x + 1 / x + sp.exp(-x), x + 1 / (x + sp.besselj(0, x) ** 2)])
def test_a_map_that_is_not_analytic_at_the_point_is_not_certified(F):
    with pytest.raises((CertificationError, UnsupportedError)):
        constant_value(Recurrence(x, F), 1, digits=15, certified=True)


def test_orbits_that_do_not_converge_are_refused_by_the_certified_route_too():
    with pytest.raises(DomainError, match="x0 = 4"):
        constant_value(law("sin")[0], 4, digits=20, certified=True)


def test_starts_close_to_the_point_are_enclosed():
    rec = law("sin")[0]
    for x0 in (R(1, 10**30), R(1, 1000)):
        ball = value_at(rec, 10**12, x0, digits=30, certified=True)
        assert digits_of(ball) >= 29
        assert ball.contains(sp.Rational(value_at(rec, 10**12, x0, digits=2 * digits_of(ball))))


def test_the_step_bound_fails_where_the_point_is_too_far():
    numbers = numbers_of(law("logistic")[0], certain=True)
    with pytest.raises(CertificationError, match=r"kappa|inside the disc"):
        step_bound(numbers.what, numbers.disc(), None, arb(0.45))
