r"""The kernel on arrays in float64, with full relative accuracy of J and of 1 - J.

Per alpha two sets of coefficients are made once, in balls, and rounded to float64.  Away from c = 1 the sum
:math:`x^{\alpha+1/2}\sum a_k x^k`, :math:`x = (1+c)/2`, has positive terms only.  Near c = 1 the gap is summed in
:math:`y = (1-c)/2`, with the regular terms and those of :math:`y^{\alpha+1/2+j}` paired as

.. math:: y^k\Bigl(A_k + \beta_k\,\frac{y^\varepsilon - 1}\varepsilon\Bigr), \qquad
    \varepsilon = \alpha + \tfrac12 - m,\ |\varepsilon| \le \tfrac12,

where :math:`(y^\varepsilon - 1)/\varepsilon` is computed by ``expm1`` and becomes :math:`\log y` at half-integer
alpha.  So nothing cancels next to a half-integer either.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from derive.errors import DomainError, PrecisionError

__all__ = ["J", "c_alpha", "one_minus_J"]

_LARGEST = 300.0  # above, the powers and coefficients leave the range in which this was measured


@dataclass(frozen=True)
class _Tables:
    """Coefficients for one alpha: the sum in x, and the gap in y by its regular, paired and singular parts."""

    positive: np.ndarray
    switch: float
    order: int
    shift: float
    regular: np.ndarray
    paired: np.ndarray
    singular: np.ndarray


def _float(ball: Any) -> float:
    if not ball.rel_accuracy_bits() > 54 and not ball.is_zero():
        raise PrecisionError(f"a coefficient of the kernel was enclosed in {ball.str(5)} only")
    return float(ball.mid())


@lru_cache(maxsize=512)
def _tables(alpha: float) -> _Tables:
    from fractions import Fraction

    from flint import ctx

    exact = Fraction(alpha)
    m = max(0, round(exact + Fraction(1, 2)))
    shift = exact + Fraction(1, 2) - m
    closeness = 0 if shift == 0 else max(0, shift.denominator.bit_length() - abs(shift.numerator).bit_length())
    switch = min(0.5, 1 / (1 + max(alpha, 0.0)))
    with ctx.workprec(160 + 2 * min(closeness, 1100) + 8 * m):
        positive = _positive(exact, 1 - switch)
        regular, paired, singular = _near_one(exact, m, shift, switch)
    return _Tables(positive, switch, m, float(shift), regular, paired, singular)


def _arb(number: Any) -> Any:
    from flint import arb

    return arb(number.numerator) / number.denominator


def _positive(alpha: Any, reach: float) -> np.ndarray:
    """K (1/2)_k^2/((alpha+3/2)_k k!), until the terms at x = reach no longer count."""
    from derive.kernels.balls import at_one

    a = _arb(alpha)
    term, found, k, size = at_one(a), [], 0, 1.0
    while size > 1e-18 or k < 4:
        found.append(_float(term))
        term = term * (2 * k + 1) ** 2 / (2 * (2 * a + 3 + 2 * k) * (k + 1))
        k += 1
        size = float(term.mid()) * reach**k / (1 - reach) / found[0]
    return np.array(found)


def _near_one(alpha: Any, m: int, shift: Any, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients of 1 - J in y: y^k (k < m), then A_j and beta_j of y^(m+j).

    At m = 0 the first list is the whole regular series less its 1, and the pairs are those of -J.
    """
    from derive.kernels.balls import at_one

    a, count = _arb(alpha), 2 + int(60 * 0.6931 / -np.log(reach)) + m
    regular = _regular_coefficients(a, m, count)
    scale = at_one(a)
    step = [scale]
    for k in range(count):
        step.append(step[-1] * (2 * k + 1) ** 2 / (2 * (2 * a + 3 + 2 * k) * (k + 1)))
    plain, log = _pairs(a, m, shift, regular, step)
    head = [0.0] + [-_float(r) for r in regular[1 : m or None]]  # for m = 0 all of the regular series
    return np.array(head), np.array([-_float(p) for p in plain]), np.array([-_float(b) for b in log])


def _regular_coefficients(a: Any, m: int, count: int) -> list[Any]:
    """(-alpha)_k^2/((1/2-alpha)_k k!); from k = m > 0 on without the factor m - 1/2 - alpha, which may vanish."""
    from flint import arb

    found, term = [], arb(1)
    for k in range(count):
        found.append(term)
        below = (arb(1) / 2 - a + k) if not (m and k == m - 1) else arb(1)
        term = term * (k - a) * (k - a) / (below * (k + 1))
    return found


def _pairs(a: Any, m: int, shift: Any, regular: list[Any], step: list[Any]) -> tuple[list[Any], list[Any]]:
    """A_j and beta_j: with eps a_(m+j) = -r_(m+j) (m > 0) and eps b_j = -(-1)^m s_j eps/sin(pi eps)."""
    from flint import arb

    eps = _arb(shift)
    sine = eps / (arb.pi() * eps).sin() if shift else 1 / arb.pi()
    sign = -1 if m % 2 else 1
    plain, log = [], []
    for j in range(len(regular) - m):
        beta = -sign * step[j] * sine
        if m == 0:
            plain.append(regular[j] + beta / eps if j or shift else beta)
        elif shift:
            plain.append((beta - regular[m + j]) / eps)
        else:
            plain.append(_limit(m, j, beta))
        log.append(beta)
    return plain, log


def _limit(m: int, j: int, beta: Any) -> Any:
    """A_(m+j) at half-integer alpha = m - 1/2, from the logarithmic derivatives of the two coefficients."""
    from flint import arb

    a, half = arb(m) - arb(1) / 2, arb(1) / 2
    k = m + j
    of_regular = sum((2 / (a - i) for i in range(k)), arb(0))
    of_regular += sum((1 / (half - a + i) for i in range(k) if i != m - 1), arb(0))
    of_singular = 2 * (a + 1).digamma() - (a + half).digamma() - (a + 3 * half + j).digamma()
    return beta * (of_singular - of_regular)


def _horner(coefficients: np.ndarray, x: np.ndarray) -> np.ndarray:
    total = np.zeros_like(x)
    for a in coefficients[::-1]:
        total = total * x + a
    return total


def _growth(t: _Tables, y: np.ndarray) -> np.ndarray:
    """(y^eps - 1)/eps, or log y."""
    with np.errstate(divide="ignore"):
        logs = np.log(y)
    return np.expm1(t.shift * logs) / t.shift if t.shift else logs


def _gap_near_one(alpha: float, t: _Tables, y: np.ndarray) -> np.ndarray:
    """1 - J for 0 < y <= switch.

    Where y^eps is far from 1 the two series are summed apart, with y^(alpha+1/2) as one accurate power.
    """
    growth, plain, log = _growth(t, y), _horner(t.paired, y), _horner(t.singular, y)
    head = _horner(t.regular, y)
    if t.shift == 0:
        return head + y**t.order * (plain + log * growth)
    power = y**alpha * np.sqrt(y) * log / t.shift
    if t.order == 0:
        return power + _horner(t.regular, y)
    apart = head + y**t.order * (plain - log / t.shift) + power
    return np.where(np.abs(t.shift * growth) > 0.5, apart, head + y**t.order * (plain + log * growth))


def _kernel_near_one(t: _Tables, y: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """J for 0 < y <= switch; for alpha next to -1/2 the gap is next to 1, and the pairs give J itself."""
    if t.order:
        return 1 - gap
    return -_horner(t.paired, y) - _horner(t.singular, y) * _growth(t, y)


def _kernel_by_x(alpha: float, t: _Tables, x: np.ndarray) -> np.ndarray:
    return x**alpha * np.sqrt(x) * _horner(t.positive, x)


def _one_alpha(alpha: float, x: np.ndarray, y: np.ndarray, gap: bool) -> np.ndarray:
    t = _tables(alpha)
    near, result = (y < t.switch) & (y > 0), np.full_like(x, 0.0 if gap else 1.0)
    away = y >= t.switch
    small = _gap_near_one(alpha, t, y[near])
    large = _kernel_by_x(alpha, t, x[away])
    result[near] = small if gap else _kernel_near_one(t, y[near], small)
    result[away] = 1 - large if gap else large
    return result


def _checked(alpha: Any, second: Any, low: float, high: float, name: str) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.broadcast_arrays(np.asarray(alpha, dtype=float), np.asarray(second, dtype=float))
    for bad, what in (
        (~((a > -0.5) & (a <= _LARGEST)), f"alpha between -1/2 (excluded) and {_LARGEST:g}"),
        (~((b >= low) & (b <= high)), f"{name} in [{low:g}, {high:g}]"),
    ):
        if bad.any():
            value = (a if name not in what else b)[bad].flat[0]
            raise DomainError(f"the array holds {value}; the kernel needs {what}; J(alpha, c).evalf() takes any alpha")
    return a, b


def _over(a: np.ndarray, x: np.ndarray, y: np.ndarray, gap: bool) -> Any:
    result = np.empty(a.shape)
    for alpha in np.unique(a):
        here = a == alpha
        result[here] = _one_alpha(float(alpha), x[here], y[here], gap)
    return result if result.ndim else float(result)


def J(alpha: Any, c: Any) -> Any:
    """J_alpha(c) on float64 arrays that broadcast; relative error of a few 1e-16, apart from underflow.

    Raises :class:`~derive.errors.DomainError` for entries outside alpha > -1/2, |c| <= 1, and for NaN.

    >>> J(1.0, np.array([-1.0, 0.0, 1.0])).round(6).tolist()
    [0.0, 0.31831, 1.0]
    """
    a, c = _checked(alpha, c, -1, 1, "c")
    return _over(a, (1 + c) / 2, (1 - c) / 2, gap=False)


def one_minus_J(alpha: Any, d: Any) -> Any:
    """1 - J_alpha(1 - d) on float64 arrays that broadcast; relative error of a few 1e-16, however small d.

    >>> float(f"{one_minus_J(2.0, 1e-300):.3g}")
    1.33e-300
    """
    a, d = _checked(alpha, d, 0, 2, "d")
    return _over(a, (2 - d) / 2, d / 2, gap=True)


def c_alpha(alpha: Any) -> Any:
    """c_alpha on float64 arrays; relative error of a few units in the last place times the size of its logarithm."""
    from scipy.special import gamma

    a = np.asarray(alpha, dtype=float)
    if not (a > -0.5).all():
        raise DomainError(f"the array holds {a[~(a > -0.5)].flat[0]}; c_alpha needs alpha > -1/2")
    result = np.exp2(a - 1) * gamma(a + 0.5) / np.sqrt(np.pi)
    return result if result.ndim else float(result)
