"""The wrong statements of the negative control: all of them wrong, none forgotten, the same in every run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import derive.errors
from derive.evidence.perturb import perturbations

x, y = sp.symbols("x y", positive=True)
f = sp.Symbol("f")


def wrong(rhs, limit=40):
    made, _ = perturbations(sp.Eq(f, rhs), limit)
    return [p.statement.rhs for p in made]


def test_every_coefficient_sign_and_exponent_of_an_expansion_is_changed():
    factor = sp.Rational(65, 64)
    rhs = x - 2 * sp.sqrt(x) - y * sp.log(x)
    found = wrong(rhs)
    for term in rhs.args:
        assert rhs - term + factor * term in found
        assert rhs - 2 * term in found
    assert x - 2 * x ** (factor / 2) - y * sp.log(x) in found
    assert x - 2 * sp.sqrt(x) - y * sp.log(factor * x) in found


def test_mistakes_reach_into_nested_expressions():
    rhs = sp.asin(x / (x + y)) ** 2
    assert sp.asin(x / (x + y)) ** 3 in wrong(rhs)
    assert sp.asin(x / (x + sp.Rational(65, 64) * y)) ** 2 in wrong(rhs)


def test_orders_of_functions_stay_integers():
    assert sp.besselk(1, x) in wrong(sp.besselk(0, x))
    assert not any(
        b.args[0].is_Rational and not b.args[0].is_Integer for e in wrong(sp.besselk(0, x)) for b in e.atoms(sp.besselk)
    )


def test_a_zero_and_an_infinity_are_replaced():
    assert wrong(sp.Integer(0)) == [sp.Rational(1, 64)]
    assert sp.Integer(1) in wrong(sp.oo)


def test_every_branch_of_a_piecewise_is_changed():
    rhs = sp.Piecewise((x, x < 1), (x**2, True))
    found = wrong(rhs)
    assert sp.Piecewise((-x, x < 1), (x**2, True)) in found
    assert sp.Piecewise((x, x < 1), (x**3, True)) in found


def test_every_entry_of_a_tuple_is_changed():
    assert sp.Tuple(x, -y) in wrong(sp.Tuple(x, y)) and sp.Tuple(-x, y) in wrong(sp.Tuple(x, y))


def test_bound_variables_and_limits_of_an_integral_are_left_alone():
    t = sp.Symbol("t")
    found = wrong(sp.Integral(t * x, (t, 0, 1)))
    assert all(e.atoms(sp.Integral).pop().limits == sp.Integral(t, (t, 0, 1)).limits for e in found)


def test_an_inequality_is_negated():
    made, _ = perturbations(x > 3)
    assert [p.statement for p in made] == [x <= 3]


def test_a_change_that_changes_nothing_is_left_away():
    # the sign of the argument of an even function, written so that SymPy does not notice by itself
    even = sp.sqrt((x - y) ** 2)
    made, skipped = perturbations(sp.Eq(f, sp.Add(even, 0 * y, evaluate=False)))
    assert made and skipped >= 0
    zero = sp.Mul(sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, y, evaluate=False)
    made, skipped = perturbations(sp.Eq(f, zero + x), 60)
    assert skipped >= 1 and all(sp.simplify(p.statement.rhs - x) != 0 for p in made)


def test_a_long_list_is_sampled_evenly_and_keeps_its_ends():
    rhs = sum(k * x**k for k in range(1, 30))
    everything, few = wrong(rhs, 1000), wrong(rhs, 16)
    assert len(few) == 16 and few[0] == everything[0] and few[-1] == everything[-1]


@pytest.mark.parametrize("seed", ["1", "77"])
def test_the_list_does_not_depend_on_the_hash_seed(seed):
    code = (
        "import sympy as sp; from derive.evidence.perturb import perturbations\n"
        "x, y, a, b = sp.symbols('x y a b', positive=True)\n"
        "e = a*sp.sqrt(x) + b*x + sp.log(x)*sp.Max(a, b, x)/(1 + a*b) + sp.asin(a/(a + b))**2\n"
        "print(perturbations(sp.Eq(y, e), 12))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": s, "PYTHONPATH": str(Path(derive.errors.__file__).parent.parent)},
            capture_output=True,
            check=True,
        ).stdout
        for s in ("0", seed)
    ]
    assert runs[0] == runs[1] != b""


terms = st.lists(
    st.tuples(st.integers(-9, 9).filter(bool), st.fractions(-3, 3, max_denominator=4)), min_size=1, max_size=4
)


@settings(max_examples=40, deadline=None)
@given(terms)
def test_no_mistake_in_a_power_sum_equals_the_truth(parts):
    rhs = sum(c * x ** sp.Rational(e.numerator, e.denominator) for c, e in parts)
    for changed in wrong(rhs):
        difference = (rhs - changed).subs(x, sp.Rational(7, 3)).evalf(30)
        assert abs(difference) > 1e-20
