"""The layer map of the correlation by double trapezoidal sums in float64, independent of the package."""

from . import _tanh


def correlation_step(P: float, c: float, sv2: float, sw2: float, sa2: float) -> tuple[float, float]:
    """One layer of (P, c = G/P): the next pair, for tanh."""
    q = sw2 * P
    second, _ = _tanh.float_means(q)
    grown = P + sv2 * (1 - second) + sa2
    return grown, (c * P + sv2 * _tanh.covariance_of_tanh(q, c, reach=8, fineness=2.2) + sa2) / grown
