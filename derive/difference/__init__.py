"""Asymptotics of nonlinear difference equations x' = F(x); knows nothing of networks.

Abel functions (Fatou coordinates), their inversion, sums along the orbit and linear equations driven by the state, all
by one triangular solve over exact coefficients or balls.
"""

from __future__ import annotations

from derive.difference.abel import AbelSeries, LogSeries, abel

__all__ = ["AbelSeries", "LogSeries", "abel"]
