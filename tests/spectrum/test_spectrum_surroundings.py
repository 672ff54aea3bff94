"""Hostile text, moments of networks, the table and the figures of paper 001."""

import math

import numpy as np
import pytest
import sympy as sp

import derive as dv
from derive.errors import DeriveError
from derive.spectrum import isometry_report, network_moment, tangent_gain, weight_variance_for

HOSTILE = ["__import__('os').system('echo no')", "().__class__", "lambda: 1", "x" * 5000, "9**9**9**9", ""]


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_text_never_reaches_sympy_by_itself(position, number):
    text = HOSTILE[number]
    calls = [
        lambda: dv.JacobianSpectrum(c=text),
        lambda: dv.JacobianSpectrum(c=1, skip=text, depth=3),
        lambda: dv.effective_cumulant(text, 3, 1),
        lambda: dv.weight_variance_for("tanh", c=text, depth=3),
        lambda: dv.ScaledResidual("tanh", skip=text, depth=3),
    ]
    with pytest.raises(DeriveError):
        calls[position]()


@pytest.mark.parametrize("name", ["tanh", "relu"])
def test_the_mean_of_lambda_is_the_growth_of_the_gradient(name):
    """E lam = prod (a^2 + c_2/L): the gradient recurrence of the network, computed from the layer definition."""
    run = dv.ScaledResidual(name, depth=7).trajectory(sigma_w2="2/3")
    assert float(network_moment(name, 1, 7, "2/3")) == pytest.approx(run["chi"][0], rel=1e-12)


def test_moments_of_a_linear_network_are_those_of_circular_layers():
    for k in (1, 2, 3):
        exact = dv.JacobianSpectrum(c="1/2", depth=6).moment(k)
        assert abs(network_moment("x", k, 6, "1/2", digits=20) / exact - 1) < 1e-18


def test_second_moment_agrees_with_random_tanh_networks():
    """Three layers with strong weights, where the slopes spread: the fourth cumulant of a branch is seen."""
    rng, size, found = np.random.default_rng(4), 400, []
    for _ in range(8):
        x, J = rng.standard_normal(size), np.eye(size)
        for _ in range(3):
            W = rng.standard_normal((size, size)) * np.sqrt(4 / (3 * size))
            h = W @ x
            J = J + (1 - np.tanh(h) ** 2)[:, None] * (W @ J)
            x = x + np.tanh(h)
        found.append(np.mean(np.linalg.svd(J, compute_uv=False) ** 4))
    mean, error = np.mean(found), np.std(found) / np.sqrt(8)
    exact = float(network_moment("tanh", 2, 3, 4))
    circular = float(dv.JacobianSpectrum(c=dv.effective_cumulant("tanh", 3, 4), depth=3).moment(2))
    assert abs(mean - exact) < 4 * error + 2 * exact / size  # the last term: corrections of order 1/width
    assert abs(circular - exact) > 0.03 * exact


def test_leaky_relu_interpolates_between_relu_and_the_identity():
    gains = [float(tangent_gain(dv.activation("leaky_relu", slope=s), 40, "1/4")) for s in ("1/100", "1/2", "99/100")]
    assert gains[0] > gains[1] > gains[2]


def test_a_report_needs_one_of_c_and_sigma_w2():
    with pytest.raises(DeriveError, match="either"):
        isometry_report("relu", 10)
    with pytest.raises(DeriveError, match="either"):
        isometry_report("relu", 10, c="1/8", sigma_w2=1)


def test_an_input_along_the_constant_vector_is_no_special_case():
    gain = tangent_gain("relu", 10, "1/4", p0=1, m0=1)
    assert float(gain) == pytest.approx(
        float(tangent_gain("relu", 10, "1/4", p0=1, m0=sp.Rational(999999, 10**6))), rel=1e-3
    )


@pytest.mark.slow
def test_the_table_has_a_row_for_each_activation():
    from derive.report import table

    made = table("isometry_weights")
    assert len(made.rows) == 7
    assert made.rows[0][1].startswith("0.25000")
    assert made.rows[5][4] == "none"


def test_figure_1_shows_the_theory_over_the_histograms():
    from derive.report.figures_spectrum import universal_spectrum

    figure = universal_spectrum()
    curves = figure.axes[0].get_lines()
    s, density = curves[-1].get_data()
    assert np.trapezoid(density, s) == pytest.approx(1, abs=1e-3)


@pytest.mark.slow
def test_figures_of_activations_and_outliers_are_drawn():
    from derive.report.figures_spectrum import activations_and_depths, outside_the_bulk

    assert len(activations_and_depths().axes) == 2
    assert outside_the_bulk().axes[0].get_ylabel()


def test_initial_variances_warn_where_a_singular_value_is_outside_and_only_there():
    """GELU bends too, but at c = 1/8 its lengths come to rest before the bound leaves the bulk, as SELU's do."""
    found = dv.initial_variances("scaled-residual", "relu", 100)
    assert any("5.293 or more (11.97 or more at twice the depth)" in text for text in found.warnings)
    for phi in ("gelu", "selu"):
        assert not dv.initial_variances("scaled-residual", phi, 50).warnings
    assert dv.initial_variances("scaled-residual", "gelu", 20, c=1).warnings
    assert any("not computed" in text for text in dv.initial_variances("scaled-residual", "relu", 10**6).warnings)


def test_the_bound_outside_the_bulk_is_reached_by_a_wide_network():
    """GELU at c = 1: the largest singular value of a network of width 500 against the bound of the wide limit."""
    report = isometry_report("gelu", depth=20, c=1)
    assert report.outside and report.deeper > report.gain
    rng, size, depth = np.random.default_rng(3), 500, 20
    x = rng.standard_normal(size)
    x = (x - x.mean()) / x.std()
    J = np.eye(size)
    for _ in range(depth):
        weights = rng.standard_normal((size, size)) * math.sqrt(float(report.sigma_w2) / (size * depth))
        h = weights @ x
        normal = np.exp(-h * h / 2) / math.sqrt(2 * math.pi)
        below = np.array([math.erfc(-t / math.sqrt(2)) / 2 for t in h])
        J = J + (below + h * normal)[:, None] * (weights @ J)
        x = x + h * below
    top = np.linalg.norm(J, 2)
    assert top > 0.95 * float(report.gain)  # fluctuations of the length over 20 layers, of order sqrt(1/N)


def test_weight_variances_are_found_where_larger_ones_overflow():
    """x^2 and x^5 explode at sigma_w2 slightly above the root."""
    from derive.spectrum import effective_cumulant

    for phi, depth in (("x**2", 100), ("x**5", 40)):
        found = weight_variance_for(phi, "1/8", depth, digits=15)
        assert abs(effective_cumulant(phi, depth, found, digits=15) - 0.125) < 1e-12
