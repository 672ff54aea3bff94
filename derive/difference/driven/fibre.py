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
4. :math:`G = \sum_{i\ge1} E_i(w) H^i`, :math:`H = C h`, :math:`E_1 = 1`: the coefficient of :math:`H^i` gives the
   linear equation
   :math:`E_i(wM) = \bar m_1^{1-i} E_i + \bar m_1^{-i} \sum_{j\ge2} \bar m_j [H^i] G^j`.  This is Koenigs'
   linearisation of a fibred map; the free constant C absorbs the start.

Coefficients are anything with exact or ball arithmetic (:class:`~derive.difference.localised.LocalElement`, flint's
``arb``, ``fmpq``), with :mod:`derive.difference.series.logarithms` for resonances.
Source: the triangular scheme is Ecalle's formal linearisation; de Bruijn, *Asymptotic methods in analysis*, ch. 8, for
one equation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from derive.difference.driven.chain import Chain, divide, first_order, multiplier_order, solve_linear
from derive.difference.series import powerseries as ps
from derive.difference.series.rows import pack, room, shifted_product, unpack
from derive.errors import UnsupportedError

__all__ = ["Fibre", "linearise"]


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
    reach = sizes[0] + chain.k  # log h through w**(sizes[0] - 1) needs bar m_1 this far
    forced = _forced_solution(chain, m, reach - kappa, kappa, found, resonant)
    with room(reach):
        bar = _recentred(m, forced, [reach, *(size + kappa for size in sizes[2:])])
    mu, b, start, g = _log_multiplier(chain, unpack(bar[1]), sizes[0])
    blocks = [tuple(forced[: sizes[0]])]
    if len(sizes) > 1:
        with room(reach):
            blocks += _power_blocks(chain, bar, sizes, kappa, found)
    return Fibre(tuple(blocks), mu, b, start, tuple(g), kappa, tuple(found))


def _check_orders(chain: Chain, m: Sequence[Sequence[Any]]) -> int:
    kappa = multiplier_order(chain, m[1])
    forcing = first_order(m[0])
    if forcing <= kappa < len(m[0]):
        raise UnsupportedError(
            f"the forcing starts at order {forcing}, not above {kappa}: the state does not tend to 0 but "
            "to another limit; expand around the root of the limiting fixed-point equation"
        )
    sigma = max(forcing - kappa, 1)
    for j in range(2, len(m)):
        order = first_order(m[j])
        if order < kappa or order + (j - 1) * sigma <= kappa:
            raise UnsupportedError(
                f"the coefficient of the power {j} of the state starts at order {order}, below the linear "
                f"part's {kappa}: the nonlinearity rules the approach; rescale the state by its leading power first"
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


def _recentred(m: Sequence[Sequence[Any]], forced: list[Any], lengths: Sequence[int]) -> list[Any]:
    """The series bar m_j, j = 1, ..., len(lengths), packed, with lengths[j-1] coefficients (entry 0 is empty)."""
    sigma, size = first_order(forced), max(lengths)
    powers = [pack([1], size)]
    if sigma < len(forced):
        base = pack(forced, size)
        while len(powers) < len(m) and len(powers) * sigma < size:
            powers.append(powers[-1] * base)
    out: list[Any] = [None]
    for j, length in enumerate(lengths, start=1):
        total = pack([], length)
        for l in range(j, min(len(m), j + len(powers))):
            total = total + pack([0 if ps.is_zero(c) else c * comb(l, j) for c in m[l]], length) * powers[l - j]
        out.append(total)
    return out


def _log_multiplier(chain: Chain, bar: Sequence[Any], size: int) -> tuple[Any, Any, int, list[Any]]:
    """mu, b, start and g of log h (class Fibre)."""
    mu = bar[0]
    if ps.is_zero(mu):
        return mu, 0, 0, []
    scaled = bar if ps.is_zero(mu - 1) else [divide(c, mu) for c in bar]
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


def _power_blocks(chain: Chain, bar: list[Any], sizes: Sequence[int], kappa: int, found: list[int]) -> list[Any]:
    """E_1 = 1, E_2, ... with sizes[i] coefficients each."""
    reciprocal = ps.inverse(unpack(bar[1]), sizes[0] + kappa)
    inverse = [pack([1], sizes[0] + kappa), pack(reciprocal, sizes[0] + kappa)]
    out = [tuple(ps.truncate([1], sizes[1]))]
    blocks = {1: pack([1], sizes[1])}
    powers: dict[tuple[int, int], Any] = {(1, 1): blocks[1]}
    for i in range(2, len(sizes)):
        size = sizes[i]
        inverse.append(inverse[-1] * inverse[1])
        total = pack([], size + kappa)
        for j in range(2, i + 1):
            row = pack([], size)
            for a in range(1, i - j + 2):
                row = row + blocks[a] * powers[j - 1, i - a]
            powers[j, i] = row
            total = total + shifted_product(bar[j], row, kappa)
        right = unpack(total * inverse[i])
        block = solve_linear(chain, unpack(inverse[i - 1]), right[kappa:], size, 0, found)
        blocks[i] = powers[1, i] = pack(block, size)
        out.append(tuple(block))
    return out
