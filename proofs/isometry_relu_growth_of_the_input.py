r"""ReLU: J maps the input to the output, whose length grows like exp(sigma_w sqrt(L/2 pi))."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

log_gain = sp.Function("log_gain")
L, sigma = sp.symbols("L sigma", positive=True)

CLAIM = Claim(
    id="isometry_relu_growth_of_the_input",
    title="a singular value of ReLU networks grows with depth at fixed effective cumulant",
    statement=sp.Eq(
        log_gain(L),
        sigma * sp.sqrt(L / (2 * sp.pi)) - sp.log(2) + sigma**2 / 8 * (1 - 3 / sp.pi),
    ),
    source=Source("derive", "spectrum: what the universal law leaves out"),
    meaning=(
        "log |J x_0|/|x_0| for skip 1, no biases, an input of mean 0: J x_0 = x_L since the network is positively "
        "homogeneous; a lower bound of log s_max.  sigma^2 = sigma_w2 = 2 c, which the spectrum's density fixes"
    ),
    variables={L: "L -> oo", sigma: "sigma > 0"},
    error=1 / sp.sqrt(L),
    limit=(L, sp.oo),
    uses=("isometry_preactivation_recurrence",),
)


def one_layer() -> tuple[sp.Expr, sp.Expr]:
    """(r', log growth of sqrt(p)) of one layer as functions of r = m/sqrt(p) and b = sigma/sqrt(2 pi L)."""
    from derive.activations import activation
    from derive.expectations import E, V
    from derive.networks.residual.equations import MeanSquare
    from derive.networks.scaled_residual import SCALED as S
    from derive.networks.scaled_residual import MeanValue, scaled_equations

    rows, q = dict(scaled_equations()), sp.Symbol("q", positive=True)
    relu = activation("relu")
    length = rows["q"].rhs.subs({S.sigma_b2: 0, S.p_: 1})
    means = {MeanSquare(0, S.q): V(relu, q).doit(), MeanValue(0, S.q): E(relu, q).doit()}
    size, mean = (
        rows[name].rhs.subs({S.a: 1, S.p_: 1, S.m_: r, **means}, simultaneous=True).subs({S.q: length, q: length})
        for name in ("p", "m")
    )
    put = {S.sigma_w2: 2 * sp.pi * b**2 * S.L}
    size, mean = (sp.expand(sp.simplify(value.subs(put))) for value in (size, mean))
    return mean / sp.sqrt(size), sp.log(size) / 2


r, b = sp.symbols("r b", positive=True)


def derive() -> sp.Expr:
    """r runs from 0 to a fixed point r*: L times the growth there, plus the sum of what each layer lacks to it.

    To leading order in b that sum is an integral over r, with dr = (1 - r^2) b per layer.
    """
    following, growth = one_layer()
    first = [sp.simplify(sp.series(f, b, 0, 3).removeO()) for f in (following - r, growth)]
    flow, rate = (sp.factor(f.coeff(b, 1)) for f in (sp.expand(f) for f in first))
    (rest,) = (root for root in sp.solve(flow, r) if root > 0)
    shift = sp.Symbol("shift")
    # r* = rest + shift b + ...: the change of r vanishes to order b^2
    balance = sp.expand(first[0]).subs(r, rest + shift * b)
    (moved,) = sp.solve(sp.expand(balance).coeff(b, 2), shift)
    steady = sp.expand(sp.expand(first[1]).subs(r, rest + moved * b))
    steady = sum(steady.coeff(b, k) * b**k for k in (1, 2))
    start = sp.integrate(sp.cancel((rate - rate.subs(r, rest)) / flow), (r, 0, rest))
    return sp.expand((L * steady).subs(b, sigma / sp.sqrt(2 * sp.pi * L))) + start


def exact(point, digits):
    """p_L/p_0 by p' = p + q/2 + 2 m sqrt(q/2 pi), m' = m + sqrt(q/2 pi), q = sigma^2 p/L."""
    weight, depth = (mpmath.mpf(point[sigma].p) / point[sigma].q) ** 2, int(point[L])
    size, mean = mpmath.mpf(1), mpmath.mpf(0)
    for _ in range(depth):
        length = weight * size / depth
        first = mpmath.sqrt(length / (2 * mpmath.pi))
        size, mean = size + length / 2 + 2 * mean * first, mean + first
    return mpmath.log(size) / 2


def checks():
    yield decay(
        "recursion",
        exact,
        L,
        [4**k for k in range(1, 8)],
        [{sigma: 1}, {sigma: sp.Rational(1, 2)}],
        error=CLAIM.error,
        digits=20,
        method="the recurrence of length and mean at depths 4 to 16384 in mpmath",
    )
