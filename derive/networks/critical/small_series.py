"""Signs of means next to q = 0, from their expansions in powers of q with proven remainders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp
from flint import arb

from derive.activations import Activation
from derive.networks.critical.ends import scaled
from derive.numerics.compile import to_arb

__all__ = ["Rests", "added", "first_sign", "small_expansion"]

_ORDERS = (2, 3, 4)
_NEAR = 16  # q_0 = 2^-8 is far enough from 0

Rests = tuple[tuple[Any, sp.Rational], ...]


def small_expansion(parts: dict[int, sp.Expr]) -> Iterator[tuple[dict[sp.Expr, sp.Expr], Rests]]:
    """The sum of q^k E f_k in powers of q to rising orders, with remainders."""
    from derive.expectations import expectation_small_remainder, expectation_small_terms

    for order in _ORDERS:
        terms, rests = [], []
        for k, f in parts.items():
            terms.append({e + k: c for e, c in expectation_small_terms(Activation(f), order - k).items()})
            bound, exponent, _ = expectation_small_remainder(Activation(f), order - k)
            rests.append((to_arb(bound), exponent + k))
        yield added(*terms), tuple(rests)


def first_sign(orders: Iterator[tuple[dict[sp.Expr, sp.Expr], Rests]]) -> tuple[Any, int] | None:
    """(q_0, sign) of an expansion on (0, q_0], from the first order at which q_0 is not small."""
    best: tuple[int, int] | None = None
    for terms, rests in orders:
        for k in range(0, 120 if best is None else best[0]):
            ball = scaled(terms, rests, arb(2) ** (-arb(k) / 2))
            if ball > 0 or ball < 0:
                best = k, 1 if ball > 0 else -1
                break
        if best is not None and best[0] <= _NEAR:
            break
    return None if best is None else (arb((arb(2) ** (-arb(best[0]) / 2)).lower()), best[1])


def added(*parts: dict[sp.Expr, sp.Expr]) -> dict[sp.Expr, sp.Expr]:
    """The sum of expansions, without the exponents that cancel."""
    total: dict[sp.Expr, sp.Expr] = {}
    for part in parts:
        for e, c in part.items():
            total[e] = total.get(e, sp.S.Zero) + c
    return {e: s for e, c in total.items() if (s := sp.simplify(c)) != 0}
