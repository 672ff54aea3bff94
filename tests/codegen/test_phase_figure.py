"""The figure of the benchmark shows what the record holds."""

from __future__ import annotations

import pytest

pytest.importorskip("matplotlib")


def test_lines_are_those_of_the_record():
    from derive.report.figures import figure
    from derive.report.measurements import record

    decades = record("fast_path")["decades"]
    time, digits = figure("fast_path_speed").drawing.axes
    ours = next(line for line in digits.lines if line.get_label() == "derive, c")
    assert list(ours.get_xdata()) == [row["q"] for row in decades]
    assert list(ours.get_ydata()) == [min(row["derive, c"]["digits"].values()) for row in decades]
    assert len(time.lines) == len(digits.lines) == len({name for row in decades for name in row} - {"q"})
