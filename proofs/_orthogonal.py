"""Moments of Haar orthogonal matrices: by inverting the Gram matrix of pairings, and in dimension 3 by quaternions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

import sympy as sp

N = sp.Symbol("N", integer=True, positive=True)
q = sp.Symbol("q", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

HAAR = "W = sigma_w O/sqrt(L), O uniformly distributed on the orthogonal matrices of size N"


def pairings(places: Sequence[int]) -> Iterator[tuple[tuple[int, int], ...]]:
    """All ways to pair the places."""
    if not places:
        yield ()
        return
    first, *rest = places
    for k, partner in enumerate(rest):
        for others in pairings(rest[:k] + rest[k + 1 :]):
            yield ((first, partner), *others)


def loops(one: tuple, two: tuple) -> int:
    """The number of closed loops of two pairings laid over each other."""
    step = [{x: y for pair in p for x, y in (pair, pair[::-1])} for p in (one, two)]
    left, count = set(step[0]), 0
    while left:
        start = place = min(left)
        while True:
            left.discard(place)
            other = step[0][place]
            left.discard(other)
            place = step[1][other]
            if place == start:
                break
        count += 1
    return count


@lru_cache(maxsize=4)
def weingarten(size: int) -> tuple[tuple, sp.Matrix]:
    r"""(pairings, Wg): E prod O_{i_k j_k} = sum_{p, q} delta_p(i) delta_q(j) Wg(p, q).

    The mean is invariant under O on both sides, so it is such a sum (the invariants of the orthogonal group are spanned
    by pairings); contracting the j with a pairing gives O O^T = 1, delta_p(i), which says that Wg inverts the matrix
    N^loops(p, q).
    """
    found = tuple(pairings(range(size)))
    gram = sp.Matrix(len(found), len(found), lambda r, c: N ** loops(found[r], found[c]))
    return found, sp.simplify(gram.inv())


def delta(pairing: tuple, indices: Sequence) -> sp.Expr:
    """Product of Kronecker's deltas over the pairs."""
    return sp.prod([sp.KroneckerDelta(indices[x], indices[y]) for x, y in pairing])


def even_moment_ratio() -> sp.Expr:
    """E h_1^(2k+2)/E h_1^(2k) for h uniform on the sphere |h|^2 = N q, from the symmetry of the sphere."""
    low, high, mixed = sp.symbols("low high mixed", positive=True)
    # the derivative of E h_1^(2k+1) h_2 along rotations in the plane (1, 2) is 0
    turn = sp.Eq((2 * k + 1) * mixed, high)
    length = sp.Eq(N * q * low, high + (N - 1) * mixed)
    found = sp.solve([turn, length], [high, mixed], dict=True)[0]
    return sp.factor(found[high] / low)


def first_correction(order: sp.Expr) -> sp.Expr:
    """The coefficient of 1/N in E h_1^(2 order) over its Gaussian value."""
    ratio, j, u = even_moment_ratio(), sp.Symbol("j", integer=True, nonnegative=True), sp.Symbol("u", positive=True)
    excess = sp.log(sp.simplify(ratio / sp.limit(ratio, N, sp.oo)).subs(N, 1 / u))
    first = sp.limit(sp.diff(excess, u), u, 0).subs(k, j)
    return sp.expand(sp.summation(first, (j, 0, k - 1))).subs(k, order)


# dimension 3, exactly: a rotation is quadratic in a unit quaternion, and -1 times a rotation has the same even moments

QUATERNION = sp.symbols("qa qb qc qd", real=True)


@lru_cache(maxsize=1)
def rotation() -> sp.Matrix:
    """The rotation by a quaternion."""
    a, b, c, d = QUATERNION
    return sp.Matrix(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a - b * b + c * c - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a - b * b - c * c + d * d],
        ]
    )


@lru_cache(maxsize=256)
def mean_over_rotations(expression: sp.Expr) -> Fraction:
    """The mean of a polynomial in the quaternion over the unit sphere in four dimensions, monomial by monomial."""
    total = Fraction(0)
    for powers, coefficient in sp.Poly(sp.expand(expression), *QUATERNION).terms():
        if any(p % 2 for p in powers):
            continue
        value = Fraction(int(coefficient.p), int(coefficient.q))
        for p in powers:
            for odd in range(1, p, 2):
                value *= odd
        for j in range(sum(powers) // 2):
            value /= 4 + 2 * j
        total += value
    return total
