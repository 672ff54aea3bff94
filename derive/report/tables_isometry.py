"""The table of appendix D of paper 001, derived: weight variances that give one effective cumulant."""

from __future__ import annotations

import sympy as sp

from derive.report.table import Column, Math, Table

__all__ = ["weight_variances"]

_ROWS = (
    ("relu", "ReLU"),
    ("leaky_relu(slope=1/20)", "leaky ReLU, slope 0.05"),
    ("leaky_relu(slope=1/4)", "leaky ReLU, slope 0.25"),
    ("tanh", "tanh"),
    ("hard_tanh", "hard tanh"),
    ("sigmoid", "sigmoid"),
    ("selu", "SELU"),
)
_DEPTHS = (10, 20, 100)
_DIGITS = 20


def weight_variances() -> Table:
    """sigma_w2 for c = 0.125 at depths 10, 20, 100 and in the limit, to 20 digits."""
    columns = (
        Column("activation"),
        *(Column(Math(f"L = {depth}", f"L = {depth}"), right=True) for depth in _DEPTHS),
        Column(Math(r"L \to \infty", "L -> oo"), right=True),
    )
    rows = tuple((name, *(_cell(phi, depth) for depth in (*_DEPTHS, sp.oo))) for phi, name in _ROWS)
    notes = (
        "Weights have variance sigma_w2/(N L), no biases, an input of mean 0 and mean square 1. For the sigmoid c "
        "tends to 0 "
        "at every fixed weight variance, so there is no limit; SELU approaches its limit like log L over the root "
        "of L.",
    )
    return Table("isometry_weights", "Weight variances that give the effective cumulant 0.125", columns, rows, notes)


def _cell(phi: str, depth: object) -> str:
    from derive.errors import DomainError
    from derive.spectrum import weight_variance_for

    try:
        return str(weight_variance_for(phi, "1/8", depth, digits=_DIGITS))
    except DomainError:
        return "none"
