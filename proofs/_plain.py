"""A plain fully connected layer, for the proofs of section 3.1 of paper 002: h_i = sum_j W_ij phi(z_j) + b_i.

:func:`derived` computes second moments with the package's layer calculus; :func:`explicit` averages over the individual
weights of a layer of width two with the activation x^3, monomial by monomial, without any of it.
"""

from functools import lru_cache

import sympy as sp

from ._layers import gaussian_mean, isserlis

W2, B2 = sp.symbols("sigma_w2 sigma_b2", positive=True)
q, qa, qb = sp.symbols("q q_a q_b", positive=True)
lam = sp.Symbol("lam", real=True)
Mean = sp.Function("Mean")  # Mean(qa, qb, lam) = E phi(u1) phi(u2)


@lru_cache(maxsize=4)
def derived(same: bool) -> sp.Expr:
    """E h_i h_i' for one input (``same``) or two, after pairing the weights and averaging over the layer."""
    from sympy.tensor.indexed import Idx

    from derive.networks import layer
    from derive.networks.layer import N, Nonlinearity, Weights

    i, j = Idx("i", (1, N)), Idx("j", (1, N))
    w, b, z, zz = (sp.IndexedBase(name) for name in ("W", "b", "z", "zz"))
    families = (Weights(w, W2 / N), Weights(b, B2))
    first, second = (sp.Sum(w[i, j] * Nonlinearity(0, s[j]), (j, 1, N)) + b[i] for s in (z, z if same else zz))

    def mean(_group):
        return Mean(q, q, q) if same else Mean(qa, qb, lam)

    return layer.self_average(layer.pair(first, second, families), mean)


def cube(expr: sp.Expr) -> sp.Expr:
    """Put in the means of x^3: E u1^3 u2^3 = 9 qa qb lam + 6 lam^3."""
    return expr.replace(Mean, lambda a, b, s: 9 * a * b * s + 6 * s**3)


VALUES = {
    W2: sp.Rational(3, 7),
    B2: sp.Rational(2, 5),
    q: sp.Integer(2),
    qa: sp.Integer(2),
    qb: sp.Rational(1, 2),
    lam: sp.Rational(3, 4),
}


@lru_cache(maxsize=4)
def explicit(same: bool) -> sp.Expr:
    """E h h' over the weights and over Gaussian pre-activations, width two, written out in monomials."""
    x, y = sp.symbols("x y")
    weights, bias = sp.symbols("w0:2"), sp.Symbol("b")
    a, b, s = (VALUES[q],) * 3 if same else (VALUES[qa], VALUES[qb], VALUES[lam])
    outer = gaussian_mean(
        sp.expand((weights[0] * x + weights[1] * y + bias) ** 2),
        {weights[0]: VALUES[W2] / 2, weights[1]: VALUES[W2] / 2, bias: VALUES[B2]},
    )  # x, y stand for the two activations phi(z_1), phi(z_2) of one input
    constant = outer.subs({x: 0, y: 0})
    per_unit = outer.coeff(x, 2)
    return constant + 2 * per_unit * _sixth(a, b, s)


def _sixth(a, b, s) -> sp.Expr:
    """E u1^3 u2^3 by writing u1, u2 in independent Gaussians."""
    x, y = sp.symbols("x y")
    ratio = s / a
    expanded = sp.expand(x**3 * (ratio * x + y) ** 3)
    return gaussian_mean(expanded, {x: a, y: b - s**2 / a}) if b != s**2 / a else isserlis(0, a, a) * ratio**3
