"""The figures of real nets: what they draw is what the package computes."""

from __future__ import annotations

import numpy as np
import pytest

from derive.report import figures_finite_width
from derive.report.plotting import style

pytest.importorskip("matplotlib")


def test_permuted_widths_have_the_same_second_moment_and_different_curves():
    """Types (ii) and (iii) of Figure 3 have the same sums of 1/n; at depth 40 the second has 1.8 times the scatter.

    The curve of type (iv), constant 15, is that of ReLUNet at the sums d/15.
    """
    import derive as dv

    with style():
        (axis,) = figures_finite_width.order_of_widths().axes
    curves = {line.get_label(): line.get_xydata() for line in axis.lines}
    second, third, constant = curves["30, then 10"], curves["10, then 30"], curves["constant 15"]
    assert np.allclose(second[:, 0], third[:, 0]) and 1.8 < third[9, 1] / second[9, 1] < 1.9
    assert np.isclose(constant[0, 1], float(dv.ReLUNet([1] + [15] * 4).empirical_variance()))
    assert np.isclose(constant[0, 0], 4 / 15)


def test_residual_scales_lie_between_their_bounds():
    """The simulated mean of geometric scales is inside the band of the proved bounds, up to its scatter."""
    with style():
        (axis,) = figures_finite_width.residual_scales().axes
    labelled = [line for line in axis.lines if "1/2" in line.get_label()]
    assert len(labelled) == 1
    values = labelled[0].get_ydata()
    assert 1 < values[-1] < 10 and np.isclose(values[-1], values[15], rtol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", figures_finite_width.__all__)
def test_every_figure_is_drawn(name):
    """All of them, with curves in every panel."""
    with style():
        made = getattr(figures_finite_width, name)()
    assert all(axis.lines for axis in made.axes)


def test_residual_variances_lie_between_their_bounds():
    """Scales (3/4)^l and (1/2)^l: the means of 4000 nets stay in their bands, up to a tenth of their height."""
    with style():
        (axis,) = figures_finite_width.residual_variance().axes
    for line, band in list(zip(axis.lines, axis.collections, strict=True))[2:]:
        edge = band.get_paths()[0].vertices
        for count, mean in zip(*line.get_data(), strict=True):
            if count % 2 == 0:
                heights = [y for x, y in edge if x == count]
                assert 0.9 * min(heights) < mean < 1.1 * max(heights)
