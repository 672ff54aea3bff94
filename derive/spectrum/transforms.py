r"""Free probability of a residual layer, in symbols: from the block resolvent to the S-transform and Green's equation.

Everything is computed, step by step, by SymPy; the numbers are those of the equations of paper 001 (Tarnowski et al.
2019) that the step re-derives.

One layer is :math:`Y = a + X` with :math:`X = DW` R-diagonal: of the free cumulants of X and its transpose only the
alternating ones of even order, :math:`c_{2k}`, are not zero (the definition; that biunitarily invariant matrices have
such a limit is the theorem of Haagerup-Larsen and Nica-Speicher).  Doubling the matrix (13) makes the resolvent of
:math:`YY^T` linear in X; the block trace of that resolvent obeys a matrix-valued Schwinger-Dyson equation (15), and
the definition alone makes its R-transform :math:`A(G_{12}G_{21})\,\mathrm{offdiag}(G_{12}, G_{21})` (16).
Eliminating the other entries gives :math:`G = G_{12}` (17); :func:`green_from_words` finds the same equation without
matrices.  The changes of variable (9), (10) turn it into equations for R (18) and S (19).  For fixed
value :math:`\alpha` of A equation (19) factorises,

.. math:: a^2 S = (1 - z\alpha S)\,(1 - (z+1)\alpha S),

a quadratic equation for S.  At z -> 0 the mean of :math:`YY^T` is :math:`1/S(0) = a^2 + \alpha`; only one root has
this limit, and it is the one that tends to :math:`1/a^2` as :math:`\alpha \to 0` (the other one grows without
bound).  It is written as :math:`2/(B + \sqrt{B^2 - 4z(z+1)\alpha^2})`, :math:`B = a^2 + (2z+1)\alpha`, in which
nothing cancels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

__all__ = [
    "SYMBOLS",
    "block_r_transform",
    "green_from_words",
    "greens_equation",
    "layer_s",
    "layer_s_quadratic",
    "linearisation",
    "log_s_coefficients",
    "single_layer_green",
    "single_layer_r",
    "single_layer_s",
]

a, c, L = sp.symbols("a c L", positive=True)
z, G, R, S, alpha = sp.symbols("z G R S alpha")
c2, c4 = sp.symbols("c2 c4", real=True)
G12, G21 = sp.symbols("G12 G21")

#: the symbols of this module by name
SYMBOLS = {
    "a": a,
    "c": c,
    "L": L,
    "z": z,
    "G": G,
    "R": R,
    "S": S,
    "alpha": alpha,
    "c2": c2,
    "c4": c4,
}


def linearisation() -> tuple[sp.Matrix, sp.Matrix]:
    """(13), (14): the linear block matrix in non-commuting Y, Yt, H, and its inverse.

    With Y = a + X, Yt its transpose and H = (z - Yt Y)^(-1), the product of the two is the unit matrix once
    Yt Y H = z H - 1 is put in.  The upper right block of the inverse is H, whose normalised trace is the Green's
    function of Y Yt as well: the resolvent of a product has become a block of a resolvent linear in X.
    """
    Y, Yt, H = sp.symbols("Y Yt H", commutative=False)
    block = sp.Matrix([[-Y, 1], [z, -Yt]])
    inverse = sp.Matrix([[H * Yt, H], [1 + Y * H * Yt, Y * H]])
    return block, inverse


def block_r_transform(determining: Any = None) -> sp.Matrix:
    r"""(16) from the definition of R-diagonality; ``determining`` is A, by default an undefined function.

    The block moment-cumulant formula collects the block of the first factor: entry (i, j) of the R-transform is the sum
    over all words of letters :math:`i = i_1, \dots, i_s = j` (1 for X, 2 for its transpose) of the free cumulant of
    the word times :math:`G_{i_1i_2}\cdots G_{i_{s-1}i_s}`.  Only words whose letters alternate have a cumulant, so each
    step is an entry of T, the off-diagonal part of the block trace, and words of 2k letters sum to
    :math:`c_{2k}T^{2k-1}`; those of odd length have none.  As :math:`T^2 = G_{12}G_{21}` times the unit matrix, the sum
    over k is :math:`A(G_{12}G_{21})\,T`.
    """
    A = sp.Function("A") if determining is None else determining
    step = sp.Matrix([[0, G12], [G21, 0]])
    square = step * step
    if square != square[0, 0] * sp.eye(2):
        raise ArithmeticError(f"the square of the alternating step is {square}, not a multiple of the unit matrix")
    return A(square[0, 0]) * step


def green_from_words() -> sp.Expr:
    r"""(17) from the moment-cumulant formula for words, without matrices.

    With a factor x for each letter let P and O be the sums over alternating words of even and odd length.  The block of
    the first letter has one member (cumulant a), or 2k members whose letters alternate.  In an alternating word the
    gaps between them hold words of even length, each P, and what follows the last member is a word of the same kind as
    the whole; words that begin with the transpose have the same sums, as both orders share their cumulants.  So

    .. math:: P = 1 + axO + \sum_k c_{2k}(xP)^{2k}, \qquad O = axP + \sum_k c_{2k}x^{2k}P^{2k-1}O,

    with :math:`\sum_k c_{2k}(xP)^{2k} = \alpha\,(xP)^2`, :math:`\alpha = A((xP)^2)`.  Here :math:`z = x^{-2}`,
    :math:`G = x^2P`, so that :math:`(xP)^2 = zG^2`.
    """
    x = sp.Symbol("x", positive=True)
    P, odd, blocks = sp.symbols("P O blocks")  # blocks stands for alpha x^2 P = alpha G
    (odd_sum,) = sp.solve(odd - (a * x * P + blocks * odd), odd)
    even = (1 + a * x * odd_sum + blocks * P - P).subs(P, z * G).subs(x, 1 / sp.sqrt(z))
    (green,) = sp.solve(sp.expand(even), G)
    return sp.factor(green.subs(blocks, alpha * G))


@lru_cache(maxsize=1)
def single_layer_green() -> sp.Expr:
    """(17): the right-hand side F of G = F(G, z, alpha), alpha = A(z G^2), from (15) and (16).

    (15) says that the block trace is the inverse of Z - R, and R has off-diagonal entries only (16).  So the diagonal
    entries of the block trace drop out, G21 = z G12 solves both off-diagonal equations, and one equation is left.
    """
    scalars = sp.Matrix([[-a, 1], [z, -a]])
    reduced = scalars - block_r_transform(lambda _: alpha)
    inverse = reduced.inv()
    entries = {(i, j): sp.together(inverse[i, j]) for i in range(2) for j in range(2)}
    # the ratio of the inverse's off-diagonal entries
    ratio = sp.simplify((entries[1, 0] / entries[0, 1]).subs(G21, z * G12))
    if sp.simplify(ratio - z) != 0:
        raise ArithmeticError(f"the off-diagonal equations are not solved by G21 = z G12: {ratio}")
    return sp.factor(entries[0, 1].subs(G21, z * G12).subs(G12, G))


@lru_cache(maxsize=1)
def single_layer_r() -> sp.Expr:
    """(18) as right side - z: the Green's equation at z -> R(z) + 1/z, where G becomes z (9)."""
    point = R + 1 / z
    return sp.together(single_layer_green().subs({G: z, SYMBOLS["z"]: point}, simultaneous=True) - z)


@lru_cache(maxsize=1)
def single_layer_s() -> sp.Expr:
    """(19) as left - right side: the equation of R at z -> z S(z), where R becomes 1/S (10)."""
    return sp.together(single_layer_r().subs({z: z * S, R: 1 / S}, simultaneous=True))


@lru_cache(maxsize=1)
def layer_s_quadratic() -> sp.Expr:
    """The polynomial in S whose vanishing is (19), for a fixed value alpha of A(z (z+1) S)."""
    numerator = sp.numer(sp.together(single_layer_s()))
    factors = [f for f, _ in sp.factor_list(numerator, S)[1] if f.has(S) and f.has(alpha)]
    quadratic = [f for f in factors if sp.degree(f, S) == 2]
    if len(quadratic) != 1:
        raise ArithmeticError(f"equation (19) has the factors {factors}, not one quadratic in S")
    lead = quadratic[0].subs(S, 0)
    return sp.expand(quadratic[0] / lead)


@lru_cache(maxsize=1)
def layer_s() -> sp.Expr:
    """The root of (19) with the right mean, as 2/(B + sqrt(B^2 - 4 z (z+1) alpha^2)); see the module docstring."""
    quadratic = sp.Poly(layer_s_quadratic(), S)
    second, first, constant = quadratic.all_coeffs()
    disc = sp.expand(first**2 - 4 * second * constant)
    roots = [2 * constant / (-first + sign * sp.sqrt(disc)) for sign in (1, -1)]
    mean = 1 / (a**2 + alpha)  # S(0) = 1/E lam, and E lam = (1/N) E Tr (a + X)(a + X)^T = a^2 + alpha
    right = [r for r in roots if sp.simplify(r.subs(z, 0).subs(alpha, a**2 / 3) - mean.subs(alpha, a**2 / 3)) == 0]
    if len(right) != 1:
        raise ArithmeticError(f"{len(right)} branches have the right mean; exactly one should")
    return right[0]


@lru_cache(maxsize=1)
def log_s_coefficients() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """log S of one layer with variances scaled by 1/L, to order 1/L^2: coefficients of 1, 1/L and 1/L^2, in z.

    A(x) -> c2/L + c4 x/L^2 + O(1/L^3) with x = z (z+1) S (the scaling rule of the determining sequence).
    """
    eps = sp.Symbol("eps", positive=True)  # 1/L
    first = sp.series(layer_s(), alpha, 0, 3).removeO()
    zeroth = first.subs(alpha, 0)
    scaled = eps * c2 + eps**2 * c4 * z * (z + 1) * zeroth
    expansion = sp.series(sp.log(first.subs(alpha, scaled)), eps, 0, 3).removeO()
    expansion = sp.expand(sp.expand_log(expansion, force=True))
    return tuple(sp.factor(expansion.coeff(eps, k)) for k in range(3))


@lru_cache(maxsize=1)
def greens_equation() -> sp.Eq:
    r"""(25): Green's equation of :math:`JJ^T` for L -> oo, from (20) to (24).

    Summing the leading term of log S over the layers, with c = (1/L) sum c2, gives log S of the product (22); the maps
    z -> z R(z) and z -> G(z) turn it into an equation of R (24) and of G (25).
    """
    constant, linear, _ = log_s_coefficients()
    log_s = L * constant + linear.subs(c2, c)
    # S(zR) = 1/R (10): log R + log S(z R) = 0; then z -> G, R(G) = z - 1/G (9)
    rest = sp.expand(sp.expand_log(log_s, force=True).subs(z, z * R).subs({z: G, R: z - 1 / G}, simultaneous=True))
    growth = sp.expand(-L * constant)
    exponent = sp.factor(sp.expand(rest + growth))
    return sp.Eq(sp.exp(growth) * G, sp.expand((z - 1 / G) * G) * sp.exp(exponent), evaluate=False)
