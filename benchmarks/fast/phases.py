"""Phase diagrams of feed-forward networks: time on one core, and errors at random points."""

from __future__ import annotations

import numpy as np

import derive as dv
from fast.decades import backends
from fast.machine import timed


def phase_diagrams(quick: bool) -> list[dict]:
    """Seconds for a phase diagram on one core, and the largest relative errors at random points.

    The error of q* is also given times 1 - chi_q, by which rounding of the equation is enlarged.
    """
    side, sample = (200, 4) if quick else (1000, 24)
    w, b = np.linspace(0.5, 4, side), np.linspace(0.001, 0.3, side)
    rows = []
    for phi, keep in (("tanh", 1), ("tanh", "9/10"), ("erf", 1)):
        net, backend = dv.FeedForward(phi, keep), backends()[0]
        first = timed(lambda n=net, k=backend: n.phase_diagram(w[:2], b[:2], backend=k), 1)
        seconds = timed(lambda n=net, k=backend: n.phase_diagram(w, b, backend=k), 7)
        got = net.phase_diagram(w, b, backend=backend)
        worst: dict[str, float] = {}
        for i, j in np.random.default_rng(5).integers(0, side, (sample, 2)):
            point = net.fixed_points(sigma_w2=float(w[i]), sigma_b2=float(b[j]), digits=20)[-1]
            for name in ("q", "c", "one_minus_c", "chi_1", "chi_q", "chi_c", "xi_q", "xi_c"):
                exact = float(getattr(point, name))
                error = abs(got[name][i, j] - exact) / (abs(exact) or 1.0)
                worst[name] = max(worst.get(name, 0.0), error)
                if name == "q":
                    scaled = error * abs(1 - float(point.chi_q))
                    worst["q, conditioned"] = max(worst.get("q, conditioned", 0.0), scaled)
        rows.append(
            {"activation": phi, "keep": str(keep), "backend": backend, "points": side * side, "seconds": seconds}
            | {"first_s": first, "without_number": int((got.status != 0).sum()), "errors": worst}
        )
    return rows


def show(rows: list[dict]) -> None:
    for row in rows:
        errors = "  ".join(f"{k} {v:.1e}" for k, v in row["errors"].items())
        print(f"{row['activation']}, keep {row['keep']}: {row['points']} points in {row['seconds']:.2f} s   {errors}")
