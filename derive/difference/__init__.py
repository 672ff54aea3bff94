"""Asymptotics of nonlinear difference equations x' = F(x); knows nothing of networks.

Abel functions (Fatou coordinates), their inversion, sums along the orbit, linear and nonlinear equations driven by the
state, all by one triangular solve over exact coefficients or balls; the free constant, values at any depth and
enclosures.
"""

from __future__ import annotations

from derive.difference.abel import AbelSeries, LogSeries, abel
from derive.difference.classification import Classification
from derive.difference.driven_state import solve_state
from derive.difference.expansion import Expansion
from derive.difference.linear import LinearSolution, linear
from derive.difference.recurrence import Recurrence
from derive.difference.series_function import SeriesFunction, SeriesMap, series_function
from derive.difference.system_solver import solve_system
from derive.difference.transseries import Transseries
from derive.difference.triangular import triangular

__all__ = [
    "AbelSeries",
    "Classification",
    "Expansion",
    "LinearSolution",
    "LogSeries",
    "Recurrence",
    "SeriesFunction",
    "SeriesMap",
    "Transseries",
    "abel",
    "linear",
    "series_function",
    "solve_state",
    "solve_system",
    "triangular",
]
