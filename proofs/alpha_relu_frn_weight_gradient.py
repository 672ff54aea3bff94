r"""ReLU: the weight gradients of a full residual network are flat but for a part that the biases put in."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under
from derive.networks.residual.equations import SYMBOLS as S

m, L = sp.symbols("m L", integer=True, positive=True)
p0 = sp.Symbol("p_0", positive=True)
sa2, sb2 = sp.symbols("sigma_a2 sigma_b2", nonnegative=True)
chi_w = sp.Function("chi_w")
B = 1 + S.sigma_v2 * S.sigma_w2 / 2
REST = (sa2 + S.sigma_v2 * sb2 / 2) / (B - 1)
FLAT = S.sigma_v2 / 2 * B ** (L - 1) * p0
LAW = S.sigma_v2 / 2 * (B ** (L - 1) * (p0 + REST) - B ** (L - m) * REST)

CLAIM = Claim(
    id="alpha_relu_frn_weight_gradient",
    title="gradient of the weights w of layer m, ReLU full residual network of L layers",
    statement=sp.Eq(chi_w(m), LAW),
    source=Source("yang2017", "sections 4 and 5.2, theorem B.2.1: weight gradients of a ReLU network"),
    meaning=(
        "mean square gradient with respect to w of layer m, chi = 1 at the last layer.  The first part does not depend "
        "on m; the second falls with m and vanishes without biases only.  The quotient of any two layers stays between "
        "1 and (p_0 + R)/p_0, R = sigma_a2/(B - 1) + sigma_b2/sigma_w2"
    ),
    variables={
        m: "m = 1, ..., L",
        L: "L = 1, 2, ...",
        p0: "p_0 > 0",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
        sa2: "sigma_a2 >= 0",
        sb2: "sigma_b2 >= 0",
    },
    uses=("alpha_relu_frn_length", "frn_gradient_of_hidden_weight"),
    printed=Printed(
        text="the gradient norm of w (and of v) is independent of how far the gradient has been propagated",
        statement=sp.Eq(chi_w(m), FLAT),
        condition="sigma_a2 = sigma_b2 = 0",
    ),
)


def derive() -> sp.Expr:
    """chi_w = sigma_v2 chi E relu'^2 p of the layer before, with chi = B^(L-m)."""
    from derive.networks import FullResidual

    from .alpha_relu_frn_length import derive as length
    from .alpha_relu_frn_length import n
    from .alpha_relu_frn_length import p0 as start

    row = FullResidual("relu").recurrences()["chi_w"].rhs.doit()
    before = length().subs({n: m - 1, start: p0})
    return sp.expand(row.subs({S.chi: B ** (L - m), S.p_: before}).doit())


def layers(statement, point) -> bool:
    """Five layers in rational numbers, forwards and back."""
    depth, lengths = 5, [point[p0]]
    for _ in range(depth):
        q = point[S.sigma_w2] * lengths[-1] + point[sb2]
        lengths.append(lengths[-1] + point[S.sigma_v2] * q / 2 + point[sa2])
    chi = sp.Integer(1)
    for layer in range(depth, 0, -1):
        value = point[S.sigma_v2] * chi / 2 * lengths[layer - 1]
        if statement.rhs.subs({**point, m: layer, L: depth}) != value:
            return False
        chi *= 1 + point[S.sigma_v2] * point[S.sigma_w2] / 2
    return True


POINT = {p0: sp.Rational(7, 5), S.sigma_v2: sp.Rational(9, 8), S.sigma_w2: sp.Rational(3, 4)}
QUIET = {**POINT, sa2: sp.Integer(0), sb2: sp.Integer(0)}
BIASED = {**POINT, sa2: sp.Rational(3, 8), sb2: sp.Rational(2, 3)}


def _check(point):
    return holds("five layers", layers, [point], method="forwards and backwards in exact rational numbers")


def checks():
    yield _check(BIASED)


def printed_checks():
    yield under(_check(QUIET))
    yield outside(_check(BIASED))
