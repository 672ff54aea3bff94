"""Short power series with exact coefficients, as lists: entry k belongs to the k-th power."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

__all__ = ["compose", "divide", "multiply", "power", "reverted"]

Series = list


def _tidy(c: sp.Expr) -> sp.Expr:
    return sp.nsimplify(c) if c.is_Rational else sp.simplify(c)


def multiply(a: Sequence, b: Sequence, n: int) -> Series:
    """a b through the power n."""
    return [_tidy(sum((a[i] * b[k - i] for i in range(k + 1) if i < len(a) and k - i < len(b)), sp.S.Zero))
            for k in range(n + 1)]  # fmt: skip


def divide(a: Sequence, b: Sequence, n: int) -> Series:
    """a/b for b with b_0 not 0."""
    out: Series = []
    for k in range(n + 1):
        rest = (a[k] if k < len(a) else sp.S.Zero) - sum(
            (out[i] * b[k - i] for i in range(k) if k - i < len(b)), sp.S.Zero
        )
        out.append(_tidy(rest / b[0]))
    return out


def power(a: Sequence, exponent: sp.Expr, n: int) -> Series:
    """a^exponent for a_0 not 0, by the recurrence of Miller."""
    out: Series = [a[0] ** exponent]
    for k in range(1, n + 1):
        total = sum(((exponent * i - (k - i)) * a[i] * out[k - i] for i in range(1, k + 1) if i < len(a)), sp.S.Zero)
        out.append(_tidy(total / (k * a[0])))
    return out


def compose(a: Sequence, b: Sequence, n: int) -> Series:
    """a(b(t)) for b_0 = 0."""
    out: Series = [sp.S.Zero] * (n + 1)
    for c in reversed(list(a)):
        out = multiply(out, b, n)
        out[0] = _tidy(out[0] + c)
    return out


def reverted(a: Sequence, n: int) -> Series:
    """b with a(b(t)) = t, for a_0 = 0 and a_1 not 0 (Lagrange: n b_n = [t^(n-1)] (t/a)^n)."""
    base = list(a[1:])
    return [sp.S.Zero] + [_tidy(power(base, -sp.Integer(k), k - 1)[k - 1] / k) for k in range(1, n + 1)]
