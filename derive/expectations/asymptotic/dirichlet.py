r"""Sums of r_n n^{-s} over n >= 1 for quasi-polynomials r_n: zeta, eta, Hurwitz zeta and polylogarithm values.

The coefficients come from a rational function (:mod:`derive.expectations.asymptotic.exp_tail`): r_n is a sum of
polynomials in n times root^{-n}, of polynomials on one residue class of n, and of finitely many single values.
Divergent sums mean their analytic continuation in s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from derive.errors import DomainError
from derive.expectations.asymptotic.stable import polylog
from derive.numerics.compile import to_arb

__all__ = ["Quasi", "mellin_ball", "mellin_exact"]

T = sp.Dummy("t")


@dataclass
class Quasi:
    """r_n = finite[n] + sum of p(n) root^(-n) + sum of p(n) [n = residue mod modulus]."""

    finite: dict[int, sp.Expr] = field(default_factory=dict)
    roots: list[tuple[sp.Expr, sp.Poly]] = field(default_factory=list)  # (root, p)
    classes: list[tuple[int, int, sp.Poly]] = field(default_factory=list)  # (modulus, residue 1..modulus, p)


def _powers(p: sp.Poly) -> list[tuple[int, sp.Expr]]:
    return [(i, c) for (i,), c in p.terms()]


def mellin_exact(quasi: Quasi, s: int, rate: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return (finite part, residue) of sum_n r_n n^-s inside Gamma(s) rate^-s times it, as s varies."""
    value = sp.Add(*(c * sp.Integer(n) ** (-s) for n, c in quasi.finite.items()))
    residue = sp.S.Zero
    for root, p in quasi.roots:
        for i, c in _powers(p):
            u = s - i
            if root == 1 and u == 1:
                value += c * (sp.EulerGamma + sp.digamma(s) - sp.log(rate))
                residue += c
            elif root == 1:
                value += c * sp.zeta(u)
            elif root == -1:
                value -= c * (sp.log(2) if u == 1 else (1 - sp.Integer(2) ** (1 - u)) * sp.zeta(u))
            else:
                value += c * _polylog(u, 1 / root)
    return value + sp.Add(*(_class_sum(m, r, p, s) for m, r, p in _balanced(quasi, s))), residue


def _balanced(quasi: Quasi, s: int) -> list[tuple[int, int, sp.Poly]]:
    """Return the residue classes after checking that zeta's pole cancels among them."""
    residue = sum((p.coeff_monomial((s - 1,)) / modulus for modulus, _, p in quasi.classes), sp.S.Zero)
    if residue != 0:
        raise DomainError("the residue classes of a cyclotomic factor do not balance at zeta's pole")
    return quasi.classes


def _class_sum(modulus: int, r: int, p: sp.Poly, s: int) -> sp.Expr:
    a = sp.Rational(r, modulus)
    value = sp.S.Zero
    for i, c in _powers(p):
        u = s - i
        if u == 1:  # the finite part; the poles of the classes cancel
            value -= c * (sp.digamma(a) + sp.log(modulus)) / modulus
        else:
            value += c * sp.Integer(modulus) ** (-u) * _hurwitz(u, a)
    return value


def _hurwitz(u: int, a: sp.Rational) -> sp.Expr:
    if u <= 0:
        return -sp.bernoulli(1 - u, a) / (1 - u)
    if a == sp.Rational(1, 2):
        return (sp.Integer(2) ** u - 1) * sp.zeta(u)
    return (-1) ** u * sp.polygamma(u - 1, a) / sp.factorial(u - 1)


def _polylog(u: int, z: sp.Expr) -> sp.Expr:
    if u > 1:
        return polylog(sp.Integer(u), z)
    value = -sp.log(1 - T) if u == 1 else T / (1 - T)
    for _ in range(-u):
        value = sp.cancel(T * sp.diff(value, T))
    return value.subs(T, z)


def mellin_ball(quasi: Quasi, s: int, rate: Any) -> Any:
    """Return the same finite part as a ball at the current flint precision."""
    from flint import acb, arb, fmpq

    value = arb(0)
    for n, c in quasi.finite.items():
        value += to_arb(c) * arb(n) ** (-s)
    for root, p in quasi.roots:
        for i, c in _powers(p):
            u, weight = s - i, to_arb(c)
            if root == 1 and u == 1:
                value += weight * (arb(s).digamma() + arb.const_euler() - rate.log())
            elif root == 1:
                value += weight * arb(u).zeta()
            elif root == -1:
                value -= weight * (arb.const_log2() if u == 1 else (1 - arb(2) ** (1 - u)) * arb(u).zeta())
            elif u > 1:
                value += weight * acb(1 / to_arb(root)).polylog(u).real
            else:
                value += weight * to_arb(_polylog(u, 1 / root))
    for modulus, r, p in _balanced(quasi, s):
        a = arb(fmpq(r, modulus))
        for i, c in _powers(p):
            u, weight = s - i, to_arb(c)
            if u == 1:
                value -= weight * (a.digamma() + arb(modulus).log()) / modulus
            else:
                value += weight * arb(modulus) ** (-u) * acb(u).zeta(acb(a)).real
    return value
