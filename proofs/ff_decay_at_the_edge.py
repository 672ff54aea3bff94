r"""On the critical line the correlation relaxes algebraically: 1 - c_l ~ 2/(chi_2 l), with a logarithm behind it."""

from functools import lru_cache

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

l = sp.Symbol("l", positive=True)
chi_2, chi_3 = sp.symbols("chi_2 chi_3", positive=True)
gap = sp.Function("gap")
LAW = 2 / (chi_2 * l) - 2 * (1 - 2 * chi_3 / (3 * chi_2**2)) * sp.log(l) / (chi_2 * l**2)

CLAIM = Claim(
    id="ff_decay_at_the_edge",
    title="algebraic decay of the correlation at the edge of chaos",
    statement=sp.Eq(gap(l), LAW),
    source=Source("derive", "schoenholz2017, sections 3 and 5: at criticality xi_c is infinite"),
    meaning=(
        "1 - c_l at q = q*, chi_1 = 1 (smooth phi): epsilon' = epsilon - chi_2 epsilon^2/2 + chi_3 epsilon^3/6 - ..., "
        "chi_k = sigma_w2 q^(k-1) E (phi^(k))^2"
    ),
    variables={l: "l, the layer", chi_2: "chi_2 > 0", chi_3: "chi_3 > 0"},
    error=1 / l**2,
    limit=(l, sp.oo),
)


def derive() -> sp.Expr:
    """The difference engine on the cut-off map; terms smaller than log(l)/l^2 dropped."""
    from derive.networks.feedforward.divergence import decay_at_criticality

    law = decay_at_criticality(sp.Integer(1), 2)
    n, expr = law.n, sp.expand(law.expr)
    expr = sum((t for t in sp.Add.make_args(expr) if (t * n**2).has(sp.log(n)) or t.subs(n, 2 * n) * 2 == t), sp.S.Zero)
    return sp.expand(expr).subs(n, l)


@lru_cache(maxsize=2)
def values_at_powers_of_two(c2, c3) -> dict:
    """The cut-off map iterated from 1/4 with 120 bits, kept at layers 2^9, ..., 2^19."""
    from flint import arb, ctx

    from derive.numerics.compile import arb_to_mpf, to_arb

    kept = {}
    with ctx.workprec(180):
        half, sixth, e = to_arb(c2 / 2), to_arb(c3 / 6), arb(1) / 4
        for layer in range(1, 2**19 + 1):
            e = arb((e * (1 - e * (half - sixth * e))).mid())
            if layer & (layer - 1) == 0:
                kept[layer] = arb_to_mpf(e)
    return kept


def orbit(point, digits):
    return values_at_powers_of_two(point[chi_2], point[chi_3])[int(point[l])]


def checks():
    yield decay(
        "iteration",
        orbit,
        l,
        [2**k for k in range(9, 20)],
        [{chi_2: sp.Integer(1), chi_3: sp.Integer(2)}],
        error=1 / l**2,
        method="the map iterated with 180 bits",
    )
