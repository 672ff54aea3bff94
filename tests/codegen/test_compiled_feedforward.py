"""Compiled feed-forward networks against the iteration with 20 digits, which uses none of their tables."""

from __future__ import annotations

import numpy as np
import pytest

import derive as dv


@pytest.mark.parametrize("keep", [1, "4/5"], ids=["", "dropout"])
@pytest.mark.parametrize("phi", ["tanh", "relu"])
def test_ten_layers_are_right(phi, keep, quick_backend):
    """q, c, 1 - c and the gradient, with and without dropout, in the ordered and the chaotic phase."""
    net = dv.FeedForward(phi, keep)
    f = net.compile(quick_backend)
    for w2 in (0.9, 1.7):
        start = {"sigma_w2": w2, "sigma_b2": 0.05, "q0": 0.8, "c0": 0.6}
        run, got = net.trajectory(10, **start), f(10, **start)
        for name in ("q", "q_ab", "c", "one_minus_c"):
            assert abs(got[name] / run[name][-1] - 1) < 1e-13, name
        assert abs(got["log_chi_ratio"] - run["log_chi"][0]) < 1e-13


def test_one_minus_c_keeps_its_relative_accuracy():
    """In the ordered phase 1 - c falls below 1e-24, far below the spacing of numbers near 1, at the rate chi_1."""
    net = dv.FeedForward("tanh")
    start = {"sigma_w2": 0.5, "sigma_b2": 0.1, "q0": 1.0, "c0": 0.3}
    run, got = net.trajectory(30, **start), net.compile("numpy")(60, trajectory=True, **start)["one_minus_c"]
    np.testing.assert_allclose(got[:31], run["one_minus_c"], rtol=1e-13)
    rate = float(net.fixed_points(sigma_w2=0.5, sigma_b2="0.1", digits=20)[0].chi_1)
    assert got[-1] < 1e-23
    np.testing.assert_allclose(got[51:] / got[50:-1], rate, rtol=1e-13)


def test_distances_below_every_normal_number_are_zero(backend):
    """No subnormal number, rounded to itself for ever, is left: 1 - c is right to the last one and then 0."""
    net = dv.FeedForward("tanh")
    run = net.compile(backend)(1200, trajectory=True, sigma_w2=0.5, sigma_b2=0.1, q0=1.0, c0=0.3)
    rate = float(net.fixed_points(sigma_w2=0.5, sigma_b2="0.1", digits=20)[0].chi_1)
    count = int((run["s"] > 0).sum())
    assert abs(count - np.log(2.0**-1022) / np.log(rate)) < 5
    assert (run["s"][count:] == 0).all() and (run["one_minus_c"][count:] == 0).all()
    got = run["one_minus_c"][count - 201 : count]
    np.testing.assert_allclose(got[1:] / got[:-1], rate, rtol=1e-13)


def test_bad_points_are_reported(backend):
    got = dv.FeedForward("tanh").compile(backend)(3, sigma_w2=[1, -1, 1, np.inf], sigma_b2=0, q0=1, c0=[0, 0, 2, 0])
    assert got["status"].tolist() == [0, 2, 3, 1]
