"""float64 arrays: relative error below 1e-15 against closed forms and the exact route, at every depth."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.difference.digits.arrays import array_at
from derive.difference.digits.depth import value_at
from derive.difference.recurrence import Recurrence
from derive.errors import DomainError, InputError

x = sp.Symbol("x", positive=True)
R = sp.Rational
MAPS = {
    "sin": (sp.sin(x), 0, 0.05, 3.0),
    "reciprocal": (x + 1 / x, sp.oo, 0.05, 50.0),
    "log(1+x)": (sp.log(1 + x), 0, 0.01, 100.0),
    "inverse of x + x**2": ((sp.sqrt(1 + 4 * x) - 1) / 2, 0, 0.01, 50.0),
    "reciprocal square": (x + 1 / x**2, sp.oo, 0.1, 20.0),
    "square root": (x + sp.sqrt(x), sp.oo, 0.1, 100.0),
    "fractional at 0": (x - x ** R(3, 2), 0, 0.001, 0.4),
    "about 1": (x - (x - 1) ** 2, 1, 1.01, 1.9),
    "composed": (sp.sin(sp.tanh(x)) * sp.exp(-(x**2)), 0, 0.01, 1.5),
    "close": (sp.sin(x), 0, 1e-30, 1e-3),
    "far out": (x + 1 / x, sp.oo, 1.0, 1e40),
}


def worst_error(rec, n, starts, values, sample):
    picked = np.random.default_rng(n % 1000).integers(0, starts.size, sample)
    exact = [value_at(rec, n, float(starts[i]), digits=25) for i in picked]
    return max(abs(float((sp.Float(float(values[i]), 40) - v) / v)) for i, v in zip(picked, exact, strict=True))


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("n", [1, 12, 1000, 10**12])
def test_relative_error_is_below_1e_15(name, n):
    F, point, low, high = MAPS[name]
    rec = Recurrence(x, F, point=point)
    starts = np.exp(np.random.default_rng(1).uniform(np.log(low), np.log(high), 3000))
    starts[:2] = low, high
    assert worst_error(rec, n, starts, array_at(rec, n, starts), 12) < 1e-15


@pytest.mark.parametrize("n", [1, 50, 10**6, 10**12])
def test_closed_form_at_every_one_of_many_starts(n):
    # x -> (x**3 + 1)**(1/3) has x_n = (x_0**3 + n)**(1/3); mpmath with 40 digits
    starts = np.linspace(0.1, 300.0, 4001)
    values = array_at(Recurrence(x, (x**3 + 1) ** R(1, 3)), n, starts)
    with mpmath.mp.workdps(40):
        exact = [mpmath.cbrt(mpmath.mpf(float(s)) ** 3 + n) for s in starts]
        worst = max(abs(mpmath.mpf(float(v)) / e - 1) for v, e in zip(values, exact, strict=True))
    assert worst < 1e-15


def test_shape_order_and_repeated_starts_are_kept():
    rec = Recurrence(x, sp.sin(x), point=0)
    starts = np.array([[1.0, 0.5, 1.0], [0.25, 0.5, 2.0]])
    values = array_at(rec, 10**6, starts)
    assert values.shape == (2, 3) and values.dtype == np.float64
    assert values[0, 0] == values[0, 2] and values[0, 1] == values[1, 1]
    assert values[1, 0] == float(value_at(rec, 10**6, 0.25, digits=25))


def test_few_and_many_starts_agree():
    rec = Recurrence(x, sp.log(1 + x), point=0)
    many = np.linspace(0.3, 7.0, 500)
    assert np.max(np.abs(array_at(rec, 10**9, many[:5]) / array_at(rec, 10**9, many)[:5] - 1)) < 1e-15


def test_depth_zero_copies_the_starts():
    starts = np.linspace(0.1, 1, 50)
    values = array_at(Recurrence(x, sp.sin(x), point=0), 0, starts)
    assert np.array_equal(values, starts) and values is not starts


def test_starts_on_both_sides_of_a_singularity_are_fine_when_each_converges():
    # between 3 and 6.4 lies the interval that sin sends to the other side of 0
    rec = Recurrence(x, sp.sin(x), point=0)
    starts = np.r_[np.linspace(0.1, 3, 40), np.linspace(6.4, 9.3, 40)]
    assert worst_error(rec, 10**6, starts, array_at(rec, 10**6, starts), 10) < 1e-15


@pytest.mark.parametrize("starts, named", [(np.linspace(-3, 3, 99), "-3.0"), (np.linspace(0.1, 4, 99), "3.16")])
def test_a_start_that_does_not_converge_is_named(starts, named):
    with pytest.raises(DomainError, match="x0 = " + named):
        array_at(Recurrence(x, sp.sin(x), point=0), 1000, starts)


def test_not_a_number_is_refused():
    with pytest.raises(DomainError, match="nan"):
        array_at(Recurrence(x, sp.sin(x), point=0), 1000, np.array([1.0, np.nan]))


def test_a_negative_depth_is_refused():
    with pytest.raises(InputError):
        array_at(Recurrence(x, sp.sin(x), point=0), -1, np.ones(3))


def test_an_empty_array_stays_empty():
    assert array_at(Recurrence(x, sp.sin(x), point=0), 5, np.empty((0, 2))).shape == (0, 2)
