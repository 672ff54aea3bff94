"""Compiled residual networks scaled by depth against the iteration with 20 digits, which uses none of their tables."""

from __future__ import annotations

import numpy as np
import pytest

import derive as dv


@pytest.mark.parametrize("phi", ["tanh", "relu", "gelu"])
def test_all_layers_are_right(phi, quick_backend):
    """p, m, q and the gradient of an input whose mean is not 0; relu and gelu have a mean themselves."""
    net = dv.ScaledResidual(phi, skip="9/10", depth=8)
    run = net.trajectory(sigma_w2="3/2", sigma_b2="1/5", p0=2, m0="1/2")
    got = net.compile(quick_backend)(trajectory=True, sigma_w2=1.5, sigma_b2=0.2, p0=2, m0=0.5)
    for name in ("p", "m", "chi"):
        np.testing.assert_allclose(got[name], run[name], rtol=2e-14, err_msg=name)
    np.testing.assert_allclose(got["q"][1:], run["q"][1:], rtol=2e-14)
    np.testing.assert_allclose(got["one_minus_e"], 0, atol=0)


def test_the_distance_of_close_inputs_keeps_its_accuracy():
    """s grows by a^2 + sigma_w^2 E phi'^2/L in every layer where inputs are close: the same factor as the gradient."""
    net = dv.ScaledResidual("tanh", depth=5)
    got = net.compile("numpy")(sigma_w2=2, sigma_b2=0.1, p0=1, one_minus_e0=[1e-12, 0.5])
    assert abs(got["s"][0] / 1e-12 / np.exp(got["log_chi_ratio"][0]) - 1) < 1e-11
    np.testing.assert_allclose(got["gamma"] + got["s"], got["p"], rtol=1e-14)


def test_impossible_inputs_have_a_status():
    got = dv.ScaledResidual("tanh", depth=2).compile("numpy")(
        sigma_w2=1, sigma_b2=[0, -1, 0, 0], p0=1, m0=[0, 0, 2, np.nan], e0=[2, 0, 0, 0]
    )
    assert got["status"].tolist() == [3, 2, 2, 1]
    assert np.isnan(got["p"]).all()
