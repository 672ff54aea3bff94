r"""A cluster of boxes becomes one point: the zero of F (the boundary sigma_b2 = 0) or of dD/ds (inside), to all digits.

On a cluster [a, b] outside of which nothing competes, in s = log q:

* F' and D' keep opposite signs and F changes sign: the critical variances are those on one side of the only zero of F,
  and D is largest at that zero;
* F > 0, D'' < 0 and D' changes from + to -: D is largest at the only zero of D'.

The zero is then found by interval Newton steps, s in log m - g(m)/g'([a, b]), which keep it enclosed.
"""

from __future__ import annotations

from typing import Any

from flint import ctx

from derive.errors import CertificationError, PrecisionError
from derive.networks.critical.means import Moments, middle

__all__ = ["kind_of", "newton"]

_BITS = 64


def kind_of(moments: Moments, cluster: tuple[Any, Any]) -> str | None:
    """``"boundary"``, ``"interior"``, or None where neither could be shown."""
    a, b = cluster
    ends = [moments.value("F", 0, q, _BITS) for q in cluster]
    slopes = [moments.value("D", 1, q, _BITS) for q in cluster]
    dF, dD = (moments.enclose(name, 1, cluster, _BITS) for name in "FD")
    if (dF > 0 and dD < 0 and ends[0] < 0 and ends[1] > 0) or (dF < 0 and dD > 0 and ends[0] > 0 and ends[1] < 0):
        return "boundary"
    if moments.enclose("F", 0, (a, b), _BITS) > 0 and moments.enclose("D", 2, cluster, _BITS) < 0:
        return "interior" if slopes[0] > 0 and slopes[1] < 0 else None
    return None


def newton(moments: Moments, kind: str, cluster: tuple[Any, Any], digits: int) -> tuple[Any, Any]:
    """The zero enclosed to a relative width of about 10^-(digits + 3)."""
    name, order = ("F", 0) if kind == "boundary" else ("D", 1)
    a, b = cluster
    goal = int(3.33 * (digits + 3))
    bits = 64
    for _ in range(60):
        with ctx.workprec(bits + 20):
            m = middle(a, b)
            slope = moments.enclose(name, order + 1, (a, b), bits, depth=0 if bits > 64 else 2)
            if slope.contains(0):
                raise CertificationError(
                    f"the slope at the extremal variance near q = {float(m):.8g} could not be kept away from zero"
                )
            step = -moments.value(name, order, m, bits) / slope
            low, high = _cut(m * step.exp(), a, b)
            spread = (high / low - 1).abs_upper()
            old = (b / a - 1).abs_upper()
        a, b = low, high
        with ctx.workprec(64):
            reached = -_log2(spread)
            if reached >= goal:
                return a, b
            if spread > old / 2 and reached > bits - 24:
                bits += 64
            bits = max(bits, min(2 * int(reached) + 64, goal + 64))
    raise PrecisionError(f"{digits} digits of the extremal variance were not reached; ask for fewer")


def _cut(found: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """The ends of ``found``, but not beyond the interval it lies in."""
    low, high = found.lower(), found.upper()
    return (a if a > low else low), (b if b < high else high)


def _log2(x: Any) -> float:
    """log2 of a positive exact ball, roughly."""
    mantissa, exponent = x.man_exp()
    return int(mantissa).bit_length() + int(exponent) if mantissa else -1e9
