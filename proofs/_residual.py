"""Residual nets in which every module multiplies the squared length by an independent factor; no package code."""

import sympy as sp


def positive_part_moment(j: int) -> sp.Expr:
    """E z_+^j of a standard normal z."""
    if j == 0:
        return sp.Integer(1)
    return sp.factorial2(j - 1) * (sp.sqrt(2 / sp.pi) if j % 2 else 1) / 2


def factor(kind: str, n: int, eta: sp.Expr, k: int) -> sp.Expr:
    """E (M'/M)^k of a critical one-layer module: "relu" at width 1 from a positive input, or "linear" at any width."""
    if kind == "relu":
        step = eta * sp.sqrt(2)
        return sum(sp.binomial(2 * k, j) * step**j * positive_part_moment(j) for j in range(2 * k + 1))
    u = 4 * sp.sympify(eta, strict=True) ** 2 / n
    laguerre = sp.assoc_laguerre(k, sp.Rational(n, 2) - 1, -1 / u)
    return sp.expand(u**k * sp.factorial(k) * laguerre)


def root(kind: str, n: int, k: int) -> sp.Expr:
    """(E |N(x)|^(2k)/|x|^(2k))^(1/2k) of a critical one-layer module of the same kinds."""
    if kind == "relu":
        return (2**k * positive_part_moment(2 * k)) ** sp.Rational(1, 2 * k)
    chi = sp.prod([n + 2 * i for i in range(k)])
    return (sp.Rational(2, n) ** k * chi) ** sp.Rational(1, 2 * k)


def empirical_variance(firsts, seconds) -> sp.Expr:
    """The mean empirical variance over the modules from their factors, summed over all pairs of modules; M_0 = 1."""
    count = len(firsts)
    total = sp.Integer(0)
    square = sp.Integer(1)
    for i in range(count):
        square *= seconds[i]
        later = sp.prod(firsts[i + 1 :])
        product, tail = sp.Integer(1), sp.Integer(0)
        for f in firsts[i + 1 :]:
            product *= f
            tail += product
        assert later == product
        total += square * (sp.Rational(1, count) - sp.Rational(1, count**2) * (1 + 2 * tail))
    return total
