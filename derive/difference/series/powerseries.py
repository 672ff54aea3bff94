r"""Truncated power series over any coefficients: one set of algorithms for exact, ball and floating arithmetic.

A series :math:`a(w) = \sum_{i<n} a_i w^i + O(w^n)` is a plain list ``[a_0, ..., a_{n-1}]``.  Every function takes the
number ``n`` of coefficients wanted and returns exactly that many; what is missing at the end of an argument counts as
zero.  Coefficients may be ``int``, flint ``fmpq``, ``arb`` or ``acb``, ``mpmath.mpf``, polynomials (flint
``fmpq_mpoly``, SymPy ``PolyElement``) or the Laurent polynomials of :mod:`derive.difference.series.laurent`; ``int``
zeros mark coefficients that are exactly zero and are skipped.  All that is asked of a coefficient is ``+ - *`` and
division by an integer; only :func:`inverse` and :func:`power` divide by a leading coefficient, and only when it is not
1.

Products of ``fmpq``, ``arb`` and ``acb`` lists go through flint's polynomials (fast multiplication), and a coefficient
may bring a ``series_product`` of its own; all others are the schoolbook sum, which profits from sparse factors.
Powers, exponentials and logarithms use the first-order differential equation each of them satisfies (Miller's
recurrence; Knuth, *The Art of Computer Programming* 2, section 4.7), so a power costs one product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import flint
import sympy as sp

from derive.errors import InputError

__all__ = [
    "add",
    "compose",
    "derivative",
    "evaluate",
    "exp",
    "integral",
    "inverse",
    "is_zero",
    "log",
    "mul",
    "mul_schoolbook",
    "neg",
    "power",
    "powers",
    "ratio",
    "revert",
    "scale",
    "sin_cos",
    "sinh_cosh",
    "sub",
    "truncate",
    "valuation",
]

Series = list[Any]
_POLYNOMIALS = {1: flint.fmpq_poly, 2: flint.arb_poly, 3: flint.acb_poly}
_FAST = {flint.fmpq: 1, flint.fmpz: 1, int: 0, flint.arb: 2, flint.acb: 3}


def is_zero(a: Any) -> bool:
    """True when the coefficient is exactly zero (a ball that merely contains zero is not)."""
    return bool(a == 0)


def ratio(a: Any, p: int, q: int = 1) -> Any:
    """``a p / q`` for integers ``p`` and ``q``, exact whenever ``a`` is (an ``int`` becomes an ``fmpq``)."""
    if isinstance(a, int):
        return flint.fmpq(a * p, q)
    if q == 1:
        return a * p
    if isinstance(a, (flint.fmpq, flint.fmpq_mpoly)):
        return a * flint.fmpq(p, q)
    return a * p / q


def truncate(a: Sequence[Any], n: int) -> Series:
    """The first ``n`` coefficients, padded with zeros."""
    out = list(a[:n])
    return out + [0] * (n - len(out))


def add(a: Sequence[Any], b: Sequence[Any], n: int) -> Series:
    """``a + b``."""
    return [x + y for x, y in zip(truncate(a, n), truncate(b, n), strict=True)]


def sub(a: Sequence[Any], b: Sequence[Any], n: int) -> Series:
    """``a - b``."""
    return [x - y for x, y in zip(truncate(a, n), truncate(b, n), strict=True)]


def neg(a: Sequence[Any]) -> Series:
    """``-a``, as long as ``a``."""
    return [-x for x in a]


def scale(a: Sequence[Any], s: Any) -> Series:
    """``s a``, as long as ``a``."""
    return [0 if isinstance(x, int) and x == 0 else x * s for x in a]


def valuation(a: Sequence[Any]) -> int:
    """Index of the first coefficient that is not exactly zero; ``len(a)`` if there is none."""
    return next((i for i, x in enumerate(a) if not is_zero(x)), len(a))


def mul_schoolbook(a: Sequence[Any], b: Sequence[Any], n: int) -> Series:
    """``a b`` by the defining sum over the nonzero coefficients."""
    out: Series = [0] * n
    right = [(j, y) for j, y in enumerate(b[:n]) if not is_zero(y)]
    for i, x in enumerate(a[:n]):
        if is_zero(x):
            continue
        for j, y in right:
            if i + j >= n:
                break
            out[i + j] = out[i + j] + x * y
    return out


def mul(a: Sequence[Any], b: Sequence[Any], n: int) -> Series:
    r"""``a b`` to ``n`` coefficients.

    >>> from flint import fmpq
    >>> mul([1, fmpq(1, 2)], [1, fmpq(-1, 2)], 3)
    [1, 0, -1/4]
    """
    kinds = {_FAST.get(type(x), 9) for x in a} | {_FAST.get(type(x), 9) for x in b}
    poly: Any = _POLYNOMIALS.get(max(kinds, default=0))
    if poly is None and n >= 6:
        own = next((x.series_product for x in (*a[:2], *b[:2]) if hasattr(x, "series_product")), None)
        return mul_schoolbook(a, b, n) if own is None else own(a, b, n)
    if poly is None or n < 6:
        return mul_schoolbook(a, b, n)
    return truncate((poly(list(a[:n])) * poly(list(b[:n]))).coeffs(), n)


def inverse(a: Sequence[Any], n: int) -> Series:
    """``1 / a``; the leading coefficient must be invertible (1, a number, or a unit of its ring)."""
    return power(a, -1, n)


def _as_ratio(e: Any) -> tuple[Any, int]:
    """An exponent as numerator and integer denominator; a ring element stands over 1."""
    if isinstance(e, (int, Fraction)):
        return e.numerator, e.denominator
    if isinstance(e, flint.fmpq):
        return int(e.p), int(e.q)
    if isinstance(e, sp.Rational):
        return int(e.p), int(e.q)
    return e, 1


def power(a: Sequence[Any], e: Any, n: int) -> Series:
    r"""``a^e`` for a nonzero leading coefficient :math:`a_0`; ``e`` is rational or a ring element.

    Where :math:`a_0 \ne 1` the exponent must be an integer: roots of coefficients are the caller's business.
    Miller: :math:`i\,a_0 c_i = \sum_{j=1}^{i} (e j - i + j)\, a_j c_{i-j}`.

    >>> power([1, 1], Fraction(1, 2), 4)
    [1, 1/2, -1/8, 1/16]
    """
    if n <= 0:
        return []
    a = truncate(a, n)
    p, q = _as_ratio(e)
    lead, start = a[0], 1
    if not (isinstance(lead, int) and lead == 1) and not is_zero(lead - 1):
        if q != 1 or not isinstance(p, int):
            raise InputError(f"the power {e} of a series needs leading coefficient 1, not {lead}")
        if isinstance(lead, int):
            lead = flint.fmpq(lead)
        a = [0 if is_zero(x) else x / lead for x in a]
        start = lead**p if p >= 0 else 1 / lead ** (-p)
    return _recurrent(start, [(j, a[j]) for j in range(1, n) if not is_zero(a[j])], n, q, lambda j, i: p * j - q * i)


def powers(a: Sequence[Any], first: int, last: int, n: int) -> dict[int, Series]:
    """``a^first, ..., a^last`` for integers ``first <= last``, each from the one before by one product."""
    out = {first: power(a, first, n)}
    for j in range(first + 1, last + 1):
        out[j] = mul(out[j - 1], a, n) if j not in (0, 1) else truncate([1] if j == 0 else list(a), n)
    return out


def derivative(a: Sequence[Any]) -> Series:
    """``a'``, one coefficient shorter."""
    return [x * i for i, x in enumerate(a)][1:]


def integral(a: Sequence[Any]) -> Series:
    """The antiderivative that vanishes at 0, one coefficient longer."""
    return [0] + [0 if is_zero(x) else ratio(x, 1, i + 1) for i, x in enumerate(a)]


def log(a: Sequence[Any], n: int) -> Series:
    """``log a`` for leading coefficient 1."""
    a = truncate(a, n)
    out: Series = [0] * n
    support = [(j, a[j]) for j in range(1, n) if not is_zero(a[j])]
    for i in range(1, n):
        total: Any = a[i] * i
        for j, x in support:
            if j >= i:
                break
            if not is_zero(out[i - j]):
                total = total - x * out[i - j] * (i - j)
        out[i] = 0 if is_zero(total) else ratio(total, 1, i)
    return out


def exp(a: Sequence[Any], n: int) -> Series:
    """``exp a`` for a series without constant term."""
    if n <= 0:
        return []
    a = truncate(a, n)
    if not is_zero(a[0]):
        raise InputError(f"the exponential of a series needs constant term 0, not {a[0]}")
    return _recurrent(1, [(j, a[j] * j) for j in range(1, n) if not is_zero(a[j])], n)


def _recurrent(
    start: Any, support: list[tuple[int, Any]], n: int, q: int = 1, weight: Callable[[int, int], Any] | None = None
) -> Series:
    """The series with constant term ``start`` and q i out_i = sum of x_j out_{i-j} weight(j, i - j)."""
    out: Series = [start]
    for i in range(1, n):
        total: Any = 0
        for j, x in support:
            if j > i:
                break
            if is_zero(out[i - j]):
                continue
            if weight is None:
                total = total + x * out[i - j]
            elif not is_zero(factor := weight(j, i - j)):
                total = total + x * out[i - j] * factor
        out.append(0 if is_zero(total) else ratio(total, 1, q * i))
    return out


def _pair(a: Sequence[Any], n: int, sign: int) -> tuple[Series, Series]:
    """The solution of s' = a' c, c' = sign a' s with s(0) = 0, c(0) = 1."""
    a = truncate(a, n)
    if a and not is_zero(a[0]):
        raise InputError(f"the sine of a series needs constant term 0, not {a[0]}")
    support = [(j, a[j] * j) for j in range(1, n) if not is_zero(a[j])]
    s: Series = [0]
    c: Series = [1]
    for i in range(1, n):
        ds: Any = 0
        dc: Any = 0
        for j, x in support:
            if j > i:
                break
            if not is_zero(c[i - j]):
                ds = ds + x * c[i - j]
            if not is_zero(s[i - j]):
                dc = dc + x * s[i - j]
        s.append(0 if is_zero(ds) else ratio(ds, 1, i))
        c.append(0 if is_zero(dc) else ratio(dc, sign, i))
    return s[:n], c[:n]


def sin_cos(a: Sequence[Any], n: int) -> tuple[Series, Series]:
    """``(sin a, cos a)`` for a series without constant term."""
    return _pair(a, n, -1)


def sinh_cosh(a: Sequence[Any], n: int) -> tuple[Series, Series]:
    """``(sinh a, cosh a)`` for a series without constant term."""
    return _pair(a, n, 1)


def compose(a: Sequence[Any], b: Sequence[Any], n: int) -> Series:
    """``a(b(w))`` for a series ``b`` without constant term, by Horner's rule."""
    b = truncate(b, n)
    v = valuation(b)
    if v == 0:
        raise InputError(f"the inner series of a composition needs constant term 0, not {b[0]}")
    used = truncate(a, n)[: (n - 1) // v + 1 if v < n else 1]
    out: Series = [0] * n
    for x in reversed(used):
        out = mul(out, b, n)
        out[0] = out[0] + x
    return out


def revert(a: Sequence[Any], n: int) -> Series:
    r"""The ``b`` with :math:`a(b(w)) = w`, for :math:`a_0 = 0` and :math:`a_1` invertible (Lagrange's formula)."""
    a = truncate(a, n + 1)
    if not is_zero(a[0]):
        raise InputError(f"only a series without constant term has a compositional inverse, not one with {a[0]}")
    base = power(a[1:], -1, n)
    out: Series = [0] * n
    current: Series = [1]
    for i in range(1, n):
        current = mul(current, base, n)
        out[i] = 0 if is_zero(current[i - 1]) else ratio(current[i - 1], 1, i)
    return out


def evaluate(a: Sequence[Any], w: Any) -> Any:
    """The value of the polynomial at ``w`` by Horner's rule."""
    total: Any = 0
    for x in reversed(a):
        total = total * w + x
    return total
