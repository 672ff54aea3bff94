"""Time and right digits of generated code and of quadrature, from the stored record of ``benchmarks/fast_path.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.report.measurements import record
from derive.report.plotting import COLOURS, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["speed"]

_MARKERS = "osv^DX"


def speed() -> Figure:
    """Nanoseconds for the four expectations of a tanh layer at one point, and the fewest right digits, against q.

    Back ends of this package are drawn through, what else there is dashed.
    """
    rows = record("fast_path")["decades"]
    figure, (time, digits) = panels(2, height=3.4)
    names = list(dict.fromkeys(name for row in rows for name in row if name != "q"))
    for number, name in enumerate(names):
        known = [row for row in rows if name in row]
        q = [row["q"] for row in known]
        look = {"color": COLOURS[number % len(COLOURS)], "marker": _MARKERS[number % len(_MARKERS)], "markersize": 3.5}
        look |= {"label": name, "linestyle": "-" if name.startswith("derive") else "--"}
        time.loglog(q, [row[name]["ns"] for row in known], **look)
        digits.semilogx(q, [min(row[name]["digits"].values()) for row in known], **look)
    time.set(xlabel="$q$", ylabel="ns per layer step and point", title="(a) time, one core")
    title = r"(b) the worst of $V$, $E\varphi'^2$, $W$, $V-W$"
    digits.set(xlabel="$q$", ylabel="right digits", title=title, ylim=(-1, 17))
    figure.legend(handles=time.lines, loc="outside lower center", ncols=4)
    return figure
