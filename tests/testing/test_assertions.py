"""The assertions accept what is right, refuse what is wrong by little, and say where."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

import derive as dv
from derive.errors import InputError, ParseError, Undecided
from derive.testing import assert_enclosed, assert_expansion, assert_identity

x, y = sp.symbols("x y", positive=True)
r = sp.Symbol("r", real=True)
n = sp.Symbol("n", integer=True, positive=True)


# --- identities


@pytest.mark.parametrize(
    ("lhs", "rhs", "domain"),
    [
        (sp.cosh(r) ** 2 - sp.sinh(r) ** 2, 1, None),
        (sp.loggamma(x) - sp.log(sp.gamma(x)), 0, None),
        (sp.binomial(2 * n, n), sp.gamma(2 * n + 1) / sp.gamma(n + 1) ** 2, None),
        ("asin(u)", "atan(u/sqrt(1 - u**2))", {"u": (-1, 1)}),
        (sp.exp(sp.I * r), sp.cos(r) + sp.I * sp.sin(r), None),
        (sp.pi, 4 * sp.atan(1), None),
        (lambda u: mpmath.quad(lambda t: mpmath.exp(-u * t), [0, mpmath.inf]), "1/u", {"u": (1, 3)}),
        (dv.V("sin", y), (1 - sp.exp(-2 * y)) / 2, None),
    ],
    ids=["hyperbola", "zero", "binomial", "text", "complex", "closed", "function", "expectation"],
)
def test_true_identities_pass(lhs, rhs, domain):
    assert_identity(lhs, rhs, digits=30, domain=domain)


def test_a_mistake_in_the_thirtieth_digit_is_seen_at_forty_digits_and_not_at_twenty():
    wrong = sp.sin(x) * (1 + sp.Rational(1, 10**30))
    assert_identity(sp.sin(x), wrong, digits=20)
    with pytest.raises(AssertionError, match=r"differ at 8 of 8 points.*\n  x = .*: (29|30) digits agree"):
        assert_identity(sp.sin(x), wrong, digits=40)


def test_the_worst_point_comes_first():
    with pytest.raises(AssertionError) as failure:
        assert_identity(sp.exp(x), 1 + x + x**2 / 2, domain={x: [1, sp.Rational(1, 1000)]}, points=2)
    lines = str(failure.value).splitlines()
    assert lines[1].startswith("  x = 1:")
    assert lines[2].startswith("  x = 1/1000:")


def test_a_side_without_a_number_is_a_failure_that_names_the_domain():
    with pytest.raises(AssertionError, match="keep domain="):
        assert_identity(1 / (r - 1), 1 / (r - 1), domain={r: [1, 2]})


def test_the_same_seed_gives_the_same_points():
    first, again = (assert_identity(sp.sin(x), sp.sin(x), seed=5) for _ in range(2))
    assert first.where == again.where
    assert first.where != assert_identity(sp.sin(x), sp.sin(x), seed=6).where


def test_points_respect_assumptions_and_intervals():
    where = assert_identity(n * x, x * n, domain={x: ("1/10", "2/10")}, points=20).where
    for line in where:
        parts = dict(part.split(" = ") for part in line.split(", "))
        assert sp.Rational(1, 10) < sp.Rational(parts["x"]) < sp.Rational(2, 10)
        assert sp.Integer(parts["n"]) >= 1


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        (("__import__('os')", 1), {}, ParseError),
        ((x, x), {"digits": 0}, InputError),
        ((x, x), {"points": 0}, InputError),
        ((x, x), {"domain": {x: (2, 1)}}, InputError),
        ((x, x), {"domain": {x: []}}, InputError),
        ((x, x), {"domain": {"z": (0, 1)}}, InputError),
        ((lambda u: u, 1), {}, InputError),
        ((float("nan"), 1), {}, InputError),
    ],
)
def test_arguments_that_make_no_sense(arguments, options, error):
    with pytest.raises(error):
        assert_identity(*arguments, **options)


# --- expansions


@pytest.mark.parametrize(
    ("f", "expansion", "at", "options"),
    [
        (sp.loggamma(x), (x - sp.Rational(1, 2)) * sp.log(x) - x + sp.log(2 * sp.pi) / 2 + 1 / (12 * x), sp.oo, {}),
        (sp.sin(x), x - x**3 / 6 + x**5 / 120, 0, {}),
        (sp.sin(r), r - r**3 / 6, 0, {"side": "-"}),
        (sp.log(1 + x), x - x**2 / 2 + sp.O(x**3), 0, {}),
        (sp.sqrt(x**2 + y * x), x + y / 2 - y**2 / (8 * x), sp.oo, {"params": {y: 3}}),
        (
            lambda t: mpmath.harmonic(t),
            "log(t) + EulerGamma_ + 1/(2*t)",
            sp.oo,
            {"params": {"EulerGamma_": sp.EulerGamma}},
        ),
        ("(x + 1)/(x - 1)", "1 + 2/x + 2/x**2", -sp.oo, {}),
    ],
    ids=["stirling", "sine", "below", "order", "parameter", "harmonic", "minus infinity"],
)
def test_true_expansions_pass(f, expansion, at, options):
    assert_expansion(f, expansion, at, **options)


def test_the_first_wrong_term_is_named_with_its_ratios():
    with pytest.raises(AssertionError, match=r"the term x\*\*3/7 is not right") as failure:
        assert_expansion(sp.tan(x), x + x**3 / 7 + 2 * x**5 / 15, 0)
    assert "2.33333" in str(failure.value)  # (1/3)/(1/7)


def test_a_missing_logarithm_is_seen():
    # log of Gamma without the -log(x)/2: the remainder outgrows the last term
    with pytest.raises(AssertionError, match="does not tend to"):
        assert_expansion(sp.loggamma(x), x * sp.log(x) - x + sp.log(2 * sp.pi) / 2)


def test_an_order_term_that_is_too_small_is_refused():
    with pytest.raises(AssertionError, match="is not bounded"):
        assert_expansion(sp.log(1 + x), x + sp.O(x**3), 0)


def test_terms_of_the_same_order_are_judged_together():
    assert_expansion((1 + y) / (x + 1), 1 / x + y / x, params={y: 2})


@pytest.mark.parametrize(
    ("f", "expansion", "options"),
    [
        (x * y, x * y, {}),
        (x, x, {"side": "above"}),
        (x, x, {"points": [1, 2]}),
        (x + sp.exp(-x), x + sp.exp(-x), {}),
        (x, lambda t: t, {}),
    ],
    ids=["two variables", "side", "few points", "too far", "function"],
)
def test_expansions_that_make_no_sense(f, expansion, options):
    with pytest.raises(InputError):
        assert_expansion(f, expansion, **options)


# --- enclosures


def test_numbers_inside_pass_and_numbers_outside_say_by_how_much():
    ball = dv.Ball("1.5", "1/10")
    for inside in (
        "1.4",
        "1.6",
        sp.Rational(3, 2),
        1.5,
        sp.pi / 2,
        "sqrt(2)",
        dv.Ball("1.5", "1/20"),
        dv.V("tanh", 1) + 1,
    ):
        if inside == "sqrt(2)":
            assert_enclosed(inside, (1, 2))
        elif isinstance(inside, sp.Expr) and inside.has(dv.V("tanh", 1)):
            assert_enclosed(inside, ("1.39", "1.4"))
        else:
            assert_enclosed(inside, ball)
    with pytest.raises(AssertionError, match=r"lies above \[1\.4, 1\.6\] by 0\.1$"):
        assert_enclosed("1.7", ("1.4", "1.6"))
    with pytest.raises(AssertionError, match="lies below"):
        assert_enclosed(dv.Ball("1.41", "1/50"), ball)


def test_a_number_at_the_end_of_an_interval():
    assert_enclosed(2, (2, 3))
    with pytest.raises(Undecided):
        assert_enclosed(
            sp.sqrt(2) ** 2 * sp.sqrt(3) / sp.sqrt(3) + sp.log(2) - sp.log(4) / 2 + sp.exp(0) - 1, (2, 3)
        ) or (assert_enclosed(sp.cos(1) ** 2 + sp.sin(1) ** 2, (1, 2)))


@pytest.mark.parametrize("enclosure", [(2, 1), 3, (1, sp.sqrt(2)), "ball"])
def test_enclosures_that_are_none(enclosure):
    with pytest.raises(InputError):
        assert_enclosed(1, enclosure)
