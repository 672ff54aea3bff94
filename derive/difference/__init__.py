"""Asymptotics of nonlinear difference equations x' = F(x); knows nothing of networks.

Abel functions (Fatou coordinates), their inversion, sums along the orbit, linear and nonlinear equations driven by the
state, all by one triangular solve over exact coefficients or balls; the free constant, values at any depth and
enclosures.
"""

from __future__ import annotations

from derive.difference.driven.driven_state import solve_state
from derive.difference.driven.linear import LinearSolution, linear
from derive.difference.driven.transseries import Transseries
from derive.difference.driven.triangular import triangular
from derive.difference.expansion import Expansion
from derive.difference.formal.abel import AbelSeries, LogSeries, abel
from derive.difference.formal.classification import Classification
from derive.difference.near_point.series_function import SeriesFunction, SeriesMap, series_function
from derive.difference.orbit_sums import OrbitProduct, sum_at, sum_constant
from derive.difference.recurrence import Recurrence
from derive.difference.system_solver import solve_system

__all__ = [
    "AbelSeries",
    "Classification",
    "Expansion",
    "LinearSolution",
    "LogSeries",
    "OrbitProduct",
    "Recurrence",
    "SeriesFunction",
    "SeriesMap",
    "Transseries",
    "abel",
    "linear",
    "series_function",
    "solve_state",
    "solve_system",
    "sum_at",
    "sum_constant",
    "triangular",
]
