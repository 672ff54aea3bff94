r"""Linear equations E(F) = m E + r driven by a small variable, by one triangular solve.

The driver is :math:`w' = w M(w)`, :math:`M = 1 + M_k w^k + \dots`.  The unknown coefficient :math:`e_j` of :math:`w^j`
enters the equation first at order :math:`j+\kappa` with the leading factor

.. math:: j M_k - m_k \ (\kappa = k), \qquad -m_\kappa \ (\kappa < k),

where :math:`\kappa` is the smaller of k and the order of m - 1 (and 1 - m(0) where m(0) is not 1).  Where the factor
vanishes exactly, j is *resonant*: the coefficient becomes a polynomial in :math:`\log w` of one degree more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derive.difference.series import powerseries as ps
from derive.difference.series.logarithms import Logarithms
from derive.errors import PrecisionError, UnsupportedError

__all__ = ["Chain", "divide", "first_order", "multiplier_order", "solve_linear"]


def first_order(series: Sequence[Any], skip: int = 0) -> int:
    """The index of the first coefficient from ``skip`` on that is not exactly zero; ``len(series)`` if none."""
    return next((i for i in range(skip, len(series)) if not ps.is_zero(series[i])), len(series))


class Chain:
    """The driver's map with cached powers: images of ``c(log w) w**j`` under w -> w M(w)."""

    def __init__(self, logs: Logarithms, M: Sequence[Any], size: int) -> None:
        self.logs, self.size = logs, size
        self.M = ps.truncate(M, size)
        self.k = first_order(self.M, 1)
        if self.k >= size:
            raise UnsupportedError(f"the driver's map is the identity to order {size}; nothing drives the state")
        self.lead = self.M[self.k]
        one = [1] + [0] * (size - 1)
        self._powers: dict[int, list[Any]] = {0: one, 1: self.M}
        self._log: list[list[Any]] = [one]

    def power(self, j: int) -> list[Any]:
        """The coefficients of M**j."""
        if j not in self._powers:
            if j < 0 and -1 not in self._powers:
                self._powers[-1] = ps.inverse(self.M, self.size)
            step = 1 if j > 0 else -1
            self._powers[j] = ps.mul(self.power(j - step), self._powers[step], self.size)
        return self._powers[j]

    def log_power(self, l: int) -> list[Any]:
        """The coefficients of (log M)**l."""
        while len(self._log) <= l:
            if len(self._log) == 1:
                self._log.append(ps.log(self.M, self.size))
            else:
                self._log.append(ps.mul(self._log[-1], self._log[1], self.size))
        return self._log[l]

    def image(self, c: Any, j: int, size: int) -> list[Any]:
        """``c(log w + log M) M**j``, ``size`` coefficients; c may be a polynomial in log w."""
        base = self.power(j)
        out = [c * x for x in base[:size]]
        l, derived, factorial = 1, self.logs.derivative(c), 1
        while derived is not None and not ps.is_zero(derived):
            factorial *= l
            scaled = divide(derived, factorial)
            shift = ps.mul(base, self.log_power(l), size)
            out = [x + scaled * y for x, y in zip(out, shift, strict=True)]
            l, derived = l + 1, self.logs.derivative(derived)
        return out


def divide(a: Any, b: Any) -> Any:
    """a / b, exactly where both are exact; a may be a polynomial in the logarithm."""
    return ps.ratio(a, 1, b) if isinstance(b, int) else a / b


def _leading_solution(chain: Chain, rho: Any, factor: Any, resonant: bool, with_log: bool) -> Any:
    """c with ``factor*c + M_k c' = rho`` (the derivative in log w, present only if ``with_log``)."""
    if resonant:
        return chain.logs.integral(divide(rho, chain.lead))
    c = divide(rho, factor)
    if not with_log:
        return c
    total, term = c, chain.logs.derivative(c)
    while term is not None and not ps.is_zero(term):
        term = divide(-term * chain.lead, factor)
        total, term = total + term, chain.logs.derivative(term)
    return total


def solve_linear(
    chain: Chain,
    multiplier: Sequence[Any],
    forcing: Sequence[Any] | Callable[[int, list[Any]], Any],
    size: int,
    start: int = 0,
    resonances: list[int] | None = None,
    resonant: Callable[[int, Any], bool] | None = None,
) -> list[Any]:
    r"""The coefficients :math:`e_{start}, \dots` (``size`` of them) of the solution of E(wM) = m E + r.

    ``forcing[a]`` is the coefficient of :math:`w^{start+\kappa+a}` in r (module docstring); a callable gets
    ``(a, known coefficients)``, for nonlinear equations.
    Resonant indices are appended to ``resonances``.  The free constant at a resonance is put to zero.
    """
    kappa = multiplier_order(chain, multiplier)
    known = forcing if callable(forcing) else lambda a, e: forcing[a] if a < len(forcing) else 0
    with_log = kappa == chain.k
    decide = resonant or (lambda j, factor: ps.is_zero(factor))
    residual = [0] * size
    out: list[Any] = []
    for a in range(size):
        j = start + a
        rho = known(a, out) - residual[a]
        factor = _leading_factor(chain, multiplier, kappa, j)
        if ps.is_zero(rho):
            out.append(0)
            continue
        is_resonant = decide(j, factor)
        if is_resonant and resonances is not None:
            resonances.append(j)
        if not is_resonant and chain.logs.may_vanish(factor):
            raise PrecisionError(
                f"the leading factor of order {j} vanishes to working precision ({factor}): give the "
                "parameters exactly, or more digits, to decide whether it is resonant"
            )
        c = chain.logs.tidy(_leading_solution(chain, rho, factor, is_resonant, with_log))
        out.append(c)
        image = chain.image(c, j, size - a + kappa)
        for t in range(kappa, size - a + kappa):
            value = image[t] - c * multiplier[t] if t < len(multiplier) else image[t]
            residual[a + t - kappa] = residual[a + t - kappa] + value
    return out


def multiplier_order(chain: Chain, multiplier: Sequence[Any]) -> int:
    """The order at which an unknown coefficient enters: min(k, order of multiplier - 1)."""
    if not ps.is_zero(multiplier[0] - 1):
        return 0
    return min(chain.k, first_order(multiplier, 1))


def _leading_factor(chain: Chain, multiplier: Sequence[Any], kappa: int, j: int) -> Any:
    own = multiplier[kappa] if kappa < len(multiplier) else 0
    if kappa == 0:
        return 1 - own
    return chain.lead * j - own if kappa == chain.k else -own
