"""Driven states as transseries: against maps solved exactly, and against plain iteration in another arithmetic."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive.difference.driven.driven_state import limits, solve_state
from derive.difference.driven.triangular import triangular
from derive.difference.recurrence import Recurrence
from derive.errors import DomainError, InputError, UnsupportedError

x, e = sp.symbols("x e", positive=True)
R = sp.Rational
COUNT = Recurrence(x, x + 1)


def iterate(update: sp.Expr, F: sp.Expr, x0, e0, n: int, digits: int = 45):
    """The two states after n steps in mpmath, by SymPy's lambdify (not the package's own evaluators)."""
    step, drive = sp.lambdify([x, e], update, "mpmath"), sp.lambdify(x, F, "mpmath")
    with mpmath.workdps(digits):
        a, b = (mpmath.mpf(sp.Rational(v).p) / sp.Rational(v).q for v in (x0, e0))
        for _ in range(n):
            a, b = drive(a), step(a, b)
        return a, b


def exactly(value: sp.Float):
    with mpmath.workprec(value._prec + 10):
        return mpmath.mpf(value._mpf_)


def close(value: sp.Float, truth, digits: int) -> bool:
    with mpmath.workdps(60):
        return abs(exactly(value) - truth) <= mpmath.mpf(10) ** (-digits) * abs(truth)


def tanh_network(sv2, sa2, sw2):
    """A truncated model of the cosine of a tanh residual network, taken as the exact map."""
    b = sv2 + sa2
    F = x + b - sv2 * sp.sqrt(2 / sp.pi) / sp.sqrt(sw2 * x)
    w1 = R(3, 10) * e * sp.exp(-e) - 1
    return F, (e * x + sv2 * (2 / sp.pi * sp.asin(e) + w1 / (sw2 * x)) + sa2) / F


def test_an_exactly_linearisable_state_has_its_exact_amplitude_and_value():
    """1/e = K x^2 + 1 is carried along exactly; C = 1/K and e_n is known in closed form at every depth."""
    update = e * x**2 / ((x + 1) ** 2 - (2 * x + 1) * e)
    law = solve_state(COUNT, e, update, terms=3)
    K = (1 / R(1, 5) - 1) / 4  # e_0 = 1/5 at x_0 = 2
    assert close(law.amplitude(2, R(1, 5), digits=30), mpmath.mpf(1), 29) and K == 1
    for n in (10, 10**6, 10**12, 10**40):
        with mpmath.workdps(60):
            truth = 1 / (mpmath.mpf(n + 2) ** 2 + 1)
        assert close(law.at(n, 2, R(1, 5), digits=30), truth, 29)


def test_a_resonant_forcing_brings_in_the_harmonic_logarithm():
    """x e_x = H_x + K exactly, so e = (log n + gamma + K)/n + ...; n here counts from x_0."""
    law = solve_state(COUNT, e, (x * e + 1 / (x + 1)) / (x + 1), terms=2)
    assert law.logarithms == (1,)
    constant = R(1, 2) * 3 - (1 + R(1, 2) + R(1, 3))  # e_0 = 1/2 at x_0 = 3
    C = law.amplitude(3, R(1, 2), digits=25)
    with mpmath.workdps(40):
        assert close(C, mpmath.euler + mpmath.mpf(int(constant.p)) / int(constant.q), 24)
        n = 10**9
        truth = (mpmath.harmonic(n + 3) + mpmath.mpf(int(constant.p)) / int(constant.q)) / (n + 3)
    assert close(law.at(n, 3, R(1, 2), digits=25), truth, 24)


@pytest.mark.parametrize(
    "update, limit",
    [
        (1 / x**2 + (1 - R(1, 2) / x) * e + e**2 / x, 0),
        (e + sp.sin(sp.pi * e) / (4 * x) - e**2 / x**2, 1),
        (e + (1 - e**2) / (3 * x) + e / x ** R(3, 2), 1),
    ],
)
def test_values_agree_with_plain_iteration(update, limit):
    law = solve_state(COUNT, e, update, terms=3, limit=limit)
    _, truth = iterate(update, x + 1, 10, R(1, 4), 5000)
    assert close(law.at(5000, 10, R(1, 4), digits=25), truth, 24)


@pytest.mark.parametrize("factor", [1 - 1 / sp.sqrt(x), R(1, 2), -R(1, 2)])
def test_where_the_homogeneous_part_is_beyond_all_powers_the_forced_part_gives_the_value(factor):
    update = factor * e + e**2 / x + 1 / x**2
    law = solve_state(COUNT, e, update, terms=3)
    _, truth = iterate(update, x + 1, 3, R(1, 2), 9000)
    assert close(law.at(9000, 3, R(1, 2), digits=20), truth, 19)
    with pytest.raises(UnsupportedError, match="beyond all orders"):
        law.amplitude(3, R(1, 2))


def test_a_stretched_exponential_amplitude_without_forcing():
    """e' = (1 - 1/sqrt x) e: the amplitude from the start agrees with the product at large n."""
    update = (1 - 1 / sp.sqrt(x)) * e
    law = solve_state(COUNT, e, update, terms=12)
    C = law.amplitude(4, R(1, 3), digits=25)
    _, truth = iterate(update, x + 1, 4, R(1, 3), 20000)
    assert abs(law.evaluate(20000, 4, C, digits=25)[0] / truth - 1) < 1e-12
    assert close(law.at(20000, 4, R(1, 3), digits=20), truth, 19)


def test_the_network_model_to_thirty_digits():
    """C and e_n from different depths of the start along one orbit, the limit known exactly (e* = 1/2)."""
    F, update = tanh_network(R(3, 2), R(1, 2), R(1))
    law = solve_state(Recurrence(x, F), e, update, terms=4, limit=R(1, 2))
    assert sp.simplify(law.exponent - (1 - sp.sqrt(3) / sp.pi)) == 0
    C = law.amplitude(5, R(9, 10), digits=20)
    with mpmath.workdps(60):
        a, b = iterate(update, F, 5, R(9, 10), 700, digits=60)
        start = [sp.Rational(sp.Float(v, 60)) for v in (a, b)]
    assert close(law.amplitude(*start, digits=20), exactly(C), 19)
    _, truth = iterate(update, F, 5, R(9, 10), 6000)
    assert close(law.at(6000, 5, R(9, 10), digits=25), truth, 24)


def test_the_limit_of_the_network_model_is_found():
    F, update = tanh_network(R(3, 2), R(1, 2), R(1))
    assert limits(Recurrence(x, F), e, update) == [R(1, 2)]
    F, update = tanh_network(R(113, 100), R(43, 100), R(77, 100))
    (root,) = limits(Recurrence(x, F), e, update)
    c = mpmath.findroot(lambda c: 1.56 * c - 1.13 * 2 / mpmath.pi * mpmath.asin(c) - 0.43, 0.5)
    assert abs(sp.N(root, 15) - sp.Float(c)) < 1e-13


def test_symbolic_exponent_and_its_leading_coefficients():
    """E_0 ~ x^(-1/2)/(delta - 1/2): from the equation by hand, (1/2 - delta) B e_1 = -m_0's coefficient."""
    B, K, d, s2 = sp.symbols("B K delta s_2", positive=True)
    c = R(1, 2)
    F = x + B - K / sp.sqrt(x)
    rows = [(c * x + B * c) / F - c, (x + (1 - d) * B) / F, s2 / F]
    law = triangular(Recurrence(x, F), rows, terms=5, interval=(1 - 2 / sp.pi, R(1, 2)))
    assert law.exponent == d
    by_size = [(t.power, t.exponent) for t in law.terms]
    assert by_size == [(1, d), (0, R(1, 2)), (2, 2 * d), (1, d + R(1, 2)), (0, 1)]
    half = law.terms[1].coefficient
    assert sp.simplify(half - c * K / (B * (d - R(1, 2))) / sp.sqrt(B)) == 0
    square = law.terms[2].coefficient
    assert sp.simplify(square * B ** (2 * d) + s2 / (B * d)) == 0
    assert R(1, 2) in law.resonant_values(d)
    with pytest.raises(UnsupportedError, match="3/8"):
        triangular(Recurrence(x, F), rows, terms=9, interval=(1 - 2 / sp.pi, R(1, 2)))
    with pytest.raises(InputError, match="interval"):
        triangular(Recurrence(x, F), rows, terms=2)


def test_symbolic_terms_approximate_the_state_to_their_order():
    """The error of the first terms is of the size of the O-term, for one value of every parameter."""
    d = sp.Symbol("delta", positive=True)
    rows = [1 / x**2, 1 - d / x, 1 / x]
    law = triangular(Recurrence(x, x + 1), rows, terms=4, interval=(R(1, 3), R(1, 2)))
    value = {d: R(2, 5)}
    C = law.amplitude(10, R(1, 10), digits=25, params=value)
    exponent = float(sp.limit(sp.log(law.error.args[0].subs(value)) / sp.log(law.n), law.n, sp.oo))
    ratios = []
    for n in (10**3, 10**4, 10**5):
        truth = exactly(law.at(n, 10, R(1, 10), digits=25, params=value))
        ratios.append(abs(law.evaluate(n, 10, C, params=value)[0] - truth) / mpmath.mpf(n) ** exponent)
    assert max(ratios) < 3 * min(ratios)


def test_estimates_are_calibrated():
    """Estimated against true error of the amplitude, over orders and depths: the ratio stays between 0.1 and 100."""
    law = solve_state(COUNT, e, 1 / x**2 + (1 - R(2, 5) / x) * e + e**2 / x, terms=2)
    truth = exactly(law.amplitude(10, R(1, 10), digits=45))
    (here,) = law.numbers._made.values()
    driven, good, total = here.driven, 0, 0
    orbit = driven._orbit(sp.Integer(10), R(1, 10), 60)
    for size in (12, 16, 20, 24, 28, 32, 40):
        numbers = driven.level(size, 300)
        for steps in (60, 150, 400, 1000, 3000):
            with mpmath.workdps(60):
                found = driven._settle(orbit, steps, numbers, 20)
                from derive.numerics import to_mpf

                error = abs(to_mpf(found.value) - truth)
                ratio = mpmath.mpf(10) ** found.log10_error / error
            total += 1
            good += bool(0.1 < ratio < 100)
    assert total == 35 and good >= 0.97 * total


def test_a_degenerate_limit_is_reached_along_a_balance():
    """e' = e - e^2 + 1/(x+1)^2: e ~ a/x with a^2 - a - 1 = 0, and e' = tanh e + 1/x: e^3/3 ~ 1/x."""
    update = e - e**2 + 1 / (x + 1) ** 2
    law = solve_state(COUNT, e, update, terms=2)
    assert sp.simplify(law.terms[0].coefficient - (1 + sp.sqrt(5)) / 2) == 0 and law.terms[0].exponent == 1
    assert close(law.at(3000, 2, R(1, 2), digits=20), iterate(update, x + 1, 2, R(1, 2), 3000)[1], 19)
    law = solve_state(COUNT, e, sp.tanh(e) + 1 / x, terms=3)
    assert sp.simplify(law.terms[0].coefficient - 3 ** R(1, 3)) == 0
    assert close(law.at(9000, 2, R(1, 2), digits=12), iterate(sp.tanh(e) + 1 / x, x + 1, 2, R(1, 2), 9000)[1], 11)


def test_what_is_refused_and_why():
    with pytest.raises(UnsupportedError, match="power of log n"):
        solve_state(COUNT, e, e - e**2 / x)
    with pytest.raises(UnsupportedError, match="power of log n"):
        solve_state(COUNT, e, e + (1 - e) ** 2 / x, limit=1)
    with pytest.raises(UnsupportedError, match="no limit"):
        solve_state(COUNT, e, e + 1 / x)
    with pytest.raises(UnsupportedError):
        solve_state(COUNT, e, e + e / x - e**2 / x**2, limit=0)
    with pytest.raises(InputError, match="limit="):
        solve_state(COUNT, e, e + sp.sin(e) / x)
    law = solve_state(COUNT, e, 1 / x**2 + (1 - R(1, 2) / x) * e + e**2 / x, terms=2)
    with pytest.raises(DomainError, match="does not tend"):
        law.at(10**6, 1, R(1, 10))


@pytest.mark.parametrize("seed", [*range(5), *(pytest.param(s, marks=pytest.mark.slow) for s in range(5, 12))])
def test_random_systems_agree_with_plain_iteration(seed):
    """Linear part, forcing and nonlinearity drawn at random, over four drivers."""
    import random

    rng = random.Random(seed)
    F = rng.choice([x + 1, x + 1 / x, x + 1 - 1 / sp.sqrt(x), x + sp.tanh(1 / x)])
    rate, size = R(rng.randint(1, 9), rng.randint(2, 6)), R(rng.randint(1, 5), rng.randint(2, 6))
    power = sp.Integer(2) if F.has(1 / x) else sp.Integer(1)
    linear = rng.choice([-rate * e, -rate * sp.tanh(e), rate * (1 - e) * (e + 2) / 3])
    forcing = rng.choice([0, size, -size * sp.exp(-e), size * sp.cos(e)]) * x ** (-power - rng.choice([R(1, 2), 1]))
    nonlinear = rng.choice([0, e**2 / 8, -(e**3) / 6]) * x**-power
    update = e + linear * x**-power + forcing + nonlinear
    law = solve_state(Recurrence(x, F), e, update, terms=2, limit=0 if linear.subs(e, 0) == 0 else None)
    start = sp.nsimplify(sp.N(law.limit, 6), rational=True) + R(1, 20)
    _, truth = iterate(update, F, 20, start, 1000)
    assert close(law.at(1000, 20, start, digits=15), truth, 14)


def test_moderate_depths_are_iterated_where_the_series_is_far_away(monkeypatch):
    """The amplitude decays like n^(-1/6): the series needs far more steps than the depth asked for."""
    from derive.difference.driven import triangular_numbers

    monkeypatch.setattr(triangular_numbers, "_AT_ONCE", 0.05)
    update = e + e**2 / (3 * x**2) - sp.tanh(e) / (3 * x**2) - R(5, 3) / x ** R(5, 2)
    law = solve_state(Recurrence(x, x + 1 / x), e, update, terms=2, limit=0)
    assert close(law.at(300, 4, R(-1, 30), digits=15), iterate(update, x + 1 / x, 4, R(-1, 30), 300)[1], 14)


def test_a_homogeneous_part_that_is_exact_ends_the_search_for_terms():
    """e' = e - tanh(e)/3 + e^3/x shrinks like (2/3)^n exactly to first order: there is no second term to look for."""
    law = solve_state(Recurrence(x, x + 1 - 1 / sp.sqrt(x)), e, e**3 / x + e - sp.tanh(e) / 3, terms=3, limit=0)
    assert sp.simplify(law.expr - law.C * R(2, 3) ** law.n) == 0
