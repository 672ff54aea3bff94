"""Routes for the claims about feed-forward networks that use nothing of ``derive.networks``.

``layer_mean`` integrates every weight, bias, mask and pre-activation of a layer of width two exactly, for the cubic
activation: the recurrences are exact at every width once the pre-activations are Gaussian.  The quadratures are
mpmath's.
"""

from functools import lru_cache
from itertools import product

import mpmath
import sympy as sp

R = sp.Rational
WEIGHT, BIAS, KEEP, RATIO = R(3, 7), R(2, 5), R(2, 3), R(3, 2)
QA, QB, LAM = R(5, 4), R(1, 3), R(1, 5)  # variances of both inputs' pre-activations and their covariance
CHI, CHI_AB = R(7, 5), R(2, 9)


def moment(a: int, b: int, qa, qb, lam):
    """E z_a^a z_b^b of a Gaussian pair, by integration by parts (Stein)."""
    if a < 0 or b < 0 or (a + b) % 2:
        return sp.Integer(0)
    if a == b == 0:
        return sp.Integer(1)
    if a == 0:
        return qb * (b - 1) * moment(0, b - 2, qa, qb, lam)
    return qa * (a - 1) * moment(a - 2, b, qa, qb, lam) + lam * b * moment(a - 1, b - 1, qa, qb, lam)


def cube_mean(order, qa, qb, lam):
    """E f(z_a) f(z_b) for the order-th derivative f of the cube."""
    factor, degree = {0: (1, 3), 1: (3, 2), 2: (6, 1)}[int(order)]
    return factor**2 * moment(degree, degree, qa, qb, lam)


def put_cube(expr):
    """Read a statement for the cubic activation at the numbers above."""
    from derive.networks.feedforward.equations import SYMBOLS as S
    from derive.networks.feedforward.equations import CrossProduct
    from derive.networks.residual.equations import MeanSquare

    expr = expr.replace(MeanSquare, lambda n, q: cube_mean(n, q, q, q))
    expr = expr.replace(CrossProduct, cube_mean)
    numbers = {
        S.q_: QA,
        S.q_a_: QA,
        S.q_b_: QB,
        S.q_ab_: LAM,
        S.sigma_w2: WEIGHT,
        S.sigma_b2: BIAS,
        S.rho: KEEP,
        S.width_ratio: RATIO,
    }
    numbers |= {S.chi: CHI, S.chi_ab: CHI_AB}
    return expr.subs(numbers)


@lru_cache(maxsize=8)
def layer_mean(kind: str):
    """The exact mean over all weights, biases, masks and pre-activations of a layer with two units.

    ``kind``: q, q_ab (forward), chi, chi_ab, chi_w (backward, with RATIO times two units above, their gradients of
    second moments CHI and CHI_AB, independent).
    """
    same = kind not in ("q_ab", "chi_ab")
    second = (QA, QA, QA) if same else (QA, QB, LAM)
    order = 1 if kind in ("chi", "chi_ab") else 0
    units = sp.Integer(0)
    for masks in product((0, 1), repeat=2 if same else 4):
        chance = sp.Mul(*(KEEP if p else 1 - KEEP for p in masks))
        for j in range(2):
            both = masks[j] if same else masks[j] * masks[j + 2]
            units += chance * both * cube_mean(order, *second) / KEEP**2
    # units: the mean of sum_j (p_j/rho)^2 f(z_j)^2 over masks and pre-activations, two units
    if kind in ("q", "q_ab"):
        return WEIGHT / 2 * units + BIAS  # each weight has variance WEIGHT/2; different weights are independent
    above = RATIO * 2  # units above
    if kind == "chi_w":
        return CHI * units / 2
    return WEIGHT / 2 * above * (CHI if same else CHI_AB) * units / 2


def row(name: str):
    """The right-hand side as the package computes it from the layer definition."""
    from derive.networks.feedforward.equations import general_feed_forward_equations

    return dict(general_feed_forward_equations())[name].rhs


def layer_check(name: str):
    from derive.evidence import holds

    def agrees(statement, _point) -> bool:
        return put_cube(statement.rhs) == layer_mean(name)

    return holds(
        "two units, cubic activation",
        agrees,
        method="exact mean over weights, biases, all masks and Gaussian pre-activations; moments by Stein's lemma",
    )


# --- quadrature


def mean(f, q):
    """E f(sqrt(q) z) by mpmath.quad."""
    root = mpmath.sqrt(q)
    return mpmath.quad(lambda z: f(root * z) * mpmath.npdf(z), [-14, -7, -3, -1, 0, 1, 3, 7, 14])


def pair_mean(f, q, c):
    """E f(u1) f(u2) at variance q and correlation c: two trapezoidal sums (exponentially convergent)."""
    n, reach = 60, mpmath.mpf(9)
    h = reach / n
    root, rest = mpmath.sqrt(q), mpmath.sqrt(1 - c * c)
    nodes = [(k * h, mpmath.npdf(k * h)) for k in range(-n, n + 1)]
    total = mpmath.mpf(0)
    for x, wx in nodes:
        inner = mpmath.fsum(wy * f(root * (c * x + rest * y)) for y, wy in nodes)
        total += wx * f(root * x) * inner
    return h * h * total


def number(x):
    return mpmath.mpf(x.p) / x.q
