"""The theory curves of paper 002: their numbers against the proved and derived ones."""

import math
from itertools import pairwise

import pytest

pytest.importorskip("matplotlib")

from derive.networks import Convolutional
from derive.report.figures import figure
from derive.report.figures_convolutional import _Means


def test_slope_of_the_correlation_map_in_the_figure_is_that_of_the_package():
    """Hermite coefficients in float64 against Convolutional.fixed_point, in the chaotic phase of tanh."""
    point = Convolutional("tanh", 3, [1]).fixed_point(digits=15, sigma_w2=2, sigma_b2="1/20")
    found = _Means("tanh").slope_at_fixed_point(float(point.q), 2.0, 0.05)
    assert abs(found - float(point.chi_c)) < 1e-9


def test_figure_5_crosses_one_at_the_sharp_constant():
    """chi_1 interpolated linearly between the drawn points is 1 near sigma_w2 = 103.0076."""
    slope = figure("sigmoid_susceptibility").data["panels"][0]["curves"][0]
    pairs = list(zip(slope["x"], slope["y"], strict=True))
    (x0, y0), (x1, y1) = next((a, b) for a, b in pairwise(pairs) if a[1] < 1 <= b[1])
    assert abs(x0 + (1 - y0) / (y1 - y0) * (x1 - x0) - 103.0076) < 1e-2


def test_depth_scales_peak_at_the_critical_weight_variances():
    """The peaks lie at the critical variances found by bisection with quadrature: tanh 1.761, softsign 3.141."""
    panels = figure("critical_depth_scales").data["panels"]
    for index, critical in ((0, 1.761), (2, 3.141), (3, 103.2)):
        curve = panels[index]["curves"][0]
        peak = max(zip(curve["y"], curve["x"], strict=True))[1]
        assert abs(peak / critical - 1) < 0.07
        assert all(math.isfinite(y) for y in curve["y"])


def test_delta_kernel_keeps_every_mode_equal():
    curves = figure("convolution_modes").data["panels"][1]["curves"]
    assert len(set(curves[2]["y"])) == 1 and len(set(curves[0]["y"])) > 5
