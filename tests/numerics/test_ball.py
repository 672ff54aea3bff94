"""Balls enclose, and say so when they cannot tell."""

import pickle
from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DomainError, Undecided
from derive.numerics import Ball

rationals = st.fractions(min_value=-100, max_value=100, max_denominator=1000)


@given(rationals, rationals)
def test_arithmetic_of_points_contains_the_exact_result(a, b):
    x, y = Ball(a), Ball(b)
    assert (x + y).contains(a + b)
    assert (x - y).contains(a - b)
    assert (x * y).contains(a * b)
    if b:
        assert (x / y).contains(a / b)
    assert (x**3).contains(a**3)


@given(rationals, st.fractions(min_value=0, max_value=1, max_denominator=100))
def test_decimal_text_contains_the_ball(mid, rad):
    ball = Ball(mid, rad)
    text = ball.to_decimal(4).split(" +/- ")
    shown, spread = Fraction(text[0]), Fraction(text[1]) if len(text) > 1 else Fraction(0)
    low, high = ball.bounds()
    assert shown - spread <= low
    assert high <= shown + spread


def test_overlapping_balls_have_no_order():
    a, b = Ball("1/3", "1e-3"), Ball("0.334")
    for compare in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"):
        with pytest.raises(Undecided):
            getattr(a, compare)(b)


def test_separated_balls_and_exact_points_have_an_order():
    a = Ball("1/3", "1e-3")
    assert a < 1
    assert a > "0.3"
    assert a != 1
    assert Ball(2) == 2
    assert Ball(2) <= 2


def test_the_radius_is_kept_and_rounded_up():
    ball = Ball("1/3", "1e-10")
    assert 1e-10 <= float(ball.rad) <= 1.0001e-10
    assert ball.contains("1/3")
    assert not ball.contains("0.3334")


def test_an_irrational_number_is_located_with_more_bits():
    with ctx.workprec(200):
        ball = Ball.from_arb(arb(2).sqrt())
    assert ball.contains(sp.sqrt(2))
    assert not ball.contains(sp.sqrt(2) + sp.Rational(1, 10**40))


def test_a_ball_that_is_not_finite_is_refused():
    with pytest.raises(DomainError):
        Ball.from_arb(arb(1) / arb(0, 1))


def test_balls_survive_pickling_and_print_without_noise():
    ball = Ball("2/7", "1e-30", bits=128)
    again = pickle.loads(pickle.dumps(ball))
    assert again.bounds() == ball.bounds()
    assert str(Ball("1/4")) == "0.25"
    assert Ball("1/3", "1e-10").latex() == r"0.33333333333 \pm 1.1 \cdot 10^{-10}"
    with pytest.raises(AttributeError):
        ball.arb = None
