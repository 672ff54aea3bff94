"""Compiled networks against the iteration with 22 digits (net.trajectory), which uses none of their tables."""

from __future__ import annotations

import numpy as np
import pytest

import derive as dv
from derive.errors import InputError, UnsupportedError

VARIANCES = {"sigma_v2": 1.3, "sigma_w2": 0.8, "sigma_a2": 0.1, "sigma_b2": 0.2}
STARTS = [(1.0, 0.5), (7.0, 0.999)]


@pytest.fixture(scope="module")
def tanh_runs():
    net = dv.FullResidual("tanh")
    return [net.trajectory(200, **VARIANCES, p0=p0, e0=e0) for p0, e0 in STARTS]


def test_two_hundred_tanh_layers_are_right_to_the_stated_errors(backend, tanh_runs):
    """p, gamma, chi_0 and 1 - e after 200 layers, within 3e-15, 1e-14, 2e-14 and 3e-14."""
    f = dv.FullResidual("tanh").compile(backend)
    p0, e0 = np.array(STARTS).T
    got = f(200, **VARIANCES, p0=p0, e0=e0)
    assert f.backend == backend
    for i, run in enumerate(tanh_runs):
        for name, error in (("p", 3e-15), ("gamma", 1e-14), ("one_minus_e", 3e-14), ("lam", 1e-14), ("q", 3e-15)):
            assert abs(got[name][i] / run[name][-1] - 1) < error, name
        assert abs(np.expm1(got["log_chi_ratio"][i] - run["log_chi"][0])) < 2e-14


def test_a_trajectory_holds_every_layer(backend, tanh_runs):
    """With trajectory=True every layer agrees, NaN included, where quantities do not exist at the input."""
    p0, e0 = np.array(STARTS).T
    got = dv.FullResidual("tanh").compile(backend)(200, trajectory=True, **VARIANCES, p0=p0, e0=e0)
    for i, run in enumerate(tanh_runs):
        for name in ("p", "q", "gamma", "lam", "s", "e", "one_minus_e", "chi"):
            np.testing.assert_allclose(got[name][:, i], run[name], rtol=3e-14, err_msg=name)


def test_back_ends_agree_on_many_points(backend):
    """All run the same operations; they differ by rounding alone."""
    if backend == "numpy":
        pytest.skip("the others are compared with it")
    rng = np.random.default_rng(5)
    n = 5000
    inputs = {s: rng.uniform(0, 2, n) for s in VARIANCES} | {
        "p0": 10 ** rng.uniform(-3, 3, n),
        "e0": rng.uniform(-1, 1, n),
    }
    net = dv.FullResidual("tanh")
    one, two = (net.compile(b)(60, **inputs) for b in (backend, "numpy"))
    assert not one["status"].any()
    for name in ("p", "s", "q"):
        np.testing.assert_allclose(one[name], two[name], rtol=1e-14, err_msg=name)
    for name in ("gamma", "log_chi_ratio"):  # these pass through zero
        np.testing.assert_allclose(one[name], two[name], rtol=1e-14, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("phi", ["relu", "leaky_relu(slope=1/100)", "alpha_relu(alpha=79/100)", "abs(x)"])
def test_homogeneous_activations(phi, quick_backend):
    """Closed forms and tables of one variable for the ReLU family, against the iteration."""
    name, values = (phi, {}) if "(" not in phi or phi.startswith("abs") else dv.parse_call(phi)
    net = dv.FullResidual(dv.activation(name, **values))
    start = {"p0": 0.7, "e0": 0.4} | VARIANCES
    run, got = net.trajectory(15, **start), net.compile(quick_backend)(15, **start)
    for quantity in ("p", "gamma", "one_minus_e", "lam"):
        assert abs(got[quantity] / run[quantity][-1] - 1) < 5e-15
    assert abs(got["log_chi_ratio"] - run["log_chi"][0]) < 1e-14


@pytest.mark.parametrize("phi", [*(pytest.param(n, marks=pytest.mark.slow) for n in ("gelu", "sin")), "x+tanh(x)/2"])
def test_other_smooth_activations(phi):
    """An even part that grows, an oscillation, an odd part that grows: errors below 1e-13."""
    net = dv.FullResidual(phi)
    start = {"p0": 0.7, "e0": 0.4} | VARIANCES
    run, got = net.trajectory(12, **start), net.compile("numpy")(12, **start)
    for quantity in ("p", "gamma", "one_minus_e"):
        assert abs(got[quantity] / run[quantity][-1] - 1) < 1e-13
    assert abs(got["log_chi_ratio"] - run["log_chi"][0]) < 1e-13


def test_reduced_network_at_correlations_of_both_signs():
    """RRN with e0 from -1 to 1; at e0 = 1 the gap is exactly zero, at -1 the sum."""
    f = dv.ReducedResidual("tanh").compile("numpy")
    got = f(30, sigma_w2=1.1, sigma_b2=0, p0=2.0, e0=np.array([-1.0, -0.6, 0.6, 1.0]))
    assert got["s"][3] == 0 and got["e"][3] == 1
    np.testing.assert_allclose(got["gamma"][0], -got["p"][0], rtol=1e-15)
    np.testing.assert_allclose(got["gamma"][1], -got["gamma"][2], rtol=1e-14)
    run = dv.ReducedResidual("tanh").trajectory(30, sigma_w2=1.1, sigma_b2=0, p0=2.0, e0=0.6)
    np.testing.assert_allclose(got["gamma"][2], run["gamma"][-1], rtol=1e-14)


def test_one_minus_e_keeps_its_digits_near_one():
    """A start at 1 - e0 = 1e-12, given as such."""
    f = dv.FullResidual("tanh").compile("numpy")
    got = f(50, **VARIANCES, p0=1.0, one_minus_e0=1e-12)
    tiny = dv.FullResidual("tanh").trajectory(50, **VARIANCES, p0=1, e0="0.999999999999")
    assert abs(got["one_minus_e"] / tiny["one_minus_e"][-1] - 1) < 3e-14


def test_bad_points_are_reported_and_others_are_not_touched(backend):
    """NaN, a negative variance, |e0| > 1: a status and NaN for that point alone."""
    f = dv.FullResidual("tanh").compile(backend)
    clean = f(20, **VARIANCES, p0=1.0, e0=0.5)
    got = f(20, **(VARIANCES | {"sigma_w2": [0.8, 0.8, -1.0, 0.8]}), p0=[1, np.nan, 1, 1], e0=[0.5, 0.5, 0.5, 1.5])
    assert got["status"].tolist() == [0, 1, 2, 3]
    assert np.isnan(got["p"]).tolist() == [False, True, True, True]
    assert got["p"][0] == clean["p"]


def test_relu_overflow_at_depth_is_reported(backend):
    """p grows by a factor 1.5 a layer and overflows before layer 10,000; with sigma_v = 0 nothing grows."""
    f = dv.FullResidual("relu").compile(backend)
    got = f(10_000, sigma_v2=[1.0, 0.0], sigma_w2=1, sigma_a2=0, sigma_b2=0, p0=1, e0=0.5)
    assert got["status"].tolist() == [4, 0]
    assert np.isnan(got["p"][0]) and got["p"][1] == 1


def test_wrong_names_and_shapes_raise():
    f = dv.ReducedResidual("tanh").compile("numpy")
    with pytest.raises(InputError, match="unknown keyword sigma_v2"):
        f(3, sigma_v2=1, sigma_w2=1, sigma_b2=0, p0=1)
    with pytest.raises(InputError, match="missing sigma_b2"):
        f(3, sigma_w2=1, p0=1)
    with pytest.raises(InputError, match="do not broadcast"):
        f(3, sigma_w2=[1, 2], sigma_b2=[1, 2, 3], p0=1)
    with pytest.raises(InputError, match="is text"):
        f(3, sigma_w2="1", sigma_b2=0, p0=1)
    with pytest.raises(InputError, match="no back end"):
        dv.ReducedResidual("tanh").compile("fortran")


def test_shapes_are_kept_and_threads_change_nothing():
    f = dv.FullResidual("tanh").compile()
    w2 = np.linspace(0.1, 3, 70)[:, None]
    got = f(10, sigma_v2=1, sigma_w2=w2, sigma_a2=0, sigma_b2=np.linspace(0, 1, 70), p0=1, e0=0.2)
    more = f(10, sigma_v2=1, sigma_w2=w2, sigma_a2=0, sigma_b2=np.linspace(0, 1, 70), p0=1, e0=0.2, threads=3)
    assert got["p"].shape == (70, 70) and got["status"].shape == (70, 70)
    np.testing.assert_array_equal(got["gamma"], more["gamma"])


def test_zero_layers_give_the_start():
    got = dv.FullResidual("tanh").compile("numpy")(0, **VARIANCES, p0=2.0, e0=0.25)
    assert got["p"] == 2 and got["gamma"] == 0.5 and got["log_chi_ratio"] == 0 and np.isnan(got["q"])


def test_activations_without_tables_are_refused():
    """A jump, an oscillation without closed form, growth beyond every power: refused at once, naming what works."""
    for phi, why in (
        ("sign(x)+tanh(x)", "not continuous at 0"),
        ("sin(x)*tanh(x)", "oscillates"),
        ("x*exp(x)", "grows"),
    ):
        with pytest.raises(UnsupportedError, match=why):
            dv.FullResidual(phi).compile("numpy")
