r"""Without biases an odd activation leaves the corner with chi_1 = 1 + delta^2/3, whatever it is."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import symbolic

from . import _ff_corner

delta = sp.Symbol("delta", positive=True)
chi_1 = sp.Function("chi_1")

CLAIM = Claim(
    id="ff_axis_gradients",
    title="chi_1 on the axis sigma_b = 0, odd activations",
    statement=sp.Eq(chi_1(delta), 1 + delta**2 / 3),
    source=Source("derive", "section 3 of schoenholz2017, the axis sigma_b = 0 of fig. 1 (a)"),
    meaning=(
        "chi_1 at sigma_b2 = 0, sigma_w2 = (1 + delta)/phi'(0)^2, for odd phi with phi'''(0) phi'(0) < 0: the "
        "coefficients "
        "of phi drop out"
    ),
    variables={delta: "delta > 0"},
    error=delta**3,
    limit=(delta, sp.Integer(0)),
)


def derive() -> sp.Expr:
    """Series in q with symbolic Taylor coefficients; the length eliminated."""
    return _ff_corner.laws()[1].subs(_ff_corner.delta, delta)


def erf_route() -> sp.Expr:
    """erf in closed form: V = (2/pi) asin(2q/(1+2q)), E phi'^2 = (4/pi)(1+4q)^(-1/2)."""
    q = sp.Symbol("q", positive=True)
    second = sp.series(sp.asin(2 * q / (1 + 2 * q)) / (2 * q), q, 0, 4).removeO()
    gain = sp.series(1 / second, q, 0, 3).removeO()
    chi = sp.series(gain / sp.sqrt(1 + 4 * q), q, 0, 3).removeO()
    b1, b2 = sp.expand(gain).coeff(q, 1), sp.expand(gain).coeff(q, 2)
    put = sp.expand(sp.expand(chi).subs(q, delta / b1 - b2 * delta**2 / b1**3))
    return sp.Add(*(put.coeff(delta, k) * delta**k for k in range(3)))


def checks():
    yield symbolic("closed forms of erf", erf_route, method="SymPy series of asin and roots")
