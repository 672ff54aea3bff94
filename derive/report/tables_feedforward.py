"""Tables about feed-forward networks: the edge of chaos of the registered activations, depth scales of tanh."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.report.table import Column, Math, Table

__all__ = ["depth_scales", "edges_of_chaos"]

_ACTIVATIONS = ("tanh", "erf", "sin", "arctan", "softsign", "hard_tanh", "sigmoid", "elu", "gelu", "swish")
_BIAS = sp.Rational(1, 20)


def _shown(value: Any, digits: int = 10) -> str:
    return str(sp.N(value, digits))


def edges_of_chaos() -> Table:
    """Where chi_1 = 1 at sigma_b2 = 1/20: weight variance, length, chi_q, and the laws of xi_c on both sides."""
    from derive.errors import DeriveError
    from derive.networks import FeedForward

    rows = []
    for name in _ACTIVATIONS:
        net = FeedForward(name)
        for point in net.critical_points(sigma_b2=_BIAS, digits=14):
            try:
                law = next(iter(net.divergence(sigma_b2=_BIAS, digits=10))) if point.stable else None
            except (DeriveError, StopIteration):
                law = None
            sides = ("", "") if law is None else (_shown(law.ordered, 6), _shown(law.chaotic, 6))
            rows.append((name, _shown(point.sigma_w2), _shown(point.q), _shown(point.chi_q, 6), *sides))
    columns = (
        Column("activation"),
        Column(Math(r"\sigma_w^2", "sigma_w2")),
        Column(Math("q^*", "q*")),
        Column(Math(r"\chi_q", "chi_q")),
        Column("ordered side"),
        Column("chaotic side"),
    )
    notes = (
        "The last columns are the limits of |sigma_w2 - critical| xi_c. chi_q > 1 marks a point on an unstable branch, "
        "which no start reaches; there xi_c has no law.",
    )
    return Table("edges_of_chaos", "Critical points at sigma_b2 = 1/20", columns, tuple(rows), notes)


def depth_scales() -> Table:
    """xi_q, xi_c and 6 xi_c of tanh at sigma_b2 = 1/20 for several weight variances."""
    from derive.networks import FeedForward

    rows = []
    for weight in ("1/2", "1", "3/2", "7/4", "2", "5/2", "3", "4"):
        (point,) = FeedForward("tanh").fixed_points(sigma_w2=weight, sigma_b2=_BIAS, digits=10)
        rows.append((weight, point.phase, *(_shown(x, 6) for x in (point.c, point.xi_q, point.xi_c, 6 * point.xi_c))))
    columns = (
        Column(Math(r"\sigma_w^2", "sigma_w2")),
        Column("phase"),
        Column(Math("c^*", "c*")),
        Column(Math(r"\xi_q", "xi_q")),
        Column(Math(r"\xi_c", "xi_c")),
        Column(Math(r"6\,\xi_c", "6 xi_c")),
    )
    note = "Schoenholz et al. 2017 find networks trainable up to a depth of about 6 xi_c."
    return Table("depth_scales", "Depth scales of tanh networks, sigma_b2 = 1/20", columns, tuple(rows), (note,))
