"""Asymptotics of nonlinear difference equations x' = F(x); knows nothing of networks.

Abel functions (Fatou coordinates), their inversion, sums along the orbit and linear equations driven by the state, all
by one triangular solve over exact coefficients or balls.
"""

from __future__ import annotations

from derive.difference.abel import AbelSeries, LogSeries, abel
from derive.difference.classification import Classification
from derive.difference.expansion import Expansion
from derive.difference.recurrence import Recurrence
from derive.difference.series_function import SeriesFunction, SeriesMap, series_function

__all__ = [
    "AbelSeries",
    "Classification",
    "Expansion",
    "LogSeries",
    "Recurrence",
    "SeriesFunction",
    "SeriesMap",
    "abel",
    "series_function",
]
