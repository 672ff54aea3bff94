"""Values that once made spectra, phase diagrams and deep networks fail without a named error, or never end."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
import sympy as sp

import derive as dv
from derive.spectrum import limit_law

LAW = dv.JacobianSpectrum("1/8")
METHODS = ("green", "density", "cdf", "quantile", "log_density")
NET = {"sigma_w2": 2, "sigma_b2": "1/10"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", ["x", sp.I, sp.zoo, [1j], None, {1}, 10**400, [[1], [1, 2]], float("nan")])
def test_points_of_a_spectrum_are_real_numbers(method, value):
    with pytest.raises(dv.InputError):
        getattr(LAW, method)(value)


@pytest.mark.parametrize("method", METHODS)
def test_points_of_a_spectrum_may_be_text(method):
    """Text is read exactly, then rounded."""
    at = getattr(LAW, method)
    assert at("9/10 - 1e-30") == at(0.9) and list(at(["4/5", "9/10"])) == list(at([0.8, 0.9]))


@pytest.mark.parametrize("seed", [float("inf"), 1j, -1, "x", 1.5])
def test_a_seed_of_a_sample(seed):
    with pytest.raises(dv.InputError, match="seed"):
        LAW.sample(3, seed)


@pytest.mark.parametrize("depth", [np.array([]), [[1, 2], [3, 4]], np.array([[1, 2], [3, 4]]), None, -sp.oo])
def test_a_depth_of_a_spectrum(depth):
    with pytest.raises(dv.InputError):
        dv.JacobianSpectrum(1, 1, depth)


@pytest.mark.parametrize("skip", ["1e-50", 5e-324, "1e-500"])
@pytest.mark.parametrize("depth", [10, 10**12])
def test_a_skip_that_is_next_to_nothing(skip, depth):
    law = dv.JacobianSpectrum("1/8", skip, depth)
    for call in (lambda: law.green(0.5), lambda: law.quantile(0.5), lambda: law.sample(3, 1)):
        with pytest.raises(dv.DeriveError):
            call()


def test_orders_of_moments_are_bearable():
    deep = dv.JacobianSpectrum("1/8", "1/2", 10**12)
    with pytest.raises(dv.DomainError, match="k = about"):
        deep.moment(1e308, 15)
    for call in (LAW.log_moment, LAW.log_cumulant, deep.log_moment):
        with pytest.raises(dv.DomainError, match="at most"):
            call(10**400)


def test_log_moments_are_the_derivatives_of_the_moment():
    """E y^k = d^k/ds^k E e^(s y) at s = 0, with E e^(s y) = e^(s kappa) 1F1(1-s; 2; -2 s kappa), by mpmath."""
    import mpmath

    with mpmath.workdps(60):
        kappa = mpmath.mpf("0.3")
        found = mpmath.diff(lambda s: mpmath.exp(s * kappa) * mpmath.hyp1f1(1 - s, 2, -2 * s * kappa), 0, 6)
        assert (
            abs(found - mpmath.mpf(sp.N(limit_law.log_moment(6).subs(limit_law.KAPPA, sp.Rational(3, 10)), 40))) < 1e-9
        )


@pytest.mark.parametrize("value", ["x", sp.I, sp.zoo, sp.Symbol("z"), [1j], [[1], [1, 2]], 10**400, 1e308, sp.oo])
def test_axes_of_a_phase_diagram_are_variances(value):
    with pytest.raises(dv.InputError, match=r"sigma_w2|read"):
        dv.FeedForward("tanh").phase_diagram(value, 1)


def test_axes_of_a_phase_diagram_may_be_text():
    net = dv.FeedForward("tanh")
    assert net.phase_diagram("3/2", ["1/4"]).q == net.phase_diagram(1.5, 0.25).q


@pytest.mark.parametrize("keep", [1e-320, "1e-400"])
def test_a_keep_probability_below_floats(keep):
    with pytest.raises(dv.DomainError, match="keep_probability"):
        dv.FeedForward("tanh", keep).phase_diagram(1, 1)


@pytest.mark.parametrize("phi", ["x**3", "x**2", "x"])
def test_a_phase_diagram_without_fixed_lengths(phi):
    found = dv.FeedForward(phi).phase_diagram([3, 4], [5])
    assert np.isnan(found.q).all() and (found.status == 1).all()


def test_deep_networks_end_at_the_fixed_point_or_are_refused():
    net = dv.FeedForward("tanh")
    point = net.fixed_points(12, **NET)[0]
    assert abs(net.at(10**12, "q", 10, **NET, q0=1) - point.q) < 1e-9
    for phi, quantity in (("relu", "q"), ("tanh", "one_minus_c")):
        with pytest.raises(dv.UnsupportedError, match="fixed_points"):
            dv.FeedForward(phi).at(10**12, quantity, 10, **NET, q0=1, c0="1/2")
    with pytest.raises(dv.DomainError, match="length"):
        dv.FeedForward("x**3").at(10**12, "q", 10, **NET, q0=1)
    with pytest.raises(dv.DomainError, match="length"):
        dv.FeedForward("x**3").trajectory(60, **NET, q0=1)
    with pytest.raises(dv.DomainError, match="depth"):
        net.trajectory(10**12, **NET, q0=1)


def test_one_digit_of_a_huge_number():
    values = {"sigma_v2": 2, "sigma_w2": 2, "sigma_a2": 1, "sigma_b2": 2, "p0": "0.77", "e0": "1/2"}
    net = dv.FullResidual("x**3")
    one, five = (net.at(Decimal(10), "gamma", d, **values) for d in (1, 5))
    assert abs(one / five - 1) < sp.Rational(1, 20)


def test_compiled_networks_flag_bad_inputs():
    f = dv.FullResidual("tanh").compile("numpy")
    found = f(3, sigma_v2=1, sigma_w2=1, sigma_a2=0, sigma_b2=[0, 0, 0, np.nan, -1], p0=1, e0=[0.5, -5, np.nan, 0, 0])
    assert found["status"].tolist() == [0, 3, 1, 1, 2]
