r"""Nested square roots approach the golden ratio: the expansion in powers of :math:`(2\varphi)^{-n}`."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from ._iterated import n, orbit, rational, x
from ._nested_root import PHI, distance_factor, iterate

c = sp.Symbol("c", positive=True)
z = c * (2 * PHI) ** -n

CLAIM = Claim(
    id="paris_expansion",
    title="nested square roots and the golden ratio",
    statement=sp.Eq(
        orbit(n),
        PHI - z + z**2 / (2 * sp.sqrt(5) * PHI) - z**3 / (2 * sp.sqrt(5) * PHI**2 * (4 * PHI**2 - 1)),
    ),
    source=Source("derive", "difference: Schroeder functions"),
    meaning="x_{n+1} = sqrt(1 + x_n), -1 <= x_0 < phi, phi = (1 + sqrt 5)/2; c = lim (2 phi)^n (phi - x_n)",
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=(2 * PHI) ** (-4 * n),
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Schroeder's equation at phi, its solution reverted."""
    from derive.difference import Recurrence

    law = Recurrence(x, sp.sqrt(1 + x), point=PHI, side="-").asymptotics(terms=3)
    powers = sp.Poly(law.shifted - PHI, law.z)
    tidy = sp.Add(*(sp.radsimp(sp.simplify(a)) * law.z**k for (k,), a in powers.terms()))
    multiplier = {sp.expand(sp.radsimp(1 / (2 * PHI))): 1 / (1 + sp.sqrt(5))}
    coordinate = law.z_value.xreplace(multiplier).subs({law.n: n, law.c: -c}, simultaneous=True)
    return PHI + tidy.subs(law.z, coordinate)


def checks():
    yield decay(
        "iteration",
        lambda place, digits: iterate(int(place[n]), digits),
        n,
        [2**k for k in range(6)],
        [{c: rational(distance_factor(150), 150)}],
        error=(2 * PHI) ** (-4 * n),
        digits=110,
        method="nested square roots in mpmath from 1, c from 300 of them",
    )
