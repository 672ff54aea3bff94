r"""ConvNets: the mean squared length is conserved where the positions wrap around; zeros at the border lower it."""

from fractions import Fraction
from itertools import product

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, holds, outside, under

rate = sp.Function("rate")
n = sp.Symbol("n", positive=True, integer=True)

CLAIM = Claim(
    id="fw_conv_mean_length",
    title="mean squared length of deep ConvNets with zeros at the border",
    statement=sp.Eq(rate(n), (1 + 2 * sp.cos(sp.pi / (n + 1))) / 3),
    source=Source("hanin2018", "section 3.5, Figure 4: weights of variance 2/fan-in"),
    meaning=(
        "rate(n) is the limit of E M_(d+1)/E M_d for ReLU ConvNets with n positions, three taps, symmetric weights of "
        "variance 2/(3 channels), no biases, and zeros beyond the border; in two dimensions it is squared. Where the "
        "positions wrap around E M_d is conserved for every image. The text does not say what is done at the border"
    ),
    variables={n: "positions"},
    printed=Printed(
        text="mean output length equals input length for symmetric weights of variance 2/fan-in",
        statement=sp.Eq(rate(n), 1),
        condition="the positions wrap around (circular padding); with zeros in the limit of large images",
    ),
)


def derive() -> sp.Expr:
    """The profile m(a) = E |act(a)|^2 is averaged over three positions; the sine that vanishes at 0, n + 1 stays."""
    a = sp.Symbol("a", real=True)
    angle = sp.pi / (n + 1)
    profile = sp.sin(a * angle)  # positive at a = 1, ..., n, zero at 0 and n + 1: the Perron vector
    if profile.subs(a, 0) != 0 or sp.simplify(profile.subs(a, n + 1)) != 0:
        raise ArithmeticError("the profile does not vanish beyond the border")
    average = sp.expand_trig(sum(profile.subs(a, a + b) for b in (-1, 0, 1)) / 3)
    return sp.simplify(average / sp.expand_trig(profile))


def spectral(point, digits):
    """Power iteration with the averaging matrix, from a constant image."""
    size = int(point[n])
    row, ratio = [mpmath.mpf(1)] * size, mpmath.mpf(0)
    for _ in range(60 * digits):
        padded = [mpmath.mpf(0), *row, mpmath.mpf(0)]
        row = [(padded[i] + padded[i + 1] + padded[i + 2]) / 3 for i in range(size)]
        total = mpmath.fsum(row)
        row, ratio = [x / total for x in row], total
    return ratio


def _enumerated(size: int, wraps: bool, image) -> Fraction:
    """E |act|^2/|image|^2 after one layer of one channel, three taps, by all signs of the weights."""
    total = Fraction(0)
    for w in product((1, -1), repeat=3):
        for i in range(size):
            places = [(i + b) for b in (-1, 0, 1)]
            h = sum(s * image[p % size] for s, p in zip(w, places, strict=True) if wraps or 0 <= p < size)
            total += Fraction(2, 3) * max(h, 0) ** 2
    return total / 8 / sum(x * x for x in image)


def eigenvalue(wraps: bool):
    """The factor of E M in one layer: for every image where positions wrap, for the limiting profile with zeros."""

    def test(statement, point):
        size = int(point[n])
        factors = [_enumerated(size, wraps, [1 if i == j else 0 for i in range(size)]) for j in range(size)]
        # one position at a time gives the column sums; the mean is linear in the squares of the image
        if wraps:
            return all(f == 1 for f in factors) and sp.simplify(statement.rhs.subs(point) - 1) == 0
        squares = [sp.sin(sp.pi * (i + 1) / (size + 1)) for i in range(size)]
        growth = sum(s * sp.Rational(f.numerator, f.denominator) for s, f in zip(squares, factors, strict=True))
        return bool(abs(sp.N(growth / sum(squares) - statement.rhs.subs(point), 40)) < sp.Float(10) ** -35)

    method = "all signs of the weights, one position of the image at a time"
    return holds("wrapped" if wraps else "zeros", test, [{n: size} for size in (3, 5, 8)], method=method)


def checks():
    yield eigenvalue(False)
    yield digits("power iteration", spectral, [{n: 2}, {n: 5}], digits=20, method="many layers in mpmath")


def printed_checks():
    yield under(eigenvalue(True))
    yield outside(eigenvalue(False))
