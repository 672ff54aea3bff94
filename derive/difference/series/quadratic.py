r"""Numbers :math:`p + q\sqrt d` with rational p, q and one square-free integer d > 1: a field with a normal form.

The general ring keeps a root as a generator with a relation and inverts only what it must; over many divisions its
elements grow.  Here every operation ends in two rationals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_poly

from derive.difference.series.laurent import as_fmpq
from derive.errors import InputError

__all__ = ["Quadratic", "as_quadratic"]


class Quadratic:
    """An element of Q(sqrt d); immutable.

    >>> golden = Quadratic(fmpq(1, 2), fmpq(1, 2), 5)
    >>> (golden * golden - golden - 1) == 0, (1 / golden).expr()
    (True, -1/2 + sqrt(5)/2)
    """

    __slots__ = ("d", "p", "q")

    def __init__(self, p: Any, q: Any, d: int) -> None:
        self.p, self.q, self.d = p, q, d

    def _other(self, value: Any) -> Quadratic | None:
        if isinstance(value, Quadratic):
            return value
        number = as_fmpq(value)
        return None if number is None else Quadratic(number, fmpq(0), self.d)

    def __add__(self, value: Any) -> Any:
        other = self._other(value)
        return NotImplemented if other is None else Quadratic(self.p + other.p, self.q + other.q, self.d)

    __radd__ = __add__

    def __neg__(self) -> Quadratic:
        return Quadratic(-self.p, -self.q, self.d)

    def __sub__(self, value: Any) -> Any:
        return self + (-value)

    def __rsub__(self, value: Any) -> Any:
        return (-self) + value

    def __mul__(self, value: Any) -> Any:
        other = self._other(value)
        if other is None:
            return NotImplemented
        return Quadratic(self.p * other.p + self.d * self.q * other.q, self.p * other.q + self.q * other.p, self.d)

    __rmul__ = __mul__

    def inverse(self) -> Quadratic:
        """1 / self."""
        norm = self.p * self.p - self.d * self.q * self.q
        return Quadratic(self.p / norm, -self.q / norm, self.d)

    def __truediv__(self, value: Any) -> Any:
        other = self._other(value)
        return NotImplemented if other is None else self * other.inverse()

    def __rtruediv__(self, value: Any) -> Any:
        return self.inverse() * value

    def __pow__(self, n: int) -> Quadratic:
        if n < 0:
            return self.inverse() ** -n
        out, square = Quadratic(fmpq(1), fmpq(0), self.d), self
        while n:
            if n & 1:
                out = out * square
            n >>= 1
            square = square * square if n else square
        return out

    def series_product(self, a: Sequence[Any], b: Sequence[Any], n: int) -> list[Any]:
        """The product of two lists of coefficients of this field, by flint's rational polynomials."""
        (p, q), (r, s) = self._parts(a[:n]), self._parts(b[:n])
        plain, rooted = (p * r + self.d * (q * s)).coeffs(), (p * s + q * r).coeffs()
        out: list[Any] = []
        for i in range(n):
            left = plain[i] if i < len(plain) else fmpq(0)
            right = rooted[i] if i < len(rooted) else fmpq(0)
            out.append(Quadratic(left, right, self.d) if left or right else 0)
        return out

    def _parts(self, a: Sequence[Any]) -> tuple[Any, Any]:
        rows = [self._same(c) for c in a]
        return fmpq_poly([c.p for c in rows]), fmpq_poly([c.q for c in rows])

    def _same(self, value: Any) -> Quadratic:
        """A coefficient of the same field."""
        found = self._other(value)
        if found is None:
            raise InputError(f"{value} is not in the field Q(sqrt({self.d}))")
        return found

    def __eq__(self, value: object) -> bool:
        other = self._other(value)
        return other is not None and self.p == other.p and self.q == other.q

    def __hash__(self) -> int:
        return hash((self.p, self.q, self.d))

    def expr(self) -> sp.Expr:
        """As a SymPy expression."""
        return _rational(self.p) + _rational(self.q) * sp.sqrt(self.d)


def _rational(value: Any) -> sp.Rational:
    return sp.Rational(int(value.p), int(value.q))


def as_quadratic(exprs: list[sp.Expr]) -> list[Quadratic] | None:
    """Expressions as elements of one field Q(sqrt d); None where they are not, or where all are rational."""
    surds = {p for e in exprs for p in e.atoms(sp.Pow) if p.exp.is_Rational and not p.exp.is_Integer}
    bases = {p.base for p in surds}
    if len(bases) != 1 or any(p.exp.q != 2 for p in surds):
        return None
    (base,) = bases
    if not (base.is_Integer and base > 1) or any(
        e.free_symbols or (not e.is_Number and e.has(sp.Function)) for e in exprs
    ):
        return None
    d = int(base)
    found = [f for e in exprs if (f := _convert(e, d)) is not None]
    return found if len(found) == len(exprs) else None


def _convert(expr: sp.Expr, d: int) -> Quadratic | None:
    """By the tree; None for what does not lie in the field."""
    if expr.is_Rational:
        return Quadratic(fmpq(int(expr.p), int(expr.q)), fmpq(0), d)
    if expr.is_Pow and expr.base == d and expr.exp.is_Rational and expr.exp.q == 2:
        return Quadratic(fmpq(0), fmpq(1), d) ** int(expr.exp.p)
    if expr.is_Pow and expr.exp.is_Integer:
        base = _convert(expr.base, d)
        return None if base is None or base == 0 else base ** int(expr.exp)
    if not (expr.is_Add or expr.is_Mul):
        return None
    parts = [_convert(a, d) for a in expr.args]
    if any(p is None for p in parts):
        return None
    total: Any = parts[0]
    for part in parts[1:]:
        total = total + part if expr.is_Add else total * part
    return total
