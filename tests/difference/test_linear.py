"""Driven linear equations: gamma functions, exact resonances, brute force."""

import mpmath
import pytest
import sympy as sp

from derive.difference import Recurrence, linear
from derive.errors import InputError, PrecisionError, UnsupportedError

x = sp.Symbol("x", positive=True)
a, d = sp.symbols("a d", positive=True)
half = sp.Rational(1, 2)
COUNT = Recurrence(x, x + 1)  # x_n = n + x_0, c = x_0
VALUES = {a: sp.Rational(6, 5), d: sp.Rational(7, 10)}


def brute(F, m, r, x0, e0, n):
    step = sp.lambdify(x, [sp.sympify(e).subs(VALUES) for e in (F, m, r)], "mpmath")
    state, e = (mpmath.mpf(sp.Rational(v).p) / sp.Rational(v).q for v in (x0, e0))
    for _ in range(n):
        state, factor, extra = step(state)[0], step(state)[1], step(state)[2]
        e = factor * e + extra
    return e


@pytest.mark.parametrize(
    ("F", "point", "m", "r", "x0"),
    [
        (x + 1, sp.oo, 1 - d / x, 1 / x**2, 2),
        (x + 1, sp.oo, 1 - 1 / x, 1 / x**2, 2),
        (x + 1, sp.oo, 1 - 2 / x, 1 / x**2 + 1 / x**3 + 1 / x**4, 3),
        (x + 1, sp.oo, 1 + d / x, x**2, 2),
        (x + 1, sp.oo, 1, 1 / x, 2),
        (x + 1, sp.oo, 1 - 1 / sp.sqrt(x), 0, 3),
        (x + 1 / x, sp.oo, 1 - d / x**2, 1 / x**4, 2),
        (x + a - 1 / sp.sqrt(x), sp.oo, 1 - d / x, 1 / x**2, 3),
        (sp.sin(x), 0, 1 - x**2, x**4, 1),
        (x * sp.exp(-x), 0, sp.cos(x), sp.sqrt(x) ** 5, half),
    ],
    ids=str,
)
def test_values_at_depth_agree_with_iterating(F, point, m, r, x0):
    solution = linear(Recurrence(x, F, point), m, r, terms=3)
    with mpmath.mp.workdps(40):
        expected = brute(F, m, r, x0, sp.Rational(1, 3), 2000)
        found = mpmath.mpf(solution.at(2000, x0, sp.Rational(1, 3), 20, VALUES)._mpf_)
        assert abs(found / expected - 1) < mpmath.mpf(10) ** -19


def test_the_amplitude_of_a_gamma_quotient():
    # e' = (1 - d/x) e with x_n = n + x_0: e_n / e_0 = Gamma(x_n - d) Gamma(x_0) / (Gamma(x_n) Gamma(x_0 - d))
    solution = linear(COUNT, 1 - d / x, terms=3)
    found = solution.amplitude(3, 2, 30, VALUES)
    with mpmath.mp.workdps(40):
        expected = 2 * mpmath.gamma(3) / mpmath.gamma(mpmath.mpf(23) / 10)
        assert abs(mpmath.mpf(found._mpf_) - expected) < mpmath.mpf(10) ** -29
    assert solution.exponent == d and solution.homogeneous_terms[0] == solution.n ** (-d)


def test_the_homogeneous_terms_are_those_of_the_gamma_quotient():
    # Gamma(y - d)/Gamma(y) = y^-d (1 + d (d + 1)/(2 y) + ...), y = n + c (DLMF 5.11.13)
    solution = linear(COUNT, 1 - d / x, terms=2)
    n, c = solution.n, solution.c
    expected = n ** (-d) * (-c * d + d * (d + 1) / 2) / n
    assert sp.simplify(solution.homogeneous_terms[1] - expected) == 0


def test_a_resonance_puts_exactly_one_logarithm():
    # e' = (1 - 1/x) e + 1/x^2 with x = n + c: x e_n telescopes like a sum of 1/x, so e ~ log(n)/n
    solution = linear(COUNT, 1 - 1 / x, 1 / x**2, terms=3)
    n = solution.n
    assert solution.logarithms == (1,)
    assert solution.particular_terms[0] == sp.log(n) / n
    double = linear(COUNT, 1 - 1 / x, sp.Integer(1) / x**3, terms=2)
    assert double.logarithms == () and not double.particular_terms[0].has(sp.log)


def test_a_symbolic_exponent_reports_its_resonant_values():
    solution = linear(COUNT, 1 - d / x, 1 / x**2, terms=3)
    assert solution.resonant_values(d) == (1, 2, 3)
    first = solution.particular_terms[0]
    assert sp.simplify(first - 1 / ((d - 1) * solution.n)) == 0
    fine = linear(Recurrence(x, x + a - 1 / sp.sqrt(x)), 1 - d / x, 1 / x**2, terms=3)
    assert fine.resonant_values(d) == (a, 3 * a / 2, 2 * a)
    assert fine.exponent == d / a


def test_near_a_resonance_the_symbolic_solution_turns_into_the_logarithm():
    # with the homogeneous part taken off, (n^-1 - n^-d)/(d - 1) -> log(n)/n as d -> 1
    general = linear(COUNT, 1 - d / x, 1 / x**2, terms=1)
    n = general.n
    joined = general.particular_terms[0] - general.homogeneous_terms[0] / (d - 1)
    resonant = linear(COUNT, 1 - 1 / x, 1 / x**2, terms=1).particular_terms[0]
    assert sp.limit(joined, d, 1) == resonant
    assert n in joined.free_symbols


def test_a_stretched_exponential_appears_where_the_multiplier_starts_below_the_driver():
    solution = linear(COUNT, 1 - 1 / sp.sqrt(x), terms=1)
    assert sp.simplify(solution.homogeneous_terms[0] - sp.exp(-2 * sp.sqrt(solution.n)) / sp.sqrt(solution.n)) == 0


def test_an_exponential_multiplier_keeps_its_particular_solution_in_powers():
    # e' = e/2 + 1/x: e = 2/x - 4/x^2 + ... (put in)
    solution = linear(COUNT, half, 1 / x, terms=2)
    n, c = solution.n, solution.c
    assert sp.expand(sum(solution.particular_terms) - 2 / n - (4 - 2 * c) / n**2) == 0
    assert solution.decay == half**n
    with pytest.raises(PrecisionError, match="hidden behind the divergence"):
        solution.amplitude(2, 1, 20)
    with mpmath.mp.workdps(30):
        assert abs(mpmath.mpf(solution.at(2000, 2, 1, 15)._mpf_) / brute(x + 1, half, 1 / x, 2, 1, 2000) - 1) < 1e-14


def test_the_multiplier_one_is_a_sum():
    solution = linear(COUNT, 1, x, terms=3)
    n, c = solution.n, solution.c
    assert sp.expand(sum(solution.particular_terms) - (n + c) * (n + c - 1) / 2) == 0


@pytest.mark.parametrize(
    ("m", "says"),
    [
        (x, "factorial"),
        (1 / x, "faster than exponentially"),
        (-half + 1 / x, "alternates"),
        (sp.exp(x), "exponentially"),
    ],
    ids=str,
)
def test_multipliers_outside_the_class_are_refused(m, says):
    with pytest.raises(UnsupportedError, match=says):
        linear(COUNT, m, 1 / x)


def test_the_driver_must_be_a_parabolic_state():
    with pytest.raises(InputError, match="neither"):
        linear(x + 1, 1)
    with pytest.raises(InputError, match="image"):
        linear(COUNT.asymptotics(terms=2).affine(2), 1)


def test_exponentially_small_parts_are_waited_for():
    F, m, r = x + sp.tanh(x), 1 - d * sp.tanh(x) / x, 1 / x**3
    solution = linear(Recurrence(x, F), m, r, terms=2)
    with mpmath.mp.workdps(40):
        expected = brute(F, m, r, half, sp.Rational(1, 3), 2000)
        found = mpmath.mpf(solution.at(2000, half, sp.Rational(1, 3), 20, VALUES)._mpf_)
        assert abs(found / expected - 1) < mpmath.mpf(10) ** -19
