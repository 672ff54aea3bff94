r"""A bounded activation whose length has two stable fixed points: the limit q* depends on the start."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

lengths = sp.Symbol("lengths", integer=True, nonnegative=True)

CLAIM = Claim(
    id="bounded_activation_with_two_lengths",
    title="q* of a bounded activation need not be unique",
    statement=sp.Ge(lengths, 2),
    source=Source("pabari", "below equation (3)"),
    meaning=(
        "lengths = the number of stable fixed points of q' = sigma_w2 V(q) + sigma_b2 for tanh(x)^3, sigma_w2 = 8, "
        "sigma_b2 = 0: one is q = 0, one lies between 3 and 4"
    ),
    variables={lengths: "a number of fixed points"},
    printed=Printed(
        text="if phi is bounded, q* = lim q^l is well defined for any sigma_w2 and sigma_b2 (read: one limit)",
        statement=sp.Eq(lengths, 1),
    ),
)


def mean(q):
    """V(q) = E tanh^6 in a ball by direct integration."""
    from flint import acb, arb

    root = arb(q).sqrt()

    def integrand(z, _analytic):
        return (root * z).tanh() ** 6 * (-z * z / 2).exp()

    return acb.integral(integrand, -14, 14).real / (2 * arb.pi()).sqrt() + arb(0, (-arb(98)).exp())


def judge(statement, two: bool) -> bool | None:
    if not two:
        return None
    if isinstance(statement, sp.Equality):
        return int(statement.rhs) >= 2
    return isinstance(statement, (sp.GreaterThan, sp.StrictGreaterThan))


def by_signs(statement, _point) -> bool | None:
    """V <= 15 q^3 makes 0 stable; q' - q is negative at 1/8, positive at 3, negative at 4."""
    from flint import arb, ctx

    with ctx.workprec(80):
        signs = [8 * mean(arb(q)) - q for q in (0.125, 3, 4)]
        stable_zero = 8 * 15 * arb(1) / 16**2 < 1  # at q <= 1/16: q' <= 120 q^3 < q
    return judge(statement, bool(stable_zero and signs[0] < 0 and signs[1] > 0 and signs[2] < 0))


def by_orbits(statement, _point) -> bool | None:
    """Two orbits in balls: from 1/16 below 1e-9 within five layers, from 4 always above 3 (V increases)."""
    from flint import arb, ctx

    with ctx.workprec(80):
        small = arb(1) / 16
        for _ in range(5):
            small = 120 * small**3
        keeps = 8 * mean(arb(3)) > 3
    return judge(statement, bool(small < arb(10) ** -9 and keeps))


def checks():
    yield holds("signs of q' - q", by_signs, method="acb.integral at three lengths, tanh^6 <= x^6 near 0")
    yield holds("two orbits", by_orbits, method="the bound 15 q^3 near 0, and V(3) > 3/8 with V increasing")


def printed_checks():
    yield holds("signs of q' - q", by_signs, method="acb.integral at three lengths, tanh^6 <= x^6 near 0")
