"""What a compiled expression means in balls: the table of operations for python-flint's ``arb`` and ``acb``.

Every operation encloses: its value on a ball contains the values at all points of the ball.  Facts of python-flint 0.9
that shape this file: ``arb(0, r)**2`` is nan, so integer powers are products; ``arb.max`` of overlapping balls is wider
than needed, so Max is taken between the ends; ``arb.root`` of zero is nan; ``asin``, ``atan`` and their kin have no
``analytic`` flag, so their cuts are tested here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import flint
import sympy as sp
from flint import acb, arb, fmpq

from derive.numerics.tape import Arithmetic

__all__ = ["BALLS"]

_NAN = arb("nan")
_LARGEST_POWER = 10**9


def _nan_like(x: Any) -> Any:
    return acb(_NAN, _NAN) if isinstance(x, acb) else _NAN


def _leaf(number: sp.Expr) -> Any:
    if number.is_Integer:
        return arb(int(number))
    if number.is_Rational:
        return arb(fmpq(int(number.p), int(number.q)))
    if number.is_Float:
        from derive.numerics.exact import exact_number

        return _leaf(exact_number(number))
    named = {
        sp.pi: arb.pi,
        sp.E: arb.const_e,
        sp.EulerGamma: arb.const_euler,
        sp.Catalan: arb.const_catalan,
        sp.GoldenRatio: lambda: (1 + arb(5).sqrt()) / 2,
    }
    value = named.get(number)
    if value is None:
        from derive.errors import UnsupportedError

        raise UnsupportedError(f"the constant {number} has no evaluation in balls")
    return value()


# powers ------------------------------------------------------------------------------------------------------------


def integer_power(x: Any, n: int) -> Any:
    """x**n by products; an even power of a real ball is kept free of negative numbers."""
    if n == 0:
        return type(x)(1)
    if n < 0:
        return 1 / integer_power(x, -n)
    if isinstance(x, arb) and n % 2 == 0 and not x.is_exact() and x.contains(0):
        return arb(0).union(x.abs_upper() ** n).nonnegative_part()
    result, square = None, x
    while n:
        if n & 1:
            result = square if result is None else result * square
        n >>= 1
        if n:
            square = square * square
    return result


def _power(exponent: sp.Expr) -> Callable[[bool, Any], Any]:
    """x -> x**exponent."""
    if exponent.is_Integer:
        n = int(exponent)
        return lambda analytic, x: integer_power(x, n)
    if exponent.is_Rational and exponent.q == 2:
        p = int(exponent.p)
        return lambda analytic, x: _half_power(analytic, x, p)
    from derive.numerics.compile import to_arb

    return lambda analytic, x: _general_power(analytic, x, to_arb(exponent))


def _half_power(analytic: bool, x: Any, p: int) -> Any:
    """x**(p/2)."""
    if isinstance(x, acb):
        root = x.sqrt(analytic=analytic) if p > 0 else x.rsqrt(analytic=analytic)
    else:
        root = x.sqrt() if p > 0 else x.rsqrt()
    return root if abs(p) == 1 else integer_power(root, abs(p))


def _general_power(analytic: bool, x: Any, y: Any) -> Any:
    """x**y on the principal branch; a real base that touches zero is allowed when the exponent is positive."""
    if isinstance(x, acb) or isinstance(y, acb):
        return acb(x).pow(acb(y), analytic=analytic)
    if y.is_integer() and abs(y) < _LARGEST_POWER:  # larger ones may not even fit into memory as integers
        return integer_power(x, int(y.unique_fmpz()))
    if x > 0:
        return x**y
    if y > 0 and x >= 0:
        return arb(0) if x.is_zero() else arb(0).union(x.upper() ** y).nonnegative_part()
    return _NAN


def _polygamma(analytic: bool, order: Any, x: Any) -> Any:
    value = acb(x).polygamma(acb(order))
    return value if isinstance(x, acb) else value.real


# functions with cuts -------------------------------------------------------------------------------------------------


def _log(analytic: bool, x: Any, base: Any = None) -> Any:
    if base is not None:
        return _log(analytic, x) / _log(analytic, base)
    return x.log(analytic=analytic) if isinstance(x, acb) else x.log()


def _plain(method: str) -> Callable[..., Any]:
    """A function without cuts: poles alone, which balls show by themselves."""

    def call(analytic: bool, x: Any) -> Any:
        return getattr(x, method)()

    return call


def _cut(method: str, touches: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    """A function with a branch cut; ``touches(real, imag)`` is False only when the ball certainly misses the cut."""

    def call(analytic: bool, x: Any) -> Any:
        if analytic and isinstance(x, acb) and touches(x.real, x.imag):
            return _nan_like(x)
        return getattr(x, method)()

    return call


def _inverse_of_sine(method: str, touches: Callable[[Any, Any], bool], end: Any) -> Callable[..., Any]:
    """One whose derivative has the modulus |(z - end)(z + end)|^(-1/2); flint bounds none of them on wide balls.

    Off the cut the mean value theorem then gives f(ball) within radius times the largest derivative of f(middle).
    """
    plain = _cut(method, touches)

    def call(analytic: bool, x: Any) -> Any:
        value = plain(analytic, x)
        if not isinstance(x, acb) or value.is_finite() or touches(x.real, x.imag):
            return value
        middle = acb(x.real.mid(), x.imag.mid())
        away = (x - end).abs_lower() * (x + end).abs_lower()
        reach = (x - middle).abs_upper() / away.sqrt()
        around = arb(0, reach.abs_upper()) if reach.is_finite() else arb("nan")
        return getattr(middle, method)() + acb(around, around)

    return call


def _outside_on_axis(along: Any, across: Any) -> bool:
    """Does a ball meet the cuts |along| >= 1, across = 0?"""
    return across.contains(0) and not along.abs_upper() < 1


def _on_imaginary(real: Any, imag: Any) -> bool:
    return _outside_on_axis(imag, real)


def _left_of_one(real: Any, imag: Any) -> bool:
    return imag.contains(0) and not real.lower() > 1


def exp_sum(node: sp.Basic) -> tuple[sp.Expr, sp.Expr] | None:
    """(w, c) where the expression is c + e^w with a constant c > 0."""
    if not isinstance(node, sp.Add):
        return None
    exponentials = [a for a in node.args if isinstance(a, sp.exp)]
    if len(exponentials) != 1 or not exponentials[0].free_symbols:
        return None
    rest = node - exponentials[0]
    return (exponentials[0].args[0], rest) if rest.is_positive and not rest.free_symbols else None


def _special(node: sp.Basic) -> tuple[Callable[..., Any], tuple[sp.Expr, ...]] | None:
    """The logarithm and the reciprocal powers of c + e^w, which need care where e^w is large."""
    parts = exp_sum(node.args[0]) if isinstance(node, (sp.log, sp.Pow)) else None
    if parts is None or (isinstance(node, sp.log) and len(node.args) > 1):
        return None
    if isinstance(node, sp.log):
        return _log_of_exp_sum, parts
    if node.exp.is_Integer and node.exp < 0:
        return partial(_reciprocal_of_exp_sum, -int(node.exp)), parts
    return None


def _log_of_exp_sum(analytic: bool, w: Any, c: Any) -> Any:
    """For Re w > 0 it is w + log(1 + c e^-w), free of overflow and of the logarithm's cut."""
    real = w.real if isinstance(w, acb) else w
    if real > 0:
        return w + _log(analytic, 1 + c * (-w).exp())
    return _log(analytic, c + w.exp())


def _reciprocal_of_exp_sum(n: int, analytic: bool, w: Any, c: Any) -> Any:
    """(c + e^w)^-n; for Re w > 0 it is (e^-w/(1 + c e^-w))^n, whose ball stays away from the poles."""
    real = w.real if isinstance(w, acb) else w
    if real > 0:
        small = (-w).exp()
        return integer_power(small / (1 + c * small), n)
    return integer_power(c + w.exp(), -n)


# kinks ---------------------------------------------------------------------------------------------------------------


def _abs(analytic: bool, x: Any) -> Any:
    if isinstance(x, acb):
        return x.real_abs(analytic=analytic)
    if x >= 0 or x <= 0:
        return abs(x)
    return arb(0).union(x.abs_upper()).nonnegative_part()


def _sign(analytic: bool, x: Any) -> Any:
    return x.real_sgn(analytic=analytic) if isinstance(x, acb) else x.sgn()


def _heaviside(analytic: bool, x: Any, at_zero: Any = None) -> Any:
    real = x.real if isinstance(x, acb) else x
    if real > 0:
        return type(x)(1)
    if real < 0:
        return type(x)(0)
    if isinstance(x, acb):
        return _nan_like(x) if analytic else acb(arb(0).union(1), arb(0).union(1) if x.imag != 0 else arb(0))
    if x.is_zero():
        return arb(0.5) if at_zero is None else at_zero
    return arb(0).union(1)


def _extreme(largest: bool) -> Callable[..., Any]:
    def call(analytic: bool, *values: Any) -> Any:
        best = values[0]
        for value in values[1:]:
            best = _pair(analytic, best, value, largest)
        return best

    return call


def _pair(analytic: bool, a: Any, b: Any, largest: bool) -> Any:
    if isinstance(a, acb) or isinstance(b, acb):
        a, b = acb(a), acb(b)
        return a.real_max(b, analytic=analytic) if largest else a.real_min(b, analytic=analytic)
    pick = max if largest else min
    low, high = pick(a.lower(), b.lower()), pick(a.upper(), b.upper())
    if a >= b or b >= a:
        return a if (a >= b) == largest else b
    return low.union(high)


# conditions ----------------------------------------------------------------------------------------------------------


def _difference(a: Any, b: Any) -> Any:
    gap = a - b
    return gap.real if isinstance(gap, acb) else gap


def _compare(certain: Callable[[Any], bool], impossible: Callable[[Any], bool]) -> Callable[..., bool | None]:
    def call(analytic: bool, a: Any, b: Any) -> bool | None:
        gap = _difference(a, b)
        if certain(gap):
            return True
        return False if impossible(gap) else None

    return call


def _equal(analytic: bool, a: Any, b: Any) -> bool | None:
    gap = a - b
    if not gap.contains(0):
        return False
    return True if gap.is_zero() and not analytic else None


def _negate(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _all(analytic: bool, *truths: bool | None) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _any(analytic: bool, *truths: bool | None) -> bool | None:
    if True in truths:
        return True
    return None if None in truths else False


def _piecewise(analytic: bool, *parts: Any) -> Any:
    """The first value whose condition is certain, joined with those before it whose conditions are open."""
    found: list[Any] = []
    for value, condition in zip(parts[::2], parts[1::2], strict=True):
        if condition is False:
            continue
        if condition is None and analytic:
            return _nan_like(value)
        found.append(value)
        if condition is True:
            break
    else:
        found.append(_NAN)
    result = found[0]
    for value in found[1:]:
        result = result.union(value)
    return result


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    sp.Add: lambda analytic, a, b: a + b,
    sp.Mul: lambda analytic, a, b: a * b,
    sp.log: _log,
    sp.asin: _inverse_of_sine("asin", _outside_on_axis, 1),
    sp.acos: _inverse_of_sine("acos", _outside_on_axis, 1),
    sp.atanh: _cut("atanh", _outside_on_axis),
    sp.atan: _cut("atan", _on_imaginary),
    sp.asinh: _inverse_of_sine("asinh", _on_imaginary, acb(0, 1)),
    sp.acosh: _inverse_of_sine("acosh", _left_of_one, 1),
    sp.LambertW: _cut("lambertw", lambda real, imag: imag.contains(0) and not real.lower() > -0.36),
    sp.loggamma: _cut("lgamma", lambda real, imag: imag.contains(0) and not real.lower() > 0),
    sp.polygamma: _polygamma,
    sp.Abs: _abs,
    sp.sign: _sign,
    sp.Heaviside: _heaviside,
    sp.Max: _extreme(True),
    sp.Min: _extreme(False),
    sp.And: _all,
    sp.Or: _any,
    sp.Not: lambda analytic, truth: _negate(truth),
}

_PLAIN = {
    sp.exp: "exp",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.cot: "cot",
    sp.sec: "sec",
    sp.csc: "csc",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.tanh: "tanh",
    sp.coth: "coth",
    sp.sech: "sech",
    sp.csch: "csch",
    sp.erf: "erf",
    sp.erfc: "erfc",
    sp.erfi: "erfi",
    sp.gamma: "gamma",
    sp.zeta: "zeta",
    sp.digamma: "digamma",
    sp.sinc: "sinc",
}
_FUNCTIONS |= {head: _plain(method) for head, method in _PLAIN.items()}

_COMPARE = {
    sp.StrictGreaterThan: _compare(lambda g: g > 0, lambda g: g <= 0),
    sp.GreaterThan: _compare(lambda g: g >= 0, lambda g: g < 0),
    sp.StrictLessThan: _compare(lambda g: g < 0, lambda g: g >= 0),
    sp.LessThan: _compare(lambda g: g <= 0, lambda g: g > 0),
    sp.Equality: _equal,
    sp.Unequality: lambda analytic, a, b: _negate(_equal(analytic, a, b)),
}

BALLS = Arithmetic(
    name="balls",
    leaf=_leaf,
    functions=_FUNCTIONS,
    power=_power,
    general_power=_general_power,
    divide=lambda analytic, a, b: a / b,
    compare=_COMPARE,
    piecewise=_piecewise,
    hook="_ball_",
    precision=lambda: flint.ctx.prec,
    special=_special,
)
