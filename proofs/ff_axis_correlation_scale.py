r"""Without biases xi_c diverges like 6/delta^2 for every odd activation, not like 1/delta."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import symbolic

from . import _ff_corner

delta = sp.Symbol("delta", positive=True)
chi_c = sp.Function("chi_c")

CLAIM = Claim(
    id="ff_axis_correlation_scale",
    title="chi_c on the axis sigma_b = 0, odd activations",
    statement=sp.Eq(chi_c(delta), 1 - delta**2 / 6),
    source=Source("derive", "section 3 of schoenholz2017, fig. 2 at sigma_b -> 0"),
    meaning=(
        "chi_c at c* = 0, sigma_b2 = 0, sigma_w2 = (1 + delta)/phi'(0)^2, odd phi with phi'''(0) phi'(0) < 0, "
        "so xi_c ~ "
        "6/delta^2; at sigma_b2 > 0 the divergence is of first order"
    ),
    variables={delta: "delta > 0"},
    error=delta**3,
    limit=(delta, sp.Integer(0)),
)


def derive() -> sp.Expr:
    """sigma_w2 (E phi')^2 along the axis, symbolic Taylor coefficients."""
    return _ff_corner.laws()[2].subs(_ff_corner.delta, delta)


def sine_route() -> sp.Expr:
    """sin in closed form: V = (1 - exp(-2q))/2, (E phi')^2 = exp(-q), so chi_c = q/sinh(q)."""
    q = sp.Symbol("q", positive=True)
    gain = sp.series(2 * q / (1 - sp.exp(-2 * q)), q, 0, 4).removeO()
    chi = sp.series(q / sp.sinh(q), q, 0, 3).removeO()
    b1, b2 = sp.expand(gain).coeff(q, 1), sp.expand(gain).coeff(q, 2)
    put = sp.expand(sp.expand(chi).subs(q, delta / b1 - b2 * delta**2 / b1**3))
    return sp.Add(*(put.coeff(delta, k) * delta**k for k in range(3)))


def checks():
    yield symbolic("closed forms of sin", sine_route, method="SymPy series of exponentials")
