r"""An activation as float64 array functions: its odd and even part, what they do far out, and stable differences.

A covariance of phi is the sum of those of its odd part o and its even part e (the cross terms vanish by symmetry), and
each part has one table.  A part is one of: absent, a polynomial (closed forms), or a function for which quadrature in
float64 needs

* values that keep relative accuracy near 0, where the two halves of a part cancel: a Taylor series;
* the difference f(s+d) - f(s-d) without cancellation: slopes at small d, and a straight line far out taken apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import mpmath
import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.errors import UnsupportedError

__all__ = ["Part", "array_function", "split"]

_TAYLOR_ORDER = 30
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)
_TANH_REACH = 4.0  # where tanh has come within 1e-3 of its limit; its scale is 1
_SLOPE_REACH = 0.4  # in units of the scale of the function: below it differences come from slopes


def array_function(expr: sp.Expr, x: sp.Symbol) -> Callable[[np.ndarray], np.ndarray]:
    """The expression as a function of float64 arrays."""
    from scipy import special

    named = {"erf": special.erf, "erfc": special.erfc, "log": np.log, "Heaviside": lambda t, h=0.5: np.heaviside(t, h)}
    raw = sp.lambdify(x, expr, modules=[named, "numpy", "scipy"])

    def function(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(raw(values), float), np.shape(values))

    return function


@dataclass(frozen=True)
class Part:
    """The odd or even part of a function, on arrays.

    ``parity`` is 1 (even) or -1 (odd); ``polynomial`` holds its expression where the part is a polynomial (then nothing
    else is used); ``order`` is the first power in its Taylor series above the constant; ``slope`` and ``level``
    describe the straight line ``slope*|x| + level`` (times the sign of x for an odd part) that it follows beyond
    ``reach``; with ``reach`` infinite there is none.  ``scale`` is the distance over which the function changes.
    A part that ``oscillates`` without end ``straightens`` where a polynomial outgrows the oscillation.
    """

    parity: int
    x: sp.Symbol
    expr: sp.Expr
    polynomial: sp.Expr | None
    order: int = 1
    slope: float = 0.0
    level: float = 0.0
    reach: float = np.inf
    scale: float = 1.0
    growth: float = 0.0
    oscillates: bool = False
    straightens: bool = False
    value: Callable[[np.ndarray], np.ndarray] = np.zeros_like
    derivative: Callable[[np.ndarray], np.ndarray] = np.zeros_like

    @property
    def is_zero(self) -> bool:
        return self.polynomial is not None and self.polynomial == 0

    def bent(self, x: np.ndarray) -> np.ndarray:
        """The part without its straight growth: f(x) - slope*|x| (or slope*x)."""
        size = np.abs(x)
        inside = size < self.reach
        straight = self.slope * (size if self.parity > 0 else x)
        outside = self.level * (1.0 if self.parity > 0 else np.sign(x))
        return np.where(inside, self.value(np.where(inside, x, 0.0)) - np.where(inside, straight, 0.0), outside)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.bent(x) + self.slope * (np.abs(x) if self.parity > 0 else x)

    def difference(self, s: np.ndarray, d: np.ndarray) -> np.ndarray:
        """f(s+d) - f(s-d) for d >= 0 (one column per s), without cancellation for small d and for straight growth."""
        result = np.empty(np.broadcast_shapes(s.shape, d.shape))
        near = (d < _SLOPE_REACH * self.scale).ravel()
        if near.any():
            result[near] = self._by_slopes(s[near], d[near])
        far = ~near
        if far.any():
            s_, d_ = s[far], d[far]
            result[far] = self.bent(s_ + d_) - self.bent(s_ - d_)
            if self.slope:
                bend = np.minimum(np.abs(s_), d_) * np.sign(s_) if self.parity > 0 else d_
                result[far] += 2 * self.slope * bend
        return result

    def slope_at(self, x: np.ndarray) -> np.ndarray:
        """The derivative of the part."""
        if self.polynomial is not None:
            return _polynomial_slope(self.polynomial, self.x)(x)
        inside = np.abs(x) < self.reach
        straight = self.slope * (np.sign(x) if self.parity > 0 else np.ones_like(x))
        return np.where(inside, self.derivative(np.where(inside, x, 0.0)), straight)

    def _by_slopes(self, s: np.ndarray, d: np.ndarray) -> np.ndarray:
        """2d times the mean slope on (s-d, s+d), by Gauss-Legendre."""
        total = np.zeros(np.broadcast_shapes(s.shape, d.shape))
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            total += weight * self.slope_at(s + node * d)
        return total * d


@lru_cache(maxsize=64)
def _polynomial_slope(polynomial: sp.Expr, x: sp.Symbol) -> Callable[[np.ndarray], np.ndarray]:
    return array_function(sp.diff(polynomial, x), x)


def split(phi: Activation) -> tuple[Part, Part]:
    """The odd and the even part of an activation; parts of one with kinks have a parity and a polynomial alone."""
    return _split(phi)


@lru_cache(maxsize=64)
def _split(phi: Activation) -> tuple[Part, Part]:
    make = _kinked_part if phi.kinks else _part
    return make(phi, -1), make(phi, 1)


def _kinked_part(phi: Activation, parity: int) -> Part:
    from derive.codegen.profile import half_line_pieces

    x = phi.variable
    if {"odd": -1, "even": 1}.get(str(phi.parity)) == -parity:
        return Part(parity, x, sp.S.Zero, sp.S.Zero)
    pieces = {sp.expand(expr) for _, _, expr in half_line_pieces(phi, parity)}
    whole = pieces.pop() if len(pieces) == 1 else None
    smooth = whole is not None and whole.is_polynomial(x)
    smooth = smooth and all(m % 2 == (parity < 0) for (m,) in sp.Poly(whole, x).monoms() if whole != 0)
    return Part(parity, x, sp.S.Zero if whole is None else whole, whole if smooth else None)


def _part(phi: Activation, parity: int) -> Part:
    x = phi.variable
    known = {"odd": -1, "even": 1}.get(str(phi.parity))
    if known == -parity:
        return Part(parity, x, sp.S.Zero, sp.S.Zero)
    expr = phi.expr if known == parity else (phi.expr + parity * phi.expr.xreplace({x: -x})) / 2
    whole, pure = phi.expr, known == parity
    if not pure and sp.count_ops(sp.expand(expr)) <= sp.count_ops(phi.expr):
        whole, pure = sp.expand(expr), True  # the halves combine, as in those of the GELU
    taylor = [c if (k % 2 == 0) == (parity > 0) else sp.S.Zero for k, c in enumerate(_taylor(phi))]
    polynomial = _as_polynomial(expr, taylor, x)
    if polynomial is not None:
        return Part(parity, x, expr, polynomial)
    order = next((k for k, c in enumerate(taylor) if k and c != 0), None)
    if order is None:
        raise UnsupportedError(f"the Taylor series of {phi} at 0 starts beyond x**{_TAYLOR_ORDER}")
    slope, level, reach = _line(expr, x, 20)
    scale = _line(expr, x, 3)[2] / _TANH_REACH if np.isfinite(reach) else 1.0
    return Part(
        parity,
        x,
        expr,
        None,
        order,
        slope,
        level,
        reach,
        scale,
        growth=float(min(phi.growth, 50)) if not np.isfinite(reach) else float(slope != 0),
        oscillates=not np.isfinite(reach) and _oscillates(phi) is not None,
        straightens=not np.isfinite(reach) and _oscillates(phi) is False,
        value=_near_zero(whole, taylor, x, parity, pure),
        derivative=_near_zero(sp.diff(whole, x), [k * c for k, c in enumerate(taylor)][1:], x, -parity, pure),
    )


def _oscillates(phi: Activation) -> bool | None:
    """None where phi does not oscillate without end; else whether no polynomial in it outgrows the oscillation."""
    rest = sum((t for t in sp.Add.make_args(sp.expand(phi.expr)) if not t.is_polynomial(phi.variable)), sp.S.Zero)
    if not rest.has(phi.variable):
        return None
    oscillating = Activation(rest)
    if not any(isinstance(v, sp.AccumBounds) for v in (*phi.limits, *oscillating.limits)):
        return None
    return not bool(phi.growth > oscillating.growth)


def _taylor(phi: Activation) -> list[sp.Expr]:
    """Taylor coefficients at 0: exact ones, or where those are long expressions 40 digits of them."""
    if not phi.expr.subs(phi.variable, 0).is_Rational:
        from derive.numerics.compile import compile_mp

        with mpmath.workdps(60):
            numbers = mpmath.taylor(compile_mp(phi.expr, (phi.variable,)), 0, _TAYLOR_ORDER)
            if all(mpmath.isfinite(c) for c in numbers):
                return [sp.Float(str(c), 40) if abs(c) > 1e-40 else sp.S.Zero for c in numbers]
    return phi.taylor(_TAYLOR_ORDER)


def _as_polynomial(expr: sp.Expr, taylor: list[sp.Expr], x: sp.Symbol) -> sp.Expr | None:
    """The Taylor polynomial of degree 8 where the function equals it (to 40 digits at points of no special kind)."""
    from derive.numerics.compile import compile_mp, to_mpf

    low, high = taylor[:9], taylor[9:]
    if any(abs(c) > sp.Rational(1, 10**30) if c.is_Float else c != 0 for c in high):
        return None
    candidate = sum(_near_fraction(c) * x**k for k, c in enumerate(low))
    f, g = compile_mp(expr, (x,)), compile_mp(sp.sympify(candidate, strict=True), (x,))
    with mpmath.workdps(50):
        points = [to_mpf(sp.Rational(n, 7)) for n in (-40, -11, -3, 2, 5, 17, 64)]
        scale = [1 + abs(g(t)) for t in points]
        same = all(abs(f(t) - g(t)) < mpmath.mpf(10) ** -40 * s for t, s in zip(points, scale, strict=True))
    return sp.sympify(candidate, strict=True) if same else None


def _near_fraction(number: sp.Expr) -> sp.Expr:
    """A fraction of small denominator where 40 digits are close to one (:func:`_as_polynomial` tests it)."""
    if not number.is_Float:
        return number
    fraction = sp.Rational(str(number)).limit_denominator(10**4)
    return fraction if abs(fraction - number) < sp.Rational(1, 10**30) else number


def _line(expr: sp.Expr, x: sp.Symbol, digits: int) -> tuple[float, float, float]:
    """(slope, level, reach): the part follows slope*x + level to so many digits for x > reach; reach is oo if never."""
    from derive.numerics.compile import compile_mp

    f = compile_mp(expr, (x,))
    with mpmath.workdps(60):
        tiny = mpmath.mpf(10) ** -digits
        reach = mpmath.mpf(1) / 16
        while reach < 3000:
            a, b = f(64 * reach), f(128 * reach)
            slope = (b - a) / (64 * reach)
            level = a - 64 * reach * slope
            if all(abs(f(t * reach) - slope * t * reach - level) < tiny for t in (1, mpmath.mpf("1.37"), 2.5, 4)):
                slope = slope if abs(slope) > tiny else 0
                return float(slope), float(level), float(reach)
            reach *= mpmath.mpf(5) / 4
    return 0.0, 0.0, np.inf


def _near_zero(expr: sp.Expr, taylor: list, x: sp.Symbol, parity: int, pure: bool) -> Callable:
    """The part of ``expr`` with that parity; near 0 by its Taylor series where it is a half sum."""
    whole = array_function(expr, x)
    if pure:
        return whole
    coefficients = np.array([float(c) for c in taylor])
    nonzero = np.abs(coefficients[len(coefficients) // 2 :])
    top = np.arange(len(coefficients))[len(coefficients) // 2 :]
    first = max(np.abs(coefficients).max(), 1e-300)
    with np.errstate(divide="ignore"):
        radius = np.min(np.where(nonzero > 0, (1e-19 * first / np.maximum(nonzero, 1e-300)) ** (1 / top), np.inf))
    radius = min(radius, 1.0)

    first_power = 0 if parity > 0 else 1
    steps = coefficients[first_power::2]
    sizes = np.abs(steps) * radius ** (2 * np.arange(len(steps)))
    steps = steps[: int(np.max(np.nonzero(sizes > 1e-19 * sizes.max())[0], initial=0)) + 1]

    def part(values: np.ndarray) -> np.ndarray:
        half = 0.5 * (whole(values) + parity * whole(-values))
        near = np.abs(values) < radius
        if near.any():
            x = values[near]
            half = np.array(half)
            half[near] = _horner(steps, x * x) * (x if first_power else 1.0)
        return half

    return part


def _horner(coefficients: np.ndarray, x: np.ndarray) -> np.ndarray:
    total = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        total *= x
        total += c
    return total
