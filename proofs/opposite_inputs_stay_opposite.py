r"""Without biases e = -1 is a fixed point too: a start below 1 that does not converge to the stable e*."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _layers

e_limit = sp.Symbol("e_limit", real=True)
LIMIT = "limit of e_l in a tanh reduced residual network"

CLAIM = Claim(
    id="opposite_inputs_stay_opposite",
    title="without biases e = -1 is a fixed point",
    statement=sp.Eq(e_limit, -1),
    source=Source("yang2017", "section 5.1: all trajectories not starting at 1 converge to the one fixed point"),
    meaning=(
        "e_limit is the limit of e_l for e_0 = -1, sigma_a2 = sigma_b2 = 0 and an odd activation: an exception that "
        "the main text excludes by positive variances"
    ),
    variables={e_limit: LIMIT},
    assumptions="the activation is odd, sigma_a2 = sigma_b2 = 0, e_0 = -1",
    printed=Printed(
        text=(
            "every trajectory of e that does not start at 1 converges to the one stable fixed point (variances "
            "positive, as the main text assumes; 0 in a reduced network)"
        ),
        statement=sp.Eq(e_limit, 0),
    ),
    uses=("rrn_length_recurrence", "rrn_overlap_recurrence"),
)


def derive() -> sp.Expr:
    """Put gamma = -p and no biases into the layer equations; an odd f has E f(u) f(-u) = -E f(u)^2."""
    from derive.networks.residual.equations import SYMBOLS as S
    from derive.networks.residual.equations import MeanProduct, MeanSquare, general_equations

    rows = dict(general_equations("reduced"))
    inner = {S.q: rows["q"].rhs, S.lam: rows["lam"].rhs}
    start = {S.gamma_: -S.p_, S.sigma_b2: 0}
    length, overlap = (rows[name].rhs.subs(inner).subs(start) for name in ("p", "gamma"))
    odd = overlap.replace(MeanProduct, lambda n, q, lam: -MeanSquare(n, q) if q == -lam else MeanProduct(n, q, lam))
    return sp.cancel(odd / length)


def exact_layer(statement, _point) -> bool:
    """One layer from opposite inputs, all weights integrated out; a fixed point is its own limit."""
    layer = _layers.Layer(False, {**_layers.SIGMA, "b": sp.Integer(0)})
    first, second = layer.output(_layers.X), layer.output([-entry for entry in _layers.X])
    return layer.mean_product(first, second) == statement.rhs * layer.mean_product(first, first)


def checks():
    yield holds(
        "width two, cubic activation", exact_layer, method="exact expectation over all weights of a layer of width 2"
    )


def printed_checks():
    def zero_of_the_drift(statement, _point) -> bool:
        value = statement.rhs
        return abs(value) < 1 and sp.simplify(2 * sp.asin(value) / sp.pi - value) == 0

    yield holds("zero of the drift", zero_of_the_drift, method="the only zero of (2/pi) asin e - e inside (-1, 1) is 0")
