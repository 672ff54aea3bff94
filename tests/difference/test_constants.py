"""The free constant: against OEIS, maps with a known Abel function, extrapolation without series, and itself."""

import math

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.difference.digits.constants import constant_value
from derive.difference.digits.neville import constant_by_extrapolation
from derive.difference.digits.numbers_of import numbers_of
from derive.difference.near_point.series_function import SeriesMap
from derive.difference.orbits.abel_constant import abel_constant, evaluate
from derive.difference.recurrence import Recurrence
from derive.difference.series.magnitude import log10_size
from derive.errors import DomainError, InputError, PrecisionError, UnsupportedError

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
    "arcsinh": (sp.asinh(x), 0, 1),
    "logistic": (x * (1 - x), 0, R(1, 2)),
    "inverse of x + x**2": ((sp.sqrt(1 + 4 * x) - 1) / 2, 0, 1),
    "square root": (x + sp.sqrt(x), sp.oo, 1),
    "reciprocal root": (x + 1 / sp.sqrt(x), sp.oo, 1),
    "fractional at 0": (x - x ** R(3, 2), 0, R(1, 4)),
    "composed": (sp.sin(sp.tanh(x)) * sp.exp(-(x**2)), 0, R(9, 10)),
}
# https://oeis.org/A340875 (Schoenfield 2021) and https://oeis.org/A332396
A340875 = "1.32912232216454200165271262369745253672081579592542801737838807522427238403080154325915418080495557"
A332396 = "0.675177442458557139813285625075827633684073158989051591401130810859151972949840237953"


def law(name):
    F, point, _ = MAPS[name]
    return Recurrence(x, F, point=point)


def test_constant_of_the_inverse_of_x_plus_x_squared_agrees_with_the_oeis():
    value = constant_value(law("inverse of x + x**2"), 1, digits=100)
    assert abs(value - sp.Float(A340875, 110)) < R(1, 10**98)


def test_constant_of_adding_the_square_root_agrees_with_the_oeis():
    # A332396 counts from b(1) = 1 and normalises by b(n)/n - (n - log n)/4, which is c/2 + log(2)/4 - 1/2
    value = constant_value(law("square root"), 1, digits=85)
    assert abs((value / 2 + sp.log(2) / 4 - R(1, 2)).evalf(85) - sp.Float(A332396, 90)) < R(1, 10**82)


@pytest.mark.parametrize("name", MAPS)
def test_constant_agrees_with_extrapolation_without_series(name):
    F, point, x0 = MAPS[name]
    rec = Recurrence(x, F, point=point)
    other, error = constant_by_extrapolation(rec, x0)
    assert error < mpmath.mpf("1e-20")
    with mpmath.mp.workdps(60):
        assert abs(mpmath.mpf(str(constant_value(rec, x0, digits=50))) - other) < 10 * error


@pytest.mark.parametrize(
    "F, point, x0, constant",
    [
        (sp.sqrt(x**2 + 1), sp.oo, sp.sqrt(3), 3),
        ((x**3 + 1) ** R(1, 3), sp.oo, R(1, 7), R(1, 343)),
        (x / (1 + x), 0, R(2, 7), R(7, 2)),
        (x / sp.sqrt(1 + 2 * x**2), 0, "0.37", R(5000, 1369)),
        (x + 1, sp.oo, -5, -5),
    ],
)
def test_maps_with_a_known_abel_function_have_its_value(F, point, x0, constant):
    value = constant_value(Recurrence(x, F, point=point), x0, digits=60)
    assert abs(value - constant) <= abs(constant) * R(1, 10**59)


@settings(max_examples=12, deadline=None)
@given(st.integers(-9, 9), st.integers(1, 9), st.integers(1, 12), st.integers(1, 2))
def test_random_conjugates_of_known_maps_have_the_conjugated_abel_function(p, q, start, k):
    # h(x) = x + alpha x**2 conjugates u -> u (1 + k u**k)**(-1/k), whose Abel function is u**-k / k
    alpha, x0 = R(p, 2 * q), R(start, 60)
    u = x + alpha * x**2
    image = u * (1 + k * u**k) ** R(-1, k)
    F = image if alpha == 0 else (sp.sqrt(1 + 4 * alpha * image) - 1) / (2 * alpha)
    constant_term = -alpha if k == 1 else R(3, 2) * alpha**2
    expected = u.subs(x, x0) ** -k / k - constant_term
    assert abs(constant_value(Recurrence(x, F, point=0), x0, digits=40) - expected) <= abs(expected) * R(1, 10**39)


@pytest.mark.parametrize("name", ["sin", "reciprocal", "x exp(-x)", "composed"])
def test_the_constant_grows_by_one_along_the_orbit(name):
    F, point, x0 = MAPS[name]
    rec = Recurrence(x, F, point=point)
    ahead = F.subs(x, x0)
    assert abs(constant_value(rec, ahead, digits=45) - constant_value(rec, x0, digits=45) - 1) < R(1, 10**43)


def test_a_thousand_digits_continue_the_first_hundred_and_the_certified_ones():
    rec = law("logistic")
    long = constant_value(rec, R(1, 2), digits=1000)
    assert str(long)[:101] == str(constant_value(rec, R(1, 2), digits=110))[:101]
    assert abs(long - constant_value(rec, R(1, 2), digits=300, certified=True).mid) < R(1, 10**299)


def test_a_start_near_the_fixed_point_needs_no_steps():
    # A(x) = 3/x**2 + (6/5) log x + 79/1050 x**2 + ... for sin (de Bruijn 8.6; Finch, sect. 5.3, to the first terms)
    x0 = R(1, 10**30)
    expected = 3 * 10**60 - R(6, 5) * 30 * sp.log(10)
    assert abs(constant_value(law("sin"), x0, digits=110) - expected) < R(1, 10**48)
    assert abs(constant_value(law("sin"), x0, digits=20) / (3 * 10**60) - 1) < R(1, 10**19)


def test_a_start_far_out_takes_the_steps_it_needs():
    # x + 1/x maps 1/1000 to 1000.001, and c(F(x)) = c(x) + 1
    rec = law("reciprocal")
    far, near = constant_value(rec, R(1, 1000), digits=40), constant_value(rec, 1000 + R(1, 1000), digits=40)
    assert abs(far - near + 1) < R(1, 10**33)


def test_parameters_take_exact_values():
    rec = Recurrence(x, x + a / x, params={a: 1})
    assert constant_value(rec, 1, digits=40) == constant_value(law("reciprocal"), 1, digits=40)
    # x = 2 y turns x + 4/x into y + 1/y; as A has no constant and the logarithm is -(1/2) log x, c shifts by it
    shift = constant_value(rec, 2, digits=40, params={a: 4}) - constant_value(law("reciprocal"), 1, digits=40)
    assert abs(shift + sp.log(2) / 2).evalf(50) < R(1, 10**38)


def test_a_constant_that_vanishes_is_zero():
    assert constant_value(Recurrence(x, x + 1), 0, digits=30) == 0


def test_a_parameter_without_value_is_named():
    with pytest.raises(InputError, match="a"):
        constant_value(Recurrence(x, x + a / x), 1)


@pytest.mark.parametrize(
    "F, point, x0, message",
    [
        (sp.sin(x), 0, 4, "other side"),
        (sp.sin(x), 0, 0, "fixed point itself"),
        (x * (1 - x), 0, 1, "falls onto"),
        (x * (1 - x), 0, 2, "x0 = 2"),
        (sp.log(1 + x), 0, -2, "domain"),
        (x + x * (1 - x) * (x - 3) ** 2 / 20, 3, 2, "another fixed point|does not come close|other side"),
    ],
)
def test_orbits_that_do_not_tend_to_the_point_are_refused(F, point, x0, message):
    with pytest.raises(DomainError, match=message):
        constant_value(Recurrence(x, F, point=point), x0, digits=20)


@pytest.mark.parametrize("bad", [0, -3, 2.5, True, "20", 10**7])
def test_digits_must_be_a_sensible_integer(bad):
    with pytest.raises(InputError, match="digits"):
        constant_value(law("sin"), 1, digits=bad)


@pytest.mark.parametrize("bad", [True, float("nan"), sp.oo, sp.I, "__import__('os')"])
def test_the_start_must_be_a_real_number(bad):
    with pytest.raises(InputError):
        constant_value(law("sin"), bad, digits=20)


def test_a_repelling_point_is_refused():
    with pytest.raises(UnsupportedError, match=r"repel|away|outwards"):
        constant_value(Recurrence(x, x + x**2, point=0), R(1, 10))


def test_global_precision_is_left_alone():
    import flint

    before = flint.ctx.prec, flint.ctx.cap, mpmath.mp.prec
    constant_value(law("tanh"), 1, digits=77)
    assert (flint.ctx.prec, flint.ctx.cap, mpmath.mp.prec) == before


def stieltjes_terms(order):
    return x + sum(((-1) ** j * sp.factorial(j) * x ** (-j) for j in range(order)), sp.Integer(0))


def stieltjes_value(point, digits, params):
    with mpmath.mp.workdps(digits + 10):
        return point + point * mpmath.exp(point) * mpmath.e1(point)


def test_a_map_known_by_a_divergent_series_has_the_constant_of_its_values():
    # x + x e**x E_1(x); by extrapolation of mpmath's values
    rec = Recurrence(x, SeriesMap(x, stieltjes_terms, stieltjes_value))
    other, error = constant_by_extrapolation(rec, 1, points=9)
    assert error < mpmath.mpf("1e-10")
    with mpmath.mp.workdps(60):
        assert abs(mpmath.mpf(str(constant_value(rec, 1, digits=30))) - other) < 10 * error


def test_digits_out_of_reach_are_refused_not_invented():
    # so close to the identity that 1e12 steps lead from x0 to where the series begins
    with pytest.raises(PrecisionError, match="steps"):
        constant_value(Recurrence(x, x - sp.sin(x) ** 2 / 10**12, point=0), 4, digits=50)


def calibration(names, orders, depths):
    """(cases, cases with estimate/true error outside [0.1, 100]); the true constant has 70 digits."""
    from flint import ctx

    total = outside = 0
    for name in names:
        F, point, x0 = MAPS[name]
        numbers = numbers_of(Recurrence(x, F, point=point))
        what, orbit = numbers.what, numbers.orbit(sp.sympify(x0))
        true = abel_constant(what, orbit, 70).value
        series = what.abel(orders[-1] * what.k + 8 * what.k, 512)
        for m in depths:
            state = orbit.at(m, 512)
            for order in range(orders[0] * what.k, orders[-1] * what.k, what.stride):
                found = evaluate(what, series, order, m, state, 512)
                with ctx.workprec(512):
                    error = log10_size(found.value - true)
                if found.log10_error < -1.5 and error > -66 and math.isfinite(error):
                    total += 1
                    outside += not -1 < found.log10_error - error < 2
    return total, outside


def test_error_estimates_are_calibrated_on_a_sample():
    total, outside = calibration(["sin", "x exp(-x)", "square root"], (0, 16), (10, 40, 160))
    assert total > 100
    assert outside <= 0.01 * total


@pytest.mark.slow
def test_error_estimates_are_calibrated_for_every_map_order_and_depth():
    total, outside = calibration(list(MAPS), (0, 30), (10, 20, 40, 80, 160, 320, 640))
    assert total > 2500
    assert outside <= 0.01 * total
