r"""Where a function rational in T = e^{a x} has its poles, its principal parts there, and its size between them.

For f(x) = sum_j x^j R_j(T), R_j = N_j/D (see :mod:`derive.expectations.one_variable.exprational`):

*Poles.*  x = (log tau + 2 pi i k)/a for the zeros tau of D.  With T = tau e^{a t} the functions R_j have expansions
R_j = t^{-m} S_j(t) that do not depend on k, so the principal part at each pole of the ladder is that of
(x_0 + t)^j t^{-m} S_j(t).

*Size.*  Let r = |T|, p_j the excess of degree of N_j over D (or 0) and n_j the order of the pole at T = 0 (or 0).
On the rays arg T = a y, :class:`RayBound` holds numbers B_j with

.. math:: |R_j(T)| \le B_j \max(r,1)^{p_j} \max(1/r,1)^{n_j} ,

proven by covering r in [0, 1] and 1/r in [0, 1] with complex balls until D stays away from zero in each.  Since
|x| <= |Re x| + y this bounds |f| on the horizontal line Im x = y.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import pi
from typing import Any

import sympy as sp
from flint import acb, acb_poly, acb_series, arb, ctx, fmpz_poly

from derive.errors import UnsupportedError
from derive.expectations.one_variable.exprational import ExpRational
from derive.numerics.compile import to_arb

__all__ = ["DecayBound", "Ladder", "RayBound", "clear_ray", "decay_bound", "ladders", "poles_per_period", "ray_bound"]

_COVER_BITS = 53
_MAX_BOXES = 4000


@dataclass(frozen=True)
class Ladder:
    """The poles x_0 + 2 pi i k/a, k >= 0, of the upper half plane that belong to one zero of D.

    ``parts[j]`` are the Taylor coefficients of S_j, ``order`` is m, ``start`` is x_0 with Im x_0 > 0; ``on_axis``
    holds the real pole that precedes them (which must have no principal part), or None.
    """

    start: Any
    order: int
    parts: tuple[tuple[int, tuple[Any, ...]], ...]
    on_axis: Any | None

    def principal_part(self, x0: Any) -> list[Any]:
        """[c_{-1}, ..., c_{-m}] at the pole ``x0``."""
        m = self.order
        total = [acb(0)] * m
        for j, series in self.parts:
            shifted = list(series)
            for _ in range(j):
                shifted = [x0 * s + (shifted[i - 1] if i else 0) for i, s in enumerate(shifted)]
            total = [a + b for a, b in zip(total, shifted, strict=True)]
        return total[::-1]


@lru_cache(maxsize=256)
def _starts(f: ExpRational) -> tuple[Any, ...]:
    """The first pole of every ladder, at 64 bits."""
    with ctx.workprec(64):
        rate = to_arb(f.rate)
        return tuple(_first_poles(rate, tau)[0] for factor, _ in f.factors for tau in _zeros(factor))


def _first_poles(rate: Any, tau: Any) -> tuple[Any, Any | None]:
    """(x_0 with Im x_0 > 0, the pole on the real axis before it or None)."""
    logarithm = acb(tau.real).log() if tau.imag.is_zero() else tau.log()
    start = logarithm / rate
    on_axis = start if logarithm.imag.is_zero() else None
    return start if logarithm.imag > 0 else start + acb(0, 2 * arb.pi() / rate), on_axis


@lru_cache(maxsize=64)
def ladders(f: ExpRational, bits: int) -> tuple[Ladder, ...]:
    """Every ladder of poles of ``f``, at ``bits`` bits.

    Raises :class:`~derive.errors.UnsupportedError` when zeros of different factors cannot be told apart.
    """
    with ctx.workprec(bits):
        rate = to_arb(f.rate)
        roots = [(i, tau) for i, (factor, _) in enumerate(f.factors) for tau in _zeros(factor)]
        _check_distinct(f, roots)
        return tuple(_ladder(f, rate, i, tau) for i, tau in roots)


def _zeros(factor: tuple[Any, ...]) -> list[Any]:
    """The zeros of one factor; zeros of a real polynomial that are real have imaginary part exactly 0."""
    if len(factor) == 2:
        return [acb(-to_arb(factor[0]) / to_arb(factor[1]))]
    if all(c.is_Integer for c in factor):
        pairs: Any = fmpz_poly([int(c) for c in factor]).complex_roots()
        return [acb(root) for root, _ in pairs]
    poly = acb_poly([to_arb(c) for c in factor])
    try:
        isolated = poly.roots()
    except ValueError as error:
        raise UnsupportedError(f"the zeros of the denominator {factor} could not be isolated") from error
    found = [_refined(poly, z) for z in isolated]
    return [acb(z.real) if z.imag.contains(0) else z for z in found]


def _refined(poly: Any, z: Any) -> Any:
    """An isolated simple zero to full precision, by the interval Newton step z -> mid - p(mid)/p'(z)."""
    slope, accuracy = poly.derivative(), -1
    while z.rel_accuracy_bits() > accuracy:
        accuracy = z.rel_accuracy_bits()
        step = z.mid() - poly(z.mid()) / slope(z)
        if step.is_finite() and step.rel_accuracy_bits() > accuracy:
            z = step
    return z


def _check_distinct(f: ExpRational, roots: list[tuple[int, Any]]) -> None:
    for n, (i, a) in enumerate(roots):
        for k, b in roots[:n]:
            if i != k and a.overlaps(b):
                raise UnsupportedError(f"denominator factors {f.factors[i]} and {f.factors[k]} may share a zero")


def _ladder(f: ExpRational, rate: Any, index: int, tau: Any) -> Ladder:
    order = f.factors[index][1]
    start, on_axis = _first_poles(rate, tau)
    return Ladder(start, order, _local_parts(f, rate, index, tau), on_axis)


def _local_parts(f: ExpRational, rate: Any, index: int, tau: Any) -> tuple[tuple[int, tuple[Any, ...]], ...]:
    """The series S_j(t), to t^(m-1), with R_j = t^-m S_j at T = tau e^(rate t)."""
    order = f.factors[index][1]
    length = order + 1
    saved = ctx.cap
    ctx.cap = max(length, 2)
    try:
        exponential, coefficient = [acb(1)], acb(1)
        for n in range(1, length):
            coefficient = coefficient * rate / n
            exponential.append(coefficient)

        def monomial(n: int, length: int) -> list[Any]:
            """T^n as Taylor coefficients in t."""
            scale = tau**n
            return [scale * e * n**i for i, e in enumerate(exponential[:length])]

        below = acb_series([1], length)
        for i, (factor, m) in enumerate(f.factors):
            coefficients = [acb(0)] * length
            for n, c in enumerate(factor):
                coefficients = [s + to_arb(c) * e for s, e in zip(coefficients, monomial(n, length), strict=True)]
            if i == index:
                coefficients = coefficients[1:]  # the constant coefficient is D_i(tau) = 0
            below = below * acb_series(coefficients, order) ** m
        parts = []
        for j in sorted({j for (j, _), _ in f.terms}):
            top = [acb(0)] * order
            for (k, n), c in f.terms:
                if k == j:
                    top = [s + to_arb(c) * e for s, e in zip(top, monomial(n, order), strict=True)]
            quotient = list((acb_series(top, order) / below).coeffs())
            parts.append((j, tuple(quotient + [acb(0)] * (order - len(quotient)))))
        return tuple(parts)
    finally:
        ctx.cap = saved


# size on rays -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RayBound:
    """Numbers with |x^j R_j| <= |x|^j B_j e^{c_j |Re x|}: ``rows`` of (j, B_j, c_j), B_j and c_j as arb.

    They hold for the phases from ``low`` to ``high`` (arg T modulo 2 pi).
    """

    rows: tuple[tuple[int, Any, Any], ...]
    low: float
    high: float

    def covers(self, phase: Any) -> bool:
        """Whether a ball of phases certainly lies where the bound holds."""
        return bool(phase >= self.low and phase <= self.high)

    def mean(self, y: Any, q: Any) -> Any:
        r"""An upper bound of E|f(X + iy)|, X of variance q.

        E (|X|+y)^j e^{c|X|} is at most the root of E (|X|+y)^{2j} E e^{2c|X|}, with E e^{2c|X|} <= 2 e^{2c^2 q} and
        E (|X|+y)^{2j} <= 2^{2j-1} (q^j (2j-1)!! + y^{2j}); for j = 0 directly E e^{c|X|} <= 2 e^{c^2 q/2}.
        """
        total = arb(0)
        for j, bound, c in self.rows:
            if j == 0:
                total += bound * (arb(1) if c.is_zero() else 2 * (c * c * q / 2).exp())
                continue
            odd = arb(1)
            for i in range(1, 2 * j, 2):
                odd *= i
            power = arb(2) ** (2 * j - 1) * (q**j * odd + y ** (2 * j))
            total += bound * (power * (1 if c.is_zero() else 2 * (2 * c * c * q).exp())).sqrt()
        return total.upper()

    def pointwise(self, x: Any) -> tuple[Any, Any, int]:
        """(|f| bound at real x > 0, largest c_j, largest j); the bound grows at most like x^j e^{c x}."""
        total = arb(0)
        for j, bound, c in self.rows:
            total += bound * x**j * (c * x).exp()
        largest = arb(0)
        for _, _, c in self.rows:
            largest = c if c > largest else largest
        return total.upper(), largest, max((j for j, _, _ in self.rows), default=0)


def poles_per_period(f: ExpRational) -> int:
    """How many poles lie in a horizontal strip of height 2 pi/a."""
    return len(_starts(f))


def clear_ray(f: ExpRational) -> tuple[float, float]:
    """(phase, first): the middle, in (0, 2 pi], of the widest gap between pole phases, and the first pole phase.

    ``first`` is the smallest phase of a zero of D in (0, 2 pi]; a removable pole on the axis counts as 2 pi.
    """
    return _clear_ray(f)


@lru_cache(maxsize=256)
def _clear_ray(f: ExpRational) -> tuple[float, float]:
    rate = float(to_arb(f.rate).mid())
    phases = sorted({round(float(x.imag.mid()) * rate, 9) for x in _starts(f)})
    if not phases:
        return 2 * pi, 2 * pi
    gaps = [(b - a, (a + b) / 2) for a, b in zip(phases, [*phases[1:], phases[0] + 2 * pi], strict=True)]
    middle = max(gaps, key=lambda g: (round(g[0], 6), -g[1]))[1]
    return (middle if middle <= 2 * pi + 1e-9 else middle - 2 * pi), phases[0]


@lru_cache(maxsize=256)
def ray_bound(f: ExpRational, low: float, high: float, reach: float = 1.0) -> RayBound | None:
    """The bound on all rays with phase in [low, high], for r <= reach or 1/r <= reach; None if a pole is too near."""
    try:
        return _ray_bound(f, low, high, reach)
    except UnsupportedError:
        return None


def _ray_bound(f: ExpRational, low: float, high: float, reach: float) -> RayBound:
    with ctx.workprec(_COVER_BITS):
        rate = to_arb(f.rate)
        factors = [([to_arb(c) for c in factor], m) for factor, m in f.factors]
        degree = sum((len(factor) - 1) * m for factor, m in f.factors)
        rows = []
        for j in sorted({j for (j, _), _ in f.terms}):
            powers = {n: to_arb(c) for (k, n), c in f.terms if k == j}
            excess, pole = max(0, max(powers) - degree), max(0, -min(powers))
            inner = _ratio([powers.get(n - pole, arb(0)) for n in range(max(powers) + pole + 1)], factors)
            top = degree + excess
            outer = _ratio(
                [powers.get(top - n, arb(0)) for n in range(top - min(powers) + 1)],
                [(coefficients[::-1], m) for coefficients, m in factors],
            )
            bound = arb(0)
            for function, sign in ((inner, 1), (outer, -1)):
                bound = _larger(bound, _cover(function, low, high, sign, reach))
            rows.append((j, bound, (max(excess, pole) * rate).upper()))
        return RayBound(tuple(rows), low, high)


@dataclass(frozen=True)
class DecayBound:
    """|f(z) - P(z)| <= sum of |z|^j B_j e^{-rate |Re z|} on a strip, P the polynomial to which f tends on either side.

    ``degree`` is the larger degree of the two polynomials; ``rows`` are (j, B_j).
    """

    rows: tuple[tuple[int, Any], ...]
    degree: int


@lru_cache(maxsize=128)
def decay_bound(f: ExpRational, phase: float) -> DecayBound | None:
    """How fast f approaches its two limiting polynomials, for phases in [0, phase]; None if it grows exponentially."""
    with ctx.workprec(_COVER_BITS):
        below = _expanded(f)
        degree = max(below)
        factors = [([to_arb(c) for c in factor], m) for factor, m in f.factors]
        reversed_factors = [(c[::-1], m) for c, m in factors]
        rows, highest = [], 0
        for j in sorted({j for (j, _), _ in f.terms}):
            top = {n: c for (k, n), c in f.terms if k == j}
            if max(top) > degree or min(top) < 0:
                return None
            right, left = top.get(degree, 0) / below[degree], top.get(0, 0) / below[0]
            if right != 0 or left != 0:
                highest = max(highest, j)
            bound = arb(0)
            for limit, sign in ((right, -1), (left, 1)):
                rest = [to_arb(top.get(n, 0) - limit * below.get(n, 0)) for n in range(degree + 1)]
                rest = rest[::-1][1:] if sign < 0 else rest[1:]
                try:
                    size = _cover(_ratio(rest, reversed_factors if sign < 0 else factors), 0.0, phase, sign, 1.0)
                except UnsupportedError:
                    return None
                bound = _larger(bound, size)
            rows.append((j, bound))
        return DecayBound(tuple(rows), highest)


def _expanded(f: ExpRational) -> dict[int, Any]:
    """The coefficients of the whole denominator, exact."""
    product = {0: sp.S.One}
    for factor, m in f.factors:
        for _ in range(m):
            new: dict[int, Any] = {}
            for n, c in product.items():
                for k, d in enumerate(factor):
                    new[n + k] = new.get(n + k, sp.S.Zero) + c * d
            product = new
    return product


def _ratio(top: list[Any], below: list[tuple[list[Any], int]]) -> Any:
    """|N(T)|/|D(T)| as a function of a complex ball: an upper bound, or None where D may vanish."""
    numerator = acb_poly(top)
    denominators = [(acb_poly(coefficients), m) for coefficients, m in below]

    def value(t: Any) -> Any | None:
        size = numerator(t).abs_upper()
        for poly, m in denominators:
            least = poly(t).abs_lower()
            if not least > 0:
                return None
            size = size / least**m
        return size.upper()

    return value


def _cover(function: Any, low: float, high: float, sign: int, reach: float) -> Any:
    """The largest upper bound over r in [0, reach], phase in [low, high]; boxes are halved until the bound is good."""
    best, count = arb(0), 0
    stack = [(0.0, reach, low, high)]
    while stack:
        r0, r1, p0, p1 = stack.pop()
        count += 1
        if count > _MAX_BOXES:
            raise UnsupportedError("a pole lies too near to the line on which the function has to be bounded")
        phase = arb((p0 + p1) / 2, (p1 - p0) / 2 + 1e-15)
        direction = acb(phase.cos(), sign * phase.sin())
        size = function(arb((r0 + r1) / 2, (r1 - r0) / 2) * direction)
        if size is not None:
            if best >= size:
                continue
            middle = function(acb((r0 + r1) / 2) * acb(phase.mid().cos(), sign * phase.mid().sin()))
            best = best if middle is None else _larger(best, middle)
            if size <= 4 * best or r1 - r0 + p1 - p0 < 1e-3:
                best = _larger(best, size)
                continue
        if r1 - r0 >= p1 - p0:
            half = (r0 + r1) / 2
            stack += [(r0, half, p0, p1), (half, r1, p0, p1)]
        else:
            half = (p0 + p1) / 2
            stack += [(r0, r1, p0, half), (r0, r1, half, p1)]
    return best


def _larger(a: Any, b: Any) -> Any:
    return a if a >= b else b
