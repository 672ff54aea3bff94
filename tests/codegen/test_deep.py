"""Compiled networks at depths that cannot be iterated, against the law's series and against iteration."""

from __future__ import annotations

import numpy as np
import pytest

import derive as dv

VARIANCES = {"sigma_v2": 1.3, "sigma_w2": 0.8, "sigma_a2": 0.1, "sigma_b2": 0.2}


@pytest.fixture(scope="module")
def tanh_frn():
    return dv.FullResidual("tanh").compile()


@pytest.mark.parametrize("quantity", ["p", "s", "log_chi_ratio"])
def test_a_million_million_layers(quantity, tanh_frn):
    """L = 10**12 against net.at, which inverts the Abel function and shares nothing with the flow."""
    got = tanh_frn.at(10**12, **VARIANCES, p0=[1.0, 3.0], e0=[0.5, 0.2])
    exact = float(dv.FullResidual("tanh").at(10**12, quantity, digits=16, **VARIANCES, p0=1.0, e0=0.5))
    assert not got["status"].any()
    assert abs(got[quantity][0] / exact - 1) < 1e-13


def test_flow_continues_the_iteration(tanh_frn):
    """At 20,000 layers both can be had; negative and vanishing gamma included."""
    start = {"sigma_v2": 1.0, "sigma_w2": 0.7, "sigma_a2": 0.0, "sigma_b2": 0.0, "p0": 2.0, "e0": [0.3, -0.3, 0.0, 1.0]}
    deep, run = tanh_frn.at(20_000, **start), tanh_frn(20_000, **start)
    for name in ("p", "gamma", "s"):
        np.testing.assert_allclose(deep[name], run[name], rtol=1e-13, err_msg=name)
    np.testing.assert_allclose(deep["log_chi_ratio"], run["log_chi_ratio"], rtol=1e-13)


def test_shallow_depths_are_iterated(tanh_frn):
    start = VARIANCES | {"p0": 1.0, "e0": 0.5}
    assert tanh_frn.at(17, **start)["gamma"] == tanh_frn(17, **start)["gamma"]


def test_exponential_growth_is_reported():
    """The ReLU net grows by a constant factor: no slow flow, status 4, no number."""
    f = dv.FullResidual("relu").compile("numpy")
    got = f.at(10**6, sigma_v2=[0.01, 0.0], sigma_w2=1, sigma_a2=0.5, sigma_b2=0, p0=1, e0=0.5)
    assert got["status"].tolist() == [4, 0]
    assert np.isnan(got["p"][0]) and abs(got["p"][1] / 500_001 - 1) < 1e-13
