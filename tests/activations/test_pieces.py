"""Analytic pieces, kinks and their orders, exact zeros."""

from __future__ import annotations

from itertools import pairwise

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.activations import activation
from derive.activations.local import local_series
from derive.activations.zeros import real_zeros
from derive.errors import DeriveError, DomainError, UnsupportedError

x = sp.Symbol("x", real=True)
R = sp.Rational


def num(value):
    """The 40-digit mpmath value of an exact number."""
    return mpmath.mpf(str(value.evalf(40)))


@pytest.mark.parametrize(
    ("text", "kinks", "orders"),
    [
        ("tanh(x)", (), ()),
        ("Abs(x)", (0,), (1,)),
        ("Abs(x)**2", (), ()),
        ("Abs(x)**3", (0,), (3,)),
        ("x*Abs(x)", (0,), (2,)),
        ("Abs(x - pi)", (sp.pi,), (1,)),
        ("Abs(Abs(x) - 1)", (-1, 0, 1), (1, 1, 1)),
        ("Heaviside(x)", (0,), (0,)),
        ("x*Heaviside(x)", (0,), (1,)),
        ("sign(x)*x", (0,), (1,)),
        ("sign(x)*tanh(x)**3", (0,), (3,)),
        ("Max(0, x)", (0,), (1,)),
        ("Max(x, x**2)", (0, 1), (1, 1)),
        ("Max(-1, Min(1, x))", (-1, 1), (1, 1)),
        ("Max(0, x) - Max(0, -x)", (), ()),
        ("Max(0, x)**2 + Min(0, x)**2", (), ()),
        ("Max(x**2, x**2 + x**3)", (0,), (3,)),
        ("Abs(exp(x) - 2)", (sp.log(2),), (1,)),
        ("Abs(x**2 - 2)", (-sp.sqrt(2), sp.sqrt(2)), (1, 1)),
        ("Abs(x**2 + 1)", (), ()),
        ("Abs(tanh(x) - 1/2)", (sp.log(3) / 2,), (1,)),
        ("x/(1 + Abs(x))", (0,), (2,)),
        ("Piecewise((x**2, x < 0), (x**2, True))", (), ()),
        ("Piecewise((1 - cos(x), x < 0), (x**2/2, True))", (0,), (4,)),
        ("Piecewise((0, x < 0), (x**30, True))", (0,), (30,)),
        ("Piecewise((sin(x)/x, x < 0), (1, True))", (0,), (2,)),
        ("Piecewise((x, x > 0), (exp(x) - 1, True))", (0,), (2,)),
        ("Piecewise((-1, x < -1), (x, x < 1), (1, True))", (-1, 1), (1, 1)),
        ("sqrt(Abs(x))", (0,), (R(1, 2),)),
        ("Abs(x)**0.123456789", (0,), (R(123456789, 10**9),)),
        ("sqrt(x**4 + x**2)", (0,), (1,)),
        ("sqrt(x**4 + x**6)", (), ()),
        ("sin(x)/x", (), ()),
        ("sin(x) + x**60*sqrt(x**2 + x**4)", (0,), (sp.oo,)),
        ("Max(1/2, erfc(x))", (sp.erfinv(R(1, 2)),), (1,)),
        ("Abs(x - 1e60)", (10**60,), (1,)),
        ("x/tanh(x)", (), ()),
        ("exp(-1/x**2)", (0,), (sp.oo,)),
        ("x*log(Abs(x))", (0,), (1,)),
        ("log(1 + Abs(x)**3)", (0,), (3,)),
        ("asin(tanh(x))", (), ()),
        ("acos(x/Max(1, Abs(x)))", (-1, 1), (R(1, 2), R(1, 2))),
    ],
)
def test_kinks_are_where_the_function_is_not_analytic(text, kinks, orders):
    """Kinks and orders follow by hand from the Taylor expansions on both sides."""
    phi = activation(text)
    assert phi.kinks == kinks
    assert phi.kink_orders == orders
    assert phi.is_smooth is (not kinks)


@pytest.mark.parametrize(
    "text",
    [
        "hard_tanh",
        "selu",
        "Abs(Abs(x) - 1)",
        "Max(x, x**2, 1 - x)",
        "Min(Max(0, x), 6)*tanh(x)",
        "Max(x**5 - x - 1, x**3 - 2)",
    ],
)
def test_pieces_tile_the_line_and_agree_with_the_function(text):
    """Pieces follow each other without a gap; on each the branch has the function's values (mpmath)."""
    phi = activation(text)
    pieces = phi.pieces
    assert pieces[0].left == -sp.oo
    assert pieces[-1].right == sp.oo
    for low, high in pairwise(pieces):
        assert low.right == high.left
    f = phi.mp()
    for piece in pieces:
        assert not piece.expr.has(sp.Abs, sp.Max, sp.Min, sp.Heaviside, sp.sign, sp.Piecewise)
        low = mpmath.mpf(-7) if piece.left == -sp.oo else num(piece.left)
        high = mpmath.mpf(7) if piece.right == sp.oo else num(piece.right)
        branch = sp.lambdify(phi.variable, piece.expr, "mpmath")
        for k in range(1, 8):
            at = low + (high - low) * k / 8
            assert abs(branch(at) - f(at)) < 1e-12 * (1 + abs(f(at)))


_BLOCKS = st.sampled_from(
    ["x", "x", "x - 1", "tanh(x)", "x**2 - 2", "1/2", "exp(x) - 1", "2*x + 3", "x**3 - x", "erf(x)"]
)


def _switched(inner):
    return st.one_of(
        st.builds("Abs({})".format, inner),
        st.builds("Max({}, {})".format, inner, inner),
        st.builds("Min({}, {})".format, inner, inner),
        st.builds("({} + {})".format, inner, inner),
        st.builds("({})*Heaviside({})".format, inner, _BLOCKS),
        st.builds("Piecewise(({}, {} < {}), ({}, True))".format, inner, _BLOCKS, st.sampled_from(["0", "1"]), inner),
    )


def test_no_kink_is_missed():
    """Of 60 random activations at least 40 are taken (50 today); the others are refused by an error of ours."""
    taken = []

    @settings(max_examples=60, deadline=None)
    @given(st.recursive(_BLOCKS, _switched, max_leaves=5))
    def branches_are_the_function(text):
        try:
            phi = activation(text)
            pieces = phi.pieces
        except DeriveError:
            return
        _compare_branches(phi, pieces)
        taken.append(text)

    branches_are_the_function()
    assert len(taken) >= 40


def _compare_branches(phi, pieces):
    """Between kinks the branch is the function, at many random-looking points."""
    f = phi.mp()
    edges = [num(k) for k in phi.kinks]
    for k in range(-40, 41):
        at = mpmath.mpf(k) / 8 + mpmath.mpf("0.0137")
        piece = pieces[sum(at > e for e in edges)]
        branch = sp.lambdify(phi.variable, piece.expr, "mpmath")
        assert abs(branch(at) - f(at)) < 1e-10 * (1 + abs(f(at)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("log(x)", "not a real number"),
        ("sqrt(x)", "not a real number"),
        ("x**x", "not a real number"),
        ("asin(x)", "not a real number"),
        ("sqrt(1 - x**2)", "not a real number"),
        ("1/x", "not integrable"),
        ("1/(x**2 - 3)", "not integrable"),
        ("1/tanh(x)**2", "not integrable"),
    ],
)
def test_functions_that_are_not_real_and_finite_are_refused(text, words):
    """An activation is real on the line and integrable."""
    with pytest.raises(DomainError, match=words):
        activation(text)


@pytest.mark.parametrize("text", ["tan(x)", "Abs(sin(x))", "Abs(x + exp(x))", "gamma(x)", "Max(sin(x), cos(x))"])
def test_break_points_that_cannot_be_found_exactly_are_refused(text):
    """Infinitely many kinks, or kinks without a closed form: a clear refusal instead of a guess."""
    with pytest.raises(UnsupportedError):
        activation(text)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.fractions(-5, 5, max_denominator=6), min_size=1, max_size=4, unique=True), st.integers(1, 3))
def test_zeros_of_polynomials_with_known_roots(roots, power):
    """A polynomial built from its roots gives them back, times a factor without zeros, in order."""
    expected = tuple(sorted(R(r.numerator, r.denominator) for r in roots))
    u = sp.expand(sp.prod((x - r) ** power for r in expected))
    assert real_zeros(u, x) == expected
    assert real_zeros(u * (x**2 + 1), x) == expected
    assert real_zeros(sp.exp(-x) * u, x) == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True))
def test_zeros_of_exponential_polynomials(roots):
    """A polynomial in exp(x/2) with known positive roots r has the zeros 2 log r."""
    u = sp.expand(sp.prod(sp.exp(x / 2) - r for r in roots))
    expected = sorted(2 * mpmath.log(r) for r in roots)
    found = [num(z) for z in real_zeros(u, x)]
    assert len(found) == len(expected)
    assert all(abs(a - b) < 1e-12 for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    "u",
    [
        sp.cosh(x) - 2,
        sp.sech(x) - R(1, 2),
        sp.sinh(x) + sp.cosh(x) - 3,
        sp.tanh(x) ** 2 - R(1, 4),
        1 / (1 + x**2) - R(1, 3),
        sp.log(1 + sp.exp(x)) - 1,
        x**4 - 3 * x**2 + 1,
        sp.pi * x**3 - x,
        sp.sqrt(1 + x**2) - 2,
        sp.erf(x) - R(1, 3),
        x**2 * sp.exp(-(x**2)) - sp.exp(-(x**2)) / 5,
        sp.atan(x) - 1,
        2 + sp.sin(x),
        1 + x**2 + sp.exp(x),
        1 / (1 + sp.exp(-x)) - R(1, 3),
    ],
    ids=str,
)
def test_every_sign_change_is_found_and_every_zero_is_one(u):
    """Brute force: the sign changes of u on a fine grid (mpmath) are as many as the zeros, and u vanishes there."""
    zeros = real_zeros(u, x)
    f = sp.lambdify(x, u, "mpmath")
    with mpmath.workdps(40):
        for z in zeros:
            assert abs(f(num(z))) < 1e-30
        values = [f(mpmath.mpf(k) / 64 + mpmath.mpf("0.0031")) for k in range(-640, 640)]
    assert sum(a * b < 0 for a, b in pairwise(values)) == len(zeros)


@pytest.mark.parametrize(
    ("expr", "at", "side", "terms"),
    [
        (sp.sin(x) / x, 0, 1, {0: 1, 2: R(-1, 6)}),
        (1 / x, 0, -1, {-1: -1}),
        (sp.sqrt(x), 0, 1, {R(1, 2): 1}),
        (1 / (1 - sp.cos(x)), 0, 1, {-2: 2, 0: R(1, 6), 2: R(1, 120)}),
        (sp.exp(x), 1, -1, {0: sp.E, 1: -sp.E, 2: sp.E / 2, 3: -sp.E / 6}),
        (sp.exp(x / sp.sin(x)), 0, 1, {0: sp.E, 2: sp.E / 6}),
        (
            sp.asin(1 - x),
            0,
            1,
            {
                0: sp.pi / 2,
                R(1, 2): -sp.sqrt(2),
                R(3, 2): -sp.sqrt(2) / 12,
                R(5, 2): -3 * sp.sqrt(2) / 160,
                R(7, 2): -5 * sp.sqrt(2) / 896,
            },
        ),
        (sp.log(x), 2, 1, {0: sp.log(2), 1: R(1, 2), 2: R(-1, 8), 3: R(1, 24)}),
        (x ** sp.sqrt(2), 0, 1, {sp.sqrt(2): 1}),
    ],
    ids=str,
)
def test_local_expansions(expr, at, side, terms):
    """Expansions known from a textbook (Laurent, Puiseux and Taylor series), below t**4."""
    assert local_series(expr, x, sp.sympify(at), side, 4).terms == terms
