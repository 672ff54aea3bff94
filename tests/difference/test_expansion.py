"""Expansions against direct iteration, exact solutions and classical results."""

import mpmath
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive.difference import Recurrence
from derive.errors import InputError, PrecisionError

x = sp.Symbol("x", positive=True)
y = sp.Symbol("y", real=True)
a, b = sp.symbols("a b", positive=True)
oo, half = sp.oo, sp.Rational(1, 2)
DEPTHS = (200, 1000, 5000)


def tanh_like(variable):
    """x + B - C/sqrt(x) + D x^(-3/2) with coefficients like those of a tanh network."""
    c = sp.sqrt(2 / sp.pi) / sp.sqrt(b)
    return variable + a - c / sp.sqrt(variable) + sp.pi**2 * c / (24 * b) / variable ** sp.Rational(3, 2)


CASES = {
    "x + 1/x": (x + 1 / x, oo, "+", 1),
    "x + 1/x^2": (x + 1 / x**2, oo, "+", 2),
    "sin": (sp.sin(x), 0, "+", 1),
    "tanh from below": (sp.tanh(y), 0, "-", -2),
    "arctan": (sp.atan(x), 0, "+", 3),
    "log(1+x)": (sp.log(1 + x), 0, "+", 2),
    "x exp(-x)": (x * sp.exp(-x), 0, "+", half),
    "logistic": (x * (1 - x), 0, "+", half),
    "x + sqrt(x)": (x + sp.sqrt(x), oo, "+", 1),
    "x - x^(3/2)": (x - x ** sp.Rational(3, 2), 0, "+", sp.Rational(1, 5)),
    "fractional powers": (x + x ** sp.Rational(1, 3) + 1 / sp.sqrt(x), oo, "+", 2),
    "composed": (sp.log(1 + sp.sin(x)) * sp.exp(x**2 / 5), 0, "+", sp.Rational(2, 5)),
    "a point that is neither 0 nor infinity": (1 + sp.log(x), 1, "+", 2),
    "tanh network": (tanh_like(x), oo, "+", 3),
}
PARAMS = {a: sp.Rational(13, 10), b: sp.Rational(3, 4)}


@pytest.mark.parametrize("name", CASES)
def test_the_error_of_the_first_terms_is_within_ten_of_the_larger_of_the_next_two(name):
    F, point, side, x0 = CASES[name]
    law = Recurrence(y if y in F.free_symbols else x, F, point, side)
    sol = law.asymptotics(terms=6)
    orbit, c = _orbit_and_constant(law, F, x0)
    for n, value in orbit.items():
        for k in range(1, 7):
            found, estimate = sol.evaluate(n, c, digits=40, params=PARAMS, terms=k)
            assert abs(found - value) <= 10 * estimate
            assert abs(found - value) >= estimate / 10


def _orbit_and_constant(law, F, x0):
    """Iterates in mpmath, and the constant by extrapolating A_N(x_n) - n far out (N larger than used above)."""
    variable = law.x
    step = sp.lambdify(variable, F.subs(PARAMS), "mpmath")
    abel = sp.lambdify(variable, law.asymptotics(terms=12).abel.subs(PARAMS), "mpmath")
    with mpmath.mp.workdps(60):
        value, orbit, last = mpmath.mpf(sp.Rational(x0).p) / sp.Rational(x0).q, {}, 2 * DEPTHS[-1]
        for n in range(1, last + 1):
            value = step(value)
            if n in DEPTHS:
                orbit[n] = value
        return orbit, abel(value) - last


def test_x_plus_one_over_x_grows_like_the_root_of_two_n():
    # x'^2 = x^2 + 2 + 1/x^2, so x_n^2 = 2n + sum 1/x_i^2 + ... = 2n + (1/2) log n + O(1)
    sol = Recurrence(x, x + 1 / x).asymptotics(terms=3)
    square = sol.apply(x**2, terms=2)
    log = sp.log(sol.n)
    assert square.terms[0] == 2 * sol.n
    assert sp.expand(square.terms[1]).coeff(log, 1) == half


def test_the_iterated_sine_begins_with_the_root_of_three_over_n():
    # de Bruijn, section 8.6: sqrt(3/n) (1 - (3/10) log n / n + O(1/n))
    sol = Recurrence(x, sp.sin(x), point=0).asymptotics(terms=2)
    n = sol.n
    assert sol.terms[0] == sp.sqrt(3) / sp.sqrt(n)
    assert sp.expand(sol.terms[1]).coeff(sp.log(n), 1) == -3 * sp.sqrt(3) / (10 * n ** sp.Rational(3, 2))


def test_the_logistic_map_decays_like_one_over_n():
    # 1/x' = 1/x + 1 + x + ..., so 1/x_n = n + log n + c + o(1)
    sol = Recurrence(x, x * (1 - x), point=0).asymptotics(terms=2)
    assert sp.expand(sol.expr - (1 / sol.n - (sp.log(sol.n) + sol.c) / sol.n**2)) == 0


@pytest.mark.parametrize(
    ("F", "point", "exact"),
    [
        (x / (1 + a * x), 0, lambda n, c: 1 / (a * (n + c))),
        (sp.sqrt(x**2 + b), oo, lambda n, c: sp.sqrt(b * (n + c))),
        ((sp.sqrt(x) + a) ** 2, oo, lambda n, c: a**2 * (n + c) ** 2),
        (x + a, oo, lambda n, c: a * (n + c)),
        (1 + (x - 1) / (1 + a * (x - 1)), 1, lambda n, c: 1 + 1 / (a * (n + c))),
    ],
    ids=["homographic", "root", "square of root", "shift", "homographic at 1"],
)
def test_maps_that_are_solved_exactly(F, point, exact):
    sol = Recurrence(x, F, point).asymptotics(terms=4)
    t = sp.Symbol("t", positive=True)
    expected = sp.series(exact(1 / t, sol.c), t, 0, 5).removeO()
    found = sol.expr.subs(sol.n, 1 / t)
    gap = sp.expand(sp.series(found - expected, t, 0, 3).removeO())
    assert sp.simplify(gap) == 0


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=3), st.sampled_from([1, 2]), st.integers(1, 4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_polynomial_maps_pass_their_own_verification(tail, k, m):
    F = x - sp.Rational(m, 2) * x ** (k + 1) + sum(sp.Rational(t, 3) * x ** (k + 2 + i) for i, t in enumerate(tail))
    assert Recurrence(x, F, point=0).asymptotics(terms=5).verify()


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=4), st.sampled_from([2, 3]))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_maps_with_fractional_powers_at_infinity_pass_their_own_verification(tail, r):
    F = (
        x
        + x ** (1 - sp.Rational(1, r))
        + sum(sp.Rational(t, 2) * x ** (-sp.Rational(i, r)) for i, t in enumerate(tail))
    )
    assert Recurrence(x, F).asymptotics(terms=5).verify()


@pytest.mark.parametrize("name", ["sin", "fractional powers", "tanh network", "a point that is neither 0 nor infinity"])
def test_verification_measures_the_claimed_orders(name):
    F, point, side, _ = CASES[name]
    found = Recurrence(x, F, point, side).asymptotics(terms=5).verify(PARAMS)
    assert found.passed
    assert abs(found.inversion_measured - found.inversion_claimed) < 1e-3


def test_verification_notices_a_wrong_coefficient():
    from dataclasses import replace

    sol = Recurrence(x, sp.sin(x), point=0).asymptotics(terms=4)
    row = sol.rows[2]
    wrong = replace(row, coefficients=(row.coefficients[0] * sp.Rational(1001, 1000), *row.coefficients[1:]))
    assert not replace(sol, rows=(*sol.rows[:2], wrong, *sol.rows[3:])).verify()


def test_the_shifted_form_is_the_classical_one_with_y_put_in():
    sol = Recurrence(x, tanh_like(x)).asymptotics(terms=6)
    gap = sol.shifted.subs(sol.Y, sol.Y_value) - sol.expr
    point = {sol.n: 1234, sol.c: sp.Rational(7, 3), **PARAMS}
    assert sol.Y not in sol.expr.free_symbols and sp.log(sol.n) not in sol.shifted.atoms(sp.log)
    assert abs(sp.N(gap.subs(point), 40)) < 1e-30


def test_terms_count_nonzero_powers_of_the_small_scale():
    for terms in (1, 2, 5):
        assert len(Recurrence(x, x + 1 / x).asymptotics(terms=terms).terms) == terms
    assert len(Recurrence(x, x + 1).asymptotics(terms=5).terms) == 2  # n + c, and nothing else


def test_sparse_expansions_are_followed_to_the_terms_asked_for():
    # the powers are theta^-2, 1, theta^3, theta^8, theta^13, ...: gaps of five
    sol = Recurrence(x, x + (x + 1) ** sp.Rational(-3, 2)).asymptotics(terms=6)
    assert [r.exponent for r in sol.rows[:6]] == [-2, 0, 3, 8, 13, 18]
    assert sol.verify()


def test_the_error_term_is_the_first_omitted_one():
    sol = Recurrence(x, sp.sin(x), point=0).asymptotics(terms=2)
    n = sol.n
    assert sol.error == sp.Order(sp.log(n) ** 2 / n ** sp.Rational(5, 2), (n, oo))
    assert Recurrence(x, x / (1 + x), point=0).asymptotics(terms=2).error == sp.Order(n**-3, (n, oo))


def test_symbols_of_the_result_do_not_collide_with_parameters():
    n, c = sp.symbols("n c", positive=True)
    sol = Recurrence(x, x + n + c / x).asymptotics(terms=3)
    assert {sol.n.name, sol.c.name}.isdisjoint({"n", "c"})
    assert sol.terms[0] == n * sol.n


def test_lambdify_and_latex_work():
    sol = Recurrence(x, x + 1 / x).asymptotics(terms=3)
    f = sp.lambdify((sol.n, sol.c), sol.expr, "numpy")
    assert abs(f(1e6, 0.5) - float(sol.expr.subs({sol.n: 10**6, sol.c: 0.5}))) < 1e-9
    assert r"\sqrt{2} \sqrt{n}" in sol._repr_latex_()


def test_an_affine_image_and_a_shift_follow_the_state():
    sol = Recurrence(x, x + 1 / x).asymptotics(terms=4)
    image = sol.affine(a, b)
    assert sp.expand(image.expr - a * sol.expr - b) == 0
    later = sol.shift_index(3)
    assert abs(sp.N((later.expr - sol.expr.subs(sol.n, sol.n + 3)).subs({sol.n: 10**8, sol.c: 1}), 30)) < 1e-24
    assert sol.shift_index(3).at(10, 1) == sol.at(13, 1)
    assert abs(image.at(50, 1, params={a: 2, b: 5}) - (2 * sol.at(50, 1) + 5)) < 1e-25


def test_a_function_of_the_state_is_expanded_along_the_orbit():
    sol = Recurrence(x, x / (1 + x), point=0).asymptotics(terms=4)
    image = sol.apply(sp.sqrt(x), terms=3)
    n, c = sol.n, sol.c
    expected = 1 / sp.sqrt(n) - c / (2 * n ** sp.Rational(3, 2)) + 3 * c**2 / (8 * n ** sp.Rational(5, 2))
    assert sp.expand(image.expr - expected) == 0
    assert abs(image.at(99, 1) - sp.Rational(1, 10)) < 1e-28


def test_the_constant_is_the_same_along_the_orbit():
    law = Recurrence(x, x * sp.exp(-x), point=0).asymptotics(terms=3)
    start = sp.Rational(1, 3)
    first = law.constant_value(start, digits=25)
    image = law.at(1, start, digits=60)
    again = law.constant_value(sp.Rational(str(image)), digits=25)
    assert abs(again - first - 1) < 1e-23


def test_only_computed_terms_can_be_evaluated():
    sol = Recurrence(x, x + 1 / x).asymptotics(terms=3)
    with pytest.raises(PrecisionError, match=r"asymptotics\(terms=9\)"):
        sol.evaluate(100, 1, terms=9)
    with pytest.raises(InputError, match="must not depend"):
        sol.affine(sol.n)
    with pytest.raises(InputError, match="scale = 0"):
        sol.affine(0)


@pytest.mark.parametrize("terms", [8, 20])
def test_long_symbolic_expansions_stay_small(terms):
    sol = Recurrence(x, tanh_like(x)).asymptotics(terms=terms)
    assert len(sol.terms) == terms
    assert sol.expr.count_ops() < 40_000


def test_sixty_numeric_terms():
    sol = Recurrence(x, sp.sin(x), point=0).asymptotics(terms=60)
    assert len(sol.rows) == 62
    assert sol.verify()


FLAT = [
    (x + sp.tanh(x), sp.Rational(1, 10)),
    (x + 1 + sp.exp(-x), half),
    (x + 1 / x + sp.exp(-x), sp.Integer(1)),
    (x + 1 / sp.sqrt(x) + sp.exp(-x / 10), sp.Integer(1)),
    (x + sp.erf(x), sp.Rational(1, 10)),
    (x + sp.coth(x), sp.Integer(1)),
]


@pytest.mark.parametrize(("F", "x0"), FLAT, ids=str)
def test_exponentially_small_parts_of_the_map_are_waited_for(F, x0):
    # they are in no series, so the constant must be read off where they no longer matter
    law = Recurrence(x, F).asymptotics(terms=3)
    step = sp.lambdify(x, F, "mpmath")
    with mpmath.mp.workdps(40):
        value = mpmath.mpf(x0.p) / x0.q
        for _ in range(2000):
            value = step(value)
        assert abs(mpmath.mpf(law.at(2000, x0, digits=25)._mpf_) / value - 1) < mpmath.mpf(10) ** -24


@pytest.mark.parametrize("n", [10**24, 10**30])
@pytest.mark.parametrize("power", [sp.Rational(1, 2), 2])
def test_estimates_see_a_constant_larger_than_the_terms_do(n, power):
    # from 10**15 the constant is far larger than what eight terms on a fine lattice contain
    law = Recurrence(x, x + x**-power - x ** -(power + sp.Rational(1, 3))).asymptotics(8)
    c = law.constant_value(10**15, digits=90)
    value, estimate = law.evaluate(n, c, digits=60)
    with mpmath.mp.workdps(60):
        truth = mpmath.mpf(law.at(n, 10**15, digits=60)._mpf_)
        assert abs(value - truth) < 10 * estimate
