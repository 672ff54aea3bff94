"""Corrections of order 1/width against quadrature, exact laws and simulated nets of width 20."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import derive as dv
from derive.errors import DomainError, InputError, UnknownNameError
from derive.finite_width import width_correction

FORWARD = {"sigma_w2": 2, "sigma_b2": "1/10", "q0": 1}
STREAM = {"sigma_w2": 2, "sigma_b2": "1/10", "p0": 1}


def test_relu_variance_is_the_exact_one_to_first_order():
    """He nets of equal width: Var M_l = (1 + 5/n)^l - 1 = 5 l/n + O(1/n^2), from the exact moments at n = 10^8.

    q after l layers of pre-activations is 2 M_l per weight variance, and its own scatter adds 2 q^2.
    """
    found = width_correction("feed_forward", "relu", depth=4, sigma_w2=2, sigma_b2=0, q0=1)
    n = 10**8
    exact = [float(n * dv.ReLUNet([n] * 5, input_norm=f"sqrt({n})").variance(layer)) for layer in range(5)]
    assert np.allclose(found.variance - 2, exact, rtol=1e-6, atol=1e-6)
    assert np.allclose(found.mean_correction, 0, atol=1e-14)


def test_correction_of_the_mean_is_exact_for_a_square():
    """phi = x^2, two layers by hand: E K_2 = 3 w E K_1^2 with K_1 = w mean z^4, so the 1/N term is 288 w^3 q^4."""
    found = width_correction("feed_forward", "x**2", depth=2, sigma_w2="1/2", sigma_b2=0, q0="2/3")
    w, q = 1 / 2, 2 / 3
    assert np.allclose(found.mean, [q, 3 * w * q**2, 27 * w**3 * q**4], rtol=1e-13)
    assert np.allclose(found.mean_correction, [0, 0, 288 * w**3 * q**4], rtol=1e-13)
    assert np.isclose(found.variance[1], 96 * w**2 * q**4 + 2 * (3 * w * q**2) ** 2, rtol=1e-13)


def test_recursion_for_tanh_with_derivatives_by_quadrature():
    """Two layers of a tanh net: F', F'' by numerical differentiation of a quadrature of E tanh^2."""
    found = width_correction("feed_forward", "tanh", depth=3, **FORWARD)
    with mpmath.workdps(30):

        def mean(power, q):
            value = lambda z: mpmath.tanh(mpmath.sqrt(q) * z) ** power * mpmath.npdf(z)  # noqa: E731
            return 2 * mpmath.quad(value, [0, 2, 5, 12])

        def step(q):
            return 2 * mean(2, q) + mpmath.mpf(1) / 10

        q, m, C = mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(0)
        for layer in range(4):
            assert abs(found.mean[layer] - q) < 1e-14 and abs(found.mean_correction[layer] - m) < 1e-12
            assert abs(found.variance[layer] - (C + 2 * q * q)) < 1e-12
            slope, curve = mpmath.diff(step, q), mpmath.diff(step, q, 2)
            noise = 4 * (mean(4, q) - mean(2, q) ** 2)
            q, m, C = step(q), slope * m + curve * C / 2, slope**2 * C + noise


@pytest.mark.parametrize(
    ("name", "phi", "values", "seen"),
    [
        ("feed_forward", "tanh", FORWARD, 5),
        ("feed_forward", "tanh", {**FORWARD, "keep_probability": "4/5"}, 5),
        ("feed_forward", "hard_tanh", FORWARD, 5),
        ("feed_forward", "sigmoid", {**FORWARD, "sigma_w2": 9}, 0),
        ("reduced_residual", "tanh", STREAM, 3),
        ("reduced_residual", "relu", {**STREAM, "sigma_w2": "1/4"}, 1),
        ("full_residual", "tanh", {**STREAM, "sigma_v2": 2, "sigma_a2": "1/10"}, 2),
        ("scaled_residual", "relu", {**STREAM, "skip": "9/10"}, 2),
    ],
)
def test_corrections_are_visible_and_right_at_width_20(name, phi, values, seen):
    """Means of 40000 nets of width 20: far from mean field, within 4 errors (and 1/N^2) of the corrected theory.

    What is left out is of order (depth/N)^2 of the length; the variance has to agree within a fifth.
    """
    depth, width = 4, 20
    theory = width_correction(name, phi, depth=depth, **values)
    run = dv.simulate(name, phi, depth=depth, width=width, realisations=40_000, seed=7, gradients=False, **values)
    estimate = run[theory.name]
    far = (estimate.mean - theory.mean)[1:] / estimate.error[1:]
    near = (estimate.mean - theory.at(width)[theory.name])[1:]
    assert np.abs(far).max() >= seen
    second_order = np.abs(theory.mean_correction[1:]) / width * 4 / width
    assert (np.abs(near) <= 4 * estimate.error[1:] + second_order).all()
    assert np.allclose(estimate.variance[1:], theory.variance_at(width)[1:], rtol=0.2)


@pytest.mark.slow
def test_variance_correction_is_of_second_order():
    """The relative distance of the simulated variance from theory falls like 1/N: full residual GELU nets."""
    values = {**STREAM, "sigma_v2": "1/2", "sigma_a2": "1/10"}
    theory = width_correction("full_residual", "gelu", depth=4, **values)
    gaps = []
    for width, nets in ((10, 20_000), (80, 6_000)):
        run = dv.simulate("full_residual", "gelu", depth=4, width=width, realisations=nets, gradients=False, **values)
        gaps.append(abs(run.p.variance[-1] / theory.variance_at(width)[-1] - 1))
    assert gaps[1] < 0.1 and gaps[0] > 2 * gaps[1]


def test_wrong_input():
    """Unknown networks and keywords, missing activation, infinite moments."""
    with pytest.raises(UnknownNameError, match="no corrections"):
        width_correction("convolutional", "tanh", depth=2)
    with pytest.raises(InputError, match="missing"):
        width_correction("feed_forward", "tanh", depth=2, sigma_w2=1, sigma_b2=0)
    with pytest.raises(InputError, match="give the activation"):
        width_correction("feed_forward", depth=2, **FORWARD)
    with pytest.raises(DomainError, match="not integrable"):
        width_correction("feed_forward", "alpha_relu(alpha=-1/3)", depth=2, **FORWARD)
