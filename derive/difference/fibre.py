r"""The second state of a triangular system, linearised along its forced solution.

The driver is :math:`w' = w M(w)`, :math:`M = 1 + M_k w^k + \dots`, with a small scale :math:`w \to 0`; the second state
obeys

.. math:: \eta' = \sum_{j=0}^{J} m_j(w)\,\eta^j .

1. The *forced solution* :math:`E_0(w)` is the formal power solution, found order by order: the unknown
   :math:`e_j w^j` enters with the leading factor :math:`j M_k - m_{1,k}` (or :math:`-m_{1,s}` where
   :math:`m_1 - 1` starts below :math:`w^k`).  Where the factor vanishes exactly, j is *resonant*: the coefficient
   becomes a polynomial in :math:`\Lambda = \log w` of one degree more.
2. Around it :math:`\eta = E_0 + G` and :math:`G' = \sum_{j\ge1} \bar m_j G^j`,
   :math:`\bar m_j = \sum_l \binom lj m_l E_0^{l-j}`.
3. :math:`h(w M) = \bar m_1 h`: :math:`\log h = \nu \log\mu + b\log w + g(w)`, with :math:`\mu = \bar m_1(0)` and
   :math:`\nu` the index.
4. :math:`G = \sum_{i\ge1} E_i(w) H^i`, :math:`H = C h`, :math:`E_1 = 1`: the coefficient of :math:`H^i` gives the linear
   equation :math:`E_i(wM) = \bar m_1^{1-i} E_i + \bar m_1^{-i} \sum_{j\ge2} \bar m_j [H^i] G^j`.  This is Koenigs'
   linearisation of a fibred map; the free constant C absorbs the start.

Coefficients are anything with exact or ball arithmetic (:class:`~derive.difference.localised.LocalElement`, flint's
``arb``, ``fmpq``), with :mod:`derive.difference.logarithms` for resonances.
Source: the triangular scheme is Ecalle's formal linearisation; de Bruijn, *Asymptotic methods in analysis*, ch. 8, for
one equation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from derive.difference import powerseries as ps
from derive.difference.logarithms import Logarithms
from derive.errors import PrecisionError, UnsupportedError

__all__ = ["Chain", "Fibre", "first_order", "linearise", "solve_linear"]


def first_order(series: Sequence[Any], skip: int = 0) -> int:
    """The index of the first coefficient from ``skip`` on that is not exactly zero; ``len(series)`` if there is none."""
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
            scaled = _divide(derived, factorial)
            shift = ps.mul(base, self.log_power(l), size)
            out = [x + scaled * y for x, y in zip(out, shift, strict=True)]
            l, derived = l + 1, self.logs.derivative(derived)
        return out


def _divide(a: Any, b: Any) -> Any:
    """a / b, exactly where both are exact; a may be a polynomial in the logarithm."""
    return ps.ratio(a, 1, b) if isinstance(b, int) else a / b


def _leading_solution(chain: Chain, rho: Any, factor: Any, resonant: bool, with_log: bool) -> Any:
    """c with ``factor*c + M_k c' = rho`` (the derivative in log w, present only if ``with_log``)."""
    if resonant:
        return chain.logs.integral(_divide(rho, chain.lead))
    c = _divide(rho, factor)
    if not with_log:
        return c
    total, term = c, chain.logs.derivative(c)
    while term is not None and not ps.is_zero(term):
        term = _divide(-term * chain.lead, factor)
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

    ``forcing[a]`` is the coefficient of :math:`w^{start+\kappa+a}` in r, where :math:`\kappa` is the smaller of k and the
    order of m - 1 (0 where m(0) is not 1); a callable gets ``(a, known coefficients)``, for nonlinear equations.
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
                f"the leading factor of order {j} vanishes to working precision ({factor}): give the parameters exactly, "
                "or more digits, to decide whether it is resonant"
            )
        c = _leading_solution(chain, rho, factor, is_resonant, with_log)
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


@dataclass(frozen=True)
class Fibre:
    r"""The formal solution: blocks :math:`E_i` (coefficients of w), h, and what was resonant.

    ``blocks[i]`` are the coefficients of :math:`E_i` from :math:`w^0` on.  ``log_h = (mu, b, start, g)`` stands for
    :math:`\nu\log\mu + b\log w + \sum_a g_a w^{start+a}`, the slot of :math:`w^0` holding only logarithms.
    """

    blocks: tuple[tuple[Any, ...], ...]
    mu: Any
    b: Any
    start: int
    g: tuple[Any, ...]
    kappa: int
    resonances: tuple[int, ...]


def linearise(
    chain: Chain,
    m: Sequence[Sequence[Any]],
    sizes: Sequence[int],
    resonant: Callable[[int, Any], bool] | None = None,
) -> Fibre:
    """Solve the fibre: ``sizes[i]`` coefficients of each block, ``m[j]`` the coefficients of m_j (lists from w**0)."""
    found: list[int] = []
    kappa = _check_orders(chain, m)
    forced = _forced_solution(chain, m, sizes[0], kappa, found, resonant)
    bar = _recentred(chain, m, forced, sizes[0] + kappa)
    mu, b, start, g = _log_multiplier(chain, bar[1], sizes[0])
    blocks = [tuple(forced)]
    if len(sizes) > 1:
        blocks += _power_blocks(chain, bar, sizes, kappa, found)
    return Fibre(tuple(blocks), mu, b, start, tuple(g), kappa, tuple(found))


def _check_orders(chain: Chain, m: Sequence[Sequence[Any]]) -> int:
    kappa = multiplier_order(chain, m[1])
    forcing = first_order(m[0])
    if forcing <= kappa < len(m[0]):
        raise UnsupportedError(
            f"the forcing starts at order {forcing}, not above {kappa}: the state does not tend to 0 but to another limit; "
            "expand around the root of the limiting fixed-point equation"
        )
    sigma = max(forcing - kappa, 1)
    for j in range(2, len(m)):
        order = first_order(m[j])
        if order < kappa or order + (j - 1) * sigma <= kappa:
            raise UnsupportedError(
                f"the coefficient of the power {j} of the state starts at order {order}, below the linear part's {kappa}: "
                "the nonlinearity rules the approach; rescale the state by its leading power first"
            )
    return kappa


def _forced_solution(chain, m, size, kappa, found, resonant) -> list[Any]:
    """E_0 from w**0 on."""
    begin = first_order(m[0])
    sigma = begin - kappa
    if begin >= min(len(m[0]), size + kappa):
        return [0] * size
    top = min(len(m) - 1, (size - 1) // sigma)
    active = [(j, m[j]) for j in range(2, top + 1) if first_order(m[j]) < len(m[j])]
    powers: list[list[Any]] = [[] for _ in range(top + 1)]  # powers[l][u] = coefficient of w**(l*sigma+u) in E**l

    def coefficient(l: int, u: int, e: list[Any]) -> Any:
        if l == 1:
            return e[u]
        row = powers[l]
        while len(row) <= u:
            n = len(row)
            total = 0
            for i in range(n + 1):
                if not ps.is_zero(e[i]):
                    other = coefficient(l - 1, n - i, e)
                    if not ps.is_zero(other):
                        total = total + e[i] * other
            row.append(total)
        return row[u]

    def forcing(a: int, e: list[Any]) -> Any:
        order = begin + a
        total = m[0][order] if order < len(m[0]) else 0
        for l, series in active:
            for u in range(order - l * sigma + 1):
                c = series[order - l * sigma - u] if order - l * sigma - u < len(series) else 0
                if not ps.is_zero(c) and u + (l - 1) * sigma <= a + sigma:
                    total = total + c * coefficient(l, u, e)
        return total

    tail = solve_linear(chain, m[1], forcing, size - sigma, sigma, found, resonant)
    return [0] * sigma + tail


def _recentred(chain: Chain, m: Sequence[Sequence[Any]], forced: list[Any], size: int) -> list[list[Any]]:
    """The series bar m_j for j >= 1 (entry 0 is empty)."""
    sigma = first_order(forced)
    out: list[list[Any]] = [[]]
    powers = [[1] + [0] * (size - 1)]
    if sigma < len(forced):
        while len(powers) < len(m) and (len(powers)) * sigma < size:
            powers.append(ps.mul(powers[-1], forced, size))
    for j in range(1, len(m)):
        total = [0] * size
        for l in range(j, min(len(m), j + len(powers))):
            product = ps.mul(m[l], powers[l - j], size) if l > j else list(m[l][:size])
            n = comb(l, j)
            for t, c in enumerate(product):
                if not ps.is_zero(c):
                    total[t] = total[t] + c * n
        out.append(total)
    return out


def _log_multiplier(chain: Chain, bar: Sequence[Any], size: int) -> tuple[Any, Any, int, list[Any]]:
    """mu, b, start and g of log h (class Fibre)."""
    mu = bar[0]
    if ps.is_zero(mu):
        return mu, 0, 0, []
    scaled = bar if ps.is_zero(mu - 1) else [_divide(c, mu) for c in bar]
    series = ps.log([1, *scaled[1:]], len(scaled))
    begin = first_order(series, 1)
    if begin >= len(series):
        return mu, 0, 1, []
    start = min(begin - chain.k, 0)
    one = [1] + [0] * (len(series) - 1)
    count = min(size - start, len(series) - chain.k - start)
    solution = solve_linear(chain, one, series[start + chain.k :], count, start)
    b = 0
    if -start < len(solution):  # the slot of w**0 holds b*log w (and higher powers of the log)
        b = solution[-start]
        b, solution[-start] = (0 if ps.is_zero(b) else chain.logs.derivative(b)), 0
    return mu, b, start, solution


def _power_blocks(chain, bar, sizes, kappa, found) -> list[tuple[Any, ...]]:
    """E_1 = 1, E_2, ... with sizes[i] coefficients each."""
    reciprocal = ps.inverse(bar[1], sizes[0] + kappa)
    inverse = [[1] + [0] * (sizes[0] + kappa - 1), reciprocal]
    blocks = {1: [1] + [0] * (sizes[1] - 1)}
    powers: dict[tuple[int, int], list[Any]] = {(1, 1): blocks[1]}
    for i in range(2, len(sizes)):
        size = sizes[i]
        inverse.append(ps.mul(inverse[-1], reciprocal, size + kappa))
        total = [0] * (size + kappa)
        for j in range(2, i + 1):
            row = [0] * size
            for a in range(1, i - j + 2):
                product = ps.mul(blocks[a], powers[j - 1, i - a], size)
                row = [x + y for x, y in zip(row, product, strict=True)]
            powers[j, i] = row
            if j < len(bar):
                product = ps.mul(bar[j], row, size + kappa)
                total = [x + y for x, y in zip(total, product, strict=True)]
        right = ps.mul(total, inverse[i], size + kappa)
        blocks[i] = solve_linear(chain, inverse[i - 1], right[kappa:], size, 0, found)
        powers[1, i] = blocks[i]
    return [tuple(blocks[i]) for i in range(1, len(sizes))]
