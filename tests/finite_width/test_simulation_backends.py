"""The JAX backend draws other nets of the same law; without JAX it says so."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import derive as dv
from derive.errors import InputError, UnsupportedError
from derive.finite_width.elementwise import array_function

FULL = {"sigma_v2": "3/2", "sigma_w2": 1, "sigma_a2": "1/2", "sigma_b2": "1/4", "p0": 1, "e0": "1/2"}


def test_unknown_backends_and_missing_jax_are_refused(monkeypatch):
    """A typing error, and JAX asked for where it cannot be imported; "auto" then means NumPy."""
    monkeypatch.setitem(sys.modules, "jax", None)
    values = {"depth": 1, "width": 3, "realisations": 2, **FULL}
    with pytest.raises(InputError, match="numpy"):
        dv.simulate("full_residual", "tanh", backend="torch", **values)
    with pytest.raises(UnsupportedError, match="needs JAX"):
        dv.simulate("full_residual", "tanh", backend="jax", **values)
    auto, plain = (dv.simulate("full_residual", "tanh", backend=b, **values) for b in ("auto", "numpy"))
    assert np.array_equal(auto.p.samples, plain.p.samples)


@pytest.mark.parametrize("phi", ["tanh", "gelu", "softplus", "alpha_relu(alpha=9/10)", "hard_tanh"])
def test_jax_has_the_same_activations_and_means(phi):
    """Values as in NumPy to rounding, means within 4.5 joint standard errors, both in double precision."""
    jax = pytest.importorskip("jax")
    x = np.linspace(-6, 6, 41)
    from derive.finite_width.backends import JaxBackend

    with JaxBackend().scope():
        values = np.asarray(array_function(dv.activation(phi))(jax.numpy.asarray(x)))
    assert values.dtype == np.float64
    assert np.allclose(values, array_function(dv.activation(phi))(x), rtol=1e-12, atol=1e-14)
    runs = [
        dv.simulate("full_residual", phi, depth=4, width=40, realisations=200, backend=b, seed=s, **FULL)
        for b, s in (("jax", 1), ("numpy", 2))
    ]
    for name in ("q", "p", "gamma", "chi", "chi_w", "chi_ab"):
        a, b = (run[name] for run in runs)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (a.mean - b.mean)[1:-1] / np.hypot(a.error, b.error)[1:-1]
        assert np.abs(z).max() < 4.5, name
