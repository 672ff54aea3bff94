"""A convolutional layer with explicit weights, for the proofs about convolutional networks.

Two channels, three positions on a ring, the activation x^2: the outputs are polynomials in the individual weights
and the pre-activations, and their Gaussian means are sums over monomials.  Nothing of ``derive.networks`` is used here.
"""

from itertools import product

import sympy as sp

v0, v1, v2 = V = sp.symbols("v0:3", nonnegative=True)
w2, b2 = sp.symbols("sigma_w2 sigma_b2", positive=True)
RING, CHANNELS = 3, 2

COVARIANCE = sp.Matrix([[16, 4, -2], [4, 8, 1], [-2, 1, 32]]) / 16
SHARES = (sp.Rational(1, 2), sp.Rational(1, 3), sp.Rational(1, 6))
VALUES = {w2: sp.Rational(5, 3), b2: sp.Rational(2, 7), **dict(zip(V, SHARES, strict=True))}


def gaussian_pair(a: int, b: int, covariance) -> sp.Expr:
    """E h_a^2 h_b^2 = S_aa S_bb + 2 S_ab^2 (Isserlis), written out."""
    return covariance[a, a] * covariance[b, b] + 2 * covariance[a, b] ** 2


def explicit_layer(a: int, b: int, covariance=COVARIANCE, shares=SHARES) -> sp.Expr:
    """E h'(a) h'(b) for one output channel: the sum over all pairs of weights and the bias, one by one.

    Only the square of a weight has a mean, sigma_w2 v_beta/channels; channels are independent given the weights.
    """
    total = VALUES[b2]
    for (beta, i), (gamma, j) in product(product(range(RING), range(CHANNELS)), repeat=2):
        if (beta, i) == (gamma, j):
            weight = VALUES[w2] * shares[beta] / CHANNELS
            total += weight * gaussian_pair((a + beta) % RING, (b + beta) % RING, covariance)
    return total


def kernel():
    """The ring of three positions with symbolic shares."""
    from derive.networks.convolution.kernel import Kernel

    return Kernel((RING,), tuple(((k,), v) for k, v in enumerate(V)))


def jacobian(size: int, shares, chi_q, chi_c, half) -> sp.Matrix:
    """The Jacobian of Sigma -> A * C(Sigma) on the entries a <= b, entry by entry from the definition.

    An entry of C depends on itself by chi_q or chi_c, off the diagonal also on both variances by ``half``.
    """
    pairs = [(a, b) for a in range(size) for b in range(a, size)]
    column = {pair: i for i, pair in enumerate(pairs)}
    J = sp.zeros(len(pairs), len(pairs))
    for row, (a, b) in enumerate(pairs):
        for beta, share in shares.items():
            c, d = sorted(((a + beta) % size, (b + beta) % size))
            J[row, column[c, d]] += share * (chi_q if c == d else chi_c)
            if c != d:
                J[row, column[c, c]] += share * half
                J[row, column[d, d]] += share * half
    return J
