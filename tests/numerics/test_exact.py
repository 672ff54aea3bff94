"""Numbers from a caller become exact, or are refused by name."""

from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.errors import DomainError, InputError
from derive.numerics import correlation, exact_number, positive_integer, sign_of, variance


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (3, sp.Integer(3)),
        (Fraction(2, 6), sp.Rational(1, 3)),
        ("0.37", sp.Rational(37, 100)),
        ("1e-9", sp.Rational(1, 10**9)),
        (0.1, sp.Rational(3602879701896397, 36028797018963968)),
        (Decimal("0.1"), sp.Rational(1, 10)),
        (np.float64(0.5), sp.Rational(1, 2)),
        (np.float32(0.1), sp.Rational(13421773, 134217728)),
        (np.int64(7), sp.Integer(7)),
        (sp.Float("0.25"), sp.Rational(1, 4)),
        (sp.sqrt(2) / 3, sp.sqrt(2) / 3),
        (mpmath.mpf(0.75), sp.Rational(3, 4)),
        (mpmath.mpf(2) ** -3000, sp.Integer(2) ** -3000),
    ],
)
def test_a_number_keeps_its_exact_value(given, meant):
    assert exact_number(given) == meant


@pytest.mark.parametrize(
    "bad",
    [True, np.bool_(True), float("nan"), float("inf"), mpmath.inf, 1j, sp.I, sp.oo, sp.nan, sp.zoo, sp.Symbol("x")],
)
def test_what_is_no_real_number_is_refused_by_name(bad):
    with pytest.raises(DomainError, match="theta"):
        exact_number(bad, "theta")


@pytest.mark.parametrize("bad", [None, [1], {"a": 1}, object(), sp.true])
def test_what_is_no_number_at_all_is_an_input_error(bad):
    with pytest.raises(InputError):
        exact_number(bad, "theta")


@pytest.mark.parametrize("hostile", ["__import__('os')", "x", "1+", "(" * 10**4, "1 if 1 else 2", "ten"])
def test_text_that_is_no_number_is_refused(hostile):
    with pytest.raises(InputError):
        exact_number(hostile, "theta")


def test_a_negative_variance_is_refused_with_its_value():
    with pytest.raises(DomainError, match=r"sigma2 = -1/2"):
        variance("-1/2", "sigma2")
    assert variance(0) == 0


def test_a_correlation_lies_between_minus_one_and_one():
    assert correlation(-1) == -1
    assert correlation("0.999999999") == 1 - sp.Rational(1, 10**9)
    with pytest.raises(DomainError, match="c = 1000000001/1000000000"):
        correlation("1.000000001", "c")


def test_counts_are_positive_integers():
    assert positive_integer(1e12) == 10**12
    for bad in (0, -3, 2.5, "1/2", True):
        with pytest.raises(DomainError):
            positive_integer(bad, "depth")


def test_signs_of_closed_numbers_are_certain():
    """sqrt(2) + sqrt(3) - sqrt(5 + 2 sqrt(6)) is zero; its neighbours by 1e-200 are not."""
    nothing = sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6))
    assert sign_of(nothing) == 0
    assert sign_of(nothing + sp.Rational(1, 10**200)) == 1
    assert sign_of(sp.pi - sp.Rational(355, 113)) == -1


@pytest.mark.parametrize(
    "huge", [Decimal("1e999999999"), Decimal("-1e-999999999"), mpmath.mpf(10) ** 10**9, sp.Float(2) ** 10**8 + sp.pi]
)
def test_a_float_whose_fraction_would_fill_the_memory_is_refused(huge):
    with pytest.raises(DomainError, match=r"length is about 10\*\*"):
        exact_number(huge, "length")


def test_a_large_float_is_still_exact():
    assert exact_number(mpmath.mpf(2) ** 10**5) == 2**10**5
    assert exact_number(Decimal("1e1000")) == 10**1000 and exact_number(Decimal("0e99999999")) == 0
