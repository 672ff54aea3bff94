r"""Batch normalisation of the pre-activations: the weight variance drops out, and the cumulants add up like log L."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

total = sp.Function("total")
L, gain2, slope, square, p0 = sp.symbols("L gain2 slope square p0", positive=True)

CLAIM = Claim(
    id="isometry_batch_normalised_branch",
    title="effective cumulant with batch normalisation of the pre-activations",
    statement=sp.Eq(total(L), gain2 * slope / square * sp.log(L)),
    source=Source("tarnowski2019", "section 1.2: the formula is valid also with batch normalisation"),
    meaning=(
        "sum over L layers of c_2 for h divided by its own standard deviation and multiplied by a gain: c_2 = gain2 "
        "slope/p with p the mean square of the stream, whatever the weight variance.  slope = E phi'^2, square = E "
        "phi^2 at variance gain2.  X stays R-diagonal, but at a fixed gain the sum has no limit: the universal law at "
        "fixed c needs gain2 proportional to 1/L, which the remark does not say"
    ),
    assumptions=(
        "odd phi (no drift of the mean), skip 1, no biases; batch statistics at their limits, their dependence on "
        "single inputs left out (width and batch large)"
    ),
    variables={L: "L -> oo", gain2: "gain^2 > 0", slope: "> 0", square: "> 0", p0: "mean square of the input > 0"},
    error=sp.Integer(1) + 0 * L,
    limit=(L, sp.oo),
)


def derive() -> sp.Expr:
    """q = gain2 in every layer, so p_l = p0 + l square; weights of variance w/p under the root give w/(w p) = 1/p."""
    w, l = sp.symbols("w l", positive=True)
    stream = p0 + l * square
    factor = sp.cancel(w * gain2 / (w * stream))  # gain^2 over the variance w p of h, times the weight variance w
    primitive = sp.integrate(factor * slope, l)  # the sum differs from it by O(1)
    return sp.limit(primitive / sp.log(l), l, sp.oo) * sp.log(L)


def layers(point, digits):
    """phi = x^3, layer after layer; means by mpmath's quadrature over the normalised pre-activation."""
    gain = mpmath.sqrt(mpmath.mpf(point[gain2].p) / point[gain2].q)

    def mean(f):
        density = mpmath.mpf(1) / mpmath.sqrt(2 * mpmath.pi)
        return 2 * mpmath.quad(lambda t: f(gain * t) * mpmath.exp(-t * t / 2) * density, [0, 1, 3, 6, 12, 20])

    v, s = mean(lambda h: h**6), mean(lambda h: 9 * h**4)
    p, found = mpmath.mpf(point[p0].p) / point[p0].q, mpmath.mpf(0)
    for _ in range(int(point[L])):
        found += gain**2 * s / p
        p += v
    return found


def checks():
    yield decay(
        "cubes",
        layers,
        L,
        [2**n for n in range(3, 14)],
        [{gain2: 1, slope: 27, square: 15, p0: 1}, {gain2: 2, slope: 108, square: 120, p0: sp.Rational(7, 2)}],
        error=CLAIM.error,
        digits=8,
        method="the recursion of the stream for x^3, whose means are 15 and 27 at variance 1, by quadrature",
    )
