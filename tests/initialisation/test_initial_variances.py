"""Recommended variances reach what they are recommended for, by routes of their own."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, InputError, UnknownNameError, UnsupportedError


def test_relu_gets_he_and_it_is_said_that_any_length_stays():
    found = dv.initial_variances("feed-forward", "relu", 30)
    assert found.variances == {"sigma_w2": 2, "sigma_b2": 0}  # He et al. 2015
    assert dict(found.facts)["length q*"] == "any"
    assert any("normalise the inputs" in text for text in found.warnings)


@pytest.mark.parametrize("name", ["tanh", "erf", "sigmoid", "softsign"])
def test_the_critical_point_has_unit_slope_by_plain_quadrature(name):
    found = dv.initial_variances("feed-forward", name, 30).variances
    phi = dv.activation(name)
    f, slope = (sp.lambdify(phi.variable, a.expr, ["scipy", "numpy"]) for a in (phi, phi.diff()))
    z = np.linspace(-12, 12, 40001)
    weight = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    q, w2, b2 = 1.0, float(found["sigma_w2"]), float(found["sigma_b2"])
    for _ in range(2000):
        q = w2 * np.sum(weight * f(np.sqrt(q) * z) ** 2) + b2
    assert w2 * np.sum(weight * slope(np.sqrt(q) * z) ** 2) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("architecture", "phi", "depth", "settings"),
    [
        ("full-residual", "tanh", 60, {"sigma_a2": "1/2", "growth": 30}),
        ("reduced-residual", "erf", 40, {"sigma_b2": "1/10"}),
    ],
)
def test_gradients_grow_as_asked_layer_by_layer(architecture, phi, depth, settings):
    found = dv.initial_variances(architecture, phi, depth, **settings)
    net = {"full-residual": dv.FullResidual, "reduced-residual": dv.ReducedResidual}[architecture](phi)
    names = {k: v for k, v in found.variances.items() if hasattr(net.symbols, k)}
    run = net.trajectory(depth, p0=1, **names)  # the slow route: every expectation to full accuracy
    assert math.log(run.chi[0]) == pytest.approx(math.log(settings.get("growth", 100)), rel=1e-5)


def test_relu_residual_has_its_closed_form():
    # chi_0/chi_L = (1 + sigma_v2 sigma_w2/2)^L
    found = dv.initial_variances("full-residual", "relu", 100, growth=100, sigma_v2=2)
    assert float(found.variances["sigma_w2"]) == pytest.approx(100 ** (1 / 100) - 1, rel=1e-5)


def test_beyond_what_is_iterated_the_product_with_the_depth_is_kept():
    near, far = (dv.initial_variances("full-residual", "tanh", depth) for depth in (20_000, 2_000_000))
    assert float(near.variances["sigma_w2"]) == pytest.approx(100 * float(far.variances["sigma_w2"]), rel=1e-5)
    assert not near.warnings
    assert any("scaled" in text for text in far.warnings)
    with pytest.raises(UnsupportedError, match="not bounded"):
        dv.initial_variances("full-residual", "relu", 2_000_000)


def test_dropout_moves_to_the_longest_memory_and_warns_of_depth():
    found = dv.initial_variances("feed-forward", "tanh", 1000, keep_probability="9/10", sigma_b2="1/20")
    scale = float(dict(found.facts)["depth scale xi_c"])
    net = dv.FeedForward("tanh", keep_probability="9/10")
    w2 = sp.Rational(str(float(found.variances["sigma_w2"])))
    for nearby in (w2 * sp.Rational(95, 100), w2 * sp.Rational(105, 100)):
        (point,) = net.fixed_points(sigma_w2=nearby, sigma_b2="1/20", digits=10)
        assert float(point.xi_c) < scale
    assert any("beyond 6 xi_c" in text for text in found.warnings)


def test_scaled_residual_has_the_cumulant_asked_for():
    found = dv.initial_variances("scaled-residual", "tanh", 20, c="1/4")
    weight = dict(found.facts)["sigma_w2"]
    assert float(dv.effective_cumulant("tanh", depth=20, sigma_w2=sp.nsimplify(weight), digits=12)) == pytest.approx(
        0.25
    )


def test_what_is_typed_in_frameworks_has_the_variance():
    pytorch, jax = (
        getattr(dv.initial_variances("feed-forward", "tanh", 10).families[0], n) for n in ("pytorch", "jax")
    )
    w2 = float(dv.initial_variances("feed-forward", "tanh", 10).variances["sigma_w2"])
    assert float(pytorch.split("std=")[1].split(" /")[0]) ** 2 == pytest.approx(w2, rel=1e-5)
    assert float(jax.split("(")[1].split(",")[0]) == pytest.approx(w2, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "settings", "error"),
    [
        (("residual", "tanh", 10), {}, UnknownNameError),
        (("full-residual", "tanh", 0), {}, DomainError),
        (("full-residual", "tanh", 10), {"growth": 1}, DomainError),
        (("full-residual", "tanh", 10), {"sigma_v2": 0}, DomainError),
        (("full-residual", "tanh", 10), {"sigma_w2": 1}, InputError),
        (("full-residual", "tanh", 10), {"sigma_a2": -1}, DomainError),
        (("feed-forward", "__import__('os')", 10), {}, InputError),
        (("feed-forward", "tanh", 10), {"keep_probability": 2}, DomainError),
        (("feed-forward", "tanh", float("nan")), {}, DomainError),
        (("scaled-residual", "tanh", 10), {"c": -1}, DomainError),
    ],
)
def test_arguments_that_make_no_sense(arguments, settings, error):
    with pytest.raises(error):
        dv.initial_variances(*arguments, **settings)


def test_on_the_command_line(tmp_path):
    command = [sys.executable, "-m", "derive", "init", "--network", "feed-forward", "--activation", "relu", "--depth"]
    run = subprocess.run([*command, "50"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "sigma_w2 = 2" in run.stdout
    data = json.loads(subprocess.run([*command, "50", "--json"], capture_output=True, check=True).stdout)
    assert data["families"][0]["variance"] == 2
    bad = subprocess.run([*command, "2.5"], capture_output=True, text=True, check=False)
    assert bad.returncode == 2 and "Traceback" not in bad.stderr


def test_it_shows_itself():
    html = dv.initial_variances("feed-forward", "tanh", 10)._repr_html_()
    assert "<table>" in html and "variance_scaling" in html
