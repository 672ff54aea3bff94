r"""(25): the equation of Green's function of J J^T for many layers, from (20) to (24)."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

from . import _spectrum

G = sp.Function("G")
g, z = sp.symbols("g z", real=True)
a, c, L = sp.symbols("a c L", positive=True)

CLAIM = Claim(
    id="isometry_greens_equation",
    title="Green's equation of the squared singular values",
    statement=sp.Eq(a ** (2 * L) * g, (z * g - 1) * sp.exp(c / a**2 * (1 - 2 * z * g))),
    source=Source("tarnowski2019", "equations (20) to (25)"),
    meaning=(
        "g = G(z) is the limit of (1/N) Tr (z - J J^T)^(-1), width to infinity first, then depth L at fixed effective "
        "cumulant c = (1/L) sum c_2^l; a^(2L) stays as the scale"
    ),
    variables={g: "G(z)", z: "outside the spectrum", a: "a > 0", c: "c > 0", L: "depth"},
    uses=("isometry_layer_s_large_depth", "isometry_linearisation", "isometry_block_r_transform"),
)


def derive() -> sp.Expr:
    """log S of the product is the sum over the layers; then z -> z R(z) and z -> G(z)."""
    from derive.spectrum import transforms as t

    names = t.SYMBOLS
    found = t.greens_equation()
    put = {names["a"]: a, names["c"]: c, names["L"]: L, names["G"]: g}
    ratio = sp.simplify(found.lhs.subs(put) / (a ** (2 * L) * g))
    return sp.expand(found.rhs.subs(put).subs(names["z"], z) / ratio)


def limit_green(point):
    """G(z) at a = 1 by extrapolating depth: (1+psi)/psi = z S(psi)^L, S the root of one layer, psi = z G - 1."""
    from derive.numerics import neville

    place, width = _spectrum.number(point[z]), _spectrum.number(point[c])

    def at_depth(depth):
        alpha = width / depth

        def gap(psi):
            b = 1 + (2 * psi + 1) * alpha
            s = 2 / (b + mpmath.sqrt(b * b - 4 * psi * (psi + 1) * alpha**2))
            return psi / (1 + psi) * s**depth - 1 / place

        psi = mpmath.findroot(gap, (mpmath.exp(width) / place, 1.1 * mpmath.exp(width) / place))
        return (1 + psi) / place

    depths = [16 * 2**k for k in range(11)]
    return neville([mpmath.mpf(1) / d for d in depths], [at_depth(d) for d in depths]).value


def formula(statement, point, digits):
    """The right side at a = 1 over the left side at a = 1, times G."""
    value = limit_green(point)
    number = {
        z: _spectrum.number(point[z]),
        g: value,
        c: _spectrum.number(point[c]),
        a: mpmath.mpf(1),
        L: mpmath.mpf(9),
    }
    return _spectrum.evaluate(statement.rhs, number)


def scaled(point, digits):
    """The product law for a != 1 by scaling: J/a^L has c/a^2 and skip 1, so a^(2L) G(a^(2L) x) = G_1(x)."""
    return limit_green(point)


def formula_scaled(statement, point, digits):
    factor = mpmath.mpf(3) / 2
    base = {z: point[z], c: point[c]}
    value = limit_green(base)
    size = factor ** (2 * 4)
    number = {
        z: _spectrum.number(point[z]) * size,
        g: value / size,
        c: _spectrum.number(point[c]) * factor**2,
        a: factor,
        L: mpmath.mpf(4),
    }
    return _spectrum.evaluate(statement.rhs, number)


def checks():
    points = [{z: 9, c: sp.Rational(1, 8)}, {z: 40, c: sp.Rational(1, 2)}]
    yield digits(
        "extrapolated depth",
        lambda point, digits: limit_green(point),
        points,
        digits=15,
        formula=formula,
        partial=True,
        method="Green's function of 16 to 16384 equal layers from the single-layer root, Neville in 1/L; skip 1",
    )
    yield digits(
        "extrapolated depth, skip 3/2",
        scaled,
        points,
        digits=15,
        formula=formula_scaled,
        method="the same for skip 3/2 by scaling the matrices",
    )
