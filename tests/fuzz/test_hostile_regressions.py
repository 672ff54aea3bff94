"""Values that once ended in an error of Python's own, or in none, each with the error it gets now."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb

import derive as dv
import derive.report.figures as figures
from derive import report
from derive.numerics.exact import positive_integer, variance, whole_number


def net(depth, **changes):
    given = {"sigma_w2": 2, "sigma_b2": 2, "p0": "0.77", "e0": "1/2"} | changes
    return dv.ReducedResidual("x**3").at(depth, "gamma", 5, **given)


@pytest.mark.parametrize(
    "digits", [(1, 2), "x", True, sp.oo, float("inf"), 1e308, 10**400, -(10**400), 2.5, 0, np.array([])]
)
def test_digits_of_a_ball_are_a_bearable_count(digits):
    with pytest.raises(dv.DeriveError, match=r"digits|number|read"):
        dv.Ball("1/3", "1e-10").to_decimal(digits)


def test_a_ball_of_many_digits_is_printed():
    """Python prints integers of at most 4300 figures; 1/7 has the period 142857 (known)."""
    text = dv.Ball(Fraction(1, 7), bits=20_000).to_decimal(5000)
    assert text.startswith("0.142857142857") and len(text) > 5000


@pytest.mark.parametrize("name", [None, 3, [], {}, b"p"])
def test_claims_and_papers_are_asked_for_by_text(name):
    for entrance in (dv.check, dv.cite):
        with pytest.raises(dv.InputError):
            entrance(name)


def test_a_long_name_makes_a_short_message():
    with pytest.raises(dv.UnknownNameError) as caught:
        dv.activation("a" * 5000)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("seed", [-1, 1.5, float("nan"), [], True, "x"])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(dv.InputError):
        dv.simulate(
            dv.FeedForward("tanh"), depth=1, width=2, realisations=2, seed=seed, progress=False, sigma_w2=1, q0=1
        )


@pytest.mark.parametrize("x", ["1/2", 0.5, Fraction(1, 2), sp.Rational(1, 2), np.float64(0.5)])
def test_a_map_takes_every_kind_of_number(x):
    """sin(1/2) = 0.479425538604203 (known)."""
    map_ = dv.Recurrence("x", "sin(x)", point=0)
    assert abs(float(map_.map_value(x)) - 0.479425538604203) < 1e-14
    assert abs(map_.map_ball(x) - arb("0.479425538604203")) < 1e-14


@pytest.mark.parametrize("x", [sp.oo, "tanh(", (1, 2), None, float("nan"), b"1"])
def test_a_map_refuses_what_is_no_number(x):
    map_ = dv.Recurrence("x", "sin(x)", point=0)
    for method in (map_.map_value, map_.map_ball):
        with pytest.raises(dv.InputError):
            method(x)


@pytest.mark.parametrize("order", ["x", (), -1, 10**400, float("inf"), 2.5])
def test_the_order_of_a_series_is_a_bearable_whole_number(order):
    with pytest.raises(dv.InputError):
        dv.Recurrence("x", "x - x**3", point=0).series_coefficients(order)


@pytest.mark.parametrize("point", [np.array([1, 2]), np.array([]), [], "x.y"])
def test_a_point_is_one_number(point):
    with pytest.raises(dv.InputError):
        dv.Recurrence("x", "sin(x)", point=point)


def test_a_depth_that_is_an_array_of_floats_is_refused():
    with pytest.raises(dv.InputError, match="non-negative integer"):
        dv.Recurrence("x", "sin(x)", point=0).asymptotics(3).at(np.array([0.5]), 1)


def test_depth_zero_is_the_input():
    """gamma_0 = e_0 p_0 = 0.385."""
    assert net(0) == sp.Float("0.385", 5)


def test_sizes_beyond_reach_are_refused():
    with pytest.raises(dv.DomainError, match="width"):
        dv.ResidualReLU([1], 10**400)
    with pytest.raises(dv.DomainError, match="k = about 10"):
        dv.ResidualReLU([1], 3).moment(10**400)
    with pytest.raises(dv.DomainError, match="depth"):
        dv.ScaledResidual("tanh", 1, 10**12).trajectory(sigma_w2=1)
    with pytest.raises(dv.DomainError, match="depth"):
        dv.FullResidual("tanh").trajectory(10**300, sigma_v2=1, sigma_w2=1, sigma_a2=0, sigma_b2=0, p0=1)


def test_a_variance_that_is_zero_in_disguise_is_zero():
    """sqrt(5 + 2 sqrt 6) = sqrt 2 + sqrt 3."""
    assert variance(sp.sqrt(5 + 2 * sp.sqrt(6)) - sp.sqrt(2) - sp.sqrt(3)) is sp.Integer(0)


def test_counts_have_bounds():
    assert positive_integer("10", "n", most=10) == 10 and whole_number(0) == 0
    with pytest.raises(dv.DomainError, match="at most 10"):
        positive_integer(11, "n", most=10)


def test_an_expansion_may_lie_at_a_closed_form():
    with pytest.raises((dv.DeriveError, AssertionError)):
        dv.assert_expansion("x", "x/2", "E")


def test_a_covariance_below_every_float_is_refused():
    with pytest.raises(dv.PrecisionError, match="below the smallest float"):
        sp.N(dv.E("tanh", "erf", 1, 1, sp.Float("1e-500", 50)), 15)


@pytest.mark.parametrize("terms", [lambda x: x, [1], "x", 0, 2.5, None, True])
@pytest.mark.parametrize("phi, quantity", [("erf", "gamma"), ("relu", "p"), ("Heaviside(x)", "s")])
def test_the_terms_of_an_expansion_are_a_count(terms, phi, quantity):
    with pytest.raises(dv.InputError):
        dv.FullResidual(phi).asymptotics(quantity, terms)


@pytest.mark.parametrize("name", [[], {}, None, 3, b"p", "a" * 10_000, "\x00", "tabel1"])
def test_a_name_out_of_a_list_is_text_and_the_message_is_short(name):
    calls = [
        lambda: dv.initial_variances(name, "erf", 10),
        lambda: dv.FullResidual("relu").at(10, name, sigma_v2=1, sigma_w2=1, p0=1),
        lambda: report.table(name),
        lambda: figures.figure(name),
    ]
    for call in calls:
        with pytest.raises(dv.UnknownNameError) as caught:
            call()
        assert len(str(caught.value)) < 2500


@pytest.mark.parametrize(
    "words", [["codegen", "/"], ["codegen", "\x00"], ["list", "a" * 9000], ["figure", "a" * 9000], ["export", "\x00"]]
)
def test_a_command_line_with_such_an_argument_is_one_short_line(words, capsys):
    from derive.cli import main

    assert main([*words, "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("derive: error: ") and err.count("\n") == 1 and len(err) < 2500


def test_lengths_that_grow_doubly_exponentially_end_in_a_named_error():
    """V(x^3, q) = 15 q^3, so the length after 50 layers has 3^50 digits."""
    with pytest.raises(dv.DomainError, match=r"q is about 10\*\*"):
        dv.ReducedResidual("x**3").trajectory(50, sigma_w2="0.77", sigma_b2=0, p0=1.3, e0=0)


def test_layers_are_not_counted_to_a_million_million():
    with pytest.raises(dv.DomainError, match="too many layers"):
        dv.weight_variance_for("erf", "1/2", 10**12)
    with pytest.raises(dv.DomainError, match="too many layers"):
        dv.effective_cumulant("erf", 10**12, 1)


def test_a_gradient_beyond_every_float_is_infinite():
    """chi = prod (a^2 + c2/L), c2 = sigma_w2/2 for ReLU: two layers of 2.5e307."""
    run = dv.ScaledResidual("relu", 0, 2).trajectory(sigma_w2=1e308, sigma_b2="1.3", p0=1)
    assert np.isinf(run.chi[0]) and abs(run.chi[1] / 2.5e307 - 1) < 1e-12


@pytest.mark.parametrize("F", ["tanh(x)", "x + (x - 0.1)**2*tanh(x)"])
def test_powers_of_e_that_fill_the_memory_are_refused(F):
    """0.1 is 3602879701896397/2**55: tanh there is a ratio of polynomials of that degree in exp(2**-54)."""
    law = dv.Recurrence("x", F, point=0.1, side="-")
    with pytest.raises(dv.UnsupportedError, match="needs polynomials of degree"):
        law.asymptotics(2)


def test_a_variance_beyond_every_float_has_no_trajectory():
    with pytest.raises(dv.DomainError, match="sigma_v2 is too large"):
        dv.FullResidual("x").trajectory(3, sigma_v2="1e400", sigma_w2=0, sigma_a2=2, sigma_b2=0, p0=2, e0=0)


@pytest.mark.parametrize("f", [type, lambda x: None, lambda x: "1/3", lambda x: True, lambda x: [x], lambda x: object])
def test_a_function_under_test_returns_numbers(f):
    with pytest.raises(dv.InputError, match="is not a number"):
        dv.assert_expansion(f, "tanh(x)", 0)
    with pytest.raises(dv.InputError, match="is not a number"):
        dv.assert_identity(f, "tanh(x)", domain={"x": (0, 1)})
