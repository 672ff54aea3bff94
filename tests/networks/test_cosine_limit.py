"""The limit of the cosine distance: root finding in mpmath on the printed equation is the independent route."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import derive as dv
from derive.errors import DomainError, InputError, UnsupportedError

NET = dv.FullResidual("tanh")


def root_by_bisection(sv2, sa2, digits):
    """e* below 1 of e (sv2 + sa2) = sv2 (2/pi) asin e + sa2, by bisection on the convex drift."""
    with mpmath.workdps(2 * digits + 20):
        sv2, sa2 = mpmath.mpf(sv2), mpmath.mpf(sa2)
        drift = lambda gap: sv2 * 2 / mpmath.pi * mpmath.asin(1 - gap) + sa2 - (sv2 + sa2) * (1 - gap)  # noqa: E731
        low, high = mpmath.mpf(10) ** (-digits - 20), mpmath.mpf(1)  # drift < 0 close to e = 1, >= 0 at e = 0
        for _ in range(10 * digits):
            middle = mpmath.sqrt(low * high)
            low, high = (middle, high) if drift(middle) < 0 else (low, middle)
        return low


@settings(max_examples=25, deadline=None)
@given(sv=st.fractions(0.01, 100), sa=st.fractions(0.01, 100))
def test_limit_matches_bisection(sv, sa):
    found = NET.cosine_limit(digits=20, sigma_v2=sv, sigma_w2=1, sigma_a2=sa, sigma_b2=0)
    gap = root_by_bisection(mpmath.mpf(sv.numerator) / sv.denominator, mpmath.mpf(sa.numerator) / sa.denominator, 20)
    assert abs(mpmath.mpf(str(found.one_minus_e)) / gap - 1) < mpmath.mpf(10) ** -15  # str() of 20 digits
    assert 1 - 2 / sp.pi.n(25) <= found.rate < sp.Rational(1, 2)


def test_reduced_network_forgets_the_inputs_at_the_rate_one_minus_two_over_pi():
    found = dv.ReducedResidual("tanh").cosine_limit(digits=30, sigma_w2=2, sigma_b2="0.1")
    assert found.e == 0
    assert found.one_minus_e == 1
    assert abs(found.rate - (1 - 2 / sp.pi)) < sp.Float("1e-29", 30)


def test_tiny_gap_keeps_all_its_digits():
    found = NET.cosine_limit(digits=25, sigma_v2="1e-12", sigma_w2=1, sigma_a2=1, sigma_b2=0)
    # 1 - e = 2 t theta/pi with theta = 4 t/pi (1 + O(t^2)): the leading term is right to 24 digits at t = 1e-12
    t = sp.Rational(1, 10**12) / (1 + sp.Rational(1, 10**12))
    assert abs(found.one_minus_e / (8 * t**2 / sp.pi**2).n(40) - 1) < sp.Float("1e-22")


def test_certified_limit_contains_the_digits():
    values = {"sigma_v2": "1.13", "sigma_w2": "0.77", "sigma_a2": "0.43", "sigma_b2": "0.31"}
    ball = NET.cosine_limit(digits=20, certified=True, **values)
    assert ball.e.contains(NET.cosine_limit(digits=40, **values).e)
    assert ball.rate.rad < 1e-20


def test_limit_of_a_general_bounded_activation_uses_both_of_its_limits():
    # sigmoid = (1 + tanh(x/2))/2: M = D = 1/4, so its limit is tanh's with sigma_v2/4 and sigma_a2 + sigma_v2/4
    sigmoid = dv.FullResidual("sigmoid").cosine_limit(digits=25, sigma_v2=2, sigma_w2=1, sigma_a2=1, sigma_b2=0)
    tanh = NET.cosine_limit(digits=25, sigma_v2="1/2", sigma_w2=1, sigma_a2="3/2", sigma_b2=0)
    assert sigmoid == tanh


def test_degenerate_variances_collapse_the_inputs():
    without_weights = NET.cosine_limit(sigma_v2=1, sigma_w2=0, sigma_a2=1, sigma_b2=1)
    assert (without_weights.e, without_weights.rate) == (1, 1)
    with pytest.raises(UnsupportedError, match="start value"):
        NET.cosine_limit(sigma_v2=0, sigma_w2=1, sigma_a2=0, sigma_b2=1)


@pytest.mark.parametrize(
    ("change", "error", "word"),
    [
        ({"sigma_v2": -1}, DomainError, "-1"),
        ({"sigma_a2": float("nan")}, DomainError, "nan"),
        ({"sigma_b2": float("inf")}, DomainError, "inf"),
        ({"sigma_w": 1}, InputError, "sigma_w2"),
        ({"sigma_v2": "__import__('os')"}, InputError, "__import__"),
        ({"sigma_v2": None}, InputError, "missing sigma_v2"),
    ],
)
def test_bad_variances_are_named(change, error, word):
    values = {"sigma_v2": 1, "sigma_w2": 1, "sigma_a2": 1, "sigma_b2": 0} | change
    with pytest.raises(error, match=word):
        NET.cosine_limit(**values)


def test_growing_activations_are_refused_with_the_reason():
    with pytest.raises(UnsupportedError, match="finite limits"):
        dv.FullResidual("softplus").cosine_limit(sigma_v2=1, sigma_w2=1, sigma_a2=1, sigma_b2=0)
