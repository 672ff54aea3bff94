"""Time and right digits of generated code and of quadrature, from the stored record of ``benchmarks/fast_path.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.errors import UnsupportedError
from derive.report.plotting import COLOURS, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["speed"]

_RECORD = Path(__file__).resolve().parents[2] / "benchmarks" / "record_fast_path.json"
_MARKERS = "osv^DX"


def _decades() -> list[dict[str, Any]]:
    try:
        return json.loads(_RECORD.read_text())["decades"]
    except OSError as error:
        raise UnsupportedError(
            f"the record {_RECORD} is not there (it comes with the source, not with the package); "
            "benchmarks/fast_path.py writes one"
        ) from error


def speed() -> Figure:
    """Nanoseconds for the four expectations of a tanh layer at one point, and the fewest right digits, against q."""
    rows = _decades()
    figure, (time, digits) = panels(2, height=2.8)
    names = list(dict.fromkeys(name for row in rows for name in row if name != "q"))
    for name, colour, marker in zip(names, COLOURS, _MARKERS, strict=False):
        known = [row for row in rows if name in row]
        q = [row["q"] for row in known]
        style = {"color": colour, "marker": marker, "markersize": 3.5, "label": name}
        time.loglog(q, [row[name]["ns"] for row in known], **style)
        digits.semilogx(q, [min(row[name]["digits"].values()) for row in known], **style)
    time.set(xlabel="$q$", ylabel="ns per layer step and point", title="(a) time, one core")
    title = r"(b) the worst of $V$, $E\varphi'^2$, $W$, $V-W$"
    digits.set(xlabel="$q$", ylabel="right digits", title=title, ylim=(-1, 17))
    digits.legend(loc="lower left")
    return figure
