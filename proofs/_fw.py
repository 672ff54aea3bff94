"""Random ReLU nets by brute force, for the proofs of the finite-width claims; nothing here uses derive.finite_width."""

from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, isqrt, prod

import sympy as sp

from derive.evidence import Check, Verdict, compare


def root(x) -> Fraction:
    """The rational square root of a rational square."""
    x = Fraction(x)
    found = Fraction(isqrt(x.numerator), isqrt(x.denominator))
    if found**2 != x:
        raise ArithmeticError(f"{x} is no rational square")
    return found


def three_points(variance, kurtosis):
    """{value: probability} of a symmetric law on at most three points with this variance and kurtosis, rational."""
    size, chance = root(Fraction(variance) * kurtosis), Fraction(1, kurtosis)
    law = {size: chance / 2, -size: chance / 2}
    if kurtosis != 1:
        law[Fraction(0)] = 1 - chance
    return law if size else {Fraction(0): Fraction(1)}


def unit_law(vector, weights, bias):
    """{ReLU(w . x + b): probability} of one unit, by going through all weights."""
    sums = {Fraction(0): Fraction(1)}
    for entry, law in (*((x, weights) for x in vector), (Fraction(1), bias)):
        following = Counter()
        for (h, p), (w, chance) in product(sums.items(), law.items()):
            following[h + w * entry] += p * chance
        sums = following
    found = Counter()
    for h, p in sums.items():
        found[max(h, Fraction(0))] += p
    return found


def lengths(vector, layers):
    """{(M_1, ..., M_d): probability} of a net; ``layers`` has (width, law of a weight, law of a bias)."""
    states = Counter({(tuple(map(Fraction, vector)), ()): Fraction(1)})
    for width, weights, bias in layers:
        following = Counter()
        for (x, path), p in states.items():
            unit = unit_law(x, weights, bias)
            for outputs in product(unit, repeat=width):
                chance = prod((unit[y] for y in outputs), start=p)
                following[tuple(sorted(outputs)), (*path, sum(y * y for y in outputs) / width)] += chance
        states = following
    found = Counter()
    for (_, path), p in states.items():
        found[path] += p
    return found


def chi_square_mixture(n: int, k: int) -> Fraction:
    """E X^k, X chi-square with Binomial(n, 1/2) degrees of freedom: the squared length of n ReLUs of normal units."""
    return sum(
        (Fraction(comb(n, b), 2**n) * prod(b + 2 * i for i in range(k)) for b in range(n + 1)), start=Fraction(0)
    )


def layer_factor(n: int, k: int) -> Fraction:
    """E (M_j/M_(j-1))^k of a Gaussian layer of n units with variance 2/fan-in and no bias."""
    return chi_square_mixture(n, k) * Fraction(2, n) ** k


def empirical_variance(widths) -> Fraction:
    """The mean of the variance of M_1, ..., M_d, Gaussian critical nets with M_0 = 1, from E M_i M_j = E M_min^2."""
    squares, current = [], Fraction(1)
    for n in widths:
        current *= layer_factor(n, 2)
        squares.append(current)
    d = len(squares)
    pairs = sum(squares[min(i, j)] for i in range(d) for j in range(d))
    return sum(squares) / d - pairs / d**2


def rational(x: Fraction) -> sp.Rational:
    """As a SymPy number."""
    return sp.Rational(x.numerator, x.denominator)


def relation_at(statement, values) -> bool | None:
    """Whether a relation holds at exact values of all its symbols; None where that could not be decided."""
    left, right = (sp.sympify(side, strict=True).subs(values) for side in (statement.lhs, statement.rhs))
    if isinstance(statement, sp.Eq):
        return sp.simplify(left - right) == 0
    if left.is_Rational and right.is_Rational and left == right:
        return isinstance(statement, (sp.Ge, sp.Le))
    sign = sp.sign(sp.N(left - right, 60)) if abs(sp.N(left - right, 60)) > sp.Float(10) ** -30 else None
    if sign is None:
        return None
    return bool(sign > 0) if isinstance(statement, (sp.Ge, sp.Gt)) else bool(sign < 0)


def shown(name, proof, *, method):
    """A symbolic check of an inequality: ``proof()`` goes through its steps and returns the relation they give.

    True where that is the statement, false where the statement is another relation.  A step that fails raises.
    """
    memory = []

    def verdicts(statement):
        if not memory:
            memory.append(proof())
        found = memory[0]
        same = all(compare(a, b).equal for a, b in zip(found.args, statement.args, strict=True))
        yield Verdict(isinstance(statement, found.func) and same, reason="every step holds symbolically")

    return Check(name, "symbolic", method, verdicts)


def step(condition, what):
    """A step of a proof; one that SymPy cannot see is an error, not a pass."""
    if condition is not True and condition is not sp.true:
        raise ArithmeticError(f"a step of the proof fails: {what}")


def not_negative_from_zero(f, x, order):
    """f >= 0 for x >= 0: its derivatives below ``order`` are not negative at 0, the one of that order nowhere."""
    for k in range(order):
        step(sp.simplify(sp.diff(f, x, k).subs(x, 0)).is_nonnegative, f"derivative {k} of {f} at 0")
    step(sp.simplify(sp.diff(f, x, order)).is_nonnegative, f"derivative {order} of {f}")


def shares_of_increments(count):
    """The sum over j of (2 j - 1 - d) s_j/d^2 is that of (k - 1)(d + 1 - k)/d^2 (s_k - s_(k-1)), each in [0, 1/4].

    With s_j = E M_j^2 the first is the mean empirical variance where E M_i M_j = E M_min^2, and else above it.
    Returns the share of the k-th increment as a function of k and d, after the two bounds are shown.
    """
    j, k, d = sp.symbols("j k d", positive=True, integer=True)
    before, after = sp.symbols("before after", nonnegative=True)  # k - 1 and d - k
    share = (k - 1) * (d + 1 - k) / d**2
    step(sp.expand(sp.summation((2 * j - 1 - d) / d**2, (j, k, d)) - share) == 0, "summation by parts")
    inside = share.subs({k: before + 1, d: before + 1 + after})
    step(sp.simplify(inside).is_nonnegative, "no share is negative")
    step(sp.factor(sp.simplify(sp.Rational(1, 4) - inside)).is_nonnegative, "the shares are at most 1/4")
    return lambda number: share.subs({k: number, d: count})


def variance_by_parts(factors):
    """The mean empirical variance of a critical net, M_0 = 1, from the factors E (M_j/M_(j-1))^2 of its layers."""
    share, before, total = shares_of_increments(len(factors)), sp.Integer(1), sp.Integer(0)
    for number, factor in enumerate(factors, 1):
        total += share(number) * before * (factor - 1)
        before *= factor
    return total
