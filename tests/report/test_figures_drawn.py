"""The figures that are drawn in a second or so: their numbers are numbers, and are those of known formulas."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("matplotlib")

from derive.report.figures import figure

QUICK = [
    "tanh_residual_exponents",
    "tanh_residual_depths",
    "tanh_expansions",
    "alpha_relu_kernels",
    "relu_residual_scales",
    "relu_residual_variance",
    "relu_order_of_widths",
    "feed_forward_dropout",
    "feed_forward_gradients",
    "feed_forward_overlays",
    "feed_forward_overlays_dropout",
]


@pytest.mark.parametrize("name", QUICK)
def test_a_figure_shows_numbers(name):
    """Each panel says what it is drawn against and shows something; curves have finite values for most arguments."""
    panels = figure(name).data["panels"]
    assert panels
    for panel in panels:
        assert panel["x"], panel["title"]  # what stands on the other axis may be said by the curves
        assert any(panel[kind] for kind in ("curves", "bars", "areas", "images"))
        for curve in panel["curves"]:
            assert len(curve["x"]) == len(curve["y"])
            finite = [y for y in curve["y"] if y is not None and math.isfinite(y)]
            assert 2 * len(finite) > len(curve["y"]), curve["label"]


def test_kernels_are_the_arccosine_kernels():
    """Cho and Saul 2009: J_0 = 1 - t/pi and J_1 = (sin t + (pi - t) cos t)/pi at c = cos t."""
    curves = {c["label"]: c for c in figure("alpha_relu_kernels").data["panels"][0]["curves"]}
    known = {
        r"$\alpha=0$": lambda t: 1 - t / math.pi,
        r"$\alpha=1$": lambda t: (math.sin(t) + (math.pi - t) * math.cos(t)) / math.pi,
    }
    for label, kernel in known.items():
        for c, value in zip(curves[label]["x"], curves[label]["y"], strict=True):
            assert abs(value - kernel(math.acos(c))) < 1e-7  # the numbers are rounded to nine digits


def test_overlays_are_multiples_of_the_depth_scale():
    """The curves k xi_c of the overlays have the ratio k to the first."""
    curves = [c for c in figure("feed_forward_overlays").data["panels"][0]["curves"] if "xi_c" in c["label"]]
    first = curves[0]
    for k, curve in enumerate(curves, start=1):
        assert curve["label"].startswith(f"${k}")
        pairs = zip(first["y"], curve["y"], strict=True)
        assert all(abs(y / (k * one) - 1) < 1e-7 for one, y in pairs if one and y and math.isfinite(one + y))
