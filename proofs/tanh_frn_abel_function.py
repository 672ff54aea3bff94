r"""The Abel function of a tanh full residual network: what makes the length count layers."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay, holds
from derive.networks.residual.equations import SYMBOLS as S

from . import _tanh

P = sp.Symbol("P", positive=True)
A = sp.Function("A")
B, C = S.sigma_v2 + S.sigma_a2, sp.sqrt(2 / sp.pi)
k = C * S.sigma_v2 / sp.sqrt(S.sigma_w2)

CLAIM = Claim(
    id="tanh_frn_abel_function",
    title="Abel function of the length",
    statement=sp.Eq(
        A(P),
        P / B
        + 2 * k * sp.sqrt(P) / B**2
        + k**2 * sp.log(P) / B**3
        - (2 * k**3 / B**4 + k / (2 * B) - sp.pi**2 * k / (12 * S.sigma_w2 * B**2)) / sp.sqrt(P),
    ),
    source=Source("derive", "difference: Abel functions; refines theorems B.1.1 and B.1.2 of paper 000"),
    meaning=(
        "A(F(P)) = A(P) + 1 for one layer P -> F(P), P = p + sigma_b2/sigma_w2; A has no constant term, and the number "
        "c = A(P_0) is the one constant of every large-depth law.  sigma_v2 = 1, sigma_a2 = 0: the reduced network"
    ),
    variables={
        P: "P > 0",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
        S.sigma_a2: "sigma_a2 >= 0",
    },
    error=1 / P,
    limit=(P, sp.oo),
    uses=("frn_length_recurrence", "frn_hidden_variance", "tanh_variance_at_large_q"),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    from derive.networks import FullResidual
    from derive.networks.residual.driver import P as state

    return FullResidual("tanh").asymptotics("p", terms=4).abel.subs(state, P)


def defect(statement, point, digits):
    """A(F(P)) - A(P), which is 1 + O(P**-2) as long as every term of A is right; a constant in A is not seen."""
    sv2, sw2, sa2, length = (mpmath.mpf(point[s].p) / point[s].q for s in (S.sigma_v2, S.sigma_w2, S.sigma_a2, P))
    after = length + sv2 * _tanh.variance_of_tanh(sw2 * length) + sa2
    values = {s: v for s, v in point.items() if s != P}
    abel = sp.lambdify(P, statement.rhs.subs(values), "mpmath")
    return abel(after) - abel(length)


def without_constant(statement, point) -> bool:
    """The normalisation: in t = sqrt(P) no term is free of t and log t."""
    t = sp.Symbol("t", positive=True)
    expanded = sp.expand(sp.expand_log(statement.rhs.subs(P, t**2), force=True))
    return not any(term.is_number or not term.has(t) for term in sp.Add.make_args(expanded))


def moves_the_constant(statement, perturbed) -> bool:
    return not without_constant(perturbed, {})


def checks():
    yield holds("no constant term", without_constant, method="exact expansion", sees=moves_the_constant)
    yield decay(
        "Abel's equation",
        lambda point, digits: mpmath.mpf(1),
        P,
        [400 * 2**k for k in range(8)],
        points=[
            {S.sigma_v2: sp.Rational(9, 8), S.sigma_w2: sp.Rational(3, 4), S.sigma_a2: sp.Rational(3, 8)},
            {S.sigma_v2: sp.Rational(1, 2), S.sigma_w2: sp.Rational(9, 4), S.sigma_a2: sp.Rational(5, 4)},
        ],
        error=P**-2,
        formula=defect,
        method="one layer with V by mpmath.quad; the defect times P^2 settles",
        digits=30,
    )
