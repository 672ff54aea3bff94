r"""Joint moments of sum and length after a module that ends with ReLU, as polynomials: :func:`joint_moment`.

Given x and the hidden layers, the entries of :math:`x + \eta\,N(x)` are independent, :math:`y_i = x_i + s z_{i+}` with
z standard normal.  With :math:`A = \sum x_i`, :math:`M = \sum x_i^2` the joint cumulants of :math:`A' = \sum y_i` and
:math:`M' = \sum y_i^2` are sums over the entries, so :math:`E[A'^iM'^j \mid x, s]` is a polynomial in s, the width n
and the power sums of x; for j <= 2 in n, A and M alone, for j = 3 with the sum of cubes P.  s is a random multiple of
:math:`\sqrt M` that does not depend on the direction of x, which is all that the bounds in :mod:`.residual_bounds` use.
"""

from __future__ import annotations

from functools import cache
from math import comb
from typing import Any

from sympy import QQ
from sympy.polys.rings import PolyElement, ring

from derive.errors import DomainError

__all__ = ["joint_moment", "positive_part_moment"]

_HIGHEST = 3  # of M'; from there on further power sums of x come in

# n: entries; A, M, P: sums of x, x^2, x^3 over them; s: the deviation; c = E z_+ = 1/sqrt(2 pi); x: one entry
_RING, _n, _A, _M, _P, _s, _c, _x = ring("n,A,M,P,s,c,x", QQ)


def positive_part_moment(r: int) -> PolyElement:
    """E z_+^r: (r - 1)!!/2 for even r > 0, (r - 1)!! c for odd r (products of odd and of even numbers)."""
    if r == 0:
        return _RING(1)
    product = 1
    for i in range(r - 1, 0, -2):
        product *= i
    return product * _c if r % 2 else _RING(product) / 2


@cache
def _unit(p: int, q: int) -> PolyElement:
    """E (s z_+)^p (2 x s z_+ + s^2 z_+^2)^q: moments of what one entry adds to A and to M."""
    return sum(
        (
            comb(q, t) * (2 * _x) ** t * _s ** (p + 2 * q - t) * positive_part_moment(p + 2 * q - t)
            for t in range(q + 1)
        ),
        _RING(0),
    )


def _through_first(p: int, q: int, cumulant: Any, moment: Any) -> PolyElement:
    """The sum over the cumulants that hold one chosen factor, without the full one: moment minus cumulant."""
    total = _RING(0)
    for a in range(p + 1):
        for b in range(q + 1):
            ways = comb(p - 1, a - 1) * comb(q, b) if p and a else comb(q - 1, b - 1) if not p and b else 0
            if ways and (a, b) != (p, q):
                total += ways * cumulant(a, b) * moment(p - a, q - b)
    return total


@cache
def _cumulant(p: int, q: int) -> PolyElement:
    """The joint cumulant of what one entry adds."""
    return _unit(p, q) - _through_first(p, q, _cumulant, _unit)


@cache
def _added_cumulant(p: int, q: int) -> PolyElement:
    """The joint cumulant of A' - A and M' - M: the sum over the entries."""
    sums = (_n, _A, _M, _P)
    return sum((c * sums[p] for p, c in _by_entry(_cumulant(p, q)).items()), _RING(0))


def _by_entry(f: PolyElement) -> dict[int, PolyElement]:
    """The coefficients of the powers of x."""
    found: dict[int, PolyElement] = {}
    for exponents, c in f.terms():
        rest = _RING({(*exponents[:-1], 0): c})
        found[exponents[-1]] = found.get(exponents[-1], _RING(0)) + rest
    return found


@cache
def _added(p: int, q: int) -> PolyElement:
    """E (A' - A)^p (M' - M)^q."""
    if not p and not q:
        return _RING(1)
    return _added_cumulant(p, q) + _through_first(p, q, _added_cumulant, _added)


@cache
def joint_moment(i: int, j: int) -> PolyElement:
    r""":math:`E[A'^iM'^j \mid x, s]` as a polynomial in n, A, M, P, s and :math:`c = 1/\sqrt{2\pi}`, for j <= 3.

    >>> joint_moment(0, 1)
    1/2*n*s**2 + 2*A*s*c + M
    """
    if not 0 <= j <= _HIGHEST:
        raise DomainError(
            f"power {j} of the length brings in sums of fourth powers of the entries; 0, ..., {_HIGHEST} do not"
        )
    return sum(
        (
            comb(i, p) * comb(j, q) * _A ** (i - p) * _M ** (j - q) * _added(p, q)
            for p in range(i + 1)
            for q in range(j + 1)
        ),
        _RING(0),
    )
