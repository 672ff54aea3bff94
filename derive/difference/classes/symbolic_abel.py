r"""Abel's equation in powers :math:`x^{p + q\alpha}`: the triangular solve over sparse series; see
:mod:`derive.difference.classes.symbolic_exponents`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.difference.series.laurent import Element
from derive.difference.series.sparse import Exponent, Sparse, binomial, logarithm
from derive.errors import UnsupportedError

__all__ = ["SparseAbel", "sparse_abel"]


@dataclass(frozen=True)
class SparseAbel:
    """A = sum a_e x^e + log_coefficient log x; ``terms`` maps -e to a_e, the leading one first; g is the step."""

    terms: dict[Exponent, Any]
    log_coefficient: Any
    lead: Exponent
    g: Sparse


def sparse_abel(g: Sparse, vanishes: Callable[[Exponent], bool] = lambda e: e == (0, 0)) -> SparseAbel:
    """The Abel function for x' = x (1 + g), through x**(2 s_0 - reach); ``vanishes`` tells which exponents are zero."""
    scale, found = g.scale, g.lead()
    if found is None or scale.size(found[0]) <= 0:
        raise UnsupportedError("the map does not move slowly at infinity: (F - x)/x does not tend to 0")
    s0, K = found
    powers = g.powers()
    residual = Sparse(scale, {(Fraction(0), Fraction(0)): scale.rational(Fraction(-1))})
    terms: dict[Exponent, Any] = {}
    log: Any = 0
    trusted = scale.reach - scale.size(s0)  # beyond, the image of the leading term is cut off
    while residual.rows and scale.size(residual.largest()[0]) < trusted:
        t, rho = residual.largest()
        e = (s0[0] - t[0], s0[1] - t[1])
        if vanishes(e):
            image = logarithm(powers).times(-rho / K, (t[0] - s0[0], t[1] - s0[1]))
            log = log - rho / K
            residual = residual.without(t) + image.without(t)
            continue
        exponent = scale.element(e)
        a = -rho / (exponent * K)
        a = a.reduced() if isinstance(a, Element) else a
        terms[-e[0], -e[1]] = a
        image = binomial(powers, exponent, skip=1).times(a, (-e[0], -e[1]))
        residual = residual.without(t) + image.without(t)
    return SparseAbel(terms, log, s0, g)
