r"""A bounded activation with two stable lengths: q* depends on the start."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

count = sp.Symbol("stable_lengths", positive=True)

CLAIM = Claim(
    id="ff_length_is_not_unique",
    title="tanh(x)^3 has two stable lengths",
    statement=sp.Eq(count, 2),
    source=Source("schoenholz2017", "below eq. 3: a fixed point at q* = lim q_l, for bounded phi"),
    meaning=(
        "number of stable fixed points of q' = 9 E tanh(sqrt(q) z)^6 on [0, oo): 0 and one near 4.3; in between an "
        "unstable one.  That the limit exists for every start is right (ff_lengths_never_oscillate)"
    ),
    variables={count: "the number of stable lengths"},
    printed=Printed(
        text="q_l tends to q* for any bounded phi and any variances (read: to one q* from every start)",
        statement=sp.Eq(count, 1),
    ),
)


def derive() -> sp.Expr:
    """Every fixed point, isolated with a proof; the stable ones counted."""
    from derive.networks.feedforward import FeedForward

    found = FeedForward("tanh(x)**3").fixed_points(sigma_w2=9, sigma_b2=0, digits=10)
    assert found.complete
    return sp.Integer(len(found))


def signs(statement, _point) -> bool:
    """The signs of Q - q at 0.01, 1, 2, 9.1 in balls, V from balls of rectangles: -, +, +, - or more changes.

    Between a + and the next - lies an attracting crossing of the graph; 0 attracts, for V = O(q^3).
    """
    from flint import acb, arb, ctx

    with ctx.workprec(90):

        def second(q):
            root = arb(q).sqrt()

            def f(z, _analytic):
                return (z * root).tanh() ** 6 * (-z * z / 2).exp()

            body = acb.integral(f, -12, 12, rel_tol=arb(2) ** -40, abs_tol=arb(2) ** -40).real
            return body / (2 * arb.pi()).sqrt() + arb(0, 1e-30)  # |tanh| <= 1 and the Gaussian tail beyond 12

        values = [9 * second(q) - arb(q) for q in ("0.01", "1", "2", "9.1")]
        if not (values[0] < 0 and values[-1] < 0 and any(v > 0 for v in values[1:-1])):
            return None
        return bool(statement.rhs == 2)


def _check():
    return holds("signs in balls", signs, method="acb.integral at four lengths; intermediate values")


def checks():
    yield _check()


def printed_checks():
    yield _check()
